/* SPDX-License-Identifier: Apache-2.0
 *
 * What toyamad and toyama-sync hand over in files beside the call (verbs sync.* of admin.sock):
 * items in DER, one behind the other, without a bracket around them. The reader works in place.
 */
#ifndef TOYAMA_CORE_WIRE_HANDED_H
#define TOYAMA_CORE_WIRE_HANDED_H

#include "core/wire/tlv.h"

#define HANDED_ID_LEN   16
#define HANDED_LINK_LEN 32
#define HANDED_ITEM_MAX 8192 /* octets of one item */
#define HANDED_DAY_MAX  100000

/* SEQUENCE { INTEGER sequence, OCTET STRING event, OCTET STRING link } */
struct handed_event {
    uint64_t sequence;
    const uint8_t *der; /* core/chain; 1..4096 octets */
    size_t der_len;
    const uint8_t *link; /* HANDED_LINK_LEN octets */
};

/* SEQUENCE { OCTET STRING person, INTEGER failures, INTEGER until } */
struct handed_counter {
    const uint8_t *person; /* HANDED_ID_LEN octets */
    uint64_t failures;     /* in a row */
    uint64_t until;        /* seconds since 1970; INT64_MAX: an operator unlocks */
};

/* SEQUENCE { OCTET STRING person, INTEGER day } */
struct handed_use {
    const uint8_t *person; /* HANDED_ID_LEN octets */
    uint64_t day;          /* of the last login: days since 1970 UTC; 1..HANDED_DAY_MAX */
};

/* WIRE_OK and the length written, or WIRE_FULL. */
int handed_event_encode(const struct handed_event *e, void *buf, size_t cap, size_t *len);
int handed_counter_encode(const struct handed_counter *c, void *buf, size_t cap, size_t *len);
int handed_use_encode(const struct handed_use *u, void *buf, size_t cap, size_t *len);
/* The next item: 1, 0 at the end, or a negative wire_err; the pointers are into the cursor's
 * memory. */
int handed_event_next(struct tlv_cur *cur, struct handed_event *out);
int handed_counter_next(struct tlv_cur *cur, struct handed_counter *out);
int handed_use_next(struct tlv_cur *cur, struct handed_use *out);
/* The next item that is one OCTET STRING: an amendment, a stop notice. */
int handed_octets_next(struct tlv_cur *cur, struct tlv *out);

#endif
