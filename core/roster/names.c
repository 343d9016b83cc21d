/* SPDX-License-Identifier: Apache-2.0 */
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

const char *roster_strerror(int err)
{
    static const char *const text[] = {"ok",
                                       "malformed or outside of its limits",
                                       "signature does not verify",
                                       "another zone",
                                       "older than or not following the issue before",
                                       "records differ from the signed ones",
                                       "cryptographic failure",
                                       "buffer or table too small"};
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
