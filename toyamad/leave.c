/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/leave.h"

#include "core/roster/life.h"
#include "toyamad/names.h"
#include "toyamad/rights.h"

#include <stdio.h>
#include <string.h>

uint8_t leave_finger_zones(const struct broker *b)
{
    const struct config *c = &b->config;

    return c->roster.kind == REGISTER_STATION ? c->roster.finger_zones
                                              : rights_zone_bit(c->policy.zone);
}

void leave_stop_cards(struct roster_record *r, enum roster_reason reason, struct leave *out)
{
    for (size_t n = 0; n < r->credentials; n++) {
        struct roster_credential *c = &r->credential[n];
        if (!roster_is_live(c))
            continue;
        c->state = ROSTER_STOPPED;
        c->reason = reason;
        out->cards++;
    }
}

int leave_delete_fingers(struct registry *reg, struct roster_record *r, struct leave *out)
{
    size_t used = 0;
    int err = REGISTRY_OK;

    for (size_t n = 0; n < r->fingers && err == REGISTRY_OK; n++) {
        used += (size_t)snprintf(out->finger + used, sizeof(out->finger) - used, "%s%s",
                                 n > 0 ? " " : "", names_finger(r->finger[n].finger));
        err = registry_template_delete(reg, r->finger[n].id);
    }
    out->fingers = r->fingers;
    r->fingers = 0;
    memset(r->finger, 0, sizeof(r->finger));
    return err;
}

void leave_describe(const struct task *t, const char *kind, const struct roster_record *r,
                    enum roster_reason reason, const struct leave *leave, struct chain_event *event)
{
    char cards[24];

    *event = (struct chain_event){0};
    snprintf(event->kind, sizeof(event->kind), "%s", kind);
    snprintf(cards, sizeof(cards), "%zu", leave->cards);
    chain_event_add(event, "person", r->number);
    chain_event_add(event, "reason", roster_reason_name(reason));
    if (leave->fingers > 0)
        chain_event_add(event, "finger", leave->finger);
    chain_event_add(event, "cards", cards);
    if (task_get(t, "form")[0] != '\0')
        chain_event_add(event, "form", task_get(t, "form"));
    chain_event_add(event, "operator", t->operator.number);
}
