/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/join.h"

#include "tests/unit/core/unit.h"

#define EXPIRES INT64_C(1775000000)

static char code[CODE_TEXT_CAP];

static void fill(uint8_t *octets, size_t len, uint8_t first)
{
    for (size_t n = 0; n < len; n++)
        octets[n] = (uint8_t)(first + n);
}

static struct roster_join *sample(void)
{
    struct roster_join *join = calloc(1, sizeof(*join));

    assert_non_null(join);
    strcpy(join->zone, "individual-number");
    strcpy(join->host, "counter-03");
    join->expires = EXPIRES;
    fill(join->authority, sizeof(join->authority), 1);
    fill(join->trust, join->trustlen = 40, 2);
    fill(join->key, join->keylen = 138, 3);
    fill(join->cert, join->certlen = 420, 4);
    fill(join->seal_key, sizeof(join->seal_key), 5);
    return join;
}

static int open_at(const uint8_t *file, size_t len, const char *host, int64_t now,
                   struct roster_join *out)
{
    return join_open(file, len, code, host, now, out);
}

static size_t seal(const struct roster_join *join, uint8_t file[JOIN_FILE_MAX])
{
    size_t len = 0;

    assert_int_equal(join_seal(join, code, file, JOIN_FILE_MAX, &len), CODE_OK);
    return len;
}

static void same(const struct roster_join *a, const struct roster_join *b)
{
    /* Both were zero before they were filled. */
    assert_memory_equal(a, b, sizeof(*a));
}

static void test_round_trip(void **state)
{
    struct roster_join *join = sample(), *out = malloc(sizeof(*out));
    uint8_t *file = malloc(JOIN_FILE_MAX);

    (void)state;
    assert_non_null(out);
    assert_non_null(file);
    assert_int_equal(open_at(file, seal(join, file), "counter-03", EXPIRES, out), CODE_OK);
    same(out, join);
    join->trustlen = JOIN_TRUST_MAX;
    join->keylen = join->helpdesklen = JOIN_KEY_MAX;
    join->certlen = CMS_CERT_MAX;
    fill(join->trust, join->trustlen, 9);
    fill(join->helpdesk, join->helpdesklen, 8);
    assert_int_equal(open_at(file, seal(join, file), "counter-03", 0, out), CODE_OK);
    same(out, join);
    free(join);
    free(out);
    free(file);
}

static void test_refused(void **state)
{
    struct roster_join *join = sample(), *out = calloc(1, sizeof(*out)),
                       *zero = calloc(1, sizeof(*out));
    uint8_t *file = malloc(JOIN_FILE_MAX);
    char other[CODE_TEXT_CAP];
    size_t len;

    (void)state;
    assert_non_null(out);
    assert_non_null(zero);
    assert_non_null(file);
    len = seal(join, file);
    assert_int_equal(open_at(file, len, "counter-03", EXPIRES + 1, out), CODE_EXPIRED);
    same(out, zero);
    assert_int_equal(open_at(file, len, "counter-04", EXPIRES + 1, out), CODE_OTHER_HOST);
    same(out, zero);
    assert_int_equal(open_at(file, len, "counter-0", EXPIRES, out), CODE_OTHER_HOST);
    assert_int_equal(open_at(file, len, "", EXPIRES, out), CODE_OTHER_HOST);
    assert_int_equal(code_make(other), CODE_OK);
    assert_int_equal(join_open(file, len, other, "counter-03", EXPIRES, out), CODE_WRONG);
    same(out, zero);
    assert_int_equal(join_open(file, len, "0000", "counter-03", EXPIRES, out), CODE_COUNT);
    /* Another use of a code, with the same code and octets. */
    assert_int_equal(code_seal(CODE_LABEL_RECOVERY, code, file, 100, file + 200, 400, &len),
                     CODE_OK);
    assert_int_equal(open_at(file + 200, len, "counter-03", EXPIRES, out), CODE_DAMAGED);
    /* Sealed as it should be, but not a Join. */
    assert_int_equal(code_seal(CODE_LABEL_JOIN, code, file, 100, file + 200, 400, &len), CODE_OK);
    assert_int_equal(open_at(file + 200, len, "counter-03", EXPIRES, out), CODE_DAMAGED);
    free(join);
    free(out);
    free(zero);
    free(file);
}

/* A damaged file is not taken for a wrong code. */
static void damaged(const uint8_t *file, size_t len)
{
    static struct roster_join out;

    assert_int_equal(open_at(file, len, "counter-03", EXPIRES, &out), CODE_DAMAGED);
}

static void test_every_bit(void **state)
{
    struct roster_join *join = sample();
    uint8_t *file = malloc(JOIN_FILE_MAX), *copy;
    size_t len;

    (void)state;
    assert_non_null(file);
    len = seal(join, file);
    for (size_t cut = 0; cut < len; cut++) {
        copy = unit_copy(file, cut);
        damaged(copy, cut);
        free(copy);
    }
    copy = unit_copy(file, len);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        damaged(copy, len);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    file[len] = 0;
    damaged(file, len + 1);
    free(copy);
    free(file);
    free(join);
}

static void test_limits(void **state)
{
    struct roster_join *join = sample(), *good = sample();
    uint8_t *file = malloc(JOIN_FILE_MAX);
    size_t len = 0;

    (void)state;
    assert_non_null(file);
#define REFUSED(change)                                                                            \
    do {                                                                                           \
        *join = *good;                                                                             \
        change;                                                                                    \
        assert_int_equal(join_seal(join, code, file, JOIN_FILE_MAX, &len), CODE_FULL);             \
    } while (0)
    REFUSED(join->zone[0] = '\0');
    REFUSED(join->host[0] = '\0');
    REFUSED(join->host[2] = '\n');
    REFUSED(memset(join->host, 'h', sizeof(join->host)));
    REFUSED(join->expires = -1);
    REFUSED(join->trustlen = 0);
    REFUSED(join->trustlen = JOIN_TRUST_MAX + 1);
    REFUSED(join->keylen = 0);
    REFUSED(join->keylen = JOIN_KEY_MAX + 1);
    REFUSED(join->certlen = 0);
    REFUSED(join->certlen = CMS_CERT_MAX + 1);
    REFUSED(join->helpdesklen = JOIN_KEY_MAX + 1);
    assert_int_equal(join_seal(good, code, file, 700, &len), CODE_FULL);
    assert_int_equal(join_seal(good, "0", file, JOIN_FILE_MAX, &len), CODE_COUNT);
    assert_int_equal(len, 0);
    free(join);
    free(good);
    free(file);
}

static int setup(void **state)
{
    (void)state;
    return code_make(code);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_every_bit),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
