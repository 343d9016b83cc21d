/* SPDX-License-Identifier: Apache-2.0
 *
 * The sealed secret and access code of a registered YubiKey.
 */
#ifndef TOYAMA_TOYAMAD_TOKEN_KEY_H
#define TOYAMA_TOYAMAD_TOKEN_KEY_H

#include "toyamad/task.h"

/* The caller wipes `out`. False: the call was ended. */
bool token_key_open(struct task *t, const struct roster_record *holder,
                    const struct roster_credential *c, struct shared_yubikey *out);
/* Its slot was being written when the key was pulled; one that somebody suspended has a reason. */
bool token_key_begun(const struct roster_credential *c);

#endif
