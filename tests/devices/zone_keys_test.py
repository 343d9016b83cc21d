# SPDX-License-Identifier: Apache-2.0
"""A zone's keys are changed at the station: its terminals follow by their rosters, and people log in all the while.

    zone_keys_test.py BUILD_DIR"""
import os
import shutil
import sys
import time
import unittest

import brokerrig
import killrig
import pcscns
import stationrig
from brokerrig import Admin, Result
from stationrig import PIN, Opened, zone_keys

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
ZONE = "individual-number"


class World:
    """A station that serves one zone; two terminals that have its second issue, in which Saburo has card and fingers."""
    reader = sensor = station = terminals = None


def setUpModule():  # pylint: disable=invalid-name
    World.reader = stationrig.Reader(BUILD)
    World.sensor = brokerrig.Sensor(BUILD)
    station = stationrig.Station(BUILD, World.reader, name="begun")
    station.begin()
    station.open()
    station.register("300", "saburo", "saburo", zones=ZONE)
    station.enroll_finger("300", World.sensor, "right-index", "f01")
    station.enroll_finger("300", World.sensor, "left-index", "f02")
    station.good(station.approve())
    World.terminals = {}
    for host in ("test-01", "test-02"):
        terminal = join(station, host)
        carry(station, terminal)
        terminal.check_clean()
        World.terminals[host] = shutil.move(terminal.state, f"{brokerrig.ROOT}/saved-{host}")
    station.check_clean()
    World.station = station.state


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    World.reader.end()
    World.sensor.end()


def host_of(name):
    """A terminal, not yet joined."""
    return brokerrig.Broker(BUILD, ZONE, "card finger", name=name, host=name, register="taken", card_wait="4",
                            finger_wait="3", throttle_delay="0")


def join(station, name):
    """A terminal that joins by the station's file and code, running."""
    station.call("operator.close")
    path = f"{station.directory}/{name}.join"
    code = station.join_file(ZONE, name, path)
    station.open()
    terminal = host_of(name)
    shutil.rmtree(terminal.state, ignore_errors=True)
    done = terminal.program("--init", "--join", path, input=code + "\n")
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    os.unlink(path)
    terminal.start()
    return terminal


def export(station, base=0):
    """The newest issue as a file; its path."""
    path = f"{station.directory}/{time.monotonic_ns()}.roster"
    station.export(ZONE, path, **({"base": str(base)} if base else {}))
    return path


def carry(station, *terminals, base=0):
    """The newest issue to these terminals; the file's path."""
    path = export(station, base)
    for terminal in terminals:
        terminal.must("roster.import", file=path)
    return path


class Case(unittest.TestCase):
    """Copies of station and terminals, which run."""

    def setUp(self):
        self.station = stationrig.Station(BUILD, World.reader)
        self.terminals = {name: host_of(name) for name in World.terminals}
        for host, saved in ((self.station, World.station), *((self.terminals[name], World.terminals[name])
                                                             for name in World.terminals)):
            self.restore(host, saved)
        self.station.open()

    def tearDown(self):
        World.reader.take_out()
        for host in (self.station, *self.terminals.values()):
            host.check_clean()
            shutil.rmtree(host.directory)

    @staticmethod
    def restore(host, saved):
        shutil.rmtree(host.state, ignore_errors=True)
        shutil.copytree(saved, host.state)
        host.start()

    def rotate(self, **values):
        """By root, behind which Hanako is the operator again."""
        self.station.call("operator.close")
        call = self.station.call("key.rotate", key="zone", zone=ZONE, **values)
        self.station.open()
        return call

    def approve(self):
        self.station.good(self.station.approve())

    def login(self, terminal, finger="f01", result=Result.GRANTED):
        """Saburo, with card and finger."""
        World.reader.put("saburo")
        attempt = terminal.login(user="saburo")
        attempt.finish(on={"M02": lambda: World.sensor.press(finger, 10)})
        World.reader.take_out()
        self.assertEqual(attempt.result, result, (attempt.said, terminal.log()[-1500:]))

    def opens(self, path, keys):
        """Whether a file is sealed for these keys."""
        try:
            Opened(path, keys[0], keys[1], f"{path}.opened")
            return True
        except AssertionError:
            return False

    def standing(self):
        return self.station.must("zone.list").rows[0]["zone_keys"]

    def refused(self, terminal, path, message):
        call = terminal.call("roster.import", file=path)
        self.assertEqual((call.result, call.message), (Admin.REFUSED, message), call.detail)


