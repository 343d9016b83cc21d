/* SPDX-License-Identifier: Apache-2.0
 *
 * The control socket of virtual-finger: one command a line, each answered by one line, "ok" or
 * "error WHY", when the sensor has taken it.
 *
 *   press FILE             a finger, lifted at once
 *   hold MS FILE           a finger that is lifted MS milliseconds later
 *   shift DX DY FILE       the finger of FILE laid elsewhere (pixels)
 *   half FILE              the sensor stops in the middle of the picture
 *   noise WIDTH HEIGHT SEED
 *   retry N, error N       codes of FpDeviceRetry, FpDeviceError
 *   remove                 the sensor is unplugged
 *   quit
 */
#ifndef TOYAMA_TESTS_VIRTUAL_FINGER_CONTROL_H
#define TOYAMA_TESTS_VIRTUAL_FINGER_CONTROL_H

#include "tests/virtual/finger/feed.h"

/* Serves one client after the other until "quit"; false where the socket cannot be made. */
bool control_serve(const struct feed *feed, const char *path);

#endif
