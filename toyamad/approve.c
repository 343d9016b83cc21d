/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may approve, and what becomes of it.
 */
#include "toyamad/approve.h"

#include "core/wire/wipe.h"
#include "toyamad/attempt.h"
#include "toyamad/names.h"
#include "toyamad/officer.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <string.h>

#define USEC UINT64_C(1000000)

static bool is_author(const struct task *t, const uint8_t person[ROSTER_ID_LEN])
{
    const struct approve *a = &t->approve;

    if (memcmp(t->operator.id, person, ROSTER_ID_LEN) == 0)
        return true;
    for (size_t n = 0; n < a->authors; n++)
        if (memcmp(a->author[n], person, ROSTER_ID_LEN) == 0)
            return true;
    return false;
}

static bool is_listed(const struct approve *a, const struct roster_key *key)
{
    struct roster_issue issue;

    for (size_t n = 0; n < a->blobs; n++) {
        if (!a->blob[n].bound)
            continue;
        issue.officers = a->blob[n].officers;
        memcpy(issue.officer, a->blob[n].officer, sizeof(issue.officer));
        if (!officer_listed(&issue, a->person.id, key))
            return false;
    }
    return true;
}

const char *approve_judge(struct task *t, const char **msg)
{
    const struct approve *a = &t->approve;
    const struct roster_credential *c = &a->person.credential[a->index];
    const struct roster_issue *issue = officer_issue(t->broker);
    const struct roster_key *key = officer_key(c);

    *msg = "H04";
    if (is_author(t, a->person.id))
        return "own-change";
    *msg = "X88";
    if ((officer_roles(t->broker, &a->person) & ROSTER_APPROVER) == 0)
        return "no-approver";
    if (!officer_card_good(t->broker, &a->person, a->index))
        return "card-not-active";
    if (key == NULL)
        return "no-key";
    if ((issue != NULL && !officer_listed(issue, a->person.id, key)) || !is_listed(a, key))
        return "key-not-listed";
    return NULL;
}

static void describe(struct task *t, const char *kind, struct chain_event *event)
{
    const struct approve *a = &t->approve;

    *event = (struct chain_event){0};
    snprintf(event->kind, sizeof(event->kind), "%s", kind);
    chain_event_add(event, "subject", a->subject);
    chain_event_add(event, "verb", t->verb);
    if (a->holder[0] != '\0')
        chain_event_add(event, "approver", a->holder);
    chain_event_add(event, "operator", t->operator.number);
}

void approve_refuse(struct task *t, enum admin_result result, const char *msg, const char *cause)
{
    struct chain_event event;

    wire_wipe(t->approve.pin, sizeof(t->approve.pin));
    describe(t, "approval-refused", &event);
    chain_event_add(&event, "cause", cause);
    if (task_event_only(t, &event))
        task_done(t, result, msg, "not approved: %s", cause);
}

/* The log says what was signed, too: anybody can compute these from what was stored. */
static void add_digests(const struct approve *a, struct chain_event *event)
{
    static const char *const keys[APPROVE_BLOBS_MAX] = {"sha256", "sha256_2", "sha256_3",
                                                        "sha256_4"};
    char hex[2 * CRYPTO_SHA256_LEN + 1];

    for (size_t n = 0; n < a->blobs; n++) {
        names_hex(a->blob[n].sha256, CRYPTO_SHA256_LEN, hex);
        chain_event_add(event, keys[n], hex);
    }
}

void approve_finish(struct task *t)
{
    struct approve *a = &t->approve;
    struct chain_event event;

    describe(t, "approved", &event);
    add_digests(a, &event);
    if (!task_event_only(t, &event))
        return;
    memcpy(a->result.person, a->person.id, ROSTER_ID_LEN);
    memcpy(a->result.number, a->person.number, sizeof(a->result.number));
    a->state = APPROVE_NONE;
    t->ops = a->before;
    a->done(t, &a->result);
}

static void take_officers(const struct roster_issue *trust, struct approve_digest *out)
{
    out->bound = trust != NULL;
    for (size_t n = 0; trust != NULL && n < trust->officers; n++)
        if ((trust->officer[n].roles & ROSTER_APPROVER) != 0)
            out->officer[out->officers++] = trust->officer[n];
}

static bool take_blobs(struct approve *a, const struct approve_what *what)
{
    if (what->blobs == 0 || what->blobs > APPROVE_BLOBS_MAX || what->authors > APPROVE_AUTHORS_MAX)
        return false;
    for (size_t n = 0; n < what->blobs; n++) {
        const struct approve_blob *blob = &what->blob[n];
        if (crypto_sha256(blob->der, blob->len, a->blob[n].sha256) != CRYPTO_OK ||
            crypto_sha384(blob->der, blob->len, a->blob[n].sha384) != CRYPTO_OK)
            return false;
        take_officers(blob->trust, &a->blob[n]);
    }
    a->blobs = what->blobs;
    return true;
}

void approve_begin(struct task *t, const struct approve_what *what, approve_fn done)
{
    struct approve *a = &t->approve;

    *a = (struct approve){.done = done, .before = t->ops, .first = true};
    snprintf(a->subject, sizeof(a->subject), "%s", what->subject);
    if (!take_blobs(a, what)) {
        task_done(t, ADMIN_FAILED, NULL, "what is to be approved cannot be prepared");
        return;
    }
    if (what->authors > 0)
        memcpy(a->author, what->author, what->authors * ROSTER_ID_LEN);
    a->authors = what->authors;
    a->deadline = attempt_clock() + t->broker->config.policy.card_wait * USEC;
    if (t->broker->device_owner == t || task_take_devices(t))
        approve_look(t);
}
