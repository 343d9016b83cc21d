/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/config.h"

#include "toyamad/file.h"

#include <ini.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

struct own_key {
    const char *section;
    const char *name;
    size_t offset;
    size_t cap;
    bool path;
    const char *standard;
};

#define FIELD(name) offsetof(struct config, name), sizeof(((struct config *)NULL)->name)

static const struct own_key own_keys[] = {
    {"paths", "auth_socket", FIELD(auth_socket), true, "/run/toyama/auth.sock"},
    {"paths", "admin_socket", FIELD(admin_socket), true, "/run/toyama/admin.sock"},
    {"paths", "admin_group", FIELD(admin_group), false, "toyama-admin"},
    {"paths", "sensor_socket", FIELD(sensor_socket), true, ""},
    {"paths", "state", FIELD(state), true, "/var/lib/toyama"},
    {"paths", "card_worker", FIELD(card_worker), true, TOYAMA_LIBEXECDIR "/toyama-card"},
    {"paths", "finger_worker", FIELD(finger_worker), true, TOYAMA_LIBEXECDIR "/toyama-finger"},
    {"paths", "yubikey_worker", FIELD(yubikey_worker), true, TOYAMA_LIBEXECDIR "/toyama-yubikey"},
    {"paths", "yubikey_lock", FIELD(yubikey_lock), true, "/run/toyama/yubikey.lock"},
    {"roles", "registrar", FIELD(role_registrar), false, ""},
    {"roles", "approver", FIELD(role_approver), false, ""},
    {"roles", "administrator", FIELD(role_administrator), false, ""},
    {"roles", "auditor", FIELD(role_auditor), false, ""},
    {"workers", "card_user", FIELD(card_user), false, "toyama-card"},
    {"workers", "finger_user", FIELD(finger_user), false, "toyama-usb"},
    {"workers", "yubikey_user", FIELD(yubikey_user), false, "toyama-usb"},
    {"workers", "sync_user", FIELD(sync_user), false, "toyama-sync"},
};
#define OWN_KEYS (sizeof(own_keys) / sizeof(own_keys[0]))
_Static_assert(OWN_KEYS <= 32, "struct reading's seen has one bit a key");

/* Where the policy's keys stand in the file. */
static const struct {
    const char *section;
    const char *names;
} policy_sections[] = {
    {"host", "zone require presence shared_keys host place language extension demo"},
    {"limits",
     "card_wait pin_wait finger_wait total finger_tries finger_presses lock_after lock_time "
     "lock_admin_only throttle_after throttle_delay operator_idle"},
    {"services", "remote account_exempt"},
    {"sensor", "sensors"},
    {"roster", "roster_warn roster_refuse"},
};

#define KEY_MAX  32
#define KEYS_MAX 64

struct reading {
    struct config *config;
    const char *path;
    FILE *file;
    FILE *faults;
    unsigned line;
    unsigned seen; /* bit n: own key n was given */
    struct {
        char name[KEY_MAX];
        unsigned line;
    } stood[KEYS_MAX]; /* where each key stood, for faults of the whole */
    size_t keys;
    bool good;
};

__attribute__((format(printf, 2, 3))) static void fault(struct reading *r, const char *format, ...)
{
    va_list ap;

    r->good = false;
    fputs(r->path, r->faults);
    if (r->line > 0)
        fprintf(r->faults, ":%u", r->line);
    fputs(": ", r->faults);
    va_start(ap, format);
    vfprintf(r->faults, format, ap);
    va_end(ap);
    fputc('\n', r->faults);
}

static void skip_rest_of_line(struct reading *r)
{
    int c;

    do
        c = getc(r->file);
    while (c != EOF && c != '\n');
}

/* Why inih must not see this line; NULL where it may. */
static const char *line_fault(const char *line, size_t len, bool complete)
{
    if (!complete && len > CONFIG_LINE_MAX)
        return "line is too long";
    if (!complete)
        return "line holds a NUL octet";
    if (len > CONFIG_LINE_MAX)
        return "line is too long";
    if ((line[0] == ' ' || line[0] == '\t') && line[strspn(line, " \t\r")] != '\n')
        return "line begins with a blank: continuation lines are not supported";
    return NULL;
}

