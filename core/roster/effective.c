/* SPDX-License-Identifier: Apache-2.0
 *
 * A person as of a moment and as of a zone: plans that are due, rights and what a zone may know.
 */
#include "core/roster/record.h"

#include <string.h>

static void apply(struct roster_record *r, const struct roster_plan *p)
{
    memcpy(r->section, p->section, sizeof(r->section));
    r->category = p->category;
    r->valid_until = p->valid_until;
    r->zones = p->zones;
    r->hosts = p->hosts;
    memcpy(r->host, p->host, sizeof(r->host));
}

void roster_record_effective(struct roster_record *r, int64_t now)
{
    size_t due = 0;

    while (due < r->plans && r->plan[due].from <= now)
        apply(r, &r->plan[due++]);
    r->plans -= due;
    memmove(r->plan, r->plan + due, r->plans * sizeof(r->plan[0]));
    memset(r->plan + r->plans, 0, due * sizeof(r->plan[0]));
}

static bool ever_in(const struct roster_record *r, uint8_t zone)
{
    bool in = (r->zones & zone) != 0;

    for (size_t n = 0; n < r->plans; n++)
        in = in || (r->plan[n].zones & zone) != 0;
    return in;
}

static void keep_credentials(struct roster_record *r, uint8_t zone)
{
    size_t kept = 0;

    for (size_t n = 0; n < r->credentials; n++)
        if (r->credential[n].zones == 0 || (r->credential[n].zones & zone) != 0) {
            r->credential[kept] = r->credential[n];
            if (r->credential[kept].zones != 0)
                r->credential[kept].zones = zone;
            kept++;
        }
    memset(r->credential + kept, 0, (r->credentials - kept) * sizeof(r->credential[0]));
    r->credentials = kept;
}

bool roster_record_for_zone(const struct roster_record *r, uint8_t zone, bool fingers,
                            struct roster_record *out)
{
    if (!ever_in(r, zone))
        return false;
    *out = *r;
    out->zones &= zone;
    for (size_t n = 0; n < out->plans; n++)
        out->plan[n].zones &= zone;
    keep_credentials(out, zone);
    if (!fingers) {
        out->fingers = 0;
        memset(out->finger, 0, sizeof(out->finger));
    }
    return true;
}

bool roster_host_allowed(const char host[][ROSTER_TEXT_MAX], size_t hosts, const char *name,
                         const char *place)
{
    bool allowed = hosts == 0;

    for (size_t n = 0; n < hosts && !allowed; n++)
        allowed = host[n][0] == '@' ? strcmp(host[n] + 1, place) == 0 && place[0] != '\0'
                                    : strcmp(host[n], name) == 0;
    return allowed;
}

bool roster_hours_allow(const struct roster_hours *hours, unsigned day, unsigned minute)
{
    if (hours->days == 0)
        return true;
    return day < 7 && (hours->days & 1U << day) != 0 && minute >= hours->begin &&
           minute < hours->end;
}
