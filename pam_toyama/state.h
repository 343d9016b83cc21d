/* SPDX-License-Identifier: Apache-2.0
 *
 * What one authentication leaves in the PAM handle for the phases after it. It may be missing
 * there: sshd authenticates in a child whose handle is lost. Nothing outside of the process hangs
 * on it, so that pam_end in a forked child (PAM_DATA_SILENT) ends nothing of the parent's.
 */
#ifndef TOYAMA_PAM_STATE_H
#define TOYAMA_PAM_STATE_H

#include <security/pam_modules.h>

#include "core/wire/auth.h"

enum state_result { STATE_NONE, STATE_FAILED, STATE_GRANTED };

/* Forgets an earlier authentication: the handle says "failed" until state_grant. */
bool state_begin(pam_handle_t *pamh);
/* `ticket` (AUTH_TICKET_LEN octets) may be NULL. */
bool state_grant(pam_handle_t *pamh, const char *user, const uint8_t *ticket);

enum state_result state_result(pam_handle_t *pamh);
/* The ticket of an authentication of this very user, or NULL. */
const uint8_t *state_ticket(pam_handle_t *pamh, const char *user);

#endif
