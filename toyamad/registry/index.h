/* SPDX-License-Identifier: Apache-2.0
 *
 * The tables that say where to look for a person: by login, number, card, key, slot of a stop code.
 * The statements are prepared once for many people.
 */
#ifndef TOYAMA_TOYAMAD_REGISTRY_INDEX_H
#define TOYAMA_TOYAMAD_REGISTRY_INDEX_H

#include "toyamad/registry/sorted.h"
#include "toyamad/registry/store.h"

enum index_table { INDEX_LOGIN, INDEX_NUMBER, INDEX_HINT, INDEX_KEY, INDEX_SLOT, INDEX_TABLES };

struct index {
    struct registry *reg;
    struct store_query stored, clear[INDEX_TABLES], insert[INDEX_TABLES], own[INDEX_TABLES];
    struct sorted kept[INDEX_TABLES]; /* of one person, while he is cleared */
    bool holds;
    struct sorted held[INDEX_TABLES];
};

struct index index_begin(struct registry *reg);
/* What the stored record of the person names, if there is one, and `next` does not; NULL: he is
 * removed. To be called before the record changes. Where that record is not the one of the
 * installed issue, nothing of it is believed: everything that is the person's goes. */
int index_clear(struct index *ix, const uint8_t person[ROSTER_ID_LEN],
                const struct roster_record *next);
/* REGISTRY_EXISTS where a name, number, card or key is somebody else's. */
int index_put(struct index *ix, const struct roster_record *r);
/* From now on index_put only collects; index_release writes it, each table in its own order. */
void index_hold(struct index *ix);
int index_release(struct index *ix);
void index_end(struct index *ix);

#endif
