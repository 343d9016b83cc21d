#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Two cards of one person of different families, and a card that another program holds for itself.

Usage: families_readers_test.py BUILD_DIR [TEST...]"""
import threading
import time
import unittest

import familyrig
import scard
from brokerrig import Result
from familyrig import MINE, PIN, SECRET, THEIRS, Felica, Jpki, Piv, World, add_person, place

WAIT = 3
GREETING = "M16"


class Desk(unittest.TestCase):
    """Four readers, a host, and cards of two people."""

    def setUp(self):
        self.cards, self.broker = [], None
        self.name = "-".join(self.id().split(".")[-2:])

    def tearDown(self):
        self.clear()
        for card in self.cards:
            card.end()
        if self.broker is not None:
            self.broker.check_clean()

    def host(self, require="card", zone="internet", **settings):
        """A host with hanako and taro."""
        self.broker = familyrig.host(zone, require, f"{self.name}-{len(self.cards)}", card_wait=str(WAIT), **settings)
        for number, login in ((MINE, "hanako"), (THEIRS, "taro")):
            add_person(self.broker, number, login, secret=SECRET if "pin" in require else None)

    def card(self, family, slot=0, number=None):
        """A new card of this person, or of a stranger."""
        card = family.make(f"{self.name}-{len(self.cards)}", slot)
        self.cards.append(card)
        self.clear()
        if number is not None:
            family.enrol(self.broker, number, card)
        return card

    def clear(self):
        """All readers are empty."""
        familyrig.empty_readers(*self.cards)

    def put(self, *cards):
        """Exactly these are in their readers."""
        self.clear()
        for card in cards:
            card.insert()
        for card in cards:
            World.pcsc.wait_card(card.slot)

    def attempt(self, types=(), user="hanako"):
        """What was said; the login is over."""
        login = self.broker.login(user=user)
        login.finish(pins=types)
        login.said = [GREETING if message.startswith(GREETING) else message for message in login.said]
        return login

    def assert_opens(self, *said, types=(), user="hanako"):
        """One attempt that succeeds and says no more than this."""
        login = self.attempt(types, user)
        self.assertEqual((login.result, login.said), (Result.GRANTED, [*said, GREETING]), self.broker.log()[-900:])
        return [event for event in self.broker.events(4) if event["kind"] == "login"][-1]


class TwoCards(Desk):
    """Of one person."""

    def either(self, first, second, require="card"):
        """(family, said, typed) each: one, the other, both in both orders, and no one else's."""
        self.host(require)
        cards = [[self.card(family, slot, MINE) for slot in (0, 1)] for family, _, _ in (first, second)]
        for n, (family, said, types) in enumerate((first, second)):
            with self.subTest(alone=family.name):
                self.put(cards[n][0])
                self.assert_opens(*said, types=types)
        for slot in (0, 1):
            with self.subTest(both=slot):
                self.put(cards[0][slot], cards[1][1 - slot])
                login = self.attempt(first[2] + second[2])
                self.assertEqual(login.result, Result.GRANTED, login.said)

    def test_piv_and_felica(self):
        self.either((Piv(), ["M01"], ()), (Felica(), ["M01"], ()))

    def test_piv_and_my_number(self):
        self.either((Jpki(), ["M01", "X01"], (PIN,)), (Piv(), ["M01"], ()))

    def test_felica_and_my_number(self):
        self.either((Jpki(), ["M01", "X01"], (PIN,)), (Felica(), ["M01"], ()))

    def test_piv_and_felica_with_pins(self):
        self.either((Piv(), ["M01", "X01"], ("123456",)), (Felica(), ["M01", "X01"], (SECRET,)), "card pin")

    def test_piv_and_my_number_with_pins(self):
        self.either((Piv(), ["M01", "X01"], ("123456",)), (Jpki(), ["M01", "X01"], (PIN,)), "card pin")

    def test_stopped_one_of_two(self):
        """The other one still opens; the sentence is that of the one that was used."""
        self.host()
        piv, felica = self.card(Piv(), 0, MINE), self.card(Felica(), 1, MINE)
        row = next(row for row in self.broker.must("card.list", person=MINE).rows if row["family"] == "felica")
        self.broker.must("card.stop", person=MINE, card=row["id"], reason="lost")
        self.put(felica)
        login = self.attempt()
        self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "M08"]))
        self.put(piv)
        self.assert_opens("M01")


class Exclusive(Desk):
    """Another program has the card for itself."""

    def held(self, family, said, types=(), require="card"):
        """To the deadline, and to the moment at which the other program leaves."""
        self.host(require)
        card = self.card(family, 0, MINE)
        place(card)
        with scard.Context() as context:
            handle = context.connect(World.pcsc.reader(0), scard.SHARE_EXCLUSIVE)
            login = self.attempt(types)
            self.assertEqual((login.result, login.said[-1]), (Result.DENIED, "X14"), login.said)
            self.assertGreaterEqual(login.took, WAIT - 0.1)
            self.assertEqual(self.broker.events(1)[0]["cause"], "card-in-use")
            leave = threading.Timer(0.8, handle.disconnect)
            leave.start()
            login = self.attempt(types)
            leave.join()
        self.assertEqual(login.result, Result.GRANTED, login.said)
        self.assertEqual(login.said, [said[0], "X14", *said[1:], GREETING])

    def test_felica(self):
        self.held(Felica(), ["M01"])

    def test_my_number(self):
        self.held(Jpki(), ["M01", "X01"], (PIN,))

    def test_the_other_reader_is_served(self):
        """What is held is somebody else's."""
        for family, said, types in ((Felica(), ["M01"], ()), (Jpki(), ["M01", "X01"], (PIN,))):
            self.host()
            mine, other = self.card(family, 1, MINE), self.card(Piv(), 0, THEIRS)
            self.put(mine, other)
            with scard.Context() as context:
                handle = context.connect(World.pcsc.reader(0), scard.SHARE_EXCLUSIVE)
                begun = time.monotonic()
                self.assert_opens(*said, types=types)
                self.assertLess(time.monotonic() - begun, WAIT)
                handle.disconnect()
            self.clear()
            self.broker.check_clean()


if __name__ == "__main__":
    familyrig.main(__doc__, entries=2)
