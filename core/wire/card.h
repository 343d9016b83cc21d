/* SPDX-License-Identifier: Apache-2.0
 *
 * The channel between toyamad and its worker toyama-card: a private SOCK_SEQPACKET pair, the
 * worker's end on descriptor 3. One worker serves one attempt; every frame carries the attempt id.
 * The worker's answers are evidence to be verified, never a verdict.
 *
 * Conversation: OPEN -> WAITING* -> PRESENT -> (READ | SIGN | NEXT)* -> END, at the operator's desk
 * also PIN and ISSUE. SIGN serves shared keys, too: DIGEST is then the challenge and SIGNATURE the
 * card's answer, as enum card_alg says. The worker connects
 * (SCARD_SHARE_SHARED) before it says PRESENT but sends no APDU; the applet is selected by the
 * first READ or SIGN. A transaction is open from there to a SIGN or READ without MORE, to END, or
 * to any failure; it ends with SCARD_RESET_CARD where a PIN was verified, else SCARD_LEAVE_CARD.
 * Commands may follow END: it only lets go of the transaction while a person types.
 * REMOVED comes by itself whenever the card that was reported leaves its reader.
 */
#ifndef TOYAMA_CORE_WIRE_CARD_H
#define TOYAMA_CORE_WIRE_CARD_H

#include "core/wire/frame.h"

#define CARD_WORKER_FD     3
#define CARD_READER_MAX    128  /* a reader's name with its NUL (MAX_READERNAME) */
#define CARD_READERS_MAX   16   /* PCSCLITE_MAX_READERS_CONTEXTS */
#define CARD_SIGNATURE_MAX 512  /* RSA-4096 */
#define CARD_OBJECT_MAX    8192 /* certificate objects */
#define CARD_DIGEST_MAX    64
#define CARD_SECRET_LEN    16 /* FeliCa card key */

enum card_type {
    /* broker to worker */
    CARD_OPEN = 0x61, /* wait for a card; READER: only this one */
    CARD_READ = 0x62, /* read an object without PIN */
    CARD_SIGN = 0x63, /* let a key sign DIGEST; with PIN: tries query, VERIFY, then sign */
    CARD_NEXT = 0x64, /* not the card that was meant: reset it, report the next one or NO_OTHER */
    CARD_END = 0x65,  /* close the transaction (reset after a PIN); the worker watches removal on */
    CARD_LIST = 0x66, /* instead of OPEN: READERS, then the worker exits */
    CARD_PIN = 0x67,  /* change the PIN: PIN is the old one; with UNBLOCK 1, PIN is the PUK */
    CARD_ISSUE = 0x68, /* FeliCa: write SECRET and KEYVER; LOCK 1: so that no one can again; a card
                          that is locked so stays as it is, and shows by SIGN what it holds */
    /* worker to broker */
    CARD_WAITING = 0x71, /* nothing to report yet, and why: REASON NO_SERVICE, NO_READER, NO_CARD,
                            IN_USE, MUTE; sent when the reason changes */
    CARD_PRESENT = 0x72,
    CARD_OBJECT = 0x73,
    CARD_SIGNED = 0x74,
    CARD_FAILED = 0x75,  /* answer to READ, SIGN or NEXT */
    CARD_REMOVED = 0x76, /* the evidence of this card is void; REASON NO_SERVICE: pcscd died */
    CARD_READERS = 0x77,
    CARD_CHANGED = 0x78 /* answer to PIN and ISSUE */
};

