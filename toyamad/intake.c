/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/intake.h"

#include "core/wire/wipe.h"
#include "toyamad/age.h"
#include "toyamad/decoy.h"
#include "toyamad/intake_keys.h"
#include "toyamad/log.h"
#include "toyamad/patience.h"
#include "toyamad/registry/amend.h"
#include "toyamad/sealed.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define DAY         86400
#define CLOCK_SLACK 600 /* seconds that a station's clock may be ahead of ours */

static int refuse(struct intake *in, int err, const char *why)
{
    snprintf(in->why, sizeof(in->why), "%s", why);
    return err;
}

static int of_roster(struct intake *in, int r)
{
    static const struct {
        int roster, err;
    } table[] = {
        {ROSTER_FORMAT, INTAKE_DAMAGED},
        {ROSTER_SEALED, INTAKE_DAMAGED},
        {ROSTER_SIGNATURE, INTAKE_SIGNATURE},
        {ROSTER_ROOT, INTAKE_SIGNATURE},
        {ROSTER_UNKNOWN_SIGNER, INTAKE_SIGNER},
        {ROSTER_UNAPPROVED, INTAKE_UNAPPROVED},
        {ROSTER_OWN_CHANGE, INTAKE_OWN_CHANGE},
        {ROSTER_OFFICES, INTAKE_OFFICES},
        {ROSTER_ZONE, INTAKE_ZONE},
        {ROSTER_OLD, INTAKE_OLD},
        {ROSTER_SAME, INTAKE_SAME},
        {ROSTER_CHAIN, INTAKE_CHAIN},
        {ROSTER_GAP, INTAKE_GAP},
    };

    if (r == ROSTER_OK)
        return INTAKE_OK;
    for (size_t n = 0; n < sizeof(table) / sizeof(table[0]); n++)
        if (table[n].roster == r)
            return refuse(in, table[n].err, roster_strerror(r));
    return refuse(in, INTAKE_FAILED, roster_strerror(r));
}

static int of_crypto(struct intake *in, int r)
{
    switch (r) {
    case CRYPTO_OK:
        return INTAKE_OK;
    case CRYPTO_OTHER_KEY:
        return refuse(in, INTAKE_KEY, crypto_strerror(r));
    case CRYPTO_BAD_SIGNATURE:
        return refuse(in, INTAKE_SIGNATURE, crypto_strerror(r));
    case CRYPTO_FORMAT:
    case CRYPTO_BAD_SEAL:
    case CRYPTO_LENGTH:
        return refuse(in, INTAKE_DAMAGED, crypto_strerror(r));
    default:
        return refuse(in, INTAKE_FAILED, crypto_strerror(r));
    }
}

static ssize_t read_head(int fd, char buf[ROSTER_FILE_HEAD_MAX])
{
    ssize_t n;

    do
        n = pread(fd, buf, ROSTER_FILE_HEAD_MAX, 0);
    while (n < 0 && errno == EINTR);
    return n;
}

/* The lines of text: whom the file is for, and whether the medium lost something of the rest. */
static int take_head(struct intake *in, const struct broker *b, int fd, size_t *len)
{
    uint8_t hash[CRYPTO_SHA256_LEN];
    char buf[ROSTER_FILE_HEAD_MAX];
    ssize_t n = read_head(fd, buf);
    struct stat st;

    if (n < 0 || fstat(fd, &st) != 0)
        return refuse(in, INTAKE_FAILED, strerror(errno));
    if ((uint64_t)st.st_size > INTAKE_FILE_MAX)
        return refuse(in, INTAKE_DAMAGED, "longer than a roster file can be");
    if (roster_file_parse(buf, (size_t)n, &in->head, len) != ROSTER_OK)
        return refuse(in, INTAKE_DAMAGED, "not a roster file");
    if (policy_zone_parse(in->head.zone) == ZONE_NONE)
        return refuse(in, INTAKE_DAMAGED, "a zone that there is not");
    if (strcmp(in->head.zone, b->registry.zone) != 0)
        return refuse(in, INTAKE_ZONE, "another zone");
    if (sealed_hash(fd, *len, hash) != CRYPTO_OK)
        return refuse(in, INTAKE_FAILED, "the file cannot be read");
    if (memcmp(hash, in->head.sha256, sizeof(hash)) != 0)
        return refuse(in, INTAKE_DAMAGED, "the hash of the file is another one than it says");
    return INTAKE_OK;
}

