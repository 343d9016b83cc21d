/* SPDX-License-Identifier: Apache-2.0
 *
 * People and their fingers.
 */
#include "enroll/command_group.h"
#include "enroll/enroll.h"
#include "enroll/lang.h"
#include "enroll/question.h"

static const struct parameter person_add[] = {
    {"--number", "number", VALUE_TEXT, true},  {"--name", "name", VALUE_TEXT, true},
    {"--login", "login", VALUE_TEXT, true},    {"--category", "category", VALUE_CATEGORY, true},
    {"--kana", "kana", VALUE_TEXT, false},     {"--section", "section", VALUE_TEXT, false},
    {"--from", "from", VALUE_DATE, false},     {"--until", "until", VALUE_DATE, false},
    {"--share", "share", VALUE_FLAG, false},   {"--zones", "zones", VALUE_TEXT, false},
    {"--hosts", "hosts", VALUE_TEXT, false},   {"--hours", "hours", VALUE_TEXT, false},
    {"--escort", "escort", VALUE_FLAG, false}, {"--form", "form", VALUE_TEXT, false},
};
static const struct parameter person_change[] = {
    {"PERSON", "person", VALUE_TEXT, true},
    {"--name", "name", VALUE_TEXT, false},
    {"--kana", "kana", VALUE_TEXT_OR_NONE, false},
    {"--login", "login", VALUE_TEXT, false},
    {"--share", "share", VALUE_FLAG, false},
    {"--section", "section", VALUE_TEXT_OR_NONE, false},
    {"--category", "category", VALUE_CATEGORY, false},
    {"--until", "until", VALUE_DATE_OR_NONE, false},
    {"--zones", "zones", VALUE_TEXT, false},
    {"--hosts", "hosts", VALUE_TEXT, false},
    {"--hours", "hours", VALUE_TEXT, false},
    {"--escort", "escort", VALUE_YESNO, false},
    {"--form", "form", VALUE_TEXT_OR_NONE, false},
    {"--from", "from", VALUE_DATE, false},
    {"--cancel", "cancel", VALUE_FLAG, false},
};
static const struct parameter exception_add[] = {
    {"PERSON", "person", VALUE_TEXT, true},   {"--factors", "factors", VALUE_TEXT, true},
    {"--hosts", "hosts", VALUE_TEXT, true},   {"--until", "until", VALUE_MOMENT, true},
    {"--reason", "reason", VALUE_TEXT, true}, {"--from", "from", VALUE_MOMENT, false},
    {"--form", "form", VALUE_TEXT, false},
};
static const struct parameter maybe_person[] = {{"PERSON", "person", VALUE_TEXT, false}};
static const struct parameter person_retire[] = {{"PERSON", "person", VALUE_TEXT, true},
                                                 {"--on", "until", VALUE_DATE, false},
                                                 {"--reason", "reason", VALUE_TEXT, false},
                                                 {"--form", "form", VALUE_TEXT, false}};
static const struct parameter person_tidy[] = {{"--dry-run", "dry-run", VALUE_FLAG, false}};
static const struct parameter person[] = {{"PERSON", "person", VALUE_TEXT, true}};
static const struct parameter finger_enroll[] = {{"PERSON", "person", VALUE_TEXT, true},
                                                 {"FINGER", "finger", VALUE_FINGER, true}};
static const struct parameter finger_delete[] = {{"PERSON", "person", VALUE_TEXT, true},
                                                 {"FINGER", "finger", VALUE_FINGER_OR_ALL, true}};

