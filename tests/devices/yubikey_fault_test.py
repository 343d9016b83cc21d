#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-yubikey when the key is unplugged, the bus fails or another program has the key.

Usage: yubikey_fault_test.py BUILD_DIR [TEST...]"""
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import yubikeyrig
from yubikeyrig import CHALLENGE, SECRET, Reason, Token, answer_to


class Unplugged(yubikeyrig.TokenTest):
    """Keys that leave."""

    def test_between_commands(self):
        key = self.key()
        worker = self.opened()
        start = time.monotonic()
        key.unplug()
        worker.expect(Token.REMOVED)
        self.assertLess(time.monotonic() - start, 0.5)
        self.assertEqual(worker.ask(key.serial, 2, CHALLENGE), Reason.GONE)
        key.plug()
        self.assertEqual(worker.ask(key.serial, 2, CHALLENGE), Reason.GONE, "it may be another one")
        worker.open()
        self.assert_answers(worker, key)

    def test_out_and_in_again(self):
        key = self.key()
        worker = self.opened()
        key.unplug()
        key.plug()
        worker.expect(Token.REMOVED)

    def test_any_of_two(self):
        self.key()
        other = self.key(number=1)
        worker = self.opened()
        other.unplug()
        worker.expect(Token.REMOVED)

    def test_one_more_voids_nothing(self):
        key = self.key()
        worker = self.opened()
        self.key(number=1)
        with self.assertRaises(TimeoutError):
            worker.receive(0.5)
        self.assert_answers(worker, key)

    def test_at_each_transfer_of_an_answer(self):
        key = self.key("touch")
        key.ask("auto-touch", 0)
        worker = self.opened()
        before = key.state()["transfers"]
        self.assert_answers(worker, key)
        total = key.state()["transfers"] - before
        self.assertGreater(total, 20)
        answers = 0
        for n in range(1, total + 1):
            key.fault("unplug", n)
            start = time.monotonic()
            got = worker.ask(key.serial, 2, CHALLENGE)
            self.assertLess(time.monotonic() - start, 5, n)
            self.assertIn(got, (Reason.GONE, answer_to(SECRET, CHALLENGE)), n)
            answers += isinstance(got, bytes)
            worker.expect(Token.REMOVED)
            key.plug()
            worker.open()
        self.assertLess(answers, 3, "only once the answer was complete")
        self.assert_answers(worker, key)
        self.assert_let_go(key)

    def test_at_each_transfer_of_opening(self):
        key = self.key()
        worker = self.opened()
        total = key.state()["transfers"]
        for n in range(1, total + 1):
            key.unplug()
            worker.expect(Token.REMOVED)
            key.fault("unplug", n)
            key.plug()
            worker.send(Token.OPEN, lock=self.bus.lock)
            if worker.receive()[0] == Token.PRESENT:
                worker.expect(Token.REMOVED)
                worker.send(Token.OPEN, lock=self.bus.lock)
            key.plug()
            worker.present()
        self.assert_answers(worker, key)


class BusFaults(yubikeyrig.TokenTest):
    """Transfers that go wrong; nothing hangs, and the next question is answered."""

    def each_transfer(self, kind, expected, step):
        key = self.key()
        worker = self.opened()
        before = key.state()["transfers"]
        self.assert_answers(worker, key)
        total = key.state()["transfers"] - before
        for n in range(1, total + 1, step):
            key.fault(kind, n)
            start = time.monotonic()
            got = worker.ask(key.serial, 2, CHALLENGE)
            self.assertLess(time.monotonic() - start, 5, n)
            self.assertIn(got, expected + (answer_to(SECRET, CHALLENGE),), n)
            key.fault("none")
            self.assert_answers(worker, key)
            self.assert_let_go(key)

    def test_stall(self):
        self.each_transfer("stall", (Reason.FAULT,), 1)

    def test_protocol_error(self):
        self.each_transfer("eproto", (Reason.FAULT,), 1)

    def test_short(self):
        self.each_transfer("short", (Reason.FAULT,), 1)

    def test_hang(self):
        self.each_transfer("hang", (Reason.FAULT,), 4)

    def test_fault_of_the_first_of_an_answer(self):
        key = self.key()
        worker = self.opened()
        key.fault("stall", 1)
        self.assertEqual(worker.ask(key.serial, 2, CHALLENGE), Reason.FAULT)

    def test_damaged_answer_once(self):
        key = self.key()
        worker = self.opened()
        for fault in ("bad-crc", "cut"):
            key.fault(fault)
            self.assert_answers(worker, key)

    def test_truncated_answer(self):
        """libykpers says 0 and leaves yk_errno 0."""
        key = self.key("hidden")
        worker = self.opened()
        key.fault("truncate")
        self.assertEqual(worker.ask(0, 2, CHALLENGE), Reason.FAULT)
        self.assertEqual(worker.ask(0, 2, CHALLENGE), answer_to(SECRET, CHALLENGE))

    def test_a_key_that_is_always_busy(self):
        key = self.key()
        worker = self.opened()
        key.fault("busy-forever")
        start = time.monotonic()
        self.assertEqual(worker.ask(key.serial, 2, CHALLENGE), Reason.OTHER, "it tells no number either")
        self.assertLess(time.monotonic() - start, 10)
        self.assert_let_go(key)


class Neighbours(yubikeyrig.TokenTest):
    """Other programs that use the key, ours and foreign ones."""

    def test_foreign_program_for_a_moment(self):
        key = self.key()
        worker = self.opened()
        key.ask("hold", 250)
        self.assert_answers(worker, key)

    def test_foreign_program_at_each_transfer(self):
        key = self.key()
        worker = self.opened()
        before = key.state()["transfers"]
        self.assert_answers(worker, key)
        for n in range(1, key.state()["transfers"] - before + 1, 2):
            key.fault("busy", n)
            self.assert_answers(worker, key)
            yubikeyrig.wait_until(lambda: not key.state()["held"], what="the foreign program's end")
        self.assert_let_go(key)

    def test_foreign_program_for_long(self):
        key = self.key()
        worker = self.opened()
        key.ask("hold", 8000)
        start = time.monotonic()
        self.assertEqual(worker.ask(key.serial, 2, CHALLENGE), Reason.IN_USE)
        self.assertTrue(0.55 < time.monotonic() - start < 4, "three more tries, with pauses")
        key.ask("hold", 0)
        self.assert_answers(worker, key)

    def test_waiting_until_it_is_free(self):
        key = self.key()
        key.ask("hold", 3000)
        worker = self.worker()
        worker.send(Token.OPEN, lock=self.bus.lock)
        self.assertEqual(worker.waiting(), Reason.IN_USE)
        self.assertEqual([info.serial for info in worker.present()], [key.serial])

    def test_two_workers(self):
        key = self.key("touch")
        first, second = self.opened(), self.opened()
        first.challenge(key.serial, 2, CHALLENGE)
        first.expect(Token.TOUCH)
        key.wait_touch()
        second.challenge(key.serial, 2, CHALLENGE[::-1])
        self.assertEqual(second.waiting(), Reason.IN_USE)
        key.ask("touch")
        self.assertEqual(first.outcome()[0], answer_to(SECRET, CHALLENGE))
        second.expect(Token.TOUCH)
        key.wait_touch()
        key.ask("touch")
        self.assertEqual(second.outcome()[0], answer_to(SECRET, CHALLENGE[::-1]))
        self.assertEqual(key.state()["bad_frames"], 0)

    def test_many_workers(self):
        key = self.key()
        workers = [self.opened() for _ in range(4)]
        for turn in range(3):
            challenges = [bytes([turn + 1, n + 1]) * 16 for n in range(len(workers))]
            for worker, challenge in zip(workers, challenges):
                worker.challenge(key.serial, 2, challenge)
            for worker, challenge in zip(workers, challenges):
                self.assertEqual(worker.outcome()[0], answer_to(SECRET, challenge))
        self.assertEqual(key.state()["bad_frames"], 0)
        self.assert_let_go(key)

    def test_lock_that_cannot_be_taken(self):
        self.key()
        os.symlink(self.bus.lock, f"{self.bus.dir}/link")
        for path in (f"{self.bus.dir}/missing", self.bus.dir, f"{self.bus.dir}/link", "relative", ""):
            with self.subTest(path=path):
                worker = self.worker()
                worker.send(Token.OPEN, lock=path)
                self.assertEqual(worker.receive()[0], None)
                self.assertEqual(worker.close()[0], 1)


if __name__ == "__main__":
    yubikeyrig.main(__doc__)
