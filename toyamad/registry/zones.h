/* SPDX-License-Identifier: Apache-2.0
 *
 * The enrolment station's tables: for each zone that it serves the chain of approved issues and the
 * records, templates and secrets of the newest one, as they stand in roster files; the next issue
 * while it is made (the stage); the stop codes of cards. Rows only: what is signed, and by whom, is
 * the business of toyamad/station, which alone calls this.
 */
#ifndef TOYAMA_TOYAMAD_REGISTRY_ZONES_H
#define TOYAMA_TOYAMAD_REGISTRY_ZONES_H

#include "toyamad/registry/registry.h"

/* REGISTRY_NONE before the first one. */
int zones_issue_last(struct registry *reg, const char *zone, struct roster_signed *out);
int zones_issue_put(struct registry *reg, const char *zone, uint64_t number,
                    const struct roster_signed *s);
/* Ascending numbers from `from` on, until `each` returns something else than REGISTRY_OK. */
int zones_issue_each(struct registry *reg, const char *zone, uint64_t from,
                     int (*each)(void *ctx, const struct roster_signed *s), void *ctx);

/* Somebody in the register, in the zone's newest issue, or in both. Lives during the call only. */
struct zones_pair {
    const uint8_t *id;
    const struct roster_record *master; /* NULL: not registered any more */
    const struct roster_record *old;    /* NULL: not in the issue */
    uint8_t old_hash[CRYPTO_SHA256_LEN];
};
/* Everybody, ordered by id, until `each` returns something else than REGISTRY_OK. Masters are
 * checked as by registry_by_id; `root` and `count` are those of the zone's rows as they stand, to
 * be compared with the signed ones before anything that was seen is believed. */
int zones_walk(struct registry *reg, const char *zone,
               int (*each)(void *ctx, const struct zones_pair *pair), void *ctx,
               uint8_t root[CRYPTO_SHA256_LEN], uint64_t *count);

struct zones_row {
    const uint8_t *id; /* of the person, template or credential */
    uint8_t ref;       /* secrets only */
    uint64_t changed;  /* the issue with which the row came */
    const uint8_t *der;
    size_t len;
};
/* Ordered by id. */
int zones_record_each(struct registry *reg, const char *zone,
                      int (*each)(void *ctx, const struct zones_row *row), void *ctx);
int zones_record_get(struct registry *reg, const char *zone, const uint8_t id[ROSTER_ID_LEN],
                     struct roster_record *out);
int zones_removed_each(struct registry *reg, const char *zone, uint64_t base,
                       int (*each)(void *ctx, const struct zones_row *row), void *ctx);
int zones_template_get(struct registry *reg, const char *zone, const uint8_t id[ROSTER_ID_LEN],
                       uint8_t *out, size_t cap, size_t *len, uint64_t *changed);
int zones_secret_get(struct registry *reg, const char *zone, const uint8_t id[ROSTER_ID_LEN],
                     uint8_t ref, uint8_t *out, size_t cap, size_t *len, uint64_t *changed);

/* The stage: what the next issues change. Survives a commit, so that nothing is held open while a
 * person approves; whoever begins anew clears it. `len` 0: the person is removed; a template or
 * secret stays as it is. What a staged person's rows do not name goes with the take. */
int zones_stage_clear(struct registry *reg);
int zones_stage_record(struct registry *reg, const char *zone, const uint8_t id[ROSTER_ID_LEN],
                       const void *der, size_t len);
int zones_stage_template(struct registry *reg, const char *zone, const uint8_t id[ROSTER_ID_LEN],
                         const uint8_t person[ROSTER_ID_LEN], const void *sealed, size_t len);
int zones_stage_secret(struct registry *reg, const char *zone, const uint8_t id[ROSTER_ID_LEN],
                       uint8_t ref, const uint8_t person[ROSTER_ID_LEN], const void *sealed,
                       size_t len);
/* Inside of a transaction: the staged rows become those of issue `number`. */
int zones_stage_take(struct registry *reg, const char *zone, uint64_t number);

/* Stop codes: the slot of a credential, used once and never again, and its sealed secret; another
 * one takes the place of what the credential had. REGISTRY_LIMIT: no slot is left. */
int zones_stop_slot(struct registry *reg, uint32_t *out);
int zones_stop_put(struct registry *reg, const uint8_t credential[ROSTER_ID_LEN], uint32_t slot,
                   const void *sealed, size_t len);
int zones_stop_get(struct registry *reg, const uint8_t credential[ROSTER_ID_LEN], uint32_t *slot,
                   uint8_t *sealed, size_t cap, size_t *len);
/* The credential with this slot. */
int zones_stop_find(struct registry *reg, uint32_t slot, uint8_t credential[ROSTER_ID_LEN]);

#endif
