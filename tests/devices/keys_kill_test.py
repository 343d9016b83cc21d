# SPDX-License-Identifier: Apache-2.0
"""An enrolment station dies while a zone's keys or its own seal key change: it has the old ones or the new ones, whole.

    keys_kill_test.py BUILD_DIR"""
import glob
import os
import shutil
import sys
import tempfile
import unittest

import brokerrig
import killrig
import pcscns
import stationrig
import storerig
from brokerrig import Admin
from stationrig import ALL, Opened, zone_keys

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
ZONE = "internet"
CALLS = ("write", "pwrite64", "fdatasync", "fsync", "rename", "unlink")


class World:
    """A station with fingerprints, shared keys and stop codes; the same one while a zone changes its keys."""
    reader = sensor = plain = changing = None


def setUpModule():  # pylint: disable=invalid-name
    World.reader = stationrig.Reader(BUILD)
    World.sensor = brokerrig.Sensor(BUILD)
    station = stationrig.Station(BUILD, World.reader, name="begun")
    station.begin()
    station.open()
    station.register("300", "saburo", "saburo", zones=ALL)
    for finger, picture in (("right-index", "f01"), ("left-index", "f02")):
        station.enroll_finger("300", World.sensor, finger, picture)
    station.must("pin.set", person="300", generate="yes", zones=ZONE)
    station.good(station.approve())
    station.check_clean()
    World.plain = shutil.copytree(station.state, f"{brokerrig.ROOT}/plain")
    station.start()
    rotate(station)
    station.open()
    station.good(station.approve())
    station.check_clean()
    World.changing = shutil.copytree(station.state, f"{brokerrig.ROOT}/changing")


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    World.reader.end()
    World.sensor.end()


def rotate(station, key="zone", **values):
    """By root."""
    station.call("operator.close")
    return station.call("key.rotate", key=key, **({"zone": ZONE} if key == "zone" else {}), **values)


