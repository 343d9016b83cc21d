#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-enroll hr import against the real broker: what is told, what is applied and what is not.
usage: hr_import_test.py BUILD_DIR (root)"""
import datetime
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import brokerrig
import frames
import pcscns

BUILD = None
TIMEOUT = 120
HEAD = "職員番号,氏名,カナ,所属,区分,採用日,任期満了日,発令日,ログイン名,利用系\r\n"


def day(offset):
    """A date as the files have it."""
    return (datetime.date.today() + datetime.timedelta(days=offset)).isoformat()


def local(date, end=False):
    """What person.show says of a day's first or last second."""
    moment = datetime.datetime.fromisoformat(date + ("T23:59:59" if end else "T00:00:00"))
    return moment.astimezone(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def row(number, name="名", section="市民課", category="正規", until="", **more):
    """A line of the file."""
    return ",".join([number, name, more.get("kana", ""), section, category, more.get("since", ""), until,
                     more.get("effective", ""), more.get("logins", ""), more.get("zones", "")]) + "\r\n"


class Import(unittest.TestCase):
    """A stand-alone host with a few people."""

    def setUp(self):
        self.host = brokerrig.Broker(BUILD, "internet", "card", name=self.id().rsplit(".", 1)[1])
        self.folder = pathlib.Path(self.host.directory)
        locale = self.folder / "locale" / "ja" / "LC_MESSAGES"
        locale.mkdir(parents=True)
        (locale / "toyama.mo").write_bytes((pathlib.Path(BUILD) / "po" / "toyama.mo").read_bytes())
        self.file = self.folder / "hr.csv"
        self.host.init()
        self.host.start()
        since = {"from": day(-30)}
        self.host.add_person("1", "taro", name="砺波 太郎", section="市民課", **since)
        self.host.add_person("2", "jiro", name="砺波 次郎", section="税務課", category="fiscal-year", until=day(10), **since)
        self.host.add_person("3", "saburo", name="砺波 三郎", section="総務課", **since)
        self.host.add_person("9", "gyosha", name="業者", category="contractor",
                             until=brokerrig.fiscal_year_end(), form="R8-1", **since)

    def tearDown(self):
        self.host.check_clean()

    def run_(self, *words, lang="en", answer=""):
        """toyama-enroll."""
        return subprocess.run(
            [f"{BUILD}/enroll/toyama-enroll", "--config", self.host.config, "--toyamad", f"{BUILD}/toyamad/toyamad",
             "--localedir", str(self.folder / "locale"), "--lang", lang, *words],
            capture_output=True, text=True, check=False, input=answer, timeout=TIMEOUT)

    def take(self, text, *words, encoding="utf-8", **options):
        """hr import of this file."""
        self.file.write_bytes((HEAD + text).encode(encoding))
        return self.run_("hr", "import", str(self.file), *words, **options)

    def taken(self, text, *words):
        """The JSON of an import that is to succeed."""
        done = self.take(text, "--yes", "--json", *words)
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        return json.loads(done.stdout)

    def people(self):
        """{number: row of person.list}"""
        return {person["number"]: person for person in self.host.must("person.list").rows}

    def issue(self):
        """The number of the roster."""
        return int(self.host.must("status").rows[0]["roster"])


class Changes(Import):
    """What a file makes of the register."""

    SAME = row("1", "砺波 太郎") + row("3", "砺波 三郎", "総務課")

    def test_april(self):
        """New, changed, renewed, ended, in one issue; a second import finds nothing to do."""
        text = (row("1", "砺波 太郎", "福祉課") + row("2", "砺波 次郎", "税務課", "会計年度", day(375)) +
                row("4", "新人", since=day(0), logins="shinjin s.shinjin", kana="シンジン", zones="LGWAN系"))
        before, issue = self.people(), self.issue()
        look = self.take(text, "--dry-run")
        self.assertEqual((look.returncode, look.stderr), (0, ""))
        self.assertIn("New 1, changed 2, ended 1, errors 0. Nothing has been applied yet.", look.stdout)
        for words in (("2", "1", "砺波 太郎"), ("3", "2", "砺波 次郎"), ("4", "4", "新人"), ("-", "3", "砺波 三郎")):
            self.assertTrue(any(all(word in line for word in words) for line in look.stdout.splitlines()), words)
        shown = self.take(text, "--dry-run", lang="ja", encoding="cp932").stdout
        self.assertIn("新規1件、変更2件、終了1件、エラー0件。まだ反映していません。", shown)
        for words in (("変更", "砺波 太郎", "所属"), ("新規", "新人"), ("終了", "砺波 三郎", "利用期間")):
            self.assertTrue(any(all(word in line for word in words) for line in shown.splitlines()[1:]), words)
        self.assertEqual((self.people(), self.issue()), (before, issue))
        got = self.taken(text)
        self.assertEqual([got[key] for key in ("new", "changed", "rehired", "ended", "errors", "applied")],
                         [1, 2, 0, 1, 0, True])
        people = self.people()
        self.assertEqual(self.issue(), issue + 1)
        self.assertEqual(people["1"]["section"], "福祉課")
        self.assertEqual(people["2"]["until"], local(day(375), end=True))
        self.assertEqual({key: people["4"][key] for key in ("name", "kana", "section", "login", "from", "until")},
                         {"name": "新人", "kana": "シンジン", "section": "市民課", "login": "shinjin,s.shinjin",
                          "from": local(day(0)), "until": ""})
        self.assertLessEqual(people["3"]["until"], local(day(0), end=True))
        self.assertEqual(people["9"], before["9"])
        again = self.taken(text)
        self.assertEqual([again[key] for key in ("new", "changed", "rehired", "ended")], [0, 0, 0, 0])
        self.assertEqual(self.issue(), issue + 1)
        self.host.stop()
        self.host.start()
        self.assertEqual(self.people(), people)

    def test_prepared_in_march(self):
        """What is to come is planned, and nothing of it holds today."""
        self.host.add_person("5", "goro", name="砺波 五郎", section="総務課")
        before = self.people()
        got = self.taken(row("1", "砺波 太郎", "福祉課") + row("2", "砺波 次郎", "税務課", "会計年度", day(375)) +
                         row("4", "新人") + row("5", "砺波 五郎", "総務課"), "--from", day(11))
        self.assertEqual([got[key] for key in ("new", "changed", "rehired", "ended")], [1, 2, 0, 1])
        people = self.people()
        self.assertEqual(people["1"]["section"], "市民課")
        self.assertEqual(people["2"]["until"], before["2"]["until"])
        self.assertEqual(people["3"]["until"], local(day(10), end=True))
        self.assertEqual(people["4"]["from"], local(day(11)))
        self.assertEqual(people["5"], before["5"])

    def test_a_day_of_their_own(self):
        text = row("1", "砺波 太郎", "福祉課", effective=day(11)) + row("3", "砺波 三郎", "総務課")
        done = self.take(text, "--yes")
        self.assertEqual(done.returncode, 64)
        self.assertIn("\"from\" must say when they end", done.stderr)
        self.assertEqual(self.taken(text, "--partial")["ended"], 0)
        self.assertEqual(self.people()["1"]["section"], "市民課")

    def test_partial(self):
        before = self.people()
        got = self.taken(row("4", "新人"), "--partial")
        self.assertEqual([got[key] for key in ("new", "changed", "ended")], [1, 0, 0])
        self.assertEqual({number: person for number, person in self.people().items() if number != "4"}, before)

    def test_back_again(self):
        self.taken(self.SAME)  # the second one ends
        text = self.SAME + row("2", "砺波 次郎", "税務課", "再任用", day(300))
        done = self.take(text, "--dry-run", lang="ja")
        self.assertIn("新規0件、変更1件、終了0件、エラー0件。", done.stdout)
        self.assertIn("変更のうち、再任用または復帰：1件", done.stdout)
        got = self.taken(text)
        self.assertEqual([got[key] for key in ("changed", "rehired")], [0, 1])
        self.assertEqual(self.people()["2"]["category"], "reappointed")

    def test_question(self):
        text = self.SAME
        before = self.people()
        for answer in ("no\n", "", "はい\n"):
            done = self.take(text, answer=answer)
            self.assertEqual(done.returncode, 77)
            self.assertIn("All of this becomes one change of the register.", done.stderr)
            self.assertNotIn("cannot be undone", done.stderr)
            self.assertEqual(self.people(), before)
        done = self.take(text, answer="はい\n", lang="ja")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1件の変更として反映しました：新規0件、変更0件、終了1件。", done.stdout)
        done = self.take(text)
        self.assertEqual(done.returncode, 0)
        self.assertIn("The register says all of this already.", done.stdout)
        self.assertEqual(self.take(text, "--json").returncode, 64)

    def test_events(self):
        self.taken(self.SAME + row("4", "新人"))
        events = self.host.events(3)
        self.assertEqual({key: events[2][key] for key in ("kind", "added", "changed", "rehired", "leaving", "operator")},
                         {"kind": "hr-applied", "added": "1", "changed": "0", "rehired": "0", "leaving": "1",
                          "operator": "root"})
        self.assertEqual([(event["kind"], event["person"], event["change"], event["what"]) for event in events[:2]],
                         [("person-by-hr", "4", "added", ""), ("person-by-hr", "2", "leaving", "validity")])
        self.take(self.SAME, "--dry-run")
        self.assertEqual(self.host.events(1)[0]["kind"], "hr-viewed")


class Faults(Import):
    """Nothing is applied where anything is wrong."""

    def expect_nothing(self, text, *words, en, ja, code=65):
        before, issue = self.people(), self.issue()
        for lang, told in (("en", en), ("ja", ja)):
            done = self.take(text, "--yes", *words, lang=lang)
            self.assertEqual(done.returncode, code, done.stdout)
            for sentence in told:
                self.assertIn(sentence, done.stdout)
        self.assertEqual((self.people(), self.issue()), (before, issue))

    def test_faults_of_the_file(self):
        """The sentence of the catalogue, with counts of all that is good."""
        text = (row("1", "砺波 太郎", "福祉課") + row("2", "=砺波", "税務課", "会計年度", day(375)) + row("4", "新人") +
                row("5", "新人", category="何か") + row("1", "誰か"))
        self.expect_nothing(text, en=["New 1, changed 1, ended 1, errors 3 (lines 3, 5, 6). Nothing has been applied"],
                            ja=["新規1件、変更1件、終了1件、エラー3件（3, 5, 6行目）。まだ反映していません。"])

    def test_faults_that_the_broker_finds(self):
        later = [day(20), day(40), day(60)]
        for n, date in enumerate(later[:2]):
            self.taken(row("3", "砺波 三郎", f"課{n}", effective=date), "--partial")
        text = (row("1", "砺波 太郎", logins="jiro") + row("4", "新人", logins="gyosha") +
                row("3", "砺波 三郎", "別の課", effective=later[2]) +
                row("2", "砺波 次郎", "税務課", "会計年度", day(375)) +
                row("6", "新人", category="臨時", until=day(5)) + row("7", "新人") + row("root"))
        self.expect_nothing(
            text, "--from", day(10),
            en=["Line 2, staff no. 1: The login jiro belongs to somebody else.",
                "Line 3, staff no. 4: The login gyosha belongs to somebody else.",
                "Line 4, staff no. 3: Two changes to come are registered for this person already.",
                "Line 6, staff no. 6: The period would end before it begins.",
                "Line 8, staff no. root: This word cannot be a staff number.",
                "New 1, changed 1, ended 0, errors 5 (lines 2, 3, 4, 6, 8). Nothing has been applied yet."],
            ja=["2行目、職員番号1：ログイン名 jiro はほかの人が使っています。",
                "4行目、職員番号3：今後の変更が、すでに2件登録されています。",
                "エラー5件（2, 3, 4, 6, 8行目）"])

    def test_a_file_that_ends_too_early(self):
        """Whoever stands behind the fault does not count as gone."""
        self.expect_nothing(row("1", "砺波 太郎") + "2,\"次郎", en=["Errors: 1 (lines 3). Nothing has been applied."],
                            ja=["エラー1件（3行目）。反映していません。"])
        self.file.write_text("職員番号,氏名\r\n1,2\r\n", encoding="utf-8")
        done = self.run_("hr", "import", str(self.file), "--yes", "--json")
        self.assertEqual((done.returncode, json.loads(done.stdout)["result"]), (65, "faulty"))

    def test_the_register_changed_meanwhile(self):
        self.file.write_bytes((HEAD + row("1", "砺波 太郎") + row("3", "砺波 三郎", "総務課")).encode())
        command = [f"{BUILD}/enroll/toyama-enroll", "--config", self.host.config, "--toyamad",
                   f"{BUILD}/toyamad/toyamad", "--lang", "en", "hr", "import", str(self.file)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True) as process:
            pcscns.wait_until(lambda: self.host.events(1)[0]["kind"] == "hr-viewed")
            self.host.add_person("8", "hachiro")
            before = self.people()
            out, err = process.communicate("yes\n", timeout=TIMEOUT)
        self.assertEqual((process.returncode, "errors 0" in out), (77, True))
        self.assertIn("the register has changed since it was looked at", err)
        self.assertEqual(self.people(), before)

    def call(self, octets, **values):
        """hr.apply with this file, past toyama-enroll."""
        with tempfile.TemporaryFile() as file, socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
            file.write(octets)
            file.flush()
            sock.connect(self.host.admin_path)
            packet = frames.encode(0x61, {0: 1, 1: "hr.apply", 2: brokerrig.encode_pairs(values)})
            socket.send_fds(sock, [packet], [file.fileno()])
            sock.settimeout(TIMEOUT)
            while True:
                kind, fields = frames.decode(sock.recv(65536))
                if kind == 0x74:
                    return brokerrig.Admin(int.from_bytes(fields[6], "big"))

    def hr_row(self, line, number, given=0, name="名"):
        """DER of a row."""
        fields = [frames.tlv(2, frames.uint(n)) for n in (line, given)]
        fields += [frames.tlv(12, text.encode()) for text in (number, name, "", "")]
        fields += [frames.tlv(2, frames.uint(n)) for n in (0 if given == 16 else 1, 0, 0, 0)]
        return frames.tlv(0x30, b"".join(fields) + frames.tlv(0x30, b"") + frames.tlv(2, frames.uint(0)))

    def hr_list(self, *rows):
        """DER of a list."""
        return frames.tlv(0x30, frames.tlv(2, b"\1") + frames.tlv(12, b"toyama hr") + frames.tlv(0x30, b"".join(rows)))

    def test_lists_that_are_none(self):
        before, issue = self.people(), self.issue()
        good = self.hr_list(self.hr_row(2, "1"), self.hr_row(3, "4"))
        usage, refused = brokerrig.Admin.USAGE, brokerrig.Admin.REFUSED
        for octets in (b"", good[:-1], good + b"\0", self.hr_list(), good.replace(b"toyama hr", b"toyama rh"),
                       self.hr_list(self.hr_row(3, "1"), self.hr_row(2, "4")),
                       self.hr_list(self.hr_row(2, "1"), self.hr_row(3, "1")),
                       self.hr_list(self.hr_row(2, "4"), self.hr_row(3, "5"), self.hr_row(4, "4"))):
            self.assertEqual(self.call(octets), usage)
        # What was faulty in the file may be looked at, never applied.
        self.assertEqual(self.call(self.hr_list(self.hr_row(2, "1", 16, ""), self.hr_row(3, "4"))), refused)
        self.assertEqual(self.call(good, expect="1 0 0 0"), refused)
        self.assertEqual(self.call(good, **{"from": "2026-02-30"}), usage)
        self.assertEqual(self.call(good, colour="red"), usage)
        self.assertEqual((self.people(), self.issue()), (before, issue))

    def start(self, people):
        """An import of so many new people, in the background."""
        self.file.write_bytes((HEAD + "".join(row(f"n{n}", logins=f"u{n}") for n in range(people))).encode())
        return subprocess.Popen(
            [f"{BUILD}/enroll/toyama-enroll", "--config", self.host.config, "--toyamad", f"{BUILD}/toyamad/toyamad",
             "--lang", "en", "hr", "import", str(self.file), "--yes", "--partial"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def test_killed(self):
        """All or nothing, whenever the broker dies."""
        outcomes = set()
        for step in range(8):
            before = self.people()
            with self.start(1500 + step) as process:
                pcscns.wait_until(lambda: self.host.events(1)[0]["kind"] == "hr-viewed")
                time.sleep(0.04 * step)
                self.host.kill()
                process.communicate(timeout=TIMEOUT)
            self.host.start()
            self.assertEqual(self.host.must("status").rows[0]["registry"], "good")
            self.assertEqual(self.host.must("audit.verify").result, brokerrig.Admin.OK)
            after = self.people()
            self.assertIn(len(after), (len(before), 4 + 1500 + step))
            outcomes.add(len(after) > len(before))
        self.assertIn(False, outcomes)

    def test_the_disk_is_full(self):
        """The change is refused as a whole, and the broker goes on."""
        self.host.stop()
        copy = f"{self.host.directory}/copy"
        os.rename(self.host.state, copy)
        os.mkdir(self.host.state)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m,mode=0700", "tmpfs", self.host.state], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", self.host.state], check=True)
        subprocess.run(["cp", "-a", f"{copy}/.", self.host.state], check=True)
        self.host.start()
        before, issue = self.people(), self.issue()
        ballast = pathlib.Path(self.host.state) / "ballast"
        with self.assertRaises(OSError), open(ballast, "wb", buffering=0) as file:
            while True:
                file.write(bytes(4096))
        os.truncate(ballast, ballast.stat().st_size - 300000)
        with self.start(3000) as process:
            _, err = process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, 74, err)
        ballast.unlink()
        self.assertEqual((self.people(), self.issue()), (before, issue))
        self.assertEqual(self.host.must("audit.verify").result, brokerrig.Admin.OK)
        self.taken(row("4", "新人"), "--partial")

    def test_many(self):
        """10,000 people at once, then a day's changes."""
        text = "".join(row(f"n{n}", f"名 {n}", logins=f"u{n}") for n in range(10000)) + \
            row("1", "砺波 太郎") + row("2", "砺波 次郎", "税務課", "会計年度", day(10)) + row("3", "砺波 三郎", "総務課")
        begin = time.monotonic()
        got = self.taken(text)
        self.assertEqual([got[key] for key in ("new", "changed", "ended")], [10000, 0, 0])
        text = text.replace("u777,", "u777x,").replace("n5,名 5,,市民課", "n5,名 5,,税務課")
        got = self.taken(text)
        self.assertEqual([got[key] for key in ("new", "changed", "ended")], [0, 2, 0])
        self.assertLess(time.monotonic() - begin, 60)
        self.assertEqual(self.host.must("person.show", person="u777x").rows[0]["number"], "n777")


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
