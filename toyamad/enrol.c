/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/enrol.h"

#include "core/wire/wipe.h"
#include "toyamad/bulk.h"
#include "toyamad/names.h"
#include "toyamad/registry/amend.h"
#include "toyamad/temporary.h"

#include <stdio.h>
#include <string.h>

#define ANSWER_SECONDS 15
#define PIN_SECONDS    120
#define PIN_PROMPTS    3

void enrol_enter(struct task *t, unsigned step)
{
    t->step = step;
    task_arm(t, ANSWER_SECONDS);
}

void enrol_read(struct task *t, unsigned step, enum card_object object)
{
    enrol_enter(t, step);
    if (!t->done)
        cardlink_read(&t->card, t->family->family, object, true);
}

static enum proof_use use_of(const struct prove_shape *shape)
{
    return shape->pin ? PROOF_ENROL_9A : PROOF_ENROL_9E;
}

void enrol_sign(struct task *t, unsigned step, const struct prove_shape *shape, const char *pin)
{
    struct card_signing signing = {
        .pin = pin, .pin_ref = t->credential.pin_ref, .more = pin == NULL};

    if (prove_begin(&t->proof, &t->broker->config.policy, use_of(shape), shape, &signing) !=
        PROOF_OK) {
        task_done(t, ADMIN_FAILED, NULL, "a challenge could not be made");
        return;
    }
    enrol_enter(t, step);
    if (!t->done)
        cardlink_sign(&t->card, &signing);
}

bool enrol_good(struct task *t, const struct card_event *e)
{
    const struct roster_key *key = enrol_key(t, t->proof.shape.ref);
    struct proof_key keys = {0};

    if (key == NULL)
        return false;
    keys = (struct proof_key){key->spki, key->len};
    return proof_signature_check(&t->proof.proof.signature, e->data, e->len, &keys, 1, NULL) ==
           PROOF_OK;
}

struct roster_key *enrol_key(struct task *t, uint8_t ref)
{
    for (size_t n = 0; n < t->credential.keys; n++)
        if (t->credential.key[n].ref == ref)
            return &t->credential.key[n];
    return NULL;
}

bool enrol_shape(struct task *t, uint8_t ref, struct prove_shape *out)
{
    const struct roster_key *key = enrol_key(t, ref);

    return key != NULL && prove_shape(&t->credential, key, out);
}

bool enrol_take_key(struct task *t, uint8_t ref, const struct card_event *e)
{
    struct roster_key *key = &t->credential.key[t->credential.keys];
    enum crypto_alg alg;

    *key = (struct roster_key){.ref = ref};
    if (crypto_cert_spki(e->data, e->len, key->spki, sizeof(key->spki), &key->len) != CRYPTO_OK ||
        crypto_key_alg(key->spki, key->len, &alg) != CRYPTO_OK)
        return false;
    t->credential.keys++;
    return true;
}

static bool has_key(const struct roster_credential *c, const struct roster_key *key)
{
    for (size_t n = 0; n < c->keys; n++)
        if (c->key[n].len == key->len && memcmp(c->key[n].spki, key->spki, key->len) == 0)
            return true;
    return false;
}

/* A card from the stock that an amendment lent before, and that was given back. */
static bool is_back(const struct task *t, const struct roster_credential *c)
{
    return t->lending && c->state == ROSTER_RETURNED &&
           registry_is_lent(&t->broker->registry, c->id);
}

/* Whether what is registered with this key, or (NULL) with the hint, keeps it. */
static bool keeps(struct task *t, const struct roster_record *holder, const struct roster_key *key)
{
    const struct roster_credential *mine = &t->credential;

    for (size_t n = 0; n < holder->credentials; n++) {
        const struct roster_credential *c = &holder->credential[n];
        bool same = key != NULL ? has_key(c, key)
                                : c->hint_len == mine->hint_len &&
                                      memcmp(c->hint, mine->hint, c->hint_len) == 0;
        if (same && !is_back(t, c) && !reissue_renews(t, holder, c))
            return true;
    }
    return false;
}

static bool somebody_has(struct task *t, const struct roster_key *key)
{
    struct roster_record other;
    uint8_t hash[CRYPTO_SHA256_LEN];
    int err = REGISTRY_FAILED;

    if (key == NULL)
        err = registry_by_hint(&t->broker->registry, t->credential.hint, t->credential.hint_len,
                               &other);
    else if (crypto_sha256(key->spki, key->len, hash) == CRYPTO_OK)
        err = registry_by_key(&t->broker->registry, hash, &other);
    return err != REGISTRY_NONE && (err != REGISTRY_OK || keeps(t, &other, key));
}

