/* SPDX-License-Identifier: Apache-2.0
 *
 * roster.issue, roster.record, roster.hashes: the very octets that were signed and hashed, for
 * whoever checks them by hand (toyama-roster(5)).
 */
#include "toyamad/registry/store.h"
#include "toyamad/task.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void write_out(struct task *t, const uint8_t *octets, size_t len)
{
    size_t done = 0;

    while (done < len) {
        ssize_t n = write(t->fd, octets + done, len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            task_done(t, ADMIN_FAILED, NULL, "the file cannot be written: %s", strerror(errno));
            return;
        }
        done += (size_t)n;
    }
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

static bool take_number(struct task *t, uint64_t *out)
{
    const char *text = task_get(t, "number");
    char *end = NULL;

    *out = t->broker->registry.issue.number;
    if (text[0] == '\0')
        return true;
    errno = 0;
    *out = strtoull(text, &end, 10);
    if (errno == 0 && *text >= '0' && *text <= '9' && *end == '\0' && *out <= INT64_MAX)
        return true;
    task_done(t, ADMIN_USAGE, NULL, "\"number\" is not a number");
    return false;
}

/* False: the call was ended. */
static bool record_view(struct task *t, const char *what, const char *which)
{
    struct chain_event event = {.kind = "evidence-viewed"};

    chain_event_add(&event, what, which);
    chain_event_add(&event, "operator", t->operator.number);
    return task_event_only(t, &event);
}

void roster_issue(struct task *t)
{
    uint8_t der[ROSTER_SIGNED_MAX];
    struct store_query q;
    uint64_t number = 0;
    char text[24];
    size_t len = 0;

    if (!take_number(t, &number))
        return;
    q = store_prepare(&t->broker->registry, "SELECT signed FROM issue WHERE number=?");
    store_bind_int(&q, 1, (int64_t)number);
    if (!store_row(&q) || !store_blob(&q, 0, der, sizeof(der), &len))
        len = 0;
    store_finalize(&q);
    snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
    if (len == 0)
        task_done(t, ADMIN_NOT_FOUND, NULL, "issue %s is not here", text);
    else if (record_view(t, "number", text))
        write_out(t, der, len);
}

void roster_record(struct task *t)
{
    uint8_t der[ROSTER_RECORD_MAX];
    struct store_query q;
    size_t len = 0;

    if (!task_find_person(t))
        return;
    q = store_prepare(&t->broker->registry, "SELECT record FROM person WHERE id=?");
    store_bind_blob(&q, 1, t->person.id, ROSTER_ID_LEN);
    if (!store_row(&q) || !store_blob(&q, 0, der, sizeof(der), &len))
        len = 0;
    store_finalize(&q);
    if (len == 0)
        task_fail_registry(t, REGISTRY_ALTERED);
    else if (record_view(t, "person", t->person.number))
        write_out(t, der, len);
}

void roster_hashes(struct task *t)
{
    const struct registry *reg = &t->broker->registry;
    uint8_t *all = malloc(reg->entries * CRYPTO_SHA256_LEN + 1);

    if (all == NULL) {
        task_done(t, ADMIN_FAILED, NULL, "out of memory");
        return;
    }
    for (size_t n = 0; n < reg->entries; n++)
        memcpy(all + n * CRYPTO_SHA256_LEN, reg->entry[n].hash, CRYPTO_SHA256_LEN);
    if (record_view(t, "what", "hashes"))
        write_out(t, all, reg->entries * CRYPTO_SHA256_LEN);
    free(all);
}
