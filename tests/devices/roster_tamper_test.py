# SPDX-License-Identifier: Apache-2.0
"""Somebody changes what is carried to a terminal, or what lies on it: each octet, each row. It is not taken, or nobody
logs in, and the reason is named.

    roster_tamper_test.py BUILD_DIR"""
import os
import shutil
import sys
import unittest

import brokerrig
import pcscns
import rosterrig
import storerig
from brokerrig import Admin, Result
from cryptography.hazmat.primitives.asymmetric import ec
from rosterrig import RECORD, STOPPED, decode, elements, encode, octets, seq, sha256

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
ZONE = "lgwan"
# Each message that says no to a file, and the cause in the event.
SAYS = {"H08": "signature", "H09": "old", "H10": "zone", "H20": "damaged", "H21": "key", "H22": "signer",
        "H23": "unapproved", "H24": "own-change", "H26": "chain", "H27": "gap", "H29": "future", "H28": "aged"}


class World:
    """A terminal with two issues; Hanako's card is stopped in the second."""
    zone = saved = None


def setUpModule():  # pylint: disable=invalid-name
    zone = World.zone = rosterrig.Zone(ZONE)
    for number, login in (("100", "hanako"), ("200", "taro"), ("300", "jiro")):
        zone.add(rosterrig.person(number, login, ZONE, credentials=[rosterrig.card(label=f"L-{number}")]))
    broker = brokerrig.Broker(BUILD, ZONE, name="world", register="taken")
    broker.join(zone)
    broker.start()
    zone.issue()
    broker.must("roster.import", file=zone.file())
    next(iter(zone.people.values()))["credentials"][0]["state"] = STOPPED
    zone.issue()
    broker.must("roster.import", file=zone.file(1))
    broker.check_clean()
    World.saved = broker.state


def flipped(data, at):
    """With one bit changed."""
    out = bytearray(data)
    out[at] ^= 1 << at % 8
    return bytes(out)


class Terminal(unittest.TestCase):
    """A copy of the terminal, and of the zone."""

    def setUp(self):
        self.zone = World.zone.fresh()
        self.broker = brokerrig.Broker(BUILD, ZONE, name="terminal", register="taken")
        shutil.copytree(World.saved, self.broker.state)

    def tearDown(self):
        self.broker.check_clean()
        shutil.rmtree(self.broker.directory)


class Files(Terminal):
    """What is carried."""

    def setUp(self):
        super().setUp()
        self.broker.start()
        self.zone.add(rosterrig.person("400", "saburo", ZONE, credentials=[rosterrig.card()]))
        self.zone.issue()

    def refused(self, file, what):
        """With one of the sentences, and the cause in the log."""
        call = self.broker.call("roster.verify", file=file)
        self.assertEqual(call.result, Admin.REFUSED, (what, call.message, call.detail))
        self.assertIn(call.message, SAYS, what)
        return call.message

    def file(self, payload):
        """The payload in a file that the authority itself seals: only what is inside is wrong."""
        return self.zone.file(2, payload)

    def payload(self, signed=None, record=None):
        """The good one, with one of its parts replaced."""
        if signed is not None:
            self.zone.issues[-1].signed = signed
        records = None if record is None else [record]
        return self.zone.payload(2, first=3, records=records)

    def test_each_octet_of_an_issue(self):
        good = self.zone.issues[-1].signed
        said = set()
        for at in range(len(good)):
            said.add(self.refused(self.file(self.payload(signed=flipped(good, at))), at))
        self.assertLessEqual({"H08", "H20", "H22", "H26"}, said)
        self.payload(signed=good)
        self.broker.must("roster.verify", file=self.file(self.payload()))
        events = self.broker.events(30)
        self.assertEqual({event["kind"] for event in events}, {"roster-refused", "roster-verified"})

    def test_each_octet_of_a_record(self):
        who = next(who for who, record in self.zone.people.items() if record["number"] == "400")
        good = encode(RECORD, self.zone.people[who])
        said = {self.refused(self.file(self.payload(record=flipped(good, at))), at) for at in range(len(good))}
        self.assertEqual(said, {"H08", "H20"})
        self.broker.must("roster.verify", file=self.file(self.payload(record=good)))

    def test_octets_of_the_file(self):
        good = self.zone.file(2, self.payload())
        head = good.index(b"\n\n") + 2
        media = good.index(b"media: ") + len(b"media: ")
        for at in [*range(head), *range(head, len(good), 3)]:
            changed = flipped(good, at)
            if media <= at < head - 2 and changed[at] >= 0x20 and changed[at] < 0x7F:
                continue  # the medium's number: anybody may write another one onto it
            self.refused(changed, at)
        self.broker.must("roster.verify", file=good)

    def test_record_of_somebody_else(self):
        """Under the id of the one who is new, or twice."""
        people = {record["number"]: record for record in self.zone.people.values()}
        good, other = (encode(RECORD, people[number]) for number in ("400", "300"))
        posing = encode(RECORD, dict(people["300"], id=people["400"]["id"]))
        for wrong in ([other], [good, good], [posing]):
            self.assertIn(self.refused(self.file(self.zone.payload(2, first=3, records=wrong)), wrong), {"H08", "H20"})

    def test_stopped_card_revived(self):
        """Hanako's record of the issue before beside the new one of Saburo."""
        who, old = next((who, record) for who, record in self.zone.issues[0].people.items()
                        if self.zone.people[who] != record)
        records = sorted([(who, encode(RECORD, old))] + [(r["id"], encode(RECORD, r)) for r in self.zone.people.values()
                                                         if r["number"] == "400"])
        payload = self.zone.payload(2, first=3, records=[record for _, record in records])
        self.assertEqual(self.refused(self.file(payload), "revived"), "H08")


