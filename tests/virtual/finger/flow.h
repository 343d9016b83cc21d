/* SPDX-License-Identifier: Apache-2.0
 *
 * The direction of the ridges of a synthetic finger: the model of Sherlock and Monro (Pattern
 * Recognition 26, 1993) with the correction of Vizcaya and Gerhardt (Pattern Recognition 29, 1996).
 */
#ifndef TOYAMA_TESTS_VIRTUAL_FINGER_FLOW_H
#define TOYAMA_TESTS_VIRTUAL_FINGER_FLOW_H

#include "tests/virtual/finger/field.h"

#define FLOW_WIDTH   416 /* pixels at 500 dpi */
#define FLOW_HEIGHT  560
#define FLOW_SECTORS 8

enum flow_class { FLOW_ARCH, FLOW_LEFT_LOOP, FLOW_RIGHT_LOOP, FLOW_TENTED, FLOW_WHORL };

struct singularity {
    double x, y;
    double offset[FLOW_SECTORS + 1];
};

struct flow {
    enum flow_class class;
    int cores, deltas;
    struct singularity core[2], delta[2];
    double centre_x, centre_y; /* of the pattern */
    double arch;               /* strength of an arch */
    double turn;
    struct field wide, narrow;
};

struct flow flow_new(struct dice *dice);
/* Radians, modulo pi. */
double flow_at(const struct flow *flow, double x, double y);
const char *flow_name(enum flow_class class);

#endif
