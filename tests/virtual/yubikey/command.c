/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/yubikey/command.h"

#include "tests/virtual/yubikey/dump.h"

#include <string.h>

#define MS_MAX 600000

struct line {
    struct bus *bus;
    struct key *key; /* of the commands that have one */
    char **words;    /* behind the command and the key */
    guint count;
    GString *out;
};

static bool number(const char *text, unsigned base, uint64_t max, uint64_t *out)
{
    char *end = NULL;

    *out = g_ascii_strtoull(text, &end, base);
    return text[0] != '\0' && *end == '\0' && *out <= max;
}

static bool hex(const char *text, uint8_t *out, size_t len)
{
    if (strlen(text) != 2 * len)
        return false;
    for (size_t n = 0; n < len; n++) {
        int high = g_ascii_xdigit_value(text[2 * n]), low = g_ascii_xdigit_value(text[2 * n + 1]);
        if (high < 0 || low < 0)
            return false;
        out[n] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool version(const char *text, uint8_t out[3])
{
    char **parts = g_strsplit(text, ".", 4);
    uint64_t value = 0;
    bool good = g_strv_length(parts) == 3;

    for (unsigned n = 0; n < 3 && good; n++) {
        good = number(parts[n], 10, 255, &value);
        out[n] = (uint8_t)value;
    }
    g_strfreev(parts);
    return good;
}

static bool do_key(struct line *l)
{
    uint64_t serial = l->key->model.serial, product = 0x0407;
    uint8_t firmware[3] = {5, 4, 3};
    bool good = !l->key->plugged;

    for (guint n = 0; n < l->count && good; n++) {
        const char *word = l->words[n];
        if (g_str_has_prefix(word, "serial="))
            good = number(word + 7, 10, UINT32_MAX, &serial);
        else if (g_str_has_prefix(word, "product="))
            good = number(word + 8, 16, 0xFFFF, &product);
        else
            good = g_str_has_prefix(word, "fw=") && version(word + 3, firmware);
    }
    if (!good)
        return false;
    l->key->product = (uint16_t)product;
    l->key->fault = KEY_SOUND;
    l->key->held_until = 0;
    l->key->transfers = l->key->claims = l->key->opens = 0;
    model_init(&l->key->model, firmware, (uint32_t)serial);
    return true;
}

static bool take_flag(struct model_slot *slot, const char *word)
{
    if (strcmp(word, "touch") == 0)
        slot->cfg |= MODEL_CFG_TOUCH;
    else if (strcmp(word, "no-lt64") == 0)
        slot->cfg &= (uint8_t)~MODEL_CFG_LT64;
    else if (strcmp(word, "otp") == 0)
        slot->tkt = slot->cfg = 0;
    else if (strcmp(word, "hidden") == 0)
        slot->ext = 0;
    else
        return g_str_has_prefix(word, "code=") && hex(word + 5, slot->code, sizeof(slot->code));
    return true;
}

/* As somebody else programmed it before. */
static bool do_program(struct line *l)
{
    struct model_slot slot = {.valid = true,
                              .ext = MODEL_EXT_SERIAL_API,
                              .tkt = MODEL_TKT_CHAL_RESP,
                              .cfg = MODEL_CFG_CHAL_HMAC | MODEL_CFG_LT64};
    uint64_t place = 0;
    bool good = l->count >= 2 && number(l->words[0], 10, 2, &place) && place > 0 &&
                hex(l->words[1], slot.secret, sizeof(slot.secret));

    for (guint n = 2; n < l->count && good; n++)
        good = take_flag(&slot, l->words[n]);
    if (!good)
        return false;
    l->key->model.slot[place - 1] = slot;
    l->key->model.sequence++;
    return true;
}

static bool do_touch(struct line *l)
{
    model_touch(&l->key->model);
    return l->count == 0;
}

static bool do_auto_touch(struct line *l)
{
    uint64_t ms = 0;

    if (l->count == 1 && strcmp(l->words[0], "off") == 0) {
        l->key->model.auto_touch = -1;
        return true;
    }
    if (l->count != 1 || !number(l->words[0], 10, MS_MAX, &ms))
        return false;
    l->key->model.auto_touch = (int64_t)ms;
    return true;
}

static bool do_touch_timeout(struct line *l)
{
    uint64_t ms = 0;

    if (l->count != 1 || !number(l->words[0], 10, MS_MAX, &ms))
        return false;
    l->key->model.touch_timeout = (int64_t)ms;
    return true;
}

static bool do_hold(struct line *l)
{
    uint64_t ms = 0;

    if (l->count != 1 || !number(l->words[0], 10, MS_MAX, &ms))
        return false;
    l->key->held_until = key_now() + (int64_t)ms;
    return true;
}

static int position(const char *const *names, size_t count, const char *name)
{
    for (size_t n = 0; n < count; n++)
        if (strcmp(names[n], name) == 0)
            return (int)n;
    return -1;
}

static bool do_fault(struct line *l)
{
    static const char *const of_bus[] = {"none", "unplug", "stall", "eproto",
                                         "hang", "short",  "busy"};
    static const char *const of_key[] = {"none",         "bad-crc",       "wrong-hmac",
                                         "truncate",     "cut",           "swallow",
                                         "busy-forever", "touch-forever", "deaf"};
    uint64_t at = 1;
    int bus, key;

    if (l->count < 1 || l->count > 2 ||
        (l->count == 2 && (!number(l->words[1], 10, MS_MAX, &at) || at == 0)))
        return false;
    bus = position(of_bus, G_N_ELEMENTS(of_bus), l->words[0]);
    key = position(of_key, G_N_ELEMENTS(of_key), l->words[0]);
    if (bus >= 0) {
        l->key->fault = (enum key_fault)bus;
        l->key->fault_at = l->key->transfers + (unsigned)at;
    }
    if (key >= 0)
        l->key->model.fault = (enum model_fault)key;
    return bus >= 0 || key >= 0;
}

static bool do_where(struct line *l)
{
    g_string_append(l->out, l->bus->root);
    return l->count == 0;
}

static bool do_dump(struct line *l)
{
    dump_bus(l->bus, l->out);
    return l->count == 0;
}

static bool do_plug(struct line *l)
{
    return l->count == 0 && bus_plug(l->key);
}

static bool do_unplug(struct line *l)
{
    bus_unplug(l->key);
    return l->count == 0;
}

static const struct {
    const char *name;
    bool (*run)(struct line *l);
    bool takes_key;
    bool locked; /* runs with the key's lock held */
} commands[] = {
    {"where", do_where, false, false},
    {"dump", do_dump, false, false},
    {"plug", do_plug, true, false},
    {"unplug", do_unplug, true, false},
    {"key", do_key, true, true},
    {"program", do_program, true, true},
    {"touch", do_touch, true, true},
    {"auto-touch", do_auto_touch, true, true},
    {"touch-timeout", do_touch_timeout, true, true},
    {"hold", do_hold, true, true},
    {"fault", do_fault, true, true},
};

static bool take_key(struct line *l)
{
    uint64_t n = 0;

    if (l->count < 1 || !number(l->words[0], 10, BUS_KEYS - 1, &n))
        return false;
    l->key = &l->bus->key[n];
    l->words++;
    l->count--;
    return true;
}

bool command_run(struct bus *bus, char **words, GString *out)
{
    struct line l = {.bus = bus, .words = words + 1, .out = out};
    bool good;

    if (words[0] == NULL)
        return false;
    l.count = g_strv_length(l.words);
    for (size_t n = 0; n < G_N_ELEMENTS(commands); n++) {
        if (strcmp(commands[n].name, words[0]) != 0)
            continue;
        if (commands[n].takes_key && !take_key(&l))
            return false;
        if (commands[n].locked)
            g_mutex_lock(&l.key->lock);
        good = commands[n].run(&l);
        if (commands[n].locked)
            g_mutex_unlock(&l.key->lock);
        return good;
    }
    return false;
}
