/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/adopt.h"

#include "core/roster/file.h"
#include "core/roster/take.h"
#include "toyamad/registry/zones.h"
#include "toyamad/sealed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct adopting {
    struct station *st;
    const struct station_zone *zone;
    int temp; /* the opened file; no name */
    void *map;
    size_t map_len;
    uint8_t signer[CRYPTO_SHA256_LEN];
    struct roster_payload payload;
    struct roster_entry *entry; /* of the newest issue here */
    size_t entries, entry_cap;
    struct roster_take take;
};

static int not_newer(struct station *st, const struct station_zone *zone, const char *why)
{
    return station_fail(st, REGISTRY_REFUSED, "not a newer roster of zone %s: %s", zone->name, why);
}

static int open_file(struct adopting *a, int fd)
{
    char text[ROSTER_FILE_HEAD_MAX];
    struct roster_file head;
    struct cms_content content;
    size_t headlen = 0;
    ssize_t n = pread(fd, text, sizeof(text), 0);
    int r;

    if (n < 0 || roster_file_parse(text, (size_t)n, &head, &headlen) != ROSTER_OK)
        return not_newer(a->st, a->zone, "it does not begin like one");
    if (strcmp(head.zone, a->zone->name) != 0)
        return not_newer(a->st, a->zone, "of another zone");
    r = sealed_open(fd, headlen, a->zone->key, a->zone->key_len, NULL, a->temp, &content);
    if (r == CRYPTO_OTHER_KEY && a->zone->old.key_len > 0)
        r = sealed_open(fd, headlen, a->zone->old.key, a->zone->old.key_len, NULL, a->temp,
                        &content);
    if (r != CRYPTO_OK)
        return not_newer(a->st, a->zone, crypto_strerror(r));
    memcpy(a->signer, content.signer, sizeof(a->signer));
    a->map_len = (size_t)(content.offset + content.len);
    a->map = mmap(NULL, a->map_len, PROT_READ, MAP_PRIVATE, a->temp, 0);
    if (a->map == MAP_FAILED) {
        a->map = NULL;
        return station_fail(a->st, REGISTRY_STORE, "out of memory");
    }
    return roster_payload_open((const uint8_t *)a->map + content.offset, (size_t)content.len,
                               &a->payload) == ROSTER_OK
               ? REGISTRY_OK
               : not_newer(a->st, a->zone, "it cannot be read");
}

static int add_entry(void *ctx, const struct zones_row *row)
{
    struct adopting *a = ctx;
    struct roster_entry *e;

    if (a->entries == a->entry_cap) {
        size_t cap = a->entry_cap == 0 ? 256 : a->entry_cap * 2;
        if ((e = reallocarray(a->entry, cap, sizeof(*e))) == NULL)
            return REGISTRY_FAILED;
        a->entry = e;
        a->entry_cap = cap;
    }
    e = &a->entry[a->entries++];
    memcpy(e->id, row->id, sizeof(e->id));
    return crypto_sha256(row->der, row->len, e->hash) == CRYPTO_OK ? REGISTRY_OK : REGISTRY_FAILED;
}

static bool read_record(void *ctx, const uint8_t id[ROSTER_ID_LEN], struct roster_record *out)
{
    struct adopting *a = ctx;

    return zones_record_get(a->st->reg, a->zone->name, id, out) == REGISTRY_OK;
}

static int judge(struct adopting *a)
{
    struct roster_base base = {.trust = &a->zone->trust,
                               .installed = a->zone->trust.issue.number > 0,
                               .record = read_record,
                               .ctx = a};
    int r, err = zones_record_each(a->st->reg, a->zone->name, add_entry, a);

    if (err != REGISTRY_OK)
        return station_fail(a->st, err, "zone %s: %s", a->zone->name, registry_strerror(err));
    base.entry = a->entry;
    base.entries = a->entries;
    if ((r = roster_take(&base, &a->payload, a->signer, &a->take)) != ROSTER_OK)
        return not_newer(a->st, a->zone, roster_strerror(r));
    /* Changes since the last approval are told by its time: it must not lie ahead. */
    if (a->take.trust.issue.created > a->st->now)
        return not_newer(a->st, a->zone, "it is from later than this host's clock");
    return REGISTRY_OK;
}

