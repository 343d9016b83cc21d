/* SPDX-License-Identifier: Apache-2.0
 *
 * yubikey enroll. A slot whose access code is lost cannot be reset by anybody:
 * the record that knows the code is on disk before the slot is written, keeps the code before as
 * long as the slot may still have it, and a retry goes on with what was begun.
 */
#include "toyamad/enrol.h"
#include "toyamad/names.h"
#include "toyamad/token_key.h"

#include "core/wire/wipe.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRITE_SECONDS  10
#define ANSWER_SECONDS 5
#define TOUCH_SECONDS  20 /* a key gives up after 15 */
#define CODES          3  /* codes that the slot may have now */

enum step {
    STEP_KEY = 0,
    STEP_CODE,
    STEP_WRITE,
    STEP_RESUME, /* is this the blank key for which a record was begun? */
    STEP_FIRST,
    STEP_SECOND
};

static bool said_yes(const struct task *t, const char *key)
{
    return strcmp(task_get(t, key), "yes") == 0;
}

static uint32_t serial_of(const struct task *t)
{
    const uint8_t *h = t->credential.hint;

    if (t->credential.hint_len == 0)
        return 0;
    return (uint32_t)h[0] << 24 | (uint32_t)h[1] << 16 | (uint32_t)h[2] << 8 | h[3];
}

static void set_serial(struct roster_credential *c, uint32_t serial)
{
    c->hint_len = serial != 0 ? 4 : 0;
    for (size_t n = 0; n < c->hint_len; n++)
        c->hint[n] = (uint8_t)(serial >> (24 - 8 * n));
}

static bool shared_of(struct task *t, struct shared_yubikey *out)
{
    return shared_yubikey_decode(t->shared, t->shared_len, out);
}

static bool keep_shared(struct task *t, const struct shared_yubikey *key)
{
    return shared_yubikey_encode(key, t->shared, &t->shared_len);
}

/* The person's record of the key with this number, in whatever state. */
static const struct roster_credential *known(const struct task *t)
{
    for (size_t n = 0; n < t->person.credentials; n++) {
        const struct roster_credential *c = &t->person.credential[n];
        if (c->family == CARD_YUBIKEY && c->keys == 1 && c->hint_len > 0 &&
            c->hint_len == t->credential.hint_len &&
            memcmp(c->hint, t->credential.hint, c->hint_len) == 0)
            return c;
    }
    return NULL;
}

/* A blank key hides its number: what was begun for one. */
static const struct roster_credential *begun_blank(const struct task *t)
{
    for (size_t n = 0; n < t->person.credentials; n++) {
        const struct roster_credential *c = &t->person.credential[n];
        if (c->family == CARD_YUBIKEY && c->keys == 1 && c->hint_len == 0 && token_key_begun(c))
            return c;
    }
    return NULL;
}

static bool draw(struct shared_yubikey *key)
{
    return crypto_random(key->key.key, sizeof(key->key.key)) == CRYPTO_OK &&
           crypto_random(key->code, sizeof(key->code)) == CRYPTO_OK;
}

/* What was begun is gone on with; what is in use is replaced, its code remembered. */
static bool take_known(struct task *t, const struct roster_credential *c,
                       struct shared_yubikey *key)
{
    if (!token_key_open(t, &t->person, c, key))
        return false;
    memcpy(t->credential.id, c->id, sizeof(c->id));
    if (t->credential.label[0] == '\0')
        memcpy(t->credential.label, c->label, sizeof(c->label));
    if (c->key[0].ref != t->credential.key[0].ref) {
        task_done(t, ADMIN_USAGE, NULL, "this key is registered with its slot %u",
                  (unsigned)c->key[0].ref);
    } else if (token_key_begun(c)) {
        return true;
    } else if (c->state != ROSTER_RETURNED && !said_yes(t, "replace")) {
        task_done(t, ADMIN_REFUSED, NULL,
                  "this key is registered for this person already: --replace writes it anew");
    } else {
        key->has_before = true;
        memcpy(key->before, key->code, sizeof(key->before));
        if (draw(key))
            return true;
        task_done(t, ADMIN_FAILED, NULL, "no random numbers");
    }
    return false;
}

/* By its number: there is no key yet that could be somebody's. */
static bool is_new(struct task *t)
{
    bool fresh;

    t->credential.keys = 0;
    fresh = enrol_is_new(t);
    t->credential.keys = 1;
    return fresh;
}

