/* SPDX-License-Identifier: Apache-2.0
 *
 * The enrolment station, which holds the people of all zones.
 */
#ifndef TOYAMA_TOYAMAD_STATION_H
#define TOYAMA_TOYAMAD_STATION_H

#include "toyamad/broker.h"

/* No issue of any zone was approved yet: root registers the first officers (verb ceremony). */
bool station_begins(struct broker *b);
/* At the station only those log in who hold an office by its issue; elsewhere this asks nothing. */
bool station_admits(const struct broker *b, const uint8_t person[ROSTER_ID_LEN]);

#endif
