/* SPDX-License-Identifier: Apache-2.0
 *
 * Can this stack be passed although our module fails? Every way that libpam could take is walked:
 * our lines fail in each way that they can, pam_deny and pam_rootok fail, pam_permit succeeds,
 * the break-glass line does not apply, and all other modules give whatever lets the walk go on.
 */
#ifndef TOYAMA_ENROLL_PAM_WALK_H
#define TOYAMA_ENROLL_PAM_WALK_H

#include "enroll/pam_parse.h"

#define PAM_WALK_MODULE "pam_toyama.so"

enum pam_walk_err {
    PAM_WALK_OK = 0,
    PAM_WALK_COMPLEX = -1 /* more ways than are walked, or no memory: not judged */
};

struct pam_walk {
    bool granted;
    const struct pam_line *by; /* the line whose success mattered most; may be NULL */
};

/* With `strict_ours` a failure of our lines counts as `default=bad`, whatever they say: tells a
 * weak line of ours from a way around it. */
int pam_walk(const struct pam_stack *stack, enum pam_type type, bool strict_ours,
             struct pam_walk *out);
/* Our first line of this type; NULL where there is none. */
const struct pam_line *pam_walk_ours(const struct pam_stack *stack, enum pam_type type);
bool pam_walk_has_type(const struct pam_stack *stack, enum pam_type type);
/* "auth [success=N ...] pam_succeed_if.so ... user ingroup GROUP": the group, or NULL. */
const char *pam_walk_break_glass(const struct pam_line *line, char *group, size_t cap);

#endif
