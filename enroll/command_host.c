/* SPDX-License-Identifier: Apache-2.0
 *
 * The host itself: set-up, state, audit log, counters.
 */
#include "enroll/command_group.h"
#include "enroll/enroll.h"
#include "enroll/lang.h"
#include "enroll/question.h"

static const struct parameter init[] = {{"--join", "join", VALUE_TEXT, false},
                                        {"--restore", "restore", VALUE_TEXT, false}};
static const struct parameter person[] = {{"PERSON", "person", VALUE_TEXT, true}};
static const struct parameter maybe_person[] = {{"PERSON", "person", VALUE_TEXT, false}};
static const struct parameter audit_head[] = {{"--key", "key", VALUE_FLAG, false}};
static const struct parameter audit_paper[] = {{"NUMBER", "sequence", VALUE_NUMBER, true}};
static const struct parameter audit_show[] = {{"--last", "last", VALUE_NUMBER, false}};

static const struct command rows[] = {
    {"init", NULL, NULL, enroll_init, NULL, PARAMS(init),
     N_("Prepare this host: make its keys and an empty registry."),
     N_("Needs a good configuration and no earlier state. Nothing that exists is ever overwritten. "
        "Afterwards start the broker and run \"toyama-enroll check\". A terminal that takes its "
        "people from the station needs --join with the file that the station made for it; "
        "--restore "
        "makes a host again from its backup. The code is asked for, or read with --pin-stdin."),
     "toyama-enroll init --join /media/usb/mado-01.join"},
    {"lockout", "show", "lockout.show", enroll_call, NULL, PARAMS(maybe_person),
     N_("Show who has failed attempts or is locked."),
     N_("Without PERSON: everybody with a counter above zero."), "toyama-enroll lockout show"},
    {"lockout", "clear", "lockout.clear", enroll_call, NULL, PARAMS(person), N_("Unlock a person."),
     N_("First make sure that it is the person who asks. Recorded in the audit log."),
     "toyama-enroll lockout clear 012345"},
    {"check", NULL, NULL, enroll_check, NULL, NO_PARAMS,
     N_("Look for mistakes in this host's set-up and say how to mend them."),
     N_("Looks at configuration, files, broker, cards, card reader, sensor, PAM and sudo. The exit "
        "code is 0 where nothing is red, else 78."),
     "toyama-enroll check"},
    {"status", NULL, "status", enroll_call, NULL, NO_PARAMS,
     N_("Show the broker's state: zone, roster, counts, clock."), N_("Asks the running broker."),
     "toyama-enroll status"},
    {"audit", "show", "audit.show", enroll_call, NULL, PARAMS(audit_show),
     N_("Show the last events of the audit log."),
     N_("--last says how many; 20 without it. Looking is recorded as well."),
     "toyama-enroll audit show --last 50"},
    {"audit", "verify", "audit.verify", enroll_call, NULL, NO_PARAMS,
     N_("Verify the chain of the whole audit log and its signed head."),
     N_("Every event holds the hash of the one before, and the newest one is signed: a changed or "
        "missing one is found."),
     "toyama-enroll audit verify"},
    {"audit", "head", "audit.head", enroll_call, NULL, PARAMS(audit_head),
     N_("Show the signed head of the audit log."),
     N_("The head says which event is the last one. Keep it elsewhere, with --key the public key, "
        "and check it there with openssl (toyama-enroll(8)). Looking is recorded as well."),
     "toyama-enroll audit head --key"},
    {"audit", "paper", "audit.paper", enroll_call, NULL, PARAMS(audit_paper),
     N_("Print the paper that belongs to an event."),
     N_("NUMBER is the number of an event that a card was destroyed or fingerprint data deleted. "
        "The paper names the event and its hash, so that it can be compared with the log. Looking "
        "is recorded as well."),
     "toyama-enroll audit paper 1234"},
    {"clock", "accept", "clock.accept", enroll_call, &question_clock, NO_PARAMS,
     N_("Accept the clock after it was set back."),
     N_("Logins are denied while the clock is behind the last event. Check the time first. Cannot "
        "be undone; asks first unless --yes is given."),
     "toyama-enroll clock accept"},
};

const struct command_group command_host = GROUP(rows);
