#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Support staff in one go, contractors and their ends, deputies, on a stand-alone host.
usage: support_test.py BUILD_DIR (root)"""
import datetime
import itertools
import json
import os
import signal
import subprocess
import sys
import time
import unittest

import brokerrig
import pcscns
from brokerrig import Admin, Result
from situationsrig import PIN, Host, World, day

BUILD = None
PICTURES = {"right-index": "f01", "left-index": "f02"}


def setUpModule():  # pylint: disable=invalid-name
    """Cards and a finger."""
    World.begin(BUILD)


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    World.end()


def fiscal_year_end():
    """Of today."""
    today = datetime.date.today()
    return datetime.date(today.year + (today.month >= 4), 3, 31)


class Support(Host):
    """Card and finger in the individual-number zone."""
    zone, require = "individual-number", "card finger"
    settings = {"support_days": "10"}
    person = ("--number", "S-01", "--name", "高岡 次郎", "--login", "s01", "--section", "高岡市")

    def add(self, *words, pin=PIN, stop_at=None):
        """(exit code, document) of support add; presses whenever told to."""
        process = subprocess.Popen(
            [f"{BUILD}/enroll/toyama-enroll", "--config", self.broker.config, "--toyamad", f"{BUILD}/toyamad/toyamad",
             "--json", "--pin-stdin", "support", "add", *self.person, *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        process.stdin.write(pin + "\n")
        process.stdin.close()
        impressions, picture = itertools.cycle(range(1, brokerrig.IMPRESSIONS + 1)), None
        for line in process.stderr:
            said = json.loads(line)
            picture = PICTURES.get(said.get("args", {}).get("finger"), picture)
            if stop_at and said.get("event") == stop_at:
                process.send_signal(signal.SIGINT)
            elif said.get("event") in ("K05", "K06", "K07", "K08", "K09", "M04", "X26"):
                World.sensor.press(picture, next(impressions))
        out = process.stdout.read()
        process.stdout.close()
        process.stderr.close()
        return process.wait(60), json.loads(out) if out else None

    def people(self):
        return [row["number"] for row in self.must("person.list")]

    def attempt(self, card, user):
        """The result with card and finger."""
        self.place(card)
        login = self.broker.login(user=user)
        login.finish(on={"M02": lambda: World.sensor.press("f01", 10)})
        self.take(card)
        return login.result

    def test_three_minutes(self):
        begun = time.monotonic()
        self.place("a")
        code, document = self.add("--until", day(10), "--label", "N-90", "--fingers", ",".join(PICTURES), "--form", "O-3")
        self.take("a")
        took = time.monotonic() - begun
        self.assertEqual((code, document["result"]), (0, "ok"), document)
        self.assertEqual(len(document["rows"]), 4)
        self.assertLess(took, 90, "of the programs alone: a person with a card takes the rest of three minutes")
        print(f"support staff registered in {took:.1f} s", file=sys.stderr)
        self.assertEqual(self.attempt("a", "s01"), Result.GRANTED)
        row = self.must("support.list")[0]
        self.assertEqual((row["number"], row["form"], row["cards"], row["state"]), ("S-01", "O-3", "1", "active"))

    def test_what_does_not_come_to_its_end_is_taken_back(self):
        words = ("--until", day(3), "--fingers", ",".join(PICTURES))
        self.place("a")
        code, document = self.add(*words, pin="999999")
        self.assertNotEqual(code, 0)
        self.assertEqual(self.people(), [], document)
        code, _ = self.add(*words, stop_at="K05")
        self.assertEqual((code, self.people()), (-signal.SIGINT, []))
        code, document = self.add(*words)
        self.take("a")
        self.assertEqual((code, self.people()), (0, ["S-01"]), document)

    def test_what_is_asked_for_first(self):
        code, document = self.add("--until", day(3))
        self.assertEqual((code, document["result"]), (64, "usage"))
        code, document = self.add("--until", day(11), "--fingers", "right-index")
        self.assertEqual((code, self.people()), (64, []))
        self.assertIn("earlier end", document["message"])
        self.broker.add_person("S-02", "s02", category="support", until=day(10))
        self.refused(Admin.USAGE, "H65", "person.change", person="S-02", until=day(11))
        self.refused(Admin.USAGE, "H65", "person.change", person="S-02", until=day(13), **{"from": day(2)})
        self.must("person.change", person="S-02", until=day(12), **{"from": day(2)})

    def test_contractors_have_a_contract_and_an_end(self):
        values = {"number": "K-01", "name": "立山 三郎", "login": "k01", "category": "contractor"}
        last = fiscal_year_end()
        self.refused(Admin.USAGE, "H63", "person.add", until=last.isoformat(), **values)
        self.refused(Admin.USAGE, None, "person.add", form="R8-K-5", **values)
        later = (last + datetime.timedelta(days=1)).isoformat()
        self.refused(Admin.USAGE, "H64", "person.add", form="R8-K-5", until=later, **values)
        self.refused(Admin.USAGE, None, "person.add", form="R8-K-5", until=last.isoformat(), hours="all day", **values)
        self.must("person.add", form="R8-K-5", until=last.isoformat(), hours="mon-fri 08:30-17:15", escort="yes", **values)
        self.must("person.add", **{**values, "number": "K-02", "login": "k02"}, form="R8-K-6", until=day(0))
        self.refused(Admin.USAGE, "H64", "person.change", person="K-01", until=later)
        self.refused(Admin.USAGE, "H63", "person.change", person="K-01", form="", until=last.isoformat())
        next_last = datetime.date(last.year + 1, 3, 31).isoformat()
        self.must("person.change", person="K-01", until=next_last, **{"from": later})
        rows = self.rows("contractor", "list")
        self.assertEqual([row["number"] for row in rows], ["K-02", "K-01"])
        self.assertEqual((rows[1]["form"], rows[1]["escort"], rows[1]["hours"]), ("R8-K-5", "yes", "mon-fri 08:30-17:15"))
        self.assertIn("R8-K-6", self.cli("contractor", "list", lang="ja"))
        self.assertIn("There is nobody.", self.cli("support", "list"))


class Alone(Host):
    """A sealed deputy card on a stand-alone host: root opens it."""

    settings = {"cards_per_person": "1", "temporary_until": "23:59"}

    def prepare(self, **values):
        """deputy.prepare with the other card."""
        self.place("b")
        call = self.broker.call("deputy.prepare", person="100", pins=[PIN], **values)
        self.take("b")
        return call

    def test_prepared_sealed_opened_and_stopped(self):
        self.broker.add_person("100", "hanako")
        self.enroll("100", "a")
        for until in ("soon", day(-1)):
            self.assertEqual(self.prepare(until=until).result, Admin.USAGE)
        self.assertEqual(self.prepare(until=day(1), label="D-01").result, Admin.OK)
        self.assertEqual(self.event()["kind"], "deputy-prepared")
        self.assertEqual(self.login("b", "hanako"), (Result.DENIED, "M08"))
        self.assertEqual(self.login("a", "hanako")[0], Result.GRANTED)
        self.refused(Admin.REFUSED, "H66", "card.resume", person="100", card="D-01")
        self.assertEqual(self.must("temporary.list"), [])
        row = self.must("deputy.list")[0]
        self.assertEqual((row["number"], row["label"], row["standing"]), ("100", "D-01", "sealed"))
        said = self.cli("deputy", "open", "100", "--hours", "3", "--reason", "teiden", stdin="no\n", code=77)
        self.assertIn("opened for 3 hours", said)
        self.assertIn("100の代理カードを", self.cli("deputy", "open", "100", "--hours", "3", "--reason", "teiden", lang="ja",
                                               stdin="はい\n"))
        event = self.event()
        self.assertEqual((event["kind"], event["operator"], event["reason"]), ("deputy-opened", "root", "teiden"))
        self.assertEqual(self.login("b", "hanako")[0], Result.GRANTED)
        self.assertEqual(self.login("a", "hanako"), (Result.DENIED, "M08"), "one live card a person")
        self.refused(Admin.REFUSED, "H67", "deputy.open", person="100", hours="3", reason="again")
        self.must("card.stop", person="100", card="D-01", reason="other")
        self.assertEqual(self.login("a", "hanako")[0], Result.GRANTED)


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
