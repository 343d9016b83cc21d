/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/init_restore.h"

#include "core/wire/wipe.h"
#include "toyamad/init_code.h"
#include "toyamad/registry/registry.h"
#include "toyamad/station/backup.h"
#include "toyamad/station/resume.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static int exit_of(int backup_err)
{
    switch ((enum backup_err)backup_err) {
    case BACKUP_OK:
        return EX_OK;
    case BACKUP_CODE:
    case BACKUP_WRONG:
        return EX_NOPERM;
    case BACKUP_DAMAGED:
        return EX_DATAERR;
    case BACKUP_STATE:
        return EX_CANTCREAT;
    case BACKUP_FAILED:
        break;
    }
    return EX_OSERR;
}

/* The register is sound, of this zone, and knows that issues may have been made since. */
static int check(const struct config *config, char *why, size_t whycap)
{
    struct registry reg = {0};
    struct keys keys = {0};
    char path[PATH_MAX];
    int err = REGISTRY_FAILED;

    snprintf(path, sizeof(path), "%s/registry.db", config->state);
    if (keys_load(&keys, config->roster.kind, config->state, why, whycap) &&
        (err = registry_open(&reg, path, &keys, policy_zone_name(config->policy.zone), why,
                             whycap)) == REGISTRY_OK) {
        err = resume_mark(&reg, config->state);
        if (err != REGISTRY_OK)
            snprintf(why, whycap, "%s: %s", path, registry_strerror(err));
        registry_close(&reg);
    }
    keys_wipe(&keys);
    return err == REGISTRY_OK ? EX_OK : EX_DATAERR;
}

static int restore(const struct config *config, int fd, char *why, size_t whycap)
{
    char code[INIT_CODE_MAX] = "";
    int r = EX_NOPERM;

    if (init_read_code("Recovery code: ", code))
        r = exit_of(backup_restore(fd, code, config->state, why, whycap));
    else
        snprintf(why, whycap, "the code could not be read");
    wire_wipe(code, sizeof(code));
    if (r == EX_OK && (r = check(config, why, whycap)) != EX_OK)
        backup_remove(config->state);
    return r;
}

int init_restore(const struct config *config, const char *path, char *why, size_t whycap)
{
    int fd, r;

    if (config->roster.kind == REGISTER_TAKEN) {
        snprintf(why, whycap, "register = taken: this host joins its zone, it is not restored");
        return EX_CONFIG;
    }
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0) {
        snprintf(why, whycap, "%s: %s", path, strerror(errno));
        return EX_NOINPUT;
    }
    r = restore(config, fd, why, whycap);
    close(fd);
    return r;
}
