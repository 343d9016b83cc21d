/* SPDX-License-Identifier: Apache-2.0
 *
 * One sensor behind libfprint's asynchronous API, driven by the default main context. One operation
 * runs at a time; its judgement comes before the finger is lifted, its end after.
 */
#ifndef TOYAMA_BIOMETRIC_SENSOR_H
#define TOYAMA_BIOMETRIC_SENSOR_H

#include "core/wire/finger.h"

#include <fprint.h>

#define SENSOR_DRIVERS_MAX 512
#define SENSOR_SOCKET_MAX  108 /* with the NUL: sockaddr_un */

struct sensor;

enum sensor_outcome {
    SENSOR_SCANNED, /* a print was taken and compared */
    SENSOR_RETRY,   /* not readable: `retry` */
    SENSOR_FAILED   /* `reason` */
};

struct sensor_press {
    enum sensor_outcome outcome;
    FpPrint *print; /* what was scanned; NULL where the chip keeps it */
    FpPrint *match; /* of the prints to compare with, or NULL */
    enum finger_press retry;
    enum finger_reason reason;
    int stage;       /* chip enrolment: stages done, 0 elsewhere */
    FpPrint *result; /* chip enrolment: the new print at its end */
};

struct sensor_client {
    /* Once an operation; in chip enrolment once a stage and once with `result` or a failure. */
    void (*judged)(void *user, const struct sensor_press *press);
    /* The sensor is free again. */
    void (*ended)(void *user);
    /* After sensor_open; `reason` is 0 where the sensor is open. */
    void (*opened)(void *user, enum finger_reason reason);
    void *user;
};

/* Both set libfprint's environment, so that they come before any other use of it, and once.
 * `drivers` is a list separated by ':', NULL for all; `socket` NULL for no virtual sensor. */
struct sensor *sensor_new(const char *drivers, const char *socket,
                          const struct sensor_client *client);
void sensor_open(struct sensor *sensor);
/* After sensor_close has called back, or before sensor_open. */
void sensor_free(struct sensor *sensor);
/* Encodes the sensors that are there, admitted or not: FINGER_F_LIST. */
void sensor_list(struct sensor *sensor, struct tlv_out *out);

FpDevice *sensor_device(const struct sensor *sensor);
/* Never NULL; empty where the driver has none. */
const char *sensor_device_id(const struct sensor *sensor);
/* True where libfprint compares minutiae, false where the chip does. */
bool sensor_compares(const struct sensor *sensor);
bool sensor_busy(const struct sensor *sensor);

/* One press compared with `prints`, which may be empty. */
void sensor_press(struct sensor *sensor, GPtrArray *prints);
/* The stages of a new print on a chip. */
void sensor_enroll(struct sensor *sensor, unsigned finger);
/* Removes a print that enrolment left on a chip. False where the chip cannot. */
bool sensor_forget(struct sensor *sensor, FpPrint *print);

/* Cancels, closes and then calls `done`, also where the sensor never was open. */
void sensor_close(struct sensor *sensor, void (*done)(void *user), void *user);

#endif
