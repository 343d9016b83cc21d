/* SPDX-License-Identifier: Apache-2.0
 *
 * The end of an attempt: decide, write down, then tell. Nothing is granted elsewhere.
 */
#include "toyamad/attempt.h"

#include "core/wire/wipe.h"
#include "toyamad/log.h"
#include "toyamad/rights.h"

#include <stdlib.h>
#include <string.h>

/* What the person is told and PAM gets, by cause. `unproven` ones slow the terminal down. */
struct outcome {
    unsigned cause;
    const char *name;
    enum auth_result result;
    const char *msg;
    bool unproven;
};

static const struct outcome outcomes[] = {
    {DECISION_DENY, "not-proven", AUTH_DENIED, "M07", true},
    {DECISION_STOPPED, "stopped", AUTH_DENIED, "M08", false},
    {DECISION_EXPIRED, "expired", AUTH_DENIED, "M09", false},
    {DECISION_NOT_YET, "not-yet-valid", AUTH_DENIED, "M10", false},
    {DECISION_NOT_HERE, "no-right-here", AUTH_DENIED, "M12", false},
    {DECISION_LOCKED, "locked", AUTH_LOCKED, "M13", false},
    {DECISION_ROSTER, "registry", AUTH_UNAVAILABLE, "X13", false},
    {DECISION_CLOCK, "clock", AUTH_UNAVAILABLE, "X11", false},
    {DECISION_RECORD, "not-recorded", AUTH_UNAVAILABLE, "X12", false},
    {DECISION_REMOTE, "remote", AUTH_DENIED, "X08", false},
    {DECISION_TIME, "no-card", AUTH_DENIED, "X06", false},
    {DECISION_REMOVED, "card-removed", AUTH_DENIED, "X07", false},
    {DECISION_FACTORS, "factor-missing", AUTH_DENIED, "X09", false},
    {DECISION_CARD_KIND, "card-kind", AUTH_DENIED, "X35", false},
    {DECISION_NOT_NOW, "outside-hours", AUTH_DENIED, "M12h", false},
    {DECISION_CARD_EXPIRED, "card-expired", AUTH_DENIED, "M09", false},
    {DECISION_CARD_NOT_YET, "card-not-yet-valid", AUTH_DENIED, "M10t", false},
    {DECISION_ESCORT, "no-escort", AUTH_DENIED, "M24x", false},
    {CAUSE_CONFIG, "config", AUTH_MISCONFIGURED, "X09", false},
    {CAUSE_REGISTRY, "registry", AUTH_UNAVAILABLE, "X13", false},
    {CAUSE_ROSTER_OLD, "roster-too-old", AUTH_UNAVAILABLE, "M23x", false},
    {CAUSE_LENT, "temporary-card-in-use", AUTH_DENIED, "M08", false},
    {CAUSE_LENT_OVER, "temporary-card-over", AUTH_DENIED, "M09t", false},
    {CAUSE_NO_SERVICE, "no-pcscd", AUTH_UNAVAILABLE, "X10", false},
    {CAUSE_NO_READER, "no-reader", AUTH_UNAVAILABLE, "M14", false},
    {CAUSE_CARD_IN_USE, "card-in-use", AUTH_DENIED, "X14", false},
    {CAUSE_CARD_UNREADABLE, "card-unreadable", AUTH_DENIED, "X15", false},
    {CAUSE_PIN_LAST, "pin-last-try", AUTH_DENIED, "X03", false},
    {CAUSE_PIN_BLOCKED, "pin-blocked", AUTH_DENIED, "X04", false},
    {CAUSE_PIN_WRONG, "pin-wrong", AUTH_DENIED, "X31", false},
    {CAUSE_PIN_FORMAT, "pin-format", AUTH_DENIED, "X17", false},
    {CAUSE_JPKI_FORMAT, "jpki-pin-format", AUTH_DENIED, "X86", false},
    {CAUSE_JPKI_LAST, "jpki-pin-last", AUTH_DENIED, "X37", false},
    {CAUSE_JPKI_OTHER, "jpki-not-enrolled", AUTH_DENIED, "X38", true},
    {CAUSE_SECRET_WRONG, "secret-wrong", AUTH_DENIED, "X39", false},
    {CAUSE_UNTOUCHED, "not-touched", AUTH_DENIED, "X66", false},
    {CAUSE_TOKEN_UNREADABLE, "token-unreadable", AUTH_DENIED, "X65", false},
    {CAUSE_NO_PIN, "no-pin", AUTH_DENIED, "X06", false},
    {CAUSE_CARD_WORKER, "card-worker", AUTH_UNAVAILABLE, "X05", false},
    {CAUSE_NO_SENSOR, "no-sensor", AUTH_UNAVAILABLE, "M15", false},
    {CAUSE_SENSOR_FAULT, "sensor-fault", AUTH_UNAVAILABLE, "X16", false},
    {CAUSE_SENSOR_REFUSED, "sensor-refused", AUTH_UNAVAILABLE, "X28", false},
    {CAUSE_FINGERS_FEW, "too-few-fingers", AUTH_DENIED, "X33", false},
    {CAUSE_SENSOR_HOT, "sensor-hot", AUTH_UNAVAILABLE, "X27", false},
    {CAUSE_FINGER_WORKER, "finger-worker", AUTH_UNAVAILABLE, "X05", false},
    {CAUSE_FINGER_WRONG, "finger-wrong", AUTH_DENIED, "X32", false},
    {CAUSE_NO_FINGER, "no-finger", AUTH_DENIED, "X06", false},
    {CAUSE_SESSION, "session-inactive", AUTH_DENIED, "X36", false},
    {CAUSE_CROWD, "too-many", AUTH_UNAVAILABLE, "X21", false},
    {CAUSE_ABANDONED, "abandoned", AUTH_DENIED, NULL, false},
    {CAUSE_INTERNAL, "internal", AUTH_UNAVAILABLE, "X05", false},
};

