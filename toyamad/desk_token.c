/* SPDX-License-Identifier: Apache-2.0
 *
 * The person's token on USB, while the readers are watched as well.
 */
#include "toyamad/desk.h"

#include "toyamad/log.h"
#include "toyamad/task.h"

#include <string.h>

static bool has_serial(const struct roster_credential *c, uint32_t serial)
{
    const uint8_t octets[4] = {(uint8_t)(serial >> 24), (uint8_t)(serial >> 16),
                               (uint8_t)(serial >> 8), (uint8_t)serial};

    return c->hint_len == sizeof(octets) && memcmp(c->hint, octets, sizeof(octets)) == 0;
}

/* Question number `turn` to those keys that are plugged in and say that they are the person's. */
static bool find_question(const struct task *t, unsigned turn, struct prove_shape *shape,
                          uint32_t *serial)
{
    for (size_t k = 0; k < t->desk.key_count; k++)
        for (size_t n = 0; n < t->person.credentials; n++) {
            const struct roster_credential *c = &t->person.credential[n];
            *serial = t->desk.keys[k].serial;
            if (c->family == CARD_YUBIKEY && c->keys > 0 && has_serial(c, *serial) &&
                prove_shape(c, &c->key[0], shape) && turn-- == 0)
                return true;
        }
    return false;
}

static void ask(struct task *t)
{
    struct token_question question = {0};
    struct card_signing signing = {0};
    struct prove_shape shape;

    if (!find_question(t, t->desk.token_turn, &shape, &question.serial)) {
        task_event(t, "X69", NULL);
        tokenlink_next(&t->token);
        return;
    }
    if (prove_begin(&t->desk.token, &t->broker->config.policy, PROOF_CARD_9E, &shape, &signing) !=
        PROOF_OK) {
        task_done(t, ADMIN_FAILED, NULL, "a challenge could not be made");
        return;
    }
    question.slot = shape.ref;
    question.challenge = signing.digest;
    question.len = signing.digest_len;
    tokenlink_challenge(&t->token, &question);
}

static void on_present(struct task *t, const struct token_event *e)
{
    t->desk.key_count = e->count < TOKEN_KEYS_MAX ? e->count : TOKEN_KEYS_MAX;
    memcpy(t->desk.keys, e->keys, t->desk.key_count * sizeof(e->keys[0]));
    t->desk.token_turn = 0;
    ask(t);
}

static void on_answer(struct task *t, const struct token_event *e)
{
    size_t owner = 0;

    if (prove_check(&t->desk.token, &t->broker->registry, &t->person, t->desk.among, e->answer,
                    e->len, &owner) == PROOF_OK) {
        cardlink_close(&t->card);
        desk_found(t, owner);
        return;
    }
    t->desk.token_turn++;
    ask(t);
}

static void on_failed(struct task *t, const struct token_event *e)
{
    if (e->reason == TOKEN_UNTOUCHED) {
        task_done(t, ADMIN_UNAVAILABLE, "X66", "the key was not touched");
    } else if (e->reason == TOKEN_EMPTY || e->reason == TOKEN_SILENT || e->reason == TOKEN_OTHER) {
        t->desk.token_turn++;
        ask(t);
    } else {
        task_done(t, ADMIN_UNAVAILABLE, "X65", "the key could not be read (reason %u)", e->reason);
    }
}

static void search(struct task *t, const struct token_event *e)
{
    switch (e->type) {
    case TOKEN_WAITING:
        if (e->reason == TOKEN_NO_RIGHTS)
            log_error("toyama-yubikey may not open the key: see the udev rule");
        break;
    case TOKEN_PRESENT:
        on_present(t, e);
        break;
    case TOKEN_TOUCH:
        task_event(t, "X64", NULL);
        break;
    case TOKEN_ANSWER:
        on_answer(t, e);
        break;
    case TOKEN_FAILED:
        on_failed(t, e);
        break;
    case TOKEN_REMOVED:
        tokenlink_next(&t->token);
        break;
    default:
        tokenlink_close(&t->token);
        desk_gave_up(t, "X65", "toyama-yubikey ended, or spoke out of turn");
    }
}

void desk_on_token(void *ctx, const struct token_event *e)
{
    struct task *t = ctx;

    if (t->done)
        return;
    if (!t->desk.found)
        search(t, e);
    else if (!desk_may_be_gone(t))
        task_done(t, ADMIN_UNAVAILABLE, "X65", "the key was removed, or its worker ended");
}
