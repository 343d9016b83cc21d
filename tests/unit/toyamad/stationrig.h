/* SPDX-License-Identifier: Apache-2.0
 *
 * A station's store in a folder of its own, for the unit tests of the station.
 */
#ifndef TOYAMA_TESTS_UNIT_TOYAMAD_STATIONRIG_H
#define TOYAMA_TESTS_UNIT_TOYAMAD_STATIONRIG_H

#include "toyamad/audit/audit.h"
#include "toyamad/registry/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>

#define RIG_ZONE "individual-number" /* the station's own */

struct rig {
    char directory[64];
    char path[80];
    struct keys keys;
    struct registry reg;
    struct audit audit;
};

int rig_begin(void **state);
int rig_end(void **state);
int rig_reopen(struct rig *rig);
/* Regular staff with a login and rights in `zones`; every octet of the id is `id`. */
struct roster_record rig_person(uint8_t id, const char *number, uint8_t zones);
/* Stored as a change of the person whose id is made of `by`. */
int rig_put(struct rig *rig, const struct roster_record *r, uint8_t by, int64_t now);
void rig_sql(struct rig *rig, const char *sql);

#endif
