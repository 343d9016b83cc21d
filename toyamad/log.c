/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define LINE_MAX_OCTETS 1024

/* Values in a line may come from a caller: one line stays one line. */
static void flatten(char *line)
{
    for (char *p = line; *p != '\0'; p++)
        if ((unsigned char)*p < 0x20 || *p == 0x7F)
            *p = '?';
}

static bool is_plain(const char *value)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:@/+-";

    return value[strspn(value, plain)] == '\0';
}

const char *log_value(const char *value, char out[LOG_VALUE_MAX])
{
    size_t n = 0;

    if (is_plain(value)) {
        snprintf(out, LOG_VALUE_MAX, "%s", value);
        return out;
    }
    out[n++] = '"';
    for (; *value != '\0' && n < LOG_VALUE_MAX - 2; value++)
        out[n++] = *value == '"' || *value == '\\' ? '?' : *value;
    out[n++] = '"';
    out[n] = '\0';
    return out;
}

__attribute__((format(printf, 2, 0))) static void emit(const char *level, const char *format,
                                                       va_list ap)
{
    char line[LINE_MAX_OCTETS];

    vsnprintf(line, sizeof(line), format, ap);
    flatten(line);
    dprintf(STDERR_FILENO, "%stoyamad: %s\n", level, line);
}

void log_error(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    emit(SD_ERR, format, ap);
    va_end(ap);
}

void log_warning(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    emit(SD_WARNING, format, ap);
    va_end(ap);
}

void log_notice(const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    emit(SD_NOTICE, format, ap);
    va_end(ap);
}
