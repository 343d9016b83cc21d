/* SPDX-License-Identifier: Apache-2.0
 *
 * The TCP side that a vpcd reader expects of its card: frames of a two-octet length and a body. A
 * connection is an inserted card.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_CARD_VPCD_H
#define TOYAMA_TESTS_VIRTUAL_CARD_VPCD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define VPCD_FRAME_MAX 65537 /* length and body */
#define VPCD_BODY_MAX  65535

struct vpcd {
    uint16_t port;
    int fd; /* -1: not connected */
    uint8_t in[VPCD_FRAME_MAX];
    size_t in_len;
    uint8_t out[VPCD_FRAME_MAX];
    size_t out_len, out_at;
    int64_t out_due;  /* milliseconds of vpcd_now; nothing is sent before */
    bool out_trickle; /* one octet a second */
};

int64_t vpcd_now(void);
/* False where no reader listens; to be tried again. */
bool vpcd_connect(struct vpcd *v);
void vpcd_disconnect(struct vpcd *v);
/* Takes what has arrived: false where the reader has gone. */
bool vpcd_receive(struct vpcd *v);
/* The next whole frame's body, or NULL. Valid until vpcd_consume. */
const uint8_t *vpcd_frame(const struct vpcd *v, size_t *len);
void vpcd_consume(struct vpcd *v);
void vpcd_answer(struct vpcd *v, const uint8_t *body, size_t len, int64_t delay_ms, bool trickle);
/* Sends what is due: false where the reader has gone. */
bool vpcd_flush(struct vpcd *v);

#endif