/* The operator may know whose card it is; the screen does not say. */
bool enrol_is_new(struct task *t)
{
    bool taken = t->credential.hint_len > 0 && somebody_has(t, NULL);

    for (size_t n = 0; n < t->credential.keys && !taken; n++)
        taken = somebody_has(t, &t->credential.key[n]);
    if (taken)
        task_done(t, ADMIN_REFUSED, "K13", "this card is registered already");
    return !taken;
}

void enrol_ask_pin(struct task *t, unsigned step)
{
    if (t->tries++ >= PIN_PROMPTS) {
        task_done(t, ADMIN_REFUSED, "X31", "the PIN was wrong %d times", PIN_PROMPTS);
        return;
    }
    cardlink_simple(&t->card, CARD_END);
    if (t->done)
        return;
    t->step = step;
    task_arm(t, PIN_SECONDS);
    if (!t->done)
        task_ask(t, "X01");
}

static void refuse_tries(struct task *t, bool none)
{
    if (t->family->family == CARD_JPKI)
        task_done(t, ADMIN_REFUSED, "X37", "no try of the PIN may be used");
    else if (none)
        task_done(t, ADMIN_REFUSED, "X04", "the PIN is blocked");
    else
        task_done(t, ADMIN_REFUSED, "X03", "one try is left for the PIN: not used");
}

void enrol_pin_failed(struct task *t, const struct card_event *e, unsigned ask)
{
    struct args args = {0};

    wire_wipe(t->pin, sizeof(t->pin));
    args_add(&args, "ext", ARG_TEXT, t->broker->config.policy.extension);
    if (e->reason == CARD_PIN_WRONG && (!e->has_tries || e->tries > 1)) {
        args_add_number(&args, "tries", e->has_tries ? e->tries - 1 : 0);
        task_event(t, "X02", &args);
        if (e->has_tries && e->tries == 2)
            task_event(t, "X71", NULL);
        enrol_ask_pin(t, ask);
    } else if (e->reason == CARD_PIN_FORMAT) {
        task_event(t, t->family->family == CARD_JPKI ? "X86" : "X17", &args);
        enrol_ask_pin(t, ask);
    } else if (e->reason == CARD_PIN_BLOCKED) {
        refuse_tries(t, true);
    } else if (e->reason == CARD_PIN_LAST || e->reason == CARD_PIN_WRONG) {
        refuse_tries(t, false);
    } else {
        enrol_failed(t, e);
    }
}

void enrol_failed(struct task *t, const struct card_event *e)
{
    if (e->reason == CARD_GONE)
        task_done(t, ADMIN_UNAVAILABLE, "X07", "the card was removed");
    else
        task_done(t, ADMIN_UNAVAILABLE, "X15", "the card could not be read (reason %u, SW %04X)",
                  e->reason, e->sw);
}

static bool lives(const struct roster_credential *c)
{
    return c->state == ROSTER_ACTIVE || c->state == ROSTER_SUSPENDED;
}

/* The stop code that it was given when it was stored first is its code until it ends. */
static void keep_stop_code(struct roster_credential *to, const struct roster_credential *from)
{
    if (!lives(from) || from->slot == 0)
        return;
    to->slot = from->slot;
    to->stop_len = from->stop_len;
    memcpy(to->stop_hash, from->stop_hash, sizeof(to->stop_hash));
}

/* Where the credential stands in the record: its own place, or a new one. NULL: no room. */
static struct roster_credential *place(struct task *t)
{
    for (size_t n = 0; n < t->person.credentials; n++)
        if (memcmp(t->person.credential[n].id, t->credential.id, ROSTER_ID_LEN) == 0) {
            keep_stop_code(&t->credential, &t->person.credential[n]);
            return &t->person.credential[n];
        }
    if (t->person.credentials == ROSTER_CREDENTIALS)
        return NULL;
    return &t->person.credential[t->person.credentials++];
}

/* Rows beside the record, in the transaction that is open. */
static int store_beside(struct task *t)
{
    struct registry *reg = &t->broker->registry;
    int err = REGISTRY_OK;

    if (t->shared_len > 0)
        err = registry_secret_put(reg, t->person.id, &t->credential, &t->credential.key[0],
                                  t->shared, t->shared_len);
    if (err == REGISTRY_OK && t->credential.family == CARD_JPKI)
        err = registry_meta_put(reg, "jpki", 1);
    return err;
}

