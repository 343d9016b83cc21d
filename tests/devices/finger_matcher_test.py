#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-finger without a sensor: the matcher that looks for a finger among everybody else's.

Usage: finger_matcher_test.py BUILD_DIR [unittest arguments]"""
import glob
import os
import subprocess
import sys
import time
import unittest

from fingerrig import (Picture, Press, Reason, Rig, Type, hits_of, prints_of, row, template_of)
from fp3 import Fp3

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "fingerprints")
BUILD = ""
FINGERS = ["f01", "f02", "f03", "f07", "f08"]
ID_A, ID_B, ID_C = b"A" * 16, b"B" * 16, b"C" * 16
TEMPLATES = {}
PICTURES = {}


def press(finger, impression):
    folder = "lookalike" if finger in ("f07", "f08") else "synthetic"
    return ("press", os.path.join(DATA, folder, f"{finger}_{impression}.png"))


def enroll(rig, worker, presses, **fields):
    """An enrolment that asks for pictures: (pictures, its last answer, results of the presses)."""
    worker.request(Type.ENROLL, finger=2, **fields)
    results = []
    for words in presses:
        answer = rig.press(worker, *words)
        while answer.type == Type.PRESS:
            results.append(Press(answer.result))
            if answer.stage < answer.stages:
                break
            answer = worker.receive()
        if answer.type != Type.PRESS:
            break
    pictures, answer = worker.pictures(answer)
    return pictures, answer, results


def setUpModule():
    """A template and the pictures of each finger; f01 twice, from different impressions."""
    rig = Rig(BUILD)
    try:
        worker = rig.ready()
        for finger in FINGERS:
            pictures, answer, results = enroll(rig, worker, [press(finger, n) for n in range(1, 8)],
                                               pictures=10)
            if answer.type != Type.ENROLLED:
                raise RuntimeError(f"{finger} did not enrol: {answer} {results}")
            TEMPLATES[finger], PICTURES[finger] = answer.template, pictures
        again = [press("f01", n) for n in (8, 9, 10, 1, 2, 3, 4)]
        PICTURES["f01 again"] = enroll(rig, worker, again, pictures=3)[0]
    finally:
        rig.close()


class Case(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(BUILD)
        self.addCleanup(self.rig.close)

    def assert_failed(self, answer, reason):
        self.assertIsNotNone(answer, "the worker died")
        self.assertEqual(answer.type, Type.FAILED, answer)
        self.assertEqual(Reason(answer.reason), reason)

    def assert_broken(self, worker):
        self.assertIsNone(worker.receive(2))
        self.assertEqual(worker.wait(2), 1)

    def quiet(self):
        return self.rig.matcher(stderr=subprocess.DEVNULL)


class Pictures(Case):
    """What the worker with the sensor gives away, and when."""

    def test_ready_tells_that_there_are_some(self):
        worker = self.rig.worker()
        self.assertEqual(worker.open(sensor=self.rig.sensor).pictures, 1)

    def test_one_for_each_sample_of_the_template(self):
        self.assertEqual(len(PICTURES["f01"]), 7)
        for picture in PICTURES["f01"]:
            self.assertEqual((picture.width, picture.height, len(picture.pixels)), (320, 400, 128000))
        self.assertEqual(len({picture.pixels for picture in PICTURES["f01"]}), 7)

    def test_no_more_than_were_asked_for(self):
        self.assertEqual(len(PICTURES["f01 again"]), 3)

    def test_none_unless_they_are_asked_for(self):
        presses = [press("f02", n) for n in range(1, 8)]
        pictures, answer, _ = enroll(self.rig, self.rig.ready(), presses)
        self.assertEqual((pictures, answer.type), ([], Type.ENROLLED))

    def test_presses_of_another_finger_are_not_among_them(self):
        """Who lays another finger on for the search does not get past it: what is searched is what
        went into the template."""
        presses = [press("f02", 1), press("f02", 2)] + [press("f01", n) for n in range(1, 8)]
        pictures, answer, results = enroll(self.rig, self.rig.ready(), presses, pictures=10)
        self.assertEqual(answer.type, Type.ENROLLED, results)
        self.assertEqual([p.pixels for p in pictures], [p.pixels for p in PICTURES["f01"]])

    def test_none_of_a_finger_that_was_given_up(self):
        pictures, answer, _ = enroll(self.rig, self.rig.ready(), [press("f01", 1)] * 13, pictures=10)
        self.assertEqual(pictures, [])
        self.assert_failed(answer, Reason.POOR)


class Comparison(Case):
    def rows(self, *fingers):
        return [row(finger.encode().ljust(16), 2, TEMPLATES[finger]) for finger in fingers]

    def test_same_finger_is_found(self):
        matcher = self.rig.matcher()
        matcher.probe(PICTURES["f01 again"])
        answer = matcher.compare(self.rows("f02", "f01", "f03"), presses=3)
        self.assertEqual((answer.type, answer.count), (Type.COMPARED, 3))
        (ident, (presses, pairs)), = hits_of(answer).items()
        self.assertEqual(ident, b"f01".ljust(16))
        self.assertEqual(presses, 3)
        self.assertGreater(pairs, 9, "of 21")

    def test_look_alike_is_hit_by_few(self):
        matcher = self.rig.matcher()
        matcher.probe(PICTURES["f08"])
        answer = matcher.compare(self.rows("f01", "f07"), presses=7)
        hits = hits_of(answer)
        self.assertEqual(set(hits), {b"f07".ljust(16)})
        self.assertLess(hits[b"f07".ljust(16)][1], 8, "of 49")

    def test_other_fingers_are_not_hit(self):
        matcher = self.rig.matcher()
        matcher.probe(PICTURES["f03"])
        answer = matcher.compare(self.rows("f01", "f02"), presses=7)
        self.assertEqual((answer.type, answer.count, hits_of(answer)), (Type.COMPARED, 2, {}))

    def test_as_many_presses_and_samples_as_are_asked_for(self):
        matcher = self.rig.matcher()
        matcher.probe(PICTURES["f01 again"])
        presses, pairs = hits_of(matcher.compare(self.rows("f01"), presses=1, samples=1)).get(
            b"f01".ljust(16), (0, 0))
        self.assertLessEqual((presses, pairs), (1, 1))
        presses, pairs = hits_of(matcher.compare(self.rows("f01"), presses=2, samples=3))[
            b"f01".ljust(16)]
        self.assertLessEqual(pairs, 6)

    def test_without_a_quarter_the_same_finger_still_matches(self):
        """And the look-alike does so hardly ever."""
        for pictures, other, least, most in (("f01 again", "f01", 20, 84), ("f08", "f07", 0, 15)):
            matcher = self.rig.matcher()
            matcher.probe(PICTURES[pictures])
            pairs = 0
            for quarter in range(1, 5):
                answer = matcher.compare(self.rows(other), len(PICTURES[pictures]), left_out=quarter)
                self.assertEqual((answer.type, answer.count), (Type.COMPARED, 1))
                pairs += sum(hit[1] for hit in hits_of(answer).values())
            self.assertTrue(least <= pairs <= most, f"{other}: {pairs}")
            matcher.stop()

    def test_parts_of_the_gallery_one_after_the_other(self):
        matcher = self.rig.matcher()
        matcher.probe(PICTURES["f01 again"])
        found = []
        for finger in ("f02", "f01", "f03"):
            answer = matcher.compare(self.rows(finger), presses=2, samples=3)
            self.assertEqual((answer.type, answer.count), (Type.COMPARED, 1))
            found += hits_of(answer)
        self.assertEqual(found, [b"f01".ljust(16)])

    def test_templates_of_any_sensor(self):
        """What is compared is the broker's choice: libfprint's own drivers share one matcher."""
        template = template_of([Fp3(p).retagged("uru4000") for p in prints_of(TEMPLATES["f01"])])
        matcher = self.rig.matcher()
        matcher.probe(PICTURES["f01 again"])
        answer = matcher.compare([row(ID_A, 2, template, driver="uru4000")], presses=3)
        self.assertEqual(hits_of(answer)[ID_A][0], 3)

    def test_two_at_once(self):
        matchers = [self.rig.matcher() for _ in range(2)]
        for matcher in matchers:
            matcher.probe(PICTURES["f01 again"])
            matcher.gallery(*self.rows("f02", "f01"))
            matcher.request(Type.COMPARE, presses=3, samples=3)
        for matcher in matchers:
            self.assertEqual(set(hits_of(matcher.receive(60))), {b"f01".ljust(16)})

    def check_folders(self, when):
        """Those that are there go away; other programs' matchers may have some, too."""
        folders, deadline = glob.glob("/tmp/toyama-matcher.*"), time.monotonic() + 30
        while any(map(os.path.exists, folders)) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertEqual([folder for folder in folders if os.path.exists(folder)], [], when)

    def test_nothing_stays_behind(self):
        matcher = self.rig.matcher()
        mine = set(os.listdir(f"/proc/{matcher.process.pid}/fd"))
        self.assertTrue(mine)
        self.check_folders("gone once it is connected")
        matcher.stop()
        opening = self.rig.worker()
        opening.send(Type.MATCHER)
        opening.stop()
        self.check_folders("gone with the worker")

    def test_it_is_nice(self):
        matcher = self.rig.matcher()
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, matcher.process.pid),
                         os.getpriority(os.PRIO_PROCESS, 0) + 10)


