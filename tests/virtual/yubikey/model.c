/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/yubikey/model.h"

#include "tests/virtual/yubikey/sha1.h"

#include <string.h>

#define CHUNK           7 /* octets of a frame or answer in one report */
#define CONFIG          52
#define CRC_GOOD        0xF0B8
#define FLAG_BUSY       0x80
#define FLAG_PENDING    0x40
#define FLAG_TOUCH      0x20
#define SEQUENCE_MASK   0x1F
#define SEQUENCE_LAST   9
#define TOUCH_MS        15000
#define SECONDS_TO_TELL 0x1F

enum command {
    CMD_CONFIG_1 = 0x01,
    CMD_CONFIG_2 = 0x03,
    CMD_SERIAL = 0x10,
    CMD_CAPABILITIES = 0x13,
    CMD_HMAC_1 = 0x30,
    CMD_HMAC_2 = 0x38
};

/* Where things stand in a configuration. */
enum { AT_UID = 16, AT_KEY = 22, AT_CODE = 38, AT_EXT = 45, AT_TKT = 46, AT_CFG = 47 };

void model_init(struct model *m, const uint8_t version[3], uint32_t serial)
{
    *m = (struct model){.serial = serial, .touch_timeout = TOUCH_MS, .auto_touch = -1};
    memcpy(m->version, version, sizeof(m->version));
}

/* ISO/IEC 13239 CRC-16, reflected. */
static uint16_t crc16(const uint8_t *data, size_t len)
{
    uint16_t crc = 0xFFFF;

    for (size_t n = 0; n < len; n++) {
        crc ^= data[n];
        for (unsigned bit = 0; bit < 8; bit++)
            crc = (uint16_t)(crc >> 1 ^ ((crc & 1) != 0 ? 0x8408 : 0));
    }
    return crc;
}

static bool take_fault(struct model *m, enum model_fault fault)
{
    if (m->fault != fault)
        return false;
    m->fault = MODEL_SOUND;
    return true;
}

static void drop_answer(struct model *m)
{
    m->answer_len = m->chunk = 0;
    m->waiting = 0;
    m->touched = false;
}

static void give(struct model *m, const uint8_t *data, size_t len)
{
    uint16_t crc = (uint16_t)~crc16(data, len);

    drop_answer(m);
    memcpy(m->answer, data, len);
    m->answer[len] = (uint8_t)(crc & 0xFF);
    m->answer[len + 1] = (uint8_t)(crc >> 8);
    m->answer_len = len + 2;
    if (take_fault(m, MODEL_BAD_CRC))
        m->answer[0] ^= 0x10;
    if (take_fault(m, MODEL_CUT))
        m->answer_len = CHUNK;
}

static void give_serial(struct model *m)
{
    const uint8_t serial[4] = {(uint8_t)(m->serial >> 24), (uint8_t)(m->serial >> 16),
                               (uint8_t)(m->serial >> 8), (uint8_t)m->serial};

    if (((m->slot[0].ext | m->slot[1].ext) & MODEL_EXT_SERIAL_API) != 0)
        give(m, serial, sizeof(serial));
}

/* Firmware 4.1 and later: what the key can do, as TLV behind its length. */
static void give_capabilities(struct model *m)
{
    const uint8_t data[] = {15,
                            0x01,
                            1,
                            0x01, /* supported over USB: OTP */
                            0x02,
                            4,
                            (uint8_t)(m->serial >> 24),
                            (uint8_t)(m->serial >> 16),
                            (uint8_t)(m->serial >> 8),
                            (uint8_t)m->serial,
                            0x03,
                            1,
                            0x01, /* enabled */
                            0x04,
                            1,
                            0x01 /* keychain */};

    if (m->version[0] > 4 || (m->version[0] == 4 && m->version[1] >= 1))
        give(m, data, sizeof(data));
}

static void give_hmac(struct model *m, const struct model_slot *slot)
{
    uint8_t mac[SHA1_LEN];
    size_t len = MODEL_PAYLOAD;

    if ((slot->cfg & MODEL_CFG_LT64) != 0) {
        uint8_t last = m->challenge[MODEL_PAYLOAD - 1];
        while (len > 0 && m->challenge[len - 1] == last)
            len--;
    }
    sha1_hmac(slot->secret, m->challenge, len, mac);
    if (take_fault(m, MODEL_WRONG_HMAC))
        mac[0] ^= 0xFF;
    m->stats.hmacs++;
    give(m, mac, sizeof(mac));
}

static void ask(struct model *m, unsigned number, int64_t now)
{
    const struct model_slot *slot = &m->slot[number - 1];

    if (!slot->valid || (slot->tkt & MODEL_TKT_CHAL_RESP) == 0 ||
        (slot->cfg & MODEL_CFG_CHAL_HMAC) != MODEL_CFG_CHAL_HMAC)
        return;
    memcpy(m->challenge, m->frame, MODEL_PAYLOAD);
    if ((slot->cfg & MODEL_CFG_TOUCH) == 0) {
        give_hmac(m, slot);
        return;
    }
    m->waiting = number;
    m->waits_since = now;
}

static bool is_zero(const uint8_t *data, size_t len)
{
    for (size_t n = 0; n < len; n++)
        if (data[n] != 0)
            return false;
    return true;
}

static void store(struct model_slot *slot, const uint8_t *config)
{
    slot->valid = true;
    memcpy(slot->secret, config + AT_KEY, 16);
    memcpy(slot->secret + 16, config + AT_UID, 4);
    memcpy(slot->code, config + AT_CODE, MODEL_CODE);
    slot->ext = config[AT_EXT];
    slot->tkt = config[AT_TKT];
    slot->cfg = config[AT_CFG];
}

