/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/enroll/hr_files.h"

#include "tests/unit/enroll/unit.h"

#include <errno.h>
#include <iconv.h>

struct hr_format hr_words;
struct hr_result hr_got;

static const char *const standard[] = {"hr.number",
                                       "職員番号",
                                       "hr.name",
                                       "氏名",
                                       "hr.kana",
                                       "カナ",
                                       "hr.section",
                                       "所属",
                                       "hr.category",
                                       "区分",
                                       "hr.from",
                                       "採用日",
                                       "hr.until",
                                       "任期満了日",
                                       "hr.effective",
                                       "発令日",
                                       "hr.logins",
                                       "ログイン名",
                                       "hr.zones",
                                       "利用系",
                                       "hr.number_digits",
                                       "0",
                                       "hr.category_regular",
                                       "正規 正規職員",
                                       "hr.category_fixed_term",
                                       "任期付",
                                       "hr.category_fiscal_year",
                                       "会計年度 会計年度任用職員",
                                       "hr.category_temporary",
                                       "臨時",
                                       "hr.category_reappointed",
                                       "再任用",
                                       "hr.category_support",
                                       "応援",
                                       "hr.category_contractor",
                                       "委託",
                                       "hr.zone_individual_number",
                                       "個人番号利用事務系",
                                       "hr.zone_lgwan",
                                       "LGWAN系",
                                       "hr.zone_internet",
                                       "インターネット接続系",
                                       "hr.zone_none",
                                       "なし",
                                       NULL};

ssize_t memory_read(void *ctx, void *buf, size_t cap)
{
    struct memory *m = ctx;
    size_t n = m->left < cap ? m->left : cap;

    if (n == 0 && m->fails) {
        errno = EIO;
        return -1;
    }
    if (m->piece > 0 && n > m->piece)
        n = m->piece;
    if (n > 0)
        memcpy(buf, m->p, n);
    m->p += n;
    m->left -= n;
    m->taken += n;
    return (ssize_t)n;
}

static const char *find(const char *const *pairs, const char *key)
{
    for (; pairs != NULL && *pairs != NULL; pairs += 2)
        if (strcmp(pairs[0], key) == 0)
            return pairs[1];
    return NULL;
}

static const char *look_up(const void *ctx, const char *key)
{
    const char *value = find(ctx, key);

    if (value == NULL)
        value = find(standard, key);
    return value != NULL ? value : "";
}

bool format_try(struct hr_format *format, const char *const *changes, char *why, size_t cap)
{
    return hr_format_load(format, look_up, changes, why, cap);
}

void format_load(struct hr_format *format, const char *sections, const char *const *changes)
{
    char why[256] = "";
    FILE *in;

    if (!format_try(format, changes, why, sizeof(why)))
        fail_msg("%s", why);
    if (sections[0] == '\0')
        return;
    in = fmemopen((void *)(uintptr_t)sections, strlen(sections), "r");
    assert_non_null(in);
    if (!hr_format_sections(format, in, why, sizeof(why)))
        fail_msg("%s", why);
    fclose(in);
}

size_t to_cp932(const char *text, char *out, size_t cap)
{
    iconv_t cd = iconv_open("CP932", "UTF-8");
    char *from = (char *)(uintptr_t)text, *to = out;
    size_t left = strlen(text), room = cap;

    assert_true(cd != (iconv_t)-1);
    assert_true(iconv(cd, &from, &left, &to, &room) != (size_t)-1);
    iconv_close(cd);
    return cap - room;
}

int read_octets(const void *p, size_t len, enum hr_encoding encoding)
{
    struct memory m = {.p = p, .left = len, .piece = 7};
    const struct hr_source source = {.read = memory_read, .ctx = &m};

    return hr_read(&source, &hr_words, encoding, &hr_got);
}

int read_text(const char *text, enum hr_encoding encoding)
{
    static char octets[65536];
    size_t len = strlen(text);

    if (encoding == HR_CP932)
        len = to_cp932(text, octets, sizeof(octets));
    else
        memcpy(octets, text, len + 1);
    return read_octets(octets, len, HR_DETECT);
}

void expect_one(enum hr_fault_kind kind, uint32_t line)
{
    assert_int_equal(hr_got.faults, 1);
    assert_int_equal(hr_got.fault[0].kind, kind);
    assert_int_equal(hr_got.fault[0].line, line);
    assert_int_equal(hr_got.lines, 1);
    hr_free(&hr_got);
}
