#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-finger with the real libfprint: virtual sensor, synthetic fingers, hostile input.

Usage: finger_worker_test.py BUILD_DIR [unittest arguments]"""
import os
import random
import signal
import subprocess
import sys
import time
import unittest
import zlib

import frames
from fingerrig import (ATTEMPT, PLAIN, Field, Press, Reason, Rig, Type, prints_of, row, template_of,
                       write_png)
from fp3 import Fp3

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "fingerprints")
BUILD = ""
FINGERS = ["f01", "f02", "f03", "f04", "f05", "f06"]
ID_A, ID_B, ID_C = b"A" * 16, b"B" * 16, b"C" * 16
TEMPLATES = {}
HUNG = 3    # exit status of a worker whose sensor does not close


def picture(finger, impression):
    folder = "lookalike" if finger in ("f07", "f08") else "synthetic"
    return os.path.join(DATA, folder, f"{finger}_{impression}.png")


def press(finger, impression):
    return ("press", picture(finger, impression))


def setUpModule():
    """One template of impressions 1 to 7 for each finger."""
    rig = Rig(BUILD)
    try:
        worker = rig.ready()
        for finger in [*FINGERS, "f07"]:
            answer, results = rig.enroll(worker, [press(finger, n) for n in range(1, 8)])
            if answer is None or answer.type != Type.ENROLLED:
                raise RuntimeError(f"{finger} did not enrol: {answer} {results}")
            TEMPLATES[finger] = answer.template
    finally:
        rig.close()


class Case(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(BUILD)
        self.addCleanup(self.rig.close)

    @staticmethod
    def template(finger):
        return TEMPLATES[finger]

    def assert_failed(self, answer, reason):
        self.assertIsNotNone(answer, "the worker died")
        self.assertEqual(answer.type, Type.FAILED, answer)
        self.assertEqual(Reason(answer.reason), reason)

    def assert_ended(self, worker, status):
        self.assertIsNone(worker.receive(2))
        self.assertEqual(worker.wait(2), status)


class Enrolment(Case):
    def test_every_finger_enrols_and_verifies_with_other_impressions(self):
        for finger in FINGERS:
            template = self.template(finger)
            self.assertEqual(len(prints_of(template)), 7)
            worker = self.rig.ready()
            for impression in (8, 9, 10):
                with self.subTest(finger=finger, impression=impression):
                    answer = self.rig.verify(worker, press(finger, impression),
                                             [row(ID_A, 2, template)])
                    self.assertEqual((answer.type, answer.id, answer.finger, answer.driver),
                                     (Type.MATCH, ID_A, 2, "virtual_image"))
            worker.stop()

    def test_answers_name_request_and_stages(self):
        worker = self.rig.ready()
        nonce = worker.request(Type.ENROLL, finger=7)
        for n in range(1, 8):
            answer = self.rig.press(worker, *press("f01", n))
            self.assertEqual((answer.attempt, answer.nonce), (ATTEMPT, nonce))
            self.assertEqual((answer.stage, answer.stages), (n, 7))
        answer = worker.receive()
        self.assertEqual((answer.type, answer.nonce, answer.finger), (Type.ENROLLED, nonce, 7))
        self.assertEqual((answer.samples, answer.width, answer.height), (7, 320, 400))

    def refuse(self, presses, reason=Reason.POOR, gallery=()):
        worker = self.rig.ready()
        answer, results = self.rig.enroll(worker, presses, gallery=gallery)
        self.assert_failed(answer, reason)
        return answer, results

    def test_noise_is_refused(self):
        _, results = self.refuse([("noise", 320, 400, seed) for seed in range(13)])
        self.assertLessEqual(results.count(Press.GOOD), 1)

    def test_five_fingers_are_refused(self):
        _, results = self.refuse([press(f, n) for n in range(1, 5) for f in FINGERS[:5]])
        self.assertNotIn(Press.GOOD, results[1:5])

    def test_two_fingers_in_turn_are_refused(self):
        self.refuse([press(f, n) for n in range(1, 9) for f in ("f03", "f04")])

    def test_presses_of_another_finger_stay_outside_the_template(self):
        worker = self.rig.ready()
        order = [("f01", 1), ("f01", 2), ("f02", 1), ("f01", 3), ("f01", 4), ("f02", 2),
                 ("f01", 5), ("f01", 6), ("f01", 7)]
        answer, results = self.rig.enroll(worker, [press(*one) for one in order])
        self.assertEqual([n for n, r in enumerate(results) if r == Press.OTHER], [2, 5])
        self.assertEqual((answer.type, answer.samples), (Type.ENROLLED, 7))
        rows = [row(ID_A, 2, answer.template)]
        self.assertEqual(self.rig.verify(worker, press("f02", 3), rows).type, Type.NO_MATCH)
        self.assertEqual(self.rig.verify(worker, press("f01", 8), rows).type, Type.MATCH)

    def test_a_miss_after_the_fifth_asks_for_one_more(self):
        worker = self.rig.ready()
        order = [press("f01", n) for n in range(1, 7)] + [press("f02", 1), press("f01", 7),
                                                          press("f01", 8)]
        answer, results = self.rig.enroll(worker, order)
        self.assertEqual(results[6], Press.OTHER)
        self.assertEqual((answer.type, answer.samples), (Type.ENROLLED, 8))

    def test_first_press_of_another_finger_is_dropped(self):
        worker = self.rig.ready()
        order = [press("f02", 1)] + [press("f01", n) for n in range(1, 8)]
        answer, _ = self.rig.enroll(worker, order)
        self.assertEqual((answer.type, answer.samples), (Type.ENROLLED, 7))
        rows = [row(ID_A, 2, answer.template)]
        self.assertEqual(self.rig.verify(worker, press("f02", 2), rows).type, Type.NO_MATCH)

    def test_same_picture_is_refused(self):
        _, results = self.refuse([press("f01", 1)] * 13)
        self.assertEqual(results, [Press.GOOD] + [Press.NOISE] * 11)

    def test_blank_is_refused(self):
        path = os.path.join(self.rig.directory, "blank.png")
        write_png(path, 320, 400, 235)
        _, results = self.refuse([("press", path)] * 12)
        self.assertEqual(set(results), {Press.AGAIN})

    def test_a_part_of_a_finger_is_refused(self):
        worker = self.rig.ready()
        worker.request(Type.ENROLL, finger=2)
        answer = self.rig.press(worker, "shift", 220, 250, picture("f01", 1))
        self.assertEqual(answer.type, Type.PRESS)
        self.assertIn(answer.result, (Press.NOISE, Press.AGAIN))

    def test_tiny_picture_is_never_taken(self):
        """libfprint may crash on it, also in the eyes of a sanitizer: the worker dies or refuses."""
        worker = self.rig.ready(stderr=subprocess.DEVNULL,
                                env={**PLAIN, "ASAN_OPTIONS": "exitcode=1"})
        worker.request(Type.ENROLL, finger=2)
        answer = self.rig.press(worker, "noise", 8, 8, 1)
        if answer is not None:
            self.assertEqual(answer.type, Type.PRESS)
            self.assertNotEqual(answer.result, Press.GOOD)

    def test_registered_finger_is_reported(self):
        gallery = [row(ID_A, 2, self.template("f02")), row(ID_B, 2, self.template("f01"))]
        answer, results = self.refuse([press("f01", n) for n in range(8, 11)],
                                      Reason.DUPLICATE, gallery)
        self.assertEqual(answer.id, ID_B)
        self.assertEqual(results, [Press.OTHER])

    def test_unlike_fingers_of_the_gallery_do_not_matter(self):
        worker = self.rig.ready()
        gallery = [row(ID_A, 2, self.template("f02")), row(ID_B, 2, self.template("f03"))]
        answer, _ = self.rig.enroll(worker, [press("f01", n) for n in range(1, 8)],
                                    gallery=gallery)
        self.assertEqual(answer.type, Type.ENROLLED)

    def test_retry_codes(self):
        worker = self.rig.ready()
        worker.request(Type.ENROLL, finger=2)
        for code, result in enumerate((Press.AGAIN, Press.SHORT, Press.CENTER, Press.LIFT)):
            answer = self.rig.press(worker, "retry", code)
            self.assertEqual((answer.type, answer.result), (Type.PRESS, result))
        self.assertEqual(self.rig.press(worker, *press("f01", 1)).result, Press.GOOD)


class Verification(Case):
    def test_wrong_finger(self):
        worker = self.rig.ready()
        rows = [row(ID_A, 2, self.template("f01")), row(ID_B, 2, self.template("f02"))]
        for finger in FINGERS[2:]:
            answer = self.rig.verify(worker, press(finger, 8), rows)
            self.assertEqual(answer.type, Type.NO_MATCH, finger)

    def test_gallery_stays_for_the_next_try_only(self):
        worker = self.rig.ready()
        rows = [row(ID_A, 2, self.template("f01"))]
        self.assertEqual(self.rig.verify(worker, press("f02", 8), rows).type, Type.NO_MATCH)
        self.assertEqual(self.rig.verify(worker, press("f01", 8), []).type, Type.MATCH)
        worker.request(Type.SEARCH)
        self.assertEqual(worker.receive().type, Type.NO_MATCH)
        worker.request(Type.VERIFY)
        self.assert_failed(worker.receive(), Reason.INCOMPATIBLE)

    def test_look_alike_passes_one_press_but_not_two(self):
        worker = self.rig.ready()
        rows = [row(ID_A, 2, self.template("f07"))]
        self.assertEqual(self.rig.verify(worker, press("f08", 1), rows).type, Type.MATCH)
        answer = self.rig.verify(worker, press("f08", 1), rows, presses=2)
        self.assertEqual((answer.type, answer.result), (Type.PRESS, Press.GOOD))
        self.assertEqual(self.rig.press(worker, *press("f08", 2)).type, Type.NO_MATCH)

    def test_two_presses_of_the_right_finger(self):
        worker = self.rig.ready()
        rows = [row(ID_A, 2, self.template("f01")), row(ID_B, 2, self.template("f02"))]
        answer = self.rig.verify(worker, press("f01", 8), rows, presses=2)
        self.assertEqual((answer.type, answer.stage, answer.stages), (Type.PRESS, 1, 2))
        answer = self.rig.press(worker, *press("f01", 9))
        self.assertEqual((answer.type, answer.id), (Type.MATCH, ID_A))

    def test_two_presses_must_be_of_one_finger(self):
        worker = self.rig.ready()
        rows = [row(ID_A, 2, self.template("f01")), row(ID_B, 2, self.template("f02"))]
        self.rig.verify(worker, press("f01", 8), rows, presses=2)
        self.assertEqual(self.rig.press(worker, *press("f02", 8)).type, Type.NO_MATCH)

    def test_two_presses_must_differ(self):
        worker = self.rig.ready()
        self.rig.verify(worker, press("f01", 8), [row(ID_A, 2, self.template("f01"))], presses=2)
        answer = self.rig.press(worker, *press("f01", 8))
        self.assertEqual((answer.type, answer.result), (Type.PRESS, Press.NOISE))

    def test_verdict_comes_before_the_finger_is_lifted(self):
        worker = self.rig.ready()
        rows = [row(ID_A, 2, self.template("f01"))]
        worker.gallery(*rows)
        worker.request(Type.VERIFY)
        self.rig.finger.start("hold", 1500, picture("f01", 8))
        begin = time.monotonic()
        self.assertEqual(worker.receive().type, Type.MATCH)
        self.assertLess(time.monotonic() - begin, 1.2)
        worker.gallery(*rows)
        worker.request(Type.VERIFY)
        with self.assertRaises(TimeoutError):
            worker.receive(0.1)
        self.assertEqual(self.rig.finger.finish(), "ok")
        self.assertEqual(self.rig.press(worker, *press("f01", 9)).type, Type.MATCH)

    def test_finger_that_lies_there_before_it_is_asked_for(self):
        worker = self.rig.ready()
        self.rig.finger.start(*press("f01", 8))
        with self.assertRaises(TimeoutError):
            worker.receive(0.3)
        worker.gallery(row(ID_A, 2, self.template("f01")))
        worker.request(Type.VERIFY)
        self.assertEqual(worker.receive().type, Type.MATCH)
        self.assertEqual(self.rig.finger.finish(), "ok")

    def test_half_a_picture_of_another_finger(self):
        worker = self.rig.ready()
        answer = self.rig.verify(worker, ("half", picture("f02", 8)),
                                 [row(ID_A, 2, self.template("f01"))])
        self.assertIn(answer.type, (Type.NO_MATCH, Type.PRESS))

    def test_noise_never_matches(self):
        worker = self.rig.ready()
        rows = [row(ID_A, 2, self.template("f01"))]
        for seed in range(10):
            answer = self.rig.verify(worker, ("noise", 320, 400, seed), rows)
            self.assertIn(answer.type, (Type.NO_MATCH, Type.PRESS))
            if answer.type == Type.PRESS:
                self.assertEqual(answer.result, Press.NOISE)
                self.assertEqual(self.rig.press(worker, *press("f02", 9)).type, Type.NO_MATCH)

    def test_retry_codes(self):
        worker = self.rig.ready()
        worker.gallery(row(ID_A, 2, self.template("f01")))
        worker.request(Type.VERIFY)
        for code, result in enumerate((Press.AGAIN, Press.SHORT, Press.CENTER, Press.LIFT)):
            answer = self.rig.press(worker, "retry", code)
            self.assertEqual((answer.type, answer.result), (Type.PRESS, result))
        self.assertEqual(self.rig.press(worker, *press("f01", 8)).type, Type.MATCH)

    def test_endless_retries_end(self):
        worker = self.rig.ready()
        worker.gallery(row(ID_A, 2, self.template("f01")))
        worker.request(Type.VERIFY)
        answers = [self.rig.press(worker, "retry", 0) for _ in range(31)]
        self.assertEqual({a.type for a in answers[:30]}, {Type.PRESS})
        self.assert_failed(answers[30], Reason.FAULT)

    def test_search_names_the_candidate(self):
        worker = self.rig.ready()
        rows = [row(i, 2, self.template(f))
                for i, f in ((ID_A, "f01"), (ID_B, "f02"), (ID_C, "f03"))]
        worker.gallery(*rows)
        worker.request(Type.SEARCH)
        answer = self.rig.press(worker, *press("f03", 9))
        self.assertEqual((answer.type, answer.id), (Type.MATCH, ID_C))
        worker.gallery(*rows)
        worker.request(Type.SEARCH)
        self.assertEqual(self.rig.press(worker, *press("f04", 9)).type, Type.NO_MATCH)

    def test_many_templates(self):
        worker = self.rig.ready()
        other = self.template("f02")
        worker.gallery(*[row(n.to_bytes(16, "big"), 2, other) for n in range(200)],
                       row(ID_A, 2, self.template("f01")))
        worker.request(Type.SEARCH)
        answer = self.rig.press(worker, *press("f01", 9))
        self.assertEqual((answer.type, answer.id), (Type.MATCH, ID_A))


class Templates(Case):
    def verdict(self, *rows):
        """What a worker says before any press; it stays for the next question."""
        if not self.rig.workers:
            self.rig.ready()
        worker = self.rig.workers[0]
        worker.gallery(*rows)
        worker.request(Type.VERIFY)
        return worker.receive(5)

    def test_without_a_usable_template(self):
        template = self.template("f01")
        self.assert_failed(self.verdict(), Reason.INCOMPATIBLE)
        self.assert_failed(self.verdict(row(ID_A, 2, template, driver="elan")),
                           Reason.INCOMPATIBLE)
        self.assert_failed(self.verdict(row(ID_A, 2, template, device="1")), Reason.INCOMPATIBLE)

    def test_template_that_contradicts_its_record(self):
        template = self.template("f01")
        alien = template_of([Fp3(p).retagged("elan") for p in prints_of(template)])
        for bad in (row(ID_A, 2, alien), row(ID_A, 3, template),
                    row(ID_A, 2, template_of([])), row(ID_A, 2, b""),
                    row(ID_A, 2, prints_of(template)[0])):
            answer = self.verdict(row(ID_B, 2, template), bad)
            self.assert_failed(answer, Reason.BAD_TEMPLATE)
            self.assertEqual(answer.id, ID_A)

    def test_retagging_itself_changes_nothing_else(self):
        """So that the case before fails for its reason only."""
        template = self.template("f01")
        again = template_of([Fp3(p).retagged("virtual_image") for p in prints_of(template)])
        self.assertEqual(prints_of(again), prints_of(template))

    def test_packed_template_that_does_not_open(self):
        """It is the shorter form of the same; a plain one is taken, too."""
        template = self.template("f01")
        plain = template_of(prints_of(template))
        self.assertLess(len(template), len(plain) * 2 // 3)
        self.assertEqual(self.rig.verify(self.rig.ready(), press("f01", 8), [row(ID_A, 2, plain)]).type, Type.MATCH)
        stream = zlib.compress(plain, 9)
        for bad in (stream[:-1], stream + b"\0", zlib.compress(b""), zlib.compress(bytes(50000), 9),
                    zlib.compress(template, 9), stream[:40] + b"\xff" + stream[41:]):
            answer = self.verdict(row(ID_B, 2, template), row(ID_A, 2, frames.tlv(4, bad)))
            self.assert_failed(answer, Reason.BAD_TEMPLATE)
            self.assertEqual(answer.id, ID_A)

    def test_one_bad_print_of_many_spoils_the_template(self):
        prints = prints_of(self.template("f01"))
        for length in range(4):
            answer = self.verdict(row(ID_A, 2, template_of(prints + [prints[0][:length]])))
            self.assert_failed(answer, Reason.BAD_TEMPLATE)

    def test_cut_prints(self):
        whole = prints_of(self.template("f01"))[0]
        for length in list(range(0, 64, 3)) + list(range(64, len(whole), 97)):
            answer = self.verdict(row(ID_A, 2, template_of([whole[:length]])))
            self.assert_failed(answer, Reason.BAD_TEMPLATE)

    def test_flipped_bits_never_match_another_finger(self):
        dice = random.Random(20)
        whole = prints_of(self.template("f01"))[0]
        for _ in range(60):
            bits = bytearray(whole)
            for _ in range(dice.choice((1, 1, 8))):
                bits[dice.randrange(len(bits))] ^= 1 << dice.randrange(8)
            worker = self.rig.ready(stderr=subprocess.DEVNULL)
            worker.gallery(row(ID_A, 2, template_of([bytes(bits)])))
            worker.request(Type.VERIFY)
            try:
                answer = worker.receive(0.05)
            except TimeoutError:
                answer = self.rig.press(worker, *press("f02", 8))
            if answer is not None:
                self.assertIn(answer.type, (Type.FAILED, Type.NO_MATCH))
            worker.stop()

    def test_flipped_bits_of_the_names_never_match(self):
        whole = prints_of(self.template("f01"))[0]
        for at in range(Fp3(whole).names_end()):
            bits = bytearray(whole)
            bits[at] ^= 0x01
            answer = self.verdict(row(ID_A, 2, template_of([bytes(bits)])))
            self.assert_failed(answer, Reason.BAD_TEMPLATE)

    def test_coordinates_out_of_range(self):
        fp3 = Fp3(prints_of(self.template("f01"))[0])
        for value in (-1, 5001, 0x7FFFFFFF, -0x80000000):
            answer = self.verdict(row(ID_A, 2, template_of([fp3.with_first_coordinate(value)])))
            self.assert_failed(answer, Reason.BAD_TEMPLATE)


class Sensor(Case):
    def test_ready_names_the_sensor(self):
        worker = self.rig.worker()
        answer = worker.open(drivers="uru4000:virtual_image", sensor=self.rig.sensor)
        self.assertEqual((answer.type, answer.driver, answer.device, answer.stages),
                         (Type.READY, "virtual_image", "0", 7))
        self.assertTrue(answer.name)

    def test_no_sensor(self):
        worker = self.rig.worker()
        begin = time.monotonic()
        self.assert_failed(worker.open(), Reason.NO_SENSOR)
        self.assertLess(time.monotonic() - begin, 3)
        self.assert_ended(worker, 0)

    def test_not_admitted(self):
        worker = self.rig.worker()
        self.assert_failed(worker.open(drivers="uru4000:synaptics", sensor=self.rig.sensor),
                           Reason.NOT_ADMITTED)
        self.assertFalse(os.path.exists(self.rig.sensor), "a sensor not admitted was opened")

    def blocked(self):
        """A worker whose sensor does not open, as if the worker before still had it: its socket's place is taken."""
        os.mkdir(self.rig.sensor)
        worker = self.rig.worker(stderr=subprocess.DEVNULL)
        worker.send(Type.OPEN, drivers="virtual_image", socket=self.rig.sensor)
        return worker

    def test_a_sensor_that_is_free_a_moment_later(self):
        worker = self.blocked()
        with self.assertRaises(TimeoutError):
            worker.receive(0.4)
        os.rmdir(self.rig.sensor)
        self.assertEqual(worker.receive(2).type, Type.READY)
        answer = self.rig.verify(worker, press("f01", 8), [row(ID_A, 2, self.template("f01"))])
        self.assertEqual(answer.type, Type.MATCH)

    def test_a_sensor_that_stays_taken(self):
        begin = time.monotonic()
        worker = self.blocked()
        self.assert_failed(worker.receive(), Reason.FAULT)
        took = time.monotonic() - begin
        self.assertTrue(0.9 < took < 3, took)
        self.assert_ended(worker, 0)

    def test_end_of_file_while_the_sensor_is_taken(self):
        worker = self.blocked()
        with self.assertRaises(TimeoutError):
            worker.receive(0.25)
        worker.ours.close()
        begin = time.monotonic()
        self.assertEqual(worker.wait(5), 0)
        self.assertLess(time.monotonic() - begin, 2)
        os.rmdir(self.rig.sensor)

    def test_removed_while_waiting(self):
        worker = self.rig.ready()
        worker.gallery(row(ID_A, 2, self.template("f01")))
        nonce = worker.request(Type.VERIFY)
        answer = self.rig.press(worker, "remove")
        self.assert_failed(answer, Reason.GONE)
        self.assertEqual(answer.nonce, nonce)
        worker.request(Type.ENROLL, finger=2)
        self.assert_failed(worker.receive(2), Reason.GONE)

    def test_removed_while_enrolling(self):
        worker = self.rig.ready()
        worker.request(Type.ENROLL, finger=2)
        self.rig.press(worker, *press("f01", 1))
        self.assert_failed(self.rig.press(worker, "remove"), Reason.GONE)

    def test_sensor_errors(self):
        for code, reason in ((0, Reason.FAULT), (5, Reason.FAULT), (4, Reason.BUSY),
                             (0x101, Reason.HOT)):
            worker = self.rig.ready()
            worker.gallery(row(ID_A, 2, self.template("f01")))
            worker.request(Type.VERIFY)
            self.assert_failed(self.rig.press(worker, "error", code), reason)
            answer = self.rig.verify(worker, press("f01", 8), [])
            self.assertEqual(answer.type, Type.MATCH, "usable after an error")
            worker.stop()

    def test_list(self):
        worker = self.rig.worker()
        worker.send(Type.LIST, socket=self.rig.sensor, drivers="uru4000")
        answer = worker.receive()
        self.assertEqual(answer.type, Type.SENSORS)
        texts = [[v.decode() for _, v in frames.elements(body)]
                 for _, body in frames.elements(answer.list)]
        self.assertIn("virtual_image", [t[0] for t in texts])
        self.assert_ended(worker, 0)

    def test_list_without_sensors(self):
        worker = self.rig.worker()
        worker.send(Type.LIST, drivers="virtual_image")
        self.assertEqual(worker.receive().list, b"")


