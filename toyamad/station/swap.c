/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/swap.h"

#include "toyamad/file.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#define META "seal_next" /* 1: what stands beside the files in use counts */

/* The seal key goes last: as long as the old one is there, so is what it opens or its successor. */
static const char *const names[] = {"authority.key.next", "zones/individual-number.key",
                                    "zones/lgwan.key", "zones/internet.key", "seal.key"};
#define NAMES (sizeof(names) / sizeof(names[0]))

static void path_of(const char *state, const char *name, const char *end, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s%s", state, name, end);
}

static void drop(const char *state, const char *name, const char *end)
{
    char path[PATH_MAX];

    path_of(state, name, end, path);
    unlink(path);
}

int swap_put(const char *state, const char *name, const void *data, size_t len, char *why,
             size_t whycap)
{
    char path[PATH_MAX];

    path_of(state, name, ".next", path);
    return file_replace_private(path, data, len, why, whycap) ? REGISTRY_OK : REGISTRY_STORE;
}

int swap_mark(struct registry *reg)
{
    return registry_meta_put(reg, META, 1);
}

int swap_finish(struct registry *reg, const char *state, char *why, size_t whycap)
{
    char next[PATH_MAX], path[PATH_MAX];

    for (size_t n = 0; n < NAMES; n++) {
        path_of(state, names[n], "", path);
        path_of(state, names[n], ".next", next);
        if (access(next, F_OK) == 0 && !file_take_place(next, path, why, whycap))
            return REGISTRY_STORE;
    }
    return registry_meta_put(reg, META, 0);
}

/* Half-written ones, too. */
static void drop_all(const char *state)
{
    for (size_t n = 0; n < NAMES; n++) {
        drop(state, names[n], ".next");
        drop(state, names[n], ".next.new");
        drop(state, names[n], ".new");
    }
}

int swap_begin(struct registry *reg, const char *state, bool *changed, char *why, size_t whycap)
{
    int64_t marked = 0;
    int err = registry_meta_get(reg, META, &marked);

    if (err != REGISTRY_OK && err != REGISTRY_NONE) {
        snprintf(why, whycap, "%s", registry_strerror(err));
        return err;
    }
    *changed = marked == 1;
    if (*changed && (err = swap_finish(reg, state, why, whycap)) != REGISTRY_OK)
        return err;
    drop_all(state);
    return REGISTRY_OK;
}
