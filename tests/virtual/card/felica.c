/* SPDX-License-Identifier: Apache-2.0
 *
 * JIS X 6319-4 as far as FeliCa Lite-S knows it: Polling, Read and Write Without Encryption.
 */
#include "tests/virtual/card/felica.h"

#include "tests/virtual/card/hex.h"

#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define CODE_POLLING 0x00
#define CODE_READ    0x06
#define CODE_WRITE   0x08
#define HEAD_LEN     14 /* to the number of blocks */
#define AT_IDM       2
#define AT_SERVICES  10
#define AT_SERVICE   11
#define AT_BLOCKS    13
#define ANSWER_LEN   12
#define READ_HEAD    13
#define BLOCKS_MAX   4
#define BLOCK_MAC_A  0x91
#define READ_WRITE   0x09
#define READ_ONLY    0x0B
#define WCNT_NEW     0xFFFEu

#define BAD_SERVICES 0xA1
#define BAD_COUNT    0xA2
#define BAD_SERVICE  0xA6
#define BAD_MODE     0xA7
#define BAD_BLOCK    0xA8
#define BAD_MAC      0xB2

static size_t answer_polling(const struct card *card, const uint8_t *in, size_t len, uint8_t *out)
{
    bool any = len == 6 && in[2] == 0xFF && in[3] == 0xFF;
    bool ours = len == 6 && in[2] == 0x88 && in[3] == 0xB4;

    if (!any && !ours)
        return 0;
    out[0] = 18;
    out[1] = CODE_POLLING + 1;
    memcpy(out + AT_IDM, card->felica.idm, FELICA_ID);
    memcpy(out + AT_IDM + FELICA_ID, card->felica.pmm, FELICA_ID);
    return out[0];
}

/* The answer up to its status bytes. */
static size_t answer_status(const struct card *card, uint8_t code, uint8_t sf1, uint8_t sf2,
                            uint8_t *out)
{
    out[0] = ANSWER_LEN;
    out[1] = (uint8_t)(code + 1);
    memcpy(out + AT_IDM, card->felica.idm, FELICA_ID);
    out[10] = sf1;
    out[11] = sf2;
    return ANSWER_LEN;
}

/* Block list elements of two octets, all of the one service. */
static uint8_t take_list(const uint8_t *in, size_t count, uint8_t *list)
{
    for (size_t n = 0; n < count; n++) {
        if (in[HEAD_LEN + 2 * n] != 0x80)
            return BAD_MODE;
        list[n] = in[HEAD_LEN + 2 * n + 1];
    }
    return 0;
}

static void lie_about_frame(const struct card *card, uint8_t *out, size_t *len)
{
    switch ((unsigned)card->felica.lie) {
    case FELICA_SHORT:
        *len -= FELICA_BLOCK;
        out[0] = (uint8_t)*len;
        out[12]--;
        break;
    case FELICA_LONG:
        memset(out + *len, 0x5A, FELICA_BLOCK);
        *len += FELICA_BLOCK;
        out[0] = (uint8_t)*len;
        out[12]++;
        break;
    case FELICA_CUT:
        *len -= 1;
        break;
    case FELICA_COUNT:
        out[12]++;
        break;
    case FELICA_FOREIGN_IDM:
        out[AT_IDM + FELICA_ID - 1] ^= 0x01;
        break;
    default:
        break;
    }
}

static size_t answer_read(struct card *card, const uint8_t *in, size_t len, uint8_t *out)
{
    size_t count = in[AT_BLOCKS];
    uint8_t list[BLOCKS_MAX] = {0}, sf2;

    if (count == 0 || count > BLOCKS_MAX || len != HEAD_LEN + 2 * count)
        return answer_status(card, CODE_READ, 0xFF, BAD_COUNT, out);
    if (in[AT_SERVICE] != READ_WRITE && in[AT_SERVICE] != READ_ONLY)
        return answer_status(card, CODE_READ, 0x01, BAD_SERVICE, out);
    if ((sf2 = take_list(in, count, list)) != 0)
        return answer_status(card, CODE_READ, 0x01, sf2, out);
    for (size_t n = 0; n < count; n++) {
        sf2 = felica_block_read(card, in[AT_SERVICE], list, count, n, out + READ_HEAD);
        if (sf2 != 0)
            return answer_status(card, CODE_READ, (uint8_t)(1 << n), sf2, out);
    }
    answer_status(card, CODE_READ, 0, 0, out);
    len = READ_HEAD + count * FELICA_BLOCK;
    out[0] = (uint8_t)len;
    out[12] = (uint8_t)count;
    if (list[count - 1] == BLOCK_MAC_A)
        lie_about_frame(card, out, &len);
    return len;
}

