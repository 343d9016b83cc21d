# SPDX-License-Identifier: Apache-2.0
"""auth.sock and admin.sock under hostile clients: broken frames, frames out of turn, strange names,
other uids, clients that die, and several at once.

    frames_hostile_test.py BUILD_DIR"""
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import time
import unittest

import brokerrig
import frames
import pcscns
from brokerrig import Admin, Auth, AuthField, Result

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
PIN = "123456"
NOBODY = 65534


class World:
    """What all tests have in common."""
    pcsc = sensor = hanako = taro = stranger = inside = None


def setUpModule():  # pylint: disable=invalid-name
    World.pcsc = pcscns.Pcsc()
    World.pcsc.start()
    World.sensor = brokerrig.Sensor(BUILD)
    World.hanako, World.taro, World.stranger = (pcscns.VirtualCard(BUILD, slot=0, name=name, pin=PIN)
                                                for name in ("hanako", "taro", "stranger"))


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    for card in (World.hanako, World.taro, World.stranger):
        card.end()
    World.sensor.end()
    World.pcsc.stop()


class Host:
    """A host with Hanako and Taro, the broker under test."""
    zone, require = "internet", "card"
    settings = {}

    @classmethod
    def setUpClass(cls):
        cls.broker = brokerrig.Broker(BUILD, cls.zone, cls.require, name=cls.__name__,
                                      **{"card_wait": "3", "throttle_after": "100", **cls.settings})
        cls.broker.init()
        cls.broker.start()
        for number, name, card, fingers in (("100", "hanako", World.hanako, ("f01", "f02")),
                                            ("200", "taro", World.taro, ("f03", "f04"))):
            cls.broker.add_person(number, name)
            cls.broker.enroll_card(number, card, World.pcsc, PIN)
            for side, finger in zip(("right-index", "left-index"), fingers if "finger" in cls.require else ()):
                cls.broker.enroll_finger(number, World.sensor, side, finger)

    @classmethod
    def tearDownClass(cls):
        cls.broker.check_clean()
        shutil.rmtree(cls.broker.directory)

    def tearDown(self):
        self.put(None)
        self.alive()

    def put(self, card):
        """The only card in the reader from now on; None: none."""
        others = [c for c in (World.hanako, World.taro, World.stranger) if c is not card]
        for other in others:
            other.remove()
        if card is None or card is not World.inside:
            pcscns.wait_until(lambda: not World.pcsc.has_card(0), what="an empty reader")
        if card is not None:
            card.insert()
            World.pcsc.wait_card(0)
        World.inside = card

    def alive(self):
        """The broker answers, and soon."""
        begun = time.monotonic()
        self.assertEqual(self.broker.must("status").rows[0]["registry"], "good")
        self.assertLess(time.monotonic() - begun, 1)

    def connect(self, path=None):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.connect(path or self.broker.auth_path)  # waits where the backlog is full
        sock.settimeout(5)
        self.addCleanup(sock.close)
        return sock

    @staticmethod
    def answer(sock):
        """The next frame, or None where the broker hung up."""
        try:
            packet = sock.recv(65536)
        except ConnectionResetError:
            return None
        return frames.decode(packet) if packet else None

    def last_verdict(self, sock):
        """Reads to the end; the VERDICT's fields or None."""
        verdict = None
        while (got := self.answer(sock)) is not None:
            if got[0] == Auth.VERDICT:
                verdict = got[1]
        return verdict

    def hangs_up(self, packet, path=None):
        """The broker closes without a word."""
        sock = self.connect(path)
        begun = time.monotonic()
        sock.send(packet)
        self.assertIsNone(self.answer(sock), packet[:40].hex())
        self.assertLess(time.monotonic() - begun, 2)


def start(**changes):
    """Fields of a START."""
    fields = {AuthField.NONCE: bytes(range(16)), AuthField.VERSION: 1, AuthField.SERVICE: "su",
              AuthField.USER: "hanako", AuthField.TTY: "tty1"}
    fields.update({AuthField[name.upper()]: value for name, value in changes.items()})
    return fields


START = frames.encode(Auth.START, start())


