/* SPDX-License-Identifier: Apache-2.0
 *
 * One call of admin.sock. Verbs that need no device answer at once; the others keep a task with the
 * reader or the sensor until they are done or the operator goes away, which undoes everything: rows
 * are written in one transaction at the very end.
 */
#ifndef TOYAMA_TOYAMAD_TASK_H
#define TOYAMA_TOYAMAD_TASK_H

#include "core/roster/amendment.h"
#include "core/wire/admin.h"
#include "toyamad/approve.h"
#include "toyamad/cardlink.h"
#include "toyamad/client.h"
#include "toyamad/deputy.h"
#include "toyamad/desk.h"
#include "toyamad/fingerlink.h"
#include "toyamad/operator.h"
#include "toyamad/prove.h"
#include "toyamad/reissue.h"
#include "toyamad/shared.h"
#include "toyamad/tokenlink.h"

struct enrol_family;
struct finger_enrolment;
struct task;

struct task_ops {
    void (*answer)(struct task *t, const char *secret); /* NULL: no question is open */
    void (*late)(struct task *t);                       /* the wait timer ran out */
};

struct task {
    struct broker *broker;
    struct client *client; /* NULL once the operator went away */
    const struct task_ops *ops;
    struct admin_pairs pairs;
    char verb[ADMIN_VERB_MAX];
    uint8_t id[FRAME_NONCE_LEN];
    struct task_operator operator;
    /* NULL, or told once where the call ends without success; it ends nothing itself. `msg` is NULL
     * where the operator went away. */
    void (*failed)(struct task *t, enum admin_result result, const char *msg);
    bool works; /* the operator's idle time begins anew behind it */
    int fd;     /* the file that came along with the call (toyamad/passed.h), or -1 */
    sd_event_source *wait, *defer;
    bool done;
    struct cardlink card;
    struct tokenlink token;
    struct fingerlink finger;
    struct finger_enrolment *enrolment; /* of a finger; finger_release frees it */
    struct roster_record person;
    struct roster_credential credential; /* under construction */
    struct roster_key approver_key;      /* under construction */
    struct roster_finger print;          /* under construction */
    struct roster_amendment said;        /* under construction */
    struct roster_exception exception;   /* under construction */
    const char *said_kind;               /* of the event about it */
    void (*said_done)(struct task *t);   /* once it is approved and stored */
    bool lending;                        /* the card that is being enrolled is lent for today */
    struct prove proof;
    unsigned proven; /* FACTOR_* bits of core/policy, by who wants to be the operator */
    uint8_t shared[SHARED_DER_MAX]; /* a key under construction, before it is sealed */
    size_t shared_len;
    struct reissue reissue;
    struct deputy deputy;
    bool sealing;                      /* the card that is being enrolled is a deputy's */
    const struct enrol_family *family; /* the card's, where it is being enrolled */
    char pin[AUTH_SECRET_MAX + 1];
    char fresh[AUTH_SECRET_MAX + 1]; /* a new PIN that is being typed */
    struct desk desk;
    struct approve approve;
    char reader[CARD_READER_MAX];
    struct card_counts counts;
    unsigned step;
    unsigned tries;
    unsigned stages, before; /* presses to come in all; those of the search among them */
    size_t index;
    bool begun; /* the record of a key was there before this call */
    void *work; /* what a verb keeps between its steps, owned; given to `drop` at the end */
    void (*drop)(void *work);
};

