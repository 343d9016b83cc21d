/* SPDX-License-Identifier: Apache-2.0
 *
 * Stop codes: 16 decimal digits that stop one credential in every zone, read out by telephone.
 * 15 digits are slot * 2^30 + secret, the last one is Damm's check digit: it finds every single
 * wrong digit and every two neighbours exchanged. A roster carries only a slow salted hash of the
 * secret, so nobody who holds the roster can make the code. It can only stop.
 */
#ifndef TOYAMA_CORE_ROSTER_STOP_H
#define TOYAMA_CORE_ROSTER_STOP_H

#include <stddef.h>
#include <stdint.h>

#define STOP_SLOTS      524288 /* slots are 0 .. STOP_SLOTS - 1 */
#define STOP_SECRETS    (1 << 30)
#define STOP_TEXT_CAP   20 /* 4821-0937-5516-2041 and NUL */
#define STOP_HASH_LEN   32
#define STOP_ID_LEN     16 /* credential id (ROSTER_ID_LEN) */
#define STOP_NOTICE_MAX 48 /* octets of DER */

enum stop_err {
    STOP_OK = 0,
    STOP_CHARACTER = -1, /* neither digit nor separator */
    STOP_COUNT = -2,     /* not 16 digits */
    STOP_CHECK = -3,     /* mistyped: the check digit does not fit, or no code has this value */
    STOP_OTHER = -4,     /* well-formed, but not the code of this credential */
    STOP_FORMAT = -5,    /* a notice that is not DER of its schema */
    STOP_CRYPTO = -6     /* no random numbers or no memory */
};

struct stop_code {
    uint32_t slot;   /* 0 .. STOP_SLOTS - 1; credential.slot of the record */
    uint32_t secret; /* 30 bits */
};

const char *stop_strerror(int err);

/* A fresh secret for this slot. STOP_CHECK where the slot is too large. */
int stop_make(uint32_t slot, struct stop_code *out);
/* STOP_CHECK where a member is out of range. The caller wipes `text`. */
int stop_format(const struct stop_code *code, char text[STOP_TEXT_CAP]);
/* Digits of ASCII or full width; hyphens and blanks of either kind anywhere between them. */
int stop_parse(const char *text, struct stop_code *out);

/* scrypt(secret as 4 octets big-endian, salt = credential id, CRYPTO_SCRYPT_STOP): 16 MiB, about
 * 50 ms. */
int stop_hash(const struct stop_code *code, const uint8_t credential[STOP_ID_LEN],
              uint8_t hash[STOP_HASH_LEN]);
/* STOP_OK where the code is this credential's, else STOP_OTHER. As slow as stop_hash. */
int stop_verify(const struct stop_code *code, const uint8_t credential[STOP_ID_LEN],
                const uint8_t hash[STOP_HASH_LEN]);

/* The code as it is carried from host to host: DER StopNotice { version, label, slot, secret }. */
int stop_notice_encode(const struct stop_code *code, void *buf, size_t cap, size_t *len);
int stop_notice_decode(const void *buf, size_t len, struct stop_code *out);

#endif