static const struct outcome *find_outcome(unsigned cause)
{
    static const struct outcome unknown = {0, "unknown", AUTH_UNAVAILABLE, "X05", false};

    for (size_t n = 0; n < sizeof(outcomes) / sizeof(outcomes[0]); n++)
        if (outcomes[n].cause == cause)
            return &outcomes[n];
    return &unknown;
}

static bool lent_meanwhile(const struct attempt *a)
{
    return a->person.state == ROSTER_ACTIVE &&
           a->person.credential[a->credential].state == ROSTER_ACTIVE &&
           rights_suspended(&a->broker->config.policy, &a->person, a->credential,
                            broker_now(a->broker));
}

/* decide() tells apart what must be, the person is told more. */
static const struct outcome *outcome_of(const struct attempt *a, enum decision decision)
{
    if (decision == DECISION_REMOTE && a->origin == ORIGIN_INACTIVE)
        return find_outcome(CAUSE_SESSION);
    if (decision == DECISION_ROSTER && a->roster_old)
        return find_outcome(CAUSE_ROSTER_OLD);
    if (decision == DECISION_STOPPED && lent_meanwhile(a))
        return find_outcome(CAUSE_LENT);
    if (decision == DECISION_CARD_EXPIRED && a->person.credential[a->credential].temporary)
        return find_outcome(CAUSE_LENT_OVER);
    return find_outcome((unsigned)decision);
}

enum decision attempt_decide(struct attempt *a)
{
    struct evidence e = a->evidence;

    e.recorded = true;
    return decide(&a->broker->config.policy, &e);
}

static void add_number(struct chain_event *event, const char *key, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    chain_event_add(event, key, text);
}

static void add_credential(const struct attempt *a, struct chain_event *event)
{
    const uint8_t *id = a->person.credential[a->credential].id;
    char text[9];

    snprintf(text, sizeof(text), "%02x%02x%02x%02x", id[0], id[1], id[2], id[3]);
    chain_event_add(event, "card", text);
}

/* Toyama's own share: from insertion to now without the card, the person and the disk. */
static uint64_t own_time(const struct attempt *a)
{
    uint64_t all = a->present == 0 ? 0 : attempt_clock() - a->present;
    uint64_t others = a->waited + a->counts.micros + a->synced;

    return all > others ? all - others : 0;
}

