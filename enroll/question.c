/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/question.h"

#include "enroll/lang.h"
#include "enroll/message.h"
#include "enroll/names.h"
#include "enroll/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

struct subject {
    char number[64];
    char name[ADMIN_VALUE_MAX];
    size_t cards;
    size_t fingers; /* those that the command means */
};

static void count_credentials(const struct rows *rows, const char *finger, struct subject *out)
{
    char kind[32], one[32];

    for (size_t n = 1; n < rows->count; n++) {
        rows_value(rows, n, "kind", kind, sizeof(kind));
        rows_value(rows, n, "finger", one, sizeof(one));
        out->cards += strcmp(kind, "card") == 0;
        if (strcmp(kind, "finger") == 0 && (strcmp(finger, "all") == 0 || strcmp(finger, one) == 0))
            out->fingers++;
    }
}

static int look_up(const struct session *s, struct subject *out)
{
    const char *finger = admin_pair_get(&s->opt.pairs, "finger");
    struct client_outcome outcome;
    struct admin_pairs pairs = {0};
    const struct client_request request = {"person.show", &pairs, -1};
    struct rows rows = {0};
    struct report r;
    int err;

    *out = (struct subject){0};
    admin_pair_add(&pairs, "person", admin_pair_get(&s->opt.pairs, "person"));
    err = client_call(enroll_socket(s), &request, NULL, &rows, &outcome);
    r = report_of_call(err, &outcome);
    rows_value(&rows, 0, "number", out->number, sizeof(out->number));
    rows_value(&rows, 0, "name", out->name, sizeof(out->name));
    count_credentials(&rows, finger != NULL ? finger : "all", out);
    rows_free(&rows);
    return r.exit == EX_OK ? EX_OK : report_failure(s, &r);
}

static bool is_given(const struct session *s, const char *key)
{
    return admin_pair_get(&s->opt.pairs, key) != NULL;
}

bool question_needed(const struct session *s)
{
    const struct command *c = s->opt.command;

    if (c->question == NULL || is_given(s, "dry-run"))
        return false;
    if (c->question == question_reissue)
        return is_given(s, "replaces");
    if (c->question == question_unused)
        return is_given(s, "suspend");
    return c->question != question_retire || !is_given(s, "until");
}

int question_person(const struct session *s, char *out, size_t cap)
{
    struct subject who;
    int r = look_up(s, &who);

    if (r == EX_OK)
        snprintf(out, cap,
                 _("%1$s (staff no. %2$s) will be deleted, with cards: %3$zu, fingers: %4$zu."),
                 who.name, who.number, who.cards, who.fingers);
    return r;
}

int question_card(const struct session *s, char *out, size_t cap)
{
    const char *card = admin_pair_get(&s->opt.pairs, "card");
    struct subject who;
    int r = look_up(s, &who);

    if (r == EX_OK)
        snprintf(out, cap, _("The card %3$s of %1$s (staff no. %2$s) will be stopped."), who.name,
                 who.number, card != NULL ? card : "");
    return r;
}

int question_return(const struct session *s, char *out, size_t cap)
{
    const char *card = admin_pair_get(&s->opt.pairs, "card");
    struct subject who;
    int r = look_up(s, &who);

    if (r == EX_OK)
        snprintf(out, cap, _("The card %3$s of %1$s (staff no. %2$s) will be taken back."),
                 who.name, who.number, card != NULL ? card : "");
    return r;
}

int question_destroy(const struct session *s, char *out, size_t cap)
{
    const char *card = admin_pair_get(&s->opt.pairs, "card");
    struct subject who;
    int r = look_up(s, &who);

    if (r == EX_OK)
        snprintf(out, cap,
                 _("The card %3$s of %1$s (staff no. %2$s) will be recorded as destroyed."),
                 who.name, who.number, card != NULL ? card : "");
    return r;
}

int question_reissue(const struct session *s, char *out, size_t cap)
{
    const char *old = admin_pair_get(&s->opt.pairs, "replaces");
    struct subject who;
    int r = look_up(s, &who);

    if (r == EX_OK)
        snprintf(
            out, cap,
            _("The card %3$s of %1$s (staff no. %2$s) will be stopped for good when the new one "
              "is registered."),
            who.name, who.number, old != NULL ? old : "");
    return r;
}

