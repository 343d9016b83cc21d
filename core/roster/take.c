/* SPDX-License-Identifier: Apache-2.0
 *
 * The chain of a payload, and its records laid over those of the reader.
 */
#include "core/roster/take.h"

#include <stdlib.h>
#include <string.h>

#include "core/roster/take_seal.h"

/* Where reading stands: records, entries and removed ids all ascend. */
struct merge {
    const struct roster_base *base;
    const struct roster_payload *payload;
    struct roster_take *take;
    size_t at;              /* the next entry of the base */
    struct tlv_cur removed; /* the next id that a changing payload takes away */
    const uint8_t *gone;    /* read from it; NULL: no more */
    const uint8_t *last;    /* id of the record before; NULL: none */
    uint8_t last_id[ROSTER_ID_LEN];
};

static bool is_signer(const uint8_t *signer, const struct roster_issue *issue)
{
    return memcmp(signer, issue->authority, sizeof(issue->authority)) == 0;
}

/* An issue that the reader has: it must be the same one. Before the first import only the anchor
 * knows it, by its hash. */
static int meet_installed(const struct roster_base *base, const struct roster_signed *s,
                          const struct roster_issue *issue, struct roster_trust *trust)
{
    uint8_t hash[CRYPTO_SHA256_LEN];

    if (issue->number < base->trust->issue.number)
        return ROSTER_OK;
    if (crypto_sha256(s->der, s->der_len, hash) != CRYPTO_OK)
        return ROSTER_CRYPTO;
    if (strcmp(issue->zone, base->trust->issue.zone) != 0)
        return ROSTER_ZONE;
    if (memcmp(hash, base->trust->hash, sizeof(hash)) != 0)
        return ROSTER_CHAIN;
    trust->issue = *issue;
    return ROSTER_OK;
}

static int take_issue(const struct roster_base *base, const struct roster_signed *s,
                      uint64_t *number, struct roster_trust *trust)
{
    struct roster_issue issue;
    int r = roster_issue_decode(s->der, s->der_len, &issue);

    if (r != ROSTER_OK)
        return r;
    if (*number != 0 && issue.number - 1 != *number)
        return ROSTER_FORMAT;
    *number = issue.number;
    if (issue.number <= base->trust->issue.number)
        return meet_installed(base, s, &issue, trust);
    if (issue.number - 1 > trust->issue.number)
        return ROSTER_GAP;
    return roster_chain_step(trust, s);
}

static int walk_chain(const struct roster_base *base, struct tlv_cur chain, const uint8_t *signer,
                      struct roster_trust *trust)
{
    struct roster_signed s;
    uint64_t number = 0;
    bool known = signer == NULL || is_signer(signer, &base->trust->issue);
    int r;

    *trust = *base->trust;
    while ((r = roster_payload_signed(&chain, &s)) > 0) {
        if ((r = take_issue(base, &s, &number, trust)) != ROSTER_OK)
            return r;
        known = known || is_signer(signer, &trust->issue);
    }
    if (r != ROSTER_OK || number == 0)
        return ROSTER_FORMAT;
    if (number < base->trust->issue.number)
        return ROSTER_OLD;
    if (number == base->trust->issue.number && base->installed)
        return ROSTER_SAME;
    return known ? ROSTER_OK : ROSTER_UNKNOWN_SIGNER;
}

/* Room for one more behind `used`; NULL: no memory. */
static void *grown(void *table, size_t used, size_t *cap, size_t size)
{
    size_t wanted = *cap == 0 ? 64 : *cap * 2;
    void *bigger;

    if (used < *cap)
        return table;
    if (wanted > SIZE_MAX / size || (bigger = realloc(table, wanted * size)) == NULL)
        return NULL;
    *cap = wanted;
    return bigger;
}

static int add_entry(struct roster_take *take, const struct roster_entry *entry)
{
    void *table = grown(take->entry, take->entries, &take->entry_cap, sizeof(*take->entry));

    if (table == NULL)
        return ROSTER_FULL;
    take->entry = table;
    take->entry[take->entries++] = *entry;
    return ROSTER_OK;
}

