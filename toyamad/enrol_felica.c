/* SPDX-License-Identifier: Apache-2.0
 *
 * FeliCa Lite-S. card.issue writes a random key into the card, which is on disk before it is on the
 * card; card.enroll takes a card whose key was made by others from a master key: which way round
 * they read the card's number is found out on the card itself. The master key is not kept.
 */
#include "toyamad/enrol.h"

#include "core/wire/wipe.h"
#include "toyamad/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_CK    0x87
#define KEY_DRAWS 8
#define VERSION   1
#define ORDERS    2

enum step {
    STEP_IDENTIFIER = ENROL_FIRST,
    STEP_ASK,
    STEP_RESUME, /* the key of a call that was interrupted: has the card got it? */
    STEP_WRITE,
    STEP_PROVE,
    STEP_LOCK, /* only a key that was proven is made final */
    STEP_PROVE_LOCKED
};

static const struct prove_shape shape = {CARD_FELICA, KEY_CK, CARD_MAC_A, false};

static void begin(struct task *t)
{
    enrol_read(t, STEP_IDENTIFIER, CARD_OBJ_IDENTIFIER);
}

static void take_hint(struct task *t, const struct card_event *e)
{
    t->credential.hint_len = e->len <= ROSTER_HINT_MAX ? e->len : 0;
    memcpy(t->credential.hint, e->data, t->credential.hint_len);
    t->credential.key[0] = (struct roster_key){.ref = KEY_CK};
    t->credential.keys = 1;
}

/* Not one that somebody suspended: that has a reason. */
static bool is_begun(const struct roster_credential *c)
{
    return c->state == ROSTER_SUSPENDED && c->reason == ROSTER_NO_REASON;
}

/* A card whose key was being written when it was taken away, or the power failed. NULL: it is none.
 */
static const struct roster_credential *find_begun(const struct task *t)
{
    for (size_t n = 0; n < t->person.credentials; n++) {
        const struct roster_credential *c = &t->person.credential[n];
        if (c->family == CARD_FELICA && is_begun(c) && c->keys == 1 &&
            c->hint_len == t->credential.hint_len &&
            memcmp(c->hint, t->credential.hint, c->hint_len) == 0)
            return c;
    }
    return NULL;
}

static bool is_new(struct task *t)
{
    bool fresh;

    t->credential.keys = 0; /* there is nothing yet that could be somebody's */
    fresh = enrol_is_new(t);
    t->credential.keys = 1;
    return fresh;
}

static void take_foreign(struct task *t, const struct card_event *e)
{
    take_hint(t, e);
    if (!is_new(t))
        return;
    if (task_get(t, "master")[0] == '\0') {
        task_done(
            t, ADMIN_REFUSED, "K13",
            "this FeliCa card has no key of this host: \"card issue\" writes one; a card with "
            "a key made from a master key needs --master");
        return;
    }
    cardlink_simple(&t->card, CARD_END);
    enrol_enter(t, STEP_ASK);
    task_arm(t, ENROL_PLACE_SECONDS);
    if (!t->done)
        task_ask(t, "X81");
}

static void on_master(struct task *t, const char *secret)
{
    _Static_assert(PROOF_MAC_A_MASTER <= SHARED_DER_MAX, "the master key waits there");

    if (t->step != STEP_ASK) {
        task_done(t, ADMIN_USAGE, NULL, "no question is open");
    } else if (!names_unhex(secret, t->shared, PROOF_MAC_A_MASTER)) {
        task_done(t, ADMIN_USAGE, NULL, "a master key is 48 hexadecimal digits");
    } else {
        enrol_sign(t, STEP_PROVE, &shape, NULL);
    }
}

static bool make_candidates(const uint8_t *master, const struct card_event *e,
                            struct proof_mac_a_key keys[ORDERS])
{
    static const enum proof_mac_a_order order[ORDERS] = {PROOF_MAC_A_AS_READ, PROOF_MAC_A_REVERSED};

    if (e->len != PROOF_MAC_A_ANSWER)
        return false;
    for (size_t n = 0; n < ORDERS; n++) {
        if (proof_mac_a_diversify(master, e->data, order[n], keys[n].ck) != PROOF_OK)
            return false;
        memcpy(keys[n].idd, e->data, sizeof(keys[n].idd));
        memcpy(keys[n].ckv, e->data + PROOF_MAC_A_BLOCK, sizeof(keys[n].ckv));
    }
    return true;
}

static void on_foreign_answer(struct task *t, const struct card_event *e)
{
    struct proof_mac_a_key keys[ORDERS] = {0};
    size_t which = 0;
    bool good = make_candidates(t->shared, e, keys) &&
                proof_mac_a_check(&t->proof.proof.mac_a, e->data, e->len, keys, ORDERS, &which) ==
                    PROOF_OK &&
                shared_felica_encode(&keys[which], t->shared, &t->shared_len);

    wire_wipe(keys, sizeof(keys));
    if (good)
        enrol_finish(t);
    else
        task_done(t, ADMIN_REFUSED, "K13",
                  "the card's key is not made from this master key, in neither byte order");
}

static uint16_t version_of(const struct task *t)
{
    const char *text = task_get(t, "version");

    return text[0] != '\0' ? (uint16_t)strtoul(text, NULL, 10) : VERSION;
}

