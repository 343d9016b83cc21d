/* SPDX-License-Identifier: Apache-2.0
 *
 * The FeliCa family against a virtual card behind every kind of reader, judged by the broker's
 * proof. The card computes its MAC by code of its own.
 */
#include "tests/unit/cardreader/unit.h"

#include "cardreader/felica.h"
#include "core/proof/mac_a.h"
#include "tests/virtual/card/felica.h"

#include <stdbool.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define CK           "000102030405060708090A0B0C0D0E0F"
#define RC           "101112131415161718191A1B1C1D1E1F"
#define IDM          "012E4C0102030405"
#define ID           "012E4C010203040500F1000000000000"
#define CKV          "01000000000000000000000000000000"

/* Commands and octets of one login by reader. */
static const struct kind {
    const char *kind, *name;
    uint32_t apdus, sent, received;
} kinds[] = {
    {"rcs300", "SONY FeliCa RC-S300/S 00 00", 4, 49, 56},
    {"acr122u", "ACS ACR122U PICC Interface 00 00", 3, 73, 93},
    {"acr1252", "ACS ACR1252 Dual Reader 00 00", 3, 67, 87},
    {"generic", "Some reader 00 00", 5, 85, 129},
};

static struct card card;
static struct apdu_link link_to;
static struct family_result res;
static struct proof_mac_a_key enrolled;
static unsigned commands, fail_at;

static int transmit(void *ctx, const uint8_t *cmd, size_t cmd_len, uint8_t *ans, size_t cap,
                    size_t *ans_len)
{
    static uint8_t out[ISO_ANSWER_MAX];

    if (++commands == fail_at)
        return APDU_LOST;
    *ans_len = iso_process(ctx, cmd, cmd_len, out);
    if (*ans_len > cap)
        return APDU_MALFORMED;
    memcpy(ans, out, *ans_len);
    return APDU_OK;
}

static void set(const char *name, const char *value)
{
    assert_true(card.applet->set(&card, name, value));
}

static void power_up(const struct kind *kind)
{
    card_reset(&card);
    link_to = (struct apdu_link){.transmit = transmit, .ctx = &card, .reader = kind->name};
    commands = fail_at = 0;
}

/* The card of the worked example in this reader, enrolled. */
static void insert(const struct kind *kind)
{
    static const struct create nothing;

    card_init(&card, &applet_felica, like_find('A'));
    set("idm", IDM);
    set("id", ID);
    set("ck", CK);
    set("ckv", CKV);
    set("reader", kind->kind);
    assert_true(card.applet->create(&card, &nothing));
    enrolled = (struct proof_mac_a_key){.ckv = {1, 0}};
    unit_hex(CK, enrolled.ck, sizeof(enrolled.ck));
    unit_hex(IDM, enrolled.idd, sizeof(enrolled.idd));
    power_up(kind);
}

static int sign(const uint8_t *rc)
{
    struct family_sign args = {.key = FELICA_KEY, .alg = CARD_MAC_A, .digest = rc};

    args.digest_len = PROOF_MAC_A_RC;
    return felica_sign(&link_to, &args, &res);
}

/* 0, an enum card_reason, or an enum proof_err where the card answered. */
static int login(void)
{
    struct proof_mac_a proof;
    int r = felica_select(&link_to, &res);

    assert_int_equal(proof_mac_a_begin(&proof), PROOF_OK);
    if (r == 0)
        r = sign(proof.rc);
    return r != 0 ? r : proof_mac_a_check(&proof, res.data, res.len, &enrolled, 1, NULL);
}

static void test_worked_example(void **state)
{
    uint8_t rc[16], expected[FELICA_ANSWER_LEN];

    (void)state;
    unit_hex(RC, rc, sizeof(rc));
    unit_hex(ID CKV "0BE50B096D81596A 0000000000000000", expected, sizeof(expected));
    for (size_t n = 0; n < COUNT(kinds); n++) {
        insert(&kinds[n]);
        assert_int_equal(felica_select(&link_to, &res), 0);
        assert_int_equal(sign(rc), 0);
        assert_int_equal(res.len, sizeof(expected));
        assert_memory_equal(res.data, expected, sizeof(expected));
    }
}

