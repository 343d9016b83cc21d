#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What toyama-roster(5) shows an auditor: issue, record and root checked with openssl and nothing else, by the page's
own commands.

    roster_by_hand_test.py BUILD_DIR"""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import brokerrig
import pcscns
import rosterrig

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
PAGES = [pathlib.Path(__file__).resolve().parents[2] / "docs" / "man" / name
         for name in ("toyama-roster.5", "ja/toyama-roster.5")]


def script(page, word):
    """The page's example with this word, as a shell would get it."""
    blocks = re.findall(r"^\.Bd -literal[^\n]*\n(.*?)^\.Ed$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return next(block for block in blocks if word in block).replace("\\e\n", "\\\n")


class ByHand(unittest.TestCase):
    """A terminal with a roster of two issues, the second approved by another approver's card."""

    def setUp(self):
        self.zone = rosterrig.Zone("lgwan")
        self.zone.add(rosterrig.person("100", "hanako", "lgwan"))
        self.zone.add(rosterrig.person("200", "taro", "lgwan"))
        self.zone.issue()
        self.broker = brokerrig.Broker(BUILD, "lgwan", "card", name="terminal", register="taken")
        self.addCleanup(shutil.rmtree, self.broker.directory)
        self.broker.join(self.zone)
        self.broker.start()
        self.addCleanup(self.broker.check_clean)
        self.broker.must("roster.import", file=self.zone.file(0))
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="toyama-hand."))
        self.addCleanup(shutil.rmtree, self.place)
        for verb, name, values in (("roster.issue", "issue", {}), ("roster.record", "record.der", {"person": "100"}),
                                   ("roster.hashes", "hashes", {})):
            (self.place / name).touch()
            self.write(verb, name, **values)

    def write(self, verb, name, **values):
        """The broker writes a file."""
        command = [f"{BUILD}/enroll/toyama-enroll", "--config", self.broker.config, "--toyamad",
                   f"{BUILD}/toyamad/toyamad", *verb.split("."), *values.values(), str(self.place / name)]
        (self.place / name).unlink()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def run_page(self, page, word="asn1parse"):
        """Output of one of the page's examples, all of whose commands must succeed."""
        done = subprocess.run(["sh", "-ec", script(page, word)], cwd=self.place, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_the_pages_commands_work(self):
        people = self.zone.issues[-1].people
        hashes = [rosterrig.sha256(rosterrig.encode(rosterrig.RECORD, people[who])) for who in sorted(people)]
        for page in PAGES:
            out = self.run_page(page)
            self.assertEqual(out.count("Verified OK"), 2, out)
            self.assertIn("toyama issue", out)
            root, record = re.findall(r"= ([0-9a-f]{64})", out)
            self.assertEqual(root, rosterrig.sha256(*hashes).hex())
            self.assertIn(root.upper(), out)  # as the issue has it
            self.assertIn(bytes.fromhex(record), hashes)

    def test_a_file_opens_with_the_zones_key(self):
        (self.place / "N-R8-0124.roster").write_bytes(self.zone.file(0))
        (self.place / "zone.key").write_bytes(rosterrig.pkcs8_of(self.zone.key))
        (self.place / "zone.cer").write_bytes(self.zone.cert)
        (self.place / "authority.cer").write_bytes(self.zone.signer)
        subprocess.run(["openssl", "x509", "-in", "authority.cer", "-out", "authority.pem"], cwd=self.place, check=True)
        for page in PAGES:
            self.run_page(page, "cms -decrypt")
            self.assertEqual((self.place / "payload.der").read_bytes(), self.zone.payload())

    def test_an_altered_issue_does_not_verify(self):
        data = bytearray((self.place / "issue").read_bytes())
        data[60] ^= 1
        (self.place / "issue").write_bytes(data)
        with self.assertRaises(AssertionError):
            self.assertEqual(self.run_page(PAGES[0]).count("Verified OK"), 2)

    def test_looking_is_recorded(self):
        kinds = [row["kind"] for row in self.broker.events(5)]
        self.assertEqual(kinds.count("evidence-viewed"), 3)

    def test_an_issue_that_is_not_here(self):
        call = self.broker.call("roster.issue", file="/dev/null", number="999")
        self.assertNotEqual(call.result, brokerrig.Admin.OK)


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
