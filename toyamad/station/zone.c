/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/zone.h"

#include "core/wire/wipe.h"
#include "toyamad/file.h"
#include "toyamad/registry/zones.h"
#include "toyamad/station/swap.h"
#include "toyamad/station/zone_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const all_zones[STATION_ZONES] = {"individual-number", "lgwan", "internet"};

static void path_of(const struct station *st, const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/zones/%s.key", st->state, name);
}

static void begin_chain(struct station *st, struct station_zone *z,
                        const struct roster_officer *officers, size_t count)
{
    struct roster_issue *issue = &z->anchor.issue;

    z->anchor.approval = true;
    memcpy(issue->zone, z->name, sizeof(issue->zone));
    issue->created = st->now;
    issue->officers = count;
    memcpy(issue->officer, officers, count * sizeof(*officers));
    crypto_spki_hash(st->keys->authority_spki, st->keys->authority_spki_len, issue->authority);
}

static bool make_keys(struct station *st, const char *name, struct roster_rekey *out)
{
    uint8_t spki[CRYPTO_SPKI_MAX];
    size_t spkilen = 0;

    return crypto_random(out->seal, sizeof(out->seal)) == CRYPTO_OK &&
           crypto_p256_generate(out->key, sizeof(out->key), &out->key_len, spki, sizeof(spki),
                                &spkilen) == CRYPTO_OK &&
           crypto_self_cert(out->key, out->key_len, name, true, st->now, out->cert,
                            sizeof(out->cert), &out->cert_len) == CRYPTO_OK;
}

static void use_keys(struct station_zone *z, const struct roster_rekey *keys)
{
    z->key_len = keys->key_len;
    memcpy(z->key, keys->key, sizeof(z->key));
    z->cert_len = keys->cert_len;
    memcpy(z->cert, keys->cert, sizeof(z->cert));
    memcpy(z->seal, keys->seal, sizeof(z->seal));
}

int zone_make(struct station *st, const char *name, const struct roster_officer *officers,
              size_t count, struct station_zone *out)
{
    struct roster_rekey keys = {0};
    bool made;

    *out = (struct station_zone){0};
    if (strlen(name) >= sizeof(out->name) || count > ROSTER_OFFICERS ||
        !roster_zones_parse(name, &out->bit) || (out->bit & (out->bit - 1)) != 0 || out->bit == 0)
        return station_fail(st, REGISTRY_NONE, "\"%.64s\" is not a zone", name);
    memcpy(out->name, name, strlen(name) + 1);
    begin_chain(st, out, officers, count);
    out->trust = out->anchor;
    made = make_keys(st, name, &keys);
    use_keys(out, &keys);
    wire_wipe(&keys, sizeof(keys));
    if (!made) {
        zone_wipe(out);
        return station_fail(st, REGISTRY_FAILED, "the keys of zone %s could not be made", name);
    }
    return REGISTRY_OK;
}

static int make_folder(struct station *st)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/zones", st->state);
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return station_fail(st, REGISTRY_STORE, "%.160s: %s", path, strerror(errno));
    return file_directory_trusted(path, st->why, sizeof(st->why)) ? REGISTRY_OK : REGISTRY_MODE;
}

static int seal_file(struct station *st, const struct station_zone *zone,
                     uint8_t file[ZONE_FILE_MAX], size_t *len)
{
    int err = make_folder(st);

    if (err != REGISTRY_OK)
        return err;
    return zone_file_seal(zone, st->keys->seal, file, ZONE_FILE_MAX, len)
               ? REGISTRY_OK
               : station_fail(st, REGISTRY_FAILED, "the keys of zone %s could not be sealed",
                              zone->name);
}

static int write_file(struct station *st, const struct station_zone *zone,
                      bool (*write)(const char *path, const void *data, size_t len, char *why,
                                    size_t whycap))
{
    uint8_t file[ZONE_FILE_MAX];
    char path[PATH_MAX];
    size_t len = 0;
    int err = seal_file(st, zone, file, &len);

    if (err != REGISTRY_OK)
        return err;
    path_of(st, zone->name, path);
    return write(path, file, len, st->why, sizeof(st->why)) ? REGISTRY_OK : REGISTRY_STORE;
}

int zone_create(struct station *st, const struct station_zone *zone)
{
    if (zone_exists(st, zone->name))
        return station_fail(st, REGISTRY_EXISTS, "zone %s has its keys already", zone->name);
    return write_file(st, zone, file_create_private);
}

int zone_replace(struct station *st, const struct station_zone *zone)
{
    return write_file(st, zone, file_replace_private);
}

int zone_put(struct station *st, const struct station_zone *zone)
{
    uint8_t file[ZONE_FILE_MAX];
    char name[ROSTER_TEXT_MAX + 16];
    size_t len = 0;
    int err = seal_file(st, zone, file, &len);

    snprintf(name, sizeof(name), "zones/%s.key", zone->name);
    if (err == REGISTRY_OK)
        err = station_swap_begin(st);
    return err != REGISTRY_OK ? err
                              : swap_put(st->state, name, file, len, st->why, sizeof(st->why));
}

bool zone_exists(struct station *st, const char *name)
{
    char path[PATH_MAX];

    path_of(st, name, path);
    return access(path, F_OK) == 0;
}

