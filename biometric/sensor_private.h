/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared by sensor.c (finding, opening, closing) and press.c (operations).
 */
#ifndef TOYAMA_BIOMETRIC_SENSOR_PRIVATE_H
#define TOYAMA_BIOMETRIC_SENSOR_PRIVATE_H

#include "biometric/sensor.h"

struct sensor {
    FpContext *context;
    FpDevice *device;
    GCancellable *cancel;
    struct sensor_client client;
    char *drivers;
    guint appear_timer;
    guint again_timer;
    gint64 begun; /* of opening, microseconds */
    bool open;
    bool busy;                  /* an operation of the library has not ended */
    bool gone;                  /* removed: further operations would wait for ever */
    bool judged;                /* of the running press */
    void (*closed)(void *user); /* set: the worker is going */
    void *closed_user;
};

enum finger_reason sensor_reason(const GError *error);
/* True where the worker is going: closes the device, which must be idle. */
bool sensor_closed_now(struct sensor *sensor);

#endif
