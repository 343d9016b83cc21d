/* SPDX-License-Identifier: Apache-2.0
 *
 * sync.uses, sync.uses.take: on which day people last logged in, here and at other hosts. Told is
 * the day, of people of the installed roster; a helpdesk's host believes it for the rule about
 * unused cards, and for nothing else.
 */
#include "core/wire/handed.h"
#include "toyamad/amend.h"
#include "toyamad/mapped.h"
#include "toyamad/registry/store.h"
#include "toyamad/registry/uses.h"
#include "toyamad/verb_sync.h"

#include <string.h>

#define DAY        86400
#define ITEM_LEAST 23 /* octets */
#define HOUR       3600

bool sync_uses_due(struct broker *b)
{
    int64_t told = 0, now = broker_now(b);

    if (!amend_helpdesk(b))
        return false;
    return registry_meta_get(&b->registry, REGISTRY_USES_TOLD, &told) != REGISTRY_OK ||
           now - told >= HOUR || now < told;
}

static bool write_use(FILE *file, struct store_query *q)
{
    uint8_t person[ROSTER_ID_LEN], buf[64];
    struct handed_use use = {.person = person, .day = (uint64_t)(store_int(q, 1) / DAY)};
    size_t len = 0;

    if (!store_blob_exact(q, 0, person, sizeof(person)) ||
        handed_use_encode(&use, buf, sizeof(buf), &len) != WIRE_OK)
        return false;
    if (use.day >= 1 && use.day <= HANDED_DAY_MAX)
        fwrite(buf, 1, len, file);
    return true;
}

void sync_uses(struct task *t)
{
    struct store_query q;
    FILE *file = sync_open_out(t);
    int err = REGISTRY_OK;

    if (file == NULL)
        return;
    q = store_prepare(&t->broker->registry, "SELECT c.person, c.last_login FROM counter c"
                                            " JOIN person p ON p.id=c.person"
                                            " WHERE c.last_login>0 ORDER BY c.person");
    while (err == REGISTRY_OK && store_row(&q))
        err = write_use(file, &q) ? REGISTRY_OK : REGISTRY_ALTERED;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    sync_close_out(t, file, err);
}

/* Days to come are nobody's last ones: they count when they are there. */
static int raise_all(struct broker *b, const struct mapped *map)
{
    struct tlv_cur cur = tlv_der(map->at, map->len);
    uint64_t today = (uint64_t)(broker_now(b) / DAY);
    struct handed_use use;
    int r = 0, err = REGISTRY_OK;

    while (err == REGISTRY_OK && (r = handed_use_next(&cur, &use)) == 1)
        if (use.day <= today && store_entry_find(&b->registry, use.person) != NULL)
            err = registry_use_raise(&b->registry, use.person, (int64_t)use.day);
    return err == REGISTRY_OK && r < 0 ? REGISTRY_LIMIT : err;
}

static int take_uses(struct broker *b, const struct mapped *map)
{
    int err = registry_begin(&b->registry);

    if (err != REGISTRY_OK)
        return err;
    if ((err = raise_all(b, map)) == REGISTRY_OK &&
        (err = registry_uses_prune(&b->registry)) == REGISTRY_OK &&
        (err = registry_meta_put(&b->registry, REGISTRY_USES_TOLD, broker_now(b))) == REGISTRY_OK &&
        (err = registry_commit(&b->registry)) == REGISTRY_OK)
        return REGISTRY_OK;
    registry_rollback(&b->registry);
    return err;
}

static void end(struct task *t, int err)
{
    if (err == REGISTRY_OK)
        task_done(t, ADMIN_OK, NULL, "%s", "");
    else if (err == REGISTRY_LIMIT)
        task_done(t, ADMIN_REFUSED, NULL, "malformed, or too many last uses");
    else
        task_fail_registry(t, err);
}

void sync_uses_take(struct task *t)
{
    struct broker *b = t->broker;
    struct mapped map;
    int err = REGISTRY_LIMIT;

    if (!amend_helpdesk(b)) {
        task_done(t, ADMIN_REFUSED, NULL, "this is no helpdesk's host");
        return;
    }
    if (!mapped_open(&map, t->fd)) {
        task_done(t, ADMIN_FAILED, NULL, "the file cannot be read");
        return;
    }
    /* Others may name people who are here no more; more than twice as many cannot be right. */
    if (map.len / ITEM_LEAST <= 2 * (size_t)b->registry.issue.count + 1000)
        err = take_uses(b, &map);
    mapped_close(&map);
    end(t, err);
}
