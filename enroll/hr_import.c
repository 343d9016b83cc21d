/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/hr_import.h"

#include "enroll/confirm.h"
#include "enroll/hr_texts.h"
#include "enroll/lang.h"
#include "enroll/message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static bool wants(const struct hr_import *i, const char *flag)
{
    return admin_pair_get(&i->s->opt.pairs, flag) != NULL;
}

static int refuse(const struct hr_import *i, int exit, const char *result, const char *message)
{
    struct report r = report_make(exit, result, message, "");

    return report_failure(i->s, &r);
}

/* A program that reads JSON cannot be asked; it must say --yes, or --dry-run. */
static int check_words(const struct hr_import *i)
{
    if (i->s->opt.json && !i->s->opt.yes && !wants(i, "dry-run"))
        return refuse(i, EX_USAGE, "usage", _("With --json this needs --yes or --dry-run."));
    return EX_OK;
}

/* Where reading ended before the end of the file, whoever comes behind would count as gone. */
static int look(struct hr_import *i)
{
    int r;

    if (i->file.result.whole && i->file.result.octets > 0) {
        if ((r = hr_import_call(i, NULL)) != EX_OK)
            return r;
        i->asked = true;
    }
    return hr_import_count(i) ? EX_OK : EX_OSERR;
}

static void put_sum(const struct hr_import *i)
{
    char text[MESSAGE_MAX];

    hr_import_show(i);
    hr_import_sum(i, text, sizeof(text));
    printf("%s\n", text);
    if (i->rehired > 0)
        printf(_("Of those that changed, reappointed or back again: %u\n"), i->rehired);
}

static bool nothing_to_do(const struct hr_import *i)
{
    return i->added + i->changed + i->rehired + i->ended == 0;
}

static void put_done(const struct hr_import *i)
{
    if (nothing_to_do(i)) {
        printf("%s\n", _("The register says all of this already."));
        return;
    }
    printf(_("Applied as one change: new %1$u, changed %2$u, ended %3$u.\n"), i->added,
           i->changed + i->rehired, i->ended);
    if (strcmp(settings_get(&i->s->settings, "register"), "station") == 0)
        printf("%s\n", _("The zones get it with the next approved issue."));
}

static int confirm(const struct hr_import *i)
{
    if (i->s->opt.yes ||
        confirm_continue(_("All of this becomes one change of the register."), NULL))
        return EX_OK;
    return refuse(i, EX_NOPERM, "cancelled", _("Not confirmed. Nothing was changed."));
}

static int apply(struct hr_import *i)
{
    char expect[64];
    int r;

    snprintf(expect, sizeof(expect), "%u %u %u %u", i->added, i->changed, i->rehired, i->ended);
    if (!nothing_to_do(i) &&
        ((r = confirm(i)) != EX_OK || (r = hr_import_call(i, expect)) != EX_OK))
        return r;
    i->applied = true;
    if (i->s->opt.json)
        hr_import_json(i, "ok", EX_OK);
    else
        put_done(i);
    return EX_OK;
}

static int run(struct hr_import *i)
{
    int r, exit;

    if ((r = check_words(i)) != EX_OK || (r = hr_file_read(i->s, &i->file)) != EX_OK ||
        (r = look(i)) != EX_OK)
        return r;
    exit = hr_import_errors(i) > 0 ? EX_DATAERR : EX_OK;
    if (!i->s->opt.json)
        put_sum(i);
    if (exit == EX_OK && !wants(i, "dry-run"))
        return apply(i);
    if (i->s->opt.json)
        hr_import_json(i, exit == EX_OK ? "ok" : "faulty", exit);
    return exit;
}

int enroll_hr_import(struct session *s)
{
    struct hr_import *i = calloc(1, sizeof(*i));
    int exit;

    if (i == NULL)
        return EX_OSERR;
    i->s = s;
    exit = run(i);
    hr_file_free(&i->file);
    rows_free(&i->rows);
    free(i->line);
    free(i);
    return exit;
}
