# SPDX-License-Identifier: Apache-2.0
"""An enrolment station under test: its officers with their cards, what they do there, and roster files opened by hand
with openssl."""
import os
import shutil
import sqlite3
import subprocess
import time
import unittest

import brokerrig
import pcscns
import rosterrig
from brokerrig import Admin
from frames import elements

PIN = "123456"
ZONES = ("individual-number", "lgwan", "internet")
ALL = " ".join(ZONES)


class Reader:
    """One reader, into which one card at a time is put."""

    def __init__(self, build):
        self.build = build
        self.pcsc = pcscns.Pcsc()
        self.pcsc.start()
        self.cards = {}
        self.inside = None

    def card(self, name, **options):
        """A card of this name, made once: keys on 9A, 9C and 9E."""
        if name not in self.cards:
            values = {"alg_9a": "p256", "alg_9c": "p256", "alg_9e": "p256", "pin": PIN, **options}
            self.cards[name] = pcscns.VirtualCard(self.build, slot=0, name=name, **values)
        return self.cards[name]

    def take_out(self):
        """The reader is empty."""
        if self.inside is not None:
            self.inside.remove()
            self.pcsc.wait_card(0, False, settle=False)
        self.inside = None

    def put(self, name, wait=True):
        """This card is in the reader, and no other."""
        self.take_out()
        self.inside = self.card(name)
        self.inside.insert()
        if wait:
            self.pcsc.wait_card(0)

    def end(self):
        """All of it ends."""
        self.take_out()
        for card in self.cards.values():
            card.end()
        self.pcsc.stop()


class Station(brokerrig.Broker):
    """Hanako (100) registers, Jiro (200) and Goro (500) approve."""

    def __init__(self, build, reader, name="station", zone="internet", **settings):
        super().__init__(build, zone, "card", name=name, register="station", card_wait="4", throttle_delay="0", **settings)
        self.reader = reader

    def with_card(self, name, verb, pins=(PIN,), **values):
        """A call with this card in the reader all the while."""
        self.reader.put(name)
        return self.call(verb, pins=list(pins), **values)

    def good(self, call):
        """It went well."""
        if call.result != Admin.OK:
            raise AssertionError(f"{call.result.name} {call.message} {call.detail} {call.events}\n{self.log()[-2000:]}")
        return call

    def register(self, number, name, card=None, zones=ALL, **values):
        """A person with a card, if one is named."""
        self.add_person(number, name, zones=zones, **values)
        if card is not None:
            self.good(self.with_card(card, "card.enroll", person=number))
            self.reader.take_out()

    def make_approver(self, number, card):
        """The card's key 9C is proven, and the role given."""
        self.good(self.with_card(card, "approver.enroll", person=number))
        self.reader.take_out()
        self.must("role.grant", person=number, role="approver")

    def sign(self, verb, card, pins=(PIN,), **values):
        """A call that an approver's card signs; it is placed when it is asked for."""
        self.reader.take_out()
        call = self.call(verb, pins=list(pins), on={"K15": lambda _: self.reader.put(card, False)}, **values)
        self.reader.take_out()
        return call

    def begin(self, approvers=(("200", "jiro"),)):
        """The whole ceremony."""
        self.init()
        self.start()
        self.register("100", "hanako", "hanako")
        self.must("role.grant", person="100", role="registrar")
        for number, name in approvers:
            self.register(number, name, name, zones="internet")
            self.make_approver(number, name)
        return self.good(self.sign("ceremony", approvers[0][1]))

    def open(self, number="100", card="hanako"):
        """This operator works at the desk now."""
        self.call("operator.close")
        self.good(self.with_card(card, "operator.open", person=number))
        self.reader.take_out()

    def preview(self, **values):
        """{kind: [rows]} of issue.preview."""
        rows = self.must("issue.preview", **values).rows
        return {kind: [row for row in rows if row["kind"] == kind]
                for kind in ("person", "office", "author", "zone", "token")}

    def token(self, **values):
        """Of a preview now."""
        return self.preview(**values)["token"][0]["token"]

    def approve(self, card="jiro", **values):
        """Whatever differs, by this card; the call."""
        return self.sign("issue.approve", card, token=self.token(**values), **values)

    def export(self, zone, path, **values):
        """A roster file at `path`; the row."""
        with open(path, "w+b") as file:
            return self.must("roster.export", zone=zone, file=file.fileno(), **values).rows[0]

    def join_file(self, zone, host, path, **values):
        """The file of one terminal; its code."""
        with open(path, "w+b") as file:
            return self.must("zone.join-file", zone=zone, host=host, file=file.fileno(), **values).rows[0]["join_code"]


def openssl(*arguments, data=None):
    """Runs it; what it says."""
    done = subprocess.run(["openssl", *arguments], input=data, capture_output=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"openssl {' '.join(arguments)}: {done.stderr.decode(errors='replace')}")
    return done.stdout


def head_of(path):
    """({line: value}, the octets behind) of a roster file."""
    with open(path, "rb") as file:
        content = file.read()
    text, rest = content.split(b"\n\n", 1)
    return dict(line.split(": ", 1) if ": " in line else (line.rstrip(":"), "")
                for line in text.decode().split("\n")), rest


