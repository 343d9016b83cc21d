/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/init_code.h"

#include <stddef.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

static bool read_line(char out[INIT_CODE_MAX])
{
    size_t len = 0;
    ssize_t n = 1;
    char c = '\0';

    while (len < INIT_CODE_MAX - 1 && (n = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n')
        out[len++] = c;
    out[len] = '\0';
    return n >= 0 && len < INIT_CODE_MAX - 1;
}

bool init_read_code(const char *prompt, char out[INIT_CODE_MAX])
{
    struct termios before, quiet;
    bool terminal = tcgetattr(STDIN_FILENO, &before) == 0, good;

    if (!terminal)
        return read_line(out);
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    fputs(prompt, stderr);
    if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) != 0)
        return false;
    good = read_line(out);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    fputc('\n', stderr);
    return good;
}
