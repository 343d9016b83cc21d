/* SPDX-License-Identifier: Apache-2.0
 *
 * The cards in the cupboard, and those in the sealed envelope.
 */
#include "enroll/command_group.h"
#include "enroll/enroll.h"
#include "enroll/lang.h"
#include "enroll/question.h"

static const struct parameter stock_add[] = {{"--from", "from", VALUE_TEXT, true},
                                             {"--to", "to", VALUE_TEXT, true},
                                             {"--dry-run", "dry-run", VALUE_FLAG, false}};
static const struct parameter stock_list[] = {{"--place", "place", VALUE_TEXT, false}};

static const struct parameter deputy_prepare[] = {
    {"PERSON", "person", VALUE_TEXT, true},  {"--until", "until", VALUE_DATE, true},
    {"--label", "label", VALUE_TEXT, false}, {"--reader", "reader", VALUE_TEXT, false},
    {"--form", "form", VALUE_TEXT, false},   {"--zones", "zones", VALUE_TEXT, false}};
static const struct parameter deputy_open[] = {{"PERSON", "person", VALUE_TEXT, true},
                                               {"--hours", "hours", VALUE_NUMBER, true},
                                               {"--reason", "reason", VALUE_TEXT, true},
                                               {"--card", "card", VALUE_TEXT, false},
                                               {"--form", "form", VALUE_TEXT, false}};
static const struct parameter deputy_list[] = {{"PERSON", "person", VALUE_TEXT, false}};

static const struct command rows[] = {
    {"stock", "add", "stock.add", enroll_call, NULL, PARAMS(stock_add),
     N_("Put new cards into the count, by their printed labels."),
     N_("From the first to the last label, which differ in the number at their end only; up to "
        "1000. A label that is in the count can be lent to one person at a time. --dry-run: look "
        "only."),
     "toyama-enroll stock add --from N-0001 --to N-0050"},
    {"stock", "list", "stock.list", enroll_call, NULL, PARAMS(stock_list),
     N_("List the cards of the count, and who has them."),
     N_("--place shows some only: in-stock, lent, lost, missing, returned, destroyed. A card is "
        "missing when it was lent and nobody has it. Looking is recorded in the audit log."),
     "toyama-enroll stock list --place missing"},
    {"stock", "count", "stock.count", enroll_call, NULL, NO_PARAMS,
     N_("Count the cards: in stock, lent, lost, missing, returned, destroyed."),
     N_("To be compared with what is in the cupboard. Looking is recorded in the audit log."),
     "toyama-enroll stock count"},
    {"deputy", "prepare", "deputy.prepare", enroll_call, NULL, PARAMS(deputy_prepare),
     N_("Register a deputy's card for disasters and seal it."),
     N_("The card lets nobody in until \"deputy open\". It belongs into a sealed envelope. --until "
        "is "
        "the day on which it ends for good. It does not count against cards_per_person."),
     "toyama-enroll deputy prepare 012345 --until 2027-03-31 --label D-01"},
    {"deputy", "open", "deputy.open", enroll_call, &question_deputy, PARAMS(deputy_open),
     N_("Open a sealed deputy card for some hours, at most 72."),
     N_("As many approvers as deputy_approvers says sign with their cards: different people, "
        "neither "
        "the deputy nor the operator. On a stand-alone host, which has none, root alone opens it. "
        "While it lasts, the deputy's other cards are suspended where it counts. \"card stop\" "
        "ends it before that. Asks first unless --yes is given."),
     "toyama-enroll deputy open 012345 --hours 24 --reason \"earthquake, IT section cut off\""},
    {"deputy", "list", "deputy.list", enroll_call, NULL, PARAMS(deputy_list),
     N_("List deputy cards: sealed, open, over."), N_("Looking is recorded in the audit log."),
     "toyama-enroll deputy list"},
};

const struct command_group command_stock = GROUP(rows);