class Faults(Case):
    def compared(self, *rows):
        matcher = self.rig.matcher()
        matcher.probe(PICTURES["f01 again"])
        return matcher.compare(rows, presses=1)

    def test_template_that_says_something_else(self):
        good = TEMPLATES["f01"]
        for bad in (row(ID_B, 3, good), row(ID_B, 2, good, driver="elan"), row(ID_B, 2, good[:-1]),
                    row(ID_B, 2, template_of([b"FP3"])), row(ID_B, 2, template_of([]))):
            answer = self.compared(row(ID_A, 2, good), bad)
            self.assert_failed(answer, Reason.BAD_TEMPLATE)
            self.assertEqual(answer.id, ID_B)

    def test_nothing_to_compare(self):
        answer = self.compared()
        self.assertEqual((answer.type, answer.count, hits_of(answer)), (Type.COMPARED, 0, {}))

    def test_more_presses_than_pictures(self):
        matcher = self.rig.matcher()
        matcher.probe(PICTURES["f01 again"])
        self.assert_failed(matcher.compare([row(ID_A, 2, TEMPLATES["f01"])], presses=4), Reason.INTERNAL)

    def test_half_a_picture(self):
        matcher = self.rig.matcher()
        first, *_ = PICTURES["f01"][0].parts(0)
        matcher.send(Type.PROBE, **first)
        self.assert_failed(matcher.compare([row(ID_A, 2, TEMPLATES["f01"])], presses=1), Reason.INTERNAL)

    def test_a_picture_without_a_finger(self):
        matcher = self.rig.matcher()
        matcher.probe([Picture(320, 400, b"\xeb" * 128000)])
        self.assert_failed(matcher.compare([row(ID_A, 2, TEMPLATES["f01"])], presses=1), Reason.FAULT)

    def test_too_many_templates(self):
        matcher = self.quiet()
        try:
            matcher.gallery(*[row(n.to_bytes(16, "big"), 2, TEMPLATES["f02"]) for n in range(257)])
        except BrokenPipeError:
            pass
        self.assert_broken(matcher)

    def test_parts_that_do_not_fit(self):
        first, second, *_ = PICTURES["f01"][0].parts(0)
        for parts in ([second], [first, first], [first, {**second, "number": 1}],
                      [first, {**second, "width": 400}], [{**first, "width": 0}],
                      [{**first, "width": 65536, "height": 65536}], [{**first, "number": 10}],
                      [{**first, "pixels": b""}], [{**first, "width": 10, "height": 10}]):
            matcher = self.quiet()
            try:
                for part in parts:
                    matcher.send(Type.PROBE, **part)
            except BrokenPipeError:
                pass
            self.assert_broken(matcher)

    def test_too_many_pictures(self):
        matcher = self.quiet()
        for number in range(10):
            matcher.send(Type.PROBE, number=number, width=1, height=1, offset=0, pixels=b"x")
        matcher.send(Type.PROBE, number=10, width=1, height=1, offset=0, pixels=b"x")
        self.assert_broken(matcher)

    def test_a_matcher_is_no_sensor(self):
        for kind, fields in ((Type.VERIFY, {}), (Type.ENROLL, {"finger": 2}), (Type.SEARCH, {})):
            matcher = self.quiet()
            matcher.request(kind, **fields)
            self.assert_broken(matcher)
        matcher = self.quiet()
        matcher.send(Type.OPEN, drivers="virtual_image", socket=self.rig.sensor)
        self.assert_broken(matcher)

    def test_a_sensor_is_no_matcher(self):
        first, *_ = PICTURES["f01"][0].parts(0)
        for kind, fields in ((Type.PROBE, first), (Type.MATCHER, {}),
                             (Type.COMPARE, {"nonce": bytes(16), "presses": 1, "samples": 1})):
            worker = self.rig.ready(stderr=subprocess.DEVNULL)
            worker.send(kind, **fields)
            self.assert_broken(worker)

    def test_counts_out_of_range(self):
        for fields in ({"presses": 0, "samples": 1}, {"presses": 11, "samples": 1},
                       {"presses": 1, "samples": 0}, {"presses": 1, "samples": 1, "left_out": 5}):
            matcher = self.quiet()
            matcher.request(Type.COMPARE, **fields)
            self.assert_broken(matcher)
        worker = self.rig.ready(stderr=subprocess.DEVNULL)
        worker.request(Type.ENROLL, finger=2, pictures=11)
        self.assert_broken(worker)

    def test_another_attempt(self):
        matcher = self.quiet()
        matcher.attempt = bytes(16)
        matcher.request(Type.COMPARE, presses=1, samples=1)
        self.assert_broken(matcher)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
