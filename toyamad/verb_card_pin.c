/* SPDX-License-Identifier: Apache-2.0
 *
 * card change-pin and card unblock. The card is found and proven first; what is typed goes to
 * another worker, which meets this card only and proves it again in the same transaction.
 */
#include "toyamad/task.h"

#include "core/wire/wipe.h"

#include <stdio.h>
#include <string.h>

#define PROMPTS 3
#define PIN_MIN 6 /* SP 800-73-4 part 2, 2.4.3, of PIN and PUK */
#define PIN_MAX 8

enum step { STEP_FIND = 0, STEP_TRIES, STEP_TYPE, STEP_CHANGE };

/* What the two verbs have of their own. */
struct kind {
    const char *ask;                    /* prompt for PIN or PUK */
    const char *wrong;                  /* it does not match */
    const char *over;                   /* no more tries */
    const char *begun, *done, *refused; /* events */
    bool unblock;
};

static const struct kind change = {
    "X67", "X02", "X72", "card-pin-changing", "card-pin-changed", "card-pin-refused", false};
static const struct kind unblock = {
    "X73", "X74", "X75", "card-unblocking", "card-unblocked", "card-unblock-refused", true};

static const struct kind *kind_of(const struct task *t)
{
    return strcmp(t->verb, "card.unblock") == 0 ? &unblock : &change;
}

static bool is_card_pin(const char *pin)
{
    size_t len = strlen(pin);

    return len >= PIN_MIN && len <= PIN_MAX && strspn(pin, "0123456789") == len;
}

static bool is_puk(const char *puk)
{
    size_t len = strlen(puk);

    return len >= PIN_MIN && len <= PIN_MAX;
}

static bool note(struct task *t, const char *what)
{
    struct chain_event event;

    task_describe(t, what, &t->credential, &event);
    return task_event_only(t, &event);
}

static void refuse(struct task *t, const char *why)
{
    task_done(t, ADMIN_REFUSED, kind_of(t)->over, "%s", why);
}

static void unreadable(struct task *t, const struct card_event *e)
{
    task_done(t, ADMIN_UNAVAILABLE, e->reason == CARD_GONE ? "X07" : "X15",
              "the card did not do it (reason %u, SW %04X)", e->reason, e->sw);
}

static void ask_present(struct task *t)
{
    t->step = STEP_TYPE;
    if (t->tries++ == PROMPTS)
        task_done(t, ADMIN_REFUSED, "X31", "wrong %d times", PROMPTS);
    else
        desk_ask(t, DESK_PRESENT, kind_of(t)->ask);
}

static void begin_typing(struct task *t)
{
    cardlink_close(&t->card);
    if (!kind_of(t)->unblock)
        task_event(t, "X70", NULL);
    ask_present(t);
}

static void warn(struct task *t, const struct card_event *e)
{
    if (!kind_of(t)->unblock && e->has_tries && e->tries == 2)
        task_event(t, "X71", NULL);
}

static void write_pin(struct task *t)
{
    const struct card_change it = {.family = CARD_PIV,
                                   .pin_ref = t->credential.pin_ref,
                                   .pin = t->pin,
                                   .fresh = t->fresh,
                                   .unblock = kind_of(t)->unblock};

    if (!note(t, kind_of(t)->begun))
        return;
    t->step = STEP_CHANGE;
    task_arm(t, DESK_ANSWER_SECONDS);
    if (!t->done)
        cardlink_change(&t->card, &it);
}

static void on_proven(struct task *t)
{
    if (t->credential.family != CARD_PIV) {
        task_done(t, ADMIN_REFUSED, "X79", "this card has no PIN that can be changed");
    } else if (t->step == STEP_TYPE) {
        write_pin(t);
    } else if (kind_of(t)->unblock) {
        begin_typing(t);
    } else {
        t->step = STEP_TRIES;
        cardlink_tries(&t->card, CARD_PIV, t->credential.pin_ref);
    }
}

static void on_tries(struct task *t, const struct card_event *e)
{
    if (e->type == CARD_FAILED && e->reason == CARD_ABSENT) {
        task_done(t, ADMIN_REFUSED, "X79", "the card does not know this PIN");
    } else if (e->type == CARD_FAILED && e->reason != CARD_PIN_BLOCKED) {
        unreadable(t, e);
    } else if (e->type == CARD_FAILED || (e->has_tries && e->tries <= 1)) {
        refuse(t, "the card has no try of its PIN to be used");
    } else {
        warn(t, e);
        begin_typing(t);
    }
}

