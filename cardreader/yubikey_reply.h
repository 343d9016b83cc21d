/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames to the broker (core/wire/token.h). All give false where the broker cannot be reached.
 */
#ifndef TOYAMA_CARDREADER_YUBIKEY_REPLY_H
#define TOYAMA_CARDREADER_YUBIKEY_REPLY_H

#include "core/wire/token.h"

struct yubikey_reply {
    int fd;
    bool bound; /* the attempt is known */
    uint8_t attempt[FRAME_NONCE_LEN];
};

/* TOUCH, REMOVED */
bool yubikey_reply_plain(const struct yubikey_reply *r, enum token_type type);
bool yubikey_reply_waiting(const struct yubikey_reply *r, int reason);
/* PRESENT; `reason` 0: none. */
bool yubikey_reply_present(const struct yubikey_reply *r, const struct token_key *keys,
                           size_t count, int reason);
bool yubikey_reply_answer(const struct yubikey_reply *r, const uint8_t answer[TOKEN_ANSWER_LEN],
                          uint64_t micros);
bool yubikey_reply_programmed(const struct yubikey_reply *r, const struct token_key *key,
                              uint64_t micros);
bool yubikey_reply_failed(const struct yubikey_reply *r, int reason, uint64_t micros);

#endif