enum card_field {
    CARD_F_ATTEMPT = 0, /* 16 octets */
    CARD_F_READER = 1,  /* name as PC/SC gives it */
    CARD_F_COUNTER = 2, /* event counter: high 16 bits of dwEventState */
    CARD_F_ATR = 3,
    CARD_F_FAMILY = 4, /* enum card_family */
    CARD_F_KEY = 5,    /* key reference; PIV: 0x9A, 0x9C, 0x9E */
    CARD_F_ALG = 6,    /* enum card_alg */
    CARD_F_DIGEST = 7, /* 32 or 48 octets */
    CARD_F_PIN = 8,
    CARD_F_PINREF = 9,  /* P2 of VERIFY; PIV: 0x80 or 0x00 */
    CARD_F_MORE = 10,   /* 1: keep the transaction for the next command; PRESENT: NEXT would find a
                           card in another reader */
    CARD_F_OBJECT = 11, /* enum card_object */
    CARD_F_DATA = 12,
    CARD_F_REASON = 13,    /* enum card_reason */
    CARD_F_SW = 14,        /* status word of the last answer, where there was one */
    CARD_F_TRIES = 15,     /* PIN tries left, where the card told */
    CARD_F_APDUS = 16,     /* since PRESENT: C-APDUs sent, GET RESPONSE included */
    CARD_F_SENT = 17,      /* octets sent since PRESENT */
    CARD_F_RECEIVED = 18,  /* octets received since PRESENT, status words included */
    CARD_F_SIGNATURE = 19, /* raw RSA block or DER ECDSA-Sig-Value, as the card gave it */
    CARD_F_MICROS = 20,    /* time inside PC/SC calls since PRESENT, microseconds */
    CARD_F_LIST = 21,      /* READERS: SEQUENCE { UTF8String name, BOOLEAN card present } each */
    CARD_F_NEWPIN = 22,
    CARD_F_UNBLOCK = 23,
    CARD_F_SECRET = 24, /* CARD_SECRET_LEN octets */
    CARD_F_KEYVER = 25, /* FeliCa block CKV, 0..65535 */
    CARD_F_LOCK = 26
};

/* MEMORISED is no card: the person's own secret, kept on the host, for tokens and cards that have
 * no PIN of their own. */
enum card_family {
    CARD_PIV = 1,
    CARD_JPKI = 2,    /* My Number card, user authentication */
    CARD_FELICA = 3,  /* FeliCa Lite-S, internal authentication */
    CARD_YUBIKEY = 4, /* OTP application, HMAC-SHA1; over USB by the worker toyama-yubikey */
    CARD_MEMORISED = 5
};

/* Values below 0xE0 are PIV algorithm identifiers (SP 800-78-4 table 6-2, FIPS 201-3 additions).
 * Shared keys: MAC_A takes a challenge of 16 octets (block RC) and answers 48: the blocks 82 (ID),
 * 86 (CKV) and 91 (MAC_A), read in one command. HMAC_SHA1 takes 1..63 octets and answers 20. */
enum card_alg {
    CARD_RSA3072 = 0x05,
    CARD_RSA2048 = 0x07,
    CARD_P256 = 0x11,
    CARD_P384 = 0x14,
    CARD_MAC_A = 0xE0,
    CARD_HMAC_SHA1 = 0xE1
};

enum card_object {
    /* A hint, proves nothing. PIV: the CHUID's 16-octet GUID; FeliCa: 8 octets IDm; YubiKey: the
     * serial number, 4 octets big-endian. JPKI has none that may be kept: ABSENT */
    CARD_OBJ_IDENTIFIER = 1,
    CARD_OBJ_CERT_9A = 2, /* DER certificate */
    CARD_OBJ_CERT_9E = 3,
    CARD_OBJ_DISCOVERY = 4, /* two octets of tag 5F2F: PIN usage policy */
    CARD_OBJ_TRIES = 5,     /* no data: FAILED or OBJECT with TRIES; PINREF names the PIN */
    CARD_OBJ_CERT_JPKI = 6, /* DER certificate for user authentication, EF 000A */
    CARD_OBJ_CERT_9C = 7
};

enum card_reason {
    CARD_NO_SERVICE = 1, /* pcscd does not answer */
    CARD_NO_READER = 2,
    CARD_NO_CARD = 3,
    CARD_IN_USE = 4,    /* another program holds the card, exclusively or by a transaction */
    CARD_MUTE = 5,      /* no or unusable ATR */
    CARD_UNKNOWN = 6,   /* the applet is not there */
    CARD_REFUSED = 7,   /* any other status word, in SW */
    CARD_PIN_WRONG = 8, /* TRIES says what is left */
    CARD_PIN_BLOCKED = 9,
    CARD_PIN_LAST = 10,   /* one try left: not spent */
    CARD_PIN_FORMAT = 11, /* refused before the card */
    CARD_PIN_NEEDED = 12, /* 6982: the key asks for the PIN */
    CARD_GONE = 13,       /* removed or lost contact in mid-command */
    CARD_MALFORMED = 14,  /* an answer that breaks the standard */
    CARD_ABSENT = 15,     /* object or key not on the card: 6A82, 6A88, 6985, 6A86 */
    CARD_NO_OTHER = 16,   /* NEXT: no further card is present */
    CARD_INTERNAL = 17
};

extern const struct frame_rule card_to_worker[];
extern const size_t card_to_worker_count;
extern const struct frame_rule card_to_broker[];
extern const size_t card_to_broker_count;

#endif