/* One that was lent and given back: its slot has the code that was given to it then. */
static bool take_code_before(struct task *t, struct shared_yubikey *key)
{
    struct roster_record holder;
    const struct roster_credential *c = reissue_before(t, &holder);
    struct shared_yubikey before = {0};
    bool good = c != NULL && token_key_open(t, &holder, c, &before);

    key->has_before = good;
    memcpy(key->before, before.code, sizeof(key->before));
    wire_wipe(&before, sizeof(before));
    return good;
}

static bool take_new(struct task *t, struct shared_yubikey *key)
{
    if (!is_new(t) || (t->reissue.renews && !take_code_before(t, key)))
        return false;
    if (draw(key))
        return true;
    task_done(t, ADMIN_FAILED, NULL, "no random numbers");
    return false;
}

/* The codes that the slot may have, likeliest first: number `turn`. False: none is left. An empty
 * slot has none, which is what NULL says. */
static bool code_of_turn(struct task *t, const struct shared_yubikey *key, const uint8_t **out)
{
    const uint8_t *codes[CODES + 1];
    size_t count = 0;

    if (key->has_before)
        codes[count++] = key->before;
    codes[count++] = NULL;
    codes[count++] = key->code;
    *out = t->index < count ? codes[t->index] : NULL;
    return t->index < count;
}

/* Nothing was written: a record that was made for it goes, but the only copy of an access code. */
static void refuse(struct task *t, const char *msg, const char *detail)
{
    if (t->begun || t->reissue.renews || enrol_withdraw(t))
        task_done(t, ADMIN_REFUSED, msg, "%s", detail);
}

static void write_slot(struct task *t)
{
    struct token_program program = {.serial = serial_of(t),
                                    .slot = t->credential.key[0].ref,
                                    .replace = said_yes(t, "replace") || t->index > 0 || t->begun ||
                                               t->reissue.renews};
    struct shared_yubikey key = {0};

    if (!shared_of(t, &key) || !code_of_turn(t, &key, &program.current)) {
        refuse(t, "X82", "the slot has another access code: give it with --code");
        goto out;
    }
    memcpy(program.secret, key.key.key, sizeof(program.secret));
    memcpy(program.code, key.code, sizeof(program.code));
    program.touch = key.touch;
    t->step = STEP_WRITE;
    task_arm(t, WRITE_SECONDS);
    if (!t->done)
        tokenlink_program(&t->token, &program);
out:
    wire_wipe(&program, sizeof(program));
    wire_wipe(&key, sizeof(key));
}

/* On disk first. */
static void store_and_write(struct task *t)
{
    t->credential.state = ROSTER_SUSPENDED;
    if (enrol_store(t, "token-issuing")) {
        t->index = 0;
        write_slot(t);
    }
}

/* `c` NULL: there is no record of this key. */
static void prepare_key(struct task *t, const struct roster_credential *c)
{
    struct shared_yubikey key = {0};
    bool good = c != NULL ? take_known(t, c, &key) : take_new(t, &key);
    t->begun = c != NULL;
    if (good && (c == NULL || !token_key_begun(c)))
        key.touch = !said_yes(t, "no-touch");
    if (good && !keep_shared(t, &key)) {
        task_done(t, ADMIN_FAILED, NULL, "the key could not be encoded");
        good = false;
    }
    wire_wipe(&key, sizeof(key));
    if (good && said_yes(t, "code")) {
        t->step = STEP_CODE;
        task_arm(t, ENROL_PLACE_SECONDS);
        if (!t->done)
            task_ask(t, "X83");
    } else if (good) {
        store_and_write(t);
    }
}

static void challenge(struct task *t, enum step step)
{
    const struct prove_shape shape = {CARD_YUBIKEY, t->credential.key[0].ref, CARD_HMAC_SHA1,
                                      false};
    struct token_question question = {.serial = serial_of(t), .slot = shape.ref};
    struct card_signing signing = {0};

    if (prove_begin(&t->proof, &t->broker->config.policy, PROOF_ENROL_9E, &shape, &signing) !=
        PROOF_OK) {
        task_done(t, ADMIN_FAILED, NULL, "a challenge could not be made");
        return;
    }
    question.challenge = signing.digest;
    question.len = signing.digest_len;
    t->step = step;
    task_arm(t, ANSWER_SECONDS);
    if (!t->done)
        tokenlink_challenge(&t->token, &question);
}

/* A key that tells its number now may be the blank one of a call that was interrupted, or another
 * one: what it answers shows which. */
