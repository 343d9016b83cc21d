/* SPDX-License-Identifier: Apache-2.0
 *
 * How old the roster is. Who left, or lost a right, since the last issue may still log in here:
 * after some days the host warns, later it refuses (core/policy roster_warn, roster_refuse).
 */
#ifndef TOYAMA_TOYAMAD_AGE_H
#define TOYAMA_TOYAMAD_AGE_H

#include "toyamad/broker.h"

/* Whole days since the roster was issued. */
uint32_t age_days(struct broker *b);
bool age_warns(struct broker *b);
bool age_refuses(struct broker *b);
/* Emergency operation: an extension is in force. */
bool age_extended(struct broker *b);

#endif
