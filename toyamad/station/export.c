/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/export.h"

#include "core/roster/payload.h"
#include "toyamad/sealed.h"
#include "toyamad/station/payload.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIGNER_NAME "toyama authority"

static int fill_head(struct station *st, const struct station_zone *zone,
                     const struct station_export *what, struct station_exported *out)
{
    const struct roster_issue *issue = &zone->trust.issue;
    struct roster_file *head = &out->head;

    if (strlen(what->media) >= sizeof(head->media))
        return station_fail(st, REGISTRY_LIMIT, "the number of the medium is too long");
    *head = (struct roster_file){.number = issue->number,
                                 .created = issue->created,
                                 .people = issue->count,
                                 .base = what->base};
    memcpy(head->zone, zone->name, sizeof(head->zone));
    memcpy(head->previous, issue->previous, sizeof(head->previous));
    memcpy(head->media, what->media, strlen(what->media) + 1);
    return roster_file_name(head, out->name) == ROSTER_OK
               ? REGISTRY_OK
               : station_fail(st, REGISTRY_FAILED, "the roster file has no name");
}

/* What the file that the operator's program opened is called. */
static int cannot(struct station *st, int fd, const char *why)
{
    char link[64], path[128] = "";
    ssize_t n;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    if ((n = readlink(link, path, sizeof(path) - 1)) < 0)
        n = 0;
    path[n] = '\0';
    return station_fail(st, REGISTRY_STORE, "%s: %s", path, why);
}

/* Where the head stands: its length is known before its hash is. */
static int write_head(struct station *st, const struct roster_file *head, int fd, size_t *len)
{
    char text[ROSTER_FILE_HEAD_MAX];

    if (roster_file_format(head, text, sizeof(text), len) != ROSTER_OK)
        return station_fail(st, REGISTRY_LIMIT, "the number of the medium cannot be written");
    if (pwrite(fd, text, *len, 0) != (ssize_t)*len)
        return cannot(st, fd, strerror(errno));
    return REGISTRY_OK;
}

static int seal(struct station *st, const struct station_zone *zone, int content, int fd)
{
    uint8_t cert[CMS_CERT_MAX], spki[CRYPTO_SPKI_MAX];
    struct cms_signer signer = {.key = st->keys->authority,
                                .keylen = st->keys->authority_len,
                                .cert = cert,
                                .time = st->now};
    bool changing = zone->old.key_len > 0;
    size_t spkilen = 0;
    int r;

    if ((r = crypto_self_cert(st->keys->authority, st->keys->authority_len, SIGNER_NAME, false,
                              st->now, cert, sizeof(cert), &signer.certlen)) == CRYPTO_OK &&
        (r = crypto_cert_spki(changing ? zone->old.cert : zone->cert,
                              changing ? zone->old.cert_len : zone->cert_len, spki, sizeof(spki),
                              &spkilen)) == CRYPTO_OK)
        r = sealed_write(content, &signer, spki, spkilen, fd);
    if (r == CRYPTO_IO)
        return cannot(st, fd, crypto_strerror(r));
    return r == CRYPTO_OK ? REGISTRY_OK
                          : station_fail(st, REGISTRY_FAILED, "the roster could not be sealed: %s",
                                         crypto_strerror(r));
}

static int finish(struct station *st, int fd, size_t headlen, struct station_exported *out)
{
    struct stat stat;
    int err;

    if (sealed_hash(fd, headlen, out->head.sha256) != CRYPTO_OK)
        return cannot(st, fd, "cannot be read again");
    if ((err = write_head(st, &out->head, fd, &headlen)) != REGISTRY_OK)
        return err;
    if (sealed_hash(fd, 0, out->sha256) != CRYPTO_OK || fsync(fd) != 0 || fstat(fd, &stat) != 0)
        return cannot(st, fd, strerror(errno));
    out->octets = (uint64_t)stat.st_size;
    return REGISTRY_OK;
}

static int write_file(struct station *st, const struct station_zone *zone,
                      const struct station_export *what, int content, struct station_exported *out)
{
    size_t headlen = 0;
    int err;

    if ((err = fill_head(st, zone, what, out)) != REGISTRY_OK ||
        (err = write_head(st, &out->head, what->fd, &headlen)) != REGISTRY_OK ||
        (err = payload_write(st, zone, what->base, content, out)) != REGISTRY_OK)
        return err;
    if (lseek(what->fd, (off_t)headlen, SEEK_SET) != (off_t)headlen)
        return cannot(st, what->fd, strerror(errno));
    if ((err = seal(st, zone, content, what->fd)) != REGISTRY_OK)
        return err;
    return finish(st, what->fd, headlen, out);
}

static int check_base(struct station *st, const struct station_zone *zone, uint64_t base)
{
    uint64_t newest = zone->trust.issue.number;

    if (newest == 0)
        return station_fail(st, REGISTRY_NONE, "zone %s has no approved issue yet", zone->name);
    if (base >= newest)
        return station_fail(st, REGISTRY_NONE, "the newest issue of zone %s is number %llu",
                            zone->name, (unsigned long long)newest);
    if (newest - base > ROSTER_CHAIN_MAX && base > 0)
        return station_fail(st, REGISTRY_NONE, "too many issues since number %llu: write everybody",
                            (unsigned long long)base);
    return REGISTRY_OK;
}

int export_write(struct station *st, const struct station_export *what,
                 struct station_exported *out)
{
    struct station_zone zone;
    int content, err = zone_load(st, what->zone, &zone);

    *out = (struct station_exported){0};
    if (err != REGISTRY_OK)
        return err;
    content = open(st->state, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (content < 0)
        err = station_fail(st, REGISTRY_STORE, "%.160s: %s", st->state, strerror(errno));
    else if ((err = check_base(st, &zone, what->base)) == REGISTRY_OK)
        err = write_file(st, &zone, what, content, out);
    if (content >= 0)
        close(content);
    zone_wipe(&zone);
    return err;
}
