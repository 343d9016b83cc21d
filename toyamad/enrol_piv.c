/* SPDX-License-Identifier: Apache-2.0
 *
 * PIV: the free key 9E signs, 9A is seen to refuse without the PIN and to sign with it.
 */
#include "toyamad/enrol.h"

#include "core/wire/wipe.h"

#include <stdio.h>
#include <string.h>

#define PIN_REF_PIV    0x80
#define PIN_REF_GLOBAL 0x00
#define KEY_9E         0x9E
#define KEY_9A         0x9A

enum step {
    STEP_IDENTIFIER = ENROL_FIRST,
    STEP_CERT_9E,
    STEP_CERT_9A,
    STEP_DISCOVERY,
    STEP_SIGN_9E,
    STEP_REFUSE_9A, /* the signature without PIN that should not come */
    STEP_ASK,
    STEP_SIGN_9A
};

static void sign(struct task *t, enum step step, uint8_t ref, const char *pin)
{
    struct prove_shape shape;

    if (enrol_shape(t, ref, &shape))
        enrol_sign(t, step, &shape, pin);
    else
        enrol_finish(t);
}

/* Tag 5F2F (SP 800-73-4 part 1, 3.3.2): bit 40 PIV PIN, bit 20 global PIN; second octet 20: the
 * global PIN is the primary one. */
static void take_discovery(struct task *t, const struct card_event *e)
{
    if (e->len == 2 && (e->data[0] & 0x20) != 0 && e->data[1] == 0x20)
        t->credential.pin_ref = PIN_REF_GLOBAL;
}

/* Whoever gets a card for a day does not know its PIN, and needs it only where the host asks. */
static bool pin_is_needed(const struct task *t)
{
    return !t->lending || (t->broker->config.policy.require & FACTOR_PIN) != 0;
}

static void leave_out_9a(struct task *t)
{
    struct roster_credential *c = &t->credential;
    size_t kept = 0;

    for (size_t n = 0; n < c->keys; n++)
        if (c->key[n].ref != KEY_9A)
            c->key[kept++] = c->key[n];
    memset(c->key + kept, 0, (c->keys - kept) * sizeof(c->key[0]));
    c->keys = kept;
}

static void prove_keys(struct task *t)
{
    if (!pin_is_needed(t))
        leave_out_9a(t);

    if (t->credential.keys == 0)
        task_done(t, ADMIN_REFUSED, "K13",
                  "the card has no certificate with an RSA-2048, RSA-3072, P-256 or P-384 key%s",
                  pin_is_needed(t) ? "" : " that needs no PIN");
    else if (enrol_is_new(t) && enrol_key(t, KEY_9E) != NULL)
        sign(t, STEP_SIGN_9E, KEY_9E, NULL);
    else if (!t->done)
        sign(t, STEP_REFUSE_9A, KEY_9A, NULL);
}

static void next_step(struct task *t)
{
    switch ((enum step)t->step) {
    case STEP_IDENTIFIER:
        enrol_read(t, STEP_CERT_9E, CARD_OBJ_CERT_9E);
        break;
    case STEP_CERT_9E:
        enrol_read(t, STEP_CERT_9A, CARD_OBJ_CERT_9A);
        break;
    case STEP_CERT_9A:
        enrol_read(t, STEP_DISCOVERY, CARD_OBJ_DISCOVERY);
        break;
    case STEP_DISCOVERY:
        prove_keys(t);
        break;
    case STEP_SIGN_9E:
        sign(t, STEP_REFUSE_9A, KEY_9A, NULL);
        break;
    case STEP_REFUSE_9A:
        enrol_ask_pin(t, STEP_ASK);
        break;
    case STEP_ASK:
    case STEP_SIGN_9A:
        enrol_finish(t);
        break;
    }
}

static void begin(struct task *t)
{
    enrol_read(t, STEP_IDENTIFIER, CARD_OBJ_IDENTIFIER);
}

static void on_object(struct task *t, const struct card_event *e)
{
    if (t->step == STEP_IDENTIFIER && e->len <= ROSTER_HINT_MAX) {
        t->credential.hint_len = e->len;
        memcpy(t->credential.hint, e->data, e->len);
    } else if (t->step == STEP_CERT_9E) {
        enrol_take_key(t, KEY_9E, e);
    } else if (t->step == STEP_CERT_9A) {
        enrol_take_key(t, KEY_9A, e);
    } else if (t->step == STEP_DISCOVERY) {
        take_discovery(t, e);
    }
    next_step(t);
}

static void on_answered(struct task *t, const struct card_event *e)
{
    if (!enrol_good(t, e))
        task_done(t, ADMIN_REFUSED, "K13",
                  "key %02X does not belong to the certificate on this card",
                  (unsigned)t->proof.shape.ref);
    else if (t->step == STEP_REFUSE_9A)
        enrol_finish(t);
    else
        next_step(t);
}

static bool on_failed(struct task *t, const struct card_event *e)
{
    bool absent = e->reason == CARD_ABSENT || e->reason == CARD_REFUSED;

    if (t->step == STEP_SIGN_9A) {
        enrol_pin_failed(t, e, STEP_ASK);
    } else if (t->step == STEP_REFUSE_9A && e->reason == CARD_PIN_NEEDED) {
        enrol_key(t, KEY_9A)->pin = true;
        next_step(t);
    } else if (absent && t->step <= STEP_DISCOVERY) {
        next_step(t);
    } else {
        return false;
    }
    return true;
}

static void on_typed(struct task *t, const char *secret)
{
    if (t->step != STEP_ASK) {
        task_done(t, ADMIN_USAGE, NULL, "no question is open");
        return;
    }
    snprintf(t->pin, sizeof(t->pin), "%s", secret);
    sign(t, STEP_SIGN_9A, KEY_9A, t->pin);
    wire_wipe(t->pin, sizeof(t->pin));
}

const struct enrol_family enrol_piv = {CARD_PIV,    PIN_REF_PIV, begin,   on_object,
                                       on_answered, on_failed,   on_typed};
