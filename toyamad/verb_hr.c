/* SPDX-License-Identifier: Apache-2.0
 *
 * hr.apply: the HR section's file becomes one change of the register. A look (dry-run) does all of
 * it and takes it back, so that it finds what the change itself would find.
 */
#include "toyamad/hr_merge.h"
#include "toyamad/names.h"
#include "toyamad/passed.h"
#include "toyamad/registry/batch.h"
#include "toyamad/station/changes.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#define FILE_MAX    ((size_t)HR_ROWS_MAX * HR_ROW_MAX + HR_HEAD_MAX)
#define ALIVE_EVERY 1024 /* people between two signs of life */

struct import {
    struct task *t;
    struct registry *reg;
    struct hr_when when;
    bool dry, partial;
    bool later;  /* a row holds from a day to come that is its own */
    bool faulty; /* the file has faults: it may be looked at only */
    struct passed_map map;
    struct hr_list list;
    struct registry_batch batch;
    bool *seen; /* by the registry's entries */
    uint32_t tally[HR_OUTCOMES], errors;
    struct hr_row row;
    struct roster_record before, person;
};

static const char *const outcome_word[HR_OUTCOMES] = {"same", "added", "changed", "rehired",
                                                      "leaving"};

static void add_number(struct admin_pairs *row, const char *key, uint32_t value)
{
    char text[16];

    snprintf(text, sizeof(text), "%u", value);
    admin_pair_add(row, key, text);
}

static void tell_error(struct import *i, const char *what, const char *value)
{
    struct admin_pairs row = {0};

    i->errors++;
    admin_pair_add(&row, "kind", "error");
    add_number(&row, "line", i->row.line);
    admin_pair_add(&row, "number", i->row.number);
    admin_pair_add(&row, "what", what);
    admin_pair_add(&row, "value", value);
    task_row(i->t, &row);
}

static void tell_change(struct import *i, enum hr_outcome outcome, const char *what)
{
    struct admin_pairs row = {0};

    if (!i->dry)
        return;
    admin_pair_add(&row, "kind", "change");
    if (outcome == HR_ENDED)
        admin_pair_add(&row, "line", "");
    else
        add_number(&row, "line", i->row.line);
    admin_pair_add(&row, "change", outcome_word[outcome]);
    admin_pair_add(&row, "number", i->person.number);
    admin_pair_add(&row, "name", i->person.name);
    admin_pair_add(&row, "what", what);
    task_row(i->t, &row);
}

static int record_change(struct import *i, enum hr_outcome outcome, const char *what)
{
    struct chain_event event = {.kind = "person-by-hr"};

    if (i->dry)
        return REGISTRY_OK;
    chain_event_add(&event, "person", i->person.number);
    chain_event_add(&event, "change", outcome_word[outcome]);
    chain_event_add(&event, "what", what);
    chain_event_add(&event, "operator", i->t->operator.number);
    return audit_append_part(&i->t->broker->audit, &event, i->when.now);
}

static int store(struct import *i, enum hr_outcome outcome)
{
    char what[CHANGES_MAX] = "";
    int err;

    i->tally[outcome]++;
    if (outcome == HR_SAME)
        return REGISTRY_OK;
    if (outcome != HR_NEW)
        changes_words(&i->before, &i->person, what);
    err = registry_batch_put(&i->batch, &i->person);
    if (err == REGISTRY_EXISTS || err == REGISTRY_LIMIT) {
        tell_error(i, err == REGISTRY_EXISTS ? "exists" : "limit", "");
        return REGISTRY_OK;
    }
    if (err != REGISTRY_OK)
        return err;
    tell_change(i, outcome, what);
    return record_change(i, outcome, what);
}

static int check_logins(struct import *i, bool *good)
{
    bool taken = false;
    int err = REGISTRY_OK;

    *good = true;
    for (size_t n = 0; n < i->row.logins && err == REGISTRY_OK && *good; n++) {
        if (roster_record_has_login(&i->before, i->row.login[n]))
            continue;
        err = registry_batch_login(&i->batch, i->row.login[n], i->before.id, &taken);
        if (err == REGISTRY_OK && taken) {
            tell_error(i, "login-taken", i->row.login[n]);
            *good = false;
        }
    }
    return err;
}

static size_t entry_of(const struct registry *reg, const uint8_t id[ROSTER_ID_LEN])
{
    size_t low = 0, high = reg->entries;

    while (low + 1 < high) {
        const size_t mid = low + (high - low) / 2;
        if (memcmp(reg->entry[mid].id, id, ROSTER_ID_LEN) <= 0)
            low = mid;
        else
            high = mid;
    }
    return low;
}

