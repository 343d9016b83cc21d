/* SPDX-License-Identifier: Apache-2.0
 *
 * `toyama-enroll check`: looks at the host's set-up and says of each mistake what it is, why it
 * matters and how to mend it. Each concern is a file check_*.c with a table of the findings that it
 * knows and one function in the table of checks.
 */
#ifndef TOYAMA_ENROLL_CHECK_H
#define TOYAMA_ENROLL_CHECK_H

#include "enroll/enroll.h"
#include "enroll/rows.h"

#define CHECK_TEXT_MAX     1024
#define CHECK_FINDINGS_MAX 128

enum check_level { CHECK_GREEN, CHECK_YELLOW, CHECK_RED };

/* A finding that a check knows. Texts are translated and may hold "{}" for the subject. */
struct check_kind {
    enum check_level level;
    const char *id; /* stable word for programs, "pam-weak" */
    const char *what;
    const char *why; /* NULL where `what` says it all */
    const char *how; /* NULL where nothing is to be done */
};

struct check_finding {
    const struct check_kind *kind;
    char subject[CHECK_TEXT_MAX];
};

struct check {
    struct session *session;
    bool config_good; /* session->settings may be used */
    bool broker_good; /* the broker answers */
    bool people;      /* somebody is registered */
    bool strict;      /* individual-number, or not known */
    size_t count;
    struct check_finding finding[CHECK_FINDINGS_MAX];
};

/* A finding more; those behind the last that fits are dropped after the first CHECK_FINDINGS_MAX.
 */
void check_add(struct check *c, const struct check_kind *kind, const char *subject);
/* Findings of this level so far. */
size_t check_count(const struct check *c, enum check_level level);
/* Of the effective configuration; "" where it is not known. */
const char *check_setting(const struct check *c, const char *key);
bool check_needs(const struct check *c, const char *factor);
/* "a, b": adds `name`, cut where there is no room. */
void check_append(char list[CHECK_TEXT_MAX], const char *name);

void check_config(struct check *c);
void check_state(struct check *c);
void check_holidays(struct check *c);
void check_broker(struct check *c);
void check_cards(struct check *c);
void check_devices(struct check *c);
void check_pam(struct check *c);
void check_sudo(struct check *c);

#endif
