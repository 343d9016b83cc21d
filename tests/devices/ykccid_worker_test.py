#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-card and the OTP application of a YubiKey on a card reader: HMAC-SHA1 of its two slots.

Usage: ykccid_worker_test.py BUILD_DIR [TEST...]"""
import hashlib
import hmac
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import pcscns
import scard
from cardrig import BUILD, CardTest
from frames import Card, CardAlg, CardFamily, CardField, CardObject, CardReason
from hostilecards import HostileCards

YUBIKEY = CardFamily.YUBIKEY
SELECT = "00A4040007A0000005272001"
KEY1, KEY2 = bytes(range(0x30, 0x44)), bytes(range(20))
CHALLENGE = bytes(range(1, 33))
BOTH = [f"slot1={KEY1.hex()}", f"slot2={KEY2.hex()}", "serial=12345678"]


def response(key, challenge):
    """What the slot answers, by another HMAC than the card's."""
    return hmac.new(key, challenge, hashlib.sha1).digest()


class YubikeyTest(CardTest):
    """One key in slot 0."""

    def yubikey(self, *settings, **options):
        """The key."""
        return self.card(family="yubikey-ccid", set=list(settings or BOTH), **options)

    def ask(self, worker, slot=1, challenge=CHALLENGE, **fields):
        """SIGN; the answer."""
        return worker.sign(slot, CardAlg.HMAC_SHA1, challenge, family=YUBIKEY, **fields)

    def assert_response(self, answer, key, challenge=CHALLENGE):
        """The answer is SIGNED with the HMAC of exactly this challenge; its fields."""
        kind, fields = answer
        self.assertEqual(kind, Card.SIGNED, fields)
        self.assertEqual(fields[CardField.SIGNATURE], response(key, challenge))
        return fields


class Flows(YubikeyTest):
    """Commands and octets."""

    def test_both_slots(self):
        card = self.yubikey()
        for slot, p1, key in ((1, "30", KEY1), (2, "38", KEY2)):
            card.ask("fresh")
            fields = self.once(lambda worker, n=slot, k=key: self.assert_response(self.ask(worker, n), k))
            self.assertEqual((fields[CardField.APDUS], fields[CardField.SENT], fields[CardField.RECEIVED]),
                             (2, 82, 9 + 22))
            self.assertEqual(card.counts(), (2, 82, 9 + 22))
            self.assertEqual([command for command, _ in card.log()],
                             [SELECT, f"0001{p1}0040" + CHALLENGE.hex().upper() + "00" * 32 + "00"])

    def test_published_answer(self):
        """The example of ykchalresp(1)."""
        self.yubikey()
        kind, fields = self.ask(self.opened(), 1, b"Sample #2")
        self.assertEqual((kind, fields[CardField.SIGNATURE].hex()),
                         (Card.SIGNED, "0922d3405faa3d194f82a45830737d5cc6c75d24"))

    def test_every_length_counts_exactly(self):
        """Also where the challenge ends in what others pad with."""
        card = self.yubikey()
        worker = self.opened()
        for size in (1, 2, 20, 31, 32, 33, 62, 63):
            for last in (b"\x00", b"\x01", b"\xff"):
                with self.subTest(size=size, last=last):
                    challenge = os.urandom(size - 1) + last
                    self.assert_response(self.ask(worker, 2, challenge), KEY2, challenge)
                    sent = bytes.fromhex(card.log()[-1][0])
                    self.assertEqual((len(sent), sent[5:5 + size]), (70, challenge))
                    self.assertEqual({octet == last[0] for octet in sent[5 + size:69]}, {False})
        self.assert_response(self.ask(worker, 1, b"\0" * 32), KEY1, b"\0" * 32)

    def test_serial_number(self):
        card = self.yubikey()
        kind, fields = self.opened().read(CardObject.IDENTIFIER, family=YUBIKEY)
        self.assertEqual((kind, fields[CardField.DATA]), (Card.OBJECT, (12345678).to_bytes(4, "big")))
        self.assertEqual([command for command, _ in card.log()], [SELECT, "00011000"])

    def test_what_is_not_there(self):
        self.yubikey("slot2=" + KEY2.hex(), "serial=0")
        worker = self.opened()
        self.assert_failed(self.ask(worker, 1), CardReason.ABSENT, sw=0x9000)
        self.assert_failed(worker.read(CardObject.IDENTIFIER, family=YUBIKEY), CardReason.ABSENT, sw=0x9000)
        self.assert_failed(worker.read(CardObject.TRIES, family=YUBIKEY), CardReason.ABSENT)
        self.assert_failed(worker.read(CardObject.CERT_9A, family=YUBIKEY), CardReason.INTERNAL)
        self.assert_failed(worker.change_pin(YUBIKEY, "123456", "654321"), CardReason.ABSENT)
        self.assert_response(self.ask(worker, 2), KEY2)

    def test_refused_before_the_card(self):
        card = self.yubikey()
        worker = self.opened()
        for slot, challenge, fields in ((0, CHALLENGE, {}), (3, CHALLENGE, {}), (0x30, CHALLENGE, {}), (1, b"", {}),
                                        (1, bytes(64), {}), (1, CHALLENGE, {"pin": "123456"})):
            self.assert_failed(self.ask(worker, slot, challenge, **fields), CardReason.INTERNAL)
        self.assert_failed(worker.sign(1, CardAlg.P256, CHALLENGE, family=YUBIKEY), CardReason.INTERNAL)
        self.assertEqual(card.counts()[0], 0)

    def test_other_cards(self):
        self.card()
        self.assert_failed(self.ask(self.opened()), CardReason.UNKNOWN, sw=0x6A82)

    def test_slot_without_the_flag_of_short_challenges(self):
        """All 64 octets count: an answer that no verifier of 32 octets takes."""
        self.yubikey(f"slot1={KEY1.hex()}.fixed")
        kind, fields = self.ask(self.opened())
        self.assertEqual(kind, Card.SIGNED)
        self.assertEqual(fields[CardField.SIGNATURE], response(KEY1, CHALLENGE + bytes(32)))


