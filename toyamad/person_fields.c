/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/person_fields.h"

#include "toyamad/names.h"

#include <stdio.h>
#include <string.h>

static bool refuse(struct task *t, const char *key, const char *why)
{
    task_done(t, ADMIN_USAGE, NULL, "\"%s\": \"%s\" %s", key, task_get(t, key), why);
    return false;
}

static bool is_given(const struct task *t, const char *key)
{
    return admin_pair_get(&t->pairs, key) != NULL;
}

bool person_take_text(struct task *t, const char *key, char *out, size_t cap)
{
    const char *value = task_get(t, key);

    if (!is_given(t, key))
        return true;
    if (strlen(value) >= cap) {
        task_done(t, ADMIN_USAGE, NULL, "\"%s\" has more than %zu octets", key, cap - 1);
        return false;
    }
    memcpy(out, value, strlen(value) + 1);
    return true;
}

bool person_take_logins(struct task *t, struct roster_record *r)
{
    char list[ADMIN_VALUE_MAX], *save = NULL;

    if (!is_given(t, "login"))
        return true;
    r->logins = 0;
    memset(r->login, 0, sizeof(r->login));
    snprintf(list, sizeof(list), "%s", task_get(t, "login"));
    for (char *name = strtok_r(list, ",", &save); name != NULL; name = strtok_r(NULL, ",", &save)) {
        if (!roster_login_valid(name) || roster_record_has_login(r, name))
            return refuse(t, "login", "holds what is no login name, or stands twice");
        if (r->logins == ROSTER_LOGINS)
            return refuse(t, "login", "holds too many");
        memcpy(r->login[r->logins++], name, strlen(name) + 1);
    }
    return r->logins > 0 || refuse(t, "login", "is empty");
}

bool person_take_zones(struct task *t, uint8_t *zones)
{
    char list[ADMIN_VALUE_MAX];

    if (!is_given(t, "zones"))
        return true;
    snprintf(list, sizeof(list), "%s", task_get(t, "zones"));
    for (char *comma = strchr(list, ','); comma != NULL; comma = strchr(comma, ','))
        *comma = ' ';
    if (strcmp(list, "none") == 0)
        *zones = 0;
    else if (!roster_zones_parse(list, zones))
        return refuse(t, "zones", "holds an unknown zone, or one twice");
    if (t->broker->config.roster.kind == REGISTER_STATION &&
        (*zones & ~t->broker->config.roster.zones) != 0)
        return refuse(t, "zones", "holds a zone that this station does not serve");
    return true;
}

static bool host_is_sound(const char *name, size_t len, const char host[][ROSTER_TEXT_MAX],
                          size_t hosts)
{
    if (len == 0 || len >= ROSTER_TEXT_MAX || (len == 1 && name[0] == '@'))
        return false;
    for (size_t n = 0; n < hosts; n++)
        if (strlen(host[n]) == len && memcmp(host[n], name, len) == 0)
            return false;
    return true;
}

bool person_take_hosts(struct task *t, char host[][ROSTER_TEXT_MAX], size_t *hosts)
{
    const char *at = task_get(t, "hosts");
    size_t count = 0;

    if (!is_given(t, "hosts"))
        return true;
    memset(host, 0, sizeof(host[0]) * ROSTER_HOSTS);
    for (bool more = strcmp(at, "all") != 0; more; at++) {
        size_t len = strcspn(at, ",");
        if (!host_is_sound(at, len, (const char(*)[ROSTER_TEXT_MAX])host, count))
            return refuse(t, "hosts", "holds what is no host, or one twice");
        if (count == ROSTER_HOSTS)
            return refuse(t, "hosts", "holds too many");
        memcpy(host[count++], at, len);
        at += len;
        more = *at == ',';
    }
    *hosts = count;
    return true;
}

