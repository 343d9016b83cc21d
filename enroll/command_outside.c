/* SPDX-License-Identifier: Apache-2.0
 *
 * People who are not the city's own staff.
 */
#include "enroll/command_group.h"
#include "enroll/enroll.h"
#include "enroll/lang.h"

static const struct parameter support_add[] = {
    {"--number", "number", VALUE_TEXT, true},    {"--name", "name", VALUE_TEXT, true},
    {"--login", "login", VALUE_TEXT, true},      {"--until", "until", VALUE_DATE, true},
    {"--zones", "zones", VALUE_TEXT, false},     {"--kana", "kana", VALUE_TEXT, false},
    {"--section", "section", VALUE_TEXT, false}, {"--form", "form", VALUE_TEXT, false},
    {"--label", "label", VALUE_TEXT, false},     {"--reader", "reader", VALUE_TEXT, false},
    {"--fingers", "fingers", VALUE_TEXT, false}};

static const struct command rows[] = {
    {"support", "add", NULL, enroll_support_add, NULL, PARAMS(support_add),
     N_("Register somebody who came to help: person, card and fingers in one go."),
     N_("--until is needed, at most support_days from now. --fingers takes a list with commas and "
        "is needed where fingers are asked for. If the card or a finger does not come to its end, "
        "the person is deleted again."),
     "toyama-enroll support add --number S-01 --name \"高岡 次郎\" --login s01 --until 2026-10-14 "
     "--label N-0090 --fingers right-index,left-index"},
    {"support", "list", "support.list", enroll_call, NULL, NO_PARAMS,
     N_("List support staff, those first whose term ends first."),
     N_("Looking is recorded in the audit log."), "toyama-enroll support list"},
    {"contractor", "list", "contractor.list", enroll_call, NULL, NO_PARAMS,
     N_("List contractors, those first whose contract ends first."),
     N_("With the number of the contract, hours, hosts, and whether they are attended. A "
        "contractor is registered with \"person add --category contractor\", with --form and to "
        "the end of the fiscal year at most. Looking is recorded in the audit log."),
     "toyama-enroll contractor list"},
};

const struct command_group command_outside = GROUP(rows);
