# SPDX-License-Identifier: Apache-2.0
"""A card worker that was taken over but has the true card: the frames go through the test, which changes what the
card says about key 9C.

    relay_worker.py SOCKET      as the worker: gives its channel to the test and waits for its end

    relay = Relay(directory, toyama_card)       in the test; its `wrapper` is the worker for the config
    relay.behaviour = "honest" ... see change()"""
import os
import select
import signal
import socket
import subprocess
import sys
import threading

import frames
from frames import Card, CardField

KEY_9C = 0x9C


def sign_with(pem, digest):
    """DER signature of a digest by a key in a file."""
    return subprocess.run(["openssl", "pkeyutl", "-sign", "-inkey", pem], input=digest, capture_output=True,
                          check=True).stdout


class Channel(threading.Thread):
    """One worker: between the broker's end and toyama-card."""

    def __init__(self, relay, broker):
        super().__init__(daemon=True)
        self.relay, self.broker = relay, broker
        self.card, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.process = subprocess.Popen([relay.wrapper, str(theirs.fileno())],  # pylint: disable=consider-using-with
                                        pass_fds=(theirs.fileno(),), user="nobody", group="nogroup",
                                        stdin=subprocess.DEVNULL)
        theirs.close()
        self.signing = False
        self.first = self.digest = None

    def down(self, packet):
        """From the broker to the card."""
        kind, fields = frames.decode(packet)
        self.signing = kind == Card.SIGN and fields.get(CardField.KEY) == frames.uint(KEY_9C)
        if self.signing:
            self.digest = fields[CardField.DIGEST]
            self.relay.asked.append(CardField.PIN in fields)
            if self.relay.behaviour == "digest":
                fields[CardField.DIGEST] = bytes(len(self.digest))
                packet = frames.encode(kind, fields)
        self.card.send(packet)

    def up(self, packet):
        """From the card to the broker."""
        kind, fields = frames.decode(packet)
        if self.signing and kind == Card.SIGNED:
            for changed in self.change(dict(fields)):
                self.broker.send(frames.encode(*changed))
        else:
            self.broker.send(packet)

    def change(self, fields):
        """The frames that the broker gets instead of a signature by 9C. Behaviours: honest; flip (one bit);
        repeat (always the first one); digest (something else was signed); KEY.pem (signed by that key);
        remove (the card goes after it); earlier (one that was kept from an earlier call)."""
        behaviour, true = self.relay.behaviour, fields[CardField.SIGNATURE]
        self.first = self.first or true
        if behaviour == "flip":
            fields[CardField.SIGNATURE] = true[:-1] + bytes([true[-1] ^ 1])
        elif behaviour.endswith(".pem"):
            fields[CardField.SIGNATURE] = sign_with(behaviour, self.digest)
        elif behaviour == "repeat":
            fields[CardField.SIGNATURE] = self.first
        elif behaviour == "earlier":
            fields[CardField.SIGNATURE] = self.relay.kept
        else:
            self.relay.kept = true
        yield Card.SIGNED, fields
        if behaviour == "remove":
            yield Card.REMOVED, {CardField.ATTEMPT: fields[CardField.ATTEMPT], CardField.COUNTER: b"\1"}

    def run(self):
        try:
            while self.step():
                pass
        except OSError:
            pass
        self.broker.close()
        self.card.close()
        self.process.wait()

    def step(self):
        """False once one of them hung up."""
        for sock in select.select([self.broker, self.card], [], [])[0]:
            packet = sock.recv(1 << 17)
            if not packet:
                return False
            (self.down if sock is self.broker else self.up)(packet)
        return True


class Relay:
    """In the test."""

    def __init__(self, directory, toyama_card):
        self.behaviour, self.asked, self.kept = "honest", [], None
        self.path, self.worker, self.wrapper = (f"{directory}/{name}" for name in ("relay.sock", "relay", "relayed"))
        self._script(self.wrapper, f'exec 3<&"$1"\nexec {toyama_card}\n')
        here = os.path.dirname(os.path.abspath(__file__))
        for name in ("relay_worker.py", "frames.py"):
            with open(f"{here}/{name}", encoding="utf-8") as file, \
                    open(f"{directory}/{name}", "w", encoding="utf-8") as copy:
                copy.write(file.read())
        self._script(self.worker, f"exec /usr/bin/python3 -B {directory}/relay_worker.py {self.path}\n")
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(self.path)
        os.chmod(self.path, 0o666)
        self.listener.listen(4)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    @staticmethod
    def _script(path, text):
        with open(path, "w", encoding="ascii") as file:
            file.write("#!/bin/bash\n" + text)
        os.chmod(path, 0o755)

    def _serve(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            with sock:
                _, (fd,), _, _ = socket.recv_fds(sock, 1, 1)
                Channel(self, socket.socket(fileno=fd)).start()

    def end(self):
        """No more workers."""
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(5)


def give(path):
    """As the worker."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
        sock.connect(path)
        socket.send_fds(sock, [b"x"], [3])
    os.close(3)
    while True:
        signal.pause()


if __name__ == "__main__":
    give(sys.argv[1])
