/* SPDX-License-Identifier: Apache-2.0
 *
 * The approver's card, twice the same way: who it says that it is, whether he may approve, the
 * proof by 9E where there is one. The first time the PIN is asked for then; the second time, by a
 * worker that met no other card, 9C signs in the same transaction.
 */
#include "core/wire/wipe.h"
#include "toyamad/approve.h"
#include "toyamad/attempt.h"
#include "toyamad/officer.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <string.h>

#define ANSWER_SECONDS 15 /* for a card to answer */
#define TYPE_SECONDS   120
#define LOOK_SECONDS   1  /* until cards that lie there are looked at again */
#define WAITS_MAX      50 /* only changes of the reason are reported */
#define PROMPTS        3
#define USEC           UINT64_C(1000000)

/* The second time: the PIN was typed. */
static bool signing(const struct approve *a)
{
    return a->pin[0] != '\0';
}

static void give_up(struct task *t, const char *msg, const char *why)
{
    wire_wipe(t->approve.pin, sizeof(t->approve.pin));
    task_done(t, ADMIN_UNAVAILABLE, msg, "%s", why);
}

static void enter(struct task *t, enum approve_state state, uint32_t seconds)
{
    t->approve.state = state;
    task_arm(t, seconds);
}

/* Nothing that was wanted came in time: what lay there all the while is the cause, where something
 * did. */
static void too_late(struct task *t)
{
    const struct approve *a = &t->approve;

    if (a->refusal != NULL)
        approve_refuse(t, ADMIN_REFUSED, a->refusal, a->cause);
    else
        give_up(t, "H03", "no approver's card was placed");
}

static void read_name(struct task *t)
{
    enter(t, APPROVE_NAME, ANSWER_SECONDS);
    if (!t->done)
        cardlink_read(&t->card, CARD_PIV, CARD_OBJ_IDENTIFIER, true);
}

static bool lies_there(const struct approve *a, const uint8_t name[ROSTER_HINT_MAX])
{
    for (size_t n = 0; n < a->lying; n++)
        if (memcmp(a->lies[n], name, ROSTER_HINT_MAX) == 0)
            return true;
    return false;
}

static void look_later(struct task *t)
{
    cardlink_close(&t->card);
    t->approve.first = false;
    enter(t, APPROVE_LOOK, LOOK_SECONDS);
}

/* The card in this reader will not do; a card in another one may. */
static void next_card(struct task *t)
{
    struct approve *a = &t->approve;

    if (signing(a)) {
        approve_refuse(t, ADMIN_REFUSED, "X07", "another-card");
    } else if (a->more && ++a->others < CARD_READERS_MAX) {
        enter(t, APPROVE_NEXT, ANSWER_SECONDS);
        if (!t->done)
            cardlink_simple(&t->card, CARD_NEXT);
    } else {
        look_later(t);
    }
}

/* `name`: what the card calls itself, zero where it does not. Whoever left a card in a reader has
 * not tried anything with it. */
static void unwanted(struct task *t, const uint8_t name[ROSTER_HINT_MAX], const char *msg,
                     const char *cause)
{
    struct approve *a = &t->approve;

    a->refusal = msg;
    a->cause = cause;
    if (a->first && a->lying < CARD_READERS_MAX)
        memcpy(a->lies[a->lying++], name, ROSTER_HINT_MAX);
    if (signing(a) || !lies_there(a, name))
        approve_refuse(t, ADMIN_REFUSED, msg, cause);
    else
        next_card(t);
}

static bool find_credential(struct approve *a, const uint8_t *name, size_t len)
{
    for (size_t n = 0; n < a->person.credentials; n++) {
        const struct roster_credential *c = &a->person.credential[n];
        if (c->family == CARD_PIV && c->hint_len == len && memcmp(c->hint, name, len) == 0) {
            a->index = n;
            return true;
        }
    }
    return false;
}

static bool is_chosen(const struct approve *a)
{
    return memcmp(a->person.credential[a->index].id, a->chosen, ROSTER_ID_LEN) == 0;
}

