/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/command.h"

#include "enroll/enroll.h"
#include "enroll/lang.h"
#include "enroll/names.h"
#include "enroll/question.h"

#include <stdio.h>
#include <string.h>

#define PARAMS(table) table, sizeof(table) / sizeof((table)[0])
#define NO_PARAMS     NULL, 0

static const struct parameter person_add[] = {
    {"--number", "number", VALUE_TEXT, true}, {"--name", "name", VALUE_TEXT, true},
    {"--login", "login", VALUE_TEXT, true},   {"--category", "category", VALUE_CATEGORY, true},
    {"--kana", "kana", VALUE_TEXT, false},    {"--section", "section", VALUE_TEXT, false},
    {"--from", "from", VALUE_DATE, false},    {"--until", "until", VALUE_DATE, false},
    {"--share", "share", VALUE_FLAG, false},
};
static const struct parameter person[] = {{"PERSON", "person", VALUE_TEXT, true}};
static const struct parameter maybe_person[] = {{"PERSON", "person", VALUE_TEXT, false}};
static const struct parameter card_enroll[] = {{"PERSON", "person", VALUE_TEXT, true},
                                               {"--label", "label", VALUE_TEXT, false},
                                               {"--reader", "reader", VALUE_TEXT, false},
                                               {"--master", "master", VALUE_FLAG, false}};
static const struct parameter card_issue[] = {{"PERSON", "person", VALUE_TEXT, true},
                                              {"--label", "label", VALUE_TEXT, false},
                                              {"--reader", "reader", VALUE_TEXT, false},
                                              {"--version", "version", VALUE_NUMBER, false},
                                              {"--lock", "lock", VALUE_FLAG, false}};
static const struct parameter yubikey_enroll[] = {
    {"PERSON", "person", VALUE_TEXT, true},      {"--label", "label", VALUE_TEXT, false},
    {"--slot", "slot", VALUE_NUMBER, false},     {"--no-touch", "no-touch", VALUE_FLAG, false},
    {"--replace", "replace", VALUE_FLAG, false}, {"--code", "code", VALUE_FLAG, false}};
static const struct parameter card_stop[] = {{"PERSON", "person", VALUE_TEXT, true},
                                             {"--card", "card", VALUE_TEXT, false},
                                             {"--reason", "reason", VALUE_TEXT, false}};
static const struct parameter card_pin[] = {{"PERSON", "person", VALUE_TEXT, true},
                                            {"--card", "card", VALUE_TEXT, false}};
static const struct parameter pin_set[] = {{"PERSON", "person", VALUE_TEXT, true},
                                           {"--generate", "generate", VALUE_FLAG, false}};
static const struct parameter finger_enroll[] = {{"PERSON", "person", VALUE_TEXT, true},
                                                 {"FINGER", "finger", VALUE_FINGER, true}};
static const struct parameter finger_delete[] = {{"PERSON", "person", VALUE_TEXT, true},
                                                 {"FINGER", "finger", VALUE_FINGER_OR_ALL, true}};
static const struct parameter hr_check[] = {{"FILE", NULL, VALUE_FILE_IN, true},
                                            {"--encoding", "encoding", VALUE_TEXT, false}};
static const struct parameter audit_head[] = {{"--key", "key", VALUE_FLAG, false}};
static const struct parameter audit_show[] = {{"--last", "last", VALUE_NUMBER, false}};

