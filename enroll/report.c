/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/report.h"

#include "enroll/lang.h"
#include "enroll/message.h"
#include "enroll/present.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

struct ending {
    int code; /* enum client_err or enum admin_result */
    int exit;
    const char *result;
    const char *text;
};

#define EXIT_INTERRUPTED 130 /* the shell's code for SIGINT; the process ends by the signal */

static const struct ending client_endings[] = {
    {CLIENT_MISSING, EX_UNAVAILABLE, "unavailable",
     N_("The broker's socket is not there. Start the broker (systemctl start toyamad.service) and "
        "run \"toyama-enroll check\".")},
    {CLIENT_FOREIGN, EX_NOPERM, "refused",
     N_("The broker's socket does not belong to root. Nothing was sent. Run \"toyama-enroll "
        "check\" and report this to the CSIRT.")},
    {CLIENT_DEAD, EX_UNAVAILABLE, "unavailable",
     N_("The broker does not answer. See \"systemctl status toyamad\" and \"journalctl -u "
        "toyamad\".")},
    {CLIENT_DENIED, EX_NOPERM, "refused",
     N_("Only root and members of the group toyama-admin may do this.")},
    {CLIENT_PROTOCOL, EX_PROTOCOL, "failed",
     N_("The broker answered in a way that this program does not understand. Are both of the same "
        "version?")},
    {CLIENT_CLOSED, EX_UNAVAILABLE, "unavailable",
     N_("The broker closed the connection. See \"journalctl -u toyamad\".")},
    {CLIENT_SILENT, EX_UNAVAILABLE, "unavailable",
     N_("The broker has not said anything for three minutes. See \"journalctl -u toyamad\".")},
    {CLIENT_INTERRUPTED, EXIT_INTERRUPTED, "cancelled", N_("Cancelled. Nothing of this was kept.")},
    {CLIENT_REQUEST, EX_DATAERR, "usage", N_("The request is too long.")},
};

static const struct ending broker_endings[] = {
    {ADMIN_OK, EX_OK, "ok", N_("Done.")},
    {ADMIN_USAGE, EX_USAGE, "usage", N_("The broker does not accept these values.")},
    {ADMIN_NOT_FOUND, EX_NOUSER, "not-found", N_("Not found.")},
    {ADMIN_EXISTS, EX_CANTCREAT, "exists", N_("This is registered already.")},
    {ADMIN_REFUSED, EX_NOPERM, "refused", N_("Not allowed.")},
    {ADMIN_UNAVAILABLE, EX_UNAVAILABLE, "unavailable",
     N_("Card reader, sensor or card could not be used in time.")},
    {ADMIN_FAILED, EX_IOERR, "failed", N_("The change could not be stored. Nothing was changed.")},
    {ADMIN_MISCONFIGURED, EX_CONFIG, "misconfigured",
     N_("This host is not set up correctly. Run \"toyama-enroll check\".")},
};

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct ending *find(const struct ending *table, size_t rows, int code)
{
    for (size_t n = 0; n < rows; n++)
        if (table[n].code == code)
            return &table[n];
    return &table[rows - 1];
}

struct report report_make(int exit, const char *result, const char *message, const char *detail)
{
    struct report r = {.exit = exit, .result = result};

    snprintf(r.message, sizeof(r.message), "%s", message);
    snprintf(r.detail, sizeof(r.detail), "%s", detail);
    return r;
}

static struct report of_ending(const struct ending *e, const char *detail)
{
    return report_make(e->exit, e->result, _(e->text), detail);
}

struct report report_of_call(int client_err, const struct client_outcome *outcome)
{
    struct report r;
    char text[MESSAGE_MAX];

    if (client_err != CLIENT_OK)
        return of_ending(find(client_endings, ROWS(client_endings), client_err), "");
    r = of_ending(find(broker_endings, ROWS(broker_endings), (int)outcome->result),
                  outcome->detail);
    if (outcome->msg[0] != '\0') {
        message_render(outcome->msg, &outcome->args, text);
        snprintf(r.message, sizeof(r.message), "%s", text);
    }
    return r;
}

struct report report_of_settings(int settings_err, const struct session *s)
{
    char message[REPORT_TEXT_MAX];
    char why[REPORT_TEXT_MAX];

    snprintf(why, sizeof(why), "%.*s", (int)strcspn(s->settings.run.error, "\n"),
             s->settings.run.error);
    if (settings_err == SETTINGS_BAD)
        return report_make(EX_CONFIG, "misconfigured",
                           _("The configuration has a mistake. \"toyama-enroll check\" explains "
                             "it."),
                           why);
    snprintf(message, sizeof(message), _("The broker's program %s could not be run."),
             s->opt.toyamad);
    return report_make(EX_UNAVAILABLE, "unavailable", message, why);
}

void report_json(const struct session *s, const struct report *r, const struct rows *rows)
{
    struct json j = json_begin(stdout);
    char name[64] = "";

    if (s->opt.command != NULL)
        command_name(s->opt.command, name, sizeof(name));
    json_open(&j, '{');
    json_pair(&j, "command", name);
    json_pair(&j, "result", r->result);
    json_key(&j, "exit");
    json_number(&j, r->exit);
    if (r->message[0] != '\0')
        json_pair(&j, "message", r->message);
    if (r->detail[0] != '\0')
        json_pair(&j, "detail", r->detail);
    if (rows != NULL) {
        json_key(&j, "rows");
        present_json(&j, rows);
    }
    json_close(&j, '}');
    json_end(&j);
}

int report_failure(const struct session *s, const struct report *r)
{
    if (s->opt.json) {
        report_json(s, r, NULL);
        return r->exit;
    }
    fprintf(stderr, "%s\n", r->message);
    if (r->detail[0] != '\0')
        fprintf(stderr, "  (%s)\n", r->detail);
    return r->exit;
}
