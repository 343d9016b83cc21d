/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/card.h"

#define BIT(name) FRAME_BIT(CARD_F_##name)
#define COUNTS    (BIT(APDUS) | BIT(SENT) | BIT(RECEIVED) | BIT(MICROS))

const struct frame_rule card_to_worker[] = {
    {CARD_OPEN, BIT(ATTEMPT), BIT(READER)},
    {CARD_READ, BIT(ATTEMPT) | BIT(FAMILY) | BIT(OBJECT), BIT(PINREF) | BIT(MORE)},
    {CARD_SIGN, BIT(ATTEMPT) | BIT(FAMILY) | BIT(KEY) | BIT(ALG) | BIT(DIGEST),
     BIT(PIN) | BIT(PINREF) | BIT(MORE)},
    {CARD_NEXT, BIT(ATTEMPT), 0},
    {CARD_END, BIT(ATTEMPT), 0},
    {CARD_LIST, BIT(ATTEMPT), 0},
    {CARD_PIN, BIT(ATTEMPT) | BIT(FAMILY) | BIT(PIN) | BIT(NEWPIN), BIT(PINREF) | BIT(UNBLOCK)},
    {CARD_ISSUE, BIT(ATTEMPT) | BIT(FAMILY) | BIT(SECRET) | BIT(KEYVER), BIT(LOCK)},
};
const size_t card_to_worker_count = sizeof(card_to_worker) / sizeof(card_to_worker[0]);

const struct frame_rule card_to_broker[] = {
    {CARD_WAITING, BIT(ATTEMPT) | BIT(REASON), BIT(READER)},
    {CARD_PRESENT, BIT(ATTEMPT) | BIT(READER) | BIT(COUNTER), BIT(ATR) | BIT(MORE)},
    {CARD_OBJECT, BIT(ATTEMPT) | COUNTS, BIT(DATA) | BIT(TRIES)},
    {CARD_SIGNED, BIT(ATTEMPT) | BIT(SIGNATURE) | COUNTS, BIT(TRIES)},
    {CARD_FAILED, BIT(ATTEMPT) | BIT(REASON), BIT(SW) | BIT(TRIES) | COUNTS},
    {CARD_REMOVED, BIT(ATTEMPT) | BIT(COUNTER), BIT(REASON)},
    {CARD_READERS, BIT(ATTEMPT), BIT(LIST) | BIT(REASON)},
    {CARD_CHANGED, BIT(ATTEMPT) | COUNTS, 0},
};
const size_t card_to_broker_count = sizeof(card_to_broker) / sizeof(card_to_broker[0]);
