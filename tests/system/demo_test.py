#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/demo from outside, in both languages at once: what it shows, and that it leaves nothing behind.

Usage: demo_test.py BUILD_DIR [OPTION]..."""
import os
import pathlib
import re
import subprocess
import sys
import unittest
import uuid

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = None
SENTENCES = {
    "en": ("Place your IC card on the card reader.", "Next, place a registered finger on the sensor.",
           "The fingerprint did not match.", "This card is not registered.", "The card was removed."),
    "ja": ("ICカードをカードリーダーに置いてください。", "続けて、登録した指をセンサーに置いてください。",
           "指紋が一致しませんでした。", "このカードは登録されていません。", "カードが外されました。"),
}


def mounts():
    """The mount points of this machine."""
    return pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8")


def marked(mark):
    """Processes whose environment bears the mark."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/environ"):
        try:
            if mark.encode() in path.read_bytes():
                found.append(path.parent.name)
        except OSError:
            continue
    return found


class Demo(unittest.TestCase):
    """Both languages run at the same time."""

    @classmethod
    def setUpClass(cls):
        cls.mark = f"demo-{uuid.uuid4()}"
        cls.before = mounts()
        environment = {"PATH": os.environ["PATH"], "TOYAMA_DEMO_MARK": cls.mark, "TERM": "dumb"}
        running = {lang: subprocess.Popen([f"{SOURCE}/scripts/demo", "--build", BUILD, "--lang", lang],
                                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                          text=True, env=environment) for lang in SENTENCES}
        cls.shown = {lang: process.communicate(timeout=240)[0] for lang, process in running.items()}
        cls.status = {lang: process.returncode for lang, process in running.items()}

    def test_it_succeeds(self):
        for lang, status in self.status.items():
            self.assertEqual(status, 0, self.shown[lang])
            self.assertIn("Done: three logins, three refusals", self.shown[lang])

    def test_people_see_sentences_in_their_language(self):
        for lang, sentences in SENTENCES.items():
            for sentence in sentences:
                self.assertRegex(self.shown[lang], f"(?m)^      \\| {re.escape(sentence)}", lang)

    def test_the_log_says_why(self):
        for lang, shown in self.shown.items():
            results = re.findall(r"log: login: result=(\w+) cause=(\S*) ", shown)
            self.assertEqual(results, [("granted", ""), ("denied", "finger-wrong"), ("denied", "not-proven"),
                                       ("denied", "card-removed"), ("granted", ""), ("granted", ""),
                                       ("granted", "")], lang)
            self.assertEqual(re.findall(r"(\d+) APDUs", shown), ["2", "2", "2", "2", "2", "5", "2"])

    def test_shells_are_opened_for_the_granted_only(self):
        for shown in self.shown.values():
            self.assertEqual(shown.count("this is a shell of hanako"), 4)

    def test_nothing_is_left(self):
        self.assertEqual(marked(self.mark), [])
        self.assertEqual(mounts(), self.before)

    def test_wrong_words_are_refused(self):
        for words in (["--lang", "fr"], ["--nonsense"], ["--lang"]):
            done = subprocess.run([f"{SOURCE}/scripts/demo", *words], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr[:11]), (64, "usage: demo"))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: demo_test.py BUILD_DIR [OPTION]...")
    BUILD = os.path.realpath(sys.argv.pop(1))
    unittest.main()
