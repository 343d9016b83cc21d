/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/config_roster.h"

#include "core/roster/record.h"

#include <string.h>

#define EVENING          (18 * 60)
#define SUPPORT_DAYS     14
#define DEPUTY_APPROVERS 2
#define CARDS_MAX        8
#define DAYS_MAX         366
#define APPROVERS_MAX    4

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

static bool set_outbox(struct config_roster *r, const char *value)
{
    return set_path(r->outbox, value);
}

static bool set_sections(struct config_roster *r, const char *value)
{
    return set_path(r->sections, value);
}

static bool set_holidays(struct config_roster *r, const char *value)
{
    return set_path(r->holidays, value);
}

/* A decimal number of at most three digits. */
static bool set_number(const char *value, uint32_t least, uint32_t most, uint32_t *out)
{
    size_t digits = strspn(value, "0123456789");
    uint32_t number = 0;

    if (digits == 0 || digits > 3 || value[digits] != '\0')
        return false;
    for (size_t n = 0; n < digits; n++)
        number = number * 10 + (uint32_t)(value[n] - '0');
    *out = number;
    return number >= least && number <= most;
}

static bool set_cards(struct config_roster *r, const char *value)
{
    return set_number(value, 0, CARDS_MAX, &r->cards);
}

static bool set_support_days(struct config_roster *r, const char *value)
{
    return set_number(value, 1, DAYS_MAX, &r->support_days);
}

static bool set_unused_notify(struct config_roster *r, const char *value)
{
    return set_number(value, 1, DAYS_MAX, &r->unused_notify);
}

static bool set_unused_suspend(struct config_roster *r, const char *value)
{
    return set_number(value, 1, DAYS_MAX, &r->unused_suspend);
}

static bool set_deputy_approvers(struct config_roster *r, const char *value)
{
    return set_number(value, 1, APPROVERS_MAX, &r->deputy_approvers);
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
    {"cards_per_person", set_cards, KIND_BIT(REGISTER_OWN) | KIND_BIT(REGISTER_STATION),
     "a number from 0 (any number) to 8"},
    {"support_days", set_support_days, KIND_BIT(REGISTER_OWN) | KIND_BIT(REGISTER_STATION),
     "a number of days from 1 to 366"},
    {"unused_notify", set_unused_notify, KIND_BIT(REGISTER_OWN) | KIND_BIT(REGISTER_TAKEN),
     "a number of days from 1 to 366"},
    {"unused_suspend", set_unused_suspend, KIND_BIT(REGISTER_OWN) | KIND_BIT(REGISTER_TAKEN),
     "a number of days from 1 to 366"},
    {"deputy_approvers", set_deputy_approvers,
     KIND_BIT(REGISTER_STATION) | KIND_BIT(REGISTER_TAKEN), "a number from 1 to 4"},
    {"roster_inbox", set_inbox, KIND_BIT(REGISTER_TAKEN), "an absolute path of at most 103 octets"},
    {"roster_outbox", set_outbox, KIND_BIT(REGISTER_TAKEN),
     "an absolute path of at most 103 octets"},
    {"sections", set_sections, KIND_BIT(REGISTER_OWN) | KIND_BIT(REGISTER_STATION),
     "an absolute path of at most 103 octets"},
    {"holidays", set_holidays, KIND_BIT(REGISTER_OWN) | KIND_BIT(REGISTER_STATION),
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
                                .temporary_until = EVENING,
                                .support_days = SUPPORT_DAYS,
                                .deputy_approvers = DEPUTY_APPROVERS};
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

/* The policy's defaults: stricter where residents' numbers are handled. */
static int settle_unused(struct config_roster *r, const struct policy *policy, char *why,
                         size_t whycap)
{
    bool number = policy->zone == ZONE_INDIVIDUAL_NUMBER;

    if (!given(r, "unused_notify"))
        r->unused_notify = number ? 14 : 30;
    if (!given(r, "unused_suspend"))
        r->unused_suspend = number ? 45 : 90;
    if (r->unused_suspend >= r->unused_notify)
        return POLICY_OK;
    snprintf(why, whycap, "unused_notify: above unused_suspend (%u)", r->unused_suspend);
    return POLICY_VALUE;
}

int config_roster_finish(struct config_roster *r, struct policy *policy, char *why, size_t whycap)
{
    int err;

    if ((err = check_keys(r, why, whycap)) != POLICY_OK ||
        (err = settle_approval(r, why, whycap)) != POLICY_OK ||
        (err = check_zones(r, why, whycap)) != POLICY_OK ||
        (err = settle_unused(r, policy, why, whycap)) != POLICY_OK)
        return err;
    if (!given(r, "cards_per_person"))
        r->cards = r->kind == REGISTER_STATION ? 1 : 0;
    r->finger_zones &= r->zones;
    return settle_age(r, policy, why, whycap);
}

static void print_rules(const struct config_roster *r, FILE *out)
{
    if (r->kind != REGISTER_TAKEN)
        fprintf(out, "cards_per_person = %u\nsupport_days = %u\n", r->cards, r->support_days);
    if (r->kind != REGISTER_STATION)
        fprintf(out, "unused_notify = %u\nunused_suspend = %u\n", r->unused_notify,
                r->unused_suspend);
    if (r->kind != REGISTER_OWN)
        fprintf(out, "deputy_approvers = %u\n", r->deputy_approvers);
}

void config_roster_print(const struct config_roster *r, FILE *out)
{
    char zones[POLICY_NAME_MAX], finger_zones[POLICY_NAME_MAX];

    fprintf(out, "register = %s\napproval = %s\n", config_register_name(r->kind),
            r->approval ? "required" : "none");
    fprintf(out, "temporary_until = %02u:%02u\n", r->temporary_until / 60, r->temporary_until % 60);
    print_rules(r, out);
    if (r->kind == REGISTER_STATION) {
        roster_zones_format(r->zones, zones, sizeof(zones));
        roster_zones_format(r->finger_zones, finger_zones, sizeof(finger_zones));
        fprintf(out, "zones = %s\nfinger_zones = %s\n", zones, finger_zones);
    }
    if (r->kind == REGISTER_TAKEN)
        fprintf(out, "roster_inbox = %s\nroster_outbox = %s\n", r->inbox, r->outbox);
    else
        fprintf(out, "sections = %s\nholidays = %s\n", r->sections, r->holidays);
}
