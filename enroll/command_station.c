/* SPDX-License-Identifier: Apache-2.0
 *
 * Commands of the enrolment station: zones, issues, roster files, keys.
 */
#include "enroll/command_group.h"

#include "enroll/enroll.h"
#include "enroll/lang.h"

static const struct parameter zone_name[] = {{"ZONE", "zone", VALUE_TEXT, true}};
static const struct parameter zone_join[] = {{"ZONE", "zone", VALUE_TEXT, true},
                                             {"--host", "host", VALUE_TEXT, true},
                                             {"--helpdesk", "helpdesk", VALUE_FLAG, false},
                                             {"FILE", NULL, VALUE_FILE_OUT, true}};

static const struct parameter zone_helpdesk[] = {{"ZONE", "zone", VALUE_TEXT, true},
                                                 {"--host", "host", VALUE_TEXT, true}};
static const struct parameter issue[] = {{"--renew", "renew", VALUE_FLAG, false}};
static const struct parameter roster_export[] = {{"ZONE", "zone", VALUE_TEXT, true},
                                                 {"--out", NULL, VALUE_FOLDER, true},
                                                 {"--media", "media", VALUE_TEXT, false},
                                                 {"--base", "base", VALUE_NUMBER, false}};

static const struct parameter zone_resume[] = {{"ZONE", "zone", VALUE_TEXT, true},
                                               {"--number", "number", VALUE_NUMBER, true}};
static const struct parameter zone_adopt[] = {{"ZONE", "zone", VALUE_TEXT, true},
                                              {"FILE", NULL, VALUE_FILE_IN, true}};
static const struct parameter backup[] = {{"FILE", NULL, VALUE_FILE_OUT, true},
                                          {"--media", "media", VALUE_TEXT, false}};

static const struct parameter key_rotate[] = {{"KEY", "key", VALUE_TEXT, true},
                                              {"--zone", "zone", VALUE_TEXT, false},
                                              {"--end", "end", VALUE_FLAG, false},
                                              {"--join-again", "join-again", VALUE_FLAG, false}};

static const struct parameter ceremony[] = {
    {"--registrar", "registrar", VALUE_TEXT, true},
    {"--registrar-name", "registrar-name", VALUE_TEXT, true},
    {"--registrar-login", "registrar-login", VALUE_TEXT, true},
    {"--approver", "approver", VALUE_TEXT, true},
    {"--approver-name", "approver-name", VALUE_TEXT, true},
    {"--approver-login", "approver-login", VALUE_TEXT, true},
    {"--zones", "zones", VALUE_TEXT, false},
    {"--recovery", NULL, VALUE_FILE_OUT, true}};