static void describe(const struct attempt *a, const char *result, const char *cause,
                     struct chain_event *event)
{
    char factors[32];

    *event = (struct chain_event){.kind = "login"};
    chain_event_add(event, "result", result);
    chain_event_add(event, "cause", cause);
    chain_event_add(event, "service", a->service);
    chain_event_add(event, "user", a->user);
    chain_event_add(event, "tty", a->tty);
    if (a->rhost[0] != '\0')
        chain_event_add(event, "rhost", a->rhost);
    if (a->met) {
        chain_event_add(event, "person", a->person.number);
        add_credential(a, event);
    }
    policy_factors_format(a->evidence.proven, factors, sizeof(factors));
    chain_event_add(event, "factors", factors);
    if (a->evidence.instead != 0)
        chain_event_add(event, "exception", roster_reason_name(a->person.exception[0].reason));
    if (a->escort.proven)
        chain_event_add(event, "escort", a->escort.number);
    if (a->matched_finger != 0)
        add_number(event, "finger", a->matched_finger);
    if (a->reader[0] != '\0')
        chain_event_add(event, "reader", a->reader);
    add_number(event, "apdus", a->counts.apdus);
    add_number(event, "octets", (uint64_t)a->counts.sent + a->counts.received);
    add_number(event, "card_us", a->counts.micros);
    add_number(event, "own_us", own_time(a));
    add_number(event, "issue", a->broker->registry.issue.number);
}

static void log_outcome(const struct chain_event *event)
{
    char line[900] = "", value[LOG_VALUE_MAX];
    size_t used = 0;

    for (size_t n = 0; n < event->count && used < sizeof(line); n++) {
        int more = snprintf(line + used, sizeof(line) - used, "%s%s=%s", n == 0 ? "" : " ",
                            event->pair[n].key, log_value(event->pair[n].value, value));
        if (more < 0)
            break;
        used += (size_t)more;
    }
    log_notice("login: %s", line);
}

/* A user who starts su and leaves before a card was seen, again and again. */
static bool is_folded(struct attempt *a, const struct outcome *o)
{
    return (o->cause == CAUSE_ABANDONED || o->cause == CAUSE_CROWD || o->cause == CAUSE_SESSION) &&
           a->present == 0 && attempt_of_a_user(a) && folded_more(&a->broker->folded);
}

void attempt_write_folded(struct broker *b)
{
    struct chain_event event = {.kind = "login"};

    if (!b->registry_good || b->folded.left_out == 0)
        return;
    chain_event_add(&event, "result", "denied");
    chain_event_add(&event, "cause", "abandoned");
    folded_tell(&b->folded, &event);
    if (audit_write(&b->audit, &event, broker_now(b)) != REGISTRY_OK)
        log_error("%u abandoned attempts could not be recorded", b->folded.left_out);
    b->folded.left_out = 0;
}

/* The event and, on success, the cleared counters: one commit. */
static bool record(struct attempt *a, const struct outcome *o, enum decision decision)
{
    struct chain_event event;
    struct counter fresh = {.last_login = broker_now(a->broker)};
    bool granted = decision == DECISION_GRANT;
    uint64_t begun = attempt_clock();
    int err = REGISTRY_FAILED;

    if (is_folded(a, o))
        return true;
    attempt_wait_end(a);
    snprintf(fresh.last_place, sizeof(fresh.last_place), "%s", a->broker->config.policy.host);
    describe(a, granted ? "granted" : "denied", granted ? "" : o->name, &event);
    folded_tell(&a->broker->folded, &event);
    if (a->broker->registry_good)
        err = audit_write_counted(&a->broker->audit, &event, broker_now(a->broker), a->person.id,
                                  granted ? &fresh : NULL);
    a->synced += attempt_clock() - begun;
    log_outcome(&event);
    if (err != REGISTRY_OK)
        log_error("this login could not be recorded: %s", registry_strerror(err));
    else
        a->broker->folded.left_out = 0;
    return err == REGISTRY_OK;
}

static int on_free(sd_event_source *source, void *userdata)
{
    struct attempt *a = userdata;

    (void)source;
    sd_event_source_disable_unref(a->defer);
    wire_wipe(a, sizeof(*a));
    free(a);
    return 0;
}

