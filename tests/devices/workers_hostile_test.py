# SPDX-License-Identifier: Apache-2.0
"""Workers that were taken over: whatever they say, nobody gets in without the enrolled card, and the
broker goes on.

    workers_hostile_test.py BUILD_DIR"""
import os
import pathlib
import re
import shutil
import sys
import time
import unittest

import brokerrig
import lying_worker
import pcscns
from brokerrig import Admin, Result

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
PIN = "123456"
HERE = pathlib.Path(__file__).parent
SPEAKS = ("lying_worker.py", "frames.py", "fingerrig.py")


class World:
    """What all tests have in common."""
    pcsc = sensor = None


def setUpModule():  # pylint: disable=invalid-name
    World.pcsc = pcscns.Pcsc()
    World.pcsc.start()
    World.sensor = brokerrig.Sensor(BUILD)


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    World.sensor.end()
    World.pcsc.stop()


def behaviours(kind):
    """All lies of a kind of worker."""
    return [name.removeprefix(kind + "_") for name in vars(lying_worker) if name.startswith(kind + "_")]


def memory(pid):
    """Resident KiB of a process."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(re.search(r"VmRSS:\s*(\d+)", file.read())[1])


def processes():
    """{pid: command line} of what runs with a worker's uid."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.stat(f"/proc/{pid}").st_uid in (1, 65534):
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    found[int(pid)] = file.read()
        except OSError:
            continue
    return found


class Lied:
    """A host on which Hanako has a card (and, where needed, fingers), enrolled by honest workers."""
    zone = require = kind = None
    pins = ()

    @classmethod
    def setUpClass(cls):
        cls.broker = brokerrig.Broker(BUILD, cls.zone, cls.require, name=cls.__name__, card_wait="1", finger_wait="1",
                                      throttle_after="100")
        cls.broker.init()
        cls.broker.start()
        cls.card = pcscns.VirtualCard(BUILD, slot=0, name=cls.__name__, pin=PIN)
        cls.broker.add_person("100", "hanako")
        cls.broker.enroll_card("100", cls.card, World.pcsc, PIN)
        if "finger" in cls.require:
            cls.broker.enroll_finger("100", World.sensor, "right-index", "f01")
            cls.broker.enroll_finger("100", World.sensor, "left-index", "f02")
        cls.broker.stop()
        cls.card.insert()
        World.pcsc.wait_card(0)
        cls.lie_with(cls.kind)

    @classmethod
    def tearDownClass(cls):
        cls.broker.check_clean()
        cls.card.end()
        shutil.rmtree(cls.broker.directory)
        pcscns.wait_until(lambda: not World.pcsc.has_card(0), what="an empty reader")

    @classmethod
    def lie_with(cls, kind, **settings):
        """The config names a liar for one of the two workers."""
        for name in SPEAKS:
            shutil.copy(HERE / name, cls.broker.directory)
        wrapper = f"{cls.broker.directory}/liar"
        with open(wrapper, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\nexec /usr/bin/python3 -B {cls.broker.directory}/lying_worker.py {kind} "
                       f"{cls.broker.directory}/behaviour\n")
        os.chmod(wrapper, 0o755)
        cls.broker.configure(cls.zone, cls.require, card_wait="1", finger_wait="1", throttle_after="100",
                             lock_after="10", **{f"{kind}_worker": wrapper}, **settings)
        cls.broker.start({**os.environ, "ASAN_OPTIONS": "quarantine_size_mb=1"})

    def behave(self, name):
        path = f"{self.broker.directory}/behaviour"
        with open(path, "w", encoding="ascii") as file:
            file.write(name)
        os.chmod(path, 0o644)

    def tearDown(self):
        self.broker.must("lockout.clear", person="100")

    def attempt(self, behaviour):
        """One login against the liar."""
        self.behave(behaviour)
        login = self.broker.login(user="hanako")
        login.finish(pins=self.pins)
        return login

    def check_refused(self, behaviour, login, expected):
        result, message, cause = expected
        self.assertEqual((login.result, login.said[-1]), (result, message), behaviour)
        event = self.broker.events(1)[0]
        self.assertEqual((event["result"], event["cause"]), ("denied", cause), behaviour)
        self.assertEqual(self.broker.must("status").rows[0]["registry"], "good")

    def no_workers_left(self, timeout=3):
        pcscns.wait_until(lambda: not processes(), timeout, f"the end of {processes()}")

    def honest(self):
        """The same host with honest workers: nothing stuck."""
        self.broker.check_clean()
        self.broker.configure(self.zone, self.require, card_wait="3", finger_wait="3")
        self.broker.start()
        login = self.broker.login(user="hanako")
        login.finish(pins=(PIN,), on={"M02": lambda: World.sensor.press("f01", 10)})
        self.assertEqual(login.result, Result.GRANTED)
        self.broker.stop()
        self.lie_with(self.kind)


