# SPDX-License-Identifier: Apache-2.0
"""A terminal that takes its people from roster files: who can log in after each, and what is refused with which sentence.

    roster_import_test.py BUILD_DIR"""
import os
import shutil
import sys
import time
import unittest

import brokerrig
import pcscns
import rosterrig
import storerig
from brokerrig import Admin, Result
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from rosterrig import FELICA, RECORD, REGISTRAR, STOPPED, encode, octets, seq, sha256, spki_of

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
PIN = "123456"
ZONE = "individual-number"


class World:
    """Hanako and Taro with card and finger, as a host of the same zone enrolled them."""
    pcsc = sensor = source = hanako = taro = None
    zone = joined = None  # and the state of a terminal that has joined


def setUpModule():  # pylint: disable=invalid-name
    World.pcsc = pcscns.Pcsc()
    World.pcsc.start()
    World.sensor = brokerrig.Sensor(BUILD)
    World.hanako, World.taro = (pcscns.VirtualCard(BUILD, slot=0, name=name, pin=PIN) for name in ("hanako", "taro"))
    World.source = brokerrig.Broker(BUILD, ZONE, "card finger", name="source")
    World.source.init()
    World.source.start()
    for number, login, card, fingers in (("100", "hanako", World.hanako, ("f01", "f02")),
                                         ("200", "taro", World.taro, ("f03", "f04"))):
        World.source.add_person(number, login)
        World.source.enroll_card(number, card, World.pcsc, PIN)
        for side, finger in zip(("right-index", "left-index"), fingers):
            World.source.enroll_finger(number, World.sensor, side, finger)
    World.source.check_clean()
    World.zone = rosterrig.Zone(ZONE)
    for number in ("100", "200"):
        World.zone.adopt(World.source.state, number)
    terminal = brokerrig.Broker(BUILD, ZONE, "card finger", name="joined", register="taken")
    terminal.join(World.zone)
    World.joined = terminal.state


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    World.hanako.end()
    World.taro.end()
    World.sensor.end()
    World.pcsc.stop()


class Terminal(unittest.TestCase):
    """A terminal that has joined; a station that knows Hanako and Taro."""

    def setUp(self):
        self.zone = World.zone.fresh()
        self.hanako, self.taro = sorted(self.zone.people.values(), key=lambda record: record["number"])
        self.broker = brokerrig.Broker(BUILD, ZONE, "card finger", name="terminal", register="taken",
                                       throttle_delay="0")
        shutil.copytree(World.joined, self.broker.state)
        self.broker.start()

    def tearDown(self):
        self.broker.check_clean()
        for card in (World.hanako, World.taro):
            card.remove()
        pcscns.wait_until(lambda: not World.pcsc.has_card(0), what="an empty reader")
        shutil.rmtree(self.broker.directory)

    def take(self, file=None, base=0, **values):
        """Imports a file, which must be good."""
        return self.broker.must("roster.import", file=file or self.zone.file(base), **values)

    def refused(self, file, message, cause, verb="roster.import", result=Admin.REFUSED, **arguments):
        """Nothing of it is taken; the sentence and the event say why."""
        before = self.status()
        call = self.broker.call(verb, file=file)
        self.assertEqual((call.result, call.message), (result, message), call.detail)
        self.assertEqual(call.arguments, arguments)
        self.assertEqual(self.status(), before)
        event = self.broker.events(1)[0]
        self.assertEqual((event["kind"], event["cause"]), ("roster-refused", cause))
        return call

    def status(self):
        """The row of roster.status."""
        return self.broker.must("roster.status").rows[0]

    def attempt(self, card, user, finger):
        """A login with card and finger."""
        card.insert()
        World.pcsc.wait_card(0)
        login = self.broker.login(user=user)
        login.finish(on={"M02": lambda: World.sensor.press(finger, 10)})
        card.remove()
        World.pcsc.wait_card(0, False)
        return login

    def granted(self, card, user, finger):
        login = self.attempt(card, user, finger)
        self.assertEqual((login.result, login.user), (Result.GRANTED, user), login.said)

    def denied(self, card, user, finger, message):
        login = self.attempt(card, user, finger)
        self.assertEqual((login.result, login.said[-1]), (Result.DENIED, message))

    def counts(self, *tables):
        """Rows of tables, while the broker is stopped."""
        with storerig.opened(self.broker) as db:
            return [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables]


