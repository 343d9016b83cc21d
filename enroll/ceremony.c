/* SPDX-License-Identifier: Apache-2.0
 *
 * ceremony: the beginning of an enrolment station in one command. Each step is a call of its own;
 * what is there already is left as it is, so that an interrupted ceremony is begun again.
 */
#include "core/wire/wipe.h"
#include "enroll/calling.h"
#include "enroll/enroll.h"
#include "enroll/handover.h"
#include "enroll/interrupt.h"
#include "enroll/json.h"
#include "enroll/lang.h"
#include "enroll/present.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define TAKE_OUT_SECONDS 120
#define PLACE_CARD       "K12"

struct officer {
    const char *title;
    const char *role;
    const char *number, *name, *login; /* keys of the command's pairs */
};

static const struct officer officers[] = {
    {N_("First registrar"), "registrar", "registrar", "registrar-name", "registrar-login"},
    {N_("First approver"), "approver", "approver", "approver-name", "approver-login"},
};

static const char *given(const struct session *s, const char *key)
{
    const char *value = admin_pair_get(&s->opt.pairs, key);

    return value != NULL ? value : "";
}

/* One step; what exists already is as good as done. */
static int step(const struct session *s, const char *verb, const struct admin_pairs *pairs,
                const char *unsaid)
{
    const struct client_request request = {verb, pairs, -1};
    struct rows rows = {0};
    struct report r = calling_run_without(s, &request, &rows, unsaid);

    rows_free(&rows);
    if (r.exit == EX_OK || r.exit == EX_CANTCREAT)
        return EX_OK;
    return report_failure(s, &r);
}

static int step_for(const struct session *s, const char *verb, const char *number, const char *role,
                    const char *unsaid)
{
    struct admin_pairs pairs = {0};

    admin_pair_add(&pairs, "person", number);
    if (role != NULL)
        admin_pair_add(&pairs, "role", role);
    return step(s, verb, &pairs, unsaid);
}

static int add_person(const struct session *s, const struct officer *o)
{
    struct admin_pairs pairs = {0};
    const char *zones = given(s, "zones");

    admin_pair_add(&pairs, "number", given(s, o->number));
    admin_pair_add(&pairs, "name", given(s, o->name));
    admin_pair_add(&pairs, "login", given(s, o->login));
    admin_pair_add(&pairs, "category", "regular");
    admin_pair_add(&pairs, "zones", *zones != '\0' ? zones : settings_get(&s->settings, "zone"));
    return step(s, "person.add", &pairs, NULL);
}

static bool has_card(const struct session *s, const char *number)
{
    struct admin_pairs pairs = {0};
    const struct client_request request = {"person.show", &pairs, -1};
    struct rows rows = {0};
    size_t from = 0, to = 0;

    admin_pair_add(&pairs, "person", number);
    if (calling_run(s, &request, &rows).exit == EX_OK)
        calling_range(&rows, "card", &from, &to);
    rows_free(&rows);
    return from < to;
}

static bool reader_is_empty(const struct session *s)
{
    const struct admin_pairs none = {0};
    const struct client_request request = {"devices", &none, -1};
    struct rows rows = {0};
    char card[8] = "";
    size_t from = 0, to = 0;
    bool empty = true;

    if (calling_run(s, &request, &rows).exit == EX_OK)
        calling_range(&rows, "reader", &from, &to);
    for (; from < to; from++)
        empty = empty &&
                !(rows_value(&rows, from, "card", card, sizeof(card)) && strcmp(card, "yes") == 0);
    rows_free(&rows);
    return empty;
}

static void say_take_out(const struct session *s)
{
    struct json j;

    if (!s->opt.json) {
        fprintf(stderr, "%s\n", _("Please take the card out of the reader."));
        return;
    }
    j = json_begin(stderr);
    json_open(&j, '{');
    json_pair(&j, "event", "take-out");
    json_pair(&j, "text", _("Please take the card out of the reader."));
    json_close(&j, '}');
    json_end(&j);
}

/* Nobody places a card that lies there already. */
static int prove_approver(const struct session *s, const char *number)
{
    const char *unsaid = reader_is_empty(s) ? NULL : PLACE_CARD;

    return step_for(s, "approver.enroll", number, NULL, unsaid);
}