/* The person as he is, or nobody. */
static int find(struct import *i, bool *known)
{
    int err = registry_by_number(i->reg, i->row.number, &i->before);

    *known = err == REGISTRY_OK;
    if (err == REGISTRY_OK)
        i->seen[entry_of(i->reg, i->before.id)] = true;
    if (err != REGISTRY_NONE)
        return err;
    i->before = (struct roster_record){0};
    return REGISTRY_OK;
}

static int merge(struct import *i, bool known)
{
    enum hr_outcome outcome = HR_SAME;
    bool good = true;
    int err = check_logins(i, &good), fault;

    if (err != REGISTRY_OK || !good)
        return err;
    i->person = i->before;
    fault = known ? hr_merge_row(&i->row, &i->when, &i->person, &outcome)
                  : hr_merge_new(&i->row, &i->when, &i->person, &outcome);
    if (fault == HR_MERGE_OK)
        return store(i, outcome);
    tell_error(i, hr_merge_word(fault), "");
    return fault == HR_MERGE_RANDOM ? REGISTRY_FAILED : REGISTRY_OK;
}

static int take_row(struct import *i)
{
    bool known = false;
    int err = find(i, &known);

    if (err != REGISTRY_OK)
        return err;
    if (i->row.given == HR_FAULTY) {
        i->faulty = true;
        return REGISTRY_OK;
    }
    if (operator_word(i->row.number)) {
        tell_error(i, "word", "");
        return REGISTRY_OK;
    }
    i->later = i->later || (i->row.effective != 0 && hr_merge_later(&i->row, &i->when));
    return merge(i, known);
}

static int take_rows(struct import *i)
{
    int err = REGISTRY_OK;

    while (err == REGISTRY_OK && i->list.rows.left > 0) {
        if (hr_list_next(&i->list, &i->row) != ROSTER_OK)
            return REGISTRY_LIMIT;
        if (i->list.count % ALIVE_EVERY == 0)
            sd_notify(0, "WATCHDOG=1");
        err = take_row(i);
    }
    return err;
}

static int take_missing(struct import *i)
{
    enum hr_outcome outcome = HR_SAME;
    int err = REGISTRY_OK;

    for (size_t n = 0; n < i->reg->entries && !i->partial && err == REGISTRY_OK; n++) {
        if (n % ALIVE_EVERY == 0)
            sd_notify(0, "WATCHDOG=1");
        if (i->seen[n])
            continue;
        if ((err = registry_by_id(i->reg, i->reg->entry[n].id, &i->before)) != REGISTRY_OK)
            break;
        i->person = i->before;
        hr_merge_missing(&i->when, &i->person, &outcome);
        err = store(i, outcome);
    }
    return err;
}

static void tell_total(struct import *i)
{
    struct admin_pairs row = {0};

    admin_pair_add(&row, "kind", "total");
    for (unsigned n = 0; n < HR_OUTCOMES; n++)
        add_number(&row, outcome_word[n], i->tally[n]);
    add_number(&row, "errors", i->errors);
    task_row(i->t, &row);
}

static bool any_change(const struct import *i)
{
    return i->tally[HR_NEW] + i->tally[HR_CHANGED] + i->tally[HR_REHIRED] + i->tally[HR_ENDED] > 0;
}

/* What was looked at, as "new changed rehired ended". */
static bool as_expected(const struct import *i)
{
    const char *expect = task_get(i->t, "expect");
    char now[64];

    snprintf(now, sizeof(now), "%u %u %u %u", i->tally[HR_NEW], i->tally[HR_CHANGED],
             i->tally[HR_REHIRED], i->tally[HR_ENDED]);
    return expect[0] == '\0' || strcmp(expect, now) == 0;
}

/* Whether it may become more than a look; else the call was ended. */
static bool may_apply(struct import *i)
{
    if (i->tally[HR_ENDED] > 0 && i->later && i->when.from == 0)
        task_done(i->t, ADMIN_USAGE, NULL,
                  "rows hold from a day to come, and people are missing: \"from\" must say when "
                  "they end");
    else if (i->dry)
        return false;
    else if (i->errors > 0 || i->faulty)
        task_done(i->t, ADMIN_REFUSED, NULL, "the file has errors: nothing was applied");
    else if (!as_expected(i))
        task_done(i->t, ADMIN_REFUSED, NULL, "the register has changed since it was looked at");
    else
        return true;
    return false;
}

static int apply(struct import *i)
{
    struct chain_event event = {.kind = "hr-applied"};
    struct broker *b = i->t->broker;
    char text[16];
    int err;

    for (unsigned n = HR_NEW; n < HR_OUTCOMES; n++) {
        snprintf(text, sizeof(text), "%u", i->tally[n]);
        chain_event_add(&event, outcome_word[n], text);
    }
    if (i->when.from != 0)
        chain_event_add(&event, "from", task_get(i->t, "from"));
    chain_event_add(&event, "operator", i->t->operator.number);
    registry_by(i->reg, i->t->operator.id);
    if ((err = registry_batch_issue(&i->batch, i->when.now)) != REGISTRY_OK ||
        (err = audit_append(&b->audit, &event, i->when.now)) != REGISTRY_OK ||
        (err = registry_commit(i->reg)) != REGISTRY_OK)
        return err;
    registry_settle(i->reg, &i->batch.change);
    audit_settle(&b->audit);
    return REGISTRY_OK;
}

