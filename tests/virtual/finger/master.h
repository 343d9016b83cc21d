/* SPDX-License-Identifier: Apache-2.0
 *
 * A synthetic finger: ridges grown from random seeds by filtering each point along its direction
 * again and again (Cappelli, Maio, Maltoni, ICPR 2002). The numbers follow from a seed, but pixels
 * may differ between compilers and machines, because growth amplifies rounding.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_FINGER_MASTER_H
#define TOYAMA_TESTS_VIRTUAL_FINGER_MASTER_H

#include "tests/virtual/finger/flow.h"

#include <stdbool.h>

struct master {
    enum flow_class class;
    float *ridge; /* FLOW_HEIGHT rows of FLOW_WIDTH, -1 valley to 1 ridge; from malloc */
};

bool master_grow(struct master *master, uint64_t seed);
void master_free(struct master *master);
/* Between the points by linear interpolation; 0 outside. */
double master_at(const struct master *master, double x, double y);

#endif
