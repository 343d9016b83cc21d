/* SPDX-License-Identifier: Apache-2.0
 *
 * The calls that the module makes, each of which can be told to fail at its Nth use (the test is
 * linked with --wrap), and a broker behind connect() that plays a script in a thread.
 */
#ifndef TOYAMA_TESTS_UNIT_PAM_FAULTS_H
#define TOYAMA_TESTS_UNIT_PAM_FAULTS_H

#include <stdbool.h>

enum fault_call {
    FAULT_NONE,
    FAULT_LSTAT,
    FAULT_GETRANDOM,
    FAULT_GETRANDOM_SHORT,
    FAULT_SOCKET,
    FAULT_CONNECT,
    FAULT_GETSOCKOPT,
    FAULT_FOREIGN_PEER,
    FAULT_CLOCK,
    FAULT_POLL,
    FAULT_SEND,
    FAULT_RECVMSG,
    FAULT_CALLOC,
    FAULT_GET_ITEM,
    FAULT_SET_ITEM,
    FAULT_SET_DATA,
    FAULT_GET_DATA,
    FAULT_CONVERSATION,
    FAULT_END
};

/* Each string is one thing that the broker does: "+" reads a frame, other characters send one:
 * I info, P prompt, G granted to taro, H granted to hanako, W granted with another nonce,
 * N granted to nobody, D denied, L locked. After the last it hangs up; "." waits for the module to
 * do so. */
void faults_script(const char *script);

void faults_arm(enum fault_call call, unsigned nth);
/* The clock goes on by this many seconds at once; faults_arm sets it right again. */
void faults_advance_clock(long seconds);
/* True where the call was used often enough to fail. Waits for the broker's thread. */
bool faults_happened(void);
/* Frames that the module has sent, one letter each: S start, A answer, C cancel, Q account,
 * O session. Valid after faults_happened. */
const char *faults_sent(void);
int faults_open_descriptors(void);

#endif
