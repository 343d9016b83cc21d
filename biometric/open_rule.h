/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a sensor that did not open is tried again: the worker of the login before may still be
 * closing it. For sensor.c.
 */
#ifndef TOYAMA_BIOMETRIC_OPEN_RULE_H
#define TOYAMA_BIOMETRIC_OPEN_RULE_H

#include <fprint.h>
#include <stdbool.h>

#define OPEN_RULE_PAUSE_MS 100
#define OPEN_RULE_ALL_MS   1000 /* longer than CLOSE_MS of worker.c and the kernel's release */

/* `begun` and `now` in microseconds, of one clock: when it was first tried, and now. */
bool open_rule_again(const GError *error, gint64 begun, gint64 now);

#endif
