# SPDX-License-Identifier: Apache-2.0
"""Operators: who reaches admin.sock, who may do what there, and in whose name it is recorded.

    operators_test.py BUILD_DIR"""
import errno
import os
import pathlib
import re
import shutil
import sys
import unittest

import brokerrig
import frames
import pcscns
from brokerrig import Admin

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
PIN = "123456"
GROUP, GID = "games", 60  # stands for toyama-admin
PROTOCOL = pathlib.Path(__file__).parent.parent.parent / "docs" / "protocol.md"

SOURCE = pathlib.Path(__file__).parent.parent.parent / "toyamad" / "admin.c"

# Verbs that change nothing but the log: the only ones for auditors.
LOOKS = {"person.show", "person.list", "card.list", "exception.list", "lockout.show", "audit.show", "audit.verify",
         "audit.head", "audit.paper", "devices", "role.list", "zone.list", "issue.preview", "temporary.list",
         "roster.verify", "roster.inspect", "roster.issue", "roster.record", "roster.hashes", "stock.list",
         "stock.count", "support.list", "contractor.list", "deputy.list"}
ANYBODY = {"status", "roster.status", "operator.open", "operator.close", "operator.status"}
ROLES = {"LOOK": ("registrar", "approver", "administrator", "auditor"), "REGISTER": ("registrar",),
         "HELP": ("registrar", "administrator"), "ADMINISTER": ("administrator",),
         "CARRY": ("registrar", "administrator"), "ROLES": (), "SYNC": (),
         "NOTHING": ("registrar", "approver", "administrator", "auditor")}
ROOT_AT_THE_STATION = ("LOOK", "HELP", "ADMINISTER", "SYNC", "NOTHING")


def needs():
    """{verb: what it needs} of the table in toyamad/admin.c."""
    table = SOURCE.read_text(encoding="utf-8").split("static const struct verb verbs[] = {")[1].split("\n};")[0]
    out = {}
    for row in re.findall(r'\{(".*?)\},?\n', table, re.S):
        need = re.search(r"NEED_([A-Z]+)", row)
        out[row.split('"')[1]] = need[1] if need else "REGISTER"
    return out


NEEDS = needs()


def verbs():
    """Those that somebody must be let do, in their order."""
    return [verb for verb in NEEDS if verb not in ANYBODY]


def may(verb, role):
    """Whether this role alone is enough on a stand-alone host."""
    return role in ROLES[NEEDS[verb]]


class World:
    """What all tests have in common."""
    pcsc = sensor = None
    cards = {}


def setUpModule():  # pylint: disable=invalid-name
    World.pcsc = pcscns.Pcsc()
    World.pcsc.start()
    World.sensor = brokerrig.Sensor(BUILD)
    World.cards = {name: pcscns.VirtualCard(BUILD, slot=0, name=name, pin=PIN, alg_9a="p256", alg_9c="p256",
                                            alg_9e="p256") for name in ("hanako", "jiro")}


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    for card in World.cards.values():
        card.end()
    World.sensor.end()
    World.pcsc.stop()


