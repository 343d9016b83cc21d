/* SPDX-License-Identifier: Apache-2.0
 *
 * What an approver signs of an exception.
 */
#include <string.h>

#include "core/roster/schema.h"

#define VERSION 1
#define LABEL   "toyama exception"

struct labelled {
    uint8_t version;
    char label[sizeof(LABEL)];
    uint8_t serial[ROSTER_ID_LEN];
    uint8_t person[ROSTER_ID_LEN];
    size_t exceptions;
    struct roster_exception exception[1];
};

static const struct schema_row rows[] = {
    ROW_UINT(struct labelled, version, VERSION, VERSION),
    ROW_TEXT(struct labelled, label, 1),
    ROW_FIXED(struct labelled, serial),
    ROW_FIXED(struct labelled, person),
    ROW_LIST(struct labelled, exception, exceptions, 1, 1, &schema_exception),
};
static const struct schema schema = SCHEMA_OF(rows);

int roster_exception_encode(const struct roster_exception *e, const uint8_t person[ROSTER_ID_LEN],
                            const uint8_t serial[ROSTER_ID_LEN], void *buf, size_t cap, size_t *len)
{
    struct labelled v = {.version = VERSION, .label = LABEL, .exceptions = 1, .exception = {*e}};

    if (e->until <= e->from)
        return ROSTER_FORMAT;
    memcpy(v.serial, serial, sizeof(v.serial));
    memcpy(v.person, person, sizeof(v.person));
    return schema_encode(&schema, &v, buf, cap, len);
}
