/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/file.h"

#include <stdio.h>
#include <string.h>

#include "core/wire/tlv.h"

#define LINES       9
#define LINE_MAX    (ROSTER_TEXT_MAX + 16)
#define HEX_MAX     (2 * CRYPTO_SHA256_LEN + 1)
#define DAY         86400
#define TIME_END    INT64_C(253402300800) /* 10000-01-01 */
#define JAPAN       (INT64_C(9) * 3600)
#define FIRST_REIWA 2019

static const char *const names[LINES] = {"toyama-roster", "zone",     "number", "created", "people",
                                         "base",          "previous", "sha256", "media"};

struct date {
    int year, month, day;
};

/* Howard Hinnant's civil_from_days: years begin in March, eras have 146097 days. */
static struct date date_of(int64_t seconds)
{
    int64_t days = seconds / DAY + 719468;
    int64_t era = days / 146097, of_era = days % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;
    struct date d = {.day = (int)(of_year - (153 * month + 2) / 5 + 1)};

    d.month = (int)(month < 10 ? month + 3 : month - 9);
    d.year = (int)(year + era * 400 + (d.month <= 2 ? 1 : 0));
    return d;
}

static int64_t seconds_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400, of_era = y % 400;
    int64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return (era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468) * DAY;
}

static void put_hex(const uint8_t hash[CRYPTO_SHA256_LEN], char out[HEX_MAX])
{
    for (size_t n = 0; n < CRYPTO_SHA256_LEN; n++)
        snprintf(out + 2 * n, 3, "%02x", hash[n]);
}

static void put_time(int64_t when, char *out, size_t cap)
{
    struct date d = date_of(when);
    int rest = (int)(when % DAY);

    snprintf(out, cap, "%04d-%02d-%02dT%02d:%02d:%02dZ", d.year, d.month, d.day, rest / 3600,
             rest / 60 % 60, rest % 60);
}

static bool printable(const char *text, size_t cap)
{
    const struct tlv t = {.val = (const uint8_t *)text, .len = strnlen(text, cap)};
    char copy[ROSTER_TEXT_MAX];

    return t.len < cap && tlv_text(&t, copy, sizeof(copy)) == WIRE_OK;
}

int roster_file_format(const struct roster_file *file, char *buf, size_t cap, size_t *len)
{
    char created[32], previous[HEX_MAX], sha256[HEX_MAX];
    int n;

    if (!printable(file->zone, sizeof(file->zone)) || file->zone[0] == '\0' ||
        !printable(file->media, sizeof(file->media)) || file->created < 0 ||
        file->created >= TIME_END)
        return ROSTER_FORMAT;
    put_time(file->created, created, sizeof(created));
    put_hex(file->previous, previous);
    put_hex(file->sha256, sha256);
    n = snprintf(buf, cap,
                 "toyama-roster: 1\nzone: %s\nnumber: %llu\ncreated: %s\npeople: %llu\n"
                 "base: %llu\nprevious: %s\nsha256: %s\nmedia: %s\n\n",
                 file->zone, (unsigned long long)file->number, created,
                 (unsigned long long)file->people, (unsigned long long)file->base, previous, sha256,
                 file->media);
    if (n < 0 || (size_t)n >= cap)
        return ROSTER_FULL;
    *len = (size_t)n;
    return ROSTER_OK;
}

struct reader {
    const uint8_t *p;
    size_t left;
    size_t line;
};

/* The value of the next line, whose name is known. */
static bool next_value(struct reader *r, char value[LINE_MAX])
{
    const char *name = names[r->line];
    size_t head = strlen(name) + 2;
    const uint8_t *end = memchr(r->p, '\n', r->left);
    struct tlv t = {0};

    if (end == NULL || (size_t)(end - r->p) < head || memcmp(r->p, name, head - 2) != 0 ||
        memcmp(r->p + head - 2, ": ", 2) != 0)
        return false;
    t.val = r->p + head;
    t.len = (size_t)(end - t.val);
    r->left -= (size_t)(end + 1 - r->p);
    r->p = end + 1;
    r->line++;
    return tlv_text(&t, value, LINE_MAX) == WIRE_OK;
}

