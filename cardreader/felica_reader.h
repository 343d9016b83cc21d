/* SPDX-License-Identifier: Apache-2.0
 *
 * Contactless readers want FeliCa commands in wrappings of their own. One row a kind of reader,
 * found by the reader's PC/SC name. Inside the FeliCa family only.
 */
#ifndef TOYAMA_CARDREADER_FELICA_READER_H
#define TOYAMA_CARDREADER_FELICA_READER_H

#include "cardreader/felica.h"

#define FELICA_BLOCKS_MAX 4

struct felica_reader {
    const char *name; /* stands in the PC/SC name; "": any */
    int (*recognise)(struct apdu_link *link, struct family_result *res);
    /* res: IDm, and PMm behind it where the reader tells it. */
    int (*identify)(struct apdu_link *link, struct family_result *res);
    /* At most FELICA_BLOCKS_MAX blocks; res: their contents, one behind the other, exactly. */
    int (*read)(const struct felica_reader *reader, struct apdu_link *link, const uint8_t *blocks,
                size_t count, struct family_result *res);
    int (*write)(const struct felica_reader *reader, struct apdu_link *link, uint8_t block,
                 const uint8_t data[FELICA_BLOCK_LEN], struct family_result *res);
    /* For readers that take a FeliCa frame: sends it; res: the card's frame. */
    int (*carry)(struct apdu_link *link, const uint8_t *frame, size_t len,
                 struct family_result *res);
    /* Around the commands of one task; NULL: nothing to do. */
    int (*begin)(struct apdu_link *link, struct family_result *res);
    void (*end)(struct apdu_link *link);
};

const struct felica_reader *felica_reader_of(const struct apdu_link *link);

/* One command that has to end in 9000: 0, or CARD_REFUSED and the reasons of exchange_run. */
int felica_command(struct apdu_link *link, const struct apdu_command *cmd,
                   struct family_result *res);
/* PC/SC part 3 (supplemental document for contactless ICCs), GET DATA: IDm with P1 00. */
int felica_get_data(struct apdu_link *link, uint8_t p1, struct family_result *res);

/* felica_frame.c: JIS X 6319-4 frames, for the rows that have `carry`. */
int felica_frame_recognise(struct apdu_link *link, struct family_result *res);
int felica_frame_identify(struct apdu_link *link, struct family_result *res);
int felica_frame_read(const struct felica_reader *reader, struct apdu_link *link,
                      const uint8_t *blocks, size_t count, struct family_result *res);
int felica_frame_write(const struct felica_reader *reader, struct apdu_link *link, uint8_t block,
                       const uint8_t data[FELICA_BLOCK_LEN], struct family_result *res);

/* felica_sony.c: readers that know FeliCa's services themselves. */
int felica_sony_recognise(struct apdu_link *link, struct family_result *res);
int felica_sony_identify(struct apdu_link *link, struct family_result *res);
int felica_sony_read(const struct felica_reader *reader, struct apdu_link *link,
                     const uint8_t *blocks, size_t count, struct family_result *res);
int felica_sony_write(const struct felica_reader *reader, struct apdu_link *link, uint8_t block,
                      const uint8_t data[FELICA_BLOCK_LEN], struct family_result *res);

#endif
