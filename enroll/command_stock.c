/* SPDX-License-Identifier: Apache-2.0
 *
 * The cards in the cupboard.
 */
#include "enroll/command_group.h"
#include "enroll/enroll.h"
#include "enroll/lang.h"

static const struct parameter stock_add[] = {{"--from", "from", VALUE_TEXT, true},
                                             {"--to", "to", VALUE_TEXT, true},
                                             {"--dry-run", "dry-run", VALUE_FLAG, false}};
static const struct parameter stock_list[] = {{"--place", "place", VALUE_TEXT, false}};

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
};

const struct command_group command_stock = GROUP(rows);
