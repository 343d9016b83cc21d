#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-enroll with the real broker, pcscd, libfprint: a person from the first command to the last.
usage: enroll_broker_test.py BUILD_DIR (root)"""
import itertools
import json
import os
import pathlib
import signal
import subprocess
import sys
import unittest

import brokerrig
import pcscns

BUILD = None
PIN = "123456"
TIMEOUT = 60


class Enroll(unittest.TestCase):
    """A host of the strict zone with card and finger at hand."""

    @classmethod
    def setUpClass(cls):
        cls.pcsc = pcscns.Pcsc()
        cls.pcsc.start()
        cls.cards = {name: pcscns.VirtualCard(BUILD, name=name, alg_9a="p256", alg_9e="p256", pin=PIN, subject=name)
                     for name in ("a", "b")}
        cls.sensor = brokerrig.Sensor(BUILD)

    @classmethod
    def tearDownClass(cls):
        cls.sensor.end()
        for card in cls.cards.values():
            card.end()
        cls.pcsc.stop()

    def setUp(self):
        self.host = brokerrig.Broker(BUILD, "individual-number", "card finger", name=self.id().rsplit(".", 1)[1])
        locale = pathlib.Path(self.host.directory) / "locale" / "ja" / "LC_MESSAGES"
        locale.mkdir(parents=True)
        (locale / "toyama.mo").write_bytes((pathlib.Path(BUILD) / "po" / "toyama.mo").read_bytes())
        self.locale = str(locale.parent.parent)
        done = self.run_("init", broker=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.host.start()

    def tearDown(self):
        for card in self.cards.values():
            card.remove()
        self.pcsc.wait_card(0, False)
        self.host.check_clean()

    def command(self, *words):
        """The command line."""
        return [f"{BUILD}/enroll/toyama-enroll", "--config", self.host.config, "--toyamad",
                f"{BUILD}/toyamad/toyamad", "--localedir", self.locale, *words]

    def run_(self, *words, stdin="", broker=True, lang="en"):
        """To the end."""
        done = subprocess.run(self.command("--lang", lang, *words), input=stdin, capture_output=True, text=True,
                              check=False, timeout=TIMEOUT)
        self.assertNotIn("Sanitizer", done.stderr, broker)
        return done

    def rows(self, *words, stdin=""):
        """The rows of a command that must succeed."""
        done = self.run_(*words, "--json", stdin=stdin)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout)["rows"]

    def fails(self, code, *words, stdin="", lang="en"):
        """Standard error of a command that must not succeed."""
        done = self.run_(*words, stdin=stdin, lang=lang)
        self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
        return done.stderr

    def place(self, card):
        """On the reader."""
        self.cards[card].insert()
        self.pcsc.wait_card(0)

    def take(self, card):
        """Off the reader."""
        self.cards[card].remove()
        self.pcsc.wait_card(0, False)

    def add(self, number="012345", login="taro"):
        """A person."""
        self.rows("person", "add", "--number", number, "--name", "砺波 太郎", "--login", login, "--category", "regular")

    def enroll_card(self, card, person="taro"):
        """With the PIN; the card lies on the reader afterwards."""
        self.place(card)
        return self.rows("card", "enroll", person, "--pin-stdin", "--label", "N-1", stdin=PIN + "\n")[0]

    def enroll_finger(self, finger, picture, person="taro"):
        """Presses whenever told to; (process, progress, document)."""
        impressions = itertools.cycle(range(1, brokerrig.IMPRESSIONS + 1))
        process = subprocess.Popen(self.command("--json", "finger", "enroll", person, finger),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        progress = []
        for line in process.stderr:
            said = json.loads(line)
            progress.append(said)
            if said["event"] in ("K05", "K06", "K07", "K08", "K09", "M04", "X26", "K07c", "K07d"):
                self.sensor.press(picture, next(impressions))
        document = json.loads(process.stdout.read())
        process.stdout.close()
        process.stderr.close()
        return process.wait(TIMEOUT), progress, document

    def test_a_person_from_first_to_last(self):
        self.add()
        card = self.enroll_card("a")
        self.assertEqual((card["family"], card["strength"]), ("piv", "signature"))
        self.assertEqual(self.rows("card", "test", "taro")[0]["proven"], "yes")
        for finger, picture in (("right-index", "f01"), ("left-index", "f02")):
            code, progress, document = self.enroll_finger(finger, picture)
            self.assertEqual(code, 0, document)
            self.assertEqual(document["rows"][0]["finger"], finger)
            self.assertEqual(progress[0]["event"], "K05")
            self.assertTrue(progress[0]["text"].startswith(f"Place your {finger.replace('-', ' ')} finger"))
        shown = self.rows("person", "show", "012345")
        self.assertEqual([row["kind"] for row in shown], ["person", "card", "finger", "finger"])
        text = self.run_("person", "show", "taro", lang="ja").stdout
        for word in ("砺波 太郎", "右手の人さし指", "左手の人さし指", "N-1", "正規職員"):
            self.assertIn(word, text)
        self.try_finger(True, "f01", 7)
        self.try_finger(False, "f05", 1)
        status = self.rows("status")[0]
        self.assertEqual((status["people"], status["cards"], status["fingers"]), ("1", "1", "2"))
        deleted = self.run_("finger", "delete", "taro", "left-index", stdin="yes\n")
        self.assertEqual(deleted.returncode, 0, deleted.stderr)
        self.assertIn("to be deleted: 1.", deleted.stderr)
        stopped = self.run_("card", "stop", "taro", "--reason", "lost", stdin="はい\n", lang="ja")
        self.assertEqual(stopped.returncode, 0, stopped.stderr)
        self.assertEqual(self.rows("person", "show", "taro")[1]["state"], "stopped")
        removed = self.run_("person", "remove", "taro", "--yes")
        self.assertEqual(removed.returncode, 0, removed.stderr)
        self.assertEqual(self.rows("person", "list"), [])
        kinds = [row["kind"] for row in self.rows("audit", "show", "--last", "100")]
        for kind in ("person-added", "card-enrolled", "person-removed"):
            self.assertIn(kind, kinds)
        self.assertEqual(self.run_("audit", "verify").returncode, 0)

    def try_finger(self, matches, picture, impression):
        """finger test, with one press."""
        process = subprocess.Popen(self.command("--json", "finger", "test", "taro"), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        process.stderr.readline()
        self.sensor.press(picture, impression)
        out, _ = process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode == 0, matches, out)
        if matches:
            self.assertEqual(json.loads(out)["rows"][0]["proven"], "yes")

    def test_wrong_pin(self):
        self.add()
        self.place("b")
        done = self.run_("card", "enroll", "taro", "--pin-stdin", stdin="999999\n123456\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("PIN does not match", done.stderr)
        self.rows("card", "stop", "taro", "--yes")

    def test_pins_at_the_desk(self):
        self.add()
        self.enroll_card("a")
        done = self.run_("card", "change-pin", "taro", "--pin-stdin", stdin="123456\n24681357\n24681357\n", lang="ja")
        self.assertEqual((done.returncode, done.stdout), (0, "カードの暗証番号を変更しました。\n"), done.stderr)
        self.assertIn("キーボードをお渡しください", done.stderr)
        self.assertIn("PIN has 6 to 8 digits", self.fails(77, "card", "change-pin", "taro", "--pin-stdin", stdin="1\n"))
        done = self.run_("card", "unblock", "taro", "--pin-stdin", stdin=f"12345678\n{PIN}\n{PIN}\n")
        self.assertEqual((done.returncode, done.stdout), (0, "The card has its new PIN.\n"), done.stderr)
        self.take("a")
        self.place("b")
        self.assertIn("ご本人のものをお使いください。", self.fails(77, "card", "unblock", "taro", "--pin-stdin", lang="ja"))
        self.assertIn("card list", self.fails(67, "pin", "change", "taro"))
        (row,) = self.rows("pin", "set", "taro", "--generate")
        self.assertEqual(len(row["secret"]), 8)
        self.rows("pin", "set", "taro", "--pin-stdin", stdin="482109\n482109\n")
        rows = self.rows("card", "list")
        self.assertEqual([(row["number"], row["kind"], row["strength"]) for row in rows],
                         [("012345", "card", "signature"), ("012345", "pin", "memorised")])
        self.fails(67, "card", "stop", "taro", "--yes", "--card", rows[1]["id"])
        self.rows("card", "stop", "taro", "--yes")
        removed = self.run_("pin", "remove", "taro", stdin="yes\n")
        self.assertIn("The PIN of 砺波 太郎 (staff no. 012345) will be removed.", removed.stderr)
        self.assertEqual(removed.returncode, 0)
        self.assertEqual([row["state"] for row in self.rows("card", "list", "taro")], ["stopped"])

    def test_no_pin(self):
        self.add()
        self.place("b")
        self.assertIn("cancelled", self.fails(77, "card", "enroll", "taro", "--pin-stdin"))
        self.assertEqual(self.rows("status")[0]["cards"], "0")

    def test_card_of_another(self):
        self.add()
        self.add("000002", "hanako")
        self.enroll_card("a")
        self.assertIn("このカードは登録できません。",
                      self.fails(77, "card", "enroll", "hanako", "--pin-stdin", stdin=PIN + "\n", lang="ja"))
        self.assertEqual(self.rows("status")[0]["cards"], "1")

    def test_interrupt_undoes(self):
        self.add()
        process = subprocess.Popen(self.command("finger", "enroll", "taro", "right-index"), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        self.assertIn("on the sensor", process.stderr.readline())
        self.sensor.press("f03", 1)
        process.stderr.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, -signal.SIGINT)
        self.assertEqual(self.rows("status")[0]["fingers"], "0")
        code, _, document = self.enroll_finger("right-index", "f03")
        self.assertEqual(code, 0, document)

    def test_wrong_values(self):
        self.add()
        for code, words in ((67, "person show nobody"), (67, "card test nobody"), (67, "finger delete taro all --yes"),
                            (64, "person add --number 2 --name N --login b --category contractor"),
                            (73, "person add --number 012345 --name N --login b --category regular"),
                            (73, "person add --number 3 --name N --login taro --category regular"),
                            (64, "person add --number 3 --name N --login a/b --category regular"),
                            (67, "card stop taro --yes"), (67, "lockout clear nobody")):
            with self.subTest(words):
                self.fails(code, *words.split())

    def test_check(self):
        pam = pathlib.Path(self.host.directory) / "pam.d"
        pam.mkdir()
        stack = "{0} [success=ok default=bad] pam_toyama.so silent=ignore\n"
        (pam / "login").write_text(stack.format("auth") + stack.format("account"))
        done = self.run_("check", "--json", "--pam-dir", str(pam))
        found = {f["id"]: f["level"] for f in json.loads(done.stdout)["findings"]}
        self.assertEqual(done.returncode, 78)
        self.assertEqual([i for i, level in found.items() if level == "red"], ["demo"])
        self.assertEqual((found["sensor"], found["reader-several"], found["people"]), ("green", "yellow", "yellow"))
        self.add()
        self.enroll_card("a")
        self.take("a")
        done = self.run_("check", "--pam-dir", str(pam))
        self.assertIn("Proof by a key that nobody else has: PIV card 1\n", done.stdout)
        self.pcsc.stop()
        try:
            done = self.run_("check", "--json", "--pam-dir", str(pam))
        finally:
            self.pcsc.start()
        self.assertIn("pcscd", [f["id"] for f in json.loads(done.stdout)["findings"]])

    def test_check_without_broker(self):
        self.host.stop()
        state = pathlib.Path(self.host.state)
        (state / "seal.key").chmod(0o640)
        done = self.run_("check", "--json")
        found = {f["id"]: f["level"] for f in json.loads(done.stdout)["findings"]}
        self.assertEqual((found["key-mode"], found.get("socket-missing") or found.get("broker-dead")), ("red", "red"))
        self.host.start()
        found = {f["id"] for f in json.loads(self.run_("check", "--json").stdout)["findings"]}
        self.assertIn("registry-mode", found | {"key-mode"})
        self.assertEqual(self.run_("person", "list").returncode, 78)
        self.host.stop()
        (state / "seal.key").chmod(0o600)
        self.host.start()

    def test_clock(self):
        done = self.run_("clock", "accept", stdin="yes\n")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.rows("status")[0]["clock"], "good")

    def test_json_of_every_listing(self):
        self.add()
        for words in ("person list", "lockout show", "lockout show taro", "audit show", "status", "audit verify"):
            self.assertIsInstance(self.rows(*words.split()), list)


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