static const struct command rows[] = {
    {"person", "add", "person.add", enroll_call, NULL, PARAMS(person_add), N_("Register a person."),
     N_("--login takes a list with commas; the first login is the primary one. --share lets a "
        "login "
        "belong to several people (a shared account). Everybody who is not regular staff needs "
        "--until. Dates are written 2026-04-01. --zones: where the person may log in; without it "
        "this host's zone. --hosts: only on these, with commas; @NAME is every host that stands in "
        "that section. --hours limits the time, like \"mon-fri 08:30-17:15\". --escort: a member "
        "of "
        "staff must prove a card, too. --form: number of the contract or the form. Card and "
        "fingers are enrolled afterwards."),
     "toyama-enroll person add --number 012345 --name \"砺波 太郎\" --login taro --category "
     "regular"},
    {"person", "change", "person.change", enroll_call, NULL, PARAMS(person_change),
     N_("Change a person, now or from a day on."),
     N_("With --from the change is planned: section, category, end, zones and hosts change by "
        "themselves on that day. --cancel with --from drops what was planned for it. --hosts all "
        "and --hours any take the limits away, --until none the end; none behind --kana, --section "
        "or --form empties it. The rest is as in \"person add\"."),
     "toyama-enroll person change 012345 --from 2027-04-01 --section 税務課 --zones "
     "individual-number,lgwan"},
    {"person", "show", "person.show", enroll_call, NULL, PARAMS(person),
     N_("Show a person with cards and fingers."),
     N_("PERSON is a staff number or a login. Looking is recorded in the audit log."),
     "toyama-enroll person show 012345"},
    {"person", "list", "person.list", enroll_call, NULL, NO_PARAMS,
     N_("List everybody who is registered."), N_("Looking is recorded in the audit log."),
     "toyama-enroll person list"},
    {"person", "retire", "person.retire", enroll_call, &question_retire, PARAMS(person_retire),
     N_("Let somebody go: at once, or at the end of a day."),
     N_("At once all cards are stopped, fingerprints deleted and the certificate of deletion "
        "printed; this cannot be undone and asks first unless --yes is given. With --on the person "
        "can log in until that day is over, and \"person tidy\" does the rest. Reasons: retired "
        "(without one), transferred, ended, other."),
     "toyama-enroll person retire 012345 --on 2027-03-31 --form R8-40"},
    {"person", "tidy", "person.tidy", enroll_call, &question_tidy, PARAMS(person_tidy),
     N_("Stop the cards of those who have gone and delete fingerprints that nobody needs."),
     N_("Deletes the fingerprints of those whose term is over and of those without a right in a "
        "zone that asks for fingers, unless a change ahead brings it back, and prints a "
        "certificate for each. Cards of those who only lost that right stay. May be run every "
        "night. Cannot be undone; asks first unless --yes is given. --dry-run: look only."),
     "toyama-enroll person tidy --dry-run"},
    {"person", "remove", "person.remove", enroll_call, &question_person, PARAMS(person),
     N_("Delete a person with all cards and fingerprints."),
     N_("Cannot be undone; asks first unless --yes is given. The audit log keeps what happened."),
     "toyama-enroll person remove 012345"},
    {"exception", "add", "exception.add", enroll_call, NULL, PARAMS(exception_add),
     N_("Let a person log in with other factors for some days."),
     N_("--factors \"card pin\" or \"card finger\" takes the place of what the hosts ask, on "
        "--hosts only and to --until (2026-10-03, or 2026-10-03T17:15). In the individual-number "
        "zone that is five working days at most, unless --reason is no-finger, and a year "
        "elsewhere. Reasons: injured, no-finger, damaged, disaster, other."),
     "toyama-enroll exception add 012345 --factors \"card pin\" --hosts zeimu-05 --until "
     "2026-10-03T17:15 --reason injured --form R8-31"},
    {"exception", "end", "exception.end", enroll_call, NULL, PARAMS(person),
     N_("End a person's exception."), N_("From the next login on the host's own rules hold again."),
     "toyama-enroll exception end 012345"},
    {"exception", "list", "exception.list", enroll_call, NULL, PARAMS(maybe_person),
     N_("List exceptions, those that are over as well."),
     N_("Without PERSON: everybody's. Looking is recorded in the audit log."),
     "toyama-enroll exception list"},
    {"finger", "enroll", "finger.enroll", enroll_call, NULL, PARAMS(finger_enroll),
     N_("Register a finger for a person."),
     N_("Register at least one finger of each hand, so that an injury does not lock the person "
        "out. The image is not kept."),
     "toyama-enroll finger enroll 012345 right-index"},
    {"finger", "delete", "finger.delete", enroll_call, &question_finger, PARAMS(finger_delete),
     N_("Delete one finger, or all."), N_("Cannot be undone; asks first unless --yes is given."),
     "toyama-enroll finger delete 012345 left-thumb"},
    {"finger", "test", "finger.test", enroll_call, NULL, PARAMS(person),
     N_("Try a person's fingers without logging in."),
     N_("Shows which of the registered fingers matched."), "toyama-enroll finger test 012345"},
};

const struct command_group command_person = GROUP(rows);
