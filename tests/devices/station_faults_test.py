# SPDX-License-Identifier: Apache-2.0
"""An enrolment station that is killed, restored from a backup, or whose authority gets another key.

    station_faults_test.py BUILD_DIR"""
import os
import shutil
import subprocess
import sys
import threading
import time
import unittest

import brokerrig
import pcscns
import stationrig
from brokerrig import Admin
from stationrig import ALL, PIN, ZONES, World

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"


def setUpModule():  # pylint: disable=invalid-name
    World.begin(BUILD)


def tearDownModule():  # pylint: disable=invalid-name
    World.end()


class Killed(stationrig.Case):
    """kill -9 at any moment of an approval or an export: the old issue or the new one, whole."""

    def numbers(self):
        return [row["roster"] for row in self.station.must("zone.list").rows]

    def kill_during(self, call, after):
        """SIGKILL that many seconds behind the begin of the call."""
        def run():
            try:
                call()
            except (EOFError, OSError, AssertionError):
                pass
        thread = threading.Thread(target=run)
        thread.start()
        time.sleep(after)
        self.station.kill()
        thread.join()
        World.reader.take_out()
        self.station.start()
        self.station.open()
        self.assertEqual(self.station.must("status").rows[0]["registry"], "good")

    def test_approval(self):
        station = self.station
        for step in range(6):
            before = self.numbers()
            station.register(f"70{step}", f"user{step}", zones=ALL)
            token = station.token()
            self.kill_during(lambda token=token: station.call(
                "issue.approve", pins=[PIN], token=token, on={"K15": lambda _: World.reader.put("jiro", False)}),
                0.1 + 0.35 * step)
            after = self.numbers()
            self.assertIn(after, (before, [str(int(n) + 1) for n in before]))
            found = station.preview()["person"]
            self.assertEqual([row["number"] for row in found], [f"70{step}"] * 3 if after == before else [])
            if after == before:
                station.good(station.approve())
        self.assertEqual(len(self.opened("lgwan")[0].records), 7)

    def test_export_and_backup(self):
        station = self.station
        station.register("300", "saburo", zones=ALL)
        station.good(station.approve())
        for step in range(3):
            for verb, values in (("roster.export", {"zone": "lgwan"}), ("backup", {"media": "USB-08"})):
                if verb == "backup":
                    station.call("operator.close")
                self.kill_during(lambda verb=verb, values=values: station.call(verb, file=os.memfd_create("out"), **values),
                                 0.002 * step)
        self.assertEqual(self.opened("lgwan")[0].head["number"], "2")
        left = {name for name in os.listdir(station.state) if name not in ("registry.db", "registry.db-wal", "zones",
                "seal.key", "authority.key", "log.key")}
        self.assertLessEqual(left, {"backup.part", "log.anchor", "log.reserve"})


