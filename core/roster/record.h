/* SPDX-License-Identifier: Apache-2.0
 *
 * One person in one zone: the record, in DER (docs/roster.asn1). Fixed-size structure, no pointers;
 * encode and decode are exact inverses, and decode refuses everything that encode would not write.
 */
#ifndef TOYAMA_CORE_ROSTER_RECORD_H
#define TOYAMA_CORE_ROSTER_RECORD_H

#include "core/crypto/crypto.h"
#include "core/wire/tlv.h"

enum roster_err {
    ROSTER_OK = 0,
    ROSTER_FORMAT = -1, /* not DER of this schema, or outside of its limits */
    ROSTER_SIGNATURE = -2,
    ROSTER_ZONE = -3,  /* another zone */
    ROSTER_CHAIN = -4, /* number not higher or hash of the issue before differs */
    ROSTER_ROOT = -5,  /* the records are not the ones that were signed */
    ROSTER_CRYPTO = -6,
    ROSTER_FULL = -7 /* buffer or table too small */
};

#define ROSTER_ID_LEN      16
#define ROSTER_TEXT_MAX    128 /* octets of UTF-8 with the NUL */
#define ROSTER_LOGIN_MAX   64
#define ROSTER_LOGINS      8
#define ROSTER_CREDENTIALS 8
#define ROSTER_KEYS        2
#define ROSTER_FINGERS     10
#define ROSTER_HINT_MAX    16
#define ROSTER_RECORD_MAX  16384 /* octets of DER */

enum roster_category {
    ROSTER_REGULAR = 1,     /* seiki */
    ROSTER_FIXED_TERM = 2,  /* ninkitsuki */
    ROSTER_FISCAL_YEAR = 3, /* kaikei nendo */
    ROSTER_TEMPORARY = 4,   /* rinji */
    ROSTER_REAPPOINTED = 5, /* sainin'yo */
    ROSTER_SUPPORT = 6,     /* oen */
    ROSTER_CONTRACTOR = 7   /* itaku */
};

/* Same values as core/policy enum credential_state where both exist. */
enum roster_state {
    ROSTER_ACTIVE = 1,
    ROSTER_STOPPED = 2,
    ROSTER_SUSPENDED = 3,
    ROSTER_RETURNED = 4,
    ROSTER_DESTROYED = 5
};

struct roster_key {
    uint8_t ref; /* PIV 0x9E, 0x9A; JPKI 0x17; FeliCa 0x87 (block CK); YubiKey slot 1, 2; else 1 */
    bool pin;    /* observed at enrolment: refuses without the PIN */
    size_t len;
    uint8_t spki[CRYPTO_SPKI_MAX]; /* shared keys: SHA-256 of the sealed secret's octets */
};

struct roster_credential {
    uint8_t id[ROSTER_ID_LEN];
    uint8_t family; /* core/wire/card.h enum card_family */
    enum roster_state state;
    uint8_t pin_ref;  /* P2 of VERIFY */
    int64_t enrolled; /* seconds since 1970 UTC */
    size_t hint_len;  /* PIV: 16, the CHUID's GUID; FeliCa: 8, IDm; YubiKey: 4, serial; 0: none */
    uint8_t hint[ROSTER_HINT_MAX];
    char label[ROSTER_TEXT_MAX]; /* what the operator wrote on it; may be empty */
    size_t keys;
    struct roster_key key[ROSTER_KEYS];
};

struct roster_finger {
    uint8_t id[ROSTER_ID_LEN]; /* template id */
    uint8_t finger;            /* 1..10, ISO/IEC 19794-2 */
    int64_t enrolled;
    char driver[32];
    char device[64];
    uint16_t width, height; /* pixels of the sensor's image, 0: match on chip */
    uint8_t samples;
    uint8_t sealed_hash[CRYPTO_SHA256_LEN]; /* SHA-256 of the sealed template's octets */
};

struct roster_record {
    uint8_t id[ROSTER_ID_LEN];
    char number[ROSTER_TEXT_MAX];  /* staff number; not empty */
    char name[ROSTER_TEXT_MAX];    /* not empty */
    char kana[ROSTER_TEXT_MAX];    /* may be empty */
    char section[ROSTER_TEXT_MAX]; /* may be empty */
    enum roster_category category;
    enum roster_state state;
    int64_t valid_from;  /* seconds since 1970 UTC */
    int64_t valid_until; /* later than valid_from; 0: no end, ROSTER_REGULAR only */
    size_t logins;       /* may be 0: nobody can be let in by this record */
    char login[ROSTER_LOGINS][ROSTER_LOGIN_MAX]; /* [0] is the primary one */
    size_t credentials;
    struct roster_credential credential[ROSTER_CREDENTIALS];
    size_t fingers;
    struct roster_finger finger[ROSTER_FINGERS];
};

/* Also checks the limits and that no login, credential id, finger or template id stands twice. */
int roster_record_encode(const struct roster_record *r, void *buf, size_t cap, size_t *len);
int roster_record_decode(const void *buf, size_t len, struct roster_record *out);
bool roster_record_has_login(const struct roster_record *r, const char *login);
const char *roster_strerror(int err);
const char *roster_category_name(enum roster_category category); /* config value, "regular" ... */
bool roster_category_parse(const char *name, enum roster_category *out);
const char *roster_state_name(enum roster_state state);
/* A login name that PAM programs can bear: 1..63 octets of [A-Za-z0-9._@-], no leading '-'. */
bool roster_login_valid(const char *login);

const char *roster_family_name(uint8_t family); /* "piv", "jpki", "felica" ... */
/* Whether the host holds the key of this family, too (core/wire/card.h enum card_family). */
bool roster_family_shared(uint8_t family);
/* Associated data of a sealed shared key: DER { version, "secret", zone, person id, credential id,
 * family, key reference }. A row moved to another person, credential or zone does not open. */
int roster_secret_aad(const char *zone, const uint8_t person[ROSTER_ID_LEN],
                      const struct roster_credential *credential, uint8_t ref, void *buf,
                      size_t cap, size_t *len);

/* Associated data of a sealed template: DER { version, zone, person id, template id, finger,
 * driver, device, width, height, enrolled }. A row moved elsewhere does not open. */
int roster_template_aad(const char *zone, const uint8_t person[ROSTER_ID_LEN],
                        const struct roster_finger *finger, void *buf, size_t cap, size_t *len);

#endif
