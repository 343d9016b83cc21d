/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/pcsc.h"

#include <string.h>
#include <time.h>

#define PNP_READER "\\\\?PnP?\\Notification"
/* Sharing is another program's business and no event for us; exclusive use is. */
#define STATE_NOISE (SCARD_STATE_CHANGED | SCARD_STATE_INUSE)

uint64_t pcsc_now(void)
{
    struct timespec t = {0};

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000u + (uint64_t)t.tv_nsec / 1000u;
}

int pcsc_open(struct pcsc *pcsc)
{
    LONG rv;

    pcsc_close(pcsc);
    rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &pcsc->context);
    pcsc->up = rv == SCARD_S_SUCCESS;
    return pcsc_error("SCardEstablishContext", rv);
}

void pcsc_close(struct pcsc *pcsc)
{
    pcsc_abandon(pcsc);
    if (pcsc->up)
        SCardReleaseContext(pcsc->context);
    *pcsc = (struct pcsc){0};
}

/* A name that is no clean UTF-8 could not be told to the broker: such a reader is left out. */
static bool take_name(const char *name, size_t len, struct pcsc_reader *out)
{
    struct tlv text = {.val = (const uint8_t *)name, .len = len};

    *out = (struct pcsc_reader){0};
    return tlv_text(&text, out->name, sizeof(out->name)) == WIRE_OK;
}

static size_t split_names(const char *names, size_t len, struct pcsc_reader *readers)
{
    size_t count = 0;

    for (size_t at = 0; at < len && names[at] != '\0' && count < CARD_READERS_MAX;) {
        size_t n = strnlen(names + at, len - at);
        if (take_name(names + at, n, &readers[count]))
            count++;
        at += n + 1;
    }
    return count;
}

int pcsc_list(struct pcsc *pcsc, struct pcsc_reader *readers, size_t *count)
{
    char names[CARD_READERS_MAX * CARD_READER_MAX + 1];
    DWORD len = sizeof(names);
    LONG rv = SCardListReaders(pcsc->context, NULL, names, &len);

    *count = 0;
    if (rv != SCARD_S_SUCCESS)
        return pcsc_error("SCardListReaders", rv);
    *count = split_names(names, len, readers);
    return *count > 0 ? PCSC_OK : PCSC_NO_READER;
}

int pcsc_wait(struct pcsc *pcsc, struct pcsc_reader *readers, size_t count, DWORD ms)
{
    SCARD_READERSTATE states[CARD_READERS_MAX + 1] = {0};
    LONG rv;

    for (size_t n = 0; n < count; n++) {
        states[n].szReader = readers[n].name;
        states[n].dwCurrentState = readers[n].state;
    }
    states[count].szReader = PNP_READER;
    rv = SCardGetStatusChange(pcsc->context, ms, states, (DWORD)count + 1);
    for (size_t n = 0; n < count && (rv == SCARD_S_SUCCESS || rv == SCARD_E_TIMEOUT); n++) {
        readers[n].in_use = (states[n].dwEventState & SCARD_STATE_INUSE) != 0;
        if (rv == SCARD_S_SUCCESS)
            readers[n].state = states[n].dwEventState & ~(DWORD)STATE_NOISE;
    }
    return pcsc_error("SCardGetStatusChange", rv);
}

int pcsc_watch(struct pcsc *pcsc, struct pcsc_reader *reader, DWORD ms)
{
    SCARD_READERSTATE state = {.szReader = reader->name, .dwCurrentState = reader->state};
    LONG rv = SCardGetStatusChange(pcsc->context, ms, &state, 1);

    if (rv == SCARD_S_SUCCESS)
        reader->state = state.dwEventState & ~(DWORD)STATE_NOISE;
    return pcsc_error("SCardGetStatusChange", rv);
}

int pcsc_look(struct pcsc *pcsc, struct pcsc_reader *reader, uint8_t atr[MAX_ATR_SIZE],
              size_t *atr_len)
{
    SCARD_READERSTATE state = {.szReader = reader->name, .dwCurrentState = SCARD_STATE_UNAWARE};
    uint64_t since = pcsc_now();
    LONG rv = SCardGetStatusChange(pcsc->context, 0, &state, 1);

    pcsc->micros += pcsc_now() - since;
    *atr_len = 0;
    if (rv != SCARD_S_SUCCESS)
        return pcsc_error("SCardGetStatusChange", rv);
    reader->state = state.dwEventState & ~(DWORD)STATE_NOISE;
    *atr_len = state.cbAtr <= MAX_ATR_SIZE ? state.cbAtr : 0;
    memcpy(atr, state.rgbAtr, *atr_len);
    return PCSC_OK;
}

uint32_t pcsc_counter(const struct pcsc_reader *reader)
{
    return (uint32_t)(reader->state >> 16 & 0xFFFF);
}

bool pcsc_has_card(const struct pcsc_reader *reader)
{
    return (reader->state & SCARD_STATE_PRESENT) != 0;
}
