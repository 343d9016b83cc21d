/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/tlv.h"

#include <string.h>

#define TAG_OCTETS_MAX    3
#define LENGTH_OCTETS_MAX 4

const char *wire_strerror(int err)
{
    static const char *const text[] = {"ok",
                                       "element ends behind the data",
                                       "unexpected tag",
                                       "bad length",
                                       "trailing data",
                                       "buffer too small",
                                       "value not allowed",
                                       "field missing",
                                       "field given twice"};
    int index = -err;

    if (index < 0 || (size_t)index >= sizeof(text) / sizeof(text[0]))
        return "unknown error";
    return text[index];
}

struct tlv_cur tlv_ber(const void *buf, size_t len)
{
    return (struct tlv_cur){.p = buf, .left = len, .der = false};
}

struct tlv_cur tlv_der(const void *buf, size_t len)
{
    return (struct tlv_cur){.p = buf, .left = len, .der = true};
}

/* The contracts in these comments are proven by scripts/prove for all inputs: the cursor never
 * reads or moves past its end, and stays where it was on an error. */

/*@ predicate readable(struct tlv_cur *c) = \valid_read(c->p + (0 .. c->left - 1));
  @*/

/*@ requires \valid(cur) && \valid(out) && readable(cur);
  @ requires \separated(cur, out, cur->p + (0 .. cur->left - 1));
  @ assigns *cur, *out;
  @ ensures readable(cur) && cur->der == \old(cur->der);
  @ ensures \result == WIRE_OK || \result == WIRE_SHORT;
  @ ensures \result == WIRE_OK ==> \old(cur->left) > 0 && cur->p == \old(cur->p) + 1 &&
  @     cur->left == \old(cur->left) - 1;
  @ ensures \result != WIRE_OK ==> cur->p == \old(cur->p) && cur->left == \old(cur->left);
  @*/
static int take_octet(struct tlv_cur *cur, uint8_t *out)
{
    if (cur->left == 0)
        return WIRE_SHORT;
    *out = *cur->p++;
    cur->left--;
    return WIRE_OK;
}

/*@ requires \valid(cur) && \valid(tag) && readable(cur);
  @ requires \separated(cur, tag, cur->p + (0 .. cur->left - 1));
  @ assigns *cur, *tag;
  @ ensures readable(cur) && cur->der == \old(cur->der);
  @ ensures cur->left <= \old(cur->left);
  @ ensures cur->p == \old(cur->p) + (\old(cur->left) - cur->left);
  @ ensures \result == WIRE_OK ==> cur->left < \old(cur->left);
  @ ensures \result == WIRE_OK || \result == WIRE_SHORT || \result == WIRE_TAG;
  @*/
static int take_tag(struct tlv_cur *cur, uint32_t *tag)
{
    uint8_t octet = 0;
    int r = take_octet(cur, &octet);

    *tag = octet;
    if (r != WIRE_OK || (octet & 0x1F) != 0x1F)
        return r;
    /*@ loop invariant 1 <= n <= TAG_OCTETS_MAX;
      @ loop invariant readable(cur) && cur->der == \at(cur->der, Pre);
      @ loop invariant cur->left < \at(cur->left, Pre);
      @ loop invariant cur->p == \at(cur->p, Pre) + (\at(cur->left, Pre) - cur->left);
      @ loop assigns n, r, octet, *tag, *cur;
      @ loop variant TAG_OCTETS_MAX - n;
      @*/
    for (int n = 1; n < TAG_OCTETS_MAX; n++) {
        if ((r = take_octet(cur, &octet)) != WIRE_OK)
            return r;
        *tag = *tag << 8 | octet;
        if ((octet & 0x80) == 0)
            return WIRE_OK;
    }
    return WIRE_TAG;
}

/*@ requires 1 <= octets <= LENGTH_OCTETS_MAX;
  @ assigns \nothing;
  @*/
