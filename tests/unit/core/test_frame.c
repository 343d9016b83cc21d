/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/frame.h"

#include "core/wire/admin.h"
#include "core/wire/auth.h"
#include "core/wire/card.h"
#include "core/wire/finger.h"
#include "core/wire/token.h"
#include "tests/unit/core/unit.h"

static const struct {
    const char *name;
    const struct frame_rule *rules;
    const size_t *count;
} channels[] = {
    {"auth to broker", auth_to_broker, &auth_to_broker_count},
    {"auth to client", auth_to_client, &auth_to_client_count},
    {"admin to broker", admin_to_broker, &admin_to_broker_count},
    {"admin to client", admin_to_client, &admin_to_client_count},
    {"card to worker", card_to_worker, &card_to_worker_count},
    {"card to broker", card_to_broker, &card_to_broker_count},
    {"finger to worker", finger_to_worker, &finger_to_worker_count},
    {"finger to broker", finger_to_broker, &finger_to_broker_count},
    {"token to worker", token_to_worker, &token_to_worker_count},
    {"token to broker", token_to_broker, &token_to_broker_count},
};

static size_t build(uint8_t *buf, size_t cap, uint8_t type, uint32_t fields)
{
    struct frame_out out = frame_begin(buf, cap, type);
    size_t len = 0;

    for (unsigned n = 0; n < FRAME_FIELDS; n++)
        if ((fields & FRAME_BIT(n)) != 0)
            frame_put_u32(&out, n, 0x0102 + n);
    assert_int_equal(frame_end(&out, &len), WIRE_OK);
    return len;
}

static int decode(const uint8_t *buf, size_t len, size_t channel, struct frame *f)
{
    return frame_decode(buf, len, channels[channel].rules, *channels[channel].count, f);
}

/* Each message with all fields, with the required ones only, without each required one, and with
 * each field that it does not have. */
static void check_message(size_t channel, const struct frame_rule *rule)
{
    uint8_t buf[256];
    struct frame f;

    assert_int_equal(rule->must & rule->may, 0);
    assert_int_equal(
        decode(buf, build(buf, sizeof(buf), rule->type, rule->must | rule->may), channel, &f),
        WIRE_OK);
    assert_int_equal(f.type, rule->type);
    assert_int_equal(decode(buf, build(buf, sizeof(buf), rule->type, rule->must), channel, &f),
                     WIRE_OK);
    for (unsigned n = 0; n < FRAME_FIELDS; n++) {
        uint32_t bit = FRAME_BIT(n);
        assert_int_equal(frame_has(&f, n), (rule->must & bit) != 0);
        if ((rule->must & bit) != 0)
            assert_int_equal(
                decode(buf, build(buf, sizeof(buf), rule->type, rule->must & ~bit), channel, &f),
                WIRE_MISSING);
        else if ((rule->may & bit) == 0)
            assert_int_equal(
                decode(buf, build(buf, sizeof(buf), rule->type, rule->must | bit), channel, &f),
                WIRE_TAG);
        assert_int_equal(decode(buf, build(buf, sizeof(buf), rule->type, rule->must), channel, &f),
                         WIRE_OK);
    }
}

static void test_every_message(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT(channels); c++) {
        assert_true(*channels[c].count > 0);
        for (size_t n = 0; n < *channels[c].count; n++)
            check_message(c, &channels[c].rules[n]);
    }
}

static void test_types_stand_once_and_do_not_cross(void **state)
{
    uint8_t buf[256];
    struct frame f;

    (void)state;
    for (size_t c = 0; c < COUNT(channels); c++) {
        bool known[256] = {false};
        for (size_t n = 0; n < *channels[c].count; n++) {
            assert_false(known[channels[c].rules[n].type]);
            known[channels[c].rules[n].type] = true;
        }
        for (unsigned type = 0x60; type < 0x7F; type++)
            if (!known[type])
                assert_int_equal(decode(buf, build(buf, sizeof(buf), (uint8_t)type, 0), c, &f),
                                 WIRE_TAG);
    }
}

