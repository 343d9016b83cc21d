/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/pam_walk.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATES_MAX 512 /* different states at one line */
#define NOBODY     UINT16_MAX

enum impression { UNDEFINED, POSITIVE, NEGATIVE };

/* What libpam's dispatcher remembers between two lines. */
struct state {
    unsigned char impression;
    unsigned char passing; /* the status would let the application go on */
    unsigned short by;     /* line whose success mattered most */
    /* Impression and status at the start of each substack, for `reset`. */
    unsigned char saved[PAM_PARSE_DEPTH_MAX + 2];
};
_Static_assert(sizeof(struct state) == 4 + PAM_PARSE_DEPTH_MAX + 2, "compared as octets");

struct states {
    size_t count;
    struct state state[STATES_MAX];
};

struct walk {
    const struct pam_line **line;
    size_t count;
    struct states *at; /* count + 1: what may hold before each line, and at the end */
    bool strict_ours;
    bool complex;
};

enum class { CLASS_ANY, CLASS_FAILS, CLASS_SUCCEEDS, CLASS_NEUTRAL };

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

    if (pam_walk_break_glass(line, group, sizeof(group)) != NULL ||
        line->module[0] == '\0') return CLASS_FAILS;
    for (size_t n = 0; n < sizeof(classes) / sizeof(classes[0]);
         n++) if (strcmp(classes[n].module, line->module) == 0) return classes[n]
        .class;
    return CLASS_ANY;
}

static bool can_return(enum class class, enum pam_value value)
{
    switch (class) {
    case CLASS_ANY:
        return true;
    case CLASS_FAILS:
        return value >= PAM_VALUE_AUTH_ERR;
    case CLASS_SUCCEEDS:
        return value == PAM_VALUE_SUCCESS;
    case CLASS_NEUTRAL:
        return value >= PAM_VALUE_IGNORE;
    }
    return true;
}

/* Modules that ask for something prove more to the reader of a finding than those around them. */
static int weight(const struct pam_line *line)
{
    static const char *const asking[] = {
        "pam_unix",    "pam_sss", "pam_ldap",    "pam_krb5",         "pam_winbind",
        "pam_pwdfile", "pam_u2f", "pam_fprintd", "pam_systemd_home", "pam_userdb"};

    for (size_t n = 0; n < sizeof(asking) / sizeof(asking[0]); n++)
        if (strncmp(asking[n], line->module, strlen(asking[n])) == 0)
            return 2;
    return class_of(line) == CLASS_ANY ? 1 : 0;
}

static void add_state(struct walk *w, size_t index, const struct state *state)
{
    struct states *set = &w->at[index];

    for (size_t n = 0; n < set->count; n++)
        if (memcmp(&set->state[n], state, sizeof(*state)) == 0)
            return;
    if (set->count == STATES_MAX)
        w->complex = true;
    else
        set->state[set->count++] = *state;
}

/* The next line that a decision inside a substack leads to: the first of a lower level. */
static size_t leave_substack(const struct walk *w, size_t index)
{
    unsigned level = w->line[index]->level;

    do
        index++;
    while (index < w->count && w->line[index]->level >= level && level > 0);
    return level == 0 ? w->count : index;
}

/* Skips `jump` modules of this level; a substack counts as one. False: past the end. */
static bool skip(const struct walk *w, size_t *index, int jump)
{
    unsigned level = w->line[*index]->level;
    size_t at = *index;

    while (jump > 0 && at + 1 < w->count && w->line[at + 1]->level >= level) {
        do
            at++;
        while (at + 1 < w->count && w->line[at + 1]->level > level);
        jump--;
    }
    *index = at;
    return jump == 0;
}

static void accept_value(struct state *s, enum pam_value value)
{
    bool first_success = s->impression == UNDEFINED && value == PAM_VALUE_SUCCESS;

    if (s->impression == NEGATIVE || (s->impression == POSITIVE && !s->passing))
        return;
    if (value == PAM_VALUE_IGNORE)
        return;
    if (first_success)
        s->impression = POSITIVE;
    s->passing = value == PAM_VALUE_SUCCESS || value == PAM_VALUE_NEW_AUTHTOK;
}

static void deny(struct state *s)
{
    s->impression = NEGATIVE;
    s->passing = 0;
}