int question_retire(const struct session *s, char *out, size_t cap)
{
    struct subject who;
    int r = look_up(s, &who);

    if (r == EX_OK)
        snprintf(
            out, cap,
            _("%1$s (staff no. %2$s) goes now. Cards, which are stopped: %3$zu, fingers, which "
              "are deleted: %4$zu."),
            who.name, who.number, who.cards, who.fingers);
    return r;
}

int question_deputy(const struct session *s, char *out, size_t cap)
{
    const char *hours = admin_pair_get(&s->opt.pairs, "hours");
    struct subject who;
    int r = look_up(s, &who);

    if (r == EX_OK)
        snprintf(out, cap,
                 _("The sealed deputy card of %1$s (staff no. %2$s) is opened for %3$s hours."),
                 who.name, who.number, hours != NULL ? hours : "");
    return r;
}

static size_t sum_of(const struct rows *rows, const char *key)
{
    char value[32];
    size_t sum = 0;

    for (size_t n = 0; n < rows->count; n++)
        if (rows_value(rows, n, key, value, sizeof(value)))
            sum += strtoul(value, NULL, 10);
    return sum;
}

/* What the command would do, by itself with dry-run. */
static int try_out(const struct session *s, struct rows *rows)
{
    struct admin_pairs pairs = s->opt.pairs;
    const struct client_request request = {s->opt.command->verb, &pairs, -1};
    struct client_outcome outcome;
    struct report r;
    int err;

    admin_pair_add(&pairs, "dry-run", "yes");
    err = client_call(enroll_socket(s), &request, NULL, rows, &outcome);
    r = report_of_call(err, &outcome);
    return r.exit == EX_OK ? EX_OK : report_failure(s, &r);
}

int question_tidy(const struct session *s, char *out, size_t cap)
{
    struct rows rows = {0};
    int r = try_out(s, &rows);

    if (r == EX_OK)
        snprintf(out, cap,
                 _("People: %1$zu. Cards to be stopped: %2$zu, fingerprints to be deleted: %3$zu."),
                 rows.count, sum_of(&rows, "cards"), sum_of(&rows, "fingers"));
    rows_free(&rows);
    return r;
}

int question_unused(const struct session *s, char *out, size_t cap)
{
    struct rows rows = {0};
    size_t cards = 0;
    char state[32];
    int r = try_out(s, &rows);

    for (size_t n = 0; n < rows.count; n++)
        cards +=
            rows_value(&rows, n, "state", state, sizeof(state)) && strcmp(state, "suspended") == 0;
    if (r == EX_OK)
        snprintf(out, cap, _("Cards to be suspended: %zu."), cards);
    rows_free(&rows);
    return r;
}

int question_issue(const struct session *s, char *out, size_t cap)
{
    struct subject who;
    int r = look_up(s, &who);

    if (r == EX_OK)
        snprintf(out, cap,
                 _("The key of the FeliCa card on the reader will be overwritten, for %1$s (staff "
                   "no. %2$s)."),
                 who.name, who.number);
    return r;
}

int question_key(const struct session *s, char *out, size_t cap)
{
    struct subject who;
    int r = look_up(s, &who);

    if (r == EX_OK)
        snprintf(out, cap, _("A YubiKey of %1$s (staff no. %2$s) will be forgotten."), who.name,
                 who.number);
    return r;
}

int question_pin(const struct session *s, char *out, size_t cap)
{
    struct subject who;
    int r = look_up(s, &who);

    if (r == EX_OK)
        snprintf(out, cap, _("The PIN of %1$s (staff no. %2$s) will be removed."), who.name,
                 who.number);
    return r;
}

int question_finger(const struct session *s, char *out, size_t cap)
{
    struct subject who;
    struct args args = {0};
    char text[MESSAGE_MAX];
    int r = look_up(s, &who);

    args_add(&args, "staff", ARG_TEXT, who.number);
    args_add_number(&args, "count", who.fingers);
    message_render("H02", &args, text);
    if (r == EX_OK)
        snprintf(out, cap, "%s\n%s", who.name, text);
    return r;
}

int question_clock(const struct session *s, char *out, size_t cap)
{
    time_t now = time(NULL);
    struct tm tm;
    char text[32] = "";

    (void)s;
    if (localtime_r(&now, &tm) != NULL)
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
    snprintf(out, cap,
             _("The present time of this host, %s, will be taken as right, although later events "
               "are recorded."),
             text);
    return EX_OK;
}
