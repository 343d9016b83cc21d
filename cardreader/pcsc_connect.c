/* SPDX-License-Identifier: Apache-2.0
 *
 * pcscd lets a connection wait for as long as another program's transaction on that card lasts.
 * Where somebody else uses the card, a thread with a context of its own waits, so that the other
 * readers are served meanwhile.
 */
#include "cardreader/pcsc.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KNOCK_NS      100000000 /* a card that is in use has power: it answers at once */
#define NS_PER_SECOND 1000000000

enum { KNOCKING, ANSWERED, ABANDONED };

struct pcsc_knock {
    struct pcsc_reader reader; /* with its state before the connection */
    struct pcsc pcsc;
    struct pcsc_card card;
    int result;
    pthread_t thread;
    atomic_int stage; /* whoever comes second, thread or owner, frees */
};

static void dispose(struct pcsc_knock *k)
{
    if (k->card.connected)
        SCardDisconnect(k->card.handle, SCARD_LEAVE_CARD);
    if (k->pcsc.up)
        SCardReleaseContext(k->pcsc.context);
    free(k);
}

static int connect_now(SCARDCONTEXT context, const char *reader, struct pcsc_card *card)
{
    DWORD protocol = 0;
    LONG rv =
        SCardConnect(context, reader, SCARD_SHARE_SHARED, PCSC_PROTOCOLS, &card->handle, &protocol);

    card->connected = rv == SCARD_S_SUCCESS;
    card->t0 = protocol == SCARD_PROTOCOL_T0;
    return pcsc_error("SCardConnect", rv);
}

static void *knock_thread(void *arg)
{
    struct pcsc_knock *k = arg;

    k->result = connect_now(k->pcsc.context, k->reader.name, &k->card);
    if (atomic_exchange(&k->stage, ANSWERED) == ABANDONED)
        dispose(k);
    return NULL;
}

static struct pcsc_knock *knock(const struct pcsc_reader *reader)
{
    struct pcsc_knock *k = calloc(1, sizeof(*k));

    if (k == NULL)
        return NULL;
    k->reader = *reader;
    if (pcsc_open(&k->pcsc) == PCSC_OK && pthread_create(&k->thread, NULL, knock_thread, k) == 0)
        return k;
    dispose(k);
    return NULL;
}

static void abandon(struct pcsc_knock *k)
{
    pthread_t thread = k->thread;

    if (atomic_exchange(&k->stage, ABANDONED) == ANSWERED) {
        pthread_join(thread, NULL);
        dispose(k);
    } else {
        pthread_detach(thread);
    }
}

void pcsc_abandon(struct pcsc *pcsc)
{
    for (size_t n = 0; n < CARD_READERS_MAX; n++) {
        if (pcsc->knocks[n] != NULL)
            abandon(pcsc->knocks[n]);
        pcsc->knocks[n] = NULL;
    }
}

static bool answered(struct pcsc_knock *k)
{
    struct timespec t = {0};

    clock_gettime(CLOCK_REALTIME, &t);
    t.tv_nsec += KNOCK_NS;
    if (t.tv_nsec >= NS_PER_SECOND) {
        t.tv_nsec -= NS_PER_SECOND;
        t.tv_sec++;
    }
    return pthread_timedjoin_np(k->thread, NULL, &t) == 0;
}

/* A connection that was begun for a card that has left meanwhile is of no use for the next one. */
static int take(struct pcsc_knock *k, struct pcsc_card *card)
{
    struct pcsc_reader now = k->reader;
    uint8_t atr[MAX_ATR_SIZE];
    size_t atr_len = 0;
    int r = k->result;

    if (r == PCSC_OK)
        r = pcsc_look(card->pcsc, &now, atr, &atr_len);
    if (r == PCSC_OK && pcsc_counter(&now) != pcsc_counter(&k->reader))
        r = PCSC_NO_CARD;
    if (r == PCSC_OK) {
        card->handle = k->card.handle;
        card->t0 = k->card.t0;
        card->connected = card->shared = true;
        card->context = k->pcsc.context;
        k->card.connected = k->pcsc.up = false;
    }
    dispose(k);
    return r;
}

static size_t place_of(const struct pcsc *pcsc, const char *reader)
{
    size_t unused = CARD_READERS_MAX;

    for (size_t n = 0; n < CARD_READERS_MAX; n++) {
        if (pcsc->knocks[n] == NULL)
            unused = n;
        else if (strcmp(pcsc->knocks[n]->reader.name, reader) == 0)
            return n;
    }
    return unused;
}

static int connect_shared(struct pcsc *pcsc, size_t place, struct pcsc_card *card)
{
    struct pcsc_knock *k = pcsc->knocks[place];

    if (!answered(k))
        return PCSC_BUSY;
    pcsc->knocks[place] = NULL;
    return take(k, card);
}

int pcsc_connect(struct pcsc *pcsc, const struct pcsc_reader *reader, struct pcsc_card *card)
{
    size_t place = place_of(pcsc, reader->name);

    *card = (struct pcsc_card){.pcsc = pcsc};
    if (place < CARD_READERS_MAX && pcsc->knocks[place] == NULL && reader->in_use)
        pcsc->knocks[place] = knock(reader);
    if (place < CARD_READERS_MAX && pcsc->knocks[place] != NULL)
        return connect_shared(pcsc, place, card);
    return connect_now(pcsc->context, reader->name, card);
}
