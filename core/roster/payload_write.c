/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing a payload piece by piece: the octets of each part are promised first.
 */
#include "core/roster/payload.h"

#include <string.h>

#include "core/roster/payload_label.h"

#define HEADER_MAX 6 /* tag and length */
#define HEAD_MAX   256

static size_t header_size(uint64_t len)
{
    size_t octets = 1;

    if (len >= 0x80)
        for (octets = 2; len > UINT8_MAX; len >>= 8)
            octets++;
    return 1 + octets;
}

static uint64_t whole(uint64_t len)
{
    return header_size(len) + len;
}

uint64_t roster_payload_size_octets(size_t len)
{
    return whole(len);
}

uint64_t roster_payload_size_sealed(size_t len)
{
    return whole(whole(ROSTER_ID_LEN) + whole(len));
}

uint64_t roster_payload_size_secret(uint8_t ref, size_t len)
{
    return whole(whole(ROSTER_ID_LEN) + whole(ref >= 0x80 ? 2 : 1) + whole(len));
}

static int put(struct roster_payload_writer *w, const void *p, size_t len)
{
    return len == 0 || w->write(w->ctx, p, len) ? ROSTER_OK : ROSTER_FULL;
}

/* What was promised for this part is not exceeded. */
static int put_item(struct roster_payload_writer *w, const void *p, size_t len)
{
    if (len > w->left)
        return ROSTER_FORMAT;
    w->left -= len;
    return put(w, p, len);
}

static int put_header(struct roster_payload_writer *w, uint32_t tag, uint64_t len)
{
    uint8_t buf[HEADER_MAX];
    struct tlv_out out = tlv_writer(buf, sizeof(buf));
    size_t size = 0;

    if (len > UINT32_MAX)
        return ROSTER_FULL;
    tlv_put_header(&out, tag, (size_t)len);
    return tlv_finish(&out, &size) == WIRE_OK ? put(w, buf, size) : ROSTER_FULL;
}

static int begin_part(struct roster_payload_writer *w)
{
    w->left = w->octets[w->part];
    return put_header(w, DER_SEQUENCE, w->left);
}

int roster_payload_begin(struct roster_payload_writer *w, const char *zone, uint64_t base,
                         const uint64_t octets[ROSTER_PARTS])
{
    uint8_t head[HEAD_MAX];
    struct tlv_out out = tlv_writer(head, sizeof(head));
    uint64_t all = 0;
    size_t len = 0;
    int r;

    tlv_put_uint(&out, DER_INTEGER, ROSTER_PAYLOAD_VERSION);
    tlv_put_text(&out, DER_UTF8, ROSTER_PAYLOAD_LABEL);
    tlv_put_text(&out, DER_UTF8, zone);
    tlv_put_uint(&out, DER_INTEGER, base);
    if (tlv_finish(&out, &len) != WIRE_OK)
        return ROSTER_FORMAT;
    for (size_t n = 0; n < ROSTER_PARTS; n++) {
        if (octets[n] > UINT32_MAX) /* and so the sum does not wrap */
            return ROSTER_FULL;
        all += whole(octets[n]);
    }
    memcpy(w->octets, octets, sizeof(w->octets));
    w->part = ROSTER_PART_CHAIN;
    if ((r = put_header(w, DER_SEQUENCE, len + all)) != ROSTER_OK ||
        (r = put(w, head, len)) != ROSTER_OK)
        return r;
    return begin_part(w);
}

int roster_payload_next(struct roster_payload_writer *w)
{
    if (w->left != 0 || w->part + 1 >= ROSTER_PARTS)
        return ROSTER_FORMAT;
    w->part++;
    return begin_part(w);
}

int roster_payload_end(const struct roster_payload_writer *w)
{
    return w->left == 0 && w->part + 1 == ROSTER_PARTS ? ROSTER_OK : ROSTER_FORMAT;
}

static int put_framed(struct roster_payload_writer *w, const struct tlv_out *head, const void *p,
                      size_t len)
{
    size_t size = 0;
    int r;

    if (tlv_finish(head, &size) != WIRE_OK)
        return ROSTER_FULL;
    if ((r = put_item(w, head->buf, size)) != ROSTER_OK)
        return r;
    return put_item(w, p, len);
}

int roster_payload_put_octets(struct roster_payload_writer *w, const void *item, size_t len)
{
    uint8_t buf[HEADER_MAX];
    struct tlv_out out = tlv_writer(buf, sizeof(buf));

    tlv_put_header(&out, DER_OCTETS, len);
    return put_framed(w, &out, item, len);
}

int roster_payload_put_encoded(struct roster_payload_writer *w, const void *der, size_t len)
{
    return put_item(w, der, len);
}

int roster_payload_put_sealed(struct roster_payload_writer *w, const uint8_t id[ROSTER_ID_LEN],
                              const void *sealed, size_t len)
{
    uint8_t buf[4 * HEADER_MAX + ROSTER_ID_LEN];
    struct tlv_out out = tlv_writer(buf, sizeof(buf));

    tlv_put_header(&out, DER_SEQUENCE, (size_t)(whole(ROSTER_ID_LEN) + whole(len)));
    tlv_put(&out, DER_OCTETS, id, ROSTER_ID_LEN);
    tlv_put_header(&out, DER_OCTETS, len);
    return put_framed(w, &out, sealed, len);
}

int roster_payload_put_secret(struct roster_payload_writer *w, const uint8_t id[ROSTER_ID_LEN],
                              uint8_t ref, const void *sealed, size_t len)
{
    uint8_t buf[5 * HEADER_MAX + ROSTER_ID_LEN];
    struct tlv_out out = tlv_writer(buf, sizeof(buf));

    tlv_put_header(&out, DER_SEQUENCE,
                   (size_t)(whole(ROSTER_ID_LEN) + whole(ref >= 0x80 ? 2 : 1) + whole(len)));
    tlv_put(&out, DER_OCTETS, id, ROSTER_ID_LEN);
    tlv_put_uint(&out, DER_INTEGER, ref);
    tlv_put_header(&out, DER_OCTETS, len);
    return put_framed(w, &out, sealed, len);
}
