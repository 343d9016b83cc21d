/* SPDX-License-Identifier: Apache-2.0
 *
 * A roster file: what is carried to a zone. Only the zone's newest approved issue leaves the
 * station, and only to the holders of the zone's key.
 */
#ifndef TOYAMA_TOYAMAD_STATION_EXPORT_H
#define TOYAMA_TOYAMAD_STATION_EXPORT_H

#include "core/roster/file.h"
#include "toyamad/station/station.h"

struct station_export {
    const char *zone;
    const char *media; /* number of the medium; "": none */
    uint64_t base;     /* 0: everybody; else only what changed since this issue */
    int fd;            /* an empty file, open for reading and writing */
};

struct station_exported {
    struct roster_file head;
    char name[ROSTER_FILE_NAME_MAX];
    uint64_t records, removed, templates, secrets;
    uint64_t octets;
    uint8_t sha256[CRYPTO_SHA256_LEN]; /* of the whole file */
};

/* Writes the file and syncs it. The rows are compared with what was signed on the way. Memory stays
 * the same whatever their number; what is not sealed yet lies in a file without a name in
 * st->state. REGISTRY_NONE: no such zone, or no such base. */
int export_write(struct station *st, const struct station_export *what,
                 struct station_exported *out);

#endif
