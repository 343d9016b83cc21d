/* SPDX-License-Identifier: Apache-2.0
 *
 * The station in one file, and back.
 */
#include "stationrig.h"

#include "toyamad/station/adopt.h"
#include "toyamad/station/backup.h"
#include "toyamad/station/export.h"
#include "toyamad/station/resume.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define REGISTRAR 0x11
#define APPROVER  0x22

static int begin(void **state)
{
    struct roster_record r;
    struct rig *rig;

    rig_begin(state);
    rig = *state;
    r = rig_person(REGISTRAR, "1", ROSTER_ZONES_ALL);
    r.roles = ROSTER_REGISTRAR;
    assert_int_equal(rig_put(rig, &r, 0, ++rig->station.now), REGISTRY_OK);
    r = rig_person(APPROVER, "2", ROSTER_LGWAN);
    r.roles = ROSTER_APPROVER;
    rig_give_key(rig, &r);
    assert_int_equal(rig_put(rig, &r, 0, ++rig->station.now), REGISTRY_OK);
    rig_make_zones(rig, &r);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    return 0;
}

static int backed_up(struct rig *rig, char code[CODE_TEXT_CAP])
{
    int fd = memfd_create("backup", 0);

    assert_int_equal(backup_write(&rig->station, fd, code), REGISTRY_OK);
    return fd;
}

static void fresh_state(struct rig *rig, char path[96])
{
    snprintf(path, 96, "%s/restored-XXXXXX", rig->directory);
    assert_non_null(mkdtemp(path));
}

static size_t entries_of(const char *path)
{
    DIR *dir = opendir(path);
    size_t count = 0;

    assert_non_null(dir);
    while (readdir(dir) != NULL)
        count++;
    closedir(dir);
    return count - 2; /* itself and its parent */
}

/* The restored station takes over. */
static void restore(struct rig *rig, int fd, const char *code)
{
    char path[96], why[256] = "";

    fresh_state(rig, path);
    assert_int_equal(backup_restore(fd, code, path, why, sizeof(why)), BACKUP_OK);
    registry_close(&rig->reg);
    audit_close(&rig->audit);
    keys_wipe(&rig->keys);
    assert_true(keys_load(&rig->keys, REGISTER_STATION, path, why, sizeof(why)));
    snprintf(rig->path, sizeof(rig->path), "%.60s/registry.db", path);
    snprintf(rig->directory, sizeof(rig->directory), "%.63s", path);
    rig->reg.db = NULL;
    assert_int_equal(rig_reopen(rig), REGISTRY_OK);
    assert_int_equal(resume_mark(&rig->reg, rig->directory), REGISTRY_OK);
}

static void comes_back_as_it_was(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = rig_person(0x33, "100", ROSTER_LGWAN);
    char code[CODE_TEXT_CAP];
    int fd = backed_up(rig, code);

    restore(rig, fd, code);
    assert_int_equal(rig->reg.entries, 2);
    assert_int_equal(rig_put(rig, &r, REGISTRAR, ++rig->station.now), REGISTRY_OK);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_int_equal(rig->plan->next[1].issue.number, 2);
    /* So that everything goes at the end. */
    *strrchr(rig->directory, '/') = '\0';
    close(fd);
}

static int exported(struct rig *rig, const char *zone)
{
    struct station_export what = {.zone = zone, .media = "", .fd = memfd_create("roster", 0)};
    struct station_exported said;

    assert_int_equal(export_write(&rig->station, &what, &said), REGISTRY_OK);
    return what.fd;
}

static int adopt(struct rig *rig, const char *zone, int file, struct adopted *out)
{
    static const uint8_t by[ROSTER_ID_LEN] = {REGISTRAR};
    struct chain_event event = {.kind = "zone-adopted"};
    struct station_zone z;
    int err;

    assert_int_equal(zone_load(&rig->station, zone, &z), REGISTRY_OK);
    err = adopt_file(&rig->station, &z, file, by, &event, out);
    zone_wipe(&z);
    return err;
}

static int resume(struct rig *rig, const char *zone, uint64_t number)
{
    struct station_zone z;
    int err;

    assert_int_equal(zone_load(&rig->station, zone, &z), REGISTRY_OK);
    err = resume_zone(&rig->station, &z, number);
    zone_wipe(&z);
    return err;
}

