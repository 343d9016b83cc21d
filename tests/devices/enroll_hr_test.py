#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-enroll hr check: each fault of an HR file in words, with its line, in both encodings and
languages. usage: enroll_hr_test.py BUILD_DIR (root)"""
import os
import sys
import time
import unittest

import adminrig

BUILD = None
HEAD = "職員番号,氏名,カナ,所属,区分,採用日,任期満了日\r\n"
GOOD = "012345,砺波 太郎,トナミ タロウ,市民課,正規,2026-04-01,\r\n"
# What is read, then: kind, line, column (its key), words in English and Japanese.
FAULTS = [
    ("氏名,カナ,所属,区分,採用日,任期満了日\r\n" + GOOD, "column-missing", 1, "number", "職員番号 is missing",
     "列「職員番号」がありません"),
    (HEAD[:-2] + ",区分\r\n", "column-twice", 1, "category", "区分 stands twice", "列「区分」が2つ"),
    (HEAD, "no-rows", 0, "", "no rows", "職員の行がありません"),
    (HEAD + GOOD + "2,花子,ハナコ,市民課,嘱託,2026-04-01,2027-03-31\r\n", "category", 3, "category",
     '"嘱託" is not a category', "「区分」の「嘱託」は区分の名前ではありません"),
    (HEAD + GOOD + GOOD.replace("太郎", "次郎"), "number-twice", 3, "number", '"012345" stands in line 2',
     "「012345」は2行目にもあります"),
    (HEAD + "2,花子,,市民課,臨時,2026-04-01,2026-03-31\r\n", "order", 2, "until", "任期満了日 is before 採用日",
     "「任期満了日」が「採用日」より前です"),
    (HEAD + "2,花子,,市民課,会計年度任用職員,2026-04-01,\r\n", "end-missing", 2, "until",
     "Only regular staff may have no end", "空にできるのは正規職員だけです"),
    (HEAD + GOOD + "2,花子,,福祉課,正規,,\r\n", "section", 3, "section", "list of sections",
     "「福祉課」は所属の一覧にありません"),
    (HEAD + "2,花子,,市民課,委託,,2027-02-29\r\n", "day", 2, "until", 'there is no day "2027-02-29"',
     "「2027-02-29」という日はありません"),
    (HEAD + "2,花子,,市民課,委託,,平成31年5月1日\r\n", "era", 2, "until", '"平成31年5月1日" does not lie in that era',
     "「平成31年5月1日」は、その元号の期間にありません"),
    (HEAD + "2,花子,,市民課,委託,,令和9年度末\r\n", "date", 2, "until", "is not a date", "日付として読み取れません"),
    (HEAD + "2,\"=HYPERLINK(\"\"http://x\"\")\",,市民課,正規,,\r\n", "formula", 2, "name", "like a formula of Excel",
     "数式とみなす記号"),
    (HEAD + "2,花子,,@市民課,正規,,\r\n", "formula", 2, "section", "like a formula of Excel", "数式とみなす記号"),
    (HEAD + "2,\"花\r\n子\",,市民課,正規,,\r\n", "control", 2, "name", "a line break", "改行があります"),
    (HEAD + "2," + "x" * 1024 * 1024 + "\r\n", "field-long", 2, "", "more than 4096 octets", "4096バイトを超える"),
    (HEAD + "2,花\0子,,市民課,正規,,\r\n", "nul", 2, "", "NUL", "NUL文字"),
    (HEAD + "2,花子,,市民課,正規,,\r\n3,月子,,市民課,正規,,\n", "line-end-mixed", 3, "", "CRLF and LF are mixed",
     "改行の種類が変わっています"),
    (HEAD + "2,花子,,市民課,正規,\r\n", "column-count", 2, "", "6 columns, and there are names of 7", "6個です（見出しは7個）"),
    (HEAD + "2,花\"子,,市民課,正規,,\r\n", "quote-stray", 2, "", "quotation mark", "引用符"),
    (HEAD + "2,花子,,市民課,正規,,\"\r\n", "quote-open", 2, "", "never closed", "閉じていません"),
]


class Check(unittest.TestCase):
    """A host that knows three sections."""

    def setUp(self):
        self.rig = adminrig.Rig(BUILD)
        self.addCleanup(self.rig.remove)
        self.sections = self.rig.dir / "sections"
        self.sections.write_text("市民課\n税務課\n総務課\n", encoding="utf-8")
        self.file = self.rig.dir / "hr.csv"
        self.configure()

    def configure(self, hr=""):
        """Section [hr] with these lines."""
        self.rig.write_config()
        text = self.rig.config.read_text(encoding="utf-8")
        self.rig.write_config(f"{text}[roster]\nsections = {self.sections}\n[hr]\n{hr}")

    def check(self, text, *words, encoding="utf-8", lang="en"):
        """hr check of this text, or these octets."""
        self.file.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
        return self.rig.run("hr", "check", str(self.file), *words, lang=lang)

    def test_every_fault(self):
        for encoding in ("utf-8", "utf-8-sig", "cp932"):
            for text, kind, line, column, en, ja in FAULTS:
                with self.subTest(f"{kind} in {encoding}"):
                    got = self.check(text, "--json", encoding=encoding)
                    self.assertEqual((got.code, got.err), (65, ""))
                    self.assertEqual((got.json["result"], got.json["errors"]), ("faulty", 1))
                    fault = got.json["faults"][0]
                    self.assertEqual((fault["kind"], fault["line"], fault["column"]), (kind, line, column))
                    for lang, words, start in (("en", en, f"Line {line}: "), ("ja", ja, f"{line}行目：")):
                        got = self.check(text, encoding=encoding, lang=lang)
                        self.assertEqual((got.code, got.err), (65, ""))
                        told = [row for row in got.out.splitlines() if words in row]
                        self.assertEqual(len(told), 1, got.out)
                        if line:
                            self.assertTrue(told[0].startswith(start), told)

    def test_a_good_file(self):
        for encoding, name in (("utf-8", "UTF-8"), ("utf-8-sig", "UTF-8"), ("cp932", "CP932")):
            got = self.check("備考," + HEAD + "," + GOOD + ",,,,,,,\r\n", encoding=encoding)
            self.assertEqual((got.code, got.err), (0, ""))
            self.assertEqual(got.out.splitlines(),
                             [f"{self.file}: rows 1, character encoding {name}", "Columns that are not used: 備考",
                              "Rows without content, passed over: 1", "No errors."])
        got = self.check(HEAD + GOOD, "--json")
        self.assertEqual(got.json, {"command": "hr check", "result": "ok", "exit": 0, "encoding": "utf-8", "people": 1,
                                    "empty": 0, "ignored": [], "errors": 0, "faults": []})
        self.assertIn("エラーはありません。", self.check(HEAD + GOOD, lang="ja").out)

    def test_all_faults_are_told(self):
        rows = "".join(f"{n},名,,市民課,{'何か' if n % 2 else '正規'},,\r\n" for n in range(2, 2042))
        got = self.check(HEAD + rows)
        self.assertEqual(got.code, 65)
        self.assertIn("Further errors that are not shown: 20\n", got.out)
        self.assertIn("Errors: 1020 (lines 3, 5, 7, 9, ", got.out)
        self.assertEqual(got.out.count("is not a category"), 1000)
        got = self.check(HEAD + "1,名,,どこか,何か,,\r\n" + GOOD + "2,,,市民課,正規,,\r\n", lang="ja")
        self.assertTrue(got.out.endswith("エラー3件（2, 4行目）。\n"), got.out)

    def test_what_is_no_csv(self):
        for text, kind, words in ((b"", "empty-file", "ファイルが空です。"), (b"PK\x03\x04abc", "workbook", "Excelのブック"),
                                  ((HEAD + GOOD).encode("utf-16"), "utf-16", "UTF-16"),
                                  ((HEAD + GOOD).encode("utf-8").replace(b"\r\n", b"\r"), "line-end", "CRだけ")):
            with self.subTest(kind):
                self.assertEqual(self.check(text, "--json").json["faults"][0]["kind"], kind)
                self.assertIn(words, self.check(text, lang="ja").out)

    def test_encoding(self):
        text = (HEAD + GOOD).encode("cp932")
        self.assertEqual(self.check(text, "--encoding", "cp932").code, 0)
        got = self.check(text, "--encoding", "utf-8", "--json")
        self.assertEqual((got.code, got.json["faults"][0]["kind"]), (65, "octets"))
        self.assertIn("--encoding", got.json["faults"][0]["text"])
        got = self.check(HEAD + GOOD, "--encoding", "cp932")
        self.assertEqual(got.code, 65)
        got = self.check(text, "--encoding", "sjis")
        self.assertEqual((got.code, got.out), (64, ""))
        self.assertIn("utf-8 or cp932", got.err)
        # One octet that does not fit, in a column that nobody reads.
        got = self.check("備考,".encode() + HEAD.encode() + b"\x82\xa0," + GOOD.encode(), "--json")
        self.assertEqual([(fault["line"], fault["kind"]) for fault in got.json["faults"]], [(2, "octets")])

    def test_words_of_the_city(self):
        self.configure("number = 番号\nname = 名前\nkana = -\nsection = 課\ncategory = 身分\nfrom = -\nuntil = 満了\n"
                       "category_regular = 一般職 特別職\nnumber_digits = 4\n")
        got = self.check("番号,名前,課,身分,満了\n0001,市長,総務課,特別職,\n０００２,副市長,総務課,特別職,R9.3.31\n")
        self.assertEqual((got.code, got.out.splitlines()[-1]), (0, "No errors."), got.out)
        got = self.check("番号,名前,課,身分,満了\n1,市長,総務課,特別職,\n", lang="ja")
        self.assertIn("2行目：「番号」の「1」は4桁の数字ではありません。Excelで先頭の0が消えたときは", got.out)
        self.configure("category_support = 正規\n")
        got = self.check(HEAD + GOOD)
        self.assertEqual((got.code, got.out), (78, ""))
        self.assertIn("[hr] category_support", got.err)

    def test_sections(self):
        self.sections.write_text("市民課\n\xff\x01\n", encoding="utf-8")
        got = self.check(HEAD + GOOD)
        self.assertEqual((got.code, got.out), (78, ""))
        self.assertIn(f"{self.sections}: line 2", got.err)
        self.sections.unlink()
        self.assertEqual(self.check(HEAD + GOOD).code, 78)

    def test_files_that_are_none(self):
        got = self.rig.run("hr", "check", "/nonexistent/hr.csv")
        self.assertEqual((got.code, got.out), (66, ""))
        self.assertEqual(self.rig.run("hr", "check", str(self.rig.dir)).code, 66)
        os.mkfifo(self.rig.dir / "fifo")
        self.assertEqual(self.rig.run("hr", "check", str(self.rig.dir / "fifo")).code, 66)
        self.assertEqual(self.rig.run("hr", "check").code, 64)

    def test_fifty_thousand(self):
        rows = "".join(f"{n:06},砺波 太郎,トナミ タロウ,市民課,会計年度,R8.4.1,令和9年3月31日\r\n" for n in range(50000))
        begin = time.monotonic()
        got = self.check(HEAD + rows, "--json", encoding="cp932")
        self.assertLess(time.monotonic() - begin, 15)
        self.assertEqual((got.code, got.json["people"], got.json["errors"]), (0, 50000, 0))


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("enroll_hr_test.py: needs root: the configuration must be root's")
    BUILD = sys.argv.pop(1)
    unittest.main()
