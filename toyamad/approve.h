/* SPDX-License-Identifier: Apache-2.0
 *
 * The second person: an approver's card signs, with its key 9C and the PIN each time, what another
 * person prepared. A verb hands over what is to be signed and goes on in `done`; whatever else
 * happens ends the call with its cause, and what was refused is recorded.
 *
 * The card must have been enrolled for its holder with key 9C (verb approver.enroll), be active and
 * prove itself by 9E where it has that key; the holder must be an approver now, by the host's
 * officers (toyamad/officer.h), and by those of `trust` where a blob has one; and he must be
 * neither the operator nor one of the authors. A card that lies in a reader already and is not such
 * a one may be exchanged; one that is placed after K15 was shown ends the call: H04 where the
 * requester tries to approve, X88 for anybody else's.
 */
#ifndef TOYAMA_TOYAMAD_APPROVE_H
#define TOYAMA_TOYAMAD_APPROVE_H

#include "core/roster/issue.h"
#include "toyamad/prove.h"

#define APPROVE_BLOBS_MAX   4
#define APPROVE_AUTHORS_MAX (ROSTER_AUTHORS + 1)

struct task;
struct task_ops;

/* One message that is signed: SHA-256 of it, SHA-384 where the card's key is on P-384. It must not
 * be possible to mean two things by it, nor the same thing twice: it begins with a label and holds
 * a number, a serial or a nonce. */
struct approve_blob {
    const void *der;
    size_t len;
    const struct roster_issue *trust; /* whose officers may sign; NULL: those of this host */
};

struct approve_what {
    const char *subject; /* for the log: "issue", "exception" ... */
    const struct approve_blob *blob;
    size_t blobs;                           /* 1 to APPROVE_BLOBS_MAX */
    const uint8_t (*author)[ROSTER_ID_LEN]; /* who made what is to be approved; the operator is */
    size_t authors;                         /* one of them without being listed */
};

struct approve_signature {
    size_t len;
    uint8_t octets[ROSTER_APPROVAL_MAX]; /* as crypto_verify takes it */
};

struct approve_result {
    uint8_t person[ROSTER_ID_LEN];
    char number[ROSTER_TEXT_MAX]; /* staff number: pair "approver" of the caller's event */
    size_t spki_len;
    uint8_t spki[CRYPTO_SPKI_MAX]; /* of the key 9C */
    size_t signatures;             /* one a blob, in their order, each of them verified */
    struct approve_signature signature[APPROVE_BLOBS_MAX];
};

/* `result` is valid during the call. The task has the devices still and the ops that it had before
 * approve_begin; the event "approved" is written. */
typedef void (*approve_fn)(struct task *t, const struct approve_result *result);

/* Copies what it needs: nothing of `what` is looked at later. Takes the devices, unless the task
 * has them; its card link must be closed. */
void approve_begin(struct task *t, const struct approve_what *what, approve_fn done);

#endif
