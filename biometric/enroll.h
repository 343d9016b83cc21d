/* SPDX-License-Identifier: Apache-2.0
 *
 * ENROLL. For sensors that give pictures every press is compared with the presses before it
 * (enroll_rule.h) and with the fingers that it must not match. Chips enrol by themselves
 * (enroll_chip.c); two further presses must then match what they made.
 */
#ifndef TOYAMA_BIOMETRIC_ENROLL_H
#define TOYAMA_BIOMETRIC_ENROLL_H

#include "biometric/enroll_rule.h"
#include "biometric/sensor.h"

struct worker;

struct enroll {
    struct enroll_rule rule;
    GPtrArray *samples;  /* FpPrint of each kept press, without its picture */
    GPtrArray *octets;   /* GBytes of each: FP3 */
    GPtrArray *pictures; /* struct picture of each, where the broker wants some */
    GPtrArray *seen;     /* digests of the pictures so far */
    guint width;
    guint height;
    FpPrint *chip; /* what the chip enrolled, not yet confirmed */
    unsigned confirmed;
    unsigned missed;
    enum finger_reason failure; /* to be reported when the chip has forgotten the print */
};

void enroll_begin(struct worker *worker);
void enroll_step(struct worker *worker);
void enroll_judge(struct worker *worker, const struct sensor_press *press);
void enroll_end(struct enroll *enroll);
/* Presses that a good finger needs on this sensor. */
size_t enroll_stages(const struct sensor *sensor);

/* enroll_chip.c */
void enroll_chip_step(struct worker *worker);
void enroll_chip_judge(struct worker *worker, const struct sensor_press *press);

/* Sends ENROLLED with the prints given as GBytes and ends the request. */
void enroll_report(struct worker *worker, GPtrArray *octets);

#endif
