/* SPDX-License-Identifier: Apache-2.0
 *
 * The services of a PAM directory: its files without the fragments that others include and without
 * what package managers and editors leave behind.
 */
#ifndef TOYAMA_ENROLL_PAM_SERVICES_H
#define TOYAMA_ENROLL_PAM_SERVICES_H

#include "enroll/pam_parse.h"

/* `err` is the result of pam_parse_service. */
typedef void pam_services_function(void *context, const char *service,
                                   const struct pam_stack *stack, int err);

/* In alphabetical order. False where the directory cannot be read. */
bool pam_services_each(const char *dir, pam_services_function *function, void *context);
/* Screen lockers, which ask `auth` only. */
bool pam_services_locker(const char *service);
/* The login screen's own session: nobody logs in by it. */
bool pam_services_greeter(const char *service);

#endif
