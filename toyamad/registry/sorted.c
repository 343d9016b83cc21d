/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/registry/sorted.h"

#include <stdlib.h>
#include <string.h>

#define MANY 4096

/* Room for `wanted` in all; NULL: no memory. */
static void *grown(void *table, size_t wanted, size_t *cap, size_t size)
{
    size_t bigger = *cap < MANY ? MANY : *cap;
    void *moved;

    if (wanted <= *cap)
        return table;
    while (bigger < wanted) {
        if (bigger > SIZE_MAX / 2)
            return NULL;
        bigger *= 2;
    }
    if ((moved = reallocarray(table, bigger, size)) != NULL)
        *cap = bigger;
    return moved;
}

static uint64_t first_octets(const uint8_t *key, size_t len)
{
    uint64_t first = 0;

    for (size_t n = 0; n < sizeof(first); n++)
        first = first << 8 | (n < len ? key[n] : 0);
    return first;
}

bool sorted_add(struct sorted *s, const void *key, size_t len, const uint8_t person[ROSTER_ID_LEN])
{
    struct sorted_row *row = grown(s->row, s->rows + 1, &s->row_cap, sizeof(*row));
    uint8_t *octets;

    if (row == NULL)
        return false;
    s->row = row;
    octets = grown(s->octets, s->used + ROSTER_ID_LEN + len, &s->cap, 1);
    if (octets == NULL)
        return false;
    s->octets = octets;
    s->row[s->rows++] = (struct sorted_row){first_octets(key, len), s->used, len};
    memcpy(octets + s->used, person, ROSTER_ID_LEN);
    memcpy(octets + s->used + ROSTER_ID_LEN, key, len);
    s->used += ROSTER_ID_LEN + len;
    return true;
}

static int compare(const void *a, const void *b, void *octets)
{
    const struct sorted_row *x = a, *y = b;
    const uint8_t *base = octets;
    int order;

    if (x->first != y->first)
        return x->first < y->first ? -1 : 1;
    order = memcmp(base + x->at + ROSTER_ID_LEN, base + y->at + ROSTER_ID_LEN,
                   x->len < y->len ? x->len : y->len);
    return order != 0 ? order : (x->len > y->len) - (x->len < y->len);
}

void sorted_sort(struct sorted *s)
{
    if (s->rows > 0)
        qsort_r(s->row, s->rows, sizeof(*s->row), compare, s->octets);
}

const uint8_t *sorted_person(const struct sorted *s, size_t row)
{
    return s->octets + s->row[row].at;
}

const uint8_t *sorted_key(const struct sorted *s, size_t row)
{
    return sorted_person(s, row) + ROSTER_ID_LEN;
}

void sorted_free(struct sorted *s)
{
    free(s->row);
    free(s->octets);
    *s = (struct sorted){0};
}
