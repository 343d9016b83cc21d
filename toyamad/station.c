/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station.h"

#include "toyamad/station/ceremony.h"

bool station_admits(const struct broker *b, const uint8_t person[ROSTER_ID_LEN])
{
    return b->config.roster.kind != REGISTER_STATION ||
           roster_issue_officer(&b->registry.issue, person) != NULL;
}

bool station_begins(struct broker *b)
{
    return b->config.roster.kind == REGISTER_STATION && ceremony_open(&b->registry);
}
