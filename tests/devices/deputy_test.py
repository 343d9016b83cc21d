#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Sealed deputy cards in a zone: several approvers open one at the helpdesk's host, and a terminal follows.
usage: deputy_test.py BUILD_DIR (root)"""
import os
import shutil
import sys
import time
import unittest

import deskrig
import pcscns
from brokerrig import Admin, seconds
from deskrig import PIN, person

BUILD = None
SUSPENDED, DISASTER, HOUR = 3, 12, 3600
APPROVERS = (("200", "jiro"), ("400", "goro"))


def setUpModule():  # pylint: disable=invalid-name
    """One desk for all."""
    deskrig.Case.rig = deskrig.Desk(BUILD, APPROVERS)


def tearDownModule():  # pylint: disable=invalid-name
    """It ends."""
    deskrig.Case.rig.end()


class InAZone(deskrig.Case):
    """Hanako's card is a deputy's, sealed."""

    def change(self):
        card = person(self.zone, "100")["credentials"][0]
        card.update(state=SUSPENDED, reason=DISASTER, temporary=True, until=int(time.time()) + 50 * HOUR)

    def open(self, *names, pins=(PIN, PIN), result=Admin.OK, **values):
        """deputy.open with these cards one after the other."""
        left = list(names)

        def place(_):
            if left:
                self.rig.put(left.pop(0), False)
        values = {"person": "100", "hours": "2", "reason": "jishin", **values}
        call = self.desk.call("deputy.open", pins=list(pins), on={"K15": place}, **values)
        self.rig.take_out()
        self.assertEqual(call.result, result, (call.message, call.detail, self.desk.log()[-1500:]))
        return call

    def standing(self, broker=None):
        return [row["standing"] for row in (broker or self.desk).must("deputy.list").rows]

    def test_two_approvers_open_it_for_some_hours(self):
        self.denied("M08")
        self.assertEqual(self.standing(), ["sealed"])
        self.become()
        call = self.open("jiro", "goro", form="R8-S1")
        self.assertEqual(call.message, "H69")
        event = self.desk.events(1)[0]
        self.assertEqual([event[key] for key in ("kind", "person", "operator", "approver", "approver_2", "reason", "form")],
                         ["deputy-opened", "100", "300", "200", "400", "jishin", "R8-S1"])
        self.assertAlmostEqual(seconds(event["until"]), time.time() + 2 * HOUR, delta=60)
        self.assertEqual(self.standing(), ["active"])
        self.granted()
        self.again()
        self.granted()
        self.assertEqual([name.rsplit(".", 1)[1] for name in self.files()], ["amend", "amend"])
        self.desk.must("card.stop", person="100", reason="other")
        self.denied("M08")

    def test_a_terminal_follows(self):
        inbox = f"{pcscns.ROOT}/inbox"
        os.mkdir(inbox)
        self.addCleanup(shutil.rmtree, inbox)
        terminal = self.host("terminal", roster_inbox=inbox)
        self.denied("M08", broker=terminal)
        self.become()
        self.open("goro", "jiro")
        files = self.files()
        shutil.copy(f"{self.outbox}/{files[0]}", f"{inbox}/{files[0]}")
        pcscns.wait_until(lambda: "amendment" in str(terminal.events(3)), timeout=20, what="the first one is taken")
        self.assertEqual(self.standing(terminal), ["sealed"])
        shutil.copy(f"{self.outbox}/{files[1]}", f"{inbox}/{files[1]}")
        pcscns.wait_until(lambda: self.standing(terminal) == ["active"], timeout=20, what="the second one is taken")
        self.granted(broker=terminal)

    def test_the_same_person_does_not_sign_twice(self):
        self.become()
        for cards in (("jiro",), ("jiro", "jiro"), ("jiro", "saburo"), ("hanako",)):
            self.open(*cards, result=Admin.REFUSED)
        self.assertEqual((self.standing(), self.files()), (["sealed"], []))
        self.denied("M08")

    def test_nothing_else_opens_it(self):
        self.become()
        call = self.desk.call("card.resume", person="100")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "H66"))
        for hours in ("0", "73", "two", ""):
            self.open(hours=hours, result=Admin.USAGE)
        self.open(person="200", result=Admin.REFUSED)
        self.assertEqual(self.desk.must("temporary.list").rows, [])
        self.denied("M08")

    def test_an_operator_is_needed_and_the_right_host(self):
        terminal = self.host("terminal")
        call = terminal.call("deputy.open", person="100", hours="2", reason="x")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "H31"))


class OneApprover(InAZone):
    """A town with one approver on duty says so in its config."""
    settings = {"deputy_approvers": "1"}

    def test_two_approvers_open_it_for_some_hours(self):
        self.become()
        self.open("jiro", hours="72")
        event = self.desk.events(1)[0]
        self.assertNotIn("approver_2", event)
        self.assertLess(seconds(event["until"]), time.time() + 51 * HOUR, "the card's own end comes first")
        self.granted()

    test_a_terminal_follows = test_the_same_person_does_not_sign_twice = test_nothing_else_opens_it = None
    test_an_operator_is_needed_and_the_right_host = None


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
