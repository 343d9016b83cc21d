/* SPDX-License-Identifier: Apache-2.0
 *
 * The account and session phases of PAM: no devices, one question, one answer.
 */
#include "toyamad/attempt.h"
#include "toyamad/client.h"
#include "toyamad/log.h"
#include "toyamad/rights.h"
#include "toyamad/station.h"

struct phase {
    char service[AUTH_NAME_MAX], user[AUTH_NAME_MAX], tty[AUTH_NAME_MAX], rhost[AUTH_NAME_MAX];
    const struct ticket *ticket;
};

static bool read_phase(struct client *c, const struct frame *f, struct phase *p)
{
    uint8_t id[AUTH_TICKET_LEN];

    *p = (struct phase){0};
    if (frame_text(f, AUTH_F_SERVICE, p->service, sizeof(p->service)) != WIRE_OK ||
        frame_text(f, AUTH_F_USER, p->user, sizeof(p->user)) != WIRE_OK ||
        (frame_has(f, AUTH_F_TTY) &&
         frame_text(f, AUTH_F_TTY, p->tty, sizeof(p->tty)) != WIRE_OK) ||
        (frame_has(f, AUTH_F_RHOST) &&
         frame_text(f, AUTH_F_RHOST, p->rhost, sizeof(p->rhost)) != WIRE_OK))
        return false;
    if (frame_fixed(f, AUTH_F_TICKET, id, sizeof(id)) == WIRE_OK)
        p->ticket = ticket_find(&c->broker->tickets, id, p->user, p->service, attempt_clock());
    return true;
}

/* The person of the ticket may have been stopped since, or have lost the right to be here. */
static bool still_active(struct broker *b, const struct phase *p)
{
    struct roster_record record;
    int64_t now = broker_now(b);

    if (!b->registry_good ||
        registry_by_id(&b->registry, p->ticket->person, &record) != REGISTRY_OK)
        return false;
    roster_record_effective(&record, now);
    return rights_person(&b->config.policy, &record, now) == PERSON_ACTIVE &&
           station_admits(b, record.id) && roster_record_has_login(&record, p->user);
}

static enum auth_result judge(struct broker *b, const struct phase *p)
{
    if (!b->config_good)
        return AUTH_MISCONFIGURED;
    if (p->ticket != NULL)
        return still_active(b, p) ? AUTH_GRANTED : AUTH_DENIED;
    if (policy_listed(b->config.policy.exempt, p->service) ||
        b->config.policy.zone != ZONE_INDIVIDUAL_NUMBER)
        return AUTH_GRANTED;
    return AUTH_DENIED;
}

static void record_refusal(struct broker *b, const struct phase *p)
{
    struct chain_event event = {.kind = "account-refused"};
    char service[LOG_VALUE_MAX], user[LOG_VALUE_MAX], rhost[LOG_VALUE_MAX];
    int err;

    chain_event_add(&event, "service", p->service);
    chain_event_add(&event, "user", p->user);
    chain_event_add(&event, "tty", p->tty);
    chain_event_add(&event, "rhost", p->rhost);
    log_notice("account: refused, not authenticated by an IC card: service=%s user=%s rhost=%s",
               log_value(p->service, service), log_value(p->user, user),
               log_value(p->rhost, rhost));
    if (!b->registry_good)
        return;
    err = audit_write(&b->audit, &event, broker_now(b));
    if (err != REGISTRY_OK)
        log_error("the refusal could not be recorded: %s", registry_strerror(err));
}

void auth_account(struct client *c, const struct frame *f)
{
    struct verdict v = {.result = AUTH_UNAVAILABLE};
    struct phase p;

    if (!read_phase(c, f, &p)) {
        client_close(c);
        return;
    }
    v.result = judge(c->broker, &p);
    if (v.result == AUTH_MISCONFIGURED)
        v.msg = "X09";
    else if (v.result == AUTH_DENIED)
        v.msg = "X23";
    if (v.result == AUTH_DENIED)
        record_refusal(c->broker, &p);
    client_verdict(c, &v);
    client_close(c);
}

void auth_session(struct client *c, const struct frame *f)
{
    const struct verdict v = {.result = AUTH_GRANTED};
    char service[LOG_VALUE_MAX], user[LOG_VALUE_MAX], tty[LOG_VALUE_MAX];
    struct phase p;
    uint32_t open = 0;

    if (!read_phase(c, f, &p) || frame_u32(f, AUTH_F_OPEN, &open) != WIRE_OK) {
        client_close(c);
        return;
    }
    log_notice("session: %s service=%s user=%s tty=%s", open == 1 ? "open" : "close",
               log_value(p.service, service), log_value(p.user, user), log_value(p.tty, tty));
    client_verdict(c, &v);
    client_close(c);
}