static bool length_is_minimal(size_t octets, uint32_t length)
{
    if (octets == 1)
        return length >= 0x80;
    return length >> (8 * (octets - 1)) != 0;
}

/*@ requires \valid(cur) && \valid(len) && readable(cur);
  @ requires \separated(cur, len, cur->p + (0 .. cur->left - 1));
  @ assigns *cur, *len;
  @ ensures readable(cur) && cur->der == \old(cur->der);
  @ ensures cur->left <= \old(cur->left);
  @ ensures cur->p == \old(cur->p) + (\old(cur->left) - cur->left);
  @ ensures \result == WIRE_OK || \result == WIRE_SHORT || \result == WIRE_LENGTH;
  @*/
static int take_length(struct tlv_cur *cur, size_t *len)
{
    uint8_t octet = 0;
    uint32_t length = 0;
    size_t octets;
    int r = take_octet(cur, &octet);

    if (r != WIRE_OK)
        return r;
    *len = octet;
    if (octet < 0x80)
        return WIRE_OK;
    octets = octet & 0x7F;
    if (octets == 0 || octets > LENGTH_OCTETS_MAX)
        return WIRE_LENGTH;
    /*@ loop invariant 0 <= n <= octets <= LENGTH_OCTETS_MAX;
      @ loop invariant readable(cur) && cur->der == \at(cur->der, Pre);
      @ loop invariant cur->left <= \at(cur->left, Pre);
      @ loop invariant cur->p == \at(cur->p, Pre) + (\at(cur->left, Pre) - cur->left);
      @ loop assigns n, r, octet, length, *cur;
      @ loop variant octets - n;
      @*/
    for (size_t n = 0; n < octets; n++) {
        if ((r = take_octet(cur, &octet)) != WIRE_OK)
            return r;
        length = length << 8 | octet;
    }
    if (cur->der && !length_is_minimal(octets, length))
        return WIRE_LENGTH;
    *len = length;
    return WIRE_OK;
}

/*@ requires \valid(cur) && \valid(out) && readable(cur);
  @ requires \separated(cur, out, cur->p + (0 .. cur->left - 1));
  @ assigns *cur, *out;
  @ ensures moves: \result == WIRE_OK ==> readable(cur) && cur->left < \old(cur->left) &&
  @     cur->p == \old(cur->p) + (\old(cur->left) - cur->left) && cur->der == \old(cur->der);
  @ ensures inside: \result == WIRE_OK ==> out->len < \old(cur->left) &&
  @     cur->p == out->val + out->len && \valid_read(out->val + (0 .. out->len - 1));
  @ ensures stays: \result != WIRE_OK ==> *cur == \old(*cur);
  @ ensures \result == WIRE_OK || \result == WIRE_SHORT || \result == WIRE_TAG ||
  @     \result == WIRE_LENGTH;
  @*/
int tlv_next(struct tlv_cur *cur, struct tlv *out)
{
    struct tlv_cur at;
    struct tlv t = {0};
    int r;

    at = *cur;
    if ((r = take_tag(&at, &t.tag)) != WIRE_OK || (r = take_length(&at, &t.len)) != WIRE_OK)
        return r;
    if (t.len > at.left)
        return WIRE_SHORT;
    /*@ assert at.p == cur->p + (cur->left - at.left); */
    t.val = at.p;
    at.p += t.len;
    at.left -= t.len;
    *cur = at;
    *out = t;
    return WIRE_OK;
}

/*@ requires \valid(cur) && \valid(out) && readable(cur);
  @ requires \separated(cur, out, cur->p + (0 .. cur->left - 1));
  @ assigns *cur, *out;
  @ ensures moves: \result == WIRE_OK ==> readable(cur) && cur->left < \old(cur->left) &&
  @     cur->p == \old(cur->p) + (\old(cur->left) - cur->left) && cur->der == \old(cur->der);
  @ ensures inside: \result == WIRE_OK ==> out->len < \old(cur->left) &&
  @     cur->p == out->val + out->len && \valid_read(out->val + (0 .. out->len - 1));
  @ ensures stays: \result != WIRE_OK ==> *cur == \old(*cur);
  @ ensures \result == WIRE_OK ==> out->tag == tag;
  @*/
