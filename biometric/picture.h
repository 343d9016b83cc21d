/* SPDX-License-Identifier: Apache-2.0
 *
 * What the picture of a press tells, beyond what libfprint compares.
 */
#ifndef TOYAMA_BIOMETRIC_PICTURE_H
#define TOYAMA_BIOMETRIC_PICTURE_H

#include <fprint.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 0 where there is no picture. */
size_t picture_minutiae(FpPrint *print);
/* SHA-256 over size and pixels in hex, for g_free; NULL where there is no picture. */
char *picture_digest(FpPrint *print);

/* Pixels on their way from the sensor's worker to the matchers, wiped when they are let go. */
struct picture {
    uint32_t width, height;
    size_t len;    /* width * height */
    size_t filled; /* octets that have come */
    uint8_t pixels[];
};

/* NULL where the sides are out of range. */
struct picture *picture_new(uint32_t width, uint32_t height);
/* NULL where there is no picture, or one too large for a matcher. */
struct picture *picture_copy(FpPrint *print);
/* Appends the part at `offset`. False where it does not follow the part before. */
bool picture_fill(struct picture *picture, uint32_t offset, const uint8_t *part, size_t len);
/* A GDestroyNotify; NULL is allowed. */
void picture_free(gpointer picture);

#endif
