/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/station.h"

#include "toyamad/station/swap.h"

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

int station_swap_begin(struct station *st)
{
    bool changed = false;
    int err = swap_begin(st->reg, st->state, &changed, st->why, sizeof(st->why));

    if (err != REGISTRY_OK || !changed)
        return err;
    return station_fail(st, REGISTRY_FAILED,
                        "keys that were changed before came into use only now: restart toyamad "
                        "and try again");
}

void station_alive(uint64_t count)
{
    if (count % ALIVE_EVERY == 0)
        sd_notify(0, "WATCHDOG=1");
}
