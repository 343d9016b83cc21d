/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of one answer, kept as they came: a listing of a whole prefecture stays small.
 */
#ifndef TOYAMA_ENROLL_ROWS_H
#define TOYAMA_ENROLL_ROWS_H

#include "core/wire/admin.h"

struct row {
    uint8_t *data;
    size_t len;
};

struct rows {
    struct row *row;
    size_t count;
    size_t room;
};

/* False where the pairs are malformed or memory is short. */
bool rows_add(struct rows *rows, const void *data, size_t len);
void rows_get(const struct rows *rows, size_t n, struct admin_pairs *out);
/* Value of a key in row n, copied into `out`; false where there is none. */
bool rows_value(const struct rows *rows, size_t n, const char *key, char *out, size_t cap);
/* By the value of a key, smallest first; rows that are alike stay in their order. */
void rows_sort(struct rows *rows, const char *key);
void rows_free(struct rows *rows);

#endif