static int stage_rows(struct adopting *a)
{
    struct registry *reg = a->st->reg;
    const char *zone = a->zone->name;
    int err = zones_stage_clear(reg);

    for (size_t n = 0; n < a->take.rows && err == REGISTRY_OK; n++)
        err = zones_stage_record(reg, zone, a->take.row[n].id, a->take.row[n].der,
                                 a->take.row[n].der != NULL ? a->take.row[n].len : 0);
    for (size_t n = 0; n < a->take.seals && err == REGISTRY_OK; n++) {
        const struct roster_take_seal *s = &a->take.seal[n];
        size_t len = s->write ? s->len : 0;
        err = s->ref == 0 ? zones_stage_template(reg, zone, s->id, s->person, s->sealed, len)
                          : zones_stage_secret(reg, zone, s->id, s->ref, s->person, s->sealed, len);
    }
    return err;
}

/* The issues behind the newest one here. */
static int put_issues(struct adopting *a)
{
    struct tlv_cur chain = a->payload.part[ROSTER_PART_CHAIN];
    struct roster_signed s;
    struct roster_issue issue;
    int err = REGISTRY_OK;

    while (err == REGISTRY_OK && roster_payload_signed(&chain, &s) == 1) {
        if (roster_issue_decode(s.der, s.der_len, &issue) != ROSTER_OK)
            return REGISTRY_ALTERED;
        if (issue.number > a->zone->trust.issue.number)
            err = zones_issue_put(a->st->reg, a->zone->name, issue.number, &s);
    }
    return err;
}

/* Whatever was not approved when the backup was made stays the work of its authors, although the
 * last approval is a later one now. */
static int keep_authors(struct adopting *a, const uint8_t by[ROSTER_ID_LEN],
                        struct registry_change *change)
{
    uint8_t author[ROSTER_AUTHORS][ROSTER_ID_LEN];
    size_t count = 0;
    int64_t since = a->zone->trust.issue.created;
    int err = registry_authors(a->st->reg, a->zone->trust.issue.number > 0 ? since : 0, author,
                               ROSTER_AUTHORS - 1, &count);

    if (err != REGISTRY_OK)
        return err;
    memcpy(author[count++], by, ROSTER_ID_LEN);
    registry_by_all(a->st->reg, author, count);
    return registry_note(a->st->reg, NULL, 0, a->st->now, change);
}

static int install(struct adopting *a, const uint8_t by[ROSTER_ID_LEN], struct chain_event *event)
{
    struct station *st = a->st;
    struct registry_change change = {0};
    int err;

    if ((err = registry_begin(st->reg)) == REGISTRY_OK && (err = stage_rows(a)) == REGISTRY_OK &&
        (err = zones_stage_take(st->reg, a->zone->name, a->take.trust.issue.number)) ==
            REGISTRY_OK &&
        (err = put_issues(a)) == REGISTRY_OK &&
        (err = keep_authors(a, by, &change)) == REGISTRY_OK &&
        (err = audit_append(st->audit, event, st->now)) == REGISTRY_OK &&
        (err = registry_commit(st->reg)) == REGISTRY_OK) {
        registry_settle(st->reg, &change);
        audit_settle(st->audit);
        return REGISTRY_OK;
    }
    registry_rollback(st->reg);
    registry_drop(&change);
    audit_forget(st->audit);
    return station_fail(st, err, "%s", registry_strerror(err));
}

static void describe(const struct adopting *a, struct chain_event *event, struct adopted *out)
{
    char number[24];

    *out = (struct adopted){.from = a->zone->trust.issue.number,
                            .to = a->take.trust.issue.number,
                            .people = a->take.trust.issue.count};
    snprintf(number, sizeof(number), "%llu", (unsigned long long)out->to);
    chain_event_add(event, "number", number);
}

int adopt_file(struct station *st, const struct station_zone *zone, int fd,
               const uint8_t by[ROSTER_ID_LEN], struct chain_event *event, struct adopted *out)
{
    struct adopting a = {.st = st, .zone = zone};
    int err;

    a.temp = open(st->state, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (a.temp < 0)
        return station_fail(st, REGISTRY_STORE, "%.160s: %s", st->state, strerror(errno));
    if ((err = open_file(&a, fd)) == REGISTRY_OK && (err = judge(&a)) == REGISTRY_OK) {
        describe(&a, event, out);
        err = install(&a, by, event);
    }
    roster_take_free(&a.take);
    free(a.entry);
    if (a.map != NULL)
        munmap(a.map, a.map_len);
    close(a.temp);
    return err;
}
