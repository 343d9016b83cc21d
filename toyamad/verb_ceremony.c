/* SPDX-License-Identifier: Apache-2.0
 *
 * ceremony: the station begins. Root registered the first registrar and the first approver; the
 * approver's card signs the first issue of every zone, and from then on root changes nobody any
 * more.
 */
#include "toyamad/station/ceremony.h"
#include "toyamad/verb_issue.h"

#include <string.h>

static bool may_begin(struct task *t, struct station *st)
{
    if (!verb_station(t, st))
        return false;
    if (!ceremony_open(st->reg))
        task_done(t, ADMIN_EXISTS, NULL, "this station has begun already");
    else if (t->client->uid != 0)
        task_done(t, ADMIN_REFUSED, NULL, "only root begins a station");
    else
        return task_take_devices(t);
    return false;
}

static void make_first_issues(struct task *t, struct station *st)
{
    struct station_plan *plan = verb_issue_plan(t);
    uint8_t token[CRYPTO_SHA256_LEN];
    int err;

    if (plan == NULL)
        return;
    if ((err = plan_make(st, false, NULL, NULL, plan)) == REGISTRY_OK) {
        memcpy(token, plan->token, sizeof(token));
        err = plan_stage(st, false, token, plan);
    }
    if (err == REGISTRY_OK)
        verb_issue_sign(t, plan);
    else
        verb_station_failed(t, st, err);
}

void ceremony(struct task *t)
{
    struct chain_event event = {.kind = "ceremony-begun"};
    struct station st;
    int err;

    if (!may_begin(t, &st))
        return;
    chain_event_add(&event, "operator", t->operator.number);
    err = ceremony_begin(&st, t->broker->config.roster.zones, &event);
    if (err == REGISTRY_OK)
        make_first_issues(t, &st);
    else if (err == REGISTRY_NONE)
        task_done(t, ADMIN_REFUSED, "X46", "%s", st.why);
    else
        verb_station_failed(t, &st, err);
}
