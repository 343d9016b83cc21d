/* SPDX-License-Identifier: Apache-2.0
 *
 * card stop and card test.
 */
#include "toyamad/names.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <string.h>

#define PLACE_SECONDS 60

static bool id_begins(const struct roster_credential *c, const char *prefix)
{
    char id[2 * ROSTER_ID_LEN + 1];

    names_hex(c->id, ROSTER_ID_LEN, id);
    return strncmp(id, prefix, strlen(prefix)) == 0;
}

/* The one active card that is meant; ends the call where it is none or not one. */
static struct roster_credential *choose(struct task *t, const char *prefix)
{
    struct roster_credential *found = NULL;

    for (size_t n = 0; n < t->person.credentials; n++) {
        struct roster_credential *c = &t->person.credential[n];
        if (c->state != ROSTER_ACTIVE || !id_begins(c, prefix))
            continue;
        if (found != NULL) {
            task_done(t, ADMIN_USAGE, NULL, "several cards fit: give the start of the id");
            return NULL;
        }
        found = c;
    }
    if (found == NULL)
        task_done(t, ADMIN_NOT_FOUND, NULL, "no active card fits");
    return found;
}

void card_stop(struct task *t)
{
    struct chain_event event = {.kind = "card-stopped"};
    struct roster_credential *c;
    char id[2 * ROSTER_ID_LEN + 1];

    if (!task_find_person(t) || (c = choose(t, task_get(t, "card"))) == NULL)
        return;
    c->state = ROSTER_STOPPED;
    names_hex(c->id, ROSTER_ID_LEN, id);
    chain_event_add(&event, "person", t->person.number);
    chain_event_add(&event, "card", id);
    chain_event_add(&event, "reason", task_get(t, "reason"));
    chain_event_add(&event, "operator", "root");
    if (task_store(t, &event))
        task_done(t, ADMIN_OK, NULL, "%s", "");
}

/* The first free key of the person's cards: what a login would ask. */
static const struct roster_key *free_key(const struct task *t, enum crypto_alg *alg)
{
    for (size_t n = 0; n < t->person.credentials; n++)
        for (size_t k = 0; k < t->person.credential[n].keys; k++) {
            const struct roster_key *key = &t->person.credential[n].key[k];
            if (!key->pin && crypto_key_alg(key->spki, key->len, alg) == CRYPTO_OK)
                return key;
        }
    return NULL;
}

static void sign(struct task *t)
{
    struct card_signing signing = {.family = CARD_PIV};
    enum crypto_alg alg;
    const struct roster_key *key = free_key(t, &alg);

    if (key == NULL ||
        proof_signature_begin(&t->proof, PROOF_CARD_9E,
                              policy_zone_name(t->broker->config.policy.zone),
                              t->broker->config.policy.host, key->ref, alg) != PROOF_OK) {
        task_done(t, ADMIN_REFUSED, NULL, "no card of this person has a key that needs no PIN");
        return;
    }
    signing.key = key->ref;
    signing.alg = (uint8_t)alg;
    signing.digest = t->proof.digest;
    signing.digest_len = t->proof.digest_len;
    cardlink_sign(&t->card, &signing);
}

static bool signature_good(struct task *t, const struct card_event *e)
{
    struct proof_key keys[ROSTER_CREDENTIALS * ROSTER_KEYS];
    size_t count = 0;

    for (size_t n = 0; n < t->person.credentials; n++)
        for (size_t k = 0; k < t->person.credential[n].keys; k++) {
            const struct roster_key *key = &t->person.credential[n].key[k];
            if (!key->pin)
                keys[count++] = (struct proof_key){key->spki, key->len};
        }
    return proof_signature_check(&t->proof, e->data, e->len, keys, count, NULL) == PROOF_OK;
}

static void report(struct task *t, const struct card_event *e, bool proven)
{
    struct admin_pairs row = {0};
    char number[24];

    admin_pair_add(&row, "proven", proven ? "yes" : "no");
    snprintf(number, sizeof(number), "%u", e->counts.apdus);
    admin_pair_add(&row, "apdus", number);
    snprintf(number, sizeof(number), "%u", e->counts.sent);
    admin_pair_add(&row, "sent", number);
    snprintf(number, sizeof(number), "%u", e->counts.received);
    admin_pair_add(&row, "received", number);
    snprintf(number, sizeof(number), "%u", e->counts.micros);
    admin_pair_add(&row, "micros", number);
    task_row(t, &row);
    if (proven)
        task_done(t, ADMIN_OK, NULL, "%s", "");
    else
        task_done(t, ADMIN_REFUSED, "K13", "this is not a card of %s", t->person.number);
}

static void on_event(void *ctx, const struct card_event *e)
{
    struct task *t = ctx;

    if (t->done)
        return;
    if (e->type == CARD_PRESENT)
        sign(t);
    else if (e->type == CARD_SIGNED)
        report(t, e, signature_good(t, e));
    else if (e->type == CARD_FAILED && e->reason != CARD_GONE)
        report(t, e, false);
    else if (e->type == CARD_WAITING && e->reason == CARD_NO_SERVICE)
        task_done(t, ADMIN_UNAVAILABLE, "X10", "pcscd does not answer");
    else if (e->type == CARD_WAITING && e->reason == CARD_NO_READER)
        task_event(t, "M14", NULL);
    else if (e->type != CARD_WAITING)
        task_done(t, ADMIN_UNAVAILABLE, "X07", "the card was removed or the worker ended");
}

static void on_late(struct task *t)
{
    task_done(t, ADMIN_UNAVAILABLE, "X06", "no card was placed, or it did not answer");
}

void card_test(struct task *t)
{
    static const struct task_ops ops = {NULL, on_late};

    t->ops = &ops;
    if (!task_find_person(t) || !task_take_devices(t))
        return;
    task_event(t, "K12", NULL);
    task_arm(t, PLACE_SECONDS);
    if (!t->done && !cardlink_open(&t->card, t->broker, t->id, NULL, on_event, t))
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-card could not be started");
}