/* The fgets of inih: counts lines and keeps away what inih would cut or misread. */
static char *read_line(char *buf, int size, void *stream)
{
    struct reading *r = stream;
    char line[CONFIG_LINE_MAX + 3];
    const char *why;
    size_t len;

    if (size < (int)sizeof(line) || fgets(line, sizeof(line), r->file) == NULL)
        return NULL;
    r->line++;
    len = strcspn(line, "\n");
    why = line_fault(line, len, line[len] == '\n' || feof(r->file) != 0);
    if (why != NULL) {
        fault(r, "%s", why);
        if (line[len] != '\n')
            skip_rest_of_line(r);
        len = 0;
    }
    memcpy(buf, line, len);
    memcpy(buf + len, "\n", 2);
    return buf;
}

static const struct own_key *find_own(const char *name, unsigned *index)
{
    for (unsigned n = 0; n < OWN_KEYS; n++)
        if (strcmp(own_keys[n].name, name) == 0) {
            *index = n;
            return &own_keys[n];
        }
    return NULL;
}

static const char *section_of(const char *name)
{
    unsigned index = 0;
    const struct own_key *own = find_own(name, &index);

    if (own != NULL)
        return own->section;
    if (config_roster_knows(name))
        return "roster";
    for (size_t n = 0; n < sizeof(policy_sections) / sizeof(policy_sections[0]); n++)
        if (policy_listed(policy_sections[n].names, name))
            return policy_sections[n].section;
    return NULL;
}

static void set_own(struct reading *r, const struct own_key *key, unsigned index, const char *value)
{
    char *field = (char *)r->config + key->offset;

    if ((r->seen & 1u << index) != 0)
        fault(r, "\"%s\" is given twice", key->name);
    else if (value[0] == '\0' || strlen(value) >= key->cap)
        fault(r, "\"%s\" needs a value of 1 to %zu octets", key->name, key->cap - 1);
    else if (key->path && value[0] != '/')
        fault(r, "\"%s\" needs an absolute path", key->name);
    else
        memcpy(field, value, strlen(value) + 1);
    r->seen |= 1u << index;
}

static void set_policy(struct reading *r, const char *name, const char *value)
{
    char why[256] = "";

    if (policy_set(&r->config->policy, name, value, why, sizeof(why)) != POLICY_OK)
        fault(r, "%s", why);
}

static void set_roster(struct reading *r, const char *name, const char *value)
{
    char why[256] = "";

    if (config_roster_set(&r->config->roster, name, value, why, sizeof(why)) != POLICY_OK)
        fault(r, "%s", why);
}

static void set_hr(struct reading *r, const char *name, const char *value)
{
    char why[256] = "";

    if (!config_hr_set(&r->config->hr, name, value, why, sizeof(why)))
        fault(r, "%s", why);
}

static void remember_line(struct reading *r, const char *name)
{
    if (r->keys == KEYS_MAX || strlen(name) >= KEY_MAX)
        return;
    memcpy(r->stood[r->keys].name, name, strlen(name) + 1);
    r->stood[r->keys++].line = r->line;
}

/* 0 where the key is missing. `fault_text` begins with the key: "require: ...". */
static unsigned line_of(const struct reading *r, const char *fault_text)
{
    size_t len = strcspn(fault_text, ":");

    for (size_t n = 0; n < r->keys; n++)
        if (strlen(r->stood[n].name) == len && memcmp(r->stood[n].name, fault_text, len) == 0)
            return r->stood[n].line;
    return 0;
}

static int handle(void *user, const char *section, const char *name, const char *value)
{
    struct reading *r = user;
    const char *wanted = section_of(name);
    unsigned index = 0;
    const struct own_key *own = find_own(name, &index);

    if (strcmp(section, "hr") == 0) {
        set_hr(r, name, value);
        return 1;
    }
    remember_line(r, name);
    if (wanted == NULL && config_hr_knows(name))
        fault(r, "\"%s\" belongs to section [hr], not [%s]", name, section);
    else if (wanted == NULL)
        fault(r, "unknown key \"%s\"", name);
    else if (strcmp(section, wanted) != 0)
        fault(r, "\"%s\" belongs to section [%s], not [%s]", name, wanted, section);
    else if (own != NULL)
        set_own(r, own, index, value);
    else if (config_roster_knows(name))
        set_roster(r, name, value);
    else
        set_policy(r, name, value);
    return 1;
}

