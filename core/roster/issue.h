/* SPDX-License-Identifier: Apache-2.0
 *
 * The people of a zone at one moment, in DER (docs/roster.asn1, Issue), with
 * root = SHA-256 over the SHA-256 of each record, in the order of person ids. The authority's key
 * (P-256) signs that DER; where approval is required, so does an approver's card (PIV 9C). Both
 * signatures are detached and over the very octets: `openssl dgst -verify` checks them by hand.
 *
 * An issue says who holds which office from then on, and so who may approve the next one, and which
 * key signs the next one. Whoever knows one issue can therefore judge the whole chain behind it.
 */
#ifndef TOYAMA_CORE_ROSTER_ISSUE_H
#define TOYAMA_CORE_ROSTER_ISSUE_H

#include "core/roster/record.h"

#define ROSTER_ISSUE_MAX      7168
#define ROSTER_SIGNATURE_MAX  80  /* of the authority: DER Ecdsa-Sig-Value */
#define ROSTER_APPROVAL_MAX   512 /* of the approver: RSA-4096 fits */
#define ROSTER_SIGNED_MAX     9216
#define ROSTER_ISSUE_KEYS_MAX 1024
#define ROSTER_AUTHORS        16
#define ROSTER_OFFICERS       64
#define ROSTER_HELPDESKS      4

/* The author that stands for uid 0 without an operator's card. */
extern const uint8_t roster_root_author[ROSTER_ID_LEN];

struct roster_officer {
    uint8_t person[ROSTER_ID_LEN];
    uint8_t roles;                  /* ROSTER_REGISTRAR ... bits */
    size_t key_len;                 /* CRYPTO_SHA256_LEN with ROSTER_APPROVER, else 0 */
    uint8_t key[CRYPTO_SHA256_LEN]; /* SHA-256 of the 9C key's SubjectPublicKeyInfo */
};

struct roster_issue {
    char zone[ROSTER_TEXT_MAX];
    uint64_t number;                     /* 1 is the first */
    int64_t created;                     /* seconds since 1970 UTC */
    uint8_t previous[CRYPTO_SHA256_LEN]; /* of the DER of issue number - 1; zero for the first */
    uint64_t count;
    uint8_t root[CRYPTO_SHA256_LEN];
    uint8_t authority[CRYPTO_SHA256_LEN]; /* SHA-256 of the SPKI that signs the next issue */
    size_t authors;                       /* who made the changes since the issue before */
    uint8_t author[ROSTER_AUTHORS][ROSTER_ID_LEN];
    size_t officers; /* ordered by person, none twice */
    struct roster_officer officer[ROSTER_OFFICERS];
    size_t helpdesks; /* SHA-256 of the SPKI of each */
    uint8_t helpdesk[ROSTER_HELPDESKS][CRYPTO_SHA256_LEN];
    size_t keys_len;                     /* 0: the zone keeps its keys */
    uint8_t keys[ROSTER_ISSUE_KEYS_MAX]; /* the next ones, sealed: core/roster/rekey.h */
};

int roster_issue_encode(const struct roster_issue *issue, void *buf, size_t cap, size_t *len);
int roster_issue_decode(const void *buf, size_t len, struct roster_issue *out);
/* Signs the encoded issue with the authority's PKCS#8 key. */
int roster_issue_sign(const void *der, size_t len, const void *key, size_t keylen, uint8_t *sig,
                      size_t cap, size_t *siglen);
/* Signature by `spki`, zone, and that `number` >= `least`. Fills `out` only on ROSTER_OK. */
int roster_issue_verify(const void *der, size_t len, const void *sig, size_t siglen,
                        const void *spki, size_t spkilen, const char *zone, uint64_t least,
                        struct roster_issue *out);
/* Whether `next` follows the issue whose DER is given. */
int roster_issue_follows(const struct roster_issue *next, const void *previous_der, size_t len);
/* NULL where the person holds no office. */
const struct roster_officer *roster_issue_officer(const struct roster_issue *issue,
                                                  const uint8_t person[ROSTER_ID_LEN]);

/* An issue with its signatures and the keys that made them, as it is carried and stored. */
struct roster_signed {
    uint8_t der[ROSTER_ISSUE_MAX];
    size_t der_len;
    uint8_t key[CRYPTO_SPKI_MAX]; /* the authority's */
    size_t key_len;
    uint8_t sig[ROSTER_SIGNATURE_MAX];
    size_t sig_len;
    uint8_t approver[CRYPTO_SPKI_MAX]; /* his 9C key; length 0: not approved */
    size_t approver_len;
    uint8_t approval[ROSTER_APPROVAL_MAX];
    size_t approval_len;
};

int roster_signed_encode(const struct roster_signed *s, void *buf, size_t cap, size_t *len);
int roster_signed_decode(const void *buf, size_t len, struct roster_signed *out);

/* What a reader knows and trusts before it sees the next issue. */
struct roster_trust {
    bool approval;                   /* the second signature is required */
    uint8_t hash[CRYPTO_SHA256_LEN]; /* of the DER of `issue`; zero before the first one */
    struct roster_issue issue; /* the newest one; before the first: number 0, with zone, authority
                                  and officers */
};

int roster_trust_encode(const struct roster_trust *trust, void *buf, size_t cap, size_t *len);
int roster_trust_decode(const void *buf, size_t len, struct roster_trust *out);

/* Moves `trust` one issue ahead, or leaves it as it is and says what is wrong: ROSTER_FORMAT,
 * ROSTER_ZONE, ROSTER_OLD (number not above), ROSTER_CHAIN (a gap, or another history),
 * ROSTER_UNKNOWN_SIGNER, ROSTER_SIGNATURE, ROSTER_UNAPPROVED, ROSTER_OWN_CHANGE. */
int roster_chain_step(struct roster_trust *trust, const struct roster_signed *s);

/* The root as records come by, ordered by id; a repeated or falling id is ROSTER_CHAIN. */
struct roster_root {
    uint64_t count;
    size_t used;
    size_t cap;
    uint8_t last_id[ROSTER_ID_LEN];
    uint8_t *hashes; /* owned: count * 32 octets, grown by realloc */
};
void roster_root_begin(struct roster_root *root);
int roster_root_add(struct roster_root *root, const uint8_t id[ROSTER_ID_LEN],
                    const uint8_t hash[CRYPTO_SHA256_LEN]);
int roster_root_finish(struct roster_root *root, uint8_t out[CRYPTO_SHA256_LEN]);
void roster_root_free(struct roster_root *root);

#endif
