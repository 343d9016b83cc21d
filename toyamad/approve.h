/* SPDX-License-Identifier: Apache-2.0
 *
 * The second person: an approver's card signs, with its key 9C and the PIN each time, what another
 * person prepared. A verb hands over what is to be signed and goes on in `done`; whatever else
 * happens ends the call with its cause, and what was refused is recorded.
 *
 * The card must have been enrolled for its holder with key 9C (verb approver.enroll), be active and
 * prove itself by 9E where it has that key; the holder must be an approver now (toyamad/officer.h),
 * and by the officers of `trust` where a blob has one; and he must be neither the operator nor one
 * of the authors. Only then the PIN is asked for.
 *
 * A card that lies in a reader when K15 is shown and is not such a one may be exchanged. One that
 * is placed afterwards ends the call: REFUSED with H04 where somebody would approve what is his
 * own, with X88 for anybody else.
 */
#ifndef TOYAMA_TOYAMAD_APPROVE_H
#define TOYAMA_TOYAMAD_APPROVE_H

#include "core/roster/issue.h"
#include "core/wire/admin.h"
#include "toyamad/prove.h"

#define APPROVE_BLOBS_MAX   4
#define APPROVE_AUTHORS_MAX ((size_t)2 * ROSTER_AUTHORS)
#define APPROVE_SUBJECT_MAX 32
#define APPROVE_PIN_MAX     9 /* digits of a PIV card's PIN with the NUL */

struct task;
struct task_ops;

/* One message that is signed: its SHA-256, its SHA-384 where the card's key is on P-384. It must
 * not be possible to mean two things by it, nor the same thing twice: it begins with a label and
 * holds a number, a serial or a nonce. */
struct approve_blob {
    const void *der;
    size_t len;
    const struct roster_issue *trust; /* whose officers may sign; NULL: those of this host */
};

struct approve_what {
    const char *subject; /* for the log: "issue", "exception" ... */
    const struct approve_blob *blob;
    size_t blobs; /* 1 to APPROVE_BLOBS_MAX */
    /* Who made what is to be approved, at most APPROVE_AUTHORS_MAX; the operator is one of them
     * without being listed. */
    const uint8_t (*author)[ROSTER_ID_LEN];
    size_t authors;
};

struct approve_signature {
    size_t len;
    uint8_t octets[ROSTER_APPROVAL_MAX]; /* as crypto_verify_message takes it */
};

struct approve_result {
    uint8_t person[ROSTER_ID_LEN];
    char number[ROSTER_TEXT_MAX]; /* staff number: pair "approver" of the caller's event */
    size_t spki_len;
    uint8_t spki[CRYPTO_SPKI_MAX]; /* of the key 9C */
    size_t signatures;             /* one a blob, in their order, each of them verified */
    struct approve_signature signature[APPROVE_BLOBS_MAX];
};

/* `result` is valid during the call. The task still has the devices, and the ops that it had before
 * approve_begin; the event "approved" is written. */
typedef void (*approve_fn)(struct task *t, const struct approve_result *result);

/* Copies what it needs: nothing of `what` is looked at later. Takes the devices, unless the task
 * has them already; its card link must be closed. */
void approve_begin(struct task *t, const struct approve_what *what, approve_fn done);

/* The rest is approve.c's and approve_card.c's own. */

struct approve_digest {
    uint8_t sha256[CRYPTO_SHA256_LEN], sha384[CRYPTO_SHA384_LEN];
    bool bound;      /* `officer` are the ones who may sign it */
    size_t officers; /* approvers only */
    struct roster_officer officer[ROSTER_OFFICERS];
};

enum approve_state {
    APPROVE_NONE = 0,
    APPROVE_LOOK, /* for a card */
    APPROVE_NAME, /* its identifier was asked for */
    APPROVE_NEXT, /* the card in another reader was */
    APPROVE_PROVE,
    APPROVE_TYPE,
    APPROVE_SIGN
};

struct approve {
    approve_fn done;
    const struct task_ops *before;
    char subject[APPROVE_SUBJECT_MAX];
    size_t blobs, authors;
    struct approve_digest blob[APPROVE_BLOBS_MAX];
    uint8_t author[APPROVE_AUTHORS_MAX][ROSTER_ID_LEN];
    enum approve_state state;
    uint64_t deadline; /* attempt_clock() */
    bool shown;        /* K15 */
    bool first;        /* what is seen now lay there when it was shown */
    bool more;         /* a card is in another reader, too */
    unsigned waits, others, prompts;
    size_t lying; /* identifiers of cards that lay there at the beginning, and are not wanted */
    uint8_t lies[CARD_READERS_MAX][ROSTER_HINT_MAX];
    char reader[CARD_READER_MAX];
    const char *refusal, *cause; /* of the last card that is not wanted */
    char holder[ROSTER_TEXT_MAX];
    struct roster_record person; /* who the card says that it is */
    size_t index;                /* its credential */
    uint8_t chosen[ROSTER_ID_LEN];
    struct prove proof;
    char pin[APPROVE_PIN_MAX];
    struct approve_result result;
};

/* approve.c: whether the card `index` of `person` may sign; NULL where it may, else the cause for
 * the log, and `*msg` for the person. */
const char *approve_judge(struct task *t, const char **msg);
/* The event "approval-refused" and the end of the call. */
void approve_refuse(struct task *t, enum admin_result result, const char *msg, const char *cause);
void approve_finish(struct task *t);
/* approve_card.c */
void approve_look(struct task *t);

#endif
