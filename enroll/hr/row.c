/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/hr/date.h"
#include "enroll/hr/reader.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

#define NUMBER_MAX 32

/* Where a number or login stood first. */
struct stood {
    uint32_t line;
    char text[];
};

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct stood *)a)->text, ((const struct stood *)b)->text);
}

/* The line where the text stood before; 0: nowhere, and it is remembered. */
static uint32_t stood_before(struct reader *r, void **tree, const char *text)
{
    const size_t len = strlen(text) + 1;
    struct stood *new = malloc(sizeof(*new) + len), **found;
    uint32_t line;

    if (new == NULL) {
        r->no_memory = true;
        return 0;
    }
    new->line = r->csv.record;
    memcpy(new->text, text, len);
    found = tsearch(new, tree, compare);
    if (found == NULL)
        r->no_memory = true;
    if (found != NULL && *found == new)
        return 0;
    line = found != NULL ? (*found)->line : 0;
    free(new);
    return line;
}

static void blame(struct reader *r, enum hr_fault_kind kind, enum hr_column column, uint32_t number)
{
    reader_fault(r, r->csv.record, kind, column, &r->text);
    reader_numbers(r, number, 0);
    r->bad |= 1U << column;
}

static void store(struct reader *r, enum hr_column column, char out[ROSTER_TEXT_MAX])
{
    if (hr_text_utf8(r->text.c, r->text.len, out, ROSTER_TEXT_MAX) < ROSTER_TEXT_MAX)
        return;
    out[0] = '\0';
    blame(r, HR_F_LONG, column, ROSTER_TEXT_MAX - 1);
}

/* Letters and digits, and behind the first one also '_' and '-'. */
static bool is_number(const wchar_t *c, size_t len)
{
    static const wchar_t letters[] =
        L"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-";

    return len > 0 && len <= NUMBER_MAX && wcschr(L"_-", c[0]) == NULL && wcsspn(c, letters) == len;
}

static void take_number(struct reader *r, enum hr_column column)
{
    const unsigned digits = r->format->digits;
    uint32_t line;

    hr_text_narrow(&r->text);
    if (digits > 0 && (r->text.len != digits || wcsspn(r->text.c, L"0123456789") != digits)) {
        blame(r, HR_F_DIGITS, column, digits);
        return;
    }
    if (!is_number(r->text.c, r->text.len)) {
        blame(r, HR_F_NUMBER, column, 0);
        return;
    }
    store(r, column, r->row.number);
    if ((line = stood_before(r, &r->numbers, r->row.number)) == 0)
        return;
    blame(r, HR_F_NUMBER_TWICE, column, line);
    r->row.number[0] = '\0'; /* the list names it once */
}

static void take_name(struct reader *r, enum hr_column column)
{
    store(r, column, r->row.name);
}

static void take_kana(struct reader *r, enum hr_column column)
{
    store(r, column, r->row.kana);
}

static void take_section(struct reader *r, enum hr_column column)
{
    store(r, column, r->row.section);
    if ((r->bad & 1U << column) == 0 && !hr_format_has_section(r->format, r->row.section))
        blame(r, HR_F_SECTION, column, 0);
}

static void take_category(struct reader *r, enum hr_column column)
{
    hr_text_narrow(&r->text);
    if (!hr_format_category(r->format, r->text.c, &r->row.category))
        blame(r, HR_F_CATEGORY, column, 0);
}

static void take_date(struct reader *r, enum hr_column column)
{
    uint32_t *const day = column == HR_C_FROM    ? &r->row.from
                          : column == HR_C_UNTIL ? &r->row.until
                                                 : &r->row.effective;
    enum hr_fault_kind kind = hr_date_parse(&r->text, day);

    if (kind != HR_FAULT_KINDS)
        blame(r, kind, column, 0);
}

/* The next word of a list, as a text of its own; `at` moves behind it. */
static bool next_word(const struct hr_text *list, size_t *at, wchar_t word[HR_WORD_MAX])
{
    static const wchar_t between[] = L" \u3000\u00A0,;/\u3001\u30FB";
    size_t len;

    *at += wcsspn(list->c + *at, between);
    len = wcscspn(list->c + *at, between);
    if (len == 0)
        return false;
    if (len < HR_WORD_MAX)
        wmemcpy(word, list->c + *at, len);
    word[len < HR_WORD_MAX ? len : 0] = L'\0';
    *at += len;
    return true;
}

static bool has_login(const struct hr_row *row, const char *login)
{
    for (size_t n = 0; n < row->logins; n++)
        if (strcmp(row->login[n], login) == 0)
            return true;
    return false;
}

static void take_login(struct reader *r, enum hr_column column, const wchar_t *word)
{
    char login[ROSTER_LOGIN_MAX];
    uint32_t line;

    if (hr_text_utf8(word, wcslen(word), login, sizeof(login)) >= sizeof(login) ||
        !roster_login_valid(login))
        blame(r, HR_F_LOGIN, column, 0);
    else if (has_login(&r->row, login))
        blame(r, HR_F_LOGIN_TWICE, column, r->csv.record);
    else if (r->row.logins == ROSTER_LOGINS)
        blame(r, HR_F_LOGINS_MANY, column, ROSTER_LOGINS);
    else if ((line = stood_before(r, &r->logins, login)) != 0)
        blame(r, HR_F_LOGIN_TWICE, column, line);
    else
        memcpy(r->row.login[r->row.logins++], login, sizeof(login));
}

static void take_logins(struct reader *r, enum hr_column column)
{
    wchar_t word[HR_WORD_MAX];

    for (size_t at = 0; (r->bad & 1U << column) == 0 && next_word(&r->text, &at, word);)
        take_login(r, column, word);
    if (r->row.logins == 0 && (r->bad & 1U << column) == 0)
        blame(r, HR_F_LOGIN, column, 0);
}

