/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/join.h"

#include <stdlib.h>
#include <string.h>

#include "core/roster/schema.h"
#include "core/wire/wipe.h"

#define VERSION     2
#define CONTENT_MAX (JOIN_FILE_MAX - CODE_SEAL_EXTRA)

/* The structure of the header with the version in front of it. */
struct join_content {
    uint8_t version;
    struct roster_join join;
};

static const struct schema_row rows[] = {
    ROW_UINT(struct join_content, version, VERSION, VERSION),
    ROW_TEXT(struct join_content, join.zone, 1),
    ROW_TEXT(struct join_content, join.host, 1),
    ROW_UINT(struct join_content, join.expires, 0, SCHEMA_TIME_MAX),
    ROW_FIXED(struct join_content, join.authority),
    ROW_OCTETS(struct join_content, join.trust, join.trustlen, 1),
    ROW_OCTETS(struct join_content, join.key, join.keylen, 1),
    ROW_OCTETS(struct join_content, join.cert, join.certlen, 1),
    ROW_FIXED(struct join_content, join.seal_key),
    ROW_OCTETS(struct join_content, join.old, join.oldlen, 0),
    ROW_OCTETS(struct join_content, join.helpdesk, join.helpdesklen, 0),
};
static const struct schema schema = SCHEMA_OF(rows);

static void content_free(struct join_content *content)
{
    wire_wipe(content, sizeof(*content));
    free(content);
}

int join_encode(const struct roster_join *join, void *buf, size_t cap, size_t *len)
{
    struct join_content *content = calloc(1, sizeof(*content));
    int r;

    if (content == NULL)
        return CODE_CRYPTO;
    content->version = VERSION;
    content->join = *join;
    r = schema_encode(&schema, content, buf, cap, len) == ROSTER_OK ? CODE_OK : CODE_FULL;
    content_free(content);
    return r;
}

int join_decode(const void *buf, size_t len, struct roster_join *out)
{
    struct join_content *content = calloc(1, sizeof(*content));
    int r = CODE_DAMAGED;

    if (content == NULL)
        return CODE_CRYPTO;
    if (schema_decode(&schema, buf, len, content) == ROSTER_OK) {
        *out = content->join;
        r = CODE_OK;
    }
    content_free(content);
    return r;
}

int join_seal(const struct roster_join *join, const char *code, void *buf, size_t cap,
              size_t *outlen)
{
    uint8_t der[CONTENT_MAX];
    size_t len = 0;
    int r = join_encode(join, der, sizeof(der), &len);

    if (r == CODE_OK)
        r = code_seal(CODE_LABEL_JOIN, code, der, len, buf, cap, outlen);
    wire_wipe(der, sizeof(der));
    return r;
}

static int judge(const struct roster_join *join, const char *host, int64_t now)
{
    if (strcmp(join->host, host) != 0)
        return CODE_OTHER_HOST;
    return now <= join->expires ? CODE_OK : CODE_EXPIRED;
}

int join_open(const void *file, size_t len, const char *code, const char *host, int64_t now,
              struct roster_join *out)
{
    uint8_t der[JOIN_FILE_MAX];
    size_t derlen = 0;
    int r = code_open(CODE_LABEL_JOIN, code, file, len, der, sizeof(der), &derlen);

    if (r == CODE_OK && (r = join_decode(der, derlen, out)) == CODE_OK)
        r = judge(out, host, now);
    if (r != CODE_OK)
        wire_wipe(out, sizeof(*out));
    wire_wipe(der, sizeof(der));
    return r;
}
