# SPDX-License-Identifier: Apache-2.0
"""toyama-finger under test: the broker's end of its channel, and the finger on the virtual sensor."""
import enum
import os
import select
import shutil
import socket
import struct
import subprocess
import tempfile
import time
import zlib

import frames


class Type(enum.IntEnum):
    """enum finger_type."""
    OPEN = 0x61
    GALLERY = 0x62
    VERIFY = 0x63
    ENROLL = 0x64
    SEARCH = 0x65
    LIST = 0x66
    MATCHER = 0x67
    PROBE = 0x68
    COMPARE = 0x69
    READY = 0x71
    PRESS = 0x72
    MATCH = 0x73
    NO_MATCH = 0x74
    ENROLLED = 0x75
    FAILED = 0x76
    SENSORS = 0x77
    PICTURE = 0x78
    COMPARED = 0x79


class Field(enum.IntEnum):
    """enum finger_field."""
    ATTEMPT = 0
    NONCE = 1
    DRIVERS = 2
    SOCKET = 3
    GALLERY = 4
    FINGER = 5
    PRESSES = 6
    TEMPLATE = 7
    ID = 8
    DRIVER = 9
    DEVICE = 10
    NAME = 11
    STAGE = 12
    STAGES = 13
    RESULT = 14
    REASON = 15
    SAMPLES = 16
    LIST = 17
    WIDTH = 18
    HEIGHT = 19
    PICTURES = 20
    NUMBER = 21
    OFFSET = 22
    PIXELS = 23
    COUNT = 24
    LEFT_OUT = 25


class Press(enum.IntEnum):
    """enum finger_press."""
    GOOD = 1
    AGAIN = 2
    SHORT = 3
    CENTER = 4
    LIFT = 5
    NOISE = 6
    OTHER = 7


class Reason(enum.IntEnum):
    """enum finger_reason."""
    NO_SENSOR = 1
    NOT_ADMITTED = 2
    GONE = 3
    FAULT = 4
    HOT = 5
    INCOMPATIBLE = 6
    BAD_TEMPLATE = 7
    POOR = 8
    DUPLICATE = 9
    BUSY = 10
    INTERNAL = 11


NUMBERS = {Field.FINGER, Field.STAGE, Field.STAGES, Field.RESULT, Field.REASON, Field.SAMPLES,
           Field.WIDTH, Field.HEIGHT, Field.PICTURES, Field.NUMBER, Field.OFFSET, Field.COUNT}
TEXTS = {Field.DRIVER, Field.DEVICE, Field.NAME}
ATTEMPT = bytes(range(16))
PLAIN = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}
SANITIZED_EXIT = 99
SANITIZER = {"ASAN_OPTIONS": f"exitcode={SANITIZED_EXIT}",
             "UBSAN_OPTIONS": f"halt_on_error=1:exitcode={SANITIZED_EXIT}"}


class Answer:
    """One frame of the worker; fields as attributes in lower case."""

    def __init__(self, packet):
        kind, fields = frames.decode(packet)
        self.type = Type(kind)
        self.fields = {}
        for number, value in fields.items():
            field = Field(number)
            if field in NUMBERS:
                value = int.from_bytes(value, "big")
            elif field in TEXTS:
                value = value.decode()
            self.fields[field] = value

    def __getattr__(self, name):
        return self.fields.get(Field[name.upper()])

    def __repr__(self):
        shown = {f.name: v for f, v in self.fields.items()
                 if f not in (Field.ATTEMPT, Field.NONCE, Field.TEMPLATE, Field.PIXELS)}
        return f"{self.type.name}{shown}"


def row(ident, finger, template, driver="virtual_image", device="0"):
    """One entry of a gallery."""
    return frames.tlv(0x30, frames.tlv(4, ident) + frames.tlv(2, frames.uint(finger)) +
                      frames.tlv(0x0C, driver.encode()) + frames.tlv(0x0C, device.encode()) +
                      frames.tlv(4, template))


def template_of(prints):
    """SEQUENCE OF OCTET STRING."""
    return frames.tlv(0x30, b"".join(frames.tlv(4, p) for p in prints))


def prints_of(template):
    """The FP3s of a template, plain or packed."""
    (tag, body), = frames.elements(template)
    if tag == 4:
        (_, body), = frames.elements(zlib.decompress(body))
    return [value for _, value in frames.elements(body)]


class Picture:
    """Pixels of one press, put together from its parts."""

    def __init__(self, width, height, pixels=b""):
        self.width, self.height, self.pixels = width, height, pixels

    def parts(self, number, size=49152):
        """Fields of the frames that carry it."""
        for at in range(0, len(self.pixels), size):
            yield {"number": number, "width": self.width, "height": self.height, "offset": at,
                   "pixels": self.pixels[at:at + size]}


def hits_of(answer):
    """{template id: (presses, pairs)} of a COMPARED."""
    found = {}
    for _, one in frames.elements(answer.list or b""):
        (_, ident), (_, presses), (_, pairs) = frames.elements(one)
        found[ident] = (int.from_bytes(presses, "big"), int.from_bytes(pairs, "big"))
    return found


