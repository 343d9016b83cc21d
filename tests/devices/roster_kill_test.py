# SPDX-License-Identifier: Apache-2.0
"""The broker dies, or the disk is full, while a roster is taken: the old one is there, or the new one, whole.

    roster_kill_test.py BUILD_DIR"""
import os
import shutil
import subprocess
import sys
import unittest

import brokerrig
import killrig
import pcscns
import rosterrig
import storerig
from brokerrig import Admin
from rosterrig import STOPPED

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
ZONE = "lgwan"
ENOUGH = 400  # writes of one import, at most


class World:
    """A terminal with issue 1; issue 2 adds, changes, stops and removes. Another issue 2 has many people."""
    zone = saved = changes = large = None


def setUpModule():  # pylint: disable=invalid-name
    zone = World.zone = rosterrig.Zone(ZONE)
    for n in range(20):
        zone.add(rosterrig.person(f"{100 + n}", f"u{n}", ZONE, credentials=[rosterrig.card()]))
    broker = brokerrig.Broker(BUILD, ZONE, name="world", register="taken")
    broker.join(zone)
    broker.start()
    zone.issue()
    broker.must("roster.import", file=zone.file())
    broker.check_clean()
    World.saved = broker.state
    people = sorted(zone.people.values(), key=lambda record: record["number"])
    people[0]["credentials"][0]["state"] = STOPPED
    people[1]["section"] = "another"
    zone.people.pop(people[2]["id"])
    for n in range(5):
        zone.add(rosterrig.person(f"{200 + n}", f"v{n}", ZONE, credentials=[rosterrig.card()]))
    zone.issue()
    World.changes = zone.file(1)
    World.large = many(zone.fresh())


def many(zone):
    """A file of changes since issue 1: some megabytes."""
    zone.issues, zone.number, zone.hash = zone.issues[:1], 1, rosterrig.sha256(zone.issues[0].der)
    spki = rosterrig.card()["keys"][0]["spki"]
    for n in range(2000):
        zone.add(rosterrig.person(f"9{n:04}", f"w{n}", ZONE, credentials=[
            rosterrig.card(spki[:-4] + n.to_bytes(4, "big"), label="x" * 100)]))
    zone.issue()
    return zone.file(1)


class Host(unittest.TestCase):
    """A copy of the terminal."""

    def setUp(self):
        self.broker = brokerrig.Broker(BUILD, ZONE, name="terminal", register="taken")
        self.restore()

    def tearDown(self):
        self.broker.check_clean()
        shutil.rmtree(self.broker.directory, ignore_errors=True)

    def restore(self):
        shutil.rmtree(self.broker.state, ignore_errors=True)
        shutil.copytree(World.saved, self.broker.state)

    def check_whole(self):
        """The store after a new start: 1 or 2, which issue it holds, with all that belongs to it."""
        self.broker.start()
        self.assertEqual(self.broker.must("status").rows[0]["registry"], "good")
        self.broker.must("audit.verify")
        number = int(self.broker.must("roster.status").rows[0]["roster"])
        people = {row["number"]: row for row in self.broker.must("person.list").rows}
        told = [event["to"] for event in self.broker.events(40) if event["kind"] == "roster-imported"]
        self.assertEqual(told, ["1", "2"][:number])
        self.assertEqual(len(people), (20, 24)[number - 1])
        self.assertEqual("102" in people, number == 1)
        self.assertEqual("204" in people, number == 2)
        self.assertEqual(people["101"]["section"], ("", "another")[number - 1])
        stopped = self.broker.must("card.list", person="100").rows[0]["state"]
        self.assertEqual(stopped, ("active", "stopped")[number - 1])
        self.broker.check_clean()
        with storerig.opened(self.broker) as db:
            counts = [db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                      for table in ("issue", "person", "number", "login", "key")]
        self.assertEqual(counts, [number, *[len(people)] * 4])
        return number


class Killed(Host):
    """SIGKILL at the n-th call."""

    def killed_at(self, syscall, nth, file=None):
        """Imports under a tracer that kills; whether it did."""
        self.broker.start()
        return killrig.killed_at(self.broker, syscall, nth, lambda: self.broker.call("roster.import", file=file or World.changes))

    def each(self, syscall, step=1):
        found = {1: 0, 2: 0}
        for nth in range(1, ENOUGH, step):
            self.restore()
            died = self.killed_at(syscall, nth)
            number = self.check_whole()
            found[number] += 1
            if not died:
                self.assertEqual(number, 2)
                return found
        raise AssertionError(f"more than {ENOUGH} calls of {syscall}")

    def test_writes(self):
        found = self.each("pwrite64")
        self.assertGreater(found[1], 10)  # the test reaches into the transaction

    def test_syncs(self):
        for syscall in ("fdatasync", "fsync"):
            self.each(syscall)


    def test_writes_of_many_people(self):
        """So many that the log of the store is folded into it on the way."""
        died, nth, found = True, 1, set()
        while died:
            self.restore()
            died = self.killed_at("pwrite64", nth, World.large)
            self.broker.start()
            self.assertEqual(self.broker.must("status").rows[0]["registry"], "good")
            self.broker.must("audit.verify")
            row = self.broker.must("roster.status").rows[0]
            self.assertIn((row["roster"], row["people"]), {("1", "20"), ("2", "2024")})
            found.add(row["roster"])
            self.broker.check_clean()
            nth += 37
        self.assertEqual(found, {"1", "2"})
        self.assertGreater(nth, 5 * 37)


class Full(Host):
    """No room on the disk."""
    SIZE = 12 << 20

    def setUp(self):
        self.broker = brokerrig.Broker(BUILD, ZONE, name="terminal", register="taken")
        os.makedirs(self.broker.state, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.SIZE},mode=0700", "tmpfs", self.broker.state],
                       check=True)
        shutil.copytree(World.saved, self.broker.state, dirs_exist_ok=True)

    def tearDown(self):
        self.broker.check_clean()
        subprocess.run(["umount", self.broker.state], check=True)
        shutil.rmtree(self.broker.directory)

    def fill(self, leave):
        """Takes up all but so many octets."""
        free = os.statvfs(self.broker.state)
        size = free.f_bavail * free.f_frsize - leave
        with open(f"{self.broker.state}/ballast", "wb") as file:
            file.write(b"\1" * max(size, 0))

    def test_full(self):
        self.broker.start()
        for leave in (0, 8192, 60_000, 200_000):
            with self.subTest(leave=leave):
                self.fill(leave)
                call = self.broker.call("roster.import", file=World.large)
                self.assertEqual((call.result, call.message), (Admin.FAILED, "H40"), call.detail)
                os.unlink(f"{self.broker.state}/ballast")
                self.assertEqual(self.broker.must("roster.status").rows[0]["roster"], "1")
                self.assertEqual(self.broker.must("person.show", person="100").rows[0]["state"], "active")
                self.broker.check_clean()
                with open(self.broker.log_path, "wb"):
                    pass
                self.broker.start()
                self.assertEqual(self.broker.must("roster.status").rows[0]["roster"], "1")
                self.broker.must("audit.verify")
        self.broker.must("roster.import", file=World.large)
        self.assertEqual(self.broker.must("roster.status").rows[0]["people"], "2024")
        self.broker.must("audit.verify")


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
