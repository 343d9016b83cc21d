/* SPDX-License-Identifier: Apache-2.0
 *
 * Repeatable random numbers (splitmix64: Steele, Lea, Flood, OOPSLA 2014). Not for secrets.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_FINGER_DICE_H
#define TOYAMA_TESTS_VIRTUAL_FINGER_DICE_H

#include <stdint.h>

struct dice {
    uint64_t state;
};

struct dice dice_new(uint64_t seed);
uint64_t dice_next(struct dice *dice);
double dice_uniform(struct dice *dice, double low, double high);
double dice_normal(struct dice *dice, double deviation);

#endif
