/* SPDX-License-Identifier: Apache-2.0
 *
 * The person's own counter: it moves only after the card or token was proven, so that nobody can
 * lock out a colleague.
 */
#include "toyamad/attempt.h"

static struct counter with_one_more(const struct attempt *a, int64_t now)
{
    const struct policy *p = &a->broker->config.policy;
    struct counter tally = a->tally;

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

int attempt_count_miss(struct attempt *a, const char *kind)
{
    struct broker *b = a->broker;
    struct chain_event event = {0};
    int64_t now = broker_now(b);
    struct counter tally;
    int err = registry_counter_get(&b->registry, a->person.id, &a->tally);

    if (err != REGISTRY_OK)
        return err;
    tally = with_one_more(a, now);
    snprintf(event.kind, sizeof(event.kind), "%s", kind);
    chain_event_add(&event, "person", a->person.number);
    chain_event_add(&event, "service", a->service);
    chain_event_add(&event, "locked", tally.until != 0 ? "yes" : "no");
    return audit_write_counted(&b->audit, &event, now, a->person.id, &tally);
}
