/* SPDX-License-Identifier: Apache-2.0
 *
 * What lies under the seal of a shared key, as DER: the key, and what the card or token must say
 * under it or for it. The caller wipes.
 *
 *   FeliCa   SEQUENCE { OCTET STRING card key (16), OCTET STRING IDd (8), OCTET STRING CKV (2) }
 *   YubiKey  SEQUENCE { OCTET STRING secret (20), OCTET STRING access code (6), BOOLEAN touch,
 *                       OCTET STRING access code that the slot had before (0 or 6) }
 */
#ifndef TOYAMA_TOYAMAD_SHARED_H
#define TOYAMA_TOYAMAD_SHARED_H

#include "core/proof/hmac.h"
#include "core/proof/mac_a.h"

#define SHARED_CODE_LEN 6 /* octets of a YubiKey slot's access code */
#define SHARED_DER_MAX  64

struct shared_yubikey {
    struct proof_hmac_key key;
    uint8_t code[SHARED_CODE_LEN];
    bool touch;
    /* A slot that is being rewritten may hold this one, until the new one was seen to work. */
    bool has_before;
    uint8_t before[SHARED_CODE_LEN];
};

/* False where the buffer is too small, or where the octets are not of this form. */
bool shared_felica_encode(const struct proof_mac_a_key *key, uint8_t buf[SHARED_DER_MAX],
                          size_t *len);
bool shared_felica_decode(const void *buf, size_t len, struct proof_mac_a_key *out);
bool shared_yubikey_encode(const struct shared_yubikey *key, uint8_t buf[SHARED_DER_MAX],
                           size_t *len);
bool shared_yubikey_decode(const void *buf, size_t len, struct shared_yubikey *out);

#endif
