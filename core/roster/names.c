/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "core/roster/record.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *const categories[] = {
    [ROSTER_REGULAR] = "regular",         [ROSTER_FIXED_TERM] = "fixed-term",
    [ROSTER_FISCAL_YEAR] = "fiscal-year", [ROSTER_TEMPORARY] = "temporary",
    [ROSTER_REAPPOINTED] = "reappointed", [ROSTER_SUPPORT] = "support",
    [ROSTER_CONTRACTOR] = "contractor"};

static const char *const states[] = {[ROSTER_ACTIVE] = "active",
                                     [ROSTER_STOPPED] = "stopped",
                                     [ROSTER_SUSPENDED] = "suspended",
                                     [ROSTER_RETURNED] = "returned",
                                     [ROSTER_DESTROYED] = "destroyed"};

static const char *const reasons[] = {"",         "lost",      "damaged",  "forgotten",   "found",
                                      "replaced", "unused",    "retired",  "transferred", "ended",
                                      "injured",  "no-finger", "disaster", "other"};

static const char *const roles[] = {"registrar", "approver", "administrator", "auditor"};

static const char *const zones[] = {"individual-number", "lgwan", "internet"};

const char *roster_strerror(int err)
{
    static const char *const text[] = {"ok",
                                       "malformed or outside of its limits",
                                       "signature does not verify",
                                       "another zone",
                                       "older than or not following the issue before",
                                       "records differ from the signed ones",
                                       "cryptographic failure",
                                       "buffer or table too small",
                                       "not newer than the installed issue",
                                       "signed by a key that may not sign here",
                                       "the approver's signature is missing",
                                       "approved by somebody who made one of the changes",
                                       "issues before these are missing",
                                       "the issue is installed already",
                                       "a template or key is missing, left over or another one",
                                       "somebody may both register and approve"};
    int index = -err;

    if (index < 0 || (size_t)index >= COUNT(text))
        return "unknown error";
    return text[index];
}

const char *roster_category_name(enum roster_category category)
{
    if ((size_t)category >= COUNT(categories) || categories[category] == NULL)
        return "unknown";
    return categories[category];
}

bool roster_category_parse(const char *name, enum roster_category *out)
{
    for (size_t n = 0; n < COUNT(categories); n++) {
        if (categories[n] != NULL && strcmp(categories[n], name) == 0) {
            *out = (enum roster_category)n;
            return true;
        }
    }
    return false;
}

const char *roster_state_name(enum roster_state state)
{
    if ((size_t)state >= COUNT(states) || states[state] == NULL)
        return "unknown";
    return states[state];
}

bool roster_login_valid(const char *login)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                  "0123456789._@-";
    size_t len = strnlen(login, ROSTER_LOGIN_MAX);

    return len > 0 && len < ROSTER_LOGIN_MAX && login[0] != '-' && strspn(login, letters) == len;
}

bool roster_record_has_login(const struct roster_record *r, const char *login)
{
    for (size_t n = 0; n < r->logins && n < ROSTER_LOGINS; n++)
        if (strcmp(r->login[n], login) == 0)
            return true;
    return false;
}

const char *roster_reason_name(enum roster_reason reason)
{
    return (size_t)reason < COUNT(reasons) ? reasons[reason] : "unknown";
}

bool roster_reason_parse(const char *name, enum roster_reason *out)
{
    for (size_t n = 1; n < COUNT(reasons); n++)
        if (strcmp(reasons[n], name) == 0) {
            *out = (enum roster_reason)n;
            return true;
        }
    return false;
}

const char *roster_role_name(enum roster_role role)
{
    for (size_t n = 0; n < COUNT(roles); n++)
        if ((unsigned)role == 1U << n)
            return roles[n];
    return "unknown";
}

bool roster_role_parse(const char *name, enum roster_role *out)
{
    for (size_t n = 0; n < COUNT(roles); n++)
        if (strcmp(roles[n], name) == 0) {
            *out = (enum roster_role)(1U << n);
            return true;
        }
    return false;
}

void roster_zones_format(uint8_t bits, char *out, size_t cap)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t n = 0; n < COUNT(zones) && used < cap; n++)
        if ((bits & 1U << n) != 0)
            used +=
                (size_t)snprintf(out + used, cap - used, "%s%s", used == 0 ? "" : " ", zones[n]);
}

static uint8_t zone_bit(const char *word, size_t len)
{
    for (size_t n = 0; n < COUNT(zones); n++)
        if (strlen(zones[n]) == len && memcmp(zones[n], word, len) == 0)
            return (uint8_t)(1U << n);
    return 0;
}

bool roster_zones_parse(const char *text, uint8_t *out)
{
    uint8_t bits = 0;

    for (text += strspn(text, " "); *text != '\0'; text += strspn(text, " ")) {
        size_t len = strcspn(text, " ");
        uint8_t bit = zone_bit(text, len);
        if (bit == 0 || (bits & bit) != 0)
            return false;
        bits |= bit;
        text += len;
    }
    *out = bits;
    return true;
}
