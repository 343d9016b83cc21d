#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Real su and a broker that refuses, lies, is somebody else's or is not there: no shell, and no
endless wait.

Usage: broker_test.py BUILD_DIR [OPTION]..."""
import contextlib
import os
import pathlib
import pwd
import shutil
import signal
import socket
import unittest

import host
import overlay
import terminal

import fake_broker  # pylint: disable=wrong-import-order

DIRECTORY = "/run/toyama"
SOCKET = f"{DIRECTORY}/auth.sock"
SHELL = ["-c", "echo shell of $(id -un)"]
UNAVAILABLE = "ただいまログインの確認ができません。"
PLACE_CARD = "ICカードをカードリーダーに置いてください。"
CONTROLS = ("required", "requisite", "[success=ok default=bad]", "[success=ok ignore=ignore default=bad]",
            "[success=done ignore=ignore default=die]")
REFUSALS = ("deny", "deny-mute", "locked", "unavailable", "unavailable-mute", "misconfigured", "result-0", "result-6",
            "grant-nobody", "grant-user-prefix", "grant-wrong-nonce", "grant-no-nonce", "truncated", "trailing",
            "close-at-once", "close-after-start", "close-after-info")


def write_stack(control, module="pam_toyama.so lang=ja"):
    """Our line, then one that lets everybody in."""
    host.stack("su", f"auth {control} {module}", "auth required pam_permit.so", "account required pam_permit.so")


def su(target, **options):
    """taro calls su."""
    return terminal.Terminal(["su", target, *SHELL], user="taro", **options)


@contextlib.contextmanager
def fresh_directory(mode=0o755, owner="root"):
    """/run/toyama for a false broker."""
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    os.mkdir(DIRECTORY)
    os.chmod(DIRECTORY, mode)
    shutil.chown(DIRECTORY, owner)
    try:
        yield
    finally:
        shutil.rmtree(DIRECTORY)


class Process:
    """A false broker in a process of its own, so that it may be somebody else."""

    def __init__(self, name, user="root", bound_by="root"):
        self.pid = os.fork()
        if self.pid == 0:
            with contextlib.suppress(BaseException):
                self._serve(name, user, bound_by)
            os._exit(1)
        host.pcscns.wait_until(self._listens, what="the false broker")

    @staticmethod
    def _serve(name, user, bound_by):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.bind(SOCKET)
        shutil.chown(SOCKET, bound_by)
        os.chmod(SOCKET, 0o666)
        os.setuid(pwd.getpwnam(user).pw_uid)
        sock.listen(8)
        broker = fake_broker.Broker.__new__(fake_broker.Broker)
        broker.play, broker.lang, broker.card_user = fake_broker.SCENARIOS[name], "ja", "hanako"
        broker.frames, broker.recorded = [], None
        while True:
            connection = sock.accept()[0]
            with contextlib.suppress(OSError, AssertionError), connection:
                broker.play(fake_broker.Client(broker, connection))

    @staticmethod
    def _listens():
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as caller:
            return os.path.exists(SOCKET) and caller.connect_ex(SOCKET) == 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)


class Case(unittest.TestCase):
    """What a login may come to."""

    def granted(self, target="hanako", **options):
        with su(target, **options) as caller:
            self.assertEqual(caller.wait(), 0, caller.text)
        self.assertEqual(caller.text.splitlines()[-1], f"shell of {target}")

    def refused(self, *sentences, target="hanako", within=5, **options):
        with su(target, **options) as caller:
            self.assertEqual(caller.wait(within), 1, caller.text)
        self.assertNotIn("shell of", caller.text)
        for sentence in sentences:
            self.assertIn(sentence, caller.text)

class Stacks(Case):
    """T-01: whatever fails, no stack that ends in pam_permit lets anybody in."""

    def each(self, names, check):
        for name in names:
            with self.subTest(name), fresh_directory(), fake_broker.Broker(SOCKET, name, card_user="hanako"):
                for control in CONTROLS:
                    for target in ("hanako", "kiosk"):
                        write_stack(control)
                        check(target=target)

    def test_refusals(self):
        self.each(REFUSALS, self.refused)

    def test_grant(self):
        """The same stacks let in where the broker says so."""
        self.each(["grant"], self.granted)

    def test_no_broker(self):
        shutil.rmtree(DIRECTORY, ignore_errors=True)
        for control in CONTROLS:
            with self.subTest(control):
                write_stack(control)
                self.refused(UNAVAILABLE)

    def test_bad_argument(self):
        for control in CONTROLS:
            with self.subTest(control), fresh_directory(), fake_broker.Broker(SOCKET, "grant", card_user="hanako"):
                write_stack(control, module="pam_toyama.so nullok")
                self.refused()

    def test_no_module(self):
        """A stack that names a module which is not there."""
        write_stack("[success=ok default=bad]", module="pam_toyama_gone.so")
        self.refused()


class Peer(Case):
    """T-09: a broker of another uid."""

    def setUp(self):
        write_stack("[success=ok default=bad]")

    def test_root(self):
        """What the others differ from."""
        with fresh_directory(), Process("grant"):
            self.granted()

    def test_process_of_somebody(self):
        with fresh_directory(), Process("grant", user="stranger"):
            self.refused(UNAVAILABLE)
        self.assertIn("not root's", self.syslog.since())

    def test_socket_of_somebody(self):
        with fresh_directory(), Process("grant", bound_by="stranger"):
            self.refused(UNAVAILABLE)

    def test_directory_of_somebody(self):
        with fresh_directory(owner="stranger"), Process("grant"):
            self.refused(UNAVAILABLE)

    def test_directory_for_all(self):
        with fresh_directory(mode=0o1777), Process("grant"):
            self.refused(UNAVAILABLE)


class Outage(Case):
    """T-34 with the real broker; logins_test.py has the one that hangs."""

    def setUp(self):
        shutil.rmtree(DIRECTORY, ignore_errors=True)
        write_stack("[success=ok default=bad]")
        self.host = host.Host("internet")
        self.host.start()

    def tearDown(self):
        self.host.kill()

    def test_killed(self):
        """In the middle of an attempt, and before the next one."""
        with su("hanako") as caller:
            caller.expect(PLACE_CARD)
            self.host.kill()
            caller.expect(UNAVAILABLE, timeout=3)
            self.assertEqual(caller.wait(), 1)
        self.refused(UNAVAILABLE)
        self.host.start()

    def test_stopped(self):
        """Good order: the socket is gone, too."""
        self.host.stop()
        self.assertFalse(os.path.exists(SOCKET))
        self.refused(UNAVAILABLE)
        self.host.start()


def setUpModule():  # pylint: disable=invalid-name
    host.add_people()
    host.add_people({"kiosk": None}, first=990)
    host.no_delays()
    pathlib.Path("/etc/toyama").mkdir(exist_ok=True)
    Peer.syslog = host.Log()
    desk = host.Desk(())
    unittest.addModuleCleanup(desk.end)
    broker = host.Host("internet")
    broker.init()


if __name__ == "__main__":
    overlay.begin()
    unittest.main()