bool person_take_hours(struct task *t, struct roster_hours *hours)
{
    if (!is_given(t, "hours") || roster_hours_parse(task_get(t, "hours"), hours))
        return true;
    return refuse(t, "hours", "is not like \"mon-fri 08:30-17:15\" or \"any\"");
}

bool person_take_flag(struct task *t, const char *key, bool *out)
{
    const char *value = task_get(t, key);

    if (!is_given(t, key))
        return true;
    *out = strcmp(value, "yes") == 0;
    return *out || strcmp(value, "no") == 0 || refuse(t, key, "is neither yes nor no");
}

bool person_take_category(struct task *t, enum roster_category *out)
{
    if (!is_given(t, "category") || roster_category_parse(task_get(t, "category"), out))
        return true;
    return refuse(t, "category", "is not a category");
}

bool person_take_date(struct task *t, const char *key, bool end, int64_t *out)
{
    if (!is_given(t, key) || names_date_parse(task_get(t, key), end, out))
        return true;
    return refuse(t, key, "is not a date like 2026-04-01");
}

bool person_take_until(struct task *t, enum roster_category category, int64_t from, int64_t *until)
{
    const char *text = task_get(t, "until");
    bool none = strcmp(text, "none") == 0 ||
                (text[0] == '\0' && category == ROSTER_REGULAR && is_given(t, "category"));

    if (none)
        *until = 0;
    else if (text[0] != '\0' && !person_take_date(t, "until", true, until))
        return false;
    if (*until != 0 && *until <= from)
        task_done(t, ADMIN_USAGE, NULL, "\"until\" lies before \"from\"");
    else if (category != ROSTER_REGULAR && *until == 0)
        task_done(t, ADMIN_USAGE, NULL, "category \"%s\" needs an end date: until",
                  roster_category_name(category));
    else if (category == ROSTER_REGULAR && *until != 0)
        task_done(t, ADMIN_USAGE, "H71", "category \"regular\" has no end date");
    else
        return true;
    return false;
}

static bool is_another(const struct roster_record *r, const struct roster_record *other)
{
    return memcmp(r->id, other->id, sizeof(r->id)) != 0;
}

static bool login_free(struct task *t, const struct roster_record *r, const char *login)
{
    struct roster_record other = {0};
    int err = registry_by_login(&t->broker->registry, login, &other);

    return err == REGISTRY_NONE || (err == REGISTRY_OK && !is_another(r, &other));
}

bool person_names_free(struct task *t, const struct roster_record *r)
{
    struct roster_record other = {0};
    bool shared = strcmp(task_get(t, "share"), "yes") == 0;

    if (registry_by_number(&t->broker->registry, r->number, &other) != REGISTRY_NONE &&
        is_another(r, &other)) {
        task_done(t, ADMIN_EXISTS, NULL, "staff number %s is registered", r->number);
        return false;
    }
    for (size_t n = 0; n < r->logins && !shared && is_given(t, "login"); n++)
        if (!login_free(t, r, r->login[n])) {
            task_done(t, ADMIN_EXISTS, NULL,
                      "login %s belongs to somebody else: share=yes makes it a shared account",
                      r->login[n]);
            return false;
        }
    return true;
}

bool person_may_hold_roles(struct task *t, const struct roster_record *r)
{
    if (r->roles == 0 || (r->category != ROSTER_CONTRACTOR && r->category != ROSTER_SUPPORT))
        return true;
    task_done(t, ADMIN_REFUSED, NULL,
              "category \"%s\" holds no role: \"role revoke\" first takes away what %s has",
              roster_category_name(r->category), r->number);
    return false;
}

void person_join(const void *texts, size_t size, size_t count, char *out, size_t cap)
{
    const char *text = texts;
    size_t used = 0;

    out[0] = '\0';
    for (size_t n = 0; n < count && used < cap; n++, text += size)
        used += (size_t)snprintf(out + used, cap - used, "%s%s", n == 0 ? "" : ",", text);
}
