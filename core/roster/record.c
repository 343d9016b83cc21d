/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/record.h"

#include <string.h>

#include "core/roster/family.h"
#include "core/roster/schema.h"
#include "core/wire/card.h"

#define RECORD_VERSION 2
#define DAY_MINUTES    1440
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
    ROW_UINT(struct roster_credential, reason, ROSTER_NO_REASON, ROSTER_OTHER),
    ROW_UINT(struct roster_credential, zones, 0, ROSTER_ZONES_ALL),
    ROW_BOOL(struct roster_credential, temporary),
    ROW_UINT(struct roster_credential, from, 0, SCHEMA_TIME_MAX),
    ROW_UINT(struct roster_credential, until, 0, SCHEMA_TIME_MAX),
    ROW_UINT(struct roster_credential, slot, 0, ROSTER_SLOT_MAX),
    ROW_OCTETS(struct roster_credential, stop_hash, stop_len, 0),
    ROW_UINT(struct roster_credential, pin_ref, 0, UINT8_MAX),
    ROW_UINT(struct roster_credential, enrolled, 0, SCHEMA_TIME_MAX),
    ROW_OCTETS(struct roster_credential, hint, hint_len, 0),
    ROW_TEXT(struct roster_credential, label, 0),
    ROW_LIST(struct roster_credential, key, keys, 1, ROSTER_KEYS, &key_schema),
};
const struct schema schema_credential = SCHEMA_OF(credential_rows);

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

static const struct schema_row plan_rows[] = {
    ROW_UINT(struct roster_plan, from, 1, SCHEMA_TIME_MAX),
    ROW_TEXT(struct roster_plan, section, 0),
    ROW_UINT(struct roster_plan, category, ROSTER_REGULAR, ROSTER_CONTRACTOR),
    ROW_UINT(struct roster_plan, valid_until, 0, SCHEMA_TIME_MAX),
    ROW_UINT(struct roster_plan, zones, 0, ROSTER_ZONES_ALL),
    ROW_TEXTS(struct roster_plan, host, hosts, 0, ROSTER_HOSTS),
};
static const struct schema plan_schema = SCHEMA_OF(plan_rows);

static const struct schema_row exception_rows[] = {
    ROW_UINT(struct roster_exception, factors, 1, UINT8_MAX),
    ROW_UINT(struct roster_exception, reason, ROSTER_LOST, ROSTER_OTHER),
    ROW_UINT(struct roster_exception, from, 0, SCHEMA_TIME_MAX),
    ROW_UINT(struct roster_exception, until, 1, SCHEMA_TIME_MAX),
    ROW_TEXTS(struct roster_exception, host, hosts, 1, ROSTER_HOSTS),
    ROW_FIXED(struct roster_exception, approver),
    ROW_TEXT(struct roster_exception, form, 0),
};
const struct schema schema_exception = SCHEMA_OF(exception_rows);

static const struct schema_row record_rows[] = {
    ROW_UINT(struct versioned, version, RECORD_VERSION, RECORD_VERSION),
    ROW_FIXED(struct versioned, record.id),
    ROW_TEXT(struct versioned, record.number, 1),
    ROW_TEXT(struct versioned, record.name, 1),
    ROW_TEXT(struct versioned, record.kana, 0),
    ROW_TEXT(struct versioned, record.section, 0),
    ROW_UINT(struct versioned, record.category, ROSTER_REGULAR, ROSTER_CONTRACTOR),
    ROW_UINT(struct versioned, record.state, ROSTER_ACTIVE, ROSTER_DESTROYED),
    ROW_UINT(struct versioned, record.reason, ROSTER_NO_REASON, ROSTER_OTHER),
    ROW_UINT(struct versioned, record.zones, 0, ROSTER_ZONES_ALL),
    ROW_UINT(struct versioned, record.roles, 0, ROSTER_ROLES_ALL),
    ROW_BOOL(struct versioned, record.escort),
    ROW_UINT(struct versioned, record.hours.days, 0, 0x7F),
    ROW_UINT(struct versioned, record.hours.begin, 0, DAY_MINUTES),
    ROW_UINT(struct versioned, record.hours.end, 0, DAY_MINUTES),
    ROW_TEXT(struct versioned, record.form, 0),
    ROW_TEXTS(struct versioned, record.host, record.hosts, 0, ROSTER_HOSTS),
    ROW_UINT(struct versioned, record.valid_from, 0, SCHEMA_TIME_MAX),
    ROW_UINT(struct versioned, record.valid_until, 0, SCHEMA_TIME_MAX),
    ROW_TEXTS(struct versioned, record.login, record.logins, 0, ROSTER_LOGINS),
    ROW_LIST(struct versioned, record.credential, record.credentials, 0, ROSTER_CREDENTIALS,
             &schema_credential),
    ROW_LIST(struct versioned, record.finger, record.fingers, 0, ROSTER_FINGERS, &finger_schema),
    ROW_LIST(struct versioned, record.plan, record.plans, 0, ROSTER_PLANS, &plan_schema),
    ROW_LIST(struct versioned, record.exception, record.exceptions, 0, ROSTER_EXCEPTIONS,
             &schema_exception),
};
static const struct schema record_schema = SCHEMA_OF(record_rows);

/* Only regular staff has no end. */
static bool term_is_sound(enum roster_category category, int64_t from, int64_t until)
{
    return until == 0 ? category == ROSTER_REGULAR : until > from;
}

static bool validity_is_sound(const struct roster_record *r)
{
    return term_is_sound(r->category, r->valid_from, r->valid_until);
}

static bool plans_are_sound(const struct roster_record *r)
{
    for (size_t n = 0; n < r->plans; n++)
        if (!term_is_sound(r->plan[n].category, r->plan[n].from, r->plan[n].valid_until) ||
            (n > 0 && r->plan[n].from <= r->plan[n - 1].from))
            return false;
    return true;
}

static bool exceptions_are_sound(const struct roster_record *r)
{
    for (size_t n = 0; n < r->exceptions; n++)
        if (r->exception[n].until <= r->exception[n].from)
            return false;
    return true;
}

static bool hours_are_sound(const struct roster_hours *h)
{
    bool none = h->days == 0 && h->begin == 0 && h->end == 0;

    return none || (h->days != 0 && h->begin < h->end);
}

bool roster_roles_sound(uint8_t roles)
{
    return (roles & ROSTER_REGISTRAR) == 0 || (roles & ROSTER_APPROVER) == 0;
}

/* Those whose term somebody else decides hold no office. */
static bool roles_are_sound(const struct roster_record *r)
{
    return r->roles == 0 || (roster_roles_sound(r->roles) && r->category != ROSTER_CONTRACTOR &&
                             r->category != ROSTER_SUPPORT);
}

static bool lone_zone(uint8_t zones)
{
    return (zones & (zones - 1)) == 0;
}

/* A shared key lives in exactly one zone; 0 is the zone of a host that has only one. */
bool schema_credential_is_sound(const struct roster_credential *c)
{
    return roster_family_fits(c) && (!roster_family_shared(c->family) || lone_zone(c->zones)) &&
           (c->until == 0 || c->until > c->from) && (!c->temporary || c->until != 0) &&
           (c->stop_len == 0 || c->stop_len == CRYPTO_SHA256_LEN) &&
           (c->slot == 0) == (c->stop_len == 0);
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
        if (!schema_credential_is_sound(c))
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
    return validity_is_sound(r) && hours_are_sound(&r->hours) && roles_are_sound(r) &&
           logins_are_sound(r) && credentials_are_sound(r) && fingers_are_sound(r) &&
           plans_are_sound(r) && exceptions_are_sound(r);
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
