#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""YubiKeys from enrolment to verdict: real libykpers and libusb in the worker, the broker above it.
usage: yubikey_login_test.py BUILD_DIR (root)"""
import os
import sys
import unittest

import brokerrig
import pcscns
import yubikeyrig
from brokerrig import Admin, Result

BUILD = None
PIN, WRONG = "suzume-84", "suzume-85"


class Rig(unittest.TestCase):
    """A host that asks for a token and the own PIN, with one key on its bus."""
    ZONE, REQUIRE = "internet", "token pin"

    @classmethod
    def setUpClass(cls):
        cls.pcsc = pcscns.Pcsc()
        cls.pcsc.start()

    @classmethod
    def tearDownClass(cls):
        cls.pcsc.stop()

    def setUp(self):
        self.bus = yubikeyrig.Bus(BUILD, open_to_all=True)
        name = "-".join(self.id().split(".")[-2:])
        self.broker = brokerrig.Broker(BUILD, self.ZONE, self.REQUIRE, name=name, throttle_after="100",
                                       yubikey_worker=self.wrapper(), yubikey_lock=self.bus.lock,
                                       yubikey_user="nobody", **self.settings())
        self.broker.init()
        self.broker.start()
        self.key = self.bus.key(0, serial=12345678)

    def tearDown(self):
        self.assertEqual(self.broker.stop(), 0)
        self.bus.end()
        self.assertNotIn("Sanitizer", self.broker.log())
        self.assertNotIn("runtime error", self.broker.log())

    @staticmethod
    def settings():
        return {}

    def wrapper(self):
        """What the config names: the worker's environment is empty, the bus is found through it."""
        path = f"{self.bus.dir}/toyama-yubikey"
        variables = " ".join(f"{name}={value}" for name, value in self.bus.environment.items())
        with open(path, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\nexport {variables}\nexec {BUILD}/cardreader/toyama-yubikey\n")
        os.chmod(path, 0o755)
        os.chmod(self.bus.lock, 0o666)
        return path

    def touch_key(self, key=None):
        """An action for the sentence that asks for a touch."""
        def touch(_said=None):
            (key or self.key).wait_touch()
            (key or self.key).ask("touch")
        return touch

    def enroll(self, number="100", key=None, result=Admin.OK, pins=(), touches=2, **values):
        """yubikey.enroll, touching as often as asked."""
        call = self.broker.call("yubikey.enroll", person=number, pins=pins, on={"X64": self.touch_key(key)}, **values)
        self.assertEqual(call.result, result, (call.message, call.detail, self.broker.log()[-800:]))
        self.assertLessEqual(sum(message == "X64" for message, _ in call.events), touches)
        return call

    def person(self, number="100", login="hanako", pin=PIN):
        self.broker.add_person(number, login)
        if pin:
            self.broker.must("pin.set", person=number, pins=[pin, pin])

    def login(self, user="hanako", pins=(PIN,), key=None, touch=True):
        """(result, message) of one attempt."""
        login = self.broker.login(user=user)
        message = login.finish(pins=list(pins), on={"X64": self.touch_key(key)} if touch else {})
        return login.result, message

    def assert_granted(self, **values):
        result, message = self.login(**values)
        self.assertEqual(result, Result.GRANTED, (message, self.broker.log()[-800:]))

    def assert_denied(self, message, cause, **values):
        self.assertEqual(self.login(**values), (Result.DENIED, message), self.broker.log()[-800:])
        self.assertEqual(self.broker.events(1)[0]["cause"], cause)


class Logins(Rig):
    """With the key and without, with the PIN and without."""

    def setUp(self):
        super().setUp()
        self.person()
        self.key.plug()
        row = self.enroll().rows[0]
        self.assertEqual((row["family"], row["strength"], row["pin"]), ("yubikey", "shared-key", "no"))

    def test_key_touch_and_pin(self):
        self.assert_granted()
        event = self.broker.events(1)[0]
        self.assertEqual((event["person"], event["factors"], event["reader"]), ("100", "pin token", "USB"))

    def test_wrong_pin_counts_and_locks(self):
        self.assert_denied("X39", "secret-wrong", pins=[WRONG] * 3)
        self.assertEqual(self.broker.must("lockout.show", person="100").rows[0]["failures"], "3")
        self.assert_denied("M13", "locked", pins=[WRONG] * 2)
        self.assert_denied("M13", "locked", pins=[PIN])

    def test_wrong_pin_then_the_right_one(self):
        self.assert_granted(pins=[WRONG, PIN])

    def test_untouched(self):
        self.assert_denied("X66", "not-touched", touch=False)

    def test_unknown_and_other_people_are_refused_alike(self):
        self.person("200", "taro")
        for user in ("nobody-at-all", "taro"):
            self.assert_denied("M07", "not-proven", user=user)

    def test_a_key_that_only_has_the_number(self):
        self.key.unplug()
        other = self.bus.key(1, serial=12345678)
        other.program(2, bytes(range(20)), "touch")
        other.plug()
        self.assert_denied("M07", "not-proven", key=other)

    def test_unplugged_before_the_pin_is_typed(self):
        login = self.broker.login(user="hanako")
        message = login.finish(on={"X64": self.touch_key(), "X61": self.key.unplug})
        self.assertEqual((login.result, message), (Result.DENIED, "X07"))

    def test_no_key(self):
        self.key.unplug()
        self.assert_denied("X06", "no-card")

    def test_the_key_names_the_person(self):
        login = self.broker.login(user=None)
        login.finish(pins=[PIN], on={"X64": self.touch_key()})
        self.assertEqual((login.result, login.user), (Result.GRANTED, "hanako"))

    def test_two_keys_of_one_person(self):
        self.key.unplug()
        spare = self.bus.key(1, serial=22222222)
        spare.plug()
        self.enroll(key=spare)
        self.assert_granted(key=spare)
        self.key.plug()
        login = self.broker.login(user="hanako")
        login.finish(pins=[PIN], on={"X64": self.touch_key()})
        self.assertEqual(login.result, Result.GRANTED)

    def test_without_a_pin_of_her_own(self):
        self.broker.must("pin.remove", person="100")
        self.assert_denied("X09", "factor-missing")


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
