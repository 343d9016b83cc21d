/* SPDX-License-Identifier: Apache-2.0
 *
 * Structures as tables: one row a field, walked by one writer and one reader, which are thereby
 * exact inverses. Every structure is a DER SEQUENCE of its rows in their order. Inside core/roster
 * only.
 */
#ifndef TOYAMA_CORE_ROSTER_SCHEMA_H
#define TOYAMA_CORE_ROSTER_SCHEMA_H

#include "core/roster/record.h"

enum schema_kind {
    SCHEMA_UINT,   /* INTEGER: unsigned member (or enum) of `size` octets, min..max */
    SCHEMA_BOOL,   /* BOOLEAN */
    SCHEMA_FIXED,  /* OCTET STRING of exactly `size` octets */
    SCHEMA_OCTETS, /* OCTET STRING of min..size octets, length in the size_t at `count` */
    SCHEMA_TEXT,   /* UTF8String of min..size - 1 octets */
    SCHEMA_LIST,   /* SEQUENCE OF structure `item`, min..max of them, `size` octets apart */
    SCHEMA_TEXTS   /* SEQUENCE OF UTF8String, none empty, min..max of them, `size` octets apart */
};

struct schema {
    const struct schema_row *rows;
    size_t count;
};

struct schema_row {
    enum schema_kind kind;
    size_t offset;
    size_t size;
    uint64_t min, max;
    size_t count;
    const struct schema *item;
};

#define SCHEMA_OF(rows)                                                                            \
    {                                                                                              \
        (rows), sizeof(rows) / sizeof((rows)[0])                                                   \
    }
#define SCHEMA_SIZE(type, member) sizeof(((type *)0)->member)
#define SCHEMA_ITEM(type, member) sizeof(*((type *)0)->member)
/* Rows by member. */
#define ROW_UINT(type, member, min, max)                                                           \
    {                                                                                              \
        SCHEMA_UINT, offsetof(type, member), SCHEMA_SIZE(type, member), (min), (max), 0, NULL      \
    }
#define ROW_BOOL(type, member)                                                                     \
    {                                                                                              \
        SCHEMA_BOOL, offsetof(type, member), SCHEMA_SIZE(type, member), 0, 0, 0, NULL              \
    }
#define ROW_FIXED(type, member)                                                                    \
    {                                                                                              \
        SCHEMA_FIXED, offsetof(type, member), SCHEMA_SIZE(type, member), 0, 0, 0, NULL             \
    }
#define ROW_OCTETS(type, member, length, min)                                                      \
    {                                                                                              \
        SCHEMA_OCTETS, offsetof(type, member), SCHEMA_SIZE(type, member), (min), 0,                \
            offsetof(type, length), NULL                                                           \
    }
#define ROW_TEXT(type, member, min)                                                                \
    {                                                                                              \
        SCHEMA_TEXT, offsetof(type, member), SCHEMA_SIZE(type, member), (min), 0, 0, NULL          \
    }
#define ROW_LIST(type, member, number, min, max, item)                                             \
    {                                                                                              \
        SCHEMA_LIST, offsetof(type, member), SCHEMA_ITEM(type, member), (min), (max),              \
            offsetof(type, number), (item)                                                         \
    }
#define ROW_TEXTS(type, member, number, min, max)                                                  \
    {                                                                                              \
        SCHEMA_TEXTS, offsetof(type, member), SCHEMA_ITEM(type, member), (min), (max),             \
            offsetof(type, number), NULL                                                           \
    }

#define SCHEMA_TIME_MAX ((uint64_t)INT64_MAX) /* seconds since 1970; a negative time is above */

/* ROSTER_FORMAT where a member is outside of its limits, ROSTER_FULL where `cap` is too small. */
int schema_encode(const struct schema *schema, const void *in, void *buf, size_t cap, size_t *len);
/* `out` must be all zero. Trailing octets are ROSTER_FORMAT. */
int schema_decode(const struct schema *schema, const void *buf, size_t len, void *out);

/* A credential, in a record or alone, and what its rows cannot say of it. */
extern const struct schema schema_credential, schema_exception;
bool schema_credential_is_sound(const struct roster_credential *c);

#endif
