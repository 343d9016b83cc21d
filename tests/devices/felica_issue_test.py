#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""card issue and card enroll --master: keys of FeliCa cards that the desk makes, and keys that others made. Their
diversification is computed here with openssl.

Usage: felica_issue_test.py BUILD_DIR [TEST...]"""
import os
import subprocess
import unittest

import familyrig
import pcscns
from brokerrig import Admin, Result
from familyrig import Felica, World, place, state_of, take

ZERO = "0" * 32
LOCKED = "FFFF0001070000000000000000000000"
MASTER = bytes.fromhex("0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123")
OTHER = MASTER[::-1]
DOUBLING = 0x1B


def three_des(key, data, iv=None):
    """Three-key triple DES: one block, or CBC where there is a vector."""
    mode = ["-des-ede3"] if iv is None else ["-des-ede3-cbc", "-iv", iv.hex()]
    command = ["openssl", "enc", *mode, "-nopad", "-K", key.hex()]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def card_key(master, ident, turned):
    """CK of a card with this ID block: the CMAC of it, and of it with its first bit turned."""
    if turned:
        ident = ident[7::-1] + ident[:7:-1]
    plain = int.from_bytes(three_des(master, bytes(8)), "big")
    doubled = (plain << 1 & (1 << 64) - 1 ^ (DOUBLING if plain >> 63 else 0)).to_bytes(8, "big")
    last = bytes(a ^ b for a, b in zip(ident[8:], doubled))
    halves = []
    for first in (ident[0], ident[0] ^ 0x80):
        halves.append(three_des(master, bytes([first]) + ident[1:8] + last, bytes(8))[8:])
    return b"".join(halves)


class Desk(unittest.TestCase):
    """One host and one person after the other, each with one card."""
    SETTINGS = {}

    @classmethod
    def setUpClass(cls):
        cls.broker = familyrig.host("internet", "card", cls.__name__, **cls.SETTINGS)
        cls.people = 0

    @classmethod
    def tearDownClass(cls):
        cls.broker.check_clean()

    def setUp(self):
        self.cards = []

    def tearDown(self):
        self.clear()
        for card in self.cards:
            card.end()

    def clear(self):
        """No card in the reader."""
        familyrig.empty_readers(*self.cards)
        World.pcsc.wait_card(0, False)

    def card(self, *settings):
        """A card as it leaves the factory, but for these settings."""
        card = Felica().make(f"{self.id().rsplit('.', 1)[1]}-{len(self.cards)}", set=["reader=acr1252", *settings])
        self.cards.append(card)
        return card

    def person(self):
        """A new one: number and login."""
        type(self).people += 1
        number = f"{type(self).people:06d}"
        self.broker.add_person(number, f"user{number}")
        return number

    def call(self, card, verb="card.issue", *, number, **values):
        """One call; the card stays in the reader."""
        place(card)
        return self.broker.call(verb, person=number, **values)

    def issued(self, card, number, **values):
        """A call that must succeed; then the card opens."""
        call = self.call(card, number=number, **values)
        self.assertEqual(call.result, Admin.OK, (call.message, call.detail, self.broker.log()[-600:]))
        self.assert_opens(number)
        return call.rows[0]

    def assert_opens(self, number, result=Result.GRANTED):
        """A login with the card in the reader."""
        login = self.broker.login(user=f"user{number}")
        login.finish()
        self.assertEqual(login.result, result, login.said)

    def credentials(self, number):
        """[(family, state)] of a person."""
        return [(row["family"], row["state"]) for row in self.broker.must("card.list", person=number).rows]


class Issue(Desk):
    """Nothing goes wrong, or the card is none that can be issued."""

    def test_a_key_of_its_own(self):
        keys = set()
        for _ in range(2):
            self.clear()
            card, number = self.card(), self.person()
            row = self.issued(card, number)
            self.assertEqual((row["family"], row["strength"], row["pin"], row["keys"]), ("felica", "shared-key", "no", "1"))
            keys.add(state_of(card, "ck"))
            self.assertEqual((state_of(card, "ckv")[:4], state_of(card, "mc")[:10]), ("0100", "FFFFFF0107"))
            with open(f"{self.broker.state}/registry.db", "rb") as file:
                self.assertNotIn(bytes.fromhex(state_of(card, "ck")), file.read())
            self.assertNotIn(state_of(card, "ck").lower(), self.broker.log().lower())
        self.assertEqual(len(keys - {ZERO}), 2)

    def test_lock_and_version(self):
        card, number = self.card(), self.person()
        self.issued(card, number, lock="yes", version="513")
        self.assertEqual((state_of(card, "mc"), state_of(card, "ckv")[:4]), (LOCKED, "0102"))
        for again in (number, self.person()):
            call = self.call(card, number=again)
            self.assertEqual((call.result, call.message), (Admin.REFUSED, "K13"))
        self.assert_opens(number)

    def test_versions_that_are_none(self):
        card, number = self.card(), self.person()
        for version in ("65536", "-1", "x", "123456"):
            self.assertEqual(self.call(card, number=number, version=version).result, Admin.USAGE)
        self.assertEqual((state_of(card, "ck"), self.credentials(number)), (ZERO, []))

    def test_cards_that_cannot_be_issued(self):
        """FeliCa Lite, locked by others, configured by others: nothing is left of them on disk."""
        number = self.person()
        for setting in ("pmm=00F0000002060300", f"mc={LOCKED}", "mc=FFFFFF01070000000000000000FF0000",
                        "mc=FFFFFF01FF0000000000000000000000"):
            with self.subTest(setting=setting):
                card = self.card(setting)
                call = self.call(card, number=number)
                self.assertEqual((call.result, call.message), (Admin.REFUSED, "K13"), call.detail)
                take(card)
                self.assertEqual((state_of(card, "ck"), self.credentials(number)), (ZERO, []))

    def test_of_somebody_else(self):
        card, number = self.card(), self.person()
        self.issued(card, number)
        before = state_of(card, "ck")
        for again in (number, self.person()):
            self.assertEqual(self.call(card, number=again).message, "K13")
        self.assertEqual(state_of(card, "ck"), before)


class Master(Desk):
    """Keys that others made from a master key."""

    def diversified(self, turned, master=MASTER):
        ident = bytes.fromhex("012E4C0102030405") + os.urandom(8)
        return self.card(f"idm={ident[:8].hex()}", f"id={ident.hex()}", "ckv=0300" + "0" * 28,
                         f"ck={card_key(master, ident, turned).hex()}")

    def enroll(self, card, number, typed=MASTER.hex()):
        return self.call(card, "card.enroll", number=number, master="yes", pins=[typed])

    def test_both_orders(self):
        for turned in (False, True):
            with self.subTest(turned=turned):
                self.clear()
                card, number = self.diversified(turned), self.person()
                call = self.enroll(card, number)
                self.assertEqual(call.result, Admin.OK, call.detail)
                self.assert_opens(number)
                self.broker.must("person.remove", person=number)
        with open(f"{self.broker.state}/registry.db", "rb") as file:
            octets = file.read() + self.broker.log().encode()
        for secret in (MASTER, MASTER.hex().encode(), MASTER.hex().upper().encode()):
            self.assertNotIn(secret, octets)

    def test_the_wrong_master_key(self):
        card, number = self.diversified(False), self.person()
        for master in (OTHER, MASTER[:23] + b"\x00"):
            call = self.enroll(card, number, master.hex())
            self.assertEqual((call.result, call.message), (Admin.REFUSED, "K13"))
        for typed in ("", MASTER.hex()[:-1], MASTER.hex() + "00", "x" * 48, "00" * 24):
            with self.subTest(typed=typed):
                self.assertNotEqual(self.enroll(card, number, typed).result, Admin.OK)
        self.assertEqual(self.call(card, "card.enroll", number=number).message, "K13")
        self.assertEqual(self.credentials(number), [])

    def test_a_card_that_lies(self):
        """About its number, its version, its MAC, or with an answer of before."""
        card, number = self.diversified(True), self.person()
        for lie in ("other-id", "other-ckv", "zero-mac", "other-blocks", "no-list"):
            with self.subTest(lie=lie):
                card.ask(f"set lie {lie}")
                self.assertEqual(self.enroll(card, number).result, Admin.REFUSED)
        self.assertEqual(self.credentials(number), [])


def set_reader():
    """Few commands of its own."""
    pcscns.NAMES = ("ACS ACR1252 Dual Reader", *pcscns.NAMES[1:])


if __name__ == "__main__":
    familyrig.main(__doc__, setup=set_reader)
