/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/join.h"

#include <stdlib.h>
#include <string.h>

#include "core/roster/schema.h"
#include "core/wire/wipe.h"

#define VERSION     1
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
    ROW_OCTETS(struct join_content, join.helpdesk, join.helpdesklen, 0),
};
static const struct schema schema = SCHEMA_OF(rows);

/* Both hold secrets; one block, wiped as one. */
struct work {
    struct join_content content;
    uint8_t der[JOIN_FILE_MAX];
};

static void work_free(struct work *work)
{
    wire_wipe(work, sizeof(*work));
    free(work);
}

int join_seal(const struct roster_join *join, const char *code, void *buf, size_t cap,
              size_t *outlen)
{
    struct work *work = calloc(1, sizeof(*work));
    size_t len = 0;
    int r = CODE_FULL;

    if (work == NULL)
        return CODE_CRYPTO;
    work->content.version = VERSION;
    work->content.join = *join;
    if (schema_encode(&schema, &work->content, work->der, CONTENT_MAX, &len) == ROSTER_OK)
        r = code_seal(CODE_LABEL_JOIN, code, work->der, len, buf, cap, outlen);
    work_free(work);
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
    struct work *work = calloc(1, sizeof(*work));
    size_t derlen = 0;
    int r;

    wire_wipe(out, sizeof(*out));
    if (work == NULL)
        return CODE_CRYPTO;
    r = code_open(CODE_LABEL_JOIN, code, file, len, work->der, sizeof(work->der), &derlen);
    if (r == CODE_OK && schema_decode(&schema, work->der, derlen, &work->content) != ROSTER_OK)
        r = CODE_DAMAGED;
    if (r == CODE_OK && (r = judge(&work->content.join, host, now)) == CODE_OK)
        *out = work->content.join;
    work_free(work);
    return r;
}
