/* SPDX-License-Identifier: Apache-2.0
 *
 * The broker's effective configuration as `toyamad --check-config` prints it: the config has one
 * reader, and that is the broker.
 */
#ifndef TOYAMA_ENROLL_SETTINGS_H
#define TOYAMA_ENROLL_SETTINGS_H

#include "enroll/run.h"

#define SETTINGS_MAX 160

enum settings_err {
    SETTINGS_OK = 0,
    SETTINGS_BAD = -1,      /* the broker refuses the config: run.error says why, a line each */
    SETTINGS_NO_BROKER = -2 /* toyamad could not be run or ended in another way */
};

struct settings {
    struct run_result run;
    size_t count;
    struct {
        const char *key; /* points into run.out */
        const char *value;
    } pair[SETTINGS_MAX];
};

int settings_load(struct settings *s, const char *toyamad, const char *config);
/* "" where the key is absent. */
const char *settings_get(const struct settings *s, const char *key);

#endif
