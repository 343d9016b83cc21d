/* SPDX-License-Identifier: Apache-2.0
 *
 * VERIFY and SEARCH: presses compared with the gallery.
 */
#ifndef TOYAMA_BIOMETRIC_VERIFY_H
#define TOYAMA_BIOMETRIC_VERIFY_H

#include "biometric/sensor.h"

#define VERIFY_PRESSES_MAX  3
#define VERIFY_MINUTIAE_MIN 10  /* below, libfprint's matcher scores 0 whatever it sees */
#define VERIFY_MINUTIAE_MAX 150 /* above, artificial patterns come near the threshold */

struct worker;

struct verify {
    GPtrArray *prints; /* to compare the next press with */
    int entry;         /* that the presses so far matched, or -1 */
    uint32_t matched;  /* presses */
    char *seen;        /* digest of the last picture */
};

void verify_begin(struct worker *worker);
void verify_step(struct worker *worker);
void verify_judge(struct worker *worker, const struct sensor_press *press);
void verify_end(struct verify *verify);

#endif
