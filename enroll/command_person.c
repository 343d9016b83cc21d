/* SPDX-License-Identifier: Apache-2.0
 *
 * People and their fingers.
 */
#include "enroll/command_group.h"
#include "enroll/enroll.h"
#include "enroll/lang.h"
#include "enroll/question.h"

static const struct parameter person_add[] = {
    {"--number", "number", VALUE_TEXT, true}, {"--name", "name", VALUE_TEXT, true},
    {"--login", "login", VALUE_TEXT, true},   {"--category", "category", VALUE_CATEGORY, true},
    {"--kana", "kana", VALUE_TEXT, false},    {"--section", "section", VALUE_TEXT, false},
    {"--from", "from", VALUE_DATE, false},    {"--until", "until", VALUE_DATE, false},
    {"--share", "share", VALUE_FLAG, false},
};
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
        "--until. Dates are written 2026-04-01. Card and fingers are enrolled afterwards."),
     "toyama-enroll person add --number 012345 --name \"砺波 太郎\" --login taro --category "
     "regular"},
    {"person", "show", "person.show", enroll_call, NULL, PARAMS(person),
     N_("Show a person with cards and fingers."),
     N_("PERSON is a staff number or a login. Looking is recorded in the audit log."),
     "toyama-enroll person show 012345"},
    {"person", "list", "person.list", enroll_call, NULL, NO_PARAMS,
     N_("List everybody who is registered."), N_("Looking is recorded in the audit log."),
     "toyama-enroll person list"},
    {"person", "remove", "person.remove", enroll_call, question_person, PARAMS(person),
     N_("Delete a person with all cards and fingerprints."),
     N_("Cannot be undone; asks first unless --yes is given. The audit log keeps what happened."),
     "toyama-enroll person remove 012345"},
    {"finger", "enroll", "finger.enroll", enroll_call, NULL, PARAMS(finger_enroll),
     N_("Register a finger for a person."),
     N_("Register at least one finger of each hand, so that an injury does not lock the person "
        "out. The image is not kept."),
     "toyama-enroll finger enroll 012345 right-index"},
    {"finger", "delete", "finger.delete", enroll_call, question_finger, PARAMS(finger_delete),
     N_("Delete one finger, or all."), N_("Cannot be undone; asks first unless --yes is given."),
     "toyama-enroll finger delete 012345 left-thumb"},
    {"finger", "test", "finger.test", enroll_call, NULL, PARAMS(person),
     N_("Try a person's fingers without logging in."),
     N_("Shows which of the registered fingers matched."), "toyama-enroll finger test 012345"},
};

const struct command_group command_person = GROUP(rows);
