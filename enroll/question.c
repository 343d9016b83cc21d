/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/question.h"

#include "enroll/confirm.h"
#include "enroll/lang.h"
#include "enroll/message.h"
#include "enroll/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>

struct subject {
    char number[64];
    char name[ADMIN_VALUE_MAX];
    char said[ADMIN_VALUE_MAX];
    size_t cards; /* with security keys */
    size_t fingers;
    size_t meant; /* of what the command takes away */
};

struct asking {
    char what[REPORT_TEXT_MAX];
    bool idle; /* the command would change nothing */
};

struct question {
    /* Fills `out`; EX_OK, or the exit code of what is reported already. */
    int (*look)(const struct session *s, const struct question *q, struct asking *out);
    /* %1$s is the name, %2$s the staff number, %3$s what `says` names; with about_all %3$zu cards
     * and %4$zu fingers */
    const char *text;
    const char *says;   /* an option; NULL: the card that is meant */
    const char *choice; /* the option that says which card is meant */
    const char *verb;   /* whose rows tell what is meant; NULL: person.show */
    bool (*is_meant)(const struct session *s, const struct rows *rows, size_t n);
    const char *none; /* as `text`, said where nothing is meant; NULL: that is no reason to stop */
    const char *only_with; /* without this option, or with the other one, nobody is asked */
    const char *not_with;
    const char *after; /* instead of "This cannot be undone." */
};

static const char *option(const struct session *s, const char *key)
{
    const char *given = key != NULL ? admin_pair_get(&s->opt.pairs, key) : NULL;

    return given != NULL ? given : "";
}

static bool has(const struct rows *rows, size_t n, const char *key, const char *value)
{
    char found[64];

    return rows_value(rows, n, key, found, sizeof(found)) && strcmp(found, value) == 0;
}

static bool is_card(const struct session *s, const struct rows *rows, size_t n)
{
    (void)s;
    return has(rows, n, "kind", "card") || has(rows, n, "kind", "token");
}

static bool is_key(const struct session *s, const struct rows *rows, size_t n)
{
    (void)s;
    return has(rows, n, "kind", "token");
}

static bool is_pin(const struct session *s, const struct rows *rows, size_t n)
{
    (void)s;
    return has(rows, n, "kind", "pin");
}

static bool is_sealed(const struct session *s, const struct rows *rows, size_t n)
{
    (void)s;
    return has(rows, n, "standing", "sealed");
}

static bool is_finger(const struct session *s, const struct rows *rows, size_t n)
{
    const char *finger = option(s, "finger");

    return has(rows, n, "kind", "finger") &&
           (strcmp(finger, "all") == 0 || has(rows, n, "finger", finger));
}

/* A call that only looks. */
static int call(const struct session *s, const char *verb, const struct admin_pairs *pairs,
                struct rows *rows)
{
    const struct client_request request = {verb, pairs, -1};
    struct client_outcome outcome;
    int err = client_call(enroll_socket(s), &request, NULL, rows, &outcome);
    struct report r = report_of_call(err, &outcome);

    return r.exit == EX_OK ? EX_OK : report_failure(s, &r);
}

static int call_for_person(const struct session *s, const char *verb, struct rows *rows)
{
    struct admin_pairs pairs = {0};

    admin_pair_add(&pairs, "person", option(s, "person"));
    return call(s, verb, &pairs, rows);
}

/* By the start of its id or by its label, which may be empty. */
static bool is_chosen(const struct rows *rows, size_t n, const char *key)
{
    char id[64], label[ADMIN_VALUE_MAX];

    rows_value(rows, n, "id", id, sizeof(id));
    rows_value(rows, n, "label", label, sizeof(label));
    return strncmp(id, key, strlen(key)) == 0 || strcmp(label, key) == 0;
}

/* Where one card only is meant, it is called by its label. */
static void count(const struct session *s, const struct question *q, const struct rows *rows,
                  struct subject *who)
{
    const char *key = option(s, q->choice);
    char label[ADMIN_VALUE_MAX] = "";

    for (size_t n = 0; n < rows->count; n++) {
        who->cards += is_card(s, rows, n);
        who->fingers += has(rows, n, "kind", "finger");
        if (q->is_meant == NULL || !q->is_meant(s, rows, n) || !is_chosen(rows, n, key))
            continue;
        who->meant++;
        rows_value(rows, n, "label", label, sizeof(label));
        if (label[0] == '\0')
            rows_value(rows, n, "id", label, sizeof(label));
    }
    if (q->says != NULL)
        snprintf(who->said, sizeof(who->said), "%s", option(s, q->says));
    else
        snprintf(who->said, sizeof(who->said), "%s", who->meant == 1 ? label : key);
}

