#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The installed units under a real systemd: sockets, sandbox, workers inside of it, restart, watchdog, the seal
key as a credential.

Usage: unit_test.py BUILD_DIR [OPTION]..."""
import os
import pathlib
import re
import signal
import shutil
import stat
import subprocess
import time
import unittest

import host
import overlay

import brokerrig  # pylint: disable=wrong-import-order
import pcscns     # pylint: disable=wrong-import-order

UNITS = pathlib.Path("/run/systemd/system")
# pcscd is the test's; the rest would clear directories or look for hardware.
MASKED = ("pcscd.socket", "pcscd.service", "systemd-tmpfiles-setup.service", "systemd-tmpfiles-setup-dev.service",
          "systemd-udevd.service", "systemd-sysusers.service", "systemd-timesyncd.service", "getty.target")
SENSOR = f"{pcscns.ROOT}/sensor"
WATCHDOG = 2
# libfprint's virtual sensor makes a socket, which no real one does.
DROP_IN = f"[Service]\nWatchdogSec={WATCHDOG}\nReadWritePaths=-{SENSOR}\n"
BOOT = """mount --make-rshared / && mount -t proc proc /proc && mount -t cgroup2 cgroup2 /sys/fs/cgroup &&
exec env -i container=lxc PATH="$PATH" LC_ALL=C.UTF-8 /lib/systemd/systemd --unit=toyamad.service \
--log-target=journal --show-status=no"""
ONLY_CAPABILITIES = 1 << 5 | 1 << 6 | 1 << 7  # CAP_KILL, CAP_SETGID, CAP_SETUID


class Systemd:
    """An init of its own in a namespace below this one."""

    def __init__(self):
        UNITS.mkdir(parents=True)
        for name in MASKED:
            (UNITS / name).symlink_to("/dev/null")
        drop_in = UNITS / "toyamad.service.d"
        drop_in.mkdir()
        (drop_in / "test.conf").write_text(DROP_IN, encoding="ascii")
        self.outer = subprocess.Popen(["unshare", "-m", "-p", "-C", "-f", "--kill-child=SIGKILL", "sh", "-c", BOOT],
                                      stdin=subprocess.DEVNULL)
        self.pid = pcscns.wait_until(self._find, what="systemd")
        pcscns.wait_until(lambda: self.ask("is-system-running").stdout.strip() in ("running", "degraded"),
                          timeout=60, what="systemd to have started")

    def _find(self):
        pid = self.outer.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        return int(children[0]) if children else 0

    def run(self, *command):
        """A program beside that systemd."""
        return subprocess.run(["nsenter", "-t", str(self.pid), "-m", "-p", "-C", "-r", "-w", *command],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    def ask(self, *arguments):
        """systemctl."""
        return self.run("systemctl", "--no-pager", *arguments)

    def must(self, *arguments):
        """systemctl that has to succeed."""
        done = self.ask(*arguments)
        if done.returncode != 0:
            raise RuntimeError(f"systemctl {arguments}: {done.stdout}{done.stderr}")
        return done.stdout

    def show(self, key):
        """A property of the service."""
        return self.must("show", "--value", "-p", key, "toyamad.service").strip()


class Host(host.Host):
    """The broker as systemd runs it."""

    def __init__(self, systemd):
        self.systemd = systemd
        super().__init__("individual-number")

    def start(self, environment=None):
        self.systemd.must("start", "toyamad.service")
        pcscns.wait_until(self._ready, what="toyamad")

    def stop(self):
        self.systemd.must("stop", "toyamad.service")
        return 0

    def _ready(self):
        try:
            return self.call("status").result == brokerrig.Admin.OK
        except OSError:
            return False

    def log(self):
        return self.systemd.run("journalctl", "--no-pager", "-o", "cat", "-u", "toyamad").stdout

    def pid(self):
        """As seen from here; None where it does not run."""
        for name in pathlib.Path("/proc").glob("[0-9]*/comm"):
            try:
                if name.read_text(encoding="ascii") == "toyamad\n":
                    return int(name.parent.name)
            except OSError:
                continue
        return None


class Unit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.systemd = Systemd()
        cls.desk = host.Desk(("hanako",), sensor=True)
        shutil.chown(SENSOR, "toyama-usb")
        cls.host = Host(cls.systemd)
        cls.host.stop()
        cls.host.init()
        cls.host.start()
        cls.desk.enroll(cls.host, "hanako")

    def login(self):
        """Card and finger; the result."""
        attempt = self.host.login(user="hanako")
        with self.desk.card("hanako"):
            attempt.finish(on={"M02": lambda: self.desk.sensor.press("f01", 7)})
        return attempt.result

    def test_login_inside_of_the_sandbox(self):
        self.assertEqual(self.login(), brokerrig.Result.GRANTED, self.host.log()[-2000:])

    def test_sockets_are_for_root_only(self):
        found = os.stat(self.host.auth_path)
        self.assertEqual((stat.S_IMODE(found.st_mode), found.st_uid, found.st_gid), (0o600, 0, 0))
        found = os.stat(self.host.admin_path)  # operators come in by their group, and prove a card
        self.assertEqual((stat.S_IMODE(found.st_mode), found.st_uid), (0o660, 0))
        self.assertEqual(stat.S_IMODE(os.stat("/run/toyama").st_mode), 0o755)

    def test_what_the_process_is_left_with(self):
        status = pathlib.Path(f"/proc/{self.host.pid()}/status").read_text(encoding="ascii")
        values = dict(re.findall(r"^(\w+):\s*(\S+)", status, re.MULTILINE))
        for name in ("CapBnd", "CapPrm", "CapEff"):
            self.assertEqual(int(values[name], 16), ONLY_CAPABILITIES, name)
        self.assertEqual((values["NoNewPrivs"], values["Seccomp"], values["Umask"]), ("1", "2", "0077"))

    def test_file_system_as_the_process_sees_it(self):
        inside = ["nsenter", "-t", str(self.host.pid()), "-m", "-r", "-w"]
        for directory in ("/etc", "/usr", "/run", "/var/log"):
            done = subprocess.run([*inside, "touch", f"{directory}/toyama-was-here"], capture_output=True, text=True,
                                  check=False)
            self.assertIn("Read-only file system", done.stderr, directory)
        self.assertEqual(subprocess.run([*inside, "ls", "-A", "/home"], capture_output=True, text=True,
                                        check=False).stdout, "")

    def test_comes_back_after_a_crash(self):
        before = self.host.pid()
        os.kill(before, signal.SIGKILL)
        attempt = self.host.login(user="hanako")  # the socket is systemd's: nobody is turned away
        attempt.hang_up()
        pcscns.wait_until(lambda: self.host.pid() not in (None, before), timeout=10, what="another toyamad")
        self.assertEqual(self.login(), brokerrig.Result.GRANTED, self.host.log()[-2000:])

    def test_watchdog_ends_one_that_hangs(self):
        before = self.host.pid()
        os.kill(before, signal.SIGSTOP)
        begun = time.monotonic()
        pcscns.wait_until(lambda: self.host.pid() not in (None, before), timeout=30, what="another toyamad")
        self.assertGreater(time.monotonic() - begun, WATCHDOG / 2)
        self.assertEqual(self.login(), brokerrig.Result.GRANTED, self.host.log()[-2000:])

    def test_no_limit_of_restarts(self):
        for _ in range(8):
            before = pcscns.wait_until(self.host.pid, timeout=10, what="toyamad")
            os.kill(before, signal.SIGKILL)
            pcscns.wait_until(lambda old=before: self.host.pid() not in (None, old), timeout=10,
                              what="another toyamad")
        pcscns.wait_until(lambda: self.systemd.show("ActiveState") == "active", timeout=10, what="an active unit")

    def test_seal_key_as_an_encrypted_credential(self):
        key, store = f"{self.host.state}/seal.key", "/etc/credstore.encrypted"
        os.makedirs(store, 0o700, exist_ok=True)
        sealed = self.systemd.run("systemd-creds", "encrypt", "--with-key=host", "--name=toyama.seal", key,
                                  f"{store}/toyama.seal")
        self.assertEqual(sealed.returncode, 0, sealed.stderr)
        os.rename(key, f"{key}.away")
        try:
            self.systemd.must("restart", "toyamad.service")
            self.assertEqual(self.login(), brokerrig.Result.GRANTED, self.host.log()[-2000:])
        finally:
            os.rename(f"{key}.away", key)
            os.unlink(f"{store}/toyama.seal")
            self.systemd.must("restart", "toyamad.service")


if __name__ == "__main__":
    overlay.begin()
    unittest.main()