class Killed(unittest.TestCase):
    """At every write."""

    def setUp(self):
        self.station = stationrig.Station(BUILD, World.reader)
        self.seen = set()

    def tearDown(self):
        World.reader.take_out()
        self.station.check_clean()
        shutil.rmtree(self.station.directory)

    def restore(self, saved):
        self.assertEqual(self.station.stop(), 0)
        shutil.rmtree(self.station.state, ignore_errors=True)
        shutil.copytree(saved, self.station.state)

    def begin(self, saved):
        """A copy of a station, running."""
        self.restore(saved)
        self.station.start()
        return self.station

    def started(self):
        """Everything opens; nothing is left of what was begun."""
        station = self.station
        station.start()
        self.assertEqual(station.must("status").rows[0]["registry"], "good")
        station.must("audit.verify")
        left = {name for ending in ("new", "next") for name in glob.glob(f"{station.state}/**/*.{ending}", recursive=True)}
        self.assertLessEqual(left, {f"{station.state}/authority.key.next"})
        return {row["zone"]: row["zone_keys"] for row in station.must("zone.list").rows}[ZONE]

    def told(self):
        """How many rotations the log tells of."""
        return len([event for event in self.station.events(100) if event["kind"] == "key-rotated"])

    def check_zone(self, died, before, after, again, **values):
        """One or the other, and what is called once more says which; the log tells of no change that is not there."""
        standing = self.started()
        self.assertIn(standing, (before, after))
        self.assertEqual(self.told(), self.rotations + (standing == after))
        call = rotate(self.station, **values)
        self.assertEqual(call.result, Admin.OK if standing == before else again, call.detail)
        self.assertEqual(self.started_again(), after)
        self.seen.add((died, standing))

    def started_again(self):
        return {row["zone"]: row["zone_keys"] for row in self.station.must("zone.list").rows}[ZONE]

    def each(self, saved, rotations, check, **values):
        self.rotations = rotations
        for syscall in CALLS:
            with self.subTest(syscall=syscall):
                killrig.each_call(syscall, lambda: self.begin(saved), lambda: rotate(self.station, **values), check)

    def exported(self):
        """A roster of what is approved now."""
        station = self.station
        station.open()
        station.good(station.approve(renew="yes"))
        path = f"{station.directory}/roster"
        station.export(ZONE, path)
        return path

    def test_a_change_of_a_zones_keys_begins(self):
        before = zone_keys(World.plain, ZONE)
        self.each(World.plain, 0, lambda died: self.check_zone(died, "one", "next", Admin.EXISTS))
        self.assertEqual(self.seen, {(True, "one"), (True, "next"), (False, "next")})
        Opened(self.exported(), before[0], before[1], tempfile.mkdtemp(dir=self.station.directory))
        self.assertNotEqual(zone_keys(self.station.state, ZONE), before)

    def test_a_change_of_a_zones_keys_ends(self):
        self.each(World.changing, 1, lambda died: self.check_zone(died, "both", "one", Admin.NOT_FOUND, end="yes"), end="yes")
        self.assertEqual(self.seen, {(True, "both"), (True, "one"), (False, "one")})
        keys = zone_keys(self.station.state, ZONE)
        Opened(self.exported(), keys[0], keys[1], tempfile.mkdtemp(dir=self.station.directory))

    def check_seal(self, died):
        """All that is sealed opens, to be sealed once more."""
        self.started()
        with open(f"{self.station.state}/seal.key", "rb") as file:
            changed = file.read() != self.seal
        self.assertEqual(self.told(), self.rotations + changed)
        call = rotate(self.station, "seal")
        self.assertEqual(call.result, Admin.OK, (call.message, call.detail))
        self.seen.add((died, changed))

    def test_another_seal_key(self):
        with open(f"{World.changing}/seal.key", "rb") as file:
            self.seal = file.read()
        self.each(World.changing, 1, self.check_seal, key="seal")
        self.assertEqual(self.seen, {(True, False), (True, True), (False, True)})
        keys = zone_keys(self.station.state, ZONE)
        self.assertEqual(keys, zone_keys(World.changing, ZONE))

    def interrupted(self):
        """A station whose store is sealed with the new key, and none of its files yet."""
        pending, nth = 0, 0
        while pending != 1:
            nth += 1
            self.assertTrue(killrig.killed_at(self.begin(World.changing), "rename", nth, lambda: rotate(self.station, "seal")))
            with storerig.opened(self.station) as db:
                (pending,), = db.execute("SELECT total(value) FROM meta WHERE name='seal_next'")
        return shutil.copytree(self.station.state, f"{self.station.directory}/interrupted")

    def test_the_start_that_ends_it(self):
        with open(f"{World.changing}/seal.key", "rb") as file:
            self.seal = file.read()
        saved = self.interrupted()
        self.rotations = 1
        for syscall in ("rename", "fsync", "fdatasync", "unlink"):
            with self.subTest(syscall=syscall):
                nth, died = 1, True
                while died:
                    self.restore(saved)
                    died = killrig.start_killed_at(self.station, syscall, nth)
                    self.check_seal(died)
                    nth += 1
        self.assertEqual(self.seen, {(True, True), (False, True)})

    def check_authority(self, died):
        """Made, or not; half a key would deny every login."""
        self.started()
        made = os.path.exists(f"{self.station.state}/authority.key.next")
        self.assertEqual(self.told(), made)
        self.assertEqual(rotate(self.station, "authority").result, Admin.EXISTS if made else Admin.OK)
        self.seen.add((died, made))

    def test_another_key_of_the_authority(self):
        self.each(World.plain, 0, self.check_authority, key="authority")
        self.assertEqual(self.seen, {(True, False), (True, True), (False, True)})
        Opened(self.exported(), *zone_keys(self.station.state, ZONE)[:2], tempfile.mkdtemp(dir=self.station.directory))


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
