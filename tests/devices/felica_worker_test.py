#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-card and FeliCa Lite-S behind each kind of reader: commands and octets, what a card may not get away with, and
the writing of a card key. The MAC is computed here a third time, with openssl.

Usage: felica_worker_test.py BUILD_DIR [TEST...]"""
import os
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import pcscns
from cardrig import BUILD, CardTest
from frames import Card, CardAlg, CardFamily, CardField, CardObject, CardReason
from hostilecards import HostileCards

FELICA = CardFamily.FELICA
KEY = 0x87
CK = bytes(range(16))
RC = bytes(range(16, 32))
IDM = bytes.fromhex("012E4C0102030405")
ID = IDM + bytes.fromhex("00F1000000000000")
CKV = b"\x01" + bytes(15)
OTHER = bytes.fromhex("FEDCBA98765432100123456789ABCDEF")
BEGIN, END = "FFC20000028100", "FFC20000028200"


def turned(data):
    """Each half of eight octets the other way round."""
    return b"".join(data[at:at + 8][::-1] for at in range(0, len(data), 8))


def encrypt(key, vector, data):
    """Two-key triple DES in CBC mode."""
    command = ["openssl", "enc", "-des-ede-cbc", "-nopad", "-K", key.hex(), "-iv", vector.hex()]
    return subprocess.run(command, input=data, capture_output=True, check=True).stdout


def mac_a(key, challenge, blocks, data):
    """MAC_A of a read of these blocks, 91 the last of them."""
    session = encrypt(turned(key), bytes(8), turned(challenge))
    head = b"".join(bytes([block, 0]) for block in blocks).ljust(8, b"\xFF")
    return turned(encrypt(session, turned(challenge)[:8], turned(head + data))[-8:])


def is_right(answer, key=CK, challenge=RC, number=IDM, version=b"\x01\x00"):
    """What the broker asks of blocks 82, 86, 91."""
    return (len(answer) == 48 and answer[:8] == number and answer[16:18] == version and
            answer[32:40] == mac_a(key, challenge, (0x82, 0x86, 0x91), answer[:32]))


class FelicaTest(CardTest):
    """A reader of one kind with one card; the subclasses say which."""
    NAME, KIND = "SONY FeliCa RC-S300/S", "rcs300"

    @classmethod
    def setUpClass(cls):
        cls.names, pcscns.NAMES = pcscns.NAMES, (cls.NAME, *pcscns.NAMES[1:])
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        pcscns.NAMES = cls.names

    @classmethod
    def options(cls, *settings):
        """Command line options of the virtual card."""
        return {"family": "felica",
                "set": [f"reader={cls.KIND}", f"idm={IDM.hex()}", f"id={ID.hex()}", f"ck={CK.hex()}",
                        f"ckv={CKV.hex()}", *settings]}

    def felica(self, *settings, **options):
        """The card, enrolled with key CK and version 1."""
        return self.card(**self.options(*settings), **options)

    def sign(self, worker, challenge=RC, **fields):
        """SIGN with the card key; the answer."""
        return worker.sign(KEY, CardAlg.MAC_A, challenge, family=FELICA, **fields)

    def answer(self, worker, challenge=RC, **fields):
        """The 48 octets of a SIGN that succeeds."""
        kind, got = self.sign(worker, challenge, **fields)
        self.assertEqual(kind, Card.SIGNED, got)
        return got[CardField.SIGNATURE]

    def expect_counts(self, card, fields, *counts):
        """The worker's counts are these, and the card's."""
        got = (fields[CardField.APDUS], fields[CardField.SENT], fields[CardField.RECEIVED])
        self.assertEqual(got, card.counts())
        self.assertEqual(got, counts)


class OneReader:
    """What is the same behind each reader; LOGIN: the commands, COUNTS: APDUs and octets of one login."""
    LOGIN, COUNTS, IDENTIFY = (), (), 0
    FRAMES = True  # the worker sees the card's frames

    def test_login(self):
        card = self.felica()
        kind, fields = self.sign(self.opened())
        self.assertEqual(kind, Card.SIGNED, fields)
        self.assertTrue(is_right(fields[CardField.SIGNATURE]))
        self.assertEqual(fields[CardField.SIGNATURE], ID + CKV + bytes.fromhex("0BE50B096D81596A") + bytes(8))
        self.assertEqual(tuple(command for command, _ in card.log()), self.LOGIN)
        self.expect_counts(card, fields, *self.COUNTS)

    def test_login_again_and_in_one_transaction(self):
        self.felica()
        worker = self.opened()
        for n in range(4):
            challenge = os.urandom(16)
            self.assertTrue(is_right(self.answer(worker, challenge, more=n % 2), challenge=challenge))

    def test_identifier(self):
        card = self.felica()
        worker = self.opened()
        kind, fields = worker.read(CardObject.IDENTIFIER, family=FELICA, more=1)
        self.assertEqual((kind, fields[CardField.DATA]), (Card.OBJECT, IDM))
        self.assertEqual(card.counts()[0], self.IDENTIFY)
        self.assertTrue(is_right(self.answer(worker)))

    def test_what_a_card_has_not(self):
        card = self.felica()
        worker = self.opened()
        self.assert_failed(worker.read(CardObject.TRIES, family=FELICA), CardReason.ABSENT)
        self.assert_failed(worker.read(CardObject.CERT_9A, family=FELICA), CardReason.INTERNAL)
        self.assert_failed(worker.change_pin(FELICA, "1234", "5678"), CardReason.ABSENT)
        before = card.counts()
        self.assert_failed(self.sign(worker, pin="1234"), CardReason.INTERNAL)
        for length in (0, 15, 17, 32):
            self.assert_failed(self.sign(worker, bytes(length)), CardReason.INTERNAL)
        self.assertEqual(card.counts(), before)

    def test_lies(self):
        """What the MAC does not cover is refused; what breaks the frame does not get through."""
        card = self.felica()
        for lie in ("zero-mac", "other-blocks", "no-list", "other-id", "other-ckv"):
            with self.subTest(lie=lie):
                card.ask(f"set lie {lie}")
                self.assertFalse(is_right(self.once(self.answer)))
        for lie in ("short", "long", "cut", "foreign-idm") + (("count",) if self.FRAMES else ()):
            with self.subTest(lie=lie):
                card.ask(f"set lie {lie}")
                kind, fields = self.once(self.sign)
                self.assertEqual(kind, Card.FAILED, fields)
                self.assertIn(fields[CardField.REASON], (CardReason.MALFORMED, CardReason.REFUSED))
        card.ask("set lie none")
        self.assertTrue(is_right(self.once(self.answer)))

    def test_old_answers(self):
        card = self.felica()
        for ask in ("rogue replay", "set lie old-rc"):
            with self.subTest(ask=ask):
                card.ask(ask)
                self.assertTrue(is_right(self.once(self.answer)))
                fresh = os.urandom(16)
                old = self.once(lambda worker, rc=fresh: self.answer(worker, rc))
                self.assertTrue(is_right(old) and not is_right(old, challenge=fresh))
                card.ask("rogue none")
                card.ask("set lie none")

    def test_other_cards(self):
        card = self.felica()
        for name, value in (("ck", OTHER), ("id", IDM[:7] + b"\x06" + ID[8:]), ("ckv", b"\x02" + bytes(15))):
            with self.subTest(name=name):
                card.ask(f"set {name} {value.hex()}")
                self.assertFalse(is_right(self.once(self.answer)))
                card.ask(f"set {name} {({'ck': CK, 'id': ID, 'ckv': CKV})[name].hex()}")

    def test_felica_lite(self):
        """Without MAC_A: no answer, and no key is written to it."""
        card = self.felica("pmm=00F0000002060300")
        self.assertEqual(self.once(self.sign)[0], Card.FAILED)
        kind, fields = self.once(lambda worker: worker.issue(FELICA, OTHER, 2))
        self.assertEqual(kind, Card.FAILED, fields)
        self.assertIn(fields[CardField.REASON], (CardReason.ABSENT, CardReason.REFUSED))
        with open(card.state, encoding="ascii") as file:
            self.assertIn(f"ck {CK.hex().upper()}\n", file.read())

    def test_other_families_are_unknown(self):
        self.felica()
        worker = self.opened()
        for family in (CardFamily.PIV, CardFamily.JPKI, CardFamily.YUBIKEY):
            self.assert_failed(worker.read(CardObject.IDENTIFIER, family=family), CardReason.UNKNOWN)
        self.assertTrue(is_right(self.answer(worker)))

    def test_issue(self):
        card = self.felica("ck=" + bytes(16).hex())
        worker = self.opened()
        kind, fields = worker.issue(FELICA, OTHER, 0x0203)
        self.assertEqual(kind, Card.CHANGED, fields)
        self.assertEqual((fields[CardField.APDUS], fields[CardField.SENT], fields[CardField.RECEIVED]), card.counts())
        self.assertTrue(is_right(self.answer(worker), OTHER, version=b"\x03\x02"))
        card.remove()
        self.pcsc.wait_card(0, False)
        card.insert()
        self.pcsc.wait_card(0)
        self.assertTrue(is_right(self.once(self.answer), OTHER, version=b"\x03\x02"))

    def test_lock(self):
        """Once locked the card proves its key for ever and takes no other."""
        card = self.felica()
        worker = self.opened()
        for lock in (0, 1):
            kind, fields = worker.issue(FELICA, OTHER, 7, lock=lock)
            self.assertEqual(kind, Card.CHANGED, fields)
            self.assertTrue(is_right(self.answer(worker), OTHER, version=b"\x07\x00"))
        self.assert_failed(worker.issue(FELICA, CK, 8), CardReason.REFUSED)
        self.assertEqual(worker.issue(FELICA, CK, 8, lock=1)[0], Card.CHANGED)  # it is what was asked for
        with open(card.state, encoding="ascii") as file:
            self.assertIn("mc FFFF0001070000000000000000000000\n", file.read())
        self.assertTrue(is_right(self.once(self.answer), OTHER, version=b"\x07\x00"))

    def test_issue_pulled_at_each_command(self):
        card = self.felica(insert=False)
        nth, done = 0, False
        while not done and nth < 99:
            nth += 1
            with self.subTest(nth=nth):
                time.sleep(pcscns.POLL)  # pcscd may miss what comes right after a removal
                card.ask("fault off")
                card.ask(f"fault {nth} drop")
                card.insert()
                self.pcsc.wait_card(0)
                kind, fields = self.once(lambda worker: worker.issue(FELICA, OTHER, 7))
                done = kind == Card.CHANGED
                if not done and kind != Card.REMOVED:  # pcscd noticed before the command came back
                    self.assertEqual(fields[CardField.REASON], CardReason.GONE)
                if not done:
                    self.pcsc.wait_card(0, False)
        self.assertGreater(nth, 4)
        card.ask("fault off")
        card.remove()
        self.pcsc.wait_card(0, False)
        card.insert()
        self.pcsc.wait_card(0)
        self.assertEqual(self.once(lambda worker: worker.issue(FELICA, OTHER, 7))[0], Card.CHANGED)
        self.assertTrue(is_right(self.once(self.answer), OTHER, version=b"\x07\x00"))

    def start(self, worker):
        """A login, for the misbehaviours of all families."""
        worker.send(Card.SIGN, family=FELICA, key=KEY, alg=CardAlg.MAC_A, digest=RC)

    def assert_login(self, answer, card):
        """The login succeeded."""
        kind, fields = answer
        self.assertEqual(kind, Card.SIGNED, fields)
        self.assertTrue(is_right(fields[CardField.SIGNATURE]))
        self.expect_counts(card, fields, *self.COUNTS)


class RcS300(OneReader, HostileCards, FelicaTest):
    """The reader knows services and blocks."""
    LOGIN = ("FFA40001020900", "FFD68001128080" + RC.hex().upper(), "FFA40001020B00", "FFB080030680828086809130")
    COUNTS, IDENTIFY, APDUS = (4, 49, 56), 3, 4
    FRAMES = False
    OPTIONS = FelicaTest.options()

    def test_ic_code(self):
        """The reader tells the PMm: no FeliCa Lite, no standard FeliCa."""
        card = self.felica()
        for ic in range(256):
            card.ask(f"set pmm 00{ic:02X}000000014300")
            if 0xEF <= ic <= 0xF8 or ic % 64 == 1:
                kind, fields = self.once(lambda worker: worker.read(CardObject.IDENTIFIER, family=FELICA))
                self.assertEqual(kind == Card.OBJECT, 0xF1 <= ic <= 0xF7, fields)


class FrameReader(OneReader, FelicaTest):
    """Readers that hand on the card's frames."""
    WRITE = "2008" + IDM.hex().upper() + "0109000180" + "80" + RC.hex().upper()
    READ = "1406" + IDM.hex().upper() + "010B0003808280868091"