static void ask_whether_begun(struct task *t, const struct roster_credential *begun)
{
    struct shared_yubikey key = {0};

    t->begun = true;
    if (take_known(t, begun, &key) && keep_shared(t, &key))
        challenge(t, STEP_RESUME);
    else if (!t->done)
        task_done(t, ADMIN_FAILED, NULL, "the key could not be encoded");
    wire_wipe(&key, sizeof(key));
}

static void on_begun(struct task *t)
{
    if (is_new(t))
        challenge(t, STEP_SECOND);
}

/* Another key than the one that was begun: that one's record stays as it is. */
static void on_not_begun(struct task *t)
{
    const char *label = task_get(t, "label");

    memcpy(t->credential.label, label, strlen(label) + 1);
    if (crypto_random(t->credential.id, ROSTER_ID_LEN) == CRYPTO_OK)
        prepare_key(t, NULL);
    else
        task_done(t, ADMIN_FAILED, NULL, "no random numbers");
}

static void on_present(struct task *t, const struct token_event *e)
{
    const struct roster_credential *c, *begun = begun_blank(t);
    unsigned slot = 1u << (t->credential.key[0].ref - 1);

    if (e->count != 1) {
        task_done(t, ADMIN_REFUSED, "X80", "%zu keys are plugged in", e->count);
        return;
    }
    set_serial(&t->credential, e->keys[0].serial);
    c = t->credential.hint_len > 0 ? known(t) : begun;
    if (c == NULL && begun != NULL && begun->key[0].ref == t->credential.key[0].ref &&
        (e->keys[0].valid & slot) != 0)
        ask_whether_begun(t, begun);
    else
        prepare_key(t, c);
}

/* Its number is visible from now on. */
static void on_programmed(struct task *t, const struct token_event *e)
{
    uint8_t before = (uint8_t)t->credential.hint_len;

    set_serial(&t->credential, e->count == 1 ? e->keys[0].serial : 0);
    if (t->credential.hint_len == 0)
        task_done(t, ADMIN_REFUSED, "X65", "the key does not tell its serial number");
    else if (before != 0 || is_new(t))
        challenge(t, STEP_FIRST);
}

static void finish(struct task *t)
{
    struct shared_yubikey key = {0};
    bool good = shared_of(t, &key);

    key.has_before = false;
    good = good && keep_shared(t, &key);
    wire_wipe(&key, sizeof(key));
    t->credential.state = ROSTER_ACTIVE;
    if (good)
        enrol_finish(t);
    else
        task_done(t, ADMIN_FAILED, NULL, "the key could not be encoded");
}

/* Two rounds: the second answer is to another challenge, and must be another one. */
static void on_answer(struct task *t, const struct token_event *e)
{
    struct shared_yubikey key = {0};
    bool good = shared_of(t, &key) && proof_hmac_check(&t->proof.proof.hmac, e->answer, e->len,
                                                       &key.key, 1, NULL) == PROOF_OK;

    wire_wipe(&key, sizeof(key));
    if (t->step == STEP_RESUME && good)
        on_begun(t);
    else if (t->step == STEP_RESUME)
        on_not_begun(t);
    else if (!good)
        task_done(t, ADMIN_REFUSED, "X65", "the key does not answer with what was written");
    else if (t->step == STEP_FIRST)
        challenge(t, STEP_SECOND);
    else
        finish(t);
}

static void on_write_failed(struct task *t, const struct token_event *e)
{
    if (e->reason == TOKEN_REFUSED) {
        t->index++;
        write_slot(t);
    } else if (e->reason == TOKEN_OCCUPIED) {
        refuse(t, "X84", "the slot is in use: --replace overwrites it");
    } else if (e->reason == TOKEN_TOO_OLD) {
        refuse(t, NULL, "this key's firmware has no challenge-response");
    } else {
        task_done(t, ADMIN_UNAVAILABLE, "X65",
                  "the key was not written to the end (reason %u): run the command again",
                  e->reason);
    }
}

static void on_failed(struct task *t, const struct token_event *e)
{
    bool other = e->reason == TOKEN_EMPTY || e->reason == TOKEN_SILENT;

    if (t->step == STEP_WRITE)
        on_write_failed(t, e);
    else if (t->step == STEP_RESUME && other)
        on_not_begun(t);
    else if (e->reason == TOKEN_UNTOUCHED)
        task_done(t, ADMIN_UNAVAILABLE, "X66", "the key was not touched: run the command again");
    else
        task_done(t, ADMIN_UNAVAILABLE, "X65", "the key does not answer (reason %u)", e->reason);
}

static void on_touch(struct task *t)
{
    task_event(t, "X64", NULL);
    task_arm(t, TOUCH_SECONDS);
}

