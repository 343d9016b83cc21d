/* SPDX-License-Identifier: Apache-2.0
 *
 * hr check: a file of the HR section, looked at without the broker.
 */
#include "enroll/hr_file.h"

#include "enroll/hr_texts.h"
#include "enroll/lang.h"

#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>

#define LINES_MAX 512 /* octets of a list of lines */

static void put_json(const struct hr_file *file, int exit)
{
    struct json j = json_begin(stdout);

    json_open(&j, '{');
    json_pair(&j, "command", "hr check");
    json_pair(&j, "result", exit == EX_OK ? "ok" : "faulty");
    json_key(&j, "exit");
    json_number(&j, exit);
    hr_file_json(&j, file);
    json_close(&j, '}');
    json_end(&j);
}

static void put_text(const struct session *s, const struct hr_file *file)
{
    char lines[LINES_MAX];

    hr_file_show(s, file);
    hr_fault_lines(&file->result, lines, sizeof(lines));
    if (file->result.faults == 0)
        printf("%s\n", _("No errors."));
    else if (lines[0] != '\0')
        printf(_("Errors: %1$zu (lines %2$s).\n"), file->result.faults, lines);
    else
        printf(_("Errors: %zu.\n"), file->result.faults);
}

int enroll_hr_check(struct session *s)
{
    struct hr_file *file = malloc(sizeof(*file));
    int exit;

    if (file == NULL)
        return EX_OSERR;
    exit = hr_file_read(s, file);
    if (exit == EX_OK) {
        exit = file->result.faults == 0 ? EX_OK : EX_DATAERR;
        if (s->opt.json)
            put_json(file, exit);
        else
            put_text(s, file);
    }
    hr_file_free(file);
    free(file);
    return exit;
}
