# SPDX-License-Identifier: Apache-2.0
"""A toyama-card process with the test as its broker."""
import os
import socket
import subprocess

import frames
from frames import Card, CardFamily, CardField, CardReason


class Worker:
    """Starts the worker with its end of the pair on descriptor 3 and an empty environment."""
    program = "cardreader/toyama-card"
    kinds, numbers = Card, CardField
    read_fields = staticmethod(frames.card_fields)

    def __init__(self, build_dir, env=None, attempt=None):
        self.attempt = attempt or os.urandom(16)
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(10)
        number = os.dup(theirs.fileno()) if theirs.fileno() != 3 else os.dup2(theirs.fileno(), 200)
        theirs.close()
        # The shell moves the descriptor: preexec_fn could hit the one that Popen uses itself.
        script = f'exec 3<&{number} {number}<&-; exec "$0"'
        self.process = subprocess.Popen(["/bin/bash", "-c", script, f"{build_dir}/{self.program}"],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=env or {},
                                        pass_fds=(number,), text=True)
        os.close(number)

    def send(self, kind, **fields):
        """A frame with this attempt; field names as in CardField, in lower case."""
        numbers = {self.numbers.ATTEMPT: self.attempt}
        numbers.update({self.numbers[name.upper()]: value for name, value in fields.items()})
        self.socket.send(frames.encode(kind, numbers))

    def receive(self, timeout=10):
        """(kind, {field: value}) of the next frame; (None, {}) at the end."""
        self.socket.settimeout(timeout)
        try:
            packet = self.socket.recv(65536)
        except ConnectionResetError:
            packet = b""
        if not packet:
            return None, {}
        kind, fields = frames.decode(packet)
        fields = self.read_fields(fields)
        if fields.pop(self.numbers.ATTEMPT) != self.attempt:
            raise frames.FrameError("another attempt")
        return self.kinds(kind), fields

    def expect(self, kind, timeout=10):
        """The fields of the next frame, which must be a `kind`."""
        got, fields = self.receive(timeout)
        if got != kind:
            raise AssertionError(f"expected {kind!r}, got {got!r} {fields}")
        return fields

    def open(self, reader=None, timeout=10):
        """OPEN; the fields of PRESENT."""
        self.send(Card.OPEN, reader=reader)
        return self.present(timeout)

    def present(self, timeout=10):
        """Skips WAITING; the fields of PRESENT."""
        while True:
            kind, fields = self.receive(timeout)
            if kind == Card.PRESENT:
                return fields
            if kind != Card.WAITING:
                raise AssertionError(f"expected PRESENT, got {kind!r} {fields}")

    def wait_reason(self, reason, timeout=10):
        """Skips WAITING frames up to the one with this reason."""
        while True:
            fields = self.expect(Card.WAITING, timeout)
            if fields[CardField.REASON] == reason:
                return fields

    def sign(self, key, alg, digest, family=CardFamily.PIV, **fields):
        """Sends SIGN; the answer."""
        self.send(Card.SIGN, family=family, key=key, alg=alg, digest=digest, **fields)
        return self.receive()

    def read(self, what, family=CardFamily.PIV, **fields):
        """Sends READ; the answer."""
        self.send(Card.READ, family=family, object=what, **fields)
        return self.receive()

    def change_pin(self, family, old, new, **fields):
        """Sends PIN; the answer."""
        self.send(Card.PIN, family=family, pin=old, newpin=new, **fields)
        return self.receive()

    def issue(self, family, secret, version, **fields):
        """Sends ISSUE; the answer."""
        self.send(Card.ISSUE, family=family, secret=secret, keyver=version, **fields)
        return self.receive()

    def close(self):
        """Closes the broker's end; (exit status, standard error)."""
        self.socket.close()
        try:
            error = self.process.communicate(timeout=10)[1]
        except subprocess.TimeoutExpired:
            self.process.kill()
            error = self.process.communicate()[1]
        return self.process.returncode, error


def reason(fields):
    """The CardReason of an answer."""
    return CardReason(fields[CardField.REASON])
