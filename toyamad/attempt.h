/* SPDX-License-Identifier: Apache-2.0
 *
 * One login attempt from START to VERDICT. A table says which event is allowed in which state;
 * anything else ends the attempt. All evidence is bound to the attempt's id, the reader's event
 * counter and one person; decide() has the last word.
 */
#ifndef TOYAMA_TOYAMAD_ATTEMPT_H
#define TOYAMA_TOYAMAD_ATTEMPT_H

#include "toyamad/cardlink.h"
#include "toyamad/client.h"
#include "toyamad/fingerlink.h"
#include "toyamad/origin.h"
#include "toyamad/prove.h"
#include "toyamad/tokenlink.h"

#define ATTEMPT_PIN_PROMPTS 3

enum attempt_state {
    ATTEMPT_QUEUED = 0, /* another attempt has the reader, or the throttle holds */
    ATTEMPT_CARD,       /* waiting for a card */
    ATTEMPT_HINT,       /* reading the public identifier */
    ATTEMPT_LOOK,       /* asking a My Number card for its tries, before its PIN is asked for */
    ATTEMPT_MATCH,      /* whose My Number card is it, of several cards? */
    ATTEMPT_PIN,        /* the person types */
    ATTEMPT_PROVE,      /* the free key signs */
    ATTEMPT_PROVE_PIN,  /* PIN and signature of the key behind it */
    ATTEMPT_NEXT,       /* asking for another card in another reader */
    ATTEMPT_TOKEN,      /* a security key answers, or waits for a touch */
    ATTEMPT_SECRET,     /* card or token proven; the person types the memorised secret */
    ATTEMPT_SENSOR,     /* card proven; the sensor is not open yet */
    ATTEMPT_FINGER,     /* one press is awaited */
    ATTEMPT_DONE
};

/* Whose card is being proven: that of the person who logs in, of the member of staff who attends a
 * contractor, or the contractor's once more. */
enum attempt_phase { PHASE_OWN = 0, PHASE_ESCORT, PHASE_RETURN };

/* The person who logs in, while the attempt is about who attends. */
struct attempt_ward {
    struct roster_record person;
    bool found, met, has_user, have_pin;
    size_t credential;
    struct counter tally;
    struct evidence evidence;
    char pin[AUTH_SECRET_MAX + 1];
    uint32_t pin_asked;
};

struct attempt_escort {
    bool proven;
    uint8_t person[ROSTER_ID_LEN], card[ROSTER_ID_LEN];
    char number[ROSTER_TEXT_MAX];
};

/* Why an attempt ended; decisions come first, with the same values. */
enum attempt_cause {
    CAUSE_CONFIG = 100, /* the host's config is not good */
    CAUSE_REGISTRY,     /* no usable registry */
    CAUSE_ROSTER_OLD,   /* the roster is too old to be believed */
    CAUSE_LENT,         /* a temporary card is in use in place of this one */
    CAUSE_LENT_OVER,    /* the time of a temporary card */
    CAUSE_NO_SERVICE,   /* pcscd */
    CAUSE_NO_READER,
    CAUSE_CARD_IN_USE,
    CAUSE_CARD_UNREADABLE,
    CAUSE_PIN_LAST,
    CAUSE_PIN_BLOCKED,
    CAUSE_PIN_WRONG,
    CAUSE_PIN_FORMAT,
    CAUSE_JPKI_FORMAT,
    CAUSE_JPKI_LAST,  /* a My Number card's last try, or none left */
    CAUSE_JPKI_OTHER, /* a My Number card with its PIN, but not the enrolled key: renewed? */
    CAUSE_SECRET_WRONG,
    CAUSE_UNTOUCHED,
    CAUSE_TOKEN_UNREADABLE,
    CAUSE_NO_PIN, /* the person gave no PIN */
    CAUSE_CARD_WORKER,
    CAUSE_NO_SENSOR,
    CAUSE_SENSOR_FAULT,
    CAUSE_SENSOR_REFUSED, /* not admitted, or no template fits it */
    CAUSE_FINGERS_FEW,    /* fewer fingers than the zone asks are enrolled */
    CAUSE_SENSOR_HOT,
    CAUSE_FINGER_WORKER,
    CAUSE_FINGER_WRONG,
    CAUSE_NO_FINGER, /* nothing was placed */
    CAUSE_SESSION,   /* asked by a session that is not in front */
    CAUSE_CROWD,     /* the same user waits more than once already */
    CAUSE_ABANDONED, /* the client went away or cancelled */
    CAUSE_INTERNAL
};

