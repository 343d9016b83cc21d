/* SPDX-License-Identifier: Apache-2.0
 *
 * Arguments of the module's line: socket=PATH, lang=ja|en, silent=ignore.
 */
#ifndef TOYAMA_PAM_OPTIONS_H
#define TOYAMA_PAM_OPTIONS_H

#include <stdbool.h>
#include <sys/un.h>

#include "po/render.h"

#define OPTIONS_SOCKET "/run/toyama/auth.sock"

struct options {
    char socket[sizeof(((struct sockaddr_un *)0)->sun_path)];
    enum messages_language lang; /* until the broker has named one */
    bool ignore_silent;          /* sudo says PAM_SILENT and shows messages all the same */
};

/* NULL, or the argument that is unknown, malformed or given twice. */
const char *options_parse(struct options *out, int argc, const char **argv);

#endif
