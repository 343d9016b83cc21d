/* SPDX-License-Identifier: Apache-2.0
 *
 * What a payload (core/roster/payload.h) makes of a reader's roster: everything is judged here, and
 * nothing is written. The chain of issues must go on from the issue that the reader has; the
 * records that result, those that stay included, must be the ones that the last issue was signed
 * for; every finger and every shared key that a record names must come along or be there, and
 * nothing else.
 *
 * A payload that changes a base is taken on top of any issue from the base on: it holds the present
 * record of everybody who changed since, whatever lies between.
 */
#ifndef TOYAMA_CORE_ROSTER_TAKE_H
#define TOYAMA_CORE_ROSTER_TAKE_H

#include "core/roster/payload.h"

struct roster_entry {
    uint8_t id[ROSTER_ID_LEN];
    uint8_t hash[CRYPTO_SHA256_LEN]; /* of the record's DER */
};

/* What the reader has. */
struct roster_base {
    const struct roster_trust *trust;
    bool installed;                   /* false: the records of `trust` are not there */
    const struct roster_entry *entry; /* ascending ids */
    size_t entries;
    /* The record of an entry; false where it cannot be read. */
    bool (*record)(void *ctx, const uint8_t id[ROSTER_ID_LEN], struct roster_record *out);
    void *ctx;
};

enum roster_taken {
    ROSTER_TAKEN_ADDED = 0,
    ROSTER_TAKEN_CHANGED = 1,
    ROSTER_TAKEN_STOPPED = 2, /* changed, and the person or a credential is not active any more */
    ROSTER_TAKEN_REMOVED = 3,
    ROSTER_TAKEN_KINDS = 4
};

struct roster_take_row {
    enum roster_taken kind;
    uint8_t id[ROSTER_ID_LEN];
    const uint8_t *der; /* in the payload; NULL with ROSTER_TAKEN_REMOVED */
    size_t len;
};

/* A template or shared key that a record names. */
struct roster_take_seal {
    uint8_t id[ROSTER_ID_LEN]; /* of the template, or of the credential */
    uint8_t ref;               /* of the credential's key; 0: a template */
    bool write;                /* not there yet */
    uint8_t person[ROSTER_ID_LEN];
    uint8_t hash[CRYPTO_SHA256_LEN];
    const uint8_t *sealed; /* in the payload; NULL: it stays as it is */
    size_t len;
};

struct roster_take {
    struct roster_trust trust;  /* with the last issue of the payload */
    uint64_t from;              /* number of the issue that is left; 0: none */
    struct roster_entry *entry; /* owned: the records that result, ascending */
    size_t entries, entry_cap;
    struct roster_take_row *row; /* owned: those that are written or removed, ascending */
    size_t rows, row_cap;
    struct roster_take_seal *seal; /* owned; ordered by id and ref */
    size_t seals, seal_cap;
    size_t count[ROSTER_TAKEN_KINDS];
};

/* Errors of roster_chain_step, and ROSTER_GAP, ROSTER_SAME, ROSTER_ROOT, ROSTER_SEALED, ROSTER_FULL
 * (memory). `signer`: SHA-256 of the SPKI that signed the file around the payload, which must be an
 * authority of the chain; NULL: there was none. The payload's octets stay in use. On failure `out`
 * is empty. */
int roster_take(const struct roster_base *base, const struct roster_payload *payload,
                const uint8_t *signer, struct roster_take *out);
void roster_take_free(struct roster_take *take);

#endif
