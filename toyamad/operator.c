/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/operator.h"

#include "toyamad/broker.h"
#include "toyamad/log.h"
#include "toyamad/officer.h"
#include "toyamad/rights.h"

#include <stdio.h>
#include <string.h>

#define USEC UINT64_C(1000000)

static struct operator_session *find(struct broker *b, uid_t uid)
{
    for (size_t n = 0; n < OPERATORS_MAX; n++)
        if (b->operators.session[n].broker != NULL && b->operators.session[n].uid == uid)
            return &b->operators.session[n];
    return NULL;
}

static struct operator_session *find_free(struct broker *b)
{
    for (size_t n = 0; n < OPERATORS_MAX; n++)
        if (b->operators.session[n].broker == NULL)
            return &b->operators.session[n];
    return NULL;
}

static void add_uid(struct chain_event *event, uid_t uid)
{
    char text[16];

    snprintf(text, sizeof(text), "%u", (unsigned)uid);
    chain_event_add(event, "uid", text);
}

static bool close_session(struct operator_session *s, const char *cause)
{
    struct chain_event event = {.kind = "operator-closed"};
    struct broker *b = s->broker;
    int err;

    chain_event_add(&event, "cause", cause);
    add_uid(&event, s->uid);
    chain_event_add(&event, "operator", s->number);
    sd_event_source_disable_unref(s->idle);
    *s = (struct operator_session){0};
    err = audit_write(&b->audit, &event, broker_now(b));
    if (err != REGISTRY_OK)
        log_error("the end of an operator's session could not be recorded: %s",
                  registry_strerror(err));
    return err == REGISTRY_OK;
}

static int on_idle(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    close_session(userdata, "idle");
    return 0;
}

static bool arm(struct operator_session *s)
{
    uint64_t idle = s->broker->config.policy.operator_idle * USEC;

    s->idle = sd_event_source_disable_unref(s->idle);
    return sd_event_add_time_relative(s->broker->event, &s->idle, CLOCK_BOOTTIME, idle, USEC / 10,
                                      on_idle, s) >= 0;
}

/* Role bits, or 0 where what was proven no longer holds. */
static uint8_t roles_now(const struct operator_session *s)
{
    struct broker *b = s->broker;
    const struct policy *p = &b->config.policy;
    int64_t now = broker_now(b);
    struct roster_record r;

    if (registry_by_id(&b->registry, s->person, &r) != REGISTRY_OK)
        return 0;
    roster_record_effective(&r, now);
    for (size_t n = 0; n < r.credentials; n++)
        if (memcmp(r.credential[n].id, s->credential, ROSTER_ID_LEN) == 0 &&
            rights_credential(p, &r, n, now) == CREDENTIAL_ACTIVE)
            return officer_roles(b, &r);
    return 0;
}

void operator_identify(struct broker *b, uid_t uid, struct task_operator *out)
{
    struct operator_session *s = b->registry_good ? find(b, uid) : NULL;
    uint8_t roles = s != NULL ? roles_now(s) : 0;

    *out = (struct task_operator){0};
    if (roles != 0) {
        memcpy(out->id, s->person, ROSTER_ID_LEN);
        memcpy(out->number, s->number, sizeof(out->number));
        out->roles = roles;
        out->open = true;
        return;
    }
    if (s != NULL)
        close_session(s, "no-longer-valid");
    memcpy(out->id, roster_root_author, ROSTER_ID_LEN);
    if (uid == 0)
        snprintf(out->number, sizeof(out->number), "root");
    else
        snprintf(out->number, sizeof(out->number), "uid %u", (unsigned)uid);
}

void operator_stir(struct broker *b, uid_t uid)
{
    struct operator_session *s = find(b, uid);

    if (s != NULL && !arm(s))
        close_session(s, "out-of-memory");
}

uint32_t operator_left(struct broker *b, uid_t uid)
{
    const struct operator_session *s = find(b, uid);
    uint64_t at = 0, now = 0;

    if (s == NULL || sd_event_source_get_time(s->idle, &at) < 0 ||
        sd_event_now(b->event, CLOCK_BOOTTIME, &now) < 0 || at <= now)
        return 0;
    return (uint32_t)((at - now + USEC - 1) / USEC);
}

bool operator_begin(struct broker *b, uid_t uid, const struct roster_record *person,
                    const uint8_t credential[ROSTER_ID_LEN], struct chain_event *event)
{
    struct operator_session *s = find(b, uid);

    if (s != NULL && !close_session(s, "opened-anew"))
        return false;
    s = find_free(b);
    if (s == NULL)
        return false;
    add_uid(event, uid);
    if (audit_write(&b->audit, event, broker_now(b)) != REGISTRY_OK)
        return false;
    *s = (struct operator_session){.broker = b, .uid = uid};
    memcpy(s->person, person->id, ROSTER_ID_LEN);
    memcpy(s->credential, credential, ROSTER_ID_LEN);
    memcpy(s->number, person->number, sizeof(s->number));
    if (arm(s))
        return true;
    close_session(s, "out-of-memory");
    return false;
}

bool operator_close(struct broker *b, uid_t uid, const char *cause)
{
    struct operator_session *s = find(b, uid);

    return s != NULL && close_session(s, cause);
}

void operator_close_all(struct broker *b)
{
    for (size_t n = 0; n < OPERATORS_MAX; n++)
        if (b->operators.session[n].broker != NULL)
            close_session(&b->operators.session[n], "broker-ended");
}

bool operator_word(const char *number)
{
    return strcmp(number, "root") == 0 || strncmp(number, "uid ", 4) == 0;
}

void operator_roles_format(uint8_t roles, char *out, size_t cap)
{
    size_t used = 0;

    out[0] = '\0';
    for (unsigned bit = 1; bit <= ROSTER_ROLES_ALL && used < cap; bit <<= 1)
        if ((roles & bit) != 0)
            used += (size_t)snprintf(out + used, cap - used, "%s%s", used > 0 ? " " : "",
                                     roster_role_name((enum roster_role)bit));
}
