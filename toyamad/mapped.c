/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/mapped.h"

#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP ((size_t)1 << 30) /* sendfile takes no more than 2 GiB at once */

static bool copy(int to, int from, size_t *len)
{
    off_t offset = 0;
    ssize_t n;

    while ((n = sendfile(to, from, &offset, STEP)) > 0)
        if ((size_t)offset > MAPPED_MAX)
            return false;
    *len = (size_t)offset;
    return n == 0;
}

bool mapped_open(struct mapped *out, int fd)
{
    int own = memfd_create("toyama", MFD_CLOEXEC);
    bool good = own >= 0 && copy(own, fd, &out->len);

    out->at = NULL;
    if (good && out->len > 0) {
        out->at = mmap(NULL, out->len, PROT_READ, MAP_PRIVATE, own, 0);
        good = out->at != MAP_FAILED;
        if (!good)
            out->at = NULL;
    }
    if (own >= 0)
        close(own);
    return good;
}

void mapped_close(struct mapped *m)
{
    if (m->at != NULL)
        munmap(m->at, m->len);
    *m = (struct mapped){0};
}
