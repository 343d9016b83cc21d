/* SPDX-License-Identifier: Apache-2.0
 *
 * HR files. The first octet chooses the encoding and how many octets one read gives. What is read
 * is a list that the broker takes.
 */
#include "enroll/hr/hr.h"
#include "tests/fuzz/fuzz.h"

struct memory {
    const uint8_t *p;
    size_t left, piece;
};

static ssize_t give(void *ctx, void *buf, size_t cap)
{
    struct memory *m = ctx;
    size_t n = m->left < cap ? m->left : cap;

    n = n < m->piece ? n : m->piece;
    if (n > 0)
        memcpy(buf, m->p, n);
    m->p += n;
    m->left -= n;
    return (ssize_t)n;
}

/* Short words, which a fuzzer finds; one with two words, one that is not ASCII. */
static const char *look_up(const void *ctx, const char *key)
{
    static const char *const words[][2] = {
        {"hr.number", "n"},
        {"hr.name", "m"},
        {"hr.kana", "k"},
        {"hr.section", "s"},
        {"hr.category", "c"},
        {"hr.from", "f"},
        {"hr.until", "u"},
        {"hr.effective", "e"},
        {"hr.logins", "l"},
        {"hr.zones", "z"},
        {"hr.number_digits", "0"},
        {"hr.category_regular", "r R"},
        {"hr.category_support", "\xE5\xBF\x9C"},
        {"hr.zone_lgwan", "g"},
        {"hr.zone_none", "-"},
        {"hr.zone_individual_number", "i"},
        {"hr.zone_internet", "t"},
        {"hr.category_fixed_term", "x"},
        {"hr.category_fiscal_year", "y"},
        {"hr.category_temporary", "w"},
        {"hr.category_reappointed", "a"},
        {"hr.category_contractor", "b"},
    };

    (void)ctx;
    for (size_t n = 0; n < sizeof(words) / sizeof(words[0]); n++)
        if (strcmp(words[n][0], key) == 0)
            return words[n][1];
    return "";
}

static void check_list(const struct hr_result *r)
{
    uint8_t *der = malloc(r->octets + HR_HEAD_MAX);
    struct hr_list list;
    struct hr_row row;
    size_t head = 0;

    fuzz_require(der != NULL && hr_list_head(r->octets, der, HR_HEAD_MAX, &head) == ROSTER_OK);
    memcpy(der + head, r->der, r->octets);
    fuzz_require(hr_list_open(der, head + r->octets, &list) == ROSTER_OK);
    while (list.rows.left > 0)
        fuzz_require(hr_list_next(&list, &row) == ROSTER_OK &&
                     (row.given != HR_FAULTY || r->faults > 0));
    fuzz_require(r->faults > 0 ? list.count <= r->rows : list.count == r->rows);
    free(der);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct hr_format format;
    struct memory m = {.p = data + 1, .left = size - 1};
    const struct hr_source source = {.read = give, .ctx = &m};
    struct hr_result result;
    char why[256];

    if (size == 0)
        return 0;
    if (format.column[0][0] == L'\0')
        fuzz_require(hr_format_load(&format, look_up, NULL, why, sizeof(why)));
    m.piece = data[0] / 3 + 1U;
    fuzz_require(hr_read(&source, &format, (enum hr_encoding)(data[0] % 3), &result) == HR_OK);
    fuzz_require(result.kept <= result.faults && result.lines <= result.faults);
    for (size_t n = 1; n < result.kept; n++)
        fuzz_require(result.fault[n].line >= result.fault[n - 1].line);
    if (result.octets > 0)
        check_list(&result);
    hr_free(&result);
    return 0;
}
