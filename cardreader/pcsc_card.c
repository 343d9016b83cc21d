/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/apdu.h"
#include "cardreader/pcsc.h"

static void add_time(struct pcsc_card *card, uint64_t since)
{
    card->pcsc->micros += pcsc_now() - since;
}

int pcsc_reconnect(struct pcsc_card *card)
{
    uint64_t since = pcsc_now();
    DWORD protocol = 0;
    LONG rv = SCardReconnect(card->handle, SCARD_SHARE_SHARED, PCSC_PROTOCOLS, SCARD_LEAVE_CARD,
                             &protocol);

    add_time(card, since);
    card->t0 = protocol == SCARD_PROTOCOL_T0;
    return pcsc_error("SCardReconnect", rv);
}

static void disconnect(struct pcsc_card *card, DWORD disposition)
{
    if (card->connected)
        SCardDisconnect(card->handle, disposition);
    if (card->shared)
        SCardReleaseContext(card->context);
    card->connected = card->locked = card->shared = false;
}

void pcsc_disconnect(struct pcsc_card *card, bool reset)
{
    disconnect(card, reset && !card->shared ? SCARD_RESET_CARD : SCARD_LEAVE_CARD);
}

int pcsc_lock(struct pcsc_card *card)
{
    uint64_t since = pcsc_now();
    LONG rv = SCardBeginTransaction(card->handle);

    add_time(card, since);
    card->locked = rv == SCARD_S_SUCCESS;
    return pcsc_error("SCardBeginTransaction", rv);
}

void pcsc_unlock(struct pcsc_card *card, bool reset)
{
    uint64_t since = pcsc_now();
    LONG rv;

    if (!card->locked)
        return;
    rv = SCardEndTransaction(card->handle, reset ? SCARD_RESET_CARD : SCARD_LEAVE_CARD);
    card->locked = false;
    if (reset && rv != SCARD_S_SUCCESS)
        disconnect(card, SCARD_RESET_CARD);
    add_time(card, since);
}

int pcsc_transmit(void *ctx, const uint8_t *cmd, size_t cmd_len, uint8_t *ans, size_t cap,
                  size_t *ans_len)
{
    struct pcsc_card *card = ctx;
    const SCARD_IO_REQUEST *pci = card->t0 ? SCARD_PCI_T0 : SCARD_PCI_T1;
    DWORD got = (DWORD)cap;
    uint64_t since = pcsc_now();
    LONG rv = SCardTransmit(card->handle, pci, cmd, (DWORD)cmd_len, NULL, ans, &got);

    add_time(card, since);
    /* connected while pcscd was resetting the card for somebody else: the protocol is not ours */
    card->fault = rv == SCARD_E_PROTO_MISMATCH ? PCSC_RESET : pcsc_error("SCardTransmit", rv);
    *ans_len = rv == SCARD_S_SUCCESS ? got : 0;
    if (rv == SCARD_S_SUCCESS)
        return APDU_OK;
    return card->fault == PCSC_LONG ? APDU_MALFORMED : APDU_LOST;
}
