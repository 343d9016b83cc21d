/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/check.h"

#include "enroll/lang.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static const struct check_kind good = {
    CHECK_GREEN, "state", N_("Registry and keys: {}, readable by root only"), NULL, NULL};
static const struct check_kind no_directory = {
    CHECK_RED, "state-missing", N_("The directory {} is not there."),
    N_("This host has no registry and no keys. Every login is denied."),
    N_("Run \"toyama-enroll init\".")};
static const struct check_kind directory_mode = {
    CHECK_RED, "state-mode", N_("The directory {} is not root's alone."),
    N_("Registry and keys in it could be exchanged."), N_("chown root:root {}; chmod 0700 {}")};
static const struct check_kind no_registry = {
    CHECK_RED, "registry-missing", N_("The registry {} is not there."),
    N_("Nobody is registered on this host. Every login is denied."),
    N_("On a new host run \"toyama-enroll init\". Otherwise put the backup back and find out who "
       "deleted it.")};
static const struct check_kind registry_mode = {
    CHECK_RED, "registry-mode", N_("The registry {} can be read or written by others than root."),
    N_("It holds fingerprint data and counters. The broker does not use it like this."),
    N_("chown root:root {}; chmod 0600 {}. Report it to the CSIRT if people could read it.")};
static const struct check_kind no_key = {
    CHECK_RED, "key-missing", N_("The key {} is not there."),
    N_("Without it the registry cannot be opened or changed."),
    N_("Put the backup back. A new key does not open the old registry.")};
static const struct check_kind key_mode = {
    CHECK_RED, "key-mode", N_("The key {} can be read or written by others than root."),
    N_("Whoever read it can open fingerprint data, or sign a registry or a log of their own."),
    N_("chown root:root {}; chmod 0600 {}. Treat the key as known: set this host up anew and "
       "report it to the CSIRT.")};

static const struct {
    const char *name;
    const struct check_kind *missing; /* NULL: may be missing */
    const struct check_kind *mode;
} files[] = {
    {"registry.db", &no_registry, &registry_mode},
    {"registry.db-wal", NULL, &registry_mode},
    {"registry.db-shm", NULL, &registry_mode},
    /* May come as a systemd credential instead. */
    {"seal.key", NULL, &key_mode},
    {"authority.key", &no_key, &key_mode},
    /* A host from before it had one makes it at its next start. */
    {"log.key", NULL, &key_mode},
};

static bool is_private(const struct stat *st, mode_t type)
{
    return (st->st_mode & S_IFMT) == type && st->st_uid == 0 && (st->st_mode & 077) == 0;
}

static void check_file(struct check *c, const char *directory, size_t n)
{
    char path[PATH_MAX];
    struct stat st;

    snprintf(path, sizeof(path), "%s/%s", directory, files[n].name);
    if (lstat(path, &st) == 0) {
        if (!is_private(&st, S_IFREG))
            check_add(c, files[n].mode, path);
    } else if (errno == ENOENT && files[n].missing != NULL) {
        check_add(c, files[n].missing, path);
    }
}

void check_state(struct check *c)
{
    const char *directory;
    struct stat st;
    size_t before = check_count(c, CHECK_RED);

    if (!c->config_good)
        return;
    directory = check_setting(c, "state");
    if (lstat(directory, &st) != 0) {
        check_add(c, &no_directory, directory);
        return;
    }
    if (!is_private(&st, S_IFDIR))
        check_add(c, &directory_mode, directory);
    for (size_t n = 0; n < sizeof(files) / sizeof(files[0]); n++)
        check_file(c, directory, n);
    if (check_count(c, CHECK_RED) == before)
        check_add(c, &good, directory);
}
