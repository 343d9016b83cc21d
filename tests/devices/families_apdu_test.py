#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Commands and octets of a login, by family, flow and reader, as the audit event has them and as the card counted them;
prints the table.

Usage: families_apdu_test.py BUILD_DIR [TEST...]"""
import unittest

import familyrig
import pcscns
from brokerrig import Result
from familyrig import MINE, PIN, SECRET, Felica, Jpki, Piv, Token, add_person, place, take

READERS = {"rcs300": "SONY FeliCa RC-S300/S", "acr122u": "ACS ACR122U PICC Interface",
           "acr1252": "ACS ACR1252 Dual Reader", "generic": "Some NFC reader"}


class PivWith(Piv):
    """Of these algorithms."""

    def __init__(self, alg_9a, alg_9e):
        self.algs = {"alg_9a": alg_9a, "alg_9e": alg_9e}

    def options(self):
        return {**super().options(), **self.algs}


class Table(unittest.TestCase):
    """Each row with its own host; the numbers are those of the flow on paper."""

    @classmethod
    def tearDownClass(cls):
        width = max(len(row[0]) for row in ROWS)
        for name, apdus, sent, received in ROWS:
            print(f"{name:{width}} {apdus:3d} APDUs {sent:5d} + {received:4d} = {sent + received:4d} octets", flush=True)

    def login(self, name, family, require, want, types=(), slot=0, zone="internet", **options):
        """One login; APDUs, octets sent and received."""
        broker = familyrig.host(zone, require, name.translate(str.maketrans(" ,+/", "----")))
        card = family.make(name.replace(" ", "-").replace("/", "-"), slot, **options)
        add_person(broker, MINE, "hanako", secret=SECRET if SECRET in types else None)
        family.enrol(broker, MINE, card)
        place(card)
        login = broker.login(user="hanako")
        login.finish(pins=types)
        counts = card.counts()
        take(card)
        card.end()
        self.assertEqual(login.result, Result.GRANTED, login.said)
        event = [event for event in broker.events(3) if event["kind"] == "login"][-1]
        self.assertEqual((int(event["apdus"]), int(event["octets"])), (counts[0], counts[1] + counts[2]))
        ROWS.append((name, *counts))
        broker.check_clean()
        self.assertEqual(counts[0], want[0], name)
        if len(want) > 1:
            self.assertEqual(counts[1:], want[1:], name)
        return counts

    def test_jpki(self):
        """5 and 1: cards.md; 3 more where a card must first say what it is, since it is let go while a person types."""
        self.login("JPKI, card pin", Jpki(), "card pin", (6, 99, 268), (PIN,))
        self.login("JPKI, card", Jpki(), "card", (9, 125, 274), (PIN,))

    def test_felica(self):
        for slot, (kind, want) in enumerate({"rcs300": (4, 49, 56), "acr122u": (3, 73, 93), "acr1252": (3, 67, 87),
                                             "generic": (5, 85, 129)}.items()):
            self.login(f"FeliCa, {READERS[kind]}", Felica(kind), "card", want, slot=2 * slot)
        self.login("FeliCa, card pin", Felica("acr122u"), "card pin", (3, 73, 93), (SECRET,), slot=2)

    def test_yubikey_on_a_reader(self):
        self.login("YubiKey CCID, token pin", Token(), "token pin", (2, 82, 31), (SECRET,))

    def test_piv(self):
        """One command more than cards.md 2.1: the tries, of which the last one is never spent."""
        self.login("PIV P-256, 9E", PivWith("p256", "p256"), "card", (2,))
        self.login("PIV P-256, 9E PIN 9A", PivWith("p256", "p256"), "card pin", (5,), ("123456",))
        self.login("PIV 9E P-256, 9A RSA-2048", PivWith("rsa2048", "p256"), "card pin", (7,), ("123456",))
        self.login("PIV RSA-2048, no 9E", PivWith("rsa2048", "none"), "card pin", (7,), ("123456",))


ROWS = []


def set_readers():
    """One reader of each make."""
    pcscns.NAMES = tuple(READERS.values())


if __name__ == "__main__":
    familyrig.main(__doc__, entries=len(READERS), setup=set_readers)
