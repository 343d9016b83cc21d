/* SPDX-License-Identifier: Apache-2.0
 *
 * admin.sock: toyama-enroll (client, uid 0) and toyamad. The client sends one CALL; the broker
 * answers with any number of EVENT, ROW and ASK frames and ends with DONE. Verbs and their
 * arguments are listed in docs/protocol.md. Closing the socket cancels the call and undoes what it
 * had begun.
 */
#ifndef TOYAMA_CORE_WIRE_ADMIN_H
#define TOYAMA_CORE_WIRE_ADMIN_H

#include "core/wire/frame.h"

#define ADMIN_VERSION   1
#define ADMIN_VERB_MAX  32
#define ADMIN_PAIRS_MAX 32
#define ADMIN_KEY_MAX   32
#define ADMIN_VALUE_MAX 1024

enum admin_type {
    /* client to broker */
    ADMIN_CALL = 0x61,
    ADMIN_ANSWER = 0x62, /* to an ASK; no SECRET: cancelled */
    /* broker to client */
    ADMIN_EVENT = 0x71, /* progress or instruction: catalogue message */
    ADMIN_ASK = 0x72,   /* ask without echo */
    ADMIN_ROW = 0x73,   /* one object of a listing */
    ADMIN_DONE = 0x74
};

enum admin_field {
    ADMIN_F_VERSION = 0,
    ADMIN_F_VERB = 1,
    ADMIN_F_PAIRS = 2, /* SEQUENCE { context 0 key, context 1 value } each */
    ADMIN_F_SECRET = 3,
    ADMIN_F_MSG = 4,
    ADMIN_F_ARGS = 5,   /* core/wire/args.h */
    ADMIN_F_RESULT = 6, /* enum admin_result */
    ADMIN_F_DETAIL = 7  /* English cause for the operator and the log, no secret */
};

enum admin_result {
    ADMIN_OK = 1,
    ADMIN_USAGE = 2,        /* unknown verb, bad or missing argument: EX_USAGE */
    ADMIN_NOT_FOUND = 3,    /* EX_NOUSER */
    ADMIN_EXISTS = 4,       /* EX_CANTCREAT */
    ADMIN_REFUSED = 5,      /* the rules say no: EX_NOPERM */
    ADMIN_UNAVAILABLE = 6,  /* device or service missing, time-out: EX_UNAVAILABLE */
    ADMIN_FAILED = 7,       /* could not be stored: EX_IOERR */
    ADMIN_MISCONFIGURED = 8 /* EX_CONFIG */
};

struct admin_pair {
    char key[ADMIN_KEY_MAX];
    char value[ADMIN_VALUE_MAX];
};

struct admin_pairs {
    size_t count;
    struct admin_pair pair[ADMIN_PAIRS_MAX];
};

bool admin_pair_add(struct admin_pairs *pairs, const char *key, const char *value);
/* NULL where the key is absent. */
const char *admin_pair_get(const struct admin_pairs *pairs, const char *key);
int admin_pairs_encode(const struct admin_pairs *pairs, void *buf, size_t cap, size_t *len);
/* Refuses a key given twice. */
int admin_pairs_decode(const void *buf, size_t len, struct admin_pairs *out);

extern const struct frame_rule admin_to_broker[];
extern const size_t admin_to_broker_count;
extern const struct frame_rule admin_to_client[];
extern const size_t admin_to_client_count;

#endif
