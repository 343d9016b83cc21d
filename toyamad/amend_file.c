/* SPDX-License-Identifier: Apache-2.0
 *
 * Amendments and stop codes as files: the outbox, the inbox, and what comes from the database.
 */
#include "toyamad/amend.h"

#include "core/wire/wipe.h"
#include "toyamad/log.h"
#include "toyamad/names.h"
#include "toyamad/registry/amend.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AMEND_SUFFIX ".amend"
#define STOP_SUFFIX  ".stop"
#define NAME_CAP     80
#define HOUR         3600
/* Files with a wrong stop code that are looked at in an hour: 50 ms each. */
#define WRONG_STOPS 20
#define REFUSALS    32 /* that are recorded in an hour */

struct outbox {
    int dir;
    bool good;
};

static bool write_whole(int fd, const uint8_t *p, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

/* Under another name first: nobody must read half of it. Everybody may read the whole. */
static bool leave(int dir, const char *name, const uint8_t *der, size_t len)
{
    char next[NAME_CAP + 8];
    bool good;
    int fd;

    snprintf(next, sizeof(next), ".%s.new", name);
    unlinkat(dir, next, 0);
    fd = openat(dir, next, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
    if (fd < 0)
        return false;
    good = fchmod(fd, 0644) == 0 && write_whole(fd, der, len) && fsync(fd) == 0;
    close(fd);
    if (good && renameat(dir, next, dir, name) == 0)
        return fsync(dir) == 0;
    unlinkat(dir, next, 0);
    return false;
}

static bool leave_row(void *ctx, const uint8_t id[ROSTER_ID_LEN], const uint8_t *der, size_t len)
{
    struct outbox *box = ctx;
    struct stop_code code;
    struct stat st;
    char hex[2 * ROSTER_ID_LEN + 1], name[NAME_CAP];
    bool stop = stop_notice_decode(der, len, &code) == STOP_OK;

    wire_wipe(&code, sizeof(code));
    names_hex(id, ROSTER_ID_LEN, hex);
    snprintf(name, sizeof(name), "%s%s", hex, stop ? STOP_SUFFIX : AMEND_SUFFIX);
    if (fstatat(box->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0)
        return true;
    box->good = leave(box->dir, name, der, len);
    if (!box->good)
        log_error("roster_outbox: %s: %s", name, strerror(errno));
    return box->good;
}

bool amend_publish(struct broker *b)
{
    const char *path = b->config.roster.outbox;
    struct outbox box = {.good = true};
    int dir;

    if (!b->registry_good || path[0] == '\0')
        return true;
    dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir < 0) {
        log_error("roster_outbox: %s: %s", path, strerror(errno));
        return false;
    }
    box.dir = dir;
    if (registry_amends_each(&b->registry, leave_row, &box) != REGISTRY_OK)
        box.good = false;
    close(dir);
    return box.good;
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name), tail = strlen(suffix);

    return len > tail && strcmp(name + len - tail, suffix) == 0;
}

bool amend_file_name(const char *name)
{
    return name[0] != '.' && (ends_with(name, AMEND_SUFFIX) || ends_with(name, STOP_SUFFIX));
}

struct content {
    const char *name;
    uint8_t octets[ROSTER_AMENDED_MAX + 1];
    size_t len;
};

/* A file that somebody is still writing is read again later: what it says must then hold. */
static bool read_file(int dirfd, struct content *c)
{
    int fd = openat(dirfd, c->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    ssize_t n = -1;

    if (fd < 0)
        return false;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        n = read(fd, c->octets, sizeof(c->octets));
    close(fd);
    c->len = n > 0 ? (size_t)n : 0;
    return n >= 0;
}

static bool fingerprint(const struct broker *b, const struct content *c,
                        uint8_t out[CRYPTO_SHA256_LEN])
{
    const uint64_t issue = b->registry.issue.number;

    return crypto_sha256_two(c->octets, c->len, &issue, sizeof(issue), out) == CRYPTO_OK;
}

/* Whether the file, as it is, was of no use under this issue before. */
static bool is_known(const struct broker *b, const struct content *c)
{
    uint8_t hash[CRYPTO_SHA256_LEN];
    bool known = false;

    if (fingerprint(b, c, hash))
        for (size_t n = 0; n < BROKER_REFUSED_MAX; n++)
            known = known || memcmp(b->refused.hash[n], hash, sizeof(hash)) == 0;
    return known;
}

static void remember(struct broker *b, const struct content *c)
{
    if (fingerprint(b, c, b->refused.hash[b->refused.next]))
        b->refused.next = (b->refused.next + 1) % BROKER_REFUSED_MAX;
}

static void turn_hour(struct broker *b)
{
    int64_t now = broker_now(b);

    if (now - b->refused.since < HOUR && now >= b->refused.since)
        return;
    b->refused.since = now;
    b->refused.stops = 0;
    b->refused.told = 0;
}

/* Somebody who leaves files must not fill the log. */
static bool may_tell(struct broker *b)
{
    turn_hour(b);
    if (b->refused.told == REFUSALS)
        log_warning("many bad amendments: no more are recorded within this hour");
    return b->refused.told++ < REFUSALS;
}

static enum amend_take refuse(struct broker *b, const struct content *c, const char *why)
{
    struct chain_event event = {.kind = "amendment-refused"};

    if (is_known(b, c))
        return AMEND_REFUSED;
    remember(b, c);
    if (!may_tell(b))
        return AMEND_REFUSED;
    log_error("%s is refused: %s", c->name, why);
    chain_event_add(&event, "file", c->name);
    chain_event_add(&event, "cause", why);
    if (audit_write(&b->audit, &event, broker_now(b)) != REGISTRY_OK)
        log_error("that could not be recorded");
    return AMEND_REFUSED;
}

static void add_id(struct chain_event *event, const char *key, const uint8_t id[ROSTER_ID_LEN])
{
    static const uint8_t none[ROSTER_ID_LEN];
    char hex[2 * ROSTER_ID_LEN + 1];

    if (memcmp(id, none, sizeof(none)) == 0)
        return;
    names_hex(id, ROSTER_ID_LEN, hex);
    chain_event_add(event, key, hex);
}

static void add_person(struct broker *b, struct chain_event *event, const char *key,
                       const uint8_t id[ROSTER_ID_LEN])
{
    struct roster_record r;

    if (registry_by_id(&b->registry, id, &r) == REGISTRY_OK)
        chain_event_add(event, key, r.number);
    else
        add_id(event, key, id);
}

static void describe(struct broker *b, const struct roster_amendment *a, struct chain_event *event)
{
    char until[24];

    *event = (struct chain_event){.kind = "amendment-taken"};
    chain_event_add(event, "what", roster_amends_name(a->kind));
    add_person(b, event, "person", a->person);
    add_id(event, "card", a->cards > 0 ? a->card[0].id : a->credential);
    chain_event_add(event, "reason", roster_reason_name(a->reason));
    names_time(a->until, until);
    if (until[0] != '\0')
        chain_event_add(event, "until", until);
    if (a->form[0] != '\0')
        chain_event_add(event, "form", a->form);
    add_person(b, event, "operator", a->operator);
}

/* `ahead`: it was signed for an issue that is still on its way. */
static enum amend_take outcome(struct broker *b, const struct content *c, int err, int r,
                               bool ahead)
{
    switch (err) {
    case REGISTRY_OK:
        return AMEND_TAKEN;
    case REGISTRY_EXISTS:
    case REGISTRY_OLD:
        return AMEND_KNOWN;
    case REGISTRY_NONE:
        return ahead ? AMEND_LATER : refuse(b, c, "it is about nobody here");
    case REGISTRY_ALTERED:
        return ahead ? AMEND_LATER : refuse(b, c, roster_strerror(r));
    default:
        log_error("%s: %s", c->name, registry_strerror(err));
        return AMEND_LATER;
    }
}

/* What restricts counts whatever the helpdesk's clock says; the rest waits until its time has come.
 */
static bool is_early(struct broker *b, const struct roster_amendment *a)
{
    return a->kind != ROSTER_AMEND_STOP && a->kind != ROSTER_AMEND_SUSPEND &&
           a->created - broker_now(b) > HOUR;
}

static enum amend_take take_amendment(struct broker *b, const struct content *c)
{
    struct roster_amended a;
    struct roster_amendment body, out;
    struct chain_event event;
    int r = ROSTER_OK, err;

    if (roster_amended_decode(c->octets, c->len, &a) != ROSTER_OK ||
        roster_amendment_decode(a.der, a.der_len, &body) != ROSTER_OK)
        return refuse(b, c, roster_strerror(ROSTER_FORMAT));
    if (is_early(b, &body))
        return AMEND_LATER;
    describe(b, &body, &event);
    err = amend_record(b, &a, &event, &out, &r);
    if (err == REGISTRY_OK)
        log_notice("amendment taken: %s", c->name);
    return outcome(b, c, err, r, body.number > b->registry.issue.number);
}

/* Nor keep the broker busy with them. */
static bool may_look(struct broker *b)
{
    turn_hour(b);
    return b->refused.stops < WRONG_STOPS;
}

static enum amend_take record_stop(struct broker *b, const struct content *c,
                                   const struct stop_code *code, const struct roster_record *r,
                                   const struct roster_credential *credential)
{
    struct chain_event event = {.kind = "card-stopped"};

    if (credential->state != ROSTER_ACTIVE && credential->state != ROSTER_SUSPENDED)
        return AMEND_KNOWN;
    chain_event_add(&event, "person", r->number);
    add_id(&event, "card", credential->id);
    chain_event_add(&event, "reason", roster_reason_name(ROSTER_LOST));
    chain_event_add(&event, "by", "stop-file");
    return outcome(b, c, amend_record_stop(b, code, credential->id, &event), ROSTER_OK, false);
}

static enum amend_take take_stop(struct broker *b, const struct content *c)
{
    struct roster_record r;
    struct stop_code code;
    enum amend_take taken = AMEND_LATER;
    size_t at = 0;
    int err;

    if (stop_notice_decode(c->octets, c->len, &code) != STOP_OK)
        return refuse(b, c, roster_strerror(ROSTER_FORMAT));
    /* Whose code it is may be known with the next issue. */
    if (is_known(b, c) || !may_look(b))
        return AMEND_LATER;
    err = registry_stop_find(&b->registry, &code, &r, &at);
    if (err == REGISTRY_OK)
        taken = record_stop(b, c, &code, &r, &r.credential[at]);
    if (err == REGISTRY_NONE) {
        b->refused.stops++;
        remember(b, c);
    }
    wire_wipe(&code, sizeof(code));
    return taken;
}

static bool may_take(const struct broker *b, const char *name)
{
    return b->registry_good && amend_taken_host(b) && b->registry.installed &&
           amend_file_name(name);
}

static enum amend_take take(struct broker *b, const struct content *c)
{
    return ends_with(c->name, STOP_SUFFIX) ? take_stop(b, c) : take_amendment(b, c);
}

enum amend_take amend_take_octets(struct broker *b, const char *name, const uint8_t *octets,
                                  size_t len)
{
    struct content c = {.name = name, .len = len < sizeof(c.octets) ? len : sizeof(c.octets)};
    enum amend_take taken;

    if (!may_take(b, name))
        return AMEND_LATER;
    memcpy(c.octets, octets, c.len);
    taken = take(b, &c);
    wire_wipe(&c, sizeof(c));
    return taken;
}

enum amend_take amend_take_handed(struct broker *b, const uint8_t *octets, size_t len)
{
    struct content c = {.len = len < sizeof(c.octets) ? len : sizeof(c.octets)};
    char name[NAME_CAP], hex[2 * ROSTER_ID_LEN + 1];
    uint8_t hash[CRYPTO_SHA256_LEN];
    struct stop_code code;
    enum amend_take taken = AMEND_LATER;
    bool stop = stop_notice_decode(octets, len, &code) == STOP_OK;

    wire_wipe(&code, sizeof(code));
    if (crypto_sha256(octets, len, hash) != CRYPTO_OK)
        return AMEND_LATER;
    names_hex(hash, ROSTER_ID_LEN, hex);
    snprintf(name, sizeof(name), "database-%s%s", hex, stop ? STOP_SUFFIX : AMEND_SUFFIX);
    c.name = name;
    memcpy(c.octets, octets, c.len);
    if (may_take(b, name))
        taken = take(b, &c);
    if (taken == AMEND_LATER && is_known(b, &c))
        taken = AMEND_REFUSED;
    wire_wipe(&c, sizeof(c));
    return taken;
}

enum amend_take amend_take_file(struct broker *b, int dirfd, const char *name)
{
    struct content c = {.name = name};
    enum amend_take taken;

    if (!may_take(b, name) || !read_file(dirfd, &c))
        return AMEND_LATER;
    taken = take(b, &c);
    wire_wipe(&c, sizeof(c));
    return taken;
}