/* The texts are those of the table below. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void say(const struct subject *who, const char *text, char out[REPORT_TEXT_MAX])
{
    snprintf(out, REPORT_TEXT_MAX, _(text), who->name, who->number, who->said);
}

static void say_all(const struct subject *who, const char *text, char out[REPORT_TEXT_MAX])
{
    snprintf(out, REPORT_TEXT_MAX, _(text), who->name, who->number, who->cards, who->fingers);
}
#pragma GCC diagnostic pop

static int has_none(const struct session *s, const struct question *q, const struct subject *who)
{
    char text[REPORT_TEXT_MAX];
    struct report r;

    say(who, q->none, text);
    r = report_make(EX_NOUSER, "not-found", text, "");
    return report_failure(s, &r);
}

static int look_up(const struct session *s, const struct question *q, struct subject *who)
{
    struct rows rows = {0}, others = {0};
    int r = call_for_person(s, "person.show", &rows);

    *who = (struct subject){0};
    if (r == EX_OK && q->verb != NULL)
        r = call_for_person(s, q->verb, &others);
    if (r == EX_OK) {
        rows_value(&rows, 0, "number", who->number, sizeof(who->number));
        rows_value(&rows, 0, "name", who->name, sizeof(who->name));
        count(s, q, q->verb != NULL ? &others : &rows, who);
    }
    rows_free(&rows);
    rows_free(&others);
    if (r == EX_OK && q->none != NULL && who->meant == 0)
        return has_none(s, q, who);
    return r;
}

static int about_person(const struct session *s, const struct question *q, struct asking *out)
{
    struct subject who;
    int r = look_up(s, q, &who);

    if (r == EX_OK)
        say(&who, q->text, out->what);
    return r;
}

/* The card that is written, and the one that it takes the place of. */
static int about_issue(const struct session *s, const struct question *q, struct asking *out)
{
    struct asking old = {0};
    size_t len;
    int r = about_person(s, q, out);

    if (r != EX_OK || option(s, "replaces")[0] == '\0')
        return r;
    r = about_person(s, &question_reissue, &old);
    len = strlen(out->what);
    snprintf(out->what + len, sizeof(out->what) - len, "\n%s", old.what);
    return r;
}

static int about_all(const struct session *s, const struct question *q, struct asking *out)
{
    struct subject who;
    int r = look_up(s, q, &who);

    if (r == EX_OK)
        say_all(&who, q->text, out->what);
    return r;
}

static int about_fingers(const struct session *s, const struct question *q, struct asking *out)
{
    struct subject who;
    struct args args = {0};
    char text[MESSAGE_MAX];
    int r = look_up(s, q, &who);

    args_add(&args, "staff", ARG_TEXT, who.number);
    args_add_number(&args, "count", who.meant);
    message_render("H02", &args, text);
    if (r == EX_OK)
        snprintf(out->what, sizeof(out->what), "%s\n%s", who.name, text);
    return r;
}

