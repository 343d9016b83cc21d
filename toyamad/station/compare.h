/* SPDX-License-Identifier: Apache-2.0
 *
 * The register against the newest issue of a zone. Inside toyamad/station only.
 */
#ifndef TOYAMA_TOYAMAD_STATION_COMPARE_H
#define TOYAMA_TOYAMAD_STATION_COMPARE_H

#include "toyamad/station/plan.h"
#include "toyamad/station/project.h"

/* Walks over everybody. For each who differs `each` is called; it may seal what is fresh, and the
 * root is over the record as it then stands. The old records must be the signed ones, else
 * REGISTRY_ALTERED, whatever was seen. */
int compare_zone(struct station *st, const struct station_zone *zone,
                 int (*each)(void *ctx, const struct station_difference *d, struct projected *p),
                 void *ctx, struct station_comparison *out);

#endif
