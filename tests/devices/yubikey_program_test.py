#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-yubikey at the operator's desk: what it writes into a slot, and what it says when that fails.

Usage: yubikey_program_test.py BUILD_DIR [TEST...]"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import yubikeyrig
from yubikeyrig import CODE, NEW_CODE, OTHER_SECRET, SECRET, Reason, Token


class Programming(yubikeyrig.TokenTest):
    """What the operator's desk does."""

    def blank(self, **options):
        """(key, worker)."""
        return self.key(slot=None, **options), self.opened()

    def test_blank_key(self):
        key = self.key(slot=None)
        worker = self.worker()
        self.assertEqual(worker.open()[0].serial, 0, "a blank key tells no number")
        info = worker.program_key(0, 2, SECRET, CODE)
        self.assertEqual(info, yubikeyrig.KeyInfo(key.serial, "5.4.3", 2, 2))
        self.assertEqual(key.state()["slots"][1], {"valid": True, "ext": 0x04, "tkt": 0x40, "cfg": 0x2E,
                                                   "secret": SECRET.hex(), "code": CODE.hex()})
        key.ask("auto-touch", 50)
        for _ in range(2):
            self.assert_answers(worker, key)
        self.assert_let_go(key)

    def test_without_touch(self):
        key, worker = self.blank()
        self.assertEqual(worker.program_key(0, 2, SECRET, CODE, touch=0).touch, 0)
        self.assertEqual(key.state()["slots"][1]["cfg"], 0x26)
        self.assert_answers(worker, key)

    def test_slot_1_beside_slot_2(self):
        key = self.key(secret=OTHER_SECRET)
        worker = self.opened()
        self.assertEqual(worker.program_key(key.serial, 1, SECRET, CODE, touch=0).valid, 3)
        self.assert_answers(worker, key, 1)
        self.assert_answers(worker, key, 2, OTHER_SECRET)

    def test_old_firmware_tells_no_touch(self):
        key, worker = self.blank(fw="2.4.0")
        self.assertEqual(worker.program_key(0, 2, SECRET, CODE).touch, 0)
        self.assertEqual(key.state()["slots"][1]["cfg"], 0x2E)

    def test_firmware_that_is_too_old(self):
        key, worker = self.blank(fw="2.1.0")
        self.assertEqual(worker.program_key(0, 2, SECRET, CODE), Reason.TOO_OLD)
        self.assertFalse(key.state()["slots"][1]["valid"])

    def test_a_slot_in_use_is_left_alone(self):
        key = self.key(secret=OTHER_SECRET)
        worker = self.opened()
        self.assertEqual(worker.program_key(key.serial, 2, SECRET, CODE), Reason.OCCUPIED)
        self.assert_answers(worker, key, secret=OTHER_SECRET)
        self.assertEqual(worker.program_key(key.serial, 2, SECRET, CODE, replace=1, touch=0).valid, 2)
        self.assert_answers(worker, key)

    def test_access_code(self):
        key = self.key(f"code={CODE.hex()}", secret=OTHER_SECRET)
        worker = self.opened()
        for current in (None, NEW_CODE, bytes(6)):
            got = worker.program_key(key.serial, 2, SECRET, NEW_CODE, replace=1, current=current)
            self.assertEqual(got, Reason.REFUSED)
        self.assertEqual(key.state()["refused_writes"], 3, "a refusal is not tried again")
        self.assert_answers(worker, key, secret=OTHER_SECRET)
        got = worker.program_key(key.serial, 2, SECRET, NEW_CODE, replace=1, current=CODE, touch=0)
        self.assertEqual(got.valid, 2)
        self.assertEqual(key.state()["slots"][1]["code"], NEW_CODE.hex())
        self.assert_answers(worker, key)

    def test_swallowed_by_a_blank_key(self):
        """libykpers calls it a success."""
        key, worker = self.blank()
        key.fault("swallow")
        self.assertEqual(worker.program_key(0, 2, SECRET, CODE), Reason.REFUSED)
        self.assertEqual((key.state()["swallowed"], key.state()["writes"]), (1, 0))
        self.assertEqual(worker.program_key(0, 2, SECRET, CODE).valid, 2)

    def test_swallowed_by_a_key_in_use(self):
        key = self.key(secret=OTHER_SECRET)
        worker = self.opened()
        key.fault("swallow")
        self.assertEqual(worker.program_key(key.serial, 2, SECRET, CODE, replace=1), Reason.REFUSED)
        self.assert_answers(worker, key, secret=OTHER_SECRET)

    def test_two_keys(self):
        keys = [self.key(number=number, secret=OTHER_SECRET) for number in (0, 1)]
        worker = self.opened()
        self.assertEqual(worker.program_key(keys[1].serial, 2, SECRET, CODE, replace=1), Reason.SEVERAL)
        self.assertEqual([key.state()["writes"] for key in keys], [0, 0])

    def test_another_key_than_the_one_that_was_asked_for(self):
        key = self.key(secret=OTHER_SECRET)
        worker = self.opened()
        self.assertEqual(worker.program_key(key.serial + 1, 2, SECRET, CODE, replace=1), Reason.OTHER)
        self.assertEqual(key.state()["writes"], 0)

    def outcomes_at_each_transfer(self, kind):
        """Yields (what was said, the slot then, the slot before) with the fault at each transfer."""
        key = self.key(f"code={CODE.hex()}", secret=OTHER_SECRET)
        worker = self.opened()
        before = key.state()
        options = {"replace": 1, "current": CODE, "touch": 0}
        self.assertEqual(worker.program_key(key.serial, 2, SECRET, NEW_CODE, **options).valid, 2)
        total = key.state()["transfers"] - before["transfers"]
        for n in range(1, total + 1):
            key.unplug()
            worker.expect(Token.REMOVED)
            key.program(2, OTHER_SECRET, f"code={CODE.hex()}")
            key.plug()
            worker.open()
            key.fault(kind, n)
            got = worker.program_key(key.serial, 2, SECRET, NEW_CODE, **options)
            slot = key.state()["slots"][1]
            yield n, got, slot["secret"], slot["code"]
            key.fault("none")
            if not key.state()["plugged"]:
                worker.expect(Token.REMOVED)
                key.plug()
                worker.open()

    def check_outcomes(self, kind):
        """Never a lost access code: the slot has one pair or the other, and what is said is true."""
        old, new = (OTHER_SECRET.hex(), CODE.hex()), (SECRET.hex(), NEW_CODE.hex())
        said = set()
        for n, got, *pair in self.outcomes_at_each_transfer(kind):
            self.assertIn(tuple(pair), (old, new), n)
            if isinstance(got, yubikeyrig.KeyInfo):
                self.assertEqual(tuple(pair), new, n)
            elif got != Reason.UNSURE:
                self.assertEqual(tuple(pair), old, (n, got))
            said.add(got if isinstance(got, Reason) else "programmed")
        return said

    def test_unplugged_at_each_transfer(self):
        self.assertEqual(self.check_outcomes("unplug"), {Reason.GONE, Reason.UNSURE})

    def test_stall_at_each_transfer(self):
        self.assertIn(Reason.FAULT, self.check_outcomes("stall"))

    def test_foreign_program_at_each_transfer(self):
        self.assertIn("programmed", self.check_outcomes("busy"))

    def test_nothing_is_said_about_secrets(self):
        key, worker = self.blank()
        key.fault("swallow")
        worker.program_key(0, 2, SECRET, CODE)
        with open(f"/proc/{worker.process.pid}/cmdline", "rb") as command:
            self.assertEqual(command.read().count(b"\0"), 1)
        self.assertEqual(worker.close(), (0, ""))


if __name__ == "__main__":
    yubikeyrig.main(__doc__)
