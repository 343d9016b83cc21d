/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/policy.h"

/* The contracts in these comments are proven by scripts/prove for all inputs. */

/*@ predicate second_kind(integer require) =
  @     (require & FACTOR_PIN) == FACTOR_PIN || (require & FACTOR_FINGER) == FACTOR_FINGER;
  @
  @ predicate one_possession(integer require) =
  @     0 <= require <= FACTOR_ALL &&
  @     ((require & FACTOR_POSSESSION) == FACTOR_CARD ||
  @      (require & FACTOR_POSSESSION) == FACTOR_TOKEN);
  @
  @ predicate clause_met(integer zone, integer require) =
  @     one_possession(require) &&
  @     ((zone == ZONE_INDIVIDUAL_NUMBER && (require & FACTOR_CARD) == FACTOR_CARD &&
  @       (require & FACTOR_FINGER) == FACTOR_FINGER) ||
  @      ((zone == ZONE_LGWAN || zone == ZONE_INTERNET) &&
  @       ((require & FACTOR_CARD) == FACTOR_CARD || second_kind(require))));
  @
  @ predicate stays(struct policy *p, struct evidence *e) =
  @     e->card_present || (p->tap && p->zone != ZONE_INDIVIDUAL_NUMBER);
  @
  @ predicate exception_met(integer zone, integer require, integer instead) =
  @     (zone == ZONE_INDIVIDUAL_NUMBER || zone == ZONE_LGWAN || zone == ZONE_INTERNET) &&
  @     0 <= require <= FACTOR_ALL && 0 <= instead <= FACTOR_ALL &&
  @     (require & FACTOR_POSSESSION) == FACTOR_CARD &&
  @     (instead & FACTOR_POSSESSION) == FACTOR_CARD && second_kind(instead);
  @
  @ predicate config_good(struct policy *p) =
  @     clause_met(p->zone, p->require) && (p->tap ==> p->zone != ZONE_INDIVIDUAL_NUMBER);
  @
  @ predicate rules_good(struct policy *p, struct evidence *e) =
  @     config_good(p) && (e->instead != 0 ==> exception_met(p->zone, p->require, e->instead));
  @
  @ logic integer asked(struct policy *p, struct evidence *e) =
  @     e->instead != 0 ? e->instead : p->require;
  @
  @ predicate card_shown(struct policy *p, struct evidence *e) =
  @     0 <= e->proven <= FACTOR_ALL &&
  @     (e->proven & (p->require & FACTOR_POSSESSION)) == (p->require & FACTOR_POSSESSION) &&
  @     e->same_person && e->user_matches;
  @
  @ predicate all_good(struct policy *p, struct evidence *e) =
  @     rules_good(p, e) && card_shown(p, e) &&
  @     (e->proven & asked(p, e)) == asked(p, e) &&
  @     e->local && e->roster_good && e->clock_good && e->in_time && stays(p, e) &&
  @     e->credential == CREDENTIAL_ACTIVE && e->person == PERSON_ACTIVE &&
  @     (e->shared_key ==> p->shared_keys) && !e->locked && e->escorted && e->recorded;
  @*/

static bool has(unsigned set, unsigned factors)
{
    return (set & factors) == factors;
}

/* Basic Policy 8(4)(d): "biometric and IC card"; elsewhere "IC card, or two factors". */
/*@ assigns \nothing;
  @ ensures \result <==> clause_met(zone, require);
  @*/
bool policy_clause_allows(enum zone zone, unsigned require)
{
    const unsigned possession = require & FACTOR_POSSESSION;

    if (require > FACTOR_ALL || (possession != FACTOR_CARD && possession != FACTOR_TOKEN))
        return false;
    switch (zone) {
    case ZONE_INDIVIDUAL_NUMBER:
        return has(require, FACTOR_CARD) && has(require, FACTOR_FINGER);
    case ZONE_LGWAN:
    case ZONE_INTERNET:
        return has(require, FACTOR_CARD) || has(require, FACTOR_PIN) || has(require, FACTOR_FINGER);
    case ZONE_NONE:
    default:
        return false;
    }
}

/*@ assigns \nothing;
  @ ensures \result <==> exception_met(zone, require, instead);
  @*/
bool policy_exception_allows(enum zone zone, unsigned require, unsigned instead)
{
    return (zone == ZONE_INDIVIDUAL_NUMBER || zone == ZONE_LGWAN || zone == ZONE_INTERNET) &&
           require <= FACTOR_ALL && instead <= FACTOR_ALL &&
           (require & FACTOR_POSSESSION) == FACTOR_CARD &&
           (instead & FACTOR_POSSESSION) == FACTOR_CARD &&
           (has(instead, FACTOR_PIN) || has(instead, FACTOR_FINGER));
}

/*@ assigns \nothing;
  @ ensures \result <==> zone != ZONE_INDIVIDUAL_NUMBER;
  @*/
bool policy_tap_allowed(enum zone zone)
{
    return zone != ZONE_INDIVIDUAL_NUMBER;
}

