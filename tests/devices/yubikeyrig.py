# SPDX-License-Identifier: Apache-2.0
"""virtual-yubikey on a bus of its own, and toyama-yubikey with the test as its broker.

    bus = yubikeyrig.Bus(build_dir)
    key = bus.key(0, serial=12345678); key.program(2, secret); key.plug()
    worker = yubikeyrig.Worker(bus); worker.open(); worker.ask(key.serial, 2, challenge)"""
import collections
import enum
import hashlib
import hmac
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import cardworker
import frames

PRELOAD = "libumockdev-preload.so.0"
SECRET = bytes(range(0x30, 0x44))
OTHER_SECRET = bytes(range(0x60, 0x74))
CHALLENGE = bytes(range(1, 33))
CODE = bytes.fromhex("a1b2c3d4e5f6")
NEW_CODE = bytes.fromhex("010203040506")
KeyInfo = collections.namedtuple("KeyInfo", "serial version valid touch")


class Token(enum.IntEnum):
    """enum token_type."""
    OPEN = 0x61
    CHALLENGE = 0x62
    PROGRAM = 0x63
    NEXT = 0x64
    LIST = 0x65
    WAITING = 0x71
    PRESENT = 0x72
    TOUCH = 0x73
    ANSWER = 0x74
    PROGRAMMED = 0x75
    FAILED = 0x76
    REMOVED = 0x77


class TokenField(enum.IntEnum):
    """enum token_field."""
    ATTEMPT = 0
    LOCK = 1
    SERIAL = 2
    SLOT = 3
    CHALLENGE = 4
    SECRET = 5
    CODE = 6
    CURRENT = 7
    REPLACE = 8
    TOUCH = 9
    REASON = 10
    KEYS = 11
    ANSWER = 12
    MICROS = 13


class Reason(enum.IntEnum):
    """enum token_reason."""
    NO_KEY = 1
    IN_USE = 2
    NO_RIGHTS = 3
    OTHER = 4
    SEVERAL = 5
    EMPTY = 6
    SILENT = 7
    UNTOUCHED = 8
    GONE = 9
    FAULT = 10
    OCCUPIED = 11
    REFUSED = 12
    UNSURE = 13
    TOO_OLD = 14
    STOPPED = 15
    INTERNAL = 16


def read_keys(value):
    """[KeyInfo] of the field KEYS."""
    keys = []
    for _, body in frames.elements(value):
        serial, version, valid, touch = [part for _, part in frames.elements(body)]
        keys.append(KeyInfo(int.from_bytes(serial, "big"), ".".join(map(str, version)),
                            int.from_bytes(valid, "big"), int.from_bytes(touch, "big")))
    return keys


def token_fields(fields):
    """{TokenField: value}."""
    out = {TokenField(number): value for number, value in fields.items()}
    for field in (TokenField.REASON, TokenField.MICROS):
        if field in out:
            out[field] = int.from_bytes(out[field], "big")
    if TokenField.REASON in out:
        out[TokenField.REASON] = Reason(out[TokenField.REASON])
    if TokenField.KEYS in out:
        out[TokenField.KEYS] = read_keys(out[TokenField.KEYS])
    return out


def answer_to(secret, challenge):
    """What the slot must say."""
    return hmac.new(secret, challenge, hashlib.sha1).digest()


def wait_until(condition, timeout=5.0, what="condition"):
    """The first true value of condition()."""
    end = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"waited {timeout} s for {what}")
        time.sleep(0.01)


class Bus:
    """virtual-yubikey, its directory, and the lock of a host."""

    def __init__(self, build_dir, open_to_all=False):
        self.build = build_dir
        self.dir = tempfile.mkdtemp(prefix="toyama-yubikey.")
        os.chmod(self.dir, 0o755)
        self.control, self.lock = f"{self.dir}/control", f"{self.dir}/yubikey.lock"
        with open(self.lock, "w", encoding="ascii"):
            pass
        command = [f"{build_dir}/tests/virtual/yubikey/virtual-yubikey", "--control", self.control]
        self.process = subprocess.Popen(command + ["--open"] * open_to_all, stdin=subprocess.DEVNULL)
        wait_until(self._ready, 10, "virtual-yubikey")
        self.root = self.ask("where")

    def _ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"virtual-yubikey ended with status {self.process.returncode}")
        try:
            return self.ask("where")
        except OSError:
            return False

    def ask(self, *words):
        """The answer to a command, without its "ok"."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(10)
            connection.connect(self.control)
            connection.sendall((" ".join(map(str, words)) + "\n").encode())
            with connection.makefile() as answers:
                line = answers.read().strip()
        if not line.startswith("ok"):
            raise ValueError(f"{words}: {line}")
        return line[3:]

    def key(self, number=0, **options):
        """A blank key, not plugged in. Options as in control.h."""
        return Key(self, number, **options)

    @property
    def environment(self):
        """What a process needs to see the bus."""
        return {"LD_PRELOAD": PRELOAD, "UMOCKDEV_DIR": self.root, "ASAN_OPTIONS": "verify_asan_link_order=0",
                "PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8"}

    def run(self, *command):
        """A program that sees the bus: CompletedProcess."""
        return subprocess.run(command, env=self.environment, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, timeout=60, check=False)

    def end(self):
        """Ends the process, and with it the testbed."""
        self.process.terminate()
        try:
            status = self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            status = self.process.wait()
        shutil.rmtree(self.dir)
        if status != 0:
            raise RuntimeError(f"virtual-yubikey ended with status {status}")


class Key:
    """One of the bus's keys."""

    def __init__(self, bus, number, **options):
        self.bus, self.number = bus, number
        self.serial = options.setdefault("serial", 20000001 + number)
        self.ask("key", *(f"{name}={value}" for name, value in options.items()))

    def ask(self, command, *words):
        """A command for this key."""
        return self.bus.ask(command, self.number, *words)

    def program(self, slot, secret, *flags):
        """As somebody else programmed it before."""
        self.ask("program", slot, secret.hex(), *flags)

    def plug(self):
        """Into the bus."""
        self.ask("plug")
        return self

    def unplug(self):
        """Out of the bus."""
        self.ask("unplug")

    def fault(self, kind, at=1):
        """One that will happen; see control.h."""
        self.ask("fault", kind, at)

    def state(self):
        """All that is known, as a dict."""
        return json.loads(self.bus.ask("dump"))[self.number]

    def wait_touch(self):
        """Until it waits to be touched."""
        wait_until(lambda: self.state()["waiting"], what="the key's wait for a touch")


