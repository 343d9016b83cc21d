/* SPDX-License-Identifier: Apache-2.0
 *
 * admin.sock: the table of verbs and the first look at a call.
 */
#include "core/wire/wipe.h"
#include "toyamad/log.h"
#include "toyamad/passed.h"
#include "toyamad/situations.h"
#include "toyamad/station.h"
#include "toyamad/task.h"

#include <stdlib.h>
#include <string.h>

enum verb_file { FILE_NONE, FILE_IN, FILE_OUT };

/* Whose part a verb is, see `rights`. A row that says nothing is the registrar's. */
enum verb_need {
    NEED_REGISTER = 0, /* people, cards, fingers; exports */
    NEED_LOOK,
    NEED_HELP,       /* stopping, testing, unlocking, rosters: the helpdesk's work */
    NEED_ADMINISTER, /* the host */
    NEED_CARRY,      /* what other hosts get */
    NEED_ROLES,
    NEED_SYNC,   /* toyama-sync and root */
    NEED_NOTHING /* every operator and root */
};

/* Which operators may. uid 0, where nobody opened, may everything on a stand-alone host, and
 * elsewhere what does not change people: those changes must be somebody's. */
static const struct {
    uint8_t roles;
    bool root_anywhere;
} rights[] = {
    [NEED_REGISTER] = {ROSTER_REGISTRAR, false},
    [NEED_LOOK] = {ROSTER_ROLES_ALL, true},
    [NEED_HELP] = {ROSTER_REGISTRAR | ROSTER_ADMINISTRATOR, true},
    [NEED_ADMINISTER] = {ROSTER_ADMINISTRATOR, true},
    [NEED_CARRY] = {ROSTER_REGISTRAR | ROSTER_ADMINISTRATOR, false},
    [NEED_ROLES] = {ROSTER_REGISTRAR, false},
    [NEED_SYNC] = {0, true},
    [NEED_NOTHING] = {0, true},
};

/* Which keys a call must and may have; anything else is refused. */
struct verb {
    const char *name;
    const char *must, *may;
    bool registry; /* useless without a good registry */
    void (*run)(struct task *t);
    enum verb_file file; /* task->fd; one that is not wanted, or missing, is refused */
    enum verb_need need;
};

