/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/policy.h"

static bool has(unsigned set, unsigned factors)
{
    return (set & factors) == factors;
}

/* Basic Policy 8(4)(d). The PIN is the card's own: without the card it is no second kind. */
bool policy_clause_allows(enum zone zone, unsigned require)
{
    if ((require & ~FACTOR_ALL) != 0 || !has(require, FACTOR_CARD))
        return false;
    switch (zone) {
    case ZONE_INDIVIDUAL_NUMBER:
        return has(require, FACTOR_CARD | FACTOR_FINGER);
    case ZONE_LGWAN:
    case ZONE_INTERNET:
        return true;
    case ZONE_NONE:
    default:
        return false;
    }
}

static bool card_is_proven(const struct evidence *e)
{
    return (e->proven & ~FACTOR_ALL) == 0 && has(e->proven, FACTOR_CARD) && e->same_person &&
           e->user_matches;
}

static enum decision person_decision(enum person_state person)
{
    switch (person) {
    case PERSON_ACTIVE:
        return DECISION_GRANT;
    case PERSON_STOPPED:
        return DECISION_STOPPED;
    case PERSON_EXPIRED:
        return DECISION_EXPIRED;
    case PERSON_NOT_YET:
        return DECISION_NOT_YET;
    case PERSON_NOT_HERE:
        return DECISION_NOT_HERE;
    case PERSON_UNKNOWN:
    default:
        return DECISION_DENY;
    }
}

/* What can be said before anybody is known. */
static enum decision decide_setting(const struct evidence *e)
{
    if (!e->local)
        return DECISION_REMOTE;
    if (!e->roster_good)
        return DECISION_ROSTER;
    if (!e->clock_good)
        return DECISION_CLOCK;
    if (!e->in_time)
        return DECISION_TIME;
    return DECISION_GRANT;
}

static enum decision decide_card(const struct evidence *e)
{
    if (!card_is_proven(e))
        return DECISION_DENY;
    if (!e->card_present)
        return DECISION_REMOVED;
    if (e->credential != CREDENTIAL_ACTIVE)
        return DECISION_STOPPED;
    return person_decision(e->person);
}

enum decision decide(const struct policy *policy, const struct evidence *evidence)
{
    enum decision d;

    if (policy == NULL || evidence == NULL || !policy_clause_allows(policy->zone, policy->require))
        return DECISION_DENY;
    if ((d = decide_setting(evidence)) != DECISION_GRANT ||
        (d = decide_card(evidence)) != DECISION_GRANT)
        return d;
    if (evidence->locked)
        return DECISION_LOCKED;
    if (!has(evidence->proven, policy->require))
        return DECISION_FACTORS;
    return evidence->recorded ? DECISION_GRANT : DECISION_RECORD;
}