/* Devices first, so that the next in the queue can have them, also where this one was the next and
 * sat out the throttle; memory from the event loop, since the callers up the stack still hold the
 * attempt. */
static void release(struct attempt *a)
{
    struct broker *b = a->broker;
    struct client *c = a->client;

    a->state = ATTEMPT_DONE;
    attempt_card_close(a);
    tokenlink_close(&a->token);
    fingerlink_close(&a->finger);
    a->wait = sd_event_source_disable_unref(a->wait);
    a->total = sd_event_source_disable_unref(a->total);
    a->retry = sd_event_source_disable_unref(a->retry);
    wire_wipe(a->pin, sizeof(a->pin));
    a->client = NULL;
    if (c != NULL) {
        c->attempt = NULL;
        client_close(c);
    }
    if (sd_event_add_defer(b->event, &a->defer, on_free, a) < 0)
        log_error("out of memory: an attempt is not freed");
    if (b->device_owner == a)
        b->device_owner = NULL;
    attempt_next_in_queue(b);
}

static void tell(struct attempt *a, const struct verdict *v)
{
    if (a->client != NULL)
        client_verdict(a->client, v);
}

static void deny(struct attempt *a, const struct outcome *o)
{
    struct args args;
    const struct verdict v = {.result = o->result, .msg = o->msg, .args = &args};

    attempt_refusal_args(a, o->cause, &args);
    if (o->unproven)
        throttle_refused(&a->broker->throttle, attempt_clock());
    tell(a, &v);
    release(a);
}

static void grant(struct attempt *a)
{
    const char *login = a->has_user ? a->user : a->person.login[0];
    const struct ticket *ticket =
        ticket_issue(&a->broker->tickets, a->person.id, login, a->service, attempt_clock());
    struct args args;
    struct verdict v = {.result = AUTH_GRANTED, .args = &args, .user = login};

    if (ticket == NULL) {
        deny(a, find_outcome(CAUSE_INTERNAL));
        return;
    }
    v.ticket = ticket->id;
    v.msg = attempt_greet(a, &args);
    tell(a, &v);
    release(a);
}

void attempt_fail(struct attempt *a, enum attempt_cause cause)
{
    const struct outcome *o = find_outcome((unsigned)cause);

    if (a->state == ATTEMPT_DONE || a->concluding)
        return;
    if (a->phase == PHASE_ESCORT && cause == (enum attempt_cause)DECISION_TIME)
        o = find_outcome(DECISION_ESCORT);
    attempt_escort_leave(a);
    a->concluding = true;
    record(a, o, DECISION_DENY);
    deny(a, o);
}

/* Outside of the individual-number zone a full disk must not keep everybody out, as long as there
 * is no counter that would have to change. */
static bool may_pass_unrecorded(const struct attempt *a)
{
    return a->broker->config.policy.zone != ZONE_INDIVIDUAL_NUMBER && a->tally.failures == 0;
}

void attempt_conclude(struct attempt *a)
{
    enum decision decision;

    if (a->phase == PHASE_ESCORT) {
        attempt_fail(a, (enum attempt_cause)DECISION_ESCORT);
        return;
    }
    if (a->state == ATTEMPT_DONE || a->concluding)
        return;
    a->concluding = true;
    if (a->prover != NULL)
        cardlink_drain(a->prover);
    tokenlink_drain(&a->token);
    if ((a->evidence.proven & FACTOR_POSSESSION) != 0)
        attempt_judge_person(a);
    attempt_look_at_origin(a);
    decision = attempt_decide(a);
    a->evidence.recorded = record(a, outcome_of(a, decision), decision);
    if (!a->evidence.recorded && may_pass_unrecorded(a)) {
        log_warning("the login goes on unrecorded: this zone allows it");
        a->evidence.recorded = true;
    }
    decision = decide(&a->broker->config.policy, &a->evidence);
    /* That somebody was refused for want of a record finds room where the login itself did not. */
    if (decision == DECISION_RECORD)
        record(a, outcome_of(a, decision), decision);
    if (decision == DECISION_GRANT)
        grant(a);
    else
        deny(a, outcome_of(a, decision));
}
