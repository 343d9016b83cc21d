/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/confirm.h"

#include "enroll/interrupt.h"
#include "enroll/lang.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LINE_MAX_OCTETS 64

static bool read_word(char *out, size_t cap)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    size_t len = 0;
    char c;

    for (;;) {
        if (interrupt_poll(&p, 1, -1) <= 0 || read(STDIN_FILENO, &c, 1) != 1)
            return false;
        if (c == '\n')
            break;
        if (len + 1 >= cap)
            return false;
        out[len++] = c;
    }
    out[len] = '\0';
    while (len > 0 && (out[len - 1] == ' ' || out[len - 1] == '\r'))
        out[--len] = '\0';
    return true;
}

static const char *word_now(void)
{
    return lang_now() == LANG_JA ? "はい" : "yes";
}

bool confirm_prompt(const char *what)
{
    char answer[LINE_MAX_OCTETS];

    fprintf(stderr, "%s", what);
    fflush(stderr);
    return read_word(answer, sizeof(answer)) && strcmp(answer, word_now()) == 0;
}

bool confirm_continue(const char *what, const char *after)
{
    fprintf(stderr, "%s\n", what);
    if (after != NULL)
        fprintf(stderr, "%s\n", after);
    fprintf(stderr, _("Type \"%s\" to continue: "), word_now());
    return confirm_prompt("");
}

bool confirm_ask(const char *what)
{
    return confirm_continue(what, _("This cannot be undone."));
}
