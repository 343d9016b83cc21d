/* SPDX-License-Identifier: Apache-2.0
 *
 * A station's store in a folder of its own, for the unit tests of the station.
 */
#ifndef TOYAMA_TESTS_UNIT_TOYAMAD_STATIONRIG_H
#define TOYAMA_TESTS_UNIT_TOYAMAD_STATIONRIG_H

#include "toyamad/audit/audit.h"
#include "toyamad/registry/registry.h"
#include "toyamad/station/plan.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <limits.h>

#define RIG_ZONE      "individual-number" /* the station's own */
#define RIG_REGISTRAR 0x11                /* octets of ids */
#define RIG_APPROVER  0x22

/* An approver's key 9C. */
struct rig_card {
    uint8_t key[KEYS_PKCS8_MAX];
    size_t key_len;
    uint8_t spki[CRYPTO_SPKI_MAX];
    size_t spki_len;
};

struct rig {
    char directory[64];
    char path[80];
    struct keys keys;
    struct registry reg;
    struct audit audit;
    struct station station;
    struct station_plan *plan;
    struct rig_card approver;
};

int rig_begin(void **state);
int rig_end(void **state);
int rig_reopen(struct rig *rig);
/* Regular staff with a login and rights in `zones`; every octet of the id is `id`. */
struct roster_record rig_person(uint8_t id, const char *number, uint8_t zones);
/* Stored as a change of the person whose id is made of `by`. */
int rig_put(struct rig *rig, const struct roster_record *r, uint8_t by, int64_t now);
void rig_sql(struct rig *rig, const char *sql);

void rig_card_make(struct rig_card *card);
/* A new card in the record, which is rig->approver from then on. */
void rig_give_key(struct rig *rig, struct roster_record *r);
/* Keys of all three zones; their first issue is approved by this person. */
void rig_make_zones(struct rig *rig, const struct roster_record *approver);
void rig_preview(struct rig *rig, int (*each)(void *ctx, const struct station_difference *d),
                 void *ctx);
int rig_sign(struct rig *rig, const struct rig_card *card);
int rig_commit(struct rig *rig);
/* From the preview to the installed issues, by rig->approver. */
int rig_approve(struct rig *rig, bool renew);

/* rig_begin, then registrar and approver in the register, and three zones with issue 1. */
int rig_begin_approved(void **state);
struct roster_record rig_stored(struct rig *rig, uint8_t id);
/* rig_put, which must succeed, a second later. */
void rig_put_now(struct rig *rig, const struct roster_record *r, uint8_t by);
/* Of the zone's newest issue; 0: there is none. */
uint64_t rig_number(struct rig *rig, const char *zone);

#endif
