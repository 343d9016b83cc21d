/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/log.h"
#include "cardreader/pcsc.h"

struct row {
    LONG rv;
    int err;
};

static const struct row rows[] = {
    {SCARD_S_SUCCESS, PCSC_OK},
    {SCARD_E_TIMEOUT, PCSC_TIMEOUT},
    {SCARD_E_CANCELLED, PCSC_CANCELLED},
    {SCARD_E_NO_SERVICE, PCSC_NO_SERVICE},
    {SCARD_E_SERVICE_STOPPED, PCSC_NO_SERVICE},
    {SCARD_E_SYSTEM_CANCELLED, PCSC_NO_SERVICE},
    {SCARD_P_SHUTDOWN, PCSC_NO_SERVICE},
    {SCARD_F_COMM_ERROR, PCSC_NO_SERVICE},
    {SCARD_E_INVALID_HANDLE, PCSC_NO_SERVICE},
    {SCARD_E_NO_READERS_AVAILABLE, PCSC_NO_READER},
    {SCARD_E_UNKNOWN_READER, PCSC_NO_READER},
    {SCARD_E_READER_UNAVAILABLE, PCSC_NO_READER},
    {SCARD_E_NO_SMARTCARD, PCSC_NO_CARD},
    {SCARD_E_SHARING_VIOLATION, PCSC_IN_USE},
    {SCARD_W_UNPOWERED_CARD, PCSC_MUTE},
    {SCARD_W_UNRESPONSIVE_CARD, PCSC_MUTE},
    {SCARD_W_UNSUPPORTED_CARD, PCSC_MUTE},
    {SCARD_E_PROTO_MISMATCH, PCSC_MUTE},
    {SCARD_W_RESET_CARD, PCSC_RESET},
    {SCARD_W_REMOVED_CARD, PCSC_GONE},
    {SCARD_E_NOT_TRANSACTED, PCSC_GONE},
    {SCARD_E_INSUFFICIENT_BUFFER, PCSC_LONG},
};

int pcsc_error(const char *call, LONG rv)
{
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++)
        if (rows[n].rv == rv)
            return rows[n].err;
    if (rv == SCARD_W_SECURITY_VIOLATION) {
        card_log("%s: polkit does not let this user use pcscd (access_pcsc)", call);
        return PCSC_NO_SERVICE;
    }
    card_log("%s: 0x%08lX", call, (unsigned long)rv & 0xFFFFFFFFUL);
    return PCSC_FAILED;
}

uint32_t pcsc_reason(int err)
{
    switch (err) {
    case PCSC_NO_SERVICE:
        return CARD_NO_SERVICE;
    case PCSC_NO_READER:
        return CARD_NO_READER;
    case PCSC_NO_CARD:
        return CARD_NO_CARD;
    case PCSC_IN_USE:
    case PCSC_BUSY:
        return CARD_IN_USE;
    case PCSC_MUTE:
        return CARD_MUTE;
    case PCSC_LONG:
        return CARD_MALFORMED;
    default:
        return CARD_GONE;
    }
}