class Touch(YubikeyTest):
    """A slot that waits for a finger."""

    def test_touched_in_time(self):
        self.yubikey(f"slot1={KEY1.hex()}.touch", "touch=700")
        begin = time.monotonic()
        self.assert_response(self.ask(self.opened()), KEY1)
        self.assertGreater(time.monotonic() - begin, 0.7)

    def test_pulled_while_it_waits(self):
        card = self.yubikey(f"slot1={KEY1.hex()}.touch", "touch=600000")
        worker = self.opened()
        self.ask_only(worker)
        time.sleep(0.3)
        card.remove()
        answers = dict(worker.receive(3) for _ in range(2))
        self.assertEqual(set(answers), {Card.FAILED, Card.REMOVED})
        self.assert_failed((Card.FAILED, answers[Card.FAILED]), CardReason.GONE)

    def test_the_broker_may_leave(self):
        card = self.yubikey(f"slot1={KEY1.hex()}.touch", "touch=600000")
        worker = self.opened()
        self.ask_only(worker)
        time.sleep(0.3)
        begin = time.monotonic()
        self.assertEqual(worker.close()[0], 0)
        self.assertLess(time.monotonic() - begin, 2)
        card.ask("set touch 0")
        card.remove()
        self.pcsc.wait_card(0, False)

    def test_never_touched(self):
        self.yubikey(f"slot1={KEY1.hex()}.touch", "touch=-1")
        worker = self.opened()
        self.ask_only(worker)
        self.assert_failed(worker.receive(25), CardReason.REFUSED, sw=0x6985)

    def ask_only(self, worker):
        """SIGN without waiting for the answer."""
        worker.send(Card.SIGN, family=YUBIKEY, key=1, alg=CardAlg.HMAC_SHA1, digest=CHALLENGE)


class Answers(YubikeyTest):
    """Answers that are none."""

    def test_lengths(self):
        card = self.yubikey()
        for size in (1, 19, 21, 22, 64, 300):
            with self.subTest(size=size):
                answer = self.faulty(card, self.ask, "2 raw:" + "AB" * size + "9000")
                self.assert_failed(answer, CardReason.MALFORMED)
        self.assert_failed(self.faulty(card, self.ask, "2 sw:9000"), CardReason.ABSENT)
        self.assert_failed(self.faulty(card, self.ask, "2 raw:" + "AB" * 20 + "6985"), CardReason.REFUSED, sw=0x6985)

    def test_serial_numbers(self):
        card = self.yubikey()
        for raw in ("01", "010203", "0102030405", "AB" * 300):
            with self.subTest(raw=raw):
                answer = self.faulty(card, lambda worker: worker.read(CardObject.IDENTIFIER, family=YUBIKEY),
                                     f"2 raw:{raw}9000")
                self.assert_failed(answer, CardReason.MALFORMED)

    def test_replay(self):
        card = self.yubikey()
        card.ask("rogue replay")
        worker = self.opened()
        self.assert_response(self.ask(worker), KEY1)
        kind, fields = self.ask(worker, 1, CHALLENGE[::-1])
        self.assertEqual(kind, Card.SIGNED)
        self.assertNotEqual(fields[CardField.SIGNATURE], response(KEY1, CHALLENGE[::-1]))

    def test_other_secret(self):
        self.yubikey(f"slot1={KEY2.hex()}")
        kind, fields = self.ask(self.opened())
        self.assertEqual(kind, Card.SIGNED)
        self.assertNotEqual(fields[CardField.SIGNATURE], response(KEY1, CHALLENGE))

    def test_neighbour_between_two_challenges(self):
        self.yubikey()
        worker = self.opened()
        self.assert_response(self.ask(worker), KEY1)
        with scard.Context() as context:
            neighbour = context.connect(self.pcsc.reader(0))
            neighbour.transmit("00A4040005A000000397")
            neighbour.disconnect(scard.RESET_CARD)
        self.assert_response(self.ask(worker), KEY1)


class Hostile(HostileCards, YubikeyTest):
    """The misbehaviours of all families."""
    APDUS = 2
    OPTIONS = {"family": "yubikey-ccid", "set": BOTH}

    def start(self, worker):
        worker.send(Card.SIGN, family=YUBIKEY, key=1, alg=CardAlg.HMAC_SHA1, digest=CHALLENGE)

    def assert_login(self, answer, card):
        self.assert_response(answer, KEY1)
        self.assertEqual(card.counts()[0], 2)


if __name__ == "__main__":
    if not BUILD:
        sys.exit(__doc__)
    pcscns.enter()
    del sys.argv[1]
    unittest.main(verbosity=2)
