#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""PINs at the operator's desk, with the real broker, pcscd and toyama-card: change and unblock the PIN of
a card, set, change and remove a memorised one. usage: desk_pin_test.py BUILD_DIR (root)"""
import contextlib
import os
import re
import sqlite3
import sys
import unittest

import brokerrig
import pcscns
from brokerrig import Admin, Result
from secrets_test import found

BUILD = None
PIN, NEW, WRONG, PUK = "123456", "24681357", "654321", "12345678"
ASKED = {"X67", "X73", "X18", "X19"}


class Desk(unittest.TestCase):
    """A host where hanako, 100, has a card, and virtual cards in their readers."""
    REQUIRE = "card pin"
    SETTINGS = {}

    @classmethod
    def setUpClass(cls):
        cls.pcsc = pcscns.Pcsc()
        cls.pcsc.start()

    @classmethod
    def tearDownClass(cls):
        cls.pcsc.stop()

    def setUp(self):
        self.cards = []
        self.name = "-".join(self.id().split(".")[-2:])
        self.broker = brokerrig.Broker(BUILD, "internet", self.REQUIRE, name=self.name, throttle_after="100",
                                       **self.SETTINGS)
        self.broker.init()
        self.broker.start()
        self.broker.add_person("100", "hanako")

    def tearDown(self):
        for card in self.cards:
            card.end()
        for card in self.cards:
            self.pcsc.wait_card(card.slot, False)
        self.assert_nothing_told()
        self.broker.check_clean()

    def assert_nothing_told(self):
        """No secret stands in the log, in the store or in the broker's memory."""
        with open(f"{self.broker.state}/registry.db", "rb") as file:
            kept = file.read().decode("latin-1") + self.broker.log()
        for secret in (NEW, WRONG, "482109", "73919264", "Kawaguchi 7"):
            self.assertNotIn(secret, kept)
            self.assertEqual(found(self.broker.process.pid, secret.encode()), 0, secret)

    def card(self, **options):
        """One more virtual card that writes down what it is told; not inserted."""
        options = {"pin": PIN, "puk": PUK, "alg_9a": "p256", "alg_9e": "p256", **options}
        if options.get("family", "piv") != "piv":
            options = {k: v for k, v in options.items() if not k.startswith("alg") and k != "puk"}
        card = pcscns.VirtualCard(BUILD, name=f"{self.name}-{len(self.cards)}", **options)
        card.ask("log on")
        card.mark = 0
        self.cards.append(card)
        return card

    def place(self, card):
        card.insert()
        self.pcsc.wait_card(card.slot)

    def take(self, card):
        card.remove()
        self.pcsc.wait_card(card.slot, False)

    def enrolled(self, number="100", **options):
        """A PIV card of this person, left in its reader."""
        card = self.card(**options)
        self.place(card)
        self.broker.must("card.enroll", person=number, pins=[PIN])
        card.mark = len(card.log())
        return card

    def asked(self, call):
        """The prompts of a call."""
        return [message for message, _ in call.events if message in ASKED]

    def said(self, call):
        """The other messages."""
        return [message for message in call.heard() if message not in ASKED]

    def refused(self, verb, message, pins=(), result=Admin.REFUSED, asked=None, **values):
        """A call that must end like this."""
        call = self.broker.call(verb, pins=pins, person=values.pop("person", "100"), **values)
        self.assertEqual((call.result, call.message), (result, message), (call.detail, call.events))
        if asked is not None:
            self.assertEqual(self.asked(call), asked)
        return call

    def must(self, verb, pins=(), **values):
        return self.broker.must(verb, pins=pins, person=values.pop("person", "100"), **values)

    def login(self, pins):
        """Result of a login of hanako with what lies on the reader."""
        login = self.broker.login(user="hanako")
        login.finish(pins=list(pins))
        return login.result

    def kinds(self, last):
        """The newest events."""
        return [event["kind"] for event in self.broker.events(last)]

    def assert_no_pin_sent(self, card):
        """Neither a PIN nor a PUK went to this card."""
        for command, _ in card.log()[card.mark:]:
            self.assertFalse(re.match("00(20|24|2C)", command) and len(command) > 8, command)


