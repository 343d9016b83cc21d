# SPDX-License-Identifier: Apache-2.0
"""toyamad under test, inside of the namespace of pcscns.enter(): its config and state, an operator at
admin.sock, a PAM client at auth.sock, and the finger on the virtual sensor."""
import calendar
import datetime
import enum
import itertools
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

import frames
import pcscns
import rosterrig

ROOT = pcscns.ROOT
FINGERS = pathlib.Path(__file__).parent.parent / "data" / "fingerprints" / "synthetic"
IMPRESSIONS = 10
REPORT = re.compile("Sanitizer|runtime error:|corrupted|Assertion")


class Auth(enum.IntEnum):
    """enum auth_type."""
    START = 0x61
    ANSWER = 0x62
    CANCEL = 0x63
    ACCOUNT = 0x64
    SESSION = 0x65
    INFO = 0x71
    PROMPT = 0x72
    VERDICT = 0x73


class AuthField(enum.IntEnum):
    """enum auth_field."""
    NONCE = 0
    VERSION = 1
    SERVICE = 2
    USER = 3
    TTY = 4
    RHOST = 5
    RUSER = 6
    SECRET = 7
    TICKET = 8
    OPEN = 9
    LANG = 10
    MSG = 11
    ARGS = 12
    RESULT = 13


class Result(enum.IntEnum):
    """enum auth_result."""
    GRANTED = 1
    DENIED = 2
    LOCKED = 3
    UNAVAILABLE = 4
    MISCONFIGURED = 5


class Admin(enum.IntEnum):
    """enum admin_result."""
    OK = 1
    USAGE = 2
    NOT_FOUND = 3
    EXISTS = 4
    REFUSED = 5
    UNAVAILABLE = 6
    FAILED = 7
    MISCONFIGURED = 8


def pairs(data):
    """{key: value} of an encoded pair list."""
    out = {}
    for _, one in frames.elements(data):
        (_, key), (_, value) = frames.elements(one)
        out[key.decode()] = value.decode()
    return out


def encode_pairs(values):
    """The inverse of pairs()."""
    return b"".join(frames.tlv(0x30, frames.tlv(0x80, k.encode()) + frames.tlv(0x81, v.encode()))
                    for k, v in values.items())


def arguments(data):
    """{name: value} of a message's arguments."""
    out = {}
    for _, one in frames.elements(data or b""):
        (_, name), _, (_, value) = frames.elements(one)
        out[name.decode()] = value.decode()
    return out


def seconds(text):
    """Since 1970, of a time as admin.sock writes it."""
    return calendar.timegm(time.strptime(text, "%Y-%m-%dT%H:%M:%SZ"))


def _connect(path, timeout):
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    try:
        sock.connect(path)
    except OSError:
        sock.close()
        raise
    sock.settimeout(timeout)
    return sock


def fiscal_year_end():
    """The longest end that a contractor can have."""
    today = datetime.date.today()
    return f"{today.year + (today.month > 3)}-03-31"


def file_of(content):
    """A descriptor: of a path (for reading), of a memfd with these octets, or another one of a descriptor."""
    if isinstance(content, int):
        return os.dup(content)
    if isinstance(content, str):
        return os.open(content, os.O_RDONLY | os.O_CLOEXEC)
    descriptor = os.memfd_create("test")
    with os.fdopen(os.dup(descriptor), "wb") as file:
        file.write(content)
    return descriptor


def _receive(sock, size):
    """A packet. Who hangs up with something unread resets the connection; what was said before is
    still there behind the error."""
    try:
        return sock.recv(size)
    except ConnectionResetError:
        return sock.recv(size)


