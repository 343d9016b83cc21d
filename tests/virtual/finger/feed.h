/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts pictures and events onto libfprint's virtual_image sensor. One connection each: the sensor
 * forgets what was on a connection that a newer one replaces, so that every function waits until
 * the sensor has taken all of it. All wait for a sensor to listen, up to the deadline.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_FINGER_FEED_H
#define TOYAMA_TESTS_VIRTUAL_FINGER_FEED_H

#include "tests/virtual/finger/image.h"

struct feed {
    const char *path; /* the sensor's socket */
    int64_t patience; /* milliseconds until a finger that nobody scans is taken away */
};

enum feed_result {
    FEED_OK = 0,
    FEED_ABSENT = -1,  /* no sensor listened */
    FEED_IGNORED = -2, /* listened, but did not scan */
    FEED_BROKEN = -3   /* the sensor went away meanwhile */
};

const char *feed_strerror(enum feed_result result);

enum feed_result feed_press(const struct feed *feed, const struct image *image);
/* The finger stays for `hold` milliseconds after the picture was taken. */
enum feed_result feed_hold(const struct feed *feed, const struct image *image, int64_t hold);
/* The sensor loses power in the middle of the picture. */
enum feed_result feed_half(const struct feed *feed, const struct image *image);
/* Codes of FpDeviceRetry and FpDeviceError. */
enum feed_result feed_retry(const struct feed *feed, int32_t code);
enum feed_result feed_error(const struct feed *feed, int32_t code);
enum feed_result feed_remove(const struct feed *feed);

void feed_sleep(int64_t ms);

#endif
