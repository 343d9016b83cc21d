/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole packets over a SOCK_SEQPACKET descriptor, never blocking.
 */
#ifndef TOYAMA_TOYAMAD_PACKET_H
#define TOYAMA_TOYAMAD_PACKET_H

#include <stddef.h>

enum packet_err {
    PACKET_OK = 0,
    PACKET_AGAIN = -1,  /* nothing to read, or the peer does not read */
    PACKET_CLOSED = -2, /* end of file or a broken socket */
    PACKET_LENGTH = -3, /* longer than `cap`: the connection is to be ended */
    PACKET_PASSED = -4  /* more than one descriptor came along: likewise */
};

int packet_send(int fd, const void *buf, size_t len);
/* Descriptors that came along are closed. */
int packet_receive(int fd, void *buf, size_t cap, size_t *len);
/* The same, with the one descriptor that came along, or -1; the caller owns it, also where the
 * packet is an error. */
int packet_receive_passed(int fd, void *buf, size_t cap, size_t *len, int *passed);

#endif
