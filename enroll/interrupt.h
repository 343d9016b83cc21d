/* SPDX-License-Identifier: Apache-2.0
 *
 * SIGINT, SIGTERM, SIGHUP: what is under way is given up in order (the closed socket makes the
 * broker undo it, the terminal gets its echo back), then the signal takes its usual effect.
 */
#ifndef TOYAMA_ENROLL_INTERRUPT_H
#define TOYAMA_ENROLL_INTERRUPT_H

#include <poll.h>
#include <stdbool.h>

/* Blocks the signals; they arrive only inside interrupt_poll. */
void interrupt_install(void);
bool interrupt_seen(void);
/* poll(2) over `count` descriptors for at most `milliseconds`, without end where negative; -1 once
 * a signal came. */
int interrupt_poll(struct pollfd *fds, nfds_t count, int milliseconds);
/* Forgets the signal, so that something can be taken back, and remembers it again. */
int interrupt_hold(void);
void interrupt_release(int caught);
/* Ends the process by the signal that came; returns where none did. */
void interrupt_finish(void);

#endif