int tlv_expect(struct tlv_cur *cur, uint32_t tag, struct tlv *out)
{
    struct tlv_cur at;
    struct tlv t = {0};
    int r;

    at = *cur;
    r = tlv_next(&at, &t);
    if (r != WIRE_OK)
        return r;
    if (t.tag != tag)
        return WIRE_TAG;
    *cur = at;
    *out = t;
    return WIRE_OK;
}

/*@ requires \valid(cur) && \valid(inner) && readable(cur);
  @ requires \separated(cur, inner, cur->p + (0 .. cur->left - 1));
  @ assigns *cur, *inner;
  @ ensures moves: \result == WIRE_OK ==> readable(cur) && cur->left < \old(cur->left) &&
  @     cur->p == \old(cur->p) + (\old(cur->left) - cur->left);
  @ ensures inside: \result == WIRE_OK ==> readable(inner) && inner->left < \old(cur->left) &&
  @     cur->p == inner->p + inner->left && inner->der == \old(cur->der);
  @ ensures stays: \result != WIRE_OK ==> *cur == \old(*cur) && *inner == \old(*inner);
  @*/
int tlv_enter(struct tlv_cur *cur, uint32_t tag, struct tlv_cur *inner)
{
    struct tlv t = {0};
    int r = tlv_expect(cur, tag, &t);

    if (r == WIRE_OK)
        *inner = (struct tlv_cur){.p = t.val, .left = t.len, .der = cur->der};
    return r;
}

/*@ requires \valid(cur) && \valid(len) && readable(cur);
  @ requires \separated(cur, len, cur->p + (0 .. cur->left - 1));
  @ assigns *cur, *len;
  @ ensures moves: \result == WIRE_OK ==> readable(cur) && cur->left < \old(cur->left) &&
  @     cur->p == \old(cur->p) + (\old(cur->left) - cur->left) && cur->der == \old(cur->der);
  @ ensures stays: \result != WIRE_OK ==> *cur == \old(*cur) && *len == \old(*len);
  @*/
int tlv_header(struct tlv_cur *cur, uint32_t tag, size_t *len)
{
    struct tlv_cur at;
    uint32_t found = 0;
    size_t length = 0;
    int r;

    at = *cur;
    if ((r = take_tag(&at, &found)) != WIRE_OK || (r = take_length(&at, &length)) != WIRE_OK)
        return r;
    if (found != tag)
        return WIRE_TAG;
    *cur = at;
    *len = length;
    return WIRE_OK;
}

/*@ requires \valid_read(cur) && readable(cur);
  @ assigns \nothing;
  @*/
bool tlv_peek(const struct tlv_cur *cur, uint32_t tag)
{
    struct tlv_cur at;
    struct tlv t = {0};

    at = *cur;
    return tlv_next(&at, &t) == WIRE_OK && t.tag == tag;
}

/*@ requires \valid_read(cur);
  @ assigns \nothing;
  @ ensures \result == WIRE_OK <==> cur->left == 0;
  @*/
int tlv_end(const struct tlv_cur *cur)
{
    return cur->left == 0 ? WIRE_OK : WIRE_TRAILING;
}

/*@ requires \valid_read(t) && \valid_read(t->val + (0 .. t->len - 1)) && \valid(out);
  @ requires \separated(out, t, t->val + (0 .. t->len - 1));
  @ assigns *out;
  @ ensures \result == WIRE_OK ==> 1 <= t->len <= 9;
  @ ensures stays: \result != WIRE_OK ==> *out == \old(*out);
  @*/
