/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/enroll.h"

#include "enroll/calling.h"
#include "enroll/handover.h"
#include "enroll/interrupt.h"
#include "enroll/lang.h"
#include "enroll/names.h"
#include "enroll/paper.h"
#include "enroll/present.h"
#include "enroll/progress.h"
#include "enroll/question.h"
#include "enroll/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

enum layout {
    LAYOUT_OBJECT,
    LAYOUT_TABLE,
    LAYOUT_EVENTS,
    LAYOUT_CARDS,
    LAYOUT_CREDENTIALS,
    LAYOUT_HEAD,
    LAYOUT_DIFFERENCES,
    LAYOUT_PAPER,
    LAYOUT_TIDY,
    LAYOUT_ENDS,
};

/* How the answer to a verb is shown to people. */
struct view {
    const char *verb;
    enum layout layout;
    const char *done;  /* said after success; NULL: the rows speak for themselves */
    const char *empty; /* said where a listing has no rows */
};

static const struct view view_table[] = {
    {"person.add", LAYOUT_OBJECT,
     N_("Registered. Next: card (toyama-enroll card enroll) and fingers (toyama-enroll finger "
        "enroll)."),
     NULL},
    {"person.change", LAYOUT_OBJECT, N_("Changed."), NULL},
    {"exception.add", LAYOUT_OBJECT, NULL, NULL},
    {"exception.end", LAYOUT_OBJECT, N_("The exception has ended."), NULL},
    {"exception.list", LAYOUT_CARDS, NULL, N_("There is no exception.")},
    {"person.show", LAYOUT_CREDENTIALS, NULL, NULL},
    {"person.list", LAYOUT_TABLE, NULL, N_("Nobody is registered.")},
    {"person.retire", LAYOUT_PAPER, N_("Recorded."), NULL},
    {"person.tidy", LAYOUT_TIDY, NULL, N_("Nothing is due.")},
    {"deputy.prepare", LAYOUT_OBJECT,
     N_("The card is registered and sealed: put it into its envelope."), NULL},
    {"deputy.open", LAYOUT_OBJECT, NULL, NULL},
    {"deputy.list", LAYOUT_ENDS, NULL, N_("There is no deputy card.")},
    {"support.list", LAYOUT_ENDS, NULL, N_("There is nobody.")},
    {"contractor.list", LAYOUT_ENDS, NULL, N_("There is nobody.")},
    {"stock.add", LAYOUT_OBJECT, NULL, NULL},
    {"stock.list", LAYOUT_TABLE, NULL, N_("There is no such card in the count.")},
    {"stock.count", LAYOUT_TABLE, NULL, NULL},
    {"person.remove", LAYOUT_OBJECT, N_("Deleted."), NULL},
    {"card.enroll", LAYOUT_OBJECT, N_("The card is registered."), NULL},
    {"card.issue", LAYOUT_OBJECT, N_("The card is registered."), NULL},
    {"yubikey.enroll", LAYOUT_OBJECT, N_("The YubiKey is registered."), NULL},
    {"yubikey.return", LAYOUT_OBJECT, N_("The YubiKey was taken back."), NULL},
    {"yubikey.remove", LAYOUT_OBJECT,
     N_("Forgotten. Without this access code nobody can program the slot again:"), NULL},
    {"card.stop", LAYOUT_OBJECT, N_("The card is stopped, from the next login on."), NULL},
    {"card.suspend", LAYOUT_OBJECT, N_("The card is suspended, from the next login on."), NULL},
    {"card.resume", LAYOUT_OBJECT, N_("The card works again, from the next login on."), NULL},
    {"temporary.issue", LAYOUT_OBJECT, NULL, NULL},
    {"temporary.return", LAYOUT_OBJECT, N_("The lent card is returned."), NULL},
    {"temporary.list", LAYOUT_TABLE, NULL, N_("Every lent card was returned.")},
    {"roster.extend", LAYOUT_OBJECT, N_("The roster counts as new enough until then."), NULL},
    {"stop", LAYOUT_OBJECT, NULL, NULL},
    {"card.found", LAYOUT_EVENTS, NULL, NULL},
    {"card.return", LAYOUT_OBJECT, N_("The card was taken back."), NULL},
    {"card.destroy", LAYOUT_PAPER, N_("Recorded. Print this and have both sign:"), NULL},
    {"card.unused", LAYOUT_TABLE, NULL, N_("No card is unused for so long.")},
    {"card.test", LAYOUT_OBJECT, N_("The card was proven."), NULL},
    {"card.list", LAYOUT_CARDS, NULL, N_("No card, key or PIN is registered.")},
    {"card.change-pin", LAYOUT_OBJECT, N_("The card has its new PIN."), NULL},
    {"card.unblock", LAYOUT_OBJECT, N_("The card has its new PIN."), NULL},
    {"pin.set", LAYOUT_OBJECT, N_("The PIN is set."), NULL},
    {"pin.change", LAYOUT_OBJECT, N_("The PIN is changed."), NULL},
    {"pin.remove", LAYOUT_OBJECT, N_("The PIN is removed."), NULL},
    {"finger.enroll", LAYOUT_OBJECT, N_("The finger is registered."), NULL},
    {"finger.delete", LAYOUT_OBJECT, N_("Deleted."), NULL},
    {"finger.test", LAYOUT_OBJECT, N_("The finger matched."), NULL},
    {"lockout.show", LAYOUT_TABLE, NULL, N_("No failed attempts, nobody is locked.")},
    {"lockout.clear", LAYOUT_OBJECT, N_("Unlocked."), NULL},
    {"status", LAYOUT_OBJECT, NULL, NULL},
    {"audit.show", LAYOUT_EVENTS, NULL, N_("The log is empty.")},
    {"audit.verify", LAYOUT_OBJECT, N_("The log is complete and unchanged."), NULL},
    {"audit.head", LAYOUT_HEAD, NULL, NULL},
    {"roster.import", LAYOUT_DIFFERENCES, N_("The roster is installed."), NULL},
    {"roster.verify", LAYOUT_DIFFERENCES, N_("The file is good. Nothing was changed."), NULL},
    {"roster.status", LAYOUT_OBJECT, NULL, NULL},
    {"audit.paper", LAYOUT_PAPER, NULL, NULL},
    {"clock.accept", LAYOUT_OBJECT, N_("The clock was accepted."), NULL},
    {"operator.open", LAYOUT_OBJECT, N_("Commands are now done in your name:"), NULL},
    {"operator.close", LAYOUT_OBJECT, N_("Your session has ended."), NULL},
    {"operator.status", LAYOUT_OBJECT, NULL, N_("Nobody has proven a card.")},
    {"role.grant", LAYOUT_OBJECT, N_("The role is given."), NULL},
    {"role.revoke", LAYOUT_OBJECT, N_("The role is taken away."), NULL},
    {"role.list", LAYOUT_TABLE, NULL, N_("Nobody has a role.")},
    {"approver.enroll", LAYOUT_OBJECT,
     N_("The card can approve. Next: toyama-enroll role grant ... approver."), NULL},
    {"approver.test", LAYOUT_OBJECT, N_("The card signed. Nothing was approved."), NULL},
    {"zone.add", LAYOUT_OBJECT,
     N_("The zone has its keys. Its first issue comes with the next approval."), NULL},
    {"zone.resume", LAYOUT_OBJECT, N_("The zone goes on."), NULL},
    {"key.rotate", LAYOUT_OBJECT,
     N_("A new key takes over; the authority's or a zone's at a station with the next approved "
        "issues. Make a backup then."),
     NULL},
    {"zone.adopt", LAYOUT_OBJECT,
     N_("Taken over. Look at \"toyama-enroll issue preview\" for what has to be done again."),
     NULL},
    {"backup", LAYOUT_OBJECT, N_("The backup is written. Keep its code in another place:"), NULL},
    {"zone.list", LAYOUT_TABLE, NULL, N_("This station serves no zone yet.")},
    {"zone.join-file", LAYOUT_OBJECT, N_("The join file is written. Tell the code by another way:"),
     NULL},
    {"zone.helpdesk-remove", LAYOUT_OBJECT,
     N_("Taken off the list, from the next approved issue on."), NULL},
};

