#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Attendance with My Number cards, FeliCa cards and YubiKeys: whose PIN goes where, and what is awaited.

Usage: escort_families_test.py BUILD_DIR [TEST...]"""
import shutil
import unittest

import brokerrig
import familyrig
from brokerrig import Result
from familyrig import SECRET, Felica, Jpki, Piv, World, empty_readers, verifies

HANAKO, GYOSHA = "100", "900"


class Attended:
    """A contractor and who attends him, with cards of one family each."""
    his, hers = None, None
    zone, require = "lgwan", "card"

    @classmethod
    def setUpClass(cls):
        name = cls.__name__
        cls.broker = familyrig.host(cls.zone, cls.require, name, card_wait="5")
        cls.broker.add_person(HANAKO, "hanako")
        cls.broker.add_person(GYOSHA, "gyosha", category="contractor", until=brokerrig.fiscal_year_end(), escort="yes", form="R8-1")
        cls.cards = {}
        for number, login, family in ((HANAKO, "hanako", cls.hers), (GYOSHA, "gyosha", cls.his)):
            cls.cards[login] = family.make(f"{name}-{login}")
            family.enrol(cls.broker, number, cls.cards[login])

    @classmethod
    def tearDownClass(cls):
        for card in cls.cards.values():
            card.end()
        cls.broker.check_clean()
        shutil.rmtree(cls.broker.directory)

    def tearDown(self):
        empty_readers(*self.cards.values())

    def put(self, login):
        """The only card in the reader."""
        empty_readers(*self.cards.values())
        self.cards[login].insert()
        World.pcsc.wait_card(0)

    def attended(self, said, pins):
        """Both cards in turn; the answers to prompts as they come."""
        self.put("gyosha")
        login = self.broker.login(user="gyosha")
        login.finish(pins=pins, on={"M24": lambda: self.put("hanako"), "M24b": lambda: self.put("gyosha")})
        self.assertEqual((login.result, login.said[:-1]), (Result.GRANTED, said), login.said)
        event = [e for e in self.broker.events(4) if e["kind"] == "login"][-1]
        self.assertEqual((event["person"], event["escort"]), (GYOSHA, HANAKO))


class MyNumber(Attended, unittest.TestCase):
    """Each of the two types a PIN once, and it goes to the own card only."""
    his, hers = Jpki("1111"), Jpki("2222")

    def test_one_reader(self):
        self.attended(["M01", "X01", "M24", "X01", "M24b"], ("1111", "2222"))
        self.assertEqual([card.tries() for card in self.cards.values()], [3, 3])

    def test_her_card_stays(self):
        """His PIN is kept for his card: hers does not get it."""
        self.put("gyosha")
        login = self.broker.login(user="gyosha")
        login.finish(pins=("1111", "2222"), on={"M24": lambda: self.put("hanako")})
        self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "X01", "M24", "X01", "M24b", "X06"]))
        self.assertEqual((verifies(self.cards["hanako"]), self.cards["hanako"].tries()), (1, 3))


class MyNumberAndPiv(Attended, unittest.TestCase):
    """He types his PIN once, she none."""
    his, hers = Jpki("1111"), Piv()

    def test_one_reader(self):
        self.attended(["M01", "X01", "M24", "M24b"], ("1111",))
        self.assertEqual(verifies(self.cards["gyosha"]), 1, "since it is back")


class FelicaCards(Attended, unittest.TestCase):
    """Nobody types anything."""
    his, hers = Felica(), Felica()

    def test_one_reader(self):
        self.attended(["M01", "M24", "M24b"], ())


class Keys(unittest.TestCase):
    """Security keys on USB."""

    @classmethod
    def setUpClass(cls):
        cls.broker = familyrig.host("lgwan", "token pin", "keys", card_wait="8")
        cls.broker.add_person(HANAKO, "hanako")
        cls.broker.add_person(GYOSHA, "gyosha", category="contractor", until=brokerrig.fiscal_year_end(), escort="yes", form="R8-1")
        cls.broker.must("pin.set", person=GYOSHA, pins=[SECRET, SECRET])
        cls.keys = {}
        for n, (number, login) in enumerate(((HANAKO, "hanako"), (GYOSHA, "gyosha"))):
            key = cls.keys[login] = World.bus().key(n, serial=30000000 + n)
            key.plug()
            cls.broker.must("yubikey.enroll", person=number, **{"no-touch": "yes"})
            key.unplug()

    @classmethod
    def tearDownClass(cls):
        cls.broker.check_clean()
        shutil.rmtree(cls.broker.directory)

    def setUp(self):
        self.keys["gyosha"].plug()

    def tearDown(self):
        for key in self.keys.values():
            key.unplug()

    def attempt(self, on, user="gyosha"):
        """One attempt; the memorised secret is typed where it is asked for."""
        login = self.broker.login(user=user)
        login.finish(pins=(SECRET,), on=on)
        return login

    def granted(self, login, said):
        """With Hanako's attendance; the secret comes last."""
        self.assertEqual((login.result, login.said[:-1]), (Result.GRANTED, said), login.said)
        event = [e for e in self.broker.events(4) if e["kind"] == "login"][-1]
        self.assertEqual((event["person"], event["escort"], event["factors"]), (GYOSHA, HANAKO, "token pin"))

    def test_both_are_plugged_in(self):
        for user in ("gyosha", None):
            login = self.attempt({"M24k": self.keys["hanako"].plug}, user=user)
            self.granted(login, ["X63", "M24k", "X61"])
            self.keys["hanako"].unplug()

    def test_one_after_the_other(self):
        def swap(out, into):
            self.keys[out].unplug()
            self.keys[into].plug()
        back = [lambda: None, lambda: swap("hanako", "gyosha")]
        login = self.attempt({"M24k": lambda: swap("gyosha", "hanako"), "X63": back})
        self.granted(login, ["X63", "M24k", "X63", "X61"])

    def test_a_key_that_cannot_attend(self):
        """It is not asked for a touch over and over."""
        self.broker.must("person.change", person=HANAKO, hosts="test-02")
        login = self.attempt({"M24k": self.keys["hanako"].plug})
        self.broker.must("person.change", person=HANAKO, hosts="all")
        self.assertEqual((login.result, login.said), (Result.DENIED, ["X63", "M24k", "M24x"]))
        self.assertLess(login.took, 6)

    def test_nobody_comes(self):
        login = self.attempt({})
        self.assertEqual((login.result, login.said), (Result.DENIED, ["X63", "M24k", "M24x"]))


if __name__ == "__main__":
    familyrig.main(__doc__)