/* Inside of the transaction, which is over afterwards. */
static int carry_out(struct import *i)
{
    bool applied = false;
    int err;

    registry_by(i->reg, i->t->operator.id);
    err = registry_batch_begin(i->reg, &i->batch);
    if (err == REGISTRY_OK && (err = take_rows(i)) == REGISTRY_OK &&
        (err = take_missing(i)) == REGISTRY_OK && may_apply(i) && any_change(i)) {
        err = apply(i);
        applied = err == REGISTRY_OK;
    }
    registry_batch_end(&i->batch);
    if (!applied) {
        registry_rollback(i->reg);
        registry_drop(&i->batch.change);
        audit_forget(&i->t->broker->audit);
    }
    return err;
}

static bool read_pairs(struct import *i)
{
    const char *from = task_get(i->t, "from");

    i->when.now = broker_now(i->t->broker);
    if (i->t->broker->config.roster.kind == REGISTER_OWN)
        roster_zones_parse(policy_zone_name(i->t->broker->config.policy.zone), &i->when.zones);
    i->dry = strcmp(task_get(i->t, "dry-run"), "yes") == 0;
    i->partial = strcmp(task_get(i->t, "partial"), "yes") == 0;
    if (from[0] == '\0' || names_date_parse(from, false, &i->when.from))
        return true;
    task_done(i->t, ADMIN_USAGE, NULL, "\"from\": \"%s\" is not a date like 2026-04-01", from);
    return false;
}

typedef char hr_number[ROSTER_TEXT_MAX];

static hr_number *grow(hr_number *old, size_t count)
{
    hr_number *grown = reallocarray(old, count, sizeof(*grown));

    if (grown == NULL)
        free(old);
    return grown;
}

static int compare_numbers(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* The whole list is sound, and no number stands twice: each person is changed once. */
static bool list_is_sound(struct import *i)
{
    hr_number *number = NULL;
    struct hr_list list = i->list;
    bool good = true;

    while (good && list.rows.left > 0) {
        if ((list.count & (list.count + 1)) == 0)
            number = grow(number, 2 * (list.count + 1));
        good = number != NULL && hr_list_next(&list, &i->row) == ROSTER_OK;
        if (good)
            memcpy(number[list.count - 1], i->row.number, sizeof(i->row.number));
    }
    if (good && number != NULL)
        qsort(number, list.count, sizeof(*number), compare_numbers);
    for (size_t n = 1; good && n < list.count; n++)
        good = strcmp(number[n - 1], number[n]) != 0;
    free(number);
    return good;
}

static bool read_file(struct import *i)
{
    int err = passed_map(i->t->fd, FILE_MAX, &i->map);

    if (err != PASSED_OK)
        task_done(i->t, ADMIN_USAGE, NULL, "the list of people: %s", passed_strerror(err));
    else if (hr_list_open(i->map.octets, i->map.len, &i->list) != ROSTER_OK || !list_is_sound(i))
        task_done(i->t, ADMIN_USAGE, NULL, "the file is not a list of people");
    else
        return true;
    return false;
}

static void finish(struct import *i, int err)
{
    if (err == REGISTRY_LIMIT)
        task_done(i->t, ADMIN_USAGE, NULL, "the file is not a list of people");
    else if (err != REGISTRY_OK)
        task_fail_registry(i->t, err);
    if (i->t->done)
        return;
    tell_total(i);
    task_done(i->t, ADMIN_OK, NULL, "%s", "");
}

static bool record_look(struct import *i)
{
    struct chain_event event = {.kind = "hr-viewed"};

    chain_event_add(&event, "operator", i->t->operator.number);
    return !i->dry || task_event_only(i->t, &event);
}

static void run(struct import *i)
{
    int err;

    i->seen = calloc(i->reg->entries + 1, sizeof(*i->seen));
    if (i->seen == NULL)
        err = REGISTRY_FAILED;
    else if ((err = registry_begin(i->reg)) == REGISTRY_OK)
        err = carry_out(i);
    finish(i, err);
}

void hr_apply(struct task *t)
{
    struct import *i = calloc(1, sizeof(*i));

    if (i == NULL) {
        task_done(t, ADMIN_FAILED, NULL, "out of memory");
        return;
    }
    i->t = t;
    i->reg = &t->broker->registry;
    if (read_pairs(i) && read_file(i) && record_look(i))
        run(i);
    passed_unmap(&i->map);
    free(i->seen);
    free(i);
}