static void put(struct rig *rig, const struct roster_record *r, uint8_t by)
{
    assert_int_equal(rig_put(rig, r, by, ++rig->station.now), REGISTRY_OK);
}

/* A second approver, whose card is rig->approver from then on. */
static struct rig_card second_approver(struct rig *rig)
{
    struct roster_record r = rig_person(0x55, "5", ROSTER_LGWAN);
    struct rig_card first = rig->approver;

    r.roles = ROSTER_APPROVER;
    rig_give_key(rig, &r);
    put(rig, &r, REGISTRAR);
    {
        struct rig_card second = rig->approver;
        rig->approver = first;
        assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
        rig->approver = second;
    }
    return first;
}

static void close_files(const int *fd, size_t count)
{
    for (size_t n = 0; n < count; n++)
        close(fd[n]);
}

/* Issues that were made behind the backup come back from a roster file; what was not approved when
 * it was made stays the work of its author. */
static void takes_over_what_it_forgot(void **state)
{
    struct rig *rig = *state;
    struct roster_record h = rig_person(0x33, "100", ROSTER_LGWAN);
    struct roster_record t = rig_person(0x44, "200", ROSTER_LGWAN);
    struct rig_card first = second_approver(rig), second = rig->approver;
    struct adopted done = {0};
    char code[CODE_TEXT_CAP];
    int fd[4];

    fd[0] = exported(rig, "lgwan");
    put(rig, &t, APPROVER);
    fd[1] = backed_up(rig, code);
    t.zones = 0;
    put(rig, &t, REGISTRAR);
    put(rig, &h, REGISTRAR);
    assert_int_equal(rig_approve(rig, true), REGISTRY_OK);
    fd[2] = exported(rig, "lgwan");
    fd[3] = exported(rig, "internet");

    restore(rig, fd[1], code);
    assert_true(resume_waits(&rig->reg, "lgwan"));
    assert_int_equal(resume(rig, "lgwan", 3), REGISTRY_REFUSED);
    assert_int_equal(adopt(rig, "lgwan", fd[0], &done), REGISTRY_REFUSED);
    assert_int_equal(adopt(rig, "lgwan", fd[1], &done), REGISTRY_REFUSED);
    assert_int_equal(adopt(rig, "lgwan", fd[3], &done), REGISTRY_REFUSED);
    assert_int_equal(adopt(rig, "lgwan", fd[2], &done), REGISTRY_OK);
    assert_true(done.from == 2 && done.to == 3 && done.people == 4);
    assert_int_equal(adopt(rig, "lgwan", fd[2], &done), REGISTRY_REFUSED);
    assert_int_equal(resume(rig, "lgwan", 3), REGISTRY_OK);
    assert_false(resume_waits(&rig->reg, "lgwan"));

    rig_preview(rig, NULL, NULL);
    assert_int_equal(rig->plan->next[1].compared.differing[STATION_ADDED], 1);
    assert_int_equal(rig->plan->next[1].compared.differing[STATION_REMOVED], 1);
    rig->approver = first;
    assert_int_equal(rig_approve(rig, false), REGISTRY_REFUSED);
    rig->approver = second;
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_int_equal(rig->plan->next[1].issue.number, 4);
    close_files(fd, 4);
    *strrchr(rig->directory, '/') = '\0';
}

static void opens_with_its_own_code_only(void **state)
{
    struct rig *rig = *state;
    char code[CODE_TEXT_CAP], other[CODE_TEXT_CAP], why[256] = "", path[96];
    int fd = backed_up(rig, code);

    fresh_state(rig, path);
    assert_int_equal(code_make(other), CODE_OK);
    assert_int_equal(backup_restore(fd, other, path, why, sizeof(why)), BACKUP_WRONG);
    assert_int_equal(backup_restore(fd, "ABC", path, why, sizeof(why)), BACKUP_CODE);
    assert_string_not_equal(why, "");
    assert_int_equal(entries_of(path), 0);
    close(fd);
}

