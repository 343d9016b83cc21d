/* SPDX-License-Identifier: Apache-2.0
 *
 * What the process takes from outside and leaves behind: environment, descriptors, memory images,
 * log.
 */
#ifndef TOYAMA_BIOMETRIC_SURROUNDINGS_H
#define TOYAMA_BIOMETRIC_SURROUNDINGS_H

#include <stdbool.h>

/* Before anything else. `recorded` keeps the variables that replay a recorded device. */
bool surroundings_tighten(bool recorded);

#endif