class Ending(Case):
    def waiting(self):
        worker = self.rig.ready()
        worker.gallery(row(ID_A, 2, self.template("f01")))
        worker.request(Type.VERIFY)
        with self.assertRaises(TimeoutError):
            worker.receive(0.2)
        return worker

    def assert_ends_soon(self, worker, limit=0.25, status=0):
        with open(self.rig.program, "rb") as program:
            if b"__asan_init" in program.read():
                limit = 2   # looks for leaks before it ends
        begin = time.monotonic()
        self.assertEqual(worker.wait(5), status)
        self.assertLess(time.monotonic() - begin, limit)

    def test_end_of_file_while_waiting(self):
        worker = self.waiting()
        worker.ours.close()
        self.assert_ends_soon(worker)

    def test_end_of_file_while_opening(self):
        worker = self.rig.worker()
        worker.send(Type.OPEN, drivers="virtual_image", socket=self.rig.sensor)
        worker.ours.close()
        self.assert_ends_soon(worker)

    def test_end_of_file_while_nothing_was_asked(self):
        worker = self.rig.worker()
        worker.ours.close()
        self.assert_ends_soon(worker)

    def test_termination(self):
        worker = self.waiting()
        worker.process.send_signal(signal.SIGTERM)
        self.assert_ends_soon(worker)

    def test_end_of_file_while_the_library_computes(self):
        worker = self.waiting()
        self.rig.finger.do("noise", 5000, 5000, 1)
        with self.assertRaises(TimeoutError):
            worker.receive(0.5)
        worker.ours.close()
        self.assert_ends_soon(worker, 0.5, HUNG)


