/* SPDX-License-Identifier: Apache-2.0
 *
 * libpam's dispatcher as a set of states: given what each line may return, can the stack as a whole
 * end well? Pure; every way is followed, jumps go forward only, so that it always ends.
 */
#ifndef TOYAMA_ENROLL_PAM_DISPATCH_H
#define TOYAMA_ENROLL_PAM_DISPATCH_H

#include "enroll/pam_parse.h"

enum pam_dispatch_err {
    PAM_DISPATCH_OK = 0,
    PAM_DISPATCH_COMPLEX = -1 /* more states than are followed, or no memory: not judged */
};

struct pam_dispatch_model {
    bool (*can_return)(const struct pam_line *line, enum pam_value value);
    int (*action)(const struct pam_line *line, enum pam_value value);
    /* How much the line's success tells to the reader of a finding. */
    int (*weight)(const struct pam_line *line);
};

struct pam_dispatch {
    bool granted;              /* PAM_SUCCESS; of account also PAM_NEW_AUTHTOK_REQD */
    const struct pam_line *by; /* the heaviest line that succeeded on such a way; may be NULL */
};

int pam_dispatch(const struct pam_stack *stack, enum pam_type type,
                 const struct pam_dispatch_model *model, struct pam_dispatch *out);
/* The line's own control, for `action`. */
int pam_dispatch_action(const struct pam_line *line, enum pam_value value);

#endif