def broken(good, first, unknown):
    """Packets that are no frame of the channel; `good` is one, `first` its type."""
    noise = random.Random(7)
    yield from (good[:n] for n in range(1, len(good)))
    yield from (good + extra for extra in (b"\0", b"\x61", good))
    yield from (noise.randbytes(n) for n in (1, 2, 3, 16, 100, 1000, 4096))
    yield from (bytes([first]) + length for length in (b"\x80", b"\x81", b"\x84\xff\xff\xff\xff", b"\x83\0\0\x10",
                                                        b"\x85\x01\0\0\0\0", b"\xff", b"\x88" + b"\xff" * 8))
    yield bytes([first, 0x81, len(good) - 2]) + good[2:]  # not the shortest length
    yield b"\x1f\x81\x00"  # a long tag
    yield from (frames.tlv(kind, b"") for kind in (0, first, 0x30, 0x60, 0x7F, 0xDF))
    body = frames.elements(good)[0][1]
    yield frames.tlv(first, body + frames.tlv(0x9E, b"x"))
    yield frames.tlv(first, body + frames.tlv(unknown, b"x"))
    yield frames.tlv(first, body + frames.tlv(0x30, b""))
    yield frames.tlv(first, body * 2)


class AuthFrames(Host, unittest.TestCase):
    """Broken frames and frames out of turn (T-14, T-21)."""

    def test_broken(self):
        for packet in broken(START, Auth.START, 0x8D):
            self.hangs_up(packet)
        self.alive()

    def test_each_bit(self):
        """A changed START is refused or is another START; nobody gets in by it."""
        draw = random.Random(3)
        for at in range(len(START)):
            packet = bytearray(START)
            packet[at] ^= 1 << draw.randrange(8)
            sock = self.connect()
            sock.send(packet)
            got = self.answer(sock)
            self.assertTrue(got is None or got[0] == Auth.INFO or
                            got[1][AuthField.RESULT] != frames.uint(Result.GRANTED), at)
            sock.close()
        self.alive()

    def test_values(self):
        for changes in ({"nonce": b""}, {"nonce": bytes(15)}, {"nonce": bytes(17)}, {"nonce": None},
                        {"version": 0}, {"version": 2}, {"version": 1 << 32}, {"version": 1 << 64}, {"version": b""},
                        {"version": b"\x81"}, {"version": b"\0\1"}, {"version": None}, {"service": None}):
            with self.subTest(changes=changes):
                self.hangs_up(frames.encode(Auth.START, start(**changes)))

    def test_sizes(self):
        for size in (4097, 65536, 200000):
            packet = frames.encode(Auth.START, start(ruser="r" * (size - len(START) - 8)))
            self.hangs_up(packet.ljust(size, b"\0"))
        self.hangs_up(frames.encode(Auth.START, start(user="u" * 5000)))

    def test_not_the_first(self):
        """What needs an attempt, comes from the broker, or does not exist."""
        for kind in (Auth.ANSWER, Auth.CANCEL, Auth.INFO, Auth.PROMPT, Auth.VERDICT, 0x66, 0x70, 0x74):
            self.hangs_up(frames.encode(kind, {AuthField.NONCE: bytes(16)}))
            self.hangs_up(frames.encode(kind, {AuthField.NONCE: bytes(16), AuthField.RESULT: 1}))

    def test_empty_packet_and_nothing(self):
        sock = self.connect()
        sock.send(b"")
        self.assertIsNone(self.answer(sock))
        self.connect().close()

    def out_of_turn(self, *packets):
        """During an attempt: hung up, devices free."""
        sock = self.connect()
        sock.send(START)
        self.assertEqual(self.answer(sock)[0], Auth.INFO)
        for packet in packets:
            sock.send(packet)
        self.assertIsNone(self.last_verdict(sock))

    def test_out_of_turn(self):
        """Each is recorded, one by one or, where they are many, as a number."""
        nonce = {AuthField.NONCE: bytes(range(16))}
        mark = self.mark()
        self.out_of_turn(START)
        self.out_of_turn(frames.encode(Auth.ANSWER, {**nonce, AuthField.SECRET: PIN}))
        self.out_of_turn(frames.encode(Auth.ANSWER, nonce))
        self.out_of_turn(frames.encode(Auth.CANCEL, nonce))
        self.out_of_turn(frames.encode(Auth.CANCEL, {AuthField.NONCE: bytes(16)}))
        self.out_of_turn(frames.encode(Auth.ACCOUNT, {**start(), AuthField.USER: "hanako"}))
        self.out_of_turn(frames.encode(Auth.SESSION, {**start(), AuthField.OPEN: 1}))
        self.out_of_turn(b"\x61")
        self.out_of_turn(bytes(70000))
        self.mark()
        logins = [e for e in self.broker.events(30) if e["kind"] == "login" and int(e["sequence"]) > mark]
        self.assertEqual({(e["result"], e["cause"]) for e in logins[:-1]} - {("denied", "abandoned")}, set())
        self.assertEqual(len(logins) - 1 + int(logins[-1].get("left_out", 0)), 9)

    def mark(self):
        """The sequence of an event that is always written: a remote login, refused."""
        login = self.broker.login(user="hanako", rhost="elsewhere")
        login.finish()
        self.assertEqual(login.said, ["X08"])
        return int(self.broker.events(1)[0]["sequence"])

    def test_everything_at_once(self):
        """START, ANSWER and CANCEL before anything was read."""
        self.put(World.hanako)
        sock = self.connect()
        sock.send(START)
        for kind in (Auth.ANSWER, Auth.ANSWER, Auth.CANCEL):
            try:
                sock.send(frames.encode(kind, {AuthField.NONCE: bytes(range(16))}))
            except BrokenPipeError:
                break
        self.assertIsNone(self.last_verdict(sock))

    def test_late(self):
        """After the verdict nothing is heard."""
        self.put(World.hanako)
        sock = self.connect()
        sock.send(START)
        self.assertEqual(self.last_verdict(sock)[AuthField.RESULT], frames.uint(Result.GRANTED))
        with self.assertRaises(OSError):
            sock.send(START)
            sock.send(START)

    def test_many_connections(self):
        """More than the broker keeps: the rest is closed at once, those that wait too long later."""
        held = [self.connect() for _ in range(40)]
        time.sleep(0.2)
        closed = 0
        for sock in held:
            sock.setblocking(False)
            try:
                closed += sock.recv(1) == b""
            except BlockingIOError:
                pass
        self.assertGreaterEqual(closed, 8)
        for sock in held:
            sock.close()
        pcscns.wait_until(self.is_served, what="a broker that has seen them go")
        self.alive()

    def is_served(self):
        """True once there is room for one more."""
        try:
            return self.broker.call("status").result == brokerrig.Admin.OK
        except (OSError, EOFError):
            return False

    def test_silent_connection(self):
        """Somebody who connects and says nothing is shown the door."""
        sock = self.connect()
        sock.settimeout(15)
        begun = time.monotonic()
        self.assertIsNone(self.answer(sock))
        self.assertTrue(8 < time.monotonic() - begun < 14)