static const struct view *find_view(const char *verb)
{
    for (size_t n = 0; n < sizeof(view_table) / sizeof(view_table[0]); n++)
        if (strcmp(view_table[n].verb, verb) == 0)
            return &view_table[n];
    return &view_table[0];
}

/* The city's own words, where the config has some. */
static void name_roles(const struct session *s)
{
    static const char *const word[] = {"registrar", "approver", "administrator", "auditor"};

    for (size_t n = 0; n < sizeof(word) / sizeof(word[0]); n++)
        names_call_role(word[n], settings_get(&s->settings, word[n]));
}

int enroll_settings(struct session *s)
{
    int err = settings_load(&s->settings, s->opt.toyamad, s->opt.config);
    struct report r;

    if (err == SETTINGS_OK) {
        name_roles(s);
        return EX_OK;
    }
    r = report_of_settings(err, s);
    return report_failure(s, &r);
}

const char *enroll_socket(const struct session *s)
{
    return settings_get(&s->settings, "admin_socket");
}

static const char *const credentials_hide[] = {"kind", NULL};

/* First row the person, then each kind of credential with a table of its own. */
static void show_credentials(const struct rows *rows)
{
    static const char *const title[] = {N_("Cards"),   N_("Security keys"), N_("PIN"),
                                        N_("Fingers"), N_("Changes ahead"), N_("Exceptions")};
    static const char *const kind[] = {"card", "token", "pin", "finger", "plan", "exception"};
    char value[32] = "";
    size_t from = 1;

    if (rows->count > 0)
        present_object(rows, 0);
    for (size_t k = 0; k < sizeof(kind) / sizeof(kind[0]); k++) {
        size_t to = from;
        while (to < rows->count && rows_value(rows, to, "kind", value, sizeof(value)) &&
               strcmp(value, kind[k]) == 0)
            to++;
        if (to > from)
            printf("\n%s\n", _(title[k]));
        present_table(rows, from, to, credentials_hide);
        from = to;
    }
}