/* The current access code stands behind the configuration. All zero deletes. */
static void configure(struct model *m, unsigned number)
{
    struct model_slot *slot = &m->slot[number - 1];
    const uint8_t *config = m->frame;
    bool delete = is_zero(config, CONFIG);

    if ((!delete &&crc16(config, CONFIG) != CRC_GOOD) ||
        (slot->valid && memcmp(slot->code, config + CONFIG, MODEL_CODE) != 0)) {
        m->stats.refused_writes++;
        return;
    }
    if (take_fault(m, MODEL_SWALLOW)) {
        m->stats.swallowed++;
        return;
    }
    m->stats.writes++;
    if (delete)
        *slot = (struct model_slot){0};
    else
        store(slot, config);
    m->sequence = (uint8_t)(m->sequence == 0xFF ? 1 : m->sequence + 1);
    if (!m->slot[0].valid && !m->slot[1].valid)
        m->sequence = 0;
}

static void execute(struct model *m, int64_t now)
{
    uint16_t crc = (uint16_t)(m->frame[MODEL_PAYLOAD + 1] | m->frame[MODEL_PAYLOAD + 2] << 8);

    m->stats.frames++;
    if (crc16(m->frame, MODEL_PAYLOAD) != crc) {
        m->stats.bad_frames++;
        return;
    }
    switch (m->frame[MODEL_PAYLOAD]) {
    case CMD_CONFIG_1:
    case CMD_CONFIG_2:
        configure(m, m->frame[MODEL_PAYLOAD] == CMD_CONFIG_1 ? 1 : 2);
        break;
    case CMD_SERIAL:
        give_serial(m);
        break;
    case CMD_CAPABILITIES:
        give_capabilities(m);
        break;
    case CMD_HMAC_1:
    case CMD_HMAC_2:
        ask(m, m->frame[MODEL_PAYLOAD] == CMD_HMAC_1 ? 1 : 2, now);
        break;
    default: /* a real key says nothing either */
        break;
    }
}

void model_set_report(struct model *m, const uint8_t report[MODEL_REPORT], int64_t now)
{
    unsigned sequence = report[CHUNK] & SEQUENCE_MASK;

    if ((report[CHUNK] & FLAG_BUSY) == 0 || (m->fault == MODEL_DEAF && m->waiting != 0))
        return;
    if (sequence > SEQUENCE_LAST) {
        m->stats.resets++;
        drop_answer(m);
        return;
    }
    if (sequence == 0) {
        memset(m->frame, 0, sizeof(m->frame));
        drop_answer(m);
    }
    memcpy(m->frame + sequence * CHUNK, report, CHUNK);
    if (sequence == SEQUENCE_LAST)
        execute(m, now);
}

static bool waits_for_ever(const struct model *m)
{
    return m->fault == MODEL_TOUCH_FOREVER || m->fault == MODEL_DEAF;
}

static void let_time_pass(struct model *m, int64_t now)
{
    int64_t waited = now - m->waits_since;

    if (m->waiting == 0)
        return;
    if (m->touched || (m->auto_touch >= 0 && waited >= m->auto_touch)) {
        m->stats.touches++;
        give_hmac(m, &m->slot[m->waiting - 1]);
    } else if (waited >= m->touch_timeout && !waits_for_ever(m)) {
        drop_answer(m);
    }
}

static uint8_t status_bits(const struct model *m)
{
    uint8_t bits = 0;

    for (unsigned n = 0; n < 2; n++) {
        if (m->slot[n].valid)
            bits |= (uint8_t)(0x01 << n);
        if (m->slot[n].valid && m->version[0] >= 3 &&
            ((m->slot[n].tkt & MODEL_TKT_CHAL_RESP) == 0 ||
             (m->slot[n].cfg & MODEL_CFG_TOUCH) != 0))
            bits |= (uint8_t)(0x04 << n);
    }
    return bits;
}

static void put_status(const struct model *m, uint8_t report[MODEL_REPORT], int64_t now)
{
    int64_t left = (m->touch_timeout - (now - m->waits_since) + 999) / 1000;
    uint8_t flags = m->fault == MODEL_BUSY_FOREVER ? FLAG_BUSY : 0;

    if (left < 0 || left > SECONDS_TO_TELL || waits_for_ever(m))
        left = SECONDS_TO_TELL;
    if (m->waiting != 0)
        flags = (uint8_t)(FLAG_TOUCH | left);
    report[1] = m->version[0];
    report[2] = m->version[1];
    report[3] = m->version[2];
    report[4] = m->sequence;
    report[5] = status_bits(m);
    report[7] = flags;
}

void model_get_report(struct model *m, uint8_t report[MODEL_REPORT], int64_t now)
{
    size_t at = 0, len;

    let_time_pass(m, now);
    if (m->answer_len > 0 && m->chunk == 1 && take_fault(m, MODEL_TRUNCATE))
        drop_answer(m);
    memset(report, 0, MODEL_REPORT);
    if (m->answer_len == 0) {
        put_status(m, report, now);
        return;
    }
    report[CHUNK] = FLAG_PENDING;
    at = m->chunk * CHUNK;
    if (at >= m->answer_len)
        return;
    len = m->answer_len - at < CHUNK ? m->answer_len - at : CHUNK;
    memcpy(report, m->answer + at, len);
    report[CHUNK] |= (uint8_t)m->chunk++;
}

void model_touch(struct model *m)
{
    if (m->waiting != 0)
        m->touched = true;
}

void model_power_off(struct model *m)
{
    drop_answer(m);
    memset(m->frame, 0, sizeof(m->frame));
}
