#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""From the enrolment station to the zone's hosts: the stop code of a card that the station stopped, and the helpdesk's host
that it made. usage: stop_station_test.py BUILD_DIR (root)"""
import os
import shutil
import sys
import unittest

import brokerrig
import pcscns
import stationrig
from brokerrig import Admin, Result
from stationrig import PIN

BUILD = None


class FromTheStation(unittest.TestCase):
    """Saburo's card is registered at the station and used at a host of the internet zone."""

    def setUp(self):
        self.reader = stationrig.Reader(BUILD)
        self.addCleanup(self.reader.end)
        self.station = stationrig.Station(BUILD, self.reader)
        self.addCleanup(shutil.rmtree, self.station.directory)
        self.addCleanup(self.station.check_clean)
        self.station.begin()
        self.desk = brokerrig.Broker(BUILD, "internet", "card", name="desk", register="taken", card_wait="3",
                                     throttle_after="100")
        self.addCleanup(shutil.rmtree, self.desk.directory)
        path = f"{self.desk.directory}/join"
        code = self.station.join_file("internet", "test-01", path, helpdesk="yes")
        self.station.open()
        self.station.register("300", "saburo", "saburo", zones="internet")
        self.station.good(self.station.approve())
        done = self.desk.program("--init", "--join", path, input=code + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.desk.start()
        self.addCleanup(self.desk.check_clean)
        roster = f"{self.desk.directory}/roster"
        self.station.export("internet", roster)
        self.desk.must("roster.import", file=roster)

    def login(self):
        self.reader.put("saburo")
        login = self.desk.login(user="saburo")
        login.finish(pins=[PIN])
        self.reader.take_out()
        return login

    def test_code(self):
        self.assertEqual(self.login().result, Result.GRANTED)
        call = self.station.must("card.stop", person="300", reason="lost", form="9-9")
        self.assertEqual((call.message, call.arguments["staff"], call.arguments["reason"]), ("H01", "300", "lost"))
        code = call.arguments["code"]
        self.assertEqual(call.rows, [{"stop_code": code}])
        self.assertNotIn(code.replace("-", ""), str(self.station.events(5)).replace("-", ""))
        self.assertEqual(self.station.events(1)[0]["form"], "9-9")
        self.assertEqual(self.desk.must("stop", code=code).message, "H33")
        self.assertEqual(self.login().said[-1], "M08")
        self.assertEqual(self.station.must("stop", code=code).message, "H33")
        self.assertEqual(self.station.events(1)[0]["kind"], "card-stopped-again")

    def test_code_at_the_station(self):
        """Typed at the station it changes the register, and so the next rosters."""
        call = self.station.must("card.stop", person="300", reason="damaged")
        self.assertEqual(self.station.call("card.stop", person="300").result, Admin.NOT_FOUND)
        self.assertEqual(call.arguments["reason"], "damaged")
        self.station.good(self.station.approve())
        roster = f"{self.desk.directory}/next"
        self.station.export("internet", roster)
        self.desk.must("roster.import", file=roster)
        self.assertEqual(self.login().said[-1], "M08")

    def test_helpdesk_of_the_station(self):
        self.assertEqual(self.desk.must("card.suspend", person="300", reason="lost").message, "H36")
        self.assertEqual(self.login().said[-1], "M08")
        self.desk.stop()
        self.desk.start()
        self.assertEqual(self.login().said[-1], "M08")


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
