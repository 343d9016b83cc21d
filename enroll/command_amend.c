/* SPDX-License-Identifier: Apache-2.0
 *
 * What cannot wait for the next roster: stop codes, suspensions, cards lent for a day, a roster
 * that has to do for longer.
 */
#include "enroll/command_group.h"
#include "enroll/enroll.h"
#include "enroll/lang.h"

static const struct parameter card_suspend[] = {{"PERSON", "person", VALUE_TEXT, true},
                                                {"--card", "card", VALUE_TEXT, false},
                                                {"--reason", "reason", VALUE_TEXT, false},
                                                {"--until", "until", VALUE_DATE, false},
                                                {"--form", "form", VALUE_TEXT, false}};
static const struct parameter card_resume[] = {{"PERSON", "person", VALUE_TEXT, true},
                                               {"--card", "card", VALUE_TEXT, false},
                                               {"--reason", "reason", VALUE_TEXT, false},
                                               {"--form", "form", VALUE_TEXT, false}};
static const struct parameter extend[] = {{"--until", "until", VALUE_DATE, true},
                                          {"--reason", "reason", VALUE_TEXT, false},
                                          {"--form", "form", VALUE_TEXT, false}};
static const struct parameter lend[] = {{"PERSON", "person", VALUE_TEXT, true},
                                        {"--reason", "reason", VALUE_TEXT, false},
                                        {"--form", "form", VALUE_TEXT, false},
                                        {"--label", "label", VALUE_TEXT, false},
                                        {"--reader", "reader", VALUE_TEXT, false}};
static const struct parameter give_back[] = {{"PERSON", "person", VALUE_TEXT, true},
                                             {"--card", "card", VALUE_TEXT, false}};
static const struct parameter stop[] = {{"CODE", "code", VALUE_TEXT, true}};

static const struct command rows[] = {
    {"card", "suspend", "card.suspend", enroll_call, NULL, PARAMS(card_suspend),
     N_("Suspend a card for a while: where it may be found again."),
     N_("Takes effect with the next login. On a helpdesk's host the other hosts of the zone are "
        "told, and the suspension ends with the next roster, or on the day of --until, at most 31 "
        "days from now. --card is the start of the card's id. --form is the number of the paper "
        "form."),
     "toyama-enroll card suspend 012345 --reason lost --until 2026-04-10"},
    {"card", "resume", "card.resume", enroll_call, NULL, PARAMS(card_resume),
     N_("Lift a suspension: the card was found."),
     N_("On a helpdesk's host an approver who is not the operator places a card and types its PIN, "
        "and only what the helpdesk suspended can be resumed. A stopped card stays stopped."),
     "toyama-enroll card resume 012345 --reason found"},
    {"temporary", "issue", "temporary.issue", enroll_call, NULL, PARAMS(lend),
     N_("Lend a card from the stock for today."),
     N_("Place the card from the stock on the reader: it must prove itself. It works until the "
        "time that the configuration says (temporary_until) and the person's own card is "
        "suspended as long. On a helpdesk's host an approver who is not the operator places a "
        "card, too. --reason is forgotten unless something else is given; --label is what is "
        "printed on the card."),
     "toyama-enroll temporary issue 012345 --label K-03"},
    {"temporary", "return", "temporary.return", enroll_call, NULL, PARAMS(give_back),
     N_("Take a lent card back: the person's own card works again at once."),
     N_("--card is the start of the lent card's id."), "toyama-enroll temporary return 012345"},
    {"temporary", "list", "temporary.list", enroll_call, NULL, NO_PARAMS,
     N_("List lent cards that were not returned."), N_("Looking is recorded in the audit log."),
     "toyama-enroll temporary list"},
    {"roster", "extend", "roster.extend", enroll_call, NULL, PARAMS(extend),
     N_("Let the installed roster count as new enough for longer."),
     N_("For emergencies in which no roster can be carried to the zone. On the helpdesk's host; an "
        "approver who is not the operator places a card and types its PIN. At most 31 days at a "
        "time; a newer roster ends it."),
     "toyama-enroll roster extend --until 2026-09-30 --reason disaster"},
    {"stop", NULL, "stop", enroll_call, NULL, PARAMS(stop),
     N_("Stop a card by the stop code that the enrolment station gave."),
     N_("Works on every host of every zone, without a network. The answer is the same whether a "
        "card of this zone has the code or not. The outbox gets a file for the other hosts."),
     "toyama-enroll stop 4821-0937-5516-2041"},
};

const struct command_group command_amend = GROUP(rows);