static void ask_pin(struct task *t)
{
    struct approve *a = &t->approve;

    cardlink_close(&t->card);
    if (a->prompts++ == PROMPTS) {
        approve_refuse(t, ADMIN_REFUSED, "X31", "pin-wrong");
        return;
    }
    enter(t, APPROVE_TYPE, TYPE_SECONDS);
    if (!t->done)
        task_ask(t, "X01");
}

static void sign_next(struct task *t)
{
    struct approve *a = &t->approve;
    const struct roster_credential *c = &a->person.credential[a->index];
    const struct approve_digest *blob = &a->blob[a->result.signatures];
    const struct roster_key *key = officer_key(c);
    struct card_signing it = {.family = CARD_PIV, .key = OFFICER_KEY, .pin_ref = c->pin_ref};
    enum crypto_alg alg;

    enter(t, APPROVE_SIGN, ANSWER_SECONDS);
    if (t->done)
        return;
    if (key == NULL || crypto_key_alg(key->spki, key->len, &alg) != CRYPTO_OK) {
        give_up(t, "X15", "the approver's key is of no known algorithm");
        return;
    }
    it.alg = (uint8_t)alg;
    it.digest = alg == CRYPTO_P384 ? blob->sha384 : blob->sha256;
    it.digest_len = crypto_digest_len(alg);
    it.pin = a->pin;
    it.more = a->result.signatures + 1 < a->blobs;
    cardlink_sign(&t->card, &it);
    if (!it.more)
        wire_wipe(a->pin, sizeof(a->pin));
}

static void on_proven(struct task *t)
{
    struct approve *a = &t->approve;

    if (signing(a)) {
        a->result.signatures = 0;
        sign_next(t);
    } else {
        memcpy(a->chosen, a->person.credential[a->index].id, ROSTER_ID_LEN);
        ask_pin(t);
    }
}

static void prove(struct task *t)
{
    struct approve *a = &t->approve;
    const struct roster_credential *c = &a->person.credential[a->index];
    const struct roster_key *key = prove_key(c, false);
    struct card_signing it = {.more = true};
    struct prove_shape shape;

    if (key == NULL) {
        on_proven(t);
        return;
    }
    enter(t, APPROVE_PROVE, ANSWER_SECONDS);
    if (t->done)
        return;
    if (!prove_shape(c, key, &shape) ||
        prove_begin(&a->proof, &t->broker->config.policy, PROOF_CARD_9E, &shape, &it) != PROOF_OK)
        give_up(t, "X05", "a challenge could not be made");
    else
        cardlink_sign(&t->card, &it);
}

/* The person as the record is now, each time. */
static void on_name(struct task *t, const struct card_event *e)
{
    struct approve *a = &t->approve;
    uint8_t name[ROSTER_HINT_MAX] = {0};
    const char *msg = "X88", *cause = "unknown-card";
    int err = REGISTRY_NONE;

    if (e->type == CARD_OBJECT && e->len > 0 && e->len <= sizeof(name)) {
        memcpy(name, e->data, e->len);
        err = registry_by_hint(&t->broker->registry, name, e->len, &a->person);
    }
    a->holder[0] = '\0';
    if (err == REGISTRY_OK && find_credential(a, name, e->len)) {
        memcpy(a->holder, a->person.number, sizeof(a->holder));
        cause = approve_judge(t, &msg);
    } else if (err != REGISTRY_OK && err != REGISTRY_NONE) {
        task_fail_registry(t, err);
        return;
    }
    if (cause != NULL)
        unwanted(t, name, msg, cause);
    else if (signing(a) && !is_chosen(a))
        unwanted(t, name, "X07", "another-card");
    else
        prove(t);
}

static void on_present(struct task *t, const struct card_event *e)
{
    struct approve *a = &t->approve;

    a->more = e->more;
    memcpy(a->reader, e->reader, sizeof(a->reader));
    read_name(t);
}

