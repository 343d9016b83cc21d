/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/config_roster.h"

#include "core/roster/record.h"

#include <string.h>

#define EVENING (18 * 60)

static const char *const kinds[] = {"own", "station", "taken"};

const char *config_register_name(enum register_kind kind)
{
    return (size_t)kind < sizeof(kinds) / sizeof(kinds[0]) ? kinds[kind] : "unknown";
}

static bool set_kind(struct config_roster *r, const char *value)
{
    for (size_t n = 0; n < sizeof(kinds) / sizeof(kinds[0]); n++)
        if (strcmp(kinds[n], value) == 0) {
            r->kind = (enum register_kind)n;
            return true;
        }
    return false;
}

static bool set_approval(struct config_roster *r, const char *value)
{
    r->approval = strcmp(value, "required") == 0;
    return r->approval || strcmp(value, "none") == 0;
}

static bool set_zones(struct config_roster *r, const char *value)
{
    return roster_zones_parse(value, &r->zones) && r->zones != 0;
}

static bool set_finger_zones(struct config_roster *r, const char *value)
{
    return roster_zones_parse(value, &r->finger_zones);
}

static bool two_digits(const char *text, unsigned limit, unsigned *out)
{
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9')
        return false;
    *out = (unsigned)(text[0] - '0') * 10 + (unsigned)(text[1] - '0');
    return *out < limit;
}

static bool set_temporary_until(struct config_roster *r, const char *value)
{
    unsigned hour = 0, minute = 0;

    if (strlen(value) != 5 || value[2] != ':' || !two_digits(value, 24, &hour) ||
        !two_digits(value + 3, 60, &minute))
        return false;
    r->temporary_until = hour * 60 + minute;
    return r->temporary_until > 0;
}

static bool set_path(char path[CONFIG_PATH_MAX], const char *value)
{
    if (value[0] != '/' || strlen(value) >= CONFIG_PATH_MAX)
        return false;
    memcpy(path, value, strlen(value) + 1);
    return true;
}

static bool set_inbox(struct config_roster *r, const char *value)
{
    return set_path(r->inbox, value);
}

static bool set_sections(struct config_roster *r, const char *value)
{
    return set_path(r->sections, value);
}

#define KIND_BIT(kind) (1U << (kind))
#define EVERY_KIND     (KIND_BIT(REGISTER_OWN) | KIND_BIT(REGISTER_STATION) | KIND_BIT(REGISTER_TAKEN))

struct key {
    const char *name;
    bool (*set)(struct config_roster *r, const char *value);
    unsigned kinds; /* of host where it may stand */
    const char *wants;
};

static const struct key keys[] = {
    {"register", set_kind, EVERY_KIND, "own, station or taken"},
    {"approval", set_approval, EVERY_KIND, "required or none"},
    {"zones", set_zones, KIND_BIT(REGISTER_STATION), "zones, none twice"},
    {"finger_zones", set_finger_zones, KIND_BIT(REGISTER_STATION), "zones, none twice"},
    {"temporary_until", set_temporary_until, EVERY_KIND, "HH:MM, 00:01 to 23:59"},
    {"roster_inbox", set_inbox, KIND_BIT(REGISTER_TAKEN), "an absolute path of at most 103 octets"},
    {"sections", set_sections, KIND_BIT(REGISTER_OWN) | KIND_BIT(REGISTER_STATION),
     "an absolute path of at most 103 octets"},
};
#define KEYS (sizeof(keys) / sizeof(keys[0]))

static size_t find_key(const char *name)
{
    size_t n = 0;

    while (n < KEYS && strcmp(keys[n].name, name) != 0)
        n++;
    return n;
}

static bool given(const struct config_roster *r, const char *name)
{
    return (r->seen & 1U << find_key(name)) != 0;
}

void config_roster_init(struct config_roster *r)
{
    *r = (struct config_roster){.zones = ROSTER_ZONES_ALL,
                                .finger_zones = ROSTER_INDIVIDUAL_NUMBER,
                                .temporary_until = EVENING};
}

