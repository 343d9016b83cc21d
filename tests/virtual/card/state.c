/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/state.h"

#include "tests/virtual/card/applet.h"
#include "tests/virtual/card/hex.h"

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define STATE_FIRST_LINE "virtual-card 1\n"
#define STATE_LINE_MAX   8192
#define KEY_DER_MAX      4096

static bool fixed(const char *text, uint8_t *out, size_t len)
{
    size_t got = 0;

    return hex_read(text, out, len, &got) && got == len;
}

static bool read_number(const char *text, int *out)
{
    char *end = NULL;
    long value = strtol(text, &end, 10);

    *out = (int)value;
    return *end == '\0' && value >= 0 && value <= 15;
}

static bool read_key(struct slot *slot, const char *text)
{
    uint8_t der[KEY_DER_MAX];
    const uint8_t *at = der;
    size_t len = 0;

    if (!hex_read(text, der, sizeof(der), &len))
        return false;
    EVP_PKEY_free(slot->key);
    slot->key = d2i_AutoPrivateKey(NULL, &at, (long)len);
    return slot->key != NULL;
}

static bool read_slot(struct card *card, const char *what, char *rest)
{
    char *save = NULL;
    char *ref = strtok_r(rest, " ", &save);
    char *alg = strtok_r(NULL, " ", &save);
    char *data = strtok_r(NULL, " ", &save);
    uint8_t octets[2];
    struct slot *slot;

    if (data == NULL || !fixed(ref, &octets[0], 1) || !fixed(alg, &octets[1], 1))
        return false;
    if ((slot = card_slot(card, octets[0])) == NULL)
        return false;
    slot->alg = octets[1];
    if (strcmp(what, "key") == 0)
        return read_key(slot, data);
    return hex_read(data, slot->cert, sizeof(slot->cert), &slot->cert_len);
}

static bool read_line(struct card *card, char *line)
{
    char *save = NULL;
    char *what = strtok_r(line, " \n", &save);
    char *rest = strtok_r(NULL, "\n", &save);

    if (what == NULL || rest == NULL)
        return false;
    if (strcmp(what, "pin") == 0)
        return fixed(rest, card->pin, sizeof(card->pin));
    if (strcmp(what, "puk") == 0)
        return fixed(rest, card->puk, sizeof(card->puk));
    if (strcmp(what, "guid") == 0)
        return fixed(rest, card->guid, sizeof(card->guid));
    if (strcmp(what, "tries") == 0)
        return read_number(rest, &card->tries);
    if (strcmp(what, "puk-tries") == 0)
        return read_number(rest, &card->puk_tries);
    if (strcmp(what, "key") == 0 || strcmp(what, "cert") == 0)
        return read_slot(card, what, rest);
    return card->applet->read_line != NULL && card->applet->read_line(card, what, rest);
}

bool state_load(struct card *card, const char *path)
{
    char line[STATE_LINE_MAX];
    FILE *file = fopen(path, "re");
    bool good;

    if (file == NULL)
        return false;
    good = fgets(line, sizeof(line), file) != NULL && strcmp(line, STATE_FIRST_LINE) == 0;
    while (good && fgets(line, sizeof(line), file) != NULL)
        good = read_line(card, line);
    fclose(file);
    return good;
}

static void put(FILE *file, const char *what, const uint8_t *data, size_t len)
{
    fprintf(file, "%s ", what);
    hex_print(file, data, len);
    fputc('\n', file);
}

static bool put_slot(FILE *file, const struct slot *slot)
{
    char what[32];
    uint8_t *der = NULL;
    int len;

    if (slot->key == NULL)
        return true;
    if ((len = i2d_PrivateKey(slot->key, &der)) <= 0)
        return false;
    snprintf(what, sizeof(what), "key %02X %02X", slot->ref, slot->alg);
    put(file, what, der, (size_t)len);
    OPENSSL_free(der);
    snprintf(what, sizeof(what), "cert %02X %02X", slot->ref, slot->alg);
    put(file, what, slot->cert, slot->cert_len);
    return true;
}

static bool put_all(FILE *file, const struct card *card)
{
    bool good = true;

    fputs(STATE_FIRST_LINE, file);
    put(file, "pin", card->pin, sizeof(card->pin));
    put(file, "puk", card->puk, sizeof(card->puk));
    fprintf(file, "tries %d\npuk-tries %d\n", card->tries, card->puk_tries);
    put(file, "guid", card->guid, sizeof(card->guid));
    for (size_t n = 0; n < CARD_SLOTS; n++)
        good = put_slot(file, &card->slots[n]) && good;
    if (card->applet->write_lines != NULL)
        card->applet->write_lines(card, file);
    return good && !ferror(file);
}

bool state_save(const struct card *card)
{
    char temporary[CARD_PATH_MAX + 8];
    FILE *file;
    bool good;

    if (card->path[0] == '\0')
        return true;
    snprintf(temporary, sizeof(temporary), "%s.new", card->path);
    if ((file = fopen(temporary, "we")) == NULL)
        return false;
    good = fchmod(fileno(file), S_IRUSR | S_IWUSR) == 0 && put_all(file, card);
    good = fclose(file) == 0 && good;
    return good && rename(temporary, card->path) == 0;
}
