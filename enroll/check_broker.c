/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/check.h"

#include "enroll/client.h"
#include "enroll/lang.h"

#include <stdio.h>
#include <string.h>

static const struct check_kind good = {CHECK_GREEN, "broker", N_("Broker: running, {}"), NULL,
                                       NULL};
static const struct check_kind answer = {
    CHECK_RED, "broker-answer", N_("The broker answers, but not as it should: {}"),
    N_("Broker and toyama-enroll may be of different versions."),
    N_("Restart the broker: systemctl restart toyamad.service")};
static const struct check_kind clock_behind = {
    CHECK_RED, "clock", N_("The clock stands behind the last recorded event ({})."),
    N_("Expired cards could be used again and the log would lose its order. Every login is "
       "denied."),
    N_("Set the right time. If the recorded event is what is wrong: toyama-enroll clock accept")};
static const struct check_kind nobody = {
    CHECK_YELLOW, "people", N_("Nobody is registered on this host yet."),
    N_("Nobody can log in with card and finger."), N_("toyama-enroll person add --help")};
static const struct check_kind stale_config = {
    CHECK_YELLOW, "config-stale", N_("The running broker still uses an older configuration ({})."),
    N_("A change of the file takes effect with the next start."),
    N_("systemctl restart toyamad.service")};

static const struct {
    int err;
    struct check_kind kind;
} failures[] = {
    {CLIENT_MISSING,
     {CHECK_RED, "socket-missing", N_("The broker's socket {} is not there."),
      N_("Nobody can log in."), N_("systemctl enable --now toyamad.service")}},
    {CLIENT_FOREIGN,
     {CHECK_RED, "socket-owner",
      N_("The broker's socket {}, or the program behind it, is not root's."),
      N_("Somebody may pretend to be the broker. The login module refuses it."),
      N_("Find out who made it, report it to the CSIRT, then: systemctl restart "
         "toyamad-admin.socket")}},
    {CLIENT_DEAD,
     {CHECK_RED, "broker-dead", N_("The broker does not run: nobody listens at {}."),
      N_("Nobody can log in."),
      N_("systemctl restart toyamad.service; journalctl -u toyamad says why it ended.")}},
    {CLIENT_DENIED,
     {CHECK_RED, "socket-denied", N_("The broker's socket {} may not be used by this user."),
      N_("What the broker knows could not be checked."), N_("Run it again with sudo.")}},
    {CLIENT_SILENT,
     {CHECK_RED, "broker-silent", N_("The broker at {} does not answer."), N_("Nobody can log in."),
      N_("systemctl restart toyamad.service")}},
    {CLIENT_CLOSED,
     {CHECK_RED, "broker-closed", N_("The broker at {} closed the connection."),
      N_("It may have ended in the middle of the answer."), N_("journalctl -u toyamad says why.")}},
    {CLIENT_PROTOCOL,
     {CHECK_RED, "broker-protocol", N_("What answers at {} does not speak the broker's protocol."),
      N_("Broker and toyama-enroll may be of different versions."),
      N_("Install one version of all parts and restart the broker.")}},
};

/* What the broker says of its registry, told apart by its fixed words; the last row takes all. */
static const struct {
    const char *words;
    struct check_kind kind;
} registry_faults[] = {
    {"newer toyama",
     {CHECK_RED, "registry-newer", N_("The registry was written by a newer version: {}"),
      N_("This version cannot know what it means. Every login is denied."),
      N_("Install the newer version again, or put back the backup from before the update.")}},
    {"does not exist",
     {CHECK_RED, "registry-missing", N_("The registry is missing: {}"),
      N_("Nobody is registered on this host. Every login is denied."),
      N_("On a new host run \"toyama-enroll init\". Otherwise put the backup back and find out who "
         "deleted it.")}},
    {"others than root",
     {CHECK_RED, "registry-mode", N_("Registry or keys are not root's alone: {}"),
      N_("They could be exchanged or read. Every login is denied."),
      N_("chown root:root and chmod 0600 the file that is named, after finding out why.")}},
    {"config not good",
     {CHECK_RED, "config-stale-bad",
      N_("The running broker still has a configuration with a mistake: {}"),
      N_("It has not read the mended file yet. Every login is denied."),
      N_("systemctl restart toyamad.service")}},
    {"",
     {CHECK_RED, "registry", N_("The broker cannot use its registry: {}"),
      N_("It may have been altered or damaged. Every login is denied."),
      N_("Keep a copy for the CSIRT, then put the backup back.")}},
};

static void add_failure(struct check *c, int err, const char *path)
{
    for (size_t n = 0; n < sizeof(failures) / sizeof(failures[0]); n++)
        if (failures[n].err == err) {
            check_add(c, &failures[n].kind, path);
            return;
        }
    check_add(c, &answer, path);
}

static bool known(const struct check *c, const char *id)
{
    for (size_t n = 0; n < c->count; n++)
        if (strcmp(c->finding[n].kind->id, id) == 0)
            return true;
    return false;
}

static void judge_registry(struct check *c, const char *value)
{
    if (strcmp(value, "good") == 0)
        return;
    for (size_t n = 0; n < sizeof(registry_faults) / sizeof(registry_faults[0]); n++)
        if (strstr(value, registry_faults[n].words) != NULL) {
            if (!known(c, registry_faults[n].kind.id))
                check_add(c, &registry_faults[n].kind, value);
            return;
        }
}

static void judge_config(struct check *c, const struct rows *rows)
{
    static const char *const keys[] = {"zone", "require", "demo"};
    char value[ADMIN_VALUE_MAX];

    for (size_t n = 0; n < sizeof(keys) / sizeof(keys[0]); n++)
        if (rows_value(rows, 0, keys[n], value, sizeof(value)) &&
            strcmp(value, check_setting(c, keys[n])) != 0) {
            check_add(c, &stale_config, keys[n]);
            return;
        }
}

static void judge_status(struct check *c, const struct rows *rows)
{
    char value[ADMIN_VALUE_MAX], time[ADMIN_VALUE_MAX];
    size_t before = c->count;

    rows_value(rows, 0, "registry", value, sizeof(value));
    judge_registry(c, value);
    if (c->count == before)
        judge_config(c, rows);
    rows_value(rows, 0, "clock", value, sizeof(value));
    rows_value(rows, 0, "last_event", time, sizeof(time));
    if (strcmp(value, "behind") == 0)
        check_add(c, &clock_behind, time);
    rows_value(rows, 0, "people", value, sizeof(value));
    c->people = strcmp(value, "0") != 0;
    if (!c->people)
        check_add(c, &nobody, "");
    rows_value(rows, 0, "version", value, sizeof(value));
    if (c->count == before)
        check_add(c, &good, value);
}

void check_broker(struct check *c)
{
    const struct admin_pairs none = {0};
    const struct client_request request = {"status", &none, -1};
    struct client_outcome outcome;
    struct rows rows = {0};
    int err;

    if (!c->config_good)
        return;
    err = client_call(check_setting(c, "admin_socket"), &request, NULL, &rows, &outcome);
    if (err != CLIENT_OK)
        add_failure(c, err, check_setting(c, "admin_socket"));
    else if (outcome.result != ADMIN_OK || rows.count == 0)
        check_add(c, &answer, outcome.detail);
    else
        judge_status(c, &rows);
    c->broker_good = err == CLIENT_OK && rows.count > 0;
    rows_free(&rows);
}
