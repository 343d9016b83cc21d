/* SPDX-License-Identifier: Apache-2.0
 *
 * APDU layer (ISO/IEC 7816-4 clause 5) over any transport: short commands, command chaining, 61xx
 * and 6Cxx. Portable: no PC/SC, no system calls. The card is hostile: every loop is bounded, no
 * length it gives is used unchecked.
 */
#ifndef TOYAMA_CARDREADER_APDU_H
#define TOYAMA_CARDREADER_APDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define APDU_DATA_MAX    255 /* octets of data in one short command */
#define APDU_COMMAND_MAX 261 /* header, Lc, data, Le */
/* One answer: more than a short Le allows, for cards that overdo it. */
#define APDU_ANSWER_MAX 1024
#define APDU_ROUNDS_MAX 64  /* GET RESPONSE rounds of one command */
#define APDU_LE_ANY     256 /* Le = 00 */
#define APDU_MEMO_LEN   8

enum apdu_err {
    APDU_OK = 0,
    APDU_LOST = -1,      /* the transport failed: card pulled, reset, reader or pcscd gone */
    APDU_MALFORMED = -2, /* no status word, a loop without end, or more than the buffer holds */
    APDU_ARGUMENT = -3   /* a command that cannot be written as short APDUs */
};

struct apdu_command {
    uint8_t cla, ins, p1, p2;
    const uint8_t *data;
    size_t len; /* more than APDU_DATA_MAX: sent as a chain */
    size_t le;  /* 0: no answer data expected; 1..256 */
};

struct apdu_answer {
    uint8_t *buf; /* the caller's */
    size_t cap;
    size_t len;
    uint16_t sw; /* 0 until a status word came */
};

struct apdu_counts {
    uint32_t apdus;
    uint32_t sent;     /* octets */
    uint32_t received; /* octets, status words included */
};

/* Sends one command; stores what came back, status word included, at most `cap` octets.
 * APDU_OK, APDU_LOST or APDU_MALFORMED (the answer did not fit). */
typedef int (*apdu_transmit)(void *ctx, const uint8_t *cmd, size_t cmd_len, uint8_t *ans,
                             size_t cap, size_t *ans_len);

struct apdu_link {
    apdu_transmit transmit;
    void *ctx;
    const char *reader; /* its PC/SC name: FeliCa goes through each reader's own pseudo-APDUs */
    bool t0;            /* T=0 has no command with both data and Le: the card announces with 61xx */
    struct apdu_counts counts;
    uint8_t memo[APDU_MEMO_LEN]; /* what the selected family keeps from its select on */
};

/* Runs one command to its last status word, whatever that is. */
int apdu_run(struct apdu_link *link, const struct apdu_command *cmd, struct apdu_answer *ans);

#endif
