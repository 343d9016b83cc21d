/* SPDX-License-Identifier: Apache-2.0
 *
 * Help that teaches: what each command does, its parameters and an example.
 */
#ifndef TOYAMA_ENROLL_HELP_H
#define TOYAMA_ENROLL_HELP_H

#include "enroll/options.h"

/* The command's page, the group's or the whole list, on standard output. */
void help_print(const struct options *opt);

#endif