static bool mac_is_right(const struct card *card, uint8_t block, const uint8_t *data)
{
    const struct felica_own *f = &card->felica;
    const uint8_t *given = data + FELICA_BLOCK;
    uint32_t wcnt = given[8] | (uint32_t)given[9] << 8 | (uint32_t)given[10] << 16;
    uint8_t mac[FELICA_MAC_LEN];

    felica_mac_write(f->ck, f->rc, f->wcnt, block, data, mac);
    return f->rc_written && wcnt == f->wcnt && memcmp(mac, given, sizeof(mac)) == 0;
}

/* One block, or one and MAC_A behind it. */
static size_t answer_write(struct card *card, const uint8_t *in, size_t len, uint8_t *out)
{
    size_t count = in[AT_BLOCKS];
    const uint8_t *data = in + HEAD_LEN + 2 * count;
    uint8_t list[2] = {0}, sf2;

    if (count == 0 || count > 2 || len != HEAD_LEN + (2 + FELICA_BLOCK) * count)
        return answer_status(card, CODE_WRITE, 0xFF, BAD_COUNT, out);
    if (in[AT_SERVICE] != READ_WRITE)
        return answer_status(card, CODE_WRITE, 0x01, BAD_SERVICE, out);
    if ((sf2 = take_list(in, count, list)) != 0)
        return answer_status(card, CODE_WRITE, 0x01, sf2, out);
    if (count == 2 && (list[1] != BLOCK_MAC_A || !felica_is_lite_s(card)))
        return answer_status(card, CODE_WRITE, 0x02, BAD_BLOCK, out);
    if (count == 2 && !mac_is_right(card, list[0], data))
        return answer_status(card, CODE_WRITE, 0x02, BAD_MAC, out);
    sf2 = felica_block_write(card, list[0], data, count == 2);
    return answer_status(card, CODE_WRITE, sf2 != 0 ? 0x01 : 0x00, sf2, out);
}

size_t felica_frame(struct card *card, const uint8_t *in, size_t len, uint8_t out[FELICA_FRAME_MAX])
{
    if (len < 2 || in[0] != len)
        return 0;
    if (in[1] == CODE_POLLING)
        return answer_polling(card, in, len, out);
    if (len < HEAD_LEN || memcmp(in + AT_IDM, card->felica.idm, FELICA_ID) != 0)
        return 0;
    if (in[1] != CODE_READ && in[1] != CODE_WRITE)
        return 0;
    if (in[AT_SERVICES] != 1 || in[AT_SERVICE + 1] != 0)
        return answer_status(card, in[1], 0xFF, BAD_SERVICES, out);
    return in[1] == CODE_READ ? answer_read(card, in, len, out) : answer_write(card, in, len, out);
}

static bool take_hex(const char *value, uint8_t *out, size_t len)
{
    size_t got = 0;

    return hex_read(value, out, len, &got) && got == len;
}

static bool set_lie(struct felica_own *f, const char *value)
{
    static const char *const names[] = {"none",   "zero-mac", "other-blocks", "no-list",
                                        "old-rc", "other-id", "other-ckv",    "short",
                                        "long",   "cut",      "count",        "foreign-idm"};

    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        if (strcmp(value, names[n]) == 0) {
            f->lie = (enum felica_lie)n;
            return true;
        }
    }
    return false;
}

/* The number stands in two places; a card of another number is not the same card. */
static bool set_idm(struct felica_own *f, const char *value)
{
    bool good = take_hex(value, f->idm, sizeof(f->idm));

    memcpy(f->id, f->idm, sizeof(f->idm));
    return good;
}

static bool set_mc(struct felica_own *f, const char *value)
{
    bool good = take_hex(value, f->mc, sizeof(f->mc));

    memcpy(f->mc_next, f->mc, sizeof(f->mc));
    return good;
}

