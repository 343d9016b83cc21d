/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/policy.h"

/* The contracts in these comments are proven by scripts/prove for all inputs. */

/*@ predicate clause_met(integer zone, integer require) =
  @     0 <= require <= FACTOR_ALL && (require & FACTOR_CARD) == FACTOR_CARD &&
  @     (zone == ZONE_LGWAN || zone == ZONE_INTERNET ||
  @      (zone == ZONE_INDIVIDUAL_NUMBER &&
  @       (require & (FACTOR_CARD | FACTOR_FINGER)) == (FACTOR_CARD | FACTOR_FINGER)));
  @
  @ predicate card_shown(struct evidence *e) =
  @     0 <= e->proven <= FACTOR_ALL && (e->proven & FACTOR_CARD) == FACTOR_CARD &&
  @     e->same_person && e->user_matches;
  @
  @ predicate all_good(struct policy *p, struct evidence *e) =
  @     clause_met(p->zone, p->require) && card_shown(e) &&
  @     (e->proven & p->require) == p->require &&
  @     e->local && e->roster_good && e->clock_good && e->in_time && e->card_present &&
  @     e->credential == CREDENTIAL_ACTIVE && e->person == PERSON_ACTIVE && !e->locked &&
  @     e->recorded;
  @*/

static bool has(unsigned set, unsigned factors)
{
    return (set & factors) == factors;
}

/* Basic Policy 8(4)(d). The PIN is the card's own: without the card it is no second kind. */
/*@ assigns \nothing;
  @ ensures \result <==> clause_met(zone, require);
  @*/
bool policy_clause_allows(enum zone zone, unsigned require)
{
    if (require > FACTOR_ALL || !has(require, FACTOR_CARD))
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

/*@ requires \valid_read(e);
  @ assigns \nothing;
  @ ensures \result <==> card_shown(e);
  @*/
static bool card_is_proven(const struct evidence *e)
{
    return e->proven <= FACTOR_ALL && has(e->proven, FACTOR_CARD) && e->same_person &&
           e->user_matches;
}

/*@ assigns \nothing;
  @ ensures \result == DECISION_GRANT <==> person == PERSON_ACTIVE;
  @ ensures DECISION_DENY <= \result <= DECISION_FACTORS;
  @*/
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
/*@ requires \valid_read(e);
  @ assigns \nothing;
  @ ensures \result == DECISION_GRANT <==>
  @     e->local && e->roster_good && e->clock_good && e->in_time;
  @ ensures \result == DECISION_GRANT || \result == DECISION_REMOTE || \result == DECISION_ROSTER ||
  @     \result == DECISION_CLOCK || \result == DECISION_TIME;
  @*/
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

/*@ requires \valid_read(e);
  @ assigns \nothing;
  @ ensures \result == DECISION_GRANT <==> card_shown(e) && e->card_present &&
  @     e->credential == CREDENTIAL_ACTIVE && e->person == PERSON_ACTIVE;
  @ ensures !card_shown(e) ==> \result == DECISION_DENY;
  @ ensures DECISION_DENY <= \result <= DECISION_FACTORS;
  @*/
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

/*@ requires policy == \null || \valid_read(policy);
  @ requires evidence == \null || \valid_read(evidence);
  @ assigns \nothing;
  @ ensures one_of_the_answers: DECISION_DENY <= \result <= DECISION_FACTORS;
  @ ensures nothing_known: policy == \null || evidence == \null ==> \result == DECISION_DENY;
  @ ensures only_by_everything: \result == DECISION_GRANT <==>
  @     policy != \null && evidence != \null && all_good(policy, evidence);
  @ ensures silent_before_the_card:
  @     policy != \null && evidence != \null && !card_shown(evidence) ==>
  @     \result == DECISION_DENY || \result == DECISION_REMOTE || \result == DECISION_ROSTER ||
  @     \result == DECISION_CLOCK || \result == DECISION_TIME;
  @*/
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
