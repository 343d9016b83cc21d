/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/tlv.h"
#include "tests/fuzz/fuzz.h"

#define DEPTH_MAX 16

static void check_values(const struct tlv *t)
{
    char text[64];
    uint64_t number = 0;
    uint8_t again[16];
    struct tlv_out out = tlv_writer(again, sizeof(again));
    size_t len = 0;

    if (tlv_text(t, text, sizeof(text)) == WIRE_OK)
        fuzz_require(strlen(text) == t->len);
    if (tlv_uint(t, &number) != WIRE_OK)
        return;
    tlv_put_uint(&out, DER_INTEGER, number);
    fuzz_require(tlv_finish(&out, &len) == WIRE_OK);
    fuzz_same(again + 2, len - 2, t->val, t->len);
}

static void walk(struct tlv_cur cur, unsigned depth)
{
    struct tlv t = {0};
    const uint8_t *end = cur.p + cur.left;

    while (tlv_next(&cur, &t) == WIRE_OK) {
        fuzz_require(t.len <= (size_t)(end - t.val) && cur.p == t.val + t.len);
        check_values(&t);
        if (depth < DEPTH_MAX)
            walk((struct tlv_cur){.p = t.val, .left = t.len, .der = cur.der}, depth + 1);
    }
}

/* What DER reads is written back as it stood. */
static void rewrite(const uint8_t *data, size_t size)
{
    struct tlv_cur cur = tlv_der(data, size);
    struct tlv t = {0};
    uint8_t *again = malloc(size + 1);
    struct tlv_out out = tlv_writer(again, size);
    size_t len = 0;

    fuzz_require(again != NULL);
    while (tlv_next(&cur, &t) == WIRE_OK)
        tlv_put(&out, t.tag, t.val, t.len);
    fuzz_require(tlv_finish(&out, &len) == WIRE_OK);
    fuzz_same(again, len, data, size - cur.left);
    free(again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    walk(tlv_ber(data, size), 0);
    walk(tlv_der(data, size), 0);
    rewrite(data, size);
    return 0;
}