class Logins(Terminal):
    """Who can log in."""

    def test_nobody_before_the_first_roster(self):
        self.assertEqual((self.status()["roster"], self.status()["state"]), ("0", "none"))
        self.assertEqual(self.broker.must("status").rows[0]["registry"], "good")
        self.denied(World.hanako, "hanako", "f01", "M07")

    def test_a_year_in_a_minute(self):
        self.zone.issue()
        call = self.take()
        self.assertEqual(call.events, [("H41", {"number": "1"})])
        self.assertEqual({key: call.rows[0][key] for key in ("roster", "replaces", "people", "added", "changed")},
                         {"roster": "1", "replaces": "0", "people": "2", "added": "2", "changed": "0"})
        self.granted(World.hanako, "hanako", "f01")
        self.granted(World.taro, "taro", "f03")
        self.denied(World.hanako, "taro", "f03", "M07")
        # Taro's card is stopped, Hanako moves to another section, somebody new comes.
        self.taro["credentials"][0].update(state=STOPPED, reason=1)
        self.hanako["section"] = "市民課"
        self.zone.add(rosterrig.person("300", "jiro", ZONE, credentials=[rosterrig.card()]))
        self.zone.issue()
        call = self.take(base=1)
        self.assertEqual(call.events, [("H07", {"old": "1", "number": "2"})])
        self.assertEqual([call.rows[0][key] for key in ("added", "changed", "stopped", "removed")], ["1", "1", "1", "0"])
        self.denied(World.taro, "taro", "f03", "M08")
        self.granted(World.hanako, "hanako", "f01")
        self.assertEqual(self.broker.must("person.show", person="100").rows[0]["section"], "市民課")
        # Taro leaves, and nothing of him stays.
        storerig_lock(self.broker, "200")
        self.zone.people.pop(self.taro["id"])
        self.zone.issue()
        self.take(base=2)
        self.denied(World.taro, "taro", "f03", "M07")
        self.broker.stop()
        self.assertEqual(self.counts("person", "template", "number", "login"), [2, 2, 2, 2])
        with storerig.opened(self.broker) as db:
            for table in ("counter", "template", "secret", "key", "hint"):
                self.assertEqual(db.execute(f"SELECT count(*) FROM {table} WHERE person=?",
                                            (self.taro["id"],)).fetchone()[0], 0, table)
        with open(f"{self.broker.state}/registry.db", "rb") as file:
            self.assertNotIn(self.zone.sealed[self.taro["fingers"][0]["id"]][40:80], file.read())
        self.broker.start()
        self.granted(World.hanako, "hanako", "f01")
        self.assertEqual(self.status()["roster"], "3")

    def test_joined_when_there_were_issues_already(self):
        """The anchor names an issue: it, and what follows it, can be taken."""
        for _ in range(3):
            self.zone.issue()
        self.broker.stop()
        shutil.rmtree(self.broker.state)
        self.broker.join(self.zone)
        self.broker.start()
        self.take(self.zone.file())
        self.granted(World.hanako, "hanako", "f01")
        self.zone.issue()
        self.take(self.zone.file(3, payload=self.zone.payload(3, first=4)))
        self.broker.check_clean()
        self.broker.start()
        self.assertEqual(self.status()["roster"], "4")
        self.granted(World.taro, "taro", "f03")

    def test_any_issue_from_the_base_on(self):
        """A file of changes since no. 1 is taken on top of no. 1 and of no. 2."""
        self.zone.issue()
        self.take()
        self.hanako["section"] = "A"
        self.zone.issue()
        self.take(base=1)
        self.taro["section"] = "B"
        self.zone.issue()
        self.take(base=1)
        self.assertEqual({row["section"] for row in self.broker.must("person.list").rows}, {"A", "B"})

    def test_things_pass_from_one_person_to_another(self):
        """Numbers, logins and a card change hands in one issue."""
        self.zone.issue()
        self.take()
        self.hanako["number"], self.taro["number"] = "200", "100"
        self.hanako["logins"], self.taro["logins"] = ["taro"], ["hanako"]
        self.hanako["credentials"], self.taro["credentials"] = self.taro["credentials"], self.hanako["credentials"]
        self.zone.issue()
        self.take(base=1)
        self.granted(World.taro, "taro", "f01")
        self.granted(World.hanako, "hanako", "f03")

    def test_finger_enrolled_anew(self):
        """Of a changed finger the old template goes, and the new one opens."""
        self.zone.issue()
        self.take()
        finger, other = self.hanako["fingers"][0], self.taro["fingers"][0]
        plain = rosterrig.unseal(self.zone.seal_key, rosterrig.template_aad(ZONE, self.taro["id"], other),
                                 self.zone.sealed[other["id"]])
        old, finger["id"] = finger["id"], os.urandom(16)
        self.zone.enrol(self.hanako, finger, plain)
        self.zone.issue()
        self.take(base=1)
        self.granted(World.hanako, "hanako", "f03")
        self.broker.stop()
        with storerig.opened(self.broker) as db:
            self.assertEqual(db.execute("SELECT count(*) FROM template WHERE id=?", (old,)).fetchone()[0], 0)
            self.assertEqual(db.execute("SELECT count(*) FROM template").fetchone()[0], 4)
        self.broker.start()

    def test_nobody_changes_a_person_here(self):
        """Root has not got the right, and a registrar not the register."""
        self.hanako["roles"] = REGISTRAR
        officer = rosterrig.Officer(REGISTRAR)
        officer.id = self.hanako["id"]
        self.zone.officers.append(officer)
        self.zone.issue()
        self.take()
        call = self.broker.call("person.remove", person="200")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "X90"))
        World.hanako.insert()
        World.pcsc.wait_card(0)
        self.broker.must("operator.open", person="100", pins=[PIN],
                         on={"M02": lambda _said: World.sensor.press("f01", 10)})
        World.hanako.remove()
        World.pcsc.wait_card(0, False)
        for verb, values in (("person.add", {"number": "9", "name": "N", "login": "n", "category": "regular"}),
                             ("person.remove", {"person": "100"}),
                             ("finger.delete", {"person": "100", "finger": "all"})):
            call = self.broker.call(verb, **values)
            self.assertEqual((call.result, call.detail),
                             (Admin.REFUSED, "this host takes its people from the station"), verb)
        self.granted(World.hanako, "hanako", "f01")


