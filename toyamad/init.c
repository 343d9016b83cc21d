/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/init.h"

#include "core/wire/wipe.h"
#include "toyamad/broker.h"
#include "toyamad/file.h"
#include "toyamad/init_join.h"
#include "toyamad/init_restore.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

static const char *const made[] = {"registry.db", AUDIT_KEY_FILE, "authority.key",
                                   "anchor",      "seal.key",     "zones"};

static bool exists_already(const char *state)
{
    char path[PATH_MAX];

    for (size_t n = 0; n < sizeof(made) / sizeof(made[0]); n++) {
        snprintf(path, sizeof(path), "%s/%s", state, made[n]);
        if (access(path, F_OK) == 0) {
            fprintf(stderr, "toyamad: %s exists: this host is set up already\n", path);
            return true;
        }
    }
    return false;
}

static bool make_directory(const char *state, char *why, size_t whycap)
{
    if (mkdir(state, 0700) != 0 && errno != EEXIST) {
        snprintf(why, whycap, "%s: %s", state, strerror(errno));
        return false;
    }
    return file_directory_trusted(state, why, whycap);
}

static void take_back(const char *state)
{
    char path[PATH_MAX];

    for (size_t n = 0; n < sizeof(made) / sizeof(made[0]); n++) {
        snprintf(path, sizeof(path), "%s/%s", state, made[n]);
        unlink(path);
    }
}

static int fill(const struct config *config, const struct roster_anchor *anchor, char *why,
                size_t whycap)
{
    struct keys keys = {0};
    char path[PATH_MAX];
    bool made_keys = anchor != NULL ? keys_create_taken(config->state, anchor, why, whycap)
                                    : keys_create(config->state, why, whycap);
    int err;

    if (!made_keys || !audit_key_create(config->state, AUDIT_KEY_FILE, why, whycap) ||
        !keys_load(&keys, config->roster.kind, config->state, why, whycap))
        return EX_CANTCREAT;
    snprintf(path, sizeof(path), "%s/registry.db", config->state);
    err = registry_create(path, &keys, policy_zone_name(config->policy.zone), (int64_t)time(NULL));
    keys_wipe(&keys);
    if (err != REGISTRY_OK)
        snprintf(why, whycap, "%s: %s", path, registry_strerror(err));
    return err == REGISTRY_OK ? EX_OK : EX_CANTCREAT;
}

/* Whether this kind of host joins. */
static int check_kind(const struct config *config, const struct init_from *from, char *why,
                      size_t whycap)
{
    bool taken = config->roster.kind == REGISTER_TAKEN;

    if (from->restore != NULL || taken == (from->join != NULL))
        return EX_OK;
    snprintf(why, whycap,
             taken ? "register = taken: a join file of the station is needed (--join)"
                   : "register = %s: this host does not join (--join)",
             config_register_name(config->roster.kind));
    return EX_CONFIG;
}

static int make(const struct config *config, const struct init_from *from, char *why, size_t whycap)
{
    struct roster_anchor anchor = {0};
    int r;

    if (from->restore != NULL)
        return init_restore(config, from->restore, why, whycap);
    r = from->join != NULL ? init_join(config, from->join, &anchor, why, whycap) : EX_OK;
    if (r == EX_OK && (r = fill(config, from->join != NULL ? &anchor : NULL, why, whycap)) != EX_OK)
        take_back(config->state);
    wire_wipe(&anchor, sizeof(anchor));
    return r;
}

/* Of a store that was here before: nothing that is made or restored now follows it. */
static void forget_anchor(const char *state)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/" AUDIT_ANCHOR_FILE, state);
    unlink(path);
}

static void print_made(const char *state)
{
    char path[PATH_MAX];

    for (size_t n = 0; n < sizeof(made) / sizeof(made[0]); n++) {
        snprintf(path, sizeof(path), "%s/%s", state, made[n]);
        if (access(path, F_OK) == 0)
            printf("%s\n", path);
    }
}

int init_host(const char *config_path, const struct init_from *from)
{
    struct config config;
    char why[PATH_MAX + 256] = "";
    int r;

    if (!config_load(&config, config_path, stderr))
        return EX_CONFIG;
    if ((r = check_kind(&config, from, why, sizeof(why))) == EX_OK &&
        !make_directory(config.state, why, sizeof(why)))
        r = EX_CANTCREAT;
    if (r == EX_OK && exists_already(config.state))
        return EX_CANTCREAT;
    if (r == EX_OK) {
        forget_anchor(config.state);
        r = make(&config, from, why, sizeof(why));
    }
    if (r != EX_OK)
        fprintf(stderr, "toyamad: %s\n", why);
    else
        print_made(config.state);
    return r;
}
