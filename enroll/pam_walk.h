/* SPDX-License-Identifier: Apache-2.0
 *
 * Can this stack be passed although our module fails? Our lines fail in each way that they can,
 * pam_deny and pam_rootok fail, pam_permit succeeds, the break-glass line does not apply, and all
 * other modules return whatever helps.
 */
#ifndef TOYAMA_ENROLL_PAM_WALK_H
#define TOYAMA_ENROLL_PAM_WALK_H

#include "enroll/pam_dispatch.h"

#define PAM_WALK_MODULE "pam_toyama.so"

/* Result as of pam_dispatch. With `strict_ours` a failure of our lines counts as `default=bad`,
 * whatever they say: tells a weak line of ours from a way around it. */
int pam_walk(const struct pam_stack *stack, enum pam_type type, bool strict_ours,
             struct pam_dispatch *out);
/* Our first line of this type; NULL where there is none. */
const struct pam_line *pam_walk_ours(const struct pam_stack *stack, enum pam_type type);
bool pam_walk_has_type(const struct pam_stack *stack, enum pam_type type);
/* "[success=N ...] pam_succeed_if.so ... user ingroup GROUP ...": copies the group. */
bool pam_walk_break_glass(const struct pam_line *line, char *group, size_t cap);

#endif
