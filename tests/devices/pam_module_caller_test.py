#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""pam_toyama.so between brokers that are not toyamad, callers of every kind and the log.

    pam_module_caller_test.py BUILD_DIR [--long] [unittest arguments]

Needs root and CAP_SYS_ADMIN.
"""

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

import modulerig
from modulerig import CLIENT, LIES, LONG, NOBODY, ModuleTest

import fake_broker
from fake_broker import CANCEL, START, Broker


class Socket(ModuleTest):
    """T-09: only root's socket in root's directory with root behind it is spoken to."""

    def foreign(self, outcome):
        self.assertEqual(outcome.code(), "PAM_AUTHINFO_UNAVAIL")
        self.assertLess(outcome.seconds, 4)

    @contextlib.contextmanager
    def nobodys_broker(self, owner):
        """uid 65534 listens; the socket is then moved into root's directory and given to `owner`."""
        den = os.path.join(self.dir, "den")
        os.mkdir(den, 0o755)
        os.chown(den, NOBODY, NOBODY)
        ready, done = os.pipe(), os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
                with Broker(os.path.join(den, "auth.sock"), "grant"):
                    os.write(ready[1], b"1")
                    os.close(done[1])
                    os.read(done[0], 1)
            finally:
                os._exit(0)
        os.read(ready[0], 1)
        os.rename(os.path.join(den, "auth.sock"), self.socket)
        os.chown(self.socket, owner, owner)
        try:
            yield
        finally:
            for end in (*ready, *done):
                os.close(end)
            os.waitpid(child, 0)

    def test_socket_of_another_uid(self):
        with self.nobodys_broker(NOBODY):
            self.foreign(self.client("auth"))

    def test_socket_given_to_another_uid(self):
        with Broker(self.socket, "grant"):
            os.chown(self.socket, NOBODY, NOBODY)
            self.foreign(self.client("auth"))
            os.chown(self.socket, 0, 0)

    def test_peer_of_another_uid(self):
        with self.nobodys_broker(0):
            self.foreign(self.client("auth"))

    def test_directory_that_others_may_write(self):
        for mode in (0o775, 0o757, 0o1777):
            with Broker(self.socket, "grant"):
                os.chmod(self.sockets, mode)
                self.foreign(self.client("auth"))
                os.chmod(self.sockets, 0o755)
                self.assertEqual(self.client("auth").code(), "PAM_SUCCESS")

    def test_directory_of_another_uid(self):
        with Broker(self.socket, "grant"):
            os.chown(self.sockets, NOBODY, 0)
            self.foreign(self.client("auth"))
            os.chown(self.sockets, 0, 0)

    def test_symbolic_links(self):
        with Broker(self.socket, "grant"):
            os.symlink(self.socket, os.path.join(self.sockets, "link.sock"))
            os.symlink(self.sockets, os.path.join(self.dir, "linked"))
            for path in ("run/link.sock", "linked/auth.sock"):
                self.stack("t", arguments=f"socket={self.dir}/{path}")
                self.foreign(self.client("auth"))

    def test_no_socket(self):
        self.foreign(self.client("auth"))
        with open(self.socket, "w"):
            pass
        self.foreign(self.client("auth"))
        os.unlink(self.socket)
        os.rmdir(self.sockets)
        self.foreign(self.client("auth"))

    def test_dead_socket(self):
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        listener.bind(self.socket)
        listener.close()
        self.foreign(self.client("auth"))

    def test_other_kind_of_socket(self):
        for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
            with socket.socket(socket.AF_UNIX, kind) as listener:
                listener.bind(self.socket)
                if kind == socket.SOCK_STREAM:
                    listener.listen()
                self.foreign(self.client("auth"))
            os.unlink(self.socket)

    def test_full_queue(self):
        """T-34: a broker that accepts nobody costs two seconds."""
        with Broker(self.socket, "grant", backlog=0, accept=False), contextlib.ExitStack() as stack:
            for _ in range(4):
                filler = stack.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET))
                filler.setblocking(False)
                try:
                    filler.connect(self.socket)
                except BlockingIOError:
                    break
            outcome = self.client("auth")
        self.foreign(outcome)
        self.assertGreater(outcome.seconds, 1.5)

    def test_killed_broker(self):
        """T-34: toyamad dies in the middle; the application lives and says no."""
        broker = subprocess.Popen([sys.executable, fake_broker.__file__, self.socket, "hang"])
        try:
            while not os.path.exists(self.socket):
                time.sleep(0.01)
            threading.Timer(0.5, broker.kill).start()
            outcome = self.client("auth")
        finally:
            broker.kill()
            broker.wait()
        self.foreign(outcome)

    def test_user_namespace_is_not_root(self):
        """A plain user's own root cannot pass for root: seen from here it is that user."""
        if subprocess.run(["setpriv", "--reuid=65534", "--clear-groups", "unshare", "-U", "-r", "true"],
                          capture_output=True, check=False).returncode != 0:
            self.skipTest("user namespaces are not allowed here")
        den = os.path.join(self.dir, "den")
        os.mkdir(den)
        os.chown(den, NOBODY, NOBODY)
        path = os.path.join(den, "auth.sock")
        broker = subprocess.Popen(["setpriv", "--reuid=65534", "--clear-groups", "unshare", "-U", "-r", "python3", "-B",
                                   fake_broker.__file__, path, "grant"])
        try:
            while not os.path.exists(path):
                self.assertIsNone(broker.poll())
                time.sleep(0.01)
            os.rename(path, self.socket)
            os.chown(self.socket, 0, 0)
            self.foreign(self.client("auth"))
        finally:
            broker.kill()
            broker.wait()


