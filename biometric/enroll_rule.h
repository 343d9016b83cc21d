/* SPDX-License-Identifier: Apache-2.0
 *
 * What makes presses a template. Every press was compared, by the library that will verify it
 * later, with the presses before it; here is only the decision. Presses that match form groups:
 * a press joins the group of the earlier press that it matched, or begins one. Groups cannot merge,
 * because the library reports one hit a press. The largest group becomes the template when it has
 * ENROLL_GROWN presses and as many confirming ones as are asked for. Noise, fingers that change
 * from press to press and repeated pictures therefore never become a template. Pure.
 */
#ifndef TOYAMA_BIOMETRIC_ENROLL_RULE_H
#define TOYAMA_BIOMETRIC_ENROLL_RULE_H

#include <stdbool.h>
#include <stddef.h>

#define ENROLL_GROWN        5  /* presses that make the first form of the template */
#define ENROLL_CONFIRM      2  /* further presses that must match it */
#define ENROLL_SAMPLES_MAX  10 /* each miss after the fifth asks for one press more, up to here */
#define ENROLL_BAD_MAX      12 /* presses that brought nothing; then the finger is given up */
#define ENROLL_RIVAL_MAX    4  /* presses of one other finger that end the enrolment */
#define ENROLL_KEPT_MAX     (ENROLL_SAMPLES_MAX + ENROLL_BAD_MAX)
#define ENROLL_MINUTIAE_MIN 20
#define ENROLL_MINUTIAE_MAX 150
#define ENROLL_NO_HIT       (-1)

enum enroll_verdict {
    ENROLL_TAKEN,    /* sample kept in the largest group */
    ENROLL_APART,    /* sample kept, but it does not belong to the largest group */
    ENROLL_NOISE,    /* refused: too few or too many minutiae, or a picture seen before */
    ENROLL_FOREIGN,  /* refused: matches a finger that it must not match */
    ENROLL_COMPLETE, /* sample kept; the template is ready */
    ENROLL_GIVEN_UP,
    ENROLL_DUPLICATE /* the second press that matches the same foreign finger */
};

struct enroll_press {
    size_t minutiae;
    bool repeated; /* pixels equal to an earlier press */
    int sample;    /* number of the kept sample that it matched, or ENROLL_NO_HIT */
    int foreign;   /* number of the foreign finger that it matched, or ENROLL_NO_HIT */
};

struct enroll_rule {
    size_t kept;
    size_t bad;
    size_t wanted; /* size at which the largest group is complete */
    size_t foreigns;
    size_t group[ENROLL_KEPT_MAX]; /* of sample n: the number of its group's first sample */
    int foreign[ENROLL_BAD_MAX];   /* foreign fingers that were hit */
};

void enroll_rule_begin(struct enroll_rule *rule);
/* The caller keeps the sample of this press as number kept - 1 where the verdict says so. */
enum enroll_verdict enroll_rule_press(struct enroll_rule *rule, const struct enroll_press *press);
/* A press that the sensor could not read: ENROLL_NOISE, or ENROLL_GIVEN_UP. */
enum enroll_verdict enroll_rule_unread(struct enroll_rule *rule);
/* Size of the largest group. */
size_t enroll_rule_size(const struct enroll_rule *rule);
/* True where sample `n` is of the largest group, which of equal ones is the oldest. */
bool enroll_rule_chosen(const struct enroll_rule *rule, size_t n);

#endif
