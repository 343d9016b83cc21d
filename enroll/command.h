/* SPDX-License-Identifier: Apache-2.0
 *
 * The table of commands: words, the broker's verb (docs/protocol.md), parameters, help. The parser,
 * the help and the handlers read it; a new command is a new row in command_*.c.
 */
#ifndef TOYAMA_ENROLL_COMMAND_H
#define TOYAMA_ENROLL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

struct session;
struct question;

enum value_kind {
    VALUE_TEXT,
    VALUE_TEXT_OR_NONE, /* "none" is sent as an empty text */
    VALUE_FLAG,         /* an option without a value; sent as "yes" */
    VALUE_NUMBER,       /* decimal digits */
    VALUE_DATE,         /* YYYY-MM-DD, a day that exists */
    VALUE_DATE_OR_NONE, /* the same or "none" */
    VALUE_MOMENT,       /* YYYY-MM-DD or YYYY-MM-DDThh:mm */
    VALUE_YESNO,
    VALUE_FINGER,        /* a finger's name */
    VALUE_FINGER_OR_ALL, /* the same or "all" */
    VALUE_CATEGORY,
    VALUE_ROLE,
    VALUE_FILE_IN,  /* a file that goes along with the call; its path is not sent */
    VALUE_FILE_OUT, /* the same, made for the answer: nothing there is overwritten */
    VALUE_FOLDER    /* where the handler puts what it makes; not sent */
};

struct parameter {
    const char *name; /* "--kana", or "PERSON" for a word without a name */
    const char *key;  /* of the pair that is sent to the broker; NULL for a file */
    enum value_kind kind;
    bool required;
};

struct command {
    const char *noun;
    const char *action; /* NULL: the noun is the whole command */
    const char *verb;   /* of admin.sock; NULL where the handler needs none */
    int (*run)(struct session *s);
    const struct question *question; /* asked first (enroll/question.h); NULL: never */
    const struct parameter *param;
    size_t params;
    const char *summary;
    const char *detail;
    const char *example;
};

/* The n-th command of all, in the order of the help; NULL behind the last one. */
const struct command *command_at(size_t n);

/* True where some command starts with this word. */
bool command_has_noun(const char *noun);
/* True where the noun stands alone. */
bool command_is_whole(const char *noun);
/* NULL where there is none; `action` may be NULL. */
const struct command *command_find(const char *noun, const char *action);
bool command_is_positional(const struct parameter *p);
bool command_value_fits(enum value_kind kind, const char *value);
/* "person add" */
void command_name(const struct command *c, char *out, size_t cap);

#endif
