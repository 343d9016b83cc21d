/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/auth.h"

#define BIT(name) FRAME_BIT(AUTH_F_##name)

const struct frame_rule auth_to_broker[] = {
    {AUTH_START, BIT(NONCE) | BIT(VERSION) | BIT(SERVICE),
     BIT(USER) | BIT(TTY) | BIT(RHOST) | BIT(RUSER)},
    {AUTH_ANSWER, BIT(NONCE), BIT(SECRET)},
    {AUTH_CANCEL, BIT(NONCE), 0},
    {AUTH_ACCOUNT, BIT(NONCE) | BIT(VERSION) | BIT(SERVICE) | BIT(USER),
     BIT(TTY) | BIT(RHOST) | BIT(TICKET)},
    {AUTH_SESSION, BIT(NONCE) | BIT(VERSION) | BIT(SERVICE) | BIT(USER) | BIT(OPEN),
     BIT(TTY) | BIT(RHOST) | BIT(TICKET)},
};
const size_t auth_to_broker_count = sizeof(auth_to_broker) / sizeof(auth_to_broker[0]);

const struct frame_rule auth_to_client[] = {
    {AUTH_INFO, BIT(NONCE) | BIT(LANG) | BIT(MSG), BIT(ARGS)},
    {AUTH_PROMPT, BIT(NONCE) | BIT(LANG) | BIT(MSG), BIT(ARGS)},
    {AUTH_VERDICT, BIT(NONCE) | BIT(LANG) | BIT(RESULT),
     BIT(USER) | BIT(TICKET) | BIT(MSG) | BIT(ARGS)},
};
const size_t auth_to_client_count = sizeof(auth_to_client) / sizeof(auth_to_client[0]);
