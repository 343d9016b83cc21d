/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/check.h"

#include "enroll/lang.h"
#include "enroll/names.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define DENIED N_("Every login on this host is denied until this is mended.")

static const struct check_kind good = {CHECK_GREEN, "config", N_("Configuration: {}"), NULL, NULL};

static const struct check_kind missing = {
    CHECK_RED, "config-missing", N_("There is no configuration {}."), DENIED,
    N_("Copy /usr/share/doc/toyama/toyama.conf.example there and set zone and require.")};
static const struct check_kind unreadable = {
    CHECK_RED, "config-unreadable", N_("The configuration cannot be read: {}"), DENIED,
    N_("Run the check as the administrator (sudo) and look at the file and its directory.")};
static const struct check_kind not_a_file = {
    CHECK_RED, "config-file", N_("The configuration {} is a link or another special file."),
    N_("Only a plain file is taken, so that nobody can point it elsewhere."),
    N_("Put the file itself there.")};
static const struct check_kind owner = {
    CHECK_RED, "config-owner", N_("The configuration {} does not belong to root."),
    N_("Its owner could lower what a login asks. Every login is denied."),
    N_("chown root:root {}")};
static const struct check_kind writable = {
    CHECK_RED, "config-writable", N_("The configuration {} can be written by others than root."),
    N_("Whoever may write it could lower what a login asks. Every login is denied."),
    N_("chmod 0644 {} (or 0640), after looking at who changed it.")};
static const struct check_kind no_program = {
    CHECK_RED, "broker-program", N_("The broker's program could not be run: {}"),
    N_("Without it nobody can log in."), N_("Install the package again.")};
static const struct check_kind demo = {
    CHECK_RED, "demo", N_("Demonstration mode is on (demo = yes)."),
    N_("Virtual sensors are accepted: whoever may write to their socket is let in."),
    N_("Set demo = no in {} and restart the broker. Never use demo = yes on a real terminal.")};
static const struct check_kind no_extension = {
    CHECK_YELLOW, "extension", N_("No telephone extension of the IT desk is set."),
    N_("The messages at the login tell people to call, but not where."),
    N_("Set extension in section [host] of {}.")};

/* Reasons of the broker, told apart by their fixed words. The first row that fits counts. */
static const struct {
    const char *words;
    struct check_kind kind;
} reasons[] = {
    {"unknown key",
     {CHECK_RED, "config-unknown-key", N_("Unknown key in the configuration: {}"),
      N_("A key that is not understood may be a misspelt safeguard. Every login is denied."),
      N_("Correct or delete the line. toyama.conf(5) lists the keys.")}},
    {"given twice",
     {CHECK_RED, "config-duplicate", N_("A key stands twice in the configuration: {}"),
      N_("It would not be clear which one counts. Every login is denied."),
      N_("Delete one of the lines.")}},
    {"line is too long",
     {CHECK_RED, "config-long-line", N_("A line of the configuration is too long: {}"),
      N_("It would be cut, and the rest would be lost unseen. Every login is denied."),
      N_("Shorten the line; a list needs only the names that are used.")}},
    {"one possession a host",
     {CHECK_RED, "config-require-two", N_("The configuration names two kinds of possession: {}"),
      N_("A host asks either for an IC card or for a security key. Every login is denied."),
      N_("Delete card or token from require.")}},
    {"presence: tap",
     {CHECK_RED, "config-tap", N_("A card may not be taken away after its proof in this zone: {}"),
      N_("In the My Number zone the card stays until the login is decided. Every login is denied."),
      N_("Set presence = required or delete the line.")}},
    {"require names token",
     {CHECK_RED, "config-shared-keys",
      N_("A security key is required, but shared keys do not count: {}"),
      N_("A security key proves itself by a key that this host holds, too. Every login is denied."),
      N_("Set shared_keys = yes, or require an IC card.")}},
    {"is below clause",
     {CHECK_RED, "config-require",
      N_("The configuration asks for less than the policy demands: {}"),
      N_("Clause 8(4)(d): in the My Number zone IC card and fingerprint; elsewhere IC card, or two "
         "factors of different kinds. Every login is denied."),
      N_("Set require to what the clause demands, e.g. require = card finger.")}},
    {"zone: missing",
     {CHECK_RED, "config-zone-missing", N_("The configuration names no zone: {}"), DENIED,
      N_("Set zone to individual-number, lgwan or internet.")}},
    {"require: missing",
     {CHECK_RED, "config-require-missing", N_("The configuration does not say what to require: {}"),
      DENIED, N_("Set require, e.g. require = card finger.")}},
    {"zone: ",
     {CHECK_RED, "config-zone", N_("The zone in the configuration does not exist: {}"), DENIED,
      N_("Set zone to individual-number, lgwan or internet.")}},
    {"needs demo = yes",
     {CHECK_RED, "virtual-sensor", N_("A virtual sensor is configured without demo = yes: {}"),
      N_("A virtual sensor believes whoever writes to its socket. Every login is denied."),
      N_("On a real terminal delete it from sensors and delete sensor_socket.")}},
    {"sensors: ",
     {CHECK_RED, "sensor-weak", N_("A fingerprint sensor in the configuration is not allowed: {}"),
      N_("Its matching is too weak for this zone: strangers' fingers would pass too often."),
      N_("Name only admitted drivers in sensors; toyama.conf(5) lists them.")}},
    {"belongs to section",
     {CHECK_RED, "config-section", N_("A key stands in the wrong section: {}"), DENIED,
      N_("Move the line to the section that is named.")}},
    {"",
     {CHECK_RED, "config-value", N_("The configuration has a mistake: {}"), DENIED,
      N_("Correct the line. toyama.conf(5) describes the keys and their values.")}},
};

