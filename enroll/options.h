/* SPDX-License-Identifier: Apache-2.0
 *
 * The command line. Options are matched whole, never by prefix; one given twice, an unknown one and
 * a word too many are errors. A secret is never an argument.
 */
#ifndef TOYAMA_ENROLL_OPTIONS_H
#define TOYAMA_ENROLL_OPTIONS_H

#include "core/wire/admin.h"
#include "enroll/command.h"
#include "enroll/lang.h"

enum options_err {
    OPTIONS_OK = 0,
    OPTIONS_NO_COMMAND = -1, /* nothing, or a noun without its action */
    OPTIONS_COMMAND = -2,    /* unknown command */
    OPTIONS_UNKNOWN = -3,    /* unknown option, or one of another command */
    OPTIONS_VALUE = -4,      /* an option's value is missing or not wanted */
    OPTIONS_TWICE = -5,
    OPTIONS_EXTRA = -6,   /* a word too many */
    OPTIONS_MISSING = -7, /* a required parameter was not given */
    OPTIONS_BAD = -8      /* a value that the parameter does not allow */
};

struct options {
    const struct command *command;
    const char *noun;              /* of `--help` for a group */
    const char *about;             /* the word that an error is about */
    const struct parameter *param; /* OPTIONS_BAD, OPTIONS_MISSING: which one */
    struct admin_pairs pairs;      /* parameters for the broker */
    const struct parameter *file;  /* VALUE_FILE_IN, _OUT, VALUE_FOLDER: at most one a command */
    const char *file_path;
    enum lang lang;
    bool json;
    bool yes;
    bool pin_stdin;
    bool help;
    bool version;
    const char *config;
    const char *toyamad;
    const char *pam_dir;
    const char *sudoers;
    const char *localedir;
};

/* Fills `out`; strings point into argv. Language and --json hold even where an error is returned,
 * so that the error itself can be told in the way that was asked for. */
int options_parse(int argc, char **argv, struct options *out);
/* A sentence about the error, in the language of this run. */
void options_explain(int err, const struct options *opt, char *out, size_t cap);

#endif
