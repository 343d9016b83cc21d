/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/policy.h"

#include <stdio.h>
#include <string.h>

#include "core/policy/sensors.h"
#include "core/wire/tlv.h"

#define ALNUM         "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define NAME_LETTERS  ALNUM "._-"
#define DRIVER_LETTER "abcdefghijklmnopqrstuvwxyz0123456789_"
#define DIGITS_MAX    6
#define WARN_DAYS     7

enum kind {
    KIND_ZONE,
    KIND_FACTORS,
    KIND_LANGUAGE,
    KIND_NAME,
    KIND_TEXT,
    KIND_SECONDS,
    KIND_COUNT,
    KIND_DAYS,
    KIND_YESNO,
    KIND_PRESENCE,
    KIND_LIST
};

/* One row a key. `preset` is what stands where the key is not given, NULL: none. */
struct key {
    const char *name;
    enum kind kind;
    size_t offset;
    uint32_t min, max;   /* numbers */
    const char *letters; /* names and the words of lists */
    const char *preset;
};

#define AT(member) offsetof(struct policy, member)

static const struct key keys[] = {
    {"zone", KIND_ZONE, AT(zone), 0, 0, NULL, NULL},
    {"require", KIND_FACTORS, AT(require), 0, 0, NULL, NULL},
    {"host", KIND_NAME, AT(host), 0, 0, NAME_LETTERS, NULL},
    {"place", KIND_TEXT, AT(place), 0, 0, NULL, ""},
    {"language", KIND_LANGUAGE, AT(language), 0, 0, NULL, "ja"},
    {"extension", KIND_TEXT, AT(extension), 0, 0, NULL, ""},
    {"card_wait", KIND_SECONDS, AT(card_wait), 1, 90, NULL, "30"},
    {"pin_wait", KIND_SECONDS, AT(pin_wait), 1, 90, NULL, "60"},
    {"finger_wait", KIND_SECONDS, AT(finger_wait), 1, 90, NULL, "15"},
    {"total", KIND_SECONDS, AT(total), 1, 85, NULL, "85"},
    {"finger_tries", KIND_COUNT, AT(finger_tries), 1, 5, NULL, "3"},
    {"finger_presses", KIND_COUNT, AT(finger_presses), 1, 2, NULL, "1"},
    {"lock_after", KIND_COUNT, AT(lock_after), 1, 10, NULL, "5"},
    {"lock_time", KIND_SECONDS, AT(lock_time), 1, 86400, NULL, "600"},
    {"lock_admin_only", KIND_YESNO, AT(lock_admin_only), 0, 0, NULL, "no"},
    {"throttle_after", KIND_COUNT, AT(throttle_after), 1, 100, NULL, "5"},
    {"throttle_delay", KIND_SECONDS, AT(throttle_delay), 0, 60, NULL, "30"},
    {"operator_idle", KIND_SECONDS, AT(operator_idle), 60, 3600, NULL, "600"},
    {"remote", KIND_LIST, AT(remote), 0, 0, NAME_LETTERS, ""},
    {"account_exempt", KIND_LIST, AT(exempt), 0, 0, NAME_LETTERS,
     "cron atd runuser runuser-l systemd-user"},
    {"sensors", KIND_LIST, AT(sensors), 0, 0, DRIVER_LETTER, "uru4000"},
    {"demo", KIND_YESNO, AT(demo), 0, 0, NULL, "no"},
    {"presence", KIND_PRESENCE, AT(tap), 0, 0, NULL, "required"},
    {"shared_keys", KIND_YESNO, AT(shared_keys), 0, 0, NULL, NULL},
    {"roster_warn", KIND_DAYS, AT(roster_warn), 1, 366, NULL, NULL},
    {"roster_refuse", KIND_DAYS, AT(roster_refuse), 1, 366, NULL, NULL},
};

#define KEYS (sizeof(keys) / sizeof(keys[0]))
_Static_assert(KEYS <= 32, "struct policy's seen has one bit a key");

static const struct key *find_key(const char *name)
{
    for (size_t n = 0; n < KEYS; n++)
        if (strcmp(keys[n].name, name) == 0)
            return &keys[n];
    return NULL;
}

