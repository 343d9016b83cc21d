/* SPDX-License-Identifier: Apache-2.0
 *
 * A service's PAM configuration as one list of lines, with @include, include and substack followed
 * (pam.d(5)).
 */
#ifndef TOYAMA_ENROLL_PAM_PARSE_H
#define TOYAMA_ENROLL_PAM_PARSE_H

#include "enroll/pam_control.h"

#include <stddef.h>

#define PAM_PARSE_FILE_MAX   64 /* octets of a file's name with its NUL */
#define PAM_PARSE_MODULE_MAX 64
#define PAM_PARSE_ARGS_MAX   256
#define PAM_PARSE_LINES_MAX  1024 /* of one service, all types together */
#define PAM_PARSE_DEPTH_MAX  16   /* of includes; libpam's limit */

enum pam_parse_err {
    PAM_PARSE_OK = 0,
    PAM_PARSE_FILE = -1,  /* a file is missing or unreadable */
    PAM_PARSE_DEPTH = -2, /* files that include each other */
    PAM_PARSE_LINES = -3, /* too many lines, or no memory */
    PAM_PARSE_SYNTAX = -4 /* a line that libpam does not understand */
};

enum pam_type { PAM_TYPE_AUTH, PAM_TYPE_ACCOUNT, PAM_TYPE_OTHER };

struct pam_line {
    enum pam_type type;
    unsigned level;  /* depth of substacks */
    bool substack;   /* no module: the lines of the next level follow */
    unsigned number; /* in its file, from 1 */
    bool sufficient; /* the words sufficient or optional */
    struct pam_control control;
    char file[PAM_PARSE_FILE_MAX];
    char module[PAM_PARSE_MODULE_MAX]; /* without its directory */
    char args[PAM_PARSE_ARGS_MAX];     /* cut where longer */
};

struct pam_stack {
    struct pam_line *line;
    size_t count;
    size_t room;
    char bad_file[PAM_PARSE_FILE_MAX]; /* where an error was met */
    unsigned bad_line;
    /* Called with the name of every file that is included; may be NULL. */
    void (*included)(void *context, const char *file);
    void *context;
};

/* Appends the service's lines to `out`. After PAM_PARSE_SYNTAX the other lines are there. */
int pam_parse_service(const char *dir, const char *service, struct pam_stack *out);
void pam_parse_free(struct pam_stack *stack);

#endif