class Host:
    """Hanako has a card; the group is let in."""
    zone, require, settings, person = "internet", "card", {}, {}

    @classmethod
    def setUpClass(cls):
        cls.broker = brokerrig.Broker(BUILD, cls.zone, cls.require, name=cls.__name__, card_wait="2", finger_wait="5",
                                      admin_group=GROUP, **cls.settings)
        cls.broker.init()
        cls.broker.start()
        for number, name in (("100", "hanako"), ("200", "jiro")):
            cls.broker.add_person(number, name, **cls.person)
            cls.broker.enroll_card(number, World.cards[name], World.pcsc, PIN)

    @classmethod
    def tearDownClass(cls):
        cls.broker.check_clean()
        shutil.rmtree(cls.broker.directory)

    def setUp(self):
        self.addCleanup(self.take_out)
        for uid in (0, 901, 902):
            self.addCleanup(self.call, "operator.close", uid)

    def call(self, verb, uid=901, **values):
        """By a user of this uid; all but root are in the group."""
        peer = None
        if uid != 0:
            peer = brokerrig.connect_as(self.broker.admin_path, uid, 65534, [GID])
        return self.broker.call(verb, peer=peer, **values)

    def take_out(self):
        """An empty reader."""
        for card in World.cards.values():
            card.remove()
        World.pcsc.wait_card(0, False)

    def grant(self, number, *roles):
        """These roles and no other ones."""
        for row in self.broker.must("role.list").rows:
            for role in row["roles"].split() if row["number"] == number else ():
                self.broker.must("role.revoke", person=number, role=role)
        for role in roles:
            self.broker.must("role.grant", person=number, role=role)

    def open(self, name="hanako", number="100", uid=901, pins=(), on=None):
        """operator.open with the card placed when it is asked for."""
        return self.call("operator.open", uid, person=number, pins=list(pins),
                         on={"K12": lambda _: World.cards[name].insert(), **(on or {})})

    def opened(self, roles=("registrar",), **values):
        """A session with these roles."""
        self.grant("100", *roles)
        call = self.open(**values)
        self.assertEqual((call.result, call.message), (Admin.OK, None), (call.detail, call.events))
        return call

    def refused(self, call, message):
        """Not allowed."""
        self.assertEqual((call.result, call.message), (Admin.REFUSED, message), call.detail)


class Gate(Host, unittest.TestCase):
    """Who reaches the broker at all."""

    def test_others(self):
        """The socket's mode keeps them out; were it open, the group would count still."""
        with self.assertRaises(OSError) as caught:
            brokerrig.connect_as(self.broker.admin_path, 901, 65534)
        self.assertEqual(caught.exception.errno, errno.EACCES)
        os.chmod(self.broker.admin_path, 0o666)
        try:
            peer = brokerrig.connect_as(self.broker.admin_path, 901, 65534)
            with peer, self.assertRaises((EOFError, ConnectionError)):
                self.broker.call("status", peer=peer)
        finally:
            os.chmod(self.broker.admin_path, 0o660)
        self.assertIn("uid 901 is not admitted", self.broker.log())

    def test_group(self):
        """Its own group or one more of them; nothing but the way to a session."""
        for gid, groups in ((GID, []), (65534, [1, 2, GID])):
            peer = brokerrig.connect_as(self.broker.admin_path, 901, gid, groups)
            self.assertEqual(self.broker.call("status", peer=peer).result, Admin.OK)
        self.assertEqual(self.call("operator.status").rows, [])
        self.assertEqual(self.call("operator.close").result, Admin.NOT_FOUND)
        before = self.broker.must("status").rows[0]["events"]
        for verb in verbs():
            with self.subTest(verb):
                call = self.call(verb)
                self.assertEqual(call.result, Admin.REFUSED)
                self.assertIn(call.message, ("X90", None))
                self.assertEqual(call.rows, [])
        self.assertEqual(self.broker.must("status").rows[0]["events"], before, "anybody could fill the log")

    def test_not_at_auth_sock(self):
        """The group has no part in logins."""
        os.chmod(self.broker.auth_path, 0o666)
        try:
            peer = brokerrig.connect_as(self.broker.auth_path, 901, GID)
            with peer, self.assertRaises((EOFError, ConnectionError)):
                peer.send(b"x")
                if not peer.recv(4096):
                    raise EOFError
        finally:
            os.chmod(self.broker.auth_path, 0o600)

    def test_many_connections(self):
        """One of them cannot keep root out."""
        held = [brokerrig.connect_as(self.broker.admin_path, 901, GID) for _ in range(12)]
        self.assertEqual(self.broker.call("status").result, Admin.OK)
        peer = brokerrig.connect_as(self.broker.admin_path, 902, GID)
        self.assertEqual(self.broker.call("status", peer=peer).result, Admin.OK)
        for sock in held:
            sock.close()