class Followed(Case):
    """By any roster between the approval and the end of the change."""

    def test_before_during_after(self):
        station, (one, two) = self.station, self.terminals.values()
        before, first = zone_keys(station.state, ZONE), export(station)
        self.assertEqual(self.standing(), "one")
        station.good(self.rotate())
        self.assertEqual((self.standing(), self.rotate().result), ("next", Admin.EXISTS))
        self.assertEqual(self.rotate(end="yes").result, Admin.NOT_FOUND)
        shown = station.preview()
        self.assertEqual((shown["person"], shown["zone"][0]["due"], shown["zone"][0]["changed"]), ([], "yes", "0"))
        self.login(one)
        self.approve()
        after = zone_keys(station.state, ZONE)
        self.assertEqual((self.standing(), before[0] == after[0], before[2] == after[2]), ("both", False, False))
        # The file opens with the key of before, and what is sealed in it only with the new one.
        path = carry(station, one, base=2)
        self.assertTrue(self.opens(path, before))
        self.login(one)
        self.login(two)
        # Terminal two misses that issue and takes the one behind it. A third one joins.
        station.register("400", "shiro", zones=ZONE)
        self.approve()
        path = carry(station, one, two, base=2)
        self.assertTrue(self.opens(path, before))
        self.terminals["test-03"] = three = join(station, "test-03")
        carry(station, three)
        for terminal in self.terminals.values():
            self.login(terminal)
        self.login(two, "f05", Result.DENIED)
        # The end: the key of before opens nothing any more.
        self.assertEqual(self.rotate().result, Admin.EXISTS)
        station.good(self.rotate(end="yes"))
        self.assertEqual(self.standing(), "one")
        station.register("500", "goro", zones=ZONE)
        self.approve()
        path = carry(station, *self.terminals.values(), base=4)
        self.assertEqual((self.opens(path, before), self.opens(path, after)), (False, True))
        for terminal in self.terminals.values():
            self.assertEqual(terminal.stop(), 0)
            terminal.start()
            self.login(terminal)
            self.refused(terminal, first, "H21")
            self.assertEqual(terminal.must("status").rows[0]["registry"], "good")
        # And once more, all of it.
        station.good(self.rotate())
        self.approve()
        carry(station, *self.terminals.values())
        for terminal in self.terminals.values():
            self.login(terminal)

    def test_who_slept_all_the_while_joins_again(self):
        station, (one, two) = self.station, self.terminals.values()
        station.good(self.rotate())
        self.approve()
        carry(station, one)
        station.good(self.rotate(end="yes"))
        station.register("400", "shiro", zones=ZONE)
        self.approve()
        path = carry(station, one)
        self.refused(two, path, "H21")
        self.login(two)  # by the roster that it has
        two.check_clean()
        two = self.terminals["test-02"] = join(station, "test-02")
        two.must("roster.import", file=path)
        self.login(two)


class Stolen(Case):
    """Nobody follows without joining again, least of all who has the old keys."""

    def test_join_again(self):
        station, (one, two) = self.station, self.terminals.values()
        before = zone_keys(station.state, ZONE)
        station.good(self.rotate(**{"join-again": "yes"}))
        self.approve()
        self.assertEqual((self.standing(), self.rotate(end="yes").result), ("one", Admin.NOT_FOUND))
        path = export(station)
        self.assertEqual((self.opens(path, before), self.opens(path, zone_keys(station.state, ZONE))), (False, True))
        for terminal in (one, two):
            self.refused(terminal, path, "H21")
            self.login(terminal)
        one.check_clean()
        one = self.terminals["test-01"] = join(station, "test-01")
        one.must("roster.import", file=path)
        self.login(one)


class Killed(Case):
    """SIGKILL at the n-th call of the system."""

    def killed_at(self, host, syscall, nth, call):
        """Whether it died of it."""
        died = killrig.killed_at(host, syscall, nth, call)
        World.reader.take_out()
        host.start()
        self.assertEqual(host.must("status").rows[0]["registry"], "good")
        return died

    def test_terminal(self):
        self.station.good(self.rotate())
        self.approve()
        path, terminal = export(self.station, 2), self.terminals["test-01"]
        seen = set()
        for syscall, step in (("rename", 1), ("fsync", 1), ("fdatasync", 1), ("pwrite64", 13)):
            nth, died = 1, True
            while died:
                with self.subTest(syscall=syscall, nth=nth):
                    terminal.check_clean()
                    self.restore(terminal, World.terminals["test-01"])
                    died = self.killed_at(terminal, syscall, nth, lambda: terminal.call("roster.import", file=path))
                    number = terminal.must("roster.status").rows[0]["roster"]
                    if number == "3" or syscall == "fdatasync":
                        self.login(terminal)
                    if number == "2":
                        terminal.must("roster.import", file=path)
                        self.login(terminal)
                    seen.add((died, number))
                nth += step
        self.assertLessEqual({(True, "2"), (True, "3"), (False, "3")}, seen)

    def test_station(self):
        station, terminal = self.station, self.terminals["test-01"]
        before, seen = zone_keys(station.state, ZONE), set()
        for syscall in ("rename", "fdatasync"):
            nth, died = 1, True
            while died:
                with self.subTest(syscall=syscall, nth=nth):
                    station.check_clean()
                    self.restore(station, World.station)
                    station.good(station.call("key.rotate", key="zone", zone=ZONE))
                    station.open()
                    token = station.token()
                    died = self.killed_at(station, syscall, nth, lambda token=token: station.call(
                        "issue.approve", pins=[PIN], token=token, on={"K15": lambda _: World.reader.put("jiro", False)}))
                    row = station.must("zone.list").rows[0]
                    self.assertIn((row["roster"], row["zone_keys"]), (("2", "next"), ("3", "both")))
                    station.open()
                    if row["roster"] == "2":
                        self.approve()
                    self.assertTrue(self.opens(export(station), before))
                    seen.add((died, row["roster"]))
                nth += 1
        self.assertLessEqual({(True, "2"), (True, "3"), (False, "3")}, seen)
        carry(station, terminal)
        self.login(terminal)


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