static void set_standards(struct config *config)
{
    *config = (struct config){0};
    policy_init(&config->policy);
    config_roster_init(&config->roster);
    config_hr_init(&config->hr);
    for (size_t n = 0; n < OWN_KEYS; n++)
        snprintf((char *)config + own_keys[n].offset, own_keys[n].cap, "%s", own_keys[n].standard);
}

static void name_host(struct policy *policy)
{
    char name[POLICY_NAME_MAX] = "";

    if (policy->host[0] == '\0' && gethostname(name, sizeof(name) - 1) == 0)
        policy_set(policy, "host", name, NULL, 0);
}

static void finish(struct reading *r)
{
    struct config *config = r->config;
    char why[256] = "";

    name_host(&config->policy);
    if (policy_finish(&config->policy, why, sizeof(why)) != POLICY_OK ||
        config_roster_finish(&config->roster, &config->policy, why, sizeof(why)) != POLICY_OK) {
        r->line = line_of(r, why);
        fault(r, "%s", why);
    }
    if (config->sensor_socket[0] != '\0' && !config->policy.demo) {
        r->line = line_of(r, "sensor_socket");
        fault(r, "\"sensor_socket\" needs demo = yes");
    }
}

bool config_load(struct config *config, const char *path, FILE *faults)
{
    struct reading r = {.config = config, .path = path, .faults = faults, .good = true};
    char why[PATH_MAX + 128] = "";
    int fd, bad;

    set_standards(config);
    fd = file_open_trusted(path, 022, why, sizeof(why));
    r.file = fd < 0 ? NULL : fdopen(fd, "r");
    if (r.file == NULL) {
        fprintf(faults, "%s\n", fd < 0 ? why : "out of memory");
        if (fd >= 0)
            close(fd);
        return false;
    }
    bad = ini_parse_stream(read_line, &r, handle, &r);
    if (bad > 0) {
        r.line = (unsigned)bad;
        fault(&r, "neither \"[section]\", \"key = value\" nor a comment");
    }
    if (ferror(r.file))
        fault(&r, "cannot be read to its end");
    if (r.good)
        finish(&r);
    fclose(r.file);
    return r.good;
}

static void print_policy(const struct policy *p, FILE *out)
{
    char require[32];

    policy_factors_format(p->require, require, sizeof(require));
    fprintf(out, "zone = %s\nrequire = %s\nhost = %s\nlanguage = %s\nextension = %s\n",
            policy_zone_name(p->zone), require, p->host, p->language, p->extension);
    fprintf(out, "place = %s\n", p->place);
    fprintf(out, "presence = %s\nshared_keys = %s\ndemo = %s\n", p->tap ? "tap" : "required",
            p->shared_keys ? "yes" : "no", p->demo ? "yes" : "no");
    fprintf(out, "card_wait = %u\npin_wait = %u\nfinger_wait = %u\ntotal = %u\n", p->card_wait,
            p->pin_wait, p->finger_wait, p->total);
    fprintf(out, "finger_tries = %u\nfinger_presses = %u\nlock_after = %u\nlock_time = %u\n",
            p->finger_tries, p->finger_presses, p->lock_after, p->lock_time);
    fprintf(out, "lock_admin_only = %s\nthrottle_after = %u\nthrottle_delay = %u\n",
            p->lock_admin_only ? "yes" : "no", p->throttle_after, p->throttle_delay);
    fprintf(out, "operator_idle = %u\n", p->operator_idle);
    fprintf(out, "remote = %s\naccount_exempt = %s\nsensors = %s\n", p->remote, p->exempt,
            p->sensors);
    if (p->roster_refuse > 0)
        fprintf(out, "roster_warn = %u\nroster_refuse = %u\n", p->roster_warn, p->roster_refuse);
}

void config_print(const struct config *config, FILE *out)
{
    print_policy(&config->policy, out);
    config_roster_print(&config->roster, out);
    for (size_t n = 0; n < OWN_KEYS; n++)
        fprintf(out, "%s = %s\n", own_keys[n].name, (const char *)config + own_keys[n].offset);
    config_hr_print(&config->hr, out);
}
