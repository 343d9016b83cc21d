#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""YubiKeys from enrolment to verdict: real libykpers and libusb in the worker, the broker above it.
usage: yubikey_login_test.py BUILD_DIR (root)"""
import os
import sys
import threading
import unittest

import brokerrig
import pcscns
import rosterrig
import storerig
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
        self.assertEqual((event["person"], event["factors"], event["reader"]), ("100", "token pin", "USB"))

    def test_wrong_pin_counts_and_locks(self):
        self.assert_denied("X39", "secret-wrong", pins=[WRONG] * 3)
        self.assertEqual(self.broker.must("lockout.show", person="100").rows[0]["failures"], "3")
        for pins in ([WRONG] * 2, [PIN]):
            self.assertEqual(self.login(pins=pins), (Result.LOCKED, "M13"))
            self.assertEqual(self.broker.events(1)[0]["cause"], "locked")

    def test_the_pin_is_changed_while_she_types(self):
        login = self.broker.login(user="hanako")
        self.key.ask("auto-touch", 20)
        while login.step()[0] != "PROMPT":
            pass
        self.broker.must("pin.set", person="100", pins=["tsubame-12", "tsubame-12"])
        login.answer("tsubame-12")
        login.finish()
        self.assertEqual(login.result, Result.GRANTED)

    def test_wrong_pin_then_the_right_one(self):
        self.assert_granted(pins=[WRONG, PIN])

    def test_a_card_of_another_kind_lies_in_the_reader(self):
        self.key.unplug()
        card = pcscns.VirtualCard(BUILD, name="forgotten", alg_9a="p256", alg_9e="p256", pin="123456")
        card.insert()
        self.pcsc.wait_card(0)
        login = self.broker.login(user="hanako")
        threading.Timer(1.5, self.key.plug).start()
        message = login.finish(pins=[PIN], on={"X64": self.touch_key()})
        self.assertEqual(login.result, Result.GRANTED, message)
        card.remove()
        self.pcsc.wait_card(0, False)
        card.end()

    def test_a_card_in_the_reader_names_nobody(self):
        """The person is the one of the key, whoever left a card there."""
        self.key.unplug()
        self.broker.add_person("200", "taro")
        card = pcscns.VirtualCard(BUILD, name="taros", alg_9a="p256", alg_9e="p256", pin="123456")
        self.broker.enroll_card("200", card, self.pcsc)
        card.insert()
        self.pcsc.wait_card(0)
        self.key.plug()
        for _ in range(3):
            login = self.broker.login(user=None)
            login.finish(pins=[PIN], on={"X64": self.touch_key()})
            self.assertEqual((login.result, login.user), (Result.GRANTED, "hanako"))
        card.remove()
        self.pcsc.wait_card(0, False)
        card.end()

    def test_devices_lists_keys(self):
        rows = self.broker.must("devices").rows
        self.assertIn({"kind": "token", "name": "YubiKey 12345678 (5.4.3)"}, rows)

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
        self.key.ask("auto-touch", 20)
        while login.step()[0] != "PROMPT":
            pass
        self.key.unplug()
        self.assertEqual((login.finish(), login.result), ("X07", Result.DENIED))

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


class Enrolment(Rig):
    """What is written when, and what a person with a half-written key can do."""

    def setUp(self):
        super().setUp()
        self.person()
        self.key.plug()

    def slot(self, key=None, number=2):
        """What the key really holds."""
        return (key or self.key).state()["slots"][number - 1]

    def assert_code_is_known(self, key=None):
        """The record's code is the slot's."""
        rows = self.broker.must("yubikey.remove", person="100").rows
        self.assertEqual(rows[0], {"code": self.slot(key)["code"]})
        return rows[0]["code"]

    def test_a_key_in_its_second_life(self):
        self.enroll()
        code = self.broker.must("yubikey.remove", person="100").rows[0]["code"]
        self.assertEqual(code, self.slot()["code"])
        self.person("200", "taro")
        self.enroll("200", result=Admin.REFUSED)
        self.enroll("200", result=Admin.REFUSED, replace="yes")
        self.enroll("200", result=Admin.REFUSED, replace="yes", code="yes", pins=["00" * 6])
        self.assertEqual(self.slot()["code"], code)
        self.assertEqual(len(self.broker.must("person.show", person="200").rows), 2)
        self.enroll("200", replace="yes", code="yes", pins=[code])
        self.assert_granted(user="taro")

    def test_replaced_for_the_same_person(self):
        self.enroll()
        secret = self.slot()["code"]
        self.enroll(result=Admin.REFUSED)
        self.enroll(replace="yes")
        self.assertNotEqual(secret, self.slot()["code"])
        self.assert_granted()

    def test_slot_1_without_touch(self):
        self.enroll(slot="1", touches=0, **{"no-touch": "yes"})
        self.assert_granted(touch=False)
        self.assertFalse(self.slot(number=2)["valid"])

    def test_a_slot_that_is_in_use(self):
        self.key.program(2, bytes(range(20)))
        call = self.enroll(result=Admin.REFUSED)
        self.assertEqual(call.message, "X84")
        self.enroll(replace="yes")
        self.assert_granted()

    def test_two_keys_are_plugged_in(self):
        self.bus.key(1, serial=22222222).plug()
        self.assertEqual(self.enroll(result=Admin.REFUSED).message, "X80")

    def test_a_key_of_somebody_else(self):
        self.enroll()
        self.person("200", "taro")
        self.assertEqual(self.enroll("200", result=Admin.REFUSED, replace="yes").message, "K13")
        self.assert_granted()

    def test_who_has_a_key_is_not_removed(self):
        self.enroll()
        self.assertEqual(self.broker.call("person.remove", person="100").result, Admin.REFUSED)
        self.assert_code_is_known()
        self.broker.must("person.remove", person="100")

    def test_untouched_at_the_end_and_again(self):
        call = self.broker.call("yubikey.enroll", timeout=40, person="100")
        self.assertEqual((call.result, call.message), (Admin.UNAVAILABLE, "X66"))
        self.assertEqual(self.login(touch=False)[0], Result.DENIED)
        self.enroll()
        self.assert_granted()

    def test_another_key_after_one_that_was_begun(self):
        """Each key has a secret of its own, and no slot is overwritten that nobody gave up."""
        call = self.broker.call("yubikey.enroll", timeout=40, person="100", label="first")
        self.assertEqual(call.message, "X66")
        self.key.unplug()
        other = self.bus.key(1, serial=22222222)
        other.program(2, bytes(range(20)))
        other.plug()
        self.assertEqual(self.enroll(key=other, result=Admin.REFUSED).message, "X84")
        self.assertEqual(self.slot(other)["secret"], bytes(range(20)).hex())
        self.enroll(key=other, replace="yes")
        other.unplug()
        self.key.plug()
        self.enroll()
        self.assert_granted()
        self.assertNotEqual(self.slot()["secret"], self.slot(other)["secret"])
        rows = self.broker.must("card.list", person="100").rows
        self.assertEqual(sorted(row["label"] for row in rows if row["family"] == "yubikey"), ["", "first"])

    def test_unplugged_while_it_is_written(self):
        self.key.ask("auto-touch", 20)
        for transfer in range(1, 90, 4):
            self.key.fault("unplug", transfer)
            if self.through(timeout=4):
                self.assertGreater(transfer, 20)
                break
            self.key.unplug()
            self.key.plug()
        self.key.fault("none")
        self.enroll(replace="yes")
        self.assert_granted()
        self.assert_code_is_known()

    def test_the_broker_is_killed_at_any_time(self):
        finished, known = False, {}
        self.key.ask("auto-touch", 20)
        for step in range(1, 40):
            finished = self.killed_after(0.04 * step, **known)
            self.broker.start()
            if finished:
                break
            self.enroll(replace="yes", **known)
            self.assert_granted(touch=False)
            known = {"code": "yes", "pins": [self.assert_code_is_known()]}
        self.assertTrue(finished, "the sweep has to reach the end of the enrolment")

    def through(self, timeout, **values):
        """Whether the call came to its good end; the operator leaves after `timeout` seconds."""
        try:
            return self.broker.call("yubikey.enroll", timeout=timeout, person="100", replace="yes", **values).result == Admin.OK
        except (EOFError, OSError):
            return False

    def killed_after(self, seconds, **values):
        """True where the call was through by then."""
        box = []

        def run():
            if self.through(timeout=20, **values):
                box.append(True)
        thread = threading.Thread(target=run)
        thread.start()
        thread.join(seconds)
        self.broker.kill()
        thread.join(20)
        return bool(box)


class Elsewhere(Rig):
    """The zone that takes no tokens."""
    ZONE, REQUIRE = "individual-number", "card finger"

    def test_no_key_is_written(self):
        self.broker.add_person("100", "hanako")
        self.key.plug()
        self.assertEqual(self.enroll(result=Admin.REFUSED).message, "X85")
        self.assertFalse(any(slot["valid"] for slot in self.key.state()["slots"]))


class Station(Rig):
    """An enrolment station, itself in the zone that takes no tokens, registers keys for the others."""
    ZONE, REQUIRE = "individual-number", "card finger"

    @staticmethod
    def settings():
        return {"register": "station", "zones": "individual-number lgwan internet"}

    def refused(self, number, message, **values):
        self.assertEqual(self.enroll(number, result=Admin.REFUSED, touches=0, **values).message, message)
        self.assertFalse(any(slot["valid"] for slot in self.key.state()["slots"]))

    def test_for_the_zones_that_take_keys(self):
        self.key.plug()
        for number, zones in (("100", "individual-number"), ("200", "individual-number lgwan"),
                              ("300", "individual-number lgwan internet")):
            self.broker.add_person(number, f"u{number}", zones=zones)
        self.refused("100", "X85")
        self.refused("200", "X85", zones="individual-number")
        self.refused("300", "X95")
        self.refused("300", "X85", zones="individual-number")
        self.enroll("200")
        other = self.bus.key(1, serial=23456789)
        self.key.unplug()
        other.plug()
        self.enroll("300", key=other, zones="internet")
        self.broker.stop()
        with storerig.opened(self.broker) as db:
            records = [rosterrig.decode(rosterrig.RECORD, der) for (der,) in db.execute("SELECT record FROM person")]
        found = {record["number"]: [card["zones"] for card in record["credentials"]] for record in records}
        self.assertEqual(found, {"100": [], "200": [rosterrig.ZONES["lgwan"]], "300": [rosterrig.ZONES["internet"]]})


class AnotherStation(Station):
    """One in a zone that takes them does no other than that."""
    ZONE, REQUIRE = "internet", "card"


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
