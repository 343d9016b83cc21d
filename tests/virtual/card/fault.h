/* SPDX-License-Identifier: Apache-2.0
 *
 * What the card does wrong, and at which command. The applet does not see such a command, but for
 * those whose answer is lost or late.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_CARD_FAULT_H
#define TOYAMA_TESTS_VIRTUAL_CARD_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAULTS_MAX    8
#define FAULT_RAW_MAX 2048

enum fault_kind {
    FAULT_NONE,
    FAULT_DROP,    /* the card is pulled */
    FAULT_LOST,    /* the same, once the command has had its effect */
    FAULT_HANG,    /* never an answer */
    FAULT_RAW,     /* these octets, status word included */
    FAULT_LONG,    /* 65,533 octets of data and 9000 */
    FAULT_TRICKLE, /* the right answer, one octet a second */
    FAULT_ZERO     /* a frame without content: stops a pcscd for good */
};

struct fault {
    unsigned at;   /* nth command since insertion, from 1 */
    bool for_ever; /* from the nth on */
    enum fault_kind kind;
    uint8_t raw[FAULT_RAW_MAX];
    size_t raw_len;
};

struct faults {
    struct fault list[FAULTS_MAX];
    size_t count;
};

/* `when` is "N" or "N+"; `what` is drop, lost, hang, long, trickle, zero, short (one octet),
 * garbage, sw:XXXX or raw:HEX. */
bool fault_add(struct faults *faults, const char *when, const char *what);
/* NULL where the nth command goes its way. */
const struct fault *fault_find(const struct faults *faults, unsigned nth);

#endif
