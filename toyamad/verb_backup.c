/* SPDX-License-Identifier: Apache-2.0
 *
 * backup, and behind a restore zone resume and adopt.
 */
#include "core/wire/wipe.h"
#include "toyamad/station/adopt.h"
#include "toyamad/station/backup.h"
#include "toyamad/station/resume.h"
#include "toyamad/verb_station.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The event goes first: it is in the copy. */
void backup_make(struct task *t)
{
    struct chain_event event = {.kind = "backup-made"};
    char code[CODE_TEXT_CAP] = "";
    struct admin_pairs row = {0};
    struct station st;
    int err;

    verb_station_fill(t, &st);
    chain_event_add(&event, "media", task_get(t, "media"));
    chain_event_add(&event, "operator", t->operator.number);
    if (!task_event_only(t, &event))
        return;
    if ((err = backup_write(&st, t->fd, code)) == REGISTRY_OK) {
        admin_pair_add(&row, "recovery_code", code);
        task_row(t, &row);
        task_done(t, ADMIN_OK, NULL, "%s", "");
    } else {
        verb_station_failed(t, &st, err);
    }
    wire_wipe(&row, sizeof(row));
    wire_wipe(code, sizeof(code));
}

bool verb_station_resumed(struct task *t, const char *zone)
{
    if (!resume_waits(&t->broker->registry, zone))
        return true;
    task_done(t, ADMIN_REFUSED, "X47", "zone %s was restored: \"zone resume\" first", zone);
    return false;
}

static bool take_number(struct task *t, uint64_t *out)
{
    const char *text = task_get(t, "number");
    char *end = NULL;

    errno = 0;
    *out = strtoull(text, &end, 10);
    if (text[0] >= '0' && text[0] <= '9' && *end == '\0' && errno == 0)
        return true;
    task_done(t, ADMIN_USAGE, NULL, "\"number\" is the number of an issue");
    return false;
}

static int resume(struct task *t, struct station *st, const struct station_zone *zone,
                  uint64_t number)
{
    struct chain_event event = {.kind = "zone-resumed"};
    int err = registry_begin(st->reg);

    chain_event_add(&event, "zone", zone->name);
    chain_event_add(&event, "number", task_get(t, "number"));
    chain_event_add(&event, "operator", t->operator.number);
    if (err == REGISTRY_OK && (err = resume_zone(st, zone, number)) == REGISTRY_OK &&
        (err = audit_append(st->audit, &event, st->now)) == REGISTRY_OK &&
        (err = registry_commit(st->reg)) == REGISTRY_OK) {
        audit_settle(st->audit);
        return REGISTRY_OK;
    }
    registry_rollback(st->reg);
    audit_forget(st->audit);
    return err;
}

void zone_resume(struct task *t)
{
    struct station_zone zone;
    struct station st;
    uint64_t number = 0;
    int err;

    if (!verb_station(t, &st) || !take_number(t, &number))
        return;
    if ((err = zone_load(&st, task_get(t, "zone"), &zone)) != REGISTRY_OK) {
        verb_station_failed(t, &st, err);
        return;
    }
    err = resume(t, &st, &zone, number);
    if (err == REGISTRY_OK)
        task_done(t, ADMIN_OK, NULL, "%s", "");
    else if (err == REGISTRY_REFUSED)
        task_done(t, ADMIN_REFUSED, "X48", "%s", st.why);
    else
        verb_station_failed(t, &st, err);
    zone_wipe(&zone);
}

static void adopt(struct task *t, struct station *st, const struct station_zone *zone)
{
    struct chain_event event = {.kind = "zone-adopted"};
    struct admin_pairs row = {0};
    struct adopted done;
    int err;

    chain_event_add(&event, "zone", zone->name);
    chain_event_add(&event, "operator", t->operator.number);
    err = adopt_file(st, zone, t->fd, t->operator.id, &event, &done);
    if (err == REGISTRY_REFUSED) {
        task_done(t, ADMIN_REFUSED, "X49", "%s", st->why);
        return;
    }
    if (err != REGISTRY_OK) {
        verb_station_failed(t, st, err);
        return;
    }
    admin_pair_add(&row, "zone", zone->name);
    verb_add_number(&row, "base", done.from);
    verb_add_number(&row, "roster", done.to);
    verb_add_number(&row, "people", done.people);
    task_row(t, &row);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

/* Only a station that was restored forgot what it made. */
void zone_adopt(struct task *t)
{
    const char *name = task_get(t, "zone");
    struct station_zone zone;
    struct station st;
    int err;

    if (!verb_station(t, &st))
        return;
    if (!resume_waits(&t->broker->registry, name)) {
        task_done(t, ADMIN_REFUSED, "X49", "zone %s was not restored", name);
        return;
    }
    if ((err = zone_load(&st, name, &zone)) == REGISTRY_OK)
        adopt(t, &st, &zone);
    else
        verb_station_failed(t, &st, err);
    zone_wipe(&zone);
}
