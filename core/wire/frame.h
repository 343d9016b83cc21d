/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames: what the programs of toyama say to each other. A frame is one DER-TLV in one packet of a
 * SOCK_SEQPACKET socket: an application tag (0x60 + n) names the message, context tags (0x80 + n)
 * its fields. A field stands at most once; unknown messages, unknown fields, missing fields and
 * trailing octets are errors. docs/protocol.md lists every message.
 */
#ifndef TOYAMA_CORE_WIRE_FRAME_H
#define TOYAMA_CORE_WIRE_FRAME_H

#include "core/wire/tlv.h"

#define FRAME_FIELDS    31 /* field numbers 0..30 fit a one-octet tag */
#define FRAME_AUTH_MAX  4096
#define FRAME_WORK_MAX  65536 /* worker and admin channels */
#define FRAME_NONCE_LEN 16

#define FRAME_BIT(n) (UINT32_C(1) << (n))

/* One row a message: which fields it must and may have. */
struct frame_rule {
    uint8_t type;
    uint32_t must;
    uint32_t may;
};

struct frame {
    uint8_t type;
    struct tlv field[FRAME_FIELDS]; /* val NULL: absent */
};

/* Checks `buf` against `rules`; fields point into `buf`. */
int frame_decode(const void *buf, size_t len, const struct frame_rule *rules, size_t count,
                 struct frame *out);
bool frame_has(const struct frame *f, unsigned n);
/* Absent fields give WIRE_MISSING, so that an optional field is asked with frame_has first. */
int frame_u32(const struct frame *f, unsigned n, uint32_t *out);
int frame_text(const struct frame *f, unsigned n, char *dst, size_t cap);
int frame_fixed(const struct frame *f, unsigned n, void *dst, size_t len);

/* Writing: begin, put fields, end. */
struct frame_out {
    struct tlv_out tlv;
    size_t mark;
};

struct frame_out frame_begin(void *buf, size_t cap, uint8_t type);
void frame_put(struct frame_out *out, unsigned n, const void *val, size_t len);
void frame_put_text(struct frame_out *out, unsigned n, const char *text);
void frame_put_u32(struct frame_out *out, unsigned n, uint32_t value);
int frame_end(struct frame_out *out, size_t *len);

#endif
