/* SPDX-License-Identifier: Apache-2.0
 *
 * support add: somebody who came to help is registered in one go: person, card, fingers. What does
 * not come to its end is taken back.
 */
#include "enroll/calling.h"
#include "enroll/enroll.h"
#include "enroll/interrupt.h"
#include "enroll/lang.h"
#include "enroll/present.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

#define FINGERS_MAX 10

struct support {
    const struct session *s;
    struct rows rows; /* of all calls */
    struct report report;
};

static const char *given(const struct session *s, const char *key)
{
    const char *value = admin_pair_get(&s->opt.pairs, key);

    return value != NULL ? value : "";
}

/* Whether a word stands in a list with blanks or commas. */
static bool lists(const char *list, const char *word)
{
    size_t len = strlen(word);

    while (*list != '\0') {
        size_t here = strcspn(list, ", ");
        if (here == len && strncmp(list, word, len) == 0)
            return true;
        list += here;
        list += strspn(list, ", ");
    }
    return false;
}

static bool needs_fingers(const struct session *s)
{
    static const char *const zones[] = {"individual-number", "lgwan", "internet"};
    const char *wanted = settings_get(&s->settings, "finger_zones");

    if (strcmp(settings_get(&s->settings, "register"), "station") != 0)
        return lists(settings_get(&s->settings, "require"), "finger");
    for (size_t n = 0; n < sizeof(zones) / sizeof(zones[0]); n++)
        if (lists(given(s, "zones"), zones[n]) && lists(wanted, zones[n]))
            return true;
    return false;
}

/* One call; its rows join those that are there. */
static bool call(struct support *u, const char *verb, const struct admin_pairs *pairs)
{
    const struct client_request request = {verb, pairs, -1};
    struct rows rows = {0};

    u->report = calling_run(u->s, &request, &rows);
    for (size_t n = 0; n < rows.count && u->report.exit == EX_OK; n++)
        if (!rows_add(&u->rows, rows.row[n].data, rows.row[n].len))
            u->report = report_make(EX_OSERR, "failed", _("The answer is too long."), "");
    rows_free(&rows);
    return u->report.exit == EX_OK;
}

static void copy(const struct session *s, struct admin_pairs *pairs, const char *key)
{
    if (given(s, key)[0] != '\0')
        admin_pair_add(pairs, key, given(s, key));
}

static bool add_person(struct support *u)
{
    static const char *const keys[] = {"number",  "name",  "login", "kana",
                                       "section", "until", "zones", "form"};
    struct admin_pairs pairs = {0};

    admin_pair_add(&pairs, "category", "support");
    for (size_t n = 0; n < sizeof(keys) / sizeof(keys[0]); n++)
        copy(u->s, &pairs, keys[n]);
    return call(u, "person.add", &pairs);
}

static bool add_card(struct support *u)
{
    struct admin_pairs pairs = {0};

    admin_pair_add(&pairs, "person", given(u->s, "number"));
    copy(u->s, &pairs, "label");
    copy(u->s, &pairs, "reader");
    return call(u, "card.enroll", &pairs);
}

static bool add_finger(struct support *u, const char *finger)
{
    struct admin_pairs pairs = {0};

    admin_pair_add(&pairs, "person", given(u->s, "number"));
    admin_pair_add(&pairs, "finger", finger);
    return call(u, "finger.enroll", &pairs);
}

static bool add_fingers(struct support *u)
{
    char list[ADMIN_VALUE_MAX], *save = NULL;

    snprintf(list, sizeof(list), "%s", given(u->s, "fingers"));
    for (char *f = strtok_r(list, ",", &save); f != NULL; f = strtok_r(NULL, ",", &save))
        if (!add_finger(u, f))
            return false;
    return true;
}

/* Also after a signal: nobody is to be left without a card. */
static void take_back(struct support *u)
{
    struct report why = u->report;
    struct admin_pairs pairs = {0};
    int caught = interrupt_hold();

    admin_pair_add(&pairs, "person", given(u->s, "number"));
    if (call(u, "person.remove", &pairs))
        u->report = why;
    else
        u->report = report_make(u->report.exit, "failed",
                                _("The person could not be deleted again: please run "
                                  "\"toyama-enroll person remove\"."),
                                why.message);
    interrupt_release(caught);
}

static int show(struct support *u)
{
    if (u->report.exit != EX_OK)
        return report_failure(u->s, &u->report);
    snprintf(u->report.message, sizeof(u->report.message), "%s",
             _("Registered, with card and fingers."));
    if (u->s->opt.json) {
        report_json(u->s, &u->report, &u->rows);
        return EX_OK;
    }
    printf("%s\n", u->report.message);
    for (size_t n = 0; n < u->rows.count; n++)
        present_object(&u->rows, n);
    return EX_OK;
}

int enroll_support_add(struct session *s)
{
    struct support u = {.s = s};
    struct report r;
    int exit = enroll_settings(s);

    if (exit != EX_OK)
        return exit;
    if (needs_fingers(s) && given(s, "fingers")[0] == '\0') {
        r = report_make(EX_USAGE, "usage",
                        _("Fingers are asked for there: please name one of each hand with "
                          "--fingers."),
                        "");
        return report_failure(s, &r);
    }
    if (add_person(&u) && (!add_card(&u) || !add_fingers(&u)))
        take_back(&u);
    exit = show(&u);
    rows_free(&u.rows);
    return exit;
}