const struct command command_table[] = {
    {"init", NULL, NULL, enroll_init, NULL, NO_PARAMS,
     N_("Prepare this host: make its keys and an empty registry."),
     N_("Needs a good configuration and no earlier state. Nothing that exists is ever overwritten. "
        "Afterwards start the broker and run \"toyama-enroll check\"."),
     "toyama-enroll init"},
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
    {"card", "enroll", "card.enroll", enroll_call, NULL, PARAMS(card_enroll),
     N_("Register the card on the reader for a person."),
     N_("The card signs a fresh challenge, so that only a card with its own key is taken. "
        "--label is what is printed on the card; --reader picks one of several readers. --master "
        "asks for the key from which others made the keys of the city's FeliCa cards."),
     "toyama-enroll card enroll 012345 --label N-0087"},
    {"card", "issue", "card.issue", enroll_call, question_issue, PARAMS(card_issue),
     N_("Write a new key into a FeliCa Lite-S card and register it."),
     N_("The key is random, for this card and this zone only. What the card was used for with its "
        "former key ends. --lock makes the card's settings final, so that nobody can overwrite the "
        "key. If the card is taken away too soon, run the command again. Cannot be undone; asks "
        "first unless --yes is given."),
     "toyama-enroll card issue 012345 --label F-0012"},
    {"yubikey", "enroll", "yubikey.enroll", enroll_call, NULL, PARAMS(yubikey_enroll),
     N_("Program the YubiKey that is plugged in and register it."),
     N_("Writes a new secret and access code into slot 2 (--slot 1: the other). The key answers "
        "only when touched, unless --no-touch is given. --replace overwrites a slot that is in "
        "use; --code asks for the access code that others gave it. If it is interrupted, run the "
        "command again: nothing is lost. Not in the individual-number zone."),
     "toyama-enroll yubikey enroll 012345 --label Y-0003"},
    {"yubikey", "remove", "yubikey.remove", enroll_call, question_key, PARAMS(card_pin),
     N_("Forget a YubiKey and show its access code."),
     N_("Without the access code nobody can program the slot again: write it down or use the key "
        "for the next person with \"yubikey enroll --replace --code\". Cannot be undone; asks "
        "first unless --yes is given."),
     "toyama-enroll yubikey remove 012345"},
    {"card", "stop", "card.stop", enroll_call, question_card, PARAMS(card_stop),
     N_("Stop a card at once: lost, damaged, returned."),
     N_("Takes effect with the next login. --card is the start of the card's id and is needed "
        "where "
        "the person has several. Cannot be undone; asks first unless --yes is given."),
     "toyama-enroll card stop 012345 --reason lost"},
    {"card", "test", "card.test", enroll_call, NULL, PARAMS(person),
     N_("Try a person's card without logging in."),
     N_("Shows whether the enrolled key was proven, how many commands the card got and how long it "
        "took."),
     "toyama-enroll card test 012345"},
    {"card", "list", "card.list", enroll_call, NULL, PARAMS(maybe_person),
     N_("List cards, security keys and PINs, and what each of them is worth."),
     N_("Without PERSON: everybody's. \"signature\": the card has a key that nobody else has. "
        "\"shared key\": this zone's hosts hold the key, too. Looking is recorded in the audit "
        "log."),
     "toyama-enroll card list 012345"},
    {"card", "change-pin", "card.change-pin", enroll_call, NULL, PARAMS(card_pin),
     N_("Let the holder change the PIN of a card."),
     N_("The card must prove that it is the person's. The holder types the present PIN and twice "
        "the new one, of 6 to 8 digits, unseen. The last try is never used. --card is the start of "
        "the card's id. Not for My Number cards: the residents' counter does it."),
     "toyama-enroll card change-pin 012345"},
    {"card", "unblock", "card.unblock", enroll_call, NULL, PARAMS(card_pin),
     N_("Set a new PIN where the present one is blocked or forgotten."),
     N_("You type the PUK that came with the card, then the holder twice the new PIN, of 6 to 8 "
        "digits. --card is the start of the card's id. Not for My Number cards: the residents' "
        "counter does it."),
     "toyama-enroll card unblock 012345"},
    {"pin", "set", "pin.set", enroll_call, NULL, PARAMS(pin_set),
     N_("Set the PIN of somebody whose key or card has none of its own."),
     N_("First make sure that it is the person who asks: the present PIN is not needed. The person "
        "types it twice: 6 to 64 letters, digits or signs, and not one run. --generate prints "
        "eight random digits, once, instead."),
     "toyama-enroll pin set 012345"},
    {"pin", "change", "pin.change", enroll_call, NULL, PARAMS(person),
     N_("Let somebody change the PIN that \"pin set\" gave."),
     N_("The person proves the card or security key, types the present PIN and twice the new one, "
        "unseen. A wrong PIN counts as it does at a login."),
     "toyama-enroll pin change 012345"},
    {"pin", "remove", "pin.remove", enroll_call, question_pin, PARAMS(person),
     N_("Remove the PIN that \"pin set\" gave."),
     N_("Where this host requires one, the person cannot log in until another is set. Cannot be "
        "undone; asks first unless --yes is given."),
     "toyama-enroll pin remove 012345"},
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
    {"hr", "check", NULL, enroll_hr_check, NULL, PARAMS(hr_check),
     N_("Look for errors in a CSV file of the HR section."),
     N_("Tells each error with its line and applies nothing. The file may be UTF-8 or CP932; "
        "--encoding utf-8 or cp932 says so where it is not recognised. The names of columns and "
        "the words for categories are in section [hr] of toyama.conf."),
     "toyama-enroll hr check 2027-04.csv"},
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
    {"clock", "accept", "clock.accept", enroll_call, question_clock, NO_PARAMS,
     N_("Accept the clock after it was set back."),
     N_("Logins are denied while the clock is behind the last event. Check the time first. Cannot "
        "be undone; asks first unless --yes is given."),
     "toyama-enroll clock accept"},
};

