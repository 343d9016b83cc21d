/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's store (SQLite): records, sealed templates, counters, issues, events. One writer, the
 * broker. The chain of signed issues is verified when the store is opened: on a host that takes its
 * people from elsewhere every issue since its joining, else the newest by the one before. The
 * record hashes stay in memory, and every record that is read later must hash to its own: an
 * edited, swapped or rolled-back row denies.
 */
#ifndef TOYAMA_TOYAMAD_REGISTRY_REGISTRY_H
#define TOYAMA_TOYAMAD_REGISTRY_REGISTRY_H

#include "core/roster/issue.h"
#include "core/roster/record.h"
#include "core/roster/take.h"
#include "toyamad/keys.h"
#include "toyamad/registry/amends.h"

#include <sqlite3.h>
#include <sys/types.h>

enum registry_err {
    REGISTRY_OK = 0,
    REGISTRY_NONE = -1,     /* no such row */
    REGISTRY_ALTERED = -2,  /* does not fit what was signed */
    REGISTRY_STORE = -3,    /* SQLite refused: disk full, locked, damaged */
    REGISTRY_VERSION = -4,  /* schema of another version than this program knows */
    REGISTRY_MODE = -5,     /* not a root-owned private regular file */
    REGISTRY_MISSING = -6,  /* the file is not there: init first */
    REGISTRY_EXISTS = -7,   /* init: there already; or login, number or key of another person */
    REGISTRY_LIMIT = -8,    /* record or table full */
    REGISTRY_FAILED = -9,   /* memory or cryptography */
    REGISTRY_SHARED = -10,  /* several people have this login: the card must say who it is */
    REGISTRY_TAKEN = -11,   /* people come from elsewhere: not to be changed here */
    REGISTRY_CHANGED = -12, /* not any more what was looked at */
    REGISTRY_REFUSED = -13, /* this person may not approve it */
    REGISTRY_OLD = -14      /* a newer issue has taken its place */
};

#define REGISTRY_SEALED_MAX 50000
#define REGISTRY_SECRET_MAX 256 /* octets of a shared key or memorised secret, before sealing */

/* Of drain.h. */
struct registry_drain {
    bool open;
    int fd;             /* a second one of the store's file */
    off_t first, begun; /* where the import began to write, and how far the disk was told */
};

struct registry {
    sqlite3 *db;
    struct registry_drain drain;
    const struct keys *keys;
    char zone[ROSTER_TEXT_MAX];
    bool installed; /* false: joined, but no roster was taken yet; then `issue` is the anchor's */
    struct roster_issue issue;
    uint8_t issue_hash[CRYPTO_SHA256_LEN]; /* of its DER */
    struct roster_entry *entry;            /* sorted by id */
    size_t entries, entry_cap;
    bool attributed; /* set by the owner: every change must be somebody's (registry_by) */
    bool by_known;   /* in the open transaction */
    size_t by_count; /* 0: nobody's */
    bool rotates;    /* in the open transaction: the authority's next key signs */
    bool rotated;    /* the newest issue is signed by keys->next: it takes over */
    uint8_t by[ROSTER_AUTHORS][ROSTER_ID_LEN];
    struct registry_amends amends;
    uint32_t deputy_approvers;   /* set by the owner: who open a sealed deputy card; 0: nobody */
    int64_t (*clock)(void *ctx); /* seconds since 1970 UTC; NULL: the system's */
    void *clock_ctx;
};

const char *registry_strerror(int err);

/* Makes a new, empty store: with the first issue (no people), or, on a host that takes its people
 * from elsewhere, with none. */
int registry_create(const char *path, const struct keys *keys, const char *zone, int64_t now);
/* Opens, migrates and verifies the whole. `why` gets an English reason on failure. */
int registry_open(struct registry *reg, const char *path, const struct keys *keys, const char *zone,
                  char *why, size_t whycap);
void registry_close(struct registry *reg);
/* What judges the next issue. */
void registry_trust(const struct registry *reg, struct roster_trust *out);
/* The newest stored issue that hands over keys (core/roster/rekey.h). REGISTRY_NONE: none does. */
int registry_newest_keys(struct registry *reg, struct roster_issue *out);

/* One transaction = one sync. Nesting is an error. */
int registry_begin(struct registry *reg);
int registry_commit(struct registry *reg);
void registry_rollback(struct registry *reg);
/* Inside of a transaction, before a change: whose it is (roster_root_author for uid 0; NULL:
 * nobody's, it carries out what was approved). The issue that the change leads to names him;
 * without this call root, or REGISTRY_FAILED where changes must be attributed. */
void registry_by(struct registry *reg, const uint8_t person[ROSTER_ID_LEN]);
/* The same for several; at most ROSTER_AUTHORS. */
void registry_by_all(struct registry *reg, const uint8_t (*person)[ROSTER_ID_LEN], size_t count);

/* Inside of a transaction: from its issue on the authority's next key signs, of which there must be
 * one. After the commit the caller ends the rotation (keys_end_rotation). */
void registry_rotate(struct registry *reg);

