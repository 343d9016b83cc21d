/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/digest_info.h"

#include <string.h>

#define PREFIX_LEN 19

/* DER (RFC 8017, 9.2 note 1). */
static const uint8_t sha256[PREFIX_LEN] = {0x30, 0x31, 0x30, 0x0D, 0x06, 0x09, 0x60,
                                           0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                                           0x01, 0x05, 0x00, 0x04, 0x20};
static const uint8_t sha384[PREFIX_LEN] = {0x30, 0x41, 0x30, 0x0D, 0x06, 0x09, 0x60,
                                           0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02,
                                           0x02, 0x05, 0x00, 0x04, 0x30};

size_t digest_info(const uint8_t *digest, size_t len, uint8_t out[DIGEST_INFO_MAX])
{
    if (len != 32 && len != 48)
        return 0;
    memcpy(out, len == 32 ? sha256 : sha384, PREFIX_LEN);
    memcpy(out + PREFIX_LEN, digest, len);
    return PREFIX_LEN + len;
}
