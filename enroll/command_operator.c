/* SPDX-License-Identifier: Apache-2.0
 *
 * Who works at this host, and who may do what.
 */
#include "enroll/command_group.h"
#include "enroll/enroll.h"
#include "enroll/lang.h"

static const struct parameter person[] = {{"PERSON", "person", VALUE_TEXT, true}};
static const struct parameter role[] = {{"PERSON", "person", VALUE_TEXT, true},
                                        {"ROLE", "role", VALUE_ROLE, true}};
static const struct parameter times[] = {{"--times", "times", VALUE_NUMBER, false}};

static const struct command rows[] = {
    {"operator", "open", "operator.open", enroll_call, NULL, PARAMS(person),
     N_("Prove your own card, so that the next commands are done in your name."),
     N_("PERSON is your own staff number or login. Card, PIN and finger are asked as at a login. "
        "What you may do follows from your roles; the audit log names you. Ends after ten minutes "
        "without a command (operator_idle), or with \"operator close\"; the card need not stay."),
     "toyama-enroll operator open 012345"},
    {"operator", "close", "operator.close", enroll_call, NULL, NO_PARAMS, N_("End your session."),
     N_("Commands need \"operator open\" again."), "toyama-enroll operator close"},
    {"operator", "status", "operator.status", enroll_call, NULL, NO_PARAMS,
     N_("Show in whose name commands are done now."),
     N_("With the roles and the seconds until the session ends by itself."),
     "toyama-enroll operator status"},
    {"role", "grant", "role.grant", enroll_call, NULL, PARAMS(role),
     N_("Give a member of staff a role."),
     N_("At the enrolment station it takes effect with the next approved issue. Contractors and "
        "support staff cannot have one. An approver first needs \"approver enroll\". On a "
        "stand-alone host only root gives roles."),
     "toyama-enroll role grant 012345 registrar"},
    {"role", "revoke", "role.revoke", enroll_call, NULL, PARAMS(role), N_("Take a role away."),
     N_("Takes effect here at once, and elsewhere with the next approved issue."),
     "toyama-enroll role revoke 012345 registrar"},
    {"role", "list", "role.list", enroll_call, NULL, NO_PARAMS, N_("List who has which role."),
     N_("With roles that do not hold yet, or no longer, and the card by which an approver signs. "
        "Looking is recorded in the audit log."),
     "toyama-enroll role list"},
    {"approver", "enroll", "approver.enroll", enroll_call, NULL, PARAMS(person),
     N_("Register the key by which a person's PIV card approves."),
     N_("The card is registered already (card enroll) and has a key for digital signatures (9C) "
        "that asks for the PIN each time. The holder types the PIN. Afterwards: \"role grant\"."),
     "toyama-enroll approver enroll 012345"},
    {"approver", "test", "approver.test", enroll_call, NULL, PARAMS(times),
     N_("Let an approver try the card, approving nothing."),
     N_("Goes through the same steps as an approval. The operator cannot be the approver. --times "
        "signs up to four times in one go, as for several zones."),
     "toyama-enroll approver test"},
};

const struct command_group command_operator = GROUP(rows);