def zone_keys(state, zone):
    """(private key, certificate, seal key) of a zone, from the station's own files."""
    def read(name):
        with open(os.path.join(state, name), "rb") as file:
            return file.read()
    plain = rosterrig.unseal(read("seal.key"), f"toyama zone {zone}".encode(), read(f"zones/{zone}.key"))
    (_, body), = elements(plain)
    (_, _version), (_, name), (_, key), (_, cert), (_, seal), *_ = elements(body)
    assert name.decode() == zone
    return key, cert, seal


PARTS = ("chain", "records", "removed", "templates", "secrets", "amendments")


class Opened:
    """A roster file, opened by openssl alone with the zone's key."""

    def __init__(self, path, key, cert, folder):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.head, rest = head_of(path)
        self.write("sealed.der", rest)
        self.write("zone.key", key)
        self.write("zone.cer", cert)
        openssl("cms", "-decrypt", "-binary", "-inform", "DER", "-in", self.path("sealed.der"), "-recip",
                self.path("zone.cer"), "-inkey", self.path("zone.key"), "-out", self.path("signed.der"))
        openssl("cms", "-verify", "-binary", "-inform", "DER", "-in", self.path("signed.der"), "-noverify", "-signer",
                self.path("signer.pem"), "-out", self.path("payload"))
        with open(self.path("payload"), "rb") as file:
            (_, body), = elements(file.read())
        (_, version), (_, label), (_, zone), (_, base), *parts = elements(body)
        assert (version, label) == (b"\1", b"toyama roster")
        self.zone, self.base = zone.decode(), int.from_bytes(base, "big")
        self.part = {name: elements(value) for name, (_, value) in zip(PARTS, parts, strict=True)}
        self.records = {record["number"]: record for record in
                        (rosterrig.decode(rosterrig.RECORD, der) for _, der in self.part["records"])}

    def path(self, name):
        """Of a file in the folder."""
        return os.path.join(self.folder, name)

    def write(self, name, content):
        """A file in the folder; its path."""
        with open(self.path(name), "wb") as file:
            file.write(content)
        return self.path(name)

    def issues(self):
        """[(DER of the issue, authority's key, its signature, approver's key, his signature)] of the chain."""
        return [[value for _, value in elements(one)] for _, one in self.part["chain"]]

    def verify(self, spki, signature, der):
        """openssl dgst -verify, as in the manual; True where the signature is good."""
        pem = self.path("key.pem")
        openssl("pkey", "-pubin", "-inform", "DER", "-in", self.write("key.der", spki), "-out", pem)
        done = subprocess.run(["openssl", "dgst", "-sha256", "-verify", pem, "-signature",
                               self.write("signature", signature), self.write("issue.der", der)], capture_output=True,
                              check=False)
        return done.returncode == 0


class World:
    """What the programs share: one reader, one sensor, and a station as the ceremony left it."""
    build = reader = sensor = begun = None

    @classmethod
    def begin(cls, build):
        """For setUpModule: Hanako registers, Jiro and Goro approve."""
        cls.build = build
        cls.reader = Reader(build)
        cls.sensor = brokerrig.Sensor(build)
        station = Station(build, cls.reader, name="begun")
        station.begin(approvers=(("200", "jiro"), ("500", "goro")))
        station.check_clean()
        cls.begun = station.state

    @classmethod
    def end(cls):
        """For tearDownModule."""
        cls.reader.end()
        cls.sensor.end()


class Case(unittest.TestCase):
    """Begins with a copy of the state behind the ceremony; the operator is Hanako."""

    def setUp(self):
        self.station = Station(World.build, World.reader)
        shutil.copytree(World.begun, self.station.state)
        self.station.start()
        self.station.open()
        self.folder = f"{self.station.directory}/out"
        os.makedirs(self.folder)

    def tearDown(self):
        World.reader.take_out()
        self.station.check_clean()
        shutil.rmtree(self.station.directory)

    def refused(self, call, message, result=Admin.REFUSED):
        self.assertEqual((call.result, call.message), (result, message), (call.detail, call.events))

    def opened(self, zone, **values):
        """What the zone's hosts would get, opened by hand."""
        path = f"{self.folder}/{zone}-{time.monotonic_ns()}"
        row = self.station.export(zone, path, **values)
        key, cert, _ = zone_keys(self.station.state, zone)
        return Opened(path, key, cert, f"{path}.opened"), row, path

    def as_root(self, verb, **values):
        """A call of root, behind which Hanako is the operator again."""
        self.station.call("operator.close")
        call = self.station.must(verb, **values)
        self.station.open()
        return call

    def restart(self):
        """The broker starts anew; the operator has to come again."""
        self.assertEqual(self.station.stop(), 0)
        self.station.start()

    def edit(self, *statements):
        """Somebody edits the database while the broker is stopped."""
        self.assertEqual(self.station.stop(), 0)
        with sqlite3.connect(f"{self.station.state}/registry.db") as db:
            for statement in statements:
                db.execute(statement)
        db.close()
        self.station.start()
