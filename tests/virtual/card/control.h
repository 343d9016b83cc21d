/* SPDX-License-Identifier: Apache-2.0
 *
 * The control socket: one command a line, answered by lines of which the last begins with "ok" or
 * "error".
 *
 *   insert, remove             the card in the reader
 *   fresh                      counts, log and the N of faults begin again, as after insertion
 *   slow MS [US [MS]]          delay per command, octet and private-key operation
 *   fault N[+] WHAT, fault off see fault.h
 *   rogue none|anypin|nopin|replay|swap
 *   atr HEX|default            for the next insertion
 *   counts                     "ok APDUS COMMAND_OCTETS ANSWER_OCTETS" since insertion
 *   log on|off|show            off and show print what was recorded
 *   set NAME VALUE             jpki: blocked 6983|6984; piv: gzip, puk-query yes|no, policy HEX;
 *                              yubikey-ccid: slot1, slot2 HEX[.touch][.fixed]|none, serial N,
 *                              touch MS|-1 (when a finger comes)
 *   tries                      "ok PIN_TRIES PUK_TRIES"
 *   quit
 */
#ifndef TOYAMA_TESTS_VIRTUAL_CARD_CONTROL_H
#define TOYAMA_TESTS_VIRTUAL_CARD_CONTROL_H

#include "tests/virtual/card/program.h"

/* Runs one line, writes the answer to `out`. */
void control_run(struct program *p, char *line, FILE *out);

#endif