class Sessions(Host, unittest.TestCase):
    """One factor is asked for on this host."""

    def test_open_and_close(self):
        self.assertEqual(self.opened().rows[0]["roles"], "registrar")
        self.take_out()
        row = self.call("operator.status").rows[0]
        self.assertEqual((row["number"], row["name"]), ("100", "Name of 100"))
        self.assertTrue(590 <= int(row["left"]) <= 600)
        self.assertEqual(self.call("person.add", number="700", name="N", login="shichi", category="regular").result,
                         Admin.OK)
        kinds = [(e["kind"], e["operator"]) for e in self.broker.events(2)]
        self.assertEqual(kinds, [("operator-opened", "100"), ("person-added", "100")])
        event = self.broker.events(2)[0]
        self.assertEqual((event["uid"], event["roles"], event["person"]), ("901", "registrar", "100"))
        self.assertEqual(self.call("operator.close").result, Admin.OK)
        self.assertEqual(self.broker.events(1)[0]["cause"], "closed")
        self.refused(self.call("person.list"), "X90")
        self.broker.must("person.remove", person="700")

    def test_only_its_own_uid(self):
        self.opened()
        self.refused(self.call("person.list", 902), "X90")
        self.assertEqual(self.call("operator.status", 902).rows, [])
        self.broker.must("person.list")
        self.assertEqual(self.broker.events(1)[0]["operator"], "root")

    def test_root_in_a_name(self):
        """Root who opens is that person, with that person's rights."""
        self.opened(("auditor",), uid=0)
        self.assertEqual(self.call("person.list", 0).result, Admin.OK)
        self.assertEqual(self.broker.events(1)[0]["operator"], "100")
        self.refused(self.call("person.remove", 0, person="200"), "X89")
        self.call("operator.close", 0)
        self.broker.must("lockout.clear", person="200")

    def test_opened_anew(self):
        self.opened()
        self.grant("200", "auditor")
        self.take_out()
        self.assertEqual(self.open("jiro", "200").result, Admin.OK)
        self.assertEqual(self.call("operator.status").rows[0]["number"], "200")
        self.assertEqual([e.get("cause") for e in self.broker.events(2)], ["opened-anew", None])

    def test_nobody_s_card(self):
        """Another person's card, none, a person without a role, an unknown one: the log tells of each."""
        self.grant("100", "registrar")
        self.refused(self.open("jiro", "100"), "X69")
        self.logged("not-proven", "100")
        self.grant("200")
        self.refused(self.call("operator.open", person="200"), "X89")
        self.logged("no-role", "200")
        self.assertEqual(self.call("operator.open", person="nobody").result, Admin.NOT_FOUND)
        self.logged("unknown-person", None)
        self.assertEqual(self.call("operator.status").rows, [])

    def logged(self, cause, person, card=False, kind="operator-refused"):
        """The newest event."""
        event = self.broker.events(1)[0]
        self.assertEqual((event["kind"], event["cause"], event.get("person") or None, event["uid"], "card" in event),
                         (kind, cause, person, "901", card))

    def test_while_the_pin_is_typed(self):
        """Nothing is typed; the role is taken away."""
        World.cards["typed"] = pcscns.VirtualCard(BUILD, slot=0, name="typed", pin=PIN, alg_9a="p256", alg_9c="none",
                                                   alg_9e="none")
        self.broker.add_person("450", "shigo")
        self.broker.enroll_card("450", World.cards["typed"], World.pcsc, PIN)
        self.grant("450", "registrar")
        self.open("typed", "450", pins=[""])
        self.logged("cancelled", "450", True)
        self.take_out()
        call = self.open("typed", "450", pins=[PIN],
                         on={"X01": lambda _: self.broker.must("role.revoke", person="450", role="registrar")})
        self.refused(call, "X89")
        self.logged("no-role", "450", True)

    def test_operator_goes_away(self):
        self.grant("100", "registrar")
        peer = brokerrig.connect_as(self.broker.admin_path, 901, 65534, [GID])
        with peer:
            peer.send(frames.encode(0x61, {0: 1, 1: "operator.open", 2: brokerrig.encode_pairs({"person": "100"})}))
            peer.recv(65536)
        pcscns.wait_until(lambda: self.broker.events(1)[0]["kind"] == "operator-refused", what="the event")
        self.logged("abandoned", "100")

    def test_many_do_not_fill_the_log(self):
        self.grant("200")
        before = int(self.broker.must("status").rows[0]["events"])
        for _ in range(40):
            self.refused(self.call("operator.open", person="200"), "X89")
        self.assertLessEqual(int(self.broker.must("status").rows[0]["events"]) - before, 10)
        self.assertEqual(self.broker.stop(), 0)
        self.broker.start()
        events = [e for e in self.broker.events(30) if e["kind"] == "operator-refused"]
        self.assertGreaterEqual(int(events[-1]["left_out"]), 30)

    def test_what_ends_it(self):
        """Role, card or person gone: with the very next call."""
        self.opened()
        self.broker.must("role.revoke", person="100", role="registrar")
        self.refused(self.call("person.list"), "X90")
        self.assertEqual(self.broker.events(1)[0]["cause"], "no-longer-valid")
        self.take_out()
        self.broker.add_person("300", "saburo")
        self.broker.must("person.show", person="300")
        card = pcscns.VirtualCard(BUILD, slot=0, name="saburo", pin=PIN)
        World.cards["saburo"] = card
        self.broker.enroll_card("300", card, World.pcsc, PIN)
        self.grant("300", "registrar")
        self.assertEqual(self.open("saburo", "300").result, Admin.OK)
        self.broker.must("card.stop", person="300", reason="lost")
        self.refused(self.call("person.list"), "X90")
        self.refused(self.open("saburo", "300"), "M08")
        self.broker.must("person.remove", person="300")

    def test_restart_forgets(self):
        self.opened()
        self.assertEqual(self.broker.stop(), 0)
        self.broker.start()
        self.refused(self.call("person.list"), "X90")
        self.assertEqual(self.broker.events(1)[0]["cause"], "broker-ended")

    def test_reserved_numbers(self):
        for number in ("root", "uid 901"):
            self.assertEqual(self.broker.call("person.add", number=number, name="N", login="x1", category="regular").result,
                             Admin.USAGE)


