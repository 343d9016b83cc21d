# SPDX-License-Identifier: Apache-2.0
"""A program on a terminal of its own, and the person before it."""
import fcntl
import os
import pwd
import re
import select
import signal
import struct
import termios
import time

import overlay

TIMEOUT = 20.0
STYLES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07")


class Terminal:
    """`user`: who started the program (real and effective); `name`: what the terminal is called, say
    "tty1"; by default it is a pseudo-terminal. `ignore`: signals that the starter ignores. `seat`: somebody
    real sits there: read() gives what she typed, fileno() tells when, show() gets what she sees, as it comes."""

    def __init__(self, command, user="root", name=None, environment=None, ignore=(), seat=None):
        self.command = command
        self._seat = seat
        self.text = ""
        self.status = None
        self._read_to = 0
        self._alias = f"/dev/{name}" if name else None
        self._master, slave = os.openpty()
        self._bytes = b""
        path = os.ttyname(slave)
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        if self._alias:
            path = self._rename(path)
        person = pwd.getpwnam(user)
        os.chown(path, person.pw_uid, 5)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                self._become(path, person, ignore)
                os.execvpe(command[0], command, environment if environment is not None else self.environment(person))
            finally:
                os._exit(127)
        os.close(slave)
        os.set_blocking(self._master, False)

    def _rename(self, path):
        """Some programs look for the device's number: the first name has to go, until the kernel takes it."""
        overlay.bind(path, self._alias)
        overlay.bind("/dev/null", path)
        return self._alias

    @staticmethod
    def environment(person):
        """What a login shell would have."""
        return {"PATH": "/usr/bin:/bin:/usr/sbin:/sbin", "HOME": person.pw_dir, "USER": person.pw_name,
                "LOGNAME": person.pw_name, "SHELL": "/bin/sh", "LANG": "C.UTF-8", "TERM": "dumb"}

    @staticmethod
    def _become(path, person, ignore):
        os.setsid()
        tty = os.open(path, os.O_RDWR)
        fcntl.ioctl(tty, termios.TIOCSCTTY, 0)
        for fd in (0, 1, 2):
            os.dup2(tty, fd)
        os.closerange(3, 256)
        os.chdir("/")
        os.initgroups(person.pw_name, person.pw_gid)
        os.setgid(person.pw_gid)
        os.setuid(person.pw_uid)
        for number in ignore:
            signal.signal(number, signal.SIG_IGN)

    def _pump(self, seconds):
        """Reads for at most that long; False at the end of the program's output."""
        if self._master is None:
            return False
        sources = [self._master] if self._seat is None else [self._master, self._seat]
        ready = select.select(sources, [], [], max(0, seconds))[0]
        if self._seat in ready:
            os.write(self._master, self._seat.read())
        if self._master not in ready:
            return True
        try:
            data = os.read(self._master, 65536)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        if not data:
            os.close(self._master)
            self._master = None
            return False
        self._bytes += data
        if self._seat is not None:
            self._seat.show(data)
        self.text = STYLES.sub("", self._bytes.decode("utf-8", "replace")).replace("\r\n", "\n")
        return True

    def expect(self, pattern, timeout=TIMEOUT):
        """Waits for text behind what was found last; the match. AssertionError where it does not come."""
        end = time.monotonic() + timeout
        alive = True
        while True:
            found = re.search(pattern, self.text[self._read_to:], re.MULTILINE)
            if found:
                self._read_to += found.end()
                return found
            if not alive or time.monotonic() > end:
                why = "not shown before the end" if not alive else f"not shown within {timeout:g} s"
                raise AssertionError(f"{' '.join(self.command)}: {pattern!r} {why}; the screen:\n{self.text}")
            alive = self._pump(min(0.2, end - time.monotonic()))

    def follow(self, script, timeout=TIMEOUT):
        """To the program's end: `script` is [(pattern, action)], in the order in which the patterns may come;
        one that comes takes the earlier ones off the list. What is left of the list."""
        end = time.monotonic() + timeout
        script = list(script)
        while self._pump(min(0.2, end - time.monotonic())) and time.monotonic() < end:
            self._act(script)
        self._act(script)
        self.wait(max(0.1, end - time.monotonic()))
        return script

    def _act(self, script):
        while True:
            text = self.text[self._read_to:]
            found = [(match, n) for n, (pattern, _) in enumerate(script)
                     if (match := re.search(pattern, text, re.MULTILINE))]
            if not found:
                return
            match, number = min(found, key=lambda each: (each[0].start(), each[1]))
            self._read_to += match.end()
            action = script[number][1]
            del script[:number + 1]
            action()

    def send(self, line):
        """Types a line."""
        os.write(self._master, f"{line}\n".encode())

    def key(self, octet):
        """Presses one key, say b"\\x03"."""
        os.write(self._master, octet)

    def wait(self, timeout=TIMEOUT):
        """The exit status, after all of the output; negative for a signal."""
        end = time.monotonic() + timeout
        while self.status is None:
            self._pump(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > end:
                raise AssertionError(f"{' '.join(self.command)} goes on after {timeout:g} s; the screen:\n{self.text}")
        while self._master is not None and self._has_more():
            pass
        self.close()
        return self.status

    def _has_more(self):
        before = len(self._bytes)
        return self._pump(0.05) and len(self._bytes) > before

    def close(self):
        """Hangs up, and makes sure that the program ends."""
        if self._master is not None:
            os.close(self._master)
            self._master = None
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        if self._alias:
            overlay.unbind(self._alias)
            os.unlink(self._alias)
            self._alias = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
