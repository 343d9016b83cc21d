# SPDX-License-Identifier: Apache-2.0
"""A city under test: an enrolment station and one terminal in each zone, all with the same date, which the test
sets; what people do there with toyama-enroll; and who can log in where."""
import json
import os
import pathlib
import shutil
import subprocess
import time

import brokerrig
import pcscns
import stationrig
from brokerrig import Result

ZONES = stationrig.ZONES
PRESSES = ("K05", "K06", "K07", "K08", "K09", "M04", "X26")


class Clock:
    """The date of all hosts: real time and an offset, so that it goes on."""

    def __init__(self, build):
        self.build = build
        self.offset = 0

    def set(self, text):
        """To "2027-04-01 09:00", local time."""
        self.offset = int(time.mktime(time.strptime(text, "%Y-%m-%d %H:%M")) - time.time())

    def environment(self):
        """What programs are started with."""
        asan = os.environ.get("ASAN_OPTIONS", "")
        return {**os.environ, "LD_PRELOAD": f"{self.build}/tests/virtual/clock/other-date.so",
                "TOYAMA_TEST_SECONDS": str(self.offset), "ASAN_OPTIONS": f"{asan}:verify_asan_link_order=0".lstrip(":")}


class Dated:
    """Mixed into a brokerrig.Broker: it lives at the date of `clock`, and has a command line."""
    clock = None

    def start(self, environment=None):
        """As brokerrig.Broker.start."""
        super().start(environment or self.clock.environment())

    def program(self, *arguments, **options):
        """As brokerrig.Broker.program."""
        return super().program(*arguments, env=self.clock.environment(), **options)

    def dated_broker(self):
        """The broker for programs that start it without an environment of theirs."""
        dated, path = self.clock.environment(), f"{self.directory}/toyamad"
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\n" + "".join(f"export {name}='{dated[name]}'\n" for name in (
                "LD_PRELOAD", "TOYAMA_TEST_SECONDS", "ASAN_OPTIONS")) + f'exec {self.build}/toyamad/toyamad "$@"\n')
        os.chmod(path, 0o755)
        return path

    def cli(self, *words, pins=(), on=None, code=0):
        """toyama-enroll --json to its end: the document. on[event]() when that event comes."""
        command = [f"{self.build}/enroll/toyama-enroll", "--config", self.config, "--toyamad", self.dated_broker(),
                   "--lang", "en", "--json", *(["--pin-stdin"] if pins else []), *words]
        said = []
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                              env=self.clock.environment()) as process:
            process.stdin.write("".join(f"{pin}\n" for pin in pins))
            process.stdin.close()
            for line in process.stderr:
                said.append(line)
                event = json.loads(line).get("event") if line.startswith("{") else None
                if event in (on or {}):
                    on[event]()
            text = process.stdout.read()
        if process.returncode != code:
            raise AssertionError(f"{' '.join(words)}: {process.returncode}\n{text}{''.join(said)}")
        return json.loads(text) if text.startswith("{") else {"rows": [], "text": text, "said": said}

    def rows(self, *words, **options):
        """The rows of a command."""
        return self.cli(*words, **options)["rows"]


class Station(Dated, stationrig.Station):
    """Where Hanako registers and Jiro approves."""

    def open(self, number="100", card="hanako"):
        """This operator works here; his session ends where the broker does."""
        self.reader.put(card)
        self.cli("operator", "open", number, pins=[stationrig.PIN])
        self.reader.take_out()


class Terminal(Dated, brokerrig.Broker):
    """A host of one zone that takes its people from the station."""

    def __init__(self, build, zone, require, inbox=None):
        settings = {"roster_inbox": inbox} if inbox else {}
        super().__init__(build, zone, require, name=zone, register="taken", host=f"mado-{zone[0]}", card_wait="4",
                         throttle_delay="0", throttle_after="100", temporary_until="18:00", **settings)
        self.zone, self.inbox = zone, inbox
        if inbox:
            os.makedirs(inbox)
        os.makedirs(f"{self.directory}/outbox", mode=0o700)

    def attempt(self, user, finger=None, sensor=None, pin=stationrig.PIN, on=None):
        """Card in the reader: "in", or what was said instead."""
        login = self.login(user=user)
        login.finish(pins=[pin], on={**({"M02": lambda: sensor.press(finger, 10)} if finger else {}), **(on or {})})
        return "in" if login.result == Result.GRANTED else login.said[-1]


