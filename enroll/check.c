/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/check.h"

#include "enroll/json.h"
#include "enroll/lang.h"

#include "core/policy/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define FILLED_MAX 2048 /* octets of a text with its subject */

typedef void check_function(struct check *c);

/* In the order in which a host is set up; the later ones lean on the earlier. */
static check_function *const checks[] = {check_config, check_state,   check_holidays, check_broker,
                                         check_cards,  check_devices, check_pam,      check_sudo};

static const char *const level_name[] = {"green", "yellow", "red"};

void check_add(struct check *c, const struct check_kind *kind, const char *subject)
{
    struct check_finding *f;

    if (c->count == CHECK_FINDINGS_MAX)
        return;
    f = &c->finding[c->count++];
    f->kind = kind;
    snprintf(f->subject, sizeof(f->subject), "%s", subject);
}

size_t check_count(const struct check *c, enum check_level level)
{
    size_t count = 0;

    for (size_t n = 0; n < c->count; n++)
        count += c->finding[n].kind->level == level;
    return count;
}

const char *check_setting(const struct check *c, const char *key)
{
    return settings_get(&c->session->settings, key);
}

bool check_needs(const struct check *c, const char *factor)
{
    return policy_listed(check_setting(c, "require"), factor);
}

static void add_text(char list[CHECK_TEXT_MAX], const char *text)
{
    size_t len = strlen(list);
    size_t n = strnlen(text, CHECK_TEXT_MAX - 1 - len);

    memcpy(list + len, text, n);
    list[len + n] = '\0';
}

void check_append(char list[CHECK_TEXT_MAX], const char *name)
{
    if (list[0] != '\0')
        add_text(list, ", ");
    add_text(list, name);
}

/* The translated text with the subject in place of each "{}". */
static void fill(const char *text, const char *subject, char out[FILLED_MAX])
{
    const char *hole;
    size_t len = 0;

    out[0] = '\0';
    while (text != NULL && len < FILLED_MAX) {
        hole = strstr(text, "{}");
        len += (size_t)snprintf(out + len, FILLED_MAX - len, "%.*s%s",
                                (int)(hole != NULL ? (size_t)(hole - text) : strlen(text)), text,
                                hole != NULL ? subject : "");
        text = hole != NULL ? hole + 2 : NULL;
    }
}

static void put_json(const struct check *c, int exit)
{
    struct json j = json_begin(stdout);
    char text[FILLED_MAX];

    json_open(&j, '{');
    json_pair(&j, "command", "check");
    json_pair(&j, "result", exit == EX_OK ? "ok" : "misconfigured");
    json_key(&j, "exit");
    json_number(&j, exit);
    json_key(&j, "findings");
    json_open(&j, '[');
    for (size_t n = 0; n < c->count; n++) {
        const struct check_finding *f = &c->finding[n];
        const char *part[] = {f->kind->what, f->kind->why, f->kind->how};
        static const char *const name[] = {"what", "why", "how"};
        json_open(&j, '{');
        json_pair(&j, "level", level_name[f->kind->level]);
        json_pair(&j, "id", f->kind->id);
        json_pair(&j, "subject", f->subject);
        for (int i = 0; i < 3; i++) {
            fill(part[i] != NULL ? _(part[i]) : NULL, f->subject, text);
            json_pair(&j, name[i], text);
        }
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
    json_end(&j);
}

static const char *level_text(enum check_level level)
{
    static const char *const text[] = {N_("[green] "), N_("[yellow]"), N_("[red]   ")};

    return _(text[level]);
}

static void put_part(const char *label, const char *part, const char *subject)
{
    char text[FILLED_MAX];

    if (part == NULL)
        return;
    fill(_(part), subject, text);
    printf("%s %s\n", label, text);
}

static void put_text(const struct check *c)
{
    for (size_t n = 0; n < c->count; n++) {
        const struct check_finding *f = &c->finding[n];
        put_part(level_text(f->kind->level), f->kind->what, f->subject);
        put_part(_("         why: "), f->kind->why, f->subject);
        put_part(_("         mend:"), f->kind->how, f->subject);
    }
    printf(_("red: %1$zu, yellow: %2$zu, green: %3$zu\n"), check_count(c, CHECK_RED),
           check_count(c, CHECK_YELLOW), check_count(c, CHECK_GREEN));
}

int enroll_check(struct session *s)
{
    struct check *c = calloc(1, sizeof(*c));
    int exit;

    if (c == NULL)
        return EX_OSERR;
    c->session = s;
    c->strict = true;
    for (size_t n = 0; n < sizeof(checks) / sizeof(checks[0]); n++)
        checks[n](c);
    exit = check_count(c, CHECK_RED) == 0 ? EX_OK : EX_CONFIG;
    if (s->opt.json)
        put_json(c, exit);
    else
        put_text(c);
    free(c);
    return exit;
}