NAMES = ("-x", "--", "--help", "a/../b", "../../etc/passwd", "%n%s%p", "%99999999s", "u" * 255, "山田 太郎", "ａ", "'", "\"",
         "`id`", "$(id)", "hanako;", "hanako ", " hanako", "Hanako", "hanako\u200b", "=", ",", "x\u2028y", "\U0001F600")
BAD_NAMES = ("a\nb", "\n", "a\0b", "\0", "a\rb", "\x1b[2J", "a\x7f", "a\x85b", "u" * 256, b"\xff\xfe", b"\xc0\x80",
             b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"abc\xe3\x81")


class Names(Host, unittest.TestCase):
    """Names that want to be something else (T-23)."""

    def test_user(self):
        self.put(World.hanako)
        for name in NAMES:
            with self.subTest(name=name):
                login = self.broker.login(user=name)
                login.finish()
                self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "M07"]))
                event = self.broker.events(1)[0]
                self.assertTrue(name.startswith(event["user"]) and event["user"][:159 // 4] == name[:159 // 4])
        login = self.broker.login(user="")
        login.finish()
        self.assertNotEqual(login.result, Result.GRANTED)

    def test_other_names(self):
        """The rest is a hint for the log, and only that."""
        self.put(World.hanako)
        for name in NAMES:
            for field in ("service", "tty"):
                with self.subTest(name=name, field=field):
                    login = self.broker.login(user="hanako", **{field: name})
                    login.finish()
                    self.assertEqual(login.result, Result.GRANTED)
            with self.subTest(name=name, field="rhost"):
                login = self.broker.login(user="hanako", rhost=name)
                login.finish()
                self.assertEqual((login.result, login.said), (Result.DENIED, ["X08"]))

    def test_names_that_are_no_text(self):
        self.put(World.hanako)
        for name in BAD_NAMES:
            for field in ("user", "service", "tty", "rhost"):
                with self.subTest(name=name, field=field):
                    login = self.broker.login(**{"user": "hanako", **{field: name}})
                    login.finish()
                    self.assertEqual((login.result, login.said), (Result.UNAVAILABLE, ["X05"]))
                    self.assertEqual(self.broker.events(1)[0]["cause"], "internal")

    def test_all_of_full_length(self):
        """The event still fits."""
        self.put(World.hanako)
        login = self.broker.login(user="ア" * 85, service="イ" * 85, tty="ウ" * 85)
        login.finish()
        self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "M07"]))
        event = self.broker.events(1)[0]
        self.assertEqual((event["user"], event["service"], event["tty"]), ("ア" * 53, "イ" * 53, "ウ" * 53))
        self.broker.must("audit.verify")

    def test_log_lines(self):
        """No name makes a line of its own, or a line that looks like somebody else's."""
        for name in NAMES + BAD_NAMES:
            login = self.broker.login(user=name, rhost="elsewhere")
            login.finish()
        for line in self.broker.log().rstrip("\n").split("\n"):
            self.assertRegex(line, r"^<[0-7]>toyamad: ")
            self.assertNotIn("\x1b", line)

    def test_operator(self):
        """The same on admin.sock: values are data there, too."""
        for name in NAMES + ("u" * 1023,):
            with self.subTest(name=name[:30]):
                call = self.broker.call("person.show", person=name)
                self.assertEqual(call.result, Admin.NOT_FOUND)
                call = self.broker.call("person.add", number=name, login=name, name=name, category="regular")
                if call.result == Admin.OK:
                    self.assertEqual(self.broker.must("person.show", person=name).rows[0]["name"], name)
                    self.broker.must("person.remove", person=name)
                else:
                    self.assertEqual(call.result, Admin.USAGE, call.detail)
        self.assertEqual({row["number"] for row in self.broker.must("person.list").rows}, {"100", "200"})
        self.broker.must("audit.verify")