class Acr122u(FrameReader, HostileCards):
    """Through the PN532's InDataExchange."""
    NAME, KIND = "ACS ACR122U PICC Interface", "acr122u"
    LOGIN = ("FFCA000000", "FF00000023D44001" + FrameReader.WRITE, "FF00000017D44001" + FrameReader.READ)
    COUNTS, IDENTIFY, APDUS = (3, 73, 93), 1, 3

    def test_silence_on_the_air(self):
        card = self.felica()
        for status in ("01", "02", "13", "29"):
            answer = self.faulty(card, self.sign, f"2 raw:D541{status}9000")
            self.assert_failed(answer, CardReason.GONE)


class Acr1252(FrameReader):
    """Frames as they are: the code of the two others without what is around them."""
    NAME, KIND = "ACS ACR1252 Dual Reader", "acr1252"
    LOGIN = ("FFCA000000", "FF00000020" + FrameReader.WRITE, "FF00000014" + FrameReader.READ)
    COUNTS, IDENTIFY, APDUS = (3, 67, 87), 1, 3


class Generic(FrameReader, HostileCards):
    """PC/SC part 3: a transparent session around the frames, which is always closed."""
    NAME, KIND = "Some NFC reader", "generic"
    LOGIN = ("FFCA000000", BEGIN, "FFC20001229520" + FrameReader.WRITE, "FFC20001169514" + FrameReader.READ, END)
    COUNTS, IDENTIFY, APDUS = (5, 85, 129), 1, 4
    CLOSES = (END,)

    def test_the_session_is_closed(self):
        card = self.felica()
        for nth in (3, 4):
            for what in ("sw:6300", "raw:C00301640190" + "00", "raw:9000", "short"):
                with self.subTest(nth=nth, what=what):
                    self.assertEqual(self.faulty(card, self.sign, f"{nth} {what}")[0], Card.FAILED)
                    self.assertEqual(card.log()[-1][0], END)
        self.assertEqual(self.faulty(card, self.sign, "5 sw:6300")[0], Card.SIGNED)


for reader in (Acr122u, Acr1252, Generic):
    reader.OPTIONS = reader.options()
del FrameReader, reader


if __name__ == "__main__":
    if not BUILD:
        sys.exit(__doc__)
    pcscns.enter()
    del sys.argv[1]
    unittest.main(verbosity=2)
