#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-enroll against a scripted broker: what it sends, shows and returns. usage:
enroll_cli_test.py BUILD_DIR (root)"""
import os
import shutil
import signal
import socket
import sys
import unittest

import adminrig
from adminrig import NUMBER
from brokerrig import Admin

BUILD = None

PERSON = {"kind": "person", "id": "d1" * 16, "number": "012345", "name": "砺波 太郎", "kana": "となみ たろう",
          "section": "市民課", "category": "regular", "state": "active", "login": "taro,taro2",
          "from": "2026-03-31T15:00:00Z", "until": "", "cards": "1", "fingers": "2", "locked": "no"}
CARD = {"kind": "card", "id": "c1" * 16, "family": "piv", "strength": "signature", "state": "active",
        "label": "N-0087", "pin": "no", "keys": "2", "enrolled": "2026-04-01T01:00:00Z"}
FINGERS = [{"kind": "finger", "id": f"f{n}" * 16, "finger": finger, "driver": "uru4000", "device": "0",
            "samples": "5", "enrolled": "2026-04-01T01:00:00Z"}
           for n, finger in enumerate(("right-index", "left-thumb"))]
TOKEN = {**CARD, "kind": "token", "id": "c2" * 16, "family": "yubikey", "strength": "shared-key", "label": "Y-0003"}
PIN = {**CARD, "kind": "pin", "id": "c4" * 16, "family": "memorised", "strength": "memorised", "label": "", "pin": "yes"}


def show_person(peer, _values):
    """person.show of somebody with a card and two fingers."""
    for row in (PERSON, CARD, *FINGERS):
        peer.row(**row)
    peer.done()


def answer(*rows, **done):
    """A script that sends rows and ends."""
    def script(peer, _values):
        for row in rows:
            peer.row(**row)
        peer.done(**done)
    return script


class Case(unittest.TestCase):
    """A private host for each test."""

    def setUp(self):
        self.rig = adminrig.Rig(BUILD)
        self.addCleanup(self.rig.remove)

    def good(self, result, *texts):
        """Exit code 0 and these texts on standard output."""
        self.assertEqual(result.code, 0, result.err)
        for text in texts:
            self.assertIn(text, result.out)
        return result

    def bad(self, result, code, *texts):
        """This exit code, nothing on standard output, these texts on standard error."""
        self.assertEqual(result.code, code, result.out + result.err)
        self.assertEqual(result.out, "")
        for text in texts:
            self.assertIn(text, result.err)
        return result


class Commands(Case):
    """Each command: the call that it makes and the answer that it shows."""

    COMMANDS = [
        ("person add --number 1 --name N --login a,b --category fixed-term --kana K --section S "
         "--from 2026-04-01 --until 2027-03-31 --share",
         "person.add", {"number": "1", "name": "N", "login": "a,b", "category": "fixed-term", "kana": "K",
                        "section": "S", "from": "2026-04-01", "until": "2027-03-31", "share": "yes"}),
        ("person change taro --kana none --section none --form none --name none", "person.change",
         {"person": "taro", "kana": "", "section": "", "form": "", "name": "none"}),
        ("person show taro", "person.show", {"person": "taro"}),
        ("person list", "person.list", {}),
        ("person remove taro --yes", "person.remove", {"person": "taro"}),
        ("card enroll taro --label N-1 --reader R", "card.enroll",
         {"person": "taro", "label": "N-1", "reader": "R"}),
        ("card stop taro --card c1 --reason lost --yes", "card.stop",
         {"person": "taro", "card": "c1", "reason": "lost"}),
        ("card stop taro --form 7-12 --yes", "card.stop", {"person": "taro", "form": "7-12"}),
        ("card suspend taro --until 2026-04-10 --reason lost", "card.suspend",
         {"person": "taro", "until": "2026-04-10", "reason": "lost"}),
        ("card resume taro --card c1", "card.resume", {"person": "taro", "card": "c1"}),
        ("temporary issue taro --reason forgotten --form 7 --label K-1 --reader R", "temporary.issue",
         {"person": "taro", "reason": "forgotten", "form": "7", "label": "K-1", "reader": "R"}),
        ("temporary return taro", "temporary.return", {"person": "taro"}),
        ("temporary list", "temporary.list", {}),
        ("roster extend --until 2026-09-30 --reason disaster", "roster.extend",
         {"until": "2026-09-30", "reason": "disaster"}),
        ("stop 4821-0937-5516-2041", "stop", {"code": "4821-0937-5516-2041"}),
        ("audit head --key", "audit.head", {"key": "yes"}),
        ("card test taro", "card.test", {"person": "taro"}),
        ("card list", "card.list", {}),
        ("card list taro", "card.list", {"person": "taro"}),
        ("card change-pin taro --card c1", "card.change-pin", {"person": "taro", "card": "c1"}),
        ("card unblock taro", "card.unblock", {"person": "taro"}),
        ("pin set taro", "pin.set", {"person": "taro"}),
        ("pin set taro --generate", "pin.set", {"person": "taro", "generate": "yes"}),
        ("pin change taro", "pin.change", {"person": "taro"}),
        ("pin remove taro --yes", "pin.remove", {"person": "taro"}),
        ("finger enroll taro left-little", "finger.enroll", {"person": "taro", "finger": "left-little"}),
        ("finger delete taro all --yes", "finger.delete", {"person": "taro", "finger": "all"}),
        ("finger test taro", "finger.test", {"person": "taro"}),
        ("lockout show", "lockout.show", {}),
        ("lockout show taro", "lockout.show", {"person": "taro"}),
        ("lockout clear taro", "lockout.clear", {"person": "taro"}),
        ("status", "status", {}),
        ("operator open taro", "operator.open", {"person": "taro"}),
        ("operator close", "operator.close", {}),
        ("operator status", "operator.status", {}),
        ("role grant taro approver", "role.grant", {"person": "taro", "role": "approver"}),
        ("role revoke taro auditor", "role.revoke", {"person": "taro", "role": "auditor"}),
        ("role list", "role.list", {}),
        ("approver enroll taro", "approver.enroll", {"person": "taro"}),
        ("approver test --times 3", "approver.test", {"times": "3"}),
        ("audit show --last 5", "audit.show", {"last": "5"}),
        ("audit verify", "audit.verify", {}),
        ("clock accept --yes", "clock.accept", {}),
    ]

    def test_what_is_sent(self):
        for line, verb, values in self.COMMANDS:
            with self.subTest(line):
                broker = self.rig.serve(**{verb.replace(".", "_"): answer()})
                self.good(self.rig.run(*line.split()))
                self.assertEqual(broker.calls, [(verb, values)])

    def test_json(self):
        for line, verb, _ in self.COMMANDS:
            with self.subTest(line):
                self.rig.serve(**{verb.replace(".", "_"): answer({"a": '"\\字', "b": ""}, {"a": "2", "b": "x"})
                                  if verb != "audit.verify" else answer({"events": "3"})})
                got = self.rig.run(*line.split(), "--json")
                self.assertEqual((got.code, got.err), (0, ""))
                self.assertEqual(got.json["command"], " ".join(verb.split(".")))
                self.assertEqual((got.json["result"], got.json["exit"]), ("ok", 0))
                self.assertIsInstance(got.json["rows"], list)

    def test_exit_codes(self):
        codes = {Admin.USAGE: (64, "usage"), Admin.NOT_FOUND: (67, "not-found"), Admin.EXISTS: (73, "exists"),
                 Admin.REFUSED: (77, "refused"), Admin.UNAVAILABLE: (69, "unavailable"),
                 Admin.FAILED: (74, "failed"), Admin.MISCONFIGURED: (78, "misconfigured")}
        for result, (code, word) in codes.items():
            with self.subTest(result.name):
                self.rig.serve(card_test=answer(result=result, detail="the cause"))
                self.bad(self.rig.run("card", "test", "taro"), code, "(the cause)")
                got = self.rig.run("card", "test", "taro", "--json")
                self.assertEqual(got.code, code)
                self.assertEqual((got.json["result"], got.json["exit"], got.json["detail"]),
                                 (word, code, "the cause"))
                self.assertTrue(got.json["message"])

    def test_message_of_the_catalogue(self):
        self.rig.serve(card_enroll=answer(result=Admin.REFUSED, message="K13", detail="registered already"))
        self.bad(self.rig.run("card", "enroll", "taro"), 77,
                 "This card cannot be registered. Please speak to the staff member in charge.")
        self.bad(self.rig.run("card", "enroll", "taro", lang="ja"), 77,
                 "このカードは登録できません。担当職員にお声がけください。", "(registered already)")

    def test_message_after_success(self):
        self.rig.serve(finger_enroll=answer({"finger": "left-index"}, message="K04"))
        shown = self.good(self.rig.run("finger", "enroll", "taro", "left-index"), "left index finger").out.splitlines()
        self.assertEqual(shown[0], "The finger is registered.")
        self.assertIn("at least one on each hand", shown[1])

    def test_names_of_roles(self):
        """Those of the catalogue, or the city's."""
        row = {"number": "1", "name": "N", "section": "", "roles": "registrar approver", "roles_waiting": "auditor",
               "card": "c1" * 16}
        self.rig.serve(role_list=answer(row))
        self.good(self.rig.run("role", "list"), "registrar, approver", "auditor", "c1c1c1c1")
        self.assertNotIn("c1" * 5, self.rig.run("role", "list").out)
        self.good(self.rig.run("role", "list", lang="ja"), "登録担当者, 承認者")
        self.rig.write_config(registrar="台帳係", auditor="Internal audit")
        self.rig.serve(role_list=answer(row))
        self.good(self.rig.run("role", "list"), "台帳係, approver", "Internal audit")
        self.assertEqual(self.rig.run("role", "list", "--json").json["rows"], [row])
        self.bad(self.rig.run("role", "grant", "taro", "mayor"), 64, "mayor")
        self.good(self.rig.run("role", "grant", "--help"), "administrator")

    def test_person_show(self):
        self.rig.serve(person_show=show_person)
        shown = self.good(self.rig.run("person", "show", "taro"), "砺波 太郎", "regular staff", "right index finger",
                          "left thumb", "N-0087")
        self.assertNotIn("kind", shown.out)
        ja = self.good(self.rig.run("person", "show", "taro", lang="ja"), "正規職員", "右手の人さし指", "左手の親指",
                       "利用開始日", "有効")
        self.assertIn("職員番号", ja.out)
        rows = self.rig.run("person", "show", "taro", "--json").json["rows"]
        self.assertEqual(rows, [PERSON, CARD, *FINGERS])

    def test_every_kind_of_credential(self):
        self.rig.serve(person_show=answer(PERSON, CARD, TOKEN, PIN, *FINGERS))
        shown = self.good(self.rig.run("person", "show", "taro"), "Cards", "PIV card", "Security keys", "YubiKey",
                          "shared key, one zone only", "memorised PIN").out
        titles = [line for line in shown.splitlines() if line in ("Cards", "Security keys", "PIN", "Fingers")]
        self.assertEqual(titles, ["Cards", "Security keys", "PIN", "Fingers"])
        self.good(self.rig.run("person", "show", "taro", lang="ja"), "PIVカード", "署名", "共有鍵（この系だけ）",
                  "記憶する暗証番号")

    def test_what_is_ahead_of_a_person(self):
        plan = {"kind": "plan", "from": "2027-03-31T15:00:00Z", "section": "税務課", "category": "regular", "until": "",
                "zones": "individual-number lgwan", "hosts": "@税務課"}
        exception = {"kind": "exception", "factors": "card pin", "reason": "injured", "from": "2026-10-01T00:00:00Z",
                     "until": "2026-10-03T08:15:00Z", "hosts": "zeimu-05", "approver": "", "form": "R8-31",
                     "standing": "over"}

        def over(peer, _values):
            for row in (PERSON, *FINGERS, plan, exception):
                peer.row(**row)
            peer.event("H12", staff="012345")
            peer.done()
        self.rig.serve(person_show=over)
        shown = self.good(self.rig.run("person", "show", "taro"), "Changes ahead", "My Number zone, LGWAN zone", "@税務課",
                          "Exceptions", "IC card + PIN", "injured hand or finger", "over")
        self.assertIn("needs to register fingerprints again", shown.err)
        shown = self.good(self.rig.run("person", "show", "taro", lang="ja"), "今後の変更", "個人番号利用事務系, LGWAN系",
                          "例外措置", "ICカード + 暗証番号", "手指のけが", "終了")
        self.assertIn("指紋の再登録", shown.err)

    def test_an_exception_is_told_in_words(self):
        def added(peer, _values):
            peer.done(message="H11", staff="012345", time=(adminrig.TIME, "2026-10-03T17:15"), reason="injured",
                      approver="200")
        self.rig.serve(exception_add=added)
        words = ("exception", "add", "taro", "--factors", "card pin", "--hosts", "zeimu-05", "--until",
                 "2026-10-03T17:15", "--reason", "injured")
        self.good(self.rig.run(*words), "012345", "Oct 3, 17:15", "injured hand or finger", "approved by: 200")
        self.good(self.rig.run(*words, lang="ja"), "10月3日17時15分まで", "手指のけが", "承認：200")
        self.assertEqual(self.rig.broker.calls[-1][1]["factors"], "card pin")

    def test_card_list(self):
        felica = {**adminrig.CARD, "id": "a2" * 16, "family": "felica", "strength": "shared-key", "pin": "no"}
        self.rig.serve(card_list=answer(adminrig.CARD, felica))
        lines = self.good(self.rig.run("card", "list")).out.splitlines()
        self.assertEqual(len(lines), 3)
        for word in ("012345", "c1c1c1c1 ", "PIV card", "signature", "active", "N-0087", "yes"):
            self.assertIn(word, lines[1])
        for word in ("a2a2a2a2 ", "FeliCa Lite-S", "shared key, one zone only", " no "):
            self.assertIn(word, lines[2])
        self.assertNotIn("c1" * 5, lines[1])
        self.assertEqual(self.rig.run("card", "list", "--json").json["rows"], [adminrig.CARD, felica])
        self.rig.serve(card_list=answer())
        self.good(self.rig.run("card", "list", lang="ja"), "カード、キー、暗証番号の登録はありません。")

    def test_a_generated_pin_is_shown(self):
        self.rig.serve(pin_set=answer({"secret": "48210937"}))
        self.good(self.rig.run("pin", "set", "taro", "--generate"), "The PIN is set.", "PIN (shown this once)  48210937")

    def test_table_is_aligned(self):
        other = {**PERSON, "number": "9", "name": "Jane Smith", "section": "", "login": "jane"}
        self.rig.serve(person_list=answer(PERSON, other))
        lines = self.rig.run("person", "list").out.splitlines()
        self.assertEqual(len(lines), 3)

        def column(line, text):
            return sum(2 if ord(c) > 0x2E80 else 1 for c in line[:line.index(text)])
        self.assertEqual({column(lines[0], "Category"), column(lines[1], "regular"), column(lines[2], "regular")},
                         {column(lines[0], "Category")})
        self.assertNotIn(PERSON["id"], "".join(lines))

    def test_empty_lists(self):
        self.rig.serve(person_list=answer(), lockout_show=answer(), audit_show=answer())
        self.good(self.rig.run("person", "list"), "Nobody is registered.")
        self.good(self.rig.run("lockout", "show", lang="ja"), "ロック中の人もありません")
        self.good(self.rig.run("audit", "show"), "The log is empty.")

    def test_long_list(self):
        rows = [{**PERSON, "number": f"{n:06}"} for n in range(3000)]
        self.rig.serve(person_list=answer(*rows))
        self.assertEqual(len(self.rig.run("person", "list").out.splitlines()), 3001)
        got = self.rig.run("person", "list", "--json").json["rows"]
        self.assertEqual([row["number"] for row in got], [row["number"] for row in rows])

    def test_status_and_audit(self):
        events = [{"sequence": "1", "time": "2026-04-01T00:00:00Z", "kind": "person-added", "person": "012345"},
                  {"sequence": "2", "time": "2026-04-01T00:00:09Z", "kind": "login", "cause": ""}]
        self.rig.serve(audit_show=answer(*events))
        self.good(self.rig.run("status"), "internet zone", "IC card", "2026-04-01")
        self.good(self.rig.run("status", lang="ja"), "インターネット接続系", "ICカード", "正常")
        lines = self.rig.run("audit", "show").out.splitlines()
        self.assertIn("person-added  person=012345", lines[0])
        self.assertTrue(lines[1].endswith("login"))

    def test_lockout(self):
        self.rig.serve(lockout_show=answer({"number": "1", "failures": "5", "until": "operator"},
                                           {"number": "2", "failures": "2", "until": ""}))
        self.good(self.rig.run("lockout", "show"), "an operator unlocks")
        self.good(self.rig.run("lockout", "show", lang="ja"), "担当者が解除するまで", "不一致の回数")


