/* SPDX-License-Identifier: Apache-2.0
 *
 * Two walks over the zone's rows: the first checks each against the signatures and adds up sizes,
 * which DER wants before the content; the second writes.
 */
#include "toyamad/station/payload.h"

#include "core/roster/payload.h"
#include "toyamad/registry/zones.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER     65536
#define SECRET_MAX (REGISTRY_SECRET_MAX + CRYPTO_SEAL_EXTRA)

struct walk {
    struct station *st;
    const struct station_zone *zone;
    uint64_t base;
    struct station_exported *out;
    bool writes;
    struct roster_root root; /* first walk */
    uint64_t octets[ROSTER_PARTS];
    struct roster_payload_writer writer; /* second walk */
    unsigned part;                       /* the one that is written now */
    uint64_t seen;
    int fd;
    size_t used;
    uint8_t buf[BUFFER];
    struct roster_record record;
    uint8_t sealed[REGISTRY_SEALED_MAX];
};

static bool flush(struct walk *w)
{
    for (size_t done = 0; done < w->used;) {
        ssize_t n = write(w->fd, w->buf + done, w->used - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    w->used = 0;
    return true;
}

static bool put(void *ctx, const void *p, size_t len)
{
    struct walk *w = ctx;
    const uint8_t *from = p;

    while (len > 0) {
        size_t piece = sizeof(w->buf) - w->used < len ? sizeof(w->buf) - w->used : len;
        memcpy(w->buf + w->used, from, piece);
        w->used += piece;
        from += piece;
        len -= piece;
        if (w->used == sizeof(w->buf) && !flush(w))
            return false;
    }
    return true;
}

static int said(struct walk *w, int r)
{
    return r == ROSTER_OK ? REGISTRY_OK
                          : station_fail(w->st, REGISTRY_STORE, "the roster cannot be written: %s",
                                         strerror(errno));
}

/* The newest ones where there are more than a file may carry. */
static uint64_t first_issue(const struct walk *w)
{
    uint64_t newest = w->zone->trust.issue.number;

    if (w->base == 0 && newest > ROSTER_CHAIN_MAX)
        return newest - ROSTER_CHAIN_MAX + 1;
    return w->base + 1;
}

static int take_issue(void *ctx, const struct roster_signed *s)
{
    struct walk *w = ctx;
    uint8_t der[ROSTER_SIGNED_MAX];
    size_t len = 0;

    if (roster_signed_encode(s, der, sizeof(der), &len) != ROSTER_OK)
        return REGISTRY_FAILED;
    if (w->writes)
        return said(w, roster_payload_put_encoded(&w->writer, der, len));
    w->octets[ROSTER_PART_CHAIN] += len;
    return REGISTRY_OK;
}

static int take_record(struct walk *w, const struct zones_row *row)
{
    if (row->changed <= w->base)
        return REGISTRY_OK;
    if (w->writes)
        return said(w, roster_payload_put_octets(&w->writer, row->der, row->len));
    w->octets[ROSTER_PART_RECORDS] += roster_payload_size_octets(row->len);
    w->out->records++;
    return REGISTRY_OK;
}

static int take_removed(void *ctx, const struct zones_row *row)
{
    struct walk *w = ctx;

    if (w->writes)
        return said(w, roster_payload_put_octets(&w->writer, row->id, ROSTER_ID_LEN));
    w->octets[ROSTER_PART_REMOVED] += roster_payload_size_octets(ROSTER_ID_LEN);
    w->out->removed++;
    return REGISTRY_OK;
}

/* What is sealed in w->sealed is the one that the record names. */
static int check_hash(struct walk *w, int err, size_t len, const uint8_t hash[CRYPTO_SHA256_LEN])
{
    uint8_t own[CRYPTO_SHA256_LEN];

    if (err == REGISTRY_OK && crypto_sha256(w->sealed, len, own) != CRYPTO_OK)
        err = REGISTRY_FAILED;
    if (err == REGISTRY_NONE || (err == REGISTRY_OK && memcmp(own, hash, sizeof(own)) != 0))
        err = REGISTRY_ALTERED;
    return err == REGISTRY_OK
               ? err
               : station_fail(w->st, err, "zone %s: what is sealed for staff number %s: %s",
                              w->zone->name, w->record.number, registry_strerror(err));
}

static int take_finger(struct walk *w, const struct roster_finger *f)
{
    size_t len = 0;
    uint64_t changed = 0;
    int err = zones_template_get(w->st->reg, w->zone->name, f->id, w->sealed, sizeof(w->sealed),
                                 &len, &changed);

    if ((err = check_hash(w, err, len, f->sealed_hash)) != REGISTRY_OK || changed <= w->base)
        return err;
    if (w->writes)
        return said(w, roster_payload_put_sealed(&w->writer, f->id, w->sealed, len));
    w->octets[ROSTER_PART_TEMPLATES] += roster_payload_size_sealed(len);
    w->out->templates++;
    return REGISTRY_OK;
}

static int take_key(struct walk *w, const struct roster_credential *c, const struct roster_key *key)
{
    size_t len = 0;
    uint64_t changed = 0;
    int err = zones_secret_get(w->st->reg, w->zone->name, c->id, key->ref, w->sealed, SECRET_MAX,
                               &len, &changed);

    if ((err = check_hash(w, err, len, key->spki)) != REGISTRY_OK || changed <= w->base)
        return err;
    if (w->writes)
        return said(w, roster_payload_put_secret(&w->writer, c->id, key->ref, w->sealed, len));
    w->octets[ROSTER_PART_SECRETS] += roster_payload_size_secret(key->ref, len);
    w->out->secrets++;
    return REGISTRY_OK;
}

static int take_fingers(struct walk *w)
{
    int err = REGISTRY_OK;

    for (size_t n = 0; n < w->record.fingers && err == REGISTRY_OK; n++)
        err = take_finger(w, &w->record.finger[n]);
    return err;
}

static int take_keys(struct walk *w)
{
    int err = REGISTRY_OK;

    for (size_t n = 0; n < w->record.credentials; n++) {
        const struct roster_credential *c = &w->record.credential[n];
        for (size_t k = 0; roster_family_shared(c->family) && k < c->keys && err == REGISTRY_OK;
             k++)
            err = take_key(w, c, &c->key[k]);
    }
    return err;
}

/* First walk: everybody, for the root; templates and secrets with them. */
static int check_person(void *ctx, const struct zones_row *row)
{
    struct walk *w = ctx;
    uint8_t hash[CRYPTO_SHA256_LEN];
    int err;

    station_alive(++w->seen);
    if (crypto_sha256(row->der, row->len, hash) != CRYPTO_OK ||
        roster_root_add(&w->root, row->id, hash) != ROSTER_OK)
        return REGISTRY_FAILED;
    if (roster_record_decode(row->der, row->len, &w->record) != ROSTER_OK)
        return REGISTRY_ALTERED;
    if ((err = take_record(w, row)) != REGISTRY_OK || (err = take_fingers(w)) != REGISTRY_OK)
        return err;
    return take_keys(w);
}

/* Second walk: one part. */
static int write_person(void *ctx, const struct zones_row *row)
{
    struct walk *w = ctx;

    station_alive(++w->seen);
    if (w->part == ROSTER_PART_RECORDS)
        return take_record(w, row);
    if (roster_record_decode(row->der, row->len, &w->record) != ROSTER_OK)
        return REGISTRY_ALTERED;
    return w->part == ROSTER_PART_TEMPLATES ? take_fingers(w) : take_keys(w);
}

static int check_root(struct walk *w)
{
    const struct roster_issue *issue = &w->zone->trust.issue;
    uint8_t root[CRYPTO_SHA256_LEN];

    if (roster_root_finish(&w->root, root) != ROSTER_OK)
        return REGISTRY_FAILED;
    if (w->root.count == issue->count && memcmp(root, issue->root, sizeof(root)) == 0)
        return REGISTRY_OK;
    return station_fail(w->st, REGISTRY_ALTERED,
                        "the records of zone %s are not the ones that issue %llu was signed for",
                        w->zone->name, (unsigned long long)issue->number);
}

static int check_all(struct walk *w)
{
    struct registry *reg = w->st->reg;
    const char *zone = w->zone->name;
    int err;

    if ((err = zones_issue_each(reg, zone, first_issue(w), take_issue, w)) != REGISTRY_OK ||
        (err = zones_record_each(reg, zone, check_person, w)) != REGISTRY_OK ||
        (w->base > 0 &&
         (err = zones_removed_each(reg, zone, w->base, take_removed, w)) != REGISTRY_OK))
        return err;
    return check_root(w);
}

static int write_part(struct walk *w)
{
    struct registry *reg = w->st->reg;
    const char *zone = w->zone->name;

    switch ((enum roster_part)w->part) {
    case ROSTER_PART_CHAIN:
        return zones_issue_each(reg, zone, first_issue(w), take_issue, w);
    case ROSTER_PART_REMOVED:
        return w->base > 0 ? zones_removed_each(reg, zone, w->base, take_removed, w) : REGISTRY_OK;
    case ROSTER_PART_RECORDS:
    case ROSTER_PART_TEMPLATES:
    case ROSTER_PART_SECRETS:
        return w->octets[w->part] > 0 ? zones_record_each(reg, zone, write_person, w) : REGISTRY_OK;
    case ROSTER_PART_AMENDMENTS:
    case ROSTER_PARTS:
        break;
    }
    return REGISTRY_OK;
}

static int write_all(struct walk *w)
{
    int err;

    w->writes = true;
    w->writer = (struct roster_payload_writer){.write = put, .ctx = w};
    err = said(w, roster_payload_begin(&w->writer, w->zone->name, w->base, w->octets));
    for (w->part = 0; err == REGISTRY_OK && w->part < ROSTER_PARTS; w->part++) {
        err = write_part(w);
        if (err == REGISTRY_OK && w->part + 1 < ROSTER_PARTS)
            err = said(w, roster_payload_next(&w->writer));
    }
    if (err == REGISTRY_OK)
        err = said(w, roster_payload_end(&w->writer));
    return err == REGISTRY_OK && !flush(w) ? said(w, ROSTER_FULL) : err;
}

int payload_write(struct station *st, const struct station_zone *zone, uint64_t base, int fd,
                  struct station_exported *out)
{
    struct walk *w = calloc(1, sizeof(*w));
    int err;

    if (w == NULL)
        return station_fail(st, REGISTRY_FAILED, "out of memory");
    w->st = st;
    w->zone = zone;
    w->base = base;
    w->out = out;
    w->fd = fd;
    roster_root_begin(&w->root);
    if ((err = check_all(w)) == REGISTRY_OK)
        err = write_all(w);
    roster_root_free(&w->root);
    free(w);
    return err == REGISTRY_OK || st->why[0] != '\0'
               ? err
               : station_fail(st, err, "zone %s: %s", zone->name, registry_strerror(err));
}
