/* SPDX-License-Identifier: Apache-2.0
 *
 * On whose behalf the calls of admin.sock are made. A member of staff who proved card, PIN and
 * finger as the host asks for them is the operator of his user of the host (the uid that the kernel
 * told at accept) until he closes, is idle for too long, or loses card, role or validity. Other
 * processes of the same uid share this: they could trace each other, too.
 */
#ifndef TOYAMA_TOYAMAD_OPERATOR_H
#define TOYAMA_TOYAMAD_OPERATOR_H

#include "core/chain/chain.h"
#include "core/roster/record.h"

#include <sys/types.h>
#include <systemd/sd-event.h>

#define OPERATORS_MAX 16

struct broker;

/* What a call's events name. */
struct task_operator {
    uint8_t id[ROSTER_ID_LEN];    /* roster_root_author where nobody opened */
    char number[ROSTER_TEXT_MAX]; /* staff number; "root", or "uid N", where nobody opened */
    uint8_t roles;                /* ROSTER_* bits that hold now */
    bool open;                    /* a person proved himself */
};

struct operator_session {
    struct broker *broker; /* NULL: free */
    uid_t uid;
    uint8_t person[ROSTER_ID_LEN], credential[ROSTER_ID_LEN];
    char number[ROSTER_TEXT_MAX];
    sd_event_source *idle;
};

struct operators {
    struct operator_session session[OPERATORS_MAX];
};

/* Who `uid` is now. A session that no longer holds is closed. */
void operator_identify(struct broker *b, uid_t uid, struct task_operator *out);
/* Starts the idle time of the uid's session anew. */
void operator_stir(struct broker *b, uid_t uid);
/* Seconds until the uid's session ends by itself; 0: there is none. */
uint32_t operator_left(struct broker *b, uid_t uid);
/* The person's card is proven; a session of the uid that is there is closed. False: too many, or
 * an event cannot be recorded. `event` tells of it, and is written. */
bool operator_begin(struct broker *b, uid_t uid, const struct roster_record *person,
                    const uint8_t credential[ROSTER_ID_LEN], struct chain_event *event);
/* False where there is none, or the event cannot be recorded; it is closed all the same. */
bool operator_close(struct broker *b, uid_t uid, const char *cause);
void operator_close_all(struct broker *b);
/* What the log does not tell yet of openings that failed; at the broker's end. */
void operator_write_folded(struct broker *b);
/* Words that the log uses for an operator without a person: no staff number may be one. */
bool operator_word(const char *number);
/* "registrar approver": the words of role bits. */
void operator_roles_format(uint8_t roles, char *out, size_t cap);

#endif
