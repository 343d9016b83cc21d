/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/record.h"

#include <string.h>

#include "core/roster/family.h"
#include "core/roster/schema.h"
#include "core/wire/card.h"

#define RECORD_VERSION 1
#define FINGERS_MAX    10 /* ISO/IEC 19794-2 numbers them 1..10 */

/* The record with the version number that stands before it. */
struct versioned {
    uint8_t version;
    struct roster_record record;
};

static const struct schema_row key_rows[] = {
    ROW_UINT(struct roster_key, ref, 0, UINT8_MAX),
    ROW_BOOL(struct roster_key, pin),
    ROW_OCTETS(struct roster_key, spki, len, 1),
};
static const struct schema key_schema = SCHEMA_OF(key_rows);

static const struct schema_row credential_rows[] = {
    ROW_FIXED(struct roster_credential, id),
    ROW_UINT(struct roster_credential, family, CARD_PIV, CARD_MEMORISED),
    ROW_UINT(struct roster_credential, state, ROSTER_ACTIVE, ROSTER_DESTROYED),
    ROW_UINT(struct roster_credential, pin_ref, 0, UINT8_MAX),
    ROW_UINT(struct roster_credential, enrolled, 0, SCHEMA_TIME_MAX),
    ROW_OCTETS(struct roster_credential, hint, hint_len, 0),
    ROW_TEXT(struct roster_credential, label, 0),
    ROW_LIST(struct roster_credential, key, keys, 1, ROSTER_KEYS, &key_schema),
};
static const struct schema credential_schema = SCHEMA_OF(credential_rows);

static const struct schema_row finger_rows[] = {
    ROW_FIXED(struct roster_finger, id),
    ROW_UINT(struct roster_finger, finger, 1, FINGERS_MAX),
    ROW_UINT(struct roster_finger, enrolled, 0, SCHEMA_TIME_MAX),
    ROW_TEXT(struct roster_finger, driver, 1),
    ROW_TEXT(struct roster_finger, device, 1),
    ROW_UINT(struct roster_finger, width, 0, UINT16_MAX),
    ROW_UINT(struct roster_finger, height, 0, UINT16_MAX),
    ROW_UINT(struct roster_finger, samples, 1, UINT8_MAX),
    ROW_FIXED(struct roster_finger, sealed_hash),
};
static const struct schema finger_schema = SCHEMA_OF(finger_rows);

static const struct schema_row record_rows[] = {
    ROW_UINT(struct versioned, version, RECORD_VERSION, RECORD_VERSION),
    ROW_FIXED(struct versioned, record.id),
    ROW_TEXT(struct versioned, record.number, 1),
    ROW_TEXT(struct versioned, record.name, 1),
    ROW_TEXT(struct versioned, record.kana, 0),
    ROW_TEXT(struct versioned, record.section, 0),
    ROW_UINT(struct versioned, record.category, ROSTER_REGULAR, ROSTER_CONTRACTOR),
    ROW_UINT(struct versioned, record.state, ROSTER_ACTIVE, ROSTER_DESTROYED),
    ROW_UINT(struct versioned, record.valid_from, 0, SCHEMA_TIME_MAX),
    ROW_UINT(struct versioned, record.valid_until, 0, SCHEMA_TIME_MAX),
    ROW_TEXTS(struct versioned, record.login, record.logins, 0, ROSTER_LOGINS),
    ROW_LIST(struct versioned, record.credential, record.credentials, 0, ROSTER_CREDENTIALS,
             &credential_schema),
    ROW_LIST(struct versioned, record.finger, record.fingers, 0, ROSTER_FINGERS, &finger_schema),
};
static const struct schema record_schema = SCHEMA_OF(record_rows);

static bool validity_is_sound(const struct roster_record *r)
{
    if (r->valid_until == 0)
        return r->category == ROSTER_REGULAR;
    return r->valid_until > r->valid_from;
}

static bool logins_are_sound(const struct roster_record *r)
{
    for (size_t n = 0; n < r->logins; n++) {
        if (!roster_login_valid(r->login[n]))
            return false;
        for (size_t m = 0; m < n; m++)
            if (strcmp(r->login[n], r->login[m]) == 0)
                return false;
    }
    return true;
}

static bool credentials_are_sound(const struct roster_record *r)
{
    for (size_t n = 0; n < r->credentials; n++) {
        const struct roster_credential *c = &r->credential[n];
        if (!roster_family_fits(c))
            return false;
        for (size_t m = 0; m < n; m++)
            if (memcmp(c->id, r->credential[m].id, sizeof(c->id)) == 0)
                return false;
    }
    return true;
}

static bool fingers_are_sound(const struct roster_record *r)
{
    for (size_t n = 0; n < r->fingers; n++)
        for (size_t m = 0; m < n; m++)
            if (r->finger[n].finger == r->finger[m].finger ||
                memcmp(r->finger[n].id, r->finger[m].id, sizeof(r->finger[n].id)) == 0)
                return false;
    return true;
}

/* What no single row can say. */
static bool record_is_sound(const struct roster_record *r)
{
    return validity_is_sound(r) && logins_are_sound(r) && credentials_are_sound(r) &&
           fingers_are_sound(r);
}

int roster_record_encode(const struct roster_record *r, void *buf, size_t cap, size_t *len)
{
    const struct versioned v = {.version = RECORD_VERSION, .record = *r};
    size_t written = 0;
    int err;

    /* The rows bound the counts that the rules below walk over. */
    if (cap > ROSTER_RECORD_MAX)
        cap = ROSTER_RECORD_MAX;
    if ((err = schema_encode(&record_schema, &v, buf, cap, &written)) != ROSTER_OK)
        return err;
    if (!record_is_sound(r))
        return ROSTER_FORMAT;
    *len = written;
    return ROSTER_OK;
}

int roster_record_decode(const void *buf, size_t len, struct roster_record *out)
{
    struct versioned v = {0};
    int err;

    if (len > ROSTER_RECORD_MAX)
        return ROSTER_FORMAT;
    if ((err = schema_decode(&record_schema, buf, len, &v)) != ROSTER_OK)
        return err;
    if (!record_is_sound(&v.record))
        return ROSTER_FORMAT;
    *out = v.record;
    return ROSTER_OK;
}