static uint32_t key_bit(const struct key *key)
{
    return UINT32_C(1) << (key - keys);
}

static bool set_zone(void *member, const char *value)
{
    enum zone zone = policy_zone_parse(value);

    if (zone == ZONE_NONE)
        return false;
    memcpy(member, &zone, sizeof(zone));
    return true;
}

static bool set_factors(void *member, const char *value)
{
    unsigned factors = 0;

    if (!policy_factors_parse(value, &factors))
        return false;
    memcpy(member, &factors, sizeof(factors));
    return true;
}

static bool set_language(char *member, const char *value)
{
    if (strcmp(value, "ja") != 0 && strcmp(value, "en") != 0)
        return false;
    memcpy(member, value, strlen(value) + 1);
    return true;
}

static bool set_text(char *member, const char *value)
{
    const struct tlv text = {.val = (const uint8_t *)value, .len = strlen(value)};
    char checked[POLICY_NAME_MAX];

    if (tlv_text(&text, checked, sizeof(checked)) != WIRE_OK)
        return false;
    memcpy(member, checked, text.len + 1);
    return true;
}

static bool set_name(const struct key *key, char *member, const char *value)
{
    return value[0] != '\0' && value[strspn(value, key->letters)] == '\0' &&
           set_text(member, value);
}

static bool set_number(const struct key *key, void *member, const char *value)
{
    uint32_t number = 0;
    size_t len = strlen(value);

    if (len == 0 || len > DIGITS_MAX || value[strspn(value, "0123456789")] != '\0')
        return false;
    for (size_t n = 0; n < len; n++)
        number = number * 10 + (uint32_t)(value[n] - '0');
    if (number < key->min || number > key->max)
        return false;
    memcpy(member, &number, sizeof(number));
    return true;
}

static bool set_bool(void *member, const char *value, const char *on, const char *off)
{
    const bool set = strcmp(value, on) == 0;

    if (!set && strcmp(value, off) != 0)
        return false;
    memcpy(member, &set, sizeof(set));
    return true;
}

/* Appends one word behind a single blank. */
static bool list_append(char *list, const char *word, size_t len)
{
    size_t used = strlen(list);
    size_t blank = used > 0 ? 1 : 0;

    if (len >= POLICY_LIST_MAX - used - blank)
        return false;
    if (blank > 0)
        list[used] = ' ';
    memcpy(list + used + blank, word, len);
    list[used + blank + len] = '\0';
    return true;
}

static bool set_list(const struct key *key, char *member, const char *value)
{
    char list[POLICY_LIST_MAX] = "";

    for (value += strspn(value, " \t"); *value != '\0'; value += strspn(value, " \t")) {
        size_t len = strcspn(value, " \t");
        if (strspn(value, key->letters) < len || !list_append(list, value, len))
            return false;
        value += len;
    }
    memcpy(member, list, sizeof(list));
    return true;
}

static bool set_member(const struct key *key, struct policy *p, const char *value)
{
    char *member = (char *)p + key->offset;

    switch (key->kind) {
    case KIND_ZONE:
        return set_zone(member, value);
    case KIND_FACTORS:
        return set_factors(member, value);
    case KIND_LANGUAGE:
        return set_language(member, value);
    case KIND_NAME:
        return set_name(key, member, value);
    case KIND_TEXT:
        return set_text(member, value);
    case KIND_SECONDS:
    case KIND_COUNT:
    case KIND_DAYS:
        return set_number(key, member, value);
    case KIND_YESNO:
        return set_bool(member, value, "yes", "no");
    case KIND_PRESENCE:
        return set_bool(member, value, "tap", "required");
    case KIND_LIST:
        return set_list(key, member, value);
    default:
        return false;
    }
}

static void explain_value(const struct key *key, char *why, size_t whycap)
{
    if (key->kind == KIND_SECONDS || key->kind == KIND_COUNT || key->kind == KIND_DAYS)
        snprintf(why, whycap, "%s: must be %u to %u%s", key->name, key->min, key->max,
                 key->kind == KIND_SECONDS ? " seconds"
                 : key->kind == KIND_DAYS  ? " days"
                                           : "");
    else if (key->kind == KIND_YESNO)
        snprintf(why, whycap, "%s: must be yes or no", key->name);
    else if (key->kind == KIND_PRESENCE)
        snprintf(why, whycap, "%s: must be required or tap", key->name);
    else
        snprintf(why, whycap, "%s: value not understood", key->name);
}

