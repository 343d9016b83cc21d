#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who may log in where people come from elsewhere: at the station only officers, on a terminal as long as its roster is
young enough; and an exception that a second person approves. usage: rights_zone_test.py BUILD_DIR (root)"""
import os
import shutil
import sys
import time
import unittest

import deskrig
import pcscns
import stationrig
from brokerrig import Admin, Result

BUILD = None
DAY = 86400


class Station(unittest.TestCase):
    """Hanako registers, Jiro approves, Taro works."""

    @classmethod
    def setUpClass(cls):
        cls.reader = stationrig.Reader(BUILD)
        cls.station = stationrig.Station(BUILD, cls.reader)
        cls.station.begin()
        cls.station.open()
        cls.station.register("300", "taro", "taro")

    @classmethod
    def tearDownClass(cls):
        cls.reader.end()
        cls.station.check_clean()
        shutil.rmtree(cls.station.directory)

    def tearDown(self):
        self.reader.take_out()

    def login(self, name):
        """Of somebody with his card."""
        self.reader.put(name)
        login = self.station.login(user=name)
        login.finish()
        self.reader.take_out()
        return login.result, login.said[-1]

    def test_only_officers_log_in(self):
        for name in ("hanako", "jiro"):
            self.assertEqual(self.login(name)[0], Result.GRANTED)
        self.assertEqual(self.login("taro"), (Result.DENIED, "M12"))
        self.assertEqual([e for e in self.station.events(4) if e["kind"] == "login"][-1]["cause"], "no-right-here")

    def add(self, card, **values):
        """An exception that this card approves."""
        good = {"person": "300", "factors": "card pin", "hosts": "zeimu-05", "reason": "injured",
                "until": time.strftime("%Y-%m-%d"), **values}
        return self.station.sign("exception.add", card, **good)

    def test_an_exception_needs_an_approver(self):
        self.station.must("person.change", person="300", zones="lgwan")
        call = self.add("hanako")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "H04"))
        self.assertEqual(self.station.must("exception.list").rows, [])
        call = self.add("jiro", form="R8-31")
        self.assertEqual((call.result, call.message), (Admin.OK, "H11"), call.detail)
        row = self.station.must("exception.list").rows[0]
        self.assertEqual((row["number"], row["approver"], row["form"]), ("300", "200", "R8-31"))
        event = [e for e in self.station.events(4) if e["kind"] == "exception-added"][-1]
        self.assertEqual((event["operator"], event["approver"]), ("100", "200"))
        self.assertEqual(self.add("jiro").result, Admin.EXISTS)
        self.station.must("exception.end", person="300")

    def test_zones_are_said(self):
        call = self.station.call("person.add", number="400", name="x", login="shiro", category="regular")
        self.assertEqual(call.result, Admin.USAGE)


class Age(unittest.TestCase):
    """A terminal whose roster is so many days old."""

    @classmethod
    def setUpClass(cls):
        cls.desk = deskrig.Desk(BUILD)

    @classmethod
    def tearDownClass(cls):
        cls.desk.end()

    def attempt(self, days, **settings):
        """Hanako's login, with her card in the reader."""
        zone = self.desk.fresh(days * DAY + 3600)
        zone.issue()
        broker = self.desk.host("terminal", zone, **{"roster_refuse": "366"})
        broker.stop()
        broker.configure(deskrig.ZONE, "card", register="taken", **settings)
        broker.start()
        self.desk.put("hanako")
        login = broker.login(user="hanako")
        login.finish()
        event = broker.events(1)[0]
        self.desk.take_out()
        broker.check_clean()
        shutil.rmtree(broker.directory)
        return login, event

    def granted(self, days, warned, **settings):
        login, _ = self.attempt(days, **settings)
        self.assertEqual(login.result, Result.GRANTED, login.said)
        self.assertEqual("M23" in login.said, warned, login.said)
        if warned:
            self.assertEqual(login.arguments["M23"]["days"], str(days))

    def refused(self, days, **settings):
        """Before a card is looked at."""
        login, event = self.attempt(days, **settings)
        self.assertEqual((login.result, login.said), (Result.UNAVAILABLE, ["M23x"]))
        self.assertEqual(event["cause"], "roster-too-old")

    def test_the_zone_s_own_limits(self):
        self.granted(6, False)
        self.granted(7, True)
        self.granted(59, True)
        self.refused(60)

    def test_limits_of_the_config(self):
        self.granted(2, False, roster_warn="3", roster_refuse="4")
        self.granted(3, True, roster_warn="3", roster_refuse="4")
        self.refused(4, roster_warn="3", roster_refuse="4")


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