static void test_login(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(kinds); n++) {
        insert(&kinds[n]);
        assert_int_equal(login(), 0);
        assert_int_equal(link_to.counts.apdus, kinds[n].apdus);
        assert_int_equal(link_to.counts.sent, kinds[n].sent);
        assert_int_equal(link_to.counts.received, kinds[n].received);
        assert_false(card.felica.session);
        assert_int_equal(login(), 0);
    }
}

static void test_identifier(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(kinds); n++) {
        insert(&kinds[n]);
        assert_int_equal(felica_select(&link_to, &res), 0);
        assert_int_equal(felica_read(&link_to, CARD_OBJ_IDENTIFIER, 0, &res), 0);
        assert_int_equal(res.len, 8);
        assert_memory_equal(res.data, enrolled.idd, 8);
        /* What comes next finds the reader as the select left it. */
        assert_int_equal(sign(enrolled.ck), 0);
    }
}

static void test_lies(void **state)
{
    static const struct {
        const char *lie;
        int frame, sony; /* results by the way the reader hands the answer on */
    } rows[] = {
        {"zero-mac", PROOF_REFUSED, PROOF_REFUSED},
        {"other-blocks", PROOF_REFUSED, PROOF_REFUSED},
        {"no-list", PROOF_REFUSED, PROOF_REFUSED},
        {"other-id", PROOF_REFUSED, PROOF_REFUSED},
        {"other-ckv", PROOF_REFUSED, PROOF_REFUSED},
        {"short", CARD_MALFORMED, CARD_MALFORMED},
        {"long", CARD_MALFORMED, CARD_REFUSED},
        {"cut", CARD_MALFORMED, CARD_MALFORMED},
        {"count", CARD_MALFORMED, 0},
        {"foreign-idm", CARD_MALFORMED, CARD_REFUSED},
    };

    (void)state;
    for (size_t n = 0; n < COUNT(kinds); n++) {
        for (size_t m = 0; m < COUNT(rows); m++) {
            insert(&kinds[n]);
            set("lie", rows[m].lie);
            assert_int_equal(login(), n == 0 ? rows[m].sony : rows[m].frame);
            assert_false(card.felica.session);
        }
    }
}

static void test_old_answers(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(kinds); n++) {
        insert(&kinds[n]);
        set("lie", "old-rc");
        assert_int_equal(login(), 0);
        assert_int_equal(login(), PROOF_REFUSED);
        insert(&kinds[n]);
        card.rogue = ROGUE_REPLAY;
        assert_int_equal(login(), 0);
        assert_int_equal(login(), PROOF_REFUSED);
    }
}

/* The card's own answers, each in good order, that are not those of the enrolled card. */
static void test_other_cards(void **state)
{
    static const struct {
        const char *name, *value;
    } rows[] = {{"ck", "000102030405060708090A0B0C0D0E1F"},
                {"id", "012E4C010203040600F1000000000000"},
                {"ckv", "02000000000000000000000000000000"},
                {"ckv", "01010000000000000000000000000000"}};

    (void)state;
    for (size_t n = 0; n < COUNT(kinds); n++) {
        for (size_t m = 0; m < COUNT(rows); m++) {
            insert(&kinds[n]);
            set(rows[m].name, rows[m].value);
            assert_int_equal(login(), PROOF_REFUSED);
        }
    }
}

static void test_lite_has_no_mac_a(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(kinds); n++) {
        insert(&kinds[n]);
        set("pmm", "00F0000002060300");
        assert_true(login() > 0);
        assert_false(card.felica.session);
        if (n == 0)
            assert_int_equal(felica_read(&link_to, CARD_OBJ_IDENTIFIER, 0, &res), CARD_UNKNOWN);
    }
}

static void test_lost_at_every_command(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(kinds); n++) {
        for (unsigned at = 1; at <= kinds[n].apdus; at++) {
            insert(&kinds[n]);
            fail_at = at;
            /* With the answer in hand the end of the reader's session does not matter. */
            assert_int_equal(login(), n == 3 && at == 5 ? 0 : CARD_GONE);
        }
    }
}

static const uint8_t fresh[16] = {9, 8, 7, 6, 5, 4, 3, 2, 1, 2, 3, 4, 5, 6, 7, 9};

