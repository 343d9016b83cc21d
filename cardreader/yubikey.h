/* SPDX-License-Identifier: Apache-2.0
 *
 * A YubiKey on USB, whatever library reaches it: the program toyama-yubikey knows no other way to
 * a key than this table. One key is open at a time, by one process of the host (yubikey_lock.h).
 * Every function may block for some seconds; `interrupt` alone may be called by another thread
 * meanwhile.
 */
#ifndef TOYAMA_CARDREADER_YUBIKEY_H
#define TOYAMA_CARDREADER_YUBIKEY_H

#include "core/wire/token.h"

enum yubikey_err {
    YUBIKEY_OK = 0,
    YUBIKEY_NONE = -1,        /* open: no key of this number */
    YUBIKEY_BUSY = -2,        /* another program holds the interface */
    YUBIKEY_RIGHTS = -3,      /* the device node may not be opened */
    YUBIKEY_GONE = -4,        /* unplugged; the handle is of no use any more */
    YUBIKEY_CHECKSUM = -5,    /* the answer was damaged */
    YUBIKEY_TIMEOUT = -6,     /* the key said nothing: not programmed for this, or not touched */
    YUBIKEY_WOULD_BLOCK = -7, /* it wants to be touched, and waiting was not asked for */
    YUBIKEY_REFUSED = -8,     /* a write that the key did not do */
    YUBIKEY_FAULT = -9        /* anything else, an answer without its end included */
};

struct yubikey_status {
    uint8_t version[3];
    uint8_t sequence; /* changes with each configuration that is written */
    uint8_t valid;    /* bit n - 1: slot n is programmed */
    uint8_t touch;    /* bit n - 1: slot n asks for a touch */
};

struct yubikey_config {
    unsigned slot; /* 1 or 2 */
    bool touch;
    uint8_t secret[TOKEN_SECRET_LEN];
    uint8_t code[TOKEN_CODE_LEN];    /* access code from now on */
    uint8_t current[TOKEN_CODE_LEN]; /* the slot's access code until now */
    bool has_current;
};

struct yubikey_backend {
    /* Looks at the bus anew. Everything below comes between begin and end. */
    int (*begin)(void);
    void (*end)(void);
    /* Key number 0, 1 ... in no particular order. */
    int (*open)(unsigned number, void **key);
    void (*close)(void *key);
    int (*status)(void *key, struct yubikey_status *out);
    /* YUBIKEY_TIMEOUT where the key does not tell. */
    int (*serial)(void *key, uint32_t *out);
    /* The slot's HMAC-SHA1 of 1..TOKEN_CHALLENGE_MAX octets. `wait`: for a touch, if it wants one.
     */
    int (*chalresp)(void *key, unsigned slot, bool wait, const uint8_t *challenge, size_t len,
                    uint8_t out[TOKEN_ANSWER_LEN]);
    /* YUBIKEY_OK is what the library believes: compare the status before and after. */
    int (*program)(void *key, const struct yubikey_config *config);
    /* Makes the key end its wait for a touch. */
    void (*interrupt)(void *key);
};

/* libykpers-1 over libusb. */
extern const struct yubikey_backend yubikey_ykpers;

#endif
