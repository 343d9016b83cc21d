/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/resume.h"

#include <stdio.h>
#include <unistd.h>

#define NAME_MAX_OCTETS 64

static const char *const all_zones[] = {"individual-number", "lgwan", "internet"};

static void name_of(const char *zone, char out[NAME_MAX_OCTETS])
{
    snprintf(out, NAME_MAX_OCTETS, "restored %.40s", zone);
}

int resume_mark(struct registry *reg, const char *state)
{
    char path[PATH_MAX], name[NAME_MAX_OCTETS];
    int err = REGISTRY_OK;

    for (size_t n = 0; n < sizeof(all_zones) / sizeof(all_zones[0]) && err == REGISTRY_OK; n++) {
        snprintf(path, sizeof(path), "%s/zones/%s.key", state, all_zones[n]);
        name_of(all_zones[n], name);
        if (access(path, F_OK) == 0)
            err = registry_meta_put(reg, name, 1);
    }
    return err;
}

bool resume_waits(struct registry *reg, const char *zone)
{
    char name[NAME_MAX_OCTETS];
    int64_t waits = 0;
    int err;

    name_of(zone, name);
    err = registry_meta_get(reg, name, &waits);
    return err == REGISTRY_OK ? waits != 0 : err != REGISTRY_NONE;
}

int resume_zone(struct station *st, const struct station_zone *zone, uint64_t number)
{
    uint64_t newest = zone->trust.issue.number;
    char name[NAME_MAX_OCTETS];

    if (number > newest)
        return station_fail(st, REGISTRY_REFUSED,
                            "zone %s has issue %llu already, this station remembers %llu",
                            zone->name, (unsigned long long)number, (unsigned long long)newest);
    name_of(zone->name, name);
    return registry_meta_put(st->reg, name, 0);
}
