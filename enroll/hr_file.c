/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/hr_file.h"

#include "enroll/handover.h"
#include "enroll/hr_texts.h"
#include "enroll/lang.h"
#include "enroll/report.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static int refuse(const struct session *s, int exit, const char *result, const char *message,
                  const char *detail)
{
    struct report r = report_make(exit, result, message, detail);

    return report_failure(s, &r);
}

static int misconfigured(const struct session *s, const char *why)
{
    return refuse(s, EX_CONFIG, "misconfigured",
                  _("The configuration of HR files has a mistake. toyama.conf(5) explains section "
                    "[hr]."),
                  why);
}

static const char *look_up(const void *ctx, const char *key)
{
    return settings_get(ctx, key);
}

static int read_sections(const struct session *s, struct hr_format *format)
{
    const char *path = settings_get(&s->settings, "sections");
    char why[REPORT_TEXT_MAX], detail[REPORT_TEXT_MAX];
    bool good;
    FILE *in;

    if (path[0] == '\0')
        return EX_OK;
    if ((in = fopen(path, "re")) == NULL) {
        snprintf(detail, sizeof(detail), "%s: %s", path, strerror(errno));
        return misconfigured(s, detail);
    }
    good = hr_format_sections(format, in, why, sizeof(why));
    fclose(in);
    if (good)
        return EX_OK;
    snprintf(detail, sizeof(detail), "%.512s: %.512s", path, why);
    return misconfigured(s, detail);
}

static int read_words(struct session *s, struct hr_format *format)
{
    char why[REPORT_TEXT_MAX] = "";
    int r = enroll_settings(s);

    if (r != EX_OK)
        return r;
    if (!hr_format_load(format, look_up, &s->settings, why, sizeof(why)))
        return misconfigured(s, why);
    return read_sections(s, format);
}

static int choose_encoding(const struct session *s, enum hr_encoding *out)
{
    const char *word = admin_pair_get(&s->opt.pairs, "encoding");

    *out = HR_DETECT;
    if (word == NULL)
        return EX_OK;
    if (strcmp(word, hr_encoding_word(HR_UTF8)) == 0)
        *out = HR_UTF8;
    else if (strcmp(word, hr_encoding_word(HR_CP932)) == 0)
        *out = HR_CP932;
    else
        return refuse(s, EX_USAGE, "usage", _("--encoding must be utf-8 or cp932."), "");
    return EX_OK;
}

static int read_octets(const struct session *s, struct hr_file *file, enum hr_encoding encoding)
{
    struct handover h;
    int r = enroll_open_file(s, &h), err;

    if (r != EX_OK)
        return r;
    err = hr_read_fd(h.fd, &file->format, encoding, &file->result);
    if (err == HR_IO)
        r = refuse(s, EX_IOERR, "failed", _("The file cannot be read to its end."),
                   strerror(errno));
    else if (err != HR_OK)
        r = refuse(s, EX_OSERR, "failed", _("There is not enough memory to read the file."), "");
    handover_end(&h, true);
    return r;
}

int hr_file_read(struct session *s, struct hr_file *file)
{
    enum hr_encoding encoding;
    int r;

    memset(file, 0, sizeof(*file));
    if ((r = choose_encoding(s, &encoding)) != EX_OK || (r = read_words(s, &file->format)) != EX_OK)
        return r;
    return read_octets(s, file, encoding);
}

void hr_file_free(struct hr_file *file)
{
    hr_free(&file->result);
    hr_format_free(&file->format);
}

static const char *encoding_name(enum hr_encoding encoding)
{
    static const char *const name[] = {"ASCII", "UTF-8", "CP932"};

    return name[encoding];
}

static void show_ignored(const struct hr_result *r)
{
    const size_t kept = r->ignored < HR_IGNORED_KEPT ? r->ignored : HR_IGNORED_KEPT;

    if (r->ignored == 0)
        return;
    printf("%s", _("Columns that are not used: "));
    for (size_t n = 0; n < kept; n++)
        printf("%s%s", n > 0 ? ", " : "", r->ignored_name[n]);
    printf("%s\n", r->ignored > kept ? " ..." : "");
}

static void show_faults(const struct hr_file *file)
{
    const struct hr_result *r = &file->result;
    char text[HR_TEXT_MAX];

    for (size_t n = 0; n < r->kept; n++) {
        hr_fault_text(&file->format, &r->fault[n], text);
        if (r->fault[n].line > 0)
            printf(_("Line %1$u: %2$s\n"), r->fault[n].line, text);
        else
            printf("%s\n", text);
    }
    if (r->faults > r->kept)
        printf(_("Further errors that are not shown: %zu\n"), r->faults - r->kept);
}

void hr_file_show(const struct session *s, const struct hr_file *file)
{
    const struct hr_result *r = &file->result;

    printf(_("%1$s: rows %2$zu, character encoding %3$s\n"), s->opt.file_path, r->rows,
           encoding_name(r->encoding));
    show_ignored(r);
    if (r->empty > 0)
        printf(_("Rows without content, passed over: %zu\n"), r->empty);
    show_faults(file);
}

static void put_number(struct json *j, const char *key, size_t value)
{
    json_key(j, key);
    json_number(j, (long)value);
}

static void put_fault(struct json *j, const struct hr_format *format, const struct hr_fault *f)
{
    char text[HR_TEXT_MAX];

    hr_fault_text(format, f, text);
    json_open(j, '{');
    put_number(j, "line", f->line);
    json_pair(j, "kind", hr_fault_word(f->kind));
    json_pair(j, "column", hr_column_key(f->column));
    json_pair(j, "value", f->value);
    json_pair(j, "text", text);
    json_close(j, '}');
}

void hr_file_json(struct json *j, const struct hr_file *file)
{
    const struct hr_result *r = &file->result;

    json_pair(j, "encoding", hr_encoding_word(r->encoding));
    put_number(j, "people", r->rows);
    put_number(j, "empty", r->empty);
    json_key(j, "ignored");
    json_open(j, '[');
    for (size_t n = 0; n < r->ignored && n < HR_IGNORED_KEPT; n++)
        json_text(j, r->ignored_name[n]);
    json_close(j, ']');
    put_number(j, "errors", r->faults);
    json_key(j, "faults");
    json_open(j, '[');
    for (size_t n = 0; n < r->kept; n++)
        put_fault(j, &file->format, &r->fault[n]);
    json_close(j, ']');
}