static void on_waiting(struct task *t, const struct card_event *e)
{
    struct approve *a = &t->approve;

    if (++a->waits > WAITS_MAX) {
        give_up(t, "X05", "toyama-card talks without end");
    } else if (signing(a) && e->reason == CARD_NO_CARD) {
        approve_refuse(t, ADMIN_UNAVAILABLE, "X07", "card-removed");
    } else if (e->reason == CARD_NO_SERVICE) {
        give_up(t, "X10", "pcscd does not answer");
    } else if (e->reason == CARD_NO_READER) {
        task_event(t, "M14", NULL);
    } else if (e->reason == CARD_IN_USE) {
        task_event(t, "X14", NULL);
    } else if (e->reason == CARD_NO_CARD) {
        a->first = false;
        a->lying = 0;
        a->refusal = NULL;
    }
}

static void on_no_next(struct task *t, const struct card_event *e)
{
    (void)e;
    t->approve.more = false;
    next_card(t);
}

static void on_proof(struct task *t, const struct card_event *e)
{
    struct approve *a = &t->approve;
    size_t owner = 0;

    if (prove_check(&a->proof, &t->broker->registry, &a->person, a->index, e->data, e->len,
                    &owner) == PROOF_OK)
        on_proven(t);
    else
        approve_refuse(t, ADMIN_REFUSED, "X88", "card-not-proven");
}

static bool verifies(struct task *t, const struct card_event *e)
{
    struct approve *a = &t->approve;
    const struct roster_key *key = officer_key(&a->person.credential[a->index]);
    const struct approve_digest *blob = &a->blob[a->result.signatures];
    struct approve_signature *out = &a->result.signature[a->result.signatures];
    enum crypto_alg alg;

    if (key == NULL || e->len > sizeof(out->octets) ||
        crypto_key_alg(key->spki, key->len, &alg) != CRYPTO_OK ||
        crypto_verify(key->spki, key->len, alg == CRYPTO_P384 ? blob->sha384 : blob->sha256,
                      crypto_digest_len(alg), e->data, e->len) != CRYPTO_OK)
        return false;
    memcpy(out->octets, e->data, e->len);
    out->len = e->len;
    memcpy(a->result.spki, key->spki, key->len);
    a->result.spki_len = key->len;
    return true;
}

/* The card must be there until the last word: what a removal has voided counts for nothing. */
static void conclude(struct task *t)
{
    cardlink_drain(&t->card);
    if (t->done)
        return;
    cardlink_close(&t->card);
    approve_finish(t);
}

static void on_signed(struct task *t, const struct card_event *e)
{
    struct approve *a = &t->approve;

    if (!verifies(t, e))
        approve_refuse(t, ADMIN_REFUSED, "X15", "bad-signature");
    else if (++a->result.signatures < a->blobs)
        sign_next(t);
    else
        conclude(t);
}

static void on_card_failed(struct task *t, const struct card_event *e)
{
    if (e->reason == CARD_GONE)
        approve_refuse(t, ADMIN_UNAVAILABLE, "X07", "card-removed");
    else
        approve_refuse(t, ADMIN_UNAVAILABLE, "X15", "card-unreadable");
}

static void on_pin_failed(struct task *t, const struct card_event *e)
{
    struct args args = {0};
    bool wrong = e->reason == CARD_PIN_WRONG && (!e->has_tries || e->tries > 1);

    wire_wipe(t->approve.pin, sizeof(t->approve.pin));
    args_add(&args, "ext", ARG_TEXT, t->broker->config.policy.extension);
    if (wrong || e->reason == CARD_PIN_FORMAT) {
        args_add_number(&args, "tries", e->has_tries ? e->tries - 1 : 0);
        task_event(t, wrong ? "X02" : "X17", &args);
        if (wrong && e->has_tries && e->tries == 2)
            task_event(t, "X71", NULL);
        ask_pin(t);
    } else if (e->reason == CARD_PIN_BLOCKED) {
        approve_refuse(t, ADMIN_REFUSED, "X04", "pin-blocked");
    } else if (e->reason == CARD_PIN_LAST || e->reason == CARD_PIN_WRONG) {
        approve_refuse(t, ADMIN_REFUSED, "X03", "pin-last-try");
    } else {
        on_card_failed(t, e);
    }
}

