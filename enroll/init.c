/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/enroll.h"

#include "enroll/json.h"
#include "enroll/lang.h"
#include "enroll/report.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define DEADLINE 60 /* seconds */

static const struct {
    const char *name;
    const char *meaning;
} parts[] = {
    {"registry.db", N_("the registry: people, cards, fingers, counters and the audit log; empty")},
    {"seal.key", N_("seals fingerprint data and secrets in the registry; never leaves this host")},
    {"authority.key", N_("signs the roster of this host")},
    {"log.key", N_("signs the head of the audit log")},
};

static const char *const next_steps[] = {
    N_("Keep a backup of the directory in a safe place: the keys cannot be made again."),
    N_("Start the broker: systemctl enable --now toyamad.service"),
    N_("Look for mistakes: toyama-enroll check"),
    N_("Register the first person: toyama-enroll person add --help"),
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool exists(const char *state, size_t n, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", state, parts[n].name);
    return access(path, F_OK) == 0;
}

static int refuse_existing(const struct session *s, const char *path)
{
    struct report r =
        report_make(EX_CANTCREAT, "exists",
                    _("This host is set up already. Nothing was changed. To begin anew, keep a "
                      "backup and move the directory away first."),
                    path);

    return report_failure(s, &r);
}

static int check_absent(const struct session *s, const char *state)
{
    char path[PATH_MAX];

    for (size_t n = 0; n < COUNT(parts); n++)
        if (exists(state, n, path))
            return refuse_existing(s, path);
    return EX_OK;
}

/* The broker's own exit code where it is one of <sysexits.h>. */
static int report_broken(const struct session *s, const struct run_result *run)
{
    bool known = run->status >= EX__BASE && run->status <= EX__MAX;
    char why[REPORT_TEXT_MAX];
    struct report r;

    snprintf(why, sizeof(why), "%.*s", (int)strcspn(run->error, "\n"), run->error);
    r = report_make(known ? run->status : EX_SOFTWARE, "failed",
                    _("The host could not be prepared. Nothing was left behind."), why);
    return report_failure(s, &r);
}

static void put_json(const char *state)
{
    struct json j = json_begin(stdout);
    char path[PATH_MAX];

    json_open(&j, '{');
    json_pair(&j, "command", "init");
    json_pair(&j, "result", "ok");
    json_key(&j, "exit");
    json_number(&j, EX_OK);
    json_key(&j, "made");
    json_open(&j, '[');
    for (size_t n = 0; n < COUNT(parts); n++)
        if (exists(state, n, path))
            json_text(&j, path);
    json_close(&j, ']');
    json_key(&j, "next");
    json_open(&j, '[');
    for (size_t n = 0; n < COUNT(next_steps); n++)
        json_text(&j, _(next_steps[n]));
    json_close(&j, ']');
    json_close(&j, '}');
    json_end(&j);
}

static void put_text(const char *state)
{
    char path[PATH_MAX];

    printf(_("Made in %s, readable by root only:\n"), state);
    for (size_t n = 0; n < COUNT(parts); n++)
        if (exists(state, n, path))
            printf("  %-14s %s\n", parts[n].name, _(parts[n].meaning));
    printf("%s\n", _("Next:"));
    for (size_t n = 0; n < COUNT(next_steps); n++)
        printf("  %zu. %s\n", n + 1, _(next_steps[n]));
}

int enroll_init(struct session *s)
{
    const char *const argv[] = {s->opt.toyamad, "--config", s->opt.config, "--init", NULL};
    static struct run_result run;
    const char *state;
    int r;

    if ((r = enroll_settings(s)) != EX_OK)
        return r;
    state = settings_get(&s->settings, "state");
    if ((r = check_absent(s, state)) != EX_OK)
        return r;
    if (!run_program(argv, DEADLINE, &run) || run.status != EX_OK)
        return report_broken(s, &run);
    if (s->opt.json)
        put_json(state);
    else
        put_text(state);
    return EX_OK;
}