static int map_content(struct intake *in, const struct cms_content *content)
{
    in->map_len = (size_t)(content->offset + content->len);
    in->map = mmap(NULL, in->map_len, PROT_READ, MAP_PRIVATE, in->temp, 0);
    if (in->map == MAP_FAILED) {
        in->map = NULL;
        return refuse(in, INTAKE_FAILED, strerror(errno));
    }
    memcpy(in->signer, content->signer, sizeof(in->signer));
    return of_roster(in, roster_payload_open((const uint8_t *)in->map + content->offset,
                                             (size_t)content->len, &in->payload));
}

/* While the zone changes its keys, files are sealed for the one of before. */
static int open_sealed(struct intake *in, const struct roster_anchor *anchor, int fd, size_t len,
                       struct cms_content *content)
{
    int r = sealed_open(fd, len, anchor->key, anchor->key_len, NULL, in->temp, content);

    if (r != CRYPTO_OTHER_KEY || anchor->old_key_len == 0)
        return r;
    in->old_key = true;
    return sealed_open(fd, len, anchor->old_key, anchor->old_key_len, NULL, in->temp, content);
}

int intake_open(struct intake *in, struct broker *b, int fd)
{
    struct cms_content content;
    size_t len = 0;
    int err;

    *in = (struct intake){.from_file = true, .temp = -1};
    patience(true);
    if ((err = take_head(in, b, fd, &len)) != INTAKE_OK)
        return err;
    in->temp = memfd_create("roster", MFD_CLOEXEC);
    if (in->temp < 0)
        return refuse(in, INTAKE_FAILED, strerror(errno));
    err = of_crypto(in, open_sealed(in, &b->keys.anchor, fd, len, &content));
    return err != INTAKE_OK ? err : map_content(in, &content);
}

int intake_open_payload(struct intake *in, struct broker *b, const void *octets, size_t len)
{
    (void)b;
    *in = (struct intake){.temp = -1};
    patience(true);
    return of_roster(in, roster_payload_open(octets, len, &in->payload));
}

/* A file that says another thing of itself than was signed misleads whoever carries it. */
static bool head_agrees(const struct intake *in)
{
    const struct roster_issue *issue = &in->take.trust.issue;

    return in->head.number == issue->number && in->head.created == issue->created &&
           in->head.people == issue->count && in->head.base == in->payload.base &&
           memcmp(in->head.previous, issue->previous, sizeof(issue->previous)) == 0;
}

static int check_age(struct intake *in, struct broker *b)
{
    const uint32_t days = b->config.policy.roster_refuse;
    int64_t age = broker_now(b) - in->take.trust.issue.created;

    if (age < -CLOCK_SLACK)
        return refuse(in, INTAKE_FUTURE, "made later than this host's clock says");
    if (days != 0 && age / DAY >= days)
        return refuse(in, INTAKE_AGED, "older than this host takes a roster (roster_refuse)");
    return INTAKE_OK;
}

static int check_keys(struct intake *in, struct broker *b)
{
    struct roster_anchor next;
    bool good = intake_keys_find(in, b, &next);

    wire_wipe(&next, sizeof(next));
    return good ? INTAKE_OK : refuse(in, INTAKE_KEY, "the zone has new keys that are not for us");
}

int intake_check(struct intake *in, struct broker *b)
{
    int err;

    roster_take_free(&in->take);
    err = of_roster(in, registry_import_check(&b->registry, &in->payload,
                                              in->from_file ? in->signer : NULL, &in->take));
    if (err != INTAKE_OK)
        return err;
    if (in->from_file && !head_agrees(in))
        return refuse(in, INTAKE_DAMAGED, "the file says another thing of itself than was signed");
    if ((err = check_keys(in, b)) == INTAKE_OK)
        err = check_age(in, b);
    in->checked = err == INTAKE_OK;
    return err;
}

static void add_number(struct chain_event *event, const char *key, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    chain_event_add(event, key, text);
}

