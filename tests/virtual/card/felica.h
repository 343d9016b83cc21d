/* SPDX-License-Identifier: Apache-2.0
 *
 * A FeliCa Lite-S card, or a FeliCa Lite one by its PMm: what the card does with a frame, and the
 * readers in front of it. The MAC is written down here a second time, by the numbers as the card
 * counts them, so that it is no mirror of the one that it tests.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_CARD_FELICA_H
#define TOYAMA_TESTS_VIRTUAL_CARD_FELICA_H

#include "tests/virtual/card/applet.h"

#define FELICA_FRAME_MAX 255
#define FELICA_MAC_LEN   8

/* felica.c: one frame in, one out; 0: the card is silent. */
size_t felica_frame(struct card *card, const uint8_t *in, size_t len,
                    uint8_t out[FELICA_FRAME_MAX]);

/* felica_block.c: second status byte, 00 where it went well. */
uint8_t felica_block_read(struct card *card, uint8_t service, const uint8_t *list, size_t count,
                          size_t at, uint8_t *data);
uint8_t felica_block_write(struct card *card, uint8_t block, const uint8_t *data, bool under_mac);
/* The blocks of `list` have been read to `data`, MAC_A is the last of them: fills it in. */
void felica_block_answer(struct card *card, const uint8_t *list, size_t count, uint8_t *data);
bool felica_is_lite_s(const struct card *card);

/* felica_mac.c */
/* `head` has the numbers of the blocks and 91, `count` of them; FELICA_MAC_LEN octets. */
void felica_mac_read(const uint8_t *ck, const uint8_t *rc, const uint8_t *head, size_t count,
                     const uint8_t *data, uint8_t *mac);
void felica_mac_write(const uint8_t *ck, const uint8_t *rc, uint32_t wcnt, uint8_t block,
                      const uint8_t *data, uint8_t *mac);
/* MAC of FeliCa Lite, block 81: over the data alone. */
void felica_mac_lite(const uint8_t *ck, const uint8_t *rc, size_t blocks, const uint8_t *data,
                     uint8_t *mac);

/* felica_reader.c: the reader's pseudo-APDUs. */
unsigned felica_reader_run(struct card *card, const struct iso_command *cmd, struct iso_body *body);
bool felica_reader_parse(const char *name, enum felica_reader_kind *out);

#endif
