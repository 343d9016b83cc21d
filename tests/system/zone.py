# SPDX-License-Identifier: Apache-2.0
"""Hosts of the three zones with the shipped PAM stacks, and what has to hold for each of them."""
import os
import pathlib
import unittest

import host
import overlay
import terminal

import pcscns  # pylint: disable=wrong-import-order

PLACE_CARD = "ICカードをカードリーダーに置いてください。"
PLACE_FINGER = "続けて、登録した指をセンサーに置いてください。"
ASK_PIN = "ICカードの暗証番号を入力してください："
NOT_REGISTERED = "このカードは登録されていません。情報担当（内線123）へご連絡ください。"
NOT_REMOTE = "離れた場所からのログインでは、この端末のカードリーダーを使えません。"
UNAVAILABLE = "ただいまログインの確認ができません。"
WHO = "echo shell of $(id -un)"
SHELL = ["-c", WHO]


class Rig:
    """What all tests of one program share."""

    desk = sshd = syslog = None

    @classmethod
    def open(cls, sensor=False):
        """For setUpModule."""
        host.add_people()
        host.no_delays()
        host.install_sudoers("taro ALL=(ALL:ALL) ALL")
        cls.syslog = host.Log()
        cls.desk = host.Desk(("hanako", "taro"), sensor)
        unittest.addModuleCleanup(cls.desk.end)
        cls.sshd = host.Sshd()
        unittest.addModuleCleanup(cls.sshd.end)
        cls.sshd.admit("hanako")


class Zone(unittest.TestCase):
    """A host of one zone."""

    zone = None
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.desk, cls.sshd = Rig.desk, Rig.sshd
        cls.host = host.Host(cls.zone, **cls.settings)
        cls.host.init()
        cls.host.start()
        cls.addClassCleanup(cls.host.forget)
        cls.desk.enroll(cls.host, "hanako", "taro")
        host.install_stacks(cls.zone)

    def setUp(self):
        self._mark, self._syslog_mark = self.host.mark(), Rig.syslog.mark()
        self._on_reader = None
        self.addCleanup(self.take)

    def logged(self):
        """What the broker said since the test began."""
        return self.host.since(self._mark)

    def syslog(self):
        """What everybody else said since then."""
        return Rig.syslog.since(self._syslog_mark)

    def place(self, card):
        """Puts a card on the reader, in place of the one that lies there."""
        self.take()
        self.desk.place(card)
        self._on_reader = card

    def take(self):
        """Leaves the reader empty."""
        if self._on_reader:
            self.desk.take(self._on_reader)
        self._on_reader = None

    def prove(self, caller, card):
        """What the person does who has that card, from the first message on."""
        caller.expect(PLACE_CARD)
        self.place(card)

    def in_shell(self, caller, login):
        """It is that person's."""
        caller.expect(f"^shell of {login}$")
        caller.close()

    def turned_away(self, caller, *sentences, end=True):
        """No shell, and it was said why. `end`: the program ends by itself."""
        for sentence in sentences:
            caller.expect(sentence)
        if end:
            self.assertNotEqual(caller.wait(), 0)
        caller.close()
        self.assertNotIn("shell of", caller.text)

    def restart(self, **settings):
        """Other settings for the rest of the test."""
        self.host.stop()
        self.host.configure(self.zone, **{"require": host.REQUIRE[self.zone], **self.settings, **settings})
        self.host.start()
        self.addCleanup(self._restart_as_usual)

    def _restart_as_usual(self):
        self.host.stop()
        self.host.configure(self.zone, **{"require": host.REQUIRE[self.zone], **self.settings})
        self.host.start()

    def open(self, command, **options):
        """A program on a terminal, closed at the end of the test at the latest."""
        caller = terminal.Terminal(command, **options)
        self.addCleanup(caller.close)
        return caller

    def su(self, target, user="stranger", **options):
        """`user` calls su."""
        return self.open(["su", target, *SHELL], user=user, **options)

    def sudo(self, target, user):
        """`user` calls sudo."""
        return self.open(["sudo", "-u", target, "sh", *SHELL], user=user)

    def login(self, name=None, tty=None):
        """What getty starts."""
        return self.open(["login", *([name] if name else [])], name=tty)

    def ssh(self, login, method):
        """Somebody at another machine."""
        return self.open(self.sshd.command(login, method, WHO))


