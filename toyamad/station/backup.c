/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing a backup.
 */
#include "toyamad/station/backup.h"

#include "core/wire/tlv.h"
#include "core/wire/wipe.h"
#include "toyamad/file.h"
#include "toyamad/station/backup_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COPY_NAME  "backup.part"
#define COPY_PAGES 2048 /* pages between two signs of life */

struct backup {
    struct station *st;
    int fd;
    struct backup_head head;
    uint8_t plain[BACKUP_HEAD_MAX];
    uint8_t sealed[BACKUP_HEAD_MAX + CODE_SEAL_EXTRA];
    uint8_t piece[BACKUP_PIECE], next[BACKUP_PIECE];
    uint8_t sealed_piece[BACKUP_SEALED_MAX];
};

static int add_file(struct backup *b, const char *name)
{
    struct backup_file *f = &b->head.file[b->head.files];
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", b->st->state, name);
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return REGISTRY_OK;
    if (!file_read_private(path, f->octets, sizeof(f->octets), &f->len, b->st->why,
                           sizeof(b->st->why)))
        return REGISTRY_STORE;
    snprintf(f->name, sizeof(f->name), "%s", name);
    b->head.files++;
    return REGISTRY_OK;
}

/* The seal key may be a systemd credential: it is the one in use that counts. */
static int fill_head(struct backup *b)
{
    struct backup_file *f = &b->head.file[b->head.files++];
    int err = REGISTRY_OK;

    snprintf(f->name, sizeof(f->name), "%s", backup_name(0));
    memcpy(f->octets, b->st->keys->seal, CRYPTO_KEY_LEN);
    f->len = CRYPTO_KEY_LEN;
    for (size_t n = 1; backup_name(n) != NULL && err == REGISTRY_OK; n++)
        err = add_file(b, backup_name(n));
    if (err == REGISTRY_OK && crypto_random(b->head.key, sizeof(b->head.key)) != CRYPTO_OK)
        err = station_fail(b->st, REGISTRY_FAILED, "no random numbers");
    return err;
}

static bool write_all(int fd, const uint8_t *p, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static int put(struct backup *b, const void *p, size_t len)
{
    return write_all(b->fd, p, len)
               ? REGISTRY_OK
               : station_fail(b->st, REGISTRY_STORE, "the backup cannot be written: %s",
                              strerror(errno));
}

static int put_head(struct backup *b, char code[CODE_TEXT_CAP])
{
    size_t len = 0, sealed = 0;
    int r = CODE_CRYPTO;

    if (backup_head_encode(&b->head, b->plain, sizeof(b->plain), &len) &&
        (r = code_make(code)) == CODE_OK)
        r = code_seal(CODE_LABEL_RECOVERY, code, b->plain, len, b->sealed, sizeof(b->sealed),
                      &sealed);
    if (r != CODE_OK)
        return station_fail(b->st, REGISTRY_FAILED, "the keys could not be sealed: %s",
                            code_strerror(r));
    return put(b, b->sealed, sealed);
}

static int put_piece(struct backup *b, uint64_t place, bool last, size_t len)
{
    uint8_t head[16];
    struct tlv_out out = tlv_writer(head, sizeof(head));
    size_t sealed = 0;
    int err;

    if (!backup_piece_seal(&b->head, place, last, b->piece, len, b->sealed_piece, &sealed))
        return station_fail(b->st, REGISTRY_FAILED, "the registry could not be sealed");
    tlv_put_header(&out, DER_OCTETS, sealed);
    if ((err = put(b, head, out.len)) != REGISTRY_OK)
        return err;
    station_alive(0);
    return put(b, b->sealed_piece, sealed);
}

static bool read_piece(int fd, uint8_t *piece, size_t *len)
{
    *len = 0;
    while (*len < BACKUP_PIECE) {
        ssize_t n = read(fd, piece + *len, BACKUP_PIECE - *len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        *len += (size_t)n;
    }
    return true;
}

/* Reads one piece ahead: the last one is marked. */
static int put_pieces(struct backup *b, int copy)
{
    size_t len = 0, ahead = 0;
    bool good = read_piece(copy, b->piece, &len), last = false;
    int err = REGISTRY_OK;

    for (uint64_t place = 0; good && err == REGISTRY_OK && !last; place++) {
        good = read_piece(copy, b->next, &ahead);
        last = ahead == 0;
        err = put_piece(b, place, last, len);
        memcpy(b->piece, b->next, ahead);
        len = ahead;
    }
    return good ? err
                : station_fail(b->st, REGISTRY_STORE, "the registry's copy cannot be read: %s",
                               strerror(errno));
}

static bool copy_pages(sqlite3 *from, sqlite3 *to)
{
    sqlite3_backup *copy = sqlite3_backup_init(to, "main", from, "main");
    int rc = SQLITE_OK;

    if (copy == NULL)
        return false;
    while (rc == SQLITE_OK) {
        rc = sqlite3_backup_step(copy, COPY_PAGES);
        station_alive(0);
    }
    return sqlite3_backup_finish(copy) == SQLITE_OK && rc == SQLITE_DONE;
}

static int copy_registry(struct backup *b, const char *path)
{
    sqlite3 *to = NULL;
    bool good = file_create_private(path, "", 0, b->st->why, sizeof(b->st->why)) &&
                sqlite3_open_v2(path, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, NULL) ==
                    SQLITE_OK &&
                copy_pages(b->st->reg->db, to);

    sqlite3_close(to);
    return good ? REGISTRY_OK
                : station_fail(b->st, REGISTRY_STORE, "the registry cannot be copied: %s",
                               sqlite3_errmsg(b->st->reg->db));
}

static int put_registry(struct backup *b)
{
    char path[PATH_MAX], why[64];
    int copy = -1, err;

    snprintf(path, sizeof(path), "%s/%s", b->st->state, COPY_NAME);
    unlink(path); /* of a call that did not come to its end */
    if ((err = copy_registry(b, path)) == REGISTRY_OK &&
        (copy = file_open_trusted(path, 077, why, sizeof(why))) < 0)
        err = station_fail(b->st, REGISTRY_STORE, "%s", why);
    unlink(path);
    if (err == REGISTRY_OK)
        err = put_pieces(b, copy);
    if (copy >= 0)
        close(copy);
    return err;
}

int backup_write(struct station *st, int fd, char code[CODE_TEXT_CAP])
{
    struct backup *b = calloc(1, sizeof(*b));
    int err;

    if (b == NULL)
        return station_fail(st, REGISTRY_FAILED, "out of memory");
    b->st = st;
    b->fd = fd;
    if ((err = fill_head(b)) == REGISTRY_OK && (err = put_head(b, code)) == REGISTRY_OK &&
        (err = put_registry(b)) == REGISTRY_OK && fsync(fd) != 0)
        err = station_fail(st, REGISTRY_STORE, "the backup is not safe on its disk: %s",
                           strerror(errno));
    wire_wipe(b, sizeof(*b));
    free(b);
    return err;
}