def call_frame(verb="status", pairs=None, version=1, raw=None):
    """A CALL of admin.sock."""
    encoded = raw if raw is not None else brokerrig.encode_pairs(pairs or {})
    return frames.encode(0x61, {0: version, 1: verb, 2: encoded})


class AdminFrames(Host, unittest.TestCase):
    """admin.sock."""

    def test_broken(self):
        for packet in broken(call_frame("person.show", {"person": "100"}), 0x61, 0x84):
            self.hangs_up(packet, self.broker.admin_path)

    def test_pairs(self):
        pair = frames.tlv(0x30, frames.tlv(0x80, b"person") + frames.tlv(0x81, b"100"))
        for raw in (pair * 2, pair[:-1], pair + b"\0", frames.tlv(0x30, b""), frames.tlv(0x30, frames.tlv(0x80, b"person")),
                    frames.tlv(0x30, frames.tlv(0x81, b"100") + frames.tlv(0x80, b"person")),
                    frames.tlv(0x30, frames.tlv(0x80, b"k" * 32) + frames.tlv(0x81, b"v")),
                    frames.tlv(0x30, frames.tlv(0x80, b"person") + frames.tlv(0x81, b"v" * 1024)),
                    frames.tlv(0x30, frames.tlv(0x80, b"person") + frames.tlv(0x81, b"1\n0")),
                    b"".join(frames.tlv(0x30, frames.tlv(0x80, b"k%d" % n) + frames.tlv(0x81, b"v")) for n in range(33))):
            with self.subTest(raw=raw[:20]):
                self.hangs_up(call_frame("person.show", raw=raw), self.broker.admin_path)

    def test_verbs_and_keys(self):
        for verb, values in (("", {}), ("no.such", {}), ("status", {"person": "100"}), ("person.show", {}),
                             ("person.show", {"person": ""}), ("person.add", {"number": "1"}),
                             ("person.show", {"person": "100", "verbose": "yes"})):
            with self.subTest(verb=verb, values=values):
                self.assertEqual(self.broker.call(verb, **values).result, Admin.USAGE)
        self.hangs_up(call_frame("v" * 32), self.broker.admin_path)
        self.hangs_up(call_frame(version=2), self.broker.admin_path)

    def test_out_of_turn(self):
        answer = frames.encode(0x62, {3: PIN})
        for packet in (answer, frames.encode(0x62, {}), frames.encode(0x74, {6: 1}), frames.encode(0x71, {4: "M01"})):
            self.hangs_up(packet, self.broker.admin_path)
        sock = self.connect(self.broker.admin_path)
        sock.send(call_frame("card.enroll", {"person": "100"}))
        self.assertEqual(self.answer(sock)[1][4], b"K12")
        sock.send(call_frame())
        self.assertIsNone(self.answer(sock))
        sock = self.connect(self.broker.admin_path)
        sock.send(call_frame("card.enroll", {"person": "100"}))
        self.assertEqual(self.answer(sock)[1][4], b"K12")
        sock.send(answer)
        while (got := self.answer(sock)) is not None:
            self.assertNotEqual(got[1].get(6), frames.uint(Admin.OK))

    def test_sizes(self):
        for size in (65536, 65537, 150000):
            self.hangs_up(call_frame("person.show", raw=bytes(size)), self.broker.admin_path)

    def test_operator_dies(self):
        """At each step: the devices are free again, nothing was stored."""
        for steps in (1, 2, 3):
            with self.subTest(steps=steps):
                sock = self.connect(self.broker.admin_path)
                sock.send(call_frame("card.enroll", {"person": "100"}))
                self.assertEqual(self.answer(sock)[1][4], b"K12")
                if steps > 1:
                    World.stranger.insert()
                    self.assertEqual(self.answer(sock)[1].get(4), b"X01")
                if steps > 2:
                    sock.send(frames.encode(0x62, {3: "999999"}))
                sock.close()
                self.put(None)
                World.pcsc.wait_card(0, False)
                self.put(World.hanako)
                login = self.broker.login(user="hanako")
                login.finish()
                self.assertEqual((login.result, login.said[0]), (Result.GRANTED, "M01"))
                self.put(None)
        self.assertEqual([row["cards"] for row in self.broker.must("person.list").rows], ["1", "1"])


