/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/rows.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool make_room(struct rows *rows)
{
    size_t room = rows->room == 0 ? 64 : rows->room * 2;
    struct row *grown;

    if (rows->count < rows->room)
        return true;
    grown = reallocarray(rows->row, room, sizeof(*grown));
    if (grown == NULL)
        return false;
    rows->row = grown;
    rows->room = room;
    return true;
}

bool rows_add(struct rows *rows, const void *data, size_t len)
{
    struct admin_pairs pairs;
    uint8_t *copy;

    if (admin_pairs_decode(data, len, &pairs) != WIRE_OK || !make_room(rows))
        return false;
    if ((copy = malloc(len + 1)) == NULL)
        return false;
    memcpy(copy, data, len);
    rows->row[rows->count++] = (struct row){.data = copy, .len = len};
    return true;
}

void rows_get(const struct rows *rows, size_t n, struct admin_pairs *out)
{
    if (n >= rows->count || admin_pairs_decode(rows->row[n].data, rows->row[n].len, out) != WIRE_OK)
        *out = (struct admin_pairs){0};
}

bool rows_value(const struct rows *rows, size_t n, const char *key, char *out, size_t cap)
{
    struct admin_pairs pairs;
    const char *value;

    rows_get(rows, n, &pairs);
    value = admin_pair_get(&pairs, key);
    snprintf(out, cap, "%s", value != NULL ? value : "");
    return value != NULL;
}

struct sorted {
    struct row row;
    size_t before; /* its place so far */
    char value[64];
};

static int compare(const void *a, const void *b)
{
    const struct sorted *x = a, *y = b;
    int order = strcmp(x->value, y->value);

    return order != 0 ? order : (x->before > y->before) - (x->before < y->before);
}

void rows_sort(struct rows *rows, const char *key)
{
    struct sorted *all = calloc(rows->count + 1, sizeof(*all));

    if (all == NULL)
        return;
    for (size_t n = 0; n < rows->count; n++) {
        all[n].row = rows->row[n];
        all[n].before = n;
        rows_value(rows, n, key, all[n].value, sizeof(all[n].value));
    }
    qsort(all, rows->count, sizeof(*all), compare);
    for (size_t n = 0; n < rows->count; n++)
        rows->row[n] = all[n].row;
    free(all);
}

void rows_free(struct rows *rows)
{
    for (size_t n = 0; n < rows->count; n++)
        free(rows->row[n].data);
    free(rows->row);
    *rows = (struct rows){0};
}
