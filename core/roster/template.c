/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/record.h"

#define AAD_VERSION 1

int roster_template_aad(const char *zone, const uint8_t person[ROSTER_ID_LEN],
                        const struct roster_finger *finger, void *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);
    size_t mark;

    if (finger->enrolled < 0)
        return ROSTER_FORMAT;
    mark = tlv_open(&out, DER_SEQUENCE);
    tlv_put_uint(&out, DER_INTEGER, AAD_VERSION);
    tlv_put_text(&out, DER_UTF8, zone);
    tlv_put(&out, DER_OCTETS, person, ROSTER_ID_LEN);
    tlv_put(&out, DER_OCTETS, finger->id, sizeof(finger->id));
    tlv_put_uint(&out, DER_INTEGER, finger->finger);
    tlv_put_text(&out, DER_UTF8, finger->driver);
    tlv_put_text(&out, DER_UTF8, finger->device);
    tlv_put_uint(&out, DER_INTEGER, finger->width);
    tlv_put_uint(&out, DER_INTEGER, finger->height);
    tlv_put_uint(&out, DER_INTEGER, (uint64_t)finger->enrolled);
    tlv_close(&out, mark);
    return tlv_finish(&out, len) == WIRE_OK ? ROSTER_OK : ROSTER_FULL;
}