class Uids(Host, unittest.TestCase):
    """Only root is heard (T-21)."""

    CLIENT = ("import socket, sys\n"
              "s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
              "s.settimeout(5)\n"
              "s.connect(sys.argv[1])\n"
              "try:\n"
              "    s.send(bytes.fromhex(sys.argv[2]))\n"
              "    print(s.recv(65536).hex() or 'closed')\n"
              "except (BrokenPipeError, ConnectionResetError):\n"
              "    print('closed')\n")

    def ask(self, path, packet, uid=NOBODY):
        """(output, errors) of a client with that uid."""
        done = subprocess.run(["/usr/bin/python3", "-c", self.CLIENT, path, packet.hex()], user=uid, group=uid,
                              extra_groups=[], capture_output=True, text=True, check=False, timeout=20)
        return done.stdout.strip(), done.stderr

    def test_modes(self):
        """The sockets themselves are root's."""
        for path in (self.broker.auth_path, self.broker.admin_path):
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
            self.assertEqual(os.stat(os.path.dirname(path)).st_mode & 0o7777, 0o755)
            self.assertIn("PermissionError", self.ask(path, START)[1])

    def test_open_sockets(self):
        """Somebody opened them for all: the peer's uid still counts."""
        self.put(World.hanako)
        before = self.broker.events(1)
        try:
            for path, packet in ((self.broker.auth_path, START), (self.broker.admin_path, call_frame())):
                os.chmod(path, 0o666)
                for uid in (NOBODY, 1, 1000):
                    self.assertEqual(self.ask(path, packet, uid), ("closed", ""))
                self.assertNotEqual(self.ask(path, packet, 0)[0], "closed")
        finally:
            os.chmod(self.broker.auth_path, 0o600)
            os.chmod(self.broker.admin_path, 0o600)
        self.assertIn("uid 65534 is not admitted", self.broker.log())
        events = [e for e in self.broker.events(20) if int(e["sequence"]) > int(before[0]["sequence"])]
        self.assertEqual([e["kind"] for e in events if e["kind"] == "login"], ["login"], "root's one")

    def test_ruser_is_a_hint(self):
        """Nobody becomes somebody by what the frame says."""
        sock = self.connect()
        sock.send(frames.encode(Auth.START, start(ruser="root", user="taro")))
        self.put(World.hanako)
        self.assertEqual(self.last_verdict(sock)[AuthField.RESULT], frames.uint(Result.DENIED))


