/* SPDX-License-Identifier: Apache-2.0
 *
 * sync.amendments, sync.amendments.take: what is said between two issues, over the zone's database.
 * Each is judged as one from a file is. The server may give the same ones again and again, or
 * rubbish without end: what was judged under this issue costs no signature a second time, and one
 * file holds few of them.
 */
#include "core/wire/handed.h"
#include "toyamad/amend.h"
#include "toyamad/mapped.h"
#include "toyamad/registry/amend.h"
#include "toyamad/verb_sync.h"

#include <stdlib.h>
#include <string.h>

#define ITEMS_MAX ((size_t)64)
#define FILE_MAX  (ITEMS_MAX * (ROSTER_AMENDED_MAX + 4))
#define SLOTS     4096
#define PROBES    8
#define DAY       86400

/* By their hashes; one that finds no place takes another one's, which is then judged again. */
struct judged {
    uint64_t issue; /* under which */
    uint64_t seen;  /* sync_amended */
    int64_t since;  /* when it last was 0 */
    uint8_t hash[SLOTS][CRYPTO_SHA256_LEN];
};

static struct judged *judged_now(struct broker *b)
{
    struct judged *j = b->judged;

    if (j == NULL && (j = b->judged = calloc(1, sizeof(*j))) == NULL)
        return NULL;
    if (j->issue != b->registry.issue.number) {
        memset(j, 0, sizeof(*j));
        j->issue = b->registry.issue.number;
        j->since = broker_now(b);
    }
    return j;
}

uint64_t sync_amended(struct broker *b)
{
    struct judged *j = judged_now(b);
    int64_t now = broker_now(b);

    if (j == NULL)
        return 0;
    if (now - j->since > DAY || now < j->since) {
        j->seen = 0;
        j->since = now;
    }
    return j->seen;
}

/* Where the hash is, or where it goes. */
static uint8_t *place_of(struct judged *j, const uint8_t hash[CRYPTO_SHA256_LEN], bool *known)
{
    static const uint8_t none[CRYPTO_SHA256_LEN];
    size_t first = ((size_t)hash[0] << 8 | hash[1]) % SLOTS;

    *known = false;
    for (size_t n = 0; n < PROBES; n++) {
        uint8_t *at = j->hash[(first + n) % SLOTS];
        *known = memcmp(at, hash, CRYPTO_SHA256_LEN) == 0;
        if (*known || memcmp(at, none, sizeof(none)) == 0)
            return at;
    }
    return j->hash[(first + hash[2] % PROBES) % SLOTS];
}

static bool write_item(void *ctx, const uint8_t id[ROSTER_ID_LEN], const uint8_t *der, size_t len)
{
    uint8_t buf[HANDED_ITEM_MAX];
    struct tlv_out out = tlv_writer(buf, sizeof(buf));
    size_t octets = 0;

    (void)id;
    tlv_put(&out, DER_OCTETS, der, len);
    return tlv_finish(&out, &octets) == WIRE_OK && fwrite(buf, 1, octets, ctx) == octets;
}

void sync_amendments(struct task *t)
{
    struct broker *b = t->broker;
    int err = REGISTRY_OK;
    FILE *file = sync_open_out(t);

    if (file == NULL)
        return;
    if (amend_taken_host(b) && b->registry.installed)
        err = registry_amends_each(&b->registry, write_item, file);
    if (err == REGISTRY_OK)
        b->fetched = broker_now(b);
    sync_close_out(t, file, err);
}

static enum amend_take take_one(struct broker *b, const struct tlv *item)
{
    struct judged *j = judged_now(b);
    uint8_t hash[CRYPTO_SHA256_LEN], *at;
    enum amend_take taken;
    bool known;

    if (j == NULL || crypto_sha256(item->val, item->len, hash) != CRYPTO_OK)
        return AMEND_LATER;
    at = place_of(j, hash, &known);
    if (known)
        return AMEND_KNOWN;
    taken = amend_take_handed(b, item->val, item->len);
    if (taken != AMEND_LATER)
        memcpy(at, hash, sizeof(hash));
    return taken;
}

/* All of it can be read, and it is not too much. */
static bool is_sound(const struct mapped *map)
{
    struct tlv_cur cur = tlv_der(map->at, map->len);
    struct tlv item = {0};
    size_t count = 0;
    int r = 1;

    if (map->len > FILE_MAX)
        return false;
    while (count <= ITEMS_MAX && (r = handed_octets_next(&cur, &item)) == 1)
        count++;
    return r == 0;
}

static void take_all(struct task *t, const struct mapped *map, uint64_t seen)
{
    struct tlv_cur cur = tlv_der(map->at, map->len);
    struct admin_pairs row = {0};
    struct judged *j = judged_now(t->broker);
    struct tlv item = {0};
    uint64_t count[AMEND_LATER + 1] = {0};

    while (handed_octets_next(&cur, &item) == 1)
        count[take_one(t->broker, &item)]++;
    if (count[AMEND_LATER] == 0 && j != NULL && seen > j->seen)
        j->seen = seen;
    sync_add_number(&row, "taken", count[AMEND_TAKEN]);
    sync_add_number(&row, "known", count[AMEND_KNOWN]);
    sync_add_number(&row, "refused", count[AMEND_REFUSED]);
    sync_add_number(&row, "later", count[AMEND_LATER]);
    task_row(t, &row);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

void sync_amendments_take(struct task *t)
{
    struct mapped map;
    uint64_t seen = 0;

    if (!sync_is_taken(t) || (task_get(t, "seen")[0] != '\0' && !sync_get_number(t, "seen", &seen)))
        return;
    if (!mapped_open(&map, t->fd)) {
        task_done(t, ADMIN_FAILED, NULL, "the file cannot be read");
        return;
    }
    if (is_sound(&map))
        take_all(t, &map, seen);
    else
        task_done(t, ADMIN_REFUSED, NULL, "malformed, or too many amendments");
    mapped_close(&map);
}
