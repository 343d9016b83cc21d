/* SPDX-License-Identifier: Apache-2.0
 *
 * Cards, security keys and PINs.
 */
#include "enroll/command_group.h"
#include "enroll/enroll.h"
#include "enroll/lang.h"
#include "enroll/question.h"

static const struct parameter person[] = {{"PERSON", "person", VALUE_TEXT, true}};
static const struct parameter maybe_person[] = {{"PERSON", "person", VALUE_TEXT, false}};
static const struct parameter card_enroll[] = {
    {"PERSON", "person", VALUE_TEXT, true},        {"--label", "label", VALUE_TEXT, false},
    {"--reader", "reader", VALUE_TEXT, false},     {"--master", "master", VALUE_FLAG, false},
    {"--replaces", "replaces", VALUE_TEXT, false}, {"--reason", "reason", VALUE_TEXT, false},
    {"--second", "second", VALUE_FLAG, false},     {"--form", "form", VALUE_TEXT, false},
    {"--zones", "zones", VALUE_TEXT, false},
};
static const struct parameter card_issue[] = {
    {"PERSON", "person", VALUE_TEXT, true},    {"--label", "label", VALUE_TEXT, false},
    {"--reader", "reader", VALUE_TEXT, false}, {"--version", "version", VALUE_NUMBER, false},
    {"--lock", "lock", VALUE_FLAG, false},     {"--replaces", "replaces", VALUE_TEXT, false},
    {"--reason", "reason", VALUE_TEXT, false}, {"--second", "second", VALUE_FLAG, false},
    {"--form", "form", VALUE_TEXT, false},     {"--zones", "zones", VALUE_TEXT, false},
};
static const struct parameter yubikey_enroll[] = {
    {"PERSON", "person", VALUE_TEXT, true},      {"--label", "label", VALUE_TEXT, false},
    {"--slot", "slot", VALUE_NUMBER, false},     {"--no-touch", "no-touch", VALUE_FLAG, false},
    {"--replace", "replace", VALUE_FLAG, false}, {"--code", "code", VALUE_FLAG, false},
    {"--until", "until", VALUE_DATE, false},     {"--form", "form", VALUE_TEXT, false},
    {"--zones", "zones", VALUE_TEXT, false}};
static const struct parameter card_stop[] = {{"PERSON", "person", VALUE_TEXT, true},
                                             {"--card", "card", VALUE_TEXT, false},
                                             {"--reason", "reason", VALUE_TEXT, false},
                                             {"--form", "form", VALUE_TEXT, false}};
static const struct parameter card_found[] = {{"PERSON", "person", VALUE_TEXT, true},
                                              {"--card", "card", VALUE_TEXT, false},
                                              {"--form", "form", VALUE_TEXT, false}};
static const struct parameter card_return[] = {{"PERSON", "person", VALUE_TEXT, true},
                                               {"--card", "card", VALUE_TEXT, false},
                                               {"--reason", "reason", VALUE_TEXT, false},
                                               {"--form", "form", VALUE_TEXT, false}};
static const struct parameter card_destroy[] = {{"PERSON", "person", VALUE_TEXT, true},
                                                {"--card", "card", VALUE_TEXT, false},
                                                {"--witness", "witness", VALUE_TEXT, true},
                                                {"--form", "form", VALUE_TEXT, true}};
static const struct parameter card_unused[] = {{"--days", "days", VALUE_NUMBER, false},
                                               {"--suspend", "suspend", VALUE_FLAG, false},
                                               {"--dry-run", "dry-run", VALUE_FLAG, false}};
static const struct parameter card_pin[] = {{"PERSON", "person", VALUE_TEXT, true},
                                            {"--card", "card", VALUE_TEXT, false}};
static const struct parameter pin_set[] = {{"PERSON", "person", VALUE_TEXT, true},
                                           {"--generate", "generate", VALUE_FLAG, false},
                                           {"--zones", "zones", VALUE_TEXT, false}};