class Phases(Host, unittest.TestCase):
    """account and session phases: what a ticket is good for."""
    zone, require = "individual-number", "card finger"

    def ask(self, kind, **changes):
        """The result, or None where the broker hung up."""
        sock = self.connect()
        sock.send(frames.encode(kind, start(**changes)))
        verdict = self.last_verdict(sock)
        return verdict and Result(int.from_bytes(verdict[AuthField.RESULT], "big"))

    def login(self):
        self.put(World.hanako)
        login = self.broker.login(user="hanako", service="su")
        login.finish(on={"M02": lambda: World.sensor.press("f01", 10)})
        self.assertEqual(login.result, Result.GRANTED)
        return login

    def test_tickets(self):
        ticket = self.login().ticket
        self.assertEqual(len(ticket), 16)
        self.assertEqual(self.ask(Auth.ACCOUNT, ticket=ticket), Result.GRANTED)
        flipped = bytes([ticket[0] ^ 1]) + ticket[1:]
        for changes in ({}, {"ticket": flipped}, {"ticket": bytes(16)}, {"ticket": os.urandom(16)},
                        {"ticket": b""}, {"ticket": ticket[:15]}, {"ticket": ticket + b"\0"},
                        {"ticket": ticket, "user": "taro"}, {"ticket": ticket, "user": "root"},
                        {"ticket": ticket, "service": "login"}):
            with self.subTest(changes=changes):
                self.assertEqual(self.ask(Auth.ACCOUNT, **changes), Result.DENIED)
                self.assertEqual(self.broker.events(1)[0]["kind"], "account-refused")

    def test_stopped_since(self):
        login = self.login()
        self.broker.must("person.remove", person="100")
        try:
            self.assertEqual(self.ask(Auth.ACCOUNT, ticket=login.ticket), Result.DENIED)
        finally:
            self.tearDownClass()
            self.setUpClass()

    def test_restart_forgets(self):
        ticket = self.login().ticket
        self.broker.stop()
        self.broker.start()
        self.assertEqual(self.ask(Auth.ACCOUNT, ticket=ticket), Result.DENIED)

    def test_exempt(self):
        self.assertEqual(self.ask(Auth.ACCOUNT, service="cron"), Result.GRANTED)
        for service in ("cro", "cronx", "cron atd", "", "sshd"):
            self.assertEqual(self.ask(Auth.ACCOUNT, service=service), Result.DENIED, service)

    def test_session_grants_nothing(self):
        """It is answered, but no ticket comes of it."""
        self.assertEqual(self.ask(Auth.SESSION, open=1), Result.GRANTED)
        self.assertIsNone(self.ask(Auth.SESSION))
        self.assertEqual(self.ask(Auth.ACCOUNT), Result.DENIED)


