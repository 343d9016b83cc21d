/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/hr/format.h"

#include "enroll/hr/text.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS_MAX 16

static const char *const column_key[HR_COLUMNS] = {"number",   "name", "kana",  "section",
                                                   "category", "from", "until", "effective",
                                                   "logins",   "zones"};
static const char *const category_key[HR_CATEGORIES] = {
    "category_regular",     "category_fixed_term", "category_fiscal_year", "category_temporary",
    "category_reappointed", "category_support",    "category_contractor"};
static const char *const zone_key[HR_ZONE_WORDS] = {"zone_individual_number", "zone_lgwan",
                                                    "zone_internet", "zone_none"};
static const uint8_t zone_bit[HR_ZONE_WORDS] = {ROSTER_INDIVIDUAL_NUMBER, ROSTER_LGWAN,
                                                ROSTER_INTERNET, 0};

/* What load needs beside the format itself. */
struct loading {
    struct hr_format *format;
    hr_lookup *lookup;
    const void *ctx;
    struct hr_decoder decoder;
    struct hr_text text;
    char *why;
    size_t cap;
};

const char *hr_column_key(enum hr_column column)
{
    return column < HR_COLUMNS ? column_key[column] : "";
}

static bool refuse(struct loading *l, const char *key, const char *what)
{
    snprintf(l->why, l->cap, "[hr] %s: %s", key, what);
    return false;
}

static const char *value_of(const struct loading *l, const char *key)
{
    char name[64];

    snprintf(name, sizeof(name), "hr.%s", key);
    return l->lookup(l->ctx, name);
}

/* The key's value in l->text. */
static bool take(struct loading *l, const char *key)
{
    const char *value = value_of(l, key);
    const size_t len = strlen(value);

    if (!hr_decode(&l->decoder, (const uint8_t *)value, len, &l->text))
        return refuse(l, key, "not UTF-8");
    hr_text_trim(&l->text);
    if (l->text.len == 0 || l->text.len >= HR_WORD_MAX)
        return refuse(l, key, "missing or too long");
    return true;
}

/* Files without these say too little about a person. */
static bool must_be_there(enum hr_column column)
{
    return column == HR_C_NUMBER || column == HR_C_NAME || column == HR_C_CATEGORY ||
           column == HR_C_UNTIL;
}

bool hr_format_needs(const struct hr_format *format, enum hr_column column)
{
    return column < HR_C_EFFECTIVE && format->column[column][0] != L'\0';
}

static bool take_column(struct loading *l, enum hr_column column)
{
    struct hr_format *f = l->format;

    if (!take(l, column_key[column]))
        return false;
    hr_text_utf8(l->text.c, l->text.len, f->shown[column], sizeof(f->shown[column]));
    hr_text_squeeze(&l->text);
    if (wcscmp(l->text.c, L"-") == 0)
        return must_be_there(column) ? refuse(l, column_key[column], "needs a column") : true;
    for (unsigned other = 0; other < column; other++)
        if (wcscmp(f->column[other], l->text.c) == 0)
            return refuse(l, column_key[column], "the same column as another key");
    wmemcpy(f->column[column], l->text.c, l->text.len + 1);
    return true;
}

static bool is_word_of(const wchar_t *list, const wchar_t *word, size_t len)
{
    while (*list != L'\0') {
        size_t n = wcscspn(list, L" \u3000");
        if (n == len && len > 0 && wmemcmp(list, word, len) == 0)
            return true;
        list += n;
        list += wcsspn(list, L" \u3000");
    }
    return false;
}

/* No word may mean two things. */
static bool words_are_new(const wchar_t lists[][HR_WORD_MAX], size_t count, const wchar_t *words)
{
    while (*words != L'\0') {
        size_t n = wcscspn(words, L" \u3000");
        for (size_t i = 0; i < count; i++)
            if (is_word_of(lists[i], words, n))
                return false;
        words += n;
        words += wcsspn(words, L" \u3000");
    }
    return true;
}

static bool take_words(struct loading *l, const char *const keys[], size_t count,
                       wchar_t lists[][HR_WORD_MAX])
{
    for (size_t n = 0; n < count; n++) {
        if (!take(l, keys[n]))
            return false;
        hr_text_narrow(&l->text);
        if (!words_are_new((const wchar_t(*)[HR_WORD_MAX])lists, n, l->text.c))
            return refuse(l, keys[n], "a word that stands in another key");
        wmemcpy(lists[n], l->text.c, l->text.len + 1);
    }
    return true;
}

static bool take_digits(struct loading *l)
{
    static const char key[] = "number_digits";
    const char *value = value_of(l, key);
    const size_t len = strspn(value, "0123456789");
    unsigned digits = 0;

    for (size_t n = 0; n < len && n < 2; n++)
        digits = digits * 10 + (unsigned)(value[n] - '0');
    if (len < 1 || len > 2 || value[len] != '\0' || digits > DIGITS_MAX)
        return refuse(l, key, "needs a number, 0 to 16");
    l->format->digits = digits;
    return true;
}

static bool take_columns(struct loading *l)
{
    for (unsigned n = 0; n < HR_COLUMNS; n++)
        if (!take_column(l, (enum hr_column)n))
            return false;
    return true;
}

bool hr_format_load(struct hr_format *format, hr_lookup *lookup, const void *ctx, char *why,
                    size_t cap)
{
    struct loading *l = calloc(1, sizeof(*l));
    bool good = false;

    memset(format, 0, sizeof(*format));
    if (l == NULL) {
        snprintf(why, cap, "out of memory");
        return false;
    }
    *l = (struct loading){.format = format, .lookup = lookup, .ctx = ctx, .why = why, .cap = cap};
    if (!hr_decoder_open(&l->decoder, HR_UTF8))
        snprintf(why, cap, "the C library does not know CP932");
    else
        good = take_columns(l) && take_words(l, category_key, HR_CATEGORIES, format->category) &&
               take_words(l, zone_key, HR_ZONE_WORDS, format->zone) && take_digits(l);
    hr_decoder_close(&l->decoder);
    free(l);
    return good;
}

bool hr_format_category(const struct hr_format *format, const wchar_t *word,
                        enum roster_category *out)
{
    for (unsigned n = 0; n < HR_CATEGORIES; n++)
        if (is_word_of(format->category[n], word, wcslen(word))) {
            *out = (enum roster_category)(ROSTER_REGULAR + n);
            return true;
        }
    return false;
}

bool hr_format_zone(const struct hr_format *format, const wchar_t *word, uint8_t *out)
{
    for (unsigned n = 0; n < HR_ZONE_WORDS; n++)
        if (is_word_of(format->zone[n], word, wcslen(word))) {
            *out = zone_bit[n];
            return true;
        }
    return false;
}
