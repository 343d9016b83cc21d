#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Shared keys from the enrolment station into the one zone where they count: a FeliCa card's, a YubiKey's and a memorised
PIN, registered, signed, carried, used, stopped.

    roster_shared_test.py BUILD_DIR"""
import os
import re
import shutil
import sys
import unittest

import brokerrig
import pcscns
import stationrig
import yubikeyrig
from brokerrig import Admin, Result

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
SECRET = "suzume-84"


class World:
    """One reader, one USB bus, and a station behind its ceremony; what is plugged in is seen by every host."""
    reader = bus = begun = None


def usb():
    """What a host's config says of the bus: a worker's environment is empty, the bus is found through a wrapper."""
    path = f"{World.bus.dir}/toyama-yubikey"
    variables = " ".join(f"{name}={value}" for name, value in World.bus.environment.items())
    with open(path, "w", encoding="ascii") as file:
        file.write(f"#!/bin/sh\nexport {variables}\nexec {BUILD}/cardreader/toyama-yubikey\n")
    os.chmod(path, 0o755)
    return {"yubikey_worker": path, "yubikey_lock": World.bus.lock, "yubikey_user": "nobody"}


def setUpModule():  # pylint: disable=invalid-name
    World.reader = stationrig.Reader(BUILD)
    World.bus = yubikeyrig.Bus(BUILD, open_to_all=True)
    os.chmod(World.bus.lock, 0o666)
    station = stationrig.Station(BUILD, World.reader, name="begun")
    station.begin()
    station.check_clean()
    World.begun = station.state


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    World.reader.end()
    World.bus.end()


def held(card, word):
    """What the virtual card's file says."""
    with open(card.state, encoding="ascii") as file:
        return re.search(rf"^{word}[ =](\S+)", file.read(), re.MULTILINE).group(1)


