/* SPDX-License-Identifier: Apache-2.0
 *
 * card enroll: reads what the card says, then lets every key prove itself: the free key signs, the
 * other one is seen to refuse without the PIN and to sign with it. Only then the record changes.
 */
#include "core/wire/wipe.h"
#include "toyamad/names.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <string.h>

#define PLACE_SECONDS  60
#define ANSWER_SECONDS 15
#define PIN_SECONDS    120
#define PIN_PROMPTS    3
#define PIN_REF_PIV    0x80
#define PIN_REF_GLOBAL 0x00
#define KEY_9E         0x9E
#define KEY_9A         0x9A

enum step {
    STEP_CARD = 0,
    STEP_IDENTIFIER,
    STEP_CERT_9E,
    STEP_CERT_9A,
    STEP_DISCOVERY,
    STEP_SIGN_9E,
    STEP_REFUSE_9A, /* the signature without PIN that should not come */
    STEP_ASK,
    STEP_SIGN_9A
};

static void next_step(struct task *t);

static void enter(struct task *t, enum step step)
{
    t->step = step;
    task_arm(t, step == STEP_ASK ? PIN_SECONDS : ANSWER_SECONDS);
}

static void read_object(struct task *t, enum step step, enum card_object object)
{
    enter(t, step);
    cardlink_read(&t->card, CARD_PIV, object, true);
}

static struct roster_key *key_of(struct task *t, uint8_t ref)
{
    for (size_t n = 0; n < t->credential.keys; n++)
        if (t->credential.key[n].ref == ref)
            return &t->credential.key[n];
    return NULL;
}

static void sign(struct task *t, enum step step, uint8_t ref, const char *pin)
{
    const struct roster_key *key = key_of(t, ref);
    struct card_signing signing = {.family = CARD_PIV, .key = ref, .pin = pin, .more = pin == NULL};
    enum crypto_alg alg;

    if (crypto_key_alg(key->spki, key->len, &alg) != CRYPTO_OK ||
        proof_signature_begin(&t->proof, ref == KEY_9E ? PROOF_ENROL_9E : PROOF_ENROL_9A,
                              policy_zone_name(t->broker->config.policy.zone),
                              t->broker->config.policy.host, ref, alg) != PROOF_OK) {
        task_done(t, ADMIN_FAILED, NULL, "a challenge could not be made");
        return;
    }
    enter(t, step);
    signing.alg = (uint8_t)alg;
    signing.digest = t->proof.digest;
    signing.digest_len = t->proof.digest_len;
    signing.pin_ref = t->credential.pin_ref;
    cardlink_sign(&t->card, &signing);
}

static bool signature_good(struct task *t, const struct card_event *e, uint8_t ref)
{
    const struct roster_key *key = key_of(t, ref);
    const struct proof_key keys = {key->spki, key->len};

    return proof_signature_check(&t->proof, e->data, e->len, &keys, 1, NULL) == PROOF_OK;
}

static void take_key(struct task *t, uint8_t ref, const struct card_event *e)
{
    struct roster_key *key = &t->credential.key[t->credential.keys];
    enum crypto_alg alg;

    *key = (struct roster_key){.ref = ref};
    if (crypto_cert_spki(e->data, e->len, key->spki, sizeof(key->spki), &key->len) == CRYPTO_OK &&
        crypto_key_alg(key->spki, key->len, &alg) == CRYPTO_OK)
        t->credential.keys++;
}

static bool somebody_has(struct task *t, const struct roster_key *key)
{
    struct roster_record other;
    uint8_t hash[CRYPTO_SHA256_LEN];

    return crypto_sha256(key->spki, key->len, hash) != CRYPTO_OK ||
           registry_by_key(&t->broker->registry, hash, &other) != REGISTRY_NONE;
}

/* The operator may know whose card it is; the screen does not say. */
static bool card_is_new(struct task *t)
{
    struct roster_record other;
    bool taken = t->credential.hint_len > 0 &&
                 registry_by_hint(&t->broker->registry, t->credential.hint, t->credential.hint_len,
                                  &other) != REGISTRY_NONE;

    for (size_t n = 0; n < t->credential.keys && !taken; n++)
        taken = somebody_has(t, &t->credential.key[n]);
    if (taken)
        task_done(t, ADMIN_REFUSED, "K13", "this card is registered already");
    return !taken;
}

/* Tag 5F2F (SP 800-73-4 part 1, 3.3.2): bit 40 PIV PIN, bit 20 global PIN; second octet 20: the
 * global PIN is the primary one. */
static void take_discovery(struct task *t, const struct card_event *e)
{
    if (e->len == 2 && (e->data[0] & 0x20) != 0 && e->data[1] == 0x20)
        t->credential.pin_ref = PIN_REF_GLOBAL;
}

