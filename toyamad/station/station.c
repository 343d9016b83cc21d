/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/station.h"

#include <stdarg.h>
#include <stdio.h>
#include <systemd/sd-daemon.h>

#define ALIVE_EVERY 1024

int station_fail(struct station *st, int err, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(st->why, sizeof(st->why), format, ap);
    va_end(ap);
    return err;
}

void station_alive(uint64_t count)
{
    if (count % ALIVE_EVERY == 0)
        sd_notify(0, "WATCHDOG=1");
}
