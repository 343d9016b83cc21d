/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/inbox_scan.h"

#include "toyamad/amend.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <time.h>
#include <unistd.h>

#define ENTRIES_MAX 8192 /* of the folder, in one look */
#define WRITING     1    /* seconds that a file must have rested */
#define CHUNK       65536

struct scan {
    struct inbox_look *look;
    int dir;
    /* The best roster so far. */
    struct roster_file best;
    char best_name[INBOX_NAME_MAX];
    uint8_t best_key[CRYPTO_SHA256_LEN];
};

static bool is_roster_name(const char *name)
{
    static const char suffix[] = ".roster";
    size_t len = strlen(name);

    return name[0] != '.' && len > sizeof(suffix) - 1 &&
           strcmp(name + len - (sizeof(suffix) - 1), suffix) == 0;
}

static bool key_of(const char *name, const struct stat *st, uint8_t key[CRYPTO_SHA256_LEN])
{
    const int64_t about[] = {(int64_t)st->st_dev,          (int64_t)st->st_ino,
                             (int64_t)st->st_size,         (int64_t)st->st_mtim.tv_sec,
                             (int64_t)st->st_mtim.tv_nsec, (int64_t)st->st_mode};

    return crypto_sha256_two(name, strlen(name), about, sizeof(about), key) == CRYPTO_OK;
}

static bool is_seen(const struct inbox_look *look, const uint8_t key[CRYPTO_SHA256_LEN])
{
    for (size_t n = 0; n < INBOX_SEEN; n++)
        if (memcmp(look->seen[n], key, CRYPTO_SHA256_LEN) == 0)
            return true;
    return false;
}

static struct inbox_item *add(struct scan *s, enum inbox_kind kind, const char *name,
                              const uint8_t key[CRYPTO_SHA256_LEN])
{
    struct inbox_item *item;

    if (s->look->items == INBOX_ITEMS) {
        s->look->more = true;
        return NULL;
    }
    item = &s->look->item[s->look->items++];
    *item = (struct inbox_item){.kind = kind};
    snprintf(item->name, sizeof(item->name), "%s", name);
    memcpy(item->key, key, sizeof(item->key));
    return item;
}

static void add_odd(struct scan *s, const char *name, const uint8_t key[CRYPTO_SHA256_LEN],
                    int error)
{
    struct inbox_item *item = add(s, INBOX_ODD, name, key);

    if (item != NULL)
        item->error = error;
}

static void take_notice(struct scan *s, int fd, const char *name,
                        const uint8_t key[CRYPTO_SHA256_LEN])
{
    struct inbox_item *item = add(s, INBOX_NOTICE, name, key);
    ssize_t n;

    if (item == NULL)
        return;
    n = pread(fd, item->octets, sizeof(item->octets), 0);
    if (n < 0) {
        item->kind = INBOX_ODD;
        item->error = errno;
    }
    item->len = n > 0 ? (size_t)n : 0;
}

static void add_foreign(struct scan *s, const char *name, const uint8_t key[CRYPTO_SHA256_LEN],
                        const struct roster_file *head)
{
    struct inbox_item *item = add(s, INBOX_FOREIGN, name, key);

    if (item != NULL)
        item->head = *head;
}

/* Only what this host would take is copied: the rest is looked at again when it changes. A file
 * whose lines cannot be read is handed over so that its name stands in the log. */
static void meet_roster(struct scan *s, int fd, const char *name,
                        const uint8_t key[CRYPTO_SHA256_LEN])
{
    struct roster_file head;
    char buf[ROSTER_FILE_HEAD_MAX];
    size_t len = 0;
    ssize_t n = pread(fd, buf, sizeof(buf), 0);

    if (n < 0) {
        add_odd(s, name, key, errno);
        return;
    }
    if (roster_file_parse(buf, (size_t)n, &head, &len) != ROSTER_OK) {
        head = (struct roster_file){.number = UINT64_MAX};
        snprintf(head.zone, sizeof(head.zone), "%s", s->look->zone);
    }
    if (strcmp(head.zone, s->look->zone) != 0)
        add_foreign(s, name, key, &head);
    if (strcmp(head.zone, s->look->zone) != 0 || head.number <= s->look->above ||
        (s->best_name[0] != '\0' && head.number <= s->best.number))
        return;
    s->best = head;
    snprintf(s->best_name, sizeof(s->best_name), "%s", name);
    memcpy(s->best_key, key, sizeof(s->best_key));
}

static bool at_rest(struct scan *s, const struct stat *st)
{
    time_t now = time(NULL);

    if (st->st_mtim.tv_sec > now || st->st_mtim.tv_sec < now - WRITING)
        return true;
    s->look->later = true;
    return false;
}

static int open_entry(const struct scan *s, const char *name)
{
    return openat(s->dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static void look_at(struct scan *s, const char *name)
{
    bool notice = amend_file_name(name);
    uint8_t key[CRYPTO_SHA256_LEN];
    struct stat st;
    int fd;

    if ((!notice && !is_roster_name(name)) || strlen(name) >= INBOX_NAME_MAX ||
        fstatat(s->dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || !key_of(name, &st, key) ||
        is_seen(s->look, key))
        return;
    if (!S_ISREG(st.st_mode)) {
        add_odd(s, name, key, 0);
        return;
    }
    if (!at_rest(s, &st))
        return;
    if ((fd = open_entry(s, name)) < 0) {
        add_odd(s, name, key, errno);
        return;
    }
    if (notice)
        take_notice(s, fd, name, key);
    else
        meet_roster(s, fd, name, key);
    close(fd);
}

/* What is taken of the disk must leave room for the log. */
static bool has_room(int from, int to)
{
    struct statvfs fs;
    struct stat st;

    return fstat(from, &st) == 0 && fstatvfs(to, &fs) == 0 &&
           (uint64_t)st.st_size < (uint64_t)fs.f_bavail * fs.f_frsize / 4;
}

static bool copy(int from, int to)
{
    static uint8_t buf[CHUNK];
    ssize_t n;

    while ((n = read(from, buf, sizeof(buf))) > 0)
        for (ssize_t done = 0; done < n;) {
            ssize_t w = write(to, buf + done, (size_t)(n - done));
            if (w <= 0)
                return false;
            done += w;
        }
    return n == 0;
}

static void take_best(struct scan *s)
{
    int fd;

    if (s->best_name[0] == '\0')
        return;
    fd = open_entry(s, s->best_name);
    if (fd >= 0 && !has_room(fd, s->look->roster))
        add_odd(s, s->best_name, s->best_key, EFBIG);
    else if (fd >= 0 && copy(fd, s->look->roster))
        (void)add(s, INBOX_ROSTER, s->best_name, s->best_key);
    else
        add_odd(s, s->best_name, s->best_key, errno);
    if (fd >= 0)
        close(fd);
}

void inbox_scan(struct inbox_look *look)
{
    struct scan s = {.look = look};
    DIR *dir = opendir(look->folder);
    struct dirent *entry;

    if (dir == NULL) {
        look->error = errno;
        return;
    }
    /* Before the first entry is read: what comes later is told. */
    (void)inotify_add_watch(look->notify, look->folder, IN_CLOSE_WRITE | IN_MOVED_TO | IN_ONLYDIR);
    s.dir = dirfd(dir);
    for (size_t n = 0; n < ENTRIES_MAX && (entry = readdir(dir)) != NULL; n++)
        look_at(&s, entry->d_name);
    take_best(&s);
    closedir(dir);
}