/* The file's own attributes; false where the broker's reasons would only repeat them. */
static bool check_file(struct check *c, const char *path)
{
    struct stat st;
    char subject[CHECK_TEXT_MAX];

    if (lstat(path, &st) != 0) {
        snprintf(subject, sizeof(subject), "%s: %s", path, strerror(errno));
        if (errno == ENOENT)
            check_add(c, &missing, path);
        else
            check_add(c, &unreadable, subject);
        return false;
    }
    if (!S_ISREG(st.st_mode))
        check_add(c, &not_a_file, path);
    else if (st.st_uid != 0)
        check_add(c, &owner, path);
    else if ((st.st_mode & 022) != 0)
        check_add(c, &writable, path);
    else
        return true;
    return false;
}

static void add_reason(struct check *c, const char *line)
{
    for (size_t n = 0; n < sizeof(reasons) / sizeof(reasons[0]); n++)
        if (strstr(line, reasons[n].words) != NULL) {
            check_add(c, &reasons[n].kind, line);
            return;
        }
}

static void add_reasons(struct check *c, char *text)
{
    char *save = NULL;
    size_t before = c->count;

    for (char *line = strtok_r(text, "\n", &save); line != NULL; line = strtok_r(NULL, "\n", &save))
        add_reason(c, line);
    if (c->count == before)
        add_reason(c, c->session->opt.config);
}

static void look_at_values(struct check *c)
{
    char subject[CHECK_TEXT_MAX], require[128];
    const char *zone = check_setting(c, "zone");

    names_value("require", check_setting(c, "require"), require, sizeof(require));
    snprintf(subject, sizeof(subject), "%s, %s", names_word(zone), require);
    check_add(c, &good, subject);
    c->strict = strcmp(zone, "individual-number") == 0;
    if (strcmp(check_setting(c, "demo"), "yes") == 0)
        check_add(c, &demo, c->session->opt.config);
    if (check_setting(c, "extension")[0] == '\0')
        check_add(c, &no_extension, c->session->opt.config);
}

void check_config(struct check *c)
{
    struct session *s = c->session;
    int err;

    if (!check_file(c, s->opt.config))
        return;
    err = settings_load(&s->settings, s->opt.toyamad, s->opt.config);
    if (err == SETTINGS_NO_BROKER) {
        check_add(c, &no_program, s->opt.toyamad);
    } else if (err == SETTINGS_BAD) {
        add_reasons(c, s->settings.run.error);
    } else {
        c->config_good = true;
        look_at_values(c);
    }
}
