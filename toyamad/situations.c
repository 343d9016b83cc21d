/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/situations.h"

#include "toyamad/registry/stock.h"

bool situation_reason(struct task *t, unsigned allowed, enum roster_reason *out)
{
    const char *word = task_get(t, "reason");
    enum roster_reason reason = ROSTER_NO_REASON;

    if (word[0] == '\0')
        return true;
    if (!roster_reason_parse(word, &reason) || (allowed & 1U << reason) == 0) {
        task_done(t, ADMIN_USAGE, NULL, "\"%s\" is no reason for this", word);
        return false;
    }
    *out = reason;
    return true;
}

void situation_describe(struct task *t, const char *kind, const struct roster_credential *c,
                        struct chain_event *event)
{
    task_describe(t, kind, c, event);
    chain_event_add(event, "family", roster_family_name(c->family));
    if (c->label[0] != '\0')
        chain_event_add(event, "label", c->label);
    if (c->reason != ROSTER_NO_REASON)
        chain_event_add(event, "reason", roster_reason_name(c->reason));
    if (task_get(t, "form")[0] != '\0')
        chain_event_add(event, "form", task_get(t, "form"));
}

bool situation_store(struct task *t, const char *label, unsigned stock, struct chain_event *event)
{
    struct registry *reg = &t->broker->registry;
    int err;

    audit_ready(&t->broker->audit);
    err = registry_begin(reg);
    if (err == REGISTRY_OK && label[0] != '\0' &&
        (err = registry_stock_set(reg, label, stock, broker_now(t->broker))) != REGISTRY_OK)
        registry_rollback(reg);
    if (err == REGISTRY_OK)
        return task_store_open(t, event);
    task_fail_registry(t, err);
    return false;
}