class Templates(Terminal):
    """Rows beside the records, changed on the terminal: the record names each by its hash."""

    def setUp(self):
        super().setUp()
        self.zone.issue()
        self.take()
        self.broker.stop()

    def refused(self, *statements):  # pylint: disable=arguments-differ
        """Hanako cannot log in, Taro can, and the log names whose template it is."""
        with storerig.opened(self.broker) as db:
            for sql, *values in statements:
                self.assertNotEqual(db.execute(sql, values).rowcount, 0)
        self.broker.start()
        login = self.attempt(World.hanako, "hanako", "f01")
        self.assertNotEqual(login.result, Result.GRANTED)
        self.assertIn("template of 100: ", self.broker.log())
        self.granted(World.taro, "taro", "f03")

    def test_of_another_person(self):
        """Taro's, under Hanako's id: his fingers would open her account."""
        self.refused(*(("UPDATE template SET sealed=? WHERE id=?", self.zone.sealed[other["id"]], own["id"])
                       for own, other in zip(self.hanako["fingers"], self.taro["fingers"])))

    def test_of_another_zone(self):
        """The same finger, as another zone seals it."""
        finger = self.hanako["fingers"][0]
        plain = rosterrig.unseal(self.zone.seal_key, rosterrig.template_aad(ZONE, self.hanako["id"], finger),
                                 self.zone.sealed[finger["id"]])
        other = rosterrig.Zone("lgwan")
        self.refused(("UPDATE template SET sealed=? WHERE id=?", rosterrig.seal(
            other.seal_key, rosterrig.template_aad("lgwan", self.hanako["id"], finger), plain), finger["id"]))

    def test_sealed_anew(self):
        """Even by somebody who has the zone's key: the hash was signed."""
        finger = self.hanako["fingers"][0]
        aad = rosterrig.template_aad(ZONE, self.hanako["id"], finger)
        plain = rosterrig.unseal(self.zone.seal_key, aad, self.zone.sealed[finger["id"]])
        self.refused(("UPDATE template SET sealed=? WHERE id=?", rosterrig.seal(self.zone.seal_key, aad, plain),
                      finger["id"]))

    def test_removed(self):
        self.refused(("DELETE FROM template WHERE person=?", self.hanako["id"]))


