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

int sync_put(struct sync_out *out, const void *octets, size_t len)
{
    out->some = true;
    return fwrite(octets, 1, len, out->file) == len
               ? SYNC_OK
               : sync_fail(out->s, SYNC_FAILED, "temporary file: full");
}

int sync_hand_over(struct sync *s, const struct sync_statement *q,
                   int (*each)(void *ctx, const PGresult *row), const char *verb, bool always)
{
    struct sync_out out = {.s = s};
    int err = sync_scratch(s, &out.file);

    if (err != SYNC_OK)
        return err;
    err = sync_each(s, q, each, &out);
    if (err == SYNC_OK && fflush(out.file) != 0)
        err = sync_fail(s, SYNC_FAILED, "temporary file: full");
    if (err == SYNC_OK && (out.some || always))
        err = sync_call(s, verb, NULL, 0, fileno(out.file));
    fclose(out.file);
    return err;
}
