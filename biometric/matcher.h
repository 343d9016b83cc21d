/* SPDX-License-Identifier: Apache-2.0
 *
 * COMPARE: a worker without a sensor searches a part of everybody's templates for the finger that
 * is being enrolled elsewhere. It gets pictures and templates without names and says which
 * templates were hit, by how many pictures and pairs. libfprint tells hit or no hit, once a call
 * and for the first print only: after a hit the same picture is laid on again, and the prints
 * behind the one that was hit are compared.
 */
#ifndef TOYAMA_BIOMETRIC_MATCHER_H
#define TOYAMA_BIOMETRIC_MATCHER_H

#include "biometric/feeder.h"
#include "biometric/sensor.h"

struct worker;
struct frame;

struct matcher {
    bool on; /* the worker is a matcher */
    struct feeder *feeder;
    GPtrArray *pictures;
    /* of the running COMPARE */
    GPtrArray *prints; /* of the gallery, as many of each template as were asked for */
    GArray *owner;     /* guint: entry of the gallery that print n belongs to */
    GArray *hits;      /* struct finger_hit, one a template */
    guint *last;       /* of each template: number of the picture that hit it last, from 1 */
    guint picture;     /* the one on the sensor */
    guint from;        /* first print that it was not compared with */
    gint64 armed;      /* microseconds that the sensor was in use since it was opened */
    gint64 begun;      /* when it was last taken into use */
};

/* Requests; false where they are out of place or out of range. */
bool matcher_take_open(struct worker *worker, const struct frame *frame);
bool matcher_take_picture(struct worker *worker, const struct frame *frame);

/* The sensor is open. False: it cannot be used. */
bool matcher_opened(struct worker *worker);
void matcher_begin(struct worker *worker);
void matcher_step(struct worker *worker);
void matcher_judge(struct worker *worker, const struct sensor_press *press);
/* After a COMPARE. */
void matcher_end(struct matcher *matcher);
void matcher_free(struct matcher *matcher);

#endif
