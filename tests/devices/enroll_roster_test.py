# SPDX-License-Identifier: Apache-2.0
"""toyama-enroll roster against a scripted broker: what is shown before a roster is taken, and a look at a file without
any broker.

    enroll_roster_test.py BUILD_DIR (root)"""
import os
import sys
import unittest

import adminrig
import rosterrig
from brokerrig import Admin

BUILD = None
SUMMARY = {"zone": "lgwan", "roster": "124", "roster_time": "2026-10-01T08:05:00Z", "replaces": "123", "people": "412",
           "added": "1", "changed": "1", "stopped": "0", "removed": "1", "media": "USB-07", "hash": "ab" * 32}
CHANGES = [{"change": "added", "number": "012345", "name": "砺波 太郎", "section": "市民課"},
           {"change": "removed", "number": "012346", "name": "砺波 花子", "section": "税務課"}]


class Case(unittest.TestCase):
    """A private host, a file of a zone's."""

    def setUp(self):
        self.rig = adminrig.Rig(BUILD)
        self.addCleanup(self.rig.remove)
        zone = rosterrig.Zone("lgwan")
        zone.add(rosterrig.person("100", "hanako", "lgwan"))
        zone.issue()
        self.zone, self.content = zone, zone.file()
        self.file = str(self.rig.dir / "L-R8-0001.roster")
        with open(self.file, "wb") as file:
            file.write(self.content)

    def serve(self, **verbs):
        """A broker to which the file is good."""
        def good(peer, values):
            peer.row(**SUMMARY)
            for row in CHANGES if values.get("verbose") else []:
                peer.row(**row)
            peer.done()
        return self.rig.serve(**{"roster_verify": good, "roster_import": good, **verbs})

    def terminal(self, answer, *options, lang="en"):
        """Types the answer to the question; (what was shown, exit code)."""
        terminal = adminrig.Terminal(self.rig, "roster", "import", self.file, *options, lang=lang)
        terminal.until("続けるときは" if lang == "ja" else "to continue: ")
        terminal.type(answer + "\n")
        return terminal.end(), terminal.shown


class Import(Case):
    """Asked first."""

    def test_asked_and_named(self):
        broker = self.serve()
        code, shown = self.terminal("yes")
        self.assertEqual(code, 0, shown)
        flat = " ".join(shown.split())
        for text in ("Roster no. 124", "people: 412", "will take the place of no. 123",
                     "New: 1, changed: 1, stopped: 0, removed: 1", "The roster is installed."):
            self.assertIn(text, flat)
        self.assertNotIn("砺波", shown)
        self.assertEqual(broker.calls, [("roster.verify", {}), ("roster.import", {"hash": "ab" * 32})])

    def test_list(self):
        broker = self.serve()
        code, shown = self.terminal("yes", "--verbose")
        self.assertEqual(code, 0, shown)
        self.assertLess(shown.index("砺波 太郎"), shown.index("to continue"))
        self.assertEqual(broker.calls[1][1], {"verbose": "yes", "hash": "ab" * 32})

    def test_no(self):
        broker = self.serve()
        code, shown = self.terminal("no")
        self.assertEqual(code, 77)
        self.assertIn("Not confirmed. Nothing was changed.", shown)
        self.assertEqual([verb for verb, _ in broker.calls], ["roster.verify"])

    def test_japanese(self):
        self.serve()
        code, shown = self.terminal("はい", lang="ja")
        self.assertEqual(code, 0, shown)
        flat = "".join(shown.split())
        self.assertIn("第123号に代えて、第124号（", flat)
        self.assertIn("新規1、変更1、停止0、終了1。", flat)
        self.assertIn("登録名簿を取り込みました。", flat)

    def test_yes(self):
        broker = self.serve()
        result = self.rig.run("roster", "import", self.file, "--yes")
        self.assertEqual(result.code, 0, result.err)
        self.assertEqual(broker.calls, [("roster.import", {})])

    def test_json(self):
        broker = self.serve()
        result = self.rig.run("--json", "roster", "import", self.file)
        self.assertEqual(result.code, 64)
        self.assertEqual(broker.calls, [])
        result = self.rig.run("--json", "--yes", "roster", "import", self.file, "--verbose")
        self.assertEqual(result.json["rows"], [SUMMARY, *CHANGES])

    def test_refused(self):
        """The sentence, the exit code, and no question."""
        for message, arguments, english, japanese in (
                ("H08", {}, "The signature could not be verified.", "署名を確認できません。"),
                ("H09", {"number": 124}, "older than the current roster (no. 124)", "現在の登録名簿（第124号）より古い"),
                ("H10", {"zone": (adminrig.ZONE, "internet")}, "This file is for the Internet zone",
                 "このファイルはインターネット接続系用です。"),
                ("H27", {"number": 3}, "Rosters between no. 3 and this file", "第3号とこのファイルの間"),
                ("H28", {"days": 30}, "30 days old or older", "作成から30日以上")):
            def no(peer, _values, message=message, arguments=arguments):
                peer.done(Admin.REFUSED, message, "cause", **arguments)
            for lang, text in (("en", english), ("ja", japanese)):
                self.serve(roster_verify=no)
                result = self.rig.run("roster", "import", self.file, lang=lang)
                self.assertEqual((result.code, result.out), (77, ""), result.err)
                self.assertIn(text.lower(), result.err.lower())


class Inspect(Case):
    """Without a broker: the file's own words."""

    def test_alone(self):
        result = self.rig.run("roster", "inspect", self.file)
        self.assertEqual(result.code, 0, result.err)
        for text in ("LGWAN zone", "USB-07", "nothing was verified"):
            self.assertIn(text, result.out)
        rows = self.rig.run("--json", "roster", "inspect", self.file).json["rows"]
        self.assertEqual([rows[0][key] for key in ("kind", "zone", "roster", "people", "base", "media")],
                         "file lgwan 1 1 0 USB-07".split())

    def test_with_the_key(self):
        def inside(peer, _values):
            peer.row(kind="file", zone="lgwan", roster="1", roster_time="2026-10-01T08:05:00Z", people="1", base="0",
                     media="USB-07")
            peer.row(kind="content", issues="1", records="1", removed="0", templates="0", secrets="0", notices="0")
            peer.row(kind="officer", id="ab" * 16, roles="registrar approver", key="cd" * 8)
            peer.done()
        self.serve(roster_inspect=inside)
        result = self.rig.run("roster", "inspect", self.file)
        self.assertEqual(result.code, 0, result.err)
        self.assertNotIn("nothing was verified", result.out)
        self.assertIn("cd" * 8, result.out)

    def test_no_roster_file(self):
        for content in (b"", b"x", self.content[1:]):
            with open(self.file, "wb") as file:
                file.write(content)
            result = self.rig.run("roster", "inspect", self.file)
            self.assertEqual(result.code, 65)
            self.assertIn("This is not a distribution file.", result.err)
        self.assertEqual(self.rig.run("roster", "inspect", "/nonexistent").code, 66)


if __name__ == "__main__":
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
