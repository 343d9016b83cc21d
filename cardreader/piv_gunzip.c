/* SPDX-License-Identifier: Apache-2.0
 *
 * Compressed certificates (SP 800-73-4 part 1, appendix A, CertInfo). zlib is asked for one member
 * in one step: a card can make it neither loop nor write behind the buffer.
 */
#include "cardreader/piv.h"

#include <zlib.h>

#define GZIP_ONLY (MAX_WBITS + 16)

bool piv_gunzip(const uint8_t *in, size_t in_len, uint8_t *out, size_t cap, size_t *len)
{
    z_stream z = {0};
    bool whole;

    *len = 0;
    if (in_len > CARD_OBJECT_MAX || cap > CARD_OBJECT_MAX || inflateInit2(&z, GZIP_ONLY) != Z_OK)
        return false;
    z.next_in = (z_const Bytef *)in;
    z.avail_in = (uInt)in_len;
    z.next_out = out;
    z.avail_out = (uInt)cap;
    whole = inflate(&z, Z_FINISH) == Z_STREAM_END && z.avail_in == 0;
    if (whole)
        *len = cap - z.avail_out;
    inflateEnd(&z);
    return whole;
}
