/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/cms_layout.h"

int cms_hash(const struct cms_source *source, uint64_t offset, uint8_t out[CRYPTO_SHA256_LEN])
{
    struct sha256 *sha = sha256_new();
    uint8_t piece[CMS_PIECE], digest[CRYPTO_SHA256_LEN];
    int r = sha != NULL ? CRYPTO_OK : CRYPTO_FAILED;

    if (offset > source->len)
        r = CRYPTO_LENGTH;
    for (uint64_t at = offset; r == CRYPTO_OK && at < source->len;) {
        uint64_t left = source->len - at;
        size_t len = left < sizeof(piece) ? (size_t)left : sizeof(piece);
        r = source->read(source->arg, at, piece, len) != 0 ? CRYPTO_IO
                                                           : sha256_add(sha, piece, len);
        at += len;
    }
    if (r == CRYPTO_OK && (r = sha256_end(sha, digest)) == CRYPTO_OK)
        for (size_t n = 0; n < sizeof(digest); n++)
            out[n] = digest[n];
    sha256_free(sha);
    return r;
}
