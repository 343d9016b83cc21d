/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/search_pictures.h"

#include "core/wire/wipe.h"

#include <stdlib.h>
#include <string.h>

#define OCTETS_MAX ((size_t)FINGER_PICTURES_MAX * FINGER_PICTURE_MAX)

static bool has_room(const struct search_pictures *pictures, const struct finger_event *e)
{
    return e->number < FINGER_PICTURES_MAX && e->len > 0 && e->len <= FINGER_PART_MAX &&
           e->len <= OCTETS_MAX - pictures->octets;
}

bool search_pictures_add(struct search_pictures *pictures, const struct finger_event *e)
{
    struct search_part *one = has_room(pictures, e) ? malloc(sizeof(*one) + e->len) : NULL;

    if (one == NULL)
        return false;
    memcpy(one->pixels, e->data, e->len);
    one->next = NULL;
    one->part =
        (struct finger_part){e->number, e->width, e->height, e->offset, one->pixels, e->len};
    if (pictures->last != NULL)
        pictures->last->next = one;
    else
        pictures->first = one;
    pictures->last = one;
    pictures->octets += e->len;
    if (e->number >= pictures->count)
        pictures->count = e->number + 1;
    return true;
}

bool search_pictures_send(const struct search_pictures *pictures, struct fingerlink *link)
{
    for (const struct search_part *one = pictures->first; one != NULL; one = one->next)
        if (!fingerlink_probe(link, &one->part))
            return false;
    return true;
}

void search_pictures_wipe(struct search_pictures *pictures)
{
    struct search_part *next;

    for (struct search_part *one = pictures->first; one != NULL; one = next) {
        next = one->next;
        wire_wipe(one->pixels, one->part.len);
        free(one);
    }
    *pictures = (struct search_pictures){0};
}
