#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""T-19: after a login, neither PIN nor shared key is left in the broker's memory, and no worker is
left at all. usage: secrets_test.py BUILD_DIR (root)"""
import os
import sys
import unittest

import brokerrig
import pcscns
import yubikeyrig
from brokerrig import Result
from yubikey_login_test import Rig

BUILD = None
CARD_PIN = "73915846"
OWN_PIN = "tsubame-5127-kumo"
LARGEST = 1 << 30  # octets of a mapping; a sanitizer's shadow is larger


def memory(pid):
    """(address, octets) of every mapping that can be read."""
    with open(f"/proc/{pid}/maps", encoding="ascii") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
        for line in maps:
            start, end = (int(part, 16) for part in line.split()[0].split("-"))
            if line.split()[1][0] != "r" or "[v" in line or end - start > LARGEST:
                continue
            try:
                mem.seek(start)
                yield start, mem.read(end - start)
            except (OSError, ValueError, OverflowError):
                continue


def found(pid, needle):
    """How often it stands anywhere in the process."""
    return sum(data.count(needle) for _, data in memory(pid))


class CardPin(unittest.TestCase):
    """The PIN of a PIV card."""

    @classmethod
    def setUpClass(cls):
        cls.pcsc = pcscns.Pcsc()
        cls.pcsc.start()

    @classmethod
    def tearDownClass(cls):
        cls.pcsc.stop()

    def test_no_pin_is_left(self):
        card = pcscns.VirtualCard(BUILD, name="secrets", alg_9a="p256", alg_9e="p256", pin=CARD_PIN)
        broker = brokerrig.Broker(BUILD, "lgwan", "card pin", name="secrets")
        broker.init()
        broker.start()
        broker.add_person("100", "hanako")
        broker.enroll_card("100", card, self.pcsc, pin=CARD_PIN)
        self.assertEqual(found(broker.process.pid, CARD_PIN.encode()), 0, "after the enrolment")
        card.insert()
        self.pcsc.wait_card(0)
        login = broker.login(user="hanako")
        login.finish(pins=["73915840", CARD_PIN])
        self.assertEqual(login.result, Result.GRANTED)
        for pin in (b"73915840", CARD_PIN.encode()):
            self.assertEqual(found(broker.process.pid, pin), 0, "after the login")
        self.assertGreater(found(broker.process.pid, b"hanako"), 0, "the search finds what is there")
        card.remove()
        card.end()
        self.assertEqual(broker.stop(), 0)


class TokenSecret(Rig):
    """The shared key of a token, and the PIN of its owner."""

    def test_no_secret_is_left(self):
        self.person(pin=OWN_PIN)
        self.key.plug()
        self.enroll()
        slot = self.key.state()["slots"][1]
        self.assert_granted(pins=[OWN_PIN])
        pid = self.broker.process.pid
        for name, needle in (("secret", bytes.fromhex(slot["secret"])), ("code", bytes.fromhex(slot["code"])),
                             ("own PIN", OWN_PIN.encode())):
            self.assertEqual(found(pid, needle), 0, name)


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    sys.modules["yubikey_login_test"].BUILD = BUILD
    unittest.main()
