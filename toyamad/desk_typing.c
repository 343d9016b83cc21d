/* SPDX-License-Identifier: Apache-2.0
 *
 * What is typed at the desk.
 */
#include "toyamad/desk.h"

#include "core/wire/wipe.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <string.h>

#define TYPE_SECONDS 120
#define ROUNDS       5

void desk_ask(struct task *t, enum desk_question question, const char *msg)
{
    t->desk.question = question;
    task_arm(t, TYPE_SECONDS);
    if (!t->done)
        task_ask(t, msg);
}

void desk_ask_new(struct task *t)
{
    wire_wipe(t->fresh, sizeof(t->fresh));
    if (t->desk.rounds++ == ROUNDS)
        task_done(t, ADMIN_REFUSED, "X20", "no new PIN after %d rounds", ROUNDS);
    else
        desk_ask(t, DESK_NEW, "X18");
}

static void ask_new_once_more(struct task *t, const char *why)
{
    task_event(t, why, NULL);
    desk_ask_new(t);
}

static void take_new(struct task *t, const char *secret)
{
    const struct desk_goal *goal = t->desk.goal;

    if (!goal->acceptable(secret)) {
        ask_new_once_more(t, goal->form);
    } else if (goal->differs && strcmp(secret, t->pin) == 0) {
        ask_new_once_more(t, "X77");
    } else {
        snprintf(t->fresh, sizeof(t->fresh), "%s", secret);
        desk_ask(t, DESK_AGAIN, "X19");
    }
}

static void take_again(struct task *t, const char *secret)
{
    if (strcmp(secret, t->fresh) == 0)
        t->desk.goal->fresh(t);
    else
        ask_new_once_more(t, "X20");
}

static void on_answer(struct task *t, const char *secret)
{
    enum desk_question question = t->desk.question;

    t->desk.question = DESK_NONE;
    if (question == DESK_NONE)
        task_done(t, ADMIN_USAGE, NULL, "no question is open");
    else if (secret[0] == '\0')
        task_done(t, ADMIN_REFUSED, NULL, "cancelled: nothing was typed");
    else if (question == DESK_PRESENT)
        t->desk.goal->present(t, secret);
    else if (question == DESK_NEW)
        take_new(t, secret);
    else
        take_again(t, secret);
}

static void on_late(struct task *t)
{
    bool typing = t->desk.question != DESK_NONE;

    task_done(t, ADMIN_UNAVAILABLE, !typing && t->desk.asked != 0 ? "X15" : "X06", "%s",
              typing ? "nothing was typed in time" : "no card or key answered in time");
}

void desk_begin_typing(struct task *t, const struct desk_goal *goal)
{
    static const struct task_ops ops = {on_answer, on_late};

    t->ops = &ops;
    t->desk = (struct desk){.goal = goal, .among = PROVE_ANY};
}
