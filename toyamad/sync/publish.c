/* SPDX-License-Identifier: Apache-2.0
 *
 * The helpdesk's host gives what it imported to the zone's database: COPY into temporary tables,
 * then one merge. All in one transaction: readers see the issue before or this one.
 */
#include "toyamad/sync/sync.h"

#include <stdlib.h>
#include <string.h>

#define COPY_HEADER "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"
#define FIELDS_MAX  5

struct field {
    const void *p;
    size_t len;
};

/* A sealed template or secret of the payload, to be found by whose record names it. */
struct sealed {
    const uint8_t *id;
    uint8_t ref;
    const uint8_t *at;
    size_t len;
};

struct index {
    struct sealed *item;
    size_t count, cap;
};

static int by_id(const void *a, const void *b)
{
    const struct sealed *x = a, *y = b;
    int r = memcmp(x->id, y->id, ROSTER_ID_LEN);

    return r != 0 ? r : (int)x->ref - (int)y->ref;
}

static bool index_add(struct index *index, const struct sealed *item)
{
    if (index->count == index->cap) {
        size_t cap = index->cap == 0 ? 256 : index->cap * 2;
        struct sealed *grown = reallocarray(index->item, cap, sizeof(*grown));
        if (grown == NULL)
            return false;
        index->item = grown;
        index->cap = cap;
    }
    index->item[index->count++] = *item;
    return true;
}

/* The id stands in the payload's memory, so that a pointer is enough. */
static int index_part(struct sync *s, struct tlv_cur part, bool secrets, struct index *out)
{
    uint8_t id[ROSTER_ID_LEN];
    struct sealed item = {0};
    int r;

    for (;;) {
        const uint8_t *begin = part.p;
        r = secrets ? roster_payload_secret(&part, id, &item.ref, &item.at, &item.len)
                    : roster_payload_sealed(&part, id, &item.at, &item.len);
        if (r <= 0)
            break;
        item.id = memmem(begin, (size_t)(part.p - begin), id, sizeof(id));
        if (!index_add(out, &item))
            return sync_fail(s, SYNC_FAILED, "out of memory");
    }
    if (r < 0)
        return sync_fail(s, SYNC_BROKER, "sync.roster: malformed");
    if (out->count > 0)
        qsort(out->item, out->count, sizeof(*out->item), by_id);
    return SYNC_OK;
}

static const struct sealed *index_find(const struct index *index, const uint8_t *id, uint8_t ref)
{
    const struct sealed key = {.id = id, .ref = ref};

    return index->count == 0 ? NULL : bsearch(&key, index->item, index->count, sizeof(key), by_id);
}

static int copy_begin(struct sync *s, const char *sql)
{
    int err = sync_exec(s, sql);

    if (err != SYNC_OK)
        return err;
    return PQputCopyData(s->db, COPY_HEADER, sizeof(COPY_HEADER) - 1) == 1
               ? SYNC_OK
               : sync_fail(s, SYNC_SERVER, "%s", PQerrorMessage(s->db));
}

static void put_be(uint8_t *out, size_t octets, uint64_t value)
{
    for (size_t n = 0; n < octets; n++)
        out[n] = (uint8_t)(value >> (8 * (octets - 1 - n)));
}

static int copy_row(struct sync *s, const struct field *field, size_t count)
{
    uint8_t head[4];
    bool good = true;

    put_be(head, 2, count);
    good = PQputCopyData(s->db, (const char *)head, 2) == 1;
    for (size_t n = 0; n < count && good; n++) {
        put_be(head, 4, field[n].p == NULL ? UINT32_MAX : field[n].len);
        good = PQputCopyData(s->db, (const char *)head, 4) == 1 &&
               (field[n].p == NULL || PQputCopyData(s->db, field[n].p, (int)field[n].len) == 1);
    }
    return good ? SYNC_OK : sync_fail(s, SYNC_SERVER, "%s", PQerrorMessage(s->db));
}

static int copy_end(struct sync *s)
{
    uint8_t trailer[2] = {0xFF, 0xFF};
    PGresult *r;
    int err = SYNC_OK;

    if (PQputCopyData(s->db, (const char *)trailer, 2) != 1 || PQputCopyEnd(s->db, NULL) != 1)
        err = sync_fail(s, SYNC_SERVER, "%s", PQerrorMessage(s->db));
    while ((r = PQgetResult(s->db)) != NULL) {
        if (PQresultStatus(r) != PGRES_COMMAND_OK)
            err = sync_fail(s, SYNC_SERVER, "%s", PQerrorMessage(s->db));
        PQclear(r);
    }
    return err;
}

