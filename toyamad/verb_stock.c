/* SPDX-License-Identifier: Apache-2.0
 *
 * stock add, list, count: the city's cards by their printed labels. What is lent, and whether it is
 * lost, the people's records say; a label that is lent to nobody is missing.
 */
#include "toyamad/names.h"
#include "toyamad/registry/stock.h"
#include "toyamad/situations.h"

#include "core/roster/life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ADD_MAX    1000
#define DIGITS_MAX 9

struct range {
    char prefix[ROSTER_TEXT_MAX];
    int width; /* digits behind the prefix */
    unsigned long first, last;
};

static size_t digits_at_end(const char *label)
{
    size_t len = strlen(label), digits = 0;

    while (digits < len && label[len - digits - 1] >= '0' && label[len - digits - 1] <= '9')
        digits++;
    return digits;
}

static bool take_range(struct task *t, struct range *r)
{
    const char *from = task_get(t, "from"), *to = task_get(t, "to");
    size_t digits = digits_at_end(from), prefix = strlen(from) - digits;

    if (digits == 0 || digits > DIGITS_MAX || strlen(from) >= sizeof(r->prefix) ||
        strlen(to) != strlen(from) || strncmp(from, to, prefix) != 0 ||
        digits_at_end(to) < digits) {
        task_done(t, ADMIN_USAGE, NULL, "\"%s\" and \"%s\" do not differ in their number only",
                  from, to);
        return false;
    }
    memcpy(r->prefix, from, prefix);
    r->prefix[prefix] = '\0';
    r->width = (int)digits;
    r->first = strtoul(from + prefix, NULL, 10);
    r->last = strtoul(to + prefix, NULL, 10);
    if (r->first <= r->last && r->last - r->first < ADD_MAX)
        return true;
    task_done(t, ADMIN_USAGE, NULL, "these are not 1 to %d cards", ADD_MAX);
    return false;
}

static void label_of(const struct range *r, unsigned long number, char out[ROSTER_TEXT_MAX])
{
    snprintf(out, ROSTER_TEXT_MAX, "%.*s%0*lu", ROSTER_TEXT_MAX - DIGITS_MAX - 1, r->prefix,
             r->width, number);
}

static int add_all(struct task *t, const struct range *r, char label[ROSTER_TEXT_MAX])
{
    int err = REGISTRY_OK;

    for (unsigned long n = r->first; n <= r->last && err == REGISTRY_OK; n++) {
        label_of(r, n, label);
        err = registry_stock_add(&t->broker->registry, label, broker_now(t->broker));
    }
    return err;
}

static void describe(const struct task *t, const struct range *r, struct chain_event *event)
{
    char count[24];

    *event = (struct chain_event){.kind = "stock-added"};
    snprintf(count, sizeof(count), "%lu", r->last - r->first + 1);
    chain_event_add(event, "from", task_get(t, "from"));
    chain_event_add(event, "to", task_get(t, "to"));
    chain_event_add(event, "count", count);
    chain_event_add(event, "operator", t->operator.number);
}

/* All of it, or nothing; a dry run takes it back. */
static int carry_out(struct task *t, const struct range *r, bool dry, char label[ROSTER_TEXT_MAX])
{
    struct broker *b = t->broker;
    struct chain_event event;
    int err = registry_begin(&b->registry);

    if (err != REGISTRY_OK)
        return err;
    describe(t, r, &event);
    if ((err = add_all(t, r, label)) == REGISTRY_OK && !dry &&
        (err = audit_append(&b->audit, &event, broker_now(b))) == REGISTRY_OK &&
        (err = registry_commit(&b->registry)) == REGISTRY_OK) {
        audit_settle(&b->audit);
        return REGISTRY_OK;
    }
    registry_rollback(&b->registry);
    audit_forget(&b->audit);
    return err;
}

static void tell_count(struct task *t, const char *key, size_t count)
{
    struct admin_pairs row = {0};
    char text[24];

    snprintf(text, sizeof(text), "%zu", count);
    admin_pair_add(&row, key, text);
    task_row(t, &row);
}

void stock_add(struct task *t)
{
    bool dry = strcmp(task_get(t, "dry-run"), "yes") == 0;
    char label[ROSTER_TEXT_MAX] = "";
    struct range r;
    int err;

    if (!take_range(t, &r))
        return;
    if ((err = carry_out(t, &r, dry, label)) == REGISTRY_EXISTS) {
        task_done(t, ADMIN_EXISTS, NULL, "%s is known already: nothing was added", label);
        return;
    }
    if (err != REGISTRY_OK) {
        task_fail_registry(t, err);
        return;
    }
    tell_count(t, "count", r.last - r.first + 1);
    task_done(t, ADMIN_OK, dry ? "H59" : NULL, "%s", "");
}