static int add_row(struct roster_take *take, enum roster_taken kind,
                   const uint8_t id[ROSTER_ID_LEN], const uint8_t *der, size_t len)
{
    void *table = grown(take->row, take->rows, &take->row_cap, sizeof(*take->row));

    if (table == NULL)
        return ROSTER_FULL;
    take->row = table;
    take->row[take->rows] = (struct roster_take_row){.kind = kind, .der = der, .len = len};
    memcpy(take->row[take->rows++].id, id, ROSTER_ID_LEN);
    take->count[kind]++;
    return ROSTER_OK;
}

int take_seal_add(struct roster_take *take, const struct roster_take_seal *seal)
{
    void *table = grown(take->seal, take->seals, &take->seal_cap, sizeof(*take->seal));

    if (table == NULL)
        return ROSTER_FULL;
    take->seal = table;
    take->seal[take->seals++] = *seal;
    return ROSTER_OK;
}

static int next_gone(struct merge *m)
{
    const uint8_t *before = m->gone;
    size_t len = 0;
    int r = roster_payload_octets(&m->removed, &m->gone, &len);

    if (r == 0)
        m->gone = NULL;
    if (r < 0 || (r > 0 && (len != ROSTER_ID_LEN ||
                            (before != NULL && memcmp(before, m->gone, ROSTER_ID_LEN) >= 0))))
        return ROSTER_FORMAT;
    return ROSTER_OK;
}

/* Reads on to the first id that is not below `id`. */
static int find_gone(struct merge *m, const uint8_t id[ROSTER_ID_LEN], bool *found)
{
    int r = ROSTER_OK;

    while (r == ROSTER_OK && m->gone != NULL && memcmp(m->gone, id, ROSTER_ID_LEN) < 0)
        r = next_gone(m);
    *found = r == ROSTER_OK && m->gone != NULL && memcmp(m->gone, id, ROSTER_ID_LEN) == 0;
    return r;
}

/* An entry of the base that no record of the payload is about. */
static int pass_entry(struct merge *m, const struct roster_entry *entry)
{
    bool gone = m->payload->base == 0;
    int r = gone ? ROSTER_OK : find_gone(m, entry->id, &gone);

    if (r != ROSTER_OK)
        return r;
    return gone ? add_row(m->take, ROSTER_TAKEN_REMOVED, entry->id, NULL, 0)
                : add_entry(m->take, entry);
}

/* The entries below `id`, or all; then whether the next one is `id`. */
static int pass_entries(struct merge *m, const uint8_t *id, const struct roster_entry **same)
{
    const struct roster_base *base = m->base;
    int r = ROSTER_OK;

    *same = NULL;
    while (r == ROSTER_OK && m->at < base->entries &&
           (id == NULL || memcmp(base->entry[m->at].id, id, ROSTER_ID_LEN) < 0))
        r = pass_entry(m, &base->entry[m->at++]);
    if (r == ROSTER_OK && id != NULL && m->at < base->entries &&
        memcmp(base->entry[m->at].id, id, ROSTER_ID_LEN) == 0)
        *same = &base->entry[m->at++];
    return r;
}

static bool stays_active(const struct roster_credential *c, const struct roster_record *now)
{
    for (size_t n = 0; n < now->credentials; n++)
        if (memcmp(now->credential[n].id, c->id, sizeof(c->id)) == 0)
            return now->credential[n].state == ROSTER_ACTIVE;
    return false;
}

static bool was_stopped(const struct roster_record *before, const struct roster_record *now)
{
    if (before->state != ROSTER_ACTIVE)
        return false;
    if (now->state != ROSTER_ACTIVE)
        return true;
    for (size_t n = 0; n < before->credentials; n++)
        if (before->credential[n].state == ROSTER_ACTIVE &&
            !stays_active(&before->credential[n], now))
            return true;
    return false;
}

static int take_change(struct merge *m, const struct roster_record *r, const uint8_t *der,
                       size_t len)
{
    struct roster_record before;
    bool known = m->base->record(m->base->ctx, r->id, &before);
    enum roster_taken kind =
        known && was_stopped(&before, r) ? ROSTER_TAKEN_STOPPED : ROSTER_TAKEN_CHANGED;
    int err = add_row(m->take, kind, r->id, der, len);

    return err != ROSTER_OK ? err : take_seals_of(m->take, r, known ? &before : NULL);
}

