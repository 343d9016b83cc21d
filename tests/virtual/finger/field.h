/* SPDX-License-Identifier: Apache-2.0
 *
 * A smooth random surface: the sum of a few plane waves.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_FINGER_FIELD_H
#define TOYAMA_TESTS_VIRTUAL_FINGER_FIELD_H

#include "tests/virtual/finger/dice.h"

#define FIELD_WAVES 6

struct field {
    struct {
        double kx, ky, phase, amplitude;
    } wave[FIELD_WAVES];
};

/* Wavelengths between `low` and `high` pixels; the deviation of the surface is about 1. */
struct field field_new(struct dice *dice, double low, double high);
double field_at(const struct field *field, double x, double y);

#endif
