/* SPDX-License-Identifier: Apache-2.0
 *
 * The picture side of a matcher. libfprint compares prints only while it reads a sensor, so that a
 * matcher opens the library's virtual sensor on a socket of its own: in a private directory, which
 * is gone as soon as this process has connected. Nobody else reaches it, before or after; it is
 * never a sensor to log in with.
 */
#ifndef TOYAMA_BIOMETRIC_FEEDER_H
#define TOYAMA_BIOMETRIC_FEEDER_H

#include "biometric/picture.h"

struct feeder;

/* Makes the directory; NULL where that is not possible. */
struct feeder *feeder_new(void);
/* For sensor_new. */
const char *feeder_socket(const struct feeder *feeder);
/* Once the sensor is open. */
bool feeder_connect(struct feeder *feeder);
/* Lays the picture onto the sensor, in the background; `picture` must live until the sensor has
 * judged it. False where the last one was not taken. */
bool feeder_press(struct feeder *feeder, const struct picture *picture);
void feeder_free(struct feeder *feeder);

#endif