/* A card that gives no name is none of ours; one that went while it was looked at may come back. */
static void on_no_name(struct task *t, const struct card_event *e)
{
    if (e->reason == CARD_NO_SERVICE)
        give_up(t, "X10", "pcscd does not answer");
    else if (signing(&t->approve))
        on_card_failed(t, e);
    else if (e->reason == CARD_GONE || e->reason == CARD_IN_USE || e->reason == CARD_MUTE)
        look_later(t);
    else
        on_name(t, e);
}

/* What may come when. */
static const struct {
    enum approve_state state;
    uint8_t type;
    void (*handle)(struct task *t, const struct card_event *e);
} permitted[] = {
    {APPROVE_LOOK, CARD_WAITING, on_waiting}, {APPROVE_LOOK, CARD_PRESENT, on_present},
    {APPROVE_NAME, CARD_OBJECT, on_name},     {APPROVE_NAME, CARD_FAILED, on_no_name},
    {APPROVE_NEXT, CARD_PRESENT, on_present}, {APPROVE_NEXT, CARD_FAILED, on_no_next},
    {APPROVE_PROVE, CARD_SIGNED, on_proof},   {APPROVE_PROVE, CARD_FAILED, on_card_failed},
    {APPROVE_SIGN, CARD_SIGNED, on_signed},   {APPROVE_SIGN, CARD_FAILED, on_pin_failed},
};

/* Whoever places a card now has read what it is for. */
static void show(struct task *t)
{
    if (!t->approve.shown)
        task_event(t, "K15", NULL);
    t->approve.shown = true;
}

static void on_removed(struct task *t)
{
    enum approve_state state = t->approve.state;

    if (state == APPROVE_LOOK)
        return;
    if (state == APPROVE_SIGN || signing(&t->approve))
        approve_refuse(t, ADMIN_UNAVAILABLE, "X07", "card-removed");
    else
        look_later(t);
}

static void on_event(void *ctx, const struct card_event *e)
{
    struct task *t = ctx;

    if (t->done)
        return;
    if (e->type != CARD_LINK_DEAD)
        show(t);
    for (size_t n = 0; n < sizeof(permitted) / sizeof(permitted[0]); n++)
        if (permitted[n].state == t->approve.state && permitted[n].type == e->type) {
            permitted[n].handle(t, e);
            return;
        }
    if (e->type == CARD_REMOVED)
        on_removed(t);
    else
        give_up(t, "X05", "toyama-card ended, or spoke out of turn");
}

static void on_late(struct task *t)
{
    struct approve *a = &t->approve;

    if (a->state == APPROVE_LOOK && !signing(a) && attempt_clock() < a->deadline)
        approve_look(t);
    else if (a->state == APPROVE_LOOK && !signing(a))
        too_late(t);
    else if (a->state == APPROVE_TYPE)
        give_up(t, "X06", "no PIN was typed in time");
    else
        give_up(t, "X15", "the card did not answer in time");
}

static void on_answer(struct task *t, const char *secret)
{
    struct approve *a = &t->approve;

    if (a->state != APPROVE_TYPE) {
        task_done(t, ADMIN_USAGE, NULL, "no question is open");
    } else if (secret[0] == '\0') {
        approve_refuse(t, ADMIN_REFUSED, NULL, "cancelled");
    } else if (strlen(secret) >= sizeof(a->pin)) {
        task_event(t, "X17", NULL);
        ask_pin(t);
    } else {
        snprintf(a->pin, sizeof(a->pin), "%s", secret);
        approve_look(t);
    }
}

static uint32_t seconds_left(const struct approve *a)
{
    uint64_t now = attempt_clock();

    return now >= a->deadline ? 1 : (uint32_t)((a->deadline - now) / USEC) + 1;
}

void approve_look(struct task *t)
{
    static const struct task_ops ops = {on_answer, on_late};
    struct approve *a = &t->approve;

    t->ops = &ops;
    cardlink_close(&t->card);
    a->others = 0;
    enter(t, APPROVE_LOOK, signing(a) ? ANSWER_SECONDS : seconds_left(a));
    if (!t->done &&
        !cardlink_open(&t->card, t->broker, t->id, signing(a) ? a->reader : NULL, on_event, t))
        give_up(t, "X05", "toyama-card could not be started");
}
