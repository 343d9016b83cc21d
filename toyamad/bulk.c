/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/bulk.h"

#include "toyamad/decoy.h"

#include <stdlib.h>

struct bulk_one {
    struct roster_record record;
    bool changed; /* there is a record */
    struct chain_event event;
};

static void take_back(struct bulk *b)
{
    if (!b->open)
        return;
    registry_batch_end(&b->batch);
    registry_rollback(&b->task->broker->registry);
    registry_drop(&b->batch.change);
    audit_forget(&b->task->broker->audit);
    b->open = false;
}

bool bulk_check(struct bulk *b, int err)
{
    if (err == REGISTRY_OK)
        return true;
    take_back(b);
    task_fail_registry(b->task, err);
    return false;
}

bool bulk_begin(struct bulk *b, struct task *t)
{
    struct registry *reg = &t->broker->registry;
    int err;

    audit_ready(&t->broker->audit);
    *b = (struct bulk){.task = t, .one = calloc(BULK_EVENTS_MAX, sizeof(*b->one))};
    err = b->one == NULL ? REGISTRY_FAILED : registry_begin(reg);
    if (err != REGISTRY_OK) {
        task_fail_registry(t, err);
        return false;
    }
    b->open = true;
    registry_by(reg, t->operator.id);
    return bulk_check(b, registry_batch_begin(reg, &b->batch));
}

static bool add(struct bulk *b, const struct roster_record *r, const struct chain_event *event)
{
    struct bulk_one *one = &b->one[b->count];

    if (b->count == BULK_EVENTS_MAX)
        return bulk_check(b, REGISTRY_LIMIT);
    b->count++;
    if (r != NULL)
        one->record = *r;
    one->changed = r != NULL;
    if (event != NULL)
        one->event = *event;
    return true;
}

bool bulk_put(struct bulk *b, const struct roster_record *r, const struct chain_event *event)
{
    return add(b, r, event) && bulk_check(b, registry_batch_put(&b->batch, r));
}

bool bulk_note(struct bulk *b, const struct chain_event *event)
{
    return add(b, NULL, event);
}

/* The head of the log covers the issue: that comes first. */
static int write_events(struct bulk *b, int64_t now)
{
    struct broker *broker = b->task->broker;
    int err = registry_batch_issue(&b->batch, now);

    for (size_t n = 0; n < b->count && err == REGISTRY_OK; n++)
        if (b->one[n].event.kind[0] != '\0')
            err = audit_append(&broker->audit, &b->one[n].event, now);
    return err == REGISTRY_OK ? registry_commit(&broker->registry) : err;
}

bool bulk_commit(struct bulk *b)
{
    struct broker *broker = b->task->broker;

    if (!bulk_check(b, write_events(b, broker_now(broker))))
        return false;
    registry_batch_end(&b->batch);
    registry_settle(&broker->registry, &b->batch.change);
    audit_settle(&broker->audit);
    for (size_t n = 0; n < b->count; n++)
        if (b->one[n].changed)
            decoy_put(broker->decoy, &b->one[n].record);
    b->open = false;
    return true;
}

const struct chain_event *bulk_event(const struct bulk *b, size_t n)
{
    return n < b->count ? &b->one[n].event : NULL;
}

const struct roster_record *bulk_record(const struct bulk *b, size_t n)
{
    return n < b->count ? &b->one[n].record : NULL;
}

void bulk_end(struct bulk *b)
{
    take_back(b);
    free(b->one);
    b->one = NULL;
}
