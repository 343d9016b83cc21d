/* SPDX-License-Identifier: Apache-2.0
 *
 * What a zone's clause asks (Basic Policy 8(4)(d)), what this host's config asks, and the one
 * function that decides. Pure and total: every combination of inputs has an answer, and anything
 * unknown is a denial.
 */
#ifndef TOYAMA_CORE_POLICY_POLICY_H
#define TOYAMA_CORE_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum zone { ZONE_NONE = 0, ZONE_INDIVIDUAL_NUMBER = 1, ZONE_LGWAN = 2, ZONE_INTERNET = 3 };

/* Factors as bits; each is of one kind (possession, knowledge, inherence). */
enum factor { FACTOR_CARD = 1, FACTOR_PIN = 2, FACTOR_FINGER = 4, FACTOR_TOKEN = 8 };
#define FACTOR_ALL        15u
#define FACTOR_POSSESSION 9u /* card or token: `require` names one of them, never both */

enum policy_err {
    POLICY_OK = 0,
    POLICY_KEY = -1,       /* unknown key */
    POLICY_DUPLICATE = -2, /* key given twice */
    POLICY_VALUE = -3,     /* value not understood or outside of its limits */
    POLICY_CLAUSE = -4,    /* `require` below what the zone's clause demands */
    POLICY_MISSING = -5    /* a mandatory key was not given: zone, require */
};

#define POLICY_LIST_MAX  512 /* octets of a blank-separated list with its NUL */
#define POLICY_NAME_MAX  64
#define POLICY_PAIRS_MAX 64

/* Times in seconds unless the name says otherwise. */
struct policy {
    enum zone zone;
    unsigned require; /* factor bits, all of them */
    char host[POLICY_NAME_MAX];
    char place[POLICY_NAME_MAX];     /* section that the host stands in; may be empty */
    char language[3];                /* ja or en */
    char extension[POLICY_NAME_MAX]; /* the IT desk's telephone extension */
    uint32_t card_wait;              /* for a card to be placed */
    uint32_t pin_wait;               /* for the PIN to be typed */
    uint32_t finger_wait;            /* for one press */
    uint32_t total;                  /* whole attempt, at most 85: the module waits 90 */
    uint32_t finger_tries;           /* wrong fingers in one attempt */
    uint32_t finger_presses;         /* presses that must match, 1 or 2 */
    uint32_t lock_after;             /* the person's wrong fingers in a row */
    uint32_t lock_time;              /* how long the lock holds; ignored with lock_admin_only */
    bool lock_admin_only;            /* only an operator unlocks */
    uint32_t throttle_after;         /* unproven refusals on this terminal before it slows down */
    uint32_t throttle_delay;         /* longest delay that the throttle adds */
    uint32_t operator_idle;        /* until an operator who does nothing must prove himself anew */
    char remote[POLICY_LIST_MAX];  /* services allowed although rhost is set */
    char exempt[POLICY_LIST_MAX];  /* services whose account phase passes without us */
    char sensors[POLICY_LIST_MAX]; /* admitted libfprint drivers, in order of preference */
    bool demo;                     /* virtual sensors allowed */
    bool tap;               /* the card need not stay after its proof; not in individual-number */
    bool shared_keys;       /* proofs by a key that this host holds, too, count */
    uint32_t roster_warn;   /* days since the issue: a warning; 0: never */
    uint32_t roster_refuse; /* days since the issue: nobody may log in; 0: no limit */
    uint32_t seen;          /* which keys were given: bit n is row n of the key table */
};

const char *policy_strerror(int err);
const char *policy_zone_name(enum zone zone); /* the config value; "none" for ZONE_NONE */
enum zone policy_zone_parse(const char *name);
/* "card finger" -> bits; false on unknown or repeated words or an empty list. */
bool policy_factors_parse(const char *text, unsigned *out);
/* Writes "card token pin finger" in this order. */
void policy_factors_format(unsigned factors, char *out, size_t cap);
/* Whether a zone's clause allows this set of required factors. The PIN is the card's own, or with a
 * token a secret that the person memorises and the host keeps; both need the possession. */
bool policy_clause_allows(enum zone zone, unsigned require);
/* Whether a person's exception may stand in place of `require`: the card and one factor of another
 * kind, on a host that asks for a card. Card and PIN pass in the individual-number zone, too. */
bool policy_exception_allows(enum zone zone, unsigned require, unsigned instead);
/* Whether a card may be taken away after its proof in this zone. */
bool policy_tap_allowed(enum zone zone);
/* The clause that is meant, for error messages: "8(4)(d)". */
const char *policy_clause(enum zone zone);

