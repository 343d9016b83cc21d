#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-card against real pcscd and virtual cards: what it asks of a card, and what it says when
card, reader, pcscd or a neighbour misbehaves.

Usage: card_worker_test.py BUILD_DIR [TEST...]"""
import os
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import pcscns
import scard
from cardrig import BUILD, CardTest, DIGEST
from cardworker import reason
from frames import Card, CardAlg, CardField, CardObject, CardReason

DIGEST_384 = bytes(range(48))
PIN = "123456"
SELECT = "00A4040009A0000003080000100000"


class Flows(CardTest):
    """What a login costs and whether it works, on both kinds of card."""

    def flow(self, like, alg_9a, digest, apdus, sent):
        """9E, then VERIFY and 9A in the same transaction."""
        names = {CardAlg.P256: "p256", CardAlg.P384: "p384", CardAlg.RSA2048: "rsa2048"}
        card = self.card(like=like, alg_9a=names[alg_9a])
        worker = self.opened()
        first = worker.sign(0x9E, CardAlg.P256, DIGEST, more=1)
        got = self.assert_signed(first, card, 0x9E, DIGEST, 2)
        self.assertEqual(got[CardField.SENT], 59)
        second = worker.sign(0x9A, alg_9a, digest, pin=PIN)
        got = self.assert_signed(second, card, 0x9A, digest, apdus)
        self.assertEqual(got[CardField.SENT], sent)
        worker.send(Card.END)
        self.assertEqual([c[0][:8] for c in card.log()[2:4]], ["00200080", "00200080"])

    def test_p256_like_a(self):
        self.flow("A", CardAlg.P256, DIGEST, 5, 120)

    def test_p256_like_b(self):
        self.flow("B", CardAlg.P256, DIGEST, 5, 120)

    def test_p384(self):
        self.flow("A", CardAlg.P384, DIGEST_384, 5, 136)
        self.tearDown()
        self.setUp()
        self.flow("B", CardAlg.P384, DIGEST_384, 5, 136)

    def test_rsa2048_like_a(self):
        self.flow("A", CardAlg.RSA2048, DIGEST, 7, 358)

    def test_rsa2048_like_b(self):
        self.flow("B", CardAlg.RSA2048, DIGEST, 7, 358)

    def test_9e_alone(self):
        card = self.card()
        worker = self.opened()
        self.assert_signed(worker.sign(0x9E, CardAlg.P256, DIGEST), card, 0x9E, DIGEST, 2)

    def test_rsa_alone(self):
        card = self.card(alg_9a="rsa2048")
        worker = self.opened()
        self.assert_signed(worker.sign(0x9A, CardAlg.RSA2048, DIGEST, pin=PIN), card, 0x9A, DIGEST, 6)

    def test_9c_needs_the_pin_each_time(self):
        card = self.card()
        worker = self.opened()
        self.assert_signed(worker.sign(0x9C, CardAlg.P256, DIGEST, pin=PIN, more=1), card, 0x9C, DIGEST)
        self.assert_failed(worker.sign(0x9C, CardAlg.P256, DIGEST), CardReason.PIN_NEEDED)

    def test_each_transaction_selects_once(self):
        card = self.card()
        worker = self.opened()
        for _ in range(2):
            worker.sign(0x9E, CardAlg.P256, DIGEST, more=1)
            worker.sign(0x9E, CardAlg.P256, DIGEST)
        self.assertEqual(sum(command == SELECT for command, _ in card.log()), 2)

    def test_present_tells_reader_and_atr(self):
        self.card()
        worker = self.worker()
        fields = worker.open()
        self.assertEqual(fields[CardField.READER], self.pcsc.reader(0))
        self.assertEqual(fields[CardField.ATR], bytes.fromhex("3B8901") + b"TOYAMAPIV" + b"\xc8")
        with scard.Context() as context:
            self.assertEqual(fields[CardField.COUNTER], context.state(self.pcsc.reader(0)) >> 16)

    def test_present_sends_no_command(self):
        card = self.card()
        self.opened()
        self.assertEqual(card.counts()[0], 0)


class Objects(CardTest):
    """What enrolment reads."""

    def test_objects_of_both_kinds(self):
        for like in "AB":
            with self.subTest(like=like):
                guid = os.urandom(16)
                card = self.card(like=like, guid=guid.hex(), alg_9a="rsa2048")
                worker = self.opened()
                for what, data in ((CardObject.IDENTIFIER, guid), (CardObject.CERT_9A, card.certificate(0x9A)),
                                   (CardObject.CERT_9E, card.certificate(0x9E)),
                                   (CardObject.CERT_9C, card.certificate(0x9C)),
                                   (CardObject.DISCOVERY, bytes([0x40, 0x10]))):
                    kind, fields = worker.read(what, more=1)
                    self.assertEqual(kind, Card.OBJECT, fields)
                    self.assertEqual(fields[CardField.DATA], data)
                self.assertEqual(card.counts(), (fields[CardField.APDUS], fields[CardField.SENT],
                                                 fields[CardField.RECEIVED]))
                kind, fields = worker.read(CardObject.TRIES)
                self.assertEqual((kind, fields[CardField.TRIES]), (Card.OBJECT, 3 if like == "A" else 5))
                self.assertNotIn(CardField.DATA, fields)
                self.tearDown()
                self.setUp()

    def test_what_is_not_there(self):
        for like in "AB":
            with self.subTest(like=like):
                self.card(like=like, alg_9e="none")
                worker = self.opened()
                self.assert_failed(worker.read(CardObject.CERT_9E), CardReason.ABSENT, sw=0x6A82)
                self.assert_failed(worker.sign(0x9E, CardAlg.P256, DIGEST), CardReason.ABSENT,
                                   sw=0x6985 if like == "A" else 0x6A86)
                self.assert_failed(worker.sign(0x9A, CardAlg.RSA2048, DIGEST, pin=PIN), CardReason.ABSENT, sw=0x6A86)
                self.assert_failed(worker.read(CardObject.TRIES, pinref=0), CardReason.ABSENT, sw=0x6A88)
                self.assert_failed(worker.read(99), CardReason.INTERNAL)
                self.tearDown()
                self.setUp()

    def test_unknown_family(self):
        card = self.card()
        worker = self.opened()
        worker.send(Card.READ, family=77, object=CardObject.IDENTIFIER)
        self.assert_failed(worker.receive(), CardReason.UNKNOWN)
        self.assertEqual(card.counts()[0], 0)


class Pins(CardTest):
    """The PIN, and its last try."""

    def sign(self, worker, pin):
        """SIGN 9A with this PIN."""
        return worker.sign(0x9A, CardAlg.P256, DIGEST, pin=pin)

    def test_wrong_pin_never_spends_the_last_try(self):
        card = self.card()
        worker = self.opened()
        self.assert_failed(self.sign(worker, "999999"), CardReason.PIN_WRONG, tries=2, sw=0x63C2)
        self.assert_failed(self.sign(worker, "999999"), CardReason.PIN_WRONG, tries=1, sw=0x63C1)
        for pin in ("999999", PIN):
            self.assert_failed(self.sign(worker, pin), CardReason.PIN_LAST, tries=1, sw=0x63C1)
        self.assertEqual(card.tries(), 1)
        verifies = [c for c, _ in card.log() if c.startswith("0020008008")]
        self.assertEqual(len(verifies), 2)

    def test_right_pin_restores_the_tries(self):
        card = self.card()
        worker = self.opened()
        self.assert_failed(self.sign(worker, "999999"), CardReason.PIN_WRONG)
        self.assert_signed(self.sign(worker, PIN), card, 0x9A, DIGEST)
        self.assertEqual(card.tries(), 3)

    def test_blocked(self):
        card = self.card()
        with scard.Context() as context:
            neighbour = context.connect(self.pcsc.reader(0))
            neighbour.transmit(SELECT)
            for _ in range(3):
                neighbour.transmit("0020008008393939393939FFFF")
            neighbour.disconnect()
        worker = self.opened()
        self.assert_failed(self.sign(worker, PIN), CardReason.PIN_BLOCKED, tries=0, sw=0x6983)
        self.assert_failed(worker.read(CardObject.TRIES), CardReason.PIN_BLOCKED, tries=0)
        self.assertFalse([c for c, _ in card.log()[4:] if c.startswith("0020008008")])

    def test_format_is_checked_before_the_card(self):
        card = self.card()
        worker = self.opened()
        for pin in ("", "1", "12345", "123456789", "12345a", "１２３４５６", "12345\0", "1" * 18):
            self.assert_failed(self.sign(worker, pin), CardReason.PIN_FORMAT)
        worker.send(Card.SIGN, family=1, key=0x9A, alg=CardAlg.P256, digest=DIGEST, pin=PIN, pinref=0x81)
        self.assert_failed(worker.receive(), CardReason.PIN_FORMAT)
        self.assertEqual(card.counts()[0], 0)

    def test_pin_needed(self):
        for like in "AB":
            for alg, number in (("p256", CardAlg.P256), ("rsa2048", CardAlg.RSA2048)):
                with self.subTest(like=like, alg=alg):
                    self.card(like=like, alg_9a=alg)
                    worker = self.opened()
                    self.assert_failed(worker.sign(0x9A, number, DIGEST), CardReason.PIN_NEEDED, sw=0x6982)
                    self.tearDown()
                    self.setUp()

    def test_verified_by_a_neighbour_still_asks(self):
        card = self.card(like="B")
        with scard.Context() as context:
            neighbour = context.connect(self.pcsc.reader(0))
            neighbour.transmit(SELECT)
            self.assertEqual(neighbour.transmit("0020008008313233343536FFFF").hex(), "9000")
            worker = self.opened()
            kind, fields = worker.read(CardObject.TRIES, more=1)
            self.assertEqual(kind, Card.OBJECT)
            self.assertNotIn(CardField.TRIES, fields)
            self.assert_failed(self.sign(worker, "999999"), CardReason.PIN_WRONG, tries=4)
            neighbour.disconnect()
        self.assertEqual(card.tries(), 4)

    def test_nobody_finds_the_pin_verified(self):
        for like in "AB":
            with self.subTest(like=like):
                card = self.card(like=like)
                worker = self.opened()
                self.assert_signed(self.sign(worker, PIN), card, 0x9A, DIGEST)
                self.assert_forgotten(like)
                worker.sign(0x9A, CardAlg.P256, DIGEST, pin=PIN, more=1)
                worker.send(Card.END)
                self.assert_forgotten(like)
                other = self.opened()
                other.sign(0x9A, CardAlg.P256, DIGEST, pin=PIN, more=1)
                other.close()
                self.assert_forgotten(like)
                self.tearDown()
                self.setUp()

    def assert_forgotten(self, like):
        """A neighbour is asked for the PIN."""
        with scard.Context() as context:
            neighbour = context.connect(self.pcsc.reader(0))
            neighbour.begin()
            try:
                if like == "A":
                    neighbour.transmit(SELECT)
                answer = neighbour.transmit("00200080").hex()
            except scard.SCardError as error:
                # a reset that came behind our connection, or under it
                self.assertIn(error.code, (0x80100068, 0x8010000F))
                answer = "reset"
            self.assertNotEqual(answer, "9000")
            neighbour.end()
            neighbour.disconnect()

    def test_without_pin_the_card_is_left_alone(self):
        self.card(like="B")
        with scard.Context() as context:
            neighbour = context.connect(self.pcsc.reader(0))
            neighbour.transmit(SELECT)
            neighbour.transmit("0020008008313233343536FFFF")
            worker = self.opened()
            worker.sign(0x9E, CardAlg.P256, DIGEST)
            worker.send(Card.END)
            time.sleep(0.1)
            self.assertEqual(neighbour.transmit("00200080").hex(), "9000")
            neighbour.disconnect()


class Removal(CardTest):
    """The evidence of a card that has left is void."""

    def test_removed_while_idle(self):
        card = self.card()
        worker = self.worker()
        counter = worker.open()[CardField.COUNTER]
        card.remove()
        self.assertEqual(worker.expect(Card.REMOVED, 3), {CardField.COUNTER: counter})
        self.assert_failed(worker.sign(0x9E, CardAlg.P256, DIGEST), CardReason.GONE)

    def test_removed_after_the_end(self):
        card = self.card()
        worker = self.opened()
        worker.sign(0x9A, CardAlg.P256, DIGEST, pin=PIN)
        worker.send(Card.END)
        card.remove()
        worker.expect(Card.REMOVED, 3)

    def test_open_again_after_removal(self):
        card = self.card()
        worker = self.worker()
        first = worker.open()
        card.remove()
        worker.expect(Card.REMOVED, 3)
        worker.send(Card.OPEN)
        worker.wait_reason(CardReason.NO_CARD)
        card.insert()
        second = worker.present()
        self.assertNotEqual(first[CardField.COUNTER], second[CardField.COUNTER])
        self.assert_signed(worker.sign(0x9E, CardAlg.P256, DIGEST), card, 0x9E, DIGEST, 2)

    def test_same_card_again_is_another_presence(self):
        card = self.card()
        worker = self.opened()
        worker.sign(0x9E, CardAlg.P256, DIGEST)
        card.remove()
        self.pcsc.wait_card(0, False)
        card.insert()
        self.pcsc.wait_card(0)
        worker.expect(Card.REMOVED, 3)
        self.assert_failed(worker.sign(0x9E, CardAlg.P256, DIGEST), CardReason.GONE)
        self.assertEqual(card.counts()[0], 0)

    def pull_at(self, alg_9a, number, last):
        """Pulls the card at each command of the whole flow."""
        card = self.card(insert=False, alg_9a=alg_9a)
        for nth in range(1, last + 1):
            with self.subTest(nth=nth):
                card.ask("fault off")
                card.ask(f"fault {nth} drop")
                card.insert()
                self.pcsc.wait_card(0)
                worker = self.opened()
                answer = worker.sign(0x9E, CardAlg.P256, DIGEST, more=1)
                if answer[0] == Card.SIGNED:
                    answer = worker.sign(0x9A, number, DIGEST, pin=PIN)
                self.assert_failed(answer, CardReason.GONE)
                worker.expect(Card.REMOVED, 3)
                self.pcsc.wait_card(0, False)
                self.assertEqual(worker.close()[0], 0)

    def test_pulled_at_every_command_p256(self):
        self.pull_at("p256", CardAlg.P256, 5)

    def test_pulled_at_every_command_rsa(self):
        self.pull_at("rsa2048", CardAlg.RSA2048, 7)


class Neighbours(CardTest):
    """Other programs at the same card."""

    def test_held_exclusively(self):
        self.card()
        with scard.Context() as context:
            neighbour = context.connect(self.pcsc.reader(0), scard.SHARE_EXCLUSIVE)
            worker = self.worker()
            worker.send(Card.OPEN)
            fields = worker.expect(Card.WAITING)
            self.assertEqual((reason(fields), fields[CardField.READER]), (CardReason.IN_USE, self.pcsc.reader(0)))
            neighbour.disconnect()
            worker.expect(Card.PRESENT, 3)

    def test_reset_between_two_transactions(self):
        card = self.card()
        worker = self.opened()
        worker.sign(0x9E, CardAlg.P256, DIGEST)
        with scard.Context() as context:
            neighbour = context.connect(self.pcsc.reader(0))
            neighbour.disconnect(scard.RESET_CARD)
        self.assert_signed(worker.sign(0x9E, CardAlg.P256, DIGEST), card, 0x9E, DIGEST, 4)

    def test_reset_waits_for_our_transaction(self):
        card = self.card()
        worker = self.opened()
        with scard.Context() as context:
            neighbour = context.connect(self.pcsc.reader(0))
            worker.sign(0x9E, CardAlg.P256, DIGEST, more=1)
            thread = threading.Thread(target=neighbour.disconnect, args=(scard.RESET_CARD,))
            thread.start()
            time.sleep(0.2)
            self.assert_signed(worker.sign(0x9A, CardAlg.P256, DIGEST, pin=PIN), card, 0x9A, DIGEST, 5)
            thread.join()
        self.assert_signed(worker.sign(0x9A, CardAlg.P256, DIGEST, pin=PIN), card, 0x9A, DIGEST, 9)

    def test_waits_for_a_neighbours_transaction(self):
        card = self.card()
        worker = self.opened()
        with scard.Context() as context:
            neighbour = context.connect(self.pcsc.reader(0))
            neighbour.begin()
            worker.send(Card.SIGN, family=1, key=0x9E, alg=CardAlg.P256, digest=DIGEST)
            time.sleep(0.5)
            self.assertEqual(card.counts()[0], 0)
            neighbour.end()
            self.assert_signed(worker.receive(), card, 0x9E, DIGEST, 2)
            neighbour.disconnect()

    def test_environment_of_the_caller_is_ignored(self):
        self.card()
        worker = self.worker(env={"PCSCLITE_CSOCK_NAME": "/run/nowhere", "PCSCLITE_DEBUG": "0",
                                  "LIBPCSCLITE_DEBUG": "0"})
        worker.open()
        self.assertEqual(worker.close(), (0, ""))


class Readers(CardTest):
    """Several readers, none, and pcscd itself."""

    def test_next(self):
        foreign, own = self.card(0), self.card(1)
        worker = self.worker()
        first = worker.open()
        self.assertEqual(first[CardField.READER], self.pcsc.reader(0))
        worker.send(Card.NEXT)
        self.assertEqual(worker.expect(Card.PRESENT)[CardField.READER], self.pcsc.reader(1))
        self.assert_signed(worker.sign(0x9E, CardAlg.P256, DIGEST), own, 0x9E, DIGEST, 2)
        foreign.remove()
        self.pcsc.wait_card(0, False)
        own.remove()
        worker.expect(Card.REMOVED, 3)

    def test_next_without_another(self):
        card = self.card(0)
        worker = self.worker()
        first = worker.open()
        worker.send(Card.NEXT)
        self.assert_failed(worker.receive(), CardReason.NO_OTHER)
        self.assert_failed(worker.sign(0x9E, CardAlg.P256, DIGEST), CardReason.GONE)
        worker.send(Card.OPEN)
        self.assertEqual(reason(worker.expect(Card.WAITING)), CardReason.NO_CARD)
        card.remove()
        self.pcsc.wait_card(0, False)
        card.insert()
        again = worker.present()
        self.assertNotEqual(again[CardField.COUNTER], first[CardField.COUNTER])

    def test_named_reader(self):
        self.card(0)
        own = self.card(1)
        worker = self.worker()
        fields = worker.open(reader=self.pcsc.reader(1))
        self.assertEqual(fields[CardField.READER], self.pcsc.reader(1))
        self.assert_signed(worker.sign(0x9E, CardAlg.P256, DIGEST), own, 0x9E, DIGEST, 2)
        worker.send(Card.NEXT)
        self.assert_failed(worker.receive(), CardReason.NO_OTHER)

    def test_waits_for_a_card(self):
        card = self.card(insert=False)
        worker = self.worker()
        worker.send(Card.OPEN)
        self.assertEqual(reason(worker.expect(Card.WAITING)), CardReason.NO_CARD)
        card.insert()
        worker.expect(Card.PRESENT, 2)

    def test_mute_card(self):
        card = self.card(insert=False)
        card.ask("atr " + "3B" * 40)
        card.insert()
        worker = self.worker()
        worker.send(Card.OPEN)
        self.assertEqual(worker.wait_reason(CardReason.MUTE, 3)[CardField.READER], self.pcsc.reader(0))
        card.remove()
        worker.wait_reason(CardReason.NO_CARD, 3)
        card.ask("atr default")
        card.insert()
        worker.present(3)

    def test_list(self):
        self.card(1)
        worker = self.worker()
        worker.send(Card.LIST)
        names = worker.expect(Card.READERS)[CardField.LIST]
        want = b""
        for slot, present in ((0, 0), (1, 0xFF)):
            name = self.pcsc.reader(slot).encode()
            body = b"\x0c" + bytes([len(name)]) + name + b"\x01\x01" + bytes([present])
            want += b"\x30" + bytes([len(body)]) + body
        self.assertEqual(names, want)
        self.assertEqual(worker.receive(), (None, {}))
        self.assertEqual(worker.close(), (0, ""))

    def test_pcscd_restarts_while_waiting(self):
        card = self.card(insert=False)
        worker = self.worker()
        worker.send(Card.OPEN)
        worker.wait_reason(CardReason.NO_CARD)
        self.pcsc.kill()
        worker.wait_reason(CardReason.NO_SERVICE, 3)
        self.pcsc.start()
        worker.wait_reason(CardReason.NO_CARD, 3)
        card.insert()
        worker.present(3)
        self.assert_signed(worker.sign(0x9E, CardAlg.P256, DIGEST), card, 0x9E, DIGEST, 2)

    def test_pcscd_dies_with_a_card(self):
        self.card()
        worker = self.opened()
        worker.sign(0x9E, CardAlg.P256, DIGEST, more=1)
        self.pcsc.kill()
        self.assertEqual(reason(worker.expect(Card.REMOVED, 3)), CardReason.NO_SERVICE)
        self.assert_failed(worker.sign(0x9A, CardAlg.P256, DIGEST, pin=PIN), CardReason.GONE)
        worker.send(Card.OPEN)
        worker.wait_reason(CardReason.NO_SERVICE, 3)
        self.pcsc.start()
        worker.present(5)

    def test_no_pcscd(self):
        self.pcsc.stop()
        worker = self.worker()
        worker.send(Card.OPEN)
        self.assertEqual(reason(worker.expect(Card.WAITING)), CardReason.NO_SERVICE)
        other = self.worker()
        other.send(Card.LIST)
        self.assertEqual(other.expect(Card.READERS), {CardField.REASON: CardReason.NO_SERVICE})

    def test_no_reader(self):
        self.pcsc.stop()
        self.pcsc.configure(0)
        try:
            self.pcsc.start()
            worker, other = self.worker(), self.worker()
            worker.send(Card.OPEN)
            other.send(Card.LIST)
            self.assertEqual(reason(worker.expect(Card.WAITING, 4)), CardReason.NO_READER)
            self.assertEqual(other.expect(Card.READERS, 4), {CardField.REASON: CardReason.NO_READER})
        finally:
            self.pcsc.stop()
            self.pcsc.configure(1)

    def test_four_readers(self):
        self.pcsc.stop()
        self.pcsc.configure(2)
        try:
            self.pcsc.start()
            cards = [self.card(slot) for slot in range(4)]
            worker = self.worker()
            seen = [worker.open()[CardField.READER]]
            for _ in cards[1:]:
                worker.send(Card.NEXT)
                seen.append(worker.expect(Card.PRESENT)[CardField.READER])
            self.assertEqual(seen, [self.pcsc.reader(slot) for slot in range(4)])
            worker.send(Card.NEXT)
            self.assert_failed(worker.receive(), CardReason.NO_OTHER)
        finally:
            self.tearDown()
            self.cards, self.workers = [], []
            self.pcsc.stop()
            self.pcsc.configure(1)


class Hostile(CardTest):
    """Cards that answer nonsense."""

    def first_answer(self, card, *faults):
        """The answer to SIGN 9E by the card with these faults."""
        card.ask("fault off")
        card.ask("fresh")
        for fault in faults:
            card.ask("fault " + fault)
        worker = self.opened()
        answer = worker.sign(0x9E, CardAlg.P256, DIGEST)
        self.assertLess(card.counts()[0], 200)
        self.assertEqual(worker.close()[0], 0)
        return answer

    def assert_usable(self, card):
        """The same card without its faults serves the next worker."""
        card.ask("fault off")
        card.ask("fresh")
        self.assert_signed(self.opened().sign(0x9E, CardAlg.P256, DIGEST), card, 0x9E, DIGEST, 2)

    def check(self, faults, why):
        """Each of these faults ends in FAILED for this reason, and harms nobody afterwards."""
        card = self.card()
        for fault in faults:
            with self.subTest(fault=fault):
                self.assert_failed(self.first_answer(card, fault), why)
        self.assert_usable(card)

    def test_foreign_card(self):
        card = self.card()
        for sw in ("6A82", "6D00", "6A81", "6E00", "6985"):
            with self.subTest(sw=sw):
                self.assert_failed(self.first_answer(card, f"1+ sw:{sw}"), CardReason.UNKNOWN, sw=int(sw, 16))
        self.assert_usable(card)

    def test_9000_to_everything(self):
        card = self.card()
        self.assert_failed(self.first_answer(card, "1+ sw:9000"), CardReason.UNKNOWN, sw=0x9000)
        self.assert_usable(card)

    def test_malformed_signatures(self):
        good = "7C0A820830060201010201019000"
        raws = ("9000", "7C009000", good[:-4] + "009000", "7C84FFFFFFFF82009000", "7C82010082009000",
                "7D0A820830060201010201019000", "7C0A82FF30060201010201019000",
                "7C1482083006020101020101820830060201010201019000")
        self.check([f"2 raw:{raw}" for raw in raws], CardReason.MALFORMED)

    def test_broken_transport(self):
        self.check(["2 short", "2 long", "1 long", "1 short", "2 garbage"], CardReason.MALFORMED)

    def test_loops(self):
        self.check(["2+ sw:6110", "2+ raw:AA6101", "2+ raw:6100", "2+ sw:6100"], CardReason.MALFORMED)

    def test_6c_ping_pong(self):
        self.check(["2+ sw:6C10"], CardReason.REFUSED)

    def test_one_octet_a_second(self):
        card = self.card()
        card.ask("fault 1 trickle")
        worker = self.opened()
        worker.send(Card.SIGN, family=1, key=0x9E, alg=CardAlg.P256, digest=DIGEST)
        self.assert_signed(worker.receive(60), card, 0x9E, DIGEST, 2)

    def test_slow_card(self):
        card = self.card()
        card.ask("slow 10 100 300")
        worker = self.opened()
        begin = time.monotonic()
        got = self.assert_signed(worker.sign(0x9E, CardAlg.P256, DIGEST), card, 0x9E, DIGEST, 2)
        self.assertGreater(got[CardField.MICROS], 320000)
        self.assertLess(time.monotonic() - begin - got[CardField.MICROS] / 1e6, 0.1)

    def test_hang_ends_with_the_broker(self):
        card = self.card(insert=False)
        card.ask("fault 2 hang")
        card.insert()
        self.pcsc.wait_card(0)
        worker = self.opened()
        worker.send(Card.SIGN, family=1, key=0x9E, alg=CardAlg.P256, digest=DIGEST)
        time.sleep(0.3)
        begin = time.monotonic()
        self.assertEqual(worker.close()[0], 0)
        self.assertLess(time.monotonic() - begin, 2)
        card.remove()
        self.pcsc.wait_card(0, False)
        card.insert()
        self.pcsc.wait_card(0)
        self.assert_usable(card)

    def test_removal_from_a_hanging_card(self):
        card = self.card(insert=False)
        card.ask("fault 2 hang")
        card.insert()
        self.pcsc.wait_card(0)
        worker = self.opened()
        worker.send(Card.SIGN, family=1, key=0x9E, alg=CardAlg.P256, digest=DIGEST)
        time.sleep(0.3)
        card.remove()
        kinds = [worker.receive(3), worker.receive(3)]
        self.assertEqual({kind for kind, _ in kinds}, {Card.FAILED, Card.REMOVED})
        failed = next(answer for answer in kinds if answer[0] == Card.FAILED)
        self.assert_failed(failed, CardReason.GONE)

    def test_zero_octets(self):
        """Such a frame stops pcscd for good: this one is thrown away."""
        card = self.card(insert=False)
        card.ask("fault 2 zero")
        card.insert()
        self.pcsc.wait_card(0)
        worker = self.opened()
        worker.send(Card.SIGN, family=1, key=0x9E, alg=CardAlg.P256, digest=DIGEST)
        time.sleep(0.3)
        self.pcsc.kill()
        kinds = [worker.receive(3), worker.receive(3)]
        self.assertEqual({kind for kind, _ in kinds}, {Card.FAILED, Card.REMOVED})


class Protocol(CardTest):
    """A broker that breaks the contract, and one that leaves."""

    def assert_dies(self, worker, text):
        """The worker ends with status 1 and says why."""
        self.assertIsNone(worker.receive()[0])
        status, error = worker.close()
        self.assertEqual(status, 1)
        self.assertIn(text, error)

    def test_garbage(self):
        for packet in (b"\x61", b"\x61\x80", b"a" * 2000, b"\x7f\x7f\x7f\x00", b"\x61\x02\x80\x00"):
            with self.subTest(packet=packet[:8]):
                worker = self.worker()
                worker.socket.send(packet)
                self.assertIsNone(worker.receive()[0])
                self.assertEqual(worker.close()[0], 1)

    def test_out_of_turn(self):
        self.card()
        worker = self.worker()
        worker.send(Card.NEXT)
        self.assert_dies(worker, "out of turn")
        worker = self.opened()
        worker.send(Card.OPEN)
        self.assert_dies(worker, "out of turn")

    def test_commands_may_follow_the_end(self):
        card = self.card()
        worker = self.opened()
        worker.sign(0x9E, CardAlg.P256, DIGEST, more=1)
        worker.send(Card.END)
        self.assert_signed(worker.sign(0x9E, CardAlg.P256, DIGEST), card, 0x9E, DIGEST, 4)

    def test_another_attempt(self):
        self.card()
        worker = self.opened()
        worker.attempt = os.urandom(16)
        worker.send(Card.END)
        self.assert_dies(worker, "bad frame")

    def test_leaves_while_waiting(self):
        worker = self.worker()
        worker.send(Card.OPEN)
        worker.wait_reason(CardReason.NO_CARD)
        begin = time.monotonic()
        self.assertEqual(worker.close(), (0, ""))
        self.assertLess(time.monotonic() - begin, 0.5)

    def test_needs_its_socket(self):
        program = f"{BUILD}/cardreader/toyama-card"
        done = subprocess.run([program], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
        self.assertEqual(done.returncode, 2)
        self.assertIn("toyamad", done.stderr)

    def test_hardened_process(self):
        worker = self.worker()
        worker.send(Card.OPEN)
        worker.wait_reason(CardReason.NO_CARD)
        base = f"/proc/{worker.process.pid}"
        self.assertEqual({fd: os.readlink(f"{base}/fd/{fd}") for fd in "01"}, {"0": "/dev/null", "1": "/dev/null"})
        with open(f"{base}/limits", encoding="ascii") as file:
            core = next(line.split() for line in file if line.startswith("Max core"))
        self.assertEqual(core[4:6], ["0", "0"])
        with open(f"{base}/status", encoding="ascii") as file:
            self.assertIn("NoNewPrivs:\t1", file.read())
        self.assertEqual(os.stat(base).st_uid, 0)


if __name__ == "__main__":
    if not BUILD:
        sys.exit(__doc__)
    pcscns.enter()
    del sys.argv[1]
    unittest.main(verbosity=2)
