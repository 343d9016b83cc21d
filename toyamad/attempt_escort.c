/* SPDX-License-Identifier: Apache-2.0
 *
 * A contractor does not log in alone: a member of staff proves his own card in the same attempt.
 *
 * It comes right behind the proof of the contractor's card and before any other factor. With one
 * reader that card has to leave it, and what was proven by it is void: it proves itself once more
 * when it is back, and only then a finger is asked for. So every factor of the person who logs in
 * hangs on the card that lies in the reader at the verdict. A PIN that was typed is kept for that.
 * Where a tap is enough, nothing has to come back.
 *
 * While the member of staff is looked for, the attempt is about him: `ward` keeps the contractor.
 */
#include "toyamad/attempt.h"

#include "core/wire/wipe.h"
#include "toyamad/decoy.h"
#include "toyamad/log.h"
#include "toyamad/rights.h"
#include "toyamad/station.h"

#include <string.h>

#define CARD_USEC    300000
#define TOKEN_USEC   1000000
#define RESTARTS_MAX 50
#define IN(state)    (1u << (state))
/* What a person interrupts who takes his card away; not with a PIN under way. */
#define AT_A_CARD                                                                                  \
    (IN(ATTEMPT_HINT) | IN(ATTEMPT_LOOK) | IN(ATTEMPT_MATCH) | IN(ATTEMPT_PROVE) | IN(ATTEMPT_NEXT))

static void keep_ward(struct attempt *a)
{
    struct attempt_ward *w = &a->ward;

    w->person = a->person;
    w->found = a->found;
    w->credential = a->credential;
    w->met = a->met;
    w->tally = a->tally;
    w->evidence = a->evidence;
    memcpy(w->pin, a->pin, sizeof(w->pin));
    w->have_pin = a->have_pin;
    w->pin_asked = a->pin_asked;
    w->has_user = a->has_user;
}

static void restore_ward(struct attempt *a)
{
    const struct attempt_ward *w = &a->ward;

    a->person = w->person;
    a->found = w->found;
    a->credential = w->credential;
    a->met = w->met;
    a->tally = w->tally;
    a->evidence = w->evidence;
    memcpy(a->pin, w->pin, sizeof(a->pin));
    a->have_pin = w->have_pin;
    a->pin_asked = w->pin_asked;
    a->has_user = w->has_user;
    a->by_card = false;
    wire_wipe(&a->ward, sizeof(a->ward));
}

/* Nobody is known, and no card was seen. */
static void forget_person(struct attempt *a)
{
    const struct evidence before = a->evidence;

    a->evidence = (struct evidence){.roster_good = before.roster_good,
                                    .clock_good = before.clock_good,
                                    .local = before.local,
                                    .in_time = before.in_time};
    a->person = a->broker->decoy->record;
    a->found = false;
    a->met = false;
    a->has_user = false;
    a->by_card = true;
    a->pin_asked = 0;
    attempt_forget_pin(a);
}

/* Every card that may come now is met anew; a PIN goes to a worker that has met no other. */
static void search_again(struct attempt *a)
{
    attempt_card_close(a);
    tokenlink_close(&a->token);
    a->prover = &a->card;
    a->met_other = true;
    a->several = a->matched = a->looked = a->answered = a->usb_empty = a->by_usb = false;
    a->hint_read = false;
    a->hint_turn = a->turn = 0;
    a->hint_len = 0;
    a->token_count = 0;
    a->unmatched[0] = '\0';
    a->refusal = 0;
    a->others = a->waits = a->waiting = 0;
    a->state = ATTEMPT_CARD;
    attempt_card_begin(a);
    if (a->state != ATTEMPT_DONE && attempt_wants_token(a))
        attempt_token_begin(a);
}

static void await(struct attempt *a)
{
    attempt_arm(a, a->broker->config.policy.card_wait);
    if (a->state != ATTEMPT_DONE)
        search_again(a);
}

void attempt_escort_begin(struct attempt *a)
{
    keep_ward(a);
    forget_person(a);
    a->phase = PHASE_ESCORT;
    a->escort_other = false;
    attempt_message(a, attempt_wants_token(a) ? "M24k" : "M24", NULL);
    await(a);
}

void attempt_escort_leave(struct attempt *a)
{
    if (a->phase == PHASE_ESCORT)
        restore_ward(a);
    a->phase = PHASE_OWN;
}

bool attempt_is_ward(const struct attempt *a)
{
    return a->phase == PHASE_ESCORT && a->found &&
           memcmp(a->person.id, a->ward.person.id, ROSTER_ID_LEN) == 0;
}

static const struct roster_record *who_logs_in(const struct attempt *a)
{
    return a->phase == PHASE_ESCORT ? &a->ward.person : &a->person;
}

static bool is_staff(const struct roster_record *r)
{
    return r->category != ROSTER_CONTRACTOR && r->category != ROSTER_SUPPORT && !r->escort;
}

