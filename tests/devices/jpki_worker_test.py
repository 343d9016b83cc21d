#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-card and My Number cards: what a login, an enrolment and a change of the PIN ask of the card, and that the last
try of its PIN is never spent.

Usage: jpki_worker_test.py BUILD_DIR [TEST...]"""
import os
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import pcscns
import scard
from cardrig import BUILD, CardTest, DIGEST, verify
from frames import Card, CardAlg, CardFamily, CardField, CardObject, CardReason
from hostilecards import HostileCards

JPKI = CardFamily.JPKI
KEY = 0x17
PIN, WRONG = "1234", "9999"
SELECT, SELECT_PIN, SELECT_KEY = "00A4040C0AD392F000260100000001", "00A4020C020018", "00A4020C020017"
VERIFY = "0020008004"
DIGEST_INFO = "3031300D060960864801650304020105000420"


class JpkiTest(CardTest):
    """One My Number card in slot 0."""

    def jpki(self, **options):
        """The card."""
        return self.card(family="jpki", **options)

    def sign(self, worker, pin=PIN, **fields):
        """SIGN with the authentication key; the answer."""
        return worker.sign(KEY, CardAlg.RSA2048, DIGEST, family=JPKI, pin=pin, **fields)

    def neighbour(self, *commands):
        """Another program sends these; its answers in hex."""
        with scard.Context() as context:
            card = context.connect(self.pcsc.reader(0))
            answers = [card.transmit(command).hex().upper() for command in commands]
            card.disconnect()
        return answers

    def spend(self, times):
        """Another program types a wrong PIN so many times."""
        self.neighbour(SELECT, SELECT_PIN, *[VERIFY + "39393939"] * times)

    def verifies(self, card):
        """How often a PIN went to the card since the log began."""
        return sum(command.startswith(VERIFY) for command, _ in card.log())


class Flows(JpkiTest):
    """Commands and octets."""

    def test_login(self):
        card = self.jpki()
        got = self.assert_signed(self.sign(self.opened()), card, KEY, DIGEST, 6)
        self.assertEqual((got[CardField.SENT], got[CardField.RECEIVED]), (99, 268))
        self.assertEqual([command for command, _ in card.log()],
                         [SELECT, SELECT_PIN, "00200080", VERIFY + "31323334", SELECT_KEY,
                          "802A008033" + DIGEST_INFO + DIGEST.hex().upper() + "00"])

    def test_the_pin_is_forgotten(self):
        card = self.jpki()
        self.assert_signed(self.sign(self.opened()), card, KEY, DIGEST)
        self.assertEqual(self.neighbour(SELECT, SELECT_PIN, "00200080")[-1], "63C3")

    def test_certificate(self):
        card = self.jpki()
        worker = self.opened()
        kind, fields = worker.read(CardObject.CERT_JPKI, family=JPKI)
        self.assertEqual((kind, fields[CardField.DATA]), (Card.OBJECT, card.certificate(KEY)))
        size = len(card.certificate(KEY))
        pieces = [command[4:] for command, _ in card.log() if command.startswith("00B0")]
        want = ["000004"] + [f"{at:04X}{min(256, size - at) % 256:02X}" for at in range(4, size, 256)]
        self.assertEqual(pieces, want)
        self.assertEqual(fields[CardField.APDUS], 2 + len(want))

    def test_objects(self):
        self.jpki()
        worker = self.opened()
        kind, fields = worker.read(CardObject.TRIES, family=JPKI)
        self.assertEqual((kind, fields[CardField.TRIES], CardField.DATA in fields), (Card.OBJECT, 3, False))
        self.assert_failed(worker.read(CardObject.IDENTIFIER, family=JPKI), CardReason.ABSENT)
        self.assert_failed(worker.read(CardObject.CERT_9A, family=JPKI), CardReason.INTERNAL)

    def test_nothing_else_is_read(self):
        """No token, no serial number, no signature certificate, no other application."""
        card = self.jpki()
        worker = self.opened()
        for what in (CardObject.CERT_JPKI, CardObject.TRIES, CardObject.IDENTIFIER):
            worker.read(what, family=JPKI, more=1)
        self.sign(worker)
        selected = {command for command, _ in card.log() if command[2:4] == "A4"}
        self.assertEqual(selected, {SELECT, SELECT_PIN, SELECT_KEY, "00A4020C02000A"})

    def test_other_families_do_not_know_it(self):
        self.jpki()
        worker = self.opened()
        for family in (CardFamily.PIV, CardFamily.YUBIKEY):
            self.assert_failed(worker.read(CardObject.IDENTIFIER, family=family), CardReason.UNKNOWN, sw=0x6A82)
        self.tearDown()
        self.setUp()
        self.card()
        self.assert_failed(self.sign(self.opened()), CardReason.UNKNOWN, sw=0x6A82)

    def test_refused_before_the_card(self):
        card = self.jpki()
        worker = self.opened()
        for key, alg, digest in ((0x1A, CardAlg.RSA2048, DIGEST), (KEY, CardAlg.P256, DIGEST),
                                 (KEY, CardAlg.RSA2048, bytes(48)), (KEY, CardAlg.RSA2048, bytes(20))):
            self.assert_failed(worker.sign(key, alg, digest, family=JPKI, pin=PIN), CardReason.INTERNAL)
        self.assertEqual(card.counts()[0], 0)

    def test_without_pin(self):
        self.jpki()
        self.assert_failed(self.sign(self.opened(), pin=None), CardReason.PIN_NEEDED, sw=0x6982)


class Pins(JpkiTest):
    """Three tries, and a way to the municipal counter after them."""

    def test_last_try_is_never_spent(self):
        card = self.jpki()
        worker = self.opened()
        self.assert_failed(self.sign(worker, WRONG), CardReason.PIN_WRONG, tries=2, sw=0x63C2)
        self.assert_failed(self.sign(worker, WRONG), CardReason.PIN_WRONG, tries=1, sw=0x63C1)
        for pin in (WRONG, PIN):
            self.assert_failed(self.sign(worker, pin), CardReason.PIN_LAST, tries=1, sw=0x63C1)
            self.assert_failed(worker.change_pin(JPKI, pin, "5678"), CardReason.PIN_LAST, tries=1)
        self.assertEqual((card.tries(), self.verifies(card)), (1, 2))

    def test_right_pin_restores_the_tries(self):
        card = self.jpki()
        worker = self.opened()
        self.assert_failed(self.sign(worker, WRONG), CardReason.PIN_WRONG, tries=2)
        self.assert_signed(self.sign(worker), card, KEY, DIGEST)
        self.assertEqual(card.tries(), 3)

    def test_blocked(self):
        for code in (0x6983, 0x6984):
            with self.subTest(code=f"{code:04X}"):
                card = self.jpki(set=f"blocked={code:04X}")
                self.spend(3)
                card.ask("fresh")
                worker = self.opened()
                self.assert_failed(self.sign(worker), CardReason.PIN_BLOCKED, tries=0, sw=code)
                self.assert_failed(worker.change_pin(JPKI, PIN, "5678"), CardReason.PIN_BLOCKED, tries=0, sw=code)
                self.assert_failed(worker.read(CardObject.TRIES, family=JPKI), CardReason.PIN_BLOCKED, tries=0)
                self.assertEqual(self.verifies(card), 0)
                self.tearDown()
                self.setUp()

    def test_blocked_in_the_middle(self):
        card = self.jpki()
        for code in (0x6983, 0x6984, 0x63C0):
            with self.subTest(code=f"{code:04X}"):
                answer = self.faulty(card, self.sign, f"4 sw:{code:04X}")
                self.assert_failed(answer, CardReason.PIN_BLOCKED, tries=0, sw=code)
                self.assertEqual(card.counts()[0], 4)

    def test_what_the_query_says_counts(self):
        card = self.jpki()
        for code, why in ((0x63C1, CardReason.PIN_LAST), (0x63C0, CardReason.PIN_BLOCKED),
                          (0x6A88, CardReason.ABSENT), (0x6D00, CardReason.REFUSED), (0x6A82, CardReason.REFUSED)):
            with self.subTest(code=f"{code:04X}"):
                self.assert_failed(self.faulty(card, self.sign, f"3 sw:{code:04X}"), why, sw=code)
                self.assertEqual(card.counts()[0], 3)

    def test_counter_that_jumps_up(self):
        card = self.jpki()
        card.ask("fault 4 sw:63C9")
        worker = self.opened()
        self.assert_failed(self.sign(worker, WRONG), CardReason.PIN_WRONG, tries=9)

    def test_format_is_checked_before_the_card(self):
        card = self.jpki()
        worker = self.opened()
        for pin in ("", "1", "123", "12345", "123456", "12a4", "１２３４", "123\0"):
            self.assert_failed(self.sign(worker, pin), CardReason.PIN_FORMAT)
        self.assert_failed(self.sign(worker, pinref=0x00), CardReason.PIN_FORMAT)
        self.assertEqual(card.counts()[0], 0)

    def test_verified_by_a_neighbour_still_asks(self):
        card = self.jpki()
        with scard.Context() as context:
            neighbour = context.connect(self.pcsc.reader(0))
            for command in (SELECT, SELECT_PIN, VERIFY + "31323334"):
                self.assertEqual(neighbour.transmit(command).hex(), "9000")
            self.assert_failed(self.sign(self.opened(), WRONG), CardReason.PIN_WRONG, tries=2)
            neighbour.disconnect()
        card.ask("fault 3 sw:9000")
        card.ask("fresh")
        self.assert_failed(self.sign(self.opened(), WRONG), CardReason.PIN_WRONG, tries=1)

    def test_change(self):
        card = self.jpki()
        worker = self.opened()
        fields = self.assert_changed(worker.change_pin(JPKI, PIN, "5678"))
        self.assertEqual(fields[CardField.APDUS], 5)
        self.assertEqual([command for command, _ in card.log()][3:], [VERIFY + "31323334", "0024018004" + "35363738"])
        self.assert_failed(self.sign(worker), CardReason.PIN_WRONG, tries=2)
        self.assert_signed(self.sign(worker, "5678"), card, KEY, DIGEST)

    def test_change_that_is_refused(self):
        card = self.jpki()
        worker = self.opened()
        for old, new in (("12345", "5678"), (PIN, "567"), (PIN, "56789"), (PIN, "56a8"), (PIN, "")):
            self.assert_failed(worker.change_pin(JPKI, old, new), CardReason.PIN_FORMAT)
        self.assertEqual(self.verifies(card), 0)
        self.assert_failed(worker.change_pin(JPKI, WRONG, "5678"), CardReason.PIN_WRONG, tries=2)
        self.assertFalse([command for command, _ in card.log() if command.startswith("0024")])
        self.assert_signed(self.sign(worker), card, KEY, DIGEST)

    def test_no_unblock(self):
        card = self.jpki()
        self.assert_failed(self.opened().change_pin(JPKI, "12345678", "5678", unblock=1), CardReason.ABSENT)
        self.assertEqual(self.verifies(card), 0)

    def test_change_pulled_at_each_command(self):
        card = self.jpki(insert=False)
        for nth in range(1, 6):
            with self.subTest(nth=nth):
                time.sleep(pcscns.POLL)  # pcscd may miss what comes right after a removal
                card.ask("fault off")
                card.ask(f"fault {nth} drop")
                card.insert()
                self.pcsc.wait_card(0)
                worker = self.opened()
                answer = worker.change_pin(JPKI, PIN, "5678")
                if answer[0] != Card.REMOVED:  # pcscd noticed before the command came back
                    self.assert_failed(answer, CardReason.GONE)
                    worker.expect(Card.REMOVED, 3)
                worker.close()
                self.pcsc.wait_card(0, False)
        card.ask("fault off")
        card.insert()
        self.pcsc.wait_card(0)
        card.ask("fresh")
        self.assert_signed(self.sign(self.opened()), card, KEY, DIGEST)

    def assert_changed(self, answer):
        """The answer is CHANGED; its fields."""
        self.assertEqual(answer[0], Card.CHANGED, answer[1])
        return answer[1]


class Keys(JpkiTest):
    """Whose signature it is, openssl decides in here as the broker does at a login."""

    def signature(self):
        """The signature of the card in the reader."""
        kind, fields = self.sign(self.opened())
        self.assertEqual(kind, Card.SIGNED, fields)
        return fields[CardField.SIGNATURE]

    def test_renewal_is_another_key(self):
        old = self.jpki()
        key = old.public_key(KEY)
        old.remove()
        self.pcsc.wait_card(0, False)
        renewed = self.jpki()
        worker = self.opened()
        certificate = worker.read(CardObject.CERT_JPKI, family=JPKI)[1][CardField.DATA]
        self.assertEqual(certificate, renewed.certificate(KEY))
        self.assertNotEqual(certificate, old.certificate(KEY))
        renewed.public_key = lambda ref: key
        self.assertFalse(verify(renewed, KEY, DIGEST, self.signature()))

    def test_copied_certificate(self):
        old = self.jpki()
        pcscns.copy_state(old, "original")
        old.remove()
        self.pcsc.wait_card(0, False)
        clone = self.jpki(clone_public=f"{pcscns.ROOT}/original.state")
        kind, fields = self.opened().read(CardObject.CERT_JPKI, family=JPKI)
        self.assertEqual((kind, fields[CardField.DATA]), (Card.OBJECT, old.certificate(KEY)))
        self.assertFalse(verify(clone, KEY, DIGEST, self.signature()))

    def test_replay(self):
        card = self.jpki()
        card.ask("rogue replay")
        first = self.signature()
        answer = self.opened().sign(KEY, CardAlg.RSA2048, DIGEST[::-1], family=JPKI, pin=PIN)
        self.assertEqual(answer[1][CardField.SIGNATURE], first)
        self.assertFalse(verify(card, KEY, DIGEST[::-1], first))

    def test_signature_of_another_length(self):
        card = self.jpki()
        for raw in ("9000", "AA9000", "AA" * 255 + "9000", "AA" * 257 + "9000", "AA" * 512 + "9000"):
            with self.subTest(octets=len(raw) // 2 - 2):
                self.assert_failed(self.faulty(card, self.sign, "6 raw:" + raw), CardReason.MALFORMED)

    def test_in_pieces(self):
        """A reader that hands over less than a card has; GET RESPONSE has the class of all."""
        card = self.jpki()
        card.ask("fault 6 raw:" + "AA" * 128 + "6180")
        card.ask("fault 7 raw:" + "BB" * 128 + "9000")
        kind, fields = self.sign(self.opened())
        self.assertEqual((kind, fields[CardField.SIGNATURE]), (Card.SIGNED, b"\xAA" * 128 + b"\xBB" * 128))
        self.assertEqual(card.log()[6][0], "00C0000080")


class Certificates(JpkiTest):
    """Files that are none: commands 1 and 2 select, 3 reads the header, 4 and more the rest."""

    def read(self, card, *faults):
        """The answer to READ with these faults."""
        answer = self.faulty(card, lambda worker: worker.read(CardObject.CERT_JPKI, family=JPKI), *faults)
        self.assertLess(card.counts()[0], 80)
        return answer

    def test_headers(self):
        card = self.jpki()
        for header in ("", "30", "308203", "3080AABB", "3084FFFF", "30030201", "3182030A", "3083FFFF", "30821FFD",
                       "3082FFFF", "3082030A00", "0000" * 2):
            with self.subTest(header=header):
                self.assert_failed(self.read(card, f"3 raw:{header}9000"), CardReason.MALFORMED)

    def test_bodies(self):
        card = self.jpki()
        for raw in ("9000", "AA" * 257 + "9000", "AA" * 600 + "9000"):
            with self.subTest(octets=len(raw) // 2 - 2):
                self.assert_failed(self.read(card, f"4 raw:{raw}"), CardReason.MALFORMED)
        self.assert_failed(self.read(card, "4+ raw:AA9000"), CardReason.MALFORMED)
        self.assert_failed(self.read(card, "4 sw:6B00"), CardReason.REFUSED, sw=0x6B00)
        self.assert_failed(self.read(card, "3 sw:6982"), CardReason.PIN_NEEDED)
        self.assert_failed(self.read(card, "2 sw:6A82"), CardReason.ABSENT)

    def test_short_pieces(self):
        card = self.jpki()
        data = card.certificate(KEY)
        faults = [f"{n} raw:{data[at:at + 100].hex()}9000" for n, at in ((4, 4), (5, 104), (6, 204))]
        kind, fields = self.read(card, *faults)
        self.assertEqual((kind, fields[CardField.DATA]), (Card.OBJECT, data))


class Hostile(HostileCards, JpkiTest):
    """The misbehaviours of all families."""
    APDUS = 6
    OPTIONS = {"family": "jpki"}

    def start(self, worker):
        worker.send(Card.SIGN, family=JPKI, key=KEY, alg=CardAlg.RSA2048, digest=DIGEST, pin=PIN)

    def assert_login(self, answer, card):
        self.assert_signed(answer, card, KEY, DIGEST, 6)


if __name__ == "__main__":
    if not BUILD:
        sys.exit(__doc__)
    pcscns.enter()
    del sys.argv[1]
    unittest.main(verbosity=2)
