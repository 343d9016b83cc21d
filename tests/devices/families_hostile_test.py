#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Enrolled cards of each family that misbehave, at the broker: refused in time with one cause, no try of a PIN spent, and the
next login works. The whole list is tried at the workers; here, what reaches the broker.

Usage: families_hostile_test.py BUILD_DIR [TEST...]"""
import itertools
import time
import unittest

import familyrig
from brokerrig import Result
from familyrig import MINE, PIN, SECRET, Felica, Jpki, Token, World, add_person, place, take, verifies

ANSWER_SECONDS = 10  # of the broker, for a card
WRONG = ("short", "long", "garbage", "sw:9000", "sw:6F00", "sw:6982", "sw:6985", "sw:63C0", "sw:6A82", "raw:009000")
GOOD = ("sw:9000", "garbage", "raw:009000")  # what ends in 9000
FOR_EVER = ("sw:9000", "raw:6110", "raw:AA6101", "raw:6100", "sw:6C10", "short", "sw:6D00")


class Hostile:
    """One card that stays in its reader, and the person's own beside it in the end."""
    family = require = None
    types = ()
    apdus = closing = 0

    @classmethod
    def setUpClass(cls):
        cls.broker = familyrig.host("internet", cls.require, cls.__name__)
        cls.card = cls.family.make(cls.__name__)
        add_person(cls.broker, MINE, "hanako", secret=SECRET if SECRET in cls.types else None)
        cls.family.enrol(cls.broker, MINE, cls.card)
        cls.tries = cls.card.tries()

    @classmethod
    def tearDownClass(cls):
        cls.card.end()
        cls.broker.check_clean()

    def setUp(self):
        place(self.card)

    def tearDown(self):
        familyrig.empty_readers(self.card)
        World.pcsc.wait_card(0, False)

    def attempt(self, *faults):
        """With these faults, counted from the first command on."""
        self.card.ask("fault off")
        self.card.ask("fresh")
        for fault in faults:
            self.card.ask(f"fault {fault}")
        begun = time.monotonic()
        login = self.broker.login(user="hanako")
        login.finish(pins=self.types * 3)
        login.seconds = time.monotonic() - begun
        return login

    def refused(self, *faults, within=5.0):
        """Denied with a cause that the event names; no try is gone."""
        login = self.attempt(*faults)
        self.assertIn(login.result, (Result.DENIED, Result.UNAVAILABLE), (faults, login.said))
        self.assertLess(login.seconds, within, faults)
        event = [event for event in self.broker.events(4) if event["kind"] == "login"][-1]
        self.assertEqual(event["result"], "denied", faults)
        self.assertNotIn(event["cause"], ("", "internal"), faults)
        self.assertLess(self.card.counts()[0], 300, faults)
        self.assertEqual(self.card.tries(), self.tries, faults)
        return login

    def assert_usable(self):
        """The card without faults opens."""
        login = self.attempt()
        self.assertEqual(login.result, Result.GRANTED, login.said)

    def test_each_answer_wrong(self):
        for nth, what in itertools.product(range(1, self.apdus - self.closing + 1), WRONG):
            with self.subTest(nth=nth, what=what):
                if what in self.harmless(nth):
                    self.attempt(f"{nth} {what}")
                    self.assertEqual(self.card.tries(), self.tries)
                else:
                    self.refused(f"{nth} {what}")
        self.assert_usable()

    def harmless(self, _nth):
        """Wrong answers that are right here, or that nobody looks at."""
        return ()

    def test_wrong_for_ever(self):
        for nth, what in itertools.product(range(1, self.apdus - self.closing + 1), FOR_EVER):
            with self.subTest(nth=nth, what=what):
                self.refused(f"{nth}+ {what}")
        self.assert_usable()

    def test_never_an_answer(self):
        """To the broker's deadline; the worker is ended, the card is served again."""
        login = self.refused(f"{self.apdus - self.closing} hang", within=ANSWER_SECONDS + 5)
        self.assertEqual(login.said[-1], "X15")
        self.card.ask("fault off")
        take(self.card)
        place(self.card)
        self.assert_usable()

    def test_slow(self):
        self.card.ask("slow 20 100 300")
        self.assert_usable()

    def test_no_card_at_all(self):
        """An ATR that is none: nothing that can be spoken with."""
        take(self.card)
        for atr in ("3B" + "00" * 39, "00"):
            self.card.ask(f"atr {atr}")
            self.card.insert()
            login = self.broker.login(user="hanako")
            login.finish(pins=self.types)
            self.assertNotEqual(login.result, Result.GRANTED)
            self.card.remove()
            World.pcsc.wait_card(0, False)
        self.card.ask("atr default")
        place(self.card)
        self.assert_usable()

    def test_beside_the_own_card(self):
        """A stranger's card of the family that misbehaves in the first reader does not keep her out."""
        take(self.card)
        own = self.family.make(f"{type(self).__name__}-own", 1)
        self.family.enrol(self.broker, MINE, own)
        stranger = self.family.make(f"{type(self).__name__}-stranger", 0)
        try:
            place(own)
            place(stranger)
            for nth, what in itertools.product(range(1, self.apdus + 1), ("short", "long", "garbage", "sw:6F00", "sw:6985")):
                with self.subTest(nth=nth, what=what):
                    stranger.ask("fault off")
                    stranger.ask("fresh")
                    stranger.ask(f"fault {nth} {what}")
                    login = self.broker.login(user="hanako")
                    login.finish(pins=self.types * 2)
                    self.assertEqual(login.result, Result.GRANTED, login.said)
                    self.assertEqual((stranger.tries(), verifies(stranger)), (self.tries, 0))
        finally:
            for card in (own, stranger):
                card.end()
            World.pcsc.wait_card(0, False)
            World.pcsc.wait_card(1, False)


class FelicaCard(Hostile, unittest.TestCase):
    """Behind a reader of no known make."""
    family, require = Felica(), "card"
    apdus, closing = 5, 1

    def harmless(self, nth):
        return GOOD if nth == 2 else ()  # begin of a session: some readers say no more


class JpkiCard(Hostile, unittest.TestCase):
    """Its PIN is the most that it could get at."""
    family, require = Jpki(), "card"
    types = (PIN,)
    apdus = 9

    def harmless(self, nth):
        """Selections; and a card that says that its PIN was verified already gets it all the same."""
        return GOOD if nth not in (7, 9) else ()

    def test_what_it_says_of_its_tries(self):
        """One left, none, or more than there are; whenever it says so."""
        for nth, code in itertools.product((3, 6), ("63C1", "63C0", "6983", "6984")):
            with self.subTest(nth=nth, code=code):
                login = self.refused(f"{nth} sw:{code}")
                self.assertEqual((login.said[-1], verifies(self.card)), ("X37", 0))
        for code in ("63C1", "63C0", "6983", "6984"):
            with self.subTest(verify=code):
                login = self.refused(f"7 sw:{code}")
                self.assertEqual(login.said[-1], "X37")
        self.refused("7+ sw:63C9")
        self.assertLessEqual(verifies(self.card), 3)
        self.assert_usable()


class TokenSecret(Hostile, unittest.TestCase):
    """A YubiKey on the reader."""
    family, require = Token(), "token pin"
    types = (SECRET,)
    apdus = 2

    def harmless(self, nth):
        return GOOD if nth == 1 else ()


if __name__ == "__main__":
    familyrig.main(__doc__)
