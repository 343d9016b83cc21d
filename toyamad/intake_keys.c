/* SPDX-License-Identifier: Apache-2.0
 *
 * The zone's keys, where issues hand over to others. Those of before are kept beside the new ones:
 * a host that dies between the anchor and the registry opens with either what it has. They go with
 * the issue that hands over the present keys once more, which is how a station says that the change
 * has ended; a file that is sealed for the new key says it, too.
 */
#include "toyamad/intake_keys.h"

#include "core/roster/rekey.h"
#include "core/wire/wipe.h"
#include "toyamad/log.h"

#include <string.h>

struct following {
    size_t steps;        /* issues whose keys opened, one with the key of the other */
    size_t closed;       /* issues that hand over and did not open */
    bool good;           /* the last one that hands over did open */
    bool closed_at_once; /* and so did not the first one */
    struct roster_rekey before, now;
};

static void follow_issue(struct following *f, const struct roster_issue *issue,
                         const uint8_t seal[CRYPTO_KEY_LEN])
{
    struct roster_rekey next;

    f->good = roster_rekey_open(issue, f->steps > 0 ? f->now.seal : seal, &next) == ROSTER_OK;
    if (f->good) {
        f->before = f->now;
        f->now = next;
        f->steps++;
    } else {
        f->closed_at_once = f->closed_at_once || f->steps == 0;
        f->closed++;
    }
    wire_wipe(&next, sizeof(next));
}

/* The issues behind number `installed`, beginning with this seal key. */
static void follow(struct tlv_cur chain, uint64_t installed, const uint8_t seal[CRYPTO_KEY_LEN],
                   struct following *f)
{
    struct roster_signed s;
    struct roster_issue issue;

    *f = (struct following){0};
    while (roster_payload_signed(&chain, &s) == 1)
        if (roster_issue_decode(s.der, s.der_len, &issue) == ROSTER_OK &&
            issue.number > installed && issue.keys_len > 0)
            follow_issue(f, &issue, seal);
}

static bool leads_to(const struct following *f, const uint8_t seal[CRYPTO_KEY_LEN])
{
    return f->good && memcmp(f->now.seal, seal, CRYPTO_KEY_LEN) == 0;
}

/* What lies here was sealed before the first of these issues. */
static void move(struct roster_anchor *a, const struct following *f)
{
    _Static_assert(ROSTER_REKEY_KEY_MAX <= ROSTER_ANCHOR_KEY_MAX, "move copies keys");
    if (!f->closed_at_once || a->old_seal_len == 0)
        memcpy(a->old_seal, a->seal_key, sizeof(a->old_seal));
    a->old_seal_len = sizeof(a->old_seal);
    a->old_key_len = f->steps > 1 ? f->before.key_len : a->key_len;
    memcpy(a->old_key, f->steps > 1 ? f->before.key : a->key, a->old_key_len);
    a->key_len = f->now.key_len;
    memcpy(a->key, f->now.key, f->now.key_len);
    a->cert_len = f->now.cert_len;
    memcpy(a->cert, f->now.cert, f->now.cert_len);
    memcpy(a->seal_key, f->now.seal, sizeof(a->seal_key));
}

static bool find(const struct intake *in, const struct roster_anchor *now, uint64_t installed,
                 struct roster_anchor *out, struct following *f)
{
    struct tlv_cur chain = in->payload.part[ROSTER_PART_CHAIN];

    *out = *now;
    follow(chain, installed, now->seal_key, f);
    if (f->steps + f->closed == 0 || leads_to(f, now->seal_key))
        return true;
    if (f->good) {
        move(out, f);
        return true;
    }
    if (now->old_seal_len == 0)
        return false;
    follow(chain, installed, now->old_seal, f);
    return leads_to(f, now->seal_key);
}

bool intake_keys_find(const struct intake *in, struct broker *b, struct roster_anchor *out)
{
    struct roster_trust trust;
    struct following f;
    bool found;

    registry_trust(&b->registry, &trust);
    found = find(in, &b->keys.anchor, trust.issue.number, out, &f);
    wire_wipe(&f, sizeof(f));
    return found;
}

int intake_keys_put(struct intake *in, struct broker *b)
{
    struct roster_anchor next;
    int err = INTAKE_KEY;

    if (intake_keys_find(in, b, &next)) {
        in->rekeys = memcmp(next.seal_key, b->keys.anchor.seal_key, sizeof(next.seal_key)) != 0;
        err = !in->rekeys || keys_replace_anchor(&b->keys, &next, b->config.state, in->why,
                                                 sizeof(in->why))
                  ? INTAKE_OK
                  : INTAKE_STORE;
    }
    wire_wipe(&next, sizeof(next));
    return err;
}

static bool has_old(const struct roster_anchor *a)
{
    return a->old_key_len > 0 || a->old_seal_len > 0;
}

static void forget_old(struct broker *b)
{
    struct roster_anchor next = b->keys.anchor;
    char why[256] = "";

    wire_wipe(next.old_key, sizeof(next.old_key));
    wire_wipe(next.old_seal, sizeof(next.old_seal));
    next.old_key_len = next.old_seal_len = 0;
    if (keys_replace_anchor(&b->keys, &next, b->config.state, why, sizeof(why)))
        log_notice("roster: the zone's keys of before are gone here");
    else
        log_warning("the zone's keys of before could not be taken away: %s", why);
    wire_wipe(&next, sizeof(next));
}

void intake_keys_tidy(struct broker *b)
{
    const struct roster_anchor *a = &b->keys.anchor;
    struct roster_issue issue;

    if (b->config.roster.kind == REGISTER_TAKEN && has_old(a) &&
        registry_newest_keys(&b->registry, &issue) == REGISTRY_OK &&
        roster_rekey_alone(&issue, a->seal_key))
        forget_old(b);
}

void intake_keys_settle(const struct intake *in, struct broker *b)
{
    if (in->rekeys)
        log_notice("roster: the zone's new keys are in use here");
    if (!in->rekeys && in->from_file && !in->old_key && has_old(&b->keys.anchor))
        forget_old(b);
    else
        intake_keys_tidy(b);
}
