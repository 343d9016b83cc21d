/* SPDX-License-Identifier: Apache-2.0
 *
 * card test.
 */
#include "toyamad/task.h"

#include <stdio.h>
#include <string.h>

#define PLACE_SECONDS 60

/* The free keys of the person's cards, shape by shape, as a login asks them. */
static bool sign(struct task *t)
{
    struct card_signing signing = {0};
    struct prove_shape shape;

    if (!prove_free_shape(&t->person, FACTOR_CARD, (unsigned)t->index, &shape))
        return false;
    if (prove_begin(&t->proof, &t->broker->config.policy, PROOF_CARD_9E, &shape, &signing) !=
        PROOF_OK)
        task_done(t, ADMIN_FAILED, NULL, "a challenge could not be made");
    else
        cardlink_sign(&t->card, &signing);
    return true;
}

/* The card whose free key made the answer, or NULL. */
static const struct roster_credential *signer(struct task *t, const struct card_event *e)
{
    size_t owner = 0;

    if (prove_check(&t->proof, &t->broker->registry, &t->person, PROVE_ANY, e->data, e->len,
                    &owner) != PROOF_OK)
        return NULL;
    return &t->person.credential[owner];
}

static void add_number(struct admin_pairs *row, const char *key, uint32_t value)
{
    char text[16];

    snprintf(text, sizeof(text), "%u", value);
    admin_pair_add(row, key, text);
}

static void report(struct task *t, const struct card_event *e, const struct roster_credential *c)
{
    struct chain_event event = {.kind = "card-tested"};
    struct admin_pairs row = {0};

    chain_event_add(&event, "person", t->person.number);
    chain_event_add(&event, "proven", c != NULL ? "yes" : "no");
    chain_event_add(&event, "operator", t->operator.number);
    if (!task_event_only(t, &event))
        return;
    admin_pair_add(&row, "proven", c != NULL ? "yes" : "no");
    add_number(&row, "apdus", e->counts.apdus);
    add_number(&row, "sent", e->counts.sent);
    add_number(&row, "received", e->counts.received);
    add_number(&row, "micros", e->counts.micros);
    task_row(t, &row);
    if (c == NULL)
        task_done(t, ADMIN_REFUSED, "K13", "this is not a card of %s", t->person.number);
    else if (c->state != ROSTER_ACTIVE)
        task_done(t, ADMIN_REFUSED, "M08", "this card is %s", roster_state_name(c->state));
    else
        task_done(t, ADMIN_OK, NULL, "%s", "");
}

static void on_failed(struct task *t, const struct card_event *e)
{
    bool other = e->reason == CARD_ABSENT || e->reason == CARD_UNKNOWN;

    t->index++;
    if (e->reason == CARD_GONE)
        task_done(t, ADMIN_UNAVAILABLE, "X07", "the card was removed");
    else if (!other || !sign(t))
        report(t, e, NULL);
}

static void on_signed(struct task *t, const struct card_event *e)
{
    const struct roster_credential *c = signer(t, e);

    t->index++;
    if (c != NULL || !sign(t))
        report(t, e, c);
}

static void on_present(struct task *t)
{
    if (!sign(t))
        task_done(t, ADMIN_REFUSED, NULL, "no card of this person has a key that needs no PIN");
}

static void on_event(void *ctx, const struct card_event *e)
{
    struct task *t = ctx;

    if (t->done)
        return;
    if (e->type == CARD_PRESENT)
        on_present(t);
    else if (e->type == CARD_SIGNED)
        on_signed(t, e);
    else if (e->type == CARD_FAILED)
        on_failed(t, e);
    else if (e->type == CARD_WAITING && e->reason == CARD_NO_SERVICE)
        task_done(t, ADMIN_UNAVAILABLE, "X10", "pcscd does not answer");
    else if (e->type == CARD_WAITING && e->reason == CARD_NO_READER)
        task_event(t, "M14", NULL);
    else if (e->type != CARD_WAITING)
        task_done(t, ADMIN_UNAVAILABLE, "X07", "the card was removed or the worker ended");
}

static void on_late(struct task *t)
{
    task_done(t, ADMIN_UNAVAILABLE, "X06", "no card was placed, or it did not answer");
}

void card_test(struct task *t)
{
    static const struct task_ops ops = {NULL, on_late};

    t->ops = &ops;
    if (!task_find_person(t) || !task_take_devices(t))
        return;
    task_event(t, "K12", NULL);
    task_arm(t, PLACE_SECONDS);
    if (!t->done && !cardlink_open(&t->card, t->broker, t->id, NULL, on_event, t))
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-card could not be started");
}
