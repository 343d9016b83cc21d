/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys of many people, collected to be written in their own order: a table that grows at its end
 * only costs much less than one that is opened at a different place for every row.
 */
#ifndef TOYAMA_TOYAMAD_REGISTRY_SORTED_H
#define TOYAMA_TOYAMAD_REGISTRY_SORTED_H

#include "core/roster/record.h"

struct sorted_row {
    uint64_t first; /* the first octets of the key: most comparisons end here */
    size_t at;      /* of the person, and of the key behind it, in `octets` */
    size_t len;     /* of the key */
};

struct sorted {
    struct sorted_row *row; /* owned */
    size_t rows, row_cap;
    uint8_t *octets; /* owned */
    size_t used, cap;
};

/* Both are copied. False: no memory. */
bool sorted_add(struct sorted *s, const void *key, size_t len, const uint8_t person[ROSTER_ID_LEN]);
/* As memcmp orders keys; where one begins with the other the shorter is first. */
void sorted_sort(struct sorted *s);
const uint8_t *sorted_person(const struct sorted *s, size_t row);
const uint8_t *sorted_key(const struct sorted *s, size_t row);
void sorted_free(struct sorted *s);

#endif
