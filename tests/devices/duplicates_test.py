#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A finger that somebody else has registered, at the enrolment of a real broker with real matchers.

    duplicates_test.py BUILD_DIR"""
import os
import pathlib
import shutil
import sys
import time
import unittest

import brokerrig
import lying_worker
import pcscns
import storerig
from brokerrig import Admin

BUILD = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else "build")
HERE = pathlib.Path(__file__).parent
PLACE = ("K05", "K06", "K07", "K08", "K09", "M04", "X26")  # asks for a press of the finger that is being enrolled
SURE = "K07c"                                              # asks for it once more, to be sure
SECOND = "K07d"                                            # asks for another finger of who is alike
SPEAKS = ("lying_worker.py", "frames.py", "fingerrig.py")


class World:
    """What all tests have in common."""
    sensor = broker = None
    people = 0


def setUpModule():  # pylint: disable=invalid-name
    """hanako has f01 and f07, of the look-alike pair; taro has f02."""
    World.sensor = brokerrig.Sensor(BUILD)
    World.broker = broker = brokerrig.Broker(BUILD, "individual-number", "card finger")
    broker.init()
    broker.start()
    for number, name, fingers in (("100", "hanako", ("f01", "f07")), ("200", "taro", ("f02",))):
        broker.add_person(number, name)
        for side, finger in zip(("right-index", "left-index"), fingers):
            call = enroll(number, side, finger)
            if call.result != Admin.OK:
                raise RuntimeError(f"{finger}: {call.result} {call.message} {call.detail}: {broker.log()[-2000:]}")


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    World.broker.check_clean()
    World.sensor.end()


def press(finger, impression):
    folder = "lookalike" if finger in ("f07", "f08") else "synthetic"
    answer = World.sensor.ask(f"press {brokerrig.FINGERS.parent}/{folder}/{finger}_{impression}.png")
    if not answer.startswith("ok"):
        raise RuntimeError(f"press: {answer}")


def enroll(number, side, finger, order=range(1, 9), sure=None, second=None, on=None):
    """finger.enroll with the impressions in this order; `sure()` lays a finger on at each K07c, `second` says which one at
    each K07d for the finger that is asked for."""
    presses = iter([*order, *order])

    def next_press(_said=None):
        press(finger, next(presses))
    actions = dict.fromkeys(PLACE, next_press)
    actions[SURE] = (lambda _said: sure()) if sure else next_press
    others = iter([*range(1, 7)] * 2)
    actions[SECOND] = lambda said: press(second[said["finger"]], next(others))
    return World.broker.call("finger.enroll", person=number, finger=side, on={**actions, **(on or {})})


def somebody(test=None):
    """A new person's number; `test` forgets the person at its end."""
    World.people += 1
    number = str(300 + World.people)
    World.broker.add_person(number, f"user{number}")
    if test is not None:
        test.addCleanup(World.broker.must, "person.remove", person=number)
    return number


def fingers():
    return int(World.broker.must("status").rows[0]["fingers"])


