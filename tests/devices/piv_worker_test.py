#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-card and PIV cards beyond a usual login: change of the PIN, PUK, RSA-3072, compressed certificates, a global PIN,
and misbehaviour at each command.

Usage: piv_worker_test.py BUILD_DIR [TEST...]"""
import gzip
import os
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import pcscns
import scard
from cardrig import BUILD, CardTest, DIGEST
from frames import Card, CardAlg, CardFamily, CardField, CardObject, CardReason
from hostilecards import HostileCards

PIV = CardFamily.PIV
PIN, PUK, WRONG = "123456", "12345678", "99999999"
SELECT = "00A4040009A0000003080000100000"
CHANGE, RESET, METADATA = "0024008010", "002C008010", "00F7008100"


def padded(pin):
    """Eight octets in hex."""
    return pin.encode().ljust(8, b"\xff").hex().upper()


def tlv(tag, value):
    """BER with a one-octet tag."""
    size = bytes([len(value)]) if len(value) < 0x80 else b"\x82" + len(value).to_bytes(2, "big")
    return bytes([tag]) + size + value


class PivTest(CardTest):
    """One PIV card in slot 0."""

    def sign(self, worker, pin=PIN):
        """SIGN with 9A; the answer."""
        return worker.sign(0x9A, CardAlg.P256, DIGEST, pin=pin)

    def assert_changed(self, answer, card=None):
        """The answer is CHANGED, with the counts of the card."""
        kind, fields = answer
        self.assertEqual(kind, Card.CHANGED, fields)
        if card is not None:
            self.assertEqual((fields[CardField.APDUS], fields[CardField.SENT], fields[CardField.RECEIVED]),
                             card.counts())
        return fields

    def commands(self, card, prefix):
        """Commands of the log that begin like this."""
        return [command for command, _ in card.log() if command.startswith(prefix)]

    def block(self):
        """Another program types the wrong PIN until none is left."""
        with scard.Context() as context:
            neighbour = context.connect(self.pcsc.reader(0))
            neighbour.transmit(SELECT)
            while neighbour.transmit("0020008008" + padded(WRONG)).hex() != "6983":
                pass
            neighbour.disconnect()


class Change(PivTest):
    """CHANGE REFERENCE DATA."""

    def test_change(self):
        for like in "AB":
            with self.subTest(like=like):
                card = self.card(like=like)
                worker = self.opened()
                fields = self.assert_changed(worker.change_pin(PIV, PIN, "87654321"), card)
                self.assertEqual((fields[CardField.APDUS], fields[CardField.SENT]), (3, 15 + 4 + 21))
                self.assertEqual(card.log()[-1][0], CHANGE + padded(PIN) + padded("87654321"))
                self.assert_failed(self.sign(worker), CardReason.PIN_WRONG)
                self.assert_signed(self.sign(worker, "87654321"), card, 0x9A, DIGEST)
                self.tearDown()
                self.setUp()

    def test_wrong_pin_never_spends_the_last_try(self):
        card = self.card()
        worker = self.opened()
        for tries in (2, 1):
            self.assert_failed(worker.change_pin(PIV, WRONG, "87654321"), CardReason.PIN_WRONG, tries=tries)
        for old in (WRONG, PIN):
            self.assert_failed(worker.change_pin(PIV, old, "87654321"), CardReason.PIN_LAST, tries=1)
        self.assertEqual((card.tries(), len(self.commands(card, CHANGE))), (1, 2))

    def test_blocked(self):
        card = self.card()
        self.block()
        card.ask("fresh")
        self.assert_failed(self.opened().change_pin(PIV, PIN, "87654321"), CardReason.PIN_BLOCKED, tries=0, sw=0x6983)
        self.assertFalse(self.commands(card, CHANGE))

    def test_format_is_checked_before_the_pin_goes_out(self):
        card = self.card()
        worker = self.opened()
        for old, new in (("12345", "654321"), ("123456789", "654321"), (PIN, "65432"), (PIN, "987654321"),
                         (PIN, "65432a"), ("", "654321"), (PIN, "")):
            self.assert_failed(worker.change_pin(PIV, old, new), CardReason.PIN_FORMAT)
        self.assert_failed(worker.change_pin(PIV, PIN, "654321", pinref=0x81), CardReason.PIN_FORMAT)
        self.assertEqual({command for command, _ in card.log()}, {SELECT})

    def test_a_pin_that_the_card_does_not_like(self):
        card = self.card()
        card.ask("fault 3 sw:6A80")
        self.assert_failed(self.opened().change_pin(PIV, PIN, "654321"), CardReason.PIN_FORMAT, sw=0x6A80)

    def test_global_pin(self):
        card = self.card(set="policy=6020")
        worker = self.opened()
        self.assertEqual(worker.read(CardObject.DISCOVERY)[1][CardField.DATA], bytes([0x60, 0x20]))
        self.assert_changed(worker.change_pin(PIV, PIN, "654321", pinref=0))
        self.assertEqual(card.log()[-1][0][:8], "00240000")
        self.assert_signed(worker.sign(0x9A, CardAlg.P256, DIGEST, pin="654321", pinref=0), card, 0x9A, DIGEST)
        self.assert_failed(worker.change_pin(PIV, PUK, PIN, pinref=0, unblock=1), CardReason.ABSENT)
        self.assertFalse(self.commands(card, "002C"))

    def test_no_global_pin(self):
        self.card()
        self.assert_failed(self.opened().change_pin(PIV, PIN, "654321", pinref=0), CardReason.ABSENT, sw=0x6A88)

    def test_pulled_at_each_command(self):
        card = self.card(insert=False)
        for nth in range(1, 4):
            with self.subTest(nth=nth):
                card.ask("fault off")
                card.ask(f"fault {nth} drop")
                card.insert()
                self.pcsc.wait_card(0)
                worker = self.opened()
                self.assert_failed(worker.change_pin(PIV, PIN, "654321"), CardReason.GONE)
                worker.expect(Card.REMOVED, 3)
                self.pcsc.wait_card(0, False)
                worker.close()

    def test_the_pin_is_forgotten(self):
        self.card(like="B")
        self.assert_changed(self.opened().change_pin(PIV, PIN, "654321"))
        with scard.Context() as context:
            neighbour = context.connect(self.pcsc.reader(0))
            neighbour.transmit(SELECT)
            self.assertEqual(neighbour.transmit("00200080").hex().upper(), "63C5")
            neighbour.disconnect()


class Unblock(PivTest):
    """RESET RETRY COUNTER."""

    def unblock(self, worker, puk=PUK, new="654321"):
        """PIN with UNBLOCK; the answer."""
        return worker.change_pin(PIV, puk, new, unblock=1)

    def test_unblock(self):
        for like in "AB":
            with self.subTest(like=like):
                card = self.card(like=like)
                self.block()
                card.ask("fresh")
                worker = self.opened()
                self.assert_changed(self.unblock(worker), card)
                self.assertEqual([command for command, _ in card.log()],
                                 [SELECT, "00200081", METADATA, RESET + padded(PUK) + padded("654321")])
                self.assert_signed(self.sign(worker, "654321"), card, 0x9A, DIGEST)
                self.tearDown()
                self.setUp()

    def assert_last_is_kept(self, **options):
        """Two wrong PUKs, then none is sent any more."""
        card = self.card(**options)
        worker = self.opened()
        for tries in (2, 1):
            self.assert_failed(self.unblock(worker, WRONG), CardReason.PIN_WRONG, tries=tries)
        for puk in (WRONG, PUK):
            self.assert_failed(self.unblock(worker, puk), CardReason.PIN_LAST, tries=1)
        self.assertEqual((card.ask("tries")[0].split()[2], len(self.commands(card, RESET))), ("1", 2))
        return card

    def test_last_try_is_kept_by_metadata(self):
        self.assert_last_is_kept(like="B")

    def test_last_try_is_kept_by_query(self):
        card = self.assert_last_is_kept(set="puk-query=yes")
        self.assertFalse(self.commands(card, METADATA))

    def test_a_card_that_does_not_tell(self):
        card = self.card()
        worker = self.opened()
        for tries in (2, 1):
            self.assert_failed(self.unblock(worker, WRONG), CardReason.PIN_WRONG, tries=tries)
        self.assert_changed(self.unblock(worker))
        self.assertEqual(card.ask("tries")[0], "ok 3 3")

    def test_blocked_puk(self):
        for options, sent in (({}, 1), ({"like": "B"}, 0), ({"set": "puk-query=yes"}, 0)):
            with self.subTest(options=options):
                card = self.card(**options)
                with scard.Context() as context:
                    neighbour = context.connect(self.pcsc.reader(0))
                    neighbour.transmit(SELECT)
                    for _ in range(3):
                        neighbour.transmit(RESET + padded(WRONG) + padded(PIN))
                    neighbour.disconnect()
                card.ask("fresh")
                self.assert_failed(self.unblock(self.opened()), CardReason.PIN_BLOCKED, tries=0)
                self.assertEqual(len(self.commands(card, RESET)), sent)
                self.tearDown()
                self.setUp()

    def test_format(self):
        card = self.card()
        worker = self.opened()
        for puk, new in (("12345", "654321"), ("123456789", "654321"), (PUK, "65432"), (PUK, "65432a"), ("", "654321")):
            self.assert_failed(self.unblock(worker, puk, new), CardReason.PIN_FORMAT)
        self.assertEqual({command for command, _ in card.log()}, {SELECT})
        self.assert_failed(self.unblock(worker, "ab!\u00e9 x"), CardReason.PIN_WRONG, tries=2)

    def test_metadata_that_is_none(self):
        card = self.card()
        for raw in ("9000", "06019000", "0601039000", "06030303039000", "AABBCC9000", "0684FFFFFFFF9000"):
            with self.subTest(raw=raw):
                self.assert_changed(self.faulty(card, self.unblock, f"3 raw:{raw}"))
        self.assert_failed(self.faulty(card, self.unblock, "3 raw:060203009000"), CardReason.PIN_BLOCKED, tries=0)
        self.assert_failed(self.faulty(card, self.unblock, "3 raw:060203019000"), CardReason.PIN_LAST, tries=1)
        self.assert_failed(self.faulty(card, self.unblock, "3 short"), CardReason.MALFORMED)


class Shapes(PivTest):
    """Keys and certificates that are not everywhere."""

    def test_rsa3072(self):
        for like in "AB":
            with self.subTest(like=like):
                card = self.card(like=like, alg_9a="rsa3072")
                worker = self.opened()
                kind, fields = worker.read(CardObject.CERT_9A, more=1)
                self.assertEqual((kind, fields[CardField.DATA]), (Card.OBJECT, card.certificate(0x9A)))
                for digest in (DIGEST, bytes(range(48))):
                    answer = worker.sign(0x9A, CardAlg.RSA3072, digest, pin=PIN, more=1)
                    fields = self.assert_signed(answer, card, 0x9A, digest)
                    self.assertEqual(len(fields[CardField.SIGNATURE]), 384)
                blocks = [command[:10] for command, _ in card.log() if command[2:4] == "87"]
                self.assertEqual(blocks, ["1087059AFF", "0087059A8B"] * 2)
                self.assert_failed(worker.sign(0x9A, CardAlg.RSA2048, DIGEST, pin=PIN), CardReason.ABSENT, sw=0x6A86)
                self.tearDown()
                self.setUp()

    def test_compressed_certificates(self):
        for like in "AB":
            with self.subTest(like=like):
                card = self.card(like=like, alg_9a="rsa2048", set="gzip=yes")
                worker = self.opened()
                for what, ref in ((CardObject.CERT_9A, 0x9A), (CardObject.CERT_9E, 0x9E)):
                    kind, fields = worker.read(what, more=1)
                    self.assertEqual((kind, fields[CardField.DATA]), (Card.OBJECT, card.certificate(ref)))
                self.tearDown()
                self.setUp()

    def read_object(self, card, body, info=b"\x01"):
        """The answer to READ of 9A where the card sends this as its certificate, in short answers."""
        data = tlv(0x53, tlv(0x70, body) + tlv(0x71, info) + b"\xfe\x00")
        pieces = [data[at:at + 1000] for at in range(0, len(data), 1000)]
        faults = [f"{n} raw:{piece.hex()}{'9000' if n == len(pieces) + 1 else '61FF'}"
                  for n, piece in enumerate(pieces, 2)]
        return self.faulty(card, lambda worker: worker.read(CardObject.CERT_9A), *faults)

    def test_bombs_and_broken_ones(self):
        card = self.card()
        good = card.certificate(0x9A)
        largest = tlv(0x30, os.urandom(20) * 409)
        kind, fields = self.read_object(card, gzip.compress(largest))
        self.assertEqual((kind, fields[CardField.DATA]), (Card.OBJECT, largest))
        bomb = gzip.compress(tlv(0x30, bytes(8189)))
        whole = gzip.compress(good)
        for name, body in {"bomb": bomb, "huge": gzip.compress(bytes(1 << 20)), "cut": whole[:-1],
                           "no end": whole[:-8], "checksum": whole[:-8] + bytes(8), "behind": whole + b"\0",
                           "two": whole + whole, "plain": good, "empty": b"", "header": whole[:10],
                           "no DER": gzip.compress(good + b"\0"), "of nothing": gzip.compress(b"")}.items():
            with self.subTest(name=name):
                self.assert_failed(self.read_object(card, body), CardReason.MALFORMED)

    def test_cert_info(self):
        card = self.card()
        good = card.certificate(0x9A)
        for info, body in ((b"\0", good), (b"\1", gzip.compress(good)), (b"\x80", gzip.compress(good))):
            self.assertEqual(self.read_object(card, body, info)[1].get(CardField.DATA), good)
        for info in (b"\2", b"\3", b"", b"\0\0"):
            self.assert_failed(self.read_object(card, good, info), CardReason.MALFORMED)


class Hostile(HostileCards, PivTest):
    """The misbehaviours of all families, at a login with a PIN."""
    APDUS = 4

    def start(self, worker):
        worker.send(Card.SIGN, family=PIV, key=0x9A, alg=CardAlg.P256, digest=DIGEST, pin=PIN)

    def assert_login(self, answer, card):
        self.assert_signed(answer, card, 0x9A, DIGEST, 4)


class HostileRsa(Hostile):
    """The same with a signature in several blocks and pieces."""
    APDUS = 6
    OPTIONS = {"alg_9a": "rsa2048"}
    test_one_octet_a_second = test_slow_card = test_zero_octets = None

    def start(self, worker):
        worker.send(Card.SIGN, family=PIV, key=0x9A, alg=CardAlg.RSA2048, digest=DIGEST, pin=PIN)

    def assert_login(self, answer, card):
        self.assert_signed(answer, card, 0x9A, DIGEST, 6)


if __name__ == "__main__":
    if not BUILD:
        sys.exit(__doc__)
    pcscns.enter()
    del sys.argv[1]
    unittest.main(verbosity=2)