class Worker(cardworker.Worker):
    """A toyama-yubikey process with the test as its broker."""
    program = "cardreader/toyama-yubikey"
    kinds, numbers = Token, TokenField
    read_fields = staticmethod(token_fields)

    def __init__(self, bus, **options):
        self.lock = bus.lock
        super().__init__(bus.build, env=bus.environment, **options)

    def open(self, timeout=10):  # pylint: disable=arguments-renamed
        """OPEN; [KeyInfo] of PRESENT."""
        self.send(Token.OPEN, lock=self.lock)
        return self.present(timeout)

    def present(self, timeout=10):
        """Skips WAITING; [KeyInfo] of PRESENT."""
        while True:
            kind, fields = self.receive(timeout)
            if kind == Token.PRESENT:
                return fields[TokenField.KEYS]
            if kind != Token.WAITING:
                raise AssertionError(f"expected PRESENT, got {kind!r} {fields}")

    def waiting(self, timeout=10):
        """The reason of the next frame, which must be WAITING."""
        return self.expect(Token.WAITING, timeout)[TokenField.REASON]

    def list(self):
        """LIST; ([KeyInfo], Reason or None) of PRESENT."""
        self.send(Token.LIST, lock=self.lock)
        fields = self.expect(Token.PRESENT)
        return fields[TokenField.KEYS], fields.get(TokenField.REASON)

    def challenge(self, serial, slot, challenge):
        """Sends CHALLENGE."""
        self.send(Token.CHALLENGE, serial=serial, slot=slot, challenge=challenge)

    def outcome(self, timeout=30):
        """The answer or the Reason, and whether a touch was asked for."""
        touched = False
        while True:
            kind, fields = self.receive(timeout)
            if kind == Token.ANSWER:
                return fields[TokenField.ANSWER], touched
            if kind == Token.PROGRAMMED:
                return fields[TokenField.KEYS][0], touched
            if kind == Token.FAILED:
                return fields[TokenField.REASON], touched
            if kind not in (Token.TOUCH, Token.WAITING):
                raise AssertionError(f"{kind!r} {fields}")
            touched |= kind == Token.TOUCH

    def ask(self, serial, slot, challenge, timeout=30):
        """CHALLENGE; the answer or the Reason."""
        self.challenge(serial, slot, challenge)
        return self.outcome(timeout)[0]

    def program_key(self, serial, slot, secret, code, **fields):
        """PROGRAM; KeyInfo or Reason."""
        fields.setdefault("touch", 1)
        self.send(Token.PROGRAM, serial=serial, slot=slot, secret=secret, code=code, **fields)
        return self.outcome()[0]

    def end(self, number, timeout=10):
        """Sends a signal; (exit status, seconds)."""
        start = time.monotonic()
        self.process.send_signal(number)
        return self.process.wait(timeout), time.monotonic() - start


class TokenTest(unittest.TestCase):
    """A bus of its own for each test."""
    build = ""

    def setUp(self):
        self.bus = Bus(self.build)
        self.workers = []

    def tearDown(self):
        for worker in self.workers:
            worker.close()
        self.bus.end()

    def worker(self, **options):
        """A new worker."""
        worker = Worker(self.bus, **options)
        self.workers.append(worker)
        return worker

    def opened(self):
        """A worker that has reported the keys."""
        worker = self.worker()
        worker.open()
        return worker

    def key(self, *flags, number=0, slot=2, secret=SECRET, **options):
        """A plugged key with one programmed slot; slot None: blank."""
        key = self.bus.key(number, **options)
        if slot is not None:
            key.program(slot, secret, *flags)
        return key.plug()

    def assert_answers(self, worker, key, slot=2, secret=SECRET):
        """The slot answers a fresh challenge as it must."""
        challenge = os.urandom(31) + b"\x01"
        self.assertEqual(worker.ask(key.serial, slot, challenge), answer_to(secret, challenge))

    def assert_let_go(self, key):
        """Nobody has the key, and it can type."""
        state = key.state()
        self.assertEqual((state["bound"], state["claimed"], state["waiting"]), (True, False, 0))


def main(usage):
    """Runs the tests of the program that calls this."""
    if len(sys.argv) < 2:
        sys.exit(usage)
    TokenTest.build = os.path.abspath(sys.argv[1])
    unittest.main(argv=[sys.argv[0]] + sys.argv[2:])
