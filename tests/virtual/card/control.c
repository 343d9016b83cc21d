/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/control.h"

#include "tests/virtual/card/applet.h"
#include "tests/virtual/card/hex.h"

#include <stdlib.h>
#include <string.h>

#define WORDS_MAX  4
#define NUMBER_MAX 600000

struct words {
    size_t count;
    char *word[WORDS_MAX];
};

static bool do_insert(struct program *p, const struct words *w, FILE *out)
{
    (void)w;
    (void)out;
    program_insert(p);
    return true;
}

static bool do_remove(struct program *p, const struct words *w, FILE *out)
{
    (void)w;
    (void)out;
    program_remove(p);
    return true;
}

static bool do_fresh(struct program *p, const struct words *w, FILE *out)
{
    (void)w;
    (void)out;
    record_start(&p->record);
    return true;
}

static bool do_quit(struct program *p, const struct words *w, FILE *out)
{
    (void)w;
    (void)out;
    p->quit = true;
    return true;
}

static bool number(const struct words *w, size_t n, unsigned *out)
{
    char *end = NULL;
    unsigned long value;

    *out = 0;
    if (n >= w->count)
        return true;
    value = strtoul(w->word[n], &end, 10);
    *out = (unsigned)value;
    return *end == '\0' && value <= NUMBER_MAX;
}

static bool do_slow(struct program *p, const struct words *w, FILE *out)
{
    (void)out;
    return w->count >= 2 && number(w, 1, &p->ms_per_apdu) && number(w, 2, &p->us_per_octet) &&
           number(w, 3, &p->ms_per_key_operation);
}

static bool do_fault(struct program *p, const struct words *w, FILE *out)
{
    (void)out;
    if (w->count == 2 && strcmp(w->word[1], "off") == 0) {
        p->faults.count = 0;
        return true;
    }
    return w->count == 3 && fault_add(&p->faults, w->word[1], w->word[2]);
}

static bool do_rogue(struct program *p, const struct words *w, FILE *out)
{
    static const char *const names[] = {"none", "anypin", "nopin", "replay", "swap", "pinonce"};

    (void)out;
    for (size_t n = 0; w->count == 2 && n < sizeof(names) / sizeof(names[0]); n++) {
        if (strcmp(w->word[1], names[n]) == 0) {
            p->card.rogue = (enum rogue)n;
            p->card.replay_len = 0;
            return true;
        }
    }
    return false;
}

static bool do_set(struct program *p, const struct words *w, FILE *out)
{
    const struct applet *applet = p->card.applet;

    (void)out;
    return w->count == 3 && applet->set != NULL && applet->set(&p->card, w->word[1], w->word[2]);
}

static bool do_atr(struct program *p, const struct words *w, FILE *out)
{
    (void)out;
    if (w->count == 1) {
        p->atr_len = 0;
        return true;
    }
    if (strcmp(w->word[1], "default") == 0) {
        program_set_default_atr(p);
        return true;
    }
    return hex_read(w->word[1], p->atr, sizeof(p->atr), &p->atr_len);
}

static bool do_counts(struct program *p, const struct words *w, FILE *out)
{
    (void)w;
    fprintf(out, "ok %u %zu %zu\n", p->record.apdus, p->record.command_octets,
            p->record.answer_octets);
    return true;
}

static bool do_tries(struct program *p, const struct words *w, FILE *out)
{
    (void)w;
    fprintf(out, "ok %d %d\n", p->card.tries, p->card.puk_tries);
    return true;
}

static bool do_log(struct program *p, const struct words *w, FILE *out)
{
    const char *what = w->count == 2 ? w->word[1] : "";

    if (strcmp(what, "on") == 0) {
        p->record.logging = true;
        return true;
    }
    if (strcmp(what, "off") != 0 && strcmp(what, "show") != 0)
        return false;
    fputs(record_text(&p->record), out);
    if (strcmp(what, "off") == 0)
        p->record.logging = false;
    return true;
}

static const struct {
    const char *name;
    bool (*run)(struct program *p, const struct words *w, FILE *out);
    bool answers; /* writes its own last line */
} commands[] = {
    {"insert", do_insert, false}, {"remove", do_remove, false}, {"slow", do_slow, false},
    {"fault", do_fault, false},   {"rogue", do_rogue, false},   {"atr", do_atr, false},
    {"counts", do_counts, true},  {"log", do_log, false},       {"tries", do_tries, true},
    {"fresh", do_fresh, false},   {"quit", do_quit, false},     {"set", do_set, false},
};

static struct words split(char *line)
{
    struct words w = {0};
    char *save = NULL;

    for (char *t = strtok_r(line, " \r\n", &save); t != NULL && w.count < WORDS_MAX;
         t = strtok_r(NULL, " \r\n", &save))
        w.word[w.count++] = t;
    return w;
}

void control_run(struct program *p, char *line, FILE *out)
{
    struct words w = split(line);

    for (size_t n = 0; w.count > 0 && n < sizeof(commands) / sizeof(commands[0]); n++) {
        if (strcmp(w.word[0], commands[n].name) != 0)
            continue;
        if (!commands[n].run(p, &w, out))
            break;
        if (!commands[n].answers)
            fputs("ok\n", out);
        return;
    }
    fputs("error\n", out);
}
