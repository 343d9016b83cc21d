#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Cards that nobody uses, at a zone's helpdesk. usage: unused_test.py BUILD_DIR (root)"""
import os
import sqlite3
import sys
import time
import unittest

import deskrig
import pcscns
from deskrig import person

BUILD = None


def setUpModule():  # pylint: disable=invalid-name
    """One desk."""
    deskrig.Case.rig = deskrig.Desk(BUILD)


def tearDownModule():  # pylint: disable=invalid-name
    """It ends."""
    deskrig.Case.rig.end()


class Unused(deskrig.Case):
    """Nobody has logged in with Hanako's card for sixty days; the zone's roster does not know that."""

    def change(self):
        for number in ("100", "200"):
            record = person(self.zone, number)
            record["valid_from"] = int(time.time()) - 61 * deskrig.DAY
            record["credentials"][0]["enrolled"] = int(time.time()) - 60 * deskrig.DAY

    def test_the_helpdesk_suspends_it_by_amendment(self):
        values = {"days": "50"}
        self.granted(card="jiro", user="jiro")
        self.assertEqual([row["number"] for row in self.desk.must("card.unused", **values).rows], ["100"])
        self.assertEqual(self.desk.must("card.unused", suspend="yes", **values, **{"dry-run": "yes"}).message, "H59")
        self.granted()
        self.desk.stop()
        with sqlite3.connect(f"{self.desk.state}/registry.db") as store:
            store.execute("DELETE FROM counter WHERE last_login=(SELECT max(last_login) FROM counter)")
        store.close()
        self.desk.start()
        call = self.desk.must("card.unused", suspend="yes", **values)
        self.assertEqual((call.message, [row["state"] for row in call.rows]), ("H30", ["suspended"]))
        event = self.desk.events(1)[0]
        self.assertEqual([event[key] for key in ("kind", "person", "reason")], ["card-suspended", "100", "unused"])
        self.assertEqual(len(self.files()), 1)
        self.denied("M08")
        self.granted(card="jiro", user="jiro")
        self.assertEqual(self.desk.must("card.unused", **values).rows, [])
        self.become()
        self.approve("card.resume", person="100")
        self.granted()


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
