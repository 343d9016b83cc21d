/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#define LINE_MAX_LEN 256

/* One write(2), so that the lines of two threads do not mix. */
void card_log(const char *format, ...)
{
    char text[LINE_MAX_LEN];
    char line[LINE_MAX_LEN + 40];
    va_list ap;
    int n;

    va_start(ap, format);
    vsnprintf(text, sizeof(text), format, ap);
    va_end(ap);
    n = snprintf(line, sizeof(line), "%.32s: %s\n", program_invocation_short_name, text);
    if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
        return;
}