DEAD = (Result.UNAVAILABLE, "X05", "card-worker")
NOBODY = (Result.DENIED, "M07", "not-proven")
CARD_LIES = {
    "silent": (Result.DENIED, "X06", "no-card"),
    "open": (Result.DENIED, "X06", "no-card"),
    "floods_removed": (Result.DENIED, "X06", "no-card"),
    "present_then_silent": (Result.DENIED, "X15", "card-unreadable"),
    "present": (Result.DENIED, "X15", "card-unreadable"),
    **{name: NOBODY for name in ("signed_too_early", "signs_noise", "signs_nothing", "signs_zeros", "signs_at_length",
                                 "signs_digest", "unknown_reason", "says_pin_wrong")},
    "next_for_ever": NOBODY,
    "algorithms_for_ever": (Result.DENIED, "X15", "card-unreadable"),
}
SLOW = ("present_then_silent", "present", "algorithms_for_ever")  # until the card's time is up


class LyingCard(Lied, unittest.TestCase):
    """toyama-card, where the card alone is asked."""
    zone, require, kind = "internet", "card", "card"

    def test_each_lie(self):
        for behaviour in behaviours("card"):
            if behaviour in SLOW + ("leaves_a_child",):
                continue
            with self.subTest(behaviour=behaviour):
                login = self.attempt(behaviour)
                self.assertNotEqual(login.result, Result.GRANTED)
                self.check_refused(behaviour, login, CARD_LIES.get(behaviour, DEAD))
                self.assertLess(login.took, 2.5)
        self.no_workers_left()
        self.assertNotIn("result=granted", self.broker.log())
        self.honest()

    def test_never_answers(self):
        login = self.attempt("present_then_silent")
        self.check_refused("present_then_silent", login, CARD_LIES["present_then_silent"])
        self.assertLess(login.took, 12)

    def test_stays(self):
        """Neither the closed channel nor SIGTERM makes it go."""
        self.attempt("stays")
        self.assertTrue(processes())
        self.no_workers_left(2.5)
        self.assertIn("did not end in time and was killed", self.broker.log())

    def test_leaves_nobody_behind(self):
        """It may make threads, but no processes, which could wait for the next person's card."""
        self.attempt("leaves_a_child")
        self.assertIn("no child", self.broker.log())
        self.no_workers_left()

    def test_flood_does_not_stop_others(self):
        """While one worker floods, an operator is answered, and nothing piles up."""
        self.behave("floods_removed")
        login = self.broker.login(user="hanako")
        before, begun = memory(self.broker.process.pid), time.monotonic()
        for _ in range(5):
            self.broker.must("status")
        self.assertLess(time.monotonic() - begun, 2)
        login.finish()
        self.assertNotEqual(login.result, Result.GRANTED)
        self.assertLess(memory(self.broker.process.pid) - before, 50000)


class LyingCardWithPin(Lied, unittest.TestCase):
    """toyama-card, where a PIN was typed before."""
    zone, require, kind = "lgwan", "card pin", "card"
    pins = (PIN,)

    def test_no_lie_gets_the_pin(self):
        for behaviour in behaviours("card"):
            if behaviour in SLOW + ("leaves_a_child", "stays"):
                continue
            with self.subTest(behaviour=behaviour):
                login = self.attempt(behaviour)
                self.assertNotEqual(login.result, Result.GRANTED)
                self.assertLess(login.took, 13)
        self.assertNotIn("got a PIN", self.broker.log())
        self.assertNotIn(PIN, self.broker.log())
        self.assertEqual(self.card.tries(), 3)
        self.no_workers_left()
        self.honest()


    def test_nor_at_the_desk(self):
        """None is believed to be hanako's card, and none hears her PIN."""
        for behaviour in behaviours("card"):
            if behaviour in SLOW + ("leaves_a_child", "stays", "silent", "open", "floods_removed"):
                continue
            self.behave(behaviour)
            for verb, pins in (("card.change-pin", (PIN, "24681357", "24681357")),
                               ("card.unblock", ("12345678", "24681357", "24681357"))):
                with self.subTest(behaviour=behaviour, verb=verb):
                    call = self.broker.call(verb, person="100", pins=pins)
                    self.assertIn(call.result, (Admin.UNAVAILABLE, Admin.REFUSED))
                    self.assertFalse({"X67", "X73"} & {message for message, _ in call.events}, call.events)
        self.assertNotIn("got a PIN", self.broker.log())
        self.no_workers_left()


