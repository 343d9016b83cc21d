/* SPDX-License-Identifier: Apache-2.0
 *
 * What a zone's helpdesk may say between two issues (docs/roster.asn1, Amendment): it stops,
 * suspends and clears by its own key; what gives somebody a way in, or time, needs an approver's
 * card as well. Verified when it is taken and each time that the store is read anew.
 */
#ifndef TOYAMA_CORE_ROSTER_AMENDMENT_H
#define TOYAMA_CORE_ROSTER_AMENDMENT_H

#include "core/roster/issue.h"

#define ROSTER_AMENDMENT_MAX 3072 /* octets of DER without signatures */
#define ROSTER_AMENDED_MAX   4608 /* and with them */
/* Seconds that may pass from `created` to `until`: what is to last longer is the station's. */
#define ROSTER_TEMPORARY_MAX 86400
#define ROSTER_SUSPEND_MAX   2678400 /* 31 days */
#define ROSTER_EXTEND_MAX    2678400
#define ROSTER_OPEN_MAX      259200 /* 72 hours */

enum roster_amends {
    ROSTER_AMEND_STOP = 1,      /* a credential, for good; a lent one with ROSTER_ENDED: returned */
    ROSTER_AMEND_SUSPEND = 2,   /* a credential, until `until` (0: until a newer issue) */
    ROSTER_AMEND_RESUME = 3,    /* lifts earlier suspensions by amendment; approver */
    ROSTER_AMEND_TEMPORARY = 4, /* adds `card` to the person until `until`; approver */
    ROSTER_AMEND_CLEAR = 5,     /* the person's counter of failures, as of `created` */
    ROSTER_AMEND_EXTEND = 6,    /* the roster counts as new enough until `until`; approver */
    ROSTER_AMEND_OPEN = 7       /* one of several approvers opens a sealed deputy card */
};

struct roster_amendment {
    char zone[ROSTER_TEXT_MAX];
    uint64_t number; /* of the issue that the helpdesk had */
    int64_t created; /* seconds since 1970 UTC; rises from one to the next of a helpdesk */
    uint8_t id[ROSTER_ID_LEN];
    enum roster_amends kind;
    uint8_t person[ROSTER_ID_LEN];     /* zero for EXTEND only */
    uint8_t credential[ROSTER_ID_LEN]; /* zero but for STOP, SUSPEND, RESUME, OPEN */
    enum roster_reason reason;
    int64_t until; /* 0: none; later than `created` for TEMPORARY, EXTEND and OPEN */
    uint8_t operator[ROSTER_ID_LEN];
    char form[ROSTER_TEXT_MAX];       /* number of the paper form; may be empty */
    size_t cards;                     /* 1 for TEMPORARY, else 0 */
    struct roster_credential card[1]; /* active, temporary, ends with `until` */
    uint8_t approver[ROSTER_ID_LEN];  /* not in the DER: whose second signature was verified */
};

/* With signatures over `der` by the helpdesk's key (P-256) and, where the kind needs it, an
 * approver's 9C. */
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
const char *roster_amends_name(enum roster_amends kind); /* "stop", "suspend" ... */
bool roster_amends_approved(enum roster_amends kind);    /* needs the second signature */

/* Signatures by a helpdesk of `issue` and, where the kind needs it, by an approver of `issue` who
 * is not the operator; zone. Only a stop and a suspension may come from a helpdesk that already has
 * a newer issue: ROSTER_CHAIN for the others. Fills `out` only on ROSTER_OK. Other errors as
 * roster_chain_step. */
int roster_amended_verify(const struct roster_amended *a, const struct roster_issue *issue,
                          struct roster_amendment *out);
/* Whether `issue`, made later by number and by time, takes the amendment's place. Unlocking,
 * extensions and suspensions without an end go with it; lent cards and suspensions with an end stay
 * until that is over, a resumption until no suspension before it can be left; a stop stays until
 * the credential is gone from the issue, or stopped, returned or destroyed there: `r` is the signed
 * record of its person in that issue, NULL where it has none. */
bool roster_amendment_outlived(const struct roster_amendment *a, const struct roster_issue *issue,
                               const struct roster_record *r);
/* Whether the credential is a deputy's, sealed for a disaster. */
bool roster_sealed_deputy(const struct roster_credential *c);
/* Opens the sealed deputy cards of the signed record for which at least `approvers` different
 * people but the deputy have signed; to be done before the others are laid over it. 0: none. */
void roster_amendments_open(const struct roster_amendment *const *list, size_t count,
                            struct roster_record *r, int64_t now, uint32_t approvers);
/* Lays amendments, ordered by `created`, over the signed record of a person; those of other people
 * count for nothing. Never makes anything better than the record says but by TEMPORARY. `now` in
 * seconds since 1970 UTC. */
void roster_amendments_apply(const struct roster_amendment *const *list, size_t count,
                             struct roster_record *r, int64_t now);

#endif
