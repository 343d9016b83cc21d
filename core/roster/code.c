/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/code.h"

#include <string.h>

#include "core/crypto/crypto.h"
#include "core/roster/typed.h"
#include "core/wire/wipe.h"

#define GROUP 4
#define BITS  5

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

const char *code_strerror(int err)
{
    static const char *const text[] = {"ok",
                                       "a character that no code has",
                                       "not 20 characters",
                                       "check character does not fit",
                                       "another code than the file's",
                                       "file damaged or of another kind",
                                       "expired",
                                       "made for another host",
                                       "too large",
                                       "cryptographic library failed"};
    int index = -err;

    if (index < 0 || (size_t)index >= sizeof(text) / sizeof(text[0]))
        return "unknown error";
    return text[index];
}

/* Times the generator of GF(32) = GF(2)[x] / (x^5 + x^2 + 1). */
static uint8_t times_generator(uint8_t a)
{
    return (uint8_t)((a << 1) ^ ((a & 0x10) != 0 ? 0x25 : 0));
}

/* The value of the code as a polynomial at the generator: every place has another weight, since 20
 * is below the order 31, and so no single error and no exchange leaves the value as it was. */
static uint8_t syndrome(const uint8_t *symbols, size_t len)
{
    uint8_t value = 0;

    for (size_t n = 0; n < len; n++)
        value = times_generator(value) ^ symbols[n];
    return value;
}

static void write_groups(const uint8_t symbols[CODE_CHARS], char text[CODE_TEXT_CAP])
{
    size_t at = 0;

    for (size_t n = 0; n < CODE_CHARS; n++) {
        if (n > 0 && n % GROUP == 0)
            text[at++] = '-';
        text[at++] = alphabet[symbols[n]];
    }
    text[at] = '\0';
}

int code_make(char text[CODE_TEXT_CAP])
{
    uint8_t symbols[CODE_CHARS];

    if (crypto_random(symbols, sizeof(symbols)) != CRYPTO_OK)
        return CODE_CRYPTO;
    for (size_t n = 0; n < CODE_CHARS; n++)
        symbols[n] &= (1 << BITS) - 1;
    /* The last place has weight 1: what is there makes the sum 0. */
    symbols[CODE_CHARS - 1] = times_generator(syndrome(symbols, CODE_CHARS - 1));
    write_groups(symbols, text);
    wire_wipe(symbols, sizeof(symbols));
    return CODE_OK;
}

static int symbol_of(int c)
{
    const char *at;

    if (c == 'I' || c == 'L')
        c = '1';
    if (c == 'O')
        c = '0';
    at = c > 0 ? strchr(alphabet, c) : NULL;
    return at != NULL ? (int)(at - alphabet) : -1;
}

static int read_symbols(const char *typed, uint8_t symbols[CODE_CHARS])
{
    size_t count = 0;
    int c;

    while ((c = typed_next(&typed)) != TYPED_END) {
        int symbol = symbol_of(c);
        if (symbol < 0)
            return CODE_CHARACTER;
        if (count == CODE_CHARS)
            return CODE_COUNT;
        symbols[count++] = (uint8_t)symbol;
    }
    return count == CODE_CHARS ? CODE_OK : CODE_COUNT;
}

int code_parse(const char *typed, char text[CODE_TEXT_CAP])
{
    uint8_t symbols[CODE_CHARS];
    int r = read_symbols(typed, symbols);

    if (r == CODE_OK && syndrome(symbols, CODE_CHARS) != 0)
        r = CODE_CHECK;
    if (r == CODE_OK)
        write_groups(symbols, text);
    wire_wipe(symbols, sizeof(symbols));
    return r;
}
