/* SPDX-License-Identifier: Apache-2.0
 *
 * Sony RC-S300 and RC-S660: the reader makes the frames and checks the card's status bytes; what
 * the host sends names a service, then blocks.
 */
#include "cardreader/felica_reader.h"

#include "core/wire/wipe.h"

#include <string.h>

#define CLA_READER  0xFF
#define INS_SELECT  0xA4
#define INS_READ    0xB0
#define INS_WRITE   0xD6
#define P1_LIST     0x80 /* the data begins with a list of blocks */
#define P1_PMM      0x01
#define SERVICES    1
#define ELEMENT     2 /* octets of a block list element */
#define ONE_SERVICE 0x80
#define READ_WRITE  0x09 /* service 0009: what may be written */
#define READ_ONLY   0x0B /* service 000B: everything, locked blocks included */

/* The selected service stands in the memo. */
static int select_service(struct apdu_link *link, uint8_t service, struct family_result *res)
{
    const uint8_t code[] = {service, 0x00};
    struct apdu_command cmd = {
        .cla = CLA_READER, .ins = INS_SELECT, .p2 = SERVICES, .data = code, .len = sizeof(code)};
    int r = 0;

    if (link->memo[0] != service)
        r = felica_command(link, &cmd, res);
    link->memo[0] = r == 0 ? service : 0;
    return r;
}

int felica_sony_recognise(struct apdu_link *link, struct family_result *res)
{
    int r;

    memset(link->memo, 0, sizeof(link->memo));
    r = select_service(link, READ_WRITE, res);
    return r == CARD_REFUSED ? CARD_UNKNOWN : r;
}

int felica_sony_identify(struct apdu_link *link, struct family_result *res)
{
    uint8_t idm[FELICA_IDM_LEN];
    int r = felica_get_data(link, 0x00, res);

    if (r != 0)
        return r;
    if (res->len != sizeof(idm))
        return CARD_MALFORMED;
    memcpy(idm, res->data, sizeof(idm));
    if ((r = felica_get_data(link, P1_PMM, res)) != 0)
        return r;
    if (res->len != FELICA_IDM_LEN)
        return CARD_MALFORMED;
    memcpy(res->data + sizeof(idm), res->data, FELICA_IDM_LEN);
    memcpy(res->data, idm, sizeof(idm));
    res->len = sizeof(idm) + FELICA_IDM_LEN;
    return 0;
}

int felica_sony_read(const struct felica_reader *reader, struct apdu_link *link,
                     const uint8_t *blocks, size_t count, struct family_result *res)
{
    uint8_t list[FELICA_BLOCKS_MAX * ELEMENT];
    struct apdu_command cmd = {.cla = CLA_READER, .ins = INS_READ, .p1 = P1_LIST, .data = list};
    int r;

    (void)reader;
    if (count == 0 || count > FELICA_BLOCKS_MAX)
        return CARD_INTERNAL;
    for (size_t n = 0; n < count; n++) {
        list[ELEMENT * n] = ONE_SERVICE;
        list[ELEMENT * n + 1] = blocks[n];
    }
    cmd.p2 = (uint8_t)count;
    cmd.len = count * ELEMENT;
    cmd.le = count * FELICA_BLOCK_LEN;
    if ((r = select_service(link, READ_ONLY, res)) != 0 ||
        (r = felica_command(link, &cmd, res)) != 0)
        return r;
    return res->len == cmd.le ? 0 : CARD_MALFORMED;
}

int felica_sony_write(const struct felica_reader *reader, struct apdu_link *link, uint8_t block,
                      const uint8_t data[FELICA_BLOCK_LEN], struct family_result *res)
{
    uint8_t body[ELEMENT + FELICA_BLOCK_LEN] = {ONE_SERVICE, block};
    struct apdu_command cmd = {.cla = CLA_READER, .ins = INS_WRITE, .p1 = P1_LIST, .p2 = 1};
    int r;

    (void)reader;
    memcpy(body + ELEMENT, data, FELICA_BLOCK_LEN);
    cmd.data = body;
    cmd.len = sizeof(body);
    if ((r = select_service(link, READ_WRITE, res)) == 0)
        r = felica_command(link, &cmd, res);
    wire_wipe(body, sizeof(body));
    if (r != 0)
        return r;
    return res->len == 0 ? 0 : CARD_MALFORMED;
}
