/* SPDX-License-Identifier: Apache-2.0
 *
 * The parts of a backup file. Inside toyamad/station only.
 */
#ifndef TOYAMA_TOYAMAD_STATION_BACKUP_FILE_H
#define TOYAMA_TOYAMAD_STATION_BACKUP_FILE_H

#include "core/crypto/crypto.h"

#include <limits.h>

#define BACKUP_FILES    8     /* small files: keys */
#define BACKUP_FILE_MAX 16384 /* octets of one */
#define BACKUP_NAME_MAX 40
#define BACKUP_HEAD_MAX (BACKUP_FILES * (BACKUP_FILE_MAX + 128))
#define BACKUP_PIECE    (1 << 20) /* octets of the registry in one piece */

struct backup_file {
    char name[BACKUP_NAME_MAX]; /* below the folder of the state */
    size_t len;
    uint8_t octets[BACKUP_FILE_MAX];
};

struct backup_head {
    uint8_t key[CRYPTO_KEY_LEN]; /* of the pieces */
    size_t files;
    struct backup_file file[BACKUP_FILES];
};

/* Names of small files; NULL behind the last one. */
const char *backup_name(size_t n);
/* Exact inverses; names are those of keys only. False: outside of the limits, or not such a head.
 */
bool backup_head_encode(const struct backup_head *head, uint8_t *buf, size_t cap, size_t *len);
bool backup_head_decode(const uint8_t *buf, size_t len, struct backup_head *out);

#define BACKUP_SEALED_MAX (BACKUP_PIECE + CRYPTO_SEAL_EXTRA)
bool backup_piece_seal(const struct backup_head *head, uint64_t place, bool last, const void *data,
                       size_t len, uint8_t out[BACKUP_SEALED_MAX], size_t *outlen);
bool backup_piece_open(const struct backup_head *head, uint64_t place, bool last,
                       const void *sealed, size_t len, uint8_t out[BACKUP_SEALED_MAX],
                       size_t *outlen);

#endif