static int take_record(struct merge *m, const struct roster_record *r, const uint8_t *der,
                       size_t len)
{
    const struct roster_entry *same = NULL;
    struct roster_entry entry;
    bool gone = false;
    int err;

    if (m->last != NULL && memcmp(m->last, r->id, ROSTER_ID_LEN) >= 0)
        return ROSTER_FORMAT;
    memcpy(m->last_id, r->id, sizeof(m->last_id));
    m->last = m->last_id;
    memcpy(entry.id, r->id, sizeof(entry.id));
    if (crypto_sha256(der, len, entry.hash) != CRYPTO_OK)
        return ROSTER_CRYPTO;
    if ((err = pass_entries(m, r->id, &same)) != ROSTER_OK ||
        (err = find_gone(m, r->id, &gone)) != ROSTER_OK ||
        (err = add_entry(m->take, &entry)) != ROSTER_OK)
        return err;
    if (gone)
        return ROSTER_FORMAT;
    if (same == NULL) {
        err = add_row(m->take, ROSTER_TAKEN_ADDED, r->id, der, len);
        return err != ROSTER_OK ? err : take_seals_of(m->take, r, NULL);
    }
    if (memcmp(same->hash, entry.hash, sizeof(entry.hash)) == 0)
        return take_seals_of(m->take, r, r);
    return take_change(m, r, der, len);
}

static int merge_records(struct merge *m)
{
    struct tlv_cur records = m->payload->part[ROSTER_PART_RECORDS];
    const struct roster_entry *none;
    struct roster_record record;
    const uint8_t *der = NULL;
    size_t len = 0;
    int r;

    if ((r = next_gone(m)) != ROSTER_OK)
        return r;
    while ((r = roster_payload_octets(&records, &der, &len)) > 0)
        if ((r = roster_record_decode(der, len, &record)) != ROSTER_OK ||
            (r = take_record(m, &record, der, len)) != ROSTER_OK)
            return r;
    if (r != ROSTER_OK || (r = pass_entries(m, NULL, &none)) != ROSTER_OK)
        return r;
    while (r == ROSTER_OK && m->gone != NULL)
        r = next_gone(m);
    return r;
}

static int check_root(const struct roster_take *take)
{
    struct roster_root root;
    uint8_t hash[CRYPTO_SHA256_LEN];
    int r = ROSTER_OK;

    roster_root_begin(&root);
    for (size_t n = 0; n < take->entries && r == ROSTER_OK; n++)
        r = roster_root_add(&root, take->entry[n].id, take->entry[n].hash);
    if (r == ROSTER_OK)
        r = roster_root_finish(&root, hash);
    roster_root_free(&root);
    if (r != ROSTER_OK)
        return r;
    return take->entries == take->trust.issue.count &&
                   memcmp(hash, take->trust.issue.root, sizeof(hash)) == 0
               ? ROSTER_OK
               : ROSTER_ROOT;
}

static int check_base(const struct roster_base *base, const struct roster_payload *payload)
{
    if (payload->base == 0)
        return ROSTER_OK;
    return base->installed && payload->base <= base->trust->issue.number ? ROSTER_OK : ROSTER_GAP;
}

int roster_take(const struct roster_base *base, const struct roster_payload *payload,
                const uint8_t *signer, struct roster_take *out)
{
    struct merge m = {.base = base,
                      .payload = payload,
                      .take = out,
                      .removed = payload->part[ROSTER_PART_REMOVED]};
    int r;

    *out = (struct roster_take){.from = base->installed ? base->trust->issue.number : 0};
    if (strcmp(payload->zone, base->trust->issue.zone) != 0)
        return ROSTER_ZONE;
    if ((r = walk_chain(base, payload->part[ROSTER_PART_CHAIN], signer, &out->trust)) !=
            ROSTER_OK ||
        (r = check_base(base, payload)) != ROSTER_OK || (r = merge_records(&m)) != ROSTER_OK ||
        (r = check_root(out)) != ROSTER_OK || (r = take_seals_match(out, payload)) != ROSTER_OK)
        roster_take_free(out);
    return r;
}

void roster_take_free(struct roster_take *take)
{
    free(take->entry);
    free(take->row);
    free(take->seal);
    *take = (struct roster_take){0};
}
