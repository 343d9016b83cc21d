/* SPDX-License-Identifier: Apache-2.0
 *
 * Templates as they travel: SEQUENCE OF OCTET STRING, one FP3 (fp_print_serialize) each; and the
 * rows of a gallery. Pure; readers point into the caller's buffer.
 */
#ifndef TOYAMA_BIOMETRIC_TEMPLATE_H
#define TOYAMA_BIOMETRIC_TEMPLATE_H

#include "core/wire/finger.h"

#define TEMPLATE_PRINTS_MAX 16

struct template_print {
    const uint8_t *val; /* one FP3 */
    size_t len;
};

struct template_prints {
    size_t count; /* at least 1 after template_read */
    struct template_print print[TEMPLATE_PRINTS_MAX];
};

struct template_row {
    uint8_t id[FINGER_ID_LEN];
    unsigned finger; /* 1..10 */
    char driver[FINGER_DRIVER_MAX];
    char device[FINGER_DEVICE_MAX];
    struct tlv prints; /* for template_read */
};

/* WIRE_OK or an error of enum wire_err. */
int template_read(const void *buf, size_t len, struct template_prints *out);
int template_write(const struct template_prints *prints, void *buf, size_t cap, size_t *len);
/* The next row of a gallery; the cursor moves behind it. */
int template_next_row(struct tlv_cur *gallery, struct template_row *out);

#endif