class Roles(Host, unittest.TestCase):
    """The table of verbs, role by role."""

    def each(self, role):
        """Every verb, without what it would need to do anything."""
        self.opened((role,))
        self.take_out()
        for verb in verbs():
            with self.subTest(verb=verb):
                call = self.call(verb, timeout=20)
                if may(verb, role):
                    self.assertNotEqual(call.message, "X89", call.detail)
                else:
                    self.assertEqual(call.result, Admin.REFUSED)
                    self.assertIn(call.message, ("X89", None))

    def test_the_table(self):
        """What auditors may do changes nothing, and the protocol lists every verb. A new one that looks is to be
        named above."""
        self.assertEqual({verb for verb, need in NEEDS.items() if need == "LOOK"} - LOOKS, set())
        self.assertEqual({verb for verb, need in NEEDS.items() if need == "NOTHING"} - ANYBODY, set())
        listed = re.findall(r"`([a-z.-]+)`", PROTOCOL.read_text(encoding="utf-8"))
        self.assertEqual(set(NEEDS) - set(listed), set())

    def test_registrar(self):
        self.each("registrar")

    def test_administrator(self):
        self.each("administrator")

    def test_approver_looks(self):
        World.cards["hanako"].insert()
        World.pcsc.wait_card(0)
        self.broker.must("approver.enroll", person="100", pins=[PIN])
        self.each("approver")

    def test_auditor_changes_nothing(self):
        self.broker.stop()
        self.broker.start()
        self.opened(("auditor",))
        before = self.broker.must("status").rows[0]["roster"]
        for verb in verbs():
            with self.subTest(verb=verb):
                call = self.call(verb, person="200", number="900", name="N", login="n", category="regular",
                                 role="auditor", zone="lgwan")
                if NEEDS[verb] == "LOOK":
                    self.assertNotEqual(call.message, "X89")
                else:
                    self.assertEqual(call.result, Admin.REFUSED)
                    self.assertIn(call.message, ("X89", None))
        self.assertEqual(self.broker.must("status").rows[0]["roster"], before)
        refused = [e for e in self.broker.events(200) if e["kind"] == "call-refused"]
        self.assertTrue(refused and all(e["operator"] == "100" for e in refused))
        self.assertTrue(any(e.get("person") == "200" for e in refused))

    def test_every_event_has_an_operator(self):
        for event in self.broker.events(500):
            if event["kind"] not in ("init", "space-low"):
                self.assertIn("operator", event, event)


