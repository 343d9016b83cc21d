/* SPDX-License-Identifier: Apache-2.0
 *
 * The templates that came for the next request. Rows of another driver or device stay closed; rows
 * of this sensor are opened, and one that contradicts its record spoils the gallery.
 */
#ifndef TOYAMA_BIOMETRIC_GALLERY_H
#define TOYAMA_BIOMETRIC_GALLERY_H

#include "biometric/template.h"

#include <fprint.h>

struct gallery_entry {
    uint8_t id[FINGER_ID_LEN];
    unsigned finger;
};

struct gallery {
    GPtrArray *prints; /* FpPrint; several may belong to one entry */
    GArray *owner;     /* guint: entry of print n */
    GArray *entries;   /* struct gallery_entry, those that fit the sensor */
    size_t rows;       /* all that came */
    bool spoiled;      /* a template does not say what its record says */
    uint8_t spoiler[FINGER_ID_LEN];
};

struct gallery *gallery_new(void);
void gallery_clear(struct gallery *gallery);
void gallery_free(struct gallery *gallery);

/* Adds the rows of one frame for `device`; NULL for a matcher, which takes those of any sensor that
 * gives pictures. False where the frame itself is malformed or too many
 * rows came: the broker is not to be trusted then. */
bool gallery_add(struct gallery *gallery, FpDevice *device, const struct tlv *rows);
/* Number of the entry that `print` belongs to, or -1. */
int gallery_owner(const struct gallery *gallery, const FpPrint *print);
const struct gallery_entry *gallery_entry(const struct gallery *gallery, int entry);
/* A new array with references to the prints of one entry. */
GPtrArray *gallery_prints_of(const struct gallery *gallery, int entry);

#endif
