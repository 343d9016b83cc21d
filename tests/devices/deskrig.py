# SPDX-License-Identifier: Apache-2.0
"""A zone with a helpdesk host and a terminal: Hanako (100) works, Jiro (200) approves, Saburo (300) is at the helpdesk.
Amendments and stop codes a second time, written from docs/roster.asn1. Runs inside of pcscns.enter()."""
import hashlib
import os
import shutil
import time
import unittest

import brokerrig
import pcscns
import rosterrig
from brokerrig import Admin, Result
from rosterrig import APPROVER, CREDENTIAL, REGISTRAR, encode, integer, octets, seq, sha256, sign, spki_of, utf8

PIN = "123456"
DAY = 86400
ZONE = "internet"
STOP, SUSPEND, RESUME, TEMPORARY, CLEAR, EXTEND = range(1, 7)
LOST = 1
DAMM = ("0317598642", "7092154863", "4206871359", "1750983426", "6123045978", "3674209581", "5869720134", "8945362017",
        "9438617205", "2581436790")


class CardOfficer(rosterrig.Officer):
    """An office by a card's key 9C, whose private part nobody has."""

    def __init__(self, record, roles):
        super().__init__(REGISTRAR)
        self.id, self.roles = record["id"], roles
        self.spki = next((key["spki"] for c in record["credentials"] for key in c["keys"] if key["ref"] == 0x9C), None)

    def der(self):
        return seq(octets(self.id), integer(self.roles),
                   octets(sha256(self.spki) if self.roles & APPROVER else b""))


def amendment(of, kind, **values):
    """DER of Amendment."""
    now = int(time.time())
    given = {"zone": of.zone, "number": of.number, "created": now, "id": os.urandom(16), "person": bytes(16),
             "credential": bytes(16), "reason": LOST, "until": 0, "operator": bytes(16), "form": "", "card": (), **values}
    return seq(integer(1), utf8("toyama amendment"), utf8(given["zone"]), integer(given["number"]),
               integer(given["created"]), octets(given["id"]), integer(kind), octets(given["person"]),
               octets(given["credential"]), integer(given["reason"]), integer(given["until"]),
               octets(given["operator"]), utf8(given["form"]),
               seq(*(encode(CREDENTIAL, card) for card in given["card"])))


def amended(der, key, approver=None):
    """DER of Amended."""
    return seq(octets(der), octets(spki_of(key)), octets(sign(key, der)),
               octets(spki_of(approver) if approver else b""), octets(sign(approver, der) if approver else b""))


def stop_code(slot, secret):
    """The 16 digits."""
    digits = f"{slot * (1 << 30) + secret:015d}"
    check = 0
    for digit in digits:
        check = int(DAMM[check][int(digit)])
    return digits + str(check)


def stop_hash(credential, secret):
    """What the record says of it."""
    return hashlib.scrypt(secret.to_bytes(4, "big"), salt=credential, n=1 << 14, r=8, p=1, maxmem=1 << 26, dklen=32)


def notice(slot, secret):
    """DER of StopNotice."""
    return seq(integer(1), utf8("toyama stop"), integer(slot), integer(secret))


