/* SPDX-License-Identifier: Apache-2.0
 *
 * JIS X 6319-4 frames: length, code, IDm, parameters. The answer's code is the command's plus one.
 */
#include "cardreader/felica_reader.h"

#include "core/wire/wipe.h"

#include <string.h>

#define CODE_READ   0x06 /* Read Without Encryption */
#define CODE_WRITE  0x08 /* Write Without Encryption */
#define READ_WRITE  0x09 /* service 0009: what may be written */
#define READ_ONLY   0x0B /* service 000B: everything, locked blocks included */
#define ONE_SERVICE 0x80 /* block list element of two octets, first service */
#define ELEMENT     2
#define HEAD_LEN    14 /* to the number of blocks */
#define FRAME_MAX   (HEAD_LEN + FELICA_BLOCKS_MAX * ELEMENT + FELICA_BLOCK_LEN)

/* In an answer, behind length, code and IDm. */
#define AT_IDM      2
#define AT_STATUS   10
#define STATUS_LEN  12 /* an answer that ends with the status bytes */
#define READ_HEAD   13
#define STATUS_GOOD 0x00
#define NO_SERVICE  0xA6 /* second status byte: no such service */
#define NO_BLOCK    0xA8 /* no such block, or not for this service */

int felica_frame_recognise(struct apdu_link *link, struct family_result *res)
{
    int r = felica_get_data(link, 0x00, res);

    if (r == CARD_REFUSED || (r == 0 && res->len != sizeof(link->memo)))
        return CARD_UNKNOWN;
    if (r == 0)
        memcpy(link->memo, res->data, sizeof(link->memo));
    return r;
}

int felica_frame_identify(struct apdu_link *link, struct family_result *res)
{
    memcpy(res->data, link->memo, sizeof(link->memo));
    res->len = sizeof(link->memo);
    return 0;
}

/* Up to the list of blocks; the length is put in when the frame is whole. */
static size_t put_head(uint8_t frame[FRAME_MAX], const struct apdu_link *link, uint8_t code,
                       uint8_t service, const uint8_t *blocks, size_t count)
{
    size_t n = AT_IDM + sizeof(link->memo);

    frame[1] = code;
    memcpy(frame + AT_IDM, link->memo, sizeof(link->memo));
    frame[n++] = 1;
    frame[n++] = service;
    frame[n++] = 0x00;
    frame[n++] = (uint8_t)count;
    for (size_t b = 0; b < count; b++) {
        frame[n++] = ONE_SERVICE;
        frame[n++] = blocks[b];
    }
    return n;
}

static int judge_status(const uint8_t *answer, size_t len)
{
    if (answer[AT_STATUS] == STATUS_GOOD && answer[AT_STATUS + 1] == STATUS_GOOD)
        return 0;
    if (len != STATUS_LEN)
        return CARD_MALFORMED;
    return answer[AT_STATUS + 1] == NO_SERVICE || answer[AT_STATUS + 1] == NO_BLOCK ? CARD_ABSENT
                                                                                    : CARD_REFUSED;
}

/* Sends the frame and takes the answer up to its status bytes apart. */
static int exchange(const struct felica_reader *reader, struct apdu_link *link, uint8_t *frame,
                    size_t len, struct family_result *res)
{
    int r;

    frame[0] = (uint8_t)len;
    if ((r = reader->carry(link, frame, len, res)) != 0)
        return r;
    if (res->len < STATUS_LEN || res->data[0] != res->len || res->data[1] != frame[1] + 1 ||
        memcmp(res->data + AT_IDM, link->memo, sizeof(link->memo)) != 0)
        return CARD_MALFORMED;
    return judge_status(res->data, res->len);
}

int felica_frame_read(const struct felica_reader *reader, struct apdu_link *link,
                      const uint8_t *blocks, size_t count, struct family_result *res)
{
    uint8_t frame[FRAME_MAX];
    size_t len, want = count * FELICA_BLOCK_LEN;
    int r;

    if (count == 0 || count > FELICA_BLOCKS_MAX)
        return CARD_INTERNAL;
    len = put_head(frame, link, CODE_READ, READ_ONLY, blocks, count);
    if ((r = exchange(reader, link, frame, len, res)) != 0)
        return r;
    if (res->len != READ_HEAD + want || res->data[READ_HEAD - 1] != count)
        return CARD_MALFORMED;
    memmove(res->data, res->data + READ_HEAD, want);
    res->len = want;
    return 0;
}

int felica_frame_write(const struct felica_reader *reader, struct apdu_link *link, uint8_t block,
                       const uint8_t data[FELICA_BLOCK_LEN], struct family_result *res)
{
    uint8_t frame[FRAME_MAX];
    size_t len = put_head(frame, link, CODE_WRITE, READ_WRITE, &block, 1);
    int r;

    memcpy(frame + len, data, FELICA_BLOCK_LEN);
    r = exchange(reader, link, frame, len + FELICA_BLOCK_LEN, res);
    wire_wipe(frame, sizeof(frame));
    if (r != 0)
        return r;
    return res->len == STATUS_LEN ? 0 : CARD_MALFORMED;
}