class Progress(Case):
    """What is told while a finger or a card is awaited."""

    @staticmethod
    def enroll(peer, _values):
        """Two stages, one of them with a bad press."""
        peer.event("K05", finger=(NUMBER, 2), stage=1, stages=3)
        peer.event("M04")
        peer.event("K07", stage=2, stages=3)
        peer.event("K07", stage=3, stages=3)
        peer.row(id="f0" * 16, finger="right-index", samples="3", driver="uru4000")
        peer.done()

    def test_plain_lines(self):
        self.rig.serve(finger_enroll=self.enroll)
        got = self.good(self.rig.run("finger", "enroll", "taro", "right-index"), "The finger is registered.",
                        "right index finger")
        lines = got.err.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertEqual(lines[0], "Place your right index finger on the sensor. (1/3)")
        self.assertNotIn("\033", got.err)
        ja = self.rig.run("finger", "enroll", "taro", "right-index", lang="ja")
        self.assertEqual(ja.err.splitlines()[0], "右手の人さし指をセンサーに置いてください。（1/3）")
        self.assertEqual(ja.err.splitlines()[1], "指紋を読み取れませんでした。指の腹を、まっすぐ置いてください。")

    def test_json_lines(self):
        self.rig.serve(finger_enroll=self.enroll)
        got = self.rig.run("finger", "enroll", "taro", "right-index", "--json")
        self.assertEqual(got.json["rows"][0]["finger"], "right-index")
        self.assertEqual([p["event"] for p in got.progress], ["K05", "M04", "K07", "K07"])
        self.assertEqual(got.progress[0]["args"], {"finger": "2", "stage": "1", "stages": "3"})
        self.assertIn("right index finger", got.progress[0]["text"])

    def test_blocks_on_a_terminal(self):
        self.rig.serve(finger_enroll=self.enroll)
        for lang, blocks, said in (("ja", ("□□□", "■□□", "■■□", "■■■"), "指紋を登録しました。"),
                                   ("en", ("...", "#..", "##.", "###"), "The finger is registered.")):
            terminal = adminrig.Terminal(self.rig, "finger", "enroll", "taro", "right-index", lang=lang)
            self.assertEqual(terminal.end(), 0)
            drawn = [part for part in terminal.shown.split("\r\033[K")[1:]]
            self.assertEqual([line.split(" ")[0].strip() for line in drawn],
                             [blocks[0], blocks[0], blocks[1], blocks[2], blocks[3]])
            self.assertIn(said, terminal.shown)
            self.assertEqual(terminal.shown.count(said), 1)

    def test_long_text_stays_on_one_line(self):
        def script(peer, _values):
            peer.event("K05", finger=(NUMBER, 2), stage=1, stages=20)
            peer.event("M04")
            peer.done(result=Admin.UNAVAILABLE)
        self.rig.serve(finger_enroll=script)
        terminal = adminrig.Terminal(self.rig, "finger", "enroll", "taro", "right-index")
        self.assertEqual(terminal.end(), 69)
        for line in terminal.shown.split("\r\033[K")[1:]:
            self.assertLessEqual(len(line.split("\r\n")[0]), 79)


