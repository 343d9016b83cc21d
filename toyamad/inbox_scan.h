/* SPDX-License-Identifier: Apache-2.0
 *
 * The child that reads the inbox. It parses nothing but the lines in front of roster files.
 */
#ifndef TOYAMA_TOYAMAD_INBOX_SCAN_H
#define TOYAMA_TOYAMAD_INBOX_SCAN_H

#include "core/roster/amendment.h"
#include "core/roster/file.h"

#include <dirent.h>

#define INBOX_NAME_MAX 256
#define INBOX_ITEMS    64   /* handed over in one look */
#define INBOX_SEEN     1024 /* files that need not be looked at again */

enum inbox_kind {
    INBOX_NOTHING = 0,
    INBOX_ROSTER, /* copied to its descriptor */
    INBOX_NOTICE, /* an amendment or a stop code: in `octets` */
    INBOX_ODD,    /* not a regular file, or unreadable */
    INBOX_FOREIGN /* a roster of another zone, by what it says in `head` */
};

struct inbox_item {
    enum inbox_kind kind;
    char name[INBOX_NAME_MAX];
    uint8_t key[CRYPTO_SHA256_LEN]; /* of the file as it is: name, place, length, time */
    int error;                      /* errno, with INBOX_ODD; 0: not a regular file */
    struct roster_file head;
    size_t len;
    uint8_t octets[ROSTER_AMENDED_MAX];
};

/* What the child knows, and what it leaves behind: in memory that both see. */
struct inbox_look {
    char folder[128];
    char zone[ROSTER_TEXT_MAX];
    uint64_t above; /* rosters with higher numbers are wanted */
    uint8_t seen[INBOX_SEEN][CRYPTO_SHA256_LEN];
    int roster; /* descriptor of an empty file */
    int notify; /* of inotify */
    /* The answer. */
    int error;  /* errno: the folder cannot be read */
    bool later; /* something is just being written */
    bool more;  /* there was more than fits */
    size_t items;
    struct inbox_item item[INBOX_ITEMS];
};

void inbox_scan(struct inbox_look *look);

#endif