class ChangePin(Desk):
    """card change-pin."""

    def test_the_new_pin_logs_in(self):
        card = self.enrolled()
        call = self.must("card.change-pin", pins=[PIN, NEW, NEW])
        self.assertEqual(call.heard(), ["K12", "X70", "X67", "X18", "X19"])
        self.assertEqual(card.tries(), 3)
        events = self.broker.events(2)
        self.assertEqual([event["kind"] for event in events], ["card-pin-changing", "card-pin-changed"])
        self.assertEqual((events[1]["person"], events[1]["operator"]), ("100", "root"))
        self.assertEqual(self.login([NEW]), Result.GRANTED)
        self.assertEqual(self.login([PIN, PIN, PIN]), Result.DENIED)

    def test_every_kind_of_card(self):
        for options in ({"like": "B"}, {"alg_9e": "none"}, {"alg_9a": "rsa2048", "alg_9e": "rsa2048"}):
            with self.subTest(options):
                card = self.enrolled(**options)
                self.must("card.change-pin", pins=[PIN, NEW, NEW])
                self.assertEqual(self.login([NEW]), Result.GRANTED)
                self.take(card)
                self.broker.must("card.stop", person="100")

    def test_commands_of_the_card(self):
        card = self.enrolled()
        self.must("card.change-pin", pins=[PIN, NEW, NEW])
        codes = [command[:8] for command, _ in card.log()[card.mark:] if not command.startswith("00C0")]
        self.assertEqual(codes, ["00A40400", "0087119E", "00200080",
                                 "00A40400", "0087119E", "00200080", "00240080"])

    def test_a_wrong_pin_first(self):
        self.enrolled()
        call = self.must("card.change-pin", pins=[WRONG, NEW, NEW, PIN])
        self.assertEqual(self.asked(call), ["X67", "X18", "X19", "X67"])
        self.assertEqual(call.events[5:7], [("X02", {"tries": "1"}), ("X71", {})])
        self.assertEqual(self.login([NEW]), Result.GRANTED)
        self.assertIn("card-pin-refused", self.kinds(6))

    def test_the_last_try_is_not_used(self):
        card = self.enrolled()
        self.refused("card.change-pin", "X72", [WRONG, NEW, NEW, WRONG])
        self.assertEqual(card.tries(), 1)
        self.refused("card.change-pin", "X72", [PIN, NEW, NEW], asked=[])
        self.assertEqual(card.tries(), 1)

    def test_two_tries_are_warned_of(self):
        card = self.enrolled()
        self.refused("card.change-pin", None, [WRONG, NEW, NEW])
        self.assertEqual(card.tries(), 2)
        call = self.must("card.change-pin", pins=[PIN, NEW, NEW])
        self.assertEqual(self.said(call), ["K12", "X71", "X70"])
        self.assertEqual(card.tries(), 3)

    def test_what_is_no_pin_does_not_reach_the_card(self):
        card = self.enrolled()
        for bad in ("12345", "123456789", "12345a", "１２３４５６"):
            call = self.must("card.change-pin", pins=[bad, PIN, bad, NEW, WRONG, PIN, NEW, NEW])
            self.assertEqual(self.said(call), ["K12", "X70", "X17", "X17", "X20", "X77"])
            self.must("card.change-pin", pins=[NEW, PIN, PIN])
        self.assertEqual(card.tries(), 3)
        self.refused("card.change-pin", "X31", ["1", "2", "3"], asked=["X67"] * 3)
        self.refused("card.change-pin", "X20", [PIN] + ["1"] * 9, asked=["X67"] + ["X18"] * 5)

    def test_nothing_typed_changes_nothing(self):
        self.enrolled()
        for pins in ([], [PIN], [PIN, NEW]):
            self.assertIn("cancelled", self.refused("card.change-pin", None, pins).detail)
        self.assertEqual(self.login([PIN]), Result.GRANTED)

    def test_a_card_of_somebody_else(self):
        self.broker.add_person("200", "taro")
        other = self.enrolled("200")
        self.take(other)
        mine = self.enrolled()
        self.take(mine)
        self.place(other)
        for verb in ("card.change-pin", "card.unblock"):
            self.refused(verb, "X69", [PIN, NEW, NEW], asked=[])
        self.assert_no_pin_sent(other)

    def test_the_right_card_is_found_in_any_reader(self):
        for slots in ((0, 1), (1, 0)):
            with self.subTest(slots):
                mine = self.enrolled(slot=slots[0])
                other = self.card(slot=slots[1])
                self.place(other)
                self.must("card.change-pin", pins=[PIN, NEW, NEW])
                self.assertEqual(self.login([NEW]), Result.GRANTED)
                self.assert_no_pin_sent(other)
                for card in (mine, other):
                    self.take(card)
                self.broker.must("card.stop", person="100")

    def test_a_card_that_is_exchanged_gets_no_pin(self):
        mine = self.enrolled()
        clone = self.card(clone_public=mine.state)

        def exchange(_said):
            self.take(mine)
            self.place(clone)
        call = self.broker.call("card.change-pin", person="100", pins=[PIN, NEW, NEW], on={"X70": exchange})
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "X69"))
        self.assert_no_pin_sent(clone)

    def test_a_card_that_is_removed(self):
        card = self.enrolled()
        for nth in range(1, 8):
            with self.subTest(nth):
                card.ask("fresh")
                card.ask(f"fault {nth} drop")
                self.refused("card.change-pin", "X07", [PIN, NEW, NEW], result=Admin.UNAVAILABLE)
                card.ask("fault off")
                self.take(card)
                self.place(card)
        self.assertEqual(card.tries(), 3)
        self.must("card.change-pin", pins=[PIN, NEW, NEW])

    def test_the_card_that_is_meant(self):
        first = self.enrolled()
        self.take(first)
        second = self.enrolled()
        ids = [row["id"] for row in self.broker.must("card.list", person="100").rows]
        self.refused("card.change-pin", "X69", card=ids[0], asked=[])
        self.must("card.change-pin", pins=[PIN, NEW, NEW], card=ids[1][:8])
        self.refused("card.change-pin", None, card="zz", result=Admin.NOT_FOUND)
        self.take(second)

    def test_a_stopped_card(self):
        first = self.enrolled()
        self.take(first)
        self.enrolled()
        ids = [row["id"] for row in self.broker.must("card.list", person="100").rows]
        self.broker.must("card.stop", person="100", card=ids[1])
        self.refused("card.change-pin", "M08", asked=[])

    def test_my_number_cards_are_left_alone(self):
        jpki = self.card(family="jpki", pin="1234")
        self.place(jpki)
        self.broker.must("card.enroll", person="100", pins=["1234"])
        for verb in ("card.change-pin", "card.unblock"):
            self.refused(verb, "X68", ["1234", "5678", "5678"], asked=[])
        self.take(jpki)
        piv = self.enrolled()
        self.take(piv)
        self.place(jpki)
        self.refused("card.change-pin", "X68", ["1234", "5678", "5678"], asked=[])
        self.assertEqual(jpki.tries(), 3)

    def test_cards_without_a_pin(self):
        self.refused("card.change-pin", "X79", result=Admin.NOT_FOUND)
        felica = self.card(family="felica", set="reader=generic")
        self.place(felica)
        self.broker.must("card.issue", person="100")
        self.refused("card.change-pin", "X79", result=Admin.NOT_FOUND)
        self.take(felica)
        self.take(self.enrolled())
        self.place(felica)
        self.refused("card.change-pin", "X79", asked=[])

    def test_a_global_pin(self):
        card = self.card(set="policy=6020")
        self.place(card)
        enrolled = self.broker.call("card.enroll", person="100", pins=[PIN])
        if enrolled.result != Admin.OK:
            self.fail(enrolled.detail)
        self.must("card.change-pin", pins=[PIN, NEW, NEW])
        self.assertTrue(any(command.startswith("00240000") for command, _ in card.log()))
        self.refused("card.unblock", "X75", [PUK, NEW, NEW])

    def test_an_operator_who_leaves(self):
        self.enrolled()
        sock = brokerrig._connect(self.broker.admin_path, 10)  # pylint: disable=protected-access
        sock.send(brokerrig.frames.encode(0x61, {0: 1, 1: "card.change-pin",
                                                 2: brokerrig.encode_pairs({"person": "100"})}))
        for _ in range(3):
            sock.recv(65536)
        sock.close()
        pcscns.wait_until(lambda: self.broker.call("card.test", person="100").result == Admin.OK, what="free devices")


