#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The memorised PIN of people with a security key, changed at the desk: the real broker, toyama-yubikey
with libykpers on an emulated bus, pcscd. usage: desk_token_test.py BUILD_DIR (root)"""
import os
import shutil
import sys
import unittest

import pcscns
import yubikey_login_test
from brokerrig import Admin

BUILD = None
HERE = os.path.dirname(os.path.abspath(__file__))
PIN, NEW = "482109", "73919264"


class Token(yubikey_login_test.Rig):
    """hanako, 100, has a key that need not be touched, and a memorised PIN."""

    def setUp(self):
        super().setUp()
        self.person(pin=PIN)
        self.key.plug()
        self.enroll(**{"no-touch": "yes"})

    def change(self, pins=(PIN, NEW, NEW), **options):
        return self.broker.call("pin.change", person="100", pins=pins, **options)

    def test_change(self):
        call = self.change()
        self.assertEqual((call.result, [message for message, _ in call.events]),
                         (Admin.OK, ["X63", "X70", "X67", "X18", "X19"]), call.detail)
        self.assertEqual(self.broker.events(1)[0]["kind"], "pin-changed")
        self.assertEqual(self.change(pins=[PIN] * 3).message, "X39")

    def test_the_key_is_pulled(self):
        call = self.change(on={"X70": lambda _said: self.unplug()})
        self.assertEqual((call.result, call.message), (Admin.UNAVAILABLE, "X65"))

    def unplug(self):
        """Until the broker knows."""
        self.key.unplug()
        pcscns.wait_until(lambda: "pin.change" in self.broker.log(), what="the end of the call")

    def test_another_key_first(self):
        self.key.unplug()
        other = self.bus.key(1)
        other.program(2, bytes(20))
        other.plug()

        def exchange(_said):
            other.unplug()
            self.key.plug()
        call = self.change(on={"X69": exchange})
        self.assertEqual(call.result, Admin.OK, call.detail)
        self.assertEqual(call.heard(), ["X63", "X69", "X70", "X67", "X18", "X19"])

    def test_keys_that_change_while_another_is_asked_for(self):
        """The news that the other key has left crosses that request; what comes then is hers, and is asked."""
        for name in ("crossing_token.py", "frames.py"):
            shutil.copy(f"{HERE}/{name}", self.bus.dir)
        with open(f"{self.bus.dir}/toyama-yubikey", "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\nexec /usr/bin/python3 -B {self.bus.dir}/crossing_token.py {self.key.serial}\n")
        call = self.change()
        self.assertEqual((call.result, call.message), (Admin.UNAVAILABLE, "X66"), call.detail)
        self.assertEqual(call.heard(), ["X63", "X69"])

    def test_a_key_that_only_says_that_it_is_hers(self):
        self.key.unplug()
        other = self.bus.key(1, serial=self.key.serial)
        other.program(2, bytes(20))
        other.plug()

        def exchange(_said):
            other.unplug()
            self.key.plug()
        call = self.change(on={"X69": exchange})
        self.assertEqual([message for message, _ in call.events][:3], ["X63", "X69", "X70"])

    def test_somebody_elses_card_on_the_reader(self):
        card = pcscns.VirtualCard(BUILD, name=self.broker.directory.rsplit("/", 1)[1], pin="123456")
        self.key.unplug()
        card.insert()
        self.pcsc.wait_card(0)
        try:
            call = self.change(on={"X69": lambda _said: self.key.plug()})
            self.assertEqual(call.result, Admin.OK, call.detail)
        finally:
            card.end()
            self.pcsc.wait_card(0, False)

    def test_card_list(self):
        rows = self.broker.must("card.list", person="100").rows
        self.assertEqual({(row["kind"], row["family"], row["strength"], row["pin"]) for row in rows},
                         {("token", "yubikey", "shared-key", "no"), ("pin", "memorised", "memorised", "yes")})
        self.assertEqual(self.broker.must("person.list").rows[0]["tokens"], "1")


if __name__ == "__main__":
    pcscns.enter()
    BUILD = yubikey_login_test.BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