def write_png(path, width, height, grey):
    """A picture of one grey."""
    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
    rows = (b"\0" + bytes([grey]) * width) * height
    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n" +
                  chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) +
                  chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Worker:
    """A running toyama-finger."""

    def __init__(self, program, env=None, attempt=ATTEMPT, stderr=None, wrapper=(), arguments=()):
        self.attempt = attempt
        self.ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.process = subprocess.Popen(
            ["bash", "-c", f'exec 3<&{theirs.fileno()}; exec "$@"', "bash", *wrapper, program,
             *arguments],
            env={**SANITIZER, **(env if env is not None else PLAIN)},
            pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL, stderr=stderr)
        theirs.close()

    def send_raw(self, packet):
        self.ours.send(packet)

    def send(self, kind, **fields):
        numbered = {Field.ATTEMPT: self.attempt}
        numbered.update({Field[name.upper()]: value for name, value in fields.items()})
        self.send_raw(frames.encode(kind, numbered))

    def receive(self, timeout=20.0):
        """The next answer; None where the worker is gone. TimeoutError after `timeout` seconds."""
        if not select.select([self.ours], [], [], timeout)[0]:
            raise TimeoutError("no answer from toyama-finger")
        try:
            packet = self.ours.recv(1 << 17)
        except ConnectionResetError:
            return None
        return Answer(packet) if packet else None

    def open(self, drivers="virtual_image", sensor=None):
        self.send(Type.OPEN, drivers=drivers, socket=sensor)
        return self.receive()

    def gallery(self, *rows):
        """Sends the rows in frames that are not too long."""
        part = b""
        for one in rows:
            if len(part) + len(one) > 60000:
                self.send(Type.GALLERY, gallery=part)
                part = b""
            part += one
        if part:
            self.send(Type.GALLERY, gallery=part)

    def request(self, kind, **fields):
        nonce = os.urandom(16)
        self.send(kind, nonce=nonce, **fields)
        return nonce

    def probe(self, pictures):
        """Gives a matcher what it is to look for."""
        for number, picture in enumerate(pictures):
            for part in picture.parts(number):
                self.send(Type.PROBE, **part)

    def compare(self, rows, presses, samples=16, left_out=None):
        """COMPARE of these rows; the answer."""
        self.gallery(*rows)
        self.request(Type.COMPARE, presses=presses, samples=samples, left_out=left_out)
        return self.receive(60)

    def pictures(self, answer):
        """The pictures that begin with `answer`, and the answer behind them."""
        found = []
        while answer is not None and answer.type == Type.PICTURE:
            if answer.number == len(found):
                found.append(Picture(answer.width, answer.height))
            found[answer.number].pixels += answer.pixels
            answer = self.receive()
        return found, answer

    def wait(self, timeout=5.0):
        return self.process.wait(timeout)

    def stop(self):
        self.ours.close()
        try:
            self.process.wait(1)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.returncode == SANITIZED_EXIT:
            raise AssertionError("a sanitizer ended toyama-finger")


class Finger:
    """virtual-finger, driven over its control socket. Commands wait until the sensor took them."""

    def __init__(self, program, sensor, directory):
        control = os.path.join(directory, "control")
        self.process = subprocess.Popen([program, "--socket", sensor, "--control", control,
                                         "--patience", "10000", "--with-parent"])
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        deadline = time.monotonic() + 5
        while True:
            try:
                self.socket.connect(control)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)
        self.lines = self.socket.makefile("r")

    def start(self, *words):
        self.socket.sendall((" ".join(str(w) for w in words) + "\n").encode())

    def finish(self):
        return self.lines.readline().strip()

    def do(self, *words):
        self.start(*words)
        answer = self.finish()
        if answer != "ok":
            raise RuntimeError(f"virtual-finger: {words}: {answer}")

    def stop(self):
        self.lines.close()
        self.socket.close()
        self.process.terminate()
        self.process.wait()


class Rig:
    """A private directory with a virtual sensor, its finger and a worker."""

    def __init__(self, build):
        self.program = os.path.join(build, "biometric", "toyama-finger")
        self.directory = tempfile.mkdtemp(prefix="toyama-finger.")
        self.sensor = os.path.join(self.directory, "sensor")
        self.finger = Finger(os.path.join(build, "tests", "virtual", "finger", "virtual-finger"),
                             self.sensor, self.directory)
        self.workers = []

    def worker(self, **options):
        worker = Worker(self.program, **options)
        self.workers.append(worker)
        return worker

    def ready(self, **options):
        worker = self.worker(**options)
        answer = worker.open(sensor=self.sensor)
        if answer is None or answer.type != Type.READY:
            raise RuntimeError(f"sensor not ready: {answer}")
        return worker

    def matcher(self, **options):
        """A worker that needs no sensor."""
        worker = self.worker(**options)
        worker.send(Type.MATCHER)
        answer = worker.receive()
        if answer is None or answer.type != Type.READY:
            raise RuntimeError(f"matcher not ready: {answer}")
        return worker

    def press(self, worker, *words):
        """Puts a finger on the sensor; returns the first answer to it."""
        self.finger.do(*words)
        return worker.receive()

    def enroll(self, worker, presses, finger=2, gallery=()):
        """Presses until the enrolment ends; returns its last answer and the presses' results."""
        worker.gallery(*gallery)
        worker.request(Type.ENROLL, finger=finger)
        results = []
        for words in presses:
            self.finger.do(*words)
            answer = worker.receive()
            if answer is not None and answer.type == Type.PRESS:
                results.append(Press(answer.result))
                if answer.stage < answer.stages:
                    continue
                answer = worker.receive()
            return answer, results
        return None, results

    def verify(self, worker, words, rows, presses=None):
        """One press against `rows`; the answer to it."""
        worker.gallery(*rows)
        worker.request(Type.VERIFY, presses=presses)
        self.finger.do(*words)
        return worker.receive()

    def close(self):
        try:
            for worker in self.workers:
                worker.stop()
        finally:
            self.finger.stop()
            shutil.rmtree(self.directory)
