# SPDX-License-Identifier: Apache-2.0
"""A scripted broker at admin.sock, and toyama-enroll run against it in a private directory."""
import json
import os
import pathlib
import pty
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

import frames
from brokerrig import Admin, encode_pairs, pairs

CALL, ANSWER, EVENT, ASK, ROW, DONE = 0x61, 0x62, 0x71, 0x72, 0x73, 0x74
TEXT, NUMBER, DATE, TIME, ZONE = 1, 2, 3, 4, 5
TIMEOUT = 20

STATUS = {"zone": "internet", "require": "card", "host": "test-01", "version": "0.1.0", "roster": "7",
          "roster_time": "2026-04-01T00:30:00Z", "people": "3", "cards": "4", "tokens": "1", "fingers": "6",
          "events": "42", "last_event": "2026-04-01T00:31:00Z", "registry": "good", "demo": "no",
          "clock": "good"}
CARD = {"number": "012345", "name": "砺波 太郎", "kind": "card", "id": "c1" * 16, "family": "piv", "strength": "signature",
        "state": "active", "label": "N-0087", "pin": "yes", "enrolled": "2026-04-01T01:00:00Z"}


def encode_args(args):
    """{name: value or (kind, value)} as core/wire/args.h has it."""
    out = b""
    for name, value in (args or {}).items():
        kind, value = value if isinstance(value, tuple) else (NUMBER if isinstance(value, int) else TEXT, value)
        out += frames.tlv(0x30, frames.tlv(0x80, name.encode()) + frames.tlv(0x81, frames.uint(kind)) +
                          frames.tlv(0x82, str(value).encode()))
    return out or None


class Peer:
    """The broker's end of one call."""

    def __init__(self, sock):
        self.sock = sock

    def event(self, message, **args):
        """Progress."""
        self.sock.send(frames.encode(EVENT, {4: message, 5: encode_args(args)}))

    def ask(self, message="X01"):
        """The secret that the operator gave, or None."""
        self.sock.send(frames.encode(ASK, {4: message}))
        packet = self.sock.recv(65536)
        kind, fields = frames.decode(packet) if packet else (0, {})
        if kind != ANSWER:
            raise EOFError("no answer")
        return fields.get(3)

    def row(self, **values):
        """One object."""
        self.sock.send(frames.encode(ROW, {2: encode_pairs(values)}))

    def done(self, result=Admin.OK, message=None, detail=None, **args):
        """The end."""
        self.sock.send(frames.encode(DONE, {6: int(result), 4: message, 5: encode_args(args), 7: detail}))

    def raw(self, packet):
        """Whatever."""
        self.sock.send(packet)

    def closed(self):
        """Waits until the client has gone."""
        return self.sock.recv(65536) == b""


