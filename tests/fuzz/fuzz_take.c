/* SPDX-License-Identifier: Apache-2.0
 *
 * A payload whose records are always the ones of its issue: an issue over what the input holds is
 * put in front of it, as the issue that the reader joined with, so that what comes behind the
 * signatures is reached. Then the same once more on top of itself.
 */
#include "core/roster/take.h"
#include "tests/fuzz/fuzz.h"

#define OUT_MAX (1 << 20)

static uint8_t out[OUT_MAX];
static size_t used;

static bool append(void *ctx, const void *p, size_t len)
{
    (void)ctx;
    if (len > sizeof(out) - used)
        return false;
    memcpy(out + used, p, len);
    used += len;
    return true;
}

static bool make_issue(const struct roster_payload *p, struct roster_trust *trust,
                       struct roster_signed *s)
{
    struct tlv_cur records = p->part[ROSTER_PART_RECORDS];
    struct roster_issue issue = {.number = 1};
    struct roster_root root;
    struct roster_record record;
    uint8_t hash[CRYPTO_SHA256_LEN];
    const uint8_t *der = NULL;
    size_t len = 0;
    bool good = true;

    roster_root_begin(&root);
    while (good && roster_payload_octets(&records, &der, &len) == 1)
        good = roster_record_decode(der, len, &record) == ROSTER_OK &&
               crypto_sha256(der, len, hash) == CRYPTO_OK &&
               roster_root_add(&root, record.id, hash) == ROSTER_OK;
    issue.count = root.count;
    good = good && roster_root_finish(&root, issue.root) == ROSTER_OK;
    roster_root_free(&root);
    memcpy(issue.zone, p->zone, sizeof(issue.zone));
    *s = (struct roster_signed){.key_len = 1, .sig_len = 1};
    *trust = (struct roster_trust){.issue = issue};
    return good && roster_issue_encode(&issue, s->der, sizeof(s->der), &s->der_len) == ROSTER_OK &&
           crypto_sha256(s->der, s->der_len, trust->hash) == CRYPTO_OK;
}

static bool copy_part(struct roster_payload_writer *w, struct tlv_cur part)
{
    return roster_payload_next(w) == ROSTER_OK &&
           (part.left == 0 || roster_payload_put_encoded(w, part.p, part.left) == ROSTER_OK);
}

static bool rewrite(const struct roster_payload *p, const struct roster_signed *s)
{
    struct roster_payload_writer w = {.write = append};
    uint64_t octets[ROSTER_PARTS] = {0};
    uint8_t der[ROSTER_SIGNED_MAX];
    size_t len = 0;
    bool good = roster_signed_encode(s, der, sizeof(der), &len) == ROSTER_OK;

    used = 0;
    octets[ROSTER_PART_CHAIN] = len;
    for (size_t n = 1; n < ROSTER_PARTS; n++)
        octets[n] = p->part[n].left;
    good = good && roster_payload_begin(&w, p->zone, p->base, octets) == ROSTER_OK &&
           roster_payload_put_encoded(&w, der, len) == ROSTER_OK;
    for (size_t n = 1; n < ROSTER_PARTS; n++)
        good = good && copy_part(&w, p->part[n]);
    return good && roster_payload_end(&w) == ROSTER_OK;
}

static bool no_record(void *ctx, const uint8_t id[ROSTER_ID_LEN], struct roster_record *record)
{
    (void)ctx;
    (void)id;
    (void)record;
    return false;
}

static void check(const struct roster_take *take, size_t len)
{
    size_t written = 0;

    fuzz_require(take->entries == take->trust.issue.count);
    for (size_t n = 0; n < ROSTER_TAKEN_KINDS; n++)
        written += take->count[n];
    fuzz_require(written == take->rows);
    for (size_t n = 0; n < take->seals; n++)
        fuzz_require(!take->seal[n].write ||
                     (take->seal[n].sealed >= out && take->seal[n].sealed < out + len));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct roster_signed s;
    struct roster_trust trust;
    struct roster_base base = {.trust = &trust, .record = no_record};
    struct roster_payload p;
    struct roster_take first, second;

    if (roster_payload_open(data, size, &p) != ROSTER_OK)
        return 0;
    p.base = 0;
    if (!make_issue(&p, &trust, &s) || !rewrite(&p, &s) ||
        roster_payload_open(out, used, &p) != ROSTER_OK ||
        roster_take(&base, &p, NULL, &first) != ROSTER_OK)
        return 0;
    check(&first, used);
    base.installed = true;
    base.entry = first.entry;
    base.entries = first.entries;
    fuzz_require(roster_take(&base, &p, NULL, &second) == ROSTER_SAME);
    roster_take_free(&first);
    return 0;
}
