/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/memory_file.h"

#include "tests/unit/core/unit.h"

static bool fails(struct memory_file *file, size_t len)
{
    if (len > file->longest)
        file->longest = len;
    return ++file->calls == file->fail_at;
}

static int read_octets(void *arg, uint64_t offset, void *buf, size_t len)
{
    struct memory_file *file = arg;

    if (fails(file, len))
        return -1;
    assert_true(offset <= file->len && len <= file->len - offset);
    if (len > 0)
        memcpy(buf, file->octets + offset, len);
    if (file->calls == file->change_at)
        file->octets[0] ^= 1;
    return 0;
}

static int write_octets(void *arg, const void *buf, size_t len)
{
    struct memory_file *file = arg;

    if (fails(file, len))
        return -1;
    memory_put(file, buf, len);
    return 0;
}

void memory_put(struct memory_file *file, const void *octets, size_t len)
{
    if (file->len + len > file->cap) {
        file->cap = 2 * (file->len + len);
        file->octets = realloc(file->octets, file->cap);
        assert_non_null(file->octets);
    }
    if (len > 0)
        memcpy(file->octets + file->len, octets, len);
    file->len += len;
}

struct cms_source memory_source(struct memory_file *file)
{
    return (struct cms_source){.read = read_octets, .arg = file, .len = file->len};
}

struct cms_sink memory_sink(struct memory_file *file)
{
    return (struct cms_sink){.write = write_octets, .arg = file};
}

void memory_free(struct memory_file *file)
{
    free(file->octets);
    *file = (struct memory_file){0};
}
