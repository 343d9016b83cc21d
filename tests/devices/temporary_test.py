#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Cards that are lent for a day by a host with a register of its own: who gets one, what it opens, when it is over.
usage: temporary_test.py BUILD_DIR (root)"""
import os
import shutil
import sys
import time
import unittest

import brokerrig
import pcscns
from brokerrig import Admin, Result

BUILD = None
PIN = "123456"


class Lending(unittest.TestCase):
    """Hanako forgot her card; Taro has his."""

    @classmethod
    def setUpClass(cls):
        cls.pcsc = pcscns.Pcsc()
        cls.pcsc.start()
        cls.cards = {name: pcscns.VirtualCard(BUILD, name=name, alg_9a="p256", pin=PIN,
                                              alg_9e="none" if name == "pin-only" else "p256")
                     for name in ("hanako", "taro", "stock", "pin-only")}
        cls.inside = None

    @classmethod
    def tearDownClass(cls):
        for card in cls.cards.values():
            card.end()
        cls.pcsc.stop()

    def setUp(self):
        self.broker = self.host(temporary_until="23:59")
        for number, name in (("100", "hanako"), ("200", "taro")):
            self.broker.add_person(number, name)
            self.broker.enroll_card(number, self.cards[name], self.pcsc, PIN)
        if time.strftime("%H:%M") >= "23:58":
            time.sleep(120)  # in the last minutes of a day none is lent

    def host(self, **settings):
        broker = brokerrig.Broker(BUILD, "internet", "card", name=self.id().rsplit(".", 1)[1], card_wait="3",
                                  throttle_after="100", **settings)
        broker.init()
        broker.start()
        self.addCleanup(shutil.rmtree, broker.directory)
        self.addCleanup(broker.check_clean)
        self.addCleanup(self.take_out)
        return broker

    def take_out(self):
        """The reader is empty."""
        if Lending.inside is not None:
            Lending.inside.remove()
            self.pcsc.wait_card(0, False)
        Lending.inside = None

    def put(self, name, wait=True):
        self.take_out()
        Lending.inside = self.cards[name]
        Lending.inside.insert()
        if wait:
            self.pcsc.wait_card(0)

    def lend(self, person="100", card="stock", result=Admin.OK, **values):
        """A card from the stock; no PIN is asked for."""
        call = self.broker.call("temporary.issue", on={"K12": lambda _: self.put(card, False)}, person=person, **values)
        self.take_out()
        self.assertEqual(call.result, result, (call.message, call.detail))
        self.assertNotIn("X01", [message for message, _ in call.events])
        return call

    def login(self, card, user):
        self.put(card)
        login = self.broker.login(user=user)
        login.finish()
        self.take_out()
        return login

    def test_a_day(self):
        call = self.lend(label="K-03", form="4-1")
        self.assertEqual((call.message, call.arguments["name"]), ("K19", "Name of 100"))
        event = self.broker.events(1)[0]
        self.assertEqual([event[k] for k in ("kind", "person", "reason", "form", "operator")],
                         ["card-lent", "100", "forgotten", "4-1", "root"])
        login = self.login("stock", "hanako")
        self.assertEqual(login.result, Result.GRANTED, login.said)
        self.assertIn("M11", login.said)
        self.assertEqual(self.login("hanako", "hanako").said[-1], "M08")
        self.assertEqual(self.login("stock", "taro").said[-1], "M07")
        self.assertEqual(self.lend(result=Admin.EXISTS).message, "H38")
        row = self.broker.must("temporary.list").rows[0]
        self.assertEqual([row[k] for k in ("number", "label", "overdue")], ["100", "K-03", "no"])
        self.broker.must("temporary.return", person="100")
        self.assertEqual(self.broker.must("temporary.list").rows, [])
        self.assertEqual(self.login("hanako", "hanako").result, Result.GRANTED)
        self.assertEqual(self.login("stock", "hanako").said[-1], "M08")
        self.assertEqual(self.broker.call("temporary.return", person="100").result, Admin.NOT_FOUND)
        with self.subTest("lent to the next one"):
            self.lend("200")
            self.assertEqual(self.login("stock", "taro").result, Result.GRANTED)
            self.assertEqual(self.login("stock", "hanako").said[-1], "M07")
        self.broker.must("audit.verify")

    def test_cards_that_are_not_lent(self):
        for card, message in (("taro", "K13"), ("pin-only", "K13")):
            with self.subTest(card=card):
                self.assertEqual(self.lend(card=card, result=Admin.REFUSED).message, message)
        self.assertEqual(self.broker.must("temporary.list").rows, [])

    def test_who_gets_none(self):
        self.broker.must("person.change", person="100", zones="lgwan")
        self.assertEqual(self.lend(result=Admin.REFUSED).message, None)
        self.assertEqual(self.lend("999", result=Admin.NOT_FOUND).message, None)
        self.assertEqual(self.lend(person="200", reason="whim", result=Admin.USAGE).message, None)

    def test_evening(self):
        """After temporary_until none is lent, and the one that is out is good for nothing."""
        self.lend()
        self.broker.stop()
        self.broker.configure("internet", "card", temporary_until="00:01", card_wait="3")
        self.broker.start()
        if time.strftime("%H:%M") < "00:02":
            time.sleep(120)
        self.assertEqual(self.lend("200", result=Admin.REFUSED).message, "H39")


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
