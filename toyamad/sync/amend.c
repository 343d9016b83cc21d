/* SPDX-License-Identifier: Apache-2.0
 *
 * Amendments and stop notices: the server's to the broker, which judges each as one from a file,
 * and the broker's to the server. The broker remembers how far it has looked; what arrived within
 * the last hour is given again, as rows need not become visible in the order of their numbers.
 */
#include "toyamad/sync/sync.h"

#include "core/roster/amendment.h"
#include "core/wire/handed.h"

#include <stdlib.h>
#include <string.h>

#define BYTEA 17  /* its type, of PostgreSQL's catalogue */
#define PAGES 128 /* of 64 rows, in one run: the rest is for the next one */

struct page {
    int rows;
    int64_t last;  /* sequence */
    size_t octets; /* in the file */
};

static int newest(struct sync *s, int64_t *out)
{
    PGresult *r = NULL;
    const struct sync_statement q = {
        .sql = "SELECT coalesce(max(sequence), 0)::bigint FROM toyama.amendment", .most = 1};
    int err = sync_query(s, &q, &r);

    if (err == SYNC_OK && PQntuples(r) != 1)
        err = sync_fail(s, SYNC_CONTENT, "the amendments of the database cannot be counted");
    *out = err == SYNC_OK ? sync_get_int(r, 0, 0) : -1;
    PQclear(r);
    return err;
}

static int fetch(struct sync *s, int64_t after, int64_t seen, PGresult **out)
{
    uint8_t numbers[2][8];
    const char *const values[] = {(const char *)numbers[0], (const char *)numbers[1]};
    const int lengths[] = {8, 8};
    const struct sync_statement q = {
        .sql = "SELECT sequence, der FROM toyama.amendment WHERE sequence > $1::bigint"
               " AND (sequence > $2::bigint OR arrived > now() - interval '1 hour')"
               " ORDER BY sequence LIMIT 64",
        .values = values,
        .lengths = lengths,
        .count = 2,
        .most = 64};
    int err;

    sync_put_int(numbers[0], after);
    sync_put_int(numbers[1], seen);
    err = sync_query(s, &q, out);
    if (err == SYNC_OK && PQntuples(*out) > 0 &&
        (PQnfields(*out) != 2 || PQftype(*out, 1) != BYTEA)) {
        PQclear(*out);
        *out = NULL;
        err = sync_fail(s, SYNC_CONTENT, "the amendments of the database are of another kind");
    }
    return err;
}

/* What cannot be one is left out and said at the end: it keeps no other one back. */
static int write_row(struct sync *s, const PGresult *r, int row, FILE *file, size_t *octets)
{
    uint8_t buf[HANDED_ITEM_MAX];
    struct tlv_out out = tlv_writer(buf, sizeof(buf));
    int length = PQgetlength(r, row, 1);
    size_t len = 0;

    if (PQgetisnull(r, row, 1) || length < 1 || length > ROSTER_AMENDED_MAX)
        return sync_fail(s, SYNC_CONTENT, "an amendment of the database cannot be right");
    tlv_put(&out, DER_OCTETS, PQgetvalue(r, row, 1), (size_t)length);
    if (tlv_finish(&out, &len) != WIRE_OK || fwrite(buf, 1, len, file) != len)
        return sync_fail(s, SYNC_FAILED, "temporary file: full");
    *octets += len;
    return SYNC_OK;
}

static int write_page(struct sync *s, const PGresult *r, FILE *file, struct page *page)
{
    int err = SYNC_OK;

    page->rows = PQntuples(r);
    for (int n = 0; n < page->rows; n++) {
        int64_t sequence = sync_get_int(r, n, 0);
        int e = SYNC_OK;
        if (sequence <= page->last) {
            err = sync_fail(s, SYNC_CONTENT, "the amendments of the database have no order");
            break;
        }
        if ((e = write_row(s, r, n, file, &page->octets)) == SYNC_FAILED)
            return e;
        page->last = sequence;
        err = err == SYNC_OK ? e : err;
    }
    return fflush(file) == 0 ? err : sync_fail(s, SYNC_FAILED, "temporary file: full");
}

/* `*later`: the broker could not judge all of them yet, so it is not told that they were seen. */
static int give_page(struct sync *s, const PGresult *r, struct page *page, uint64_t *later)
{
    FILE *file = NULL;
    int err, given = SYNC_OK;
    uint64_t waiting = 0;

    if ((err = sync_scratch(s, &file)) != SYNC_OK)
        return err;
    err = write_page(s, r, file, page);
    if (err == SYNC_FAILED) {
        fclose(file);
        return err;
    }
    if (page->octets > 0)
        given = sync_give(s, "sync.amendments.take", "seen", *later > 0 ? 0 : (uint64_t)page->last,
                          fileno(file), "later", &waiting);
    fclose(file);
    *later += waiting;
    return given != SYNC_OK ? given : err;
}

static int pull(struct sync *s, uint64_t *later)
{
    struct page page = {.rows = 64};
    int64_t top = 0, seen = (int64_t)s->amended;
    int bad = SYNC_OK, err = newest(s, &top);

    if (top < seen)
        seen = 0; /* another database than before, or an older copy of it */
    for (unsigned n = 0; n < PAGES && err == SYNC_OK && page.rows == 64; n++) {
        PGresult *r = NULL;
        page = (struct page){.last = page.last};
        if ((err = fetch(s, page.last, seen, &r)) == SYNC_OK)
            err = give_page(s, r, &page, later);
        PQclear(r);
        if (err == SYNC_CONTENT && page.rows == 64) {
            bad = err;
            err = SYNC_OK;
        }
    }
    return err == SYNC_OK ? bad : err;
}