/* Answers of a verb. `task_done` ends the call: nothing may follow. */
void task_done(struct task *t, enum admin_result result, const char *msg, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* The same with arguments for the message. */
void task_done_with(struct task *t, enum admin_result result, const char *msg,
                    const struct args *args, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
/* The same for what went well, with a sentence that has arguments. */
void task_done_saying(struct task *t, const char *msg, const struct args *args);
/* The same with a person, the argument `key`, and `time`, until when something holds. */
void task_done_until(struct task *t, const char *msg, const char *key, const char *person,
                     int64_t until);
void task_row(struct task *t, const struct admin_pairs *row);
void task_event(struct task *t, const char *msg, const struct args *args);
void task_ask(struct task *t, const char *msg);
void task_arm(struct task *t, uint32_t seconds);
/* The reader and the sensor, or BUSY to the operator and false. */
bool task_take_devices(struct task *t);
void task_abandon(struct task *t);

/* Helpers that verbs share. */
const char *task_get(const struct task *t, const char *key); /* "" where absent */
bool task_find_person(struct task *t);                       /* `person`; ends the call if not */
/* Writes the person and the event in one transaction. False: the call was ended with the cause. */
bool task_store(struct task *t, struct chain_event *event);
/* The same, when the caller has opened the transaction and written rows of its own. */
bool task_store_open(struct task *t, struct chain_event *event);
/* `person` as it stands now: another call may have changed the record while a device was waited
 * for. False: the call was ended. */
bool task_reload_person(struct task *t);
void task_fail_registry(struct task *t, int err);
bool task_event_only(struct task *t, struct chain_event *event);
/* Records the view, then calls `each` for `person`, or for everybody where none was given, and ends
 * the call. */
void task_list(struct task *t, const char *kind,
               bool (*each)(void *t, const struct roster_record *r));
/* The one active card or token whose id begins like this; ends the call where it is none or not
 * one. A memorised secret is neither. */
struct roster_credential *task_choose_card(struct task *t, const char *prefix);
/* The same among those in one of `states`, bits 1 << state. */
struct roster_credential *task_choose_state(struct task *t, const char *prefix, unsigned states);
/* Credentials of the person that prove this factor, in whatever state. */
size_t task_count_cards(const struct roster_record *r, unsigned factor);
/* An event of this kind about t->person; `card` may be NULL. */
void task_describe(const struct task *t, const char *kind, const struct roster_credential *card,
                   struct chain_event *event);
/* kind, id, family, strength, state, label, pin of a credential. */
void task_add_credential(struct admin_pairs *row, const struct roster_credential *c);
/* number, name, section of a person, id and label of a credential. */
void task_add_held(struct admin_pairs *row, const struct roster_record *r,
                   const struct roster_credential *c);

/* Verbs, by file. */
void person_add(struct task *t);
void person_show(struct task *t);
void person_list(struct task *t);
void person_remove(struct task *t);
void person_change(struct task *t);
void exception_add(struct task *t);
void exception_end(struct task *t);
void exception_list(struct task *t);
void card_enroll(struct task *t);
void card_issue(struct task *t);
void yubikey_enroll(struct task *t);
void yubikey_remove(struct task *t);
void card_stop(struct task *t);
void card_suspend(struct task *t);
void card_resume(struct task *t);
void roster_extend(struct task *t);
void temporary_issue(struct task *t);
void temporary_return(struct task *t);
void temporary_list(struct task *t);
void amend_clear(struct task *t);
void stop_by_code(struct task *t);
void card_test(struct task *t);
void card_list(struct task *t);
void card_change_pin(struct task *t);
void card_unblock(struct task *t);
void pin_set(struct task *t);
void pin_remove(struct task *t);
void pin_change(struct task *t);
void finger_enroll(struct task *t);
void finger_delete(struct task *t);
void finger_test(struct task *t);
void finger_release(struct task *t);
void hr_apply(struct task *t);
void lockout_show(struct task *t);
void lockout_clear(struct task *t);
void host_status(struct task *t);
void host_devices(struct task *t);
void audit_show(struct task *t);
void audit_check(struct task *t);
void audit_head_show(struct task *t);
void clock_accept(struct task *t);
void roster_import(struct task *t);
void roster_verify(struct task *t);
void roster_inspect(struct task *t);
void roster_status(struct task *t);
void roster_issue(struct task *t);
void roster_record(struct task *t);
void roster_hashes(struct task *t);
void sync_look(struct task *t);
void sync_take(struct task *t);
void sync_roster(struct task *t);
void sync_events(struct task *t);
void sync_counters(struct task *t);
void sync_counters_take(struct task *t);
void sync_amendments(struct task *t);
void sync_amendments_take(struct task *t);
void sync_uses(struct task *t);
void sync_uses_take(struct task *t);
void zone_add(struct task *t);
void zone_list(struct task *t);
void zone_join_file(struct task *t);
void zone_helpdesk_remove(struct task *t);
void issue_preview(struct task *t);
void issue_approve(struct task *t);
void ceremony(struct task *t);
void roster_export(struct task *t);
void zone_resume(struct task *t);
void zone_adopt(struct task *t);
void backup_make(struct task *t);
void operator_open(struct task *t);
void operator_shut(struct task *t);
void operator_status(struct task *t);
void role_grant(struct task *t);
void role_revoke(struct task *t);
void role_list(struct task *t);
void approver_enroll(struct task *t);
void approver_test(struct task *t);
void key_rotate(struct task *t);

#endif