def storerig_lock(broker, number):
    """A counter of his, with the broker stopped meanwhile."""
    broker.stop()
    storerig.lock(broker, number)
    broker.start()


class Looking(Terminal):
    """Verify, inspect, status."""

    def test_verify_changes_nothing(self):
        self.zone.issue()
        before = self.status()
        call = self.broker.must("roster.verify", file=self.zone.file(), verbose="yes")
        self.assertEqual([call.rows[0][key] for key in ("roster", "added")], ["1", "2"])
        self.assertEqual([(row["change"], row["number"]) for row in sorted(call.rows[1:], key=lambda r: r["number"])],
                         [("added", "100"), ("added", "200")])
        self.assertEqual(self.status(), before)
        self.assertEqual(self.broker.events(1)[0]["kind"], "roster-verified")
        self.denied(World.hanako, "hanako", "f01", "M07")

    def test_what_was_shown_is_taken(self):
        self.zone.issue()
        shown = self.broker.must("roster.verify", file=self.zone.file()).rows[0]["hash"]
        self.assertEqual(shown, self.zone.hash.hex())
        self.zone.issue()
        call = self.broker.call("roster.import", file=self.zone.file(), hash=shown)
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "H42"))
        self.assertEqual(self.status()["roster"], "0")
        self.take(hash=self.zone.hash.hex())

    def test_inspect(self):
        self.zone.issue()
        call = self.broker.must("roster.inspect", file=self.zone.file())
        rows = {row["kind"]: row for row in call.rows}
        self.assertEqual((rows["file"]["roster"], rows["file"]["media"]), ("1", "USB-07"))
        self.assertEqual([rows["content"][key] for key in ("records", "templates", "issues")], ["2", "4", "1"])
        self.assertEqual(rows["issue"]["authority"], sha256(spki_of(self.zone.authority)).hex()[:16])
        self.assertEqual(rows["issue"]["approver"], sha256(spki_of(self.zone.approver.key)).hex()[:16])
        self.assertEqual(sorted(row["roles"] for row in call.rows if row["kind"] == "officer"),
                         ["approver", "registrar"])
        said = repr(call.rows)
        for secret in ("hanako", "Name of", "100"):
            self.assertNotIn(secret, said)

    def test_status_tells_where_it_came_from(self):
        self.zone.issue()
        self.take()
        row = self.status()
        self.assertEqual([row[key] for key in ("roster", "state", "people", "source", "media", "operator", "age")],
                         ["1", "good", "2", "file", "USB-07", "root", "0"])
        self.assertEqual((row["warn"], row["refuse"], row["register"], row["zone"]), ("7", "30", "taken", ZONE))
        self.assertLess(abs(brokerrig.seconds(row["taken"]) - time.time()), 60)
        event = self.broker.events(1)[0]
        self.assertEqual([event[key] for key in ("kind", "from", "to", "people", "added", "media", "source")],
                         ["roster-imported", "0", "1", "2", "2", "USB-07", "file"])

    def test_another_kind_of_host(self):
        World.source.start()
        for verb in ("roster.import", "roster.verify", "roster.inspect"):
            call = World.source.call(verb, file=b"x")
            self.assertEqual(call.result, Admin.REFUSED)
            self.assertIn("register = own", call.detail)
        self.assertEqual(World.source.must("roster.status").rows[0]["register"], "own")
        World.source.check_clean()


