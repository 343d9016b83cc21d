# SPDX-License-Identifier: Apache-2.0
"""toyama-enroll at an enrolment station with the real broker: ceremony, preview, approval, roster file with its slip,
backup and restore.

    station_cli_test.py BUILD_DIR"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

import pcscns
import stationrig
from stationrig import ALL, PIN

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
TIMEOUT = 90


class World:
    """One reader."""
    reader = None


def setUpModule():  # pylint: disable=invalid-name
    World.reader = stationrig.Reader(BUILD)
    for name in ("hanako", "jiro"):
        World.reader.card(name)


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    World.reader.end()


class Desk(unittest.TestCase):
    """A station that was initialised, and its command line."""

    def setUp(self):
        self.station = stationrig.Station(BUILD, World.reader, name=self.id().rsplit(".", 1)[1])
        locale = pathlib.Path(self.station.directory) / "locale" / "ja" / "LC_MESSAGES"
        locale.mkdir(parents=True)
        (locale / "toyama.mo").write_bytes((pathlib.Path(BUILD) / "po" / "toyama.mo").read_bytes())
        self.locale = str(locale.parent.parent)
        self.usb = f"{self.station.directory}/usb"
        os.makedirs(self.usb)
        self.good("init")
        self.station.start()

    def tearDown(self):
        World.reader.take_out()
        self.station.check_clean()
        shutil.rmtree(self.station.directory)

    def command(self, *words, config=None):
        """The command line."""
        return [f"{BUILD}/enroll/toyama-enroll", "--config", config or self.station.config, "--toyamad",
                f"{BUILD}/toyamad/toyamad", "--localedir", self.locale, *words]

    def run_(self, *words, stdin="", lang="en", **options):
        """To the end, without a card."""
        return subprocess.run(self.command("--lang", lang, *words, **options), input=stdin, capture_output=True, text=True,
                              check=False, timeout=TIMEOUT)

    def good(self, *words, **options):
        """Standard output of a command that must succeed."""
        done = self.run_(*words, **options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def with_cards(self, cards, *words):
        """--json; each time that a card is asked for the next one is put into the reader. The document."""
        World.reader.take_out()
        process = subprocess.Popen(self.command("--json", "--pin-stdin", *words), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, stdin=subprocess.PIPE, text=True)
        process.stdin.write(f"{PIN}\n" * (len(cards) + 1))
        process.stdin.flush()
        cards, self.events = list(cards), []
        for line in process.stderr:
            event = json.loads(line).get("event")
            self.events.append(event)
            if event == "take-out":
                World.reader.take_out()
            elif event in ("K12", "K15") and cards:
                name = cards.pop(0)
                if World.reader.inside is not World.reader.card(name):
                    World.reader.put(name, False)
        document = json.loads(process.stdout.read())
        self.assertEqual(process.wait(TIMEOUT), 0, document)
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()
        World.reader.take_out()
        return document

    def ceremony(self):
        """The one command."""
        return self.with_cards(["hanako", "jiro", "jiro", "jiro"], "ceremony", "--registrar", "100", "--registrar-name",
                               "砺波 花子", "--registrar-login", "hanako", "--approver", "200", "--approver-name",
                               "砺波 次郎", "--approver-login", "jiro", "--recovery", f"{self.usb}/station.backup")

    def test_a_day_at_the_station(self):
        code = self.ceremony()["rows"][0]["recovery_code"]
        self.assertEqual([event for event in self.events if event in ("K12", "take-out", "K15")],
                         ["K12", "take-out", "K12", "K15"], "a card is asked for once, and not while it lies there")
        self.assertIn("individual-number", self.good("--json", "zone", "list"))
        self.station.open()
        self.good("person", "add", "--number", "300", "--name", "砺波 三郎", "--login", "saburo", "--category", "regular",
                  "--zones", ALL)
        shown = self.good("issue", "preview")
        self.assertIn("砺波 三郎", shown)
        self.assertNotIn("token", shown)
        self.assertIn("新規", self.good("issue", "preview", lang="ja"))
        # Not without being asked, and not past a "no".
        self.assertEqual(self.run_("issue", "approve", "--json").returncode, 64)
        self.assertEqual(self.run_("issue", "approve", stdin="no\n").returncode, 77)
        rows = self.with_cards(["jiro"], "issue", "approve", "--yes")["rows"]
        self.assertEqual([(row["zone"], row["roster"]) for row in rows],
                         [("individual-number", "2"), ("lgwan", "2"), ("internet", "2")])
        self.assertIn("Nothing differs", self.good("issue", "approve"))
        self.export()
        self.backup(code)

    def export(self):
        """The file under its name, the slip beside it, nothing else."""
        said = self.good("roster", "export", "internet", "--out", self.usb, "--media", "USB-07", lang="ja")
        self.assertIn("配布ファイル（インターネット接続系 第2号、3名）を作成しました。媒体番号：USB-07", said)
        names = sorted(name for name in os.listdir(self.usb) if name != "station.backup")
        self.assertRegex(" ".join(names), r"\AI-R\d+-0002\.roster I-R\d+-0002\.txt\Z")
        head, _ = stationrig.head_of(f"{self.usb}/{names[0]}")
        self.assertEqual((head["zone"], head["number"], head["media"]), ("internet", "2", "USB-07"))
        slip = pathlib.Path(self.usb, names[1]).read_text(encoding="utf-8")
        digest = stationrig.openssl("dgst", "-sha256", "-r", f"{self.usb}/{names[0]}").decode()[:16]
        for text in ("受渡票", "インターネット接続系", "第2号", "3名", "USB-07", names[0], " ".join(digest[n:n + 4] for n in (0, 4, 8, 12))):
            self.assertIn(text, slip)
        self.assertEqual(slip.count("印"), 2)
        done = self.run_("roster", "export", "internet", "--out", self.usb)
        self.assertEqual(done.returncode, 73, done.stderr)
        self.assertEqual(len(os.listdir(self.usb)), 3)
        self.assertEqual(self.run_("roster", "export", "internet", "--out", f"{self.usb}/none").returncode, 73)
        self.export_without_room(-(-os.stat(f"{self.usb}/{names[0]}").st_size // 4096))

    def export_without_room(self, pages):
        """For the file, or for the slip beside it: neither is left behind."""
        for room in (1, pages):
            small = f"{self.usb}/small"
            os.mkdir(small)
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={room * 4096}", "tmpfs", small], check=True)
            done = self.run_("roster", "export", "internet", "--out", small)
            left = os.listdir(small)
            subprocess.run(["umount", small], check=True)
            os.rmdir(small)
            self.assertNotEqual(done.returncode, 0)
            self.assertIn(small, done.stderr)
            self.assertEqual(left, [])

    def backup(self, code):
        """The recovery copy of the ceremony makes a station again."""
        other = stationrig.Station(BUILD, World.reader, name="restored")
        done = self.run_("init", "--restore", f"{self.usb}/station.backup", "--pin-stdin", stdin="1" * 20 + "\n",
                         config=other.config)
        self.assertEqual(done.returncode, 77, done.stderr)
        self.assertFalse(os.path.exists(f"{other.state}/seal.key"))
        said = self.good("init", "--restore", f"{self.usb}/station.backup", "--pin-stdin", stdin=code + "\n",
                         config=other.config)
        self.assertIn("zone resume", said)
        other.start()
        self.assertEqual([row["roster"] for row in other.must("zone.list").rows], ["1", "1", "1"])
        other.check_clean()
        shutil.rmtree(other.directory)

    def test_a_ceremony_that_was_interrupted(self):
        self.station.register("100", "hanako", "hanako")
        self.station.register("200", "jiro", zones="internet")
        document = self.with_cards(["jiro", "jiro", "jiro"], "ceremony", "--registrar", "100", "--registrar-name", "X",
                                   "--registrar-login", "hanako", "--approver", "200", "--approver-name", "Y",
                                   "--approver-login", "jiro", "--recovery", f"{self.usb}/copy")
        self.assertEqual(document["result"], "ok")
        again = self.run_("ceremony", "--registrar", "100", "--registrar-name", "X", "--registrar-login", "hanako",
                          "--approver", "200", "--approver-name", "Y", "--approver-login", "jiro", "--recovery",
                          f"{self.usb}/another")
        self.assertEqual((again.returncode, os.path.exists(f"{self.usb}/another")), (77, False), again.stderr)

    def test_a_join_file(self):
        self.ceremony()
        said = self.good("zone", "join-file", "lgwan", "--host", "mado-01", f"{self.usb}/mado-01.join")
        self.assertRegex(said, r"[0-9A-Z]{4}(-[0-9A-Z]{4}){4}")
        self.assertEqual(self.run_("zone", "join-file", "lgwan", "--host", "mado-01",
                                   f"{self.usb}/mado-01.join").returncode, 73)
        self.assertEqual(self.run_("zone", "join-file", "moon", "--host", "mado-01", f"{self.usb}/x").returncode, 67)
        self.assertFalse(os.path.exists(f"{self.usb}/x"))


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
