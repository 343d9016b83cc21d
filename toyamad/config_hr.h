/* SPDX-License-Identifier: Apache-2.0
 *
 * Section [hr] of the config: what the columns and words of the HR section's CSV files are called
 * in this city. The broker keeps the texts only; toyama-enroll gives them their meaning
 * (enroll/hr).
 */
#ifndef TOYAMA_TOYAMAD_CONFIG_HR_H
#define TOYAMA_TOYAMAD_CONFIG_HR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define CONFIG_HR_KEYS 22
#define CONFIG_HR_MAX  161 /* octets of a value with its NUL */

struct config_hr {
    char value[CONFIG_HR_KEYS][CONFIG_HR_MAX];
    unsigned seen; /* bit n: row n of the key table was given */
};

void config_hr_init(struct config_hr *hr);
bool config_hr_knows(const char *key);
/* False with a reason in `why`. */
bool config_hr_set(struct config_hr *hr, const char *key, const char *value, char *why,
                   size_t whycap);
/* "hr.KEY = VALUE" a line. */
void config_hr_print(const struct config_hr *hr, FILE *out);

#endif