class Deadlines(ModuleTest):
    def test_session_that_hangs(self):
        outcome = self.ask("hang-at-once", "open", "close")
        self.assertEqual(outcome.results, [("open", "PAM_SUCCESS"), ("close", "PAM_SUCCESS")])
        self.assertTrue(all(1_900_000 < micros < 3_000_000 for micros in outcome.micros), outcome.micros)

    def test_account_that_hangs(self):
        outcome = self.ask("hang-at-once", "acct")
        self.assertEqual(outcome.code("acct"), "PAM_AUTHINFO_UNAVAIL")
        self.assertTrue(9_900_000 < outcome.micros[0] < 12_000_000, outcome.micros)


class WholeDeadline(ModuleTest):
    """Ninety seconds each."""

    def test_authentication_that_hangs(self):
        for scenario in ("hang-at-once", "flood"):
            outcome = self.ask(scenario, timeout=120)
            self.assertEqual(outcome.code(), "PAM_AUTHINFO_UNAVAIL")
            self.assertTrue(89_900_000 < outcome.micros[0] < 92_000_000, outcome.micros)

    def test_answer_after_the_deadline(self):
        outcome = self.ask("pin-then-grant-anyway", answers=["123456"], options=["--delay", "91000"], timeout=120)
        self.assertEqual(outcome.code(), "PAM_AUTH_ERR")
        self.assertEqual([kind for kind, _ in outcome.frames], [START, CANCEL])


if not LONG:
    del WholeDeadline