static void take_zones(struct reader *r, enum hr_column column)
{
    wchar_t word[HR_WORD_MAX];
    unsigned words = 0;
    bool none = false;
    uint8_t bit = 0;

    hr_text_narrow(&r->text);
    for (size_t at = 0; next_word(&r->text, &at, word); words++) {
        if (!hr_format_zone(r->format, word, &bit)) {
            blame(r, HR_F_ZONE, column, 0);
            return;
        }
        none = none || bit == 0;
        r->row.zones |= bit;
    }
    if (words == 0 || (none && words > 1))
        blame(r, HR_F_ZONE, column, 0);
}

/* What an empty field means: a fault, a value of its own, or nothing said. */
enum empty { EMPTY_FAULT, EMPTY_VALUE, EMPTY_NOTHING };

static const struct {
    void (*take)(struct reader *r, enum hr_column column);
    enum empty empty;
    uint8_t given;
} fields[HR_COLUMNS] = {
    [HR_C_NUMBER] = {take_number, EMPTY_FAULT, 0},
    [HR_C_NAME] = {take_name, EMPTY_FAULT, 0},
    [HR_C_KANA] = {take_kana, EMPTY_VALUE, HR_KANA},
    [HR_C_SECTION] = {take_section, EMPTY_FAULT, HR_SECTION},
    [HR_C_CATEGORY] = {take_category, EMPTY_FAULT, 0},
    [HR_C_FROM] = {take_date, EMPTY_NOTHING, 0},
    [HR_C_UNTIL] = {take_date, EMPTY_NOTHING, 0},
    [HR_C_EFFECTIVE] = {take_date, EMPTY_NOTHING, 0},
    [HR_C_LOGINS] = {take_logins, EMPTY_NOTHING, HR_LOGINS},
    [HR_C_ZONES] = {take_zones, EMPTY_NOTHING, HR_ZONES},
};

/* The field's characters in r->text. */
static bool decode(struct reader *r, size_t field)
{
    const enum hr_column column = (enum hr_column)r->use[field];

    if (hr_decode(&r->decoder, r->csv.row + r->csv.field[field].at, r->csv.field[field].len,
                  &r->text))
        return true;
    reader_fault(r, r->csv.record, HR_F_OCTETS, column, NULL);
    reader_numbers(r, 0, (uint32_t)field + 1);
    r->bad |= 1U << column;
    return false;
}

static void take_field(struct reader *r, size_t field)
{
    const enum hr_column column = (enum hr_column)r->use[field];
    enum hr_fault_kind kind;

    if (!decode(r, field) || column == HR_COLUMNS)
        return;
    hr_text_trim(&r->text);
    kind = hr_text_judge(&r->text);
    if (kind != HR_FAULT_KINDS)
        blame(r, kind, column, 0);
    else if (r->text.len > 0 || fields[column].empty == EMPTY_VALUE) {
        r->row.given |= fields[column].given;
        fields[column].take(r, column);
    } else if (fields[column].empty == EMPTY_FAULT)
        blame(r, HR_F_MISSING, column, 0);
}

static bool good(const struct reader *r, enum hr_column column)
{
    return (r->bad & 1U << column) == 0;
}

/* What the fields say together. */
static void check_term(struct reader *r)
{
    const struct hr_row *row = &r->row;

    r->text.len = 0;
    if (!good(r, HR_C_UNTIL))
        return;
    if (row->until == 0 && good(r, HR_C_CATEGORY) && row->category != ROSTER_REGULAR)
        blame(r, HR_F_END_MISSING, HR_C_UNTIL, 0);
    else if (row->until != 0 && row->from > row->until)
        blame(r, HR_F_ORDER, HR_C_UNTIL, 0);
    else if (row->until != 0 && row->effective > row->until)
        blame(r, HR_F_ORDER_EFFECTIVE, HR_C_UNTIL, 0);
}

static bool is_empty(const struct csv *c)
{
    for (size_t n = 0; n < c->used; n++)
        if (c->row[n] != ' ')
            return false;
    return true;
}

static bool make_room(struct hr_result *out)
{
    size_t room = out->room * 2 + 64 * (size_t)HR_ROW_MAX;
    uint8_t *grown;

    if (out->room - out->octets >= HR_ROW_MAX)
        return true;
    if ((grown = realloc(out->der, room)) == NULL)
        return false;
    out->der = grown;
    out->room = room;
    return true;
}

/* A row without faults can be encoded: whatever cannot ends the reading. */
static void keep(struct reader *r)
{
    struct hr_result *out = r->out;
    struct hr_row faulty = {.line = r->row.line, .given = HR_FAULTY};
    size_t len = 0;

    if (r->bad != 0 && r->row.number[0] == '\0')
        return;
    memcpy(faulty.number, r->row.number, sizeof(faulty.number));
    if (make_room(out) && hr_row_encode(r->bad != 0 ? &faulty : &r->row, out->der + out->octets,
                                        out->room - out->octets, &len) == ROSTER_OK)
        out->octets += len;
    else
        r->no_memory = true;
}

void reader_row(struct reader *r)
{
    if (is_empty(&r->csv)) {
        r->out->empty++;
        return;
    }
    r->out->rows++;
    if (r->csv.fields != r->columns) {
        reader_fault(r, r->csv.record, HR_F_COLUMN_COUNT, HR_COLUMNS, NULL);
        reader_numbers(r, (uint32_t)r->csv.fields, (uint32_t)r->columns);
        return;
    }
    r->row = (struct hr_row){.line = r->csv.record};
    r->bad = 0;
    for (size_t n = 0; n < r->csv.fields; n++)
        take_field(r, n);
    check_term(r);
    keep(r);
}
