/* SPDX-License-Identifier: Apache-2.0
 *
 * Frames to the broker (core/wire/card.h). One send(2) a frame: both threads may call.
 */
#ifndef TOYAMA_CARDREADER_REPLY_H
#define TOYAMA_CARDREADER_REPLY_H

#include "cardreader/session.h"

struct reply {
    int fd;
    bool bound; /* the attempt is known */
    uint8_t attempt[FRAME_NONCE_LEN];
};

/* All give false where the broker cannot be reached. `reader` "" is left out. */
bool reply_waiting(const struct reply *r, uint32_t reason, const char *reader);
bool reply_present(const struct reply *r, const struct session *s, bool more);
/* `reason` 0: it was taken away. */
bool reply_removed(const struct reply *r, uint32_t counter, uint32_t reason);
bool reply_object(const struct reply *r, const struct session *s, const struct family_result *res);
bool reply_signed(const struct reply *r, const struct session *s, const struct family_result *res);
bool reply_changed(const struct reply *r, const struct session *s);
bool reply_failed(const struct reply *r, const struct session *s, uint32_t reason,
                  const struct family_result *res);
/* `reason` 0: none. */
bool reply_readers(const struct reply *r, uint32_t reason, const struct pcsc_reader *readers,
                   size_t count);

#endif
