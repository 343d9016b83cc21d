/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a backup: nothing is written before the code opened the head.
 */
#include "toyamad/station/backup.h"

#include "core/wire/tlv.h"
#include "core/wire/wipe.h"
#include "toyamad/file.h"
#include "toyamad/station/backup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define REGISTRY_NAME "registry.db"
#define WINDOW        (BACKUP_SEALED_MAX + 16)

struct restore {
    int fd, out;
    const char *state;
    char *why;
    size_t whycap;
    uint64_t at; /* octets of the file that are read */
    struct backup_head head;
    uint8_t window[WINDOW];
    size_t filled;
    uint8_t plain[BACKUP_SEALED_MAX];
};

static int fail(struct restore *r, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int fail(struct restore *r, int err, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(r->why, r->whycap, format, ap);
    va_end(ap);
    return err;
}

/* The file from r->at on, as much as the window holds. */
static int fill_window(struct restore *r)
{
    r->filled = 0;
    while (r->filled < sizeof(r->window)) {
        ssize_t n = pread(r->fd, r->window + r->filled, sizeof(r->window) - r->filled,
                          (off_t)(r->at + r->filled));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(r, BACKUP_DAMAGED, "the backup cannot be read: %s", strerror(errno));
        if (n == 0)
            break;
        r->filled += (size_t)n;
    }
    return BACKUP_OK;
}

static int damaged(struct restore *r)
{
    return fail(r, BACKUP_DAMAGED, "the file is no backup of a station, or damaged");
}

static int open_head(struct restore *r, const char *code)
{
    struct tlv_cur cur;
    struct tlv t = {0};
    size_t len = 0;
    int err = fill_window(r);

    if (err != BACKUP_OK)
        return err;
    cur = tlv_der(r->window, r->filled);
    if (tlv_expect(&cur, DER_SEQUENCE, &t) != WIRE_OK)
        return damaged(r);
    r->at = r->filled - cur.left;
    err = code_open(CODE_LABEL_RECOVERY, code, r->window, (size_t)r->at, r->plain, sizeof(r->plain),
                    &len);
    if (err == CODE_WRONG)
        return fail(r, BACKUP_WRONG, "this is not the recovery code of this file");
    if (err == CODE_CHARACTER || err == CODE_COUNT || err == CODE_CHECK)
        return fail(r, BACKUP_CODE, "%s", code_strerror(err));
    if (err == CODE_CRYPTO)
        return fail(r, BACKUP_FAILED, "%s", code_strerror(err));
    return err == CODE_OK && backup_head_decode(r->plain, len, &r->head) ? BACKUP_OK : damaged(r);
}

static int write_small(struct restore *r, const struct backup_file *f)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/zones", r->state);
    if (strncmp(f->name, "zones/", 6) == 0 && mkdir(path, 0700) != 0 && errno != EEXIST)
        return fail(r, BACKUP_STATE, "%s: %s", path, strerror(errno));
    snprintf(path, sizeof(path), "%s/%s", r->state, f->name);
    return file_create_private(path, f->octets, f->len, r->why, r->whycap) ? BACKUP_OK
                                                                           : BACKUP_STATE;
}

static int write_files(struct restore *r)
{
    int err = BACKUP_OK;

    for (size_t n = 0; n < r->head.files && err == BACKUP_OK; n++)
        err = write_small(r, &r->head.file[n]);
    return err;
}

/* One piece to r->out. Whether it is the last one its seal says, not the file's end. */
static int take_piece(struct restore *r, uint64_t place, bool *last)
{
    struct tlv_cur cur;
    struct tlv t = {0};
    size_t len = 0;
    int err = fill_window(r);

    if (err != BACKUP_OK)
        return err;
    cur = tlv_der(r->window, r->filled);
    if (tlv_expect(&cur, DER_OCTETS, &t) != WIRE_OK || t.len > BACKUP_SEALED_MAX)
        return damaged(r);
    r->at += r->filled - cur.left;
    *last = cur.left == 0;
    if (!backup_piece_open(&r->head, place, *last, t.val, t.len, r->plain, &len))
        return damaged(r);
    if (write(r->out, r->plain, len) != (ssize_t)len)
        return fail(r, BACKUP_STATE, "%s: %s", REGISTRY_NAME, strerror(errno));
    return BACKUP_OK;
}

static int write_registry(struct restore *r)
{
    char path[PATH_MAX];
    bool last = false;
    int err = BACKUP_OK;

    snprintf(path, sizeof(path), "%s/%s", r->state, REGISTRY_NAME);
    r->out = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (r->out < 0)
        return fail(r, BACKUP_STATE, "%s: %s", path, strerror(errno));
    for (uint64_t place = 0; err == BACKUP_OK && !last; place++)
        err = take_piece(r, place, &last);
    if (err == BACKUP_OK && fsync(r->out) != 0)
        err = fail(r, BACKUP_STATE, "%s: %s", path, strerror(errno));
    close(r->out);
    return err;
}

static void remove_below(const char *state, const char *name)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", state, name);
    remove(path);
}

void backup_remove(const char *state)
{
    const char *name;

    for (size_t n = 0; (name = backup_name(n)) != NULL; n++)
        remove_below(state, name);
    remove_below(state, "zones");
    remove_below(state, REGISTRY_NAME);
    remove_below(state, REGISTRY_NAME "-wal");
}

static bool is_empty(struct restore *r)
{
    char path[PATH_MAX];

    for (size_t n = 0; n < r->head.files; n++) {
        snprintf(path, sizeof(path), "%s/%s", r->state, r->head.file[n].name);
        if (access(path, F_OK) == 0)
            return fail(r, false, "%s is there already", path) != 0;
    }
    snprintf(path, sizeof(path), "%s/%s", r->state, REGISTRY_NAME);
    return access(path, F_OK) != 0 || fail(r, false, "%s is there already", path) != 0;
}

int backup_restore(int fd, const char *code, const char *state, char *why, size_t whycap)
{
    struct restore *r = calloc(1, sizeof(*r));
    int err;

    if (r == NULL) {
        snprintf(why, whycap, "out of memory");
        return BACKUP_FAILED;
    }
    r->fd = fd;
    r->state = state;
    r->why = why;
    r->whycap = whycap;
    if ((err = open_head(r, code)) == BACKUP_OK && !is_empty(r)) {
        err = BACKUP_STATE;
    } else if (err == BACKUP_OK) {
        if ((err = write_files(r)) == BACKUP_OK)
            err = write_registry(r);
        if (err != BACKUP_OK)
            backup_remove(state);
    }
    wire_wipe(r, sizeof(*r));
    free(r);
    return err;
}
