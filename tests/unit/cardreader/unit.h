/* SPDX-License-Identifier: Apache-2.0
 *
 * cmocka with what it wants to be included first, and a card that follows a script.
 */
#ifndef TOYAMA_TESTS_UNIT_CARDREADER_UNIT_H
#define TOYAMA_TESTS_UNIT_CARDREADER_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cardreader/apdu.h"

#define SCRIPT_MAX 128

/* One exchange in hex. `command` NULL: whatever comes. `answer` "" is an answer of no octets, NULL
 * a failure of the transport. Runs of the same octet may be written as "(FF*202)". */
struct step {
    const char *command;
    const char *answer;
};

struct script {
    const struct step *steps;
    size_t count;
    size_t at;
    bool repeat; /* the last step for ever */
};

/* A link over the script; a command that differs from the script's fails the test. */
struct apdu_link script_link(struct script *script);
/* Octets of a hex string with runs. */
size_t unit_hex(const char *text, uint8_t *out, size_t cap);

#define SCRIPT(...)                                                                                \
    {                                                                                              \
        .steps = (const struct step[]){__VA_ARGS__},                                               \
        .count = sizeof((const struct step[]){__VA_ARGS__}) / sizeof(struct step)                  \
    }
#define assert_script_done(script) assert_int_equal((script).at, (script).count)

#endif
