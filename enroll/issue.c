/* SPDX-License-Identifier: Apache-2.0
 *
 * issue preview and issue approve: what differs, shown to the person who answers for it.
 */
#include "enroll/calling.h"
#include "enroll/confirm.h"
#include "enroll/enroll.h"
#include "enroll/lang.h"
#include "enroll/present.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define TOKEN_MAX 80

static void show_kind(const struct rows *rows, const char *kind, const char *title)
{
    static const char *const hidden[] = {"kind", NULL};
    size_t from, to;

    calling_range(rows, kind, &from, &to);
    if (from == to)
        return;
    printf("%s\n", title);
    present_table(rows, from, to, hidden);
    putchar('\n');
}

static void show_plan(const struct rows *rows)
{
    show_kind(rows, "person", _("People"));
    show_kind(rows, "office", _("Offices"));
    show_kind(rows, "author", _("Changed by"));
    show_kind(rows, "zone", _("Zones"));
}

static struct report preview(const struct session *s, struct rows *rows)
{
    const struct client_request request = {"issue.preview", &s->opt.pairs, -1};

    return calling_run(s, &request, rows);
}

static bool something_is_due(const struct rows *rows, char token[TOKEN_MAX])
{
    char due[8] = "";
    size_t from, to;

    calling_range(rows, "token", &from, &to);
    return from < to && rows_value(rows, from, "due", due, sizeof(due)) &&
           strcmp(due, "yes") == 0 && rows_value(rows, from, "token", token, TOKEN_MAX);
}

static int show(const struct session *s, struct report *r, const struct rows *rows)
{
    char token[TOKEN_MAX];

    if (!something_is_due(rows, token))
        snprintf(r->message, sizeof(r->message), "%s",
                 _("Nothing differs from the approved issues."));
    if (s->opt.json) {
        report_json(s, r, rows);
        return EX_OK;
    }
    show_plan(rows);
    if (r->message[0] != '\0')
        printf("%s\n", r->message);
    return EX_OK;
}

int enroll_issue_preview(struct session *s)
{
    struct rows rows = {0};
    struct report r;
    int exit = enroll_settings(s);

    if (exit != EX_OK)
        return exit;
    r = preview(s, &rows);
    exit = r.exit == EX_OK ? show(s, &r, &rows) : report_failure(s, &r);
    rows_free(&rows);
    return exit;
}

static int sign(const struct session *s, const char *token)
{
    struct admin_pairs pairs = s->opt.pairs;
    const struct client_request request = {"issue.approve", &pairs, -1};
    struct rows rows = {0};
    struct report r;

    admin_pair_add(&pairs, "token", token);
    r = calling_run(s, &request, &rows);
    if (r.exit != EX_OK)
        report_failure(s, &r);
    else if (s->opt.json)
        report_json(s, &r, &rows);
    else
        show_kind(&rows, "zone", _("Approved. The next step is \"toyama-enroll roster export\"."));
    rows_free(&rows);
    return r.exit;
}

/* A program that reads JSON cannot be asked; it must say --yes. */
static int agreed(const struct session *s)
{
    struct report r;

    if (s->opt.yes || (!s->opt.json && confirm_ask(_("The changes shown above are to be signed."))))
        return EX_OK;
    r = s->opt.json
            ? report_make(EX_USAGE, "usage", _("With --json this needs --yes."), "")
            : report_make(EX_NOPERM, "cancelled", _("Not confirmed. Nothing was changed."), "");
    return report_failure(s, &r);
}

static int approve_shown(const struct session *s, struct report *r, const struct rows *rows)
{
    char token[TOKEN_MAX] = "";
    int exit;

    if (!something_is_due(rows, token))
        return show(s, r, rows);
    if (!s->opt.json)
        show_plan(rows);
    exit = agreed(s);
    return exit == EX_OK ? sign(s, token) : exit;
}

int enroll_issue_approve(struct session *s)
{
    struct rows rows = {0};
    struct report r;
    int exit = enroll_settings(s);

    if (exit != EX_OK)
        return exit;
    r = preview(s, &rows);
    exit = r.exit == EX_OK ? approve_shown(s, &r, &rows) : report_failure(s, &r);
    rows_free(&rows);
    return exit;
}