static bool set_wcnt(struct felica_own *f, const char *value)
{
    char *end = NULL;

    f->wcnt = (uint32_t)strtoul(value, &end, 10);
    return *value != '\0' && *end == '\0';
}

static bool set(struct card *card, const char *name, const char *value)
{
    struct felica_own *f = &card->felica;

    if (strcmp(name, "reader") == 0)
        return felica_reader_parse(value, &f->reader);
    if (strcmp(name, "lie") == 0)
        return set_lie(f, value);
    if (strcmp(name, "idm") == 0)
        return set_idm(f, value);
    if (strcmp(name, "pmm") == 0)
        return take_hex(value, f->pmm, sizeof(f->pmm));
    if (strcmp(name, "id") == 0)
        return take_hex(value, f->id, sizeof(f->id));
    if (strcmp(name, "ckv") == 0)
        return take_hex(value, f->ckv, sizeof(f->ckv));
    if (strcmp(name, "ck") == 0)
        return take_hex(value, f->ck, sizeof(f->ck));
    if (strcmp(name, "mc") == 0)
        return set_mc(f, value);
    return strcmp(name, "wcnt") == 0 && set_wcnt(f, value);
}

static bool is_zero(const uint8_t *p, size_t len)
{
    return p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

/* As from the factory, but for what --set gave already: the card key is all zeros. */
static bool create(struct card *card, const struct create *create)
{
    static const uint8_t pmm[FELICA_ID] = {0x00, 0xF1, 0x00, 0x00, 0x00, 0x01, 0x43, 0x00};
    static const uint8_t mc[] = {0xFF, 0xFF, 0xFF, 0x01, 0x07};
    struct felica_own *f = &card->felica;
    bool good = true;

    (void)create;
    if (is_zero(f->idm, sizeof(f->idm))) {
        good = RAND_bytes(f->idm, sizeof(f->idm)) == 1;
        memcpy(f->idm, (uint8_t[]){0x01, 0x2E}, 2);
        memcpy(f->id, f->idm, sizeof(f->idm));
    }
    if (is_zero(f->pmm, sizeof(f->pmm)))
        memcpy(f->pmm, pmm, sizeof(pmm));
    if (is_zero(f->mc, sizeof(f->mc)))
        memcpy(f->mc, mc, sizeof(mc));
    memcpy(f->mc_next, f->mc, sizeof(f->mc));
    if (f->wcnt == 0)
        f->wcnt = WCNT_NEW;
    return good;
}

static bool read_line(struct card *card, const char *what, char *rest)
{
    return strcmp(what, "reader") != 0 && strcmp(what, "lie") != 0 && set(card, what, rest);
}

static void write_lines(const struct card *card, FILE *file)
{
    const struct felica_own *f = &card->felica;
    const struct {
        const char *name;
        const uint8_t *octets;
        size_t len;
    } lines[] = {{"idm", f->idm, FELICA_ID},  {"pmm", f->pmm, FELICA_ID},
                 {"id", f->id, FELICA_BLOCK}, {"ckv", f->ckv, FELICA_BLOCK},
                 {"ck", f->ck, FELICA_BLOCK}, {"mc", f->mc_next, FELICA_BLOCK}};

    for (size_t n = 0; n < sizeof(lines) / sizeof(lines[0]); n++) {
        fprintf(file, "%s ", lines[n].name);
        hex_print(file, lines[n].octets, lines[n].len);
        fputc('\n', file);
    }
    fprintf(file, "wcnt %u\n", f->wcnt);
}

/* The write counter begins again with the lock. */
static void reset(struct card *card)
{
    struct felica_own *f = &card->felica;

    if (f->mc[2] != 0x00 && f->mc_next[2] == 0x00)
        f->wcnt = 0;
    memcpy(f->mc, f->mc_next, sizeof(f->mc));
    f->rc_written = f->authenticated = f->session = false;
    f->service = 0;
}

static bool takes_class(uint8_t cla)
{
    return cla == 0xFF;
}

const struct applet applet_felica = {
    .name = "felica",
    .historical = "FeliCa",
    .create = create,
    .set = set,
    .read_line = read_line,
    .write_lines = write_lines,
    .reset = reset,
    .takes_class = takes_class,
    .run = felica_reader_run,
};
