/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cardreader/fake_pcsc.h"

#include "tests/virtual/card/iso.h"

#include <string.h>

#define CONTEXT 77
#define HANDLE  88

struct fake_pcsc fake_pcsc;
const SCARD_IO_REQUEST g_rgSCardT0Pci = {SCARD_PROTOCOL_T0, sizeof(SCARD_IO_REQUEST)};
const SCARD_IO_REQUEST g_rgSCardT1Pci = {SCARD_PROTOCOL_T1, sizeof(SCARD_IO_REQUEST)};

void fake_pcsc_start(struct card *card)
{
    card_reset(card);
    fake_pcsc =
        (struct fake_pcsc){.card = card, .present = true, .counter = 1, .others = fake_pcsc.others};
}

/* What a failure leaves behind: it is not the return value alone. */
static void apply(LONG rv)
{
    struct fake_pcsc *f = &fake_pcsc;

    if (rv == SCARD_E_NO_SERVICE)
        f->dead = true;
    if (rv == SCARD_W_RESET_CARD || rv == SCARD_W_REMOVED_CARD)
        f->event = rv;
    if (rv == SCARD_W_REMOVED_CARD)
        f->present = false;
    if (f->swap)
        f->counter += 2;
    if (f->dead || f->event != 0 || f->swap)
        card_reset(f->card);
    if (f->dead)
        f->locked = f->connected = false;
}

static LONG enter(bool on_card)
{
    struct fake_pcsc *f = &fake_pcsc;

    if (++f->calls == f->fail_at) {
        apply(f->fail_with);
        return f->fail_with;
    }
    if (f->dead)
        return SCARD_E_NO_SERVICE;
    if (on_card && !f->connected)
        return SCARD_E_INVALID_HANDLE;
    return on_card ? f->event : SCARD_S_SUCCESS;
}

LONG SCardEstablishContext(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT context)
{
    LONG rv = enter(false);

    (void)scope;
    (void)a;
    (void)b;
    *context = CONTEXT;
    fake_pcsc.made += rv == SCARD_S_SUCCESS;
    return rv;
}

LONG SCardReleaseContext(SCARDCONTEXT context)
{
    (void)context;
    fake_pcsc.released++;
    return enter(false);
}

LONG SCardCancel(SCARDCONTEXT context)
{
    (void)context;
    return SCARD_S_SUCCESS;
}

LONG SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR readers, LPDWORD len)
{
    static const char names[] = FAKE_READER "\0";
    LONG rv = enter(false);

    (void)context;
    (void)groups;
    if (rv == SCARD_S_SUCCESS) {
        memcpy(readers, names, sizeof(names));
        *len = sizeof(names);
    }
    return rv;
}

static DWORD reader_state(void)
{
    DWORD state = (DWORD)fake_pcsc.counter << 16;

    if (fake_pcsc.present)
        return state | SCARD_STATE_PRESENT | (fake_pcsc.others ? SCARD_STATE_INUSE : 0);
    return state | SCARD_STATE_EMPTY;
}

LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD ms, SCARD_READERSTATE *states, DWORD count)
{
    LONG rv = enter(false);
    bool changed = false;

    (void)context;
    (void)ms;
    for (DWORD n = 0; n < count && rv == SCARD_S_SUCCESS; n++) {
        if (strcmp(states[n].szReader, FAKE_READER) != 0)
            continue;
        states[n].dwEventState = reader_state();
        changed = changed || states[n].dwCurrentState != reader_state();
    }
    return rv != SCARD_S_SUCCESS || changed ? rv : SCARD_E_TIMEOUT;
}

LONG SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols,
                  LPSCARDHANDLE handle, LPDWORD protocol)
{
    LONG rv = enter(false);

    (void)context;
    (void)reader;
    (void)share;
    (void)protocols;
    if (rv != SCARD_S_SUCCESS)
        return rv;
    if (!fake_pcsc.present)
        return SCARD_E_NO_SMARTCARD;
    fake_pcsc.connected = true;
    fake_pcsc.event = SCARD_S_SUCCESS;
    *handle = HANDLE;
    *protocol = SCARD_PROTOCOL_T1;
    return SCARD_S_SUCCESS;
}

LONG SCardReconnect(SCARDHANDLE handle, DWORD share, DWORD protocols, DWORD init, LPDWORD protocol)
{
    LONG rv;

    (void)handle;
    (void)share;
    (void)protocols;
    (void)init;
    if (fake_pcsc.event == SCARD_W_RESET_CARD)
        fake_pcsc.event = SCARD_S_SUCCESS;
    if ((rv = enter(true)) == SCARD_S_SUCCESS)
        *protocol = SCARD_PROTOCOL_T1;
    return rv;
}

static void dispose(DWORD disposition)
{
    if (disposition != SCARD_RESET_CARD)
        return;
    fake_pcsc.resets++;
    card_reset(fake_pcsc.card);
}

LONG SCardDisconnect(SCARDHANDLE handle, DWORD disposition)
{
    LONG rv = enter(false);

    (void)handle;
    if (rv != SCARD_S_SUCCESS)
        return rv;
    dispose(disposition);
    fake_pcsc.connected = fake_pcsc.locked = false;
    return SCARD_S_SUCCESS;
}

LONG SCardBeginTransaction(SCARDHANDLE handle)
{
    LONG rv = enter(true);

    (void)handle;
    fake_pcsc.locked = rv == SCARD_S_SUCCESS;
    return rv;
}

LONG SCardEndTransaction(SCARDHANDLE handle, DWORD disposition)
{
    LONG rv = enter(true);

    (void)handle;
    if (rv != SCARD_S_SUCCESS)
        return rv;
    dispose(disposition);
    fake_pcsc.locked = false;
    return SCARD_S_SUCCESS;
}

static bool is_verify(const uint8_t *apdu, DWORD len)
{
    return len > 5 && apdu[1] == 0x20;
}

LONG SCardTransmit(SCARDHANDLE handle, const SCARD_IO_REQUEST *pci, LPCBYTE apdu, DWORD len,
                   SCARD_IO_REQUEST *received, LPBYTE out, LPDWORD out_len)
{
    static uint8_t answer[ISO_ANSWER_MAX];
    LONG rv = enter(true);
    bool lost = fake_pcsc.late && fake_pcsc.calls == fake_pcsc.fail_at;
    size_t n;

    (void)handle;
    (void)received;
    if (rv != SCARD_S_SUCCESS && !lost)
        return rv;
    if (pci->dwProtocol != SCARD_PROTOCOL_T1)
        return SCARD_E_PROTO_MISMATCH;
    fake_pcsc.verifies += is_verify(apdu, len);
    n = iso_process(fake_pcsc.card, apdu, len, answer);
    if (n > *out_len)
        return SCARD_E_INSUFFICIENT_BUFFER;
    memcpy(out, answer, n);
    *out_len = n;
    return rv;
}
