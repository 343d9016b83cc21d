/* SPDX-License-Identifier: Apache-2.0
 *
 * approver enroll: key 9C of a registered PIV card, by which its holder approves what others
 * prepared. It is seen to refuse without the PIN, to sign with it, and to refuse right afterwards:
 * an approval must be one act each.
 */
#include "core/wire/wipe.h"
#include "toyamad/names.h"
#include "toyamad/officer.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <string.h>

#define PROMPTS 3

enum step { STEP_FIND = 0, STEP_CERT, STEP_REFUSE, STEP_TYPE, STEP_SIGN, STEP_REFUSE_AGAIN };

static struct roster_key *the_key(struct task *t)
{
    return &t->credential.key[t->credential.keys - 1];
}

static void refuse(struct task *t, const char *why)
{
    task_done(t, ADMIN_REFUSED, "K13", "%s", why);
}

static void sign(struct task *t, enum step step, const char *pin, bool more)
{
    struct card_signing signing = {.pin = pin, .pin_ref = t->credential.pin_ref, .more = more};
    struct prove_shape shape;

    t->step = step;
    task_arm(t, DESK_ANSWER_SECONDS);
    if (t->done)
        return;
    if (!prove_shape(&t->credential, the_key(t), &shape) ||
        prove_begin(&t->proof, &t->broker->config.policy, PROOF_ENROL_9C, &shape, &signing) !=
            PROOF_OK)
        task_done(t, ADMIN_FAILED, NULL, "a challenge could not be made");
    else
        cardlink_sign(&t->card, &signing);
}

static void ask_pin(struct task *t)
{
    cardlink_close(&t->card);
    t->step = STEP_TYPE;
    if (t->tries++ == PROMPTS)
        task_done(t, ADMIN_REFUSED, "X31", "the PIN was wrong %d times", PROMPTS);
    else
        desk_ask(t, DESK_PRESENT, "X01");
}

/* The copy of the credential ends with the key 9C, in the place of an older one. */
static bool make_room(struct roster_credential *c)
{
    size_t kept = 0;

    for (size_t n = 0; n < c->keys; n++)
        if (c->key[n].ref != OFFICER_KEY)
            c->key[kept++] = c->key[n];
    c->keys = kept;
    return kept < ROSTER_KEYS;
}

static bool is_new(struct task *t, const struct roster_key *key)
{
    struct roster_record other;
    uint8_t hash[CRYPTO_SHA256_LEN];

    return crypto_sha256(key->spki, key->len, hash) == CRYPTO_OK &&
           registry_by_key(&t->broker->registry, hash, &other) == REGISTRY_NONE;
}

static void on_certificate(struct task *t, const struct card_event *e)
{
    struct roster_credential *c = &t->credential;
    struct roster_key key = {.ref = OFFICER_KEY, .pin = true};
    enum crypto_alg alg;

    if (crypto_cert_spki(e->data, e->len, key.spki, sizeof(key.spki), &key.len) != CRYPTO_OK ||
        crypto_key_alg(key.spki, key.len, &alg) != CRYPTO_OK) {
        refuse(t, "certificate 9C holds no RSA-2048, RSA-3072, P-256 or P-384 key");
    } else if (!is_new(t, &key)) {
        task_done(t, ADMIN_EXISTS, "K13", "this key is registered already");
    } else if (!make_room(c)) {
        refuse(t, "the card has too many keys");
    } else {
        c->key[c->keys++] = key;
        sign(t, STEP_REFUSE, NULL, true);
    }
}

static void on_proven(struct task *t)
{
    if (t->credential.family != CARD_PIV) {
        task_done(t, ADMIN_REFUSED, "X98", "only a PIV card has a key for approvals");
    } else if (t->credential.temporary) {
        refuse(t, "a card that is lent approves nothing");
    } else if (t->credential.hint_len == 0) {
        refuse(t, "the card has no identifier by which it could be found");
    } else if (t->pin[0] != '\0') {
        t->credential = t->person.credential[t->index];
        make_room(&t->credential);
        t->credential.key[t->credential.keys++] = t->approver_key;
        sign(t, STEP_SIGN, t->pin, true);
        wire_wipe(t->pin, sizeof(t->pin));
    } else {
        t->step = STEP_CERT;
        cardlink_read(&t->card, CARD_PIV, CARD_OBJ_CERT_9C, true);
    }
}

static bool signature_good(struct task *t, const struct card_event *e)
{
    const struct proof_key key = {the_key(t)->spki, the_key(t)->len};

    return proof_signature_check(&t->proof.proof.signature, e->data, e->len, &key, 1, NULL) ==
           PROOF_OK;
}

