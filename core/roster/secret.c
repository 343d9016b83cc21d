/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/record.h"

#define AAD_VERSION 1

int roster_secret_aad(const char *zone, const uint8_t person[ROSTER_ID_LEN],
                      const struct roster_credential *credential, uint8_t ref, void *buf,
                      size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);
    size_t mark = tlv_open(&out, DER_SEQUENCE);

    tlv_put_uint(&out, DER_INTEGER, AAD_VERSION);
    tlv_put_text(&out, DER_UTF8, "secret");
    tlv_put_text(&out, DER_UTF8, zone);
    tlv_put(&out, DER_OCTETS, person, ROSTER_ID_LEN);
    tlv_put(&out, DER_OCTETS, credential->id, sizeof(credential->id));
    tlv_put_uint(&out, DER_INTEGER, credential->family);
    tlv_put_uint(&out, DER_INTEGER, ref);
    tlv_close(&out, mark);
    return tlv_finish(&out, len) == WIRE_OK ? ROSTER_OK : ROSTER_FULL;
}