/* An id is 32 digits that nobody types; --json has it. */
static const char *const listing_hides[] = {"kind",  "id",    "kana",   "from",  "tokens", "pin",
                                            "zones", "hosts", "escort", "hours", "form",   NULL};

/* What was done, then its certificates. */
static void show_tidied(const struct rows *rows)
{
    size_t from, to;

    calling_range(rows, "tidied", &from, &to);
    present_table(rows, from, to, credentials_hide);
    if (paper_count(rows) > 0)
        putchar('\f');
    paper_print(stdout, rows);
}

static void show_rows(enum layout layout, const struct rows *rows)
{
    switch (layout) {
    case LAYOUT_OBJECT:
        for (size_t n = 0; n < rows->count; n++)
            present_object(rows, n);
        break;
    case LAYOUT_TABLE:
        present_table(rows, 0, rows->count, listing_hides);
        break;
    case LAYOUT_CARDS:
        present_table(rows, 0, rows->count, credentials_hide);
        break;
    case LAYOUT_EVENTS:
        present_events(rows);
        break;
    case LAYOUT_CREDENTIALS:
        show_credentials(rows);
        break;
    case LAYOUT_DIFFERENCES:
        present_object(rows, 0);
        present_table(rows, 1, rows->count, credentials_hide);
        break;
    case LAYOUT_HEAD:
        if (!present_key(rows))
            present_object(rows, 0);
        break;
    case LAYOUT_PAPER:
        paper_print(stdout, rows);
        break;
    case LAYOUT_ENDS:
        present_table(rows, 0, rows->count, credentials_hide);
        break;
    case LAYOUT_TIDY:
        show_tidied(rows);
        break;
    }
}

/* The broker's message, where there is one, says what is still to be done: it stands below. */
static int show_success(const struct session *s, struct report *r, bool has_message,
                        const struct rows *rows)
{
    const struct view *view = find_view(s->opt.command->verb);

    if (!has_message)
        snprintf(r->message, sizeof(r->message), "%s", view->done != NULL ? _(view->done) : "");
    if (s->opt.json) {
        report_json(s, r, rows);
        return EX_OK;
    }
    if (has_message && view->done != NULL)
        printf("%s\n", _(view->done));
    if (r->message[0] != '\0')
        printf("%s\n", r->message);
    if (rows->count == 0 && view->empty != NULL)
        printf("%s\n", _(view->empty));
    show_rows(view->layout, rows);
    return EX_OK;
}

static int refuse(const struct session *s, int exit, const char *result, const char *message)
{
    struct report r = report_make(exit, result, message, "");

    return report_failure(s, &r);
}

int enroll_open_file(const struct session *s, struct handover *h)
{
    bool output = s->opt.file != NULL && s->opt.file->kind == VALUE_FILE_OUT;
    char message[REPORT_TEXT_MAX];
    int r;

    *h = (struct handover){.fd = -1};
    if (s->opt.file == NULL)
        return EX_OK;
    r = output ? handover_output(s->opt.file_path, h) : handover_input(s->opt.file_path, h);
    if (r == HANDOVER_OK)
        return EX_OK;
    if (r == HANDOVER_EXISTS)
        snprintf(message, sizeof(message), _("%s is there already. Nothing was overwritten."),
                 s->opt.file_path);
    else if (r == HANDOVER_KIND)
        snprintf(message, sizeof(message), _("%s is not a file."), s->opt.file_path);
    else
        snprintf(message, sizeof(message), _("%1$s: %2$s"), s->opt.file_path, strerror(errno));
    return output ? refuse(s, EX_CANTCREAT, "exists", message)
                  : refuse(s, EX_NOINPUT, "not-found", message);
}

static void close_file(struct handover *h, struct report *r)
{
    if (!handover_end(h, r->exit == EX_OK))
        *r = report_make(EX_IOERR, "failed", _("The file could not be written to the disk."), "");
}

static int call(const struct session *s, const struct client_request *request, struct handover *h)
{
    struct progress progress = progress_begin(s->opt.json, s->opt.pin_stdin);
    struct client_hooks hooks = progress_hooks(&progress);
    struct client_outcome outcome;
    struct rows rows = {0};
    struct report r;
    int err, exit;

    err = client_call(enroll_socket(s), request, &hooks, &rows, &outcome);
    r = report_of_call(err, &outcome);
    close_file(h, &r);
    progress_end(&progress, r.exit == EX_OK);
    if (find_view(s->opt.command->verb)->layout == LAYOUT_ENDS)
        rows_sort(&rows, "until");
    if (r.exit == EX_OK)
        exit = show_success(s, &r, outcome.msg[0] != '\0', &rows);
    else
        exit = report_failure(s, &r);
    rows_free(&rows);
    return exit;
}

int enroll_call(struct session *s)
{
    struct handover h;
    int r;

    if ((r = enroll_settings(s)) != EX_OK || (r = question_ask(s)) != EX_OK ||
        (r = enroll_open_file(s, &h)) != EX_OK)
        return r;
    return call(s, &(struct client_request){s->opt.command->verb, &s->opt.pairs, h.fd}, &h);
}
