#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Real su, sudo, login, sshd, cron and runuser in the three zones, with the shipped PAM stacks: who gets in,
who does not, and what is said.

Usage: logins_test.py BUILD_DIR [OPTION]..."""
import os
import signal
import time
import unittest

import host
import number
import overlay
import terminal
import zone
from zone import ASK_PIN, SHELL, WHO

import brokerrig  # pylint: disable=wrong-import-order


class IndividualNumber(number.Number, zone.Zone):
    """A card and a finger."""

    zone = "individual-number"


class Internet(zone.Common, zone.Zone):
    """A card."""

    zone = "internet"

    def test_ssh_key(self):
        """Other ways of logging in are this zone's own business."""
        self.in_shell(self.ssh("hanako", "publickey"), "hanako")

    def test_ssh_remote_allowed(self):
        self.restart(remote="sshd")
        self.place("hanako")
        self.in_shell(self.ssh("hanako", "keyboard-interactive"), "hanako")
        self.assertIn("result=granted cause= service=sshd user=hanako tty=ssh", self.logged())

    def test_card_gives_the_name(self):
        """T-06: login asks for no name; the stack is without the lines that would."""
        host.install_stacks(self.zone, without="pam_succeed_if|pam_nologin")
        self.addCleanup(host.install_stacks, self.zone)
        caller = self.login()
        self.prove(caller, "taro")
        caller.expect(r"\$ $")
        caller.send(WHO)
        self.in_shell(caller, "taro")


    def test_hostile_names(self):
        """T-23: typed at login's question, with a good card on the reader."""
        self.place("hanako")
        for name in ("-f root", "-froot", "--", "root;id", "a/../hanako", "hanako ", "%n%s%n", "a" * 300, "太郎", "hanako\x16\x01"):
            with self.subTest(name):
                caller = self.login()
                caller.expect("login: $")
                caller.send(name)
                caller.expect("login: $|incorrect")
                caller.close()
                self.assertNotRegex(caller.text, r"\$ $")
        self.assertNotIn("result=granted", self.logged())


class Lgwan(zone.Common, zone.Zone):
    """A card and its PIN."""

    zone = "lgwan"
    settings = {"require": "card pin"}

    def prove(self, caller, card):
        super().prove(caller, card)
        caller.expect(ASK_PIN)
        caller.send(host.PIN)

    def refuse_other_card(self, caller, **options):
        """The PIN is asked for all the same, and does not leave the host."""
        caller.expect(ASK_PIN)
        caller.send(host.PIN)
        super().refuse_other_card(caller, **options)

    def answer_ssh(self, caller):
        caller.expect(f"{zone.PLACE_CARD}\\n{ASK_PIN}")  # sshd shows what was said with the next question only
        caller.send(host.PIN)

    def test_ssh_key(self):
        self.in_shell(self.ssh("hanako", "publickey"), "hanako")

    def test_no_answer(self):
        """T-07: no answer, an empty one and a long one never reach the card."""
        closed = self.open(["sh", "-c", f"exec su hanako -c '{WHO}' <&-"], user="stranger")
        zone.Zone.prove(self, closed, "hanako")
        self.turned_away(closed)
        for answer in ("", "1" * 512):
            with self.subTest(answer):
                caller = self.su("hanako")
                zone.Zone.prove(self, caller, "hanako")
                caller.expect(ASK_PIN)
                caller.send(answer)
                self.turned_away(caller)
                self.assertEqual(self.desk.cards["hanako"].counts()[0], 0)
        self.assertEqual(self.desk.cards["hanako"].tries(), 3)
        self.assertNotIn("result=granted", self.logged())


class Unresponsive(unittest.TestCase):
    """T-34: a broker that hangs. The wait takes as long as all of the tests above, so it goes on beside them;
    the name puts this class behind them."""

    LATEST = 95  # seconds; the module gives up after 90

    @classmethod
    def begin(cls):
        """The real broker, with sockets of its own, stopped before and in the middle of an attempt."""
        cls.broker = brokerrig.Broker(overlay.BUILD, name="hung")
        cls.broker.init()
        cls.broker.start()
        host.stack("su-l", f"auth [success=ok default=bad] pam_toyama.so socket={cls.broker.auth_path} lang=ja",
                   "auth required pam_permit.so", "account required pam_permit.so")
        cls.begun = time.monotonic()
        cls.callers = [terminal.Terminal(["su", "-", "hanako", *SHELL], user="stranger")]
        cls.callers[0].expect(zone.PLACE_CARD)
        os.kill(cls.broker.process.pid, signal.SIGSTOP)
        cls.callers.append(terminal.Terminal(["su", "-", "hanako", *SHELL], user="stranger"))

    def test_bounded(self):
        self.addCleanup(self.broker.kill)
        for caller in self.callers:
            caller.expect(zone.UNAVAILABLE, timeout=self.LATEST - (time.monotonic() - self.begun))
            self.assertEqual(caller.wait(), 1)
            self.assertNotIn("shell of", caller.text)


def setUpModule():  # pylint: disable=invalid-name
    zone.Rig.open(sensor=True)
    Unresponsive.begin()


if __name__ == "__main__":
    overlay.begin()
    unittest.main(warnings="ignore")
