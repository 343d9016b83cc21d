/* SPDX-License-Identifier: Apache-2.0
 *
 * One press of a synthetic finger: turned, moved, stretched, wet or dry, scratched, partly off the
 * sensor.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_FINGER_IMPRESSION_H
#define TOYAMA_TESTS_VIRTUAL_FINGER_IMPRESSION_H

#include "tests/virtual/finger/image.h"
#include "tests/virtual/finger/master.h"

#define IMPRESSION_WIDTH  320 /* pixels at 500 dpi */
#define IMPRESSION_HEIGHT 400

/* `difficulty` 1 is a normal finger, 2.5 a hard one. `levels` of grey, 2 to 256: fewer make smaller
 * files. */
bool impression_press(struct image *image, const struct master *master, uint64_t seed,
                      double difficulty, int levels);

#endif
