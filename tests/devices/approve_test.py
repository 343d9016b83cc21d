# SPDX-License-Identifier: Apache-2.0
"""The second person: key 9C is enrolled, and signs for its holder alone. Every way of approving one's own is refused
and recorded.

    approve_test.py BUILD_DIR"""
import datetime
import shutil
import socket
import subprocess
import sys
import unittest

import brokerrig
import frames
import pcscns
import relay_worker
from brokerrig import Admin

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
PIN = "123456"
ALGORITHMS = {"alg_9a": "p256", "alg_9c": "p256", "alg_9e": "p256", "pin": PIN}


class World:
    """What all tests have in common."""
    pcsc = inside = None
    cards = {}


def setUpModule():  # pylint: disable=invalid-name
    World.pcsc = pcscns.Pcsc()
    World.pcsc.start()


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    for card in World.cards.values():
        card.end()
    World.pcsc.stop()


def card(name, **options):
    """A card of this name, made once."""
    if name not in World.cards:
        World.cards[name] = pcscns.VirtualCard(BUILD, slot=0, name=name, **{**ALGORITHMS, **options})
    return World.cards[name]


class Host:
    """Hanako registers, Jiro approves; the reader is empty between the tests."""
    settings = {}
    settle = False  # no command is under way when a card is taken out

    @classmethod
    def setUpClass(cls):
        cls.broker = brokerrig.Broker(BUILD, "internet", "card", name=cls.__name__, card_wait="3", **cls.settings)
        cls.broker.init()
        cls.broker.start()
        for number, name in (("100", "hanako"), ("200", "jiro"), ("300", "saburo")):
            cls.broker.add_person(number, name)

    @classmethod
    def tearDownClass(cls):
        cls.broker.check_clean()
        shutil.rmtree(cls.broker.directory)

    def take_out(self):
        """The reader is empty."""
        if World.inside is not None:
            World.inside.remove()
            World.pcsc.wait_card(0, False, settle=self.settle)
        World.inside = None

    def put(self, name, wait=True):
        """This card is in the reader, and no other."""
        self.take_out()
        World.inside = card(name)
        World.inside.insert()
        if wait:
            World.pcsc.wait_card(0)

    def tearDown(self):
        self.take_out()

    def with_card(self, name, verb, pins=(PIN,), **values):
        """A call with this card in the reader all the while."""
        self.put(name)
        return self.broker.call(verb, pins=list(pins), **values)

    def ok(self, call):
        """It went well."""
        self.assertEqual((call.result, call.message), (Admin.OK, None), (call.detail, call.events))
        return call

    def enroll(self, number, name, **options):
        """A person's card, with its key for approvals."""
        card(name, **options)
        self.ok(self.with_card(name, "card.enroll", person=number))
        self.ok(self.with_card(name, "approver.enroll", person=number))

    def approve(self, name, pins=(PIN,), **values):
        """approver.test; the card is placed when it is asked for. `name` None: nothing is."""
        if name is not None:
            self.take_out()
        return self.broker.call("approver.test", pins=list(pins),
                                on={"K15": lambda _: name and self.put(name, False)}, **values)

    def refused(self, call, message, cause, who=None):
        """With this message, and the log says why."""
        self.assertEqual((call.result, call.message), (Admin.REFUSED, message), call.detail)
        event = self.broker.events(1)[0]
        self.assertEqual((event["kind"], event["cause"], event.get("approver")), ("approval-refused", cause, who))
        self.assertEqual(event["operator"], self.operator)
        self.assertNotIn(("X01", {}), call.events if cause not in self.AFTER_PIN else [])

    operator = "root"
    AFTER_PIN = ("bad-signature", "pin-wrong", "pin-last-try", "pin-blocked", "card-removed", "another-card", "cancelled")

    def become(self, number, name):
        """Opens a session for whoever runs this test."""
        self.ok(self.with_card(name, "operator.open", person=number))
        self.addCleanup(lambda: self.broker.call("operator.close"))
        self.operator = number


