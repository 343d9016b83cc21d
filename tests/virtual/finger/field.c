/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/finger/field.h"

#include <math.h>

struct field field_new(struct dice *dice, double low, double high)
{
    struct field field;

    for (int n = 0; n < FIELD_WAVES; n++) {
        double direction = dice_uniform(dice, 0, 2 * M_PI);
        double k = 2 * M_PI / dice_uniform(dice, low, high);
        field.wave[n].kx = k * cos(direction);
        field.wave[n].ky = k * sin(direction);
        field.wave[n].phase = dice_uniform(dice, 0, 2 * M_PI);
        field.wave[n].amplitude = dice_normal(dice, 1.0);
    }
    return field;
}

double field_at(const struct field *field, double x, double y)
{
    double sum = 0;

    for (int n = 0; n < FIELD_WAVES; n++)
        sum += field->wave[n].amplitude *
               cos(field->wave[n].kx * x + field->wave[n].ky * y + field->wave[n].phase);
    return sum / sqrt(FIELD_WAVES / 2.0);
}
