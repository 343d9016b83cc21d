/* SPDX-License-Identifier: Apache-2.0
 *
 * Named, typed arguments of a catalogue message: SEQUENCE { context 0 name, context 1 kind,
 * context 2 value } one after the other. The receiver renders them in its language.
 */
#ifndef TOYAMA_CORE_WIRE_ARGS_H
#define TOYAMA_CORE_WIRE_ARGS_H

#include "core/wire/tlv.h"

#define ARGS_MAX       8
#define ARGS_NAME_MAX  16  /* with the NUL; lower-case letters and underscore */
#define ARGS_VALUE_MAX 256 /* with the NUL */

enum arg_kind {
    ARG_TEXT = 1,
    ARG_NUMBER = 2, /* decimal digits */
    ARG_DATE = 3,   /* local YYYY-MM-DD */
    ARG_TIME = 4,   /* local YYYY-MM-DDThh:mm */
    ARG_ZONE = 5    /* the config value of a zone */
};

struct arg {
    enum arg_kind kind;
    char name[ARGS_NAME_MAX];
    char value[ARGS_VALUE_MAX];
};

struct args {
    size_t count;
    struct arg arg[ARGS_MAX];
};

/* False where there is no room or the value is too long: the caller then sends no arguments. */
bool args_add(struct args *args, const char *name, enum arg_kind kind, const char *value);
bool args_add_number(struct args *args, const char *name, unsigned long value);
const struct arg *args_find(const struct args *args, const char *name);

int args_encode(const struct args *args, void *buf, size_t cap, size_t *len);
int args_decode(const void *buf, size_t len, struct args *out);

#endif