class Refusals(Terminal):
    """Each cause has its sentence, and the roster stays."""

    def setUp(self):
        super().setUp()
        self.zone.issue()
        self.take()
        self.hanako["section"] = "X"

    def payload(self, **values):
        """Changes since the installed issue."""
        return self.zone.payload(self.zone.number - 1, **values)

    def file(self, payload=None, **values):
        return self.zone.file(self.zone.number - 1, payload or self.payload(), **values)

    def test_old(self):
        old = self.zone.file()
        self.zone.issue()
        self.take(base=1)
        self.refused(old, "H09", "old", number="2")

    def test_same(self):
        call = self.broker.call("roster.import", file=self.zone.file())
        self.assertEqual((call.result, call.message, call.arguments), (Admin.EXISTS, "H25", {"number": "1"}))

    def test_zone(self):
        other = rosterrig.Zone("lgwan")
        other.issue()
        self.refused(other.file(), "H10", "zone", zone="lgwan")
        # One that only says that it is ours.
        self.refused(other.file(zone=ZONE), "H21", "key")
        # Sealed for us, of another zone inside.
        self.zone.issue()
        self.refused(self.file(self.payload(zone="lgwan")), "H10", "zone", zone=ZONE)

    def test_gap(self):
        self.zone.issue()
        self.zone.issue()
        self.refused(self.zone.file(2), "H27", "gap", number="1")
        self.refused(self.zone.file(0, self.zone.payload(first=3)), "H27", "gap", number="1")

    def test_other_history(self):
        """The same authority, another issue no. 1 before it."""
        other = rosterrig.Zone(ZONE)
        for name in ("authority", "key", "signer", "cert", "seal_key", "officers", "approver", "registrar", "helpdesk"):
            setattr(other, name, getattr(self.zone, name))
        other.issue()
        other.issue()
        self.refused(other.file(), "H26", "chain", number="1")

    def test_signature(self):
        signed = self.zone.issue(lambda der: self.zone.sign(der, approver=self.zone.approver)[:-3] + b"\0\0\0")
        self.assertEqual(signed.number, 2)
        self.refused(self.file(), "H08", "signature")

    def test_signature_of_the_authority(self):
        def wrong(der):
            good = rosterrig.elements(rosterrig.elements(self.zone.sign(der, approver=self.zone.approver))[0][1])
            parts = [value for _, value in good]
            parts[2] = rosterrig.sign(self.zone.authority, b"another")
            return seq(*map(octets, parts))
        self.zone.issue(wrong)
        self.refused(self.file(), "H08", "signature")

    def test_records_that_were_not_signed(self):
        self.zone.issue()
        record = dict(self.hanako, logins=["root"])
        self.refused(self.file(self.payload(records=[encode(RECORD, record)])), "H08", "signature")
        self.refused(self.file(self.payload(records=[])), "H08", "signature")

    def test_signer_of_the_file(self):
        self.zone.issue()
        payload = self.payload()
        rest = self.zone.sealed_payload(payload, authority=ec.generate_private_key(ec.SECP256R1()))
        self.refused(self.zone.head(rest, 1) + rest, "H22", "signer")

    def test_unknown_authority(self):
        other = ec.generate_private_key(ec.SECP256R1())
        self.zone.issue(lambda der: self.zone.sign(der, authority=other, approver=self.zone.approver))
        self.refused(self.file(), "H22", "signer")

    def test_unapproved(self):
        self.zone.issue(self.zone.sign)
        self.refused(self.file(), "H23", "unapproved")

    def test_approver_without_the_office(self):
        for key in (ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048),
                    ec.generate_private_key(ec.SECP384R1()), self.zone.authority):
            with self.subTest(key=type(key)):
                stranger = rosterrig.Officer(rosterrig.APPROVER, key)
                self.zone.issue(lambda der, by=stranger: self.zone.sign(der, approver=by))
                self.refused(self.file(), "H22", "signer")
                self.zone.issues.pop()
                self.zone.number, self.zone.hash = 1, sha256(self.zone.issues[0].der)

    def test_approver_who_makes_himself_one(self):
        """The list of the issue before counts, not that of the one that he approves."""
        stranger = rosterrig.Officer(rosterrig.APPROVER)
        self.zone.officers.append(stranger)
        self.zone.issue(lambda der: self.zone.sign(der, approver=stranger))
        self.refused(self.file(), "H22", "signer")

    def test_own_change(self):
        self.zone.issue(authors=seq(seq(octets(self.zone.registrar.id)), seq(octets(self.zone.approver.id))))
        self.refused(self.file(), "H24", "own-change")

    def test_aged(self):
        self.broker.stop()
        self.broker.configure(ZONE, "card finger", register="taken", roster_refuse="10", throttle_delay="0")
        self.broker.start()
        self.zone.now = int(time.time()) - 10 * 86400 - 60
        self.broker.stop()
        shutil.rmtree(self.broker.state)
        self.zone.issues, self.zone.number, self.zone.hash = [], 0, bytes(32)
        self.broker.join(self.zone)
        self.broker.start()
        self.zone.issue()
        self.refused(self.zone.file(), "H28", "aged", days="10")

    def test_future(self):
        self.zone.now = int(time.time()) + 3600
        self.zone.issue()
        self.refused(self.file(), "H29", "future")
        self.assertEqual(self.broker.must("status").rows[0]["clock"], "good")

    def test_template_of_somebody_else(self):
        """Hanako's finger with Taro's template: the record names its own."""
        finger, other = self.hanako["fingers"][0], self.taro["fingers"][0]
        self.zone.issue()
        wrong = seq(octets(finger["id"]), octets(self.zone.sealed[other["id"]]))
        self.refused(self.file(self.payload(templates=[wrong])), "H20", "damaged")

    def test_templates_missing_and_left_over(self):
        self.zone.enrol(self.hanako, self.hanako["fingers"][0], b"new")
        self.zone.issue()
        good = seq(octets(self.hanako["fingers"][0]["id"]), octets(self.zone.sealed[self.hanako["fingers"][0]["id"]]))
        for templates in ([], [good, good], [good, seq(octets(os.urandom(16)), octets(b"x"))]):
            self.refused(self.file(self.payload(templates=templates)), "H20", "damaged")

    def test_secrets_missing(self):
        credential = {"id": os.urandom(16), "family": FELICA, "state": 1, "zones": 1, "hint": os.urandom(8),
                      "keys": [{"ref": 0x87, "pin": False, "spki": b""}]}
        self.hanako["credentials"].append(credential)
        self.zone.share(self.hanako, credential, credential["keys"][0], b"key")
        self.zone.issue()
        self.refused(self.file(self.payload(secrets=[])), "H20", "damaged")
        self.take(self.file())

    def test_one_number_for_two(self):
        """The station would not sign this; nobody is served by half of it."""
        self.zone.add(rosterrig.person("100", "jiro", ZONE))
        self.zone.issue()
        before = self.status()
        call = self.broker.call("roster.import", file=self.file())
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "H20"))
        self.assertIn("same number", call.detail)
        self.assertEqual(self.status(), before)
        self.granted(World.hanako, "hanako", "f01")

    def test_head_that_misleads(self):
        self.zone.issue()
        for values in ({"number": 3}, {"people": 3}, {"created": "2026-04-01T00:00:00Z"}, {"previous": "00" * 32}):
            self.refused(self.file(**values), "H20", "damaged")
        rest = self.zone.sealed_payload(self.payload())
        self.refused(self.zone.head(rest, 0) + rest, "H20", "damaged")

    def test_not_a_roster_file(self):
        self.zone.issue()
        good = self.file()
        for octets_ in (b"", b"x", b"\0" * 5000, good[:-1], good + b"\0", good[:400], good[1:],
                        good.replace(b"toyama-roster: 1", b"toyama-roster: 2"),
                        good.replace(b"media: ", b"medium: ")):
            self.refused(octets_, "H20", "damaged")
        self.take(good)

    def test_order_of_records(self):
        self.zone.issue()
        records = [encode(RECORD, self.zone.people[who]) for who in sorted(self.zone.people, reverse=True)]
        self.refused(self.file(self.payload(records=records)), "H20", "damaged")
        self.refused(self.file(self.payload(removed=[self.hanako["id"]])), "H20", "damaged")


