# SPDX-License-Identifier: Apache-2.0
"""Attempts through the real pam_toyama.so: pam-client is the application, and a relay between module
and broker writes down what both said."""
import json
import os
import select
import socket
import subprocess
import threading

import frames
from brokerrig import Auth, AuthField, Result

SERVICE = "toyama-test"
TERMINALS = {"ja": "pts/0", "en": "tty1"}  # a bare console gets English whatever the host's language


class Relay:
    """A socket in front of the broker's auth.sock."""

    def __init__(self, directory, target):
        self.path = f"{directory}/auth.sock"
        self.target = target
        self.begin()
        os.makedirs(directory, exist_ok=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(self.path)
        self.listener.listen(8)
        threading.Thread(target=self._serve, daemon=True).start()

    def begin(self, on=None):
        """Forgets what was heard. on[id]() runs when that message was passed on; of a list, the next
        one each time."""
        self.on = {k: list(v) if isinstance(v, list) else [v] * 1000 for k, v in (on or {}).items()}
        self.heard, self.sent = [], []  # (Auth, {field: bytes}) of the broker and of the module
        self.trouble = []

    def _serve(self):
        while True:
            client, _ = self.listener.accept()
            try:
                with client:
                    self._connection(client)
            except OSError:
                pass  # either end died: so must the other see it
            except Exception as error:  # pylint: disable=broad-exception-caught
                self.trouble.append(error)

    def _connection(self, client):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as broker:
            broker.connect(self.target)
            while True:
                for sock in select.select([client, broker], [], [])[0]:
                    packet = sock.recv(65536)
                    if not packet:
                        return
                    self._pass_on(packet, broker if sock is client else client, sock is broker)

    def _pass_on(self, packet, to, from_broker):
        kind, fields = frames.decode(packet)
        (self.heard if from_broker else self.sent).append((Auth(kind), fields))
        try:
            to.send(packet)
        except BrokenPipeError:
            if from_broker:
                raise  # else the broker's last word is still there to be read
        message = fields.get(AuthField.MSG, b"").decode() if from_broker else ""
        if self.on.get(message):
            self.on[message].pop(0)()


class Outcome:
    """What an attempt came to, at both sides of the module."""

    def __init__(self, lines, relay, seconds):
        rows = [json.loads(line) for line in lines.splitlines()]
        self.code = next((r["code"] for r in rows if r["kind"] == "result"), None)
        self.user = next((r["user"] for r in rows if r["kind"] == "end"), None)
        self.shown = [(r["style"], r["text"]) for r in rows if r["kind"] == "message"]
        self.said = [f[AuthField.MSG].decode() for _, f in relay.heard if AuthField.MSG in f]
        self.asked = sum(kind == Auth.PROMPT for kind, _ in relay.heard)
        self.seconds = seconds
        verdict = [f for kind, f in relay.heard if kind == Auth.VERDICT]
        self.result = Result(int.from_bytes(verdict[0][AuthField.RESULT], "big")) if verdict else None
        self.message = verdict[0].get(AuthField.MSG, b"").decode() if verdict else None

    @property
    def last(self):
        """The sentence that the person read last."""
        return self.shown[-1][1] if self.shown else None

    def __repr__(self):
        return f"{self.code} {self.result!r} {self.said} {self.shown} {self.seconds:.1f} s"


class Module:
    """The module in a stack of its own, its socket the relay's."""

    def __init__(self, broker):
        self.broker = broker
        self.client = f"{broker.build}/tests/virtual/pam/pam-client"
        self.directory = f"{broker.directory}/pam.d"
        self.relay = Relay(f"{broker.directory}/relay", broker.auth_path)
        os.makedirs(self.directory)

    def _stack(self, language):
        line = (f"[success=ok default=bad] {self.broker.build}/pam_toyama/pam_toyama.so "
                f"socket={self.relay.path} lang={language}")
        with open(f"{self.directory}/{SERVICE}", "w", encoding="ascii") as file:
            file.write("".join(f"{phase} {line}\n" for phase in ("auth", "account", "session")))

    def login(self, user, language="ja", pins=(), on=None, timeout=100):
        """pam_authenticate; `on` as in Relay.begin()."""
        self._stack(language)
        self.relay.begin(on)
        command = [self.client, "--service", SERVICE, "--confdir", self.directory,
                   "--item", f"tty={TERMINALS[language]}"]
        if user is not None:
            command += ["--user", user]
        for pin in pins:
            command += ["--answer", pin]
        begun = os.times().elapsed
        done = subprocess.run([*command, "auth"], capture_output=True, text=True, timeout=timeout,
                              check=False)
        if done.stderr or self.relay.trouble:
            raise AssertionError(f"pam-client: {done.stderr} {self.relay.trouble}")
        return Outcome(done.stdout, self.relay, os.times().elapsed - begun)