/* SHA-256 of each, one behind the other, in a buffer that the caller frees. */
static int hash_all(struct sync *s, const struct sync_map *map, uint8_t **out, size_t *count)
{
    struct tlv_cur cur = tlv_der(map->at, map->len);
    struct tlv item = {0};
    size_t cap = map->len / 3 + 1; /* an item has three octets at least */
    int r;

    *count = 0;
    if ((*out = reallocarray(NULL, cap, CRYPTO_SHA256_LEN)) == NULL)
        return sync_fail(s, SYNC_FAILED, "out of memory");
    while ((r = handed_octets_next(&cur, &item)) == 1)
        if (crypto_sha256(item.val, item.len, *out + CRYPTO_SHA256_LEN * (*count)++) != CRYPTO_OK)
            return sync_fail(s, SYNC_FAILED, "out of memory");
    return r == 0 ? SYNC_OK : sync_fail(s, SYNC_BROKER, "sync.amendments: malformed");
}

/* A statement about all hashes at once, $1. */
static int ask_about(struct sync *s, const char *sql, const uint8_t *hashes, size_t count,
                     PGresult **out)
{
    const char *const values[] = {(const char *)hashes};
    const int lengths[] = {(int)(count * CRYPTO_SHA256_LEN)};
    const struct sync_statement q = {
        .sql = sql, .values = values, .lengths = lengths, .count = 1, .most = (int)count};

    return sync_query(s, &q, out);
}

static int put(struct sync *s, const uint8_t hash[CRYPTO_SHA256_LEN], const struct tlv *item)
{
    const char *const values[] = {(const char *)hash, (const char *)item->val};
    const int lengths[] = {CRYPTO_SHA256_LEN, (int)item->len};
    const struct sync_statement q = {.sql = "INSERT INTO toyama.amendment(hash, der) VALUES($1, $2)"
                                            " ON CONFLICT DO NOTHING",
                                     .values = values,
                                     .lengths = lengths,
                                     .count = 2};

    return sync_do(s, &q);
}

/* Those of the map whose place in it `r` names, in rising order. */
static int put_missing(struct sync *s, const struct sync_map *map, const uint8_t *hashes,
                       const PGresult *r)
{
    struct tlv_cur cur = tlv_der(map->at, map->len);
    struct tlv item = {0};
    int row = 0, err = SYNC_OK;

    for (int64_t n = 0;
         err == SYNC_OK && row < PQntuples(r) && handed_octets_next(&cur, &item) == 1; n++)
        if (sync_get_int(r, row, 0) == n) {
            err = put(s, hashes + CRYPTO_SHA256_LEN * (size_t)n, &item);
            row++;
        }
    return err;
}

static int push(struct sync *s, const struct sync_map *map, const uint8_t *hashes, size_t count)
{
    PGresult *r = NULL;
    int err = ask_about(s,
                        "SELECT n::bigint FROM generate_series(0, octet_length($1::bytea) / 32 - 1)"
                        " n WHERE NOT EXISTS (SELECT FROM toyama.amendment"
                        " WHERE hash = substr($1::bytea, n * 32 + 1, 32)) ORDER BY n",
                        hashes, count, &r);

    if (err == SYNC_OK)
        err = put_missing(s, map, hashes, r);
    PQclear(r);
    return err;
}

/* What the publisher's broker does not hold, though it has judged it, is outlived or was never
 * good. */
static int clear_old(struct sync *s, const uint8_t *hashes, size_t count)
{
    PGresult *r = NULL;
    int err = ask_about(s,
                        "DELETE FROM toyama.amendment a WHERE arrived < now() - interval '3 days'"
                        " AND NOT EXISTS (SELECT FROM generate_series(0,"
                        " octet_length($1::bytea) / 32 - 1) n"
                        " WHERE substr($1::bytea, n * 32 + 1, 32) = a.hash)",
                        hashes, count, &r);

    PQclear(r);
    return err;
}

/* `clear`: the broker has judged all that the server has. */
static int give_ours(struct sync *s, bool clear)
{
    uint8_t *hashes = NULL;
    struct sync_map map;
    size_t count = 0;
    int err = sync_ask(s, "sync.amendments", NULL, 0, &map);

    if (err != SYNC_OK)
        return err;
    err = hash_all(s, &map, &hashes, &count);
    if (err == SYNC_OK && count > 0)
        err = push(s, &map, hashes, count);
    if (err == SYNC_OK && s->publish && clear)
        err = clear_old(s, hashes, count);
    free(hashes);
    sync_unmap(&map);
    return err;
}

int sync_amendments(struct sync *s)
{
    uint64_t later = 0;
    int pulled, given;

    if (s->schema < 2 || s->base == 0)
        return SYNC_OK;
    pulled = pull(s, &later);
    if (pulled == SYNC_BROKER || pulled == SYNC_FAILED)
        return pulled;
    given = give_ours(s, pulled == SYNC_OK && later == 0);
    return pulled != SYNC_OK ? pulled : given;
}
