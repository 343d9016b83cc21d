/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/changes.h"

#include <stdio.h>
#include <string.h>

/* A part is the octets of some members. Records are zero where nothing stands, so that octets can
 * be compared; texts that were longer once cannot come in, because a decoder made both. */
struct part {
    const char *word;
    size_t offset, size;
};

#define PART(word, member)                                                                         \
    {                                                                                              \
        word, offsetof(struct roster_record, member), sizeof(((struct roster_record *)0)->member)  \
    }

static const struct part parts[] = {
    PART("number", number),        PART("name", name),           PART("kana", kana),
    PART("section", section),      PART("category", category),   PART("state", state),
    PART("state", reason),         PART("zones", zones),         PART("roles", roles),
    PART("escort", escort),        PART("hours", hours.days),    PART("hours", hours.begin),
    PART("hours", hours.end),      PART("form", form),           PART("hosts", hosts),
    PART("hosts", host),           PART("validity", valid_from), PART("validity", valid_until),
    PART("logins", logins),        PART("logins", login),        PART("cards", credentials),
    PART("cards", credential),     PART("fingers", fingers),     PART("fingers", finger),
    PART("plans", plans),          PART("plans", plan),          PART("exceptions", exceptions),
    PART("exceptions", exception),
};

static bool same(const struct part *p, const struct roster_record *a, const struct roster_record *b)
{
    return memcmp((const char *)a + p->offset, (const char *)b + p->offset, p->size) == 0;
}

void changes_words(const struct roster_record *a, const struct roster_record *b,
                   char out[CHANGES_MAX])
{
    const char *last = "";
    size_t used = 0;

    out[0] = '\0';
    for (size_t n = 0; n < sizeof(parts) / sizeof(parts[0]); n++) {
        if (same(&parts[n], a, b) || strcmp(parts[n].word, last) == 0)
            continue;
        last = parts[n].word;
        used += (size_t)snprintf(out + used, CHANGES_MAX - used, "%s%s", used > 0 ? " " : "", last);
    }
}