def connect_as(path, uid, gid, groups=(), timeout=60):
    """A connection of another user: the kernel remembers who made it. OSError where he may not."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = os.fork()
    if child == 0:
        try:
            os.setgroups(groups)
            os.setresgid(gid, gid, gid)
            os.setresuid(uid, uid, uid)
            sock = _connect(path, timeout)
            socket.send_fds(theirs, [b"\0"], [sock.fileno()])
        except OSError as error:
            theirs.send(bytes([error.errno]))
        os._exit(0)
    os.waitpid(child, 0)
    with ours, theirs:
        word, fds, _, _ = socket.recv_fds(ours, 1, 1)
    if not fds:
        raise OSError(word[0], os.strerror(word[0]))
    sock = socket.socket(fileno=fds[0])
    sock.settimeout(timeout)
    return sock


class Call:
    """What one call of admin.sock gave."""

    def __init__(self):
        self.result = None
        self.message = None
        self.arguments = {}  # of the message
        self.detail = ""
        self.rows = []
        self.events = []  # [(id, {arguments})]

    def heard(self):
        """The ids in their order. A worker that is still on its way out may hold the reader for a moment, which is told as
        X14 and is nothing that a test is about."""
        return [message for message, _ in self.events if message != "X14"]


class Login:
    """One attempt, as the PAM module would make it."""

    def __init__(self, path, service="su", user=None, tty="tty1", rhost=None, ruser=None, timeout=100):
        self.socket = _connect(path, timeout)
        self.nonce = os.urandom(16)
        self.said = []     # message ids in the order in which they came
        self.arguments = {}
        self.fields = {}
        self.result = None
        self.begun = time.monotonic()
        self.send(Auth.START, {AuthField.VERSION: 1, AuthField.SERVICE: service,
                               AuthField.USER: user, AuthField.TTY: tty, AuthField.RHOST: rhost,
                               AuthField.RUSER: ruser})

    def send(self, kind, fields):
        """One frame with this attempt's nonce."""
        self.socket.send(frames.encode(kind, {AuthField.NONCE: self.nonce, **fields}))

    def step(self):
        """The next frame: ("INFO" | "PROMPT" | "VERDICT", message id)."""
        packet = _receive(self.socket, 4096)
        if not packet:
            self.socket.close()
            raise EOFError("the broker closed the connection")
        kind, fields = frames.decode(packet)
        if fields[AuthField.NONCE] != self.nonce:
            raise AssertionError("another nonce")
        message = fields.get(AuthField.MSG, b"").decode()
        if message:
            self.said.append(message)
            self.arguments[message] = arguments(fields.get(AuthField.ARGS))
        if kind == Auth.VERDICT:
            self.result = Result(int.from_bytes(fields[AuthField.RESULT], "big"))
            self.fields = fields
            self.took = time.monotonic() - self.begun
            self.socket.close()
        return Auth(kind).name, message

    def until(self, message):
        """Steps to the message `message` or to the verdict."""
        while True:
            kind, got = self.step()
            if kind == "VERDICT" or got == message:
                return kind

    def answer(self, secret):
        """To a PROMPT; None: the person gave none. The attempt may have ended meanwhile."""
        try:
            self.send(Auth.ANSWER, {AuthField.SECRET: secret})
        except BrokenPipeError:
            pass

    def finish(self, pins=(), on=None):
        """Runs to the verdict: PINs for prompts; on[id]() when that message comes. The message of
        the verdict, or None."""
        pins, on = list(pins), dict(on or {})
        while True:
            kind, message = self.step()
            if kind == "PROMPT":
                self.answer(pins.pop(0) if pins else None)
            if message in on:
                action = on[message]
                if isinstance(action, list):
                    if action:
                        action.pop(0)()
                else:
                    action()
            if kind == "VERDICT":
                return message or None

    @property
    def user(self):
        """The login that was proven."""
        return self.fields.get(AuthField.USER, b"").decode() or None

    @property
    def ticket(self):
        """What names the attempt later, or None."""
        return self.fields.get(AuthField.TICKET)

    def hang_up(self):
        """The client dies."""
        self.socket.close()


class Sensor:
    """virtual-finger: the person's finger."""

    def __init__(self, build):
        self.path = f"{ROOT}/sensor/image.sock"
        self.control = f"{ROOT}/finger.ctl"
        os.makedirs(f"{ROOT}/sensor", exist_ok=True)
        shutil.chown(f"{ROOT}/sensor", "daemon")
        self.process = subprocess.Popen(
            [f"{build}/tests/virtual/finger/virtual-finger", "--socket", self.path, "--control",
             self.control], stdin=subprocess.DEVNULL)
        self.socket = None
        pcscns.wait_until(self._connect, what="virtual-finger's control socket")

    def _connect(self):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            sock.connect(self.control)
        except OSError:
            sock.close()
            return False
        self.socket = sock.makefile("rw", encoding="utf-8")
        sock.settimeout(30)
        sock.close()
        return True

    def ask(self, line):
        """Sends a command; its answer."""
        self.socket.write(line + "\n")
        self.socket.flush()
        return self.socket.readline().rstrip("\n")

    def forget_socket(self):
        """Removes the file that the last opening left behind."""
        if os.path.exists(self.path):
            os.unlink(self.path)

    def press(self, finger, impression):
        """One press of a synthetic finger, say press("f01", 6)."""
        answer = self.ask(f"press {FINGERS}/{finger}_{impression}.png")
        if not answer.startswith("ok"):
            raise RuntimeError(f"press: {answer}")

    def end(self):
        """Ends the process."""
        self.process.terminate()
        self.process.wait()
        self.socket.close()