static int issue(bool lock)
{
    struct family_issue args = {.secret = fresh, .version = 0x0203, .lock = lock};
    int r = felica_select(&link_to, &res);

    return r != 0 ? r : felica_issue(&link_to, &args, &res);
}

static void expect_issued(void)
{
    memcpy(enrolled.ck, fresh, sizeof(enrolled.ck));
    memcpy(enrolled.ckv, "\x03\x02", 2);
}

static void test_issue(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(kinds); n++) {
        insert(&kinds[n]);
        set("ck", "00000000000000000000000000000000");
        assert_int_equal(login(), PROOF_REFUSED);
        assert_int_equal(issue(false), 0);
        assert_int_equal(login(), PROOF_REFUSED);
        expect_issued();
        assert_int_equal(login(), 0);
        power_up(&kinds[n]);
        assert_int_equal(login(), 0);
        assert_int_equal(issue(false), 0);
    }
}

/* Locked, the card goes on to prove its key, and takes no other one. */
static void test_lock(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(kinds); n++) {
        insert(&kinds[n]);
        assert_int_equal(issue(true), 0);
        expect_issued();
        assert_int_equal(login(), 0);
        power_up(&kinds[n]);
        assert_int_equal(card.felica.mc[2], 0x00);
        assert_int_equal(card.felica.mc[5], 0x00);
        assert_int_equal(card.felica.mc[0], 0xFF);
        assert_int_equal(card.felica.mc[4], 0x07);
        assert_int_equal(login(), 0);
        assert_int_equal(issue(false), CARD_REFUSED);
        assert_int_equal(felica_block_write(&card, 0x87, enrolled.idd, false), 0xA8);
        assert_int_equal(login(), 0);
    }
}

/* A card that is pulled in the middle can be issued again: it is never locked over half a key. */
static void test_issue_lost_at_every_command(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(kinds); n++) {
        for (unsigned at = 1;; at++) {
            int r;
            insert(&kinds[n]);
            fail_at = at;
            r = issue(true);
            if (commands < at)
                break;
            assert_true(r == CARD_GONE || (n == 3 && r == 0));
            power_up(&kinds[n]);
            if (r == 0)
                continue;
            assert_int_equal(issue(true), 0);
            expect_issued();
            power_up(&kinds[n]);
            assert_int_equal(login(), 0);
        }
    }
}

/* Both codes of MAC_A on what neither was written for. */
static void test_two_codes(void **state)
{
    uint8_t octets[256], theirs[8], ours[8];

    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        uint8_t head[4] = {0, 0, 0, 0x91};
        const uint8_t *ck = octets, *rc = octets + 16, *data = octets + 32;
        size_t count = 1 + round % 3;
        assert_int_equal(crypto_random(octets, sizeof(octets)), CRYPTO_OK);
        memcpy(head, octets + 200, count);
        head[count] = 0x91;
        felica_mac_read(ck, rc, head, count + 1, data, theirs);
        assert_int_equal(proof_mac_a_read(ck, rc, head, count, data, ours), PROOF_OK);
        assert_memory_equal(ours, theirs, sizeof(ours));
        felica_mac_write(ck, rc, octets[210] | (uint32_t)octets[211] << 8 | 5U << 16, head[0], data,
                         theirs);
        octets[212] = 5;
        assert_int_equal(proof_mac_a_write(ck, rc, octets + 210, head[0], data, ours), PROOF_OK);
        assert_memory_equal(ours, theirs, sizeof(ours));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_example),
        cmocka_unit_test(test_login),
        cmocka_unit_test(test_identifier),
        cmocka_unit_test(test_lies),
        cmocka_unit_test(test_old_answers),
        cmocka_unit_test(test_other_cards),
        cmocka_unit_test(test_lite_has_no_mac_a),
        cmocka_unit_test(test_lost_at_every_command),
        cmocka_unit_test(test_issue),
        cmocka_unit_test(test_lock),
        cmocka_unit_test(test_issue_lost_at_every_command),
        cmocka_unit_test(test_two_codes),
    };

    return cmocka_run_group_tests_name("felica card", tests, NULL, NULL);
}