static const struct verb verbs[] = {
    {"status", "", "", false, host_status, FILE_NONE, NEED_NOTHING},
    {"devices", "", "", false, host_devices, FILE_NONE, NEED_LOOK},
    {"person.add", "number name login category",
     "kana section from until share zones hosts escort hours form", true, person_add},
    {"person.change", "person",
     "name kana section category login share until zones hosts escort hours form from cancel", true,
     person_change},
    {"person.show", "person", "", true, person_show, FILE_NONE, NEED_LOOK},
    {"person.list", "", "", true, person_list, FILE_NONE, NEED_LOOK},
    {"person.remove", "person", "", true, person_remove},
    {"exception.add", "person factors hosts until reason", "from form", true, exception_add},
    {"exception.end", "person", "", true, exception_end},
    {"exception.list", "", "person", true, exception_list, FILE_NONE, NEED_LOOK},
    {"card.enroll", "person", "label reader master replaces reason second form zones", true,
     card_enroll},
    {"card.issue", "person", "label reader version lock replaces reason second form zones", true,
     card_issue},
    {"yubikey.enroll", "person", "label slot no-touch replace code until form zones", true,
     yubikey_enroll},
    {"yubikey.remove", "person", "card", true, yubikey_remove},
    {"yubikey.return", "person", "card reason form", true, yubikey_return},
    {"card.stop", "person", "card reason form", true, card_stop, FILE_NONE, NEED_HELP},
    {"card.suspend", "person", "card reason form until", true, card_suspend, FILE_NONE, NEED_HELP},
    {"card.resume", "person", "card reason form", true, card_resume, FILE_NONE, NEED_CARRY},
    {"roster.extend", "until", "reason form", true, roster_extend, FILE_NONE, NEED_CARRY},
    {"temporary.issue", "person", "reason form label reader", true, temporary_issue, FILE_NONE,
     NEED_CARRY},
    {"temporary.return", "person", "card", true, temporary_return, FILE_NONE, NEED_HELP},
    {"temporary.list", "", "", true, temporary_list, FILE_NONE, NEED_LOOK},
    {"stop", "code", "", true, stop_by_code, FILE_NONE, NEED_HELP},
    {"card.found", "person", "card form", true, card_found, FILE_NONE, NEED_HELP},
    {"card.return", "person", "card reason form", true, card_return},
    {"card.destroy", "person witness form", "card", true, card_destroy},
    {"card.test", "person", "", true, card_test, FILE_NONE, NEED_HELP},
    {"card.list", "", "person", true, card_list, FILE_NONE, NEED_LOOK},
    {"card.change-pin", "person", "card", true, card_change_pin, FILE_NONE, NEED_HELP},
    {"card.unblock", "person", "card", true, card_unblock, FILE_NONE, NEED_HELP},
    {"pin.set", "person", "generate zones", true, pin_set},
    {"pin.remove", "person", "", true, pin_remove},
    {"pin.change", "person", "", true, pin_change, FILE_NONE, NEED_HELP},
    {"finger.enroll", "person finger", "", true, finger_enroll},
    {"finger.delete", "person finger", "", true, finger_delete},
    {"finger.test", "person", "", true, finger_test, FILE_NONE, NEED_HELP},
    {"hr.apply", "", "from partial dry-run expect", true, hr_apply, FILE_IN},
    {"lockout.show", "", "person", true, lockout_show, FILE_NONE, NEED_LOOK},
    {"lockout.clear", "person", "", true, lockout_clear, FILE_NONE, NEED_HELP},
    {"audit.show", "", "last", true, audit_show, FILE_NONE, NEED_LOOK},
    {"audit.verify", "", "", true, audit_check, FILE_NONE, NEED_LOOK},
    {"audit.head", "", "key", true, audit_head_show, FILE_NONE, NEED_LOOK},
    {"person.retire", "person", "until reason form", true, person_retire},
    {"person.tidy", "", "dry-run", true, person_tidy, FILE_NONE, NEED_HELP},
    {"card.unused", "", "days suspend dry-run", true, card_unused, FILE_NONE, NEED_HELP},
    {"support.list", "", "", true, support_list, FILE_NONE, NEED_LOOK},
    {"contractor.list", "", "", true, contractor_list, FILE_NONE, NEED_LOOK},
    {"deputy.prepare", "person until", "label reader form zones", true, deputy_prepare},
    {"deputy.open", "person hours reason", "card form", true, deputy_open, FILE_NONE, NEED_HELP},
    {"deputy.list", "", "person", true, deputy_list, FILE_NONE, NEED_LOOK},
    {"stock.add", "from to", "dry-run", true, stock_add},
    {"stock.list", "", "place", true, stock_list, FILE_NONE, NEED_LOOK},
    {"stock.count", "", "", true, stock_count, FILE_NONE, NEED_LOOK},
    {"audit.paper", "sequence", "", true, audit_paper, FILE_NONE, NEED_LOOK},
    {"operator.open", "person", "", true, operator_open, FILE_NONE, NEED_NOTHING},
    {"operator.close", "", "", true, operator_shut, FILE_NONE, NEED_NOTHING},
    {"operator.status", "", "", true, operator_status, FILE_NONE, NEED_NOTHING},
    {"role.grant", "person role", "", true, role_grant, FILE_NONE, NEED_ROLES},
    {"role.revoke", "person role", "", true, role_revoke, FILE_NONE, NEED_ROLES},
    {"role.list", "", "", true, role_list, FILE_NONE, NEED_LOOK},
    {"approver.enroll", "person", "", true, approver_enroll, FILE_NONE, NEED_ROLES},
    {"approver.test", "", "times", true, approver_test, FILE_NONE, NEED_HELP},
    {"clock.accept", "", "", true, clock_accept, FILE_NONE, NEED_ADMINISTER},
    {"roster.import", "", "hash verbose", true, roster_import, FILE_IN, NEED_HELP},
    {"roster.verify", "", "verbose", true, roster_verify, FILE_IN, NEED_LOOK},
    {"roster.inspect", "", "", true, roster_inspect, FILE_IN, NEED_LOOK},
    {"roster.status", "", "", true, roster_status, FILE_NONE, NEED_NOTHING},
    {"roster.issue", "", "number", true, roster_issue, FILE_OUT, NEED_LOOK},
    {"roster.record", "person", "", true, roster_record, FILE_OUT, NEED_LOOK},
    {"roster.hashes", "", "", true, roster_hashes, FILE_OUT, NEED_LOOK},
    {"sync.look", "", "", true, sync_look, FILE_NONE, NEED_SYNC},
    {"sync.take", "", "", true, sync_take, FILE_IN, NEED_SYNC},
    {"sync.roster", "base", "", true, sync_roster, FILE_OUT, NEED_SYNC},
    {"sync.events", "after", "", true, sync_events, FILE_OUT, NEED_SYNC},
    {"sync.counters", "", "", true, sync_counters, FILE_OUT, NEED_SYNC},
    {"sync.counters.take", "", "", true, sync_counters_take, FILE_IN, NEED_SYNC},
    {"sync.amendments", "", "", true, sync_amendments, FILE_OUT, NEED_SYNC},
    {"sync.amendments.take", "", "seen", true, sync_amendments_take, FILE_IN, NEED_SYNC},
    {"sync.uses", "", "", true, sync_uses, FILE_OUT, NEED_SYNC},
    {"sync.uses.take", "", "", true, sync_uses_take, FILE_IN, NEED_SYNC},
    {"zone.add", "zone", "", true, zone_add, FILE_NONE, NEED_ADMINISTER},
    {"zone.list", "", "", true, zone_list, FILE_NONE, NEED_LOOK},
    {"zone.join-file", "zone host", "helpdesk", true, zone_join_file, FILE_OUT, NEED_ADMINISTER},
    {"zone.helpdesk-remove", "zone host", "", true, zone_helpdesk_remove, FILE_NONE,
     NEED_ADMINISTER},
    {"zone.resume", "zone number", "", true, zone_resume, FILE_NONE, NEED_ADMINISTER},
    {"zone.adopt", "zone", "", true, zone_adopt, FILE_IN, NEED_ADMINISTER},
    {"issue.preview", "", "renew", true, issue_preview, FILE_NONE, NEED_LOOK},
    {"issue.approve", "token", "renew", true, issue_approve, FILE_NONE, NEED_CARRY},
    {"ceremony", "", "", true, ceremony, FILE_NONE, NEED_ADMINISTER},
    {"roster.export", "zone", "media base", true, roster_export, FILE_OUT, NEED_CARRY},
    {"backup", "", "media", true, backup_make, FILE_OUT, NEED_ADMINISTER},
    {"key.rotate", "key", "zone end join-again", true, key_rotate, FILE_NONE, NEED_ADMINISTER},
};