class Secrets(Case):
    """The PIN: from the terminal without echo or from standard input, never anywhere else."""

    def setUp(self):
        super().setUp()
        self.given = []

        def script(peer, _values):
            peer.event("K12")
            self.given.append(peer.ask())
            peer.done(result=Admin.OK if self.given[-1] else Admin.REFUSED)
        self.rig.serve(card_enroll=script)

    def test_from_stdin(self):
        self.good(self.rig.run("card", "enroll", "taro", "--pin-stdin", stdin="123456\n"), "The card is registered.")
        self.assertEqual(self.given, [b"123456"])

    def test_one_line_each(self):
        def script(peer, _values):
            self.given += [peer.ask(), peer.ask(), peer.ask()]
            peer.done()
        self.rig.serve(card_enroll=script)
        self.good(self.rig.run("card", "enroll", "taro", "--pin-stdin", stdin="1111\n222222\n"))
        self.assertEqual(self.given, [b"1111", b"222222", None])

    def test_none(self):
        for typed in ("", "\n", "123456"):
            self.bad(self.rig.run("card", "enroll", "taro", "--pin-stdin", stdin=typed), 77)
        self.assertEqual(self.given, [None, None, None])

    def test_length(self):
        self.good(self.rig.run("card", "enroll", "taro", "--pin-stdin", stdin="9" * 64 + "\n"))
        self.bad(self.rig.run("card", "enroll", "taro", "--pin-stdin", stdin="9" * 65 + "\n"), 77, "too long")
        self.assertEqual(self.given, [b"9" * 64, None])

    def test_no_terminal(self):
        self.bad(self.rig.run("card", "enroll", "taro"), 77, "--pin-stdin")
        self.assertEqual(self.given, [None])

    def test_terminal_does_not_echo(self):
        for lang, prompt in (("en", "Enter the PIN of your IC card:"), ("ja", "暗証番号を入力してください：")):
            terminal = adminrig.Terminal(self.rig, "card", "enroll", "taro", lang=lang)
            terminal.until(prompt)
            terminal.type("483920\n")
            self.assertEqual(terminal.end(), 0)
            self.assertNotIn("483920", terminal.shown)
        self.assertEqual(self.given, [b"483920", b"483920"])

    def test_every_prompt_of_a_new_pin_is_silent(self):
        def script(peer, _values):
            peer.event("X70")
            self.given += [peer.ask("X67"), peer.ask("X18"), peer.ask("X19")]
            peer.done()
        self.rig.serve(**{"card_change-pin": script})
        terminal = adminrig.Terminal(self.rig, "card", "change-pin", "taro")
        for prompt, typed in (("present PIN:", "483920"), ("Enter the new PIN:", "72619354"),
                              ("again to confirm:", "72619354")):
            terminal.until(prompt)
            terminal.type(typed + "\n")
        self.assertEqual(terminal.end(), 0)
        self.assertEqual(self.given, [b"483920", b"72619354", b"72619354"])
        self.assertIn("hand over the keyboard", terminal.shown)
        for secret in self.given:
            self.assertNotIn(secret.decode(), terminal.shown)

    def test_what_happened_while_somebody_typed(self):
        def script(peer, _values):
            peer.sock.send(adminrig.frames.encode(adminrig.ASK, {4: "X67"}))
            peer.done(result=Admin.UNAVAILABLE, message="X07")
        broker = self.rig.serve(pin_change=script)
        terminal = adminrig.Terminal(self.rig, "pin", "change", "taro")
        terminal.until("present PIN:")
        broker.stop()
        terminal.type("483920\n")
        self.assertEqual(terminal.end(), 69)
        self.assertIn("The card was removed. Please start again.", terminal.shown)

    def test_interrupt_at_the_prompt(self):
        terminal = adminrig.Terminal(self.rig, "card", "enroll", "taro")
        terminal.until("Enter the PIN")
        terminal.type("\x03")
        self.assertEqual(terminal.end(), -signal.SIGINT)
        self.assertEqual(self.given, [])
        self.rig.broker.stop()
        self.assertEqual(self.rig.broker.failures, ["card.enroll: EOFError('no answer')"])
        self.rig.broker = None

    def test_json_tells_that_it_asks(self):
        got = self.rig.run("card", "enroll", "taro", "--pin-stdin", "--json", stdin="123456\n")
        self.assertEqual([next(iter(p)) for p in got.progress], ["event", "ask"])
        self.assertNotIn("123456", got.out + got.err)


