/* SPDX-License-Identifier: Apache-2.0
 *
 * pam_toyama.so: asks toyamad and does what it says. It reads no card, keeps no secret and decides
 * nothing; whatever goes wrong is a refusal. Only module.c is called from outside, by libpam,
 * inside programs that belong to others: no threads, no writable statics, no environment, no
 * locale.
 */
#ifndef TOYAMA_PAM_MODULE_H
#define TOYAMA_PAM_MODULE_H

#include <security/pam_modules.h>

/* Milliseconds of CLOCK_MONOTONIC. A person has TOTAL for card, PIN and finger together. */
#define MODULE_CONNECT_MS 2000
#define MODULE_TOTAL_MS   90000
#define MODULE_ACCOUNT_MS 10000
#define MODULE_SESSION_MS 2000

#endif
