/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/settings.h"

#include <string.h>
#include <sysexits.h>

#define DEADLINE 10 /* seconds */

static void split_line(struct settings *s, char *line)
{
    char *equals = strstr(line, " =");

    if (equals == NULL || s->count >= SETTINGS_MAX)
        return;
    *equals = '\0';
    s->pair[s->count].key = line;
    s->pair[s->count].value = equals + 2 + strspn(equals + 2, " ");
    s->count++;
}

static void split_all(struct settings *s)
{
    char *save = NULL;

    for (char *line = strtok_r(s->run.out, "\n", &save); line != NULL;
         line = strtok_r(NULL, "\n", &save))
        split_line(s, line);
}

int settings_load(struct settings *s, const char *toyamad, const char *config)
{
    const char *const argv[] = {toyamad, "--config", config, "--check-config", NULL};

    s->count = 0;
    if (!run_program(argv, DEADLINE, &s->run))
        return SETTINGS_NO_BROKER;
    if (s->run.status == EX_CONFIG)
        return SETTINGS_BAD;
    if (s->run.status != EX_OK)
        return SETTINGS_NO_BROKER;
    split_all(s);
    return s->count > 0 ? SETTINGS_OK : SETTINGS_NO_BROKER;
}

const char *settings_get(const struct settings *s, const char *key)
{
    for (size_t n = 0; n < s->count; n++)
        if (strcmp(s->pair[n].key, key) == 0)
            return s->pair[n].value;
    return "";
}
