#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/count-results: what a test program printed is never counted better than it was.

Usage: count_results_test.py"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

PROGRAM = pathlib.Path(__file__).resolve().parents[3] / "scripts" / "count-results"
GOOD = "[==========] Running 3 test(s).\n[  PASSED  ] 3 test(s).\n"
RAN = "Ran {} tests in 0.1s\n\n{}\n"


class Count(unittest.TestCase):
    def count(self, kind, text, *status):
        """What it prints, as numbers."""
        with tempfile.NamedTemporaryFile("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            done = subprocess.run([sys.executable, PROGRAM, kind, file.name, *map(str, status)], check=True,
                                  capture_output=True, text=True)
        return tuple(int(word) for word in done.stdout.split())

    def meson(self, *entries):
        """The log of a run of several programs."""
        return self.count("meson", "\n".join(json.dumps(entry) for entry in entries))

    def test_cmocka(self):
        self.assertEqual(self.meson({"result": "OK", "stdout": GOOD}, {"result": "OK", "stderr": GOOD}), (6, 0, 0))

    def test_cmocka_failures(self):
        text = "[==========] Running 3 test(s).\n[  PASSED  ] 1 test(s).\n[  FAILED  ] t: 2 test(s), listed below:\n"
        self.assertEqual(self.meson({"result": "FAIL", "stdout": text}), (1, 2, 0))

    def test_cmocka_skips(self):
        text = "[==========] Running 3 test(s).\n[  PASSED  ] 1 test(s).\n[  SKIPPED ] t: 2 test(s), listed below:\n"
        self.assertEqual(self.meson({"result": "OK", "stdout": text}), (1, 0, 2))

    def test_program_that_failed_after_its_tests(self):
        self.assertEqual(self.meson({"result": "FAIL", "stdout": GOOD}), (3, 1, 0))
        self.assertEqual(self.meson({"result": "TIMEOUT", "stdout": ""}), (0, 1, 0))

    def test_program_that_ended_early_and_well(self):
        self.assertEqual(self.meson({"result": "OK", "stdout": "[==========] Running 3 test(s).\n"}), (0, 3, 0))

    def test_program_without_a_framework(self):
        self.assertEqual(self.meson({"result": "OK", "stdout": ""}), (1, 0, 0))

    def test_python_under_meson(self):
        self.assertEqual(self.meson({"result": "OK", "stderr": RAN.format(4, "OK (skipped=1)")}), (3, 0, 1))
        self.assertEqual(self.meson({"result": "FAIL", "stderr": RAN.format(4, "FAILED (errors=1)")}), (3, 1, 0))
        self.assertEqual(self.meson({"result": "FAIL", "stderr": RAN.format(4, "OK")}), (3, 1, 0))

    def test_nothing_ran(self):
        self.assertEqual(self.meson(), (0, 1, 0))
        self.assertEqual(self.count("unittest", "", 0), (0, 1, 0))
        self.assertEqual(self.count("unittest", RAN.format(0, "OK"), 0), (0, 1, 0))
        self.assertEqual(self.count("summary", "", 0), (0, 1, 0))
        self.assertEqual(self.count("summary", "0 passed, 0 failed, 0 skipped\n", 0), (0, 1, 0))
        self.assertEqual(self.count("fuzz", "", 0), (0, 1, 0))

    def test_log_that_is_not_there(self):
        done = subprocess.run([sys.executable, PROGRAM, "meson", "/nonexistent"], capture_output=True, text=True,
                              check=True)
        self.assertEqual(done.stdout, "0 1 0\n")

    def test_unittest(self):
        self.assertEqual(self.count("unittest", RAN.format(5, "OK"), 0), (5, 0, 0))
        self.assertEqual(self.count("unittest", RAN.format(5, "FAILED (failures=1, errors=2, skipped=1)"), 1), (1, 3, 1))
        self.assertEqual(self.count("unittest", RAN.format(5, "FAILED (unexpected successes=1)"), 1), (4, 1, 0))
        self.assertEqual(self.count("unittest", RAN.format(5, "OK"), 1), (4, 1, 0))
        self.assertEqual(self.count("unittest", RAN.format(5, "OK") * 2, 0), (0, 1, 0))

    def test_summary(self):
        self.assertEqual(self.count("summary", "text\n7 passed, 0 failed, 2 skipped\n", 0), (7, 0, 2))
        self.assertEqual(self.count("summary", "7 passed, 0 failed, 0 skipped\n", 1), (7, 1, 0))
        self.assertEqual(self.count("summary", "7 passed, 0 failed, 0 skipped\nKilled\n", 0), (0, 1, 0))

    def test_fuzz(self):
        stats = "stat::number_of_executed_units: 1000\n"
        self.assertEqual(self.count("fuzz", stats, 0), (1, 0, 0))
        self.assertEqual(self.count("fuzz", stats, 77), (0, 1, 0))
        self.assertEqual(self.count("fuzz", "stat::number_of_executed_units: 0\n", 0), (0, 1, 0))


if __name__ == "__main__":
    unittest.main()