class Full(unittest.TestCase):
    """No room on the disk, or on the medium: nothing is lost, nothing is half done, and what is full is named."""

    def setUp(self):
        self.station = stationrig.Station(BUILD, World.reader)
        self.mount(self.station.state)
        shutil.copytree(World.begun, self.station.state, dirs_exist_ok=True)
        self.station.start()
        self.station.open()

    def tearDown(self):
        World.reader.take_out()
        self.station.check_clean()
        subprocess.run(["umount", self.station.state], check=True)
        subprocess.run(["umount", f"{self.station.directory}/usb"], check=False, stderr=subprocess.DEVNULL)
        shutil.rmtree(self.station.directory)

    @staticmethod
    def mount(path):
        """A disk of a few megabytes."""
        os.makedirs(path, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m,mode=0700", "tmpfs", path], check=True)

    @staticmethod
    def fill(path, leave):
        """Takes up all but so many octets; what does."""
        free = os.statvfs(path)
        with open(f"{path}/ballast", "wb") as file:
            file.write(bytes(max(free.f_bavail * free.f_frsize - leave, 0)))
        return file.name

    def numbers(self):
        return [row["roster"] for row in self.station.must("zone.list").rows]

    def named(self, call, path):
        self.assertEqual((call.result, call.message), (Admin.FAILED, "X97"), call.detail)
        self.assertIn(path, call.detail)

    def test_approval(self):
        station, begun = self.station, self.numbers()
        for n in range(60):
            station.add_person(f"7{n:03}", f"user{n}", zones=ALL)
        token, failed = station.token(), 0
        for leave in (0, 8192, 40_000, 100_000, 200_000, 400_000, 800_000):
            with self.subTest(leave=leave):
                ballast = self.fill(station.state, leave)
                call = station.sign("issue.approve", "jiro", token=token)
                os.unlink(ballast)
                if call.result == Admin.OK:
                    break
                failed += 1
                self.named(call, station.state)
                self.assertEqual(self.numbers(), begun)
                self.assertEqual(station.stop(), 0)
                station.start()
                station.open()
                self.assertEqual(station.must("status").rows[0]["registry"], "good")
                self.assertEqual((self.numbers(), station.token()), (begun, token))
        self.assertGreater(failed, 2)
        if self.numbers() == begun:
            station.good(station.sign("issue.approve", "jiro", token=token))
        self.assertEqual(self.numbers(), ["2"] * 3)
        station.must("audit.verify")

    def test_export(self):
        station, medium = self.station, f"{self.station.directory}/usb"
        for n in range(60):
            station.add_person(f"7{n:03}", f"user{n}", zones=ALL)
        station.good(station.approve())
        self.mount(medium)
        for full in (station.state, medium):
            for leave in (0, 4096):
                with self.subTest(full=full, leave=leave):
                    ballast = self.fill(full, leave)
                    with open(f"{medium}/file", "w+b") as file:
                        call = station.call("roster.export", zone="lgwan", file=file.fileno())
                    os.unlink(f"{medium}/file")
                    os.unlink(ballast)
                    self.named(call, full)
        with open(f"{medium}/file", "w+b") as file:
            self.assertEqual(station.must("roster.export", zone="lgwan", file=file.fileno()).rows[0]["people"], "61")
        self.assertEqual(self.numbers(), ["2"] * 3)


class Restored(stationrig.Case):
    """A backup on an empty host."""

    def restore(self, path, code, name="restored"):
        """Another station from the file; what toyamad said."""
        other = stationrig.Station(BUILD, World.reader, name=name)
        self.addCleanup(lambda: shutil.rmtree(other.directory))
        done = other.program("--init", "--restore", path, input=f"{code}\n")
        return other, done

    def backup(self):
        """(path, code)"""
        path = f"{self.folder}/backup-{time.monotonic_ns()}"
        with open(path, "w+b") as file:
            row = self.as_root("backup", file=file.fileno()).rows[0]
        return path, row["recovery_code"]

    def test_the_chain_goes_on(self):
        self.station.register("300", "saburo", zones=ALL)
        self.station.good(self.station.approve())
        path, code = self.backup()
        other, done = self.restore(path, code.lower().replace("-", " "))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.station.stop()
        other.start()
        other.open()
        for call in (other.sign("issue.approve", "jiro", token="0" * 64),
                     other.call("roster.export", zone="lgwan", file=os.memfd_create("out"))):
            self.refused(call, "X47")
        other.call("operator.close")
        for zone in ZONES:
            self.refused(other.call("zone.resume", zone=zone, number="3"), "X48")
            other.must("zone.resume", zone=zone, number="2")
        other.open()
        other.register("400", "shiro", zones=ALL)
        other.good(other.approve())
        self.assertEqual([row["roster"] for row in other.must("zone.list").rows], ["3", "3", "3"])
        other.check_clean()
        self.station.start()

    def test_issues_that_were_forgotten_come_back(self):
        station = self.station
        path, code = self.backup()
        station.register("300", "saburo", zones=ALL)
        station.good(station.approve())
        files = {zone: self.opened(zone)[2] for zone in ZONES}
        other, done = self.restore(path, code)
        self.assertEqual(done.returncode, 0, done.stderr)
        station.stop()
        other.start()
        self.refused(other.call("zone.adopt", zone="lgwan", file=files["internet"]), "X49")
        for zone in ZONES:
            other.must("zone.adopt", zone=zone, file=files[zone])
            other.must("zone.resume", zone=zone, number="2")
        other.open()
        found = other.preview()
        self.assertEqual({(row["change"], row["number"]) for row in found["person"]}, {("removed", "300")})
        other.register("300", "saburo", zones=ALL)
        other.good(other.approve())
        self.assertEqual([row["roster"] for row in other.must("zone.list").rows], ["3", "3", "3"])
        other.check_clean()
        station.start()

    def test_what_is_not_a_backup(self):
        path, code = self.backup()
        other, done = self.restore(path, "0" * 20)
        self.assertIn(done.returncode, (77,), done.stderr)
        with open(path, "r+b") as file:
            file.seek(-100, os.SEEK_END)
            octet = file.read(1)
            file.seek(-100, os.SEEK_END)
            file.write(bytes([octet[0] ^ 1]))
        done = other.program("--init", "--restore", path, input=f"{code}\n")
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertEqual(os.listdir(other.state), [])


class Keys(stationrig.Case):
    """Another key takes over from the authority's."""

    def test_the_zones_follow(self):
        station = self.station
        self.as_root("key.rotate", key="authority")
        station.call("operator.close")
        self.assertEqual(station.call("key.rotate", key="authority").result, Admin.EXISTS)
        station.open()
        self.assertEqual([row["due"] for row in station.preview()["zone"]], ["yes"] * 3)
        station.good(station.approve())
        station.register("300", "saburo", zones=ALL)
        self.restart()
        station.open()
        station.good(station.approve())
        opened, *_ = self.opened("lgwan")
        (_, first, *_), (_, second, *_), (_, third, *_) = opened.issues()
        self.assertEqual(first, second)
        self.assertNotEqual(second, third)
        for der, authority, signature, _, _ in opened.issues():
            self.assertTrue(opened.verify(authority, signature, der))

    def test_a_stand_alone_host_does_it_at_once(self):
        host = brokerrig.Broker(BUILD, "internet", "card", name="alone")
        host.init()
        host.start()
        with open(f"{host.state}/authority.key", "rb") as file:
            before = file.read()
        host.add_person("100", "hanako")
        host.must("key.rotate", key="authority")
        with open(f"{host.state}/authority.key", "rb") as file:
            self.assertNotEqual(file.read(), before)
        host.add_person("200", "taro")
        self.assertEqual(host.stop(), 0)
        host.start()
        self.assertEqual(len(host.must("person.list").rows), 2)
        call = host.call("issue.preview")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "X43"))
        host.check_clean()
        shutil.rmtree(host.directory)

    def test_another_seal_key(self):
        """Fingers open with it; a broker that is killed meanwhile has the old one or the new one."""
        host = brokerrig.Broker(BUILD, "individual-number", "card finger", name="sealed", finger_wait="3", throttle_delay="0")
        host.init()
        host.start()
        host.add_person("100", "hanako")
        host.enroll_card("100", World.reader.card("saburo"), World.reader.pcsc, PIN)
        host.enroll_finger("100", World.sensor, "right-index", "f01")
        host.enroll_finger("100", World.sensor, "left-index", "f02")

        def seal():
            with open(f"{host.state}/seal.key", "rb") as file:
                return file.read()

        def login():
            World.reader.put("saburo")
            attempt = host.login(user="hanako")
            attempt.finish(on={"M02": lambda: World.sensor.press("f01", 10)})
            World.reader.take_out()
            self.assertEqual(attempt.result, brokerrig.Result.GRANTED, attempt.said)
        before = seal()
        host.must("key.rotate", key="seal")
        self.assertNotEqual(seal(), before)
        login()
        for step in range(6):
            thread = threading.Thread(target=lambda: self.call_killed(host))
            thread.start()
            time.sleep(0.001 + 0.006 * step)
            host.kill()
            thread.join()
            host.start()
            self.assertEqual(host.must("status").rows[0]["registry"], "good")
        login()
        self.assertEqual([name for name in os.listdir(host.state) if name.endswith(".next")], [])
        host.check_clean()
        shutil.rmtree(host.directory)

    @staticmethod
    def call_killed(host):
        """The broker dies meanwhile."""
        try:
            host.call("key.rotate", key="seal")
        except (EOFError, OSError):
            pass


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
