/* SPDX-License-Identifier: Apache-2.0
 *
 * toyama-finger: one sensor for one attempt, driven by the broker over descriptor 3
 * (core/wire/finger.h). It sees the templates of one person, or of all where the enrolment station
 * looks for duplicates on a chip, and says what the library said about them. Without a sensor it is
 * a matcher (matcher.h), which sees a part of everybody's. It decides nothing else.
 */
#ifndef TOYAMA_BIOMETRIC_WORKER_H
#define TOYAMA_BIOMETRIC_WORKER_H

#include "biometric/channel.h"
#include "biometric/enroll.h"
#include "biometric/gallery.h"
#include "biometric/matcher.h"
#include "biometric/sensor.h"
#include "biometric/verify.h"

enum worker_state {
    WORKER_NEW,     /* nothing asked yet */
    WORKER_OPENING, /* OPEN came */
    WORKER_READY,   /* no request; the sensor may still wait for the last finger to be lifted */
    WORKER_WORKING, /* a request runs */
    WORKER_CLOSING
};

struct worker_request {
    uint8_t type; /* enum finger_type, 0 for none */
    uint8_t nonce[FRAME_NONCE_LEN];
    uint32_t presses;
    uint32_t finger;
    uint32_t pictures; /* ENROLL: wanted */
    uint32_t samples;  /* COMPARE: prints of each template */
    uint32_t left_out; /* COMPARE: 0 none */
};

struct worker {
    GMainLoop *loop;
    struct channel *channel;
    struct sensor *sensor;
    struct sensor_client client;
    struct gallery *gallery;
    enum worker_state state;
    uint8_t attempt[FINGER_ID_LEN];
    bool gallery_used; /* the next GALLERY begins a new one */
    uint8_t served;    /* type of the request before */
    struct worker_request now;
    struct worker_request next; /* came while the last finger was not yet lifted */
    unsigned retries;           /* unreadable presses of this request */
    bool unread;                /* the last press was one */
    guint rearm_timer;
    struct verify verify;
    struct enroll enroll;
    struct matcher matcher;
    bool hung;  /* the sensor did not close in time */
    int status; /* exit status */
};

struct worker *worker_new(int fd);
#define WORKER_HUNG 3 /* exit status where the sensor did not close in time */

/* Returns the exit status. Where the sensor hangs, a thread of the library may still compute: then
 * it wipes what it can and does not return. */
int worker_run(struct worker *worker);
void worker_free(struct worker *worker);

/* For verify.c, enroll.c, enroll_chip.c and matcher.c: answers to the running request. */
struct frame_out *worker_answer(struct worker *worker, uint8_t type);
void worker_send(struct worker *worker);
void worker_press_report(struct worker *worker, enum finger_press result, size_t stage,
                         size_t stages);
/* FAILED; `id` may be NULL. Ends the request. */
void worker_fail(struct worker *worker, enum finger_reason reason, const uint8_t *id);
/* Ends the request after its last answer. */
void worker_done(struct worker *worker);
/* Counts a press that could not be read. False where there were too many. */
bool worker_count_retry(struct worker *worker);

#endif
