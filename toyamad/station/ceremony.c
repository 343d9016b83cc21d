/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/ceremony.h"

#include "core/wire/wipe.h"
#include "toyamad/registry/zones.h"
#include "toyamad/station/officers.h"

#include <stdlib.h>
#include <string.h>

static const char *const all_zones[STATION_ZONES] = {"individual-number", "lgwan", "internet"};

bool ceremony_open(struct registry *reg)
{
    struct roster_signed s;

    for (size_t n = 0; n < STATION_ZONES; n++)
        if (zones_issue_last(reg, all_zones[n], &s) != REGISTRY_NONE)
            return false;
    return true;
}

/* No one person may have both offices: who registers does not approve. */
static bool officers_suffice(const struct station_plan *plan)
{
    bool registrar = false, approver = false;

    for (size_t n = 0; n < plan->officers; n++) {
        uint8_t roles = plan->officer[n].roles & (ROSTER_REGISTRAR | ROSTER_APPROVER);
        registrar = registrar || roles == ROSTER_REGISTRAR;
        approver = approver || roles == ROSTER_APPROVER;
    }
    return registrar && approver;
}

static int note_officers(struct station *st, const struct station_plan *plan,
                         struct chain_event *event)
{
    struct registry_change change = {0};
    int err = registry_begin(st->reg);

    registry_by(st->reg, roster_root_author);
    if (err == REGISTRY_OK &&
        (err = registry_note(st->reg, plan->officer, plan->officers, st->now, &change)) ==
            REGISTRY_OK &&
        (err = audit_append(st->audit, event, st->now)) == REGISTRY_OK &&
        (err = registry_commit(st->reg)) == REGISTRY_OK) {
        registry_settle(st->reg, &change);
        audit_settle(st->audit);
        return REGISTRY_OK;
    }
    registry_rollback(st->reg);
    registry_drop(&change);
    audit_forget(st->audit);
    return station_fail(st, err, "%s", registry_strerror(err));
}

static int make_zone(struct station *st, const struct station_plan *plan, const char *name)
{
    struct station_zone zone;
    int err = zone_make(st, name, plan->officer, plan->officers, &zone);

    if (err == REGISTRY_OK)
        err = zone_replace(st, &zone);
    zone_wipe(&zone);
    return err;
}

static int begin(struct station *st, uint8_t zones, struct chain_event *event,
                 struct station_plan *plan)
{
    uint8_t bit = 0;
    int err = officers_collect(st, NULL, plan);

    if (err != REGISTRY_OK)
        return err;
    if (!officers_suffice(plan))
        return station_fail(st, REGISTRY_NONE,
                            "a registrar and, another person, an approver with a proven key 9C are "
                            "needed");
    err = note_officers(st, plan, event);
    for (size_t n = 0; n < STATION_ZONES && err == REGISTRY_OK; n++)
        if (roster_zones_parse(all_zones[n], &bit) && (zones & bit) != 0)
            err = make_zone(st, plan, all_zones[n]);
    return err;
}

int ceremony_begin(struct station *st, uint8_t zones, struct chain_event *event)
{
    struct station_plan *plan = calloc(1, sizeof(*plan));
    int err;

    if (plan == NULL)
        return station_fail(st, REGISTRY_FAILED, "out of memory");
    err = ceremony_open(st->reg) ? begin(st, zones, event, plan)
                                 : station_fail(st, REGISTRY_EXISTS, "a zone has an issue already");
    plan_wipe(plan);
    free(plan);
    return err;
}