class Rows(Terminal):
    """What lies on the terminal."""

    def edit(self, *statements):
        """SQL with its values; each must hit rows."""
        with storerig.opened(self.broker) as db:
            for sql, *values in statements:
                self.assertNotEqual(db.execute(sql, values).rowcount, 0, sql)

    def rows(self, table, columns="*"):
        with storerig.opened(self.broker) as db:
            return db.execute(f"SELECT {columns} FROM {table}").fetchall()

    def assert_denied(self, why):
        """Nobody logs in, and the log says why."""
        self.broker.start()
        login = self.broker.login(user="taro")
        login.finish()
        self.assertEqual((login.result, login.said), (Result.UNAVAILABLE, ["X13"]))
        self.assertRegex(self.broker.must("status").rows[0]["registry"], why)
        self.broker.check_clean()
        shutil.rmtree(self.broker.state)
        shutil.copytree(World.saved, self.broker.state)
        with open(self.broker.log_path, "wb"):
            pass

    ALTERED = "the records are not the ones that issue 2 was signed for"

    def ids(self):
        """{number: id}"""
        return dict(self.rows("number", "number, person"))

    def test_nothing(self):
        """The copies are good ones."""
        self.broker.start()
        self.assertEqual(self.broker.must("status").rows[0]["registry"], "good")
        self.assertEqual(self.broker.must("roster.status").rows[0]["roster"], "2")

    def test_record_edited(self):
        who, record = self.rows("person", "id, record")[0]
        for at in range(0, len(record), 41):
            self.edit(("UPDATE person SET record=? WHERE id=?", flipped(record, at), who))
            self.assert_denied(self.ALTERED)

    def test_record_rolled_back(self):
        """Hanako's card was stopped; her old record comes back."""
        who = self.ids()["100"]
        old = encode(RECORD, World.zone.issues[0].people[who])
        self.assertEqual(decode(RECORD, old)["credentials"][0]["state"], 1)
        self.edit(("UPDATE person SET record=? WHERE id=?", old, who))
        self.assert_denied(self.ALTERED)

    def test_records_swapped(self):
        (one, first), (two, second) = self.rows("person", "id, record")[:2]
        self.edit(("UPDATE person SET record=? WHERE id=?", second, one),
                  ("UPDATE person SET record=? WHERE id=?", first, two))
        self.assert_denied(self.ALTERED)

    def test_person_removed_and_added(self):
        self.edit(("DELETE FROM person WHERE id=?", self.ids()["300"]))
        self.assert_denied(self.ALTERED)
        record = rosterrig.person("900", "root", ZONE, credentials=[rosterrig.card()])
        self.edit(("INSERT INTO person(id, record) VALUES(?,?)", record["id"], encode(RECORD, record)))
        self.assert_denied(self.ALTERED)

    def test_issue_edited(self):
        for number, signed in self.rows("issue", "number, signed"):
            for at in range(0, len(signed), 83):
                self.edit(("UPDATE issue SET signed=? WHERE number=?", flipped(signed, at), number))
                self.assert_denied(f"issue {number} of the registry is refused|another copy of the roster")

    def test_issues_taken_out(self):
        self.edit(("DELETE FROM issue WHERE number=1",))
        self.assert_denied("issue 2 of the registry is refused: issues before|issue 2 of the registry is refused: older")
        self.edit(("DELETE FROM issue WHERE number=2",))
        self.assert_denied("the records are not the ones that issue 1 was signed for")
        self.edit(("DELETE FROM issue",))
        self.assert_denied("the records are not")

    def test_whole_roster_rolled_back(self):
        """Issue and records as they were: the log's head names the newer one."""
        who = self.ids()["100"]
        self.edit(("DELETE FROM issue WHERE number=2",),
                  ("UPDATE person SET record=? WHERE id=?", encode(RECORD, World.zone.issues[0].people[who]), who))
        self.assert_denied("another copy of the roster: issue 1 is installed")
        self.edit(("DELETE FROM issue",), ("DELETE FROM person",))
        self.assert_denied("another copy of the roster")

    def forged(self, signed=None, **values):
        """Issue 3, in which Hanako's card lives again; its records are in the store."""
        zone = World.zone.fresh()
        hanako = next(record for record in zone.people.values() if record["number"] == "100")
        hanako["credentials"][0]["state"] = 1
        issue = zone.issue(signed, **values)
        self.edit(("INSERT INTO issue(number, signed) VALUES(3,?)", issue.signed),
                  ("UPDATE person SET record=? WHERE id=?", encode(RECORD, hanako), hanako["id"]))

    def test_issue_forged(self):
        zone = World.zone
        stranger = rosterrig.Officer(rosterrig.APPROVER)
        itself = rosterrig.Officer(rosterrig.APPROVER, zone.authority)
        own = seq(seq(octets(zone.approver.id)))
        for signed, values, why in (
                (zone.sign, {}, "the approver's signature is missing"),
                (lambda der: zone.sign(der, approver=stranger), {}, "may not sign"),
                (lambda der: zone.sign(der, approver=itself), {}, "may not sign"),
                (lambda der: zone.sign(der, authority=stranger.key, approver=zone.approver), {}, "may not sign"),
                (None, {"authors": own}, "approved by somebody who made one of the changes"),
                (None, {"zone": rosterrig.utf8("internet")}, "another zone"),
                (None, {"previous": octets(sha256(b"x"))}, "not following"),
                (None, {"number": rosterrig.integer(4)}, "not following"),
                (None, {"root": octets(sha256(b"x"))}, "the records are not")):
            with self.subTest(why=why):
                self.forged(signed, **values)
                self.assert_denied(why)

    def test_signature_repeated(self):
        """The approval of issue 2 under issue 3."""
        _, signed = self.rows("issue", "number, signed")[1]
        parts = [value for _, value in elements(elements(signed)[0][1])]

        def with_old_approval(der):
            good = [value for _, value in elements(elements(World.zone.sign(der, approver=World.zone.approver))[0][1])]
            return seq(*map(octets, [*good[:3], *parts[3:]]))
        self.forged(with_old_approval)
        self.assert_denied("signature does not verify")

    def test_issue_of_the_station_that_was_not_taken(self):
        """Even a good one counts only when the broker took it."""
        self.forged()
        self.assert_denied("another copy of the roster")

    def test_other_zone(self):
        """The store of a terminal of another zone, with its keys, under this config."""
        other = rosterrig.Zone("internet")
        broker = brokerrig.Broker(BUILD, "internet", name="other", register="taken")
        broker.join(other)
        for name in os.listdir(broker.state):
            shutil.copy2(f"{broker.state}/{name}", f"{self.broker.state}/{name}")
        shutil.rmtree(broker.directory)
        self.assert_denied("this host joined the zone internet, its config says lgwan")

    def test_anchor(self):
        path = f"{self.broker.state}/anchor"
        with open(path, "rb") as file:
            good = file.read()
        for at in range(0, len(good), 101):
            with open(path, "wb") as file:
                file.write(flipped(good, at))
            self.assert_denied("anchor: altered, or of another host")
        for data in (b"", good[:-1], good + b"\0", good * 40):
            with open(path, "wb") as file:
                file.write(data)
            self.assert_denied("anchor: altered, or of another host")
        os.unlink(path)
        self.assert_denied("anchor: No such file")

    def test_anchor_of_another_terminal(self):
        """Of the same zone, even: it is sealed for its own host."""
        broker = brokerrig.Broker(BUILD, ZONE, name="other", register="taken")
        broker.join(World.zone)
        shutil.copy2(f"{broker.state}/anchor", f"{self.broker.state}/anchor")
        self.assert_denied("anchor: altered, or of another host")
        for name in ("anchor", "seal.key"):
            shutil.copy2(f"{broker.state}/{name}", f"{self.broker.state}/{name}")
        shutil.rmtree(broker.directory)
        # Its anchor is issue 2, from which issue 1 does not follow.
        self.assert_denied("issue 1 of the registry is refused")

    def test_register_of_another_kind(self):
        """The same store under a config that asks for no approvals."""
        self.broker.configure(ZONE, "card")
        self.assert_denied("authority.key: No such file")
        with open(f"{self.broker.state}/authority.key", "wb") as file:
            file.write(rosterrig.pkcs8_of(ec.generate_private_key(ec.SECP256R1())))
        os.chmod(f"{self.broker.state}/authority.key", 0o600)
        self.assert_denied("the issue of the registry is refused")


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
