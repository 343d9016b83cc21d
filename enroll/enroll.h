/* SPDX-License-Identifier: Apache-2.0
 *
 * toyama-enroll: the operator's command line. It decides nothing and keeps nothing: every command
 * is one call to the broker over admin.sock, and `check` looks at the host's set-up. Links core
 * and libc. Called by people, the helpdesk's scripts and cron; nothing else includes this room.
 *
 * A session is one run of the program: what was asked for, the broker's effective configuration,
 * and where the answer goes. Exit codes are those of <sysexits.h>.
 */
#ifndef TOYAMA_ENROLL_ENROLL_H
#define TOYAMA_ENROLL_ENROLL_H

#include "enroll/handover.h"
#include "enroll/options.h"
#include "enroll/settings.h"

struct session {
    struct options opt;
    struct settings settings;
};

/* Handlers of the command table; each prints its own answer and returns the exit code. */
int enroll_call(struct session *s);
int enroll_init(struct session *s);
int enroll_roster_import(struct session *s);
int enroll_roster_inspect(struct session *s);
int enroll_check(struct session *s);
int enroll_support_add(struct session *s);
int enroll_ceremony(struct session *s);
int enroll_issue_preview(struct session *s);
int enroll_issue_approve(struct session *s);
int enroll_roster_export(struct session *s);
int enroll_hr_check(struct session *s);
int enroll_hr_import(struct session *s);

/* Reads the effective configuration into s->settings; EX_OK or the exit code, already reported. */
int enroll_settings(struct session *s);
/* Opens the file that the command line names, if one; EX_OK or the exit code, already reported. */
int enroll_open_file(const struct session *s, struct handover *h);
/* The broker's socket. */
const char *enroll_socket(const struct session *s);

#endif