static const struct verb *find_verb(const char *name)
{
    for (size_t n = 0; n < sizeof(verbs) / sizeof(verbs[0]); n++)
        if (strcmp(verbs[n].name, name) == 0)
            return &verbs[n];
    return NULL;
}

/* On a stand-alone host nobody approves an office: it is root's to give. */
static bool root_may(const struct task *t, const struct verb *verb)
{
    return t->client->uid == 0 &&
           (rights[verb->need].root_anywhere || t->broker->config.roster.kind == REGISTER_OWN ||
            station_begins(t->broker));
}

static bool operator_may(const struct task *t, const struct verb *verb)
{
    if (verb->need == NEED_ROLES && t->broker->config.roster.kind == REGISTER_OWN)
        return t->client->uid == 0;
    return (t->operator.roles & rights[verb->need].roles) != 0;
}

static void refuse(struct task *t, const struct verb *verb)
{
    struct chain_event event = {.kind = "call-refused"};

    if (t->client->sync || verb->need == NEED_SYNC) {
        task_done(t, ADMIN_REFUSED, NULL, "%s is not for %s", verb->name, t->operator.number);
        return;
    }
    if (!t->operator.open) {
        task_done(t, ADMIN_REFUSED, "X90", "%s needs an operator: \"operator open\" first",
                  verb->name);
        return;
    }
    chain_event_add(&event, "verb", verb->name);
    chain_event_add(&event, "person", task_get(t, "person"));
    chain_event_add(&event, "operator", t->operator.number);
    if (task_event_only(t, &event))
        task_done(t, ADMIN_REFUSED, "X89", "%s is not %s's to do", verb->name, t->operator.number);
}

static bool may_call(const struct task *t, const struct verb *verb)
{
    if (verb->need == NEED_SYNC || t->client->sync)
        return verb->need == NEED_SYNC && (t->client->sync || t->client->uid == 0);
    return verb->need == NEED_NOTHING ||
           (t->operator.open ? operator_may(t, verb) : root_may(t, verb));
}

/* False: the call was ended. */
static bool permitted(struct task *t, const struct verb *verb)
{
    bool may = may_call(t, verb);

    t->works = t->operator.open && verb->need != NEED_NOTHING && verb->need != NEED_SYNC;
    if (t->works)
        operator_stir(t->broker, t->client->uid);
    if (!may)
        refuse(t, verb);
    return may;
}

