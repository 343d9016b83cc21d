/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands about rosters that come from the station.
 */
#include "enroll/command_group.h"
#include "enroll/enroll.h"
#include "enroll/lang.h"

static const struct parameter file_verbose[] = {{"FILE", NULL, VALUE_FILE_IN, true},
                                                {"--verbose", "verbose", VALUE_FLAG, false}};
static const struct parameter issue[] = {{"--number", "number", VALUE_NUMBER, false},
                                         {"FILE", NULL, VALUE_FILE_OUT, true}};
static const struct parameter record[] = {{"PERSON", "person", VALUE_TEXT, true},
                                          {"FILE", NULL, VALUE_FILE_OUT, true}};
static const struct parameter out[] = {{"FILE", NULL, VALUE_FILE_OUT, true}};
static const struct parameter file[] = {{"FILE", NULL, VALUE_FILE_IN, true}};

static const struct command rows[] = {
    {"roster", "import", "roster.import", enroll_roster_import, NULL, PARAMS(file_verbose),
     N_("Take a roster from a distribution file."),
     N_("Verifies signatures, order and content of the file, shows what differs from the present "
        "roster and asks before it takes it; --verbose lists the people. What is refused leaves "
        "the present roster as it is. Asks first unless --yes is given."),
     "toyama-enroll roster import /media/usb/L-R8-0124.roster"},
    {"roster", "verify", "roster.verify", enroll_call, NULL, PARAMS(file_verbose),
     N_("Verify a distribution file without taking it."),
     N_("Does all that \"roster import\" does but the writing. --verbose lists the people."),
     "toyama-enroll roster verify /media/usb/L-R8-0124.roster"},
    {"roster", "inspect", "roster.inspect", enroll_roster_inspect, NULL, PARAMS(file),
     N_("Show what a distribution file says of itself."),
     N_("Needs no key: zone, number, people, medium. On a terminal of the file's zone also what is "
        "in it, who signed it and who holds an office; nobody's data."),
     "toyama-enroll roster inspect /media/usb/L-R8-0124.roster"},
    {"roster", "status", "roster.status", enroll_call, NULL, NO_PARAMS,
     N_("Show the present roster: number, time, age, where it came from."),
     N_("Asks the running broker."), "toyama-enroll roster status"},
    {"roster", "issue", "roster.issue", enroll_call, NULL, PARAMS(issue),
     N_("Write a signed issue of the present roster to a file."),
     N_("The very octets that were signed, with signatures and keys, for a check by hand with "
        "openssl: toyama-roster(5). Without --number the newest one. Looking is recorded."),
     "toyama-enroll roster issue issue.der"},
    {"roster", "record", "roster.record", enroll_call, NULL, PARAMS(record),
     N_("Write a person's record to a file."),
     N_("The very octets whose hash is in the issue: toyama-roster(5). Looking is recorded."),
     "toyama-enroll roster record 012345 record.der"},
    {"roster", "hashes", "roster.hashes", enroll_call, NULL, PARAMS(out),
     N_("Write the hashes of all records to a file."),
     N_("Their SHA-256 is the root that was signed: toyama-roster(5). Looking is recorded."),
     "toyama-enroll roster hashes hashes.bin"},
};

const struct command_group command_roster = GROUP(rows);