/* What the command would do, by itself with dry-run. */
static int try_out(const struct session *s, struct rows *rows)
{
    struct admin_pairs pairs = s->opt.pairs;

    admin_pair_add(&pairs, "dry-run", "yes");
    return call(s, s->opt.command->verb, &pairs, rows);
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

static int about_tidying(const struct session *s, const struct question *q, struct asking *out)
{
    struct rows rows = {0};
    int r = try_out(s, &rows);

    (void)q;
    out->idle = rows.count == 0;
    snprintf(out->what, sizeof(out->what),
             _("People: %1$zu. Cards to be stopped: %2$zu, fingerprints to be deleted: %3$zu."),
             rows.count, sum_of(&rows, "cards"), sum_of(&rows, "fingers"));
    rows_free(&rows);
    return r;
}

static int about_unused(const struct session *s, const struct question *q, struct asking *out)
{
    struct rows rows = {0};
    size_t cards = 0;
    int r = try_out(s, &rows);

    (void)q;
    for (size_t n = 0; n < rows.count; n++)
        cards += has(&rows, n, "state", "suspended");
    out->idle = cards == 0;
    snprintf(out->what, sizeof(out->what), _("Cards to be suspended: %zu."), cards);
    rows_free(&rows);
    return r;
}

static int about_clock(const struct session *s, const struct question *q, struct asking *out)
{
    time_t now = time(NULL);
    struct tm tm;
    char text[32] = "";

    (void)s;
    (void)q;
    if (localtime_r(&now, &tm) != NULL)
        strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
    snprintf(out->what, sizeof(out->what),
             _("The present time of this host, %s, will be taken as right, although later events "
               "are recorded."),
             text);
    return EX_OK;
}

#define NO_CARD N_("No card or security key of %1$s (staff no. %2$s) fits.")
#define CARD    .look = about_person, .choice = "card", .is_meant = is_card, .none = NO_CARD

const struct question question_person = {
    .look = about_all,
    .text = N_("%1$s (staff no. %2$s) will be deleted, with cards and security keys: %3$zu, "
               "fingers: %4$zu."),
};
const struct question question_retire = {
    .look = about_all,
    .not_with = "until",
    .text = N_("%1$s (staff no. %2$s) goes now. Cards and security keys, which are stopped: "
               "%3$zu, fingers, which are deleted: %4$zu."),
};
const struct question question_tidy = {.look = about_tidying};
const struct question question_card = {
    CARD, .text = N_("The card %3$s of %1$s (staff no. %2$s) will be stopped.")};
const struct question question_return = {
    CARD, .text = N_("The card %3$s of %1$s (staff no. %2$s) will be taken back.")};
const struct question question_destroy = {
    CARD, .text = N_("The card %3$s of %1$s (staff no. %2$s) will be recorded as destroyed.")};
const struct question question_reissue = {
    .look = about_person,
    .choice = "replaces",
    .only_with = "replaces",
    .is_meant = is_card,
    .none = NO_CARD,
    .text = N_("The card %3$s of %1$s (staff no. %2$s) will be stopped for good when the new one "
               "is registered."),
};
const struct question question_issue = {
    .look = about_issue,
    .text = N_("The key of the FeliCa card on the reader will be overwritten, for %1$s (staff "
               "no. %2$s)."),
};
const struct question question_unused = {
    .look = about_unused,
    .only_with = "suspend",
    .after = N_("\"card resume\" puts a card back into use."),
};
const struct question question_deputy = {
    .look = about_person,
    .verb = "deputy.list",
    .choice = "card",
    .says = "hours",
    .is_meant = is_sealed,
    .none = N_("%1$s (staff no. %2$s) has no sealed deputy card that can still be opened."),
    .text = N_("The sealed deputy card of %1$s (staff no. %2$s) is opened for %3$s hours."),
    .after = N_("\"card stop\" ends it before that."),
};
const struct question question_key = {
    .look = about_person,
    .choice = "card",
    .is_meant = is_key,
    .none = N_("No YubiKey of %1$s (staff no. %2$s) fits."),
    .text = N_("A YubiKey of %1$s (staff no. %2$s) will be forgotten."),
};
const struct question question_pin = {
    .look = about_person,
    .is_meant = is_pin,
    .none = N_("%1$s (staff no. %2$s) has no PIN of \"pin set\"."),
    .text = N_("The PIN of %1$s (staff no. %2$s) will be removed."),
    .after = N_("Only \"pin set\" gives another one."),
};
const struct question question_finger = {
    .look = about_fingers,
    .is_meant = is_finger,
    .none = N_("No such finger of %1$s (staff no. %2$s) is registered."),
};
const struct question question_clock = {.look = about_clock};

static bool is_needed(const struct session *s)
{
    const struct question *q = s->opt.command->question;

    return q != NULL && option(s, "dry-run")[0] == '\0' &&
           (q->only_with == NULL || option(s, q->only_with)[0] != '\0') &&
           (q->not_with == NULL || option(s, q->not_with)[0] == '\0');
}

static int refuse(const struct session *s, int exit, const char *result, const char *message)
{
    struct report r = report_make(exit, result, message, "");

    return report_failure(s, &r);
}

static bool confirm(const struct question *q, const char *what)
{
    if (q == &question_finger) /* H02 names the word by itself */
        return confirm_prompt(what);
    return q->after != NULL ? confirm_continue(what, _(q->after)) : confirm_ask(what);
}

/* A program that reads JSON cannot be asked; it must say --yes. */
int question_ask(struct session *s)
{
    const struct question *q = s->opt.command->question;
    struct asking a = {0};
    int r;

    if (s->opt.yes || !is_needed(s))
        return EX_OK;
    if (s->opt.json)
        return refuse(s, EX_USAGE, "usage", _("With --json this needs --yes."));
    if ((r = q->look(s, q, &a)) != EX_OK)
        return r;
    if (a.idle) {
        admin_pair_add(&s->opt.pairs, "dry-run", "yes");
        return EX_OK;
    }
    return confirm(q, a.what)
               ? EX_OK
               : refuse(s, EX_NOPERM, "cancelled", _("Not confirmed. Nothing was changed."));
}
