/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/backup_file.h"

#include "core/wire/tlv.h"
#include "core/wire/wipe.h"

#include <string.h>

#define VERSION 1
#define LABEL   "toyama backup"
#define AAD_LEN (sizeof(LABEL) + 9)

/* What a restored state may consist of: nobody writes elsewhere by a file of his making. */
static const char *const names[] = {"seal.key",           "authority.key",
                                    "authority.key.next", "log.key",
                                    "log.key.next",       "zones/individual-number.key",
                                    "zones/lgwan.key",    "zones/internet.key"};

const char *backup_name(size_t n)
{
    return n < sizeof(names) / sizeof(names[0]) ? names[n] : NULL;
}

static bool name_is_known(const char *name)
{
    const char *known;

    for (size_t n = 0; (known = backup_name(n)) != NULL; n++)
        if (strcmp(known, name) == 0)
            return true;
    return false;
}

static bool names_are_sound(const struct backup_head *head)
{
    for (size_t n = 0; n < head->files; n++) {
        if (!name_is_known(head->file[n].name))
            return false;
        for (size_t m = 0; m < n; m++)
            if (strcmp(head->file[n].name, head->file[m].name) == 0)
                return false;
    }
    return true;
}

bool backup_head_encode(const struct backup_head *head, uint8_t *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);
    size_t whole = tlv_open(&out, DER_SEQUENCE), list, one;

    if (head->files > BACKUP_FILES || !names_are_sound(head))
        return false;
    tlv_put_uint(&out, DER_INTEGER, VERSION);
    tlv_put(&out, DER_OCTETS, head->key, sizeof(head->key));
    list = tlv_open(&out, DER_SEQUENCE);
    for (size_t n = 0; n < head->files; n++) {
        one = tlv_open(&out, DER_SEQUENCE);
        tlv_put_text(&out, DER_UTF8, head->file[n].name);
        tlv_put(&out, DER_OCTETS, head->file[n].octets, head->file[n].len);
        tlv_close(&out, one);
    }
    tlv_close(&out, list);
    tlv_close(&out, whole);
    return tlv_finish(&out, len) == WIRE_OK;
}

static bool take_file(struct tlv_cur *list, struct backup_file *out)
{
    struct tlv_cur one;
    struct tlv t = {0};

    if (tlv_enter(list, DER_SEQUENCE, &one) != WIRE_OK ||
        tlv_expect(&one, DER_UTF8, &t) != WIRE_OK ||
        tlv_text(&t, out->name, sizeof(out->name)) != WIRE_OK ||
        tlv_expect(&one, DER_OCTETS, &t) != WIRE_OK || t.len == 0 || t.len > sizeof(out->octets) ||
        tlv_end(&one) != WIRE_OK)
        return false;
    memcpy(out->octets, t.val, t.len);
    out->len = t.len;
    return true;
}

bool backup_head_decode(const uint8_t *buf, size_t len, struct backup_head *out)
{
    struct tlv_cur cur = tlv_der(buf, len), body, list;
    struct tlv t = {0};
    uint64_t version = 0;

    *out = (struct backup_head){0};
    if (tlv_enter(&cur, DER_SEQUENCE, &body) != WIRE_OK || tlv_end(&cur) != WIRE_OK ||
        tlv_expect(&body, DER_INTEGER, &t) != WIRE_OK || tlv_uint(&t, &version) != WIRE_OK ||
        version != VERSION || tlv_expect(&body, DER_OCTETS, &t) != WIRE_OK ||
        tlv_fixed(&t, out->key, sizeof(out->key)) != WIRE_OK ||
        tlv_enter(&body, DER_SEQUENCE, &list) != WIRE_OK || tlv_end(&body) != WIRE_OK)
        return false;
    while (list.left > 0)
        if (out->files == BACKUP_FILES || !take_file(&list, &out->file[out->files++]))
            return false;
    return names_are_sound(out);
}

static void make_aad(uint64_t place, bool last, uint8_t aad[AAD_LEN])
{
    memcpy(aad, LABEL, sizeof(LABEL));
    for (unsigned n = 0; n < 8; n++)
        aad[sizeof(LABEL) + n] = (uint8_t)(place >> (56 - 8 * n));
    aad[AAD_LEN - 1] = last ? 1 : 0;
}

bool backup_piece_seal(const struct backup_head *head, uint64_t place, bool last, const void *data,
                       size_t len, uint8_t out[BACKUP_SEALED_MAX], size_t *outlen)
{
    uint8_t aad[AAD_LEN];

    make_aad(place, last, aad);
    return crypto_seal(head->key, aad, sizeof(aad), data, len, out, BACKUP_SEALED_MAX, outlen) ==
           CRYPTO_OK;
}

bool backup_piece_open(const struct backup_head *head, uint64_t place, bool last,
                       const void *sealed, size_t len, uint8_t out[BACKUP_SEALED_MAX],
                       size_t *outlen)
{
    uint8_t aad[AAD_LEN];

    make_aad(place, last, aad);
    return crypto_unseal(head->key, aad, sizeof(aad), sealed, len, out, BACKUP_SEALED_MAX,
                         outlen) == CRYPTO_OK;
}