class Pin(Host, unittest.TestCase):
    """The card's own PIN, or the memorised one."""
    require = "card pin"

    def test_card_pin(self):
        """Wrong ones are asked for again; the last try is left."""
        card = World.cards["tried"] = pcscns.VirtualCard(BUILD, slot=0, name="tried", pin=PIN)
        self.broker.add_person("500", "goro")
        self.broker.enroll_card("500", card, World.pcsc, PIN)
        self.grant("500", "registrar")
        tries = card.tries()
        call = self.open("tried", "500", pins=["12", "000000", PIN])
        self.assertEqual(call.result, Admin.OK)
        self.assertEqual([m for m, _ in call.events if m != "K12"], ["X01", "X17", "X01", "X02", "X71", "X01"])
        self.assertEqual(card.tries(), tries)
        self.call("operator.close")
        while card.tries() > 1:
            self.take_out()
            self.assertEqual(self.open("tried", "500", pins=["000000"]).result, Admin.REFUSED)
        self.take_out()
        self.refused(self.open("tried", "500", pins=[PIN]), "X03")
        self.assertEqual((card.tries(), self.broker.events(1)[0]["cause"]), (1, "pin-last-try"))
        self.assertEqual(self.call("operator.status").rows, [])

    def test_memorised(self):
        """A card without a key behind its PIN; a wrong secret counts."""
        World.cards["plain"] = pcscns.VirtualCard(BUILD, slot=0, name="plain", pin=PIN, alg_9a="none", alg_9c="none",
                                                  alg_9e="p256")
        self.broker.add_person("400", "shiro")
        self.broker.enroll_card("400", World.cards["plain"], World.pcsc, PIN)
        self.grant("400", "registrar")
        self.refused(self.open("plain", "400"), "X79")
        self.broker.must("pin.set", person="400", pins=["kaki-no-ki", "kaki-no-ki"])
        self.take_out()
        self.refused(self.open("plain", "400", pins=["wrong-1", "wrong-2", "wrong-3"]), "X39")
        self.assertEqual(self.broker.must("lockout.show", person="400").rows[0]["failures"], "3")
        self.take_out()
        self.assertEqual(self.open("plain", "400", pins=["kaki-no-ki"]).result, Admin.OK)
        self.take_out()
        self.call("operator.close")
        self.refused(self.open("plain", "400", pins=["wrong-1", "wrong-2", "wrong-3"]), "X78")


