/* SPDX-License-Identifier: Apache-2.0
 *
 * virtual-card: a card in software behind pcscd's vpcd driver, for tests and the demo. It keeps its
 * keys in a plain file: never a credential.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_CARD_CARD_H
#define TOYAMA_TESTS_VIRTUAL_CARD_CARD_H

#include "tests/virtual/card/like.h"

#include <openssl/evp.h>

#define CARD_SLOTS     4
#define CARD_PIN_LEN   8
#define CARD_GUID_LEN  16
#define CARD_CHUID_LEN 61
#define CARD_CERT_MAX  2048
#define CARD_CHAIN_MAX 4096
#define CARD_BODY_MAX  4096
#define CARD_PUK_TRIES 3
#define CARD_PATH_MAX  256

enum slot_alg {
    ALG_NONE = 0,
    ALG_RSA3072 = 0x05,
    ALG_RSA2048 = 0x07,
    ALG_P256 = 0x11,
    ALG_P384 = 0x14
};

struct slot {
    uint8_t ref; /* 0x9A ... */
    uint8_t alg; /* enum slot_alg */
    EVP_PKEY *key;
    uint8_t cert[CARD_CERT_MAX]; /* DER */
    size_t cert_len;
};

/* Ways to lie, for tests of the other side. */
enum rogue {
    ROGUE_NONE,
    ROGUE_ANY_PIN, /* every PIN is right */
    ROGUE_NO_PIN,  /* keys work without PIN */
    ROGUE_REPLAY,  /* answers with the first signature that it made */
    ROGUE_SWAP,    /* 9A signs with the key of 9E and the reverse */
    ROGUE_PIN_ONCE /* 9C signs as often as wanted for one PIN */
};

/* What only one family has. */
struct piv_own {
    uint8_t policy[2]; /* of the discovery object; 20 in the first octet: P2 00 is the PIN, too */
    bool gzip;         /* certificates are compressed */
    bool puk_query;    /* VERIFY without data tells the PUK's tries */
};

struct jpki_own {
    uint8_t file; /* low octet of the current file's name */
};

struct hmac_slot {
    bool used, touch;
    bool fixed; /* no HMAC_LT64: all 64 octets count */
    uint8_t key[20];
};

struct yubikey_own {
    struct hmac_slot slots[2];
    uint32_t serial; /* 0: not visible */
    uint8_t sequence;
    int touch_ms; /* when a finger comes; -1: never */
};

#define FELICA_BLOCK 16
#define FELICA_ID    8 /* octets of IDm and PMm */
#define FELICA_PADS  14

/* What the answer with MAC_A lies about. */
enum felica_lie {
    FELICA_HONEST,
    FELICA_ZERO_MAC,
    FELICA_OTHER_BLOCKS, /* MAC of a read of blocks 82 and 87 */
    FELICA_NO_LIST,      /* MAC as in block 81 of FeliCa Lite: without the list of blocks */
    FELICA_OLD_RC,       /* MAC under the first challenge of this run */
    FELICA_OTHER_ID,     /* block 82 altered behind the MAC */
    FELICA_OTHER_CKV,
    FELICA_SHORT,      /* one block less, in good order */
    FELICA_LONG,       /* one block more */
    FELICA_CUT,        /* the frame ends before its length says */
    FELICA_COUNT,      /* the number of blocks is another one */
    FELICA_FOREIGN_IDM /* as from another card */
};

enum felica_reader_kind { FELICA_RCS300, FELICA_ACR122U, FELICA_ACR1252, FELICA_PART3 };

struct felica_own {
    uint8_t idm[FELICA_ID], pmm[FELICA_ID];
    uint8_t id[FELICA_BLOCK], ckv[FELICA_BLOCK], ck[FELICA_BLOCK], mc[FELICA_BLOCK];
    uint8_t pads[FELICA_PADS][FELICA_BLOCK];
    uint32_t wcnt;
    enum felica_reader_kind reader;
    enum felica_lie lie;
    uint8_t first_rc[FELICA_BLOCK];
    bool first_seen;
    /* since power-up */
    uint8_t rc[FELICA_BLOCK],
        mc_next[FELICA_BLOCK]; /* what was written to MC counts from reset on */
    bool rc_written, authenticated;
    uint8_t service; /* RC-S300: low octet of the selected one */
    bool session;    /* PC/SC part 3: transparent session */
};

struct applet;

struct card {
    const struct applet *applet; /* card_init */
    /* kept in the state file */
    char path[CARD_PATH_MAX];
    struct slot slots[CARD_SLOTS];
    uint8_t pin[CARD_PIN_LEN], puk[CARD_PIN_LEN]; /* padded with FF */
    int tries, puk_tries;
    uint8_t guid[CARD_GUID_LEN];
    /* of this run */
    const struct like *like;
    enum rogue rogue;
    unsigned sw_blocked; /* of a PIN without tries */
    struct piv_own piv;
    struct jpki_own jpki;
    struct yubikey_own yubikey;
    struct felica_own felica;
    unsigned delay_ms; /* of the answer to this command */
    unsigned key_operations;
    uint8_t replay[512];
    size_t replay_len;
    /* since power-up */
    bool selected;
    bool pin_verified;
    bool pin_fresh; /* verified and not used since: key 9C */
    uint8_t chain[CARD_CHAIN_MAX];
    size_t chain_len;
    uint8_t chain_header[3];
    uint8_t pending[CARD_BODY_MAX]; /* waits for GET RESPONSE */
    size_t pending_len;
};

/* An empty card of one family. */
void card_init(struct card *card, const struct applet *applet, const struct like *like);
struct slot *card_slot(struct card *card, uint8_t ref);
/* Power-up or reset: whatever was selected, verified or half done is gone. */
void card_reset(struct card *card);
void card_free(struct card *card);

#endif
