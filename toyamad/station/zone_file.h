/* SPDX-License-Identifier: Apache-2.0
 *
 * zones/ZONE.key: AES-256-GCM under the station's seal key, bound to the zone's name, over DER
 * SEQUENCE { version, name, key, cert, seal key, anchor (Trust of docs/roster.asn1),
 * SEQUENCE OF SEQUENCE { host, hash of key } }. Inside toyamad/station only.
 */
#ifndef TOYAMA_TOYAMAD_STATION_ZONE_FILE_H
#define TOYAMA_TOYAMAD_STATION_ZONE_FILE_H

#include "toyamad/station/zone.h"

#define ZONE_FILE_MAX 16384

bool zone_file_seal(const struct station_zone *zone, const uint8_t seal[CRYPTO_KEY_LEN], void *buf,
                    size_t cap, size_t *len);
/* False where it is damaged, of another host, or of another zone; `out` is wiped then. */
bool zone_file_open(const void *file, size_t len, const uint8_t seal[CRYPTO_KEY_LEN],
                    const char *name, struct station_zone *out);

#endif