static void take_action(struct walk *w, size_t index, struct state s, enum pam_value value,
                        int action)
{
    unsigned level = w->line[index]->level;
    size_t next = index;

    if (action == PAM_ACTION_OK || action == PAM_ACTION_DONE)
        accept_value(&s, value);
    else if (action == PAM_ACTION_BAD || action == PAM_ACTION_DIE)
        deny(&s);
    else if (action == PAM_ACTION_RESET) {
        s.impression = s.saved[level] & 3u;
        s.passing = s.saved[level] >> 2;
    } else if (action > 0 && !skip(w, &next, action))
        deny(&s);
    if (action == PAM_ACTION_DIE || (action == PAM_ACTION_DONE && s.impression == POSITIVE))
        add_state(w, leave_substack(w, index), &s);
    else
        add_state(w, next + 1, &s);
}

static int action_of(const struct walk *w, const struct pam_line *line, enum pam_value value)
{
    if (w->strict_ours && is_ours(line) && value >= PAM_VALUE_AUTH_ERR)
        return PAM_ACTION_BAD;
    return line->control.action[value];
}

static void enter_substacks(const struct walk *w, size_t index, struct state *s)
{
    unsigned before = index == 0 ? 0 : w->line[index - 1]->level;

    for (unsigned level = before + 1; level <= w->line[index]->level; level++)
        s->saved[level] = (unsigned char)(s->impression | s->passing << 2);
}

static void prefer(const struct walk *w, size_t index, struct state *s)
{
    if (s->by == NOBODY || weight(w->line[index]) > weight(w->line[s->by]))
        s->by = (unsigned short)index;
}

static void walk_line(struct walk *w, size_t index)
{
    const struct pam_line *line = w->line[index];
    enum class class = class_of(line);

    for (size_t n = 0; n < w->at[index].count; n++)
        for (int value = 0; value < PAM_VALUES; value++) {
            struct state s = w->at[index].state[n];
            if (!can_return(class, (enum pam_value)value))
                continue;
            enter_substacks(w, index, &s);
            if (value <= PAM_VALUE_NEW_AUTHTOK)
                prefer(w, index, &s);
            take_action(w, index, s, (enum pam_value)value,
                        action_of(w, line, (enum pam_value)value));
        }
}

static bool prepare(struct walk *w, const struct pam_stack *stack, enum pam_type type)
{
    struct state first = {.by = NOBODY};

    w->line = calloc(stack->count + 1, sizeof(struct pam_line *));
    if (w->line == NULL)
        return false;
    for (size_t n = 0; n < stack->count; n++)
        if (stack->line[n].type == type)
            w->line[w->count++] = &stack->line[n];
    if ((w->at = calloc(w->count + 1, sizeof(*w->at))) == NULL)
        return false;
    add_state(w, 0, &first);
    return true;
}

static void judge(const struct walk *w, struct pam_walk *out)
{
    const struct states *end = &w->at[w->count];

    for (size_t n = 0; n < end->count; n++) {
        const struct state *s = &end->state[n];
        const struct pam_line *by = s->by == NOBODY ? NULL : w->line[s->by];
        if (s->impression != POSITIVE || !s->passing)
            continue;
        out->granted = true;
        if (by != NULL && (out->by == NULL || weight(by) > weight(out->by)))
            out->by = by;
    }
}

int pam_walk(const struct pam_stack *stack, enum pam_type type, bool strict_ours,
             struct pam_walk *out)
{
    struct walk w = {.strict_ours = strict_ours};
    int err = PAM_WALK_COMPLEX;

    *out = (struct pam_walk){0};
    if (prepare(&w, stack, type)) {
        for (size_t n = 0; n < w.count; n++)
            walk_line(&w, n);
        judge(&w, out);
        err = w.complex ? PAM_WALK_COMPLEX : PAM_WALK_OK;
    }
    free(w.line);
    free(w.at);
    return err;
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

const char *pam_walk_break_glass(const struct pam_line *line, char *group, size_t cap)
{
    static const char condition[] = "user ingroup ";
    int action = line->control.action[PAM_VALUE_SUCCESS];
    const char *at;

    if (line->type != PAM_TYPE_AUTH || strcmp(line->module, "pam_succeed_if.so") != 0)
        return NULL;
    if (action <= 0 && action != PAM_ACTION_DONE)
        return NULL;
    if ((at = strstr(line->args, condition)) == NULL)
        return NULL;
    at += sizeof(condition) - 1;
    snprintf(group, cap, "%.*s", (int)strcspn(at, " \t"), at);
    return group[0] == '\0' ? NULL : group;
}
