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
    ROSTER_FULL = -7,           /* buffer or table too small */
    ROSTER_OLD = -8,            /* not newer than the issue that is there */
    ROSTER_UNKNOWN_SIGNER = -9, /* signed by a key that may not sign here */
    ROSTER_UNAPPROVED = -10,    /* the second signature is missing */
    ROSTER_OWN_CHANGE = -11,    /* the approver made one of the changes himself */
    ROSTER_GAP = -12,           /* issues between the installed one and these are missing */
    ROSTER_SAME = -13,          /* the installed issue itself */
    ROSTER_SEALED = -14,        /* a template or shared key is missing, left over or another one */
    ROSTER_OFFICES = -15        /* somebody may both register and approve */
};

#define ROSTER_ID_LEN        16
#define ROSTER_TEXT_MAX      128 /* octets of UTF-8 with the NUL */
#define ROSTER_LOGIN_MAX     64
#define ROSTER_LOGINS        8
#define ROSTER_CREDENTIALS   8
#define ROSTER_KEYS          3
#define ROSTER_FINGERS       10
#define ROSTER_HOSTS         8 /* host rights of a person; hosts of an exception */
#define ROSTER_PLANS         2
#define ROSTER_EXCEPTIONS    1
#define ROSTER_SLOT_MAX      0x7FFFF /* 19 bits of a stop code */
#define ROSTER_HINT_MAX      16
#define ROSTER_EXCEPTION_MAX 2048
#define ROSTER_HOURS_MAX     48    /* hours in words, with the NUL */
#define ROSTER_RECORD_MAX    32768 /* octets of DER */

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

/* Zones as bits: a person's rights, where a credential counts. */
enum roster_zone {
    ROSTER_INDIVIDUAL_NUMBER = 1,
    ROSTER_LGWAN = 2,
    ROSTER_INTERNET = 4,
    ROSTER_ZONES_ALL = 7
};

/* Roles as bits. A record says which ones are wanted; the officers of an issue are those that hold
 * (core/roster/issue.h). */
enum roster_role {
    ROSTER_REGISTRAR = 1,     /* toroku tantosha */
    ROSTER_APPROVER = 2,      /* shoninsha */
    ROSTER_ADMINISTRATOR = 4, /* kanrisha */
    ROSTER_AUDITOR = 8,       /* kansa tantosha */
    ROSTER_ROLES_ALL = 15
};
/* Whoever registers does not approve. */
bool roster_roles_sound(uint8_t roles);

/* Why a person or a credential is in its state. */
enum roster_reason {
    ROSTER_NO_REASON = 0,
    ROSTER_LOST = 1,
    ROSTER_DAMAGED = 2,
    ROSTER_FORGOTTEN = 3, /* suspended while a temporary card lives */
    ROSTER_FOUND = 4,     /* lost, then found again */
    ROSTER_REPLACED = 5,  /* another card was issued instead */
    ROSTER_UNUSED = 6,    /* suspended by rule */
    ROSTER_RETIRED = 7,
    ROSTER_TRANSFERRED = 8,
    ROSTER_ENDED = 9, /* contract or term */
    ROSTER_INJURED = 10,
    ROSTER_NO_FINGER = 11, /* none can be enrolled */
    ROSTER_DISASTER = 12,  /* a sealed deputy card */
    ROSTER_OTHER = 13
};

struct roster_key {
    /* PIV 0x9E, 0x9A, an approver's 0x9C; JPKI 0x17; FeliCa 0x87 (block CK); YubiKey slot 1, 2;
     * else 1 */
    uint8_t ref;
    bool pin; /* observed at enrolment: refuses without the PIN */
    size_t len;
    uint8_t spki[CRYPTO_SPKI_MAX]; /* shared keys: SHA-256 of the sealed secret's octets */
};

