/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/patience.h"

#include <stdint.h>
#include <systemd/sd-daemon.h>

#define PATIENCE UINT64_C(900000000) /* microseconds */

void patience(bool on)
{
    uint64_t usec = 0;

    if (sd_watchdog_enabled(0, &usec) > 0)
        sd_notifyf(0, "WATCHDOG_USEC=%llu\nWATCHDOG=1",
                   (unsigned long long)(on && usec < PATIENCE ? PATIENCE : usec));
}