const size_t command_count = sizeof(command_table) / sizeof(command_table[0]);

bool command_has_noun(const char *noun)
{
    for (size_t n = 0; n < command_count; n++)
        if (strcmp(command_table[n].noun, noun) == 0)
            return true;
    return false;
}

bool command_is_whole(const char *noun)
{
    return command_find(noun, NULL) != NULL;
}

const struct command *command_find(const char *noun, const char *action)
{
    for (size_t n = 0; n < command_count; n++) {
        const struct command *c = &command_table[n];
        if (strcmp(c->noun, noun) != 0 || (c->action == NULL) != (action == NULL))
            continue;
        if (action == NULL || strcmp(c->action, action) == 0)
            return c;
    }
    return NULL;
}

bool command_is_positional(const struct parameter *p)
{
    return p->name[0] != '-';
}

static bool is_number(const char *value)
{
    size_t digits = strspn(value, "0123456789");

    return digits > 0 && digits <= 9 && value[digits] == '\0';
}

/* `count` digits at `text`, which holds at least as many octets; -1 for anything else. */
static int digits(const char *text, size_t count)
{
    int value = 0;

    for (size_t n = 0; n < count; n++) {
        if (text[n] < '0' || text[n] > '9')
            return -1;
        value = value * 10 + (text[n] - '0');
    }
    return value;
}

static bool is_date(const char *value)
{
    static const int days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;

    if (strlen(value) != 10 || value[4] != '-' || value[7] != '-')
        return false;
    year = digits(value, 4);
    month = digits(value + 5, 2);
    day = digits(value + 8, 2);
    if (year < 1900 || month < 1 || month > 12 || day < 1 || day > days[month - 1])
        return false;
    return month != 2 || day != 29 || (year % 4 == 0 && (year % 100 != 0 || year % 400 == 0));
}

bool command_value_fits(enum value_kind kind, const char *value)
{
    switch (kind) {
    case VALUE_NUMBER:
        return is_number(value);
    case VALUE_DATE:
        return is_date(value);
    case VALUE_FINGER:
        return names_is_finger(value);
    case VALUE_FINGER_OR_ALL:
        return names_is_finger(value) || strcmp(value, "all") == 0;
    case VALUE_CATEGORY:
        return names_is_category(value);
    case VALUE_TEXT:
    case VALUE_FLAG:
    case VALUE_FILE_IN:
    case VALUE_FILE_OUT:
        break;
    }
    return value[0] != '\0';
}

void command_name(const struct command *c, char *out, size_t cap)
{
    snprintf(out, cap, "%s%s%s", c->noun, c->action != NULL ? " " : "",
             c->action != NULL ? c->action : "");
}
