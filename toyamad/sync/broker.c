/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls of the broker at this host.
 */
#include "toyamad/sync/sync.h"

#include "enroll/client.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int call(struct sync *s, const char *verb, const struct admin_pairs *pairs, int fd,
                struct rows *rows)
{
    const struct client_request request = {.verb = verb, .pairs = pairs, .fd = fd};
    struct client_outcome outcome;
    int r = client_call(s->socket, &request, NULL, rows, &outcome);

    if (r != CLIENT_OK)
        return sync_fail(s, SYNC_BROKER, "%s: no answer at %s", verb, s->socket);
    if (outcome.result == ADMIN_OK)
        return SYNC_OK;
    return sync_fail(s, outcome.result == ADMIN_UNAVAILABLE ? SYNC_BROKER : SYNC_REFUSED, "%s: %s",
                     verb, outcome.detail);
}

static uint64_t number(const struct rows *rows, const char *key)
{
    char text[24] = "0";

    rows_value(rows, 0, key, text, sizeof(text));
    return strtoull(text, NULL, 10);
}

int sync_look(struct sync *s)
{
    const struct admin_pairs none = {0};
    struct rows rows = {0};
    int err = call(s, "sync.look", &none, -1, &rows);

    if (err == SYNC_OK && !rows_value(&rows, 0, "zone", s->zone, sizeof(s->zone)))
        err = sync_fail(s, SYNC_BROKER, "sync.look: no zone");
    s->issue = number(&rows, "issue");
    s->base = number(&rows, "base");
    s->events = number(&rows, "events");
    rows_free(&rows);
    return err;
}

int sync_call(struct sync *s, const char *verb, const char *key, uint64_t value, int fd)
{
    struct admin_pairs pairs = {0};
    struct rows rows = {0};
    char text[24];
    int err;

    snprintf(text, sizeof(text), "%" PRIu64, value);
    if (key != NULL)
        admin_pair_add(&pairs, key, text);
    err = call(s, verb, &pairs, fd, &rows);
    rows_free(&rows);
    return err;
}

int sync_ask(struct sync *s, const char *verb, const char *key, uint64_t value,
             struct sync_map *out)
{
    FILE *file = NULL;
    int err = sync_scratch(s, &file);

    *out = (struct sync_map){0};
    if (err != SYNC_OK)
        return err;
    if ((err = sync_call(s, verb, key, value, fileno(file))) == SYNC_OK)
        err = sync_map(s, fileno(file), out);
    fclose(file);
    return err;
}