class Channel(Case):
    def assert_broken(self, worker):
        self.assert_ended(worker, 1)

    def opened(self):
        return self.rig.ready(stderr=subprocess.DEVNULL)

    def test_out_of_place(self):
        worker = self.rig.worker(stderr=subprocess.DEVNULL)
        worker.request(Type.VERIFY)
        self.assert_broken(worker)
        worker = self.opened()
        worker.send(Type.OPEN, drivers="virtual_image", socket=self.rig.sensor)
        self.assert_broken(worker)
        worker = self.opened()
        worker.request(Type.ENROLL, finger=2)
        worker.request(Type.ENROLL, finger=2)
        self.assert_broken(worker)
        worker = self.opened()
        worker.request(Type.ENROLL, finger=2)
        worker.gallery(row(ID_A, 2, self.template("f01")))
        self.assert_broken(worker)

    def test_out_of_range(self):
        for kind, fields in ((Type.ENROLL, {"finger": 0}), (Type.ENROLL, {"finger": 11}),
                             (Type.VERIFY, {"presses": 0}), (Type.VERIFY, {"presses": 4})):
            worker = self.opened()
            worker.request(kind, **fields)
            self.assert_broken(worker)

    def test_driver_list_and_socket_are_checked(self):
        for drivers, sensor in (("a=b", None), ("virtual_image", "relative"), ("x" * 600, None),
                                ("virtual_image", "/" + "x" * 120)):
            worker = self.rig.worker(stderr=subprocess.DEVNULL)
            worker.send(Type.OPEN, drivers=drivers, socket=sensor)
            self.assert_broken(worker)

    def test_another_attempt(self):
        worker = self.opened()
        worker.attempt = bytes(16)
        worker.request(Type.ENROLL, finger=2)
        self.assert_broken(worker)

    def test_malformed_frames(self):
        good = frames.encode(Type.OPEN, {Field.ATTEMPT: ATTEMPT, Field.DRIVERS: "virtual_image"})
        for packet in (b"\x61", b"\x61\x05\x80", good + b"\0", good[:-1], b"\x7a\0",
                       frames.encode(Type.OPEN, {Field.ATTEMPT: ATTEMPT}),
                       frames.encode(Type.OPEN, {Field.ATTEMPT: ATTEMPT, Field.DRIVERS: "a",
                                                 Field.NONCE: ATTEMPT}),
                       b"\x62\x82\xff\xff" + bytes(65535)):
            worker = self.rig.worker(stderr=subprocess.DEVNULL)
            worker.send_raw(packet)
            self.assert_broken(worker)

    def test_malformed_gallery(self):
        good = row(ID_A, 2, self.template("f01"))
        for rows in (good[:-1], good + b"\x30", b"\x31\0", row(b"short", 2, b""),
                     row(ID_A, 0, b""), row(ID_A, 11, b""), row(ID_A, 2, b"", driver="x" * 40)):
            worker = self.opened()
            worker.send(Type.GALLERY, gallery=rows)
            self.assert_broken(worker)

    def test_too_many_templates(self):
        worker = self.opened()
        part = row(ID_A, 2, b"", driver="elan") * 1000
        try:
            for _ in range(17):
                worker.send(Type.GALLERY, gallery=part)
        except BrokenPipeError:
            pass
        self.assert_broken(worker)


