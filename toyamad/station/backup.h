/* SPDX-License-Identifier: Apache-2.0
 *
 * The station in one file: its keys and its registry, under a recovery code that is shown once. Who
 * has file and code has the authority, so they are kept in different places.
 *
 * The file is a row of DER elements: CodeSealed with the label "toyama recovery" (Recovery of
 * docs/roster.asn1: a key of this file and the small files), then the registry in pieces, each an
 * OCTET STRING with AES-256-GCM under that key, bound to its place and to whether it is the last.
 */
#ifndef TOYAMA_TOYAMAD_STATION_BACKUP_H
#define TOYAMA_TOYAMAD_STATION_BACKUP_H

#include "core/roster/code.h"
#include "toyamad/station/station.h"

/* A consistent copy while the broker runs. `fd`: an empty file. The caller wipes `code`. */
int backup_write(struct station *st, int fd, char code[CODE_TEXT_CAP]);

enum backup_err {
    BACKUP_OK = 0,
    BACKUP_CODE = -1,    /* mistyped */
    BACKUP_WRONG = -2,   /* not the code of this file */
    BACKUP_DAMAGED = -3, /* not such a file, cut short, or altered */
    BACKUP_STATE = -4,   /* the folder cannot be written, or something is there */
    BACKUP_FAILED = -5   /* memory or cryptography */
};

/* Makes the files in `state`, which has none of them; what was made is taken back on failure. `why`
 * gets an English sentence. */
int backup_restore(int fd, const char *code, const char *state, char *why, size_t whycap);
/* Takes back what a restore made. */
void backup_remove(const char *state);

#endif
