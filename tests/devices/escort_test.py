#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Contractors who do not log in alone: a member of staff proves a card in the same attempt, with one reader and with
two. usage: escort_test.py BUILD_DIR (root)"""
import os
import sys
import time
import unittest

import brokerrig
import pcscns
from brokerrig import Result

BUILD = None
PIN = "123456"
CARDS = {"gyosha": {}, "gyosha2": {}, "hanako": {}, "taro": {}, "stranger": {}, "pinonly": {"alg_9e": "none"}}


def setUpModule():  # pylint: disable=invalid-name
    """One pcscd, one sensor; two cards of the same keys where a card goes into either reader."""
    World.pcsc = pcscns.Pcsc()
    World.pcsc.start()
    World.sensor = brokerrig.Sensor(BUILD)
    for name, options in CARDS.items():
        World.cards[name] = pcscns.VirtualCard(BUILD, name=name, pin=PIN, subject=name, **{"alg_9e": "p256", **options})
    pcscns.copy_state(World.cards["hanako"], "hanako-there")
    World.cards["hanako-there"] = pcscns.VirtualCard(BUILD, slot=1, name="hanako-there", pin=PIN)
    for card in World.cards.values():
        card.ask("log on")


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    for card in World.cards.values():
        card.end()
    World.sensor.end()
    World.pcsc.stop()


class World:
    """What all tests have in common."""
    pcsc = sensor = None
    cards = {}


def put(name):
    """The only card in the first reader from now on; pcscd has seen that the other one left."""
    card = World.cards[name]
    for other in World.cards.values():
        if other.slot == card.slot:
            other.remove()
    World.pcsc.wait_card(card.slot, False, settle=False)
    card.insert()
    World.pcsc.wait_card(card.slot)


class Host:
    """A contractor who needs somebody, another one, two of the staff."""
    zone = require = None
    settings = {}
    staff, contractors = {"100": "hanako"}, {"900": "gyosha"}

    @classmethod
    def setUpClass(cls):
        cls.broker = brokerrig.Broker(BUILD, cls.zone, cls.require, name=cls.__name__, throttle_after="100",
                                      card_wait="4", finger_wait="5", pin_wait="5", **cls.settings)
        cls.broker.init()
        cls.broker.start()
        for number, name in cls.staff.items():
            cls.broker.add_person(number, name)
        for number, name in cls.contractors.items():
            cls.broker.add_person(number, name, category="contractor", until=brokerrig.fiscal_year_end(), escort="yes",
                                  form="R8-1")
        for number, name in {**cls.staff, **cls.contractors}.items():
            cls.broker.enroll_card(number, World.cards[name], World.pcsc, PIN)

    @classmethod
    def tearDownClass(cls):
        cls.broker.check_clean()

    def setUp(self):
        put("gyosha")

    def tearDown(self):
        for card in World.cards.values():
            card.remove()
        for slot in (0, 1):
            World.pcsc.wait_card(slot, False, settle=slot == 1)

    def attempt(self, on, user="gyosha", pins=()):
        """One attempt; `on` says what happens at which message."""
        login = self.broker.login(user=user)
        login.finish(pins=pins, on=on)
        return login

    def event(self):
        """The newest login."""
        return [e for e in self.broker.events(4) if e["kind"] == "login"][-1]

    def granted(self, login, said):
        """With Hanako's attendance."""
        self.assertEqual((login.result, login.said[:-1]), (Result.GRANTED, said), login.said)
        self.assertEqual(login.user, "gyosha")
        event = self.event()
        self.assertEqual((event["person"], event["escort"], event["factors"]), ("900", "100", self.require))
        return event

    def refused(self, login, said, cause):
        """And the event is about the contractor."""
        self.assertEqual((login.result, login.said), (Result.DENIED, said))
        event = self.event()
        self.assertEqual((event["cause"], event["person"]), (cause, "900"))
        return event


