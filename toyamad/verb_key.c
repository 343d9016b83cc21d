/* SPDX-License-Identifier: Apache-2.0
 *
 * key rotate: another key takes over from the authority's, the seal key, or those of a zone. Of the
 * first and the last the next approved issues of a station tell the zones; a stand-alone host tells
 * nobody.
 */
#include "core/wire/wipe.h"
#include "toyamad/log.h"
#include "toyamad/station/reseal.h"
#include "toyamad/station/swap.h"
#include "toyamad/verb_station.h"

#include <string.h>

void verb_key_end_rotation(struct broker *b)
{
    char why[256] = "";

    if (!keys_end_rotation(&b->keys, b->config.state, why, sizeof(why)))
        log_error("the authority's new key is in use, but not in its place yet: %s", why);
}

static bool begin(struct task *t)
{
    struct broker *b = t->broker;
    char why[256] = "";

    if (keys_begin_rotation(&b->keys, b->config.state, why, sizeof(why)))
        return true;
    task_done(t, ADMIN_FAILED, NULL, "%s", why);
    return false;
}

static int install(struct task *t, struct chain_event *event)
{
    struct broker *b = t->broker;
    struct registry_change change = {0};
    int err = registry_begin(&b->registry);

    registry_by(&b->registry, t->operator.id);
    registry_rotate(&b->registry);
    if (err == REGISTRY_OK &&
        (err = registry_note(&b->registry, NULL, 0, broker_now(b), &change)) == REGISTRY_OK &&
        (err = audit_append(&b->audit, event, broker_now(b))) == REGISTRY_OK &&
        (err = registry_commit(&b->registry)) == REGISTRY_OK) {
        registry_settle(&b->registry, &change);
        audit_settle(&b->audit);
        return REGISTRY_OK;
    }
    registry_rollback(&b->registry);
    registry_drop(&change);
    audit_forget(&b->audit);
    return err;
}

static void rotate_own(struct task *t, struct chain_event *event)
{
    struct broker *b = t->broker;
    int err;

    if (b->keys.next_len == 0 && !begin(t))
        return;
    if ((err = install(t, event)) != REGISTRY_OK) {
        task_fail_registry(t, err);
        return;
    }
    verb_key_end_rotation(b);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

static int put_next(struct station *st)
{
    uint8_t key[KEYS_PKCS8_MAX] = {0};
    size_t len = 0;
    int err = station_swap_begin(st);

    if (err == REGISTRY_OK && !keys_make_authority(key, &len))
        err = station_fail(st, REGISTRY_FAILED, "the authority's key could not be made");
    if (err == REGISTRY_OK)
        err = swap_put(st->state, KEYS_NEXT_FILE, key, len, st->why, sizeof(st->why));
    wire_wipe(key, sizeof(key));
    return err;
}

static bool load_next(struct task *t, struct station *st)
{
    if (keys_load_next(&t->broker->keys, st->state, st->why, sizeof(st->why)))
        return true;
    task_done(t, ADMIN_FAILED, NULL, "%s", st->why);
    return false;
}

/* The author is noted before there is something of his to approve. */
static void rotate_station(struct task *t, struct chain_event *event)
{
    struct station st;
    int err;

    verb_station_fill(t, &st);
    if (t->broker->keys.next_len > 0)
        task_done(t, ADMIN_EXISTS, NULL, "the next key waits for the next approval already");
    else if ((err = put_next(&st)) != REGISTRY_OK)
        verb_station_failed(t, &st, err);
    else if (verb_station_swap(t, event) && load_next(t, &st))
        task_done(t, ADMIN_OK, NULL, "%s", "");
}

/* What is sealed already with the new key in the store follows in the files at the next start, if
 * not now. */
static void end_resealing(struct broker *b, const struct keys *fresh)
{
    char why[256] = "";

    memcpy(b->keys.seal, fresh->seal, sizeof(b->keys.seal));
    memcpy(b->keys.roster_seal, fresh->roster_seal, sizeof(b->keys.roster_seal));
    if (swap_finish(&b->registry, b->config.state, why, sizeof(why)) != REGISTRY_OK)
        log_error("the new seal key is in use, but not in its place yet: %s", why);
}

static void rotate_seal(struct task *t, struct chain_event *event)
{
    struct keys fresh = {0};
    struct station st;
    int err;

    verb_station_fill(t, &st);
    audit_ready(st.audit);
    err = reseal_store(&st, t->operator.id, event, &fresh);
    if (err == REGISTRY_OK) {
        end_resealing(t->broker, &fresh);
        task_done(t, ADMIN_OK, NULL, "%s", "");
    } else if (err == REGISTRY_REFUSED) {
        task_done(t, ADMIN_REFUSED, NULL, "%s", st.why);
    } else {
        verb_station_failed(t, &st, err);
    }
    wire_wipe(&fresh, sizeof(fresh));
}

static int change_keys(struct task *t, struct station *st, struct station_zone *zone)
{
    bool again = strcmp(task_get(t, "join-again"), "yes") == 0;

    return strcmp(task_get(t, "end"), "yes") == 0 ? zone_rekey_end(st, zone)
                                                  : zone_rekey(st, zone, !again);
}

/* The author is noted before there is something of his to approve. */
static void rotate_zone(struct task *t, struct chain_event *event)
{
    struct station_zone zone;
    struct station st;
    int err;

    if (!verb_station(t, &st) || !verb_station_resumed(t, task_get(t, "zone")))
        return;
    chain_event_add(event, "zone", task_get(t, "zone"));
    if (strcmp(task_get(t, "end"), "yes") == 0)
        chain_event_add(event, "end", "yes");
    if (strcmp(task_get(t, "join-again"), "yes") == 0)
        chain_event_add(event, "join-again", "yes");
    if ((err = zone_load(&st, task_get(t, "zone"), &zone)) != REGISTRY_OK ||
        (err = change_keys(t, &st, &zone)) != REGISTRY_OK)
        verb_station_failed(t, &st, err);
    else if (verb_zone_change(t, &st, event, &zone))
        task_done(t, ADMIN_OK, NULL, "%s", "");
    zone_wipe(&zone);
}

static bool words_fit(struct task *t, const char *key)
{
    bool zone = task_get(t, "zone")[0] != '\0', end = task_get(t, "end")[0] != '\0',
         again = task_get(t, "join-again")[0] != '\0';

    if (strcmp(key, "authority") != 0 && strcmp(key, "seal") != 0 && strcmp(key, "zone") != 0) {
        task_done(t, ADMIN_USAGE, NULL, "\"key\" is authority, seal or zone");
        return false;
    }
    if (zone == (strcmp(key, "zone") == 0) && (zone || !(end || again)) && !(end && again))
        return true;
    task_done(t, ADMIN_USAGE, NULL,
              "\"zone\", and \"end\" or \"join-again\", belong to the keys of a zone");
    return false;
}

void key_rotate(struct task *t)
{
    struct chain_event event = {.kind = "key-rotated"};
    const char *key = task_get(t, "key");

    if (!words_fit(t, key))
        return;
    chain_event_add(&event, "key", key);
    chain_event_add(&event, "operator", t->operator.number);
    if (t->broker->config.roster.kind == REGISTER_TAKEN)
        task_done(t, ADMIN_REFUSED, NULL, "the keys of this host come from its zone: join again");
    else if (strcmp(key, "zone") == 0)
        rotate_zone(t, &event);
    else if (strcmp(key, "seal") == 0)
        rotate_seal(t, &event);
    else if (t->broker->config.roster.kind == REGISTER_STATION)
        rotate_station(t, &event);
    else
        rotate_own(t, &event);
}