static bool take_number(const char *text, size_t digits, uint64_t *out)
{
    uint64_t value = 0;

    for (size_t n = 0; n < digits; n++) {
        uint64_t digit = (uint64_t)(text[n] - '0');
        if (text[n] < '0' || text[n] > '9' || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    return digits > 0;
}

static bool next_number(struct reader *r, uint64_t *out)
{
    char value[LINE_MAX];

    return next_value(r, value) && take_number(value, strlen(value), out);
}

/* What is no date at all becomes another one, which is then written otherwise. */
static bool next_time(struct reader *r, int64_t *out)
{
    static const size_t at[] = {0, 5, 8, 11, 14, 17};
    char value[LINE_MAX];
    uint64_t part[6] = {0};

    if (!next_value(r, value) || strlen(value) != 20)
        return false;
    for (size_t n = 0; n < 6; n++)
        if (!take_number(value + at[n], n == 0 ? 4 : 2, &part[n]))
            return false;
    *out = seconds_of((int64_t)part[0], (int64_t)part[1], (int64_t)part[2]) +
           (int64_t)(part[3] * 3600 + part[4] * 60 + part[5]);
    return *out >= 0;
}

static bool next_hash(struct reader *r, uint8_t out[CRYPTO_SHA256_LEN])
{
    static const char digits[] = "0123456789abcdef";
    char value[LINE_MAX];

    if (!next_value(r, value) || strlen(value) != HEX_MAX - 1)
        return false;
    for (size_t n = 0; n < CRYPTO_SHA256_LEN; n++) {
        const char *high = strchr(digits, value[2 * n]), *low = strchr(digits, value[2 * n + 1]);
        if (high == NULL || low == NULL)
            return false;
        out[n] = (uint8_t)((high - digits) << 4 | (low - digits));
    }
    return true;
}

static bool next_text(struct reader *r, char *out, size_t cap)
{
    char value[LINE_MAX];

    if (!next_value(r, value) || strlen(value) >= cap)
        return false;
    memcpy(out, value, strlen(value) + 1);
    return true;
}

/* What the format would not have written, such as leading zeros, shows when it is written again. */
static bool same_again(const struct roster_file *file, const void *buf, size_t len)
{
    char again[ROSTER_FILE_HEAD_MAX];
    size_t written = 0;

    return roster_file_format(file, again, sizeof(again), &written) == ROSTER_OK &&
           written == len && memcmp(again, buf, len) == 0;
}

int roster_file_parse(const void *buf, size_t cap, struct roster_file *out, size_t *len)
{
    struct reader r = {.p = buf, .left = cap < ROSTER_FILE_HEAD_MAX ? cap : ROSTER_FILE_HEAD_MAX};
    struct roster_file file = {0};
    uint64_t version = 0;
    size_t used;

    if (!next_number(&r, &version) || version != 1 ||
        !next_text(&r, file.zone, sizeof(file.zone)) || !next_number(&r, &file.number) ||
        !next_time(&r, &file.created) || !next_number(&r, &file.people) ||
        !next_number(&r, &file.base) || !next_hash(&r, file.previous) ||
        !next_hash(&r, file.sha256) || !next_text(&r, file.media, sizeof(file.media)) ||
        r.left == 0 || *r.p != '\n')
        return ROSTER_FORMAT;
    used = (size_t)(r.p + 1 - (const uint8_t *)buf);
    if (!same_again(&file, buf, used))
        return ROSTER_FORMAT;
    *out = file;
    *len = used;
    return ROSTER_OK;
}

static char letter_of(const char *zone)
{
    uint8_t bits = 0;

    if (!roster_zones_parse(zone, &bits))
        return '\0';
    if (bits == ROSTER_INDIVIDUAL_NUMBER)
        return 'N';
    if (bits == ROSTER_LGWAN)
        return 'L';
    return bits == ROSTER_INTERNET ? 'I' : '\0';
}

int roster_file_name(const struct roster_file *file, char out[ROSTER_FILE_NAME_MAX])
{
    char letter = letter_of(file->zone);
    struct date d;
    int year;

    if (letter == '\0')
        return ROSTER_ZONE;
    if (file->created < 0 || file->created >= TIME_END - JAPAN)
        return ROSTER_FORMAT;
    d = date_of(file->created + JAPAN);
    year = d.month < 4 ? d.year - 1 : d.year;
    snprintf(out, ROSTER_FILE_NAME_MAX, "%c-%c%d-%04llu.roster", letter,
             year < FIRST_REIWA ? 'Y' : 'R', year < FIRST_REIWA ? year : year - FIRST_REIWA + 1,
             (unsigned long long)file->number);
    return ROSTER_OK;
}
