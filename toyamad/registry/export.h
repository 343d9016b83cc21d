/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TOYAMA_TOYAMAD_REGISTRY_EXPORT_H
#define TOYAMA_TOYAMAD_REGISTRY_EXPORT_H

#include "core/roster/payload.h"
#include "toyamad/registry/registry.h"

/* The whole installed roster as a payload, with the issues behind number `after`. The caller set
 * `write` and `ctx`. REGISTRY_LIMIT where `write` gave up or something is larger than a payload may
 * be. */
int registry_export(struct registry *reg, uint64_t after, struct roster_payload_writer *w);

#endif
