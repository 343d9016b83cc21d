/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/frame.h"

#include "core/wire/admin.h"
#include "core/wire/auth.h"
#include "core/wire/card.h"
#include "core/wire/finger.h"
#include "tests/fuzz/fuzz.h"

static const struct {
    const struct frame_rule *rules;
    const size_t *count;
} channels[] = {
    {auth_to_broker, &auth_to_broker_count},     {auth_to_client, &auth_to_client_count},
    {admin_to_broker, &admin_to_broker_count},   {admin_to_client, &admin_to_client_count},
    {card_to_worker, &card_to_worker_count},     {card_to_broker, &card_to_broker_count},
    {finger_to_worker, &finger_to_worker_count}, {finger_to_broker, &finger_to_broker_count},
};

#define CHANNELS (sizeof(channels) / sizeof(channels[0]))

static void read_field(const struct frame *f, unsigned n)
{
    char text[256];
    uint8_t nonce[FRAME_NONCE_LEN];
    uint32_t number = 0;

    fuzz_require(frame_has(f, n) == (frame_text(f, n, text, sizeof(text)) != WIRE_MISSING));
    fuzz_require(frame_has(f, n) == (frame_u32(f, n, &number) != WIRE_MISSING));
    fuzz_require(frame_has(f, n) == (frame_fixed(f, n, nonce, sizeof(nonce)) != WIRE_MISSING));
}

/* The same message again, its fields in ascending order: as long as it was, and it decodes. */
static void rewrite(const struct frame *f, size_t size, size_t channel)
{
    uint8_t *again = malloc(size);
    struct frame_out out = frame_begin(again, size, f->type);
    struct frame back;
    size_t len = 0;

    fuzz_require(again != NULL);
    for (unsigned n = 0; n < FRAME_FIELDS; n++)
        if (frame_has(f, n))
            frame_put(&out, n, f->field[n].val, f->field[n].len);
    fuzz_require(frame_end(&out, &len) == WIRE_OK && len == size);
    fuzz_require(frame_decode(again, len, channels[channel].rules, *channels[channel].count,
                              &back) == WIRE_OK);
    for (unsigned n = 0; n < FRAME_FIELDS; n++)
        fuzz_same(f->field[n].val, f->field[n].len, back.field[n].val, back.field[n].len);
    free(again);
}

/* The first octet chooses the channel. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct frame f;
    size_t channel;

    if (size == 0)
        return 0;
    channel = data[0] % CHANNELS;
    if (frame_decode(data + 1, size - 1, channels[channel].rules, *channels[channel].count, &f) !=
        WIRE_OK)
        return 0;
    for (unsigned n = 0; n < FRAME_FIELDS; n++)
        read_field(&f, n);
    rewrite(&f, size - 1, channel);
    return 0;
}
