/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/audit/space.h"

#include "toyamad/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MINUTE 60

static uint64_t free_octets(const struct audit_space *space)
{
    struct statvfs vfs;

    return fstatvfs(space->fd, &vfs) == 0 ? (uint64_t)vfs.f_bavail * vfs.f_frsize : UINT64_MAX;
}

/* Never takes the last of the disk: others stand still, too, when it is full. */
static void fill(struct audit_space *space)
{
    const uint64_t missing = AUDIT_SPACE - space->held;
    int err;

    if (missing == 0 || free_octets(space) < missing + AUDIT_SPACE_LOW + AUDIT_SPACE_SLICE)
        return;
    err = posix_fallocate(space->fd, 0, AUDIT_SPACE);
    if (err == 0)
        space->held = AUDIT_SPACE;
    else
        log_warning("%s cannot be filled: %s", AUDIT_SPACE_FILE, strerror(err));
}

void audit_space_open(struct audit_space *space, const char *state)
{
    char path[PATH_MAX];
    struct stat st;

    *space = (struct audit_space){0};
    snprintf(path, sizeof(path), "%s/%s", state, AUDIT_SPACE_FILE);
    space->fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    space->kept = space->fd >= 0;
    if (!space->kept || fstat(space->fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        log_error("%s: %s: no space is kept for the log", path, strerror(errno));
        audit_space_close(space);
        return;
    }
    /* A hole holds no place. */
    space->held = (uint64_t)st.st_blocks * 512 >= AUDIT_SPACE ? AUDIT_SPACE : 0;
    fill(space);
    if (space->held < AUDIT_SPACE)
        log_error("%s: the disk has no room to keep %lu MiB for the log", path,
                  AUDIT_SPACE / AUDIT_SPACE_SLICE);
}

void audit_space_close(struct audit_space *space)
{
    if (space->kept)
        close(space->fd);
    *space = (struct audit_space){0};
}

bool audit_space_free(struct audit_space *space, bool anyway)
{
    if (!space->kept || space->held == 0 || (!anyway && free_octets(space) >= AUDIT_SPACE_LOW))
        return false;
    space->held -= AUDIT_SPACE_SLICE;
    if (ftruncate(space->fd, (off_t)space->held) != 0)
        space->held = 0;
    log_error("the disk is full: %u MiB are left for the log",
              (unsigned)(space->held / AUDIT_SPACE_SLICE));
    return true;
}

void audit_space_refill(struct audit_space *space, int64_t now)
{
    if (!space->kept || space->held == AUDIT_SPACE ||
        (now >= space->asked && now - space->asked < MINUTE))
        return;
    space->asked = now;
    fill(space);
}
