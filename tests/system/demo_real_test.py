#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""scripts/demo on a machine that has a card reader, and somebody at the keyboard. The reader is one of vpcd that
bears another name, in a pcscd outside of the demonstration, as it would be on a desk; what happens there to the
person's card is compared with what it was.

Usage: demo_real_test.py BUILD_DIR [OPTION]..."""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import overlay
import terminal

sys.path.insert(0, str(overlay.SOURCE / "tests" / "devices"))
import pcscns  # noqa: E402  pylint: disable=wrong-import-position

SOURCE = overlay.SOURCE
PICTURES = SOURCE / "tests" / "data" / "fingerprints" / "synthetic"
READER = "ACME CCID Reader"
SLOT = 0
PIN = "123456"
SLOW = 60
BUILD = None


class Hand:
    """What the person does with her cards; `desk` is this machine's real pcscd."""

    def __init__(self, desk, shown):
        self._desk, self.shown = desk, shown
        self._lying = None

    def place(self, card):
        """On the reader."""
        card.insert()
        self._lying = card

    def take(self):
        """From the reader."""
        self._lying.remove()
        self._desk.wait_card(SLOT, False)
        self._lying = None

    def begin(self):
        """She has read what she will have to do."""
        self.shown.expect("Press Enter to begin. $", SLOW)
        self.shown.send("")

    def enrol(self, card, pin=PIN):
        """At the operator's desk."""
        self.begin()
        self.shown.expect("^      . Place your IC card")
        self.place(card)
        if pin is not None:
            self.shown.expect("^      . Enter the PIN of your IC card: $")
            self.shown.send(pin)
        self.shown.expect("^      . The card is registered.")
        self.leave()

    def leave(self):
        """The scene is over."""
        self.shown.expect("Please take the card away.$", SLOW)
        self.take()

    def log_in(self, card):
        """Until the card lies there."""
        self.begin()
        self.shown.expect("^      . Place your IC card")
        self.place(card)


class FingerHand(Hand):
    """Her fingers, too, on the virtual sensor inside of the demonstration."""

    def _inside(self):
        """The demonstration's first process, below unshare."""
        children = pathlib.Path(f"/proc/{self.shown.pid}/task/{self.shown.pid}/children").read_text(encoding="ascii")
        return f"/proc/{children.split()[0]}/root/run/toyama-test/sensor/image.sock"

    def press(self, picture, impression):
        """Once."""
        subprocess.run([f"{BUILD}/tests/virtual/finger/virtual-finger", "--socket", self._inside(),
                        f"{PICTURES}/{picture}_{impression}.png"], check=True, stdin=subprocess.DEVNULL)

    def enrol_finger(self, picture):
        """Press after press."""
        self.begin()
        done, stages = 0, 1
        while done < stages:
            done, stages = (int(word) for word in self.shown.expect(r"\((\d+)/(\d+)\)").groups())
            self.press(picture, done)
        self.shown.expect("The finger is registered.")

    def granted(self, card, picture):
        """A shell."""
        self.log_in(card)
        if picture is not None:
            self.shown.expect("a registered finger")
            self.press(picture, 9)
        self.shown.expect("this is a shell of hanako")
        self.leave()

    def refused(self, card, picture):
        """Three presses of a finger that was not enrolled."""
        self.log_in(card)
        self.shown.expect("a registered finger")
        for impression in (1, 2):
            self.press(picture, impression)
            self.shown.expect("Tries left")
        self.press(picture, 3)
        self.shown.expect("The fingerprint did not match. Please start again.")
        self.leave()


def logged(shown):
    """Results of the logins, as the log told them."""
    return re.findall(r"login: result=(\w+) cause=(\S*) ", shown)