class MyNumber(Host, unittest.TestCase):
    """Whoever has a My Number card and no other one: it is known by its certificate, and proves itself behind its
    PIN."""
    MINE = "1234"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name in ("jpki", "jpki-other"):
            World.cards[name] = pcscns.VirtualCard(BUILD, slot=0, name=name, family="jpki", pin=cls.MINE)
        cls.broker.add_person("600", "rokuro")
        cls.broker.enroll_card("600", World.cards["jpki"], World.pcsc, cls.MINE)

    def setUp(self):
        super().setUp()
        self.grant("600", "registrar")
        World.cards["jpki"].ask("log on")

    def test_opens(self):
        call = self.open("jpki", "600", pins=["12345", "0000", self.MINE])
        self.assertEqual(call.result, Admin.OK, (call.detail, call.events))
        self.assertEqual([m for m, _ in call.events if m not in ("K12", "X71")], ["X01", "X86", "X01", "X02", "X01"])
        self.assertEqual(World.cards["jpki"].tries(), 3)
        self.assertEqual(self.call("person.list").result, Admin.OK)
        self.assertEqual(self.broker.events(1)[0]["operator"], "600")

    def test_another_one(self):
        """It gets no PIN, nor does one of somebody who has another card."""
        for number in ("600", "100"):
            self.grant(number, "registrar")
            call = self.open("jpki-other", number, pins=[self.MINE])
            self.refused(call, "X69")
            self.assertEqual([m for m, _ in call.events if m != "K12"], [])
            self.take_out()
        self.assertEqual(World.cards["jpki-other"].tries(), 3)

    def test_last_try(self):
        card = World.cards["jpki-tries"] = pcscns.VirtualCard(BUILD, slot=0, name="jpki-tries", family="jpki",
                                                              pin=self.MINE)
        self.broker.add_person("700", "shichiro")
        self.broker.enroll_card("700", card, World.pcsc, self.MINE)
        self.grant("700", "registrar")
        self.refused(self.open("jpki-tries", "700", pins=["0000"] * 3), "X37")
        self.assertEqual((card.tries(), self.broker.events(1)[0]["cause"]), (1, "pin-last-try"))
        self.assertEqual(self.call("operator.status").rows, [])

    def test_exchanged_while_typing(self):
        def exchange(_said):
            self.take_out()
            World.cards["jpki-other"].insert()
        call = self.open("jpki", "600", pins=[self.MINE], on={"X01": exchange})
        self.assertNotEqual(call.result, Admin.OK)
        self.assertEqual(World.cards["jpki-other"].tries(), 3)


class Finger(Host, unittest.TestCase):
    """The individual-number zone: card and finger, nothing less."""
    zone, require = "individual-number", "card finger"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for side, print_name in (("right-index", "f01"), ("left-index", "f02")):
            cls.broker.enroll_finger("100", World.sensor, side, print_name)

    def press(self, *prints):
        """One after the other, each with another picture."""
        left = list(prints)

        def pressed(_said):
            if left:
                World.sensor.press(left.pop(0), 5)
        return pressed

    def test_both(self):
        self.opened(on={"M02": self.press("f01")})
        self.assertEqual(self.call("person.list").result, Admin.OK)

    def test_card_alone(self):
        self.grant("100", "registrar")
        call = self.open()
        self.assertEqual((call.result, call.message), (Admin.UNAVAILABLE, "X06"))
        self.assertEqual(self.broker.events(1)[0]["cause"], "not-in-time")
        self.refused(self.call("person.list"), "X90")

    def test_wrong_finger(self):
        self.grant("100", "registrar")
        press = self.press("f05", "f06", "f03")
        self.refused(self.open(on={"M02": press, "M05": press}), "X32")
        self.assertEqual(self.broker.must("lockout.show", person="100").rows[0]["failures"], "3")
        self.broker.must("lockout.clear", person="100")

    def test_card_goes_before_the_finger(self):
        self.grant("100", "registrar")
        call = self.open(on={"M02": lambda _: World.cards["hanako"].remove()})
        self.assertEqual((call.result, call.message), (Admin.UNAVAILABLE, "X07"))
        self.assertEqual(self.broker.events(1)[0]["cause"], "removed")

    def test_too_few_fingers(self):
        self.grant("200", "registrar")
        self.refused(self.open("jiro", "200"), "X33")


