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
 *   confirm  fresh presses of the same finger against that one template, until enough hit or
 *            enough did not
 *   second   another finger of the same two people, and where it does not match, a third one: who
 *            is registered twice is alike in both, two strangers hardly ever are. Only this names
 *            somebody as registered already
 *   alone    where no second finger tells, a finger is refused that is as alike as only one and the
 *            same finger was, and nobody is named; otherwise it is taken, and noted
 */
#ifndef TOYAMA_TOYAMAD_SEARCH_RULE_H
#define TOYAMA_TOYAMAD_SEARCH_RULE_H

#include "core/wire/finger.h"

#define SEARCH_SWEEP_PRESSES 3
#define SEARCH_SWEEP_SAMPLES 3
#define SEARCH_LOOK_SAMPLES  16 /* all that a template can have */
#define SEARCH_ALIKE_PAIRS   30 /* percent of the pairs of a press and a print */
#define SEARCH_ALIKE_PRESSES 40 /* percent of the presses */
#define SEARCH_FIRM_PAIRS    8  /* percent of the pairs of all four times */
#define SEARCH_CONFIRM_HITS  3
#define SEARCH_CONFIRM_MISS  3
#define SEARCH_STRANGE_MAX   5 /* presses that tell nothing, before it is given up */
#define SEARCH_SECOND_HITS   2
#define SEARCH_SECOND_MISS   4
#define SEARCH_SECONDS_MAX   2  /* other fingers that are asked for, one after the other */
#define SEARCH_ALONE_PAIRS   50 /* percent, as SEARCH_ALIKE_PAIRS */
#define SEARCH_ALONE_FIRM    30 /* percent, as SEARCH_FIRM_PAIRS */

/* After a look with so many presses at a template of so many prints. */
bool search_rule_alike(const struct finger_hit *hit, uint32_t presses, uint32_t prints);
/* `pairs`: that matched, of all four times. */
bool search_rule_firm(uint32_t pairs, uint32_t presses, uint32_t prints);
/* Whether one finger is enough to refuse it; `firm` as `pairs` of search_rule_firm. */
bool search_rule_alone(const struct finger_hit *hit, uint32_t firm, uint32_t presses,
                       uint32_t prints);

/* The presses of one confirmation. `strange` are those of a wrong finger, laid on by mistake or on
 * purpose: one that matched neither template, or the first finger where the second was asked for.
 */
struct search_confirm {
    unsigned hits;   /* matched the other person */
    unsigned misses; /* the same finger: the new template alone; the second one: nothing */
    unsigned strange;
};

enum search_verdict {
    SEARCH_AGAIN, /* one press more */
    SEARCH_SAME,  /* it is the other person's finger */
    SEARCH_DIFFERENT,
    SEARCH_UNCERTAIN /* the finger that was asked for was not shown */
};

enum search_verdict search_rule_verdict(const struct search_confirm *confirm);
enum search_verdict search_rule_second(const struct search_confirm *confirm);

#endif
