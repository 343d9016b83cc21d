/* SPDX-License-Identifier: Apache-2.0
 *
 * How a command ended: a sentence and what to do next, the exit code, or the JSON document
 * {"command", "result", "exit", "message"?, "detail"?, "rows"?}.
 */
#ifndef TOYAMA_ENROLL_REPORT_H
#define TOYAMA_ENROLL_REPORT_H

#include "enroll/client.h"
#include "enroll/enroll.h"

#define REPORT_TEXT_MAX 2048

struct report {
    int exit;                      /* <sysexits.h> */
    const char *result;            /* word for programs */
    char message[REPORT_TEXT_MAX]; /* for people; "" where there is nothing to say */
    char detail[REPORT_TEXT_MAX];  /* English cause; "" */
};

struct report report_make(int exit, const char *result, const char *message, const char *detail);
/* What a finished call says; client_err is the result of client_call. */
struct report report_of_call(int client_err, const struct client_outcome *outcome);
/* What a bad configuration says; settings_err is the result of settings_load. */
struct report report_of_settings(int settings_err, const struct session *s);
/* Prints a failure (stderr, or the JSON document) and returns its exit code. */
int report_failure(const struct session *s, const struct report *r);
/* The JSON document, with rows where there are any. */
void report_json(const struct session *s, const struct report *r, const struct rows *rows);

#endif
