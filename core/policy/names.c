/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/policy.h"

#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define BLANKS       " \t"

static const char *const zone_names[] = {"none", "individual-number", "lgwan", "internet"};

static const struct {
    enum factor factor;
    const char *name;
} factor_names[] = {
    {FACTOR_CARD, "card"}, {FACTOR_TOKEN, "token"}, {FACTOR_PIN, "pin"}, {FACTOR_FINGER, "finger"}};

const char *policy_strerror(int err)
{
    static const char *const text[] = {"ok",
                                       "unknown key",
                                       "key given twice",
                                       "value not allowed",
                                       "below the zone's clause",
                                       "mandatory key missing"};
    int index = -err;

    if (index < 0 || (size_t)index >= COUNT(text))
        return "unknown error";
    return text[index];
}

const char *policy_zone_name(enum zone zone)
{
    return (size_t)zone < COUNT(zone_names) ? zone_names[zone] : zone_names[ZONE_NONE];
}

enum zone policy_zone_parse(const char *name)
{
    for (size_t n = 0; n < COUNT(zone_names); n++)
        if (strcmp(zone_names[n], name) == 0)
            return (enum zone)n;
    return ZONE_NONE;
}

const char *policy_clause(enum zone zone)
{
    /* (a) divides the networks into three, (d) says what each must ask. */
    return zone == ZONE_NONE || (size_t)zone >= COUNT(zone_names) ? "8(4)(a)" : "8(4)(d)";
}

static unsigned factor_find(const char *word, size_t len)
{
    for (size_t n = 0; n < COUNT(factor_names); n++)
        if (strlen(factor_names[n].name) == len && memcmp(factor_names[n].name, word, len) == 0)
            return factor_names[n].factor;
    return 0;
}

bool policy_factors_parse(const char *text, unsigned *out)
{
    unsigned factors = 0;

    for (text += strspn(text, BLANKS); *text != '\0'; text += strspn(text, BLANKS)) {
        size_t len = strcspn(text, BLANKS);
        unsigned factor = factor_find(text, len);
        if (factor == 0 || (factors & factor) != 0)
            return false;
        factors |= factor;
        text += len;
    }
    if (factors == 0)
        return false;
    *out = factors;
    return true;
}

void policy_factors_format(unsigned factors, char *out, size_t cap)
{
    size_t used = 0;

    if (cap == 0)
        return;
    out[0] = '\0';
    for (size_t n = 0; n < COUNT(factor_names); n++) {
        if ((factors & factor_names[n].factor) == 0)
            continue;
        int r = snprintf(out + used, cap - used, "%s%s", used > 0 ? " " : "", factor_names[n].name);
        if (r < 0 || (size_t)r >= cap - used)
            return;
        used += (size_t)r;
    }
}

bool policy_listed(const char *list, const char *word)
{
    size_t want = strlen(word);

    if (want == 0)
        return false;
    for (list += strspn(list, BLANKS); *list != '\0'; list += strspn(list, BLANKS)) {
        size_t len = strcspn(list, BLANKS);
        if (len == want && memcmp(list, word, len) == 0)
            return true;
        list += len;
    }
    return false;
}

const char *policy_decision_name(enum decision decision)
{
    static const char *const text[] = {
        "deny",      "grant",   "stopped",      "expired",      "not-yet",  "not-here", "locked",
        "roster",    "clock",   "record",       "remote",       "too-late", "removed",  "factors",
        "card-kind", "not-now", "card-expired", "card-not-yet", "escort"};

    return (size_t)decision < COUNT(text) ? text[decision] : text[DECISION_DENY];
}