class Surroundings(Case):
    def test_hostile_environment(self):
        precious = os.path.join(self.rig.directory, "precious")
        with open(precious, "w", encoding="ascii") as out:
            out.write("keep")
        names = ("FP_VIRTUAL_IMAGE", "FP_VIRTUAL_DEVICE", "FP_VIRTUAL_DEVICE_STORAGE")
        env = dict.fromkeys(names, precious)
        env.update(FP_DRIVERS_WHITELIST="virtual_image:virtual_device", G_MESSAGES_DEBUG="all",
                   FP_DEVICE_EMULATION="1")
        worker = self.rig.worker(env=env)
        answer = worker.open(drivers="virtual_image:virtual_device:virtual_device_storage")
        self.assert_failed(answer, Reason.NO_SENSOR)
        with open(precious, encoding="ascii") as kept:
            self.assertEqual(kept.read(), "keep")

    def test_nothing_inherited_stays_open(self):
        worker = self.rig.ready()
        where = f"/proc/{worker.process.pid}/fd"
        targets = {n: os.readlink(os.path.join(where, n)) for n in ("0", "1")}
        self.assertEqual(set(targets.values()), {"/dev/null"})
        self.assertNotIn(worker.ours.fileno(), [int(n) for n in os.listdir(where)
                                                if os.readlink(os.path.join(where, n)) ==
                                                f"socket:[{os.fstat(worker.ours.fileno()).st_ino}]"])

    def test_no_core(self):
        worker = self.rig.ready()
        with open(f"/proc/{worker.process.pid}/limits", encoding="ascii") as limits:
            line, = [text for text in limits if text.startswith("Max core")]
        self.assertEqual(line.split()[4:6], ["0", "0"])

    def test_no_scores_in_the_log(self):
        path = os.path.join(self.rig.directory, "log")
        with open(path, "w", encoding="utf-8") as log:
            worker = self.rig.ready(stderr=log)
            answer = self.rig.verify(worker, press("f01", 8), [row(ID_A, 2, self.template("f01"))])
            self.assertEqual(answer.type, Type.MATCH)
            worker.stop()
        with open(path, encoding="utf-8") as log:
            self.assertEqual(log.read(), "")

    def test_usage(self):
        for arguments in ([], ["--help"], ["--recorded-device", "x"]):
            done = subprocess.run([self.rig.program, *arguments], stdin=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE, check=False, timeout=5)
            self.assertEqual(done.returncode, 2)
            self.assertTrue(done.stderr)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