void policy_init(struct policy *p)
{
    *p = (struct policy){0};
}

int policy_set(struct policy *p, const char *key, const char *value, char *why, size_t whycap)
{
    const struct key *row = find_key(key);

    if (why == NULL)
        whycap = 0;
    if (row == NULL) {
        snprintf(why, whycap, "%s: unknown key", key);
        return POLICY_KEY;
    }
    if ((p->seen & key_bit(row)) != 0) {
        snprintf(why, whycap, "%s: given twice", key);
        return POLICY_DUPLICATE;
    }
    if (!set_member(row, p, value)) {
        explain_value(row, why, whycap);
        return POLICY_VALUE;
    }
    p->seen |= key_bit(row);
    return POLICY_OK;
}

bool policy_given(const struct policy *p, const char *key)
{
    const struct key *row = find_key(key);

    return row != NULL && (p->seen & key_bit(row)) != 0;
}

/* A month where people leave a duty from one day to the next; two elsewhere. */
static void fill_ages(struct policy *p)
{
    if (!policy_given(p, "roster_refuse"))
        p->roster_refuse = p->zone == ZONE_INDIVIDUAL_NUMBER ? 30 : 60;
    if (!policy_given(p, "roster_warn"))
        p->roster_warn = p->roster_refuse < WARN_DAYS ? p->roster_refuse : WARN_DAYS;
}

/* A key that the host shares with its cards is a key that the host can lose. */
static void fill_presets(struct policy *p)
{
    for (size_t n = 0; n < KEYS; n++)
        if ((p->seen & key_bit(&keys[n])) == 0 && keys[n].preset != NULL)
            (void)set_member(&keys[n], p, keys[n].preset);
    if (!policy_given(p, "shared_keys"))
        p->shared_keys = p->zone != ZONE_INDIVIDUAL_NUMBER;
    fill_ages(p);
}

static int check_ages(const struct policy *p, char *why, size_t whycap)
{
    if (p->roster_warn <= p->roster_refuse)
        return POLICY_OK;
    snprintf(why, whycap, "roster_warn: above roster_refuse (%u days)", p->roster_refuse);
    return POLICY_VALUE;
}

static int check_require(const struct policy *p, char *why, size_t whycap)
{
    char factors[POLICY_NAME_MAX];

    policy_factors_format(p->require, factors, sizeof(factors));
    if ((p->require & FACTOR_POSSESSION) == FACTOR_POSSESSION)
        snprintf(why, whycap, "require: \"%s\" names card and token: one possession a host",
                 factors);
    else if (!policy_clause_allows(p->zone, p->require))
        snprintf(why, whycap, "require: \"%s\" is below clause %s for zone %s", factors,
                 policy_clause(p->zone), policy_zone_name(p->zone));
    else if (p->tap && !policy_tap_allowed(p->zone))
        snprintf(why, whycap, "presence: tap is below clause %s for zone %s",
                 policy_clause(p->zone), policy_zone_name(p->zone));
    else
        return POLICY_OK;
    return POLICY_CLAUSE;
}

int policy_finish(struct policy *p, char *why, size_t whycap)
{
    int err;

    if (why == NULL)
        whycap = 0;
    if (p->zone == ZONE_NONE || p->require == 0) {
        snprintf(why, whycap, "%s: missing", p->zone == ZONE_NONE ? "zone" : "require");
        return POLICY_MISSING;
    }
    if ((err = check_require(p, why, whycap)) != POLICY_OK)
        return err;
    fill_presets(p);
    if ((p->require & FACTOR_TOKEN) != 0 && !p->shared_keys) {
        snprintf(why, whycap, "shared_keys: no, but require names token");
        return POLICY_VALUE;
    }
    if ((err = check_ages(p, why, whycap)) != POLICY_OK)
        return err;
    return policy_sensors_check(p, why, whycap);
}

bool policy_knows(const char *key)
{
    return find_key(key) != NULL;
}
