/* SPDX-License-Identifier: Apache-2.0
 *
 * Events of this host that the server has not yet, in batches; the last batch also says how far
 * this host is.
 */
#include "toyamad/sync/sync.h"

#include "core/wire/handed.h"

#include <string.h>

static int have_sent(struct sync *s, uint64_t *out)
{
    PGresult *r = NULL;
    int64_t sent;
    const struct sync_statement q = {
        .sql = "SELECT coalesce(max(sequence), 0)::bigint FROM toyama.event"
               " WHERE host = session_user",
        .most = 1};
    int err = sync_query(s, &q, &r);

    if (err != SYNC_OK)
        return err;
    sent = sync_get_int(r, 0, 0);
    PQclear(r);
    if (sent < 0 || (uint64_t)sent > s->events)
        return sync_fail(s, SYNC_CONTENT, "the database has events that this host never wrote");
    *out = (uint64_t)sent;
    return SYNC_OK;
}

static int put_event(struct sync *s, const struct handed_event *e)
{
    uint8_t sequence[8];
    const char *const values[] = {(const char *)sequence, (const char *)e->der,
                                  (const char *)e->link};
    const int lengths[] = {8, (int)e->der_len, HANDED_LINK_LEN};
    const struct sync_statement q = {
        .sql = "INSERT INTO toyama.event(sequence, der, link) VALUES($1, $2, $3)"
               " ON CONFLICT DO NOTHING",
        .values = values,
        .lengths = lengths,
        .count = 3};

    sync_put_int(sequence, (int64_t)e->sequence);
    return sync_do(s, &q);
}

/* One file of the broker's: a bounded number of events behind `*sent`. */
static int push_batch(struct sync *s, uint64_t *sent, bool *more)
{
    struct handed_event e;
    struct sync_map map;
    struct tlv_cur cur;
    int r = 0, err = sync_ask(s, "sync.events", "after", *sent, &map);

    if (err != SYNC_OK)
        return err;
    *more = map.len > 0;
    cur = tlv_der(map.at, map.len);
    err = sync_exec(s, "BEGIN");
    while (err == SYNC_OK && (r = handed_event_next(&cur, &e)) == 1) {
        err = put_event(s, &e);
        *sent = e.sequence;
    }
    if (err == SYNC_OK)
        err = r < 0 ? sync_fail(s, SYNC_BROKER, "sync.events: malformed") : sync_exec(s, "COMMIT");
    if (err != SYNC_OK)
        sync_rollback(s);
    sync_unmap(&map);
    return err;
}

static int tell_state(struct sync *s, uint64_t sent)
{
    uint8_t numbers[2][8];
    const char *const values[] = {(const char *)numbers[0], (const char *)numbers[1]};
    const int lengths[] = {8, 8};
    const struct sync_statement q = {
        .sql = "INSERT INTO toyama.terminal(issue, sequence) VALUES($1, $2)"
               " ON CONFLICT (host) DO UPDATE SET issue = excluded.issue,"
               " sequence = excluded.sequence, seen = now()",
        .values = values,
        .lengths = lengths,
        .count = 2};

    sync_put_int(numbers[0], (int64_t)s->issue);
    sync_put_int(numbers[1], (int64_t)sent);
    return sync_do(s, &q);
}

int sync_push(struct sync *s)
{
    uint64_t sent = 0;
    bool more = true;
    int err = have_sent(s, &sent);

    more = sent < s->events;
    while (err == SYNC_OK && more)
        err = push_batch(s, &sent, &more);
    return err == SYNC_OK ? tell_state(s, sent) : err;
}
