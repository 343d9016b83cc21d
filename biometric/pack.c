/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/pack.h"

#include "core/wire/finger.h"
#include "core/wire/wipe.h"

#include <gio/gio.h>
#include <string.h>

#define BEST 9

struct octets {
    size_t cap;
    uint8_t data[];
};

static struct octets *octets_new(size_t cap)
{
    struct octets *o = g_malloc0(sizeof(*o) + cap);

    o->cap = cap;
    return o;
}

static void octets_free(void *user)
{
    struct octets *o = user;

    wire_wipe(o->data, o->cap);
    g_free(o);
}

static GBytes *octets_take(struct octets *o, size_t len)
{
    return g_bytes_new_with_free_func(o->data, len, octets_free, o);
}

static GBytes *copy(const uint8_t *buf, size_t len)
{
    struct octets *o = octets_new(len);

    memcpy(o->data, buf, len);
    return octets_take(o, len);
}

/* All of `buf`, into at most `cap` octets. */
static GBytes *convert(GConverter *converter, const uint8_t *buf, size_t len, size_t cap)
{
    struct octets *o = octets_new(cap);
    GConverterResult r = G_CONVERTER_CONVERTED;
    gsize in = 0, out = 0, read = 0, written = 0;

    while (r == G_CONVERTER_CONVERTED && out < cap) {
        r = g_converter_convert(converter, buf + in, len - in, o->data + out, cap - out,
                                G_CONVERTER_INPUT_AT_END, &read, &written, NULL);
        if (r != G_CONVERTER_ERROR) {
            in += read;
            out += written;
        }
    }
    if (r == G_CONVERTER_FINISHED && in == len)
        return octets_take(o, out);
    octets_free(o);
    return NULL;
}

static GBytes *deflate(const uint8_t *plain, size_t len)
{
    g_autoptr(GZlibCompressor) zlib = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, BEST);

    return convert(G_CONVERTER(zlib), plain, len, len);
}

static GBytes *frame(GBytes *stream)
{
    gsize len = 0;
    const uint8_t *data = g_bytes_get_data(stream, &len);
    struct octets *o = octets_new(FINGER_TEMPLATE_MAX);
    struct tlv_out out = tlv_writer(o->data, o->cap);
    size_t framed = 0;

    tlv_put(&out, DER_OCTETS, data, len);
    if (tlv_finish(&out, &framed) == WIRE_OK)
        return octets_take(o, framed);
    octets_free(o);
    return NULL;
}

GBytes *pack_close(const uint8_t *plain, size_t len)
{
    g_autoptr(GBytes) stream = deflate(plain, len);
    GBytes *packed = stream != NULL ? frame(stream) : NULL;

    if (packed != NULL && g_bytes_get_size(packed) < len)
        return packed;
    g_clear_pointer(&packed, g_bytes_unref);
    return copy(plain, len);
}

static GBytes *inflate(const struct tlv *packed)
{
    g_autoptr(GZlibDecompressor) zlib = g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB);

    return convert(G_CONVERTER(zlib), packed->val, packed->len, FINGER_TEMPLATE_MAX);
}

GBytes *pack_open(const uint8_t *buf, size_t len)
{
    struct tlv_cur cur = tlv_der(buf, len);
    struct tlv packed = {0};

    if (len == 0 || len > FINGER_TEMPLATE_MAX)
        return NULL;
    if (buf[0] != DER_OCTETS)
        return copy(buf, len);
    if (tlv_expect(&cur, DER_OCTETS, &packed) != WIRE_OK || tlv_end(&cur) != WIRE_OK)
        return NULL;
    return inflate(&packed);
}