void zone_present_keys(const struct station_zone *z, struct roster_rekey *out)
{
    out->key_len = z->key_len;
    memcpy(out->key, z->key, sizeof(out->key));
    out->cert_len = z->cert_len;
    memcpy(out->cert, z->cert, sizeof(out->cert));
    memcpy(out->seal, z->seal, sizeof(out->seal));
}

/* The issue decides which keys are in use, whether or not the file was written since. Keys that are
 * not carried are sealed with themselves: only who has them takes the issue. */
static void follow_keys(struct station_zone *z)
{
    const struct roster_issue *issue = &z->trust.issue;
    struct roster_rekey keys = {0};
    bool carried = roster_rekey_open(issue, z->seal, &keys) == ROSTER_OK;

    z->handed = true;
    z->alone = carried && memcmp(keys.seal, z->seal, sizeof(keys.seal)) == 0;
    if (z->alone)
        goto out;
    if (carried)
        zone_present_keys(z, &z->old);
    else if (z->next.key_len == 0 || roster_rekey_open(issue, z->next.seal, &keys) != ROSTER_OK)
        goto out;
    z->alone = !carried;
    use_keys(z, &keys);
    wire_wipe(&z->next, sizeof(z->next));
out:
    wire_wipe(&keys, sizeof(keys));
}

static int step(void *ctx, const struct roster_signed *s)
{
    struct station_zone *zone = ctx;

    if (roster_chain_step(&zone->trust, s) != ROSTER_OK)
        return REGISTRY_ALTERED;
    if (zone->trust.issue.keys_len > 0)
        follow_keys(zone);
    return REGISTRY_OK;
}

static int walk_chain(struct station *st, struct station_zone *zone)
{
    int err;

    zone->trust = zone->anchor;
    err = zones_issue_each(st->reg, zone->name, 0, step, zone);
    if (err == REGISTRY_ALTERED)
        return station_fail(st, err, "the issues of zone %s break behind number %llu", zone->name,
                            (unsigned long long)zone->trust.issue.number);
    if (err != REGISTRY_OK)
        return station_fail(st, err, "the issues of zone %s: %s", zone->name,
                            registry_strerror(err));
    return REGISTRY_OK;
}

int zone_load(struct station *st, const char *name, struct station_zone *out)
{
    uint8_t file[ZONE_FILE_MAX];
    char path[PATH_MAX];
    size_t len = 0;
    int err;

    path_of(st, name, path);
    if (strchr(name, '/') != NULL || !zone_exists(st, name))
        return station_fail(st, REGISTRY_NONE, "this station has no zone \"%.64s\"", name);
    if (!file_read_private(path, file, sizeof(file), &len, st->why, sizeof(st->why)))
        return REGISTRY_MODE;
    if (!zone_file_open(file, len, st->keys->seal, name, out))
        return station_fail(st, REGISTRY_ALTERED, "%.160s does not open with this host's seal key",
                            path);
    err = walk_chain(st, out);
    if (err != REGISTRY_OK)
        zone_wipe(out);
    return err;
}

int zone_load_all(struct station *st, struct station_zone *const out[STATION_ZONES], size_t *count)
{
    int err = REGISTRY_OK;

    *count = 0;
    for (size_t n = 0; n < STATION_ZONES && err == REGISTRY_OK; n++) {
        if (!zone_exists(st, all_zones[n]))
            continue;
        if ((err = zone_load(st, all_zones[n], out[*count])) == REGISTRY_OK)
            (*count)++;
    }
    for (size_t n = 0; n < *count && err != REGISTRY_OK; n++)
        zone_wipe(out[n]);
    return err;
}

int zone_rekey(struct station *st, struct station_zone *zone, bool carried)
{
    if (zone->next.key_len > 0 || zone->old.key_len > 0)
        return station_fail(st, REGISTRY_EXISTS, "zone %s changes its keys already", zone->name);
    zone->carried = carried;
    return make_keys(st, zone->name, &zone->next)
               ? REGISTRY_OK
               : station_fail(st, REGISTRY_FAILED, "the keys of zone %s could not be made",
                              zone->name);
}

int zone_rekey_end(struct station *st, struct station_zone *zone)
{
    if (zone->next.key_len > 0)
        return station_fail(st, REGISTRY_NONE, "the issue with the new keys is not approved yet");
    if (zone->old.key_len == 0)
        return station_fail(st, REGISTRY_NONE, "zone %s does not change its keys", zone->name);
    wire_wipe(&zone->old, sizeof(zone->old));
    return REGISTRY_OK;
}

int zone_settle(struct station *st, const char *name)
{
    struct station_zone zone;
    int err = zone_load(st, name, &zone);

    if (err == REGISTRY_OK)
        err = zone_replace(st, &zone);
    zone_wipe(&zone);
    return err;
}

bool zone_tells_end(const struct station_zone *zone)
{
    return zone->handed && !zone->alone && zone->next.key_len == 0 && zone->old.key_len == 0;
}

const uint8_t *zone_next_seal(const struct station_zone *zone)
{
    return zone->next.key_len > 0 ? zone->next.seal : zone->seal;
}

void zone_wipe(struct station_zone *zone)
{
    wire_wipe(zone, sizeof(*zone));
}