class Station(Host, unittest.TestCase):
    """The enrolment station after its ceremony: root does not change people any more, and nobody makes himself an
    officer."""
    settings = {"register": "station", "zones": "internet lgwan", "cards_per_person": "2"}
    person = {"zones": "internet lgwan"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.broker.must("role.grant", person="100", role="registrar")
        World.cards["jiro"].insert()
        World.pcsc.wait_card(0)
        cls.broker.must("approver.enroll", person="200", pins=[PIN])
        cls.broker.must("role.grant", person="200", role="approver")
        cls.broker.must("ceremony", pins=[PIN])
        World.cards["jiro"].remove()
        World.pcsc.wait_card(0, False)

    def test_root(self):
        for verb in verbs():
            if verb in ("issue.preview", "approver.test", "devices"):
                continue
            with self.subTest(verb=verb):
                call = self.broker.call(verb)
                if NEEDS[verb] in ROOT_AT_THE_STATION:
                    self.assertNotEqual(call.message, "X90")
                else:
                    self.refused(call, "X90")

    def roles(self):
        """{number: (roles that hold, those that wait)}."""
        return {row["number"]: (row["roles"], row["roles_waiting"]) for row in self.broker.must("role.list").rows}

    def approve(self, number, name):
        """The next issue, with this person's card placed after K15."""
        token = self.call("issue.preview").rows[-1]["token"]
        return self.call("issue.approve", token=token, pins=[PIN] * 2, on={"K15": lambda _: World.cards[name].insert()})

    def test_an_office_comes_with_the_next_issue(self):
        """Hanako wants to be an approver, too: in vain. An auditor she may be, when Jiro approves it."""
        self.assertEqual(self.roles(), {"100": ("registrar", ""), "200": ("approver", "")})
        self.assertEqual(self.open().result, Admin.OK)
        self.assertEqual(self.call("approver.enroll", person="100", pins=[PIN]).result, Admin.OK)
        self.refused(self.call("role.grant", person="100", role="approver"), "X94")
        self.assertEqual(self.roles()["100"], ("registrar", ""))
        self.assertEqual(self.call("role.grant", person="100", role="auditor").message, "X93")
        self.assertEqual(self.roles()["100"], ("registrar", "auditor"))
        self.take_out()
        self.refused(self.approve("100", "hanako"), "H04")
        self.assertEqual(self.broker.events(1)[0]["cause"], "own-change")
        self.take_out()
        call = self.approve("200", "jiro")
        self.assertEqual(call.result, Admin.OK, call.detail)
        self.assertEqual(self.roles()["100"], ("registrar auditor", ""))
        self.take_out()
        with self.subTest("what is taken away is gone at once"):
            self.assertEqual(self.call("role.revoke", person="200", role="approver").result, Admin.OK)
            self.assertEqual(self.roles()["200"], ("", "approver"))
            self.refused(self.approve("200", "jiro"), "X88")
            event = self.broker.events(1)[0]
            self.assertEqual([event.get(key) for key in ("kind", "cause", "approver", "operator")],
                             ["approval-refused", "no-approver", "200", "100"])
            self.assertEqual(self.call("role.grant", person="200", role="approver").result, Admin.OK)

    def test_a_key_that_was_exchanged(self):
        """Hanako registers another card as Jiro's, with a key that she has the PIN of: the issue does not know it."""
        card = World.cards["false"] = pcscns.VirtualCard(BUILD, slot=0, name="false", pin=PIN, alg_9a="p256",
                                                         alg_9c="p256", alg_9e="p256")
        self.assertEqual(self.open().result, Admin.OK)
        self.take_out()
        card.insert()
        World.pcsc.wait_card(0)
        self.assertEqual(self.call("card.enroll", person="200", pins=[PIN]).result, Admin.OK)
        self.assertEqual(self.call("approver.enroll", person="200", pins=[PIN]).result, Admin.OK)
        self.take_out()
        call = self.call("approver.test", pins=[PIN], on={"K15": lambda _: card.insert()})
        self.refused(call, "X88")
        event = self.broker.events(1)[0]
        self.assertEqual((event["cause"], event["approver"], event["operator"]), ("key-not-listed", "200", "100"))


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
