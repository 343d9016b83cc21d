/* SPDX-License-Identifier: Apache-2.0
 *
 * Rosters that come from the station: looking at a file, taking it, and what is installed.
 */
#include "toyamad/verb_roster.h"
#include "toyamad/age.h"
#include "toyamad/inbox.h"
#include "toyamad/intake.h"
#include "toyamad/names.h"
#include "toyamad/registry/amend.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <string.h>

void verb_roster_number(struct admin_pairs *row, const char *key, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    admin_pair_add(row, key, text);
}

void verb_roster_time(struct admin_pairs *row, const char *key, int64_t when)
{
    char text[24];

    names_time(when, text);
    admin_pair_add(row, key, text);
}

bool verb_roster_takes(struct task *t)
{
    enum register_kind kind = t->broker->config.roster.kind;

    if (kind == REGISTER_TAKEN)
        return true;
    task_done(t, ADMIN_REFUSED, NULL, "this host does not take rosters (register = %s)",
              config_register_name(kind));
    return false;
}

static enum admin_result result_of(int err)
{
    if (err == INTAKE_SAME)
        return ADMIN_EXISTS;
    return err == INTAKE_STORE || err == INTAKE_FAILED ? ADMIN_FAILED : ADMIN_REFUSED;
}

void verb_roster_refuse(struct task *t, const struct intake *in, int err)
{
    const struct intake_origin origin = {.source = "file", .by = t->operator.number };
    struct args args;
    const char *msg = intake_message(in, t->broker, err, &args);
    int stored = REGISTRY_OK;

    if (err != INTAKE_SAME)
        stored = intake_refused(in, t->broker, err, &origin);
    if (stored == REGISTRY_OK)
        task_done_with(t, result_of(err), msg, &args, "%s", in->why);
    else
        task_done_with(t, ADMIN_FAILED, msg, &args, "%s; the event could not be recorded: %s",
                       in->why, registry_strerror(stored));
}

/* What an operator was shown, so that nothing else is taken instead. */
static void issue_name(const struct intake *in, char out[2 * CRYPTO_SHA256_LEN + 1])
{
    names_hex(in->take.trust.hash, CRYPTO_SHA256_LEN, out);
}

static void put_summary(struct task *t, const struct intake *in)
{
    static const char *const kind[ROSTER_TAKEN_KINDS] = {"added", "changed", "stopped", "removed"};
    const struct roster_issue *issue = &in->take.trust.issue;
    char name[2 * CRYPTO_SHA256_LEN + 1];
    struct admin_pairs row = {0};

    issue_name(in, name);
    admin_pair_add(&row, "zone", issue->zone);
    verb_roster_number(&row, "roster", issue->number);
    verb_roster_time(&row, "roster_time", issue->created);
    verb_roster_number(&row, "replaces", in->take.from);
    verb_roster_number(&row, "people", issue->count);
    for (size_t n = 0; n < ROSTER_TAKEN_KINDS; n++)
        verb_roster_number(&row, kind[n], in->take.count[n]);
    admin_pair_add(&row, "media", in->head.media);
    admin_pair_add(&row, "hash", name);
    task_row(t, &row);
}

static bool read_row(struct task *t, const struct roster_take_row *row, struct roster_record *out)
{
    if (row->kind == ROSTER_TAKEN_REMOVED)
        return registry_by_id(&t->broker->registry, row->id, out) == REGISTRY_OK;
    return roster_record_decode(row->der, row->len, out) == ROSTER_OK;
}

/* People by name; what is different about each stands in `person show` afterwards. */
static void put_list(struct task *t, const struct intake *in)
{
    static const char *const kind[ROSTER_TAKEN_KINDS] = {"added", "changed", "stopped", "removed"};
    struct roster_record r;

    for (size_t n = 0; n < in->take.rows; n++) {
        struct admin_pairs row = {0};
        if (!read_row(t, &in->take.row[n], &r))
            continue;
        admin_pair_add(&row, "change", kind[in->take.row[n].kind]);
        admin_pair_add(&row, "number", r.number);
        admin_pair_add(&row, "name", r.name);
        admin_pair_add(&row, "section", r.section);
        task_row(t, &row);
    }
}

static void put_differences(struct task *t, const struct intake *in)
{
    put_summary(t, in);
    if (strcmp(task_get(t, "verbose"), "yes") == 0)
        put_list(t, in);
}

