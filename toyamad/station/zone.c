/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/zone.h"

#include "core/wire/wipe.h"
#include "toyamad/file.h"
#include "toyamad/registry/zones.h"
#include "toyamad/station/zone_file.h"

#include <errno.h>
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

int zone_make(struct station *st, const char *name, const struct roster_officer *officers,
              size_t count, struct station_zone *out)
{
    uint8_t spki[CRYPTO_SPKI_MAX];
    size_t spkilen = 0;

    *out = (struct station_zone){0};
    if (strlen(name) >= sizeof(out->name) || count > ROSTER_OFFICERS ||
        !roster_zones_parse(name, &out->bit) || (out->bit & (out->bit - 1)) != 0 || out->bit == 0)
        return station_fail(st, REGISTRY_NONE, "\"%.64s\" is not a zone", name);
    memcpy(out->name, name, strlen(name) + 1);
    begin_chain(st, out, officers, count);
    out->trust = out->anchor;
    if (crypto_random(out->seal, sizeof(out->seal)) != CRYPTO_OK ||
        crypto_p256_generate(out->key, sizeof(out->key), &out->key_len, spki, sizeof(spki),
                             &spkilen) != CRYPTO_OK ||
        crypto_self_cert(out->key, out->key_len, name, true, st->now, out->cert, sizeof(out->cert),
                         &out->cert_len) != CRYPTO_OK) {
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

static int write_file(struct station *st, const struct station_zone *zone,
                      bool (*write)(const char *path, const void *data, size_t len, char *why,
                                    size_t whycap))
{
    uint8_t file[ZONE_FILE_MAX];
    char path[PATH_MAX];
    size_t len = 0;
    int err = make_folder(st);

    if (err != REGISTRY_OK)
        return err;
    if (!zone_file_seal(zone, st->keys->seal, file, sizeof(file), &len))
        return station_fail(st, REGISTRY_FAILED, "the keys of zone %s could not be sealed",
                            zone->name);
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

bool zone_exists(struct station *st, const char *name)
{
    char path[PATH_MAX];

    path_of(st, name, path);
    return access(path, F_OK) == 0;
}

static int step(void *ctx, const struct roster_signed *s)
{
    return roster_chain_step(ctx, s) == ROSTER_OK ? REGISTRY_OK : REGISTRY_ALTERED;
}

static int walk_chain(struct station *st, struct station_zone *zone)
{
    int err;

    zone->trust = zone->anchor;
    err = zones_issue_each(st->reg, zone->name, 0, step, &zone->trust);
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

void zone_wipe(struct station_zone *zone)
{
    wire_wipe(zone, sizeof(*zone));
}
