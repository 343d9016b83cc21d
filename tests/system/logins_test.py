#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Real su, sudo, login, sshd, cron and runuser in the three zones, with the shipped PAM stacks: who gets in,
who does not, and what is said.

Usage: logins_test.py BUILD_DIR [OPTION]..."""
import unittest

import host
import overlay
import terminal

PLACE_CARD = "ICカードをカードリーダーに置いてください。"
PLACE_FINGER = "続けて、登録した指をセンサーに置いてください。"
ASK_PIN = "ICカードの暗証番号を入力してください："
NOT_REGISTERED = "このカードは登録されていません。情報担当（内線123）へご連絡ください。"
NOT_REMOTE = "この端末のカードリーダーは、離れた場所からのログインには使えません。"
ENGLISH_CARD = "Place your IC card on the card reader."
WHO = "echo shell of $(id -un)"
SHELL = ["-c", WHO]


class Zone(unittest.TestCase):
    """A host of one zone; the counter and sshd are the same for all."""

    zone = None
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.host = host.Host(cls.zone, **cls.settings)
        cls.host.init()
        cls.host.start()
        cls.addClassCleanup(cls.host.forget)
        DESK.enroll(cls.host, "hanako", "taro")
        host.install_stacks(cls.zone)

    def setUp(self):
        self.mark = self.host.mark()

    def logged(self):
        """What the broker said since the test began."""
        return self.host.since(self.mark)

    def prove(self, caller, card):
        """What the person does who has that card, from the first message on."""
        caller.expect(PLACE_CARD)
        DESK.place(card)
        self.addCleanup(DESK.take, card)

    def take_back(self):
        """Takes the card away before the next login of the same test."""
        self.doCleanups()

    def in_shell(self, caller, login):
        """It is that person's."""
        caller.expect(f"^shell of {login}$")
        caller.close()

    def turned_away(self, caller, *sentences):
        """No shell, and it was said why."""
        for sentence in sentences:
            caller.expect(sentence)
        caller.close()
        self.assertNotIn("shell of", caller.text)

    def su(self, target, user="stranger"):
        return terminal.Terminal(["su", target, *SHELL], user=user)

    def sudo(self, target, user):
        return terminal.Terminal(["sudo", "-u", target, "sh", *SHELL], user=user)

    def login(self, name=None, tty=None):
        return terminal.Terminal(["login", *([name] if name else [])], name=tty)

    def ssh(self, login, method):
        return terminal.Terminal(SSHD.command(login, method, WHO))


class Common:
    """What is the same in all zones."""

    def test_su(self):
        caller = self.su("hanako")
        self.prove(caller, "hanako")
        self.in_shell(caller, "hanako")

    def test_su_other_card(self):
        caller = self.su("hanako")
        self.prove(caller, "taro")
        self.turned_away(caller, NOT_REGISTERED)

    def test_sudo(self):
        caller = self.sudo("hanako", user="taro")
        self.prove(caller, "taro")
        self.in_shell(caller, "hanako")

    def test_sudo_other_card(self):
        """sudo asks for the caller's own card, not for that of the target."""
        caller = self.sudo("hanako", user="taro")
        self.prove(caller, "hanako")
        self.turned_away(caller, NOT_REGISTERED)

    def test_login(self):
        caller = self.login("hanako")
        self.prove(caller, "hanako")
        caller.expect(r"\$ $")
        caller.send(WHO)
        self.in_shell(caller, "hanako")

    def test_login_other_card(self):
        caller = self.login("hanako")
        self.prove(caller, "taro")
        self.turned_away(caller, NOT_REGISTERED)

    def test_cron(self):
        pass


class Internet(Common, Zone):
    zone = "internet"


class Lgwan(Common, Zone):
    zone = "lgwan"
    settings = {"require": "card pin"}

    def prove(self, caller, card):
        super().prove(caller, card)
        caller.expect(ASK_PIN)
        caller.send(host.PIN)


def setUpModule():  # pylint: disable=invalid-name
    global DESK, SSHD, SYSLOG  # pylint: disable=global-variable-undefined
    host.add_people()
    host.no_delays()
    host.install_sudoers("taro ALL=(ALL:ALL) ALL")
    SYSLOG = host.Log()
    DESK = host.Desk(("hanako", "taro"))
    unittest.addModuleCleanup(DESK.end)
    SSHD = host.Sshd()
    unittest.addModuleCleanup(SSHD.end)
    SSHD.admit("hanako")


if __name__ == "__main__":
    overlay.begin()
    unittest.main(warnings="ignore")
