/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/throttle.h"

#define SECOND     UINT64_C(1000000)
#define FORGET     (600 * SECOND)
#define DOUBLE_MAX 16

void throttle_refused(struct throttle *t, uint64_t now_usec)
{
    if (t->refusals < UINT32_MAX)
        t->refusals++;
    t->last_usec = now_usec;
}

void throttle_proven(struct throttle *t)
{
    t->refusals = 0;
}

uint64_t throttle_wait(struct throttle *t, const struct policy *p, uint64_t now_usec)
{
    uint64_t since = now_usec > t->last_usec ? now_usec - t->last_usec : 0;
    uint64_t wait, limit = p->throttle_delay * SECOND;
    uint32_t beyond;

    if (since > FORGET)
        t->refusals = 0;
    if (t->refusals < p->throttle_after)
        return 0;
    beyond = t->refusals - p->throttle_after;
    wait = beyond >= DOUBLE_MAX ? limit : SECOND << beyond;
    if (wait > limit)
        wait = limit;
    return wait > since ? wait - since : 0;
}