struct roster_credential {
    uint8_t id[ROSTER_ID_LEN];
    uint8_t family; /* core/wire/card.h enum card_family */
    enum roster_state state;
    enum roster_reason reason;
    uint8_t zones;                        /* ROSTER_* bits; 0: wherever the person has a right */
    bool temporary;                       /* lent for a day, or a sealed deputy card */
    int64_t from;                         /* not before; seconds since 1970 UTC */
    int64_t until;                        /* the last second; 0: no end */
    uint32_t slot;                        /* of its stop code; 0: it has none */
    size_t stop_len;                      /* 0, or CRYPTO_SHA256_LEN where there is a slot */
    uint8_t stop_hash[CRYPTO_SHA256_LEN]; /* core/roster/stop.h */
    uint8_t pin_ref;                      /* P2 of VERIFY */
    int64_t enrolled;                     /* seconds since 1970 UTC */
    size_t hint_len; /* PIV: 16, the CHUID's GUID; FeliCa: 8, IDm; YubiKey: 4, serial; 0: none */
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

/* What becomes of a person at a moment that was known, and signed, before: a transfer on 1 April.
 * Each plan states the whole of what it touches. */
struct roster_plan {
    int64_t from; /* seconds since 1970 UTC */
    char section[ROSTER_TEXT_MAX];
    enum roster_category category;
    int64_t valid_until; /* as in the record */
    uint8_t zones;
    size_t hosts;
    char host[ROSTER_HOSTS][ROSTER_TEXT_MAX];
};

/* An exception (reigai sochi): other factors than the zone's clause asks for, for this person, on
 * these hosts, to an end. */
struct roster_exception {
    uint8_t factors; /* FACTOR_* bits of core/policy: the card and one more */
    enum roster_reason reason;
    int64_t from, until;
    size_t hosts; /* at least one */
    char host[ROSTER_HOSTS][ROSTER_TEXT_MAX];
    uint8_t approver[ROSTER_ID_LEN];
    char form[ROSTER_TEXT_MAX]; /* number of the paper form; may be empty */
};

/* When a contractor may log in: local time. All zero: at any time. */
struct roster_hours {
    uint8_t days;        /* bit n: day n of the week, 0 is Sunday */
    uint16_t begin, end; /* minutes since midnight, begin < end <= 1440 */
};

struct roster_record {
    uint8_t id[ROSTER_ID_LEN];
    char number[ROSTER_TEXT_MAX];  /* staff number; not empty */
    char name[ROSTER_TEXT_MAX];    /* not empty */
    char kana[ROSTER_TEXT_MAX];    /* may be empty */
    char section[ROSTER_TEXT_MAX]; /* may be empty */
    enum roster_category category;
    enum roster_state state;
    enum roster_reason reason;
    uint8_t zones; /* rights: ROSTER_* bits; 0: none at all */
    uint8_t roles; /* wanted ROSTER_* roles; never a contractor's or support staff's */
    bool escort;   /* a member of staff proves a card, too */
    struct roster_hours hours;
    char form[ROSTER_TEXT_MAX]; /* number of the contract or of the form; may be empty */
    size_t hosts;               /* 0: every host of the zones */
    char host[ROSTER_HOSTS][ROSTER_TEXT_MAX]; /* a host's name, or "@" and a place's name */
    int64_t valid_from;                       /* seconds since 1970 UTC */
    int64_t valid_until; /* later than valid_from; 0: no end, ROSTER_REGULAR only */
    size_t logins;       /* may be 0: nobody can be let in by this record */
    char login[ROSTER_LOGINS][ROSTER_LOGIN_MAX]; /* [0] is the primary one */
    size_t credentials;
    struct roster_credential credential[ROSTER_CREDENTIALS];
    size_t fingers;
    struct roster_finger finger[ROSTER_FINGERS];
    size_t plans;
    struct roster_plan plan[ROSTER_PLANS]; /* `from` rises */
    size_t exceptions;
    struct roster_exception exception[ROSTER_EXCEPTIONS];
};

/* Also checks the limits and that no login, credential id, finger or template id stands twice. */
int roster_record_encode(const struct roster_record *r, void *buf, size_t cap, size_t *len);
int roster_record_decode(const void *buf, size_t len, struct roster_record *out);
/* What an approver's card signs of an exception: DER of ExceptionApproval (docs/roster.asn1), at
 * most ROSTER_EXCEPTION_MAX octets. `serial` is random. */
int roster_exception_encode(const struct roster_exception *e, const uint8_t person[ROSTER_ID_LEN],
                            const uint8_t serial[ROSTER_ID_LEN], void *buf, size_t cap,
                            size_t *len);
bool roster_record_has_login(const struct roster_record *r, const char *login);
/* Folds every plan that is due at `now` into the record and removes it from the list. What judges
 * or shows a person looks at him through this. */
void roster_record_effective(struct roster_record *r, int64_t now);
/* `out`: what `zone` (one bit) may know of the person: its own right only, its own credentials, and
 * fingers only with `fingers`. False where he has no right there, not even by a plan. */
bool roster_record_for_zone(const struct roster_record *r, uint8_t zone, bool fingers,
                            struct roster_record *out);
/* Whether the list of host rights names the host or its place; an empty list names all. */
bool roster_host_allowed(const char host[][ROSTER_TEXT_MAX], size_t hosts, const char *name,
                         const char *place);
bool roster_hours_allow(const struct roster_hours *hours, unsigned day, unsigned minute);
/* "mon-fri 08:30-17:15", "mon,wed,sat 00:00-24:00", "any"; formatted, any time is "". */
bool roster_hours_parse(const char *text, struct roster_hours *out);
void roster_hours_format(const struct roster_hours *hours, char out[ROSTER_HOURS_MAX]);
const char *roster_strerror(int err);
const char *roster_category_name(enum roster_category category); /* config value, "regular" ... */
bool roster_category_parse(const char *name, enum roster_category *out);
const char *roster_state_name(enum roster_state state);
const char *roster_reason_name(enum roster_reason reason); /* "lost" ...; "" for none */
bool roster_reason_parse(const char *name, enum roster_reason *out);
const char *roster_role_name(enum roster_role role); /* one bit: "registrar" ... */
bool roster_role_parse(const char *name, enum roster_role *out);
/* "individual-number lgwan" and back; "" is 0. False: unknown or repeated word. */
void roster_zones_format(uint8_t zones, char *out, size_t cap);
bool roster_zones_parse(const char *text, uint8_t *out);
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
