/* SPDX-License-Identifier: Apache-2.0
 *
 * What the picture of a press tells, beyond what libfprint compares.
 */
#ifndef TOYAMA_BIOMETRIC_PICTURE_H
#define TOYAMA_BIOMETRIC_PICTURE_H

#include <fprint.h>
#include <stddef.h>

/* 0 where there is no picture. */
size_t picture_minutiae(FpPrint *print);
/* SHA-256 over size and pixels in hex, for g_free; NULL where there is no picture. */
char *picture_digest(FpPrint *print);

#endif
