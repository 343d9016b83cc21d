/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/applet.h"

#include <string.h>

static const struct applet *const applets[] = {
    &applet_felica,
    &applet_jpki,
    &applet_piv,
    &applet_yubikey,
};

const struct applet *applet_find(const char *name)
{
    for (size_t n = 0; n < sizeof(applets) / sizeof(applets[0]); n++)
        if (strcmp(applets[n]->name, name) == 0)
            return applets[n];
    return NULL;
}

bool applet_flag(const char *value, bool *out)
{
    *out = strcmp(value, "yes") == 0;
    return *out || strcmp(value, "no") == 0;
}
