#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The enrolment station in the situations of a year: sealed deputy cards, re-issue, retirement, cards of one zone.
usage: situations_station_test.py BUILD_DIR (root)"""
import datetime
import os
import sys
import unittest

import pcscns
import stationrig
from brokerrig import Admin
from stationrig import PIN, World

BUILD = None


def setUpModule():  # pylint: disable=invalid-name
    World.begin(BUILD)


def tearDownModule():  # pylint: disable=invalid-name
    World.end()


def day(offset):
    """A date as the verbs take it."""
    return (datetime.date.today() + datetime.timedelta(days=offset)).isoformat()


class Situations(stationrig.Case):
    """Hanako (100) registers, Jiro (200) and Goro (500) approve."""

    def open_deputy(self, *cards, pins=(PIN, PIN), **values):
        """deputy.open with these cards one after the other."""
        left = list(cards)

        def place(_):
            if left:
                World.reader.put(left.pop(0), False)
        World.reader.take_out()
        call = self.station.call("deputy.open", person="300", hours="5", reason="jishin", pins=list(pins),
                                 on={"K15": place}, **values)
        World.reader.take_out()
        return call

    def states(self, number):
        """{label: state} of a person's cards."""
        return {row["label"]: row["state"] for row in self.station.must("card.list", person=number).rows}

    def test_a_deputy_card_is_opened_by_two_approvers(self):
        station = self.station
        station.register("300", "saburo")
        self.assertEqual(station.with_card("envelope", "deputy.prepare", person="300", until=day(90), label="D-1").result,
                         Admin.OK)
        station.good(station.approve("jiro"))
        call = station.call("card.resume", person="300")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "H66"))
        self.assertEqual(self.open_deputy("jiro", "jiro").result, Admin.REFUSED)
        self.assertEqual(self.open_deputy("jiro", "hanako").result, Admin.REFUSED)
        self.assertEqual(self.states("300"), {"D-1": "suspended"})
        call = self.open_deputy("jiro", "goro")
        self.assertEqual((call.result, call.message), (Admin.OK, "H69"), call.detail)
        event = station.events(1)[0]
        self.assertEqual([event[key] for key in ("kind", "operator", "approver", "approver_2")],
                         ["deputy-opened", "100", "200", "500"])
        self.assertEqual(self.states("300"), {"D-1": "active"})
        station.call("operator.close")
        self.assertEqual(self.open_deputy("jiro", "goro").result, Admin.REFUSED)

    def test_one_live_card_a_person(self):
        station = self.station
        station.register("300", "saburo", "first")
        call = station.with_card("second", "card.enroll", person="300")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "H56"))
        old = station.must("card.list", person="300").rows[0]["id"]
        call = station.with_card("second", "card.enroll", person="300", replaces=old, form="R8-3", reason="damaged")
        self.assertEqual(call.result, Admin.OK, call.detail)
        self.assertEqual(sorted(row["state"] for row in station.must("card.list", person="300").rows), ["active", "stopped"])
        station.good(station.approve("jiro"))
        self.assertEqual(station.call("card.unused").message, "H60")

    def test_who_retires_is_gone_from_every_zone_with_the_next_issue(self):
        station = self.station
        station.register("300", "saburo", "first")
        station.good(station.approve("jiro"))
        station.must("person.retire", person="300", form="R8-4")
        rows = {row["number"]: row for row in station.preview()["person"]}
        self.assertIn("300", rows)
        station.good(station.approve("goro"))
        self.assertEqual(station.must("person.tidy").rows, [])

    def test_root_alone_retires_nobody(self):
        station = self.station
        station.register("300", "saburo", "first")
        station.call("operator.close")
        for verb, values in (("person.retire", {"person": "300"}), ("card.return", {"person": "300"}),
                             ("stock.add", {"from": "K-1", "to": "K-2"}),
                             ("card.destroy", {"person": "300", "witness": "200", "form": "1"})):
            call = station.call(verb, **values)
            self.assertEqual((call.result, call.message), (Admin.REFUSED, "X90"), verb)

    def test_the_witness_is_not_the_operator(self):
        station = self.station
        station.register("300", "saburo", "first")
        station.must("card.return", person="300")
        call = station.call("card.destroy", person="300", witness="100", form="R8-5")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "H54"))
        row = station.must("card.destroy", person="300", witness="200", form="R8-5").rows[0]
        self.assertEqual((row["operator"], row["witness"]), ("100", "200"))


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
