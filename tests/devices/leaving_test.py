#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""People who go, rights that end, cards that nobody uses, on a stand-alone host that asks for fingers.
usage: leaving_test.py BUILD_DIR (root)"""
import os
import sqlite3
import subprocess
import sys
import unittest

import pcscns
from brokerrig import Admin, Result
from situationsrig import Host, World, day

BUILD = None
DAY = 86400


def setUpModule():  # pylint: disable=invalid-name
    """Cards and a finger."""
    World.begin(BUILD)


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    World.end()


class Leaving(Host):
    """Card and finger in the individual-number zone."""
    zone, require = "individual-number", "card finger"
    settings = {"place": "税務課"}

    def edit(self, number, **values):
        """What no operator can say: moments that have passed."""
        self.assertEqual(self.broker.stop(), 0)
        subprocess.run([f"{BUILD}/tests/virtual/roster/record-edit", self.broker.state, self.zone, "test-01", number,
                        *(f"{key.replace('_', '.')}={value}" for key, value in values.items())], check=True)
        self.broker.start()

    def counters(self, statement):
        """Changes the counters behind the broker's back."""
        self.assertEqual(self.broker.stop(), 0)
        with sqlite3.connect(f"{self.broker.state}/registry.db") as store:
            store.execute(statement)
        store.close()
        self.broker.start()

    def templates(self):
        """How many the store holds."""
        self.assertEqual(self.broker.stop(), 0)
        with sqlite3.connect(f"{self.broker.state}/registry.db") as store:
            count = store.execute("SELECT count(*) FROM template").fetchone()[0]
        store.close()
        self.broker.start()
        return count

    def fingers_of(self, number, right, left):
        """One of each hand."""
        self.broker.enroll_finger(number, World.sensor, "right-index", right)
        self.broker.enroll_finger(number, World.sensor, "left-thumb", left)

    def attempt(self, card, user, picture="f01"):
        """(result, message) with card and finger."""
        self.place(card)
        login = self.broker.login(user=user)
        message = login.finish(on={"M02": lambda: World.sensor.press(picture, 10)})
        self.take(card)
        return login.result, message

    def granted(self, card, user, picture="f01"):
        """The right finger and card let in."""
        result, message = self.attempt(card, user, picture)
        self.assertEqual(result, Result.GRANTED, f"{message} {self.event()}")

    def fingers(self, number):
        return self.must("person.show", person=number)[0]["fingers"]

    def test_who_retires_at_once_keeps_nothing(self):
        self.broker.add_person("100", "hanako")
        self.enroll("100", "a")
        self.fingers_of("100", "f01", "f02")
        self.granted("a", "hanako")
        self.refused(Admin.USAGE, None, "person.retire", person="100", reason="lost")
        said = self.cli("person", "retire", "100", stdin="no\n", code=77)
        self.assertIn("are stopped: 1, fingers, which are deleted: 2", said)
        self.assertEqual(self.fingers("100"), "2")
        paper = self.cli("person", "retire", "100", "--form", "R8-40", lang="ja", stdin="はい\n")
        for word in ("消去証明書", "Name of 100", "右手の人さし指、左手の親指", "退職", "R8-40", "root"):
            self.assertIn(word, paper)
        event = next(row for row in self.broker.events(5) if row["kind"] == "person-retired")
        self.assertIn(event["sequence"], paper)
        self.assertEqual((event["finger"], event["cards"], event["reason"]), ("right-index left-thumb", "1", "retired"))
        self.assertEqual((self.templates(), self.fingers("100")), (0, "0"))
        self.assertEqual(self.attempt("a", "hanako"), (Result.DENIED, "M08"))
        self.refused(Admin.REFUSED, "H62", "person.retire", person="100")
        self.assertEqual(self.must("person.tidy"), [])
        self.assertEqual(self.cli("audit", "paper", event["sequence"], lang="ja"), paper[paper.index("  "):])

    def test_who_retires_on_a_day_works_until_it_is_over(self):
        self.broker.add_person("100", "hanako")
        self.enroll("100", "a")
        self.fingers_of("100", "f01", "f02")
        self.refused(Admin.USAGE, None, "person.retire", person="100", until=day(-1))
        self.refused(Admin.USAGE, None, "person.retire", person="100", until="tomorrow")
        self.must("person.change", person="100", section="市民課", **{"from": day(3)})
        self.assertEqual(self.broker.must("person.retire", person="100", until=day(1), reason="ended").message, "H61")
        self.assertEqual((self.event()["kind"], self.event()["on"], self.event()["reason"]),
                         ("person-retires", day(1), "ended"))
        self.assertEqual([row["kind"] for row in self.must("person.show", person="100")], ["person", "card", "finger", "finger"])
        self.granted("a", "hanako")
        self.assertEqual(self.must("person.tidy", **{"dry-run": "yes"}), [])
        self.edit("100", until=-60, **{"from": -9 * DAY})
        self.assertEqual(self.attempt("a", "hanako"), (Result.DENIED, "M09"))
        call = self.broker.must("person.tidy", **{"dry-run": "yes"})
        self.assertEqual(call.message, "H59")
        self.assertEqual([(row["number"], row["reason"], row["cards"], row["fingers"]) for row in call.rows],
                         [("100", "ended", "1", "2")])
        self.assertEqual(self.fingers("100"), "2")
        rows = self.must("person.tidy")
        self.assertEqual([row["kind"] for row in rows], ["tidied", "templates-deleted"])
        self.assertEqual((rows[1]["person"], rows[1]["name"], rows[1]["finger"]), ("100", "Name of 100", "right-index left-thumb"))
        self.assertEqual(self.fingers("100"), "0")
        self.assertEqual(self.must("person.tidy"), [])

    def test_without_the_right_to_the_zone_only_the_fingers_go(self):
        self.broker.add_person("100", "hanako", zones="individual-number,lgwan")
        self.broker.add_person("200", "taro")
        self.enroll("100", "a")
        self.enroll("200", "b")
        self.fingers_of("100", "f01", "f02")
        self.fingers_of("200", "f03", "f04")
        self.must("person.change", person="100", zones="lgwan", **{"from": day(1)})
        self.assertEqual(self.must("person.tidy"), [])
        self.edit("100", plan_from=-60)
        said = self.cli("person", "tidy", stdin="no\n", code=77)
        self.assertIn("People: 1. Cards to be stopped: 0, fingerprints to be deleted: 2.", said)
        paper = self.cli("person", "tidy", lang="ja", stdin="はい\n")
        for word in ("消去証明書", "異動", "右手の人さし指"):
            self.assertIn(word, paper)
        self.assertEqual((self.fingers("100"), self.fingers("200"), self.templates()), ("0", "2", 2))
        self.assertEqual([row["state"] for row in self.must("card.list", person="100")], ["active"])
        self.granted("b", "taro", "f03")
        self.assertIn("Nothing is due.", self.cli("person", "tidy", "--yes"))

    def test_cards_that_nobody_uses_are_listed_and_suspended(self):
        for number, login, card in (("100", "hanako", "a"), ("200", "taro", "b"), ("300", "jiro", "c")):
            self.broker.add_person(number, login)
            self.enroll(number, card, label=f"N-{number}")
        self.fingers_of("100", "f01", "f02")
        self.granted("a", "hanako")
        self.assertEqual(self.must("card.unused"), [])
        for number in ("100", "200", "300"):
            self.edit(number, card0_enrolled=-60 * DAY, **{"from": -61 * DAY})
        self.edit("300", card0_enrolled=-20 * DAY)
        self.assertEqual([(row["number"], row["days"], row["state"]) for row in self.unused()],
                         [("200", "60", "active"), ("300", "20", "active")])
        self.assertEqual([row["number"] for row in self.unused(days="30")], ["200"])
        self.refused(Admin.USAGE, None, "card.unused", days="many")
        self.assertEqual([row["state"] for row in self.unused(suspend="yes", **{"dry-run": "yes"})], ["suspended", "active"])
        self.assertIn("suspended: 1", self.cli("card", "unused", "--suspend", stdin="no\n", code=77))
        self.cli("card", "unused", "--suspend", stdin="yes\n")
        event = self.event()
        self.assertEqual((event["kind"], event["person"], event["reason"]), ("card-suspended", "200", "unused"))
        self.assertEqual([row["number"] for row in self.unused()], ["300"])
        self.assertEqual(self.cards("200"), {"N-200": "suspended"})
        self.counters(f"UPDATE counter SET last_login=last_login-{50 * DAY}")
        self.assertEqual([row["number"] for row in self.unused()], ["100", "300"])
        self.must("card.unused", suspend="yes")
        self.assertEqual(self.attempt("a", "hanako"), (Result.DENIED, "M08"))
        self.must("card.resume", person="100")
        self.granted("a", "hanako")

    def unused(self, **values):
        """The rows by staff number."""
        return sorted(self.must("card.unused", **values), key=lambda row: row["number"])


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
