/* SPDX-License-Identifier: Apache-2.0
 *
 * The phases of PAM that ask toyamad.
 */
#ifndef TOYAMA_PAM_PHASES_H
#define TOYAMA_PAM_PHASES_H

#include <security/pam_modules.h>

#include "pam_toyama/options.h"

int phase_authenticate(pam_handle_t *pamh, const struct options *options, int flags);
int phase_account(pam_handle_t *pamh, const struct options *options, int flags);
/* Best effort: a session neither waits long nor fails because of toyama. */
void phase_session(pam_handle_t *pamh, const struct options *options, bool open);

#endif