/* The card of the one must not be registered for the other. */
static int await_empty_reader(const struct session *s)
{
    struct report r;

    for (int n = 0; n < TAKE_OUT_SECONDS; n++) {
        if (reader_is_empty(s))
            return EX_OK;
        if (n == 0)
            say_take_out(s);
        if (interrupt_poll(NULL, 0, 1000) < 0)
            break;
    }
    r = report_make(EX_UNAVAILABLE, "unavailable", _("The card stayed in the reader."), "");
    return report_failure(s, &r);
}

static int make_officer(const struct session *s, const struct officer *o)
{
    const char *number = given(s, o->number);
    bool approver = strcmp(o->role, "approver") == 0;
    int r;

    if (!s->opt.json)
        fprintf(stderr, "%s: %s\n", _(o->title), number);
    if ((r = add_person(s, o)) != EX_OK)
        return r;
    if (!has_card(s, number) && ((r = await_empty_reader(s)) != EX_OK ||
                                 (r = step_for(s, "card.enroll", number, NULL, NULL)) != EX_OK))
        return r;
    if (approver && (r = prove_approver(s, number)) != EX_OK)
        return r;
    return step_for(s, "role.grant", number, o->role, NULL);
}

static struct report begin(const struct session *s, struct rows *rows)
{
    const struct admin_pairs none = {0};
    const struct client_request request = {"ceremony", &none, -1};

    if (!s->opt.json)
        fprintf(stderr, "%s\n", _("The approver signs the first issue of every zone."));
    return calling_run(s, &request, rows);
}

/* The copy by which the station is made again. */
static struct report back_up(const struct session *s, struct handover *h, struct rows *rows)
{
    const struct admin_pairs none = {0};
    const struct client_request request = {"backup", &none, h->fd};
    struct report r = calling_run(s, &request, rows);

    if (!handover_end(h, r.exit == EX_OK) && r.exit == EX_OK)
        r = report_make(EX_IOERR, "failed", _("The file could not be written to the disk."), "");
    return r;
}

static int show(const struct session *s, struct report *r, const struct rows *zones,
                const struct rows *copy)
{
    static const char *const hidden[] = {"kind",    "added", "changed", "stopped",
                                         "removed", "due",   NULL};

    if (s->opt.json) {
        report_json(s, r, copy);
        return EX_OK;
    }
    printf("%s\n",
           _("The station has begun. From now on a registrar changes and an approver signs."));
    present_table(zones, 0, zones->count, hidden);
    printf("\n%s\n", _("Keep the recovery copy and its code in different places:"));
    present_object(copy, 0);
    return EX_OK;
}

static int finish(const struct session *s, struct handover *h)
{
    struct rows zones = {0}, copy = {0};
    struct report r = begin(s, &zones);
    int exit;

    if (r.exit == EX_OK)
        r = back_up(s, h, &copy);
    exit = r.exit == EX_OK ? show(s, &r, &zones, &copy) : report_failure(s, &r);
    rows_free(&zones);
    rows_free(&copy);
    return exit;
}

static int open_copy(const struct session *s, struct handover *h)
{
    char message[REPORT_TEXT_MAX];
    struct report r;
    int err = handover_output(s->opt.file_path, h);

    if (err == HANDOVER_OK)
        return EX_OK;
    if (err == HANDOVER_EXISTS)
        snprintf(message, sizeof(message), _("%s is there already. Nothing was overwritten."),
                 s->opt.file_path);
    else
        snprintf(message, sizeof(message), _("%1$s: %2$s"), s->opt.file_path, strerror(errno));
    r = report_make(EX_CANTCREAT, "exists", message, "");
    return report_failure(s, &r);
}

int enroll_ceremony(struct session *s)
{
    struct handover h;
    int r;

    if ((r = enroll_settings(s)) != EX_OK || (r = open_copy(s, &h)) != EX_OK)
        return r;
    for (size_t n = 0; n < sizeof(officers) / sizeof(officers[0]) && r == EX_OK; n++)
        r = make_officer(s, &officers[n]);
    if (r == EX_OK)
        r = finish(s, &h);
    handover_end(&h, false);
    return r;
}
