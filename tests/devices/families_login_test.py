#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Logins with cards of the other families: My Number card and FeliCa Lite-S, from enrolment to
verdict. usage: families_login_test.py BUILD_DIR (root)"""
import os
import sys
import unittest

import brokerrig
import pcscns
from brokerrig import Admin, Result

BUILD = None
PIN = "1234"


class Family(unittest.TestCase):
    """An internet host and one virtual card after the other."""
    REQUIRE = "card"

    @classmethod
    def setUpClass(cls):
        cls.pcsc = pcscns.Pcsc()
        cls.pcsc.start()

    @classmethod
    def tearDownClass(cls):
        cls.pcsc.stop()

    def setUp(self):
        self.cards = []
        self.broker = brokerrig.Broker(BUILD, "internet", self.REQUIRE, name="-".join(self.id().split(".")[-2:]),
                                       throttle_after="100")
        self.broker.init()
        self.broker.start()

    def tearDown(self):
        for card in self.cards:
            card.end()
        self.assertEqual(self.broker.stop(), 0)
        self.assertNotIn("Sanitizer", self.broker.log())
        self.assertNotIn("runtime error", self.broker.log())

    def card(self, **options):
        card = pcscns.VirtualCard(BUILD, name=f"{self.id().split(chr(46))[-2]}-{self.id().split(chr(46))[-1]}-{len(self.cards)}", **options)
        self.cards.append(card)
        return card

    def place(self, card):
        card.insert()
        self.pcsc.wait_card(card.slot)

    def take(self, card):
        card.remove()
        self.pcsc.wait_card(card.slot, False)

    def enroll(self, number, card, verb="card.enroll", **values):
        self.place(card)
        call = self.broker.must(verb, person=number, **values)
        self.take(card)
        return call.rows[0]

    def login(self, card, user="hanako", pins=()):
        """(result, message) of one attempt, with the newest event."""
        self.place(card)
        login = self.broker.login(user=user)
        message = login.finish(pins=list(pins))
        self.take(card)
        return login.result, message


class MyNumber(Family):
    """The PIN is asked for once the card says what it is."""
    AT_THE_LAST_TRY = []  # what is typed then

    def mine(self, **options):
        return self.card(family="jpki", pin=PIN, **options)

    def enrolled(self, **options):
        """A card of hanako's."""
        card = self.mine(**options)
        self.broker.add_person("100", "hanako")
        row = self.enroll("100", card, pins=[PIN])
        self.assertEqual((row["family"], row["strength"], row["pin"], row["keys"]), ("jpki", "signature", "yes", "1"))
        return card

    def assert_refused(self, card, message, cause, **values):
        self.assertEqual(self.login(card, **values), (Result.DENIED, message))
        self.assertEqual(self.broker.events(1)[0]["cause"], cause)

    def assert_granted(self, card, **values):
        result, message = self.login(card, **values)
        self.assertEqual(result, Result.GRANTED, message)

    def test_nothing_but_the_key_is_kept(self):
        self.enrolled()
        shown = self.broker.must("person.show", person="100").rows
        self.assertNotIn("hint", " ".join(shown[1]))
        self.assertEqual(shown[1]["family"], "jpki")

    def test_log_in(self):
        self.assert_granted(self.enrolled(), pins=[PIN])
        event = self.broker.events(1)[0]
        self.assertEqual((event["person"], event["factors"]), ("100", "card pin"))

    def test_wrong_pins_stop_before_the_last_try(self):
        card = self.enrolled()
        self.assert_refused(card, "X37", "jpki-pin-last", pins=["9999", "9998", "9997"])
        self.assert_refused(card, "X37", "jpki-pin-last", pins=self.AT_THE_LAST_TRY)

    def test_a_right_pin_after_a_wrong_one(self):
        self.assert_granted(self.enrolled(), pins=["9999", PIN])

    def test_a_card_that_was_renewed(self):
        self.enrolled()
        renewed = self.mine()
        self.assert_refused(renewed, "X38", "jpki-not-enrolled", pins=[PIN])

    def test_unknown_users_and_colleagues_look_alike(self):
        mine = self.enrolled()
        self.broker.add_person("200", "taro")
        for user in ("taro", "nobody-at-all"):
            self.assert_refused(mine, "X38", "jpki-not-enrolled", user=user, pins=[PIN])

    def test_the_card_names_the_person(self):
        card = self.enrolled()
        self.place(card)
        login = self.broker.login(user=None)
        login.finish(pins=[PIN])
        self.take(card)
        self.assertEqual((login.result, login.user), (Result.GRANTED, "hanako"))

    def test_hanako_has_it_once(self):
        card = self.enrolled()
        self.broker.add_person("200", "taro")
        self.place(card)
        call = self.broker.call("card.enroll", person="200", pins=[PIN])
        self.take(card)
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "K13"))


class MyNumberWithPin(MyNumber):
    """The PIN is asked for first, of everybody."""
    REQUIRE = "card pin"
    AT_THE_LAST_TRY = [PIN]

    def test_commands_of_a_login(self):
        self.assert_granted(self.enrolled(), pins=[PIN])
        event = self.broker.events(1)[0]
        self.assertEqual(event["apdus"], "6", event)

    def test_six_digits_are_no_my_number_pin(self):
        self.assert_refused(self.enrolled(), "M07", "not-proven", pins=["123456"])


class Felica(Family):
    """A shared key, written by the desk."""

    def test_issue_and_log_in(self):
        card = self.card(family="felica", set="reader=generic")
        self.broker.add_person("100", "hanako")
        row = self.enroll("100", card, "card.issue")
        self.assertEqual((row["family"], row["strength"], row["pin"]), ("felica", "shared-key", "no"))
        result, message = self.login(card)
        self.assertEqual(result, Result.GRANTED, message)
        event = self.broker.events(1)[0]
        self.assertEqual((event["person"], event["factors"]), ("100", "card"))


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
