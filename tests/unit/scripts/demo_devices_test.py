#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Which devices scripts/demo uses, for all that it may find.

Usage: demo_devices_test.py"""
import itertools
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "system"))
import demo_devices as devices  # noqa: E402  pylint: disable=wrong-import-position

READER, VIRTUAL = "ACME CCID Reader 00 00", "Virtual PCD 00 00"


def reader(name):
    """A row of "devices"."""
    return {"kind": "reader", "name": name, "card": "no"}


def sensor(driver):
    """A row of "devices"."""
    return {"kind": "sensor", "driver": driver, "device": "0", "name": f"The {driver}", "admitted": "no"}


class Choice(unittest.TestCase):
    def test_decision(self):
        """Real devices for somebody at a terminal who is alone; what is not asked is not touched."""
        for forced, terminal, alone, machine in itertools.product((False, True), repeat=4):
            asked = []
            decided = devices.decide(forced, terminal, lambda: asked.append("alone") or alone,
                                     lambda: asked.append("machine") or machine)
            expected = ("forced" if forced else "no-terminal" if not terminal else "taken" if not alone
                        else "machine" if machine else "use")
            self.assertEqual(decided, expected)
            self.assertEqual("alone" in asked, terminal and not forced)
            self.assertEqual("machine" in asked, decided in ("machine", "use"))

    def test_readers(self):
        rows = [reader(VIRTUAL), sensor("uru4000"), reader(READER), {"kind": "fault", "what": "no-pcscd"}]
        self.assertEqual(devices.real_readers(devices.readers_of(rows)), [READER])
        self.assertEqual(devices.real_readers(devices.readers_of(rows[:2])), [])
        self.assertEqual(devices.real_readers([]), [])

    def test_sensors(self):
        """The first one that toyama takes; a virtual one is not asked about."""
        asked = []

        def admitted(driver):
            asked.append(driver)
            return driver == "uru4000"
        rows = [reader(READER), sensor("virtual_image"), sensor("elan"), sensor("uru4000"), sensor("synaptics")]
        self.assertEqual(devices.first_sensor(rows, admitted), ("uru4000", "The uru4000"))
        self.assertEqual(asked, ["elan", "uru4000"])
        self.assertEqual(devices.first_sensor(rows[:3], admitted), (None, None))
        self.assertEqual(devices.first_sensor([], admitted), (None, None))


if __name__ == "__main__":
    unittest.main()
