/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/wipe.h"
#include "toyamad/log.h"
#include "toyamad/search_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool fits(const struct search *s, const struct roster_record *r,
                 const struct roster_finger *f)
{
    return memcmp(r->id, s->subject.person, ROSTER_ID_LEN) != 0 &&
           strcmp(f->driver, s->subject.driver) == 0 && strcmp(f->device, s->subject.device) == 0;
}

static void fail_store(struct search *s, int err)
{
    s->outcome.err = err;
    search_fail(s, SEARCH_STORE, "");
}

static bool give(struct search *s, struct lane *lane, const struct roster_record *r,
                 const struct roster_finger *f)
{
    uint8_t *template = malloc(FINGER_TEMPLATE_MAX);
    size_t len = 0;
    int err = REGISTRY_FAILED;
    bool given = false;

    if (template != NULL)
        err = registry_template_get(&s->broker->registry, r->id, f, template, FINGER_TEMPLATE_MAX,
                                    &len);
    if (err == REGISTRY_OK)
        given = fingerlink_add(&lane->link, f, template, len);
    if (template != NULL)
        wire_wipe(template, FINGER_TEMPLATE_MAX);
    free(template);
    if (err == REGISTRY_ALTERED) {
        snprintf(s->outcome.number, sizeof(s->outcome.number), "%s", r->number);
        search_fail(s, SEARCH_UNUSABLE, "");
    } else if (err != REGISTRY_OK) {
        fail_store(s, err);
    } else if (!given) {
        search_fail(s, SEARCH_BROKEN, "a matcher takes no templates");
    }
    return given;
}

/* REGISTRY_OK: `r` and `f` are to be compared. */
static int next_of_sweep(struct search *s, const struct roster_record **r,
                         const struct roster_finger **f)
{
    int err;

    do
        err = search_walk_next(&s->walk, f);
    while (err == REGISTRY_OK && !fits(s, &s->walk.record, *f));
    *r = &s->walk.record;
    return err;
}

static const struct roster_finger *finger_of(const struct roster_record *r, const uint8_t *id)
{
    for (size_t n = 0; n < r->fingers; n++)
        if (memcmp(r->finger[n].id, id, ROSTER_ID_LEN) == 0)
            return &r->finger[n];
    return NULL;
}

/* A template that this search cannot have given away is a lie; one that was deleted meanwhile looks
 * like that, too, and the operator tries again. */
static int open_candidate(struct search *s, struct candidate *one, const struct roster_record **r,
                          const struct roster_finger **f)
{
    int err = registry_template_owner(&s->broker->registry, one->hit.id, &s->walk.record);

    *r = &s->walk.record;
    *f = err == REGISTRY_OK ? finger_of(*r, one->hit.id) : NULL;
    if (err == REGISTRY_NONE || (err == REGISTRY_OK && !fits(s, *r, *f))) {
        search_fail(s, SEARCH_BROKEN, "a matcher named a template that it did not get");
        return REGISTRY_NONE;
    }
    if (err == REGISTRY_OK)
        one->prints = (*f)->samples;
    return err;
}

static int next_candidate(struct search *s, struct lane *lane, const struct roster_record **r,
                          const struct roster_finger **f)
{
    size_t times = s->phase == PHASE_FIRM ? FINGER_QUARTERS : 1;
    struct candidate *one;

    if (s->next >= s->candidates * times)
        return REGISTRY_NONE;
    one = &s->candidate[s->next / times];
    if (s->phase == PHASE_LOOK)
        one->hit.presses = one->hit.pairs = 0;
    else
        lane->left_out = (uint32_t)(s->next % times) + 1;
    s->next++;
    return open_candidate(s, one, r, f);
}

void search_feed(struct search *s, struct lane *lane)
{
    const struct roster_record *r = NULL;
    const struct roster_finger *f = NULL;
    int err = REGISTRY_OK;

    lane->sent = 0;
    lane->left_out = 0;
    while (lane->sent < s->batch && !s->ended) {
        err = s->phase == PHASE_SWEEP ? next_of_sweep(s, &r, &f) : next_candidate(s, lane, &r, &f);
        if (err != REGISTRY_OK || !give(s, lane, r, f))
            break;
        lane->sent++;
    }
    if (err != REGISTRY_OK && err != REGISTRY_NONE)
        fail_store(s, err);
}

static struct candidate *known(struct search *s, const uint8_t *id)
{
    for (size_t n = 0; n < s->candidates; n++)
        if (memcmp(s->candidate[n].hit.id, id, sizeof(s->candidate[n].hit.id)) == 0)
            return &s->candidate[n];
    return NULL;
}

static void add_candidate(struct search *s, const struct finger_hit *hit)
{
    struct candidate *grown;

    if (s->candidates >= SEARCH_CANDIDATES_MAX) {
        search_fail(s, SEARCH_CROWDED, "");
        return;
    }
    grown = reallocarray(s->candidate, s->candidates + 1, sizeof(*grown));
    if (grown == NULL) {
        fail_store(s, REGISTRY_FAILED);
        return;
    }
    s->candidate = grown;
    s->candidate[s->candidates++] = (struct candidate){.hit = *hit};
}

static void take_hit(struct search *s, const struct finger_hit *hit)
{
    struct candidate *old = known(s, hit->id);

    if (s->phase != PHASE_SWEEP && old == NULL)
        search_fail(s, SEARCH_BROKEN, "a matcher named a template that it did not get");
    else if (s->phase == PHASE_FIRM)
        old->firm += hit->pairs;
    else if (s->phase == PHASE_LOOK)
        old->hit = *hit;
    else if (old == NULL)
        add_candidate(s, hit);
}

void search_take_hits(struct search *s, const struct finger_event *e)
{
    struct tlv_cur cur = tlv_der(e->data, e->len);
    struct finger_hit hit;

    while (cur.left > 0 && !s->ended) {
        if (finger_hit_next(&cur, &hit) != WIRE_OK)
            search_fail(s, SEARCH_BROKEN, "a matcher broke the protocol");
        else
            take_hit(s, &hit);
    }
}