static const struct command rows[] = {
    {"ceremony", NULL, NULL, enroll_ceremony, NULL, PARAMS(ceremony),
     N_("Begin an enrolment station: first registrar, first approver, keys of the zones."),
     N_("Registers the two, different people, with their cards, proves the approver's key 9C, lets "
        "it sign issue 1 of every zone, and writes a recovery copy whose code is shown once. "
        "Afterwards root changes nobody any more. --zones: the two people's own rights; without "
        "it this host's zone. If it is interrupted, run it again."),
     "toyama-enroll ceremony --registrar 012345 --registrar-name \"砺波 花子\" --registrar-login "
     "hanako --approver 023456 --approver-name \"砺波 次郎\" --approver-login jiro --recovery "
     "/media/usb/station.backup"},
    {"zone", "add", "zone.add", enroll_call, NULL, PARAMS(zone_name),
     N_("Let this station serve one more zone: make its keys."),
     N_("ZONE is individual-number, lgwan or internet, one that the configuration names. The "
        "zone's "
        "first issue is made with the next approval."),
     "toyama-enroll zone add lgwan"},
    {"zone", "list", "zone.list", enroll_call, NULL, NO_PARAMS,
     N_("List the zones with the newest issue of each."), N_("Also who speaks for each zone."),
     "toyama-enroll zone list"},
    {"zone", "join-file", "zone.join-file", enroll_call, NULL, PARAMS(zone_join),
     N_("Write the file with which one terminal joins a zone."),
     N_("Good for 24 hours and for the host of that name. The code is shown once: give it to the "
        "person at the terminal by another way than the file. --helpdesk: the host will sign stops "
        "and temporary cards for its zone, from the next approved issue on."),
     "toyama-enroll zone join-file lgwan --host zeimu-03 /media/usb/zeimu-03.join"},
    {"zone", "helpdesk-remove", "zone.helpdesk-remove", enroll_call, NULL, PARAMS(zone_helpdesk),
     N_("Take a host off the list of those that speak for a zone."),
     N_("From the next approved issue on, what it signs is not taken any more."),
     "toyama-enroll zone helpdesk-remove lgwan --host desk-01"},
    {"issue", "preview", "issue.preview", enroll_issue_preview, NULL, PARAMS(issue),
     N_("Show what differs from the last approved issue of each zone."),
     N_("People that are new, changed, stopped or gone in each zone, offices that begin or end, "
        "and "
        "who made the changes. --renew: also zones where nothing differs get a new issue, so that "
        "their rosters do not grow old."),
     "toyama-enroll issue preview"},
    {"issue", "approve", "issue.approve", enroll_issue_approve, NULL, PARAMS(issue),
     N_("Show what differs and have an approver's card sign the next issues."),
     N_("All zones go together. The approver must be another person than those who made the "
        "changes; the card asks for its PIN once for each zone. What was shown is what is signed: "
        "if anything changes meanwhile, nothing is. --yes does not ask before the card."),
     "toyama-enroll issue approve"},
    {"roster", "export", "roster.export", enroll_roster_export, NULL, PARAMS(roster_export),
     N_("Write the newest approved issue of a zone to a medium."),
     N_("Makes the file, named by zone, fiscal year and number, and a transfer slip beside it in "
        "DIR. Only hosts of that zone can open it. --base N writes only what changed since issue "
        "N, "
        "which the zone's hosts must have. --media is the number of the medium, for slip and log."),
     "toyama-enroll roster export lgwan --out /media/usb --media USB-07"},
    {"zone", "resume", "zone.resume", enroll_call, NULL, PARAMS(zone_resume),
     N_("After a restore: say which issue the terminals of a zone have."),
     N_("Look at a terminal of the zone (toyama-enroll status). Until every zone was looked at, "
        "the "
        "restored station makes and writes no issues: a second history would be refused."),
     "toyama-enroll zone resume lgwan --number 124"},
    {"zone", "adopt", "zone.adopt", enroll_call, NULL, PARAMS(zone_adopt),
     N_("After a restore: take the issues of a zone over from its newest roster file."),
     N_("Where the terminals have a newer issue than the restored station. The register stays as "
        "it "
        "is: \"toyama-enroll issue preview\" shows what has to be done again."),
     "toyama-enroll zone adopt lgwan /media/usb/L-R8-0124.roster"},
    {"backup", NULL, "backup", enroll_call, NULL, PARAMS(backup),
     N_("Write keys and registry into one file, sealed under a recovery code."),
     N_("The code is shown once. Whoever has file and code can do whatever this host can: keep "
        "them "
        "in different places. \"toyama-enroll init --restore FILE\" on an empty host makes it this "
        "one again."),
     "toyama-enroll backup /media/usb/station-0401.backup"},
    {"key", "rotate", "key.rotate", enroll_call, NULL, PARAMS(key_rotate),
     N_("Let a new key take over from the authority's, the seal key or a zone's."),
     N_("KEY is authority, seal or zone. A new seal key opens and seals everything at rest anew. "
        "For a new authority's key: at a station the next approved issues hand over to it, and the "
        "zones' hosts follow with their next roster; a stand-alone host does it at once. zone, "
        "with --zone: the zone's next approved issue brings new keys, and its hosts follow with "
        "any roster from then on, until --end, when each of them has taken one. --join-again: a "
        "host was stolen, and nobody follows without joining again. Make a backup afterwards."),
     "toyama-enroll key rotate zone --zone lgwan"},
};

const struct command_group command_station = GROUP(rows);
