/* SPDX-License-Identifier: Apache-2.0
 *
 * The channel between toyamad and its worker toyama-yubikey: a private SOCK_SEQPACKET pair, the
 * worker's end on descriptor 3. One worker serves one attempt; every frame carries the attempt id.
 * The worker's answers are evidence to be verified, never a verdict.
 *
 * Conversation: OPEN -> WAITING* -> PRESENT -> (CHALLENGE | PROGRAM | NEXT)*, or LIST -> PRESENT
 * and the worker exits. No key is open between commands: while one is, its keyboard is dead and no
 * other program of this host that keeps the lock may use a key.
 *
 * CHALLENGE is answered by ANSWER or FAILED, with TOUCH before each wait for a touch; PROGRAM by
 * PROGRAMMED or FAILED. REMOVED comes by itself, between commands, as soon as any of the keys that
 * were reported has left; what any of them answered is void then, and OPEN or NEXT may follow.
 */
#ifndef TOYAMA_CORE_WIRE_TOKEN_H
#define TOYAMA_CORE_WIRE_TOKEN_H

#include "core/wire/frame.h"

#define TOKEN_WORKER_FD     3
#define TOKEN_KEYS_MAX      8
#define TOKEN_CHALLENGE_MAX 63 /* octets; the last one must not be 00, see core/proof/hmac.h */
#define TOKEN_ANSWER_LEN    20
#define TOKEN_SECRET_LEN    20
#define TOKEN_CODE_LEN      6   /* access code of a slot */
#define TOKEN_LOCK_MAX      104 /* octets of the lock's path with its NUL */
#define TOKEN_SLOTS         2
#define TOKEN_SLOT_DEFAULT  2 /* slot 1 ships with the maker's own configuration */

enum token_type {
    /* broker to worker */
    TOKEN_OPEN = 0x61,      /* wait until a key is there; LOCK: path of the lock */
    TOKEN_CHALLENGE = 0x62, /* let SLOT of key SERIAL answer */
    TOKEN_PROGRAM = 0x63,   /* the one key that is there must be SERIAL: write SLOT with SECRET and
                               CODE. CURRENT: code that the slot has now; REPLACE 1: the slot may be
                               in use. TOUCH 1: it answers only when touched */
    TOKEN_NEXT = 0x64,      /* not the keys that were meant: report again once others are there */
    TOKEN_LIST = 0x65,      /* instead of OPEN: opens and closes each key once, which gives the
                               keyboard back where a worker was killed; then the worker exits */
    /* worker to broker */
    TOKEN_WAITING = 0x71, /* nothing to report yet, and why: REASON NO_KEY, IN_USE or NO_RIGHTS;
                             sent when the reason changes */
    TOKEN_PRESENT = 0x72, /* KEYS; after LIST there may be none, REASON then says why */
    TOKEN_TOUCH = 0x73,   /* the key waits for a touch from now on */
    TOKEN_ANSWER = 0x74,
    TOKEN_PROGRAMMED = 0x75, /* KEYS: this one, as it is now. Two challenges must still prove it */
    TOKEN_FAILED = 0x76,     /* answer to CHALLENGE or PROGRAM */
    TOKEN_REMOVED = 0x77
};

enum token_field {
    TOKEN_F_ATTEMPT = 0,   /* 16 octets */
    TOKEN_F_LOCK = 1,      /* absolute path */
    TOKEN_F_SERIAL = 2,    /* an index, no proof; 0: the key that does not tell its number */
    TOKEN_F_SLOT = 3,      /* 1 or 2 */
    TOKEN_F_CHALLENGE = 4, /* 1..TOKEN_CHALLENGE_MAX octets */
    TOKEN_F_SECRET = 5,    /* TOKEN_SECRET_LEN octets */
    TOKEN_F_CODE = 6,      /* TOKEN_CODE_LEN octets */
    TOKEN_F_CURRENT = 7,   /* TOKEN_CODE_LEN octets */
    TOKEN_F_REPLACE = 8,
    TOKEN_F_TOUCH = 9,
    TOKEN_F_REASON = 10, /* enum token_reason */
    TOKEN_F_KEYS = 11,   /* SEQUENCE { INTEGER serial, OCTET STRING version (3), INTEGER valid,
                            INTEGER touch } each; bit n - 1 of valid: slot n is programmed, of touch:
                            it asks for one (firmware 3.0 and later tell) */
    TOKEN_F_ANSWER = 12, /* TOKEN_ANSWER_LEN octets */
    TOKEN_F_MICROS = 13  /* time with a key open, microseconds */
};

enum token_reason {
    TOKEN_NO_KEY = 1,
    TOKEN_IN_USE = 2,    /* the lock or the key is held by another program */
    TOKEN_NO_RIGHTS = 3, /* the device node may not be opened */
    TOKEN_OTHER = 4,     /* no key that is there has this serial number */
    TOKEN_SEVERAL = 5,   /* PROGRAM: more than one key is there */
    TOKEN_EMPTY = 6,     /* the slot is not programmed */
    TOKEN_SILENT = 7,    /* the slot is programmed, but not for this question */
    TOKEN_UNTOUCHED = 8, /* nobody touched the key in time */
    TOKEN_GONE = 9,      /* unplugged in mid-command */
    TOKEN_FAULT = 10,    /* the bus or the key failed; what it sent cannot be used */
    TOKEN_OCCUPIED = 11, /* PROGRAM without REPLACE: the slot is in use */
    TOKEN_REFUSED = 12, /* PROGRAM: nothing was written: wrong or missing access code, or a key that
                           did not do what it acknowledged */
    TOKEN_UNSURE = 13,  /* PROGRAM: lost while it was written: old or new, challenges must tell */
    TOKEN_TOO_OLD = 14, /* firmware before 2.2 has no challenge-response */
    TOKEN_STOPPED = 15, /* the worker's own deadline, or it was told to end */
    TOKEN_INTERNAL = 16
};

struct token_key {
    uint32_t serial;
    uint8_t version[3]; /* of the firmware */
    uint8_t valid, touch;
};

extern const struct frame_rule token_to_worker[];
extern const size_t token_to_worker_count;
extern const struct frame_rule token_to_broker[];
extern const size_t token_to_broker_count;

/* The content of KEYS. */
void token_put_keys(struct frame_out *out, const struct token_key *keys, size_t count);
/* WIRE_OK, or enum wire_err; WIRE_MISSING where the field is absent. */
int token_get_keys(const struct frame *f, struct token_key keys[TOKEN_KEYS_MAX], size_t *count);

#endif