bool config_roster_knows(const char *key)
{
    return find_key(key) < KEYS;
}

int config_roster_set(struct config_roster *r, const char *key, const char *value, char *why,
                      size_t whycap)
{
    size_t n = find_key(key);

    if (n == KEYS) {
        snprintf(why, whycap, "%s: unknown key", key);
        return POLICY_KEY;
    }
    if ((r->seen & 1U << n) != 0) {
        snprintf(why, whycap, "%s: given twice", key);
        return POLICY_DUPLICATE;
    }
    if (!keys[n].set(r, value)) {
        snprintf(why, whycap, "%s: must be %s", key, keys[n].wants);
        return POLICY_VALUE;
    }
    r->seen |= 1U << n;
    return POLICY_OK;
}

static int check_keys(const struct config_roster *r, char *why, size_t whycap)
{
    for (size_t n = 0; n < KEYS; n++)
        if ((r->seen & 1U << n) != 0 && (keys[n].kinds & KIND_BIT(r->kind)) == 0) {
            snprintf(why, whycap, "%s: not with register = %s", keys[n].name,
                     config_register_name(r->kind));
            return POLICY_VALUE;
        }
    return POLICY_OK;
}

/* Two people stand behind what other hosts believe; a host that is alone has nobody to ask. */
static int settle_approval(struct config_roster *r, char *why, size_t whycap)
{
    const bool wanted = r->kind != REGISTER_OWN;

    if (given(r, "approval") && r->approval != wanted) {
        snprintf(why, whycap, "approval: register = %s needs approval = %s",
                 config_register_name(r->kind), wanted ? "required" : "none");
        return POLICY_VALUE;
    }
    r->approval = wanted;
    return POLICY_OK;
}

static int settle_age(const struct config_roster *r, struct policy *policy, char *why,
                      size_t whycap)
{
    static const char *const age[] = {"roster_warn", "roster_refuse"};

    if (r->kind == REGISTER_TAKEN)
        return POLICY_OK;
    for (size_t n = 0; n < sizeof(age) / sizeof(age[0]); n++)
        if (policy_given(policy, age[n])) {
            snprintf(why, whycap, "%s: only with register = taken", age[n]);
            return POLICY_VALUE;
        }
    policy->roster_warn = policy->roster_refuse = 0;
    return POLICY_OK;
}

static int check_zones(const struct config_roster *r, char *why, size_t whycap)
{
    if ((r->finger_zones & ~r->zones) == 0 || !given(r, "finger_zones"))
        return POLICY_OK;
    snprintf(why, whycap, "finger_zones: a zone that zones does not name");
    return POLICY_VALUE;
}

int config_roster_finish(struct config_roster *r, struct policy *policy, char *why, size_t whycap)
{
    int err;

    if ((err = check_keys(r, why, whycap)) != POLICY_OK ||
        (err = settle_approval(r, why, whycap)) != POLICY_OK ||
        (err = check_zones(r, why, whycap)) != POLICY_OK)
        return err;
    r->finger_zones &= r->zones;
    return settle_age(r, policy, why, whycap);
}

void config_roster_print(const struct config_roster *r, FILE *out)
{
    char zones[POLICY_NAME_MAX], finger_zones[POLICY_NAME_MAX];

    fprintf(out, "register = %s\napproval = %s\n", config_register_name(r->kind),
            r->approval ? "required" : "none");
    fprintf(out, "temporary_until = %02u:%02u\n", r->temporary_until / 60, r->temporary_until % 60);
    if (r->kind == REGISTER_STATION) {
        roster_zones_format(r->zones, zones, sizeof(zones));
        roster_zones_format(r->finger_zones, finger_zones, sizeof(finger_zones));
        fprintf(out, "zones = %s\nfinger_zones = %s\n", zones, finger_zones);
    }
    if (r->kind == REGISTER_TAKEN)
        fprintf(out, "roster_inbox = %s\n", r->inbox);
    else
        fprintf(out, "sections = %s\n", r->sections);
}