static void store(struct task *t)
{
    struct chain_event event;
    uint8_t hash[CRYPTO_SHA256_LEN];
    char hex[2 * CRYPTO_SHA256_LEN + 1];

    if (!desk_still_valid(t))
        return;
    if (crypto_sha256(the_key(t)->spki, the_key(t)->len, hash) != CRYPTO_OK) {
        task_done(t, ADMIN_FAILED, NULL, "out of memory");
        return;
    }
    t->person.credential[t->index] = t->credential;
    names_hex(hash, sizeof(hash), hex);
    task_describe(t, "approver-enrolled", &t->credential, &event);
    chain_event_add(&event, "key", hex);
    if (task_store(t, &event))
        task_done(t, ADMIN_OK, NULL, "%s", "");
}

static void on_signed(struct task *t, const struct card_event *e)
{
    if (t->step == STEP_REFUSE)
        refuse(t, "key 9C signs without the PIN");
    else if (t->step == STEP_REFUSE_AGAIN)
        refuse(t, "key 9C signs twice for one PIN");
    else if (!signature_good(t, e))
        refuse(t, "key 9C does not belong to the certificate on this card");
    else
        sign(t, STEP_REFUSE_AGAIN, NULL, false);
}

static void on_pin_failed(struct task *t, const struct card_event *e)
{
    struct args args = {0};
    bool wrong = e->reason == CARD_PIN_WRONG && (!e->has_tries || e->tries > 1);

    args_add(&args, "ext", ARG_TEXT, t->broker->config.policy.extension);
    if (wrong || e->reason == CARD_PIN_FORMAT) {
        args_add_number(&args, "tries", e->has_tries ? e->tries - 1 : 0);
        task_event(t, wrong ? "X02" : "X17", &args);
        if (wrong && e->has_tries && e->tries == 2)
            task_event(t, "X71", NULL);
        ask_pin(t);
    } else if (e->reason == CARD_PIN_BLOCKED) {
        task_done(t, ADMIN_REFUSED, "X04", "the PIN is blocked");
    } else if (e->reason == CARD_PIN_LAST || e->reason == CARD_PIN_WRONG) {
        task_done(t, ADMIN_REFUSED, "X03", "one try is left for the PIN: not used");
    } else {
        task_done(t, ADMIN_UNAVAILABLE, "X15", "the card did not sign (reason %u, SW %04X)",
                  e->reason, e->sw);
    }
}

static void on_failed(struct task *t, const struct card_event *e)
{
    if (e->reason == CARD_GONE)
        task_done(t, ADMIN_UNAVAILABLE, "X07", "the card was removed");
    else if (t->step == STEP_REFUSE && e->reason == CARD_PIN_NEEDED)
        ask_pin(t);
    else if (t->step == STEP_REFUSE_AGAIN && e->reason == CARD_PIN_NEEDED)
        store(t);
    else if (t->step == STEP_SIGN)
        on_pin_failed(t, e);
    else if (e->reason == CARD_ABSENT || t->step == STEP_CERT)
        refuse(t, "the card has no certificate or key 9C");
    else
        task_done(t, ADMIN_UNAVAILABLE, "X15", "the card could not be read (reason %u, SW %04X)",
                  e->reason, e->sw);
}

static void on_card(struct task *t, const struct card_event *e)
{
    bool signing = t->step == STEP_REFUSE || t->step == STEP_SIGN || t->step == STEP_REFUSE_AGAIN;

    if (t->step == STEP_CERT && e->type == CARD_OBJECT)
        on_certificate(t, e);
    else if (signing && e->type == CARD_SIGNED)
        on_signed(t, e);
    else if ((signing || t->step == STEP_CERT) && e->type == CARD_FAILED)
        on_failed(t, e);
    else
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-card: message out of turn");
}

static void on_present(struct task *t, const char *secret)
{
    t->approver_key = *the_key(t);
    if (!desk_still_valid(t))
        return;
    snprintf(t->pin, sizeof(t->pin), "%s", secret);
    desk_again(t);
}

static bool has_piv(const struct roster_record *r)
{
    for (size_t n = 0; n < r->credentials; n++)
        if (r->credential[n].family == CARD_PIV && r->credential[n].state == ROSTER_ACTIVE)
            return true;
    return false;
}

void approver_enroll(struct task *t)
{
    static const struct desk_goal goal = {.by_name = true,
                                          .my_number = "X98",
                                          .proven = on_proven,
                                          .card = on_card,
                                          .present = on_present};

    if (!task_find_person(t))
        return;
    if (!officer_possible(&t->person))
        task_done(t, ADMIN_REFUSED, "X91", "%s is %s", t->person.number,
                  roster_category_name(t->person.category));
    else if (!has_piv(&t->person))
        task_done(t, ADMIN_REFUSED, "X98", "%s has no active PIV card", t->person.number);
    else
        desk_begin(t, &goal, PROVE_ANY);
}