BROKEN = (Result.UNAVAILABLE, "X05", "finger-worker")
# T-33: another device than the admitted one, or than the one that was opened, matches nothing.
FINGER_LIES = {
    "silent": (Result.UNAVAILABLE, "X16", "sensor-fault"),
    "open": (Result.UNAVAILABLE, "X16", "sensor-fault"),
    "ready_then_silent": (Result.DENIED, "X06", "no-finger"),
    "ready": (Result.DENIED, "X06", "no-finger"),
    "asked": (Result.DENIED, "X06", "no-finger"),
    "floods_presses": (Result.DENIED, "X06", "no-finger"),
    "unknown_press": (Result.DENIED, "X06", "no-finger"),
    "not_admitted": (Result.UNAVAILABLE, "X28", "sensor-refused"),
    "other_device": (Result.UNAVAILABLE, "X28", "sensor-refused"),
    "hot": (Result.UNAVAILABLE, "X27", "sensor-hot"),
}
TRUSTED = "match_and_more"


class LyingFinger(Lied, unittest.TestCase):
    """toyama-finger: trusted for the finger factor of its attempt, and for nothing else."""
    zone, require, kind = "individual-number", "card finger", "finger"

    def test_each_lie(self):
        for behaviour in behaviours("finger"):
            if behaviour == TRUSTED or behaviour.startswith("enrols") or behaviour in ("silent", "open"):
                continue
            with self.subTest(behaviour=behaviour):
                login = self.attempt(behaviour)
                self.assertNotEqual(login.result, Result.GRANTED)
                self.check_refused(behaviour, login, FINGER_LIES.get(behaviour, BROKEN))
                self.assertLess(login.took, 3)
        self.no_workers_left()
        self.honest()

    def test_never_ready(self):
        login = self.attempt("silent")
        self.check_refused("silent", login, FINGER_LIES["silent"])
        self.assertLess(login.took, 7)

    def test_a_lie_counts_once(self):
        """A second NO_MATCH has no request of its own."""
        self.attempt("no_match_twice")
        self.assertEqual([row["failures"] for row in self.broker.must("lockout.show").rows], ["1"])

    def test_templates_come_after_the_card(self):
        """With somebody else's card the worker gets none."""
        stranger = pcscns.VirtualCard(BUILD, slot=1, name="stranger")
        self.card.remove()
        stranger.insert()
        World.pcsc.wait_card(0, False)
        World.pcsc.wait_card(1)
        self.broker.stop()
        os.truncate(self.broker.log_path, 0)
        self.broker.start()
        try:
            self.assertNotEqual(self.attempt("match_before_request").result, Result.GRANTED)
            self.assertEqual(self.attempt("asked").said, ["M01", "M07"])
            self.assertNotIn("got a template", self.broker.log())
        finally:
            stranger.end()
            self.card.insert()
            World.pcsc.wait_card(0)
        self.attempt("asked")
        self.assertEqual(self.broker.log().count("got a template"), 2)

    def test_what_it_is_trusted_for(self):
        """Its word for the right template is the finger factor; what it says afterwards nobody hears."""
        login = self.attempt(TRUSTED)
        self.assertEqual(login.result, Result.GRANTED)
        self.assertEqual(self.broker.events(1)[0]["factors"], "card finger")

    def test_enrolment(self):
        for behaviour, message in (("enrols_other_finger", "X05"), ("enrols_nothing", "X05"),
                                   ("enrols_too_much", "X05"), ("garbage", "X05"), ("dies_at_once", "X05"),
                                   ("match_before_request", "X05"), ("enrols_without_pictures", "X05"),
                                   ("enrols_with_one_picture", "X05"), ("enrols_pictures_without_end", "X05")):
            with self.subTest(behaviour=behaviour):
                self.behave(behaviour)
                call = self.broker.call("finger.enroll", person="100", finger="left-thumb", timeout=40)
                self.assertEqual((call.result, call.message), (Admin.UNAVAILABLE, message), call.detail)
                self.assertNotIn("K07b", [said for said, _ in call.events])
        rows = self.broker.must("person.show", person="100").rows
        self.assertEqual(len([r for r in rows if r.get("kind") == "finger"]), 2)

    def test_enrolment_on_a_chip(self):
        """A chip that names a template that nobody has."""
        self.broker.add_person("200", "taro")
        self.addCleanup(self.broker.must, "person.remove", person="200")
        self.behave("enrols_chip_fingers")
        call = self.broker.call("finger.enroll", person="200", finger="left-thumb", timeout=40)
        self.assertEqual((call.result, call.message), (Admin.UNAVAILABLE, "X05"), call.detail)
        self.assertIn("unknown template", call.detail)


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
