#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/demo from outside, in both languages at once: what it shows, the shell that it leaves on demand,
and that nothing is left behind.

Usage: demo_test.py BUILD_DIR [OPTION]..."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import uuid

import terminal

SOURCE = pathlib.Path(__file__).resolve().parents[2]
BUILD = None
SENTENCES = {
    "en": ("Place your IC card on the card reader.", "Next, place a registered finger on the sensor.",
           "The fingerprint did not match.", "This card is not registered.", "The card was removed."),
    "ja": ("ICカードをカードリーダーに置いてください。", "続けて、登録した指をセンサーに置いてください。",
           "指紋が一致しませんでした。", "このカードは登録されていません。", "カードが外されました。"),
}


DONE = {"en": "Done: everybody got in, or did not, as it should be", "ja": "終わり：すべて期待どおりでした"}
LOG = {"en": "log:  ", "ja": "記録："}
APDUS = {"en": r"(\d+) APDUs", "ja": r"APDU (\d+)回"}
# What an installation would make on this machine.
PLACES = ("/etc/toyama", "/run/toyama", "/run/toyama-test", "/run/toyama-overlay", "/var/lib/toyama",
          "/usr/libexec/toyama", "/etc/pam.d/toyama-internet", "/home/hanako")


def files(temporary):
    """What lies where something could be left."""
    return [place for place in PLACES if os.path.exists(place)] + os.listdir(temporary)


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
    """The English one leaves a shell, the Japanese one runs beside it and is not asked for one."""

    @classmethod
    def setUpClass(cls):
        cls.mark = f"demo-{uuid.uuid4()}"
        cls.temporary = tempfile.mkdtemp(dir="/var/tmp")
        cls.addClassCleanup(os.rmdir, cls.temporary)
        os.chmod(cls.temporary, 0o755)
        cls.before = (mounts(), files(cls.temporary))
        environment = cls.environment = {"PATH": os.environ["PATH"], "TOYAMA_DEMO_MARK": cls.mark, "TERM": "dumb",
                                         "TMPDIR": cls.temporary}
        command = [f"{SOURCE}/scripts/demo", "--build", BUILD, "--lang"]
        with subprocess.Popen([*command, "ja"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, env=environment) as other, \
                terminal.Terminal([*command, "en", "--keep"], environment=environment) as kept:
            cls.play(kept)
            cls.shown = {"ja": other.communicate(timeout=240)[0], "en": kept.text}
            cls.status = {"ja": other.returncode, "en": kept.status}

    @staticmethod
    def play(kept):
        """Somebody tries the shell."""
        kept.expect("^demo# $", timeout=240)
        kept.send("(sleep 1; desk place hanako; sleep 1; desk press hanako) & runuser -u taro -- su hanako -c 'id -un'")
        kept.expect("^hanako$")
        kept.send("toyama-enroll --lang en audit verify; exit")
        kept.expect("The log is complete and unchanged.")
        kept.wait()

    def test_it_succeeds(self):
        for lang, status in self.status.items():
            self.assertEqual(status, 0, self.shown[lang])
            self.assertIn(DONE[lang], self.shown[lang])

    def test_people_see_sentences_in_their_language(self):
        for lang, sentences in SENTENCES.items():
            for sentence in sentences:
                self.assertRegex(self.shown[lang], f"(?m)^      \\| {re.escape(sentence)}", lang)

    def test_the_log_says_why(self):
        for lang, shown in self.shown.items():
            results = re.findall(rf"{LOG[lang]}login: result=(\w+) cause=(\S*) ", shown)
            self.assertEqual(results, [("granted", ""), ("denied", "finger-wrong"), ("denied", "not-proven"),
                                       ("denied", "card-removed"), ("granted", ""), ("granted", ""),
                                       ("granted", "")], lang)
            self.assertEqual(re.findall(APDUS[lang], shown), ["2", "2", "2", "2", "2", "5", "2"])

    def test_shells_are_opened_for_the_granted_only(self):
        for shown in self.shown.values():
            self.assertEqual(shown.count("this is a shell of hanako"), 4)

    def test_nothing_is_left(self):
        self.assertEqual(marked(self.mark), [])
        self.assertEqual((mounts(), files(self.temporary)), self.before)

    def test_interrupted(self):
        """Somebody has seen enough."""
        with terminal.Terminal([f"{SOURCE}/scripts/demo", "--build", BUILD], environment=self.environment) as shown:
            shown.expect("taro\\$ su hanako", timeout=120)
            shown.key(b"\x03")
            self.assertNotEqual(shown.wait(), 0)
        self.test_nothing_is_left()

    def test_failure_shows(self):
        """A build without the module: no step goes well, and the status says so."""
        with tempfile.TemporaryDirectory(dir="/var/tmp") as empty:
            done = subprocess.run([f"{SOURCE}/scripts/demo", "--build", empty], capture_output=True, text=True, check=False)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("no build directory", done.stderr)

    def test_wrong_words_are_refused(self):
        for words in (["--lang", "fr"], ["--nonsense"], ["--lang"]):
            done = subprocess.run([f"{SOURCE}/scripts/demo", *words], capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr[:11]), (64, "usage: demo"))


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: demo_test.py BUILD_DIR [OPTION]...")
    BUILD = os.path.realpath(sys.argv.pop(1))
    unittest.main()