class Broker:
    """A host: config, state and the broker itself."""

    def __init__(self, build, zone="internet", require="card", name="host", **settings):
        self.build = build
        self.directory = f"{ROOT}/{name}"
        self.config = f"{self.directory}/toyama.conf"
        self.auth_path = f"{self.directory}/run/auth.sock"
        self.admin_path = f"{self.directory}/run/admin.sock"
        self.state = f"{self.directory}/state"
        self.log_path = f"{self.directory}/log"
        self.process = None
        os.makedirs(self.directory, exist_ok=True)
        self.configure(zone, require, **settings)

    def configure(self, zone, require, **settings):
        """Writes the config: keys by name, sections added."""
        host = {"zone": zone, "require": require, "language": "ja", "extension": "123",
                "host": "test-01", "demo": "yes"}
        limits = {"card_wait": "6", "finger_wait": "8"}
        services, sensor = {}, {"sensors": "virtual_image"}
        paths = {"auth_socket": self.auth_path, "admin_socket": self.admin_path,
                 "state": self.state,
                 "card_worker": self.worker(f"{self.build}/cardreader/toyama-card"),
                 "finger_worker": self.worker(f"{self.build}/biometric/toyama-finger"),
                 "sensor_socket": f"{ROOT}/sensor/image.sock"}
        workers = {"card_user": "nobody", "finger_user": "daemon"}
        sections = {"host": host, "limits": limits, "services": services, "sensor": sensor,
                    "paths": paths, "workers": workers, "roster": {}}
        homes = {"remote": "services", "account_exempt": "services", "sensors": "sensor", "presence": "host",
                 "shared_keys": "host", "place": "host", "yubikey_worker": "paths", "yubikey_lock": "paths", "yubikey_user": "workers",
                 "admin_group": "paths", "sync_user": "workers"}
        homes.update(dict.fromkeys(("register", "approval", "zones", "finger_zones", "temporary_until", "sections", "holidays", "cards_per_person",
                                    "support_days", "unused_notify", "unused_suspend", "deputy_approvers",
                                    "roster_inbox", "roster_outbox", "roster_warn", "roster_refuse"), "roster"))
        for key, value in settings.items():
            home = next((s for s, keys in sections.items() if key in keys), homes.get(key, "limits"))
            sections[home][key] = value
        with open(self.config, "w", encoding="utf-8") as file:
            for section, keys in sections.items():
                file.write(f"[{section}]\n")
                file.writelines(f"{k} = {v}\n" for k, v in keys.items() if v is not None)
        os.chmod(self.config, 0o644)

    def worker(self, program):
        """What the config names. The leak checker traces its own process, which workers may not:
        an instrumented one gets a wrapper that leaves it out."""
        with open(program, "rb") as file:
            if b"__asan_init" not in file.read():
                return program
        wrapper = f"{self.directory}/{os.path.basename(program)}"
        with open(wrapper, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\nASAN_OPTIONS=detect_leaks=0 exec {program}\n")
        os.chmod(wrapper, 0o755)
        return wrapper

    def program(self, *arguments, **options):
        """Runs toyamad once."""
        return subprocess.run([f"{self.build}/toyamad/toyamad", "--config", self.config, *arguments],
                              capture_output=True, text=True, check=False, **options)

    def init(self):
        """Makes keys and registry."""
        done = self.program("--init")
        if done.returncode != 0:
            raise RuntimeError(f"init: {done.stderr}")

    def join(self, zone, helpdesk=False):
        """Makes keys and registry of a terminal of this rosterrig.Zone."""
        typed = rosterrig.code()
        path = f"{self.directory}/join"
        with open(path, "wb") as file:
            file.write(zone.join_file("test-01", typed, helpdesk))
        done = self.program("--init", "--join", path, input=typed + "\n")
        os.unlink(path)
        if done.returncode != 0:
            raise RuntimeError(f"init: {done.stderr}")

    def start(self, environment=None, under=()):
        """Comes back when both sockets answer. `under`: a command that runs it."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*under, f"{self.build}/toyamad/toyamad", "--config", self.config], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, env=environment)
        pcscns.wait_until(self._ready, what="toyamad")

    def _ready(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"toyamad ended with {self.process.returncode}: {self.log()[-2000:]}")
        try:
            _connect(self.admin_path, 5).close()
            return True
        except OSError:
            return False

    def stop(self):
        """In good order; its exit status (a sanitizer's finding shows there)."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(10)
        self.process = None
        return status

    def kill(self):
        """SIGKILL."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def check_clean(self):
        """Stops it; AssertionError where it did not end well or a sanitizer found something."""
        status = self.stop()
        found = REPORT.search(self.log())
        if status != 0 or found:
            at = max(0, found.start() - 200) if found else -3000
            raise AssertionError(f"toyamad ended with {status}: {self.log()[at:][:6000]}")

    def log(self):
        """All that it said."""
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def call(self, verb, pins=(), on=None, timeout=60, file=None, peer=None, **values):
        """One call of admin.sock, to its end. `file`: octets, a path or a descriptor that go along as a file.
        `peer`: a connection that somebody else has made."""
        with peer or _connect(self.admin_path, timeout) as sock:
            return self._converse(sock, verb, list(pins), dict(on or {}), file, values)

    def _converse(self, sock, verb, pins, on, file, values):
        call = Call()
        packet = frames.encode(0x61, {0: 1, 1: verb, 2: encode_pairs({k: str(v) for k, v in values.items()})})
        if file is None:
            sock.send(packet)
        else:
            descriptor = file_of(file)
            socket.send_fds(sock, [packet], [descriptor])
            os.close(descriptor)
        while call.result is None:
            packet = _receive(sock, 65536)
            if not packet:
                raise EOFError(f"{verb}: the broker closed the connection: {self.log()[-1500:]}")
            kind, fields = frames.decode(packet)
            message = fields.get(4, b"").decode() or None
            if kind == 0x71:
                call.events.append((message, arguments(fields.get(5))))
                if message in on:
                    on[message](call.events[-1][1])
            elif kind == 0x72:
                call.events.append((message, {}))
                if message in on:
                    on[message]({})
                try:
                    sock.send(frames.encode(0x62, {3: pins.pop(0) if pins else None}))
                except BrokenPipeError:
                    pass  # the call has ended meanwhile: its end is there to be read
            elif kind == 0x73:
                call.rows.append(pairs(fields[2]))
            else:
                call.result = Admin(int.from_bytes(fields[6], "big"))
                call.message = message
                call.arguments = arguments(fields.get(5))
                call.detail = fields.get(7, b"").decode()
        return call

    def must(self, verb, **values):
        """A call that has to succeed."""
        call = self.call(verb, **values)
        if call.result != Admin.OK:
            raise AssertionError(f"{verb}: {call.result.name} {call.message} {call.detail}\n{self.log()[-1500:]}")
        return call

    def add_person(self, number, login, **values):
        """A regular staff member."""
        return self.must("person.add", number=number, login=login,
                         name=values.pop("name", f"Name of {number}"),
                         category=values.pop("category", "regular"), **values)

    def enroll_card(self, number, card, pcsc, pin="123456"):
        """Inserts the card, enrols it, takes it out."""
        card.insert()
        call = self.must("card.enroll", person=number, pins=[pin])
        card.remove()
        pcsc.wait_card(card.slot, False)
        return call

    def enroll_finger(self, number, sensor, finger, print_name):
        """Presses one impression after the other, as often as asked; a repeated picture is refused."""
        presses = itertools.cycle(range(1, IMPRESSIONS + 1))

        def press(_said):
            sensor.press(print_name, next(presses))
        return self.must("finger.enroll", person=number, finger=finger,
                         on={message: press for message in ("K05", "K06", "K07", "K08", "K09", "M04", "X26", "K07c", "K07d")})

    def login(self, **values):
        """Begins an attempt."""
        return Login(self.auth_path, **values)

    def events(self, last=5):
        """The newest events, views of the log left out."""
        asked = last + 1
        while True:
            rows = self.must("audit.show", last=asked).rows
            found = [row for row in rows if row["kind"] != "audit-viewed"][-last:]
            if len(found) == last or len(rows) < asked:
                return found
            asked *= 4