static bool keys_known(struct task *t, const struct verb *verb)
{
    for (size_t n = 0; n < t->pairs.count; n++) {
        const char *key = t->pairs.pair[n].key;
        if (!policy_listed(verb->must, key) && !policy_listed(verb->may, key)) {
            task_done(t, ADMIN_USAGE, NULL, "%s does not take \"%s\"", verb->name, key);
            return false;
        }
    }
    return true;
}

static bool keys_complete(struct task *t, const struct verb *verb)
{
    char must[128], *save = NULL;

    snprintf(must, sizeof(must), "%s", verb->must);
    for (char *key = strtok_r(must, " ", &save); key != NULL; key = strtok_r(NULL, " ", &save))
        if (task_get(t, key)[0] == '\0') {
            task_done(t, ADMIN_USAGE, NULL, "%s needs \"%s\"", verb->name, key);
            return false;
        }
    return true;
}

static bool file_fits(struct task *t, const struct verb *verb)
{
    int err = PASSED_OK;

    if (verb->file == FILE_NONE && t->fd < 0)
        return true;
    if (verb->file == FILE_NONE || t->fd < 0) {
        task_done(t, ADMIN_USAGE, NULL, "%s %s", verb->name,
                  t->fd < 0 ? "needs a file" : "does not take a file");
        return false;
    }
    err = verb->file == FILE_IN ? passed_readable(t->fd) : passed_writable(t->fd);
    if (err != PASSED_OK)
        task_done(t, ADMIN_USAGE, NULL, "the file of %s: %s", verb->name, passed_strerror(err));
    return err == PASSED_OK;
}

static void run(struct task *t)
{
    const struct verb *verb = find_verb(t->verb);

    if (verb == NULL)
        task_done(t, ADMIN_USAGE, NULL, "unknown verb \"%s\"", t->verb);
    else if (!t->broker->config_good && verb->run != host_status)
        task_done(t, ADMIN_MISCONFIGURED, NULL, "%s is not good: see \"toyama-enroll check\"",
                  t->broker->config_path);
    else if (verb->registry && !t->broker->registry_good)
        task_done(t, ADMIN_MISCONFIGURED, NULL, "%s", t->broker->registry_why);
    else if (permitted(t, verb) && keys_known(t, verb) && keys_complete(t, verb) &&
             file_fits(t, verb))
        verb->run(t);
}

static void start_task(struct client *c, const struct frame *f, int *passed)
{
    struct task *t = calloc(1, sizeof(*t));
    uint32_t version = 0;

    if (t == NULL || frame_u32(f, ADMIN_F_VERSION, &version) != WIRE_OK ||
        version != ADMIN_VERSION ||
        frame_text(f, ADMIN_F_VERB, t->verb, sizeof(t->verb)) != WIRE_OK ||
        crypto_random(t->id, sizeof(t->id)) != CRYPTO_OK ||
        (frame_has(f, ADMIN_F_PAIRS) &&
         admin_pairs_decode(f->field[ADMIN_F_PAIRS].val, f->field[ADMIN_F_PAIRS].len, &t->pairs) !=
             WIRE_OK)) {
        free(t);
        client_close(c);
        return;
    }
    t->broker = c->broker;
    t->client = c;
    operator_identify(c->broker, c->uid, &t->operator);
    t->fd = *passed;
    *passed = -1;
    c->task = t;
    run(t);
}

static void take_answer(struct task *t, const struct frame *f)
{
    char secret[AUTH_SECRET_MAX + 1] = "";
    size_t len = f->field[ADMIN_F_SECRET].len;

    if (t->ops == NULL || t->ops->answer == NULL || len >= sizeof(secret)) {
        task_done(t, ADMIN_USAGE, NULL, "an answer that was not asked for, or too long");
        return;
    }
    if (frame_has(f, ADMIN_F_SECRET) && len > 0)
        memcpy(secret, f->field[ADMIN_F_SECRET].val, len);
    t->ops->answer(t, secret);
    wire_wipe(secret, sizeof(secret));
}

void admin_packet(struct client *c, const uint8_t *buf, size_t len, int *passed)
{
    struct frame f;
    int r = frame_decode(buf, len, admin_to_broker, admin_to_broker_count, &f);

    c->idle = sd_event_source_disable_unref(c->idle);
    if (r == WIRE_OK && f.type == ADMIN_CALL && c->task == NULL) {
        start_task(c, &f, passed);
    } else if (r == WIRE_OK && f.type == ADMIN_ANSWER && c->task != NULL && *passed < 0) {
        take_answer(c->task, &f);
    } else {
        log_warning("admin.sock: pid %d broke the protocol", (int)c->pid);
        client_close(c);
    }
}