class Card(Host, unittest.TestCase):
    """A card alone is asked for."""
    zone, require = "lgwan", "card"
    staff = {"100": "hanako", "200": "taro", "300": "pinonly"}
    contractors = {"900": "gyosha", "901": "gyosha2"}

    def test_one_reader(self):
        """His card, hers, and his again."""
        for user in ("gyosha", None):
            put("gyosha")
            login = self.attempt({"M24": lambda: put("hanako"), "M24b": lambda: put("gyosha")}, user=user)
            self.granted(login, ["M01", "M24", "M24b"])

    def test_two_readers(self):
        """Nothing has to be taken away."""
        login = self.attempt({"M24": World.cards["hanako-there"].insert})
        self.granted(login, ["M01", "M24"])

    def test_she_is_there_already(self):
        put("hanako-there")
        login = self.attempt({})
        self.granted(login, ["M01", "M24"])

    def test_a_pin_where_her_card_has_no_other_key(self):
        put("gyosha")
        login = self.attempt({"M24": lambda: put("pinonly"), "M24b": lambda: put("gyosha")}, pins=(PIN,))
        self.assertEqual((login.result, login.said[:-1]), (Result.GRANTED, ["M01", "M24", "X01", "M24b"]), login.said)
        self.assertEqual(self.event()["escort"], "300")
        self.assertEqual(World.cards["pinonly"].tries(), 3)

    def test_nobody_comes(self):
        begun = time.monotonic()
        self.refused(self.attempt({}), ["M01", "M24", "M24x"], "no-escort")
        self.assertLess(time.monotonic() - begun, 8)

    def test_his_card_does_not_come_back(self):
        event = self.refused(self.attempt({"M24": lambda: put("hanako")}), ["M01", "M24", "M24b", "X06"], "no-card")
        self.assertEqual(event["escort"], "100")

    def test_another_card_comes_back(self):
        login = self.attempt({"M24": lambda: put("hanako"), "M24b": lambda: put("gyosha2")})
        self.refused(login, ["M01", "M24", "M24b", "X06"], "no-card")

    def test_who_cannot_attend(self):
        """An unknown card, another contractor, his own once more, then the right one."""
        for name in ("stranger", "gyosha2"):
            put("gyosha")
            login = self.attempt({"M24": lambda: put(name),  # pylint: disable=cell-var-from-loop
                                  "M24w": lambda: put("hanako"), "M24b": lambda: put("gyosha")})
            self.granted(login, ["M01", "M24", "M24w", "M24b"])

        put("gyosha")
        self.refused(self.attempt({"M24": lambda: put("gyosha")}), ["M01", "M24", "M24x"], "no-escort")

    def test_who_may_not_be_here(self):
        """Without a right on this host, or stopped."""
        for change, back in (({"hosts": "test-02"}, {"hosts": "all"}), ({"escort": "yes"}, {"escort": "no"})):
            self.broker.must("person.change", person="200", **change)
            put("gyosha")
            login = self.broker.login(user="gyosha")
            login.until("M24")
            put("taro")
            self.assertEqual(login.until("M24w"), "INFO", login.said)
            login.hang_up()
            self.broker.must("person.change", person="200", **back)

    def test_taken_away_at_every_command(self):
        """Who pulls a card too early puts it down once more."""
        hanako = World.cards["hanako"]
        for nth in (1, 3):
            put("gyosha")

            def hurry(nth=nth):
                hanako.ask(f"fault {nth} drop")
                put("hanako")
                World.pcsc.wait_card(0, False)
                hanako.ask("fault off")
                put("hanako")
            login = self.attempt({"M24": hurry, "M24b": lambda: put("gyosha")})
            self.granted(login, ["M01", "M24", "M24b"])

    def test_others_need_nobody(self):
        put("taro")
        login = self.attempt({}, user="taro")
        self.assertEqual((login.result, login.said[:-1]), (Result.GRANTED, ["M01"]))
        self.assertNotIn("escort", self.event())

    def test_nothing_shows_before_his_card_is_proven(self):
        put("stranger")
        for user in ("gyosha", "nobody"):
            login = self.attempt({}, user=user)
            self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "M07"]))

    def test_the_client_goes(self):
        login = self.broker.login(user="gyosha")
        login.until("M24")
        login.hang_up()
        pcscns.wait_until(lambda: self.event()["cause"] == "abandoned", what="the end of the attempt")
        self.assertEqual(self.event()["person"], "900")
        self.assertNotIn("escort", self.event())


class Tap(Host, unittest.TestCase):
    """Nothing has to come back."""
    zone, require, settings = "internet", "card", {"presence": "tap"}

    def test_his_card_and_hers(self):
        self.granted(self.attempt({"M24": lambda: put("hanako")}), ["M01", "M24"])


class CardAndPin(Host, unittest.TestCase):
    """His PIN is asked for once, and goes to his card only."""
    zone, require = "lgwan", "card pin"

    def test_one_reader(self):
        before = len(World.cards["hanako"].log())
        login = self.attempt({"M24": lambda: put("hanako"), "M24b": lambda: put("gyosha")}, pins=(PIN,))
        self.granted(login, ["M01", "X01", "M24", "M24b"])
        self.assertEqual([c for c, _ in World.cards["hanako"].log()[before:] if c[2:4] == "20" and len(c) > 10], [])
        verified = [c for c, _ in World.cards["gyosha"].log() if c[2:4] == "20" and len(c) > 10]
        self.assertEqual(len(verified), 1, "since it is back")
        self.assertEqual(World.cards["hanako"].tries(), 3)


class CardAndFinger(Host, unittest.TestCase):
    """His finger is asked for when his card is back."""
    zone, require = "individual-number", "card finger"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for side, finger in (("right-index", "f01"), ("left-index", "f02")):
            cls.broker.enroll_finger("900", World.sensor, side, finger)

    def test_one_reader(self):
        login = self.attempt({"M24": lambda: put("hanako"), "M24b": lambda: put("gyosha"),
                              "M02": lambda: World.sensor.press("f01", 10)})
        event = self.granted(login, ["M01", "M24", "M24b", "M02"])
        self.assertEqual(event["finger"], "2")

    def test_pulled_before_the_finger(self):
        login = self.attempt({"M24": lambda: put("hanako"), "M24b": lambda: put("gyosha"),
                              "M02": World.cards["gyosha"].remove})
        self.refused(login, ["M01", "M24", "M24b", "M02", "X07"], "card-removed")

    def test_an_exception_besides(self):
        self.broker.must("exception.add", person="900", factors="card pin", hosts="test-01", reason="injured",
                         until=time.strftime("%Y-%m-%d"))
        login = self.attempt({"M24": lambda: put("hanako"), "M24b": lambda: put("gyosha")}, pins=(PIN,))
        self.broker.must("exception.end", person="900")
        self.assertEqual((login.result, login.said[:-1]), (Result.GRANTED, ["M01", "M24", "M24b", "X01"]), login.said)
        event = self.event()
        self.assertEqual((event["factors"], event["exception"], event["escort"]), ("card pin", "injured", "100"))


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
