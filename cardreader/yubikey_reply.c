/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/yubikey_reply.h"

#include "cardreader/log.h"
#include "core/wire/wipe.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define REPLY_MAX 512

struct out {
    uint8_t buf[REPLY_MAX];
    struct frame_out frame;
};

static void begin(struct out *out, const struct yubikey_reply *r, enum token_type type)
{
    out->frame = frame_begin(out->buf, sizeof(out->buf), (uint8_t)type);
    frame_put(&out->frame, TOKEN_F_ATTEMPT, r->attempt, sizeof(r->attempt));
}

static bool finish(struct out *out, const struct yubikey_reply *r)
{
    size_t len = 0;
    ssize_t sent = -1;

    if (frame_end(&out->frame, &len) != WIRE_OK) {
        card_log("frame 0x%02X does not fit", out->buf[0]);
        return false;
    }
    do
        sent = send(r->fd, out->buf, len, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    wire_wipe(out->buf, sizeof(out->buf));
    return sent == (ssize_t)len;
}

static void put_micros(struct out *out, uint64_t micros)
{
    frame_put_u32(&out->frame, TOKEN_F_MICROS, micros < UINT32_MAX ? (uint32_t)micros : UINT32_MAX);
}

bool yubikey_reply_plain(const struct yubikey_reply *r, enum token_type type)
{
    struct out out;

    begin(&out, r, type);
    return finish(&out, r);
}

bool yubikey_reply_waiting(const struct yubikey_reply *r, int reason)
{
    struct out out;

    begin(&out, r, TOKEN_WAITING);
    frame_put_u32(&out.frame, TOKEN_F_REASON, (uint32_t)reason);
    return finish(&out, r);
}

bool yubikey_reply_present(const struct yubikey_reply *r, const struct token_key *keys,
                           size_t count, int reason)
{
    struct out out;

    begin(&out, r, TOKEN_PRESENT);
    token_put_keys(&out.frame, keys, count);
    if (reason != 0)
        frame_put_u32(&out.frame, TOKEN_F_REASON, (uint32_t)reason);
    return finish(&out, r);
}

bool yubikey_reply_answer(const struct yubikey_reply *r, const uint8_t answer[TOKEN_ANSWER_LEN],
                          uint64_t micros)
{
    struct out out;

    begin(&out, r, TOKEN_ANSWER);
    frame_put(&out.frame, TOKEN_F_ANSWER, answer, TOKEN_ANSWER_LEN);
    put_micros(&out, micros);
    return finish(&out, r);
}

bool yubikey_reply_programmed(const struct yubikey_reply *r, const struct token_key *key,
                              uint64_t micros)
{
    struct out out;

    begin(&out, r, TOKEN_PROGRAMMED);
    token_put_keys(&out.frame, key, 1);
    put_micros(&out, micros);
    return finish(&out, r);
}

bool yubikey_reply_failed(const struct yubikey_reply *r, int reason, uint64_t micros)
{
    struct out out;

    begin(&out, r, TOKEN_FAILED);
    frame_put_u32(&out.frame, TOKEN_F_REASON, (uint32_t)reason);
    put_micros(&out, micros);
    return finish(&out, r);
}
