/* SPDX-License-Identifier: Apache-2.0
 *
 * What cannot wait for the next roster: stop codes, suspensions.
 */
#include "enroll/command_group.h"
#include "enroll/enroll.h"
#include "enroll/lang.h"

static const struct parameter card_suspend[] = {{"PERSON", "person", VALUE_TEXT, true},
                                                {"--card", "card", VALUE_TEXT, false},
                                                {"--reason", "reason", VALUE_TEXT, false},
                                                {"--until", "until", VALUE_DATE, false},
                                                {"--form", "form", VALUE_TEXT, false}};
static const struct parameter stop[] = {{"CODE", "code", VALUE_TEXT, true}};

static const struct command rows[] = {
    {"card", "suspend", "card.suspend", enroll_call, NULL, PARAMS(card_suspend),
     N_("Suspend a card for a while: where it may be found again."),
     N_("Takes effect with the next login. On a helpdesk's host the other hosts of the zone are "
        "told, and the suspension ends with the next roster, or on the day of --until, at most 31 "
        "days from now. --card is the start of the card's id. --form is the number of the paper "
        "form."),
     "toyama-enroll card suspend 012345 --reason lost --until 2026-04-10"},
    {"stop", NULL, "stop", enroll_call, NULL, PARAMS(stop),
     N_("Stop a card by the stop code that the enrolment station gave."),
     N_("Works on every host of every zone, without a network. The answer is the same whether a "
        "card of this zone has the code or not. The outbox gets a file for the other hosts."),
     "toyama-enroll stop 4821-0937-5516-2041"},
};

const struct command_group command_amend = GROUP(rows);