/*@ requires \valid_read(p);
  @ assigns \nothing;
  @ ensures \result <==> config_good(p);
  @*/
static bool config_is_good(const struct policy *p)
{
    return policy_clause_allows(p->zone, p->require) && (!p->tap || policy_tap_allowed(p->zone));
}

/*@ requires \valid_read(p) && \valid_read(e);
  @ assigns \nothing;
  @ ensures \result <==> rules_good(p, e);
  @*/
static bool rules_are_good(const struct policy *p, const struct evidence *e)
{
    return config_is_good(p) &&
           (e->instead == 0 || policy_exception_allows(p->zone, p->require, e->instead));
}

/*@ requires \valid_read(p) && \valid_read(e);
  @ assigns \nothing;
  @ ensures \result <==> card_shown(p, e);
  @*/
static bool card_is_proven(const struct policy *p, const struct evidence *e)
{
    return e->proven <= FACTOR_ALL && has(e->proven, p->require & FACTOR_POSSESSION) &&
           e->same_person && e->user_matches;
}

/*@ assigns \nothing;
  @ ensures \result == DECISION_GRANT <==> person == PERSON_ACTIVE;
  @ ensures DECISION_DENY <= \result <= DECISION_ESCORT;
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
    case PERSON_NOT_NOW:
        return DECISION_NOT_NOW;
    case PERSON_UNKNOWN:
    default:
        return DECISION_DENY;
    }
}

/*@ assigns \nothing;
  @ ensures \result == DECISION_GRANT <==> credential == CREDENTIAL_ACTIVE;
  @ ensures DECISION_DENY <= \result <= DECISION_ESCORT;
  @*/
static enum decision credential_decision(enum credential_state credential)
{
    switch (credential) {
    case CREDENTIAL_ACTIVE:
        return DECISION_GRANT;
    case CREDENTIAL_EXPIRED:
        return DECISION_CARD_EXPIRED;
    case CREDENTIAL_NOT_YET:
        return DECISION_CARD_NOT_YET;
    case CREDENTIAL_NOT_HERE:
        return DECISION_NOT_HERE;
    case CREDENTIAL_UNKNOWN:
    case CREDENTIAL_STOPPED:
    default:
        return DECISION_STOPPED;
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

/*@ requires \valid_read(p) && \valid_read(e);
  @ requires config_good(p);
  @ assigns \nothing;
  @ ensures \result == DECISION_GRANT <==> card_shown(p, e) && stays(p, e) &&
  @     e->credential == CREDENTIAL_ACTIVE && e->person == PERSON_ACTIVE &&
  @     (e->shared_key ==> p->shared_keys);
  @ ensures !card_shown(p, e) ==> \result == DECISION_DENY;
  @ ensures DECISION_DENY <= \result <= DECISION_ESCORT;
  @*/
static enum decision decide_card(const struct policy *p, const struct evidence *e)
{
    enum decision d, card;

    if (!card_is_proven(p, e))
        return DECISION_DENY;
    if (!e->card_present && !p->tap)
        return DECISION_REMOVED;
    card = credential_decision(e->credential);
    if (card == DECISION_STOPPED)
        return card;
    if ((d = person_decision(e->person)) != DECISION_GRANT)
        return d;
    if (card != DECISION_GRANT)
        return card;
    return e->shared_key && !p->shared_keys ? DECISION_CARD_KIND : DECISION_GRANT;
}

/*@ requires policy == \null || \valid_read(policy);
  @ requires evidence == \null || \valid_read(evidence);
  @ assigns \nothing;
  @ ensures one_of_the_answers: DECISION_DENY <= \result <= DECISION_ESCORT;
  @ ensures nothing_known: policy == \null || evidence == \null ==> \result == DECISION_DENY;
  @ ensures only_by_everything: \result == DECISION_GRANT <==>
  @     policy != \null && evidence != \null && all_good(policy, evidence);
  @ ensures silent_before_the_card:
  @     policy != \null && evidence != \null && !card_shown(policy, evidence) ==>
  @     \result == DECISION_DENY || \result == DECISION_REMOTE || \result == DECISION_ROSTER ||
  @     \result == DECISION_CLOCK || \result == DECISION_TIME;
  @*/
enum decision decide(const struct policy *policy, const struct evidence *evidence)
{
    enum decision d;

    if (policy == NULL || evidence == NULL || !rules_are_good(policy, evidence))
        return DECISION_DENY;
    if ((d = decide_setting(evidence)) != DECISION_GRANT ||
        (d = decide_card(policy, evidence)) != DECISION_GRANT)
        return d;
    if (evidence->locked)
        return DECISION_LOCKED;
    if (!has(evidence->proven, evidence->instead != 0 ? evidence->instead : policy->require))
        return DECISION_FACTORS;
    if (!evidence->escorted)
        return DECISION_ESCORT;
    return evidence->recorded ? DECISION_GRANT : DECISION_RECORD;
}
