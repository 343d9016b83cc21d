/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/message.h"

#include "enroll/lang.h"
#include "po/render.h"

#include <stdio.h>

/* English words are parted by blanks, Japanese ones by nothing. */
static void join_lines(char *text, bool blank)
{
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (*from == '\n' && blank)
            *to++ = ' ';
        else if (*from != '\n')
            *to++ = *from;
    }
    *to = '\0';
}

void message_render(const char *id, const struct args *args, char out[MESSAGE_MAX])
{
    bool ja = lang_now() == LANG_JA;

    if (messages_render(id, ja ? MESSAGES_JA : MESSAGES_EN, args, out, MESSAGE_MAX))
        join_lines(out, !ja);
    else
        snprintf(out, MESSAGE_MAX, "%s", id);
}
