/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/verb_station.h"

#include "toyamad/names.h"
#include "toyamad/station/swap.h"

#include <stdio.h>
#include <string.h>

void verb_station_fill(struct task *t, struct station *out)
{
    struct broker *b = t->broker;

    *out = (struct station){.reg = &b->registry,
                            .audit = &b->audit,
                            .keys = &b->keys,
                            .state = b->config.state,
                            .finger_zones = b->config.roster.finger_zones,
                            .now = broker_now(b)};
}

bool verb_station(struct task *t, struct station *out)
{
    if (t->broker->config.roster.kind != REGISTER_STATION) {
        task_done(t, ADMIN_REFUSED, "X43", "this host is no enrolment station");
        return false;
    }
    verb_station_fill(t, out);
    return true;
}

void verb_station_failed(struct task *t, const struct station *st, int err)
{
    const char *why = st->why[0] != '\0' ? st->why : registry_strerror(err);

    switch (err) {
    case REGISTRY_NONE:
        task_done(t, ADMIN_NOT_FOUND, NULL, "%s", why);
        break;
    case REGISTRY_EXISTS:
        task_done(t, ADMIN_EXISTS, NULL, "%s", why);
        break;
    case REGISTRY_CHANGED:
        task_done(t, ADMIN_REFUSED, "X44", "%s", why);
        break;
    case REGISTRY_REFUSED:
        task_done(t, ADMIN_REFUSED, "H03", "%s", why);
        break;
    case REGISTRY_LIMIT:
        task_done(t, ADMIN_REFUSED, NULL, "%s", why);
        break;
    case REGISTRY_ALTERED:
        task_done(t, ADMIN_REFUSED, "X45", "%s", why);
        break;
    case REGISTRY_STORE: /* what names no file of its own is about the state's */
        task_done(t, ADMIN_FAILED, "X97", "%s%s%s", strchr(why, '/') == NULL ? st->state : "",
                  strchr(why, '/') == NULL ? ": " : "", why);
        break;
    default:
        task_done(t, ADMIN_FAILED, NULL, "%s", why);
        break;
    }
}

static bool note(struct task *t, struct chain_event *event)
{
    struct broker *b = t->broker;
    struct registry_change change = {0};
    int err = registry_begin(&b->registry);

    registry_by(&b->registry, t->operator.id);
    if (err == REGISTRY_OK &&
        (err = registry_note(&b->registry, NULL, 0, broker_now(b), &change)) == REGISTRY_OK &&
        (err = swap_mark(&b->registry)) == REGISTRY_OK &&
        (err = audit_append(&b->audit, event, broker_now(b))) == REGISTRY_OK &&
        (err = registry_commit(&b->registry)) == REGISTRY_OK) {
        registry_settle(&b->registry, &change);
        audit_settle(&b->audit);
        return true;
    }
    registry_rollback(&b->registry);
    registry_drop(&change);
    audit_forget(&b->audit);
    task_fail_registry(t, err);
    return false;
}

bool verb_station_swap(struct task *t, struct chain_event *event)
{
    struct broker *b = t->broker;
    char why[256] = "";

    if (!note(t, event))
        return false;
    if (swap_finish(&b->registry, b->config.state, why, sizeof(why)) == REGISTRY_OK)
        return true;
    task_done(t, ADMIN_FAILED, NULL, "it is noted, and takes its place at the next start: %s", why);
    return false;
}

void verb_add_number(struct admin_pairs *row, const char *key, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    admin_pair_add(row, key, text);
}

void verb_add_time(struct admin_pairs *row, const char *key, int64_t when)
{
    char text[24];

    names_time(when, text);
    admin_pair_add(row, key, text);
}
