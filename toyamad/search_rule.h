/* SPDX-License-Identifier: Apache-2.0
 *
 * When a new finger may be somebody else's. One hit of libfprint is no proof: among 10,000
 * templates there are some for every finger. docs/measurements.md has the numbers behind these.
 * Pure.
 *
 *   sweep    a few presses against a few prints of every template; whoever is hit is looked at
 *   look     all presses against all prints of that template: a share of the pairs must match
 *   firm     the same four times, each time without another quarter of the prints' minutiae: the
 *            same finger still matches, one that is merely like it hardly does
 *   confirm  fresh presses against that one person, until enough hit or enough did not
 */
#ifndef TOYAMA_TOYAMAD_SEARCH_RULE_H
#define TOYAMA_TOYAMAD_SEARCH_RULE_H

#include "core/wire/finger.h"

#define SEARCH_SWEEP_PRESSES 3
#define SEARCH_SWEEP_SAMPLES 3
#define SEARCH_LOOK_SAMPLES  16 /* all that a template can have */
#define SEARCH_ALIKE_PAIRS   35 /* percent of the pairs of a press and a print */
#define SEARCH_ALIKE_PRESSES 40 /* percent of the presses */
#define SEARCH_FIRM_PAIRS    10 /* percent of the pairs of all four times */
#define SEARCH_CONFIRM_HITS  3
#define SEARCH_CONFIRM_MISS  3
#define SEARCH_STRANGE_MAX   5 /* presses of neither finger, before it is given up */

/* After a look with so many presses at a template of so many prints. */
bool search_rule_alike(const struct finger_hit *hit, uint32_t presses, uint32_t prints);
/* `pairs`: that matched, of all four times. */
bool search_rule_firm(uint32_t pairs, uint32_t presses, uint32_t prints);

/* The presses of one confirmation. */
struct search_confirm {
    unsigned hits;    /* matched the other person */
    unsigned misses;  /* matched the new template alone */
    unsigned strange; /* matched neither: another finger, laid on by mistake or on purpose */
};

enum search_verdict {
    SEARCH_AGAIN, /* one press more */
    SEARCH_SAME,  /* it is the other person's finger */
    SEARCH_DIFFERENT,
    SEARCH_UNCERTAIN /* the finger that was enrolled was not shown again */
};

enum search_verdict search_rule_verdict(const struct search_confirm *confirm);

#endif