int tlv_uint(const struct tlv *t, uint64_t *out)
{
    uint64_t value = 0;
    size_t start = 0;

    if (t->len == 0)
        return WIRE_LENGTH;
    if (t->len > 1 && t->val[0] == 0) {
        if (t->val[1] < 0x80)
            return WIRE_VALUE;
        start = 1;
    } else if (t->val[0] >= 0x80) {
        return WIRE_VALUE;
    }
    if (t->len - start > sizeof(value))
        return WIRE_LENGTH;
    /*@ loop invariant start <= n <= t->len;
      @ loop assigns n, value;
      @ loop variant t->len - n;
      @*/
    for (size_t n = start; n < t->len; n++)
        value = value << 8 | t->val[n];
    *out = value;
    return WIRE_OK;
}

int tlv_fixed(const struct tlv *t, void *dst, size_t len)
{
    if (t->val == NULL || t->len != len)
        return WIRE_LENGTH;
    memcpy(dst, t->val, len);
    return WIRE_OK;
}

struct tlv_out tlv_writer(void *buf, size_t cap)
{
    return (struct tlv_out){.buf = buf, .cap = cap};
}

void tlv_put_raw(struct tlv_out *out, const void *val, size_t len)
{
    if (out->failed || len > out->cap - out->len) {
        out->failed = true;
        return;
    }
    if (len > 0)
        memcpy(out->buf + out->len, val, len);
    out->len += len;
}

static size_t encode_big_endian(uint32_t value, uint8_t out[4])
{
    size_t n = 0;

    for (int shift = 24; shift >= 0; shift -= 8)
        if (n > 0 || shift == 0 || value >> shift != 0)
            out[n++] = (uint8_t)(value >> shift);
    return n;
}

static size_t encode_length(size_t len, uint8_t out[5])
{
    if (len < 0x80) {
        out[0] = (uint8_t)len;
        return 1;
    }
    size_t n = encode_big_endian((uint32_t)len, out + 1);
    out[0] = (uint8_t)(0x80 | n);
    return n + 1;
}

static void put_tag(struct tlv_out *out, uint32_t tag)
{
    uint8_t octets[4];

    tlv_put_raw(out, octets, encode_big_endian(tag, octets));
}

void tlv_put_header(struct tlv_out *out, uint32_t tag, size_t len)
{
    uint8_t length[5];

    if (len > UINT32_MAX) {
        out->failed = true;
        return;
    }
    put_tag(out, tag);
    tlv_put_raw(out, length, encode_length(len, length));
}

void tlv_put(struct tlv_out *out, uint32_t tag, const void *val, size_t len)
{
    tlv_put_header(out, tag, len);
    tlv_put_raw(out, val, len);
}

void tlv_put_text(struct tlv_out *out, uint32_t tag, const char *text)
{
    tlv_put(out, tag, text, strlen(text));
}

void tlv_put_uint(struct tlv_out *out, uint32_t tag, uint64_t value)
{
    uint8_t octets[9];
    size_t n = 0;

    for (int shift = 56; shift >= 0; shift -= 8) {
        uint8_t octet = (uint8_t)(value >> shift);
        if (n == 0 && octet == 0 && shift > 0)
            continue;
        if (n == 0 && octet >= 0x80)
            octets[n++] = 0;
        octets[n++] = octet;
    }
    tlv_put(out, tag, octets, n);
}

size_t tlv_open(struct tlv_out *out, uint32_t tag)
{
    put_tag(out, tag);
    return out->len;
}

void tlv_close(struct tlv_out *out, size_t mark)
{
    uint8_t length[5];
    size_t content, n;

    if (out->failed || mark > out->len || out->len - mark > UINT32_MAX) {
        out->failed = true;
        return;
    }
    content = out->len - mark;
    n = encode_length(content, length);
    if (n > out->cap - out->len) {
        out->failed = true;
        return;
    }
    memmove(out->buf + mark + n, out->buf + mark, content);
    memcpy(out->buf + mark, length, n);
    out->len += n;
}

int tlv_finish(const struct tlv_out *out, size_t *len)
{
    if (out->failed)
        return WIRE_FULL;
    *len = out->len;
    return WIRE_OK;
}
