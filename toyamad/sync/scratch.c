/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/sync/sync.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Not a memfd: a prefecture's templates would stand in memory twice. */
int sync_scratch(struct sync *s, FILE **out)
{
    *out = tmpfile();
    return *out != NULL ? SYNC_OK
                        : sync_fail(s, SYNC_FAILED, "temporary file: %s", strerror(errno));
}

int sync_map(struct sync *s, int fd, struct sync_map *out)
{
    struct stat st;

    *out = (struct sync_map){0};
    if (fstat(fd, &st) != 0 || st.st_size < 0)
        return sync_fail(s, SYNC_FAILED, "temporary file: %s", strerror(errno));
    if (st.st_size == 0)
        return SYNC_OK;
    out->len = (size_t)st.st_size;
    out->at = mmap(NULL, out->len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (out->at != MAP_FAILED)
        return SYNC_OK;
    *out = (struct sync_map){0};
    return sync_fail(s, SYNC_FAILED, "temporary file: %s", strerror(errno));
}

void sync_unmap(struct sync_map *map)
{
    if (map->at != NULL)
        munmap(map->at, map->len);
    *map = (struct sync_map){0};
}
