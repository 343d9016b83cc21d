/* SPDX-License-Identifier: Apache-2.0
 *
 * The text lines that stand before the sealed part of a roster file, for people and for a first
 * look: what the file is, whom it is for, and the hash of the rest. They are not signed: a reader
 * believes them only where the signed content says the same.
 *
 *   toyama-roster: 1
 *   zone: lgwan
 *   number: 124
 *   created: 2026-10-01T08:05:00Z
 *   people: 412
 *   base: 0
 *   previous: 64 hexadecimal digits
 *   sha256: 64 hexadecimal digits
 *   media: USB-07
 *   (empty line)
 */
#ifndef TOYAMA_CORE_ROSTER_FILE_H
#define TOYAMA_CORE_ROSTER_FILE_H

#include "core/roster/record.h"

#define ROSTER_FILE_HEAD_MAX 1024 /* octets of all lines */
#define ROSTER_MEDIA_MAX     64   /* octets with the NUL */
#define ROSTER_FILE_NAME_MAX 48

struct roster_file {
    char zone[ROSTER_TEXT_MAX];
    uint64_t number;
    int64_t created;                     /* seconds since 1970 UTC; years 1970 to 9999 */
    uint64_t people;                     /* in the issue */
    uint64_t base;                       /* 0: everybody; else what the reader must have */
    uint8_t previous[CRYPTO_SHA256_LEN]; /* of the issue */
    uint8_t sha256[CRYPTO_SHA256_LEN];   /* of everything behind the empty line */
    char media[ROSTER_MEDIA_MAX];        /* number of the medium; may be empty */
};

/* The lines have the same length whatever `sha256` is. ROSTER_FORMAT where a member cannot stand
 * in a line; ROSTER_FULL. */
int roster_file_format(const struct roster_file *file, char *buf, size_t cap, size_t *len);
/* Reads the lines at the begin of `buf`; `len` is what they take up, the empty line included.
 * ROSTER_FORMAT for anything that roster_file_format would not have written. */
int roster_file_parse(const void *buf, size_t cap, struct roster_file *out, size_t *len);
/* "N-R8-0124.roster": zone (N, L or I), fiscal year of `created` by Japan's time (April to March),
 * number. ROSTER_ZONE for any other zone. */
int roster_file_name(const struct roster_file *file, char out[ROSTER_FILE_NAME_MAX]);

#endif