static void add_origin(const struct intake *in, const struct intake_origin *origin,
                       struct chain_event *event)
{
    if (in->from_file && in->head.number != 0)
        chain_event_add(event, "media", in->head.media);
    chain_event_add(event, "source", origin->source);
    if (origin->name != NULL)
        chain_event_add(event, "file", origin->name);
    if (origin->by != NULL)
        chain_event_add(event, "operator", origin->by);
}

static void describe(const struct intake *in, const struct intake_origin *origin,
                     struct chain_event *event)
{
    static const char *const kind[ROSTER_TAKEN_KINDS] = {"added", "changed", "stopped", "removed"};

    snprintf(event->kind, sizeof(event->kind), "roster-imported");
    add_number(event, "from", in->take.from);
    add_number(event, "to", in->take.trust.issue.number);
    add_number(event, "people", in->take.trust.issue.count);
    for (size_t n = 0; n < ROSTER_TAKEN_KINDS; n++)
        add_number(event, kind[n], in->take.count[n]);
    add_origin(in, origin, event);
}

static int write_all(struct intake *in, struct broker *b, struct chain_event *event)
{
    int64_t now = broker_now(b);
    int err = registry_import_begin(&b->registry, &in->take);

    if (err == REGISTRY_OK &&
        (err = registry_import_write(&b->registry, &in->payload, &in->take)) == REGISTRY_OK &&
        (err = audit_append(&b->audit, event, now)) == REGISTRY_OK &&
        (err = registry_meta_put(&b->registry, INTAKE_META, (int64_t)event->sequence)) ==
            REGISTRY_OK &&
        (err = registry_commit(&b->registry)) == REGISTRY_OK) {
        registry_import_settle(&b->registry, &in->take);
        audit_settle(&b->audit);
    } else {
        registry_rollback(&b->registry);
        audit_forget(&b->audit);
    }
    registry_import_end(&b->registry, &in->take);
    return err;
}

/* Who stands in for unknown people must look like most of those who are there now. */
static void recount(const struct intake *in, struct broker *b)
{
    struct roster_record record;

    for (size_t n = 0; n < in->take.rows; n++) {
        const struct roster_take_row *row = &in->take.row[n];
        if (row->kind == ROSTER_TAKEN_REMOVED)
            decoy_remove(b->decoy, row->id);
        else if (roster_record_decode(row->der, row->len, &record) == ROSTER_OK) {
            registry_amends_apply(&b->registry, &record);
            decoy_put(b->decoy, &record);
        }
    }
}

static int of_registry(struct intake *in, int r)
{
    if (r == REGISTRY_OK)
        return INTAKE_OK;
    if (r == REGISTRY_EXISTS)
        return refuse(in, INTAKE_CLASH, "two people have the same number, card or key");
    return refuse(in, r == REGISTRY_STORE ? INTAKE_STORE : INTAKE_FAILED, registry_strerror(r));
}

int intake_install(struct intake *in, struct broker *b, const struct intake_origin *origin)
{
    struct chain_event event = {0};
    int err = in->checked ? INTAKE_OK : intake_check(in, b);

    if (err != INTAKE_OK)
        return err;
    describe(in, origin, &event);
    if ((err = intake_keys_put(in, b)) != INTAKE_OK ||
        (err = of_registry(in, write_all(in, b, &event))) != INTAKE_OK)
        return err;
    intake_keys_settle(in, b);
    recount(in, b);
    log_notice("roster: issue %llu is installed, %llu people, from %s",
               (unsigned long long)b->registry.issue.number,
               (unsigned long long)b->registry.issue.count, origin->source);
    return INTAKE_OK;
}

int intake_refused(const struct intake *in, struct broker *b, int err,
                   const struct intake_origin *origin)
{
    struct chain_event event = {.kind = "roster-refused"};

    chain_event_add(&event, "cause", intake_word(err));
    if (in->from_file && in->head.number != 0) {
        chain_event_add(&event, "zone", in->head.zone);
        add_number(&event, "number", in->head.number);
    }
    add_origin(in, origin, &event);
    log_warning("roster: refused: %s", in->why);
    return audit_write(&b->audit, &event, broker_now(b));
}

void intake_close(struct intake *in)
{
    roster_take_free(&in->take);
    if (in->map != NULL)
        munmap(in->map, in->map_len);
    if (in->temp >= 0)
        close(in->temp);
    in->map = NULL;
    in->temp = -1;
    patience(false);
}
