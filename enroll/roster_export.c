/* SPDX-License-Identifier: Apache-2.0
 *
 * roster export: the file under its own name, and the transfer slip beside it. The broker knows the
 * name only when the file is written; until then it has one that nobody takes for a roster.
 */
#include "enroll/calling.h"
#include "enroll/enroll.h"
#include "enroll/handover.h"
#include "enroll/lang.h"
#include "enroll/message.h"
#include "enroll/present.h"
#include "enroll/slip.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define NAME_MAX_OCTETS 64

struct target {
    char draft[PATH_MAX];
    char file[PATH_MAX];
    char slip[PATH_MAX];
};

static struct report trouble(const char *path)
{
    char message[REPORT_TEXT_MAX];

    if (errno == EEXIST) {
        snprintf(message, sizeof(message), _("%s is there already. Nothing was overwritten."),
                 path);
        return report_make(EX_CANTCREAT, "exists", message, "");
    }
    snprintf(message, sizeof(message), _("%1$s: %2$s"), path, strerror(errno));
    return report_make(EX_CANTCREAT, "failed", message, "");
}

static bool make_names(const char *folder, const struct rows *rows, struct target *t)
{
    char name[NAME_MAX_OCTETS] = "";
    const char *dot;

    if (!rows_value(rows, 0, "file", name, sizeof(name)) || strchr(name, '/') != NULL ||
        (dot = strrchr(name, '.')) == NULL)
        return false;
    return (size_t)snprintf(t->file, sizeof(t->file), "%s/%s", folder, name) < sizeof(t->file) &&
           (size_t)snprintf(t->slip, sizeof(t->slip), "%s/%.*s.txt", folder, (int)(dot - name),
                            name) < sizeof(t->slip);
}

static bool write_slip(const char *path, const struct rows *rows)
{
    struct handover h;
    FILE *out;
    int fd;
    bool good;

    if (handover_output(path, &h) != HANDOVER_OK)
        return false;
    fd = dup(h.fd);
    out = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (out != NULL)
        slip_write(out, rows, 0);
    else if (fd >= 0)
        close(fd);
    good = out != NULL && fclose(out) == 0;
    return handover_end(&h, good) && good;
}

/* Nothing of that name may be there: a medium holds what was written last time, perhaps. */
static struct report settle(struct target *t, const struct rows *rows, struct report r)
{
    if (renameat2(AT_FDCWD, t->draft, AT_FDCWD, t->file, RENAME_NOREPLACE) != 0) {
        r = trouble(t->file);
        unlink(t->draft);
        return r;
    }
    /* One does not go without the other. */
    if (!write_slip(t->slip, rows)) {
        r = trouble(t->slip);
        unlink(t->file);
    }
    return r;
}

static void say_made(const struct rows *rows, struct report *r)
{
    static const struct {
        const char *key, *name;
        enum arg_kind kind;
    } arg[] = {{"zone", "zone", ARG_ZONE},
               {"roster", "number", ARG_NUMBER},
               {"people", "count", ARG_NUMBER},
               {"media", "media", ARG_TEXT}};
    struct args args = {0};
    char value[ARGS_VALUE_MAX], text[MESSAGE_MAX];

    for (size_t n = 0; n < sizeof(arg) / sizeof(arg[0]); n++)
        if (rows_value(rows, 0, arg[n].key, value, sizeof(value)) && value[0] != '\0')
            args_add(&args, arg[n].name, arg[n].kind, value);
    message_render("H06", &args, text);
    snprintf(r->message, sizeof(r->message), "%s", text);
}

static int show(const struct session *s, struct report *r, const struct target *t,
                const struct rows *rows)
{
    if (r->exit != EX_OK)
        return report_failure(s, r);
    say_made(rows, r);
    if (s->opt.json) {
        report_json(s, r, rows);
        return EX_OK;
    }
    printf("%s\n", r->message);
    present_object(rows, 0);
    printf("%s\n%s\n", t->file, t->slip);
    return EX_OK;
}

static int export_to(const struct session *s, struct target *t)
{
    struct handover h;
    struct client_request request = {"roster.export", &s->opt.pairs, -1};
    struct rows rows = {0};
    struct report r;
    int exit;

    if (handover_output(t->draft, &h) != HANDOVER_OK) {
        r = trouble(s->opt.file_path);
        return report_failure(s, &r);
    }
    request.fd = h.fd;
    r = calling_run(s, &request, &rows);
    if (r.exit == EX_OK && !make_names(s->opt.file_path, &rows, t))
        r = report_make(EX_SOFTWARE, "failed", _("The file has no name that can be used."), "");
    if (!handover_end(&h, r.exit == EX_OK) && r.exit == EX_OK)
        r = report_make(EX_IOERR, "failed", _("The file could not be written to the disk."), "");
    if (r.exit == EX_OK)
        r = settle(t, &rows, r);
    exit = show(s, &r, t, &rows);
    rows_free(&rows);
    return exit;
}

int enroll_roster_export(struct session *s)
{
    struct target t = {0};
    int r = enroll_settings(s);

    if (r != EX_OK)
        return r;
    snprintf(t.draft, sizeof(t.draft), "%s/.toyama-%ld.part", s->opt.file_path, (long)getpid());
    return export_to(s, &t);
}
