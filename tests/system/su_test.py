#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Real su in the Internet zone: a card opens the shells of its own person and nobody else's, whatever the
caller brings along.

Usage: su_test.py BUILD_DIR [OPTION]..."""
import os
import signal
import socket
import threading
import unittest

import host
import overlay
import terminal

PLACE_CARD = "ICカードをカードリーダーに置いてください。"
NOT_REGISTERED = "このカードは登録されていません。情報担当（内線123）へご連絡ください。"
TOO_LATE = "時間内に操作がなかったため終了しました。もう一度はじめからお試しください。"
SHELL = ["-c", "echo shell of $(id -un)"]
STACK = ("auth [success=ok default=bad] pam_toyama.so", "account [success=ok default=bad] pam_toyama.so",
         "session optional pam_toyama.so")


def su(target, user="taro", arguments=(), **options):
    """Somebody calls su."""
    return terminal.Terminal(["su", *arguments, target, *SHELL], user=user, **options)


class Su(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        host.add_people()
        host.no_delays()
        cls.syslog = host.Log()
        cls.desk = host.Desk(("hanako", "taro", "keeper"))
        cls.host = host.Host("internet")
        cls.host.init()
        cls.host.start()
        cls.desk.enroll(cls.host, "hanako", "taro")
        host.stack("su", *STACK)

    @classmethod
    def tearDownClass(cls):
        cls.host.stop()
        cls.desk.end()

    def login(self, target, card=None, **options):
        """One su with that card: (status, what was shown, what the broker logged)."""
        mark = self.host.mark()
        with su(target, **options) as caller:
            if card:
                caller.expect(PLACE_CARD)
                with self.desk.card(card):
                    caller.wait()
            else:
                caller.wait(15)
        return caller.status, caller.text, self.host.since(mark)

    def granted(self, target, card, **options):
        status, text, log = self.login(target, card, **options)
        self.assertRegex(text, f"(?m)^shell of {target}$")
        self.assertEqual(status, 0, text)
        self.assertIn(f"result=granted cause= service=su user={target} ", log)
        return text

    def denied(self, target, card, sentence, cause, **options):
        status, text, log = self.login(target, card, **options)
        self.assertNotIn("shell of", text)
        self.assertEqual(status, 1, text)
        self.assertIn(sentence, text)
        self.assertIn(f"result=denied cause={cause} service=su user={target} ", log)
        return text

    def test_own_card(self):
        self.granted("hanako", "hanako")
        text = self.granted("taro", "taro", user="hanako")
        self.assertRegex(text, "砺波 太郎さん、")

    def test_card_that_lies_there_already(self):
        with self.desk.card("hanako"), su("hanako") as caller:
            caller.expect("^shell of hanako$")
            self.assertEqual(caller.wait(), 0)

    def test_card_of_somebody_else(self):
        self.denied("hanako", "taro", NOT_REGISTERED, "not-proven")
        self.denied("taro", "hanako", NOT_REGISTERED, "not-proven", user="hanako")
        self.denied("root", "hanako", NOT_REGISTERED, "not-proven")
        self.denied("stranger", "hanako", NOT_REGISTERED, "not-proven")

    def test_no_card(self):
        self.denied("hanako", None, TOO_LATE, "no-card")

    def test_interrupted(self):
        """The person gives up; the reader is free for the next one at once."""
        with su("hanako") as caller:
            caller.expect(PLACE_CARD)
            caller.key(b"\x03")
            self.assertNotEqual(caller.wait(), 0)
        self.granted("hanako", "hanako")

    def test_login_shell(self):
        """su - uses a service of its own."""
        host.stack("su-l", *STACK)
        with su("hanako", arguments=["-"]) as caller:
            caller.expect(PLACE_CARD)
            with self.desk.card("hanako"):
                caller.expect("^shell of hanako$")
        self.assertIn("service=su-l ", self.host.log())

    def test_descriptors(self):
        """T-20: the shell has nothing of ours."""
        def of_shell(card):
            with terminal.Terminal(["su", "hanako", "-c", "ls -l /proc/self/fd"], user="taro") as caller:
                if card:
                    with self.desk.card(card):
                        self.assertEqual(caller.wait(), 0)
                else:
                    self.assertEqual(caller.wait(), 0)
            return [line.split()[-3] for line in caller.text.splitlines() if " -> " in line]
        ours = of_shell("hanako")
        host.stack("su", "auth required pam_permit.so", "account required pam_permit.so")
        try:
            self.assertEqual(ours, of_shell(None))
        finally:
            host.stack("su", *STACK)
        self.assertEqual(ours, ["0", "1", "2", "3"])  # 3: the directory that ls reads

    def test_hostile_environment(self):
        """T-27: 200 variables change neither the outcome nor a word, and nobody is led to another socket."""
        with Trap("/tmp/trap.sock") as trap:
            environment = hostile_environment(trap.path)
            self.assertGreaterEqual(len(environment), 200)
            plain = self.granted("hanako", "hanako")
            self.assertEqual(self.granted("hanako", "hanako", environment=environment), plain)
            self.denied("hanako", "taro", NOT_REGISTERED, "not-proven", environment=environment)
            self.assertEqual(trap.callers, 0)
            trap.touch()
            self.assertEqual(trap.callers, 1)

    def test_hostile_environment_of_sudo(self):
        """The same; sudo asks for the caller's own card."""
        host.install_sudoers("taro ALL=(ALL:ALL) ALL")
        host.stack("sudo", STACK[0] + " silent=ignore", *STACK[1:])
        with Trap("/tmp/trap.sock") as trap:
            for card, outcome in (("taro", "^shell of hanako$"), ("hanako", NOT_REGISTERED)):
                with terminal.Terminal(["sudo", "-u", "hanako", "/bin/sh", *SHELL], user="taro",
                                       environment=hostile_environment(trap.path)) as caller:
                    caller.expect(PLACE_CARD)
                    with self.desk.card(card):
                        caller.expect(outcome)
                self.assertEqual("shell of" in caller.text, card == "taro", caller.text)
            self.assertEqual(trap.callers, 0)

    def test_children_ignored(self):
        """T-29: with SIGCHLD ignored there is no exit status; the verdict alone decides."""
        with su("hanako", ignore=[signal.SIGCHLD]) as caller:
            caller.expect(PLACE_CARD)
            with self.desk.card("hanako"):
                caller.expect("^shell of hanako$")
        self.denied("hanako", "taro", NOT_REGISTERED, "not-proven", ignore=[signal.SIGCHLD])

    def test_several_logins(self):
        """A record may name more logins, root's too; the others stay closed."""
        self.host.add_person("012399", "stranger,root", name="管理 者")
        self.host.enroll_card("012399", self.desk.cards["keeper"], self.desk.pcsc, host.PIN)
        self.granted("root", "keeper")
        self.granted("stranger", "keeper")
        self.denied("hanako", "keeper", NOT_REGISTERED, "not-proven")
        self.denied("root", "hanako", NOT_REGISTERED, "not-proven")