struct attempt {
    struct broker *broker;
    struct client *client; /* NULL once it went away */
    enum attempt_state state;
    uint8_t id[FRAME_NONCE_LEN];
    char service[AUTH_NAME_MAX], user[AUTH_NAME_MAX], tty[AUTH_NAME_MAX], rhost[AUTH_NAME_MAX];
    char ruser[AUTH_NAME_MAX]; /* who asks, as su and sudo say; empty for a login at a terminal */
    bool has_user;
    bool by_card; /* the card's public identifier says who it may be: no user, or a shared login */
    enum origin origin;
    sd_event_source *wait, *total, *retry, *defer;

    /* The first worker finds the cards, and asks them as long as there is no PIN to be sent. Once
     * it has met a card that was not proven, each further card that needs the PIN gets a worker of
     * its own, bound to that reader. */
    struct cardlink card, fresh;
    struct cardlink *prover; /* the one of them that asks */
    struct tokenlink token;
    uint32_t tokens[TOKEN_KEYS_MAX]; /* serial numbers of the keys that are plugged in */
    size_t token_count;
    bool by_usb;    /* a key on USB is what is being proven */
    bool usb_empty; /* there was none when the worker looked */
    bool answered;  /* a key that was held to a reader did, but is not the person's */
    char reader[CARD_READER_MAX];
    uint8_t hint[ROSTER_HINT_MAX];
    size_t hint_len;
    unsigned hint_turn; /* kinds of identifiers that were looked for */
    bool hint_read;
    bool looked;     /* this is a My Number card */
    bool concluding; /* the verdict is being made: events only change the evidence */
    bool met_other;  /* the first worker has seen a card that was not proven */
    bool several;    /* and that there is another one */
    bool matched;    /* this is the My Number card that gets the PIN */
    char unmatched[CARD_READER_MAX]; /* where the first one lies that is not the person's */
    uint32_t waiting;                /* last reason that the worker waits */
    uint32_t waits;                  /* how often it gave one */
    uint32_t others;                 /* cards that were not the person's */
    unsigned refusal; /* what such a card's refusal was, where it says more than M07: a cause */
    struct card_counts counts;
    struct prove proof;
    unsigned turn; /* shapes of the person's keys that this card was asked for */

    struct roster_record person; /* the decoy where nobody was found */
    bool found;
    size_t credential; /* index of the one that is being proven, or was */
    bool met;          /* it was proven in this attempt, if not in the transaction that counts */
    struct counter tally;
    struct evidence evidence;
    bool roster_old; /* why evidence.roster_good is false */

    char pin[AUTH_SECRET_MAX + 1];
    bool have_pin;
    bool pin_late; /* the PIN is asked for once it is known who needs none */
    uint32_t pin_asked, secret_asked;

    enum attempt_phase phase;
    struct attempt_ward ward;
    struct attempt_escort escort;
    bool escort_other; /* a card was there that nobody can attend with */
    bool return_asked; /* the contractor was told that it is his turn again */
    uint32_t restarts; /* cards that left too early, of those two */

    struct fingerlink finger;
    bool finger_ready;
    char finger_driver[FINGER_DRIVER_MAX];
    char finger_device[FINGER_DEVICE_MAX];
    uint32_t finger_misses, finger_retries;
    uint8_t matched_finger;

    uint64_t started, present, waited; /* microseconds, CLOCK_MONOTONIC; `waited` is a sum */
    uint64_t wait_since;
    bool awaiting;   /* for the person or the sensor, since wait_since */
    uint64_t synced; /* time inside commits */
};

/* auth.sock */
void attempt_start(struct client *c, const struct frame *f);
void attempt_answer(struct attempt *a, const struct frame *f);
void attempt_abandon(struct attempt *a);
/* Before the broker ends: the number of those that were not written one by one. */
void attempt_write_folded(struct broker *b);
/* The reader is free again: the attempt that waits longest goes on. */
void attempt_next_in_queue(struct broker *b);