class Desk:
    """The cards, the people as a host of the zone enrolled them, and hosts that joined."""

    def __init__(self, build, approvers=(("200", "jiro"),)):
        self.build = build
        self.pcsc = pcscns.Pcsc()
        self.pcsc.start()
        self.inside = None
        self.cards = {name: pcscns.VirtualCard(build, slot=0, name=name, alg_9a="p256", alg_9c="p256", alg_9e="p256",
                                               pin=PIN)
                      for name in ("hanako", "saburo", "stock", *(name for _, name in approvers))}
        source = brokerrig.Broker(build, ZONE, "card", name="source")
        source.init()
        source.start()
        for number, name in (("100", "hanako"), *approvers, ("300", "saburo")):
            source.add_person(number, name)
            source.enroll_card(number, self.cards[name], self.pcsc, PIN)
        for number, name in approvers:
            self.put(name)
            source.must("approver.enroll", person=number, pins=[PIN])
            self.take_out()
        source.check_clean()
        self.zone = rosterrig.Zone(ZONE)
        roles = {"100": 0, "300": REGISTRAR, **{number: APPROVER for number, _ in approvers}}
        people = {number: self.zone.adopt(source.state, number, roles=role) for number, role in roles.items()}
        self.zone.officers += [CardOfficer(people[number], role) for number, role in roles.items() if role]
        self.zone.now = int(time.time()) - 200 * DAY
        self.joined = {}
        for name, helpdesk in (("desk", True), ("terminal", False)):
            host = brokerrig.Broker(build, ZONE, "card", name=f"joined-{name}", register="taken")
            host.join(self.zone, helpdesk)
            self.joined[name] = host.state

    def end(self):
        """All of it."""
        for card in self.cards.values():
            card.end()
        self.pcsc.stop()

    def take_out(self):
        """The reader is empty."""
        if self.inside is not None:
            self.inside.remove()
            self.pcsc.wait_card(0, False)
        self.inside = None

    def put(self, name, wait=True):
        """This card is in the reader, and no other."""
        self.take_out()
        self.inside = self.cards[name]
        self.inside.insert()
        if wait:
            self.pcsc.wait_card(0)

    def fresh(self, age=1000):
        """The zone once more, with people that may be changed; its next issue is so many seconds old."""
        zone = self.zone.fresh()
        zone.now = int(time.time()) - age
        return zone

    def host(self, name, zone, name_of=None, **settings):
        """A host of this kind that has taken the zone's newest issue."""
        broker = brokerrig.Broker(self.build, ZONE, "card", name=name_of or name, register="taken", card_wait="3",
                                  throttle_after="100", temporary_until="23:59", **settings)
        shutil.copytree(self.joined[name], broker.state)
        broker.start()
        broker.must("roster.import", file=zone.file())
        return broker


class Case(unittest.TestCase):
    """A helpdesk's host, and a terminal where the test asks for one."""
    rig = None  # the Desk of all tests
    settings = {}
    age = 1000  # of its issue, seconds

    def setUp(self):
        self.zone = self.rig.fresh(self.age)
        self.change()
        self.zone.issue()
        self.outbox = f"{pcscns.ROOT}/outbox"
        os.mkdir(self.outbox)
        self.addCleanup(shutil.rmtree, self.outbox)
        self.desk = self.host("desk", roster_outbox=self.outbox, **self.settings)

    def change(self):
        """Of the people, before the issue."""

    def host(self, name, **settings):
        broker = self.rig.host(name, self.zone, **settings)
        self.addCleanup(shutil.rmtree, broker.directory)
        self.addCleanup(broker.check_clean)
        self.addCleanup(self.rig.take_out)
        return broker

    def become(self, number="300", name="saburo"):
        """Saburo works at the desk."""
        self.rig.put(name)
        self.desk.must("operator.open", person=number, pins=[PIN])
        self.rig.take_out()

    def approve(self, verb, name="jiro", result=Admin.OK, **values):
        """A verb that asks for the approver's card."""
        call = self.desk.call(verb, pins=[PIN], on={"K15": lambda _: self.rig.put(name, False)}, **values)
        self.rig.take_out()
        self.assertEqual(call.result, result, (call.message, call.detail))
        return call

    def login(self, card="hanako", user="hanako", broker=None):
        """The result and what was said; the broker of the desk by default."""
        self.rig.put(card)
        login = (broker or self.desk).login(user=user)
        login.finish(pins=[PIN])
        self.rig.take_out()
        return login

    def granted(self, **values):
        login = self.login(**values)
        self.assertEqual(login.result, Result.GRANTED, login.said)
        return login

    def denied(self, message, **values):
        login = self.login(**values)
        self.assertEqual((login.result, login.said[-1]), (Result.DENIED, message), login.said)

    def files(self):
        """Of the outbox."""
        return sorted(os.listdir(self.outbox))

    def again(self, broker=None):
        """A stop and a start."""
        broker = broker or self.desk
        broker.stop()
        broker.start()

    def refused_at_start(self, why):
        """It denies everybody and says why."""
        self.desk.start()
        self.assertRegex(self.desk.must("status").rows[0]["registry"], why)
        self.assertEqual(self.login().result, Result.UNAVAILABLE)
        self.desk.stop()


def person(zone, number):
    """His record in the zone."""
    return next(record for record in zone.people.values() if record["number"] == number)