static bool draw_key(struct task *t, struct proof_mac_a_key *key)
{
    uint16_t version = version_of(t);

    for (size_t n = 0; n < KEY_DRAWS; n++)
        if (crypto_random(key->ck, sizeof(key->ck)) == CRYPTO_OK && proof_mac_a_key_good(key->ck)) {
            key->ckv[0] = (uint8_t)(version & 0xFF);
            key->ckv[1] = (uint8_t)(version >> 8);
            return true;
        }
    return false;
}

static void send_key(struct task *t, enum step step, const struct proof_mac_a_key *key)
{
    enrol_enter(t, step);
    if (!t->done)
        cardlink_issue(&t->card, key->ck, (uint16_t)(key->ckv[0] | key->ckv[1] << 8),
                       step == STEP_LOCK);
}

static void write_key(struct task *t)
{
    struct proof_mac_a_key key = {0};

    memcpy(key.idd, t->credential.hint, sizeof(key.idd));
    if (!draw_key(t, &key) || !shared_felica_encode(&key, t->shared, &t->shared_len)) {
        task_done(t, ADMIN_FAILED, NULL, "no key could be made");
        goto out;
    }
    t->credential.state = ROSTER_SUSPENDED;
    if (enrol_store(t, "card-issuing"))
        send_key(t, STEP_WRITE, &key);
out:
    wire_wipe(&key, sizeof(key));
}

static bool version_is_good(struct task *t)
{
    const char *text = task_get(t, "version");

    if (strlen(text) <= 5 && text[strspn(text, "0123456789")] == '\0' &&
        strtoul(text, NULL, 10) <= UINT16_MAX)
        return true;
    task_done(t, ADMIN_USAGE, NULL, "a key's version is a number up to 65535");
    return false;
}

static void send_again(struct task *t, enum step step)
{
    struct proof_mac_a_key key = {0};

    if (shared_felica_decode(t->shared, t->shared_len, &key))
        send_key(t, step, &key);
    else
        task_done(t, ADMIN_FAILED, NULL, "the key could not be decoded");
    wire_wipe(&key, sizeof(key));
}

/* The card may have this key already, and may be locked: no other is ever written over it. */
static void resume(struct task *t, const struct roster_credential *begun)
{
    int err = registry_secret_get(&t->broker->registry, t->person.id, begun, &begun->key[0],
                                  t->shared, sizeof(t->shared), &t->shared_len);

    if (err != REGISTRY_OK) {
        task_fail_registry(t, err);
        return;
    }
    t->begun = true;
    memcpy(t->credential.id, begun->id, sizeof(begun->id));
    enrol_sign(t, STEP_RESUME, &shape, NULL);
}

static void take_blank(struct task *t, const struct card_event *e)
{
    const struct roster_credential *begun;

    take_hint(t, e);
    if (!version_is_good(t))
        return;
    if ((begun = find_begun(t)) != NULL)
        resume(t, begun);
    else if (is_new(t))
        write_key(t);
}

/* The number under the MAC is the one to be enrolled. */
static bool prove_written(struct task *t, const struct card_event *e)
{
    struct proof_mac_a_key key = {0};
    bool good =
        e->len == PROOF_MAC_A_ANSWER && shared_felica_decode(t->shared, t->shared_len, &key);

    if (good) {
        memcpy(key.idd, e->data, sizeof(key.idd));
        good =
            proof_mac_a_check(&t->proof.proof.mac_a, e->data, e->len, &key, 1, NULL) == PROOF_OK &&
            shared_felica_encode(&key, t->shared, &t->shared_len);
    }
    wire_wipe(&key, sizeof(key));
    return good;
}

static void on_issue_answer(struct task *t, const struct card_event *e)
{
    const bool wrote = t->step == STEP_WRITE || t->step == STEP_LOCK;
    const bool proven = !wrote && prove_written(t, e);

    if (wrote) {
        enrol_sign(t, t->step + 1, &shape, NULL);
    } else if (!proven && t->step == STEP_RESUME) {
        send_again(t, STEP_WRITE);
    } else if (!proven) {
        task_done(t, ADMIN_REFUSED, "K13",
                  "the card does not answer with the key that was written");
    } else if (t->step != STEP_PROVE_LOCKED && strcmp(task_get(t, "lock"), "yes") == 0) {
        send_again(t, STEP_LOCK);
    } else {
        t->credential.state = ROSTER_ACTIVE;
        enrol_finish(t);
    }
}

/* A key that was on disk before this call may be on the card: it stays. */
static bool on_issue_failed(struct task *t, const struct card_event *e)
{
    if (e->reason != CARD_REFUSED && e->reason != CARD_ABSENT)
        return false;
    if (t->step == STEP_RESUME) {
        send_again(t, STEP_WRITE);
        return true;
    }
    if (t->step != STEP_WRITE)
        return false;
    if (t->begun || enrol_withdraw(t))
        task_done(t, ADMIN_REFUSED, "K13",
                  "the card's key cannot be written: is it a FeliCa Lite-S card, and not locked?");
    return true;
}

static bool on_foreign_failed(struct task *t, const struct card_event *e)
{
    (void)t;
    (void)e;
    return false;
}

const struct enrol_family enrol_felica = {
    CARD_FELICA, 0, begin, take_foreign, on_foreign_answer, on_foreign_failed, on_master};
const struct enrol_family enrol_felica_issue = {
    CARD_FELICA, 0, begin, take_blank, on_issue_answer, on_issue_failed, NULL};