static void finish(struct task *t)
{
    struct chain_event event = {.kind = "card-enrolled"};
    struct admin_pairs row = {0};
    char id[2 * ROSTER_ID_LEN + 1], keys[24];
    bool pin = key_of(t, KEY_9A) != NULL && key_of(t, KEY_9A)->pin;

    if (!task_reload_person(t))
        return;
    if (t->person.credentials == ROSTER_CREDENTIALS) {
        task_done(t, ADMIN_USAGE, NULL, "too many cards");
        return;
    }
    t->credential.enrolled = broker_now(t->broker);
    t->person.credential[t->person.credentials++] = t->credential;
    names_hex(t->credential.id, ROSTER_ID_LEN, id);
    chain_event_add(&event, "person", t->person.number);
    chain_event_add(&event, "card", id);
    chain_event_add(&event, "operator", "root");
    if (!task_store(t, &event))
        return;
    snprintf(keys, sizeof(keys), "%zu", t->credential.keys);
    admin_pair_add(&row, "id", id);
    admin_pair_add(&row, "family", "piv");
    admin_pair_add(&row, "strength", "signature");
    admin_pair_add(&row, "pin", pin ? "yes" : "no");
    admin_pair_add(&row, "keys", keys);
    task_row(t, &row);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

static void ask_pin(struct task *t)
{
    if (t->tries++ >= PIN_PROMPTS) {
        task_done(t, ADMIN_REFUSED, "X31", "the PIN was wrong %d times", PIN_PROMPTS);
        return;
    }
    cardlink_simple(&t->card, CARD_END);
    if (t->done)
        return;
    enter(t, STEP_ASK);
    task_ask(t, "X01");
}

static void next_step(struct task *t)
{
    switch ((enum step)t->step) {
    case STEP_CARD:
        read_object(t, STEP_IDENTIFIER, CARD_OBJ_IDENTIFIER);
        break;
    case STEP_IDENTIFIER:
        read_object(t, STEP_CERT_9E, CARD_OBJ_CERT_9E);
        break;
    case STEP_CERT_9E:
        read_object(t, STEP_CERT_9A, CARD_OBJ_CERT_9A);
        break;
    case STEP_CERT_9A:
        read_object(t, STEP_DISCOVERY, CARD_OBJ_DISCOVERY);
        break;
    case STEP_DISCOVERY:
        if (t->credential.keys == 0)
            task_done(t, ADMIN_REFUSED, "K13",
                      "the card has no certificate with an RSA-2048, RSA-3072, P-256 or P-384 key");
        else if (!card_is_new(t))
            break;
        else if (key_of(t, KEY_9E) != NULL)
            sign(t, STEP_SIGN_9E, KEY_9E, NULL);
        else
            sign(t, STEP_REFUSE_9A, KEY_9A, NULL);
        break;
    case STEP_SIGN_9E:
        if (key_of(t, KEY_9A) != NULL)
            sign(t, STEP_REFUSE_9A, KEY_9A, NULL);
        else
            finish(t);
        break;
    case STEP_REFUSE_9A:
        ask_pin(t);
        break;
    case STEP_ASK:
    case STEP_SIGN_9A:
        finish(t);
        break;
    }
}

static void on_object(struct task *t, const struct card_event *e)
{
    if (t->step == STEP_IDENTIFIER && e->len <= ROSTER_HINT_MAX) {
        t->credential.hint_len = e->len;
        memcpy(t->credential.hint, e->data, e->len);
    } else if (t->step == STEP_CERT_9E) {
        take_key(t, KEY_9E, e);
    } else if (t->step == STEP_CERT_9A) {
        take_key(t, KEY_9A, e);
    } else if (t->step == STEP_DISCOVERY) {
        take_discovery(t, e);
    }
    next_step(t);
}

static void on_signed(struct task *t, const struct card_event *e)
{
    uint8_t ref = t->step == STEP_SIGN_9E ? KEY_9E : KEY_9A;

    if (!signature_good(t, e, ref))
        task_done(t, ADMIN_REFUSED, "K13",
                  "key %02X does not belong to the certificate on this card", (unsigned)ref);
    else if (t->step == STEP_REFUSE_9A)
        finish(t);
    else
        next_step(t);
}

static void on_pin_failed(struct task *t, const struct card_event *e)
{
    struct args args = {0};

    wire_wipe(t->pin, sizeof(t->pin));
    args_add(&args, "ext", ARG_TEXT, t->broker->config.policy.extension);
    if (e->reason == CARD_PIN_WRONG && (!e->has_tries || e->tries > 1)) {
        args_add_number(&args, "tries", e->has_tries ? e->tries - 1 : 0);
        task_event(t, "X02", &args);
        ask_pin(t);
    } else if (e->reason == CARD_PIN_FORMAT) {
        task_event(t, "X17", &args);
        ask_pin(t);
    } else if (e->reason == CARD_PIN_BLOCKED) {
        task_done(t, ADMIN_REFUSED, "X04", "the PIN is blocked");
    } else if (e->reason == CARD_PIN_LAST || e->reason == CARD_PIN_WRONG) {
        task_done(t, ADMIN_REFUSED, "X03", "one try is left for the PIN: not used");
    } else {
        task_done(t, ADMIN_UNAVAILABLE, "X15", "the card refused the PIN (SW %04X)", e->sw);
    }
}

static void on_failed(struct task *t, const struct card_event *e)
{
    bool absent = e->reason == CARD_ABSENT || e->reason == CARD_REFUSED;

    if (t->step == STEP_SIGN_9A) {
        on_pin_failed(t, e);
    } else if (t->step == STEP_REFUSE_9A && e->reason == CARD_PIN_NEEDED) {
        key_of(t, KEY_9A)->pin = true;
        next_step(t);
    } else if (absent && t->step >= STEP_IDENTIFIER && t->step <= STEP_DISCOVERY) {
        next_step(t);
    } else if (e->reason == CARD_UNKNOWN) {
        task_done(t, ADMIN_REFUSED, "K13", "the card has no PIV application");
    } else if (e->reason == CARD_GONE) {
        task_done(t, ADMIN_UNAVAILABLE, "X07", "the card was removed");
    } else {
        task_done(t, ADMIN_UNAVAILABLE, "X15", "the card could not be read (reason %u, SW %04X)",
                  e->reason, e->sw);
    }
}

static void on_waiting(struct task *t, const struct card_event *e)
{
    if (e->reason == CARD_NO_READER)
        task_event(t, "M14", NULL);
    else if (e->reason == CARD_NO_SERVICE)
        task_done(t, ADMIN_UNAVAILABLE, "X10", "pcscd does not answer");
    else if (e->reason == CARD_IN_USE)
        task_event(t, "X14", NULL);
}

static void on_event(void *ctx, const struct card_event *e)
{
    struct task *t = ctx;

    if (t->done)
        return;
    if (e->type == CARD_LINK_DEAD)
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-card ended");
    else if (e->type == CARD_REMOVED && t->step != STEP_CARD)
        task_done(t, ADMIN_UNAVAILABLE, "X07", "the card was removed");
    else if (e->type == CARD_WAITING)
        on_waiting(t, e);
    else if (e->type == CARD_PRESENT && t->step == STEP_CARD)
        next_step(t);
    else if (e->type == CARD_OBJECT && t->step >= STEP_IDENTIFIER && t->step <= STEP_DISCOVERY)
        on_object(t, e);
    else if (e->type == CARD_SIGNED && (t->step == STEP_SIGN_9E || t->step >= STEP_REFUSE_9A))
        on_signed(t, e);
    else if (e->type == CARD_FAILED)
        on_failed(t, e);
    else
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-card: message out of turn");
}

static void on_answer(struct task *t, const char *secret)
{
    if (t->step != STEP_ASK) {
        task_done(t, ADMIN_USAGE, NULL, "no question is open");
    } else if (secret[0] == '\0') {
        task_done(t, ADMIN_REFUSED, NULL, "cancelled: no PIN was given");
    } else {
        snprintf(t->pin, sizeof(t->pin), "%s", secret);
        sign(t, STEP_SIGN_9A, KEY_9A, t->pin);
        wire_wipe(t->pin, sizeof(t->pin));
    }
}

static void on_late(struct task *t)
{
    task_done(t, ADMIN_UNAVAILABLE, t->step == STEP_CARD ? "X06" : "X15",
              t->step == STEP_CARD ? "no card was placed" : "no answer in time");
}

void card_enroll(struct task *t)
{
    static const struct task_ops ops = {on_answer, on_late};
    const char *reader = admin_pair_get(&t->pairs, "reader");
    const char *label = task_get(t, "label");

    t->ops = &ops;
    if (!task_find_person(t))
        return;
    if (t->person.credentials == ROSTER_CREDENTIALS || strlen(label) >= ROSTER_TEXT_MAX) {
        task_done(t, ADMIN_USAGE, NULL, "too many cards, or the label is too long");
        return;
    }
    t->credential = (struct roster_credential){
        .family = CARD_PIV, .state = ROSTER_ACTIVE, .pin_ref = PIN_REF_PIV};
    memcpy(t->credential.label, label, strlen(label) + 1);
    if (crypto_random(t->credential.id, ROSTER_ID_LEN) != CRYPTO_OK) {
        task_done(t, ADMIN_FAILED, NULL, "no random numbers");
        return;
    }
    if (!task_take_devices(t))
        return;
    task_event(t, "K12", NULL);
    task_arm(t, PLACE_SECONDS);
    if (!t->done && !cardlink_open(&t->card, t->broker, t->id, reader, on_event, t))
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-card could not be started");
}
