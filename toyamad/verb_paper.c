/* SPDX-License-Identifier: Apache-2.0
 *
 * audit paper: what a paper that goes into a binder says, from the one event that it tells of. The
 * operator's program prints it; it can be printed again as long as the log is kept.
 */
#include "toyamad/names.h"
#include "toyamad/situations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const deletions[] = {"templates-deleted", "finger-deleted", "person-retired"};

static bool has_paper(const struct chain_event *e)
{
    for (size_t n = 0; n < sizeof(deletions) / sizeof(deletions[0]); n++)
        if (strcmp(deletions[n], e->kind) == 0)
            return chain_event_get(e, "finger") != NULL;
    return strcmp(e->kind, "card-destroyed") == 0;
}

/* The log holds staff numbers only; who has been deleted meanwhile has no name any more. */
static void add_name(struct task *t, struct admin_pairs *row, const char *key, const char *number)
{
    struct roster_record r;

    if (number != NULL && registry_by_number(&t->broker->registry, number, &r) == REGISTRY_OK)
        admin_pair_add(row, key, r.name);
}

static void send(struct task *t, const struct chain_event *e, const uint8_t *link)
{
    char text[2 * CRYPTO_SHA256_LEN + 1];
    struct admin_pairs row = {0};

    snprintf(text, sizeof(text), "%llu", (unsigned long long)e->sequence);
    admin_pair_add(&row, "sequence", text);
    names_time(e->time, text);
    admin_pair_add(&row, "time", text);
    admin_pair_add(&row, "kind", e->kind);
    for (size_t n = 0; n < e->count; n++)
        admin_pair_add(&row, e->pair[n].key, e->pair[n].value);
    names_hex(link, CRYPTO_SHA256_LEN, text);
    admin_pair_add(&row, "link", text);
    admin_pair_add(&row, "host", t->broker->config.policy.host);
    add_name(t, &row, "name", chain_event_get(e, "person"));
    add_name(t, &row, "witness_name", chain_event_get(e, "witness"));
    add_name(t, &row, "operator_name", chain_event_get(e, "operator"));
    task_row(t, &row);
}

bool paper_row(struct task *t, uint64_t sequence)
{
    uint8_t link[CRYPTO_SHA256_LEN];
    struct chain_event event = {0};
    int err = audit_get(&t->broker->audit, sequence, &event, link);

    if (err == REGISTRY_OK && !has_paper(&event))
        err = REGISTRY_NONE;
    if (err == REGISTRY_NONE)
        task_done(t, ADMIN_NOT_FOUND, NULL, "there is no paper for event %llu",
                  (unsigned long long)sequence);
    else if (err != REGISTRY_OK)
        task_fail_registry(t, err);
    else
        send(t, &event, link);
    return err == REGISTRY_OK;
}

void audit_paper(struct task *t)
{
    struct chain_event event = {.kind = "audit-viewed"};
    const char *sequence = task_get(t, "sequence");

    if (strspn(sequence, "0123456789") != strlen(sequence) || strlen(sequence) > 18) {
        task_done(t, ADMIN_USAGE, NULL, "\"sequence\" is the number of an event");
        return;
    }
    chain_event_add(&event, "paper", sequence);
    chain_event_add(&event, "operator", t->operator.number);
    if (task_event_only(t, &event) && paper_row(t, strtoull(sequence, NULL, 10)))
        task_done(t, ADMIN_OK, NULL, "%s", "");
}