class City:
    """All of it."""

    def __init__(self, build, terminals, by_inbox=()):
        self.clock = Dated.clock = Clock(build)
        self.reader = stationrig.Reader(build)
        self.sensor = brokerrig.Sensor(build)
        self.station = Station(build, self.reader)
        self.terminals = {zone: Terminal(build, zone, require, f"{pcscns.ROOT}/inbox-{zone}" if zone in by_inbox else None)
                          for zone, require in terminals.items()}
        self.people = {}  # login: (card, finger)
        self.media = pathlib.Path(self.station.directory) / "usb"
        self.media.mkdir()

    def end(self):
        """Every broker in good order."""
        self.reader.take_out()
        for host in self.hosts():
            host.check_clean()
        self.sensor.end()
        self.reader.end()
        for host in self.hosts():
            shutil.rmtree(host.directory)
        for host in self.terminals.values():
            if host.inbox:
                shutil.rmtree(host.inbox)

    def hosts(self):
        """Station and terminals."""
        return [self.station, *self.terminals.values()]

    def at(self, text, officer=True):
        """This date comes, and the officer of the station with it."""
        for host in self.hosts():
            if host.stop() != 0:
                raise AssertionError(host.log()[-3000:])
        self.clock.set(text)
        for host in self.hosts():
            host.start()
        if officer:
            self.station.open()

    def begin(self, registrar, approver, zones):
        """Keys, and the ceremony with the two officers' cards, named like their logins."""
        cards = [registrar[2], approver[2]]

        def place():
            name = cards.pop(0) if cards else approver[2]
            if self.reader.inside is not self.reader.card(name):
                self.reader.put(name, False)

        words = [word for role, person in (("registrar", registrar), ("approver", approver))
                 for word in (f"--{role}", person[0], f"--{role}-name", person[1], f"--{role}-login", person[2])]
        self.station.cli("init")
        self.station.start()
        self.station.cli("ceremony", *words, "--zones", zones, "--recovery", f"{self.media}/station.backup",
                         pins=[stationrig.PIN] * 5, on={"take-out": self.reader.take_out, "K12": place, "K15": place})
        self.reader.take_out()

    def join(self, zone):
        """The zone's terminal joins it, by file and code; it is its helpdesk, too."""
        host, path = self.terminals[zone], f"{self.media}/{zone}.join"
        row, = self.station.rows("zone", "join-file", zone, "--host", f"mado-{zone[0]}", "--helpdesk", path)
        host.cli("init", "--join", path, pins=[row["join_code"]])
        host.start()

    def open_at(self, zone):
        """Hanako works at the zone's helpdesk."""
        self.reader.put("hanako")
        self.terminals[zone].cli("operator", "open", "100", pins=[stationrig.PIN])
        self.reader.take_out()

    def lend(self, zone, number, card):
        """The helpdesk lends a card for the day; Jiro's card approves."""
        self.reader.put(card)
        self.terminals[zone].cli("temporary", "issue", number, "--label", card, pins=[stationrig.PIN] * 2,
                                 on={"K15": lambda: self.reader.put("jiro", False)})
        self.reader.take_out()

    def enroll_card(self, number, card):
        """At the station."""
        self.reader.put(card)
        row, = self.station.rows("card", "enroll", number, pins=[stationrig.PIN])
        self.reader.take_out()
        return row

    def enroll_finger(self, number, side, finger):
        """At the station."""
        self.station.enroll_finger(number, self.sensor, side, finger)

    def signed(self, *words, card="jiro", code=0):
        """A command at the station that takes an approver's card as well."""
        self.reader.take_out()
        document = self.station.cli(*words, pins=[stationrig.PIN], code=code,
                                    on={"K15": lambda: self.reader.put(card, False)})
        self.reader.take_out()
        return document

    def approve(self, *words, card="jiro"):
        """Preview, and the next issue of each zone that is due, under the approver's card; who differs where."""
        shown = self.station.rows("issue", "preview", *words)
        self.signed("issue", "approve", "--yes", *words, card=card)
        return [(row["zone"], row["change"], row["number"]) for row in shown if row["kind"] == "person"]

    def carry(self):
        """A roster file for each zone, on a medium, taken at its terminal where it is newer."""
        for zone, host in self.terminals.items():
            row, = self.station.rows("roster", "export", zone, "--out", str(self.media), "--media", "USB-07")
            if row["roster"] != self.taken(host):
                self.hand_over(host, row)
            (self.media / row["file"]).unlink()
            for slip in self.media.glob("*.txt"):
                slip.unlink()

    @staticmethod
    def taken(host):
        """The number of its roster."""
        return host.must("roster.status").rows[0]["roster"]

    def hand_over(self, host, row):
        """Imported by hand, or put into the folder that the terminal looks into."""
        file = f"{self.media}/{row['file']}"
        if not host.inbox:
            host.cli("roster", "import", file, "--yes")
            return
        shutil.copy(file, f"{host.inbox}/.arriving")
        os.rename(f"{host.inbox}/.arriving", f"{host.inbox}/{row['file']}")
        pcscns.wait_until(lambda: self.taken(host) == row["roster"], 20, "the roster in the inbox")

    def issue(self, *words):
        """Approved and carried."""
        changes = self.approve(*words)
        self.carry()
        return changes

    def who(self, card, user, finger=None, pin=stationrig.PIN, zones=ZONES, escort=None):
        """(what came of it in each zone) with this card in the reader, and the attendant's when it is asked for."""
        self.reader.put(card)
        on = {"M24": lambda: self.reader.put(escort), "M24b": lambda: self.reader.put(card)} if escort else {}
        found = tuple(self.terminals[zone].attempt(user, finger, self.sensor, pin, on) for zone in zones)
        self.reader.take_out()
        return found
