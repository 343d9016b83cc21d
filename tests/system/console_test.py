#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The way back in: the break-glass line at the console, and the rescue shell. And the other way of setting up
PAM, pam-auth-update.

Usage: console_test.py BUILD_DIR [OPTION]..."""
import os
import pathlib
import time
import unittest

import host
import overlay
import zone

GROUP = "toyama-breakglass"
KEEPER = "kinkyu"
ROOT_PASSWORD = "sealed in the safe"
ENGLISH_CARD = "Place your IC card on the card reader."


def make_group():
    """As pam_toyama(8) says."""
    host.run("groupadd", "--system", GROUP)
    host.run("usermod", "-aG", GROUP, KEEPER)


class Console(zone.Zone):
    """The stack of the internet zone, the group made."""

    zone = "internet"
    settings = {"card_wait": "3"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        make_group()
        cls.addClassCleanup(host.run, "groupdel", GROUP)

    def break_glass(self, tty="tty1", password=host.PASSWORD):
        """The keeper's login at a console."""
        caller = self.login(KEEPER, tty=tty)
        caller.expect("Password: ")
        caller.send(password)
        return caller

    def test_no_broker(self):
        """In at the console, and from there to the cause."""
        self.host.stop()
        self.addCleanup(self.host.start)
        caller = self.break_glass()
        caller.expect(r"\$ $")
        caller.send("sudo toyama-enroll --lang en check; echo status $?")
        caller.expect(f"password for {KEEPER}: ")
        caller.send(host.PASSWORD)
        caller.expect("toyamad")
        caller.expect(r"^status 78\n\$ $")
        caller.send(zone.WHO)
        self.in_shell(caller, KEEPER)
        self.assertRegex(self.syslog(), f"session opened for user {KEEPER}")

    def test_each_console(self):
        for tty in ("tty2", "tty6"):
            caller = self.break_glass(tty)
            caller.expect(r"\$ $")
            caller.close()
        self.assertEqual(self.logged().count("result="), 0)

    def test_wrong_password(self):
        caller = self.break_glass(password="guess")
        caller.expect("Login incorrect")
        caller.close()

    def test_not_elsewhere(self):
        """The keeper on a pseudo-terminal, on tty7 and on a serial line is somebody without a card."""
        for tty, sentence in ((None, zone.PLACE_CARD), ("tty7", ENGLISH_CARD), ("ttyS0", ENGLISH_CARD)):
            with self.subTest(tty):
                caller = self.login(KEEPER, tty=tty)
                caller.expect(sentence)
                caller.send(host.PASSWORD)
                self.turned_away(caller, "Login incorrect", end=False)
                self.assertNotIn("Password", caller.text)
        self.su(KEEPER).expect(zone.PLACE_CARD)

    def test_not_from_afar(self):
        caller = self.ssh(KEEPER, "password")
        caller.expect("password: ")
        caller.send(host.PASSWORD)
        self.turned_away(caller, "Permission denied")
        caller = self.ssh(KEEPER, "keyboard-interactive")
        self.turned_away(caller, "Permission denied")
        self.assertEqual(self.logged().count("cause=remote"), 2)

    def test_not_for_others(self):
        caller = self.login("hanako", tty="tty1")
        caller.expect(ENGLISH_CARD)
        caller.send(host.PASSWORD)
        self.turned_away(caller, "Login incorrect", end=False)

    def test_card_still_works_there(self):
        caller = self.login("hanako", tty="tty1")
        caller.expect(ENGLISH_CARD)
        self.place("hanako")
        caller.expect(r"\$ $")
        caller.close()

    def test_rescue_shell(self):
        """README, "Back in at the console": not PAM's business at all."""
        secret = host.run("openssl", "passwd", "-6", ROOT_PASSWORD).strip()
        host.run("usermod", "-p", secret, "root")
        self.host.stop()
        self.addCleanup(self.host.start)
        caller = self.open(["sulogin"], name="tty1")
        caller.expect(r"root password for maintenance\n.*: $")
        time.sleep(0.5)  # sulogin prepares the terminal after its question
        caller.send(ROOT_PASSWORD)
        caller.expect("# $")
        caller.send("toyama-enroll --lang en check; echo status $?")
        caller.expect("^status 78$")


class Dead(zone.Zone):
    """The line as it is shipped: without the group it is nobody's."""

    zone = "lgwan"
    settings = {"card_wait": "3"}

    def test_no_group(self):
        caller = self.login(KEEPER, tty="tty1")
        caller.expect(ENGLISH_CARD)
        caller.send(host.PASSWORD)
        self.turned_away(caller, "Login incorrect", end=False)


class Profile(zone.Zone):
    """pam-auth-update --enable toyama, all services as the distribution has them."""

    zone = "lgwan"
    settings = {"card_wait": "3"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for service, text in host.DISTRIBUTION.items():
            pathlib.Path(f"/etc/pam.d/{service}").write_text(text, encoding="utf-8")
        host.run("pam-auth-update", "--force", "--enable", "toyama",
                 env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})

    def test_card(self):
        caller = self.su("hanako")
        self.prove(caller, "hanako")
        self.in_shell(caller, "hanako")
        self.take()
        caller = self.login("taro")
        self.prove(caller, "taro")
        caller.expect(r"\$ $")
        caller.close()

    def test_no_password(self):
        caller = self.su("hanako")
        caller.expect(zone.PLACE_CARD)
        caller.send(host.PASSWORD)
        self.turned_away(caller)
        self.assertNotIn("Password", caller.text)

    def test_other_card(self):
        caller = self.su("hanako")
        self.prove(caller, "taro")
        self.turned_away(caller, zone.NOT_REGISTERED)


def setUpModule():  # pylint: disable=invalid-name
    zone.Rig.open()
    host.add_people({KEEPER: None}, first=30101)
    host.install_sudoers(f"{KEEPER} ALL=(ALL:ALL) ALL")


if __name__ == "__main__":
    overlay.begin()
    unittest.main(warnings="ignore")