static void describe(struct task *t, const char *kind, struct chain_event *event)
{
    char id[2 * ROSTER_ID_LEN + 1], until[24];

    *event = (struct chain_event){0};
    snprintf(event->kind, sizeof(event->kind), "%s", kind);
    names_hex(t->credential.id, ROSTER_ID_LEN, id);
    chain_event_add(event, "person", t->person.number);
    chain_event_add(event, "card", id);
    chain_event_add(event, "family", roster_family_name(t->credential.family));
    reissue_describe(t, event);
    if (t->lending) {
        chain_event_add(event, "reason", roster_reason_name(t->credential.reason));
        names_time(t->credential.until, until);
        chain_event_add(event, "until", until);
    }
    chain_event_add(event, "operator", t->operator.number);
}

/* In the transaction that is open: the record as it becomes, and the rows beside it. */
static int put_in_place(struct task *t, bool done)
{
    struct roster_credential *at;
    int err = reissue_displace(t, done);

    if (err != REGISTRY_OK || (err = store_beside(t)) != REGISTRY_OK)
        return err;
    if ((at = place(t)) == NULL)
        return REGISTRY_LIMIT;
    *at = t->credential;
    return REGISTRY_OK;
}

/* The record of whom it was lent to before changes, too. */
static bool store_lent_anew(struct task *t, const char *kind, bool done)
{
    struct roster_record before;
    struct chain_event event;
    struct bulk bulk;
    bool good = reissue_holder(t, &before) && bulk_begin(&bulk, t);

    if (!good)
        return false;
    good = bulk_check(&bulk, put_in_place(t, done));
    describe(t, kind, &event);
    chain_event_add(&event, "lent-before", before.number);
    good = good && bulk_put(&bulk, &before, NULL) && bulk_put(&bulk, &t->person, &event) &&
           bulk_commit(&bulk);
    bulk_end(&bulk);
    t->reissue.lent_anew = t->reissue.lent_anew && !good;
    return good;
}

static bool store(struct task *t, const char *kind, bool done)
{
    struct chain_event event;
    int err;

    if (!task_reload_person(t) || !reissue_may(t))
        return false;
    t->credential.enrolled = broker_now(t->broker);
    if (t->reissue.lent_anew)
        return store_lent_anew(t, kind, done);
    if ((err = registry_begin(&t->broker->registry)) == REGISTRY_OK &&
        (err = put_in_place(t, done)) != REGISTRY_OK)
        registry_rollback(&t->broker->registry);
    if (err != REGISTRY_OK) {
        task_fail_registry(t, err);
        return false;
    }
    describe(t, kind, &event);
    return task_store_open(t, &event);
}

bool enrol_store(struct task *t, const char *kind)
{
    return store(t, kind, false);
}

bool enrol_drop(struct task *t, size_t n, const char *kind)
{
    struct registry *reg = &t->broker->registry;
    struct roster_record *r = &t->person;
    struct chain_event event;
    int err;

    t->credential = r->credential[n];
    describe(t, kind, &event);
    if ((err = registry_begin(reg)) == REGISTRY_OK &&
        (err = registry_secret_delete(reg, t->credential.id)) != REGISTRY_OK)
        registry_rollback(reg);
    if (err != REGISTRY_OK) {
        task_fail_registry(t, err);
        return false;
    }
    memmove(&r->credential[n], &r->credential[n + 1],
            (r->credentials - n - 1) * sizeof(r->credential[0]));
    r->credentials--;
    return task_store_open(t, &event);
}

bool enrol_withdraw(struct task *t)
{
    if (!task_reload_person(t))
        return false;
    for (size_t n = 0; n < t->person.credentials; n++)
        if (memcmp(t->person.credential[n].id, t->credential.id, ROSTER_ID_LEN) == 0)
            return enrol_drop(t, n, "issue-withdrawn");
    return true;
}

void enrol_finish(struct task *t)
{
    struct admin_pairs row = {0};
    char id[2 * ROSTER_ID_LEN + 1], keys[24];
    bool pin = prove_key(&t->credential, true) != NULL;

    if (t->lending) {
        temporary_finish(t);
        return;
    }
    if (!store(t, t->sealing ? "deputy-prepared" : "card-enrolled", true))
        return;
    names_hex(t->credential.id, ROSTER_ID_LEN, id);
    snprintf(keys, sizeof(keys), "%zu", t->credential.keys);
    admin_pair_add(&row, "id", id);
    admin_pair_add(&row, "family", roster_family_name(t->credential.family));
    admin_pair_add(&row, "strength", prove_strength(t->credential.family));
    admin_pair_add(&row, "pin", pin ? "yes" : "no");
    admin_pair_add(&row, "keys", keys);
    task_row(t, &row);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}
