/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/amend.h"

#include "toyamad/registry/amend.h"

#include <string.h>

#define MINUTE 60
#define DAY    86400

bool amend_taken_host(const struct broker *b)
{
    return b->config.roster.kind == REGISTER_TAKEN;
}

bool amend_helpdesk(const struct broker *b)
{
    return amend_taken_host(b) && b->keys.anchor.helpdesk_len > 0;
}

/* Two amendments of one second would have no order. One of a helpdesk whose clock is far ahead does
 * not pull this one along. */
static int64_t next_moment(struct broker *b)
{
    const struct registry_amends *known = &b->registry.amends;
    int64_t now = broker_now(b),
            last = known->count > 0 ? known->item[known->count - 1].created : 0;

    return last >= now && last - now < MINUTE ? last + 1 : now;
}

bool amend_begin(struct broker *b, enum roster_amends kind, struct roster_amendment *out)
{
    *out = (struct roster_amendment){
        .number = b->registry.issue.number, .created = next_moment(b), .kind = kind};
    memcpy(out->zone, b->registry.zone, sizeof(out->zone));
    return crypto_random(out->id, sizeof(out->id)) == CRYPTO_OK;
}

int amend_sign(const struct broker *b, const struct roster_amendment *a, struct roster_amended *out)
{
    const struct roster_anchor *anchor = &b->keys.anchor;
    uint8_t digest[CRYPTO_SHA256_LEN];

    *out = (struct roster_amended){0};
    if (roster_amendment_encode(a, out->der, sizeof(out->der), &out->der_len) != ROSTER_OK)
        return REGISTRY_LIMIT;
    if (crypto_p256_spki(anchor->helpdesk, anchor->helpdesk_len, out->key, sizeof(out->key),
                         &out->key_len) != CRYPTO_OK ||
        crypto_sha256(out->der, out->der_len, digest) != CRYPTO_OK ||
        crypto_p256_sign(anchor->helpdesk, anchor->helpdesk_len, digest, out->sig, sizeof(out->sig),
                         &out->sig_len) != CRYPTO_OK)
        return REGISTRY_FAILED;
    return REGISTRY_OK;
}

/* Failures and a lock from before it was said; what came later stands. A lock without an end does
 * not tell when it began. */
static bool clears(const struct broker *b, const struct roster_amendment *a,
                   const struct counter *tally, int64_t now)
{
    if (now - a->created > DAY)
        return false;
    return tally->until == 0 || tally->until == INT64_MAX ||
           tally->until - (int64_t)b->config.policy.lock_time <= a->created;
}

static int clear_counter(struct broker *b, const struct roster_amendment *a)
{
    struct counter tally;
    int err = registry_counter_get(&b->registry, a->person, &tally);

    if (err != REGISTRY_OK || !clears(b, a, &tally, broker_now(b)))
        return err;
    tally.failures = 0;
    tally.until = 0;
    return registry_counter_put(&b->registry, a->person, &tally);
}

/* What was written in the open transaction, its event, and the end of it. */
static int finish(struct broker *b, struct chain_event *event, int err)
{
    if (err == REGISTRY_OK &&
        (err = audit_append(&b->audit, event, broker_now(b))) == REGISTRY_OK &&
        (err = registry_commit(&b->registry)) == REGISTRY_OK) {
        audit_settle(&b->audit);
        return REGISTRY_OK;
    }
    registry_rollback(&b->registry);
    audit_forget(&b->audit);
    return err;
}

int amend_record(struct broker *b, const struct roster_amended *a, struct chain_event *event,
                 struct roster_amendment *out, int *r)
{
    int err;

    *r = ROSTER_OK;
    audit_ready(&b->audit);
    err = registry_begin(&b->registry);
    if (err != REGISTRY_OK)
        return err;
    err = registry_amend_put(&b->registry, a, out, r);
    if (err == REGISTRY_OK && out->kind == ROSTER_AMEND_CLEAR)
        err = clear_counter(b, out);
    return finish(b, event, err);
}

int amend_record_stop(struct broker *b, const struct stop_code *code,
                      const uint8_t credential[ROSTER_ID_LEN], struct chain_event *event)
{
    int err;

    audit_ready(&b->audit);
    if ((err = registry_begin(&b->registry)) != REGISTRY_OK)
        return err;
    return finish(b, event, registry_stop_put(&b->registry, code, credential));
}