class Enrolment(Host, unittest.TestCase):
    """approver enroll and the role."""

    def test_role_needs_the_key(self):
        call = self.broker.call("role.grant", person="100", role="approver")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "X92"))
        self.ok(self.with_card("role", "card.enroll", person="100"))
        call = self.broker.call("role.grant", person="100", role="approver")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "X92"))
        self.ok(self.with_card("role", "approver.enroll", person="100"))
        event = self.broker.events(1)[0]
        self.assertEqual((event["kind"], event["person"], len(event["key"])), ("approver-enrolled", "100", 64))
        self.ok(self.broker.call("role.grant", person="100", role="approver"))
        self.assertEqual(self.broker.call("role.grant", person="100", role="approver").result, Admin.EXISTS)
        rows = {row["number"]: row for row in self.broker.must("role.list").rows}
        self.assertEqual((rows["100"]["roles"], rows["100"]["roles_waiting"]), ("approver", ""))
        self.ok(self.broker.call("role.revoke", person="100", role="approver"))
        self.assertEqual(self.broker.call("role.revoke", person="100", role="approver").result, Admin.NOT_FOUND)
        self.assertEqual(self.broker.must("role.list").rows, [])

    def test_whose_card(self):
        """Only a registered card of this very person."""
        card("mine")
        self.ok(self.with_card("mine", "card.enroll", person="200"))
        self.assertEqual(self.with_card("mine", "approver.enroll", person="300").result, Admin.REFUSED)
        card("foreign")
        self.assertEqual(self.with_card("foreign", "approver.enroll", person="200").message, "X69")
        self.ok(self.with_card("mine", "approver.enroll", person="200"))
        call = self.with_card("mine", "approver.enroll", person="200")
        self.assertEqual((call.result, call.message), (Admin.EXISTS, "K13"))

    def test_a_key_that_is_too_willing(self):
        """Without PIN, or for more than one signature."""
        card("willing")
        self.ok(self.with_card("willing", "card.enroll", person="300"))
        for rogue in ("nopin", "pinonce"):
            card("willing").ask(f"rogue {rogue}")
            call = self.with_card("willing", "approver.enroll", person="300")
            self.assertEqual((call.result, call.message), (Admin.REFUSED, "K13"), rogue)
        card("willing").ask("rogue none")
        self.ok(self.with_card("willing", "approver.enroll", person="300"))

    def test_no_key(self):
        card("bare", alg_9c="none")
        self.ok(self.with_card("bare", "card.enroll", person="300"))
        call = self.with_card("bare", "approver.enroll", person="300")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "K13"))

    def test_another_kind_of_card(self):
        """Said is which card is needed, and not that a My Number card's PIN is changed elsewhere."""
        card("number", family="jpki", pin="1234")
        self.broker.add_person("800", "hachiro")
        self.ok(self.with_card("number", "card.enroll", person="800", pins=["1234"]))
        self.assertEqual(self.with_card("number", "approver.enroll", person="800").message, "X98")
        card("besides")
        self.ok(self.with_card("besides", "card.enroll", person="800", second="yes", form="K-2"))
        self.assertEqual(self.with_card("number", "approver.enroll", person="800").message, "X98")
        card("felica", family="felica", set="reader=generic")
        self.ok(self.with_card("felica", "card.issue", person="800", second="yes", form="K-3"))
        self.assertEqual(self.with_card("felica", "approver.enroll", person="800").message, "X98")
        self.assertEqual(card("number").tries(), 3)
        self.ok(self.with_card("besides", "approver.enroll", person="800"))

    def test_last_try_is_left(self):
        card("tries")
        self.broker.add_person("400", "shiro")
        self.ok(self.with_card("tries", "card.enroll", person="400"))
        before = card("tries").tries()
        call = self.with_card("tries", "approver.enroll", pins=["000000"] * 3, person="400")
        self.assertEqual(call.result, Admin.REFUSED)
        self.assertGreaterEqual(card("tries").tries(), 1)
        self.assertLess(card("tries").tries(), before)
        call = self.with_card("tries", "approver.enroll", pins=["000000"] * 3, person="400")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "X03"))
        self.assertEqual(card("tries").tries(), 1)

    def test_who_cannot(self):
        for number, category in (("500", "contractor"), ("600", "support")):
            self.broker.add_person(number, f"u{number}", category=category, form="K-1",
                                   until=datetime.date.today().isoformat())
            for role in ("registrar", "approver", "administrator", "auditor"):
                call = self.broker.call("role.grant", person=number, role=role)
                self.assertEqual((call.result, call.message), (Admin.REFUSED, "X91"))
            self.assertEqual(self.broker.call("approver.enroll", person=number).message, "X91")
        self.assertEqual(self.broker.call("role.grant", person="100", role="mayor").result, Admin.USAGE)

    def test_a_login_never_uses_it(self):
        """9C alone is no card for logging in, and its PIN is not asked for it."""
        card("only", alg_9a="none")
        self.broker.add_person("700", "shichiro")
        self.ok(self.with_card("only", "card.enroll", person="700"))
        self.ok(self.with_card("only", "approver.enroll", person="700"))
        rows = self.broker.must("card.list", person="700").rows
        self.assertEqual([row["pin"] for row in rows], ["no"])