class Confirmation(Case):
    """Before what cannot be undone."""

    LINES = [("person", "remove", "taro"), ("card", "stop", "taro"), ("finger", "delete", "taro", "all"),
             ("finger", "delete", "taro", "right-index"), ("clock", "accept"), ("pin", "remove", "taro"),
             ("yubikey", "remove", "taro"), ("card", "unused", "--suspend"),
             ("deputy", "open", "taro", "--hours", "24", "--reason", "earthquake")]
    LENT = {"number": "012345", "id": "c3" * 16, "label": "D-01", "standing": "sealed"}
    UNUSED = {"number": "012345", "id": "c1" * 16, "label": "N-0087", "state": "suspended"}
    # said to be lasting, or what ends it
    FINAL, FINAL_JA = "This cannot be undone.", "元に戻せません。"
    AFTER = {("card", "unused"): ('"card resume" puts a card back into use.', "card resume で、また使えるようにできます。"),
             ("deputy", "open"): ('"card stop" ends it before that.', "途中でも、card stop で終了できます。"),
             ("pin", "remove"): ('Only "pin set" gives another one.', "もう一度使うには、pin set で設定し直します。")}

    def serve(self):
        verbs = {"_".join(line[:2]): answer() for line in self.LINES}
        return self.rig.serve(**{**verbs, "person_show": answer(PERSON, CARD, TOKEN, PIN, *FINGERS),
                                 "deputy_list": answer(self.LENT), "card_unused": self.unused})

    def unused(self, peer, values):
        """card.unused: with dry-run what it would do."""
        self.dry.append("dry-run" in values)
        peer.row(**self.UNUSED)
        peer.done()

    def calls(self, broker, line):
        """How often something was done."""
        return len([call for call in broker.calls if call[0] == ".".join(line[:2])]) - sum(self.dry)

    def setUp(self):
        super().setUp()
        self.dry = []

    def test_says_whether_it_can_be_undone(self):
        self.serve()
        for line in self.LINES:
            for lang in (0, 1):
                with self.subTest(line=line, lang=lang):
                    final = (self.FINAL, self.FINAL_JA)[lang]
                    after = self.AFTER.get(line[:2], (final,) * 2)[lang]
                    got = self.rig.run(*line, lang=("en", "ja")[lang], stdin="no\n")
                    self.assertIn(after, got.err)
                    self.assertEqual(final in got.err, after == final)

    def test_nothing_to_take_away(self):
        """Nobody is asked about no fingers, cards, keys."""
        broker = self.rig.serve(person_show=answer(PERSON), deputy_list=answer({**self.LENT, "standing": "over"}))
        for line, en, ja in (
                (("finger", "delete", "taro", "all"), "No such finger", "その指の登録はありません"),
                (("card", "stop", "taro"), "No card or security key", "カードやセキュリティキーはありません"),
                (("card", "return", "taro", "--card", "N-1"), "No card or security key", "当てはまるカード"),
                (("card", "enroll", "taro", "--replaces", "N-1"), "No card or security key", "当てはまるカード"),
                (("yubikey", "remove", "taro"), "No YubiKey", "YubiKeyはありません"),
                (("pin", "remove", "taro"), 'no PIN of "pin set"', "暗証番号はありません"),
                (("deputy", "open", "taro", "--hours", "1", "--reason", "x"), "no sealed deputy card", "代理カードがありません")):
            for lang, text in (("en", en), ("ja", ja)):
                with self.subTest(line=line, lang=lang):
                    got = self.bad(self.rig.run(*line, lang=lang, stdin=""), 67, text)
                    self.assertNotRegex(got.err, "Type|入力")
                    self.assertNotIn("0", got.err.replace("012345", ""))
        self.assertEqual({call[0] for call in broker.calls}, {"person.show", "deputy.list"})

    def test_finger_that_is_not_registered(self):
        broker = self.serve()
        self.bad(self.rig.run("finger", "delete", "taro", "left-little", stdin="yes\n"), 67, "No such finger")
        self.assertEqual([call[0] for call in broker.calls], ["person.show"])

    def test_nothing_due(self):
        """What would change nothing only looks, and says so as it does without a question."""
        given = []

        def script(peer, values):
            given.append("dry-run" in values)
            peer.done()
        self.rig.serve(person_tidy=script, card_unused=script)
        self.good(self.rig.run("person", "tidy", stdin=""), "Nothing is due.")
        self.good(self.rig.run("card", "unused", "--suspend", stdin=""), "No card is unused for so long.")
        self.assertEqual(given, [True] * 4)

    def test_a_card_that_is_written_in_place_of_another(self):
        self.serve()
        line = ("card", "issue", "taro", "--replaces", "N-0087", "--form", "1")
        for words, old in ((line[:3], False), (line, True)):
            got = self.rig.run(*words, stdin="no\n")
            self.assertIn("The key of the FeliCa card on the reader will be overwritten", got.err)
            self.assertEqual("The card N-0087 of 砺波 太郎 (staff no. 012345) will be stopped for good" in got.err, old)
        self.bad(self.rig.run(*line[:4], "N-9", "--form", "1", stdin="yes\n"), 67, "No card or security key")

    def test_names_the_only_card(self):
        self.rig.serve(person_show=answer(PERSON, CARD))
        got = self.rig.run("card", "stop", "taro", stdin="no\n")
        self.assertIn("The card N-0087 of 砺波 太郎 (staff no. 012345) will be stopped.", got.err)

    def test_word_of_the_language(self):
        for lang, word, other in (("en", "yes", "はい"), ("ja", "はい", "yes")):
            for line in self.LINES:
                with self.subTest(line=line, lang=lang):
                    broker, self.dry = self.serve(), []
                    for typed in (other, "", "y", word + word, word.upper() + "!"):
                        got = self.rig.run(*line, lang=lang, stdin=typed + "\n")
                        self.assertEqual((got.code, got.out), (77, ""))
                    self.assertEqual(self.calls(broker, line), 0)
                    self.good(self.rig.run(*line, lang=lang, stdin=f"{word}\n"))
                    self.assertEqual(self.calls(broker, line), 1)

    def test_end_of_input(self):
        broker = self.serve()
        self.bad(self.rig.run("person", "remove", "taro"), 77, "Nothing was changed.")
        self.assertEqual([call[0] for call in broker.calls], ["person.show"])

    def test_says_what(self):
        self.serve()
        got = self.rig.run("finger", "delete", "taro", "right-index", stdin="no\n")
        self.assertIn("砺波 太郎\nFingerprints of staff no. 012345 to be deleted: 1. This cannot be undone. "
                      'Type "yes" to continue: ', got.err)
        got = self.rig.run("finger", "delete", "taro", "all", lang="ja", stdin="no\n")
        self.assertIn("砺波 太郎\n職員番号012345の指紋を2件削除します。元に戻せません。"
                      "続けるときは「はい」と入力：", got.err)
        got = self.rig.run("person", "remove", "taro", stdin="no\n")
        self.assertIn("cards and security keys: 2, fingers: 2", got.err)

    def test_unknown_person_is_told_before(self):
        self.rig.serve(person_show=answer(result=Admin.NOT_FOUND, detail="nobody"))
        got = self.bad(self.rig.run("person", "remove", "x", stdin="yes\n"), 67)
        self.assertNotIn("Type", got.err)

    def test_json_needs_yes(self):
        broker = self.serve()
        for line in self.LINES:
            got = self.rig.run(*line, "--json", stdin="yes\n")
            self.assertEqual((got.code, got.json["result"]), (64, "usage"))
        self.assertEqual(broker.calls, [])


