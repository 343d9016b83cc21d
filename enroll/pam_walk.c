/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/pam_walk.h"

#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

enum class {
    CLASS_ANY,
    CLASS_FAILS,
    CLASS_SUCCEEDS,
    CLASS_NEUTRAL /* PAM_IGNORE or a failure, never a success */
};

static const struct {
    const char *module;
    enum class class;
} classes[] = {
    {PAM_WALK_MODULE, CLASS_FAILS},    {"pam_deny.so", CLASS_FAILS},
    {"pam_rootok.so", CLASS_FAILS},    {"pam_permit.so", CLASS_SUCCEEDS},
    {"pam_nologin.so", CLASS_NEUTRAL}, {"pam_faildelay.so", CLASS_NEUTRAL},
    {"pam_env.so", CLASS_NEUTRAL},     {"pam_issue.so", CLASS_NEUTRAL},
    {"pam_group.so", CLASS_NEUTRAL},
};

static bool is_ours(const struct pam_line *line)
{
    return strcmp(line->module, PAM_WALK_MODULE) == 0;
}

static enum class class_of(const struct pam_line *line) {
    char group[64];

    if (pam_walk_break_glass(line, group, sizeof(group)) ||
        line->module[0] == '\0') return CLASS_FAILS;
    for (size_t n = 0; n < COUNT(classes);
         n++) if (strcmp(classes[n].module, line->module) == 0) return classes[n]
        .class;
    return CLASS_ANY;
}

static bool can_return(const struct pam_line *line, enum pam_value value)
{
    switch (class_of(line)) {
    case CLASS_FAILS:
        return value >= PAM_VALUE_AUTH_ERR;
    case CLASS_SUCCEEDS:
        return value == PAM_VALUE_SUCCESS;
    case CLASS_NEUTRAL:
        return value >= PAM_VALUE_IGNORE;
    case CLASS_ANY:
        break;
    }
    return true;
}

/* Modules that ask for something tell more than those around them. */
static int weight(const struct pam_line *line)
{
    static const char *const asking[] = {
        "pam_unix", "pam_sss",     "pam_ldap",   "pam_krb5",         "pam_winbind", "pam_pwdfile",
        "pam_u2f",  "pam_fprintd", "pam_userdb", "pam_systemd_home", "pam_pkcs11",  "pam_yubico"};

    for (size_t n = 0; n < COUNT(asking); n++)
        if (strncmp(asking[n], line->module, strlen(asking[n])) == 0)
            return 2;
    return class_of(line) == CLASS_ANY ? 1 : 0;
}

static int strict_action(const struct pam_line *line, enum pam_value value)
{
    if (is_ours(line) && value >= PAM_VALUE_AUTH_ERR)
        return PAM_ACTION_BAD;
    return pam_dispatch_action(line, value);
}

int pam_walk(const struct pam_stack *stack, enum pam_type type, bool strict_ours,
             struct pam_dispatch *out)
{
    const struct pam_dispatch_model model = {.can_return = can_return,
                                             .action =
                                                 strict_ours ? strict_action : pam_dispatch_action,
                                             .weight = weight};

    return pam_dispatch(stack, type, &model, out);
}

const struct pam_line *pam_walk_ours(const struct pam_stack *stack, enum pam_type type)
{
    for (size_t n = 0; n < stack->count; n++)
        if (stack->line[n].type == type && is_ours(&stack->line[n]))
            return &stack->line[n];
    return NULL;
}

bool pam_walk_has_type(const struct pam_stack *stack, enum pam_type type)
{
    for (size_t n = 0; n < stack->count; n++)
        if (stack->line[n].type == type)
            return true;
    return false;
}

bool pam_walk_break_glass(const struct pam_line *line, char *group, size_t cap)
{
    static const char condition[] = "user ingroup ";
    int action = line->control.action[PAM_VALUE_SUCCESS];
    const char *at;

    if (line->type == PAM_TYPE_OTHER || strcmp(line->module, "pam_succeed_if.so") != 0)
        return false;
    if (action <= 0 && (action != PAM_ACTION_DONE || line->type == PAM_TYPE_AUTH))
        return false;
    if ((at = strstr(line->args, condition)) == NULL)
        return false;
    at += sizeof(condition) - 1;
    snprintf(group, cap, "%.*s", (int)strcspn(at, " \t"), at);
    return group[0] != '\0';
}
