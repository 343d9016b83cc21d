/* SPDX-License-Identifier: Apache-2.0
 *
 * The pictures of an enrolment between the worker that has the sensor and the matchers. The broker
 * does not look into them: it keeps the parts as they came, and a matcher refuses parts that do not
 * fit together.
 */
#ifndef TOYAMA_TOYAMAD_SEARCH_PICTURES_H
#define TOYAMA_TOYAMAD_SEARCH_PICTURES_H

#include "toyamad/fingerlink.h"

struct search_part {
    struct search_part *next;
    struct finger_part part; /* `pixels` points behind this */
    uint8_t pixels[];
};

struct search_pictures {
    struct search_part *first, *last;
    uint32_t count; /* pictures of which there is a part */
    size_t octets;
};

/* Copies the part of a FINGER_PICTURE. False: no memory, or more than pictures can be. */
bool search_pictures_add(struct search_pictures *pictures, const struct finger_event *e);
/* All of them to a matcher; false where it does not take them. */
bool search_pictures_send(const struct search_pictures *pictures, struct fingerlink *link);
void search_pictures_wipe(struct search_pictures *pictures);

#endif