/* What a card in the list is, with what its holder's record says. */
enum place {
    PLACE_IN,
    PLACE_LENT,
    PLACE_LOST,
    PLACE_MISSING,
    PLACE_RETURNED,
    PLACE_DESTROYED,
    PLACES
};

static const char *const place_word[PLACES] = {"in-stock", "lent",     "lost",
                                               "missing",  "returned", "destroyed"};

struct entry {
    struct stock_card card;
    char number[ROSTER_TEXT_MAX]; /* of the holder; "": nobody has it */
    bool lost;
};

struct listing {
    struct task *t;
    struct entry *entry; /* owned; ordered by label */
    size_t count, cap;
    bool full;
};

static bool keep_card(void *ctx, const struct stock_card *c)
{
    struct listing *l = ctx;
    struct entry *grown = l->entry;

    if (l->count == l->cap) {
        grown = reallocarray(l->entry, l->cap == 0 ? 256 : 2 * l->cap, sizeof(*grown));
        l->full = grown == NULL;
        if (grown == NULL)
            return false;
        l->entry = grown;
        l->cap = l->cap == 0 ? 256 : 2 * l->cap;
    }
    l->entry[l->count++] = (struct entry){.card = *c};
    return true;
}

static int compare(const void *label, const void *entry)
{
    return strcmp(label, ((const struct entry *)entry)->card.label);
}

static bool keep_holder(void *ctx, const struct roster_record *r)
{
    struct listing *l = ctx;

    for (size_t n = 0; n < r->credentials; n++) {
        const struct roster_credential *c = &r->credential[n];
        struct entry *e = !roster_can_return(c) || l->count == 0
                              ? NULL
                              : bsearch(c->label, l->entry, l->count, sizeof(*e), compare);
        if (e == NULL)
            continue;
        memcpy(e->number, r->number, sizeof(e->number));
        e->lost = roster_is_lost(c);
    }
    return true;
}

static enum place place_of(const struct entry *e)
{
    switch (e->card.state) {
    case STOCK_LENT:
        if (e->number[0] == '\0')
            return PLACE_MISSING;
        return e->lost ? PLACE_LOST : PLACE_LENT;
    case STOCK_RETURNED:
        return PLACE_RETURNED;
    case STOCK_DESTROYED:
        return PLACE_DESTROYED;
    case STOCK_IN:
    case STOCK_STATES:
        break;
    }
    return PLACE_IN;
}

static void tell_entry(struct task *t, const struct entry *e)
{
    struct admin_pairs row = {0};
    char since[24];

    names_time(e->card.since, since);
    admin_pair_add(&row, "label", e->card.label);
    admin_pair_add(&row, "place", place_word[place_of(e)]);
    admin_pair_add(&row, "since", since);
    admin_pair_add(&row, "number", e->card.state == STOCK_LENT ? e->number : "");
    task_row(t, &row);
}

static void tell_all(struct listing *l)
{
    const char *only = task_get(l->t, "place");

    for (size_t n = 0; n < l->count; n++)
        if (only[0] == '\0' || strcmp(only, place_word[place_of(&l->entry[n])]) == 0)
            tell_entry(l->t, &l->entry[n]);
}

static void tell_sums(struct listing *l)
{
    size_t sum[PLACES] = {0};
    char text[24];

    for (size_t n = 0; n < l->count; n++)
        sum[place_of(&l->entry[n])]++;
    for (size_t n = 0; n < PLACES; n++) {
        struct admin_pairs row = {0};
        snprintf(text, sizeof(text), "%zu", sum[n]);
        admin_pair_add(&row, "place", place_word[n]);
        admin_pair_add(&row, "count", text);
        task_row(l->t, &row);
    }
}

/* The view is recorded, then the whole is read and told by `tell`. */
static void look(struct task *t, void (*tell)(struct listing *l))
{
    struct chain_event event = {.kind = "stock-viewed"};
    struct listing l = {.t = t};
    int err;

    chain_event_add(&event, "operator", t->operator.number);
    if (!task_event_only(t, &event))
        return;
    if ((err = registry_stock_each(&t->broker->registry, keep_card, &l)) == REGISTRY_OK)
        err = l.full ? REGISTRY_FAILED
                     : registry_each_by_number(&t->broker->registry, keep_holder, &l);
    if (err == REGISTRY_OK) {
        tell(&l);
        task_done(t, ADMIN_OK, NULL, "%s", "");
    } else {
        task_fail_registry(t, err);
    }
    free(l.entry);
}

void stock_list(struct task *t)
{
    look(t, tell_all);
}

void stock_count(struct task *t)
{
    look(t, tell_sums);
}
