#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-enroll init --join: a terminal joins its zone, or nothing of it stays. usage: join_test.py BUILD_DIR (root)"""
import os
import stat
import sys
import time
import unittest
from cryptography.hazmat.primitives.asymmetric import ec

import adminrig
import rosterrig
from rosterrig import octets, pkcs8_of, sha256, spki_of, utf8

BUILD = None
MADE = {"registry.db": 0o600, "anchor": 0o600, "seal.key": 0o600, "log.key": 0o600}


class Join(unittest.TestCase):
    """A private host for each test."""

    def setUp(self):
        self.rig = adminrig.Rig(BUILD)
        self.addCleanup(self.rig.remove)
        self.zone = rosterrig.Zone("internet")
        self.code = rosterrig.code()
        self.file = f"{self.rig.dir}/test.join"
        self.configure()

    def configure(self, register="taken", zone="internet", host="mado-01"):
        """The host's config."""
        self.rig.write_config(f"[host]\nzone = {zone}\nrequire = card\nhost = {host}\n[roster]\nregister = {register}\n"
                              f"[paths]\nstate = {self.rig.state}\n")

    def write(self, data=None, **values):
        """The join file."""
        with open(self.file, "wb") as file:
            file.write(data if data is not None else self.zone.join_file("mado-01", self.code, **values))

    def join(self, code=None, lang="en"):
        """Runs the command."""
        return self.rig.run("--pin-stdin", "init", "--join", str(self.file), lang=lang,
                            stdin=(self.code if code is None else code) + "\n")

    def refused(self, result, status, cause):
        """Nothing stays, and the cause is named."""
        self.assertEqual(result.code, status, result.out + result.err)
        self.assertIn(cause, result.err)
        self.assertEqual(os.listdir(self.rig.state) if os.path.exists(self.rig.state) else [], [])

    def test_joins(self):
        self.write()
        result = self.join()
        self.assertEqual(result.code, 0, result.err)
        self.assertIn("roster import", result.out)
        self.assertNotIn("authority.key", result.out)
        for name, mode in MADE.items():
            self.assertEqual(stat.S_IMODE(os.stat(f"{self.rig.state}/{name}").st_mode), mode)
        with open(f"{self.rig.state}/anchor", "rb") as file:
            sealed = file.read()
        for secret in (pkcs8_of(self.zone.key), self.zone.seal_key, self.zone.zone.encode()):
            self.assertNotIn(secret, sealed)
        again = self.join()
        self.assertEqual(again.code, 73, again.err)

    def test_code_as_people_type_it(self):
        self.write()
        self.assertEqual(self.join(self.code.lower().replace("-", " ").replace("1", "l").replace("0", "o")).code, 0)

    def test_wrong_code(self):
        self.write()
        self.refused(self.join(rosterrig.code()), 77, "The code is not the one of this join file")
        self.refused(self.join(self.code[:-1] + ("0" if self.code[-1] != "0" else "1")), 77, "check character")
        self.refused(self.join("1234"), 77, "not 20 characters")
        self.refused(self.join(""), 66, "No code was given")

    def test_terminal(self):
        """The code is typed and not shown."""
        self.write()
        terminal = adminrig.Terminal(self.rig, "init", "--join", str(self.file))
        terminal.until("Code of the join file: ")
        terminal.type(self.code + "\n")
        self.assertEqual(terminal.end(), 0, terminal.shown)
        self.assertNotIn(self.code[:4], terminal.shown)

    def test_japanese(self):
        self.write()
        result = self.join(rosterrig.code(), lang="ja")
        self.assertIn("コードがこの参加ファイルのものと違います。何も残していません。", result.err)

    def test_other_file(self):
        good = self.zone.join_file("mado-01", self.code)
        for data in (b"", b"x", good[:-1], good + b"\0", good[:40] + bytes([good[40] ^ 1]) + good[41:], b"\0" * 30000):
            self.write(data)
            self.refused(self.join(), 65, "The join file cannot be used on this host")
        os.unlink(self.file)
        self.refused(self.join(), 66, "No such file")
        os.mkfifo(self.file)
        self.refused(self.join(), 66, "not a regular file")

    def test_other_host(self):
        self.configure(host="mado-02")
        self.write()
        self.refused(self.join(), 65, "made for another host")

    def test_other_zone(self):
        self.configure(zone="lgwan")
        self.write()
        self.refused(self.join(), 65, "the join file is for the zone internet, the config says lgwan")

    def test_expired(self):
        self.write(expires=rosterrig.integer(int(time.time()) - 1))
        self.refused(self.join(), 65, "expired")

    def test_clock_behind_the_station(self):
        self.zone.now = int(time.time()) + 3600
        self.write()
        self.refused(self.join(), 65, "made later than this host's clock says")

    def test_contradictions(self):
        """Sealed under the code, and yet not of one zone's making."""
        other = ec.generate_private_key(ec.SECP256R1())
        for values in ({"zone": utf8("lgwan")}, {"authority": octets(sha256(spki_of(other)))},
                       {"key": octets(pkcs8_of(other))}, {"key": octets(b"\x30\x00")}, {"cert": octets(b"\x30\x00")},
                       {"trust": octets(self.zone.trust()[:-1])}):
            with self.subTest(values=list(values)):
                self.write(**values)
                self.refused(self.join(), 65, "contradicts itself")
        self.zone.approval = False
        self.write()
        self.refused(self.join(), 65, "contradicts itself")

    def test_other_kinds_of_host(self):
        self.write()
        self.configure(register="own")
        self.refused(self.join(), 78, "this host does not join")
        self.configure()
        self.refused(self.rig.run("init"), 78, "a join file of the station is needed")


if __name__ == "__main__":
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
