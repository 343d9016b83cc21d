/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/lone_zone.h"

static bool is_one(uint8_t zones)
{
    return zones != 0 && (zones & (zones - 1)) == 0;
}

bool lone_zone_choose(struct task *t)
{
    uint8_t possible = t->person.zones & t->broker->config.roster.zones;
    /* Signature cards only, unless somebody says that this zone takes another. */
    uint8_t usual = possible & (uint8_t) ~(unsigned)ROSTER_INDIVIDUAL_NUMBER;

    if (t->broker->config.roster.kind != REGISTER_STATION || is_one(t->credential.zones))
        return true;
    if (t->credential.zones == 0 && (is_one(possible) || is_one(usual))) {
        t->credential.zones = is_one(possible) ? possible : usual;
        return true;
    }
    task_done(t, ADMIN_REFUSED, "X95", "%s may log in in several zones: \"zones\" names one",
              t->person.number);
    return false;
}
