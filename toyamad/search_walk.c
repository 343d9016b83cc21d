/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/search_walk.h"

#include <stdlib.h>
#include <string.h>

/* Number of the first entry with an id of at least `id`, or behind it. */
static size_t place_of(const struct roster_entry *entry, size_t count, const uint8_t *id,
                       bool behind)
{
    size_t low = 0, high = count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(entry[middle].id, id, ROSTER_ID_LEN);
        if (order < 0 || (behind && order == 0))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool was_seen(const struct search_walk *walk, const struct roster_entry *entry)
{
    size_t at = place_of(walk->seen, walk->seens, entry->id, false);

    return at < walk->seens && memcmp(&walk->seen[at], entry, sizeof(*entry)) == 0;
}

static bool begin_walk(struct search_walk *walk)
{
    const struct registry *reg = walk->reg;
    size_t size = reg->entries * sizeof(*walk->now);

    walk->now = malloc(size > 0 ? size : 1);
    if (walk->now == NULL)
        return false;
    if (size > 0)
        memcpy(walk->now, reg->entry, size);
    walk->nows = reg->entries;
    walk->issue = reg->issue.number;
    walk->begun = false;
    walk->record.fingers = walk->finger = 0;
    walk->walks++;
    return true;
}

bool search_walk_begin(struct search_walk *walk, struct registry *reg)
{
    memset(walk, 0, sizeof(*walk));
    walk->reg = reg;
    return begin_walk(walk);
}

static int next_person(struct search_walk *walk)
{
    const struct registry *reg = walk->reg;
    size_t at = walk->begun ? place_of(reg->entry, reg->entries, walk->after, true) : 0;

    while (at < reg->entries && was_seen(walk, &reg->entry[at]))
        at++;
    if (at == reg->entries)
        return REGISTRY_NONE;
    memcpy(walk->after, reg->entry[at].id, sizeof(walk->after));
    walk->begun = true;
    walk->finger = 0;
    return registry_by_id(walk->reg, walk->after, &walk->record);
}

int search_walk_next(struct search_walk *walk, const struct roster_finger **out)
{
    int err = REGISTRY_OK;

    while (err == REGISTRY_OK && walk->finger >= walk->record.fingers)
        err = next_person(walk);
    if (err == REGISTRY_OK)
        *out = &walk->record.finger[walk->finger++];
    else
        walk->record.fingers = walk->finger = 0;
    return err;
}

int search_walk_again(struct search_walk *walk)
{
    if (walk->reg->issue.number == walk->issue)
        return REGISTRY_NONE;
    if (walk->walks >= SEARCH_WALKS_MAX)
        return REGISTRY_LIMIT;
    free(walk->seen);
    walk->seen = walk->now;
    walk->seens = walk->nows;
    walk->now = NULL;
    return begin_walk(walk) ? REGISTRY_OK : REGISTRY_FAILED;
}

void search_walk_end(struct search_walk *walk)
{
    free(walk->seen);
    free(walk->now);
    walk->seen = walk->now = NULL;
}
