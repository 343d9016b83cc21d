#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-card beside a program that keeps a transaction open on one card: the other readers are served, the
card that is held is waited for, and the other program notices nothing.

Usage: neighbour_test.py BUILD_DIR [TEST...]"""
import os
import sys
import threading
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import brokerrig
import pcscns
import scard
from cardrig import BUILD, CardTest, DIGEST
from cardworker import reason
from frames import Card, CardAlg, CardField, CardReason

SELECT = "00A4040009A0000003080000100000"
SOON = 1.0      # seconds; without a transaction it is a few milliseconds
PATIENCE = 5.0  # of NEXT


class Neighbour:
    """Another program, in the middle of something."""

    def __init__(self, reader, begin=True):
        self.context = scard.Context()
        self.card = self.context.connect(reader)
        if begin:
            self.begin()

    def begin(self):
        """Whatever it does takes more than one command."""
        self.card.begin()
        self.card.transmit(SELECT)

    def end(self):
        """The second command finds the card as the first one left it: no reset, no other SELECT."""
        answer = self.card.transmit("0020008000")
        if answer[0] != 0x63:
            raise AssertionError(f"the neighbour's card answers {answer.hex()}")
        self.card.end()
        self.leave()

    def leave(self):
        """Closes everything."""
        self.card.disconnect()
        self.context.__exit__()


class Transaction(CardTest):
    def held(self, slot, begin=True):
        """Cards in both slots, and a neighbour at `slot`: (neighbour, held card, other card)."""
        cards = self.card(0), self.card(1)
        return Neighbour(self.pcsc.reader(slot), begin), cards[slot], cards[1 - slot]

    def assert_present(self, fields, slot):
        """PRESENT of that slot's card."""
        self.assertEqual(fields[CardField.READER], self.pcsc.reader(slot))

    def assert_waiting(self, worker, slot):
        """WAITING for the card that is held."""
        fields = worker.expect(Card.WAITING)
        self.assertEqual((reason(fields), fields[CardField.READER]), (CardReason.IN_USE, self.pcsc.reader(slot)))

    def assert_signs(self, worker, card):
        """It is that card with which the worker speaks."""
        card.ask("fresh")  # the neighbour's commands were counted, too
        self.assert_signed(worker.sign(0x9E, CardAlg.P256, DIGEST), card, 0x9E, DIGEST)

    def serves_the_other(self, slot):
        neighbour, _, own = self.held(slot)
        worker, since = self.worker(), time.monotonic()
        self.assert_present(worker.open(), 1 - slot)
        self.assert_signs(worker, own)
        self.assertLess(time.monotonic() - since, SOON)
        worker.close()
        neighbour.end()

    def test_first_reader_held(self):
        self.serves_the_other(0)

    def test_second_reader_held(self):
        self.serves_the_other(1)

    def next_waits(self, slot):
        """The person's card is the one that is held."""
        neighbour, own, _ = self.held(slot)
        worker = self.worker()
        self.assert_present(worker.open(), 1 - slot)
        ending = threading.Timer(0.7, neighbour.end)
        ending.start()
        worker.send(Card.NEXT)
        self.assert_present(worker.expect(Card.PRESENT), slot)
        ending.join()
        self.assert_signs(worker, own)

    def test_next_waits_for_the_first_reader(self):
        self.next_waits(0)

    def test_next_waits_for_the_second_reader(self):
        self.next_waits(1)

    def test_next_does_not_wait_for_ever(self):
        neighbour, _, _ = self.held(0)
        worker = self.worker()
        worker.open()
        since = time.monotonic()
        worker.send(Card.NEXT)
        self.assert_failed(worker.receive(), CardReason.NO_OTHER)
        self.assertTrue(PATIENCE - 0.1 < time.monotonic() - since < PATIENCE + SOON)
        neighbour.end()

    def test_next_leaves_a_card_in_use_alone(self):
        """Neither does it wait for the neighbour that it leaves, nor reset its card."""
        neighbour, _, own = self.held(0, begin=False)
        worker = self.worker()
        self.assert_present(worker.open(), 0)
        neighbour.begin()
        since = time.monotonic()
        worker.send(Card.NEXT)
        self.assert_present(worker.expect(Card.PRESENT), 1)
        self.assertLess(time.monotonic() - since, SOON)
        self.assert_signs(worker, own)
        neighbour.end()

    def test_the_only_card(self):
        """It is said why, and the end of the transaction is noticed at once."""
        card = self.card()
        neighbour = Neighbour(self.pcsc.reader(0))
        worker = self.worker()
        worker.send(Card.OPEN)
        self.assert_waiting(worker, 0)
        with self.assertRaises(TimeoutError):
            worker.receive(0.5)
        neighbour.end()
        since = time.monotonic()
        self.assert_present(worker.expect(Card.PRESENT), 0)
        self.assertLess(time.monotonic() - since, 0.3)
        self.assert_signs(worker, card)
        card.remove()
        worker.expect(Card.REMOVED, 3)

    def test_a_card_that_comes_meanwhile(self):
        self.card()
        neighbour = Neighbour(self.pcsc.reader(0))
        own = self.card(1, insert=False)
        worker = self.worker()
        worker.send(Card.OPEN)
        self.assert_waiting(worker, 0)
        own.insert()
        self.pcsc.wait_card(1)
        since = time.monotonic()
        self.assert_present(worker.expect(Card.PRESENT), 1)
        self.assertLess(time.monotonic() - since, SOON)
        self.assert_signs(worker, own)
        neighbour.end()

    def test_another_card_instead(self):
        """The connection that was begun for the first card is not used for the second one."""
        first = self.card()
        neighbour = Neighbour(self.pcsc.reader(0))
        worker = self.worker()
        worker.send(Card.OPEN)
        self.assert_waiting(worker, 0)
        first.remove()
        self.pcsc.wait_card(0, False)
        second = self.card()
        with self.assertRaises(scard.SCardError):
            neighbour.card.transmit(SELECT)
        neighbour.leave()
        kind = Card.WAITING
        while kind == Card.WAITING:
            kind, fields = worker.receive()
        self.assertEqual(kind, Card.PRESENT)
        self.assertEqual(fields[CardField.COUNTER], self.counter(0))
        self.assert_signs(worker, second)

    def counter(self, slot):
        """The reader's event counter."""
        with scard.Context() as context:
            return context.state(self.pcsc.reader(slot)) >> 16

    def test_worker_leaves(self):
        """While it waits."""
        self.card()
        neighbour = Neighbour(self.pcsc.reader(0))
        worker = self.worker()
        worker.send(Card.OPEN)
        self.assert_waiting(worker, 0)
        since = time.monotonic()
        self.assertEqual(worker.close()[0], 0)
        self.assertLess(time.monotonic() - since, SOON)
        neighbour.card.transmit(SELECT)
        neighbour.end()

    def test_many_times(self):
        """Whoever waits leaves nothing behind in pcscd."""
        self.card()
        for _ in range(20):
            neighbour = Neighbour(self.pcsc.reader(0))
            worker = self.worker()
            worker.send(Card.OPEN)
            self.assert_waiting(worker, 0)
            neighbour.end()
            worker.expect(Card.PRESENT)
            self.assertEqual(worker.close(), (0, ""))
            self.workers.remove(worker)
        with scard.Context() as context:
            context.connect(self.pcsc.reader(0), scard.SHARE_EXCLUSIVE).disconnect()

    def logs_in(self, slot):
        """The broker grants at once, whichever reader has the person's card."""
        broker = brokerrig.Broker(BUILD, name=f"host{slot}")
        broker.init()
        broker.start()
        self.addCleanup(broker.check_clean)
        broker.add_person("012345", "hanako")
        own = self.card(slot, insert=False)
        broker.enroll_card("012345", own, self.pcsc)
        self.card(1 - slot)
        neighbour = Neighbour(self.pcsc.reader(1 - slot))
        own.insert()
        self.pcsc.wait_card(slot)
        login = broker.login(user="hanako")
        login.finish()
        self.assertEqual(login.result, brokerrig.Result.GRANTED, broker.log())
        self.assertLess(login.took, SOON)
        neighbour.end()

    def test_login_at_the_first_reader(self):
        self.logs_in(0)

    def test_login_at_the_second_reader(self):
        self.logs_in(1)


if __name__ == "__main__":
    if not BUILD:
        sys.exit(__doc__)
    pcscns.enter()
    del sys.argv[1]
    unittest.main(verbosity=2)
