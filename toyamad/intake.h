/* SPDX-License-Identifier: Apache-2.0
 *
 * Taking a roster, from a file or from the zone's database: opening, judging, installing. One place
 * for the verbs of admin.sock, the inbox and toyama-sync. Nothing is believed before the chain of
 * issues, the records and whatever belongs to them were verified; what is refused leaves the
 * installed roster as it is.
 */
#ifndef TOYAMA_TOYAMAD_INTAKE_H
#define TOYAMA_TOYAMAD_INTAKE_H

#include "core/roster/file.h"
#include "core/wire/args.h"
#include "toyamad/broker.h"
#include "toyamad/registry/import.h"

#define INTAKE_WHY_MAX  160
#define INTAKE_FILE_MAX (UINT64_C(2) << 30) /* octets of a roster file: what memory may bear */
#define INTAKE_META     "roster_event" /* sequence of the event that tells of the installed one */

enum intake_err {
    INTAKE_OK = 0,
    INTAKE_DAMAGED,    /* not a roster file, altered, or its parts do not fit */
    INTAKE_KEY,        /* sealed for another key of the zone */
    INTAKE_SIGNATURE,  /* does not verify, or is over other records */
    INTAKE_SIGNER,     /* by a key that this host does not believe */
    INTAKE_UNAPPROVED, /* the second signature is missing */
    INTAKE_OWN_CHANGE, /* approved by an author */
    INTAKE_OFFICES,    /* somebody may both register and approve */
    INTAKE_ZONE,
    INTAKE_OLD,
    INTAKE_SAME,
    INTAKE_CHAIN,      /* another history */
    INTAKE_GAP,        /* issues before it are missing here */
    INTAKE_AGED,       /* older than this host takes a roster */
    INTAKE_FUTURE,     /* made later than this host's clock says */
    INTAKE_CLASH,      /* two people with one number, card or key */
    INTAKE_STORE,      /* could not be written */
    INTAKE_FAILED,     /* memory */
    INTAKE_UNREADABLE, /* of the inbox: not a regular file, or not to be opened */
    INTAKE_ERRORS
};

struct intake {
    bool from_file;
    struct roster_file head; /* of a file: what it says of itself */
    bool old_key;            /* it was sealed for the zone's key of before */
    bool rekeys;             /* once installed: the zone has new keys since */
    int temp;                /* memfd with the opened file, or -1 */
    void *map;
    size_t map_len;
    uint8_t signer[CRYPTO_SHA256_LEN]; /* of a file: who signed it, whoever that is */
    struct roster_payload payload;
    struct roster_take take; /* after intake_check */
    bool checked;            /* and it may be installed */
    char why[INTAKE_WHY_MAX];
};

/* What an error is called in events, and the message for people with its arguments. */
const char *intake_word(int err);
const char *intake_message(const struct intake *in, struct broker *b, int err, struct args *args);

/* Opens a roster file with the zone's key. Whatever comes of it, intake_close afterwards. */
int intake_open(struct intake *in, struct broker *b, int fd);
/* A payload that came another way; `octets` stay in use until intake_close. */
int intake_open_payload(struct intake *in, struct broker *b, const void *octets, size_t len);
/* Judges it against the installed roster, this host's clock and what the file says of itself. */
int intake_check(struct intake *in, struct broker *b);
/* What events tell beside the roster itself. */
struct intake_origin {
    const char *source; /* "file", "inbox", "database" */
    const char *name;   /* of the file; NULL: not known */
    const char *by;     /* the operator; NULL: it came by itself */
};

/* Installs it, with the event, in one transaction; checks it before where that was not done. */
int intake_install(struct intake *in, struct broker *b, const struct intake_origin *origin);
/* The event of a refusal. */
int intake_refused(const struct intake *in, struct broker *b, int err,
                   const struct intake_origin *origin);
void intake_close(struct intake *in);

#endif