class Surroundings(ModuleTest):
    """Callers as they come: hostile environments, small limits, closed descriptors."""

    def environment(self):
        names = ["LANG", "LC_ALL", "LC_MESSAGES", "LANGUAGE", "TZ", "TZDIR", "NLSPATH", "LOCPATH", "OUTPUT_CHARSET",
                 "TEXTDOMAINDIR", "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES", "PCSCLITE_CSOCK_NAME",
                 "PCSCLITE_DEBUG", "LIBPCSCLITE_DEBUG", "FP_VIRTUAL_DEVICE", "FP_VIRTUAL_IMAGE", "FP_DRIVERS_ALLOWLIST",
                 "G_MESSAGES_DEBUG", "G_SLICE", "GIO_MODULE_DIR", "DBUS_SYSTEM_BUS_ADDRESS", "XDG_SEAT", "XDG_VTNR",
                 "XDG_RUNTIME_DIR", "DISPLAY", "TOYAMA_SOCKET", "TOYAMA_CONFIG", "TOYAMA_LANG", "TOYAMA_DEBUG", "HOME",
                 "USER", "SHELL", "IFS", "TMPDIR", "GCONV_PATH", "HOSTALIASES", "RES_OPTIONS", "RESOLV_HOST_CONF",
                 "GETCONF_DIR", "NIS_PATH", "PYTHONPATH", "PERL5LIB", "PAM_CONFDIR", "PAM_DEBUG", "TERM", "MALLOC_TRACE"]
        names += [f"TOYAMA_{number}" for number in range(200 - len(names))]
        values = ["/tmp/evil/%n%n%s", "../../../../etc/shadow", "x" * 4000, "ja_JP.eucJP", "\x1b[2J;rm -rf /"]
        return {name: values[n % len(values)] for n, name in enumerate(names)}

    def test_environment(self):
        """T-27: two hundred hostile variables change nothing."""
        for scenario in ("greet", "pin", "deny", "locked", "trailing"):
            plain = self.ask(scenario, answers=["123456"])
            hostile = self.ask(scenario, answers=["123456"], environment=self.environment())
            self.assertEqual((plain.results, plain.messages), (hostile.results, hostile.messages))

    def limited(self, prepare, scenario="pin"):
        outcome = self.ask(scenario, "auth", "acct", "setcred", "open", "close", answers=["123456"], prepare=prepare)
        self.assertEqual(outcome.code(), "PAM_SUCCESS")
        return outcome

    def test_few_descriptors(self):
        self.limited(lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16)))

    def test_no_descriptor_left(self):
        outcome = self.ask("grant", "auth", options=["--exec", "true"],
                           prepare=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (11, 11)))
        self.assertIn(outcome.code(), ("PAM_SUCCESS", "PAM_AUTHINFO_UNAVAIL", "PAM_ABORT"))

    def test_no_file_may_grow(self):
        def prepare():
            signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
            resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))

        command = [CLIENT, "--service", "t", "--confdir", self.dir, "--user", "taro", "--answer", "123456", "auth"]
        with Broker(self.socket, "pin"):
            process = subprocess.run(command, capture_output=True, preexec_fn=prepare, check=False, timeout=30)
        self.assertEqual((process.returncode, process.stderr), (0, b""))

    def test_no_process_may_start(self):
        self.limited(lambda: resource.setrlimit(resource.RLIMIT_NPROC, (0, 0)))

    def test_closed_standard_streams(self):
        def prepare():
            os.closerange(0, 3)

        self.limited(prepare)

    def test_directory_is_gone(self):
        gone = os.path.join(self.dir, "gone")

        def prepare():
            os.mkdir(gone)
            os.chdir(gone)
            os.rmdir(gone)

        self.limited(prepare)

    def test_child_signals_ignored(self):
        """T-29: nobody's exit status decides here."""
        self.limited(lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        outcome = self.ask("close-after-answer", answers=["123456"],
                           prepare=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.refused(outcome)

    def test_umask(self):
        self.limited(lambda: os.umask(0o777))

    def test_children_inherit_nothing(self):
        """T-20: a shell that starts in the middle of the conversation has no descriptor of ours."""
        listing = os.path.join(self.dir, "descriptors")
        outcome = self.ask("pin", "auth", answers=["123456"], options=["--exec", f"ls -l /proc/self/fd >> {listing}"])
        self.assertEqual(outcome.code(), "PAM_SUCCESS")
        with open(listing) as file:
            text = file.read()
        self.assertIn("-> /dev/null", text)
        self.assertNotIn("socket:", text)

    def test_hundred_cycles(self):
        operations = ("auth", "acct", "setcred", "open", "close")
        outcome = self.ask("account", *operations, options=["--repeat", "100"])
        self.assertEqual({code for _, code in outcome.results}, {"PAM_SUCCESS"})
        self.assertEqual(len(outcome.results), 500)
        self.assertEqual(len({end["fds"] for end in outcome.ends}), 1, "descriptors leak")
        outcome = self.ask("trailing", *operations, options=["--repeat", "100"])
        self.assertEqual(len({end["fds"] for end in outcome.ends[1:]}), 1, "descriptors leak on failure")


class Log(ModuleTest):
    """One line for each failure that an administrator must look at, with its cause and no secret."""

    @contextlib.contextmanager
    def log(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
            receiver.bind("/dev/log")
            receiver.settimeout(0.2)
            lines = []
            try:
                yield lines
                with contextlib.suppress(TimeoutError):
                    while True:
                        lines.append(receiver.recv(65536).decode())
            finally:
                os.unlink("/dev/log")

    def lines(self, scenario, *operations, **keywords):
        with self.log() as lines:
            outcome = self.ask(scenario, *operations, **keywords) if scenario else self.client(*operations, **keywords)
        return outcome, lines

    def test_one_line_each(self):
        for scenario, code in LIES.items():
            with self.subTest(scenario):
                outcome, lines = self.lines(scenario, "auth", answers=["123456"])
                self.assertEqual(outcome.code(), code)
                if code in ("PAM_AUTHINFO_UNAVAIL", "PAM_SERVICE_ERR"):
                    self.assertEqual(len(lines), 1, lines)
                    self.assertTrue(lines[0].startswith("<83>"), lines)  # LOG_AUTHPRIV | LOG_ERR
                    self.assertIn("pam_toyama(t:auth)", lines[0])
                else:
                    self.assertLessEqual(len(lines), 1)
                self.assertNotIn("123456", "".join(lines))

    def test_causes(self):
        for scenario, cause in {None: "toyamad does not listen", "close-after-start": "hung up",
                                "trailing": "broke the protocol", "replay": None, "unavailable": "M14",
                                "misconfigured": "configuration", "grant-wrong-nonce": "another request",
                                "unknown-prompt": "another version", "result-6": "another version"}.items():
            if cause is not None:
                _, lines = self.lines(scenario, "auth")
                self.assertIn(cause, lines[0])
        os.chmod(self.sockets, 0o777)
        self.assertIn("not root's", self.lines("grant", "auth")[1][0])
        os.chmod(self.sockets, 0o755)
        self.stack("t", arguments="socket=/x debug")
        self.assertIn("socket=/x", self.lines("grant", "auth")[1][0])

    def test_nothing_on_success(self):
        outcome, lines = self.lines("account", "auth", "acct", "setcred", "open", "close")
        self.assertEqual({code for _, code in outcome.results}, {"PAM_SUCCESS"})
        self.assertEqual(lines, [])


if __name__ == "__main__":
    modulerig.main(__doc__)
