#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A full disk in the individual-number zone: nobody gets in unrecorded, and what must be recorded still
is. usage: log_space_test.py BUILD_DIR (root)"""
import os
import subprocess
import sys
import unittest

import brokerrig
import pcscns
from brokerrig import Result

BUILD = None
MIB = 1 << 20


class Full(unittest.TestCase):
    """A host on a small disk of its own."""

    @classmethod
    def setUpClass(cls):
        cls.pcsc = pcscns.Pcsc()
        cls.pcsc.start()
        cls.sensor = brokerrig.Sensor(BUILD)
        cls.card = pcscns.VirtualCard(BUILD, name="a", alg_9a="p256", alg_9e="p256", pin="123456", subject="a")

    @classmethod
    def tearDownClass(cls):
        cls.card.end()
        cls.sensor.end()
        cls.pcsc.stop()

    def host(self, zone, require, **settings):
        """With one person, a card and two fingers."""
        name = self.id().rsplit(".", 1)[1]
        broker = brokerrig.Broker(BUILD, zone, require, name=name, throttle_after="100", **settings)
        os.mkdir(broker.state, 0o700)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=40m,mode=700", "none", broker.state], check=True)
        self.addCleanup(subprocess.run, ["umount", broker.state], check=True)
        self.addCleanup(broker.check_clean)
        broker.init()
        broker.start()
        broker.add_person("100", "hanako")
        broker.enroll_card("100", self.card, self.pcsc)
        for side, finger in (("right-index", "f01"), ("left-index", "f02")):
            broker.enroll_finger("100", self.sensor, side, finger)
        self.card.insert()
        self.pcsc.wait_card(0)
        self.addCleanup(self.pcsc.wait_card, 0, False)
        self.addCleanup(self.card.remove)
        return broker

    def login(self, broker):
        login = broker.login(user="hanako")
        login.finish(on={"M02": lambda: self.sensor.press("f01", 10)})
        return login

    @staticmethod
    def reserve(broker):
        """MiB that are held for the log."""
        path = f"{broker.state}/log.reserve"
        return os.stat(path).st_blocks * 512 // MIB if os.path.exists(path) else None

    def fill(self, broker):
        """The disk: not an octet is left."""
        with open(f"{broker.state}/filler", "wb", buffering=0) as file:
            size = MIB
            while size:
                try:
                    file.write(bytes(size))
                except OSError:
                    size //= 2

    def test_individual_number(self):
        broker = self.host("individual-number", "card finger")
        self.assertEqual(self.reserve(broker), 16)
        self.assertEqual(self.login(broker).result, Result.GRANTED)
        refused = []
        for _ in range(200):
            self.fill(broker)
            login = self.login(broker)
            if login.result != Result.GRANTED:
                refused.append(login)
                break
        self.assertTrue(refused, "the log never ran out of space")
        self.assertEqual((refused[0].result, refused[0].said[-1]), (Result.UNAVAILABLE, "X12"))
        event = broker.events(1)[0]
        self.assertEqual((event["kind"], event["result"], event["cause"]), ("login", "denied", "not-recorded"))
        self.assertIn("the disk is full", broker.log())
        self.assertLess(self.reserve(broker), 16)
        for _ in range(3):
            self.fill(broker)
            broker.must("lockout.clear", person="100")
            self.assertEqual(broker.events(1)[0]["kind"], "lockout-cleared")
        self.fill(broker)
        broker.must("card.stop", person="100", reason="lost")
        self.assertEqual(broker.events(1)[0]["kind"], "card-stopped")
        self.fill(broker)
        login = self.login(broker)
        self.assertEqual((login.result, login.said[-1]), (Result.DENIED, "M08"))
        self.assertGreater(self.reserve(broker), 4)
        with self.subTest("space again"):
            self.assertEqual(broker.stop(), 0)
            os.unlink(f"{broker.state}/filler")
            broker.start()
            self.assertEqual(self.reserve(broker), 16)
            broker.must("audit.verify")

    def test_elsewhere(self):
        """The other zones let people in with a warning, and keep no space."""
        broker = self.host("internet", "card")
        self.assertIsNone(self.reserve(broker))
        self.fill(broker)
        for _ in range(3):
            self.assertEqual(self.login(broker).result, Result.GRANTED)

    def test_too_small(self):
        """A disk without room for it: the host says so and works."""
        broker = self.host("individual-number", "card finger")
        broker.stop()
        os.unlink(f"{broker.state}/log.reserve")
        self.fill(broker)
        os.truncate(f"{broker.state}/filler", os.stat(f"{broker.state}/filler").st_size - 8 * MIB)
        broker.start()
        self.assertEqual(self.reserve(broker), 0)
        self.assertIn("has no room to keep 16 MiB", broker.log())
        self.assertEqual(self.login(broker).result, Result.GRANTED)


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
