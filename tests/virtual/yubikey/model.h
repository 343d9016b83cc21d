/* SPDX-License-Identifier: Apache-2.0
 *
 * The OTP application of a YubiKey as its HID feature reports show it: eight octets at a time in,
 * eight out. Pure: the clock is handed in, nothing is allocated.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_YUBIKEY_MODEL_H
#define TOYAMA_TESTS_VIRTUAL_YUBIKEY_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_REPORT  8
#define MODEL_PAYLOAD 64
#define MODEL_FRAME   70
#define MODEL_SECRET  20
#define MODEL_CODE    6
#define MODEL_ANSWER  64

/* Flags of a configuration, as the key's documentation numbers them. */
enum {
    MODEL_TKT_CHAL_RESP = 0x40,
    MODEL_CFG_CHAL_HMAC = 0x22,
    MODEL_CFG_LT64 = 0x04,
    MODEL_CFG_TOUCH = 0x08,
    MODEL_EXT_SERIAL_API = 0x04
};

/* Faults of the key itself; each but the last three happens once. */
enum model_fault {
    MODEL_SOUND,
    MODEL_BAD_CRC,
    MODEL_WRONG_HMAC,
    MODEL_TRUNCATE,      /* falls silent after the first report of an answer */
    MODEL_CUT,           /* says there that the answer is complete */
    MODEL_SWALLOW,       /* a configuration is acknowledged and forgotten */
    MODEL_BUSY_FOREVER,  /* the write flag never clears */
    MODEL_TOUCH_FOREVER, /* waits for a touch without end */
    MODEL_DEAF           /* the same, and does not take an end from the host either */
};

struct model_slot {
    bool valid;
    uint8_t secret[MODEL_SECRET], code[MODEL_CODE];
    uint8_t ext, tkt, cfg;
};

struct model_stats {
    unsigned frames, bad_frames, resets, hmacs, touches, refused_writes, writes, swallowed;
};

struct model {
    uint8_t version[3];
    uint8_t sequence;
    uint32_t serial;
    struct model_slot slot[2];
    int64_t touch_timeout; /* ms */
    int64_t auto_touch;    /* ms after the wait began, -1: never */
    enum model_fault fault;
    struct model_stats stats;
    uint8_t challenge[MODEL_PAYLOAD]; /* the last one, as it came */

    uint8_t frame[MODEL_FRAME];
    uint8_t answer[MODEL_ANSWER];
    size_t answer_len, chunk;
    unsigned waiting; /* number of the slot that waits for its touch, 0: none */
    int64_t waits_since;
    bool touched;
};

void model_init(struct model *m, const uint8_t version[3], uint32_t serial);
void model_set_report(struct model *m, const uint8_t report[MODEL_REPORT], int64_t now);
void model_get_report(struct model *m, uint8_t report[MODEL_REPORT], int64_t now);
/* A finger on the contact; without a wait it is of no use. */
void model_touch(struct model *m);
/* Without power: what was under way is lost. */
void model_power_off(struct model *m);

#endif
