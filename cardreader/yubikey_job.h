/* SPDX-License-Identifier: Apache-2.0
 *
 * What is done with keys, whole: lock, open, talk, close, unlock; and once more, three times at
 * most and with pauses, where another program was in the way or an answer was damaged.
 */
#ifndef TOYAMA_CARDREADER_YUBIKEY_JOB_H
#define TOYAMA_CARDREADER_YUBIKEY_JOB_H

#include "cardreader/yubikey.h"

struct yubikey_job {
    const struct yubikey_backend *backend;
    int lock; /* yubikey_lock_open */
    /* What the broker is told before it takes longer. */
    void (*in_use)(void *ctx);
    void (*touch)(void *ctx);
    void *ctx;
    uint64_t micros; /* with a key open, of the last job */
};

/* All keys that could be opened. 0, or the enum token_reason why there is none. */
int yubikey_job_list(struct yubikey_job *job, struct token_key keys[TOKEN_KEYS_MAX], size_t *count);

struct yubikey_question {
    uint32_t serial;
    unsigned slot;
    const uint8_t *challenge;
    size_t len; /* 1..TOKEN_CHALLENGE_MAX */
};
/* 0 with the answer, or enum token_reason. */
int yubikey_job_ask(struct yubikey_job *job, const struct yubikey_question *question,
                    uint8_t answer[TOKEN_ANSWER_LEN]);

/* Writes the one key that is there, if it is `serial`. 0 and what the key is like now, or enum
 * token_reason. `replace`: its slot may be in use. */
int yubikey_job_program(struct yubikey_job *job, uint32_t serial,
                        const struct yubikey_config *config, bool replace, struct token_key *key);

#endif
