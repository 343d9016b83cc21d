/* SPDX-License-Identifier: Apache-2.0 */
#include "core/chain/chain.h"
#include "tests/fuzz/fuzz.h"

static void check_event(const uint8_t *data, size_t size)
{
    static uint8_t again[CHAIN_EVENT_MAX];
    static struct chain_event event, back;
    struct chain_walk walk = {0};
    uint8_t link[CRYPTO_SHA256_LEN];
    size_t len = 0;

    if (chain_event_decode(data, size, &event) != CHAIN_OK)
        return;
    fuzz_require(chain_event_encode(&event, again, sizeof(again), &len) == CHAIN_OK);
    fuzz_same(again, len, data, size);
    walk.last_sequence = event.sequence - 1;
    fuzz_require(chain_link(walk.link, data, size, link) == CHAIN_OK);
    fuzz_require(chain_walk_step(&walk, data, size, link, &back) == CHAIN_OK);
}

/* Whatever a caller sends as a value can be written down. */
static void check_value(const uint8_t *data, size_t size)
{
    static struct chain_event event;
    static uint8_t der[CHAIN_EVENT_MAX];
    char *value = malloc(size + 1);
    size_t len = 0;

    fuzz_require(value != NULL);
    memcpy(value, data, size);
    value[size] = '\0';
    event = (struct chain_event){.sequence = 1, .kind = "login"};
    fuzz_require(chain_event_add(&event, "user", value));
    fuzz_require(chain_event_encode(&event, der, sizeof(der), &len) == CHAIN_OK);
    fuzz_require(chain_event_decode(der, len, &event) == CHAIN_OK);
    free(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_event(data, size);
    if (size > 0)
        check_value(data, size);
    return 0;
}
