/* SPDX-License-Identifier: Apache-2.0
 *
 * Days in ISO and wareki, with the real limits of each era.
 */
#include "enroll/hr/date.h"

#include "tests/unit/enroll/unit.h"

static const struct {
    const wchar_t *text;
    enum hr_fault_kind kind;
    uint32_t day;
} dates[] = {
    {L"2027-04-01", HR_FAULT_KINDS, 20270401},
    {L"2027/4/1", HR_FAULT_KINDS, 20270401},
    {L"2027/04/01", HR_FAULT_KINDS, 20270401},
    {L"2027.4.1", HR_FAULT_KINDS, 20270401},
    {L"20270401", HR_FAULT_KINDS, 20270401},
    {L"2027年4月1日", HR_FAULT_KINDS, 20270401},
    {L"２０２７／４／１", HR_FAULT_KINDS, 20270401},
    {L"令和9年4月1日", HR_FAULT_KINDS, 20270401},
    {L"令和９年４月１日", HR_FAULT_KINDS, 20270401},
    {L"令和　9年 4月 1日", HR_FAULT_KINDS, 20270401},
    {L"令和09年04月01日", HR_FAULT_KINDS, 20270401},
    {L"R9.4.1", HR_FAULT_KINDS, 20270401},
    {L"R09.04.01", HR_FAULT_KINDS, 20270401},
    {L"R9/4/1", HR_FAULT_KINDS, 20270401},
    {L"Ｒ９．４．１", HR_FAULT_KINDS, 20270401},
    {L"2028-02-29", HR_FAULT_KINDS, 20280229},
    {L"令和10年2月29日", HR_FAULT_KINDS, 20280229},
    /* where eras begin and end */
    {L"令和元年5月1日", HR_FAULT_KINDS, 20190501},
    {L"R元.5.1", HR_FAULT_KINDS, 20190501},
    {L"R1.5.1", HR_FAULT_KINDS, 20190501},
    {L"令和元年4月30日", HR_F_ERA, 0},
    {L"平成31年4月30日", HR_FAULT_KINDS, 20190430},
    {L"平成31年5月1日", HR_F_ERA, 0},
    {L"平成39年3月31日", HR_F_ERA, 0},
    {L"平成元年1月8日", HR_FAULT_KINDS, 19890108},
    {L"H1.1.7", HR_F_ERA, 0},
    {L"昭和64年1月7日", HR_FAULT_KINDS, 19890107},
    {L"昭和64年1月8日", HR_F_ERA, 0},
    {L"S62.4.1", HR_FAULT_KINDS, 19870401},
    {L"S45.1.1", HR_FAULT_KINDS, 19700101},
    {L"S44.12.31", HR_F_DAY, 0},
    /* days that do not exist */
    {L"2027-02-29", HR_F_DAY, 0},
    {L"2100-02-29", HR_F_DAY, 0},
    {L"令和9年2月29日", HR_F_DAY, 0},
    {L"平成31年4月31日", HR_F_DAY, 0},
    {L"2027-04-31", HR_F_DAY, 0},
    {L"2027-13-01", HR_F_DAY, 0},
    {L"2027-00-10", HR_F_DAY, 0},
    {L"2027-4-0", HR_F_DAY, 0},
    {L"9999-12-31", HR_F_DAY, 0},
    {L"1969-12-31", HR_F_DAY, 0},
    {L"2101/1/1", HR_F_DAY, 0},
    /* other writing */
    {L"", HR_F_DATE, 0},
    {L"2027", HR_F_DATE, 0},
    {L"2027-04", HR_F_DATE, 0},
    {L"27-04-01", HR_F_DATE, 0},
    {L"2027/4-1", HR_F_DATE, 0},
    {L"2027年4月1", HR_F_DATE, 0},
    {L"2027年4/1", HR_F_DATE, 0},
    {L"2027-04-01 0:00", HR_F_DATE, 0},
    {L"2027-04-01x", HR_F_DATE, 0},
    {L"2027-004-01", HR_F_DATE, 0},
    {L"4/1/2027", HR_F_DATE, 0},
    {L"46113", HR_F_DATE, 0},
    {L"2027041", HR_F_DATE, 0},
    {L"202704011", HR_F_DATE, 0},
    {L"令和0年4月1日", HR_F_DATE, 0},
    {L"令和九年四月一日", HR_F_DATE, 0},
    {L"令和100年4月1日", HR_F_DATE, 0},
    {L"令9.4.1", HR_F_DATE, 0},
    {L"R090401", HR_F_DATE, 0},
    {L"r9.4.1", HR_F_DATE, 0},
    {L"大正15年12月25日", HR_F_DATE, 0},
    {L"元年5月1日", HR_F_DATE, 0},
    {L"明日", HR_F_DATE, 0},
    {L"-1", HR_F_DATE, 0},
};

static void test_dates(void **state)
{
    static struct hr_text t;
    uint32_t day = 1;

    (void)state;
    for (size_t n = 0; n < COUNT(dates); n++) {
        t.len = wcslen(dates[n].text);
        wmemcpy(t.c, dates[n].text, t.len + 1);
        enum hr_fault_kind kind = hr_date_parse(&t, &day);
        if (kind != dates[n].kind || day != dates[n].day)
            fail_msg("date %zu: %d instead of %d, %u instead of %u", n, kind, dates[n].kind, day,
                     dates[n].day);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_dates)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
