/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/pam_dispatch.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STATES_MAX 512 /* different states at one line */
#define NOBODY     UINT16_MAX

enum impression { UNDEFINED = 0, POSITIVE = 1, NEGATIVE = 2 };
enum status { FAILED = 0, SUCCEEDED = 1, NEW_PASSWORD = 2 };

/* What libpam remembers between two lines. */
struct state {
    uint8_t impression;
    uint8_t status;
    uint16_t by; /* heaviest line that succeeded */
    /* Impression and status at the start of each substack, for `reset`. */
    uint8_t saved[PAM_PARSE_DEPTH_MAX + 2];
};
_Static_assert(sizeof(struct state) == 4 + PAM_PARSE_DEPTH_MAX + 2, "compared as octets");

struct states {
    size_t count;
    struct state state[STATES_MAX];
};

struct walk {
    const struct pam_dispatch_model *model;
    const struct pam_line **line;
    size_t count;
    struct states *at; /* count + 1: what may hold before each line, and at the end */
    bool complex;
};

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

/* Where a decision leads: behind the substack that it was made in. */
static size_t leave_substack(const struct walk *w, size_t index)
{
    unsigned level = w->line[index]->level;

    do
        index++;
    while (index < w->count && w->line[index]->level >= level);
    return index;
}

/* Moves to the last of `jump` skipped modules; a substack counts as one. False: past the end. */
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

static uint8_t status_of(enum pam_value value)
{
    if (value == PAM_VALUE_SUCCESS)
        return SUCCEEDED;
    return value == PAM_VALUE_NEW_AUTHTOK ? NEW_PASSWORD : FAILED;
}

static void accept_value(struct state *s, enum pam_value value)
{
    if (s->impression == NEGATIVE || (s->impression == POSITIVE && s->status != SUCCEEDED))
        return;
    s->impression = POSITIVE;
    s->status = status_of(value);
}

/* The first denial's status is the one that the application gets. */
static void deny(struct state *s, enum pam_value value)
{
    if (s->impression == NEGATIVE)
        return;
    s->impression = NEGATIVE;
    s->status = status_of(value);
}

static void reset(struct state *s, unsigned level)
{
    s->impression = s->saved[level] & 3u;
    s->status = s->saved[level] >> 2;
}

/* Changes the state; true where the stack is decided. */
static bool apply(struct state *s, unsigned level, enum pam_value value, int action)
{
    if (action == PAM_ACTION_OK || action == PAM_ACTION_DONE)
        accept_value(s, value);
    else if (action == PAM_ACTION_BAD || action == PAM_ACTION_DIE)
        deny(s, value);
    else if (action == PAM_ACTION_RESET)
        reset(s, level);
    return action == PAM_ACTION_DIE || (action == PAM_ACTION_DONE && s->impression == POSITIVE);
}

static void follow(struct walk *w, size_t index, struct state s, enum pam_value value)
{
    const struct pam_line *line = w->line[index];
    int action = w->model->action(line, value);
    size_t last = index;

    if (action > 0 && !skip(w, &last, action)) {
        s.impression = NEGATIVE;
        s.status = FAILED;
    }
    if (apply(&s, line->level, value, action))
        add_state(w, leave_substack(w, index), &s);
    else
        add_state(w, last + 1, &s);
}

static void enter_substack(const struct walk *w, size_t index, struct state *s)
{
    unsigned level = w->line[index]->level;

    if (index > 0 && w->line[index - 1]->level < level)
        s->saved[level] = (uint8_t)(s->impression | s->status << 2);
}

static void prefer(const struct walk *w, size_t index, struct state *s)
{
    if (s->by == NOBODY || w->model->weight(w->line[index]) > w->model->weight(w->line[s->by]))
        s->by = (uint16_t)index;
}

static void walk_state(struct walk *w, size_t index, struct state s)
{
    enter_substack(w, index, &s);
    if (w->line[index]->substack) {
        add_state(w, index + 1, &s);
        return;
    }
    for (int value = 0; value < PAM_VALUES; value++) {
        struct state next = s;
        if (!w->model->can_return(w->line[index], (enum pam_value)value))
            continue;
        if (status_of((enum pam_value)value) != FAILED)
            prefer(w, index, &next);
        follow(w, index, next, (enum pam_value)value);
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

/* After pam_acct_mgmt applications go on with PAM_NEW_AUTHTOK_REQD once the password is changed,
 * whatever libpam thinks of the stack. */
static bool goes_on(const struct state *s, enum pam_type type)
{
    if (s->status == NEW_PASSWORD)
        return type == PAM_TYPE_ACCOUNT;
    return s->status == SUCCEEDED && s->impression == POSITIVE;
}

static void judge(const struct walk *w, enum pam_type type, struct pam_dispatch *out)
{
    const struct states *end = &w->at[w->count];

    for (size_t n = 0; n < end->count; n++) {
        const struct state *s = &end->state[n];
        const struct pam_line *by = s->by == NOBODY ? NULL : w->line[s->by];
        if (!goes_on(s, type))
            continue;
        out->granted = true;
        if (by != NULL && (out->by == NULL || w->model->weight(by) > w->model->weight(out->by)))
            out->by = by;
    }
}

int pam_dispatch(const struct pam_stack *stack, enum pam_type type,
                 const struct pam_dispatch_model *model, struct pam_dispatch *out)
{
    struct walk w = {.model = model};
    int err = PAM_DISPATCH_COMPLEX;

    *out = (struct pam_dispatch){0};
    if (prepare(&w, stack, type)) {
        for (size_t n = 0; n < w.count; n++)
            for (size_t i = 0; i < w.at[n].count; i++)
                walk_state(&w, n, w.at[n].state[i]);
        judge(&w, type, out);
        err = w.complex ? PAM_DISPATCH_COMPLEX : PAM_DISPATCH_OK;
    }
    free(w.line);
    free(w.at);
    return err;
}

int pam_dispatch_action(const struct pam_line *line, enum pam_value value)
{
    return line->control.action[value];
}
