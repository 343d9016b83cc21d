/* SPDX-License-Identifier: Apache-2.0
 *
 * approver test: an approver signs what means nothing, in the way in which he approves: before the
 * day on which it matters.
 */
#include "core/wire/tlv.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <string.h>

#define LABEL     "toyama approval test"
#define NONCE_LEN 32
#define DER_MAX   256

struct sample {
    uint8_t der[DER_MAX];
    size_t len;
};

static bool draw(const struct task *t, struct sample *out)
{
    struct tlv_out der = tlv_writer(out->der, sizeof(out->der));
    uint8_t nonce[NONCE_LEN];
    size_t mark = tlv_open(&der, DER_SEQUENCE);

    if (crypto_random(nonce, sizeof(nonce)) != CRYPTO_OK)
        return false;
    tlv_put_text(&der, DER_UTF8, LABEL);
    tlv_put_text(&der, DER_UTF8, policy_zone_name(t->broker->config.policy.zone));
    tlv_put_text(&der, DER_UTF8, t->broker->config.policy.host);
    tlv_put(&der, DER_OCTETS, nonce, sizeof(nonce));
    tlv_close(&der, mark);
    return tlv_finish(&der, &out->len) == WIRE_OK;
}

static void on_approved(struct task *t, const struct approve_result *result)
{
    struct admin_pairs row = {0};
    char count[24];

    snprintf(count, sizeof(count), "%zu", result->signatures);
    admin_pair_add(&row, "approver", result->number);
    admin_pair_add(&row, "signatures", count);
    task_row(t, &row);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

/* "1" to "4", as many as issues of zones may be signed in one go; 1 where it is not given. */
static size_t times(const struct task *t)
{
    const char *value = task_get(t, "times");

    if (value[0] == '\0')
        return 1;
    return value[1] == '\0' && value[0] >= '1' && value[0] <= '0' + APPROVE_BLOBS_MAX
               ? (size_t)(value[0] - '0')
               : 0;
}

void approver_test(struct task *t)
{
    struct sample sample[APPROVE_BLOBS_MAX];
    struct approve_blob blob[APPROVE_BLOBS_MAX] = {0};
    struct approve_what what = {.subject = "test", .blob = blob, .blobs = times(t)};

    for (size_t n = 0; n < what.blobs; n++) {
        if (!draw(t, &sample[n])) {
            task_done(t, ADMIN_FAILED, NULL, "no random numbers");
            return;
        }
        blob[n] = (struct approve_blob){.der = sample[n].der, .len = sample[n].len};
    }
    if (what.blobs == 0)
        task_done(t, ADMIN_USAGE, NULL, "\"times\" is 1 to %d", APPROVE_BLOBS_MAX);
    else
        approve_begin(t, &what, on_approved);
}
