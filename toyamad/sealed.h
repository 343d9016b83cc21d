/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealed files (core/crypto/cms.h) behind file descriptors. Errors of core/crypto; CRYPTO_IO where
 * a descriptor is not a regular file (a memfd is one) or the system said no.
 */
#ifndef TOYAMA_TOYAMAD_SEALED_H
#define TOYAMA_TOYAMAD_SEALED_H

#include "core/crypto/cms.h"

/* Signs and encrypts the whole of `content_fd` (read by offset, twice) and writes the file to
 * `out_fd` where that stands; does not sync. */
int sealed_write(int content_fd, const struct cms_signer *signer, const void *recipient_spki,
                 size_t spkilen, int out_fd);

/* Opens the file that begins at `offset` in `file_fd` and reaches to its end. `temp_fd` is an empty
 * memfd or unlinked file of the caller: on CRYPTO_OK the verified content lies in it at
 * `out->offset`, `out->len` octets; on failure it is made empty again. `signer` as in cms_verify.
 */
int sealed_open(int file_fd, uint64_t offset, const void *key, size_t keylen, const uint8_t *signer,
                int temp_fd, struct cms_content *out);
/* SHA-256 of the file from `offset` to its end. */
int sealed_hash(int fd, uint64_t offset, uint8_t out[CRYPTO_SHA256_LEN]);

#endif