class Channel(Case):
    """A socket or a broker that is not what it should be."""

    def status(self, code, *texts):
        got = self.bad(self.rig.run("status"), code, *texts)
        doc = self.rig.run("status", "--json")
        self.assertEqual((doc.code, doc.json["exit"]), (code, code))
        return got

    def test_missing(self):
        self.status(69, "socket is not there")

    def test_no_socket(self):
        self.rig.socket.write_text("")
        self.status(77, "does not belong to root")

    def test_link(self):
        broker = self.rig.serve()
        os.rename(self.rig.socket, self.rig.dir / "elsewhere")
        os.symlink(self.rig.dir / "elsewhere", self.rig.socket)
        self.status(77)
        self.assertEqual(broker.calls, [])

    def test_socket_of_another(self):
        broker = self.rig.serve()
        os.chown(self.rig.socket, 1, 1)
        self.status(77, "does not belong to root")
        self.assertEqual(broker.calls, [])

    def test_peer_is_another(self):
        broker = adminrig.FakeBroker(str(self.rig.socket), {}, uid=65534)
        self.addCleanup(broker.stop)
        self.status(77, "does not belong to root")
        self.assertEqual(broker.calls, [])

    def test_nobody_listens(self):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.bind(str(self.rig.socket))
        sock.close()
        self.status(69, "does not answer")

    def test_closes(self):
        self.rig.serve(status=lambda peer, values: peer.sock.close())
        self.status(69, "closed the connection")

    def test_nonsense(self):
        row = adminrig.frames.encode(0x73, {2: adminrig.encode_pairs({"a": "1"})})
        packets = [b"\x00", b"hello", row + b"\x00", row[:-1],
                   adminrig.frames.encode(0x75, {}), adminrig.frames.encode(0x73, {}),
                   adminrig.frames.encode(0x73, {2: b"\x31\x00"}), adminrig.frames.encode(0x74, {6: 0}),
                   adminrig.frames.encode(0x74, {6: 99}), adminrig.frames.encode(0x74, {6: 1, 4: "TOOLONGID"}),
                   adminrig.frames.encode(0x71, {4: "K05", 5: b"\x30\x01"}),
                   adminrig.frames.encode(0x74, {6: 1, 7: "evil \x1b[2J"}),
                   adminrig.frames.encode(0x61, {0: 1, 1: "status"}), b"\x73" + b"\x00" * 65536]
        for packet in packets:
            with self.subTest(packet[:20]):
                self.rig.serve(status=lambda peer, values, packet=packet: (peer.raw(packet), peer.closed()))
                self.status(76, "does not understand")

    def test_escape_sequences_never_reach_the_terminal(self):
        self.rig.serve(person_show=answer({**PERSON, "name": "a\x1b]0;b"}))
        self.bad(self.rig.run("person", "show", "taro"), 76)

    def test_unknown_message_shows_its_id(self):
        self.rig.serve(card_test=lambda peer, values: (peer.event("Z99"), peer.done()))
        self.assertEqual(self.rig.run("card", "test", "taro").err, "Z99\n")

    def test_interrupt(self):
        gone = []

        def script(peer, _values):
            peer.event("K12")
            gone.append(peer.closed())
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            self.rig.serve(card_test=script)
            process = self.rig.start("card", "test", "taro", "--json")
            self.assertIn(b"K12", process.stderr.readline())
            process.send_signal(number)
            out, _ = process.communicate(timeout=adminrig.TIMEOUT)
            self.assertEqual(process.returncode, -number)
            self.assertIn(b'"result":"cancelled"', out)
            self.rig.stop()
        self.assertEqual(gone, [True, True, True])

    def test_not_root(self):
        self.rig.serve()
        build = self.rig.build / "enroll" / "toyama-enroll"
        self.rig.dir.chmod(0o755)
        copy = self.rig.dir / "toyama-enroll"
        toyamad = self.rig.dir / "toyamad"
        shutil.copy(build, copy)
        shutil.copy(self.rig.build / "toyamad" / "toyamad", toyamad)
        command = self.rig.command("status")
        command[0] = str(copy)
        command[command.index("--toyamad") + 1] = str(toyamad)
        done = adminrig.subprocess.run(["setpriv", "--reuid", "65534", "--clear-groups", *command], check=False,
                                       capture_output=True, text=True, timeout=adminrig.TIMEOUT)
        self.assertEqual(done.returncode, 77, done.stderr)
        self.assertIn("toyama-admin", done.stderr)


