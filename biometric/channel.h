/* SPDX-License-Identifier: Apache-2.0
 *
 * The worker's end of the pair to the broker, as a source of the default main context.
 */
#ifndef TOYAMA_BIOMETRIC_CHANNEL_H
#define TOYAMA_BIOMETRIC_CHANNEL_H

#include "core/wire/finger.h"

struct channel;

struct channel_handler {
    /* A frame that finger_to_worker allows; its fields are wiped after the return. */
    void (*frame)(void *user, const struct frame *frame);
    /* End of file, a malformed frame, or an answer that could not be sent. Called once. */
    void (*closed)(void *user, const char *why);
    void *user;
};

/* NULL where `fd` is no SOCK_SEQPACKET socket. */
struct channel *channel_new(int fd, const struct channel_handler *handler);
void channel_free(struct channel *channel);

/* One answer at a time: begin, put fields, send. */
struct frame_out *channel_begin(struct channel *channel, uint8_t type);
void channel_send(struct channel *channel);

#endif