class Signing(Host, unittest.TestCase):
    """An approver signs."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for number, name, alg in (("100", "s-p256", "p256"), ("200", "s-p384", "p384"), ("300", "s-rsa", "rsa2048")):
            cls.enroll(cls(), number, name, alg_9c=alg)
            cls.broker.must("role.grant", person=number, role="approver")

    def runTest(self):
        """For setUpClass."""

    def test_algorithms(self):
        for number, name in (("100", "s-p256"), ("200", "s-p384"), ("300", "s-rsa")):
            for times in (1, 4) if number == "100" else (2,):
                with self.subTest(card=name, times=times):
                    card(name).ask("log on")
                    call = self.ok(self.approve(name, times=times))
                    self.assertEqual(call.rows, [{"approver": number, "signatures": str(times)}])
                    commands = [command[:8] for command, _ in card(name).log()]
                    verified = [n for n, c in enumerate(commands) if c == "00200080" and
                                n + 1 < len(commands) and commands[n + 1][4:8] in ("119C", "149C", "079C")]
                    self.assertGreaterEqual(len(verified), times)
                    event = self.broker.events(1)[0]
                    self.assertEqual((event["kind"], event["approver"], event["operator"]), ("approved", number, "root"))
                    self.assertIn("sha256" if times == 1 else f"sha256_{times}", event)

    def test_the_card_is_there_already(self):
        self.put("s-p256")
        self.ok(self.approve(None))

    def test_pin(self):
        """Wrong ones, too short ones, none."""
        tries = card("s-p256").tries()
        call = self.ok(self.approve("s-p256", pins=["12", "000000", PIN]))
        self.assertEqual([m for m, _ in call.events if m in ("X17", "X02")], ["X17", "X02"])
        self.assertEqual(card("s-p256").tries(), tries)
        self.refused(self.approve("s-p256", pins=["1234567890"] * 4), "X31", "pin-wrong", "100")
        self.refused(self.approve("s-p256", pins=[]), None, "cancelled", "100")

    def test_last_try(self):
        self.broker.add_person("400", "shiro")
        self.enroll("400", "s-last")
        self.broker.must("role.grant", person="400", role="approver")
        while card("s-last").tries() > 1:
            self.approve("s-last", pins=["000000"])
        self.refused(self.approve("s-last"), "X03", "pin-last-try", "400")
        self.assertEqual(card("s-last").tries(), 1)

    def test_nothing_is_placed(self):
        call = self.approve(None)
        self.assertEqual((call.result, call.message), (Admin.UNAVAILABLE, "H03"))

    def test_removed_while_typing(self):
        call = self.broker.call("approver.test", pins=[PIN], on={"K15": lambda _: self.put("s-p256", False),
                                                                 "X01": lambda _: self.take_out()})
        self.assertEqual((call.result, call.message), (Admin.UNAVAILABLE, "X07"))
        self.assertEqual(self.broker.events(1)[0]["cause"], "card-removed")

    def test_exchanged_while_typing(self):
        call = self.broker.call("approver.test", pins=[PIN], on={"K15": lambda _: self.put("s-p256", False),
                                                                 "X01": lambda _: self.put("s-p384")})
        self.refused(call, "X07", "another-card", "200")
        self.assertEqual(card("s-p384").tries(), card("s-p256").tries())

    def test_hang_up(self):
        """The operator goes away at the PIN: nothing is signed, the devices are free."""
        events = self.broker.must("status").rows[0]["events"]
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.connect(self.broker.admin_path)
        sock.settimeout(20)
        sock.send(frames.encode(0x61, {0: 1, 1: "approver.test"}))
        asked = b""
        while asked != b"X01":
            asked = frames.decode(sock.recv(65536))[1][4]
            if asked == b"K15":
                self.put("s-p256", False)
        sock.close()
        self.ok(self.approve("s-p256"))
        self.assertEqual(int(self.broker.must("status").rows[0]["events"]), int(events) + 1)

    def test_times(self):
        for times in ("0", "5", "12", "x"):
            self.assertEqual(self.broker.call("approver.test", times=times).result, Admin.USAGE)


class TwoPeople(Host, unittest.TestCase):
    """Ways to approve one's own, and other people's keys."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        here = cls()
        here.enroll("100", "hanako")
        card("hanako-2")
        here.ok(here.with_card("hanako-2", "card.enroll", person="100"))
        here.ok(here.with_card("hanako-2", "approver.enroll", person="100"))
        here.enroll("200", "jiro")
        card("saburo")
        here.ok(here.with_card("saburo", "card.enroll", person="300"))
        for number, role in (("100", "administrator"), ("100", "approver"), ("200", "approver"), ("300", "registrar")):
            cls.broker.must("role.grant", person=number, role=role)

    def runTest(self):
        """For setUpClass."""

    def test_same_person(self):
        """By the card that opened the session, and by her other one."""
        self.become("100", "hanako")
        self.refused(self.approve("hanako"), "H04", "own-change", "100")
        self.refused(self.approve("hanako-2"), "H04", "own-change", "100")
        self.ok(self.approve("jiro"))
        self.assertEqual(self.broker.events(1)[0]["operator"], "100")

    def test_card_that_lies_there(self):
        """It may be exchanged for the approver's; left there, it is refused."""
        self.become("100", "hanako")
        self.put("hanako")
        self.refused(self.approve(None), "H04", "own-change", "100")
        self.ok(self.broker.call("approver.test", pins=[PIN], on={"K15": lambda _: self.put("jiro")}))

    def test_two_readers(self):
        """The registrar's card stays where it is; the approver's goes into the other reader."""
        self.become("300", "saburo")
        other = World.cards.setdefault("ichiro", pcscns.VirtualCard(BUILD, slot=1, name="ichiro", **ALGORITHMS))
        self.broker.must("person.add", number="500", name="Ichiro", login="ichiro", category="regular")
        self.take_out()
        other.insert()
        self.addCleanup(other.remove)
        World.pcsc.wait_card(1)
        self.ok(self.broker.call("card.enroll", person="500", pins=[PIN]))
        self.ok(self.broker.call("operator.close"))
        self.ok(self.broker.call("approver.enroll", person="500", pins=[PIN]))
        self.broker.must("role.grant", person="500", role="approver")
        other.remove()
        World.pcsc.wait_card(1, False)
        self.become("100", "hanako")
        call = self.ok(self.broker.call("approver.test", pins=[PIN], on={"K15": lambda _: other.insert()}))
        self.assertEqual(call.rows[0]["approver"], "500")
        call = self.ok(self.broker.call("approver.test", pins=[PIN]))
        self.assertEqual(call.rows[0]["approver"], "500")

    def test_no_approver(self):
        """A registrar, a stranger, somebody without a PIV card."""
        self.refused(self.approve("saburo"), "X88", "no-approver", "300")
        self.take_out()
        card("stranger")
        self.refused(self.approve("stranger"), "X88", "unknown-card")

    def test_role_that_was_taken_away(self):
        self.broker.must("role.revoke", person="200", role="approver")
        self.refused(self.approve("jiro"), "X88", "no-approver", "200")
        self.broker.must("role.grant", person="200", role="approver")
        self.ok(self.approve("jiro"))

    def test_role_that_is_taken_away_meanwhile(self):
        """While the PIN is typed."""
        call = self.broker.call("approver.test", pins=[PIN],
                                on={"K15": lambda _: self.put("jiro", False),
                                    "X01": lambda _: self.broker.must("role.revoke", person="200", role="approver")})
        event = self.broker.events(1)[0]
        self.broker.must("role.grant", person="200", role="approver")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "X88"))
        self.assertEqual([event[key] for key in ("kind", "cause", "approver")],
                         ["approval-refused", "no-approver", "200"])

    def test_stopped_card(self):
        """The role alone is not enough."""
        self.broker.add_person("400", "shiro")
        self.enroll("400", "shiro")
        self.broker.must("role.grant", person="400", role="approver")
        self.broker.must("card.stop", person="400", reason="lost")
        self.refused(self.approve("shiro"), "X88", "card-not-active", "400")

    def test_key_of_one_card_role_by_another(self):
        """Saburo's only card has no key for approvals; a role he has by no means."""
        call = self.broker.call("role.grant", person="300", role="approver")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "X94"))
        self.broker.must("role.revoke", person="300", role="registrar")
        call = self.broker.call("role.grant", person="300", role="approver")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "X92"))
        self.broker.must("role.grant", person="300", role="registrar")

    def test_clone(self):
        """A card that only calls itself Jiro's: the PIN is never asked for."""
        if "clone" not in World.cards:
            World.cards["clone"] = pcscns.VirtualCard(BUILD, slot=0, name="clone", pin=PIN,
                                                      clone_public=card("jiro").state)
        self.refused(self.approve("clone"), "X88", "card-not-proven", "200")

    def test_who_may_call(self):
        """approver.test is no auditor's."""
        self.broker.must("role.revoke", person="300", role="registrar")
        self.broker.must("role.grant", person="300", role="auditor")
        self.become("300", "saburo")
        call = self.broker.call("approver.test")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "X89"))
        self.assertEqual(self.broker.events(1)[0]["kind"], "call-refused")