static void leaves_nothing_of_a_damaged_file(void **state)
{
    struct rig *rig = *state;
    char code[CODE_TEXT_CAP], why[256] = "", path[96];
    int fd = backed_up(rig, code);
    off_t len = lseek(fd, 0, SEEK_END);
    const off_t at[] = {len - 1, len / 2, len - 40, 300};
    uint8_t octet;

    fresh_state(rig, path);
    for (size_t n = 0; n < sizeof(at) / sizeof(at[0]); n++) {
        assert_int_equal(pread(fd, &octet, 1, at[n]), 1);
        octet ^= 1;
        assert_int_equal(pwrite(fd, &octet, 1, at[n]), 1);
        assert_int_equal(backup_restore(fd, code, path, why, sizeof(why)), BACKUP_DAMAGED);
        assert_int_equal(entries_of(path), 0);
        octet ^= 1;
        assert_int_equal(pwrite(fd, &octet, 1, at[n]), 1);
    }
    assert_int_equal(ftruncate(fd, len + 1), 0);
    assert_int_equal(backup_restore(fd, code, path, why, sizeof(why)), BACKUP_DAMAGED);
    assert_int_equal(ftruncate(fd, len - 1), 0);
    assert_int_equal(backup_restore(fd, code, path, why, sizeof(why)), BACKUP_DAMAGED);
    assert_int_equal(ftruncate(fd, 0), 0);
    assert_int_equal(backup_restore(fd, code, path, why, sizeof(why)), BACKUP_DAMAGED);
    assert_int_equal(entries_of(path), 0);
    close(fd);
}

/* A file that ends behind a whole piece looks whole; the seal of its last piece says otherwise. */
static void sees_that_pieces_are_missing(void **state)
{
    struct rig *rig = *state;
    char code[CODE_TEXT_CAP], why[256] = "", path[96];
    static const uint8_t piece[] = {0x04, 0x83, 0x10, 0x00, 0x1D};
    uint8_t *octets;
    off_t len, end;
    int fd;

    rig_sql(rig, "CREATE TABLE big(x BLOB); INSERT INTO big VALUES(randomblob(3000000));");
    fd = backed_up(rig, code);
    len = lseek(fd, 0, SEEK_END);
    assert_true(len > 3 * (1 << 20));
    end = len - (off_t)sizeof(piece);
    fresh_state(rig, path);
    assert_int_equal(backup_restore(fd, code, path, why, sizeof(why)), BACKUP_OK);
    snprintf(path, sizeof(path), "%s/again-XXXXXX", rig->directory);
    assert_non_null(mkdtemp(path));
    /* head, then pieces of 1 MiB, each with 29 octets of seal and 5 of DER */
    octets = mmap(NULL, (size_t)len, PROT_READ, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(octets, MAP_FAILED);
    while (--end > (1 << 20) && memcmp(octets + end, piece, sizeof(piece)) != 0)
        ;
    assert_int_equal(munmap(octets, (size_t)len), 0);
    assert_int_equal(ftruncate(fd, end), 0);
    assert_true(lseek(fd, 0, SEEK_END) < len);
    assert_int_equal(backup_restore(fd, code, path, why, sizeof(why)), BACKUP_DAMAGED);
    assert_int_equal(entries_of(path), 0);
    close(fd);
}

static void overwrites_nothing(void **state)
{
    struct rig *rig = *state;
    char code[CODE_TEXT_CAP], why[256] = "";
    int fd = backed_up(rig, code);

    assert_int_equal(backup_restore(fd, code, rig->directory, why, sizeof(why)), BACKUP_STATE);
    assert_int_equal(rig_reopen(rig), REGISTRY_OK);
    assert_int_equal(rig->reg.entries, 2);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(comes_back_as_it_was, begin, rig_end),
        cmocka_unit_test_setup_teardown(takes_over_what_it_forgot, begin, rig_end),
        cmocka_unit_test_setup_teardown(opens_with_its_own_code_only, begin, rig_end),
        cmocka_unit_test_setup_teardown(leaves_nothing_of_a_damaged_file, begin, rig_end),
        cmocka_unit_test_setup_teardown(sees_that_pieces_are_missing, begin, rig_end),
        cmocka_unit_test_setup_teardown(overwrites_nothing, begin, rig_end),
    };

    if (geteuid() != 0)
        return printf("backup_test: needs root: the files must be root's\n"), 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
