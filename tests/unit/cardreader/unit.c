/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cardreader/unit.h"

#include <stdlib.h>
#include <string.h>

#define OCTETS_MAX 70000

static uint8_t octet(const char *text)
{
    char two[3] = {text[0], text[1], '\0'};
    char *end = NULL;
    unsigned long value = strtoul(two, &end, 16);

    if (end != two + 2)
        fail_msg("no hex: %s", text);
    return (uint8_t)value;
}

static const char *put_run(const char *text, uint8_t *out, size_t cap, size_t *len)
{
    char *end = NULL;
    unsigned long count = strtoul(text + 4, &end, 10);

    assert_int_equal(text[3], '*');
    assert_int_equal(*end, ')');
    assert_true(count <= cap - *len);
    memset(out + *len, octet(text + 1), count);
    *len += count;
    return end + 1;
}

size_t unit_hex(const char *text, uint8_t *out, size_t cap)
{
    size_t len = 0;

    while (*text != '\0') {
        if (*text == ' ') {
            text++;
        } else if (*text == '(') {
            text = put_run(text, out, cap, &len);
        } else {
            assert_true(len < cap);
            out[len++] = octet(text);
            text += 2;
        }
    }
    return len;
}

static const struct step *next_step(struct script *s)
{
    const struct step *step;

    if (s->at == s->count && s->repeat)
        s->at--;
    if (s->at == s->count)
        fail_msg("a command behind the end of the script");
    step = &s->steps[s->at++];
    return step;
}

static int script_transmit(void *ctx, const uint8_t *cmd, size_t cmd_len, uint8_t *ans, size_t cap,
                           size_t *ans_len)
{
    static uint8_t buf[OCTETS_MAX];
    const struct step *step = next_step(ctx);

    if (step->command != NULL) {
        size_t len = unit_hex(step->command, buf, sizeof(buf));
        assert_int_equal(cmd_len, len);
        assert_memory_equal(cmd, buf, len);
    }
    if (step->answer == NULL)
        return APDU_LOST;
    *ans_len = unit_hex(step->answer, buf, sizeof(buf));
    if (*ans_len > cap)
        return APDU_MALFORMED;
    memcpy(ans, buf, *ans_len);
    return APDU_OK;
}

struct apdu_link script_link(struct script *script)
{
    return (struct apdu_link){.transmit = script_transmit, .ctx = script};
}
