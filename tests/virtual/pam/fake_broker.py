#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A toyamad that lies: it speaks auth.sock (core/wire/auth.h) and gives any answer, right or wrong.

    fake_broker.py SOCKET SCENARIO    serve until killed
    fake_broker.py --list             the scenarios

Used as a module: `with Broker(path, "grant") as broker: ...; broker.frames` holds what clients sent.
"""

import os
import socket
import sys
import threading

START, ANSWER, CANCEL, ACCOUNT, SESSION = 0x61, 0x62, 0x63, 0x64, 0x65
INFO, PROMPT, VERDICT = 0x71, 0x72, 0x73
(NONCE, VERSION, SERVICE, USER, TTY, RHOST, RUSER, SECRET, TICKET, OPEN, LANG, MSG, ARGS, RESULT) = range(14)
GRANTED, DENIED, LOCKED, UNAVAILABLE, MISCONFIGURED = 1, 2, 3, 4, 5
TEXT, NUMBER, DATE, TIME, ZONE = 1, 2, 3, 4, 5
TICKET_VALUE = bytes(range(0xA0, 0xB0))


def tlv(tag, value):
    if isinstance(value, str):
        value = value.encode()
    elif isinstance(value, int):
        value = value.to_bytes(max(1, (value.bit_length() + 8) // 8), "big")
    size = len(value)
    if size < 0x80:
        length = bytes([size])
    else:
        digits = size.to_bytes((size.bit_length() + 7) // 8, "big")
        length = bytes([0x80 | len(digits)]) + digits
    return bytes([tag]) + length + value


def frame(kind, fields):
    return tlv(kind, b"".join(tlv(0x80 + number, value) for number, value in fields))


def args(*triples):
    return b"".join(tlv(0x30, tlv(0x80, name) + tlv(0x81, kind) + tlv(0x82, value)) for name, kind, value in triples)


def parse(data):
    """One element: (tag, value, rest)."""
    size, at = data[1], 2
    if size >= 0x80:
        at += size & 0x7F
        size = int.from_bytes(data[2:at], "big")
    return data[0], data[at:at + size], data[at + size:]


def parse_frame(data):
    kind, body, rest = parse(data)
    assert rest == b"", "trailing octets"
    fields = {}
    while body:
        tag, value, body = parse(body)
        fields[tag - 0x80] = value
    return kind, fields


class Client:
    """One accepted connection, as the scenarios see it."""

    def __init__(self, broker, connection):
        self.broker, self.connection, self.nonce, self.first = broker, connection, bytes(16), {}
        self.broken = 0

    def receive(self):
        try:
            data = self.connection.recv(65536)
        except ConnectionResetError:  # once, where the client left something of ours unread
            data = self.connection.recv(65536)
        if not data:
            self.broker.frames.append(("closed", {}))
            raise ConnectionError("client hung up")
        kind, fields = parse_frame(data)
        self.broker.frames.append((kind, fields))
        return kind, fields

    def start(self):
        kind, self.first = self.receive()
        self.nonce = self.first[NONCE]
        return kind

    def raw(self, data):
        """A client that has hung up may still have left something to read."""
        try:
            self.connection.send(data)
        except BrokenPipeError:
            self.broken += 1
            if self.broken > 10:
                raise

    def fields(self, changes):
        base = {NONCE: self.nonce, LANG: self.broker.lang}
        base.update(changes)
        return [(number, value) for number, value in base.items() if value is not None]

    def info(self, msg, *arguments):
        self.raw(frame(INFO, self.fields({MSG: msg, ARGS: args(*arguments) if arguments else None})))

    def prompt(self, msg="X01"):
        self.raw(frame(PROMPT, self.fields({MSG: msg})))
        return self.receive()

    def verdict(self, result, **changes):
        names = {"user": USER, "ticket": TICKET, "msg": MSG, "args": ARGS, "nonce": NONCE, "lang": LANG}
        fields = {RESULT: result}
        fields.update({names[name]: value for name, value in changes.items()})
        self.raw(frame(VERDICT, self.fields(fields)))

    def user(self):
        return self.first.get(USER, self.broker.card_user.encode())

    def grant(self, **changes):
        self.verdict(GRANTED, **{"user": self.user(), "ticket": TICKET_VALUE, **changes})


SCENARIOS = {}


def scenario(name):
    def register(function):
        SCENARIOS[name] = function
        return function

    return register


def whole(name, result, **changes):
    @scenario(name)
    def play(client):
        client.start()
        client.verdict(result, **changes)


whole("deny", DENIED, msg="M07", args=args(("ext", TEXT, "2345")))
whole("deny-mute", DENIED)
whole("locked", LOCKED, msg="M13", args=args(("minutes", NUMBER, "10"), ("ext", TEXT, "2345")))
whole("unavailable", UNAVAILABLE, msg="M14")
whole("unavailable-mute", UNAVAILABLE)
whole("misconfigured", MISCONFIGURED, msg="X09")
whole("result-0", 0)
whole("result-6", 6, user="taro")
whole("result-257", 257, user="taro")
whole("result-huge", 1 << 40, user="taro")
whole("result-1-as-text", "1", user="taro")
whole("deny-with-user", DENIED, user="taro", ticket=TICKET_VALUE)
whole("grant-nobody", GRANTED, ticket=TICKET_VALUE)
whole("grant-empty-user", GRANTED, user="", ticket=TICKET_VALUE)
whole("grant-other-user", GRANTED, user="hanako", ticket=TICKET_VALUE, msg="M16n", args=args(("name", TEXT, "Hanako")))
whole("grant-user-prefix", GRANTED, user="tar", ticket=TICKET_VALUE)
whole("grant-user-longer", GRANTED, user="taroo", ticket=TICKET_VALUE)
whole("grant-user-nul", GRANTED, user=b"taro\0x", ticket=TICKET_VALUE)
whole("grant-user-case", GRANTED, user="Taro", ticket=TICKET_VALUE)
whole("grant-short-ticket", GRANTED, user="taro", ticket=b"1234")
whole("grant-wrong-nonce", GRANTED, user="taro", ticket=TICKET_VALUE, nonce=bytes(16))
whole("grant-short-nonce", GRANTED, user="taro", ticket=TICKET_VALUE, nonce=b"")
whole("grant-no-nonce", GRANTED, user="taro", ticket=TICKET_VALUE, nonce=None)
whole("grant-no-lang", GRANTED, user="taro", ticket=TICKET_VALUE, lang=None)


@scenario("grant")
def grant(client):
    client.start()
    client.grant()


@scenario("grant-no-ticket")
def grant_no_ticket(client):
    client.start()
    client.grant(ticket=None)


@scenario("greet")
def greet(client):
    client.start()
    client.info("M01")
    client.info("M02")
    client.grant(msg="M16", args=args(("name", TEXT, "砺波 太郎"), ("time", TIME, "2026-09-30T17:02"),
                                      ("place", TEXT, "shimin-03")))


@scenario("pin")
def pin(client):
    client.start()
    client.info("M01")
    kind, fields = client.prompt()
    if kind == ANSWER and fields.get(SECRET) == b"123456":
        client.grant()
    elif kind == ANSWER:
        client.verdict(DENIED, msg="X31")


@scenario("pin-then-grant-anyway")
def pin_then_grant_anyway(client):
    client.start()
    client.prompt()
    client.grant()


@scenario("pin-timeout")
def pin_timeout(client):
    """The broker gives up while the person types: verdict and hang-up with the answer unread."""
    client.start()
    client.raw(frame(PROMPT, client.fields({MSG: "X01"})))
    client.verdict(DENIED, msg="X06")


@scenario("pin-crossing")
def pin_crossing(client):
    """Verdict and answer cross: the broker hangs up with the answer unread."""
    client.start()
    client.raw(frame(PROMPT, client.fields({MSG: "X01"})))
    client.connection.recv(1, socket.MSG_PEEK)
    client.verdict(DENIED, msg="X06")


@scenario("account")
def account(client):
    if client.start() == START:
        client.grant()
    else:
        client.verdict(GRANTED if client.first.get(TICKET) == TICKET_VALUE else DENIED, msg=None)


@scenario("account-other-user")
def account_other_user(client):
    if client.start() == START:
        client.grant()
    else:
        client.verdict(GRANTED, user="hanako")


@scenario("early-verdict")
def early_verdict(client):
    client.verdict(GRANTED, user="taro", ticket=TICKET_VALUE)
    client.start()


@scenario("replay")
def replay(client):
    """The first client is granted; every later one gets the same packet again."""
    client.start()
    if client.broker.recorded is None:
        client.broker.recorded = frame(VERDICT, client.fields({RESULT: GRANTED, USER: "taro"}))
    client.raw(client.broker.recorded)


def granted(client):
    return frame(VERDICT, client.fields({RESULT: GRANTED, USER: "taro", TICKET: TICKET_VALUE}))


def filled(data, size):
    """The frame with arguments of nonsense, `size` octets in all."""
    kind, body, _ = parse(data)
    for spare in range(size):
        whole = tlv(kind, body + tlv(0x80 + ARGS, bytes(spare)))
        if len(whole) == size:
            return whole
    raise ValueError(size)


def mangled(name, change):
    @scenario(name)
    def play(client):
        client.start()
        client.raw(change(client))


mangled("truncated", lambda c: granted(c)[:-1])
mangled("one-octet", lambda c: granted(c)[:1])
mangled("trailing", lambda c: granted(c) + b"\0")
mangled("two-frames", lambda c: granted(c) + granted(c))
mangled("unknown-type", lambda c: b"\x74" + granted(c)[1:])
mangled("upward-type", lambda c: b"\x61" + granted(c)[1:])
mangled("unknown-field", lambda c: tlv(VERDICT, parse(granted(c))[1] + tlv(0x9E, b"x")))
mangled("repeated-field", lambda c: tlv(VERDICT, parse(granted(c))[1] + tlv(0x80 + RESULT, 1)))
mangled("long-length-form", lambda c: b"\x73\x82\x00" + granted(c)[1:])
mangled("indefinite-length", lambda c: b"\x73\x80" + granted(c)[2:] + b"\0\0")
mangled("over-long", lambda c: tlv(VERDICT, parse(granted(c))[1] + tlv(0x80 + ARGS, bytes(5000))))
mangled("over-long-padding", lambda c: granted(c) + bytes(5000))
mangled("over-long-exact", lambda c: filled(granted(c), 4096) + bytes(16))
mangled("grant-bad-args", lambda c: filled(granted(c), 200))
mangled("bad-args", lambda c: frame(INFO, c.fields({MSG: "M01", ARGS: b"\x30\x7f"})))
mangled("bad-id", lambda c: frame(INFO, c.fields({MSG: "M01\n"})))
mangled("long-id", lambda c: frame(INFO, c.fields({MSG: "M0123456"})))
mangled("unknown-prompt", lambda c: frame(PROMPT, c.fields({MSG: "Q99"})))
mangled("info-other-nonce", lambda c: frame(INFO, c.fields({MSG: "M01", NONCE: b"x" * 16})))


@scenario("unknown-info")
def unknown_info(client):
    client.start()
    client.info("Q99")
    client.grant()


@scenario("close-at-once")
def close_at_once(client):
    pass


@scenario("close-after-start")
def close_after_start(client):
    client.start()


@scenario("close-after-info")
def close_after_info(client):
    client.start()
    client.info("M01")


@scenario("close-after-prompt")
def close_after_prompt(client):
    client.start()
    client.raw(frame(PROMPT, client.fields({MSG: "X01"})))


@scenario("close-after-answer")
def close_after_answer(client):
    client.start()
    client.prompt()


@scenario("reset")
def reset(client):
    """Hang up with the START unread."""
    client.connection.recv(1, socket.MSG_PEEK)


@scenario("hang")
def hang(client):
    client.start()
    client.receive()


@scenario("hang-at-once")
def hang_at_once(client):
    client.broker.stopping.wait(200)


@scenario("flood")
def flood(client):
    """Messages without end."""
    client.start()
    while not client.broker.stopping.wait(0.01):
        client.info("M03")


class Broker:
    """Serves one scenario on a socket, each connection in a thread of its own."""

    def __init__(self, path, name, lang="ja", card_user="taro", backlog=16, accept=True):
        self.path, self.play, self.lang, self.card_user = path, SCENARIOS[name], lang, card_user
        self.frames, self.recorded, self.stopping = [], None, threading.Event()
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.listener.bind(path)
        os.chmod(path, 0o666)
        self.listener.listen(backlog)
        self.connections = []
        self.threads = [threading.Thread(target=self.serve, daemon=True)] if accept else []

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            thread = threading.Thread(target=self.converse, args=(connection,), daemon=True)
            self.threads.append(thread)
            thread.start()

    def converse(self, connection):
        try:
            self.play(Client(self, connection))
        except OSError:
            pass
        finally:
            connection.close()

    def kinds(self):
        return [kind for kind, _ in self.frames]

    def __enter__(self):
        for thread in list(self.threads):
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for each in [self.listener] + self.connections:
            try:
                each.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in list(self.threads):
            thread.join(5)
        self.listener.close()
        os.unlink(self.path)


def main(argv):
    if argv[1:] == ["--list"]:
        print("\n".join(sorted(SCENARIOS)))
    elif len(argv) == 3 and argv[2] in SCENARIOS:
        with Broker(argv[1], argv[2]) as broker:
            broker.threads[0].join()
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv)
