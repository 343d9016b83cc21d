# SPDX-License-Identifier: Apache-2.0
"""Somebody real before the demonstration: the terminal that it was started on."""
import codecs
import contextlib
import os
import re
import sys
import termios

MARGIN = "      | "
ARROW = "  --> "


class Person:
    """`tell(key)` gives the narrator's words. Ends the demonstration with KeyboardInterrupt where she hangs up."""

    def __init__(self, tell):
        self._tell = tell

    def told(self, key, *values):
        """Something that she should do now."""
        for line in self._tell(key, *values).split("\n"):
            print(ARROW + line, flush=True)

    def asked(self, key, *values):
        """The line with which she answers, in lower case."""
        print(ARROW + self._tell(key, *values), end=" ", flush=True)
        line = b""
        while not line.endswith(b"\n"):
            line += _read()
        return line.decode("utf-8", "replace").strip().lower()

    @contextlib.contextmanager
    def seated(self):
        """What is typed goes, key by key, to the program on the inner terminal, which alone decides what is echoed.
        Ctrl-C still ends the demonstration."""
        before = termios.tcgetattr(0)
        after = list(before)
        after[3] &= ~(termios.ICANON | termios.ECHO)
        termios.tcsetattr(0, termios.TCSADRAIN, after)
        seat = Seat()
        try:
            yield seat
        finally:
            seat.end()
            termios.tcsetattr(0, termios.TCSADRAIN, before)


def _read():
    data = os.read(0, 1024)
    if not data:
        raise KeyboardInterrupt
    return data


class Seat:
    """For terminal.Terminal: shows everything behind the margin."""

    def __init__(self):
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._held = ""
        self._fresh = True

    @staticmethod
    def fileno():
        """The keyboard."""
        return 0

    @staticmethod
    def read():
        """What she typed."""
        return _read()

    def show(self, data):
        """Octets of the program."""
        text = self._held + self._decoder.decode(data)
        self._held = "\r" if text.endswith("\r") else ""
        text = re.sub(r"\n?\r", "\n", text.removesuffix("\r").replace("\r\n", "\n"))
        for line in text.splitlines(keepends=True):
            sys.stdout.write((MARGIN if self._fresh else "") + line)
            self._fresh = line.endswith("\n")
        sys.stdout.flush()

    def end(self):
        """Whatever comes next begins a line."""
        if not self._fresh:
            print(flush=True)
