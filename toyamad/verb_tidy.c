/* SPDX-License-Identifier: Apache-2.0
 *
 * person tidy: whose term is over keeps no way in, and who has no right any more in a zone that
 * asks for fingers keeps no template there. For a timer or an operator; nothing happens twice.
 */
#include "toyamad/bulk.h"
#include "toyamad/leave.h"
#include "toyamad/situations.h"

#include "core/roster/life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

struct found {
    struct task *t;
    uint8_t (*id)[ROSTER_ID_LEN]; /* owned */
    size_t count, cap;
    uint64_t *paper; /* owned: events that have one */
    size_t papers;
    bool full;
};

static unsigned due_of(struct task *t, const struct roster_record *r, enum roster_reason *why)
{
    struct roster_record now = *r;

    roster_record_effective(&now, broker_now(t->broker));
    return roster_due(&now, leave_finger_zones(t->broker), broker_now(t->broker), why);
}

static bool find_one(void *ctx, const struct roster_record *r)
{
    struct found *f = ctx;
    enum roster_reason why;
    void *grown = f->id;

    if (due_of(f->t, r, &why) == 0)
        return true;
    if (f->count == f->cap) {
        f->cap = f->cap == 0 ? BULK_MAX : 2 * f->cap;
        grown = reallocarray(f->id, f->cap, sizeof(f->id[0]));
        f->full = grown == NULL;
        if (grown == NULL)
            return false;
        f->id = grown;
    }
    memcpy(f->id[f->count++], r->id, ROSTER_ID_LEN);
    return true;
}

static void add_number(struct admin_pairs *row, const char *key, size_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%zu", value);
    admin_pair_add(row, key, text);
}

static void tell(struct task *t, const struct roster_record *r, enum roster_reason why,
                 const struct leave *leave)
{
    struct admin_pairs row = {0};

    admin_pair_add(&row, "kind", "tidied");
    admin_pair_add(&row, "number", r->number);
    admin_pair_add(&row, "name", r->name);
    admin_pair_add(&row, "section", r->section);
    admin_pair_add(&row, "reason", roster_reason_name(why));
    add_number(&row, "cards", leave->cards);
    add_number(&row, "fingers", leave->fingers);
    task_row(t, &row);
}

static int tidy_record(struct task *t, struct roster_record *r, enum roster_reason *why,
                       struct leave *leave)
{
    unsigned due = due_of(t, r, why);

    *leave = (struct leave){0};
    if ((due & ROSTER_DUE_CARDS) != 0)
        leave_stop_cards(r, *why, leave);
    if ((due & ROSTER_DUE_FINGERS) != 0)
        return leave_delete_fingers(&t->broker->registry, r, leave);
    return REGISTRY_OK;
}

static bool tidy_one(struct bulk *bulk, const uint8_t id[ROSTER_ID_LEN])
{
    struct task *t = bulk->task;
    struct roster_record r;
    enum roster_reason why = ROSTER_NO_REASON;
    struct chain_event event;
    struct leave leave;

    if (!bulk_check(bulk, registry_by_id(&t->broker->registry, id, &r)) ||
        !bulk_check(bulk, tidy_record(t, &r, &why, &leave)))
        return false;
    leave_describe(t, leave.fingers > 0 ? "templates-deleted" : "cards-stopped", &r, why, &leave,
                   &event);
    return bulk_put(bulk, &r, &event);
}

static size_t number_of(const struct chain_event *e, const char *key)
{
    const char *text = chain_event_get(e, key);

    return text != NULL ? strtoul(text, NULL, 10) : 0;
}

static void report(struct found *f, const struct bulk *bulk)
{
    const struct chain_event *e;

    for (size_t n = 0; (e = bulk_event(bulk, n)) != NULL; n++) {
        const struct roster_record *r = bulk_record(bulk, n);
        enum roster_reason why = ROSTER_NO_REASON;
        struct leave leave = {.cards = number_of(e, "cards")};
        const char *finger = chain_event_get(e, "finger");
        for (const char *p = finger; p != NULL; p = strchr(p + 1, ' '))
            leave.fingers++;
        roster_reason_parse(chain_event_get(e, "reason"), &why);
        tell(f->t, r, why, &leave);
        if (finger != NULL)
            f->paper[f->papers++] = e->sequence;
    }
}

/* At most BULK_MAX of them, all or none. */
static bool tidy_some(struct found *f, size_t at, size_t count)
{
    struct bulk bulk;
    bool good = bulk_begin(&bulk, f->t);

    for (size_t n = at; n < at + count && good; n++)
        good = tidy_one(&bulk, f->id[n]);
    good = good && bulk_commit(&bulk);
    if (good)
        report(f, &bulk);
    bulk_end(&bulk);
    sd_notify(0, "WATCHDOG=1");
    return good;
}

/* What was done, then the certificates. */
static bool tidy_all(struct found *f)
{
    f->paper = calloc(f->count + 1, sizeof(*f->paper));
    if (f->paper == NULL) {
        task_fail_registry(f->t, REGISTRY_FAILED);
        return false;
    }
    for (size_t at = 0; at < f->count; at += BULK_MAX)
        if (!tidy_some(f, at, f->count - at < BULK_MAX ? f->count - at : BULK_MAX))
            return false;
    for (size_t n = 0; n < f->papers; n++)
        if (!paper_row(f->t, f->paper[n]))
            return false;
    return true;
}

static bool show_one(struct task *t, const uint8_t id[ROSTER_ID_LEN])
{
    struct roster_record r;
    enum roster_reason why;
    struct leave leave = {0};
    unsigned due;
    int err = registry_by_id(&t->broker->registry, id, &r);

    if (err != REGISTRY_OK) {
        task_fail_registry(t, err);
        return false;
    }
    due = due_of(t, &r, &why);
    if ((due & ROSTER_DUE_FINGERS) != 0)
        leave.fingers = r.fingers;
    if ((due & ROSTER_DUE_CARDS) != 0)
        leave_stop_cards(&r, why, &leave);
    tell(t, &r, why, &leave);
    return true;
}

static bool show_all(const struct found *f)
{
    struct chain_event event = {.kind = "tidy-viewed"};

    chain_event_add(&event, "operator", f->t->operator.number);
    if (!task_event_only(f->t, &event))
        return false;
    for (size_t n = 0; n < f->count; n++)
        if (!show_one(f->t, f->id[n]))
            return false;
    return true;
}

void person_tidy(struct task *t)
{
    bool dry = strcmp(task_get(t, "dry-run"), "yes") == 0;
    struct found f = {.t = t};
    int err = t->broker->registry.keys->kind == REGISTER_TAKEN
                  ? REGISTRY_TAKEN
                  : registry_each_by_number(&t->broker->registry, find_one, &f);

    if (err == REGISTRY_OK && f.full)
        err = REGISTRY_FAILED;
    if (err != REGISTRY_OK)
        task_fail_registry(t, err);
    else if (dry ? show_all(&f) : tidy_all(&f))
        task_done(t, ADMIN_OK, dry ? "H59" : NULL, "%s", "");
    free(f.paper);
    free(f.id);
}