static void on_waiting(struct task *t, const struct token_event *e)
{
    if (e->reason == TOKEN_NO_RIGHTS)
        task_done(t, ADMIN_UNAVAILABLE, "X65", "toyama-yubikey may not open the key: udev rule?");
    else if (e->reason == TOKEN_IN_USE)
        task_event(t, "X14", NULL);
}

static void on_event(void *ctx, const struct token_event *e)
{
    struct task *t = ctx;

    if (t->done)
        return;
    if (e->type == TOKEN_LINK_DEAD)
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-yubikey ended");
    else if (e->type == TOKEN_WAITING && t->step == STEP_KEY)
        on_waiting(t, e);
    else if (e->type == TOKEN_PRESENT && t->step == STEP_KEY)
        on_present(t, e);
    else if (e->type == TOKEN_PROGRAMMED && t->step == STEP_WRITE)
        on_programmed(t, e);
    else if (e->type == TOKEN_TOUCH && t->step >= STEP_RESUME)
        on_touch(t);
    else if (e->type == TOKEN_ANSWER && t->step >= STEP_RESUME)
        on_answer(t, e);
    else if (e->type == TOKEN_FAILED && t->step >= STEP_WRITE)
        on_failed(t, e);
    else if (e->type == TOKEN_REMOVED)
        task_done(t, ADMIN_UNAVAILABLE, "X65", "the key was unplugged: run the command again");
    else
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-yubikey: message out of turn");
}

/* A slot that others have programmed: the code that they gave it. */
static void on_code(struct task *t, const char *secret)
{
    struct shared_yubikey key = {0};

    if (t->step != STEP_CODE) {
        task_done(t, ADMIN_USAGE, NULL, "no question is open");
    } else if (!shared_of(t, &key) || !names_unhex(secret, key.before, sizeof(key.before))) {
        task_done(t, ADMIN_USAGE, NULL, "an access code is 12 hexadecimal digits");
    } else {
        key.has_before = true;
        if (keep_shared(t, &key))
            store_and_write(t);
        else
            task_done(t, ADMIN_FAILED, NULL, "the key could not be encoded");
    }
    wire_wipe(&key, sizeof(key));
}

static void on_late(struct task *t)
{
    if (t->step == STEP_KEY)
        task_done(t, ADMIN_UNAVAILABLE, "X06", "no key was plugged in");
    else
        task_done(t, ADMIN_UNAVAILABLE, "X65", "no answer in time: run the command again");
}

/* Where a shared key counts, which at a station is another zone than its own. */
static bool zone_takes_keys(struct task *t)
{
    bool number = t->broker->config.roster.kind == REGISTER_STATION
                      ? (t->credential.zones & ROSTER_INDIVIDUAL_NUMBER) != 0
                      : t->broker->config.policy.zone == ZONE_INDIVIDUAL_NUMBER;

    if (number)
        task_done(t, ADMIN_REFUSED, "X85", "tokens are not used in the individual-number zone");
    return !number;
}

static bool prepare(struct task *t)
{
    const char *label = task_get(t, "label"), *slot = task_get(t, "slot");

    if (!task_find_person(t))
        return false;
    if (slot[0] != '\0' && strcmp(slot, "1") != 0 && strcmp(slot, "2") != 0) {
        task_done(t, ADMIN_USAGE, NULL, "a slot is 1 or 2");
        return false;
    }
    if (strlen(label) >= ROSTER_TEXT_MAX) {
        task_done(t, ADMIN_USAGE, NULL, "the label is too long");
        return false;
    }
    t->credential = (struct roster_credential){.family = CARD_YUBIKEY, .keys = 1};
    t->credential.key[0].ref = slot[0] == '1' ? 1 : TOKEN_SLOT_DEFAULT;
    memcpy(t->credential.label, label, strlen(label) + 1);
    if (crypto_random(t->credential.id, ROSTER_ID_LEN) == CRYPTO_OK)
        return reissue_prepare(t) && zone_takes_keys(t);
    task_done(t, ADMIN_FAILED, NULL, "no random numbers");
    return false;
}

void yubikey_enroll(struct task *t)
{
    static const struct task_ops ops = {on_code, on_late};

    t->ops = &ops;
    if (!prepare(t) || !task_take_devices(t))
        return;
    task_event(t, "X87", NULL);
    task_arm(t, ENROL_PLACE_SECONDS);
    if (!t->done && !tokenlink_open(&t->token, t->broker, t->id, on_event, t))
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-yubikey could not be started");
}
