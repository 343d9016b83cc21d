/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a program to its end with an environment of its own and keeps what it says.
 */
#ifndef TOYAMA_ENROLL_RUN_H
#define TOYAMA_ENROLL_RUN_H

#include <stdbool.h>
#include <stddef.h>

#define RUN_TEXT_MAX 16384 /* octets of one stream that are kept, with the NUL */

struct run_result {
    int status;               /* exit status; 128 + number for a signal */
    char out[RUN_TEXT_MAX];   /* standard output */
    char error[RUN_TEXT_MAX]; /* standard error */
};

/* argv[0] is the path. False where the program could not be started, was interrupted or had not
 * ended after `seconds` (it is then killed). */
bool run_program(const char *const argv[], int seconds, struct run_result *out);
/* The same with a line on its standard input: at most RUN_INPUT_MAX octets. The caller wipes. */
#define RUN_INPUT_MAX 1024
bool run_program_with(const char *const argv[], const char *input, size_t len, int seconds,
                      struct run_result *out);

#endif
