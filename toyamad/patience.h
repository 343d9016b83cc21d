/* SPDX-License-Identifier: Apache-2.0
 *
 * Work that keeps this process: at a prefecture's size longer than the watchdog waits, and on a
 * slow disk longer still. systemd must not take that for death and begin anew for ever.
 */
#ifndef TOYAMA_TOYAMAD_PATIENCE_H
#define TOYAMA_TOYAMAD_PATIENCE_H

#include <stdbool.h>

/* On: systemd waits a quarter of an hour; off: as the unit says. */
void patience(bool on);

#endif
