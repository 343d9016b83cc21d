/* SPDX-License-Identifier: Apache-2.0
 *
 * The broker's side of the channel to toyama-finger. Each request has a nonce of its own; an answer
 * to another one ends the link as FINGER_LINK_DEAD.
 */
#ifndef TOYAMA_TOYAMAD_FINGERLINK_H
#define TOYAMA_TOYAMAD_FINGERLINK_H

#include "core/roster/record.h"
#include "core/wire/finger.h"
#include "toyamad/broker.h"
#include "toyamad/worker.h"

#define FINGER_LINK_DEAD 0 /* event type: the worker ended or broke the protocol */

/* Pointers are valid during the callback only. */
struct finger_event {
    uint8_t type; /* enum finger_type or FINGER_LINK_DEAD */
    uint32_t reason, result, stage, stages, finger, samples, width, height;
    uint32_t pictures, number, offset, count;
    bool has_id;
    uint8_t id[FINGER_ID_LEN];
    char driver[FINGER_DRIVER_MAX];
    char device[FINGER_DEVICE_MAX];
    char name[FINGER_DEVICE_MAX];
    const uint8_t *data; /* template, list or pixels */
    size_t len;
};

typedef void (*fingerlink_fn)(void *ctx, const struct finger_event *event);

struct fingerlink {
    struct worker *worker;
    uint8_t attempt[FRAME_NONCE_LEN];
    uint8_t nonce[FRAME_NONCE_LEN]; /* of the request that is under way */
    fingerlink_fn on_event;
    void *ctx;
};

bool fingerlink_open(struct fingerlink *link, struct broker *broker,
                     const uint8_t attempt[FRAME_NONCE_LEN], fingerlink_fn on_event, void *ctx);
bool fingerlink_list(struct fingerlink *link, struct broker *broker,
                     const uint8_t attempt[FRAME_NONCE_LEN], fingerlink_fn on_event, void *ctx);
/* A worker without a sensor. */
bool fingerlink_matcher(struct fingerlink *link, struct broker *broker,
                        const uint8_t attempt[FRAME_NONCE_LEN], fingerlink_fn on_event, void *ctx);
/* One template; false where the worker does not take it. The octets are the caller's to wipe. */
bool fingerlink_add(struct fingerlink *link, const struct roster_finger *finger,
                    const void *template, size_t len);
/* VERIFY, ENROLL (`finger` 1..10) or SEARCH with a fresh nonce. `number`: presses of VERIFY,
 * pictures of ENROLL. */
void fingerlink_request(struct fingerlink *link, enum finger_type type, uint8_t finger,
                        uint32_t number);
/* Part of a picture, for a matcher; false where it does not take it. */
struct finger_part {
    uint32_t number, width, height, offset;
    const uint8_t *pixels;
    size_t len;
};
bool fingerlink_probe(struct fingerlink *link, const struct finger_part *part);
/* COMPARE of the gallery that was added; `left_out`: 0 or a quarter of the minutiae. */
void fingerlink_compare(struct fingerlink *link, uint32_t presses, uint32_t samples,
                        uint32_t left_out);
void fingerlink_close(struct fingerlink *link);

#endif