/* Between the attempt's files. */
/* A user who is logged in asks, by su or sudo; not somebody at a login prompt, nor root. */
bool attempt_of_a_user(const struct attempt *a);
void attempt_arm(struct attempt *a, uint32_t seconds);
/* Bracket the time that is the person's or the sensor's. */
void attempt_wait_begin(struct attempt *a);
void attempt_wait_end(struct attempt *a);
void attempt_message(struct attempt *a, const char *msg, const struct args *args);
void attempt_args(const struct attempt *a, struct args *args);
/* From where it is asked now: another session may have come in front since the last look. */
void attempt_look_at_origin(struct attempt *a);
/* attempt_person.c */
void attempt_find_by_login(struct attempt *a);
void attempt_find_by_hint(struct attempt *a, const void *hint, size_t len);
/* By the certificate of a My Number card; nothing of it is kept. */
void attempt_find_by_certificate(struct attempt *a, const void *der, size_t len);
void attempt_judge_person(struct attempt *a);
/* The factors that are asked of this person, as far as he is known. */
unsigned attempt_asked(const struct attempt *a);
/* attempt_card.c */
void attempt_card_begin(struct attempt *a);
/* After the PIN was typed. */
void attempt_card_resume(struct attempt *a);
void attempt_card_close(struct attempt *a);
/* Where a tap is enough, what has proven itself may go, unless it is at work. */
bool attempt_may_be_gone(const struct attempt *a);
/* attempt_token.c */
extern const struct prove_shape attempt_token_shape; /* what nobody's key is asked by */
bool attempt_wants_token(const struct attempt *a);
void attempt_token_begin(struct attempt *a);
/* No key that was held to a reader was the person's: one on USB may still be noticed. Where there
 * were only cards of other kinds, they are left alone and the wait goes on. */
void attempt_token_await(struct attempt *a);
/* attempt_prove.c: what this card is asked next */
void attempt_enter(struct attempt *a, enum attempt_state state);
void attempt_prove_card(struct attempt *a);
void attempt_prove_pin(struct attempt *a);
void attempt_next_card(struct attempt *a);
void attempt_ask_pin(struct attempt *a);
void attempt_forget_pin(struct attempt *a);
/* Card or token is proven, and its PIN where it has one: what else is required? */
void attempt_possession_done(struct attempt *a);
void attempt_sign_with_pin(struct attempt *a, const struct prove_shape *shape, uint8_t pin_ref);
/* The transaction ends while a person types. */
void attempt_let_go_and_ask(struct attempt *a);
/* attempt_escort.c: a member of staff attends */
void attempt_escort_begin(struct attempt *a);
/* Whatever the phase, the attempt is about the person who logs in again. */
void attempt_escort_leave(struct attempt *a);
void attempt_escort_proven(struct attempt *a);
/* Whether somebody has proven that he attends, and still may. */
bool attempt_escorted(struct attempt *a);
/* The card that was found belongs to the person who is to be attended. */
bool attempt_is_ward(const struct attempt *a);
/* No card is in any reader, or no key on USB. */
void attempt_escort_empty(struct attempt *a);
/* True where another card is awaited now, or a card that left too early. */
bool attempt_escort_waits(struct attempt *a);
bool attempt_escort_restarts(struct attempt *a);
/* The same for keys on USB, none of which is the one. */
bool attempt_escort_looks_later(struct attempt *a);
/* attempt_jpki.c */
void attempt_prove_jpki(struct attempt *a);
/* One try is left for the PIN of the card in the reader, or none. */
void attempt_jpki_spent(struct attempt *a);
void attempt_jpki_certificate(struct attempt *a, const void *der, size_t len);
void attempt_jpki_unmatched(struct attempt *a);
/* No card was the person's. True: the first My Number card gets the PIN after all. */
bool attempt_jpki_last_resort(struct attempt *a);
/* attempt_secret.c: the memorised secret of those whose card or token has no PIN */
void attempt_secret_begin(struct attempt *a);
void attempt_secret_typed(struct attempt *a);
/* attempt_finger.c */
/* Where the host asks for fingers, before it is known whose. */
void attempt_finger_warm(struct attempt *a);
/* No finger is asked of this person. */
void attempt_finger_dismiss(struct attempt *a);
void attempt_finger_begin(struct attempt *a);
void attempt_finger_waited_out(struct attempt *a);
/* attempt_tell.c: what is said with a verdict */
/* Arguments of the sentence for `cause`, a decision or a cause. */
void attempt_refusal_args(const struct attempt *a, unsigned cause, struct args *args);
/* The greeting's id and arguments, after everything that the person should know. */
const char *attempt_greet(struct attempt *a, struct args *args);
/* attempt_verdict.c: the only ends of an attempt. */
void attempt_fail(struct attempt *a, enum attempt_cause cause);
void attempt_conclude(struct attempt *a);
enum decision attempt_decide(struct attempt *a);
uint64_t attempt_clock(void);

#endif