/* Host policy from key/value pairs, in any order: init, one set a pair, finish checks the whole
 * and fills the defaults of the zone. `why` (may be NULL) gets an English reason on failure. */
void policy_init(struct policy *p);
int policy_set(struct policy *p, const char *key, const char *value, char *why, size_t whycap);
int policy_finish(struct policy *p, char *why, size_t whycap);
/* Whether a key was set, and not filled in. */
bool policy_given(const struct policy *p, const char *key);
/* True for the keys that policy_set knows: lets the config reader tell rooms apart. */
bool policy_knows(const char *key);
/* Whole-word search in a blank-separated list. */
bool policy_listed(const char *list, const char *word);

/* What the broker found out in one attempt. Everything starts false or zero: denied. */
enum person_state {
    PERSON_UNKNOWN = 0,
    PERSON_ACTIVE = 1,
    PERSON_STOPPED = 2,
    PERSON_EXPIRED = 3,
    PERSON_NOT_YET = 4,
    PERSON_NOT_HERE = 5, /* no right in this zone or on this host */
    PERSON_NOT_NOW = 6   /* outside of his hours */
};

enum credential_state {
    CREDENTIAL_UNKNOWN = 0,
    CREDENTIAL_ACTIVE = 1,
    CREDENTIAL_STOPPED = 2,
    CREDENTIAL_EXPIRED = 3,
    CREDENTIAL_NOT_YET = 4,
    CREDENTIAL_NOT_HERE = 5 /* of another zone */
};

struct evidence {
    bool roster_good; /* signature, zone and age of the issue and the row's hash */
    bool clock_good;
    bool recorded;     /* the audit event and the counters are on disk */
    bool local;        /* not remote, or a service that the config lists */
    bool in_time;      /* within the deadline, not cancelled */
    bool card_present; /* the reader's event counter is the one of the proof */
    unsigned proven;   /* factor bits, each bound to this attempt and this person */
    bool same_person;  /* all factors belong to the person of the card */
    bool user_matches; /* PAM_USER is a login of that person, or was unset */
    bool shared_key;   /* possession was proven by a key that this host holds, too */
    bool locked;       /* the person's counter */
    unsigned instead;  /* factor bits of the person's exception in place of `require`; 0: none */
    bool escorted;     /* nobody has to attend, or somebody has proven that he does */
    enum person_state person;
    enum credential_state credential;
};

enum decision {
    DECISION_DENY = 0, /* unspecific: M07, looks like any other refusal */
    DECISION_GRANT = 1,
    DECISION_STOPPED = 2,  /* M08 */
    DECISION_EXPIRED = 3,  /* M09 */
    DECISION_NOT_YET = 4,  /* M10 */
    DECISION_NOT_HERE = 5, /* M12 */
    DECISION_LOCKED = 6,   /* M13 */
    DECISION_ROSTER = 7,   /* registry altered or too old */
    DECISION_CLOCK = 8,
    DECISION_RECORD = 9, /* could not be written down */
    DECISION_REMOTE = 10,
    DECISION_TIME = 11,         /* too late or cancelled */
    DECISION_REMOVED = 12,      /* card left the reader */
    DECISION_FACTORS = 13,      /* card or token proven, another required factor is not */
    DECISION_CARD_KIND = 14,    /* proven by a shared key, which this host does not take */
    DECISION_NOT_NOW = 15,      /* M12h */
    DECISION_CARD_EXPIRED = 16, /* M09, of a temporary card M09t */
    DECISION_CARD_NOT_YET = 17, /* M10t */
    DECISION_ESCORT = 18        /* everything but somebody who attends */
};

/* The order of tests is part of the contract. What is asked is `require`, or the person's exception
 * in its place; "card" is the possession that is asked:
 * 1 config (zone or require unknown, clause not met, `tap` where it may not be) or an exception
 * that may not be: DENY 2 remote: REMOTE; 3 roster: ROSTER; 4 clock: CLOCK; 5 time: TIME 6 card not
 * proven, or another person's, or not PAM_USER's, or a factor that does not exist: DENY 7 card no
 * longer present, without `tap`: REMOVED 8 credential stopped or unknown, or person stopped:
 * STOPPED; unknown person: DENY 9 person expired, not yet, not here, not now: that 10 credential
 * expired, not yet, not here: that 11 a shared key where they do not count: CARD_KIND 12 locked:
 * LOCKED; 13 an asked factor missing: FACTORS; 14 nobody attends: ESCORT 15 not recorded: RECORD;
 * else GRANT */
enum decision decide(const struct policy *policy, const struct evidence *evidence);
const char *policy_decision_name(enum decision decision);

#endif