/* Each record, and each one that goes (without octets). */
static int copy_records(struct sync *s, struct roster_payload payload)
{
    const uint8_t *der = NULL, *id = NULL;
    struct roster_record record;
    size_t len = 0;
    int r = 0, err = copy_begin(s, "COPY new_record(id, record) FROM STDIN BINARY");

    while (err == SYNC_OK &&
           (r = roster_payload_octets(&payload.part[ROSTER_PART_RECORDS], &der, &len)) == 1) {
        if (roster_record_decode(der, len, &record) != ROSTER_OK)
            return sync_fail(s, SYNC_BROKER, "sync.roster: malformed record");
        err = copy_row(s, (const struct field[]){{record.id, ROSTER_ID_LEN}, {der, len}}, 2);
    }
    while (err == SYNC_OK && r == 0 &&
           (r = roster_payload_octets(&payload.part[ROSTER_PART_REMOVED], &id, &len)) == 1) {
        err = copy_row(s, (const struct field[]){{id, len}, {NULL, 0}}, 2);
        r = 0;
    }
    if (err == SYNC_OK && r < 0)
        err = sync_fail(s, SYNC_BROKER, "sync.roster: malformed");
    return err == SYNC_OK ? copy_end(s) : err;
}

static int copy_fingers(struct sync *s, const struct roster_record *r, const struct index *index)
{
    int err = SYNC_OK;

    for (size_t n = 0; n < r->fingers && err == SYNC_OK; n++) {
        const struct sealed *found = index_find(index, r->finger[n].id, 0);
        if (found == NULL)
            return sync_fail(s, SYNC_BROKER, "sync.roster: a template is missing");
        err = copy_row(s,
                       (const struct field[]){{found->id, ROSTER_ID_LEN},
                                              {r->id, ROSTER_ID_LEN},
                                              {found->at, found->len}},
                       3);
    }
    return err;
}

static int copy_keys(struct sync *s, const struct roster_record *r, const struct index *index)
{
    uint8_t ref[2];
    int err = SYNC_OK;

    for (size_t n = 0; n < r->credentials; n++)
        for (size_t k = 0; k < r->credential[n].keys && err == SYNC_OK; k++) {
            const struct roster_credential *c = &r->credential[n];
            const struct sealed *found =
                roster_family_shared(c->family) ? index_find(index, c->id, c->key[k].ref) : NULL;
            if (found == NULL)
                continue;
            put_be(ref, sizeof(ref), found->ref);
            err = copy_row(s,
                           (const struct field[]){{c->id, ROSTER_ID_LEN},
                                                  {ref, sizeof(ref)},
                                                  {r->id, ROSTER_ID_LEN},
                                                  {found->at, found->len}},
                           4);
        }
    return err;
}

static int copy_sealed(struct sync *s, struct roster_payload payload, bool secrets)
{
    struct index index = {0};
    const uint8_t *der = NULL;
    struct roster_record record;
    size_t len = 0;
    int err = index_part(s, payload.part[secrets ? ROSTER_PART_SECRETS : ROSTER_PART_TEMPLATES],
                         secrets, &index);

    if (err == SYNC_OK)
        err = copy_begin(s, secrets ? "COPY new_secret(credential, ref, person, sealed)"
                                      " FROM STDIN BINARY"
                                    : "COPY new_template(id, person, sealed) FROM STDIN BINARY");
    while (err == SYNC_OK &&
           roster_payload_octets(&payload.part[ROSTER_PART_RECORDS], &der, &len) == 1 &&
           roster_record_decode(der, len, &record) == ROSTER_OK)
        err = secrets ? copy_keys(s, &record, &index) : copy_fingers(s, &record, &index);
    if (err == SYNC_OK)
        err = copy_end(s);
    free(index.item);
    return err;
}

static int put_issue(struct sync *s, const uint8_t *der, size_t len,
                     const struct roster_signed *one)
{
    struct roster_issue issue;
    uint8_t number[8];
    const char *const values[] = {(const char *)number, (const char *)der};
    const int lengths[] = {8, (int)len};
    const struct sync_statement q = {.sql =
                                         "INSERT INTO toyama.issue(number, signed) VALUES($1, $2)"
                                         " ON CONFLICT DO NOTHING",
                                     .values = values,
                                     .lengths = lengths,
                                     .count = 2};

    if (roster_issue_decode(one->der, one->der_len, &issue) != ROSTER_OK)
        return sync_fail(s, SYNC_BROKER, "sync.roster: malformed issue");
    s->newest = issue.number;
    sync_put_int(number, (int64_t)issue.number);
    return sync_do(s, &q);
}

