/* SPDX-License-Identifier: Apache-2.0
 *
 * Which libfprint drivers a zone may use. Inside core/policy only.
 */
#ifndef TOYAMA_CORE_POLICY_SENSORS_H
#define TOYAMA_CORE_POLICY_SENSORS_H

#include "core/policy/policy.h"

/* Checks `sensors` of a policy whose other keys are set: POLICY_OK or POLICY_VALUE with a reason
 * in `why`. */
int policy_sensors_check(const struct policy *p, char *why, size_t whycap);

#endif
