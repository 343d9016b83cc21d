/* SPDX-License-Identifier: Apache-2.0
 *
 * What calls of admin.sock that use the sensor have in common.
 */
#ifndef TOYAMA_TOYAMAD_FINGER_GIVE_H
#define TOYAMA_TOYAMAD_FINGER_GIVE_H

#include "core/roster/record.h"
#include "toyamad/fingerlink.h"

struct task;

/* All of one person's templates that fit the sensor named in t->print, to its worker; `given` grows
 * by their number. False: the call was ended. */
bool finger_give(struct task *t, const struct roster_record *r, size_t *given);
/* One of them, which must fit. False: the call was ended. */
bool finger_give_one(struct task *t, const struct roster_record *r, const struct roster_finger *f);
bool finger_fits_sensor(const struct task *t, const struct roster_finger *f);
/* Ends the call with what the sensor's worker said. */
void finger_failed(struct task *t, const struct finger_event *e);

#endif
