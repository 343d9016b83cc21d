/* SPDX-License-Identifier: Apache-2.0
 *
 * What went over the wire since the card was inserted.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_CARD_RECORD_H
#define TOYAMA_TESTS_VIRTUAL_CARD_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct record {
    unsigned apdus;
    size_t command_octets, answer_octets; /* status words included */
    bool logging;
    FILE *log; /* open_memstream over the two below */
    char *text;
    size_t text_len;
};

void record_start(struct record *r);
void record_command(struct record *r, const uint8_t *apdu, size_t len);
void record_answer(struct record *r, const uint8_t *answer, size_t len);
/* Lines "> command" and "< answer" in hex. */
const char *record_text(struct record *r);
void record_free(struct record *r);

#endif