class Trap:
    """A socket where no program of ours has any business."""

    def __init__(self, path):
        self.path, self.callers = path, 0
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)

    def __enter__(self):
        self.socket.bind(self.path)
        os.chmod(self.path, 0o666)
        self.socket.listen()
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def _serve(self):
        while True:
            try:
                self.socket.accept()[0].close()
            except OSError:
                return
            self.callers += 1

    def touch(self):
        """Shows that a caller would have been counted."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller:
            caller.connect(self.path)
            caller.recv(1)
        host.pcscns.wait_until(lambda: self.callers)

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        os.unlink(self.path)


def hostile_environment(trap):
    """What an attacker would set before he calls su."""
    paths = ("PCSCLITE_CSOCK_NAME", "FP_VIRTUAL_IMAGE", "FP_VIRTUAL_DEVICE", "FP_VIRTUAL_DEVICE_STORAGE",
             "TOYAMA_SOCKET", "TOYAMA_AUTH_SOCKET", "TOYAMA_CONFIG", "TOYAMA_CONF", "TOYAMA_STATE", "NOTIFY_SOCKET",
             "DBUS_SESSION_BUS_ADDRESS", "DBUS_SYSTEM_BUS_ADDRESS", "G_DBUS_DEBUG", "SSH_AUTH_SOCK")
    files = ("LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "LD_DEBUG_OUTPUT", "LD_PROFILE_OUTPUT", "NLSPATH", "LOCPATH",
             "GCONV_PATH", "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES", "SSL_CERT_FILE", "TMPDIR", "TZDIR",
             "RES_OPTIONS", "HOSTALIASES", "LOCALDOMAIN", "TERMINFO", "TERMCAP", "PYTHONPATH", "PERL5LIB", "GIO_MODULE_DIR",
             "GIO_EXTRA_MODULES", "XDG_DATA_DIRS", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR", "MALLOC_TRACE", "TEXTDOMAINDIR",
             "LANGUAGE_PATH", "SQLITE_TMPDIR", "KRB5_CONFIG", "KRB5_KTNAME", "GCOV_PREFIX", "LLVM_PROFILE_FILE")
    words = {"LANG": "tr_TR.UTF-8", "LANGUAGE": "tr", "TZ": ":/etc/shadow", "G_DEBUG": "fatal-warnings",
             "G_MESSAGES_DEBUG": "all", "G_SLICE": "always-malloc", "MALLOC_CHECK_": "3", "MALLOC_PERTURB_": "85",
             "LD_DEBUG": "all", "LD_BIND_NOT": "1", "GLIBC_TUNABLES": "glibc.malloc.check=3", "LIBPCSCLITE_DEBUG": "7",
             "PCSCLITE_DEBUG": "0", "LIBPCSCLITE_NO_LOG": "1", "LISTEN_FDS": "2", "LISTEN_PID": "1", "LISTEN_FDNAMES": "x",
             "POSIXLY_CORRECT": "1", "COLUMNS": "1", "TERM": "%n%s", "PAM_USER": "root", "PAM_TYPE": "auth", "SUDO_UID": "0",
             "PAM_RHOST": "", "DISPLAY": ":0", "XDG_SEAT": "seat0", "XDG_VTNR": "1", "XDG_SESSION_ID": "1",
             "TOYAMA_USER": "hanako", "TOYAMA_LANG": "en", "TOYAMA_DEMO": "yes", "TOYAMA_DEBUG": "1", "IFS": "/"}
    environment = {"PATH": "/tmp:/usr/bin:/bin", "HOME": "/home/taro", "SHELL": "/bin/sh", **words}
    environment.update({name: trap for name in paths})
    environment.update({name: "/tmp" for name in files})
    environment.update({f"LC_{name}": "tr_TR.UTF-8" for name in ("ALL", "CTYPE", "MESSAGES", "TIME", "NUMERIC")})
    for number in range(200 - len(environment)):
        environment[f"TOYAMA_{number}%n"] = "A" * 300
    return environment


if __name__ == "__main__":
    overlay.begin()
    unittest.main()
