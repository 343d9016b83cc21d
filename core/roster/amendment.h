/* SPDX-License-Identifier: Apache-2.0
 *
 * What a zone's helpdesk may say between two issues (docs/roster.asn1, Amendment): it stops and
 * suspends by its own key; what gives somebody a way in, or time, needs an approver's card as well.
 * Verified when it is taken and each time that it is laid over a record.
 */
#ifndef TOYAMA_CORE_ROSTER_AMENDMENT_H
#define TOYAMA_CORE_ROSTER_AMENDMENT_H

#include "core/roster/issue.h"

#define ROSTER_AMENDMENT_MAX 4096 /* octets of DER, signatures included */

enum roster_amends {
    ROSTER_AMEND_STOP = 1,      /* a credential, for good */
    ROSTER_AMEND_SUSPEND = 2,   /* a credential, until `until` (0: until the next issue) */
    ROSTER_AMEND_RESUME = 3,    /* lifts an earlier suspension by amendment; approver */
    ROSTER_AMEND_TEMPORARY = 4, /* adds `card` to the person until `until`; approver */
    ROSTER_AMEND_CLEAR = 5,     /* the person's counter of failures, as of `created` */
    ROSTER_AMEND_EXTEND = 6     /* the roster counts as new enough until `until`; approver */
};

struct roster_amendment {
    char zone[ROSTER_TEXT_MAX];
    uint64_t number; /* of the issue that it amends */
    int64_t created; /* seconds since 1970 UTC */
    uint8_t id[ROSTER_ID_LEN];
    enum roster_amends kind;
    uint8_t person[ROSTER_ID_LEN];     /* zero for EXTEND */
    uint8_t credential[ROSTER_ID_LEN]; /* zero where the kind has none */
    enum roster_reason reason;
    int64_t until; /* 0: none; mandatory for TEMPORARY and EXTEND */
    uint8_t operator[ROSTER_ID_LEN];
    char form[ROSTER_TEXT_MAX]; /* number of the paper form; may be empty */
    size_t cards;               /* 1 for TEMPORARY, else 0 */
    struct roster_credential card[1];
};

/* With signatures by the helpdesk's key (P-256) and, where the kind needs it, an approver's 9C. */
struct roster_amended {
    uint8_t der[ROSTER_AMENDMENT_MAX];
    size_t der_len;
    uint8_t key[CRYPTO_SPKI_MAX];
    size_t key_len;
    uint8_t sig[ROSTER_SIGNATURE_MAX];
    size_t sig_len;
    uint8_t approver[CRYPTO_SPKI_MAX];
    size_t approver_len;
    uint8_t approval[ROSTER_APPROVAL_MAX];
    size_t approval_len;
};

int roster_amendment_encode(const struct roster_amendment *a, void *buf, size_t cap, size_t *len);
int roster_amendment_decode(const void *buf, size_t len, struct roster_amendment *out);
int roster_amended_encode(const struct roster_amended *a, void *buf, size_t cap, size_t *len);
int roster_amended_decode(const void *buf, size_t len, struct roster_amended *out);

/* Signatures by a helpdesk and, where needed, by an approver of `issue` who is not the operator;
 * zone; `number` not above the issue's. Errors as roster_chain_step. */
int roster_amended_verify(const struct roster_amended *a, const struct roster_issue *issue,
                          struct roster_amendment *out);
/* Lays it over the record of its person; false where it does not concern the record as it is (the
 * credential is not there, a stop would be lifted). Never makes anything better than the record
 * says but for RESUME and TEMPORARY. `now` in seconds since 1970 UTC. */
bool roster_amendment_apply(const struct roster_amendment *a, struct roster_record *r, int64_t now);

#endif