static bool note_look(struct task *t, const struct intake *in)
{
    struct chain_event event = {.kind = "roster-verified"};
    char number[24];

    snprintf(number, sizeof(number), "%llu", (unsigned long long)in->take.trust.issue.number);
    chain_event_add(&event, "number", number);
    chain_event_add(&event, "media", in->head.media);
    chain_event_add(&event, "operator", t->operator.number);
    return task_event_only(t, &event);
}

void roster_verify(struct task *t)
{
    struct intake in;
    int err;

    if (!verb_roster_takes(t))
        return;
    if ((err = intake_open(&in, t->broker, t->fd)) == INTAKE_OK)
        err = intake_check(&in, t->broker);
    if (err != INTAKE_OK) {
        verb_roster_refuse(t, &in, err);
    } else if (note_look(t, &in)) {
        put_differences(t, &in);
        task_done(t, ADMIN_OK, NULL, "%s", "");
    }
    intake_close(&in);
}

static bool is_the_one(struct task *t, const struct intake *in)
{
    const char *wanted = task_get(t, "hash");
    char name[2 * CRYPTO_SHA256_LEN + 1];

    issue_name(in, name);
    if (wanted[0] == '\0' || strcmp(wanted, name) == 0)
        return true;
    task_done(t, ADMIN_REFUSED, "H42", "the file is not the one that was looked at");
    return false;
}

static void say_update(struct task *t, const struct intake *in)
{
    struct args args = {0};

    if (in->take.from != 0)
        args_add_number(&args, "old", (unsigned long)in->take.from);
    args_add_number(&args, "number", (unsigned long)in->take.trust.issue.number);
    task_event(t, in->take.from != 0 ? "H07" : "H41", &args);
}

static int install(struct task *t, struct intake *in)
{
    const struct intake_origin origin = {.source = "file", .by = t->operator.number };
    int err = intake_check(in, t->broker);

    if (err != INTAKE_OK)
        return err;
    if (!is_the_one(t, in))
        return INTAKE_OK;
    say_update(t, in);
    put_differences(t, in);
    if ((err = intake_install(in, t->broker, &origin)) != INTAKE_OK)
        return err;
    inbox_look(t->broker->inbox);
    task_done(t, ADMIN_OK, NULL, "%s", "");
    return INTAKE_OK;
}

void roster_import(struct task *t)
{
    struct intake in;
    int err;

    if (!verb_roster_takes(t))
        return;
    if ((err = intake_open(&in, t->broker, t->fd)) == INTAKE_OK)
        err = install(t, &in);
    if (err != INTAKE_OK)
        verb_roster_refuse(t, &in, err);
    intake_close(&in);
}

/* Where the installed roster came from: the event that tells of it. */
static void add_origin(struct task *t, struct admin_pairs *row)
{
    static const char *const keys[] = {"source", "media", "operator"};
    struct broker *b = t->broker;
    struct chain_event event = {0};
    int64_t sequence = 0;

    if (registry_meta_get(&b->registry, INTAKE_META, &sequence) == REGISTRY_OK)
        (void)audit_event_at(&b->audit, (uint64_t)sequence, &event);
    for (size_t n = 0; n < sizeof(keys) / sizeof(keys[0]); n++) {
        const char *value = "";
        for (size_t m = 0; m < event.count; m++)
            if (strcmp(event.pair[m].key, keys[n]) == 0)
                value = event.pair[m].value;
        admin_pair_add(row, keys[n], value);
    }
    verb_roster_time(row, "taken", event.time);
}

static const char *state_of(struct broker *b)
{
    if (!b->registry.installed)
        return "none";
    if (age_refuses(b))
        return "refused";
    return age_warns(b) ? "old" : "good";
}

void roster_status(struct task *t)
{
    struct broker *b = t->broker;
    const struct policy *p = &b->config.policy;
    bool installed = b->registry.installed;
    struct admin_pairs row = {0};

    admin_pair_add(&row, "zone", b->registry.zone);
    admin_pair_add(&row, "register", config_register_name(b->config.roster.kind));
    verb_roster_number(&row, "roster", installed ? b->registry.issue.number : 0);
    verb_roster_time(&row, "roster_time", installed ? b->registry.issue.created : 0);
    verb_roster_number(&row, "age", installed ? age_days(b) : 0);
    admin_pair_add(&row, "state", state_of(b));
    verb_roster_number(&row, "warn", p->roster_warn);
    verb_roster_number(&row, "refuse", p->roster_refuse);
    verb_roster_number(&row, "people", installed ? b->registry.entries : 0);
    add_origin(t, &row);
    task_row(t, &row);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}
