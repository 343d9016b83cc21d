/* SPDX-License-Identifier: Apache-2.0
 *
 * Templates are mostly zeros: libfprint writes four octets for numbers that need nine bits. Packed,
 * a template is the OCTET STRING of a zlib stream (RFC 1950) of the plain SEQUENCE; what does not
 * shrink stays plain.
 */
#ifndef TOYAMA_BIOMETRIC_PACK_H
#define TOYAMA_BIOMETRIC_PACK_H

#include <glib.h>
#include <stdint.h>

/* The shorter form of a plain template. Wiped by the last g_bytes_unref. NULL on failure. */
GBytes *pack_close(const uint8_t *plain, size_t len);
/* The plain form of either; at most FINGER_TEMPLATE_MAX octets. NULL where it is malformed, longer,
 * or followed by something else. */
GBytes *pack_open(const uint8_t *buf, size_t len);

#endif
