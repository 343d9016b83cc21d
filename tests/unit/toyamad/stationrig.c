/* SPDX-License-Identifier: Apache-2.0 */
#include "stationrig.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int rig_begin(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    char why[256] = "";

    assert_non_null(rig);
    snprintf(rig->directory, sizeof(rig->directory), "/tmp/toyama-station-XXXXXX");
    assert_non_null(mkdtemp(rig->directory));
    snprintf(rig->path, sizeof(rig->path), "%s/registry.db", rig->directory);
    assert_true(keys_create(rig->directory, why, sizeof(why)));
    assert_true(keys_load(&rig->keys, REGISTER_OWN, rig->directory, why, sizeof(why)));
    assert_int_equal(registry_create(rig->path, &rig->keys, RIG_ZONE, 1000), REGISTRY_OK);
    *state = rig;
    return rig_reopen(rig);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int rig_end(void **state)
{
    struct rig *rig = *state;

    registry_close(&rig->reg);
    assert_int_equal(nftw(rig->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    free(rig);
    return 0;
}

int rig_reopen(struct rig *rig)
{
    char why[256] = "";
    int err;

    if (rig->reg.db != NULL)
        registry_close(&rig->reg);
    err = registry_open(&rig->reg, rig->path, &rig->keys, RIG_ZONE, why, sizeof(why));
    if (err != REGISTRY_OK)
        return err;
    rig->reg.attributed = true;
    return audit_open(&rig->audit, &rig->reg);
}

struct roster_record rig_person(uint8_t id, const char *number, uint8_t zones)
{
    struct roster_record r = {
        .category = ROSTER_REGULAR, .state = ROSTER_ACTIVE, .zones = zones, .logins = 1};

    memset(r.id, id, sizeof(r.id));
    snprintf(r.number, sizeof(r.number), "%s", number);
    snprintf(r.name, sizeof(r.name), "Name %s", number);
    snprintf(r.login[0], sizeof(r.login[0]), "u%s", number);
    r.valid_from = 1;
    return r;
}

int rig_put(struct rig *rig, const struct roster_record *r, uint8_t by, int64_t now)
{
    struct registry_change change = {0};
    uint8_t author[ROSTER_ID_LEN];
    int err;

    memset(author, by, sizeof(author));
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    registry_by(&rig->reg, author);
    err = registry_put(&rig->reg, r, now, &change);
    if (err == REGISTRY_OK && (err = registry_commit(&rig->reg)) == REGISTRY_OK)
        registry_settle(&rig->reg, &change);
    registry_rollback(&rig->reg);
    registry_drop(&change);
    return err;
}

void rig_sql(struct rig *rig, const char *sql)
{
    assert_int_equal(sqlite3_exec(rig->reg.db, sql, NULL, NULL, NULL), SQLITE_OK);
}