class Deaths(Host, unittest.TestCase):
    """A client that dies gives the devices back at once (T-22)."""
    zone, require = "individual-number", "card finger"

    def next_one_gets_in(self):
        """No waiting, no queue."""
        self.put(World.hanako)
        login = self.broker.login(user="hanako")
        begun = time.monotonic()
        login.finish(on={"M02": lambda: World.sensor.press("f01", 10)})
        self.assertEqual(login.result, Result.GRANTED)
        self.assertNotIn("X21", login.said)
        self.assertLess(time.monotonic() - begun, 3)

    def dies(self, login):
        login.hang_up()
        pcscns.wait_until(lambda: self.broker.events(1)[0].get("cause") == "abandoned", 1, "the attempt's end")
        self.next_one_gets_in()

    def test_before_start(self):
        self.connect().close()
        self.next_one_gets_in()

    def test_waiting_for_the_card(self):
        login = self.broker.login(user="hanako")
        login.until("M01")
        self.dies(login)

    def test_at_once(self):
        for _ in range(20):
            self.broker.login(user="hanako").hang_up()
        self.next_one_gets_in()
        self.broker.stop()  # or the rest of the minute's events would be folded
        self.broker.start()

    def test_card_at_work(self):
        World.hanako.ask("slow 500")
        self.put(World.hanako)
        login = self.broker.login(user="hanako")
        pcscns.wait_until(lambda: World.hanako.counts()[0] > 0, what="the first command")
        World.hanako.ask("slow 0 0 0")
        self.dies(login)

    def test_waiting_for_the_finger(self):
        self.put(World.hanako)
        login = self.broker.login(user="hanako")
        login.until("M02")
        self.dies(login)

    def test_after_a_wrong_finger(self):
        """What was counted stays counted until somebody gets in."""
        self.put(World.hanako)
        login = self.broker.login(user="hanako")
        login.until("M02")
        World.sensor.press("f05", 1)
        login.until("M05")
        login.hang_up()
        pcscns.wait_until(lambda: self.broker.events(1)[0].get("cause") == "abandoned", 1, "the attempt's end")
        self.assertEqual(self.broker.must("lockout.show").rows[0]["failures"], "1")
        self.next_one_gets_in()

    def test_killed(self):
        """SIGKILL instead of a closed descriptor."""
        code = ("import socket, sys, time\ns = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)\n"
                "s.connect(sys.argv[1])\ns.send(bytes.fromhex(sys.argv[2]))\nprint(len(s.recv(4096)), flush=True)\n"
                "time.sleep(60)\n")
        with subprocess.Popen(["/usr/bin/python3", "-c", code, self.broker.auth_path, START.hex()],
                              stdout=subprocess.PIPE) as client:
            self.assertGreater(int(client.stdout.readline()), 0)
            client.kill()
        pcscns.wait_until(lambda: self.broker.events(1)[0].get("cause") == "abandoned", 1, "the attempt's end")
        self.next_one_gets_in()


class Together(Host, unittest.TestCase):
    """Several at one terminal (T-10)."""
    zone, require = "individual-number", "card finger"
    settings = {"card_wait": "4"}

    def test_only_the_right_one(self):
        """Taro waits behind Hanako: her card and finger are hers alone."""
        self.put(None)
        first = self.broker.login(user="hanako")
        first.until("M01")
        second = self.broker.login(user="taro")
        self.assertEqual(second.step(), ("INFO", "X21"))
        World.hanako.insert()
        first.finish(on={"M02": lambda: World.sensor.press("f01", 10)})
        self.assertEqual((first.result, first.user), (Result.GRANTED, "hanako"))
        second.finish(on={"M02": lambda: World.sensor.press("f01", 9)})
        self.assertEqual((second.result, second.said), (Result.DENIED, ["X21", "M01", "M07"]))
        self.assertEqual([e["result"] for e in self.broker.events(2)], ["granted", "denied"])

    def test_the_others_finger(self):
        """Taro's finger on the sensor while Hanako is asked for hers."""
        self.put(World.hanako)
        first = self.broker.login(user="hanako")
        first.until("M02")
        second = self.broker.login(user="taro")
        self.assertEqual(second.step(), ("INFO", "X21"))
        World.sensor.press("f03", 10)
        self.assertEqual(first.until("M05"), "INFO")
        self.put(None)
        first.finish()
        self.assertEqual((first.result, first.said[-1]), (Result.DENIED, "X07"))
        second.until("M01")
        World.taro.insert()
        second.finish(on={"M02": lambda: World.sensor.press("f03", 9)})
        self.assertEqual((second.result, second.user), (Result.GRANTED, "taro"))
        self.broker.must("lockout.clear", person="100")

    def test_in_the_order_of_coming(self):
        """Four wait, the fifth does not; each gets the reader in turn."""
        self.put(World.stranger)
        World.stranger.ask("slow 100")
        waiting = [self.broker.login(user=f"user{n}") for n in range(5)]
        sixth = self.broker.login(user="user5")
        with self.assertRaises(EOFError):
            sixth.step()
        done = []
        for login in waiting:
            login.finish()
            done.append(login)
            self.assertEqual(login.said[-2:], ["M01", "M07"])
        World.stranger.ask("slow 0 0 0")
        self.assertEqual([e["user"] for e in self.broker.events(5)], [f"user{n}" for n in range(5)])

    def test_who_waits_too_long(self):
        """The queue has a deadline, and so has the one who holds the reader."""
        self.put(None)
        first = self.broker.login(user="hanako")
        first.until("M01")
        second = self.broker.login(user="taro")
        begun = time.monotonic()
        second.finish()
        self.assertEqual((second.result, second.said[-1]), (Result.DENIED, "X06"))
        self.assertLess(time.monotonic() - begun, 10)
        first.finish()
        self.assertEqual(first.result, Result.DENIED)

    def test_operator_beside_a_login(self):
        """Neither takes the devices from the other."""
        self.put(None)
        login = self.broker.login(user="hanako")
        login.until("M01")
        for verb, values in (("devices", {}), ("card.enroll", {"person": "100"}), ("card.test", {"person": "100"}),
                             ("finger.enroll", {"person": "100", "finger": "left-thumb"})):
            call = self.broker.call(verb, **values)
            self.assertEqual((call.result, call.message), (Admin.UNAVAILABLE, "X21"), verb)
        login.hang_up()
        sock = self.connect(self.broker.admin_path)
        sock.send(call_frame("card.enroll", {"person": "100"}))
        self.assertEqual(self.answer(sock)[1][4], b"K12")
        login = self.broker.login(user="hanako")
        self.assertEqual(login.step(), ("INFO", "X21"))
        sock.close()
        self.assertEqual(login.until("M01"), "INFO")
        login.hang_up()

    def test_stop_with_many(self):
        """A broker that is told to end ends at once, whatever is under way."""
        self.put(None)
        logins = [self.broker.login(user="hanako") for _ in range(4)]
        logins[0].until("M01")
        begun = time.monotonic()
        self.assertEqual(self.broker.stop(), 0)
        self.assertLess(time.monotonic() - begun, 3)
        for login in logins:
            with self.assertRaises((EOFError, ConnectionResetError)):
                while True:
                    login.step()
        self.broker.start()
        self.broker.must("audit.verify")