class Common:
    """What has to hold in every zone."""

    def test_su(self):
        caller = self.su("hanako")
        self.prove(caller, "hanako")
        self.in_shell(caller, "hanako")

    def test_su_other_card(self):
        caller = self.su("hanako")
        super().prove(caller, "taro")
        self.refuse_other_card(caller)

    def refuse_other_card(self, caller, **options):
        """T-05: it is the other's card; the zone says how far its holder gets."""
        self.turned_away(caller, NOT_REGISTERED, **options)
        self.assertRegex(self.logged(), "result=denied cause=not-proven .* factors= ")

    def test_sudo(self):
        caller = self.sudo("hanako", user="taro")
        self.prove(caller, "taro")
        self.in_shell(caller, "hanako")

    def test_sudo_other_card(self):
        """sudo asks for the caller's own card, not for that of the target."""
        caller = self.sudo("hanako", user="taro")
        super().prove(caller, "hanako")
        self.refuse_other_card(caller, end=False)

    def test_sudo_remembers_nothing(self):
        """T-36: each command is a login of its own."""
        for _ in range(2):
            caller = self.sudo("hanako", user="taro")
            self.prove(caller, "taro")
            self.in_shell(caller, "hanako")
            self.take()

    def test_login(self):
        caller = self.login("hanako")
        self.prove(caller, "hanako")
        caller.expect(r"\$ $")
        caller.send(WHO)
        self.in_shell(caller, "hanako")

    def test_login_other_card(self):
        caller = self.login("hanako")
        super().prove(caller, "taro")
        self.refuse_other_card(caller, end=False)

    def test_login_unknown_name(self):
        """A name that nobody has is treated like anybody's who has another card."""
        caller = self.login("nobody-here")
        super().prove(caller, "taro")
        self.refuse_other_card(caller, end=False)

    def test_copied_card(self):
        """T-04: everything that can be read of hanako's card, another key."""
        copy = pcscns.VirtualCard(overlay.BUILD, name="copy", pin=host.PIN,
                                  clone_public=self.desk.cards["hanako"].state)
        self.desk.cards["copy"] = copy
        try:
            for program in (self.su, self.login):
                caller = program("hanako")
                super().prove(caller, "copy")
                self.refuse_other_card(caller, end=False)
                self.take()
        finally:
            self.take()
            copy.end()
        self.assertNotIn("result=granted", self.logged())

    def test_ssh_password(self):
        """The card on the reader is not asked for from afar."""
        self.place("hanako")
        for method in ("keyboard-interactive", "password"):
            caller = self.ssh("hanako", method)
            if method == "password":
                caller.expect("password: ")
                caller.send(host.PASSWORD)
            self.turned_away(caller, "Permission denied")
        self.assertEqual(self.logged().count("cause=remote service=sshd user=hanako tty=ssh rhost=127.0.0.1"), 2)
        self.assertNotIn(PLACE_CARD, caller.text)

    def test_ssh_remote_allowed_other_card(self):
        """T-05 where the host serves sshd: taro's card and hanako's name."""
        self.restart(remote="sshd")
        self.place("taro")
        caller = self.ssh("hanako", "keyboard-interactive")
        self.answer_ssh(caller)
        self.turned_away(caller, "Permission denied")
        self.assertRegex(self.logged(), "result=denied cause=[a-z-]+ service=sshd user=hanako ")
        self.assertNotIn("result=granted", self.logged())

    def answer_ssh(self, caller):
        """What the zone asks for through sshd."""

    def test_cron(self):
        """The account phase of cron is not ours to refuse."""
        pathlib.Path("/tmp/cron.out").unlink(missing_ok=True)
        table = pathlib.Path("/var/spool/cron/crontabs/hanako")
        table.parent.mkdir(parents=True, exist_ok=True)
        table.write_text(f"@reboot {WHO} > /tmp/cron.out\n", encoding="ascii")
        table.chmod(0o600)
        os.chown(table, 30001, 0)
        pathlib.Path("/run/crond.reboot").unlink(missing_ok=True)
        self.open(["cron", "-f"])
        pcscns.wait_until(lambda: os.path.exists("/tmp/cron.out") and os.path.getsize("/tmp/cron.out"), what="cron's job")
        table.unlink()
        self.assertEqual(pathlib.Path("/tmp/cron.out").read_text(encoding="ascii"), "shell of hanako\n")

    def test_runuser(self):
        for dash in ([], ["-"]):
            caller = self.open(["runuser", *dash, "hanako", *SHELL])
            self.assertEqual(caller.wait(), 0)
            self.assertEqual(caller.text, "shell of hanako\n")

    def test_no_broker(self):
        """T-34: nobody gets in; cron's and runuser's stacks have their own word."""
        self.host.stop()
        self.addCleanup(self.host.start)
        self.place("hanako")
        for caller in (self.su("hanako"), self.sudo("hanako", "taro"), self.login("hanako")):
            self.turned_away(caller, UNAVAILABLE, end=False)
        caller = self.ssh("hanako", "keyboard-interactive")
        self.turned_away(caller, "Permission denied")
        self.assertIn("toyamad does not listen", self.syslog())