class Unblock(Desk):
    """card unblock."""

    def test_a_blocked_pin(self):
        card = self.enrolled()
        self.refused("card.change-pin", "X72", [WRONG, NEW, NEW, WRONG])
        call = self.must("card.unblock", pins=[PUK, NEW, NEW])
        self.assertEqual(call.heard(), ["K12", "X73", "X70", "X18", "X19"])
        self.assertEqual(card.tries(), 3)
        self.assertEqual(self.kinds(2), ["card-unblocking", "card-unblocked"])
        self.assertEqual(self.login([NEW]), Result.GRANTED)

    def test_without_a_free_key(self):
        self.enrolled(alg_9e="none")
        self.must("card.unblock", pins=[PUK, NEW, NEW])
        self.assertEqual(self.login([NEW]), Result.GRANTED)

    def test_a_wrong_puk(self):
        self.enrolled()
        call = self.must("card.unblock", pins=["87654321", NEW, NEW, PUK])
        self.assertEqual(self.asked(call), ["X73", "X18", "X19", "X73"])
        self.assertIn(("X74", {"tries": "1"}), call.events)
        self.assertEqual(self.login([NEW]), Result.GRANTED)

    def test_the_puk_has_its_end(self):
        card = self.enrolled()
        self.refused("card.unblock", "X75", ["87654321", NEW, NEW, "87654321", "87654321"])
        self.assertEqual(card.ask("tries")[0].split()[1:], ["3", "1"])
        self.assertEqual(self.kinds(1), ["card-unblock-refused"])

    def test_what_is_no_puk_does_not_reach_the_card(self):
        card = self.enrolled()
        call = self.must("card.unblock", pins=["12345", PUK, "12", NEW, NEW])
        self.assertEqual(self.said(call), ["K12", "X74", "X70", "X17"])
        self.assertEqual(card.ask("tries")[0].split()[1:], ["3", "3"])