/* Reading a person: the row's hash is checked against the issue and the record is decoded. */
int registry_by_id(struct registry *reg, const uint8_t id[ROSTER_ID_LEN],
                   struct roster_record *out);
/* REGISTRY_SHARED where the login (root, a counter's account) is not one person's alone. */
int registry_by_login(struct registry *reg, const char *login, struct roster_record *out);
int registry_by_number(struct registry *reg, const char *number, struct roster_record *out);
/* By a credential's public hint (CHUID GUID). */
int registry_by_hint(struct registry *reg, const void *hint, size_t len, struct roster_record *out);
/* By the SHA-256 of an enrolled SubjectPublicKeyInfo. */
int registry_by_key(struct registry *reg, const uint8_t hash[CRYPTO_SHA256_LEN],
                    struct roster_record *out);
/* Calls `each` in the order of ids until it returns false. */
int registry_each(struct registry *reg, bool (*each)(void *ctx, const struct roster_record *r),
                  void *ctx);
/* The same in the order of staff numbers, for people to read. REGISTRY_ALTERED behind the last one
 * where somebody was left out. */
int registry_each_by_number(struct registry *reg,
                            bool (*each)(void *ctx, const struct roster_record *r), void *ctx);

/* Changing: inside a transaction that the caller opened. A changed roster becomes a new signed
 * issue; the hashes in memory change with registry_settle after the commit. REGISTRY_TAKEN where
 * the people come from elsewhere. */
struct registry_change {
    const struct roster_record *record; /* written; NULL with `removed` set */
    uint8_t removed[ROSTER_ID_LEN];
    struct roster_entry *entry; /* owned until settle or drop */
    size_t entries;
    struct roster_issue issue;
    uint8_t issue_hash[CRYPTO_SHA256_LEN];
};
int registry_put(struct registry *reg, const struct roster_record *r, int64_t now,
                 struct registry_change *change);
int registry_remove(struct registry *reg, const uint8_t id[ROSTER_ID_LEN], int64_t now,
                    struct registry_change *change);
/* An issue over the same records: something beside them changed. `officers` replace those of the
 * issue; NULL: they stay. */
int registry_note(struct registry *reg, const struct roster_officer *officers, size_t count,
                  int64_t now, struct registry_change *change);
void registry_settle(struct registry *reg, struct registry_change *change);
void registry_drop(struct registry_change *change);

/* Everybody who made a change since a moment (seconds since 1970 UTC, that second included) and
 * since the newest change that is nobody's; 0: who ever made one. None twice: read from this
 * store's own issues, each of which must be the predecessor of the next up to the verified one.
 * REGISTRY_LIMIT where they are more than `cap`. */
int registry_authors(struct registry *reg, int64_t since, uint8_t (*out)[ROSTER_ID_LEN], size_t cap,
                     size_t *count);

/* Sealed templates. `reg->keys` seals; the associated data binds person, finger and sensor. */
int registry_template_put(struct registry *reg, const uint8_t person[ROSTER_ID_LEN],
                          struct roster_finger *finger, const void *template, size_t len);
/* Fails REGISTRY_ALTERED unless the row is the one that the record names and opens. */
int registry_template_get(struct registry *reg, const uint8_t person[ROSTER_ID_LEN],
                          const struct roster_finger *finger, uint8_t *out, size_t cap,
                          size_t *len);
/* The person whose template this is, as his record says. */
int registry_template_owner(struct registry *reg, const uint8_t id[ROSTER_ID_LEN],
                            struct roster_record *out);
int registry_template_count(struct registry *reg, size_t *out);
int registry_template_delete(struct registry *reg, const uint8_t id[ROSTER_ID_LEN]);

/* Sealed shared keys and memorised secrets; `put` writes the hash into `key`, `get` fails
 * REGISTRY_ALTERED unless the row is the one that the record names and opens. The caller wipes. */
int registry_secret_put(struct registry *reg, const uint8_t person[ROSTER_ID_LEN],
                        const struct roster_credential *credential, struct roster_key *key,
                        const void *secret, size_t len);
int registry_secret_get(struct registry *reg, const uint8_t person[ROSTER_ID_LEN],
                        const struct roster_credential *credential, const struct roster_key *key,
                        uint8_t *out, size_t cap, size_t *len);
int registry_secret_delete(struct registry *reg, const uint8_t credential[ROSTER_ID_LEN]);

/* Counters of a person. A missing row is all zero. */
struct counter {
    uint32_t failures;  /* wrong fingers or memorised secrets in a row */
    int64_t until;      /* locked until; INT64_MAX: until an operator clears it */
    uint32_t misses;    /* attempts that did not match since the last login */
    int64_t last_login; /* 0: never */
    char last_place[64];
};
int registry_counter_get(struct registry *reg, const uint8_t person[ROSTER_ID_LEN],
                         struct counter *out);
int registry_counter_put(struct registry *reg, const uint8_t person[ROSTER_ID_LEN],
                         const struct counter *c);

/* Small settings of the host by name. */
int registry_meta_get(struct registry *reg, const char *name, int64_t *out);
int registry_meta_put(struct registry *reg, const char *name, int64_t value);

#endif