class Rotation(Terminal):
    """Keys and offices change by issues."""

    def test_authority_and_approver(self):
        self.zone.issue()
        self.take()
        successor = ec.generate_private_key(ec.SECP256R1())
        newcomer = rosterrig.Officer(rosterrig.APPROVER | rosterrig.AUDITOR, rsa.generate_private_key(65537, 2048))
        self.zone.officers.append(newcomer)
        self.zone.issue(authority=octets(sha256(spki_of(successor))))
        self.take(base=1)
        old = self.zone.authority
        self.zone.officers.remove(self.zone.approver)
        self.zone.issue(lambda der: self.zone.sign(der, authority=old, approver=newcomer))
        self.refused(self.zone.file(2), "H22", "signer")
        self.zone.issues.pop()
        self.zone.number, self.zone.hash = 2, sha256(self.zone.issues[1].der)
        self.zone.authority, self.zone.approver = successor, newcomer
        self.zone.signer = rosterrig.certificate(successor, "authority", False)
        self.zone.issue()
        self.take(base=2)
        self.broker.check_clean()
        self.broker.start()
        self.assertEqual(self.status()["roster"], "3")
        self.granted(World.hanako, "hanako", "f01")


    def test_keys_of_the_zone(self):
        """Two changes in one file; the files behind it are sealed for the key of before, then for the new one."""
        self.zone.issue()
        self.take()
        keys, first = self.zone.rekey()
        self.zone.issue(keys=keys)
        keys, second = self.zone.rekey()
        self.zone.issue(keys=keys)
        self.refused(self.zone.file(1), "H21", "key")
        self.take(self.zone.file(1, recipient=first))
        self.granted(World.hanako, "hanako", "f01")
        self.broker.check_clean()
        self.broker.start()
        self.granted(World.hanako, "hanako", "f01")
        for recipient in (second, None):
            self.zone.issue()
            self.take(self.zone.file(1, recipient=recipient))
        self.zone.issue()
        for recipient in (first, second):
            self.refused(self.zone.file(1, recipient=recipient), "H21", "key")
        self.granted(World.hanako, "hanako", "f01")

    def test_keys_that_are_not_for_us(self):
        """Sealed with another key, or for another issue."""
        self.zone.issue()
        self.take()
        for values in ({"seal_key": bytes(32)}, {"number": 3}):
            zone = self.zone.fresh()
            keys, first = zone.rekey(**values)
            zone.issue(keys=keys)
            for base in (0, 1):
                self.refused(zone.file(base, recipient=first), "H21", "key")
        self.granted(World.hanako, "hanako", "f01")

    def test_nobody_registers_and_approves(self):
        """Whoever signed it."""
        self.zone.issue()
        self.take()
        self.zone.officers.append(rosterrig.Officer(rosterrig.APPROVER | REGISTRAR))
        self.zone.issue()
        for base in (0, 1):
            self.refused(self.zone.file(base), "H43", "offices")
        self.assertEqual(self.status()["roster"], "1")
        self.granted(World.hanako, "hanako", "f01")
        record = rosterrig.person("700", "shichiro", ZONE, roles=rosterrig.APPROVER | REGISTRAR)
        self.zone.issues.pop()
        self.zone.officers.pop()
        self.zone.number, self.zone.hash = 1, sha256(self.zone.issues[0].der)
        self.zone.add(record)
        self.zone.issue()
        self.refused(self.zone.file(1), "H20", "damaged")


class Scale(Terminal):
    """A few thousand people."""

    def test_many(self):
        spki = spki_of(ec.generate_private_key(ec.SECP256R1()))
        for n in range(3000):
            self.zone.add(rosterrig.person(f"9{n:05}", f"u{n:05}", ZONE, credentials=[rosterrig.card(
                spki[:-4] + n.to_bytes(4, "big"))]))
        self.zone.issue()
        begun = time.monotonic()
        self.take()
        self.assertLess(time.monotonic() - begun, 30)
        self.granted(World.hanako, "hanako", "f01")
        self.assertEqual(self.status()["people"], "3002")
        self.zone.people = {self.hanako["id"]: self.hanako}
        self.zone.issue()
        self.take()
        self.granted(World.hanako, "hanako", "f01")
        self.denied(World.taro, "taro", "f03", "M07")
        self.broker.stop()
        self.assertEqual(self.counts("person", "key", "login", "template"), [1, 2, 1, 2])
        self.broker.start()


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