class Pins(Host, unittest.TestCase):
    """ANSWER, where a PIN is asked (T-07)."""
    zone, require = "lgwan", "card pin"

    def prompt(self):
        login = self.broker.login(user="hanako")
        self.assertEqual(login.until("X01"), "PROMPT")
        return login

    def test_secrets(self):
        """Nothing that is no PIN reaches the card."""
        self.put(World.hanako)
        for secret, message in ((None, "X06"), ("", "X06"), ("1" * 65, "X17"), ("1" * 5, "X17"), ("1" * 9, "X17"),
                                ("1" * 64, "X17"), ("12345\0" + "6", "X17"), ("12345a", "X17"), ("１２３４５６", "X17"),
                                ("12345\n", "X17"), (b"\xff" * 6, "X17"), ("%n%s%n", "X17")):
            with self.subTest(secret=secret):
                login = self.prompt()
                login.answer(secret)
                while login.result is None:
                    login.step()
                self.assertEqual((login.result, login.said[-1]), (Result.DENIED, message))
                self.assertEqual(World.hanako.tries(), 3)

    def test_wrong_nonce(self):
        self.put(World.hanako)
        login = self.prompt()
        login.nonce = bytes(16)
        login.answer(PIN)
        with self.assertRaises((EOFError, ConnectionResetError)):
            login.step()

    def test_twice(self):
        """A second answer to one question ends the attempt."""
        self.put(World.hanako)
        World.hanako.ask("slow 50")
        login = self.prompt()
        login.answer(PIN)
        login.answer(PIN)
        with self.assertRaises((EOFError, ConnectionResetError)):
            while True:
                login.step()
        World.hanako.ask("slow 0 0 0")
        self.assertEqual(self.broker.events(1)[0]["cause"], "abandoned")

    def test_dies_at_the_prompt(self):
        self.put(World.hanako)
        self.prompt().hang_up()
        login = self.prompt()
        login.answer(PIN)
        while login.result is None:
            login.step()
        self.assertEqual(login.result, Result.GRANTED)

    def test_no_pin_in_the_log(self):
        self.put(World.hanako)
        for pin in (PIN, "987650"):
            login = self.broker.login(user="hanako")
            login.finish(pins=(pin, PIN))
        self.assertIsNone(re.search("123456|987650", self.broker.log()))


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
