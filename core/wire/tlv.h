/* SPDX-License-Identifier: Apache-2.0
 *
 * BER/DER-TLV: the one cursor that reads whatever comes from outside (card answers, frames,
 * records, issues) and the one writer. Pure; no allocation. Tags hold up to three octets
 * (ITU-T X.690 8.1.2), kept as they stand on the wire: 0x7F49 for 7F 49. Lengths are definite.
 */
#ifndef TOYAMA_CORE_WIRE_TLV_H
#define TOYAMA_CORE_WIRE_TLV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum wire_err {
    WIRE_OK = 0,
    WIRE_SHORT = -1,    /* the value would end behind the buffer */
    WIRE_TAG = -2,      /* another tag than the one expected, or a malformed one */
    WIRE_LENGTH = -3,   /* indefinite, over-long or (DER) not minimal */
    WIRE_TRAILING = -4, /* octets after the last element */
    WIRE_FULL = -5,     /* the writer's buffer was too small */
    WIRE_VALUE = -6,    /* content outside of what the field allows */
    WIRE_MISSING = -7,  /* a required field is absent */
    WIRE_DUPLICATE = -8 /* a field stands twice */
};

const char *wire_strerror(int err);

/* Reads from memory that the caller keeps alive; `val` pointers point into it. */
struct tlv_cur {
    const uint8_t *p;
    size_t left; /* octets not yet read */
    bool der;    /* refuse lengths that DER would write shorter */
};

struct tlv {
    uint32_t tag;
    const uint8_t *val;
    size_t len;
};

struct tlv_cur tlv_ber(const void *buf, size_t len);
struct tlv_cur tlv_der(const void *buf, size_t len);

/* The next element; the cursor moves behind it. On error the cursor does not move. */
int tlv_next(struct tlv_cur *cur, struct tlv *out);
/* The same, but WIRE_TAG unless the tag is `tag`. */
int tlv_expect(struct tlv_cur *cur, uint32_t tag, struct tlv *out);
/* Enters an element of tag `tag`: `inner` reads its content with the same strictness. */
int tlv_enter(struct tlv_cur *cur, uint32_t tag, struct tlv_cur *inner);
/* Enters an element of which only the beginning is in memory: the cursor moves behind its tag and
 * length, and `len` octets of content, or fewer, follow. */
int tlv_header(struct tlv_cur *cur, uint32_t tag, size_t *len);
/* True where the next element has this tag; reads nothing. */
bool tlv_peek(const struct tlv_cur *cur, uint32_t tag);
/* WIRE_TRAILING unless everything was read. */
int tlv_end(const struct tlv_cur *cur);

/* Content of an INTEGER (DER, non-negative, at most 8 octets) or of a plain big-endian field. */
int tlv_uint(const struct tlv *t, uint64_t *out);
/* Copies exactly `len` octets. WIRE_LENGTH where the element has another size. */
int tlv_fixed(const struct tlv *t, void *dst, size_t len);
/* Copies UTF-8 text without NUL or control characters as a C string of at most cap - 1 octets. */
int tlv_text(const struct tlv *t, char *dst, size_t cap);

/* Writes into a caller's buffer; the first failure sticks and tlv_finish reports it. */
struct tlv_out {
    uint8_t *buf;
    size_t cap;
    size_t len;
    bool failed;
};

struct tlv_out tlv_writer(void *buf, size_t cap);
void tlv_put(struct tlv_out *out, uint32_t tag, const void *val, size_t len);
/* Tag and length only, for a content that is written elsewhere. */
void tlv_put_header(struct tlv_out *out, uint32_t tag, size_t len);
void tlv_put_text(struct tlv_out *out, uint32_t tag, const char *text);
/* Big-endian without leading zero octets, with one where the top bit is set (DER INTEGER content).
 */
void tlv_put_uint(struct tlv_out *out, uint32_t tag, uint64_t value);
/* Octets as they are: a part that was encoded before. */
void tlv_put_raw(struct tlv_out *out, const void *val, size_t len);
/* tlv_open .. tlv_close bracket a constructed element; the length is written minimal at close. */
size_t tlv_open(struct tlv_out *out, uint32_t tag);
void tlv_close(struct tlv_out *out, size_t mark);
/* WIRE_OK and the length written, or WIRE_FULL. */
int tlv_finish(const struct tlv_out *out, size_t *len);

/* Universal tags used in records and digests. */
enum {
    DER_BOOLEAN = 0x01,
    DER_INTEGER = 0x02,
    DER_OCTETS = 0x04,
    DER_NULL = 0x05,
    DER_UTF8 = 0x0C,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31
};

#endif
