#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Logins with My Number cards in each flow that policy allows: the card, card and PIN, card and finger. The card's key asks
for its PIN in each of them.

Usage: jpki_login_test.py BUILD_DIR [TEST...]"""
import unittest

import familyrig
from brokerrig import Admin
from familycells import Cells
from familyrig import MINE, PIN, THEIRS, WRONG_PIN, Flow, Jpki, neighbour, place, spend_tries, take, verifies


class JpkiFlow(Cells, Flow):
    """The PIN is asked for when the card has said what it is."""
    family = Jpki()
    said = ("M01", "X01")
    types = (PIN,)
    stranger = ("X38", "jpki-not-enrolled")
    apdus = 9  # three of them before the PIN is asked for: SELECT, SELECT PIN, tries
    asks_first = False  # before the card has said what it is

    def more_factors(self):
        return {"pin"}

    def test_nothing_but_the_key_is_kept(self):
        shown = self.broker.must("person.show", person=MINE).rows
        card = next(row for row in shown if row["kind"] == "card")
        self.assertEqual((card["family"], card["strength"], card["pin"]), ("jpki", "signature", "yes"))
        with open(f"{self.broker.state}/registry.db", "rb") as file:
            octets = file.read()
        certificate = self.hanako.certificate(0x17)
        self.assertNotIn(certificate[-64:], octets, "the certificate's signature")
        self.assertNotIn(certificate[:32], octets, "the certificate's serial number")

    def test_wrong_pins(self):
        """The last try is nobody's: not a wrong PIN's, nor the right one's."""
        card = self.spare("wrong")
        outcome = self.refused(card, "X37", "jpki-pin-last", types=(WRONG_PIN,) * 3)
        self.assertEqual(outcome.said, ["M01", "X01", "X02", "X01", "X37"])
        self.assertEqual(card.tries(), 1)
        for types in ((WRONG_PIN,), (PIN,)):
            outcome = self.refused(card, "X37", "jpki-pin-last", types=types)
            self.assertEqual(outcome.asked, int(self.asks_first))
            self.assertEqual((card.tries(), verifies(card)), (1, 0))

    def spare(self, name):
        """A second card of hanako's, enrolled, for tests that spend tries."""
        card = self.another(self.family.make(f"{type(self).__name__}-{name}"))
        row = self.family.enrol(self.broker, MINE, card)
        self.addCleanup(lambda: self.broker.must("card.stop", person=MINE, card=row["id"]))
        return card

    def test_a_right_pin_after_a_wrong_one(self):
        self.granted(types=(WRONG_PIN, PIN), said=["M01", "X01", "X02", "X01", *self.said[2:]])
        self.assertEqual(self.hanako.tries(), 3)

    def test_blocked(self):
        card = self.spare("blocked")
        for code in ("6983", "6984"):
            card.ask(f"set blocked {code}")
            if card.tries() > 0:
                spend_tries(card, 3)
            outcome = self.refused(card, "X37", "jpki-pin-last", expect={"proven": False})
            self.assertEqual((outcome.asked, verifies(card)), (int(self.asks_first), 0))


class Pins:
    """What may be typed, and at which card."""

    def test_formats(self):
        """What is no PIN of such a card does not reach it."""
        told = ("M07", "not-proven") if self.asks_first else ("X86", "jpki-pin-format")
        for typed in ("123456", "123", "12a4", "１２３４"):
            self.check_refusal(self.attempt(types=(typed,) * 3), *told, proven=False)
            self.assertEqual((verifies(self.hanako), self.hanako.tries()), (0, 3))
            self.calm()

    def test_verified_by_another_program(self):
        """T-17: it is asked for all the same, and a wrong one is wrong."""
        place(self.hanako)
        with neighbour(self.hanako) as other:
            for command in ("00A4040C0AD392F000260100000001", "00A4020C020018", "0020008004" + PIN.encode().hex()):
                self.assertEqual(other.transmit(command).hex(), "9000")
            outcome = self.attempt(types=(WRONG_PIN, PIN), M01=lambda: None)
            self.check_grant(outcome, said=["M01", "X01", "X02", "X01", *self.said[2:]])

    def test_renewed(self):
        """With the certificate's renewal the card has another key."""
        card = self.another(self.family.make(f"{type(self).__name__}-renewed"))
        outcome = self.refused(card, "X38", "jpki-not-enrolled", expect={"proven": False})
        self.assertEqual((outcome.asked, card.tries()), (1, 3))

    def test_nobody_has_it_twice(self):
        place(self.hanako)
        for number in (MINE, THEIRS):
            call = self.broker.call("card.enroll", person=number, pins=[PIN])
            self.assertEqual((call.result, call.message), (Admin.REFUSED, "K13"))
        self.assertEqual(verifies(self.hanako), 0)

    def test_a_card_that_signs_without_its_pin(self):
        """T-08: not enrolled."""
        card = self.another(self.family.make(f"{type(self).__name__}-nopin"))
        card.ask("rogue nopin")
        place(card)
        call = self.broker.call("card.enroll", person=MINE, pins=[PIN])
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "K13"))


class Card(Pins, JpkiFlow, unittest.TestCase):
    """`require = card`."""
    zone, require = "internet", "card"


class CardPin(Pins, JpkiFlow, unittest.TestCase):
    """The PIN is asked for first, of everybody: as cards.md's flow has it, 5 commands and the tries."""
    zone, require = "lgwan", "card pin"
    apdus = 6
    asks_first = True


class CardFinger(JpkiFlow, unittest.TestCase):
    """And a finger behind them."""
    zone, require = "individual-number", "card finger"
    said = ("M01", "X01", "M02")


class Tap(Flow, unittest.TestCase):
    """Where a tap is enough the card may go once it has signed, not before."""
    family = Jpki()
    zone, require = "internet", "card finger"
    settings = {"presence": "tap"}
    said = ("M01", "X01", "M02")
    types = (PIN,)

    def test_presence(self):
        def pull_and_press():
            take(self.hanako)
            self.press()()
        self.granted(M02=pull_and_press)
        self.refused(self.hanako, "X07", "card-removed", expect={"proven": False}, X01=lambda: take(self.hanako))
        with self.restarted(presence="required"):
            self.refused(self.hanako, "X07", "card-removed", expect={"proven": True}, M02=lambda: take(self.hanako))


if __name__ == "__main__":
    familyrig.main(__doc__)
