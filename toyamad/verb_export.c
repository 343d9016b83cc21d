/* SPDX-License-Identifier: Apache-2.0
 *
 * roster export: the newest approved issue of a zone as a file, which the operator's program
 * opened.
 */
#include "core/wire/args.h"
#include "toyamad/names.h"
#include "toyamad/station/export.h"
#include "toyamad/verb_station.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool take_base(struct task *t, uint64_t *out)
{
    const char *text = task_get(t, "base");
    char *end = NULL;

    *out = 0;
    if (text[0] == '\0')
        return true;
    errno = 0;
    *out = strtoull(text, &end, 10);
    if (text[0] >= '1' && text[0] <= '9' && *end == '\0' && errno == 0)
        return true;
    task_done(t, ADMIN_USAGE, NULL, "\"base\" is the number of an issue");
    return false;
}

static void describe(const struct task *t, const struct station_exported *e,
                     struct chain_event *event)
{
    char hash[2 * CRYPTO_SHA256_LEN + 1], number[24], base[24], people[24];

    names_hex(e->sha256, sizeof(e->sha256), hash);
    snprintf(event->kind, sizeof(event->kind), "roster-exported");
    snprintf(number, sizeof(number), "%llu", (unsigned long long)e->head.number);
    snprintf(base, sizeof(base), "%llu", (unsigned long long)e->head.base);
    snprintf(people, sizeof(people), "%llu", (unsigned long long)e->head.people);
    chain_event_add(event, "zone", e->head.zone);
    chain_event_add(event, "number", number);
    chain_event_add(event, "base", base);
    chain_event_add(event, "people", people);
    chain_event_add(event, "media", e->head.media);
    chain_event_add(event, "sha256", hash);
    chain_event_add(event, "operator", t->operator.number);
}

static void send_file(struct task *t, const struct station_exported *e)
{
    char hash[2 * CRYPTO_SHA256_LEN + 1];
    struct admin_pairs row = {0};

    names_hex(e->sha256, sizeof(e->sha256), hash);
    admin_pair_add(&row, "zone", e->head.zone);
    verb_add_number(&row, "roster", e->head.number);
    verb_add_time(&row, "roster_time", e->head.created);
    verb_add_number(&row, "base", e->head.base);
    verb_add_number(&row, "people", e->head.people);
    verb_add_number(&row, "records", e->records);
    verb_add_number(&row, "removed", e->removed);
    admin_pair_add(&row, "file", e->name);
    verb_add_number(&row, "octets", e->octets);
    admin_pair_add(&row, "sha256", hash);
    admin_pair_add(&row, "media", e->head.media);
    task_row(t, &row);
}

void roster_export(struct task *t)
{
    struct station_export what = {
        .zone = task_get(t, "zone"), .media = task_get(t, "media"), .fd = t->fd};
    struct station_exported done;
    struct chain_event event = {0};
    struct station st;
    int err;

    if (!verb_station(t, &st) || !take_base(t, &what.base) || !verb_station_resumed(t, what.zone))
        return;
    if ((err = export_write(&st, &what, &done)) != REGISTRY_OK) {
        verb_station_failed(t, &st, err);
        return;
    }
    describe(t, &done, &event);
    if (!task_event_only(t, &event))
        return;
    send_file(t, &done);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}