/* The event before it is on disk: whatever became of the card, the log says that it was tried. */
static void on_changed(struct task *t)
{
    struct chain_event event;
    int err;

    task_describe(t, kind_of(t)->done, &t->credential, &event);
    err = audit_write(&t->broker->audit, &event, broker_now(t->broker));
    if (err == REGISTRY_OK)
        task_done(t, ADMIN_OK, NULL, "%s", "");
    else
        task_done(t, ADMIN_FAILED, "X25", "the card has its new PIN, but the event is lost: %s",
                  registry_strerror(err));
}

static void on_wrong(struct task *t, const struct card_event *e)
{
    struct args args = {0};

    if (e->has_tries && e->tries <= 1) {
        refuse(t, "wrong, and no try is left that may be used");
        return;
    }
    if (e->has_tries)
        args_add_number(&args, "tries", e->tries - 1);
    task_event(t, kind_of(t)->wrong, &args);
    warn(t, e);
    ask_present(t);
}

static void on_refused(struct task *t, const struct card_event *e)
{
    bool other = e->reason == CARD_ABSENT || e->reason == CARD_REFUSED;

    cardlink_close(&t->card);
    if (!note(t, kind_of(t)->refused))
        return;
    if (e->reason == CARD_PIN_WRONG) {
        on_wrong(t, e);
    } else if (e->reason == CARD_PIN_FORMAT) {
        task_event(t, "X17", NULL);
        desk_ask_new(t);
    } else if (e->reason == CARD_PIN_LAST || e->reason == CARD_PIN_BLOCKED ||
               (other && kind_of(t)->unblock)) {
        refuse(t, "the card has no try to be used, or no such PUK");
    } else {
        unreadable(t, e);
    }
}

static void on_card(struct task *t, const struct card_event *e)
{
    if (t->step == STEP_TRIES && (e->type == CARD_OBJECT || e->type == CARD_FAILED))
        on_tries(t, e);
    else if (t->step == STEP_CHANGE && e->type == CARD_CHANGED)
        on_changed(t);
    else if (t->step == STEP_CHANGE && e->type == CARD_FAILED)
        on_refused(t, e);
    else
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-card: message out of turn");
}

static void put_to_card(struct task *t)
{
    t->step = STEP_TYPE;
    if (desk_still_valid(t))
        desk_again(t);
}

static void on_present(struct task *t, const char *secret)
{
    bool good = kind_of(t)->unblock ? is_puk(secret) : is_card_pin(secret);

    if (!good) {
        task_event(t, kind_of(t)->unblock ? "X74" : "X17", NULL);
        ask_present(t);
        return;
    }
    snprintf(t->pin, sizeof(t->pin), "%s", secret);
    if (t->fresh[0] != '\0') {
        put_to_card(t);
        return;
    }
    if (kind_of(t)->unblock)
        task_event(t, "X70", NULL);
    desk_ask_new(t);
}

static const struct desk_goal change_goal = {.by_name = true,
                                             .differs = true,
                                             .form = "X17",
                                             .my_number = "X68",
                                             .acceptable = is_card_pin,
                                             .proven = on_proven,
                                             .card = on_card,
                                             .present = on_present,
                                             .fresh = put_to_card};
static const struct desk_goal unblock_goal = {.by_name = true,
                                              .form = "X17",
                                              .my_number = "X68",
                                              .acceptable = is_card_pin,
                                              .proven = on_proven,
                                              .card = on_card,
                                              .present = on_present,
                                              .fresh = put_to_card};

static bool has_family(const struct task *t, size_t among, uint8_t family)
{
    for (size_t n = 0; n < t->person.credentials; n++)
        if ((among == PROVE_ANY || among == n) && t->person.credential[n].family == family &&
            t->person.credential[n].state == ROSTER_ACTIVE)
            return true;
    return false;
}

static void begin(struct task *t, const struct desk_goal *goal)
{
    const char *prefix = task_get(t, "card");
    const struct roster_credential *named = NULL;
    size_t among = PROVE_ANY;

    if (!task_find_person(t) ||
        (prefix[0] != '\0' && (named = task_choose_card(t, prefix)) == NULL))
        return;
    if (named != NULL)
        among = (size_t)(named - t->person.credential);
    if (has_family(t, among, CARD_PIV))
        desk_begin(t, goal, among);
    else if (has_family(t, among, CARD_JPKI))
        task_done(t, ADMIN_REFUSED, "X68", "the PIN of a My Number card is not changed here");
    else
        task_done(t, ADMIN_NOT_FOUND, "X79", "no card of this person has a PIN of its own");
}

void card_change_pin(struct task *t)
{
    begin(t, &change_goal);
}

void card_unblock(struct task *t)
{
    begin(t, &unblock_goal);
}
