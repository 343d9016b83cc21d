/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/code.h"

#include "core/roster/join.h"
#include "core/roster/stop.h"
#include "tests/fuzz/fuzz.h"

enum { TYPED_CODE, TYPED_STOP, NOTICE, SEALED, JOIN };

static void typed_code(const char *text)
{
    char once[CODE_TEXT_CAP], twice[CODE_TEXT_CAP];

    if (code_parse(text, once) != CODE_OK)
        return;
    fuzz_require(strlen(once) == CODE_TEXT_CAP - 1 && code_parse(once, twice) == CODE_OK &&
                 strcmp(once, twice) == 0);
}

static void typed_stop(const char *text)
{
    struct stop_code once, twice;
    char again[STOP_TEXT_CAP];

    if (stop_parse(text, &once) != STOP_OK)
        return;
    fuzz_require(stop_format(&once, again) == STOP_OK && stop_parse(again, &twice) == STOP_OK &&
                 once.slot == twice.slot && once.secret == twice.secret);
}

static void notice(const uint8_t *data, size_t size)
{
    struct stop_code code;
    uint8_t again[STOP_NOTICE_MAX];
    size_t len = 0;

    if (stop_notice_decode(data, size, &code) != STOP_OK)
        return;
    fuzz_require(stop_notice_encode(&code, again, sizeof(again), &len) == STOP_OK);
    fuzz_same(again, len, data, size);
}

/* Without a code: the frame is looked at first, and scrypt is too slow to be fuzzed. */
static void sealed(const uint8_t *data, size_t size)
{
    static uint8_t out[1 << 16];
    size_t len = 0;
    int r = code_open(CODE_LABEL_JOIN, "", data, size, out, sizeof(out), &len);

    fuzz_require(r == CODE_DAMAGED || r == CODE_COUNT);
}

static void join(const uint8_t *data, size_t size)
{
    static struct roster_join out;
    static uint8_t again[JOIN_FILE_MAX];
    size_t len = 0;

    if (join_decode(data, size, &out) != CODE_OK)
        return;
    fuzz_require(join_encode(&out, again, sizeof(again), &len) == CODE_OK);
    fuzz_same(again, len, data, size);
}

/* The first octet says which parser. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text;

    if (size == 0)
        return 0;
    if ((text = malloc(size)) == NULL)
        return 0;
    memcpy(text, data + 1, size - 1);
    text[size - 1] = '\0';
    switch (data[0]) {
    case TYPED_CODE:
        typed_code(text);
        break;
    case TYPED_STOP:
        typed_stop(text);
        break;
    case NOTICE:
        notice(data + 1, size - 1);
        break;
    case SEALED:
        sealed(data + 1, size - 1);
        break;
    case JOIN:
        join(data + 1, size - 1);
        break;
    default:
        break;
    }
    free(text);
    return 0;
}
