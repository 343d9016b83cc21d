/* SPDX-License-Identifier: Apache-2.0
 *
 * Rosters from the station: what a person is shown before one is taken, and a first look at a file.
 */
#include "core/roster/file.h"
#include "enroll/confirm.h"
#include "enroll/handover.h"
#include "enroll/lang.h"
#include "enroll/names.h"
#include "enroll/present.h"
#include "enroll/report.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

static int refuse(const struct session *s, int exit, const char *result, const char *message)
{
    struct report r = report_make(exit, result, message, "");

    return report_failure(s, &r);
}

/* One call with the file, and nothing shown. */
static struct report ask_broker(const struct session *s, const char *verb, int fd,
                                struct rows *rows)
{
    struct client_outcome outcome;
    const struct client_request request = {verb, &s->opt.pairs, fd};
    int err = client_call(enroll_socket(s), &request, NULL, rows, &outcome);

    return report_of_call(err, &outcome);
}

static const char *value(const struct rows *rows, const char *key, char out[REPORT_TEXT_MAX])
{
    char raw[REPORT_TEXT_MAX];

    rows_value(rows, 0, key, raw, sizeof(raw));
    names_value(key, raw, out, REPORT_TEXT_MAX);
    return out;
}

static const char *const nothing[] = {NULL};

/* The list of people goes where a person looks; the question itself is on standard error. */
static void describe(const struct rows *rows, char *out, size_t cap)
{
    char number[REPORT_TEXT_MAX], when[REPORT_TEXT_MAX], people[REPORT_TEXT_MAX];
    char count[4][REPORT_TEXT_MAX], replaces[REPORT_TEXT_MAX];

    present_table(rows, 1, rows->count, nothing);
    snprintf(out, cap,
             _("Roster no. %1$s (%2$s, people: %3$s) will take the place of no. %4$s. New: %5$s, "
               "changed: %6$s, stopped: %7$s, removed: %8$s."),
             value(rows, "roster", number), value(rows, "roster_time", when),
             value(rows, "people", people), value(rows, "replaces", replaces),
             value(rows, "added", count[0]), value(rows, "changed", count[1]),
             value(rows, "stopped", count[2]), value(rows, "removed", count[3]));
}

/* What was looked at is what is taken: the call names it by its hash. */
static int ask_person(struct session *s, const struct rows *rows)
{
    char what[REPORT_TEXT_MAX], hash[REPORT_TEXT_MAX];

    describe(rows, what, sizeof(what));
    if (!confirm_ask(what))
        return refuse(s, EX_NOPERM, "cancelled", _("Not confirmed. Nothing was changed."));
    rows_value(rows, 0, "hash", hash, sizeof(hash));
    admin_pair_add(&s->opt.pairs, "hash", hash);
    return EX_OK;
}

static int look_first(struct session *s)
{
    struct handover h;
    struct rows rows = {0};
    struct report r;
    int exit;

    if ((exit = enroll_settings(s)) != EX_OK || (exit = enroll_open_file(s, &h)) != EX_OK)
        return exit;
    r = ask_broker(s, "roster.verify", h.fd, &rows);
    handover_end(&h, true);
    exit = r.exit == EX_OK ? ask_person(s, &rows) : report_failure(s, &r);
    rows_free(&rows);
    return exit;
}

int enroll_roster_import(struct session *s)
{
    int exit = EX_OK;

    if (!s->opt.yes && s->opt.json)
        return refuse(s, EX_USAGE, "usage", _("With --json this needs --yes."));
    if (!s->opt.yes)
        exit = look_first(s);
    return exit == EX_OK ? enroll_call(s) : exit;
}

static bool read_head(int fd, struct roster_file *head)
{
    uint8_t buf[ROSTER_FILE_HEAD_MAX];
    ssize_t n = pread(fd, buf, sizeof(buf), 0);
    size_t len = 0;

    return n >= 0 && roster_file_parse(buf, (size_t)n, head, &len) == ROSTER_OK;
}

static void add_number(struct admin_pairs *row, const char *key, uint64_t number)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    admin_pair_add(row, key, text);
}

static bool add_head(const struct roster_file *head, struct rows *rows)
{
    struct admin_pairs row = {0};
    uint8_t encoded[4096];
    time_t when = (time_t)head->created;
    char text[32] = "";
    size_t len = 0;
    struct tm tm;

    if (gmtime_r(&when, &tm) != NULL)
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
    admin_pair_add(&row, "kind", "file");
    admin_pair_add(&row, "zone", head->zone);
    add_number(&row, "roster", head->number);
    admin_pair_add(&row, "roster_time", text);
    add_number(&row, "people", head->people);
    add_number(&row, "base", head->base);
    admin_pair_add(&row, "media", head->media);
    return admin_pairs_encode(&row, encoded, sizeof(encoded), &len) == WIRE_OK &&
           rows_add(rows, encoded, len);
}

static const char *const officers_hide[] = {"kind", NULL};

static void show(const struct rows *rows, const char *note)
{
    char kind[16];
    size_t n = 0;

    for (; n < rows->count; n++) {
        rows_value(rows, n, "kind", kind, sizeof(kind));
        if (strcmp(kind, "officer") == 0)
            break;
        if (n > 0)
            putchar('\n');
        present_object(rows, n);
    }
    if (n < rows->count)
        putchar('\n');
    present_table(rows, n, rows->count, officers_hide);
    if (note[0] != '\0')
        printf("\n%s\n", note);
}

/* With the zone's key the broker tells more; without it, or without a broker, the file's own lines
 * are all there is, and nobody vouches for them. */
static void look_inside(struct session *s, int fd, struct rows *rows, char *note, size_t cap)
{
    struct rows inside = {0};
    struct report r = {0};

    if (settings_load(&s->settings, s->opt.toyamad, s->opt.config) == SETTINGS_OK)
        r = ask_broker(s, "roster.inspect", fd, &inside);
    else
        r.exit = EX_CONFIG;
    if (r.exit == EX_OK) {
        rows_free(rows);
        *rows = inside;
        return;
    }
    snprintf(note, cap, "%s%s%s", _("Only what the file says of itself; nothing was verified."),
             r.message[0] != '\0' ? "\n" : "", r.message);
    rows_free(&inside);
}

static int inspect(struct session *s, int fd)
{
    char note[2 * REPORT_TEXT_MAX] = "";
    struct report ok = report_make(EX_OK, "ok", "", "");
    struct roster_file head = {0};
    struct rows rows = {0};

    if (!read_head(fd, &head) || !add_head(&head, &rows)) {
        rows_free(&rows);
        return refuse(s, EX_DATAERR, "damaged", _("This is not a distribution file."));
    }
    look_inside(s, fd, &rows, note, sizeof(note));
    snprintf(ok.message, sizeof(ok.message), "%.*s", (int)sizeof(ok.message) - 1, note);
    if (s->opt.json)
        report_json(s, &ok, &rows);
    else
        show(&rows, note);
    rows_free(&rows);
    return EX_OK;
}

int enroll_roster_inspect(struct session *s)
{
    struct handover h;
    int exit = enroll_open_file(s, &h);

    if (exit != EX_OK)
        return exit;
    exit = inspect(s, h.fd);
    handover_end(&h, true);
    return exit;
}