class Shared(unittest.TestCase):
    """The station, and a terminal of each of two zones; Saburo (300) may log in in both."""
    REQUIRE = "card"
    NUMBER, LOGIN = "300", "saburo"

    def setUp(self):
        self.station = stationrig.Station(BUILD, World.reader, **usb())
        shutil.copytree(World.begun, self.station.state)
        self.station.start()
        self.station.open()
        self.folder = f"{self.station.directory}/out"
        os.makedirs(self.folder)
        self.terminals = {zone: self.join(zone) for zone in ("lgwan", "internet")}
        self.station.open()
        self.station.register(self.NUMBER, self.LOGIN, zones="lgwan internet")

    def tearDown(self):
        World.reader.take_out()
        for host in (self.station, *self.terminals.values()):
            host.check_clean()
            shutil.rmtree(host.directory)

    def join(self, zone):
        """A terminal of the zone, by the station's file and code."""
        self.station.call("operator.close")
        path = f"{self.folder}/{zone}.join"
        code = self.station.join_file(zone, "test-01", path)
        terminal = brokerrig.Broker(BUILD, zone, self.REQUIRE, name=f"terminal-{zone}", register="taken", card_wait="3",
                                    throttle_delay="0", throttle_after="100", **usb())
        done = terminal.program("--init", "--join", path, input=code + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        terminal.start()
        return terminal

    def issue(self, base=0):
        """Approved at the station, exported and imported where there is something new; how many secrets went where."""
        due = [row["zone"] for row in self.station.good(self.station.approve()).rows if row["kind"] == "zone"]
        found = {}
        for zone, terminal in self.terminals.items():
            if zone not in due:
                continue
            path = f"{self.folder}/{zone}.roster"
            self.station.export(zone, path, **({"base": str(base)} if base else {}))
            key, cert, _ = stationrig.zone_keys(self.station.state, zone)
            found[zone] = len(stationrig.Opened(path, key, cert, f"{self.folder}/opened").part["secrets"])
            terminal.must("roster.import", file=path)
            os.unlink(path)
        return found

    def attempt(self, zone, **actions):
        """(result, last message) of a login."""
        login = self.terminals[zone].login(user=self.LOGIN)
        login.finish(pins=[SECRET] * 3, on=actions)
        return login.result, login.said[-1]

    def expect(self, **where):
        """zone=None: he is let in; else the sentence of the refusal."""
        for zone, wanted in where.items():
            result, said = self.try_in(zone)
            if wanted is None:
                self.assertEqual(result, Result.GRANTED, (zone, said, self.terminals[zone].log()[-800:]))
            else:
                self.assertEqual((result, said), (Result.DENIED, wanted), zone)

    def stop(self, zone):
        """At the station; then by the code that it shows, which the zone hears before the next issue."""
        call = self.station.must("card.stop", person=self.NUMBER, reason="lost")
        self.assertEqual(call.message, "H01", self.station.log()[-800:])
        self.expect(**{zone: None})
        code = call.rows[0]["stop_code"]
        self.assertEqual(self.terminals[zone].must("stop", code=code).message, "H33")
        self.expect(**{zone: "M08"})
        return code

    def try_in(self, zone):
        """A login with what is to be tested."""
        raise NotImplementedError


class Felica(Shared):
    """A card whose key the station writes; the same card may not count in both zones."""

    def setUp(self):
        super().setUp()
        World.reader.cards.setdefault("felica", self.card("felica"))
        self.inside = "felica"

    @staticmethod
    def card(name, *settings):
        """A FeliCa Lite-S card."""
        return World.reader.cards.get(name) or pcscns.VirtualCard(
            BUILD, slot=0, name=name, family="felica", set=["reader=generic", *settings])

    def try_in(self, zone):
        World.reader.put(self.inside)
        found = self.attempt(zone)
        World.reader.take_out()
        return found

    def issue_card(self, **values):
        """The station writes the card in the reader."""
        call = self.station.with_card(self.inside, "card.issue", pins=(), person=self.NUMBER, **values)
        World.reader.take_out()
        return call

    def test_card(self):
        call = self.issue_card()
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "X95"))  # which zone?
        self.station.good(self.issue_card(zones="lgwan"))
        self.expect(lgwan="M07")
        self.assertEqual(self.issue(), {"lgwan": 1, "internet": 0})
        self.expect(lgwan=None, internet="M07")
        # A card that says it is this one has another key.
        original = World.reader.cards["felica"]
        World.reader.cards["copy"] = self.card("copy", *(f"{word}={held(original, word)}" for word in ("idm", "id", "ckv", "mc")),
                                               f"ck={os.urandom(16).hex()}")
        self.inside = "copy"
        self.expect(lgwan="M07")
        self.inside = "felica"
        self.stop("lgwan")
        self.assertEqual(self.issue(base=2), {"lgwan": 0})
        self.expect(lgwan="M08")


class Token(Shared):
    """A YubiKey and a memorised PIN."""
    REQUIRE = "token pin"

    def setUp(self):
        super().setUp()
        self.key = World.bus.key(0, serial=12345678)
        self.key.plug()

    def tearDown(self):
        self.key.unplug()
        super().tearDown()

    def touch(self, _said=None):
        """As soon as the key waits for it."""
        self.key.wait_touch()
        self.key.ask("touch")

    def try_in(self, zone):
        return self.attempt(zone, X64=self.touch)

    def enroll(self, **values):
        """Key and PIN."""
        self.station.good(self.station.call("yubikey.enroll", person=self.NUMBER, zones="internet", on={"X64": self.touch}, **values))
        self.station.must("pin.set", person=self.NUMBER, zones="internet", pins=[SECRET, SECRET])

    def test_key(self):
        self.assertEqual(self.station.call("yubikey.enroll", person=self.NUMBER).message, "X95")
        self.enroll(label="Y-0003")
        self.assertEqual(self.issue(), {"lgwan": 0, "internet": 2})
        self.expect(lgwan="M07", internet=None)
        event = self.terminals["internet"].events(1)[0]
        self.assertEqual((event["person"], event["factors"]), (self.NUMBER, "token pin"))
        # Found again and written anew, it has another code.
        first = self.stop("internet")
        self.enroll(replace="yes")
        self.issue(base=2)
        self.expect(internet=None)
        self.assertNotEqual(self.stop("internet"), first)
        self.issue(base=3)
        self.expect(internet="M08")


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
