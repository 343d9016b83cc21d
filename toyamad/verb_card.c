/* SPDX-License-Identifier: Apache-2.0
 *
 * card enroll and card issue: places a card, finds its family and lets that go through its steps.
 */
#include "toyamad/enrol.h"
#include "toyamad/lone_zone.h"
#include "toyamad/temporary.h"

#include <string.h>

static const struct enrol_family *const families[] = {&enrol_piv, &enrol_jpki, &enrol_felica};

static void begin_family(struct task *t, const struct enrol_family *family)
{
    t->family = family;
    t->credential.family = family->family;
    t->credential.pin_ref = family->pin_ref;
    t->credential.keys = 0;
    t->credential.hint_len = 0;
    if (!roster_family_shared(family->family) || lone_zone_choose(t))
        family->begin(t);
}

/* The card is of another family than the one that was asked for. */
static void next_family(struct task *t)
{
    size_t n = 0;

    while (n < sizeof(families) / sizeof(families[0]) && families[n] != t->family)
        n++;
    if (t->lending)
        task_done(t, ADMIN_REFUSED, "K13", "only PIV cards are lent");
    else if (n + 1 < sizeof(families) / sizeof(families[0]))
        begin_family(t, families[n + 1]);
    else
        task_done(t, ADMIN_REFUSED, "K13",
                  "this is neither a PIV card, nor a My Number card, nor a FeliCa Lite-S card");
}

static void on_waiting(struct task *t, const struct card_event *e)
{
    if (e->reason == CARD_NO_READER)
        task_event(t, "M14", NULL);
    else if (e->reason == CARD_NO_SERVICE)
        task_done(t, ADMIN_UNAVAILABLE, "X10", "pcscd does not answer");
    else if (e->reason == CARD_IN_USE)
        task_event(t, "X14", NULL);
}

static void on_failed(struct task *t, const struct card_event *e)
{
    if (t->step == ENROL_FIRST && e->reason == CARD_UNKNOWN)
        next_family(t);
    else if (!t->family->failed(t, e))
        enrol_failed(t, e);
}

static void on_event(void *ctx, const struct card_event *e)
{
    struct task *t = ctx;
    bool begun = t->step != 0;

    if (t->done)
        return;
    if (e->type == CARD_LINK_DEAD)
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-card ended");
    else if (e->type == CARD_REMOVED && begun)
        task_done(t, ADMIN_UNAVAILABLE, "X07", "the card was removed");
    else if (e->type == CARD_WAITING)
        on_waiting(t, e);
    else if (e->type == CARD_PRESENT && !begun)
        begin_family(t, t->family);
    else if (e->type == CARD_OBJECT && begun)
        t->family->object(t, e);
    else if ((e->type == CARD_SIGNED || e->type == CARD_CHANGED) && begun)
        t->family->answered(t, e);
    else if (e->type == CARD_FAILED && begun)
        on_failed(t, e);
    else
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-card: message out of turn");
}

static void on_answer(struct task *t, const char *secret)
{
    if (t->family->typed == NULL)
        task_done(t, ADMIN_USAGE, NULL, "no question is open");
    else if (secret[0] == '\0')
        task_done(t, ADMIN_REFUSED, NULL, "cancelled: nothing was typed");
    else
        t->family->typed(t, secret);
}

static void on_late(struct task *t)
{
    task_done(t, ADMIN_UNAVAILABLE, t->step == 0 ? "X06" : "X15",
              t->step == 0 ? "no card was placed" : "no answer in time");
}

static bool prepare(struct task *t)
{
    const char *label = task_get(t, "label");

    if (!task_find_person(t))
        return false;
    if (strlen(label) >= ROSTER_TEXT_MAX) {
        task_done(t, ADMIN_USAGE, NULL, "the label is too long");
        return false;
    }
    t->credential = (struct roster_credential){.state = ROSTER_ACTIVE, .family = t->family->family};
    memcpy(t->credential.label, label, strlen(label) + 1);
    if (crypto_random(t->credential.id, ROSTER_ID_LEN) == CRYPTO_OK)
        return (!t->lending || temporary_prepare(t)) && reissue_prepare(t);
    task_done(t, ADMIN_FAILED, NULL, "no random numbers");
    return false;
}

static void place_card(struct task *t, const struct enrol_family *first)
{
    static const struct task_ops ops = {on_answer, on_late};

    t->ops = &ops;
    t->family = first;
    if (!prepare(t) || !task_take_devices(t))
        return;
    task_event(t, "K12", NULL);
    task_arm(t, ENROL_PLACE_SECONDS);
    if (!t->done && !cardlink_open(&t->card, t->broker, t->id, admin_pair_get(&t->pairs, "reader"),
                                   on_event, t))
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-card could not be started");
}

void card_enroll(struct task *t)
{
    place_card(t, families[0]);
}

void enrol_lend(struct task *t)
{
    t->lending = true;
    place_card(t, &enrol_piv);
}

void card_issue(struct task *t)
{
    place_card(t, &enrol_felica_issue);
}
