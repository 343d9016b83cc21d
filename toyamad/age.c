/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/age.h"

#include "toyamad/registry/amend.h"

#define DAY 86400

uint32_t age_days(struct broker *b)
{
    int64_t age = broker_now(b) - b->registry.issue.created;

    if (age < 0)
        return 0;
    return age / DAY > UINT32_MAX ? UINT32_MAX : (uint32_t)(age / DAY);
}

static bool beyond(struct broker *b, uint32_t days)
{
    return b->registry_good && days != 0 && age_days(b) >= days;
}

bool age_warns(struct broker *b)
{
    return beyond(b, b->config.policy.roster_warn);
}

/* A helpdesk and an approver may say that it counts as new enough for a while. */
bool age_refuses(struct broker *b)
{
    return beyond(b, b->config.policy.roster_refuse) && !age_extended(b);
}

bool age_extended(struct broker *b)
{
    return b->registry_good && broker_now(b) <= registry_extended(&b->registry);
}
