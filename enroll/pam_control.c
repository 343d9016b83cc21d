/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/pam_control.h"

#include <stdlib.h>
#include <string.h>

#define UNSET (-99)
/* More lines than any stack has; longer jumps are a mistake. */
#define JUMP_MAX 1000

struct word {
    const char *name;
    int value;
};

static const struct word value_words[] = {
    {"success", PAM_VALUE_SUCCESS},
    {"new_authtok_reqd", PAM_VALUE_NEW_AUTHTOK},
    {"ignore", PAM_VALUE_IGNORE},
    {"auth_err", PAM_VALUE_AUTH_ERR},
    {"authinfo_unavail", PAM_VALUE_AUTHINFO_UNAVAIL},
    {"user_unknown", PAM_VALUE_USER_UNKNOWN},
    {"maxtries", PAM_VALUE_MAXTRIES},
    {"perm_denied", PAM_VALUE_PERM_DENIED},
    {"acct_expired", PAM_VALUE_ACCT_EXPIRED},
    {"service_err", PAM_VALUE_SERVICE_ERR},
    {"system_err", PAM_VALUE_SYSTEM_ERR},
    {"conv_err", PAM_VALUE_CONV_ERR},
    {"abort", PAM_VALUE_ABORT},
    {"module_unknown", PAM_VALUE_MODULE_UNKNOWN},
};

/* libpam knows these as well; here they count as any other failure. */
static const char *const other_values[] = {
    "open_err",       "symbol_err",          "buf_err",           "cred_insufficient",
    "session_err",    "cred_unavail",        "cred_expired",      "cred_err",
    "authtok_err",    "authtok_recover_err", "authtok_lock_busy", "authtok_disable_aging",
    "try_again",      "authtok_expired",     "bad_item",          "conv_again",
    "no_module_data", "incomplete",
};

static const struct word action_words[] = {
    {"ignore", PAM_ACTION_IGNORE}, {"ok", PAM_ACTION_OK},   {"done", PAM_ACTION_DONE},
    {"bad", PAM_ACTION_BAD},       {"die", PAM_ACTION_DIE}, {"reset", PAM_ACTION_RESET},
};

static const struct {
    const char *word;
    const char *meaning;
} keywords[] = {
    {"required", "success=ok new_authtok_reqd=ok ignore=ignore default=bad"},
    {"requisite", "success=ok new_authtok_reqd=ok ignore=ignore default=die"},
    {"sufficient", "success=done new_authtok_reqd=done default=ignore"},
    {"optional", "success=ok new_authtok_reqd=ok default=ignore"},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void set_unset(struct pam_control *c, int action)
{
    for (int n = 0; n < PAM_VALUES; n++)
        if (c->action[n] == UNSET)
            c->action[n] = action;
}

static bool find(const struct word *table, size_t rows, const char *name, size_t len, int *out)
{
    for (size_t n = 0; n < rows; n++)
        if (strlen(table[n].name) == len && memcmp(table[n].name, name, len) == 0) {
            *out = table[n].value;
            return true;
        }
    return false;
}

static bool is_other(const char *name, size_t len)
{
    for (size_t n = 0; n < COUNT(other_values); n++)
        if (strlen(other_values[n]) == len && memcmp(other_values[n], name, len) == 0)
            return true;
    return false;
}

static bool parse_action(const char *text, size_t len, int *out)
{
    char *end = NULL;
    long jump;

    if (find(action_words, COUNT(action_words), text, len, out))
        return true;
    if (len == 0 || text[0] < '1' || text[0] > '9')
        return false;
    jump = strtol(text, &end, 10);
    if (end != text + len || jump > JUMP_MAX)
        return false;
    *out = (int)jump;
    return true;
}

/* The weakest action of all values that are folded into "other" stands for them. */
static void merge_other(struct pam_control *c, int action)
{
    int *other = &c->action[PAM_VALUE_OTHER];

    if (*other == UNSET || *other == PAM_ACTION_BAD || *other == PAM_ACTION_DIE)
        *other = action;
}

static bool apply(struct pam_control *c, const char *name, size_t len, int action)
{
    int value = 0;

    if (len == strlen("default") && memcmp(name, "default", len) == 0)
        set_unset(c, action);
    else if (find(value_words, COUNT(value_words), name, len, &value))
        c->action[value] = action;
    else if (is_other(name, len))
        merge_other(c, action);
    else
        return false;
    return true;
}

static bool parse_pairs(const char *text, struct pam_control *c)
{
    for (text += strspn(text, " \t"); *text != '\0'; text += strspn(text, " \t")) {
        size_t len = strcspn(text, " \t");
        const char *equals = memchr(text, '=', len);
        int action = 0;
        if (equals == NULL ||
            !parse_action(equals + 1, len - (size_t)(equals + 1 - text), &action) ||
            !apply(c, text, (size_t)(equals - text), action))
            return false;
        text += len;
    }
    return true;
}

static const char *meaning_of(const char *word)
{
    for (size_t n = 0; n < COUNT(keywords); n++)
        if (strcmp(keywords[n].word, word) == 0)
            return keywords[n].meaning;
    return NULL;
}

bool pam_control_parse(const char *text, bool brackets, struct pam_control *out)
{
    const char *pairs = brackets ? text : meaning_of(text);
    bool good;

    for (int n = 0; n < PAM_VALUES; n++)
        out->action[n] = UNSET;
    good = pairs != NULL && parse_pairs(pairs, out);
    for (int n = 0; n < PAM_VALUES && !good; n++)
        out->action[n] = UNSET;
    set_unset(out, PAM_ACTION_BAD);
    return good;
}

bool pam_control_is_weak(const struct pam_control *c)
{
    for (int n = PAM_VALUE_AUTH_ERR; n < PAM_VALUES; n++)
        if (c->action[n] != PAM_ACTION_BAD && c->action[n] != PAM_ACTION_DIE)
            return true;
    return false;
}