class Arguments(Case):
    """Wrong input: one sentence, EX_USAGE, and the broker is not asked."""

    LINES = ["", "bogus", "person", "person bogus", "person add --number 1", "status extra", "status --bogus",
             "person show", "finger enroll taro nose", "audit show --last many", "status --lang fr",
             "person add --number 1 --name n --login a --category king", "status --yes=1", "card enroll a --pin 123"]

    def test_mistakes(self):
        broker = self.rig.serve()
        for line in self.LINES:
            for lang in ("en", "ja"):
                with self.subTest(line=line, lang=lang):
                    got = self.bad(self.rig.run(*line.split(), lang=lang if "--lang" not in line else None), 64)
                    self.assertEqual(len(got.err.splitlines()), 2)
                    self.assertEqual(lang == "ja" and "--lang" not in line, not got.err.isascii())
        self.assertEqual(broker.calls, [])

    def test_json(self):
        got = self.rig.run("bogus", "--json")
        self.assertEqual((got.code, got.json["result"], got.json["command"]), (64, "usage", ""))

    def test_help(self):
        self.good(self.rig.run("--help"), "person add", "--pin-stdin")
        self.good(self.rig.run("--help", lang="ja"), "利用者を登録します。")
        self.good(self.rig.run("person", "--help"), "person remove")
        self.good(self.rig.run("finger", "enroll", "--help"), "right-index", "Example:")
        self.good(self.rig.run("person", "add", "--help", lang="ja"), "会計年度任用職員", "例：")
        self.good(self.rig.run("--version"), "toyama-enroll ")

    def test_language_of_the_locale(self):
        for variables, japanese in (({"LANG": "ja_JP.UTF-8"}, True), ({"LANG": "ja_JP.utf8"}, True),
                                    ({"LANG": "ja_JP.eucJP"}, False), ({"LANG": "C.UTF-8"}, False), ({}, False),
                                    ({"LANG": "ja_JP.UTF-8", "LC_ALL": "C"}, False),
                                    ({"LANG": "C", "LC_MESSAGES": "ja_JP.UTF-8"}, True)):
            with self.subTest(variables):
                got = self.rig.run("--help", lang=None, environment=variables)
                self.assertEqual("利用者" in got.out, japanese)