class RealReader(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        pcscns.NAMES = (READER, *pcscns.NAMES[1:])
        cls.desk = pcscns.Pcsc()
        cls.desk.start()
        cls.addClassCleanup(cls.desk.stop)
        temporary = tempfile.TemporaryDirectory(dir="/var/tmp")
        cls.addClassCleanup(temporary.cleanup)
        os.chmod(temporary.name, 0o755)
        cls.temporary = temporary.name

    def setUp(self):
        before = self.left()
        self.addCleanup(lambda: self.assertEqual(self.left(), before))  # runs after the terminals' ends

    def left(self):
        """What a demonstration could leave on this machine: processes, mounts, files."""
        running = []
        for path in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
            try:
                running.append(path.read_bytes().split(b"\0")[0])
            except OSError:
                continue
        places = (self.temporary, "/run", "/run/pcscd", "/etc", "/var/lib")
        return (sorted(name for name in running if name), pathlib.Path("/proc/self/mountinfo").read_text(encoding="utf-8"),
                [sorted(os.listdir(place)) for place in places])

    def card(self, name, **options):
        """Somebody's, who has it in her hand."""
        card = pcscns.VirtualCard(BUILD, slot=SLOT, name=name, pin=PIN, **options)
        self.addCleanup(card.end)
        return card

    def demo(self, *options):
        """scripts/demo on a terminal."""
        shown = terminal.Terminal([f"{SOURCE}/scripts/demo", "--build", BUILD, *options],
                                  environment={"PATH": os.environ["PATH"], "TERM": "dumb", "TMPDIR": self.temporary})
        self.addCleanup(shown.close)
        return shown

    def test_own_card(self):
        """All scenes, one of them with the wrong card at first. Another demonstration runs beside it."""
        hers, other = self.card("hers"), self.card("other")
        before = pathlib.Path(hers.state).read_bytes()
        shown = self.demo()
        hand = Hand(self.desk, shown)
        shown.expect(f"^Card reader: {READER} 00 00. You are Hanako", SLOW)
        shown.expect("^No fingerprint sensor .* was found")
        hand.enrol(hers)
        second = self.demo()
        second.expect("^Another demo runs", SLOW)
        hand.log_in(hers)
        shown.expect("this is a shell of hanako")
        hand.leave()
        hand.log_in(hers)
        shown.expect("The fingerprint did not match. Please start again.")
        hand.leave()
        self.others_card(hand, hers, other)
        hand.log_in(hers)
        shown.expect("a registered finger")
        hand.take()
        shown.expect("The card was removed")
        hand.log_in(hers)
        shown.expect("this is a shell of hanako")
        hand.leave()
        self.other_zones(hand, hers)
        self.assertEqual(shown.wait(SLOW), 0, shown.text)
        self.assertEqual(second.wait(SLOW), 0, second.text)
        self.assertEqual(second.text.count("this is a shell of hanako"), 4)
        self.assertEqual(logged(shown.text), [
            ("granted", ""), ("denied", "finger-wrong"), ("denied", "card-removed"), ("denied", "not-proven"),
            ("denied", "card-removed"), ("granted", ""), ("granted", ""), ("granted", "")])
        self.assertIn(f'reader="{READER} 00 00"', shown.text)
        self.assertNotIn("Virtual PCD", shown.text)
        self.assertNotIn(PIN, shown.text)
        self.assertEqual(pathlib.Path(hers.state).read_bytes(), before)
        self.assertTrue(os.path.exists("/run/pcscd/pcscd.comm"))

    def others_card(self, hand, hers, other):
        """She has taken her own one by mistake."""
        hand.shown.expect("Enter alone takes a virtual one: $")
        hand.shown.send("c")
        hand.log_in(hers)
        hand.shown.expect("a registered finger")
        hand.take()
        hand.shown.expect(r"differently \(result=denied, cause=card-removed\).*: $")
        hand.shown.send("")
        hand.log_in(other)
        hand.shown.expect("This card is not registered")
        hand.leave()

    @staticmethod
    def other_zones(hand, hers):
        """Card and PIN, card alone."""
        hand.enrol(hers)
        hand.log_in(hers)
        hand.shown.expect("^      . Enter the PIN")
        hand.shown.send(PIN)
        hand.shown.expect("this is a shell of hanako")
        hand.leave()
        hand.enrol(hers)
        hand.log_in(hers)
        hand.shown.expect("this is a shell of hanako")
        hand.leave()

    def test_nobody_there(self):
        """Without a terminal, or on demand, the reader and the card in it are left alone."""
        card = self.card("lying")
        card.insert()
        self.desk.wait_card(SLOT)
        card.ask("fresh")
        command = [f"{SOURCE}/scripts/demo", "--build", BUILD]
        with self.demo("--virtual") as shown, \
                subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                 text=True) as piped:
            self.assertEqual(shown.wait(SLOW), 0, shown.text)
            output = piped.communicate(timeout=SLOW)[0]
        self.assertEqual(piped.returncode, 0, output)
        self.assertIn("\nAs you wish (--virtual)", shown.text)
        self.assertIn("\nNobody sits at a terminal", output)
        for text in (shown.text, output):
            self.assertEqual(text.count("this is a shell of hanako"), 4)
            self.assertNotIn(READER, text)
        self.assertEqual(card.counts()[0], 0)
        card.remove()
        self.desk.wait_card(SLOT, False)

    def test_interrupted(self):
        """She has seen enough, while a program has her keyboard."""
        for later in (False, True):
            shown = self.demo()
            shown.expect("Press Enter to begin. $", SLOW)
            if later:
                shown.send("")
                shown.expect("^      . Place your IC card")
            shown.key(b"\x03")
            self.assertNotEqual(shown.wait(SLOW), 0)
            self.assertNotIn("Traceback", shown.text)

    def test_card_that_cannot_be_enrolled(self):
        """toyama says so itself; a virtual card goes on."""
        empty = self.card("empty", alg_9a="none", alg_9e="none")
        shown = self.demo("--lang", "ja")
        hand = Hand(self.desk, shown)
        shown.expect("Enterキーで始めます。 $", SLOW)
        shown.send("")
        shown.expect("ICカードをカードリーダーに置いてください。")
        hand.place(empty)
        shown.expect("このカードは登録できません。")
        shown.expect("カードを取ってください。")
        hand.take()
        shown.expect("ここからは仮想のカードを使います。")
        self.assertEqual(shown.wait(SLOW), 0, shown.text)
        self.assertEqual(shown.text.count("this is a shell of hanako"), 4)

    def test_own_finger(self):
        """Somebody touches the sensor herself. Her card has no PIN: where one is asked for, a virtual card."""
        hers = self.card("free", alg_9a="none")
        command = [sys.executable, f"{SOURCE}/tests/system/demo_show.py", BUILD, "--own-finger"]
        with terminal.Terminal(command) as shown:
            hand = FingerHand(self.desk, shown)
            hand.enrol(hers, None)
            hand.enrol_finger("f01")
            hand.enrol_finger("f02")
            hand.granted(hers, "f01")
            hand.refused(hers, "f03")
            shown.expect("Enter alone takes a virtual one: $")
            shown.send("")
            shown.expect("This card is not registered")
            hand.log_in(hers)
            shown.expect("a registered finger")
            hand.take()
            hand.granted(hers, "f02")
            hand.enrol(hers, None)
            shown.expect("Your card has no key behind a PIN")
            hand.enrol(hers, None)
            hand.granted(hers, None)
            self.assertEqual(shown.wait(SLOW), 0, shown.text)
        self.assertEqual([cause for _, cause in logged(shown.text)],
                         ["", "finger-wrong", "not-proven", "card-removed", "", "", ""])


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit("usage: demo_real_test.py BUILD_DIR [OPTION]...")
    BUILD = sys.argv[1] = os.path.realpath(sys.argv[1])
    pcscns.enter()
    del sys.argv[1]
    unittest.main()
