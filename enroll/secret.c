/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/secret.h"

#include "core/wire/wipe.h"
#include "enroll/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define TYPING_TIME 60000 /* milliseconds between two keys */

/* One octet at a time: nothing of a later line is taken out of a pipe. */
static int read_octet(int fd, char *c)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ssize_t n;

    do {
        if (interrupt_poll(&p, 1, TYPING_TIME) <= 0)
            return SECRET_NONE;
        n = read(fd, c, 1);
    } while (n < 0 && errno == EINTR);
    return n == 1 ? SECRET_OK : SECRET_NONE;
}

static int read_line(int fd, struct client_secret *out)
{
    bool too_long = false;
    char c = '\0';
    int r;

    out->len = 0;
    while ((r = read_octet(fd, &c)) == SECRET_OK && c != '\n') {
        if (out->len < sizeof(out->octets))
            out->octets[out->len++] = c;
        else
            too_long = true;
    }
    c = '\0';
    if (r == SECRET_OK && out->len == 0)
        r = SECRET_NONE;
    if (r == SECRET_OK && too_long)
        r = SECRET_TOO_LONG;
    if (r != SECRET_OK)
        wire_wipe(out, sizeof(*out));
    return r;
}

static void say(int fd, const char *text)
{
    ssize_t n = write(fd, text, strlen(text));

    (void)n;
}

int secret_from_terminal(const char *prompt, struct client_secret *out)
{
    int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
    struct termios before, quiet;
    int r = SECRET_NO_TERMINAL;

    if (fd < 0)
        return r;
    if (tcgetattr(fd, &before) != 0)
        goto out;
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    quiet.c_lflag |= ICANON | ISIG;
    if (tcsetattr(fd, TCSAFLUSH, &quiet) != 0)
        goto out;
    say(fd, prompt);
    r = read_line(fd, out);
    say(fd, "\n");
    tcsetattr(fd, TCSAFLUSH, &before);
out:
    close(fd);
    return r;
}

int secret_from_stdin(struct client_secret *out)
{
    return read_line(STDIN_FILENO, out);
}
