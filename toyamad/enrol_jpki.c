/* SPDX-License-Identifier: Apache-2.0
 *
 * My Number card: the certificate gives the public key, of which the key and its hash are kept and
 * nothing else; the key is seen to refuse without the PIN and to sign with it.
 */
#include "toyamad/enrol.h"

#include "core/wire/wipe.h"

#include <stdio.h>

#define KEY     0x17
#define PIN_REF 0x80

enum step { STEP_CERTIFICATE = ENROL_FIRST, STEP_TRIES, STEP_REFUSE, STEP_ASK, STEP_SIGN };

static void sign(struct task *t, enum step step, const char *pin)
{
    struct prove_shape shape;

    if (enrol_shape(t, KEY, &shape))
        enrol_sign(t, step, &shape, pin);
    else
        task_done(t, ADMIN_FAILED, NULL, "the key is of no known kind");
}

static void begin(struct task *t)
{
    enrol_read(t, STEP_CERTIFICATE, CARD_OBJ_CERT_JPKI);
}

static void take_certificate(struct task *t, const struct card_event *e)
{
    if (!enrol_take_key(t, KEY, e)) {
        task_done(t, ADMIN_REFUSED, "K13", "the card has no certificate with an RSA-2048 key");
        return;
    }
    t->credential.key[0].pin = true;
    if (enrol_is_new(t))
        enrol_read(t, STEP_TRIES, CARD_OBJ_TRIES);
}

static void take_tries(struct task *t, const struct card_event *e)
{
    if (e->has_tries && e->tries <= 1)
        task_done(t, ADMIN_REFUSED, "X37", "no try of the PIN may be used");
    else
        sign(t, STEP_REFUSE, NULL);
}

static void on_object(struct task *t, const struct card_event *e)
{
    if (t->step == STEP_CERTIFICATE)
        take_certificate(t, e);
    else
        take_tries(t, e);
}

static void on_answered(struct task *t, const struct card_event *e)
{
    if (t->step == STEP_REFUSE)
        task_done(t, ADMIN_REFUSED, "K13", "the key signs without the PIN");
    else if (!enrol_good(t, e))
        task_done(t, ADMIN_REFUSED, "K13", "the key does not belong to the certificate");
    else
        enrol_finish(t);
}

static bool on_failed(struct task *t, const struct card_event *e)
{
    if (t->step == STEP_SIGN)
        enrol_pin_failed(t, e, STEP_ASK);
    else if (t->step == STEP_REFUSE && e->reason == CARD_PIN_NEEDED)
        enrol_ask_pin(t, STEP_ASK);
    else if (t->step == STEP_TRIES && e->reason == CARD_PIN_BLOCKED)
        task_done(t, ADMIN_REFUSED, "X37", "the PIN is blocked");
    else
        return false;
    return true;
}

static void on_typed(struct task *t, const char *secret)
{
    if (t->step != STEP_ASK) {
        task_done(t, ADMIN_USAGE, NULL, "no question is open");
        return;
    }
    snprintf(t->pin, sizeof(t->pin), "%s", secret);
    sign(t, STEP_SIGN, t->pin);
    wire_wipe(t->pin, sizeof(t->pin));
}

const struct enrol_family enrol_jpki = {CARD_JPKI,   PIN_REF,   begin,   on_object,
                                        on_answered, on_failed, on_typed};
