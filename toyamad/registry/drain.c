/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/registry/drain.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP ((off_t)32 << 20)
/* What came before is on its way already. */
#define WAIT (SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER)

void drain_begin(struct registry *reg)
{
    struct stat st;

    if (!reg->drain.open)
        reg->drain.fd =
            open(sqlite3_db_filename(reg->db, "main"), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    reg->drain.open = reg->drain.fd >= 0;
    reg->drain.begun = reg->drain.first =
        reg->drain.open && fstat(reg->drain.fd, &st) == 0 ? st.st_size : 0;
}

static bool disk_refuses(int r)
{
    return r != 0 && (errno == EIO || errno == ENOSPC || errno == EDQUOT);
}

/* Begins with the next step, and lets go of the one before. */
static int take_step(struct registry_drain *d)
{
    off_t before = d->begun - STEP;

    if (disk_refuses(sync_file_range(d->fd, d->begun, STEP, SYNC_FILE_RANGE_WRITE)))
        return REGISTRY_STORE;
    d->begun += STEP;
    if (before < d->first)
        return REGISTRY_OK;
    if (disk_refuses(sync_file_range(d->fd, before, STEP, WAIT)))
        return REGISTRY_STORE;
    posix_fadvise(d->fd, before, STEP, POSIX_FADV_DONTNEED);
    return REGISTRY_OK;
}

int drain_step(struct registry *reg)
{
    struct registry_drain *d = &reg->drain;
    struct stat st;
    int err = REGISTRY_OK;

    if (!d->open || fstat(d->fd, &st) != 0)
        return REGISTRY_OK;
    while (err == REGISTRY_OK && st.st_size - d->begun >= STEP)
        err = take_step(d);
    return err;
}

void drain_close(struct registry *reg)
{
    if (reg->drain.open)
        close(reg->drain.fd);
    reg->drain = (struct registry_drain){0};
}
