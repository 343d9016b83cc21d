/* SPDX-License-Identifier: Apache-2.0
 *
 * What hr import shows.
 */
#include "enroll/hr_import.h"

#include "enroll/hr_texts.h"
#include "enroll/lang.h"
#include "enroll/message.h"
#include "enroll/present.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *word;
    const char *text;
} refusals[] = {
    {"login-taken", N_("The login {} belongs to somebody else.")},
    {"plans", N_("Two changes to come are registered for this person already.")},
    {"term", N_("The period would end before it begins.")},
    {"exists", N_("The staff number belongs to somebody else.")},
    {"word", N_("This word cannot be a staff number.")},
    {"limit", N_("There is too much to keep in this person's record.")},
};

static void show_refusal(const struct hr_import *i, size_t row)
{
    char what[32] = "", value[ROSTER_TEXT_MAX] = "", line[16] = "", number[ROSTER_TEXT_MAX] = "";
    const char *text = what, *hole;
    char whole[512];

    rows_value(&i->rows, row, "what", what, sizeof(what));
    rows_value(&i->rows, row, "value", value, sizeof(value));
    rows_value(&i->rows, row, "line", line, sizeof(line));
    rows_value(&i->rows, row, "number", number, sizeof(number));
    for (size_t n = 0; n < sizeof(refusals) / sizeof(refusals[0]); n++)
        if (strcmp(refusals[n].word, what) == 0)
            text = _(refusals[n].text);
    hole = strstr(text, "{}");
    if (hole != NULL)
        snprintf(whole, sizeof(whole), "%.*s%s%s", (int)(hole - text), text, value, hole + 2);
    else
        snprintf(whole, sizeof(whole), "%s", text);
    printf(_("Line %1$s, staff no. %2$s: %3$s\n"), line, number, whole);
}

static bool of_kind(const struct hr_import *i, size_t row, const char *kind)
{
    char text[32] = "";

    return rows_value(&i->rows, row, "kind", text, sizeof(text)) && strcmp(text, kind) == 0;
}

static bool select_changes(const struct hr_import *i, struct rows *out)
{
    bool good = true;

    for (size_t n = 0; n < i->rows.count && good; n++)
        if (of_kind(i, n, "change"))
            good = rows_add(out, i->rows.row[n].data, i->rows.row[n].len);
    return good;
}

static void show_changes(const struct hr_import *i)
{
    static const char *const hidden[] = {"kind", NULL};
    struct rows changes = {0};

    if (select_changes(i, &changes) && changes.count > 0)
        present_table(&changes, 0, changes.count, hidden);
    rows_free(&changes);
}

void hr_import_show(const struct hr_import *i)
{
    hr_file_show(i->s, &i->file);
    for (size_t n = 0; n < i->rows.count; n++)
        if (of_kind(i, n, "error"))
            show_refusal(i, n);
    if (admin_pair_get(&i->s->opt.pairs, "dry-run") != NULL)
        show_changes(i);
}

void hr_import_sum(const struct hr_import *i, char *out, size_t cap)
{
    const size_t errors = hr_import_errors(i);
    char lines[HR_LINES_MAX], text[MESSAGE_MAX];
    struct args args = {0};

    hr_lines_format(i->line, i->lines, lines, sizeof(lines));
    if (!i->asked) {
        snprintf(out, cap, _("Errors: %1$zu (lines %2$s). Nothing has been applied."), errors,
                 i->lines > 0 ? lines : "-");
        return;
    }
    args_add_number(&args, "new", i->added);
    args_add_number(&args, "changed", i->changed + i->rehired);
    args_add_number(&args, "ended", i->ended);
    args_add_number(&args, "errors", errors);
    args_add(&args, "lines", ARG_TEXT, lines);
    message_render(errors > 0 ? "H05" : "H05b", &args, text);
    snprintf(out, cap, "%s", text);
}

static void put_number(struct json *j, const char *key, size_t value)
{
    json_key(j, key);
    json_number(j, (long)value);
}

void hr_import_json(const struct hr_import *i, const char *result, int exit)
{
    struct json j = json_begin(stdout);
    char text[MESSAGE_MAX];

    hr_import_sum(i, text, sizeof(text));
    json_open(&j, '{');
    json_pair(&j, "command", "hr import");
    json_pair(&j, "result", result);
    put_number(&j, "exit", (size_t)exit);
    if (!i->applied)
        json_pair(&j, "message", text);
    hr_file_json(&j, &i->file);
    put_number(&j, "new", i->added);
    put_number(&j, "changed", i->changed);
    put_number(&j, "rehired", i->rehired);
    put_number(&j, "ended", i->ended);
    put_number(&j, "refused", i->refused);
    json_key(&j, "applied");
    json_bool(&j, i->applied);
    json_key(&j, "rows");
    present_json(&j, &i->rows);
    json_close(&j, '}');
    json_end(&j);
}