class Configuration(Case):
    """Without a good configuration no command goes on."""

    def test_bad(self):
        broker = self.rig.serve()
        self.rig.write_config(zone="moon")
        self.bad(self.rig.run("status"), 78, "check", "zone")
        got = self.rig.run("status", "--json")
        self.assertEqual((got.code, got.json["result"]), (78, "misconfigured"))
        self.assertEqual(broker.calls, [])

    def test_missing(self):
        self.rig.config.unlink()
        self.bad(self.rig.run("person", "list", lang="ja"), 78, "設定に誤りがあります。")

    def test_no_broker_program(self):
        command = self.rig.command("status")
        command[command.index("--toyamad") + 1] = "/nonexistent/toyamad"
        done = adminrig.subprocess.run(command, check=False, capture_output=True, text=True)
        self.assertEqual(done.returncode, 69)
        self.assertIn("/nonexistent/toyamad", done.stderr)

    def test_init(self):
        got = self.rig.run("init", "--json")
        self.assertEqual(got.code, 0, got.out + got.err)
        names = sorted(os.path.basename(path) for path in got.json["made"])
        self.assertEqual(names, ["authority.key", "log.key", "registry.db", "seal.key"])
        for path in got.json["made"]:
            self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        before = {name: (self.rig.state / name).read_bytes() for name in names}
        self.bad(self.rig.run("init", lang="ja"), 73, "すでに準備されています")
        self.assertEqual(self.rig.run("init", "--json").json["result"], "exists")
        self.assertEqual(before, {name: (self.rig.state / name).read_bytes() for name in names})

    def test_init_refuses_any_part(self):
        self.rig.state.mkdir(mode=0o700)
        (self.rig.state / "seal.key").write_bytes(b"x" * 32)
        self.bad(self.rig.run("init"), 73)
        self.assertEqual(os.listdir(self.rig.state), ["seal.key"])

    def test_init_explains(self):
        got = self.good(self.rig.run("init"), "seal.key", "Next:", "toyama-enroll check")
        self.assertIn("1. ", got.out)

    def test_init_fails(self):
        self.rig.write_config(state=self.rig.dir / "no" / "such" / "directory")
        got = self.rig.run("init")
        self.assertEqual((got.code, got.out), (73, ""))
        self.assertIn("could not be prepared", got.err)


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("enroll_cli_test.py: needs root: the broker's socket must be root's")
    BUILD = sys.argv.pop(1)
    unittest.main()
