/* SPDX-License-Identifier: Apache-2.0
 *
 * One FP3 (the octets of fp_print_serialize) to FpPrint and back. libfprint's own reader asserts on
 * malformed input, so the structure is checked here first.
 */
#ifndef TOYAMA_BIOMETRIC_FP3_H
#define TOYAMA_BIOMETRIC_FP3_H

#include <fprint.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FP3_LEN_MAX      16384
#define FP3_MINUTIAE_MAX 200 /* libfprint's own cap of one sample */

/* What the record says about the print; it must say the same about itself. */
struct fp3_claim {
    const char *driver;
    const char *device;
    unsigned finger; /* 1..10 of ISO/IEC 19794-2 */
    bool minutiae;   /* compared by libfprint, not on the chip */
};

/* A new reference, or NULL where the octets are malformed or contradict the claim. */
FpPrint *fp3_read(const uint8_t *buf, size_t len, const struct fp3_claim *claim);
/* NULL on failure. The caller wipes the octets with fp3_release. */
GBytes *fp3_write(FpPrint *print, unsigned finger);
/* A copy without every fourth minutia, counted from number `first` (0..3) on: it still matches a
 * finger that is the same, and hardly ever one that is merely alike. A new reference, or NULL. */
FpPrint *fp3_thin(FpPrint *print, unsigned first);
void fp3_release(GBytes *octets);

/* ISO/IEC 19794-2 counts from the right thumb, libfprint from the left one. */
FpFinger fp3_finger(unsigned finger);

#endif
