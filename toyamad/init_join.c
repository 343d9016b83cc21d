/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/init_join.h"

#include "core/roster/join.h"
#include "core/wire/wipe.h"
#include "toyamad/init_code.h"
#include "toyamad/passed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define CLOCK_SLACK 600 /* seconds that the station's clock may be ahead */

static int map_file(const char *path, struct passed_map *map, char *why, size_t whycap)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), err;

    if (fd < 0) {
        snprintf(why, whycap, "%s: %s", path, strerror(errno));
        return EX_NOINPUT;
    }
    err = passed_map(fd, JOIN_FILE_MAX, map);
    close(fd);
    if (err == PASSED_OK)
        return EX_OK;
    snprintf(why, whycap, "%s: %s", path, passed_strerror(err));
    return err == PASSED_LENGTH ? EX_DATAERR : EX_NOINPUT;
}

static int exit_of(int code_err)
{
    switch (code_err) {
    case CODE_CHARACTER:
    case CODE_COUNT:
    case CODE_CHECK:
    case CODE_WRONG:
        return EX_NOPERM;
    case CODE_CRYPTO:
        return EX_OSERR;
    default:
        return EX_DATAERR;
    }
}

static bool is_pair(const uint8_t *key, size_t len, const uint8_t *cert, size_t certlen)
{
    uint8_t own[CRYPTO_SPKI_MAX], named[CRYPTO_SPKI_MAX];
    size_t ownlen = 0, namedlen = 0;

    return crypto_p256_spki(key, len, own, sizeof(own), &ownlen) == CRYPTO_OK &&
           crypto_cert_spki(cert, certlen, named, sizeof(named), &namedlen) == CRYPTO_OK &&
           ownlen == namedlen && memcmp(own, named, ownlen) == 0;
}

/* What the parts of the file say of each other. */
static bool fits_itself(const struct roster_join *join, const struct roster_trust *trust)
{
    return strcmp(join->zone, trust->issue.zone) == 0 && trust->approval &&
           memcmp(join->authority, trust->issue.authority, sizeof(join->authority)) == 0 &&
           is_pair(join->key, join->keylen, join->cert, join->certlen);
}

static void fill(const struct roster_join *join, struct roster_anchor *out)
{
    out->key_len = join->keylen;
    memcpy(out->key, join->key, join->keylen);
    out->cert_len = join->certlen;
    memcpy(out->cert, join->cert, join->certlen);
    memcpy(out->seal_key, join->seal_key, sizeof(out->seal_key));
    out->old_key_len = join->oldlen;
    memcpy(out->old_key, join->old, join->oldlen);
    out->helpdesk_len = join->helpdesklen;
    memcpy(out->helpdesk, join->helpdesk, join->helpdesklen);
}

static int take(const struct config *config, const struct roster_join *join,
                struct roster_anchor *out, char *why, size_t whycap)
{
    const char *zone = policy_zone_name(config->policy.zone);

    _Static_assert(JOIN_KEY_MAX <= ROSTER_ANCHOR_KEY_MAX, "fill copies keys");
    *out = (struct roster_anchor){0};
    if (roster_trust_decode(join->trust, join->trustlen, &out->trust) != ROSTER_OK ||
        !fits_itself(join, &out->trust)) {
        snprintf(why, whycap, "the join file contradicts itself");
        return EX_DATAERR;
    }
    /* A host whose clock stands behind what is recorded lets nobody in. */
    if (out->trust.issue.created > (int64_t)time(NULL) + CLOCK_SLACK) {
        snprintf(why, whycap, "the newest issue was made later than this host's clock says");
        return EX_DATAERR;
    }
    if (strcmp(join->zone, zone) != 0) {
        snprintf(why, whycap, "the join file is for the zone %s, the config says %s", join->zone,
                 zone);
        return EX_DATAERR;
    }
    fill(join, out);
    return EX_OK;
}

static int open_join(const struct config *config, const struct passed_map *map, const char *code,
                     struct roster_anchor *out, char *why, size_t whycap)
{
    struct roster_join join;
    int err =
        join_open(map->octets, map->len, code, config->policy.host, (int64_t)time(NULL), &join);
    int r;

    if (err == CODE_OK) {
        r = take(config, &join, out, why, whycap);
    } else {
        snprintf(why, whycap, "%s", code_strerror(err));
        r = exit_of(err);
    }
    wire_wipe(&join, sizeof(join));
    return r;
}

int init_join(const struct config *config, const char *path, struct roster_anchor *out, char *why,
              size_t whycap)
{
    struct passed_map map = {0};
    char code[INIT_CODE_MAX] = "";
    int r = map_file(path, &map, why, whycap);

    if (r == EX_OK && !init_read_code("Code of the join file: ", code)) {
        snprintf(why, whycap, "the code could not be read");
        r = EX_NOPERM;
    }
    if (r == EX_OK)
        r = open_join(config, &map, code, out, why, whycap);
    wire_wipe(code, sizeof(code));
    passed_unmap(&map);
    return r;
}
