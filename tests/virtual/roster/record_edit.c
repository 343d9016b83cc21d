/* SPDX-License-Identifier: Apache-2.0
 *
 * Puts what no verb can put into a signed record: moments that have passed. For tests that would
 * otherwise have to wait for days; the broker must not be running.
 *
 * Usage: record-edit STATE ZONE HOST NUMBER FIELD=VALUE...
 * Times are seconds from now: -86400, +60; "none" is 0.
 */
#include "toyamad/audit/audit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define OFFSET(member) offsetof(struct roster_record, member)

enum kind { TIME, OCTET, FLAG, STATE };

static const struct field {
    const char *name;
    enum kind kind;
    size_t offset;
} fields[] = {
    {"from", TIME, OFFSET(valid_from)},
    {"until", TIME, OFFSET(valid_until)},
    {"state", STATE, OFFSET(state)},
    {"escort", FLAG, OFFSET(escort)},
    {"plan.from", TIME, OFFSET(plan[0].from)},
    {"plan.until", TIME, OFFSET(plan[0].valid_until)},
    {"plan.zones", OCTET, OFFSET(plan[0].zones)},
    {"exception.from", TIME, OFFSET(exception[0].from)},
    {"exception.until", TIME, OFFSET(exception[0].until)},
    {"card0.temporary", FLAG, OFFSET(credential[0].temporary)},
    {"card0.from", TIME, OFFSET(credential[0].from)},
    {"card0.until", TIME, OFFSET(credential[0].until)},
    {"card0.zones", OCTET, OFFSET(credential[0].zones)},
    {"card0.enrolled", TIME, OFFSET(credential[0].enrolled)},
    {"card0.state", STATE, OFFSET(credential[0].state)},
    {"card1.temporary", FLAG, OFFSET(credential[1].temporary)},
    {"card1.from", TIME, OFFSET(credential[1].from)},
    {"card1.until", TIME, OFFSET(credential[1].until)},
    {"card1.zones", OCTET, OFFSET(credential[1].zones)},
    {"card1.state", STATE, OFFSET(credential[1].state)},
};
#define FIELDS (sizeof(fields) / sizeof(fields[0]))

static void set(struct roster_record *r, const struct field *f, const char *value)
{
    void *member = (char *)r + f->offset;
    long number = strtol(value, NULL, 10);
    int64_t when = strcmp(value, "none") == 0 ? 0 : (int64_t)time(NULL) + number;
    uint8_t octet = (uint8_t)number;
    bool flag = number != 0;
    enum roster_state state = (enum roster_state)number;

    if (f->kind == TIME)
        memcpy(member, &when, sizeof(when));
    else if (f->kind == OCTET)
        memcpy(member, &octet, sizeof(octet));
    else if (f->kind == FLAG)
        memcpy(member, &flag, sizeof(flag));
    else
        memcpy(member, &state, sizeof(state));
}

static bool assign(struct roster_record *r, const char *text)
{
    size_t len = strcspn(text, "=");

    for (size_t n = 0; n < FIELDS; n++)
        if (strlen(fields[n].name) == len && memcmp(fields[n].name, text, len) == 0 &&
            text[len] == '=') {
            set(r, &fields[n], text + len + 1);
            return true;
        }
    fprintf(stderr, "record-edit: %s?\n", text);
    return false;
}

/* A plan begins as what the person is. */
static void begin_plan(struct roster_record *r)
{
    if (r->plans > 0)
        return;
    r->plans = 1;
    r->plan[0] = (struct roster_plan){
        .category = r->category, .valid_until = r->valid_until, .zones = r->zones};
}

static int store(struct audit *audit, struct roster_record *r)
{
    struct chain_event event = {.kind = "record-edited"};
    struct registry_change change = {0};
    int64_t now = (int64_t)time(NULL);
    int err;

    if ((err = registry_begin(audit->reg)) != REGISTRY_OK ||
        (err = registry_put(audit->reg, r, now, &change)) != REGISTRY_OK ||
        (err = audit_append(audit, &event, now)) != REGISTRY_OK)
        return err;
    err = registry_commit(audit->reg);
    registry_settle(audit->reg, &change);
    audit_settle(audit);
    return err;
}

static int edit(struct audit *audit, const char *number, char **text, int count)
{
    struct roster_record r;
    int err = registry_by_number(audit->reg, number, &r);

    if (err != REGISTRY_OK)
        return err;
    for (int n = 0; n < count; n++) {
        if (strncmp(text[n], "plan.", 5) == 0)
            begin_plan(&r);
        if (!assign(&r, text[n]))
            return REGISTRY_FAILED;
    }
    return store(audit, &r);
}

int main(int argc, char **argv)
{
    struct keys keys = {0};
    struct registry reg = {0};
    struct audit audit = {0};
    char path[256], why[256] = "";
    int err;

    if (argc < 6)
        return 2;
    snprintf(path, sizeof(path), "%s/registry.db", argv[1]);
    if (!keys_load(&keys, REGISTER_OWN, argv[1], why, sizeof(why)) ||
        registry_open(&reg, path, &keys, argv[2], why, sizeof(why)) != REGISTRY_OK ||
        audit_open(&audit, &reg, argv[1], argv[3], why, sizeof(why)) != REGISTRY_OK) {
        fprintf(stderr, "record-edit: %s\n", why);
        return 1;
    }
    err = edit(&audit, argv[4], argv + 5, argc - 5);
    if (err != REGISTRY_OK)
        fprintf(stderr, "record-edit: %s\n", registry_strerror(err));
    audit_close(&audit);
    registry_close(&reg);
    keys_wipe(&keys);
    return err == REGISTRY_OK ? 0 : 1;
}
