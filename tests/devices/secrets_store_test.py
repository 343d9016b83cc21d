#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sealed shared keys and memorised secrets under the hands of somebody who may write the registry's
file, or carries it into another zone. usage: secrets_store_test.py BUILD_DIR (root)"""
import os
import re
import shutil
import sys
import unittest

import brokerrig
import pcscns
import storerig
from brokerrig import Result

BUILD = None
OLD, NEW = "suzume-84", "tsubame-12"


def held(card, word):
    """What the virtual card's file says."""
    with open(card.state, encoding="ascii") as file:
        return re.search(rf"^{word}[ =](\S+)", file.read(), re.MULTILINE).group(1)


class Rows(unittest.TestCase):
    """Two people with FeliCa cards and PINs of their own; each test begins with a copy."""

    @classmethod
    def setUpClass(cls):
        cls.pcsc = pcscns.Pcsc()
        cls.pcsc.start()
        cls.cards = {number: pcscns.VirtualCard(BUILD, name=f"store-{number}", family="felica", set="reader=generic")
                     for number in ("100", "200")}
        cls.broker = cls.host("home", "internet")
        cls.broker.init()
        cls.broker.start()
        for number, login in (("100", "hanako"), ("200", "taro")):
            cls.broker.add_person(number, login)
            cls.place(number)
            cls.broker.must("card.issue", person=number)
            cls.take(number)
        cls.broker.must("pin.set", person="100", pins=[OLD, OLD])
        cls.broker.stop()
        with storerig.opened(cls.broker) as db:
            cls.old_pin = cls.row(db, "100", 1)[1]
        cls.broker.start()
        cls.broker.must("pin.set", person="100", pins=[NEW, NEW])
        cls.broker.stop()
        cls.saved = f"{cls.broker.directory}/saved"
        shutil.copytree(cls.broker.state, cls.saved)

    @classmethod
    def tearDownClass(cls):
        for card in cls.cards.values():
            card.end()
        cls.pcsc.stop()

    @staticmethod
    def host(name, zone, **values):
        return brokerrig.Broker(BUILD, zone, "card pin" if zone == "internet" else "card", name=f"store-{name}",
                                throttle_after="100", **values)

    @staticmethod
    def row(db, number, nth):
        """(credential, sealed) number `nth` of a person, in the order in which they were made."""
        return db.execute("SELECT credential, sealed FROM secret WHERE person=? ORDER BY length(sealed)",
                          (storerig.person_id(db, number),)).fetchall()[nth]

    @classmethod
    def place(cls, number):
        cls.cards[number].insert()
        cls.pcsc.wait_card(0)

    @classmethod
    def take(cls, number):
        cls.cards[number].remove()
        cls.pcsc.wait_card(0, False)

    def setUp(self):
        shutil.rmtree(self.broker.state)
        shutil.copytree(self.saved, self.broker.state)
        with open(self.broker.log_path, "wb"):
            pass

    def tearDown(self):
        self.broker.check_clean()

    def login(self, broker=None, number="100", user="hanako", pins=(NEW,)):
        """(result, message) of one attempt."""
        self.place(number)
        login = (broker or self.broker).login(user=user)
        message = login.finish(pins=list(pins))
        self.take(number)
        return login.result, message

    def edit(self, sql, *values):
        with storerig.opened(self.broker) as db:
            self.assertNotEqual(db.execute(sql, values).rowcount, 0, sql)

    def secret(self, number, nth=0):
        with storerig.opened(self.broker) as db:
            return self.row(db, number, nth)

    def assert_card_is_nobodys(self):
        """As somebody else's card to the person, named to whoever reads the log."""
        self.broker.start()
        self.assertEqual(self.login(), (Result.DENIED, "M07"))
        self.assertIn("shared key of 100: ", self.broker.log())
        self.assertEqual(self.broker.events(1)[0]["cause"], "not-proven")

    def test_untouched(self):
        self.broker.start()
        result, message = self.login()
        self.assertEqual(result, Result.GRANTED, message)

    def test_flipped(self):
        credential, sealed = self.secret("100")
        for at in (0, 5, len(sealed) // 2, len(sealed) - 1):
            with self.subTest(at=at):
                self.setUp()
                bad = bytearray(sealed)
                bad[at] ^= 0x10
                self.edit("UPDATE secret SET sealed=? WHERE credential=?", bytes(bad), credential)
                self.assert_card_is_nobodys()
                self.broker.stop()

    def test_somebody_elses(self):
        """Taro's row on Hanako's credential: his card does not open her account."""
        credential, _ = self.secret("100")
        _, sealed = self.secret("200")
        self.edit("UPDATE secret SET sealed=? WHERE credential=?", sealed, credential)
        self.assert_card_is_nobodys()
        self.assertEqual(self.login(number="200"), (Result.DENIED, "M07"))

    def test_moved_to_another_credential(self):
        mine, _ = self.secret("100")
        his, _ = self.secret("200")
        self.edit("DELETE FROM secret WHERE credential=?", mine)
        self.edit("UPDATE secret SET credential=?, person=? WHERE credential=?", mine,
                  self.id_of("100"), his)
        self.assert_card_is_nobodys()
        self.assertEqual(self.login(number="200"), (Result.DENIED, "M07"))

    def id_of(self, number):
        with storerig.opened(self.broker) as db:
            return storerig.person_id(db, number)

    def test_deleted(self):
        self.edit("DELETE FROM secret WHERE credential=?", self.secret("100")[0])
        self.assert_card_is_nobodys()

    def test_an_old_pin_put_back(self):
        self.edit("UPDATE secret SET sealed=? WHERE credential=?", self.old_pin, self.secret("100", 1)[0])
        self.broker.start()
        for pin in (OLD, NEW):
            self.assertEqual(self.login(pins=(pin,)), (Result.UNAVAILABLE, "X13"))
        self.assertRegex(self.broker.log(), "100: ")

    def test_nothing_that_the_desk_says_holds_the_key(self):
        ck = held(self.cards["100"], "ck").lower()
        self.assertRegex(ck, "^[0-9a-f]{32}$")
        self.broker.start()
        for verb, values in (("person.show", {"person": "100"}), ("card.list", {}), ("audit.show", {"last": "50"}),
                             ("status", {}), ("devices", {})):
            said = repr(self.broker.must(verb, **values).rows).lower()
            self.assertNotIn(ck, said, verb)
        self.assertNotIn(ck, self.broker.log().lower())
        self.broker.stop()
        with open(f"{self.broker.state}/registry.db", "rb") as file:
            store = file.read()
        self.assertNotIn(bytes.fromhex(ck), store)
        for pin in (OLD, NEW):
            self.assertNotIn(pin.encode(), store)

    def elsewhere(self, name):
        """A host of the LGWAN zone with the keys of this one, which it would never have."""
        other = self.host(name, "lgwan")
        other.init()
        for key in ("seal.key", "authority.key"):
            shutil.copy(f"{self.broker.state}/{key}", f"{other.state}/{key}")
        return other

    def test_the_whole_store_in_another_zone(self):
        other = self.elsewhere("copied")
        shutil.copy(f"{self.broker.state}/registry.db", f"{other.state}/registry.db")
        other.start()
        self.assertEqual(self.login(other, pins=()), (Result.UNAVAILABLE, "X13"))
        self.assertIn("another zone", other.log())
        other.check_clean()

    def test_one_key_in_another_zone(self):
        """The person is known there by the same staff number and gets the row of her card."""
        other = self.host("other", "lgwan")
        other.init()
        other.start()
        other.add_person("100", "hanako")
        self.place("100")
        self.assertEqual(other.call("card.enroll", person="100").message, "K13")
        self.take("100")
        other.stop()
        credential, sealed = self.secret("100")
        with storerig.opened(other) as db:
            db.execute("INSERT INTO secret(credential, ref, person, sealed) VALUES(?,?,?,?)",
                       (credential, 0x87, storerig.person_id(db, "100"), sealed))
        other.start()
        self.assertEqual(self.login(other, pins=()), (Result.DENIED, "M07"))
        other.check_clean()


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
