/* SPDX-License-Identifier: Apache-2.0
 *
 * audit head: what the log's key signed last, to be checked elsewhere.
 */
#include "toyamad/names.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <string.h>

#define TEXT_MAX 1024 /* base64 of the longest value */

static void add_base64(struct admin_pairs *row, const char *key, const uint8_t *p, size_t len)
{
    char text[TEXT_MAX];

    names_base64(p, len, text, sizeof(text));
    admin_pair_add(row, key, text);
}

static void add_hex(struct admin_pairs *row, const char *key, const uint8_t *p)
{
    char text[2 * CRYPTO_SHA256_LEN + 1];

    names_hex(p, CRYPTO_SHA256_LEN, text);
    admin_pair_add(row, key, text);
}

static void add_number(struct admin_pairs *row, const char *key, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    admin_pair_add(row, key, text);
}

static void add_head(struct admin_pairs *row, const struct audit_head *h)
{
    char time[24];

    names_time(h->head.time, time);
    admin_pair_add(row, "host", h->head.host);
    add_number(row, "sequence", h->head.sequence);
    add_hex(row, "link", h->head.link);
    admin_pair_add(row, "time", time);
    add_number(row, "issue", h->head.issue);
    add_hex(row, "amendments", h->head.amendments);
    add_base64(row, "head", h->der, h->len);
    add_base64(row, "signature", h->sig, h->sig_len);
}

static void show_key(struct task *t)
{
    const struct audit_key *key = &t->broker->audit.key;
    struct admin_pairs row = {0};

    add_base64(&row, "key", key->spki, key->spki_len);
    task_row(t, &row);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

/* The view itself is the newest event of the head that is shown. */
void audit_head_show(struct task *t)
{
    struct chain_event event = {.kind = "audit-viewed"};
    struct audit_head head = {0};
    struct admin_pairs row = {0};
    int err;

    if (task_get(t, "key")[0] != '\0') {
        show_key(t);
        return;
    }
    chain_event_add(&event, "operator", t->operator.number);
    if (!task_event_only(t, &event))
        return;
    if ((err = audit_head(&t->broker->audit, &head)) != REGISTRY_OK) {
        task_fail_registry(t, err);
        return;
    }
    add_head(&row, &head);
    task_row(t, &row);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}
