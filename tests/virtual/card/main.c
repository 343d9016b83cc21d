/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/applet.h"
#include "tests/virtual/card/server.h"
#include "tests/virtual/card/state.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PORT_DEFAULT 35963
#define SETTINGS_MAX 8

static const char usage[] =
    "usage: virtual-card --state FILE [--family NAME] [--set NAME=VALUE]... [--port N]\n"
    "                    [--like A|B] [--control SOCKET] [--absent] [--create-only]\n"
    "                    [--create [--alg-9a ALG] [--alg-9c ALG] [--alg-9d ALG] [--alg-9e ALG]\n"
    "                    [--pin DIGITS] [--puk DIGITS] [--guid HEX] [--subject CN]\n"
    "                    [--clone-public STATE]]\n"
    "NAME: piv jpki felica yubikey-ccid. ALG: p256 p384 rsa2048 rsa3072 none.\n"
    "--create makes the state file where it is missing.\n";

struct options {
    const char *state, *control;
    const struct applet *family;
    char like;
    uint16_t port;
    bool absent, create, create_only;
    struct create made;
    char *settings[SETTINGS_MAX]; /* NAME=VALUE */
    size_t setting_count;
};

enum { OPT_ALG = 1000 }; /* .. OPT_ALG + CARD_SLOTS - 1 */

static const struct option names[] = {{"state", required_argument, NULL, 's'},
                                      {"family", required_argument, NULL, 'f'},
                                      {"set", required_argument, NULL, 'e'},
                                      {"port", required_argument, NULL, 'p'},
                                      {"like", required_argument, NULL, 'l'},
                                      {"control", required_argument, NULL, 'c'},
                                      {"absent", no_argument, NULL, 'a'},
                                      {"create", no_argument, NULL, 'n'},
                                      {"create-only", no_argument, NULL, 'o'},
                                      {"alg-9a", required_argument, NULL, OPT_ALG},
                                      {"alg-9c", required_argument, NULL, OPT_ALG + 1},
                                      {"alg-9d", required_argument, NULL, OPT_ALG + 2},
                                      {"alg-9e", required_argument, NULL, OPT_ALG + 3},
                                      {"pin", required_argument, NULL, 'P'},
                                      {"puk", required_argument, NULL, 'U'},
                                      {"guid", required_argument, NULL, 'g'},
                                      {"subject", required_argument, NULL, 'S'},
                                      {"clone-public", required_argument, NULL, 'C'},
                                      {NULL, 0, NULL, 0}};

static bool read_port(const char *text, uint16_t *out)
{
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);

    *out = (uint16_t)value;
    return *end == '\0' && value > 0 && value <= 65535;
}

static bool take_created(struct create *made, int what, const char *value)
{
    switch (what) {
    case 'P':
        made->pin = value;
        return true;
    case 'U':
        made->puk = value;
        return true;
    case 'g':
        made->guid = value;
        return true;
    case 'S':
        made->subject = value;
        return true;
    case 'C':
        made->clone = value;
        return true;
    default:
        return what >= OPT_ALG && create_alg(value, &made->algs[what - OPT_ALG]);
    }
}

static bool take_option(struct options *o, int what, char *value)
{
    switch (what) {
    case 's':
        o->state = value;
        return strlen(value) < CARD_PATH_MAX;
    case 'f':
        o->family = applet_find(value);
        return o->family != NULL;
    case 'e':
        if (o->setting_count == SETTINGS_MAX)
            return false;
        o->settings[o->setting_count++] = value;
        return true;
    case 'p':
        return read_port(value, &o->port);
    case 'l':
        o->like = value[0];
        return like_find(value[0]) != NULL && value[1] == '\0';
    case 'c':
        o->control = value;
        return true;
    case 'a':
        o->absent = true;
        return true;
    case 'n':
        o->create = true;
        return true;
    case 'o':
        o->create = o->create_only = true;
        return true;
    case '?':
        return false;
    default:
        return take_created(&o->made, what, value);
    }
}

static bool read_options(int argc, char **argv, struct options *o)
{
    int what;

    while ((what = getopt_long(argc, argv, "", names, NULL)) != -1)
        if (!take_option(o, what, optarg))
            return false;
    return optind == argc && o->state != NULL;
}

static bool apply_settings(struct card *card, const struct options *o)
{
    for (size_t n = 0; n < o->setting_count; n++) {
        char *value = strchr(o->settings[n], '=');
        if (value == NULL || card->applet->set == NULL)
            return false;
        *value = '\0';
        if (!card->applet->set(card, o->settings[n], value + 1))
            return false;
    }
    return true;
}

static bool prepare_card(struct card *card, const struct options *o)
{
    card_init(card, o->family, like_find(o->like));
    strcpy(card->path, o->state);
    if (!apply_settings(card, o))
        return false;
    if (access(o->state, F_OK) == 0)
        return state_load(card, o->state);
    return o->create && o->family->create(card, &o->made) && state_save(card);
}

int main(int argc, char **argv)
{
    static struct program p;
    struct options o = {.family = &applet_piv, .like = 'A', .port = PORT_DEFAULT};
    bool good;

    o.made = (struct create){.algs = {ALG_P256, ALG_P256, ALG_NONE, ALG_P256},
                             .subject = "Virtual card"};
    if (!read_options(argc, argv, &o)) {
        fputs(usage, stderr);
        return 2;
    }
    if (!prepare_card(&p.card, &o)) {
        fprintf(stderr, "virtual-card: no usable card in %s\n", o.state);
        return 1;
    }
    p.vpcd.port = o.port;
    p.vpcd.fd = -1;
    program_set_default_atr(&p);
    if (!o.absent && !o.create_only)
        program_insert(&p);
    good = o.create_only || server_run(&p, o.control);
    program_remove(&p);
    record_free(&p.record);
    card_free(&p.card);
    return good ? 0 : 1;
}
