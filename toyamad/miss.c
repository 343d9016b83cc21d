/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/miss.h"

#include <stdio.h>

static struct counter with_one_more(const struct policy *p, struct counter tally, int64_t now)
{
    if (tally.until != 0 && tally.until <= now) {
        tally.until = 0;
        tally.failures = 0;
    }
    if (tally.failures < UINT32_MAX)
        tally.failures++;
    if (tally.misses < UINT32_MAX)
        tally.misses++;
    if (tally.failures >= p->lock_after)
        tally.until = p->lock_admin_only ? INT64_MAX : now + p->lock_time;
    return tally;
}

int miss_count(struct broker *b, const struct roster_record *person, const char *kind,
               const char *service)
{
    struct chain_event event = {0};
    int64_t now = broker_now(b);
    struct counter tally;
    int err = registry_counter_get(&b->registry, person->id, &tally);

    if (err != REGISTRY_OK)
        return err;
    tally = with_one_more(&b->config.policy, tally, now);
    snprintf(event.kind, sizeof(event.kind), "%s", kind);
    chain_event_add(&event, "person", person->number);
    chain_event_add(&event, "service", service);
    chain_event_add(&event, "locked", tally.until != 0 ? "yes" : "no");
    return audit_write_counted(&b->audit, &event, now, person->id, &tally);
}
