/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/choice.h"

#include <string.h>
#include <time.h>

#define RELIST_MS      1000 /* longest wait before the list of readers is read again */
#define IN_USE_MS      250  /* pcscd does not always tell when an exclusive holder leaves */
#define BUSY_MS        20   /* a connection waits already: how soon it is noticed that it stands */
#define BACKOFF_MS     100
#define BACKOFF_MAX_MS 1000
#define PAUSE_MS       50
/* A pcscd started by our own connection has no readers at first. */
#define SETTLE_MICROS 2000000u
/* NEXT is answered within it. */
#define BUSY_MICROS 5000000u

static void pause_ms(unsigned ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

    nanosleep(&t, NULL);
}

static int ensure_context(struct choice *c)
{
    int r;

    if (c->pcsc.up)
        return PCSC_OK;
    c->count = 0;
    if ((r = pcsc_open(&c->pcsc)) == PCSC_OK)
        c->opened = pcsc_now();
    return r;
}

static DWORD known_state(const struct choice *c, const char *name)
{
    for (size_t n = 0; n < c->count; n++)
        if (strcmp(c->readers[n].name, name) == 0)
            return c->readers[n].state;
    return SCARD_STATE_UNAWARE;
}

static int list(struct choice *c)
{
    struct pcsc_reader fresh[CARD_READERS_MAX];
    size_t found = 0, kept = 0;
    int r = pcsc_list(&c->pcsc, fresh, &found);

    for (size_t n = 0; n < found; n++) {
        if (c->only[0] != '\0' && strcmp(c->only, fresh[n].name) != 0)
            continue;
        fresh[n].state = known_state(c, fresh[n].name);
        fresh[kept++] = fresh[n];
    }
    memcpy(c->readers, fresh, kept * sizeof(fresh[0]));
    c->count = kept;
    if (r == PCSC_OK && kept == 0)
        r = PCSC_NO_READER;
    return r;
}

static int refresh(struct choice *c)
{
    int r;

    if ((r = ensure_context(c)) != PCSC_OK || (r = list(c)) != PCSC_OK)
        return r;
    r = pcsc_wait(&c->pcsc, c->readers, c->count, 0);
    return r == PCSC_TIMEOUT ? PCSC_OK : r;
}

static bool is_aside(const struct choice *c, const struct pcsc_reader *reader)
{
    for (size_t n = 0; n < CARD_READERS_MAX; n++)
        if (strcmp(c->aside[n].name, reader->name) == 0 &&
            pcsc_counter(&c->aside[n]) == pcsc_counter(reader))
            return true;
    return false;
}

void choice_put_aside(struct choice *c, const struct pcsc_reader *reader)
{
    c->aside[c->aside_next] = *reader;
    c->aside_next = (c->aside_next + 1) % CARD_READERS_MAX;
}

bool choice_has_other(const struct choice *c, const struct pcsc_reader *than)
{
    for (size_t n = 0; n < c->count; n++)
        if (strcmp(c->readers[n].name, than->name) != 0 && pcsc_has_card(&c->readers[n]) &&
            !is_aside(c, &c->readers[n]))
            return true;
    return false;
}

/* How much a reason says why a card that is there cannot be had. */
static int weight(int r)
{
    return r == PCSC_BUSY ? 3 : r == PCSC_IN_USE ? 2 : r == PCSC_MUTE ? 1 : 0;
}

static void note_blocked(struct choice *c, int r, const char *reader, int *why)
{
    if (weight(r) > 0 && weight(r) >= weight(*why)) {
        *why = r;
        memcpy(c->blocked, reader, sizeof(c->blocked));
    }
}

static int try_readers(struct choice *c, struct session *s)
{
    int why = PCSC_NO_CARD;

    for (size_t n = 0; n < c->count; n++) {
        struct pcsc_reader *reader = &c->readers[n];
        int r;
        if (!pcsc_has_card(reader) || is_aside(c, reader))
            continue;
        if ((r = session_attach(s, &c->pcsc, reader)) == PCSC_OK || r == PCSC_NO_SERVICE)
            return r;
        if (weight(r) == 0)
            reader->state = SCARD_STATE_UNAWARE;
        note_blocked(c, r, reader->name, &why);
    }
    return why;
}

static int look(struct choice *c, struct session *s)
{
    int r;

    c->blocked[0] = '\0';
    if ((r = refresh(c)) != PCSC_OK || (r = try_readers(c, s)) != PCSC_OK) {
        if (r == PCSC_NO_SERVICE)
            pcsc_close(&c->pcsc);
        return r;
    }
    return PCSC_OK;
}

static bool still_settling(const struct choice *c)
{
    return c->pcsc.up && pcsc_now() - c->opened < SETTLE_MICROS;
}

static bool states_equal(const struct pcsc_reader *a, const struct pcsc_reader *b, size_t count)
{
    for (size_t n = 0; n < count; n++)
        if (a[n].state != b[n].state)
            return false;
    return true;
}

/* Sleeps until something changes. Whatever pcscd answers, the loop above cannot spin. */
static void wait_for_change(struct choice *c, int why)
{
    struct pcsc_reader before[CARD_READERS_MAX];
    DWORD ms = why == PCSC_BUSY ? BUSY_MS : why == PCSC_IN_USE ? IN_USE_MS : RELIST_MS;
    int r;

    memcpy(before, c->readers, sizeof(before));
    r = pcsc_wait(&c->pcsc, c->readers, c->count, ms);
    if (r == PCSC_TIMEOUT)
        return;
    if (r == PCSC_NO_SERVICE || r == PCSC_FAILED)
        pcsc_close(&c->pcsc);
    if (r != PCSC_OK || states_equal(before, c->readers, c->count))
        pause_ms(PAUSE_MS);
}

int choice_now(struct choice *c, struct session *s)
{
    uint64_t since = pcsc_now();
    int r;

    while ((r = look(c, s)) == PCSC_BUSY && pcsc_now() - since < BUSY_MICROS)
        wait_for_change(c, r);
    return r;
}

void choice_wait(struct choice *c, struct session *s, choice_report report, void *ctx)
{
    unsigned backoff = BACKOFF_MS;
    int r;

    while ((r = look(c, s)) != PCSC_OK) {
        if (r != PCSC_NO_READER || !still_settling(c))
            report(ctx, r, c->blocked);
        if (c->pcsc.up) {
            backoff = BACKOFF_MS;
            wait_for_change(c, r);
            continue;
        }
        pause_ms(backoff);
        backoff = backoff * 2 < BACKOFF_MAX_MS ? backoff * 2 : BACKOFF_MAX_MS;
    }
}

int choice_list(struct choice *c)
{
    int r;

    while ((r = refresh(c)) == PCSC_NO_READER && still_settling(c))
        wait_for_change(c, r);
    return r;
}
