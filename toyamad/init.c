/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/init.h"

#include "toyamad/broker.h"
#include "toyamad/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

static const char *const made[] = {"registry.db", AUDIT_KEY_FILE, "authority.key", "seal.key"};

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

static bool fill(const struct config *config, char *why, size_t whycap)
{
    struct keys keys = {0};
    char path[PATH_MAX];
    int err;

    if (!keys_create(config->state, why, whycap) ||
        !audit_key_create(config->state, AUDIT_KEY_FILE, why, whycap) ||
        !keys_load(&keys, config->roster.kind, config->state, why, whycap))
        return false;
    snprintf(path, sizeof(path), "%s/registry.db", config->state);
    err = registry_create(path, &keys, policy_zone_name(config->policy.zone), (int64_t)time(NULL));
    keys_wipe(&keys);
    if (err != REGISTRY_OK)
        snprintf(why, whycap, "%s: %s", path, registry_strerror(err));
    return err == REGISTRY_OK;
}

int init_host(const char *config_path)
{
    struct config config;
    char why[PATH_MAX + 256] = "";

    if (!config_load(&config, config_path, stderr))
        return EX_CONFIG;
    if (!make_directory(config.state, why, sizeof(why))) {
        fprintf(stderr, "toyamad: %s\n", why);
        return EX_CANTCREAT;
    }
    if (exists_already(config.state))
        return EX_CANTCREAT;
    if (!fill(&config, why, sizeof(why))) {
        fprintf(stderr, "toyamad: %s\n", why);
        take_back(config.state);
        return EX_CANTCREAT;
    }
    for (size_t n = 0; n < sizeof(made) / sizeof(made[0]); n++)
        printf("%s/%s\n", config.state, made[n]);
    return EX_OK;
}
