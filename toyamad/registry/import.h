/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking a roster from a payload: what core/roster/take.h judged, written in one transaction. Only
 * rows that differ are touched.
 */
#ifndef TOYAMA_TOYAMAD_REGISTRY_IMPORT_H
#define TOYAMA_TOYAMAD_REGISTRY_IMPORT_H

#include "core/roster/take.h"
#include "toyamad/registry/registry.h"

/* Judges the payload against the installed roster; a roster_err. `signer` as in roster_take. The
 * payload's octets stay in use until registry_import_free. */
int registry_import_check(struct registry *reg, const struct roster_payload *payload,
                          const uint8_t *signer, struct roster_take *out);
/* registry_begin for an import, and what must be done once after its commit or rollback: many rows
 * are written in another way than few. */
int registry_import_begin(struct registry *reg, const struct roster_take *take);
void registry_import_end(struct registry *reg, const struct roster_take *take);
/* Inside of that transaction, with the registry as it was when it was checked: people, their
 * tables, templates, keys and issues; amendments that the issue outlives go. Who is removed loses
 * template, keys and counters with the row. REGISTRY_EXISTS: two people with one number, card or
 * key; REGISTRY_ALTERED: the registry has another roster by now. */
int registry_import_write(struct registry *reg, const struct roster_payload *payload,
                          const struct roster_take *take);
/* After the commit: moves the records' hashes into the registry. */
void registry_import_settle(struct registry *reg, struct roster_take *take);

#endif
