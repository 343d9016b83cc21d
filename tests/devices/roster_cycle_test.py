# SPDX-License-Identifier: Apache-2.0
"""From the enrolment station by file into three separate zones: who can and who cannot log in where, after each issue.

    roster_cycle_test.py BUILD_DIR"""
import os
import shutil
import sys
import unittest

import brokerrig
import pcscns
import stationrig
from brokerrig import Admin, Result
from stationrig import ZONES

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
REQUIRE = {"individual-number": "card finger", "lgwan": "card", "internet": "card"}


class World:
    """One reader and one sensor, which stand at whatever host is looked at; a station behind its ceremony."""
    reader = sensor = begun = None


def setUpModule():  # pylint: disable=invalid-name
    World.reader = stationrig.Reader(BUILD)
    World.sensor = brokerrig.Sensor(BUILD)
    station = stationrig.Station(BUILD, World.reader, name="begun")
    station.begin()
    station.check_clean()
    World.begun = station.state


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    World.reader.end()
    World.sensor.end()


class Cycle(unittest.TestCase):
    """A station, and one terminal of each zone."""

    def setUp(self):
        self.station = stationrig.Station(BUILD, World.reader)
        shutil.copytree(World.begun, self.station.state)
        self.station.start()
        self.station.open()
        self.usb = f"{self.station.directory}/usb"
        os.makedirs(self.usb)
        self.terminals = {}

    def tearDown(self):
        World.reader.take_out()
        for host in (self.station, *self.terminals.values()):
            host.check_clean()
            shutil.rmtree(host.directory)

    def join(self, zone, **values):
        """A terminal that joins by the station's file and code."""
        self.station.call("operator.close")
        path = f"{self.usb}/{zone}.join"
        code = self.station.join_file(zone, "test-01", path, **values)
        self.station.open()
        terminal = brokerrig.Broker(BUILD, zone, REQUIRE[zone], name=f"terminal-{zone}", register="taken", card_wait="4",
                                    finger_wait="3", throttle_delay="0")
        done = terminal.program("--init", "--join", path, input=code + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        os.unlink(path)
        terminal.start()
        self.terminals[zone] = terminal

    def carry(self, base=0):
        """The newest issue to every zone."""
        for zone, terminal in self.terminals.items():
            path = f"{self.usb}/{zone}.roster"
            self.station.export(zone, path, media="USB-07", **({"base": str(base)} if base else {}))
            terminal.must("roster.import", file=path)
            os.unlink(path)

    def attempt(self, zone, card, user, finger):
        """(result, last message) of a login."""
        World.reader.put(card)
        login = self.terminals[zone].login(user=user)
        login.finish(on={"M02": lambda: World.sensor.press(finger, 10)})
        World.reader.take_out()
        return login.result, login.said[-1]

    def expect(self, card, user, finger, **where):
        """zone=None: he is let in; zone="M07": refused with that sentence."""
        for zone in ZONES:
            key = zone.replace("-", "_")
            if key in where:
                result, said = self.attempt(zone, card, user, finger)
                wanted = where[key]
                self.assertEqual(result, Result.GRANTED if wanted is None else Result.DENIED, (zone, card, said))
                if wanted is not None:
                    self.assertEqual(said, wanted, (zone, card))

    def test_three_zones(self):
        station = self.station
        for zone in ZONES:
            self.join(zone)
        for number, name, zones, finger in (("300", "saburo", stationrig.ALL, "f01"),
                                            ("400", "shiro", "lgwan", None)):
            station.register(number, name, name, zones=zones)
            if finger is not None:
                station.enroll_finger(number, World.sensor, "right-index", finger)
                station.enroll_finger(number, World.sensor, "left-index", "f02")
        station.good(station.approve())
        self.carry()
        self.assertEqual([terminal.must("roster.status").rows[0]["roster"] for terminal in self.terminals.values()],
                         ["2", "2", "2"])
        self.expect("saburo", "saburo", "f01", individual_number=None, lgwan=None, internet=None)
        self.expect("shiro", "shiro", None, individual_number="M07", lgwan=None, internet="M07")
        # Another person's finger does not let him in where one is asked for.
        self.assertEqual(self.attempt("individual-number", "saburo", "saburo", "f05")[0], Result.DENIED)

        # Saburo's card is lost, Shiro moves to the internet zone: nothing changes before the issue is approved and carried.
        station.must("card.stop", person="300", reason="lost")
        station.must("person.change", person="400", zones="internet")
        self.expect("saburo", "saburo", "f01", lgwan=None)
        station.good(station.approve())
        self.expect("shiro", "shiro", None, lgwan=None)
        self.carry(base=2)
        self.expect("saburo", "saburo", "f01", individual_number="M08", lgwan="M08", internet="M08")
        self.expect("shiro", "shiro", None, lgwan="M07", internet=None)

    def test_files_in_the_wrong_place(self):
        station = self.station
        for zone in ("lgwan", "internet"):
            self.join(zone)
        paths = {zone: f"{self.usb}/{zone}-1.roster" for zone in ("lgwan", "internet")}
        for zone, path in paths.items():
            station.export(zone, path)
        call = self.terminals["lgwan"].call("roster.import", file=paths["internet"])
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "H10"))
        station.register("300", "saburo", "saburo", zones="lgwan internet")
        station.good(station.approve())
        self.carry()
        for zone, path in paths.items():
            call = self.terminals[zone].call("roster.import", file=path)
            self.assertEqual((call.result, call.message), (Admin.REFUSED, "H09"))
        self.expect("saburo", "saburo", None, lgwan=None, internet=None)

    def test_a_key_that_takes_over(self):
        station = self.station
        self.join("internet")
        station.call("operator.close")
        station.must("key.rotate", key="authority")
        station.open()
        station.good(station.approve())
        self.carry()
        station.register("300", "saburo", "saburo", zones="internet")
        station.good(station.approve())
        self.carry(base=2)
        self.expect("saburo", "saburo", None, internet=None)

    def test_a_helpdesk_that_the_issue_names(self):
        """Its stop counts at once in its zone; the roster that names it came by file."""
        station = self.station
        self.join("internet", helpdesk="yes")
        station.register("300", "saburo", "saburo", zones="internet")
        station.good(station.approve())
        self.carry()
        self.expect("saburo", "saburo", None, internet=None)
        terminal = self.terminals["internet"]
        terminal.must("card.stop", person="300", reason="lost")
        self.expect("saburo", "saburo", None, internet="M08")


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