static bool may_attend(struct attempt *a, const struct roster_record *r, size_t credential)
{
    const struct policy *p = &a->broker->config.policy;
    int64_t now = broker_now(a->broker);
    struct counter tally = {0};

    return is_staff(r) && memcmp(r->id, who_logs_in(a)->id, ROSTER_ID_LEN) != 0 &&
           rights_person(p, r, now) == PERSON_ACTIVE && station_admits(a->broker, r->id) &&
           rights_credential(p, r, credential, now) == CREDENTIAL_ACTIVE &&
           (p->shared_keys || !roster_family_shared(r->credential[credential].family)) &&
           registry_counter_get(&a->broker->registry, r->id, &tally) == REGISTRY_OK &&
           tally.until <= now;
}

static size_t find_credential(const struct roster_record *r, const uint8_t id[ROSTER_ID_LEN])
{
    size_t n = 0;

    while (n < r->credentials && memcmp(r->credential[n].id, id, ROSTER_ID_LEN) != 0)
        n++;
    return n;
}

bool attempt_escorted(struct attempt *a)
{
    struct roster_record r;
    size_t credential;

    if (!a->escort.proven ||
        registry_by_id(&a->broker->registry, a->escort.person, &r) != REGISTRY_OK)
        return false;
    roster_record_effective(&r, broker_now(a->broker));
    credential = find_credential(&r, a->escort.card);
    return credential < r.credentials && may_attend(a, &r, credential);
}

/* The contractor's turn again. A PIN of the card needs it in the reader whatever `presence` says.
 */
static void let_ward_return(struct attempt *a)
{
    unsigned missing;

    restore_ward(a);
    a->phase = PHASE_RETURN;
    missing = attempt_asked(a) & ~a->evidence.proven;
    if (a->broker->config.policy.tap && (missing & FACTOR_PIN) == 0) {
        attempt_card_close(a);
        tokenlink_close(&a->token);
        attempt_possession_done(a);
        return;
    }
    a->evidence.proven = 0;
    a->evidence.instead = 0;
    a->evidence.card_present = false;
    a->return_asked = false;
    await(a);
}

static void refuse_card(struct attempt *a)
{
    log_notice("attendance: person=%s cannot attend %s", a->person.number, a->ward.person.number);
    if (a->by_usb) { /* it would be asked for a touch again and again */
        attempt_conclude(a);
        return;
    }
    forget_person(a);
    attempt_next_card(a);
}

/* A card was proven, by whoever attends. */
void attempt_escort_proven(struct attempt *a)
{
    a->escort.proven = true;
    memcpy(a->escort.person, a->person.id, ROSTER_ID_LEN);
    memcpy(a->escort.card, a->person.credential[a->credential].id, ROSTER_ID_LEN);
    memcpy(a->escort.number, a->person.number, sizeof(a->escort.number));
    if (attempt_escorted(a)) {
        let_ward_return(a);
        return;
    }
    a->escort = (struct attempt_escort){0};
    refuse_card(a);
}

static void say_what_is_awaited(struct attempt *a)
{
    const bool token = attempt_wants_token(a);

    if (a->phase == PHASE_ESCORT) {
        if (a->escort_other && !token)
            attempt_message(a, "M24w", NULL);
        a->escort_other = false;
    } else if (!a->return_asked) {
        attempt_message(a, token ? "X63" : "M24b", NULL);
        a->return_asked = true;
    }
}

void attempt_escort_empty(struct attempt *a)
{
    if (a->phase == PHASE_RETURN)
        say_what_is_awaited(a);
}

/* None of the cards that are there is the one: another one is awaited. */
bool attempt_escort_waits(struct attempt *a)
{
    if (a->phase == PHASE_OWN)
        return false;
    say_what_is_awaited(a);
    a->unmatched[0] = '\0';
    a->state = ATTEMPT_CARD;
    attempt_arm(a, a->broker->config.policy.card_wait);
    if (a->state != ATTEMPT_DONE)
        cardlink_simple(&a->card, CARD_OPEN);
    return true;
}

static int on_retry(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct attempt *a = userdata;

    (void)source;
    (void)usec;
    if (a->state == ATTEMPT_CARD && !a->concluding)
        search_again(a);
    return 0;
}

/* A reader may take a while to notice that its card has left, and the worker for keys on USB tells
 * once which are plugged in. */
static void look_later(struct attempt *a, uint64_t usec)
{
    attempt_card_close(a);
    tokenlink_close(&a->token);
    a->by_usb = false;
    a->state = ATTEMPT_CARD;
    a->retry = sd_event_source_disable_unref(a->retry);
    if (sd_event_add_time_relative(a->broker->event, &a->retry, CLOCK_MONOTONIC, usec, 0, on_retry,
                                   a) < 0)
        attempt_fail(a, CAUSE_INTERNAL);
}

/* Cards come and go here, and too early as well. */
bool attempt_escort_restarts(struct attempt *a)
{
    if (a->phase == PHASE_OWN || (IN(a->state) & AT_A_CARD) == 0)
        return false;
    if (++a->restarts > RESTARTS_MAX)
        return false;
    attempt_arm(a, a->broker->config.policy.card_wait);
    if (a->state != ATTEMPT_DONE)
        look_later(a, CARD_USEC);
    return true;
}

bool attempt_escort_looks_later(struct attempt *a)
{
    if (a->phase == PHASE_OWN)
        return false;
    say_what_is_awaited(a);
    look_later(a, TOKEN_USEC);
    return true;
}