static void test_malformed(void **state)
{
    static const struct {
        const char *hex;
        int result;
    } frames[] = {
        {"", WIRE_SHORT},
        {"63", WIRE_SHORT},
        {"6300", WIRE_MISSING},
        {"63038001AA", WIRE_OK},
        {"63038001AA00", WIRE_TRAILING},
        {"63068001AA8001AA", WIRE_DUPLICATE},
        {"630580008001AA", WIRE_DUPLICATE},
        {"6304800281AA", WIRE_OK},
        {"63810380", WIRE_LENGTH},
        {"6303800281", WIRE_SHORT},
        {"6304808101AA", WIRE_LENGTH},
        {"6303A001AA", WIRE_TAG},
        {"6303C001AA", WIRE_TAG},
        {"63039F01AA", WIRE_LENGTH},
        {"63049F1F01AA", WIRE_TAG},
        {"63038101AA", WIRE_TAG},
        {"63028000", WIRE_OK},
    };

    (void)state;
    for (size_t n = 0; n < COUNT(frames); n++) {
        uint8_t buf[64];
        size_t len = unit_hex(frames[n].hex, buf, sizeof(buf));
        uint8_t *tight = unit_copy(buf, len);
        struct frame f;
        int r = decode(tight, len, 0, &f);
        if (r != frames[n].result)
            fail_msg("%s: %s", frames[n].hex, wire_strerror(r));
        free(tight);
    }
}

static void test_getters(void **state)
{
    uint8_t buf[128], nonce[FRAME_NONCE_LEN] = {7}, got[FRAME_NONCE_LEN];
    struct frame_out out = frame_begin(buf, sizeof(buf), AUTH_START);
    struct frame f;
    char text[8] = "";
    uint32_t number = 0;
    size_t len = 0;

    (void)state;
    frame_put(&out, AUTH_F_NONCE, nonce, sizeof(nonce));
    frame_put_u32(&out, AUTH_F_VERSION, UINT32_MAX);
    frame_put_text(&out, AUTH_F_SERVICE, "login");
    tlv_put_uint(&out.tlv, 0x80 + AUTH_F_RUSER, (uint64_t)UINT32_MAX + 1);
    assert_int_equal(frame_end(&out, &len), WIRE_OK);
    assert_int_equal(decode(buf, len, 0, &f), WIRE_OK);
    assert_int_equal(frame_u32(&f, AUTH_F_VERSION, &number), WIRE_OK);
    assert_int_equal(number, UINT32_MAX);
    assert_int_equal(frame_u32(&f, AUTH_F_RUSER, &number), WIRE_VALUE);
    assert_int_equal(frame_u32(&f, AUTH_F_TTY, &number), WIRE_MISSING);
    assert_int_equal(frame_text(&f, AUTH_F_SERVICE, text, sizeof(text)), WIRE_OK);
    assert_string_equal(text, "login");
    assert_int_equal(frame_text(&f, AUTH_F_SERVICE, text, 5), WIRE_LENGTH);
    assert_int_equal(frame_text(&f, AUTH_F_TTY, text, sizeof(text)), WIRE_MISSING);
    assert_int_equal(frame_fixed(&f, AUTH_F_NONCE, got, sizeof(got)), WIRE_OK);
    assert_memory_equal(got, nonce, sizeof(got));
    assert_int_equal(frame_fixed(&f, AUTH_F_NONCE, got, sizeof(got) - 1), WIRE_LENGTH);
    assert_int_equal(frame_fixed(&f, AUTH_F_TICKET, got, sizeof(got)), WIRE_MISSING);
    assert_false(frame_has(&f, FRAME_FIELDS));
    assert_int_equal(frame_u32(&f, 4000, &number), WIRE_MISSING);
}

static void decode_all(const uint8_t *buf, size_t len)
{
    for (size_t c = 0; c < COUNT(channels); c++) {
        struct frame f;
        if (decode(buf, len, c, &f) != WIRE_OK)
            continue;
        for (unsigned n = 0; n < FRAME_FIELDS; n++)
            if (frame_has(&f, n))
                unit_touch(f.field[n].val, f.field[n].len);
    }
}

static void test_sweep(void **state)
{
    uint8_t buf[256];

    (void)state;
    for (size_t c = 0; c < COUNT(channels); c++) {
        for (size_t n = 0; n < *channels[c].count; n++) {
            const struct frame_rule *rule = &channels[c].rules[n];
            size_t len = build(buf, sizeof(buf), rule->type, rule->must | rule->may);
            unit_sweep(buf, len, decode_all);
        }
    }
}

static void test_full(void **state)
{
    (void)state;
    for (size_t cap = 0; cap < 20; cap++) {
        uint8_t *buf = malloc(cap + 1);
        struct frame_out out = frame_begin(buf, cap, AUTH_CANCEL);
        size_t len = 0;
        assert_non_null(buf);
        frame_put(&out, AUTH_F_NONCE, "0123456789abcdef", FRAME_NONCE_LEN);
        assert_int_equal(frame_end(&out, &len), WIRE_FULL);
        free(buf);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_message),
        cmocka_unit_test(test_types_stand_once_and_do_not_cross),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_getters),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
