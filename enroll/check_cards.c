/* SPDX-License-Identifier: Apache-2.0
 *
 * What the registered cards, security keys and memorised PINs are worth on this host, and who
 * cannot log in with them.
 */
#include "enroll/check.h"

#include "enroll/client.h"
#include "enroll/lang.h"
#include "enroll/names.h"

#include <stdio.h>
#include <string.h>

#define FAMILIES_MAX 16

static const struct check_kind signature = {
    CHECK_GREEN, "cards-signature", N_("Proof by a key that nobody else has: {}"), NULL, NULL};
static const struct check_kind shared = {CHECK_GREEN, "cards-shared",
                                         N_("Proof by a key that this zone's hosts hold, too: {}"),
                                         NULL, NULL};
static const struct check_kind memorised = {CHECK_GREEN, "cards-memorised",
                                            N_("Memorised secret: {}"), NULL, NULL};
static const struct check_kind refused = {
    CHECK_YELLOW, "cards-refused", N_("This host does not take what these people have: {}"),
    N_("shared_keys = no: cards and keys with a shared key do not count here."),
    N_("Register a PIV or My Number card for them, or set shared_keys = yes if the zone may.")};
static const struct check_kind nobody_has = {
    CHECK_RED, "cards-nobody", N_("Nobody has what this host requires: {}"),
    N_("Nobody can log in."),
    N_("toyama-enroll card enroll, or for a security key: toyama-enroll yubikey enroll")};
static const struct check_kind without_pin = {
    CHECK_YELLOW, "cards-without-pin", N_("These people have no PIN, which this host requires: {}"),
    N_("Neither the card nor the person has one: they cannot log in."),
    N_("toyama-enroll pin set PERSON, or register a card that asks for a PIN.")};

/* What one person has that is active. The rows of one person stand together. */
struct holder {
    char number[ADMIN_VALUE_MAX];
    bool possession; /* of the kind that the host requires, and it counts */
    bool pin;
    bool refused;
};

struct cards {
    bool takes_shared;
    const char *possession; /* "card" or "token" */
    bool anybody;           /* has such a possession */
    struct holder now;
    struct {
        char family[32], strength[32];
        unsigned long count;
    } tally[FAMILIES_MAX];
    size_t tallies;
    char refused[CHECK_TEXT_MAX], without_pin[CHECK_TEXT_MAX];
};

static bool is(const struct admin_pairs *row, const char *key, const char *value)
{
    const char *is = admin_pair_get(row, key);

    return is != NULL && strcmp(is, value) == 0;
}

static void copy(const struct admin_pairs *row, const char *key, char *out, size_t cap)
{
    const char *value = admin_pair_get(row, key);

    snprintf(out, cap, "%s", value != NULL ? value : "");
}

static void count(struct cards *d, const struct admin_pairs *row)
{
    size_t n = 0;

    while (n < d->tallies && !is(row, "family", d->tally[n].family))
        n++;
    if (n == FAMILIES_MAX)
        return;
    if (n == d->tallies) {
        copy(row, "family", d->tally[n].family, sizeof(d->tally[n].family));
        copy(row, "strength", d->tally[n].strength, sizeof(d->tally[n].strength));
        d->tallies++;
    }
    d->tally[n].count++;
}

static void close_holder(struct check *c, struct cards *d)
{
    const struct holder *h = &d->now;

    d->anybody = d->anybody || h->possession;
    if (h->refused)
        check_append(d->refused, h->number);
    if (check_needs(c, "pin") && h->possession && !h->pin)
        check_append(d->without_pin, h->number);
    d->now = (struct holder){0};
}

static void take_row(struct check *c, struct cards *d, const struct admin_pairs *row)
{
    bool possession = is(row, "kind", d->possession);
    bool counts = d->takes_shared || !is(row, "strength", "shared-key");

    if (!is(row, "number", d->now.number)) {
        close_holder(c, d);
        copy(row, "number", d->now.number, sizeof(d->now.number));
    }
    if (!is(row, "state", "active"))
        return;
    count(d, row);
    d->now.possession = d->now.possession || (possession && counts);
    d->now.refused = d->now.refused || (possession && !counts);
    d->now.pin =
        d->now.pin || is(row, "kind", "pin") || (possession && counts && is(row, "pin", "yes"));
}

/* "PIV card 12, My Number card 3" of one strength. */
static void add_strength(struct check *c, const struct cards *d, const char *strength,
                         const struct check_kind *kind)
{
    char list[CHECK_TEXT_MAX] = "", one[128];

    for (size_t n = 0; n < d->tallies; n++)
        if (strcmp(d->tally[n].strength, strength) == 0) {
            snprintf(one, sizeof(one), "%s %lu", names_word(d->tally[n].family), d->tally[n].count);
            check_append(list, one);
        }
    if (list[0] != '\0')
        check_add(c, kind, list);
}

static void judge(struct check *c, const struct cards *d)
{
    add_strength(c, d, "signature", &signature);
    add_strength(c, d, "shared-key", &shared);
    add_strength(c, d, "memorised", &memorised);
    if (c->people && !d->anybody)
        check_add(c, &nobody_has, names_word(d->possession));
    if (d->refused[0] != '\0')
        check_add(c, &refused, d->refused);
    if (d->without_pin[0] != '\0')
        check_add(c, &without_pin, d->without_pin);
}

static void look_at_rows(struct check *c, const struct rows *rows)
{
    struct cards d = {.takes_shared = strcmp(check_setting(c, "shared_keys"), "yes") == 0,
                      .possession = check_needs(c, "token") ? "token" : "card"};
    struct admin_pairs row;

    for (size_t n = 0; n < rows->count; n++) {
        rows_get(rows, n, &row);
        take_row(c, &d, &row);
    }
    close_holder(c, &d);
    judge(c, &d);
}

void check_cards(struct check *c)
{
    const struct admin_pairs none = {0};
    const struct client_request request = {"card.list", &none, -1};
    struct client_outcome outcome;
    struct rows rows = {0};
    int err;

    if (!c->broker_good)
        return;
    err = client_call(check_setting(c, "admin_socket"), &request, NULL, &rows, &outcome);
    if (err == CLIENT_OK && outcome.result == ADMIN_OK)
        look_at_rows(c, &rows);
    rows_free(&rows);
}
