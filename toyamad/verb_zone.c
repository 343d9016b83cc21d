/* SPDX-License-Identifier: Apache-2.0
 *
 * zone add, list, join-file, helpdesk-remove.
 */
#include "core/wire/wipe.h"
#include "toyamad/station/helpdesk.h"
#include "toyamad/verb_station.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void start_event(const struct task *t, struct chain_event *event, const char *kind,
                        const char *zone)
{
    *event = (struct chain_event){0};
    snprintf(event->kind, sizeof(event->kind), "%s", kind);
    chain_event_add(event, "zone", zone);
    chain_event_add(event, "operator", t->operator.number);
}

/* In the files of keys a change is seen only after the store names its author. */
bool verb_zone_change(struct task *t, struct station *st, struct chain_event *event,
                      const struct station_zone *zone)
{
    int err = zone_put(st, zone);

    if (err == REGISTRY_OK)
        return verb_station_swap(t, event);
    verb_station_failed(t, st, err);
    return false;
}

static bool served(struct task *t, const char *zone)
{
    uint8_t bits = 0;

    if (roster_zones_parse(zone, &bits) && bits != 0 && (bits & (bits - 1)) == 0 &&
        (bits & t->broker->config.roster.zones) != 0)
        return true;
    task_done(t, ADMIN_USAGE, NULL, "the configuration does not name the zone \"%s\"", zone);
    return false;
}

void zone_add(struct task *t)
{
    const struct roster_issue *now = &t->broker->registry.issue;
    const char *name = task_get(t, "zone");
    struct station_zone zone;
    struct chain_event event;
    struct station st;
    int err;

    if (!verb_station(t, &st) || !served(t, name))
        return;
    if (now->officers == 0) {
        task_done(t, ADMIN_REFUSED, "X46", "there is no approver yet");
        return;
    }
    if (zone_exists(&st, name)) {
        task_done(t, ADMIN_EXISTS, NULL, "zone %s has its keys already", name);
        return;
    }
    if ((err = zone_make(&st, name, now->officer, now->officers, &zone)) != REGISTRY_OK) {
        verb_station_failed(t, &st, err);
        return;
    }
    start_event(t, &event, "zone-added", name);
    if (verb_zone_change(t, &st, &event, &zone))
        task_done(t, ADMIN_OK, NULL, "%s", "");
    zone_wipe(&zone);
}

static void send_zone(struct task *t, const struct station_zone *zone)
{
    const struct roster_issue *issue = &zone->trust.issue;
    const char *keys = zone->next.key_len > 0 ? "next" : zone->old.key_len > 0 ? "both" : "one";
    struct admin_pairs row = {0};
    char hosts[ADMIN_VALUE_MAX] = "";
    size_t used = 0;

    for (size_t n = 0; n < zone->helpdesks; n++)
        used += (size_t)snprintf(hosts + used, sizeof(hosts) - used, "%s%s", n > 0 ? " " : "",
                                 zone->helpdesk[n].host);
    admin_pair_add(&row, "zone", zone->name);
    verb_add_number(&row, "roster", issue->number);
    verb_add_time(&row, "roster_time", issue->number > 0 ? issue->created : 0);
    verb_add_number(&row, "people", issue->count);
    admin_pair_add(&row, "helpdesks", hosts);
    admin_pair_add(&row, "zone_keys", keys);
    task_row(t, &row);
}

void zone_list(struct task *t)
{
    struct station_zone *zone = calloc(STATION_ZONES, sizeof(*zone));
    struct station_zone *each[STATION_ZONES];
    struct station st;
    size_t count = 0;
    int err = REGISTRY_FAILED;

    if (zone == NULL) {
        task_done(t, ADMIN_FAILED, NULL, "out of memory");
        return;
    }
    for (size_t n = 0; n < STATION_ZONES; n++)
        each[n] = &zone[n];
    if (!verb_station(t, &st))
        goto out;
    if ((err = zone_load_all(&st, each, &count)) != REGISTRY_OK) {
        verb_station_failed(t, &st, err);
        goto out;
    }
    for (size_t n = 0; n < count; n++)
        send_zone(t, &zone[n]);
    task_done(t, ADMIN_OK, NULL, "%s", "");
out:
    wire_wipe(zone, STATION_ZONES * sizeof(*zone));
    free(zone);
}

static bool write_join_file(struct task *t, const struct joining *j)
{
    ssize_t n = write(t->fd, j->file, j->len);

    if (n == (ssize_t)j->len && fsync(t->fd) == 0)
        return true;
    task_done(t, ADMIN_FAILED, NULL, "the join file could not be written: %s", strerror(errno));
    return false;
}

static bool keep_join(struct task *t, struct station *st, const struct station_zone *zone,
                      bool helpdesk)
{
    struct chain_event event;

    start_event(t, &event, "join-file-made", zone->name);
    chain_event_add(&event, "host", task_get(t, "host"));
    chain_event_add(&event, "helpdesk", helpdesk ? "yes" : "no");
    return helpdesk ? verb_zone_change(t, st, &event, zone) : task_event_only(t, &event);
}

static void join(struct task *t, struct station *st, struct station_zone *zone, struct joining *j)
{
    const char *host = task_get(t, "host");
    bool helpdesk = strcmp(task_get(t, "helpdesk"), "yes") == 0;
    struct admin_pairs row = {0};
    int err = joining_make(st, zone, host, helpdesk, j);

    if (err != REGISTRY_OK) {
        verb_station_failed(t, st, err);
        return;
    }
    if (!keep_join(t, st, zone, helpdesk) || !write_join_file(t, j))
        return;
    admin_pair_add(&row, "zone", zone->name);
    admin_pair_add(&row, "host", host);
    admin_pair_add(&row, "helpdesk", helpdesk ? "yes" : "no");
    admin_pair_add(&row, "join_code", j->code);
    verb_add_time(&row, "expires", j->expires);
    task_row(t, &row);
    wire_wipe(&row, sizeof(row));
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

void zone_join_file(struct task *t)
{
    struct joining *j = calloc(1, sizeof(*j));
    struct station_zone zone;
    struct station st;
    int err;

    if (j == NULL) {
        task_done(t, ADMIN_FAILED, NULL, "out of memory");
        return;
    }
    if (verb_station(t, &st)) {
        if ((err = zone_load(&st, task_get(t, "zone"), &zone)) == REGISTRY_OK)
            join(t, &st, &zone, j);
        else
            verb_station_failed(t, &st, err);
        zone_wipe(&zone);
    }
    wire_wipe(j, sizeof(*j));
    free(j);
}

void zone_helpdesk_remove(struct task *t)
{
    struct station_zone zone;
    struct chain_event event;
    struct station st;
    int err;

    if (!verb_station(t, &st))
        return;
    if ((err = zone_load(&st, task_get(t, "zone"), &zone)) != REGISTRY_OK) {
        verb_station_failed(t, &st, err);
        return;
    }
    start_event(t, &event, "helpdesk-removed", zone.name);
    chain_event_add(&event, "host", task_get(t, "host"));
    if ((err = helpdesk_remove(&st, &zone, task_get(t, "host"))) != REGISTRY_OK)
        verb_station_failed(t, &st, err);
    else if (verb_zone_change(t, &st, &event, &zone))
        task_done(t, ADMIN_OK, NULL, "%s", "");
    zone_wipe(&zone);
}
