/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/audit/anchor.h"

#include "core/wire/tlv.h"
#include "toyamad/audit/head.h"
#include "toyamad/file.h"
#include "toyamad/log.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ANCHOR_MAX (CHAIN_HEAD_MAX + ROSTER_SIGNATURE_MAX)
#define SEQUENCE   0x30

static void path_of(const struct audit *audit, const char *suffix, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/" AUDIT_ANCHOR_FILE "%s", audit->state, suffix);
}

/* LogHead and, behind it, its signature: two SEQUENCEs. */
static bool parse(const uint8_t *buf, size_t len, struct audit_head *out)
{
    struct tlv_cur cur = tlv_der(buf, len);
    struct tlv head;

    if (tlv_expect(&cur, SEQUENCE, &head) != WIRE_OK)
        return false;
    out->len = len - cur.left;
    out->sig_len = cur.left;
    if (out->len > sizeof(out->der) || out->sig_len > sizeof(out->sig))
        return false;
    memcpy(out->der, buf, out->len);
    memcpy(out->sig, buf + out->len, out->sig_len);
    return chain_head_decode(out->der, out->len, &out->head) == CHAIN_OK;
}

static bool load(const struct audit *audit, struct audit_head *out)
{
    uint8_t buf[ANCHOR_MAX];
    char path[PATH_MAX], why[PATH_MAX + 64] = "it is damaged, or of another log";
    size_t len = 0;

    path_of(audit, "", path);
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return false;
    if (file_read_private(path, buf, sizeof(buf), &len, why, sizeof(why)) && parse(buf, len, out) &&
        head_signed_by(&audit->key, out))
        return true;
    log_warning("%s is not used: %s", path, why);
    return false;
}

int anchor_check(struct audit *audit, char *why, size_t whycap)
{
    const unsigned long long last = audit->head.last_sequence;
    struct audit_head anchor;
    struct chain_event event;
    uint8_t link[CRYPTO_SHA256_LEN];
    int err = REGISTRY_NONE;

    if (!load(audit, &anchor) || anchor.head.sequence == 0)
        return REGISTRY_OK;
    if (anchor.head.sequence <= last)
        err = audit_get(audit, anchor.head.sequence, &event, link);
    if (err == REGISTRY_OK && memcmp(link, anchor.head.link, sizeof(link)) == 0)
        return REGISTRY_OK;
    if (err == REGISTRY_STORE)
        return err;
    snprintf(why, whycap,
             "the registry is an older copy: it ends with event %llu, and this host had another "
             "event %llu (%s/" AUDIT_ANCHOR_FILE "; delete it where the copy is meant)",
             last, (unsigned long long)anchor.head.sequence, audit->state);
    return REGISTRY_ALTERED;
}

static bool write_file(const char *path, const struct audit_head *row, bool sync)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good = fd >= 0 && write(fd, row->der, row->len) == (ssize_t)row->len &&
                write(fd, row->sig, row->sig_len) == (ssize_t)row->sig_len &&
                (!sync || fsync(fd) == 0);

    if (fd >= 0)
        close(fd);
    return good;
}

void anchor_write(struct audit *audit, bool sync)
{
    char path[PATH_MAX], fresh[PATH_MAX];
    struct audit_head row = {0};
    int err = head_read(audit->reg, &row);

    audit->anchored = audit->head.last_sequence;
    if (err == REGISTRY_NONE)
        return;
    path_of(audit, "", path);
    path_of(audit, ".new", fresh);
    if (err == REGISTRY_OK && write_file(fresh, &row, sync) && rename(fresh, path) == 0)
        return;
    log_warning("%s cannot be written: %s", path, strerror(errno));
    unlink(fresh);
}