class Memorised(Desk):
    """pin set, change, remove: hanako's card has a shared key and no PIN."""
    SETTINGS = {"lock_after": "4", "lock_time": "600"}

    def setUp(self):
        super().setUp()
        self.felica = self.card(family="felica", set="reader=generic")
        self.place(self.felica)
        self.broker.must("card.issue", person="100")

    def test_set_and_log_in(self):
        self.assertEqual(self.login(["482109"]), Result.DENIED)
        call = self.must("pin.set", pins=["482109", "482109"])
        self.assertEqual(call.heard(), ["X70", "X18", "X19"])
        self.assertEqual(self.login(["482109"]), Result.GRANTED)
        rows = self.broker.must("person.show", person="100").rows
        self.assertEqual([row["kind"] for row in rows], ["person", "card", "pin"])
        self.assertEqual((rows[0]["cards"], rows[0]["pin"]), ("1", "yes"))
        self.assertEqual((rows[2]["family"], rows[2]["strength"], rows[2]["pin"]), ("memorised", "memorised", "yes"))
        self.must("pin.set", pins=["Kawaguchi 7", "Kawaguchi 7"])
        self.assertEqual(len(self.broker.must("card.list", person="100").rows), 2)
        self.assertEqual(self.login(["482109", "482109", "482109"]), Result.DENIED)
        self.broker.must("lockout.clear", person="100")
        self.assertEqual(self.login(["Kawaguchi 7"]), Result.GRANTED)
        self.assertEqual(self.secrets(), 2)

    def secrets(self):
        """Sealed rows in the store, which the broker keeps to itself while it runs."""
        self.assertEqual(self.broker.stop(), 0)
        with contextlib.closing(sqlite3.connect(f"{self.broker.state}/registry.db")) as store:
            (count,) = store.execute("SELECT count(*) FROM secret").fetchone()
        self.broker.start()
        return count

    def test_rules(self):
        for bad in ("12345", "123456", "987654321", "111111", "abcdef", "x" * 65, "暗証番号です", "12\t4567"):
            call = self.broker.call("pin.set", person="100", pins=[bad, "482109", "482109"])
            if len(bad) > 64:
                self.assertEqual(call.result, Admin.USAGE)
            else:
                self.assertEqual(self.said(call), ["X70", "X76"], bad)

    def test_generate(self):
        call = self.must("pin.set", generate="yes")
        (row,) = call.rows
        self.assertRegex(row["secret"], "^[0-9]{8}$")
        self.assertEqual(call.events, [])
        self.assertEqual(self.login([row["secret"]]), Result.GRANTED)
        self.assertEqual(self.kinds(2)[0], "pin-set")
        self.assertNotIn(row["secret"], self.broker.log())
        self.assertEqual(found(self.broker.process.pid, row["secret"].encode()), 0)
        self.assertNotEqual(self.must("pin.set", generate="yes").rows[0], row)

    def test_remove(self):
        self.refused("pin.remove", "X79", result=Admin.NOT_FOUND)
        self.must("pin.set", pins=["482109", "482109"])
        self.must("pin.remove")
        self.assertEqual(self.kinds(1), ["pin-removed"])
        self.assertEqual(self.secrets(), 1)
        self.assertEqual(self.login(["482109"]), Result.DENIED)
        self.refused("pin.remove", "X79", result=Admin.NOT_FOUND)

    def test_change(self):
        self.must("pin.set", pins=["482109", "482109"])
        call = self.must("pin.change", pins=["482109", "482109", "73919264", "73919264"])
        self.assertEqual([message for message, _ in call.events],
                         ["K12", "X70", "X67", "X18", "X77", "X18", "X19"])
        self.assertEqual(self.kinds(1), ["pin-changed"])
        self.assertEqual(self.login(["73919264"]), Result.GRANTED)
        self.assertEqual(self.secrets(), 2)

    def test_change_needs_the_card(self):
        self.must("pin.set", pins=["482109", "482109"])
        self.take(self.felica)
        other = self.card()
        self.place(other)
        self.refused("pin.change", "X69", ["482109", "73919264", "73919264"], asked=[])
        self.take(other)
        self.place(self.felica)

        def remove(_said):
            self.take(self.felica)
        call = self.broker.call("pin.change", person="100", pins=["482109", "73919264", "73919264"],
                                on={"X70": remove})
        self.assertEqual((call.result, call.message), (Admin.UNAVAILABLE, "X07"))
        self.place(self.felica)
        self.assertEqual(self.login(["482109"]), Result.GRANTED)

    def test_wrong_ones_count_and_lock(self):
        self.must("pin.set", pins=["482109", "482109"])
        call = self.refused("pin.change", "X39", ["1", "2", "3"])
        self.assertEqual([args for message, args in call.events if message == "X62"], [{"tries": "2"}, {"tries": "1"}])
        self.assertEqual(self.broker.must("lockout.show", person="100").rows[0]["failures"], "3")
        miss = self.broker.events(2)[0]
        self.assertEqual((miss["kind"], miss["service"], miss["locked"]), ("secret-miss", "toyama-enroll", "no"))
        self.refused("pin.change", "X78", ["4"])
        self.refused("pin.change", "X78", ["482109", "73919264", "73919264"], asked=[])
        self.assertEqual(self.login(["482109"]), Result.LOCKED)
        self.broker.must("lockout.clear", person="100")
        self.must("pin.change", pins=["482109", "73919264", "73919264"])

    def test_people_who_cannot(self):
        self.refused("pin.change", "X79", result=Admin.NOT_FOUND)
        self.broker.add_person("200", "taro")
        self.must("pin.set", person="200", pins=["482109", "482109"])
        self.refused("pin.change", "X79", person="200", result=Admin.NOT_FOUND)

    def test_a_stopped_card_does_not_change_it(self):
        self.must("pin.set", pins=["482109", "482109"])
        self.broker.must("card.stop", person="100")
        self.refused("pin.change", "M08", asked=[])

    def test_card_stop_leaves_it_alone(self):
        self.must("pin.set", pins=["482109", "482109"])
        rows = self.broker.must("card.list", person="100").rows
        self.refused("card.stop", None, card=rows[1]["id"], result=Admin.NOT_FOUND)
        self.broker.must("card.stop", person="100")
        self.refused("card.stop", None, result=Admin.NOT_FOUND)
        self.assertEqual([row["state"] for row in self.broker.must("card.list", person="100").rows],
                         ["stopped", "active"])

    def test_after_a_restart(self):
        self.must("pin.set", pins=["482109", "482109"])
        self.assertEqual(self.broker.stop(), 0)
        self.broker.start()
        self.assertEqual(self.login(["482109"]), Result.GRANTED)

    def test_who_looks_is_recorded(self):
        self.broker.must("card.list")
        self.broker.must("card.list", person="100")
        events = self.broker.events(2)
        self.assertEqual([(e["kind"], e.get("person")) for e in events], [("cards-viewed", None), ("cards-viewed", "100")])


class Tap(Memorised):
    """The card may go once it has proven itself."""
    SETTINGS = {**Memorised.SETTINGS, "presence": "tap"}

    def test_change_needs_the_card(self):
        self.must("pin.set", pins=["482109", "482109"])

        def remove(_said):
            self.take(self.felica)
        call = self.broker.call("pin.change", person="100", pins=["482109", "73919264", "73919264"],
                                on={"X70": remove})
        self.assertEqual(call.result, Admin.OK, call.detail)


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
