/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/enroll.h"

#include "core/wire/wipe.h"
#include "enroll/json.h"
#include "enroll/lang.h"
#include "enroll/report.h"
#include "enroll/secret.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define DEADLINE 300 /* seconds; a prefecture's backup is large */

static const struct {
    const char *name;
    const char *meaning;
} parts[] = {
    {"registry.db", N_("the registry: people, cards, fingers, counters and the audit log; empty")},
    {"seal.key", N_("seals fingerprint data and secrets in the registry; never leaves this host")},
    {"authority.key", N_("signs the roster of this host")},
    {"log.key", N_("signs the head of the audit log")},
    {"zones", N_("the keys of the zones that this station serves; sealed")},
    {"anchor", N_("whom this host believes, and the keys of its zone; sealed")},
};

/* A host that takes its people from elsewhere. */
static const char *const next_joined[] = {
    N_("Start the broker: systemctl enable --now toyamad.service"),
    N_("Look for mistakes: toyama-enroll check"),
    N_("Take the first roster: toyama-enroll roster import --help"),
};

/* A station, or a stand-alone host, that was made again from its backup. */
static const char *const next_restored[] = {
    N_("Start the broker: systemctl enable --now toyamad.service"),
    N_("Look for mistakes: toyama-enroll check"),
    N_("At a station, look at a terminal of each zone: toyama-enroll zone resume --help"),
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

static const char *broken_message(const struct session *s, int status)
{
    if (admin_pair_get(&s->opt.pairs, "join") != NULL && status == EX_NOPERM)
        return _("The code is not the one of this join file. Nothing was left behind.");
    if (admin_pair_get(&s->opt.pairs, "join") != NULL && status == EX_DATAERR)
        return _("The join file cannot be used on this host. Nothing was left behind.");
    if (admin_pair_get(&s->opt.pairs, "restore") != NULL && status == EX_NOPERM)
        return _("The code is not the recovery code of this file. Nothing was left behind.");
    if (admin_pair_get(&s->opt.pairs, "restore") != NULL && status == EX_DATAERR)
        return _("The file is no whole backup of a host like this. Nothing was left behind.");
    return _("The host could not be prepared. Nothing was left behind.");
}

/* The broker's own exit code where it is one of <sysexits.h>. */
static int report_broken(const struct session *s, const struct run_result *run)
{
    bool known = run->status >= EX__BASE && run->status <= EX__MAX;
    char why[REPORT_TEXT_MAX];
    struct report r;

    snprintf(why, sizeof(why), "%.*s", (int)strcspn(run->error, "\n"), run->error);
    r = report_make(known ? run->status : EX_SOFTWARE, "failed", broken_message(s, run->status),
                    why);
    return report_failure(s, &r);
}

static size_t next_of(const struct session *s, const char *const **steps)
{
    if (admin_pair_get(&s->opt.pairs, "join") != NULL) {
        *steps = next_joined;
        return COUNT(next_joined);
    }
    if (admin_pair_get(&s->opt.pairs, "restore") != NULL) {
        *steps = next_restored;
        return COUNT(next_restored);
    }
    *steps = next_steps;
    return COUNT(next_steps);
}

static void put_json(const struct session *s, const char *state)
{
    const char *const *steps = NULL;
    size_t count = next_of(s, &steps);
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
    for (size_t n = 0; n < count; n++)
        json_text(&j, _(steps[n]));
    json_close(&j, ']');
    json_close(&j, '}');
    json_end(&j);
}

static void put_text(const struct session *s, const char *state)
{
    const char *const *steps = NULL;
    size_t count = next_of(s, &steps);
    char path[PATH_MAX];

    printf(_("Made in %s, readable by root only:\n"), state);
    for (size_t n = 0; n < COUNT(parts); n++)
        if (exists(state, n, path))
            printf("  %-14s %s\n", parts[n].name, _(parts[n].meaning));
    printf("%s\n", _("Next:"));
    for (size_t n = 0; n < count; n++)
        printf("  %zu. %s\n", n + 1, _(steps[n]));
}

static int read_code(const struct session *s, const char *prompt, struct client_secret *code)
{
    struct report r;
    int err = s->opt.pin_stdin ? secret_from_stdin(code) : secret_from_terminal(prompt, code);

    if (err == SECRET_OK)
        return EX_OK;
    r = report_make(EX_NOINPUT, "cancelled", _("No code was given. Nothing was changed."), "");
    return report_failure(s, &r);
}

/* The code goes to the broker's standard input, never into its arguments. */
static int run_with_code(const struct session *s, const char *option, const char *file,
                         struct run_result *run, bool *ran)
{
    const char *const argv[] = {s->opt.toyamad, "--config", s->opt.config, "--init",
                                option,         file,       NULL};
    bool join = strcmp(option, "--join") == 0;
    struct client_secret code = {0};
    int r = read_code(s, join ? _("Code of the join file: ") : _("Recovery code: "), &code);

    if (r == EX_OK)
        *ran = run_program_with(argv, code.octets, code.len, DEADLINE, run);
    wire_wipe(&code, sizeof(code));
    return r;
}

static int run_init(const struct session *s, struct run_result *run, bool *ran)
{
    const char *const argv[] = {s->opt.toyamad, "--config", s->opt.config, "--init", NULL};
    const char *join = admin_pair_get(&s->opt.pairs, "join");
    const char *restore = admin_pair_get(&s->opt.pairs, "restore");
    struct report r;

    if (join != NULL && restore != NULL) {
        r = report_make(EX_USAGE, "usage", _("Either --join or --restore."), "");
        return report_failure(s, &r);
    }
    if (join != NULL)
        return run_with_code(s, "--join", join, run, ran);
    if (restore != NULL)
        return run_with_code(s, "--restore", restore, run, ran);
    *ran = run_program(argv, DEADLINE, run);
    return EX_OK;
}

int enroll_init(struct session *s)
{
    static struct run_result run;
    const char *state;
    bool ran = false;
    int r;

    if ((r = enroll_settings(s)) != EX_OK)
        return r;
    state = settings_get(&s->settings, "state");
    if ((r = check_absent(s, state)) != EX_OK || (r = run_init(s, &run, &ran)) != EX_OK)
        return r;
    if (!ran || run.status != EX_OK)
        return report_broken(s, &run);
    if (s->opt.json)
        put_json(s, state);
    else
        put_text(s, state);
    return EX_OK;
}
