/* SPDX-License-Identifier: Apache-2.0
 *
 * What a roster file carries, and what comes from a zone's database (docs/roster.asn1, Payload):
 * the chain of issues up to the newest one and the records that differ from an issue that the
 * reader has. Hundreds of megabytes at a prefecture: written item by item, read in place.
 */
#ifndef TOYAMA_CORE_ROSTER_PAYLOAD_H
#define TOYAMA_CORE_ROSTER_PAYLOAD_H

#include "core/roster/issue.h"

#define ROSTER_CHAIN_MAX 4096 /* issues in one payload */

/* The parts, in the order in which they stand. Each is a SEQUENCE of items. */
enum roster_part {
    ROSTER_PART_CHAIN = 0,     /* SignedIssue; ascending numbers, none left out */
    ROSTER_PART_RECORDS = 1,   /* OCTET STRING: the DER of a Record; ids ascend */
    ROSTER_PART_REMOVED = 2,   /* OCTET STRING: id; ids ascend; none where base is 0 */
    ROSTER_PART_TEMPLATES = 3, /* SEQUENCE { id, OCTET STRING sealed } */
    ROSTER_PART_SECRETS = 4,   /* SEQUENCE { credential id, INTEGER ref, OCTET STRING sealed } */
    ROSTER_PART_AMENDMENTS =
        5, /* OCTET STRING: an amendment with its signatures, or a stop notice */
    ROSTER_PARTS = 6
};

struct roster_payload {
    char zone[ROSTER_TEXT_MAX];
    uint64_t base; /* 0: all records; else the issue that these records change */
    struct tlv_cur part[ROSTER_PARTS];
};

/* Opens the outer structure; the items stay in `buf`. ROSTER_FORMAT for anything else. */
int roster_payload_open(const void *buf, size_t len, struct roster_payload *out);

/* Items of the parts, one at a time: 1 with an item, 0 at the end, or a negative error. */
int roster_payload_signed(struct tlv_cur *part, struct roster_signed *out);
int roster_payload_octets(struct tlv_cur *part, const uint8_t **item, size_t *len);
int roster_payload_sealed(struct tlv_cur *part, uint8_t id[ROSTER_ID_LEN], const uint8_t **sealed,
                          size_t *len);
int roster_payload_secret(struct tlv_cur *part, uint8_t id[ROSTER_ID_LEN], uint8_t *ref,
                          const uint8_t **sealed, size_t *len);

/* Writing. DER puts lengths before contents, so the octets of each part are promised first; a part
 * that gets more or less is ROSTER_FORMAT. `write` gets the pieces in order and returns false to
 * give up, which is ROSTER_FULL; `write` and `ctx` are set by the caller. */
struct roster_payload_writer {
    bool (*write)(void *ctx, const void *p, size_t len);
    void *ctx;
    unsigned part; /* enum roster_part */
    uint64_t left; /* octets still to come in this part */
    uint64_t octets[ROSTER_PARTS];
};
/* `octets`: the sum of the encoded items of each part. Begins the first part. */
int roster_payload_begin(struct roster_payload_writer *w, const char *zone, uint64_t base,
                         const uint64_t octets[ROSTER_PARTS]);
int roster_payload_next(struct roster_payload_writer *w); /* on to the next part */
int roster_payload_put_octets(struct roster_payload_writer *w, const void *item, size_t len);
/* An item that is encoded already: a SignedIssue. */
int roster_payload_put_encoded(struct roster_payload_writer *w, const void *der, size_t len);
int roster_payload_put_sealed(struct roster_payload_writer *w, const uint8_t id[ROSTER_ID_LEN],
                              const void *sealed, size_t len);
int roster_payload_put_secret(struct roster_payload_writer *w, const uint8_t id[ROSTER_ID_LEN],
                              uint8_t ref, const void *sealed, size_t len);
/* ROSTER_OK where everything that was promised was written. */
int roster_payload_end(const struct roster_payload_writer *w);
/* Octets that an item takes up. */
uint64_t roster_payload_size_octets(size_t len);
uint64_t roster_payload_size_sealed(size_t len);
uint64_t roster_payload_size_secret(uint8_t ref, size_t len);

#endif
