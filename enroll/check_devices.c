/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/check.h"

#include "enroll/client.h"
#include "enroll/lang.h"

#include <stdio.h>
#include <string.h>

#define MSG_BUSY "X21" /* the catalogue's "in use" */

static const struct check_kind reader_good = {CHECK_GREEN, "reader", N_("Card reader: {}"), NULL,
                                              NULL};
static const struct check_kind no_reader = {
    CHECK_RED, "reader-missing", N_("No card reader was found."), N_("No card can be read."),
    N_("Check the USB cable and try another socket. \"lsusb\" shows whether the machine sees it.")};
static const struct check_kind two_readers = {
    CHECK_YELLOW, "reader-several", N_("There is more than one card reader: {}"),
    N_("Any of them takes a login; people may put the card on the wrong one."),
    N_("Unplug those that are not used. To enrol, name one: card enroll --reader NAME.")};
static const struct check_kind no_pcscd = {CHECK_RED, "pcscd", N_("pcscd does not answer: {}"),
                                           N_("Without it no card reader works."),
                                           N_("systemctl enable --now pcscd.socket")};
static const struct check_kind fault = {
    CHECK_RED, "device-fault", N_("Devices could not be listed: {}"),
    N_("Cards or fingers may not be readable."), N_("journalctl -u toyamad says more.")};
static const struct check_kind sensor_good = {CHECK_GREEN, "sensor", N_("Fingerprint sensor: {}"),
                                              NULL, NULL};
static const struct check_kind no_sensor = {
    CHECK_RED, "sensor-missing", N_("No fingerprint sensor was found."),
    N_("This host requires fingerprints: nobody can log in."),
    N_("Check the USB cable. \"lsusb\" shows whether the machine sees it; fprintd must not run.")};
static const struct check_kind not_admitted = {
    CHECK_RED, "sensor-not-admitted", N_("The fingerprint sensor is not admitted: {}"),
    N_("Only sensors whose driver the configuration names are used; others may match too weakly."),
    N_("Use an admitted sensor, or add its driver to sensors if toyama.conf(5) allows it.")};
static const struct check_kind virtual_sensor = {
    CHECK_RED, "virtual-sensor",
    N_("A virtual fingerprint sensor is present without demo = yes: {}"),
    N_("A virtual sensor believes whoever writes to its socket."),
    N_("Find out who set it up. On a real terminal remove it.")};

static const struct check_kind token_good = {
    CHECK_GREEN, "token", N_("Security keys can be read. Plugged in now: {}"), NULL, NULL};
static const struct check_kind token_rights = {
    CHECK_RED, "token-rights", N_("The security key on USB may not be opened by its worker."),
    N_("Nobody can log in with a security key."),
    N_("udevadm control --reload; udevadm trigger --subsystem-match=usb, then plug it in again.")};

static const struct check_kind busy = {
    CHECK_YELLOW, "devices-busy",
    N_("Card reader and sensor are in use, so they were not looked at."),
    N_("A login or another command holds them."), N_("Run the check again in a minute.")};

struct devices {
    size_t readers;
    size_t admitted;
    char reader_list[CHECK_TEXT_MAX];
    char sensor_list[CHECK_TEXT_MAX];
    char token_list[CHECK_TEXT_MAX];
    char refused[CHECK_TEXT_MAX]; /* sensors that are not admitted */
};

static const char *text_of(const struct admin_pairs *row, const char *key)
{
    const char *value = admin_pair_get(row, key);

    return value != NULL ? value : "";
}

static void take_sensor(struct check *c, struct devices *d, const struct admin_pairs *row)
{
    char name[CHECK_TEXT_MAX];
    bool demo = strcmp(check_setting(c, "demo"), "yes") == 0;

    snprintf(name, sizeof(name), "%s (%s)", text_of(row, "name"), text_of(row, "driver"));
    if (strncmp(text_of(row, "driver"), "virtual_", 8) == 0 && !demo)
        check_add(c, &virtual_sensor, name);
    if (strcmp(text_of(row, "admitted"), "yes") != 0) {
        check_append(d->refused, name);
        return;
    }
    d->admitted++;
    check_append(d->sensor_list, name);
}

static void take_fault(struct check *c, const char *what)
{
    if (strcmp(what, "token-rights") == 0)
        check_add(c, &token_rights, "");
    else if (strstr(what, "pcscd") == NULL)
        check_add(c, &fault, what);
    else if (!check_needs(c, "token")) /* a key on USB needs no reader */
        check_add(c, &no_pcscd, what);
}

static void take_row(struct check *c, struct devices *d, const struct admin_pairs *row)
{
    const char *kind = text_of(row, "kind");
    const char *what = text_of(row, "what");

    if (strcmp(kind, "reader") == 0) {
        d->readers++;
        check_append(d->reader_list, text_of(row, "name"));
    } else if (strcmp(kind, "sensor") == 0) {
        take_sensor(c, d, row);
    } else if (strcmp(kind, "token") == 0) {
        check_append(d->token_list, text_of(row, "name"));
    } else if (strcmp(kind, "fault") == 0) {
        take_fault(c, what);
    }
}

static void judge_tokens(struct check *c, const struct devices *d, bool faults)
{
    if (check_needs(c, "token") && !faults)
        check_add(c, &token_good, d->token_list[0] != '\0' ? d->token_list : "-");
}

/* After a fault nothing can be said to be missing. */
static void judge(struct check *c, const struct devices *d, bool faults)
{
    judge_tokens(c, d, faults);
    if (d->readers > 1)
        check_add(c, &two_readers, d->reader_list);
    else if (d->readers == 1)
        check_add(c, &reader_good, d->reader_list);
    else if (!faults && !check_needs(c, "token"))
        check_add(c, &no_reader, "");
    if (d->admitted > 0)
        check_add(c, &sensor_good, d->sensor_list);
    else if (d->refused[0] != '\0' && check_needs(c, "finger"))
        check_add(c, &not_admitted, d->refused);
    else if (check_needs(c, "finger") && !faults)
        check_add(c, &no_sensor, "");
}

void check_devices(struct check *c)
{
    struct admin_pairs pairs = {0};
    const struct client_request request = {"devices", &pairs, -1};
    struct client_outcome outcome;
    struct devices d = {0};
    struct rows rows = {0};
    size_t before = c->count;
    int err;

    if (!c->broker_good)
        return;
    err = client_call(check_setting(c, "admin_socket"), &request, NULL, &rows, &outcome);
    for (size_t n = 0; n < rows.count; n++) {
        rows_get(&rows, n, &pairs);
        take_row(c, &d, &pairs);
    }
    if (err == CLIENT_OK && strcmp(outcome.msg, MSG_BUSY) == 0)
        check_add(c, &busy, "");
    else if (err != CLIENT_OK || outcome.result != ADMIN_OK)
        check_add(c, &fault, err == CLIENT_OK ? outcome.detail : "");
    else
        judge(c, &d, c->count > before);
    rows_free(&rows);
}