class FakeBroker:
    """Answers each call by `script[verb](peer, pairs)`; remembers what was asked."""

    def __init__(self, path, script, uid=0):
        self.calls = []  # [(verb, pairs)]
        self.failures = []
        self.script = script
        self.path = path
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path)
        os.chmod(path, 0o600)
        self._listen(uid)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _listen(self, uid):
        """SO_PEERCRED of the other end is who listens: another thread's identity would not do."""
        if uid == 0:
            self.listener.listen(8)
            return
        child = os.fork()
        if child == 0:
            os.setresuid(uid, uid, uid)
            self.listener.listen(8)
            os._exit(0)
        os.waitpid(child, 0)

    def _serve(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            with sock:
                self._answer(sock)

    def _answer(self, sock):
        sock.settimeout(TIMEOUT)
        packet = sock.recv(65536)
        if not packet:
            return
        kind, fields = frames.decode(packet)
        verb, values = fields[1].decode(), pairs(fields.get(2, b""))
        self.calls.append((verb, values))
        try:
            assert kind == CALL and fields[0] == b"\x01", fields
            self.script[verb](Peer(sock), values)
        except (BrokenPipeError, ConnectionResetError):
            pass
        except Exception as error:  # pylint: disable=broad-except
            self.failures.append(f"{verb}: {error!r}")

    def stop(self):
        """No more calls."""
        try:
            self.listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.listener.close()
        self.thread.join(TIMEOUT)
        if os.path.exists(self.path):
            os.unlink(self.path)


class Result:
    """How a run ended."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        """The one document on standard output."""
        assert self.out.count("\n") == 1 and self.out.endswith("\n"), self.out
        return json.loads(self.out)

    @property
    def progress(self):
        """The JSON lines on standard error."""
        return [json.loads(line) for line in self.err.splitlines()]


class Rig:
    """A host in a directory of its own: configuration, state, sockets, translations."""

    def __init__(self, build):
        self.build = pathlib.Path(build)
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="toyama-enroll."))
        self.config = self.dir / "toyama.conf"
        self.socket = self.dir / "admin.sock"
        self.state = self.dir / "state"
        self.pam = self.dir / "pam.d"
        self.sudoers = self.dir / "sudoers"
        self.broker = None
        locale = self.dir / "locale" / "ja" / "LC_MESSAGES"
        locale.mkdir(parents=True)
        shutil.copy(self.build / "po" / "toyama.mo", locale / "toyama.mo")
        self.pam.mkdir()
        self.write_config()

    def write_config(self, text=None, mode=0o644, **changes):
        """A good configuration, keys changed or (None) left out; or any text."""
        sections = {"host": {"zone": "internet", "require": "card", "extension": "123", "host": "test-01"},
                    "services": {}, "sensor": {"sensors": "uru4000"},
                    "paths": {"auth_socket": self.dir / "auth.sock", "admin_socket": self.socket,
                              "state": self.state}}
        homes = {"demo": "host", "sensor_socket": "paths", "account_exempt": "services", "holidays": "roster"}
        homes.update(dict.fromkeys(("registrar", "approver", "administrator", "auditor"), "roles"))
        for key, value in changes.items():
            home = next((s for s, keys in sections.items() if key in keys), homes.get(key, "host"))
            sections.setdefault(home, {})[key] = value
        if text is None:
            text = "".join(f"[{name}]\n" + "".join(f"{k} = {v}\n" for k, v in keys.items() if v is not None)
                           for name, keys in sections.items())
        self.config.write_text(text, encoding="utf-8")
        self.config.chmod(mode)

    def serve(self, **script):
        """Starts the scripted broker; verbs with '_' for '.'; status and card.list are there unless given."""
        self.stop()

        def status(peer, _values):
            peer.row(**STATUS)
            peer.done()

        def card_list(peer, _values):
            peer.row(**CARD)
            peer.done()
        verbs = {"status": status, "card.list": card_list, **{name.replace("_", "."): function for name, function in script.items()}}
        self.broker = FakeBroker(str(self.socket), verbs)
        return self.broker

    def stop(self):
        """Ends the scripted broker; its script must have gone as written."""
        if self.broker is not None:
            self.broker.stop()
            failures, self.broker = self.broker.failures, None
            assert not failures, failures

    def command(self, *words, lang="en"):
        """The command line."""
        return [str(self.build / "enroll" / "toyama-enroll"), "--config", str(self.config),
                "--toyamad", str(self.build / "toyamad" / "toyamad"), "--pam-dir", str(self.pam),
                "--sudoers", str(self.sudoers), "--localedir", str(self.dir / "locale"),
                *(["--lang", lang] if lang else []), *words]

    def run(self, *words, lang="en", stdin="", environment=None):
        """Runs to the end, without a terminal."""
        env = {"PATH": "/usr/bin:/bin", **(environment or {})}
        done = subprocess.run(self.command(*words, lang=lang), input=stdin.encode(), capture_output=True,
                              timeout=TIMEOUT, check=False, env=env, start_new_session=True)
        return Result(done.returncode, done.stdout.decode(), done.stderr.decode())

    def start(self, *words, lang="en"):
        """Runs in the background, without a terminal."""
        return subprocess.Popen(self.command(*words, lang=lang), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)

    def remove(self):
        """Leaves nothing behind."""
        self.stop()
        shutil.rmtree(self.dir)


class Terminal:
    """toyama-enroll on a terminal of 80 columns."""

    def __init__(self, rig, *words, lang="en"):
        self.shown = ""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            command = rig.command(*words, lang=lang)
            os.execve(command[0], command, {"PATH": "/usr/bin:/bin", "TERM": "xterm"})

    def until(self, text):
        """Reads until `text` is shown."""
        end = time.monotonic() + TIMEOUT
        while text not in self.shown:
            left = end - time.monotonic()
            if left <= 0 or not self._take(left):
                raise AssertionError(f"not shown: {text!r} in {self.shown!r}")
        return self.shown

    def _take(self, wait):
        if not select.select([self.fd], [], [], wait)[0]:
            return False
        try:
            chunk = os.read(self.fd, 4096)
        except OSError:
            return False
        self.shown += chunk.decode(errors="replace")
        return bool(chunk)

    def type(self, text):
        """Keys."""
        os.write(self.fd, text.encode())

    def interrupt(self):
        """SIGINT, as by Ctrl-C."""
        os.kill(self.pid, signal.SIGINT)

    def end(self):
        """Reads to the end; the exit code, negative for a signal."""
        while self._take(TIMEOUT):
            pass
        _, status = os.waitpid(self.pid, 0)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)