def matchers():
    """Command lines of what runs as the sensor's user."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.stat(f"/proc/{pid}").st_uid == 1:
                with open(f"/proc/{pid}/cmdline", "rb") as file:
                    found.append(file.read())
        except OSError:
            continue
    return found


class Search(unittest.TestCase):
    def said(self, call):
        return [message for message, _ in call.events]

    def tearDown(self):
        pcscns.wait_until(lambda: not matchers(), 4, "the end of all workers")
        left = list(pathlib.Path("/tmp").glob("toyama-matcher.*"))   # others' too, which go away by themselves
        pcscns.wait_until(lambda: not any(folder.exists() for folder in left), 60, "the end of all matchers' folders")

    def refused(self, call, message, said, event, other):
        """`said`: how often presses of the same finger and of another one were asked for."""
        self.assertEqual((call.result, call.message), (Admin.REFUSED, message), call.detail)
        self.assertIn(other, call.detail)
        self.assertEqual((self.said(call).count(SURE), self.said(call).count(SECOND)), said)
        seen, newest = World.broker.events(2)
        self.assertEqual((seen["kind"], seen["other"], seen["pressed"]), ("lookalike-finger", other, "alike"))
        self.assertEqual((newest["kind"], newest["other"]), (event, other))
        return newest

    def test_who_is_registered_for_another_person_is_refused(self):
        """hanako once more, as somebody else: she is found by one finger and proven by another."""
        number, before = somebody(self), fingers()
        call = enroll(number, "right-index", "f01", (8, 9, 10, 1, 2, 3, 4, 5, 6), second={"left-index": "f07"})
        event = self.refused(call, "K10b", (3, 2), "duplicate-finger", "100")
        self.assertEqual(event["person"], number)
        self.assertLess(self.said(call).index("K07b"), self.said(call).index(SURE))
        self.assertEqual([arguments for message, arguments in call.events if message == SECOND],
                         [{"finger": "left-index"}] * 2)
        self.assertEqual(fingers(), before)

    def test_a_third_finger_where_the_second_does_not_match(self):
        self.assertEqual(enroll("100", "right-middle", "f05").result, Admin.OK)
        self.addCleanup(World.broker.must, "finger.delete", person="100", finger="right-middle")
        before = fingers()
        call = enroll(somebody(self), "right-index", "f01", (8, 9, 10, 1, 2, 3, 4, 5, 6),
                      second={"left-index": "f04", "right-middle": "f05"})
        self.refused(call, "K10b", (3, 6), "duplicate-finger", "100")
        self.assertEqual(fingers(), before)

    def test_another_persons_finger_alone_is_refused(self):
        """A finger that hanako lends: whoever lends it is not named to be the same person."""
        before = fingers()
        call = enroll(somebody(self), "right-index", "f01", (8, 9, 10, 1, 2, 3, 4, 5, 6),
                      second={"left-index": "f04"})
        self.refused(call, "K10c", (3, 4), "lookalike-refused", "100")
        self.assertEqual(fingers(), before)

    def test_who_has_no_second_finger(self):
        before = fingers()
        call = enroll(somebody(self), "right-index", "f02", (8, 9, 10, 1, 2, 3, 4, 5, 6))
        self.refused(call, "K10c", (3, 0), "lookalike-refused", "200")
        self.assertEqual(fingers(), before)

    def test_the_same_finger_is_no_second_one(self):
        number, before = somebody(self), fingers()
        call = enroll(number, "right-index", "f01", (8, 9, 10, 1, 2, 3, 4, 5, 6), second={"left-index": "f01"})
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "K11"), call.detail)
        self.assertEqual(self.said(call).count(SECOND), 5)
        event = World.broker.events(1)[0]
        self.assertEqual((event["kind"], event["other"], event["pressed"]), ("lookalike-finger", "100", "alike"))
        self.assertEqual(fingers(), before)

    def test_a_new_finger_is_registered_after_the_search(self):
        number, before = somebody(self), fingers()
        call = enroll(number, "right-index", "f03")
        self.assertEqual((call.result, call.rows[0]["alike"]), (Admin.OK, ""), call.detail)
        self.assertEqual(self.said(call).count("K07b"), len([m for m in self.said(call) if m == "K07b"]))
        self.assertEqual([arguments["percent"] for message, arguments in call.events if message == "K07b"][0], "0")
        self.assertNotIn(SURE, self.said(call))
        event = World.broker.events(1)[0]
        self.assertEqual((event["kind"], event["compared"]), ("finger-enrolled", str(before)))

    def test_a_look_alike_is_not_refused(self):
        """f08 passes one press against f07, which hanako has."""
        number = somebody(self)
        call = enroll(number, "right-index", "f08")
        self.assertEqual(call.result, Admin.OK, call.detail)
        self.assertNotIn(SURE, self.said(call))
        self.assertRegex(World.broker.log().splitlines()[-1], "finger search: .*, 0 alike")

    def test_another_finger_at_the_end_does_not_help(self):
        """Who sees that he is found lays another finger on."""
        number, before, presses = somebody(self), fingers(), iter(range(1, 9))
        call = enroll(number, "right-index", "f01", (8, 9, 10, 1, 2, 3, 4), sure=lambda: press("f04", next(presses)))
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "K11"), call.detail)
        self.assertEqual(self.said(call).count(SURE), 5)
        self.assertEqual(fingers(), before)

    def test_own_fingers_are_not_searched(self):
        number = somebody(self)
        self.assertEqual(enroll(number, "right-index", "f03").result, Admin.OK)
        call = enroll(number, "left-index", "f03", (8, 9, 10))
        self.assertEqual((call.result, call.message), (Admin.EXISTS, "K10"))
        self.assertNotIn("K07b", self.said(call))

    def test_people_who_come_meanwhile_are_searched(self):
        """The records change while the matchers work: those that are new are looked at as well."""
        number, came = somebody(self), []

        def come(_said):
            came.append(somebody())
        call = enroll(number, "right-index", "f03", on={"K07b": come})
        self.assertEqual(call.result, Admin.OK, call.detail)
        self.assertTrue(came)

    def test_operator_who_goes_away(self):
        class Gone(Exception):
            pass

        def leave(_said):
            raise Gone
        number, before = somebody(self), fingers()
        with self.assertRaises(Gone):
            enroll(number, "right-index", "f03", on={"K07b": leave})
        pcscns.wait_until(lambda: not matchers(), 4, "the end of all workers")
        self.assertEqual(fingers(), before)
        self.assertEqual(enroll(number, "right-index", "f03").result, Admin.OK)

    def test_altered_template_ends_the_search(self):
        """A row that nobody can open is no "nobody"."""
        number = somebody(self)
        World.broker.check_clean()
        saved = f"{World.broker.directory}/saved"
        shutil.copytree(World.broker.state, saved)
        with storerig.opened(World.broker) as db:
            sealed = bytearray(db.execute("SELECT sealed FROM template WHERE person=?",
                                          (storerig.person_id(db, "200"),)).fetchone()[0])
            sealed[100] ^= 1
            db.execute("UPDATE template SET sealed=? WHERE person=?",
                       (bytes(sealed), storerig.person_id(db, "200")))
        World.broker.start()
        try:
            call = enroll(number, "right-index", "f03")
            self.assertEqual((call.result, call.message), (Admin.FAILED, "X13"), call.detail)
            self.assertIn("200", call.detail)
        finally:
            World.broker.check_clean()
            shutil.rmtree(World.broker.state)
            shutil.copytree(saved, World.broker.state)
            shutil.rmtree(saved)
            World.broker.start()


class LyingMatchers(unittest.TestCase):
    """Matchers that were taken over or die: an error, never "nobody has this finger"."""

    @classmethod
    def setUpClass(cls):
        broker = World.broker
        broker.check_clean()
        for name in SPEAKS:
            shutil.copy(HERE / name, broker.directory)
        honest = broker.worker(f"{BUILD}/biometric/toyama-finger")
        wrapper = f"{broker.directory}/liar"
        with open(wrapper, "w", encoding="ascii") as file:
            file.write(f"#!/bin/sh\nexec /usr/bin/python3 -B {broker.directory}/lying_worker.py matcher "
                       f"{broker.directory}/behaviour {honest}\n")
        os.chmod(wrapper, 0o755)
        cls.behave("dies_at_once")
        broker.configure("individual-number", "card finger", finger_worker=wrapper)
        broker.start()

    @classmethod
    def tearDownClass(cls):
        World.broker.check_clean()
        World.broker.configure("individual-number", "card finger")
        World.broker.start()

    @staticmethod
    def behave(name):
        path = f"{World.broker.directory}/behaviour"
        with open(path, "w", encoding="ascii") as file:
            file.write(name)
        os.chmod(path, 0o644)

    def test_each_lie(self):
        number, before = somebody(self), fingers()
        honest = ("everybody_is_alike", "everybody_is_somewhat_alike", "honest_word")
        lies = [name.removeprefix("matcher_") for name in vars(lying_worker) if name.startswith("matcher_")]
        self.assertGreater(len(lies), 10)
        for behaviour in lies:
            if behaviour in honest:
                continue
            with self.subTest(behaviour=behaviour):
                self.behave(behaviour)
                begun = time.monotonic()
                call = World.broker.call("finger.enroll", person=number, finger="right-index")
                self.assertEqual((call.result, call.message), (Admin.UNAVAILABLE, "X05"), call.detail)
                self.assertIn("the search among all fingers", call.detail)
                self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual(fingers(), before)
        pcscns.wait_until(lambda: not matchers(), 4, "the end of all workers")

    def test_one_matcher_for_each_processor(self):
        self.behave("honest_word")
        count = min(len(os.sched_getaffinity(0)), 8, fingers())
        self.assertEqual(enroll(somebody(self), "right-index", "f03").result, Admin.OK)
        self.assertIn(f"compared by {count} matchers", World.broker.log())

    def test_presses_find_out_who_is_not_alike(self):
        """All are said to be the same finger: the person's own presses say that they are not."""
        self.behave("everybody_is_alike")
        number = somebody(self)
        call = enroll(number, "right-index", "f03", (1, 2, 3, 4, 5, 6, 7, 8, 9, 10))
        self.assertEqual(call.result, Admin.OK, call.detail)
        self.assertEqual([message for message, _ in call.events].count(SURE), 9, "three for each of three")
        kinds = [event["kind"] for event in World.broker.events(4)]
        self.assertEqual(sorted(kinds), ["finger-enrolled"] + ["lookalike-finger"] * 3)

    def test_somewhat_alike_in_one_finger_alone_is_taken_and_noted(self):
        """Her finger matches hanako's at each press, her other one does not: that happens among 10,000 fingers."""
        self.behave("everybody_is_somewhat_alike")
        call = enroll(somebody(self), "right-index", "f01", (8, 9, 10, 1, 2, 3, 4), sure=lambda: press("f01", 5),
                      second={"left-index": "f04"})
        self.assertEqual((call.result, call.rows[0]["alike"]), (Admin.OK, "100"), call.detail)
        said = [message for message, _ in call.events]
        self.assertEqual((said.count(SURE), said.count(SECOND)), (9, 4), "three for each of three; hanako's other one")
        events = World.broker.events(4)
        self.assertEqual(sorted(event["kind"] for event in events), ["finger-enrolled"] + ["lookalike-finger"] * 3)
        self.assertEqual(sorted((event["other"], event["pressed"]) for event in events if "other" in event),
                         [("100", "alike"), ("100", "different"), ("200", "different")])
        self.assertEqual([event["alike"] for event in events if event["kind"] == "finger-enrolled"], ["100"])


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
