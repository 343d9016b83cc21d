#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""From the HR section's list to a login at a counter in a zone with a database: import, approval, export, the helpdesk's
host takes the file and publishes, the terminals pull. usage: sync_path_test.py BUILD_DIR (root)"""
import json
import os
import shutil
import subprocess
import sys
import unittest

import brokerrig
import pcscns
import pgrig
import rosterrig
import stationrig
import storerig
from brokerrig import Result
from frames import elements
from stationrig import PIN

BUILD = None
ZONE = "internet"
SECRET = "suzume-84"
HEAD = "職員番号,氏名,カナ,所属,区分,採用日,任期満了日,ログイン名,利用系\r\n"
SABURO = "300,砺波 三郎,トナミ サブロウ,{},正規,,,saburo,インターネット接続系\r\n"
SHIRO = "400,砺波 四郎,トナミ シロウ,市民課,正規,,,shiro,インターネット接続系\r\n"


class Path(unittest.TestCase):
    """A station, the helpdesk's host and a terminal of one zone, a database between the two."""

    def setUp(self):
        self.reader = stationrig.Reader(BUILD)
        self.addCleanup(self.reader.end)
        self.server = pgrig.Server()
        self.addCleanup(self.server.stop)
        self.server.add_role("desk", "toyama_publisher")
        self.server.add_role("mado")
        self.station = self.host(stationrig.Station(BUILD, self.reader))
        self.station.begin()
        self.hosts = {name: self.host(brokerrig.Broker(BUILD, ZONE, "card", name=name, host=name, register="taken",
                                                       card_wait="4", throttle_delay="0"))
                      for name in ("desk", "mado")}

    def host(self, broker):
        self.addCleanup(shutil.rmtree, broker.directory)
        self.addCleanup(broker.check_clean)
        return broker

    def join(self, name, **values):
        """By the station's file and code."""
        host, path = self.hosts[name], f"{self.station.directory}/{name}.join"
        code = self.station.join_file(ZONE, name, path, **values)
        done = host.program("--init", "--join", path, input=code + "\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        host.start()

    def hr(self, *lines):
        """The list of the HR section, in its own encoding; who is not in it stays."""
        path = f"{self.station.directory}/hr.csv"
        with open(path, "w", encoding="cp932", newline="") as file:
            file.write(HEAD + "".join(lines))
        done = subprocess.run([f"{BUILD}/enroll/toyama-enroll", "--config", self.station.config, "--toyamad",
                               f"{BUILD}/toyamad/toyamad", "--json", "hr", "import", path, "--partial", "--yes"], capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout)
        found = json.loads(done.stdout)
        return found["new"], found["changed"]

    def issue(self, base=None):
        """Approved, exported, taken at the helpdesk's host and published; the terminal runs."""
        self.station.good(self.station.approve())
        path = f"{self.station.directory}/next.roster"
        self.station.export(ZONE, path, media="USB-07", **({"base": base} if base else {}))
        self.hosts["desk"].must("roster.import", file=path)
        os.unlink(path)
        self.interval()
        return self.hosts["mado"].must("roster.status").rows[0]["roster"]

    def interval(self):
        """Each host's toyama-sync runs."""
        for name, options in (("desk", ("--publish",)), ("mado", ())):
            done = self.server.sync(BUILD, self.hosts[name], name, *options)
            self.assertEqual((done.returncode, done.stderr), (0, ""), name)

    def attempt(self, card, name="mado"):
        """At the counter: the verdict, or what was said instead."""
        self.reader.put(card)
        login = self.hosts[name].login(user=card)
        login.finish(pins=[PIN])
        self.reader.take_out()
        return "in" if login.result == Result.GRANTED else login.said[-1]

    def enroll(self, number, name):
        self.station.good(self.station.with_card(name, "card.enroll", person=number))
        self.reader.take_out()

    def test_from_the_list_to_the_counter(self):
        self.join("desk", helpdesk="yes")
        self.join("mado")
        self.station.open()
        self.assertEqual(self.hr(SABURO.format("税務課")), (1, 0))
        self.enroll("300", "saburo")
        first = self.issue()
        self.assertEqual((self.attempt("saburo"), self.attempt("shiro")), ("in", "M07"))

        # The helpdesk stops the card; the terminal follows, and so it stays with the next list.
        self.hosts["desk"].must("card.stop", person="300", reason="lost")
        self.interval()
        self.assertEqual(self.attempt("saburo"), "M08")
        self.assertEqual(self.hr(SABURO.format("福祉課"), SHIRO), (1, 1))
        self.enroll("400", "shiro")
        self.assertEqual(self.issue(base=first), str(int(first) + 1))
        self.assertEqual((self.attempt("saburo"), self.attempt("shiro")), ("M08", "in"))
        mado = self.hosts["mado"]
        self.assertEqual(mado.must("person.show", person="300").rows[0]["section"], "福祉課")
        self.assertEqual({row["source"] for row in mado.events(100) if row["kind"] == "roster-imported"}, {"database"})
        mado.must("audit.verify")

    def anchor(self, name):
        """The parts of the host's anchor: label, trust, key, certificate, seal key, old key, old seal key, helpdesk's."""
        def read(file):
            with open(f"{self.hosts[name].state}/{file}", "rb") as opened:
                return opened.read()
        (_, body), = elements(rosterrig.unseal(read("seal.key"), b"toyama anchor", read("anchor")))
        return [octets for _, octets in elements(body)]

    def old_keys(self, name):
        """How many octets the anchor has of the zone's key of before, and of its seal key."""
        return tuple(len(octets) for octets in self.anchor(name)[5:7])

    def check_secrets(self, name):
        """What the host has sealed, once it is stopped, opens with the one key that it has."""
        self.hosts[name].stop()
        with storerig.opened(self.hosts[name]) as db:
            (credential, ref, who, sealed), = db.execute("SELECT credential, ref, person, sealed FROM secret")
        card = {"id": credential, "family": rosterrig.MEMORISED}
        rosterrig.unseal(self.anchor(name)[4], rosterrig.secret_aad(ZONE, who, card, ref), sealed)

    def rotate(self, **values):
        """By root."""
        self.station.call("operator.close")
        self.station.must("key.rotate", key="zone", zone=ZONE, **values)
        self.station.open()

    def test_keys_of_before_go_when_a_change_of_keys_has_ended(self):
        """Hosts that no file comes to learn of the end, too, and one that slept all the while."""
        self.hosts["ura"] = self.host(brokerrig.Broker(BUILD, ZONE, "card", name="ura", host="ura", register="taken",
                                                       card_wait="4", throttle_delay="0"))
        self.server.add_role("ura")
        self.join("desk", helpdesk="yes")
        for name in ("mado", "ura"):
            self.join(name)
        self.station.open()
        self.station.register("300", "saburo", "saburo", zones=ZONE)
        self.station.must("pin.set", person="300", pins=[SECRET, SECRET])
        self.issue()
        self.assertEqual(self.old_keys("mado"), (0, 0))
        self.rotate()
        self.issue(base="2")
        for name in ("desk", "mado"):
            self.assertGreater(self.old_keys(name), (0, 0), name)
        mado = self.hosts["mado"]
        shutil.copy(f"{mado.state}/anchor", f"{self.station.directory}/anchor")
        self.rotate(end="yes")
        self.station.register("400", "shiro", zones=ZONE)
        self.issue(base="3")
        for name in ("desk", "mado"):
            self.assertEqual(self.old_keys(name), (0, 0), name)
        self.assertEqual(self.attempt("saburo"), "in")
        # As if it had died before it wrote the anchor the second time.
        mado.stop()
        shutil.move(f"{self.station.directory}/anchor", f"{mado.state}/anchor")
        self.assertNotEqual(self.old_keys("mado"), (0, 0))
        mado.start()
        self.assertEqual(self.old_keys("mado"), (0, 0))
        self.assertEqual(self.attempt("saburo"), "in")
        done = self.server.sync(BUILD, self.hosts["ura"], "ura")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual((self.attempt("saburo", "ura"), self.old_keys("ura")), ("in", (0, 0)))
        self.check_secrets("ura")
        # And once more.
        self.rotate()
        self.issue(base="4")
        self.assertNotEqual(self.old_keys("mado"), (0, 0))
        self.assertEqual(self.attempt("saburo"), "in")
        self.check_secrets("mado")


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
