/* SPDX-License-Identifier: Apache-2.0
 *
 * The next issues of all zones, from the look at what differs to the signed rows. What an approver
 * was shown is what is signed: the token of the preview covers every record, office and author, and
 * making the issues from anything else is refused.
 *
 * All zones go together: an unchanged one is equal to the register at that moment as well, so
 * whoever changed something since the last approval is an author of whatever differs.
 */
#ifndef TOYAMA_TOYAMAD_STATION_PLAN_H
#define TOYAMA_TOYAMAD_STATION_PLAN_H

#include "toyamad/station/zone.h"

enum station_change { STATION_ADDED, STATION_CHANGED, STATION_STOPPED, STATION_REMOVED };

/* One person in one zone. */
struct station_difference {
    const struct station_zone *zone;
    enum station_change change;
    const struct roster_record *old;   /* NULL: added */
    const struct roster_record *fresh; /* NULL: removed */
    const struct roster_record *master;
    bool only_sealed; /* nothing differs, but all is sealed with another key */
};

struct station_comparison {
    uint64_t people; /* in the next issue */
    uint64_t differing[STATION_REMOVED + 1];
    uint8_t root[CRYPTO_SHA256_LEN];   /* of the next issue; worth something once all is sealed */
    uint8_t digest[CRYPTO_SHA256_LEN]; /* over everybody, before anything is sealed */
};

/* An office in the next issues, beside what the newest one says. */
struct station_office {
    uint8_t person[ROSTER_ID_LEN];
    char number[ROSTER_TEXT_MAX]; /* "" where he is not registered any more */
    char name[ROSTER_TEXT_MAX];
    uint8_t before, after; /* ROSTER_* roles */
    uint8_t wanted;        /* what the record says; an approver needs a proven 9C key besides */
};
#define STATION_OFFICES ((size_t)2 * ROSTER_OFFICERS)

struct station_next {
    struct station_zone zone;
    struct station_comparison compared;
    bool differs; /* records, offices, helpdesks, the authority's key or the zone's */
    bool due;     /* a next issue is made */
    struct roster_issue issue;
    struct roster_signed done;
};

struct station_plan {
    size_t zones;
    struct station_next next[STATION_ZONES];
    size_t officers;
    struct roster_officer officer[ROSTER_OFFICERS];
    size_t offices; /* that differ, or are wanted in vain */
    struct station_office office[STATION_OFFICES];
    size_t authors;
    uint8_t author[ROSTER_AUTHORS][ROSTER_ID_LEN];
    bool rotates; /* the next issues hand over to the authority's next key */
    uint8_t authority[CRYPTO_SHA256_LEN]; /* signs the issues behind the next ones */
    uint8_t token[CRYPTO_SHA256_LEN];
    uint8_t local[CRYPTO_SHA256_LEN]; /* the register's own issue that all this was made from */
};

/* What differs; `each` is called for every difference of a person. `renew`: a zone where nothing
 * differs gets a new issue, too, so that its roster does not grow old. The plan is large: on the
 * heap. */
int plan_make(struct station *st, bool renew,
              int (*each)(void *ctx, const struct station_difference *d), void *ctx,
              struct station_plan *out);
/* Makes the next issues and puts their rows on the stage, in a transaction of its own.
 * REGISTRY_CHANGED: it is not what `token` was shown for; REGISTRY_NONE: nothing differs. */
int plan_stage(struct station *st, bool renew, const uint8_t token[CRYPTO_SHA256_LEN],
               struct station_plan *out);
/* The DER that an approver signs is next[n].done.der where `due`. Takes his signatures in that
 * order, adds the authority's and checks all as a terminal will. REGISTRY_REFUSED: he may not. */
struct plan_approval {
    uint8_t spki[CRYPTO_SPKI_MAX]; /* his 9C key */
    size_t spki_len;
    size_t signatures;
    struct {
        uint8_t sig[ROSTER_APPROVAL_MAX];
        size_t len;
    } signature[STATION_ZONES];
};
int plan_sign(struct station *st, struct station_plan *plan, const struct plan_approval *approval);
/* Installs it all together with the event, in one transaction. Where the plan rotates, the caller
 * ends the rotation of the keys then (keys_end_rotation). REGISTRY_CHANGED: somebody changed
 * the register meanwhile. */
int plan_commit(struct station *st, struct station_plan *plan, struct chain_event *event);
void plan_wipe(struct station_plan *plan);

#endif
