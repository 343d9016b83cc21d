/* SPDX-License-Identifier: Apache-2.0 */
#include "pam_toyama/options.h"

#include <string.h>

static bool set_socket(struct options *o, const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t len = strlen(path);

    if (path[0] != '/' || slash == NULL || slash == path || slash[1] == '\0' ||
        len >= sizeof(o->socket))
        return false;
    memcpy(o->socket, path, len + 1);
    return true;
}

static bool set_language(struct options *o, const char *name)
{
    if (strcmp(name, "ja") == 0)
        o->lang = MESSAGES_JA;
    else if (strcmp(name, "en") == 0)
        o->lang = MESSAGES_EN;
    else
        return false;
    return true;
}

static bool set_silent(struct options *o, const char *value)
{
    o->ignore_silent = true;
    return strcmp(value, "ignore") == 0;
}

/* The value behind `prefix`; NULL for another argument. */
static const char *value_of(const char *arg, const char *prefix)
{
    size_t len = strlen(prefix);

    return strncmp(arg, prefix, len) == 0 ? arg + len : NULL;
}

struct seen {
    bool socket;
    bool lang;
    bool silent;
};

static bool first_time(bool *seen)
{
    bool first = !*seen;

    *seen = true;
    return first;
}

static bool take(struct options *o, const char *arg, struct seen *seen)
{
    const char *value;

    if ((value = value_of(arg, "socket=")) != NULL)
        return first_time(&seen->socket) && set_socket(o, value);
    if ((value = value_of(arg, "lang=")) != NULL)
        return first_time(&seen->lang) && set_language(o, value);
    if ((value = value_of(arg, "silent=")) != NULL)
        return first_time(&seen->silent) && set_silent(o, value);
    return false;
}

const char *options_parse(struct options *out, int argc, const char **argv)
{
    struct seen seen = {false, false, false};

    *out = (struct options){.socket = OPTIONS_SOCKET, .lang = MESSAGES_EN};
    for (int n = 0; n < argc; n++)
        if (!take(out, argv[n], &seen))
            return argv[n];
    return NULL;
}