static const struct command rows[] = {
    {"card", "enroll", "card.enroll", enroll_call, &question_reissue, PARAMS(card_enroll),
     N_("Register the card on the reader for a person."),
     N_("The card signs a fresh challenge, so that only a card with its own key is taken. "
        "--label is what is printed on the card; --reader picks one of several readers. --master "
        "asks for the key from which others made the keys of the city's FeliCa cards. --replaces "
        "CARD (start of its id, or its label) stops that card for good in the same moment, with "
        "--reason lost, damaged or replaced; --second gives one more card than the rules allow; "
        "both need --form. --zones limits where the card counts. A card that was returned may be "
        "registered for somebody else."),
     "toyama-enroll card enroll 012345 --label N-0087"},
    {"card", "issue", "card.issue", enroll_call, &question_issue, PARAMS(card_issue),
     N_("Write a new key into a FeliCa Lite-S card and register it."),
     N_("The key is random, for this card and this zone only. What the card was used for with its "
        "former key ends. --lock makes the card's settings final, so that nobody can overwrite the "
        "key. If the card is taken away too soon, run the command again. --replaces, --second and "
        "--zones are as in \"card enroll\". Cannot be undone; asks first unless --yes is given."),
     "toyama-enroll card issue 012345 --label F-0012"},
    {"card", "stop", "card.stop", enroll_call, &question_card, PARAMS(card_stop),
     N_("Stop a card at once: lost, damaged, returned."),
     N_("Takes effect with the next login; on a helpdesk's host the other hosts of the zone are "
        "told. --card is the start of the card's id and is needed where the person has several. "
        "--reason is lost, damaged, found, replaced, unused, retired, transferred, ended or "
        "other; --form is the number of the paper form. Cannot be undone; asks first unless --yes "
        "is given."),
     "toyama-enroll card stop 012345 --reason lost"},
    {"card", "found", "card.found", enroll_call, NULL, PARAMS(card_found),
     N_("Record that a lost card was found, and show what happened to it."),
     N_("A stop is final: the card stays stopped. Destroy it, or register it anew with \"card "
        "enroll\". Only a card that was suspended can be resumed. Shown are the card's events in "
        "the "
        "log of this host, attempts to use it among them. --card is the start of the id or the "
        "label."),
     "toyama-enroll card found 012345"},
    {"card", "return", "card.return", enroll_call, &question_return, PARAMS(card_return),
     N_("Take a card back."),
     N_("It cannot be used from the next login on. Afterwards it can be registered for somebody "
        "else, or destroyed. --card is the start of the id or the label. Reasons: retired, "
        "transferred, ended, replaced, damaged, found, unused, other. Cannot be undone; asks first "
        "unless --yes is given."),
     "toyama-enroll card return 012345 --reason retired"},
    {"card", "destroy", "card.destroy", enroll_call, &question_destroy, PARAMS(card_destroy),
     N_("Record that a card was destroyed in front of a witness, and print the record."),
     N_("Only for a card that was stopped or returned and is at hand. --witness is a member of "
        "staff, "
        "neither the operator nor the holder. \"audit paper\" prints the record again. Cannot be "
        "undone; asks first unless --yes is given."),
     "toyama-enroll card destroy 012345 --card N-0087 --witness 000102 --form R8-12"},
    {"card", "unused", "card.unused", enroll_call, &question_unused, PARAMS(card_unused),
     N_("List cards whose holders have not logged in for long, and suspend them."),
     N_("Without --days the configuration says how long: unused_notify to be listed, "
        "unused_suspend for --suspend, which asks first unless --yes is given. \"card resume\" "
        "puts a card back into use. --dry-run: look only. Looking is recorded in the audit log."),
     "toyama-enroll card unused --suspend --dry-run"},
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
    {"yubikey", "enroll", "yubikey.enroll", enroll_call, NULL, PARAMS(yubikey_enroll),
     N_("Program the YubiKey that is plugged in and register it."),
     N_("Writes a new secret and access code into slot 2 (--slot 1: the other). The key answers "
        "only when touched, unless --no-touch is given. --replace overwrites a slot that is in "
        "use; --code asks for the access code that others gave it. --until makes it a loan: listed "
        "by \"temporary list\" until \"yubikey return\"; while it lasts, the person's other cards "
        "and keys are suspended where it counts (--zones). If it is interrupted, run the command "
        "again: nothing is lost. Not in the individual-number zone."),
     "toyama-enroll yubikey enroll 012345 --label Y-0003"},
    {"yubikey", "return", "yubikey.return", enroll_call, &question_return, PARAMS(card_return),
     N_("Take a YubiKey back."),
     N_("It cannot be used from the next login on. Its access code stays here: \"yubikey enroll\" "
        "writes it anew for the next person. Cannot be undone; asks first unless --yes is given."),
     "toyama-enroll yubikey return 012345 --card Y-0003"},
    {"yubikey", "remove", "yubikey.remove", enroll_call, &question_key, PARAMS(card_pin),
     N_("Forget a YubiKey and show its access code."),
     N_("Without the access code nobody can program the slot again: write it down or use the key "
        "for the next person with \"yubikey enroll --replace --code\". Cannot be undone; asks "
        "first unless --yes is given."),
     "toyama-enroll yubikey remove 012345"},
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
    {"pin", "remove", "pin.remove", enroll_call, &question_pin, PARAMS(person),
     N_("Remove the PIN that \"pin set\" gave."),
     N_("Where this host requires one, the person cannot log in until another is set. Asks "
        "first unless --yes is given."),
     "toyama-enroll pin remove 012345"},
};

const struct command_group command_card = GROUP(rows);
