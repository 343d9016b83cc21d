/* SPDX-License-Identifier: Apache-2.0
 *
 * What an attempt's outcome must be, as rows from the policy's text and from rules 2-6 of
 * docs/architecture.md. A row says: where this column has this value, this answer may be given, and
 * it goes before all answers of a higher rank. Where no row speaks, the person is let in. Not
 * derived from decide(): the oracle looks all rows up and takes the lowest rank.
 */
#ifndef TOYAMA_TESTS_UNIT_CORE_DECIDE_TABLE_H
#define TOYAMA_TESTS_UNIT_CORE_DECIDE_TABLE_H

#include "core/policy/policy.h"

/* The sets of factors by their bits: c card, p PIN, f finger, t token. */
static const char *const factor_sets[16] = {"",  "c",  "p",  "cp",  "f",  "cf",  "pf",  "cpf",
                                            "t", "ct", "pt", "cpt", "ft", "cft", "pft", "cpft"};

/* Basic Policy 8(4)(d), written out. individual-number: "biometric and IC card"; the others: "two
 * factors, or IC card". One possession a host; the PIN is the card's own or stands beside a token.
 * Anything not listed is not allowed. */
static const char *const clause_table[4][8] = {
    [ZONE_NONE] = {NULL},
    [ZONE_INDIVIDUAL_NUMBER] = {"cf", "cpf"},
    [ZONE_LGWAN] = {"c", "cp", "cf", "cpf", "pt", "ft", "pft"},
    [ZONE_INTERNET] = {"c", "cp", "cf", "cpf", "pt", "ft", "pft"},
};

/* What a person's exception may ask in place of the host's factors, in any zone, where the host
 * asks for a card: the card and something of another kind. */
static const char *const exception_table[] = {"cp", "cf", "cpf"};

enum column {
    COLUMN_CLAUSE,
    COLUMN_EXCEPTION, /* none, or one that may be */
    COLUMN_LOCAL,
    COLUMN_ROSTER,
    COLUMN_CLOCK,
    COLUMN_TIME,
    COLUMN_CARD, /* or token, as asked: proven, and nothing that is no factor */
    COLUMN_SAME,
    COLUMN_USER,
    COLUMN_PRESENT, /* or need not be */
    COLUMN_CREDENTIAL,
    COLUMN_PERSON,
    COLUMN_KIND, /* of a kind that this host takes */
    COLUMN_LOCKED,
    COLUMN_FACTORS, /* of the host, or of the exception */
    COLUMN_ESCORTED,
    COLUMN_RECORDED,
    COLUMNS
};

#define ANY_OTHER UINT32_MAX /* a value that no other row of this column names */

static const struct outcome {
    unsigned rank;
    enum column column;
    uint32_t value;
    enum decision answer;
} outcomes[] = {
    {1, COLUMN_CLAUSE, 0, DECISION_DENY},
    {1, COLUMN_EXCEPTION, 0, DECISION_DENY},
    {2, COLUMN_LOCAL, 0, DECISION_REMOTE},
    {3, COLUMN_ROSTER, 0, DECISION_ROSTER},
    {4, COLUMN_CLOCK, 0, DECISION_CLOCK},
    {5, COLUMN_TIME, 0, DECISION_TIME},
    /* before the card is proven to be this person's, one answer for all */
    {6, COLUMN_CARD, 0, DECISION_DENY},
    {6, COLUMN_SAME, 0, DECISION_DENY},
    {6, COLUMN_USER, 0, DECISION_DENY},
    {7, COLUMN_PRESENT, 0, DECISION_REMOVED},
    {8, COLUMN_CREDENTIAL, ANY_OTHER, DECISION_STOPPED},
    {8, COLUMN_PERSON, PERSON_STOPPED, DECISION_STOPPED},
    {9, COLUMN_PERSON, PERSON_EXPIRED, DECISION_EXPIRED},
    {9, COLUMN_PERSON, PERSON_NOT_YET, DECISION_NOT_YET},
    {9, COLUMN_PERSON, PERSON_NOT_HERE, DECISION_NOT_HERE},
    {9, COLUMN_PERSON, PERSON_NOT_NOW, DECISION_NOT_NOW},
    {9, COLUMN_PERSON, PERSON_ACTIVE, DECISION_GRANT},
    {9, COLUMN_PERSON, ANY_OTHER, DECISION_DENY},
    {10, COLUMN_CREDENTIAL, CREDENTIAL_ACTIVE, DECISION_GRANT},
    {10, COLUMN_CREDENTIAL, CREDENTIAL_EXPIRED, DECISION_CARD_EXPIRED},
    {10, COLUMN_CREDENTIAL, CREDENTIAL_NOT_YET, DECISION_CARD_NOT_YET},
    {10, COLUMN_CREDENTIAL, CREDENTIAL_NOT_HERE, DECISION_NOT_HERE},
    {11, COLUMN_KIND, 0, DECISION_CARD_KIND},
    {12, COLUMN_LOCKED, 1, DECISION_LOCKED},
    {13, COLUMN_FACTORS, 0, DECISION_FACTORS},
    {14, COLUMN_ESCORTED, 0, DECISION_ESCORT},
    {15, COLUMN_RECORDED, 0, DECISION_RECORD},
};

#endif
