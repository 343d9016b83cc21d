/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/finger/dice.h"

#include <math.h>

struct dice dice_new(uint64_t seed)
{
    return (struct dice){seed};
}

uint64_t dice_next(struct dice *dice)
{
    uint64_t z = (dice->state += UINT64_C(0x9E3779B97F4A7C15));

    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

double dice_uniform(struct dice *dice, double low, double high)
{
    return low + (high - low) * ((double)(dice_next(dice) >> 11) * 0x1p-53);
}

double dice_normal(struct dice *dice, double deviation)
{
    double radius = sqrt(-2.0 * log(1.0 - dice_uniform(dice, 0, 1)));

    return deviation * radius * cos(2.0 * M_PI * dice_uniform(dice, 0, 1));
}
