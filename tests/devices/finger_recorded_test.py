#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-finger with real drivers of libfprint on recorded USB traffic of real sensors.

Usage: finger_recorded_test.py BUILD_DIR [unittest arguments]"""
import os
import sys
import unittest

from fingerrig import Press, Reason, Rig, Type, prints_of, row, template_of
from fp3 import Fp3
from recorded import SENSORS, Recorded, synaptics_enrolment

BUILD = ""
IDENT = b"R" * 16
RIGHT_INDEX = 2
LIBRARY_RIGHT_INDEX = 7


class Case(unittest.TestCase):
    def setUp(self):
        self.rig = Rig(BUILD)
        self.addCleanup(self.rig.close)

    def start(self, name, capture=None, **options):
        sensor = Recorded(name, capture)
        self.addCleanup(sensor.close)
        worker = sensor.worker(self.rig.program, **options)
        self.addCleanup(worker.stop)
        return worker

    def assert_failed(self, answer, reason):
        self.assertIsNotNone(answer, "the worker died")
        self.assertEqual((answer.type, answer.reason), (Type.FAILED, reason), answer)

    def enrolled_picture(self):
        """Prints of the picture in the recording of uru4000-4500, made on the virtual sensor."""
        image = os.path.join(SENSORS, "uru4000-4500", "capture.png")
        worker = self.rig.ready()
        answer, results = self.rig.enroll(
            worker, [("shift", x, y, image) for x in (-1, 0, 1, 2) for y in (-1, 0, 1)])
        self.assertIsNotNone(answer, results)
        self.assertEqual(answer.type, Type.ENROLLED, results)
        worker.stop()
        return [Fp3(p) for p in prints_of(answer.template)]

    def presses(self, worker):
        """Answers to an enrolment that needs no help: results of the presses, and the last one."""
        results = []
        while True:
            answer = worker.receive(20)
            if answer is None or answer.type != Type.PRESS:
                return results, answer
            results.append(Press(answer.result))


class Admission(Case):
    def test_sensor_that_is_not_admitted(self):
        worker = self.start("aes3500")
        self.assert_failed(worker.open("uru4000"), Reason.NOT_ADMITTED)

    def test_driver_without_its_sensor(self):
        worker = self.start("aes3500")
        answer = worker.open("uru4000:aes3500")
        self.assertEqual((answer.type, answer.driver), (Type.READY, "aes3500"))

    def test_environment_alone_brings_no_sensor_in(self):
        worker = self.start("aes3500", arguments=())
        self.assert_failed(worker.open("aes3500"), Reason.NO_SENSOR)


class Area(Case):
    def test_sensor_too_small_for_the_gate(self):
        """14 minutiae a picture, and always the same picture: never a template."""
        worker = self.start("aes3500")
        worker.open("aes3500")
        worker.request(Type.ENROLL, finger=RIGHT_INDEX)
        results, last = self.presses(worker)
        self.assertEqual(set(results), {Press.NOISE})
        self.assert_failed(last, Reason.POOR)


class Optical(Case):
    """U.are.U 4500: one capture a recording. Its picture enrols on the virtual sensor."""

    def ask(self, name, template):
        worker = self.start(name)
        answer = worker.open("uru4000")
        self.assertEqual((answer.type, answer.driver, answer.stages), (Type.READY, "uru4000", 7))
        worker.gallery(row(IDENT, RIGHT_INDEX, template, driver="uru4000"))
        worker.request(Type.VERIFY)
        return worker, worker.receive()

    def test_right_and_wrong_finger(self):
        template = template_of([p.retagged("uru4000") for p in self.enrolled_picture()])
        _, answer = self.ask("uru4000-4500", template)
        self.assertEqual((answer.type, answer.id, answer.driver), (Type.MATCH, IDENT, "uru4000"))
        _, answer = self.ask("uru4000-msv2", template)
        self.assertEqual(answer.type, Type.NO_MATCH)

    def test_sensor_that_hangs(self):
        worker = self.start("uru4000-4500")
        worker.open("uru4000")
        worker.request(Type.ENROLL, finger=RIGHT_INDEX)
        results, last = self.presses(worker)
        self.assertEqual(results, [Press.GOOD])
        self.assert_failed(last, Reason.FAULT)


class Chip(Case):
    """Synaptics: compares on the chip."""

    def edited(self, confirmations, match=True):
        path = os.path.join(self.rig.directory, "synaptics.pcapng")
        synaptics_enrolment(path, LIBRARY_RIGHT_INDEX, confirmations, match)
        return path

    def test_enrols_confirms_and_verifies(self):
        worker = self.start("synaptics", self.edited(3))
        answer = worker.open("synaptics")
        self.assertEqual((answer.driver, answer.device, answer.stages),
                         ("synaptics", "emulated-device", 10))
        worker.request(Type.ENROLL, finger=RIGHT_INDEX)
        results, last = self.presses(worker)
        self.assertEqual(results, [Press.GOOD] * 5 + [Press.AGAIN] + [Press.GOOD] * 5)
        self.assertEqual((last.type, last.samples, last.width), (Type.ENROLLED, 1, 0))
        worker.gallery(row(IDENT, RIGHT_INDEX, last.template, "synaptics", "emulated-device"))
        worker.request(Type.VERIFY)
        answer = worker.receive()
        self.assertEqual((answer.type, answer.id), (Type.MATCH, IDENT))
        worker.gallery(row(IDENT, RIGHT_INDEX, last.template, "synaptics", "another-chip"))
        worker.request(Type.VERIFY)
        self.assert_failed(worker.receive(), Reason.INCOMPATIBLE)
        worker.gallery(row(IDENT, RIGHT_INDEX + 1, last.template, "synaptics", "emulated-device"))
        worker.request(Type.VERIFY)
        self.assert_failed(worker.receive(), Reason.BAD_TEMPLATE)

    def test_unconfirmed_print_is_removed_from_the_chip(self):
        """The recording goes on with the removal: without it the chip would not close."""
        worker = self.start("synaptics", self.edited(4, match=False))
        worker.open("synaptics")
        worker.request(Type.ENROLL, finger=RIGHT_INDEX)
        results, last = self.presses(worker)
        self.assertEqual(results[-4:], [Press.GOOD] + [Press.OTHER] * 3)
        self.assert_failed(last, Reason.POOR)
        worker.ours.close()
        self.assertEqual(worker.wait(5), 0)

    def test_template_of_minutiae_is_none_of_a_chip(self):
        forged = template_of([p.retagged("synaptics", "emulated-device")
                              for p in self.enrolled_picture()])
        worker = self.start("synaptics", self.edited(1))
        worker.open("synaptics")
        worker.gallery(row(IDENT, RIGHT_INDEX, forged, "synaptics", "emulated-device"))
        worker.request(Type.VERIFY)
        self.assert_failed(worker.receive(), Reason.BAD_TEMPLATE)


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
