/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/config_hr.h"

#include "core/wire/tlv.h"

#include <assert.h>
#include <string.h>

static const struct {
    const char *name;
    const char *standard;
} keys[] = {
    {"number", "職員番号"},
    {"name", "氏名"},
    {"kana", "カナ"},
    {"section", "所属"},
    {"category", "区分"},
    {"from", "採用日"},
    {"until", "任期満了日"},
    {"effective", "発令日"},
    {"logins", "ログイン名"},
    {"zones", "利用系"},
    {"number_digits", "0"},
    {"category_regular", "正規 正規職員"},
    {"category_fixed_term", "任期付 任期付職員"},
    {"category_fiscal_year", "会計年度 会計年度任用職員"},
    {"category_temporary", "臨時 臨時的任用職員"},
    {"category_reappointed", "再任用 再任用職員"},
    {"category_support", "応援 応援職員"},
    {"category_contractor", "委託 委託事業者"},
    {"zone_individual_number", "個人番号利用事務系"},
    {"zone_lgwan", "LGWAN系"},
    {"zone_internet", "インターネット接続系"},
    {"zone_none", "なし"},
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))
static_assert(KEYS == CONFIG_HR_KEYS, "a value for each key");

static size_t find_key(const char *name)
{
    size_t n = 0;

    while (n < KEYS && strcmp(keys[n].name, name) != 0)
        n++;
    return n;
}

static bool is_text(const char *value)
{
    const struct tlv t = {.val = (const uint8_t *)value, .len = strlen(value)};
    char checked[CONFIG_HR_MAX];

    return value[0] != '\0' && tlv_text(&t, checked, sizeof(checked)) == WIRE_OK;
}

void config_hr_init(struct config_hr *hr)
{
    *hr = (struct config_hr){0};
    for (size_t n = 0; n < KEYS; n++)
        snprintf(hr->value[n], sizeof(hr->value[n]), "%s", keys[n].standard);
}

bool config_hr_knows(const char *key)
{
    return find_key(key) < KEYS;
}

bool config_hr_set(struct config_hr *hr, const char *key, const char *value, char *why,
                   size_t whycap)
{
    size_t n = find_key(key);

    if (n == KEYS)
        snprintf(why, whycap, "unknown key \"%s\" in section [hr]", key);
    else if ((hr->seen & 1U << n) != 0)
        snprintf(why, whycap, "\"%s\" is given twice", key);
    else if (!is_text(value))
        snprintf(why, whycap, "\"%s\" needs a value of 1 to %d octets of UTF-8", key,
                 CONFIG_HR_MAX - 1);
    else {
        memcpy(hr->value[n], value, strlen(value) + 1);
        hr->seen |= 1U << n;
        return true;
    }
    return false;
}

void config_hr_print(const struct config_hr *hr, FILE *out)
{
    for (size_t n = 0; n < KEYS; n++)
        fprintf(out, "hr.%s = %s\n", keys[n].name, hr->value[n]);
}