static int put_chain(struct sync *s, struct roster_payload payload)
{
    struct tlv_cur *part = &payload.part[ROSTER_PART_CHAIN];
    struct roster_signed one;
    const uint8_t *begin = part->p;
    int r, err = SYNC_OK;

    while (err == SYNC_OK && (r = roster_payload_signed(part, &one)) != 0) {
        if (r < 0)
            return sync_fail(s, SYNC_BROKER, "sync.roster: malformed issue");
        err = put_issue(s, begin, (size_t)(part->p - begin), &one);
        begin = part->p;
    }
    return err;
}

/* Unchanged rows keep the issue that they came with, so that terminals pull only what changed. A
 * full payload also says who is gone: whoever is not in it. */
static int merge(struct sync *s, bool full)
{
    static const char *const sql[] = {
        "INSERT INTO toyama.record AS old (id, issue, record)"
        " SELECT id, (SELECT max(number) FROM toyama.issue), record FROM new_record"
        " ON CONFLICT (id) DO UPDATE SET issue = excluded.issue, record = excluded.record"
        " WHERE old.record IS DISTINCT FROM excluded.record",
        "DELETE FROM toyama.template t USING new_record r WHERE t.person = r.id"
        " AND NOT EXISTS (SELECT FROM new_template n WHERE n.id = t.id)",
        "INSERT INTO toyama.template AS old (id, issue, person, sealed)"
        " SELECT id, (SELECT max(number) FROM toyama.issue), person, sealed FROM new_template"
        " ON CONFLICT (id) DO UPDATE SET issue = excluded.issue, person = excluded.person,"
        " sealed = excluded.sealed WHERE old.sealed IS DISTINCT FROM excluded.sealed",
        "DELETE FROM toyama.secret t USING new_record r WHERE t.person = r.id"
        " AND NOT EXISTS (SELECT FROM new_secret n WHERE (n.credential, n.ref) ="
        " (t.credential, t.ref))",
        "INSERT INTO toyama.secret AS old (credential, ref, issue, person, sealed)"
        " SELECT credential, ref, (SELECT max(number) FROM toyama.issue), person, sealed"
        " FROM new_secret ON CONFLICT (credential, ref) DO UPDATE SET issue = excluded.issue,"
        " person = excluded.person, sealed = excluded.sealed"
        " WHERE old.sealed IS DISTINCT FROM excluded.sealed"};
    int err = SYNC_OK;

    if (full)
        err = sync_exec(s, "INSERT INTO new_record(id) SELECT id FROM toyama.record"
                           " WHERE record IS NOT NULL AND id NOT IN (SELECT id FROM new_record)");
    for (size_t n = 0; n < sizeof(sql) / sizeof(sql[0]) && err == SYNC_OK; n++)
        err = sync_exec(s, sql[n]);
    return err;
}

static int put_payload(struct sync *s, const struct roster_payload *payload)
{
    int err;

    if ((err = sync_exec(
             s, "CREATE TEMPORARY TABLE new_record(id bytea, record bytea) ON COMMIT DROP")) ||
        (err = sync_exec(s, "CREATE TEMPORARY TABLE new_template(id bytea, person bytea,"
                            " sealed bytea) ON COMMIT DROP")) ||
        (err = sync_exec(s, "CREATE TEMPORARY TABLE new_secret(credential bytea, ref smallint,"
                            " person bytea, sealed bytea) ON COMMIT DROP")) ||
        (err = put_chain(s, *payload)) || (err = copy_records(s, *payload)) ||
        (err = copy_sealed(s, *payload, false)) || (err = copy_sealed(s, *payload, true)))
        return err;
    return merge(s, payload->base == 0);
}

static int publish_newer(struct sync *s)
{
    struct roster_payload payload;
    struct sync_map map;
    int err = sync_ask(s, "sync.roster", "base", s->newest, &map);

    if (err != SYNC_OK)
        return err;
    if (roster_payload_open(map.at, map.len, &payload) != ROSTER_OK)
        err = sync_fail(s, SYNC_BROKER, "sync.roster: malformed");
    if (err == SYNC_OK && (err = sync_exec(s, "BEGIN")) == SYNC_OK &&
        (err = put_payload(s, &payload)) == SYNC_OK)
        err = sync_exec(s, "COMMIT");
    if (err != SYNC_OK)
        sync_rollback(s);
    sync_unmap(&map);
    return err;
}

int sync_publish(struct sync *s)
{
    return !s->publish || s->base <= s->newest ? SYNC_OK : publish_newer(s);
}