class Relayed(Host, unittest.TestCase):
    """The worker was taken over; it has the true card and the PIN passes through it."""
    settle = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls().enroll("200", "relayed")
        cls.broker.must("role.grant", person="200", role="approver")
        cls.broker.stop()
        cls.relay = relay_worker.Relay(cls.broker.directory, cls.broker.worker(f"{BUILD}/cardreader/toyama-card"))
        cls.broker.configure("internet", "card", card_wait="3", card_worker=cls.relay.worker)
        cls.broker.start()
        cls.key = f"{cls.broker.directory}/other.pem"
        subprocess.run(["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                        cls.key], check=True, capture_output=True)

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.relay.end()

    def runTest(self):
        """For setUpClass."""

    def test_honest(self):
        self.relay.behaviour, self.relay.asked = "honest", []
        self.ok(self.approve("relayed", times=3))
        self.assertEqual(self.relay.asked, [True] * 3)

    def test_lies(self):
        self.relay.behaviour = "honest"
        self.ok(self.approve("relayed"))
        for behaviour in ("flip", "digest", "earlier", self.key):
            with self.subTest(behaviour):
                self.relay.behaviour = behaviour
                self.refused(self.approve("relayed"), "X15", "bad-signature", "200")

    def test_repeated(self):
        """The first of several is good; it does not count for the second."""
        self.relay.behaviour = "repeat"
        self.refused(self.approve("relayed", times=2), "X15", "bad-signature", "200")

    def test_removed_after_signing(self):
        """What a removal voids, before the last word, counts for nothing."""
        self.relay.behaviour = "remove"
        call = self.approve("relayed", times=2)
        self.assertEqual((call.result, call.message), (Admin.UNAVAILABLE, "X07"))
        self.assertEqual(self.broker.events(1)[0]["cause"], "card-removed")


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
