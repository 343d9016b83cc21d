/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/hr/date.h"

#define YEAR_SIGN  L'年'
#define MONTH_SIGN L'月'
#define DAY_SIGN   L'日'

struct era {
    wchar_t letter;
    const wchar_t *name;
    unsigned before; /* year 1 is the year after this one */
    uint32_t first, last;
};

/* A record's times begin in 1970: earlier eras cannot come up. */
static const struct era eras[] = {
    {L'R', L"令和", 2018, 20190501, UINT32_MAX},
    {L'H', L"平成", 1988, 19890108, 20190430},
    {L'S', L"昭和", 1925, 19261225, 19890107},
};

/* Moves behind the era, if the date begins with one. */
static const struct era *take_era(const wchar_t **p)
{
    for (size_t n = 0; n < sizeof(eras) / sizeof(eras[0]); n++) {
        size_t len = wcslen(eras[n].name);
        if (**p != eras[n].letter && wcsncmp(*p, eras[n].name, len) != 0)
            continue;
        *p += **p == eras[n].letter ? 1 : len;
        return &eras[n];
    }
    return NULL;
}

/* A number of min..max digits. */
static bool take_number(const wchar_t **p, size_t min, size_t max, unsigned *out)
{
    size_t n = 0;

    *out = 0;
    for (; n < max && (*p)[n] >= L'0' && (*p)[n] <= L'9'; n++)
        *out = *out * 10 + (unsigned)((*p)[n] - L'0');
    *p += n;
    return n >= min;
}

static bool take_sign(const wchar_t **p, wchar_t sign)
{
    if (**p != sign)
        return false;
    (*p)++;
    return true;
}

/* The first year of an era has a name of its own. */
static bool take_year(const wchar_t **p, const struct era *era, unsigned *out)
{
    if (era == NULL)
        return take_number(p, 4, 4, out);
    if (take_sign(p, L'元')) {
        *out = 1;
        return true;
    }
    return take_number(p, 1, 2, out) && *out > 0;
}

static bool take_rest(const wchar_t **p, unsigned *month, unsigned *day)
{
    const wchar_t sign = **p;

    if (take_sign(p, YEAR_SIGN))
        return take_number(p, 1, 2, month) && take_sign(p, MONTH_SIGN) &&
               take_number(p, 1, 2, day) && take_sign(p, DAY_SIGN);
    if (take_sign(p, L'-') || take_sign(p, L'/') || take_sign(p, L'.'))
        return take_number(p, 1, 2, month) && take_sign(p, sign) && take_number(p, 1, 2, day);
    return false;
}

static bool take_day(const wchar_t **p, const struct era *era, unsigned *year, unsigned *month,
                     unsigned *day)
{
    if (!take_year(p, era, year))
        return false;
    if (era == NULL && **p >= L'0' && **p <= L'9')
        return take_number(p, 2, 2, month) && take_number(p, 2, 2, day);
    return take_rest(p, month, day);
}

static void normalise(struct hr_text *t)
{
    hr_text_narrow(t);
    if (wcschr(t->c, YEAR_SIGN) != NULL)
        hr_text_squeeze(t);
}

enum hr_fault_kind hr_date_parse(struct hr_text *t, uint32_t *out)
{
    const wchar_t *p = t->c;
    const struct era *era;
    unsigned year = 0, month = 0, day = 0;

    *out = 0;
    normalise(t);
    era = take_era(&p);
    if (!take_day(&p, era, &year, &month, &day) || *p != L'\0')
        return HR_F_DATE;
    *out = hr_day(year + (era != NULL ? era->before : 0), month, day);
    if (*out == 0)
        return HR_F_DAY;
    if (era != NULL && (*out < era->first || *out > era->last)) {
        *out = 0;
        return HR_F_ERA;
    }
    return HR_FAULT_KINDS;
}
