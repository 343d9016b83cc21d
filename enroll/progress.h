/* SPDX-License-Identifier: Apache-2.0
 *
 * What the broker tells while something is done at a device: on a terminal one line that is redrawn
 * with a block for each stage, elsewhere a line each, with --json a JSON document each. Standard
 * error in all cases.
 */
#ifndef TOYAMA_ENROLL_PROGRESS_H
#define TOYAMA_ENROLL_PROGRESS_H

#include "enroll/client.h"

struct progress {
    bool json;
    bool terminal;
    bool pin_stdin;
    const char *unsaid;   /* a message that is not shown; NULL: all are */
    bool line_open;       /* the cursor stands behind the redrawn line */
    unsigned long stages; /* 0: no stages so far */
    unsigned long stage;  /* the one that is asked for, from 1 */
};

struct progress progress_begin(bool json, bool pin_stdin);
/* Hooks of client_call; `context` is a struct progress. */
struct client_hooks progress_hooks(struct progress *p);
/* Ends the redrawn line; with `complete` all blocks are filled first. */
void progress_end(struct progress *p, bool complete);

#endif
