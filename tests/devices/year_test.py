#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A city's year: a station, three zones, and after each step who can log in where. Each step begins where the one
before ended; the date is the test's own. usage: year_test.py BUILD_DIR (root)"""
import os
import sys
import unittest

import pcscns
import yearrig

BUILD = None
HEAD = "職員番号,氏名,カナ,所属,区分,採用日,任期満了日,ログイン名,利用系\r\n"
NUMBER, LGWAN, INTERNET = "個人番号利用事務系", "LGWAN系", "インターネット接続系"
IN, OUT = "in", "M07"  # M07: this card is not registered
IT = (f"100,砺波 花子,トナミ ハナコ,情報課,正規,,,hanako,{LGWAN} {INTERNET}\r\n"
      f"200,砺波 次郎,トナミ ジロウ,情報課,正規,,,jiro,{LGWAN} {INTERNET}\r\n")
APRIL = HEAD + IT + (
    f"301,砺波 三郎,トナミ サブロウ,税務課,正規,2027-04-01,,saburo,{NUMBER} {LGWAN} {INTERNET}\r\n"
    f"302,砺波 四郎,トナミ シロウ,市民課,会計年度,2027-04-01,2028-03-31,shiro,{NUMBER} {LGWAN}\r\n"
    f"303,砺波 五郎,トナミ ゴロウ,市民課,正規,2027-04-01,,goro,{NUMBER} {LGWAN} {INTERNET}\r\n"
    f"304,砺波 六郎,トナミ ロクロウ,福祉課,会計年度,令和9年4月1日,令和10年3月31日,rokuro,{LGWAN}\r\n")
NEXT = (
    f"301,砺波 三郎,トナミ サブロウ,福祉課,正規,2027-04-01,,saburo,{LGWAN} {INTERNET}\r\n"
    f"302,砺波 四郎,トナミ シロウ,市民課,会計年度,2027-04-01,2029-03-31,shiro,{NUMBER} {LGWAN}\r\n"
    f"305,砺波 七郎,トナミ シチロウ,福祉課,正規,2028-04-01,,shichiro,{LGWAN}\r\n")
CARDS = {"saburo": ("301", ("f01", "f02")), "shiro": ("302", ("f03", "f04")), "goro": ("303", ("f05", "f06")),
         "rokuro": ("304", ())}


class Year(unittest.TestCase):
    """The steps, in order."""

    def setUp(self):
        self.city = yearrig.City(BUILD, {"individual-number": "card finger", "lgwan": "card", "internet": "card pin"},
                                 by_inbox=("internet",))
        self.station = self.city.station
        self.number, self.lgwan, self.internet = (self.city.terminals[zone] for zone in yearrig.ZONES)
        self.finger = {"hanako": None, "jiro": None}

    def who(self, step, user, *expected, card=None, **options):
        """The row of the table of this step: individual-number, LGWAN, Internet."""
        found = self.city.who(card or user, user, self.finger.get(user), **options)
        self.assertEqual(found, expected, f"{step}: {card or user}")

    def hr(self, text, *words):
        """hr import of a file of the HR section, in its own encoding."""
        path = self.city.media / "hr.csv"
        path.write_bytes(text.encode("cp932"))
        found = self.station.cli("hr", "import", str(path), "--yes", *words)
        path.unlink()
        return [found[key] for key in ("new", "changed", "rehired", "ended")]

    def test_year(self):
        """From March to April of the year after."""
        for step in (self.ceremony, self.march, self.april, self.lost_card, self.forgotten_card, self.contractor,
                     self.injured_finger, self.old_roster, self.october, self.retirement, self.next_april):
            step()
        self.city.end()

    def ceremony(self):
        """Authority, first registrar, first approver; three terminals join."""
        self.city.clock.set("2027-03-23 09:00")
        self.city.begin(registrar=("100", "砺波 花子", "hanako"), approver=("200", "砺波 次郎", "jiro"),
                        zones="lgwan,internet")
        for zone in yearrig.ZONES:
            self.city.join(zone)
        self.who("joined, no roster yet", "hanako", OUT, OUT, OUT)
        self.station.open()
        self.assertEqual(self.city.issue(), [])
        self.who("first roster", "hanako", OUT, IN, IN)
        self.who("first roster", "jiro", OUT, IN, IN)

    def march(self):
        """April 1 is prepared, signed and carried in March."""
        self.city.at("2027-03-25 10:00")
        self.assertEqual(self.hr(APRIL, "--from", "2027-04-01")[:1], [4])
        for name, (number, fingers) in CARDS.items():
            self.city.enroll_card(number, name)
            for side, finger in zip(("right-index", "left-index"), fingers):
                self.city.enroll_finger(number, side, finger)
            self.finger[name] = fingers[0] if fingers else None
        self.who("not carried", "saburo", OUT, OUT, OUT)
        changes = self.city.issue()
        self.assertEqual(sorted((number, zone) for zone, change, number in changes if change == "added"), [
            ("301", "individual-number"), ("301", "internet"), ("301", "lgwan"), ("302", "individual-number"),
            ("302", "lgwan"), ("303", "individual-number"), ("303", "internet"), ("303", "lgwan"), ("304", "lgwan")])
        self.who("March", "saburo", "M10", "M10", "M10")
        self.who("March", "shiro", "M10", "M10", OUT)
        self.who("March", "rokuro", OUT, "M10", OUT)
        self.who("March", "hanako", OUT, IN, IN)

    def april(self):
        """Everybody begins; nothing was carried since."""
        self.city.at("2027-04-01 08:30")
        self.who("April", "saburo", IN, IN, IN)
        self.who("April", "shiro", IN, IN, OUT)
        self.who("April", "goro", IN, IN, IN)
        self.who("April", "rokuro", OUT, IN, OUT)
        self.who("April", "saburo", OUT, OUT, OUT, card="shiro")  # somebody else's card

    def lost_card(self):
        """Stopped at the station, by its stop code in each zone, for good with the next issue."""
        self.city.at("2027-04-12 09:00")
        row, = self.station.rows("card", "stop", "301", "--reason", "lost", "--yes")
        self.who("stopped at the station", "saburo", IN, IN, IN)
        for host, expected in ((self.lgwan, (IN, "M08", IN)), (self.internet, (IN, "M08", "M08")),
                               (self.number, ("M08", "M08", "M08"))):
            host.cli("stop", row["stop_code"])
            self.who(f"stop code in {host.zone}", "saburo", *expected)
        self.city.enroll_card("301", "saburo-2")
        self.who("before the next issue", "saburo", OUT, OUT, OUT, card="saburo-2")
        self.city.issue()
        self.who("issued anew", "saburo", IN, IN, IN, card="saburo-2")
        self.who("issued anew", "saburo", "M08", "M08", "M08")

    def forgotten_card(self):
        """A card from the stock for a day, lent by the helpdesk of the LGWAN zone."""
        self.city.at("2027-04-20 09:00")
        self.city.open_at("lgwan")
        self.city.lend("lgwan", "302", "stock")
        self.who("lent", "shiro", OUT, IN, OUT, card="stock")
        self.who("lent", "shiro", IN, "M08", OUT)
        self.city.at("2027-04-20 18:05", officer=False)
        self.who("evening", "shiro", OUT, "M09t", OUT, card="stock")
        self.who("evening", "shiro", IN, IN, OUT)
        self.city.at("2027-04-21 08:30")
        self.assertEqual([row["number"] for row in self.lgwan.rows("temporary", "list")], ["302"])
        self.city.open_at("lgwan")
        self.lgwan.cli("temporary", "return", "302")
        self.assertEqual(self.lgwan.rows("temporary", "list"), [])
        self.who("returned", "shiro", OUT, "M08", OUT, card="stock")
        self.city.issue("--renew")
        self.who("next issue", "shiro", OUT, OUT, OUT, card="stock")
        self.who("next issue", "shiro", IN, IN, OUT)

    def contractor(self):
        """With an end and hours, never alone."""
        self.city.at("2027-05-06 10:00")
        self.station.cli("person", "add", "--number", "K-1", "--name", "委託 一郎", "--login", "gyosha", "--category",
                         "contractor", "--until", "2027-09-30", "--hours", "mon-fri 08:30-17:15", "--zones", "lgwan",
                         "--form", "R9-31", "--escort")
        self.city.enroll_card("K-1", "gyosha")
        self.city.issue("--renew")
        self.who("contractor", "gyosha", OUT, IN, OUT, escort="hanako")
        self.who("alone", "gyosha", "M24x", zones=("lgwan",))
        self.city.at("2027-05-06 19:00", officer=False)
        self.who("evening", "gyosha", OUT, "M12h", OUT)
        self.who("evening", "rokuro", OUT, IN, OUT)

    def injured_finger(self):
        """Card and PIN for a few days; with the same issue a transfer of October 1 is on its way."""
        self.city.at("2027-05-20 09:00")
        self.station.cli("person", "change", "301", "--from", "2027-10-01", "--section", "福祉課", "--zones",
                         "lgwan,internet")
        self.city.signed("exception", "add", "303", "--factors", "card pin", "--hosts", "mado-i", "--until",
                         "2027-05-24", "--reason", "injured", "--form", "R9-40")
        call = self.city.signed("exception", "add", "200", "--factors", "card pin", "--hosts", "mado-l", "--until",
                                "2027-05-24", "--reason", "injured", code=77)
        self.assertIn("approve", call["message"])  # for himself
        only = {"zones": ("individual-number",)}
        self.who("not carried", "goro", IN, pin=None, **only)
        self.city.issue("--renew")
        self.who("exception", "goro", "X06", pin=None, **only)
        self.who("exception", "goro", IN, IN, IN)
        self.who("transfer ahead", "saburo", IN, IN, IN, card="saburo-2")
        self.city.at("2027-05-25 08:30", officer=False)
        self.who("exception over", "goro", IN, pin=None, **only)

    def old_roster(self):
        """Nobody carried one: 30 days in the individual-number zone, 60 elsewhere."""
        self.city.at("2027-06-25 09:00")
        self.who("old", "goro", "M23x", IN, IN)
        self.who("old", "rokuro", "M23x", IN, OUT)
        self.city.issue("--renew")
        self.who("renewed", "goro", IN, IN, IN)

    def october(self):
        """The transfer: signed in May, in effect by itself; the template goes with the next issue, the card stays."""
        self.city.at("2027-09-24 09:00")
        self.city.issue("--renew")
        self.who("September", "saburo", IN, IN, IN, card="saburo-2")
        self.who("September", "gyosha", IN, zones=("lgwan",), escort="rokuro")
        self.assertEqual(self.templates("301"), 2)
        self.city.at("2027-10-01 09:00")
        self.who("October 1", "saburo", "M12", IN, IN, card="saburo-2")
        self.who("October 1", "gyosha", OUT, "M09", OUT)
        self.tidy()
        self.assertIn(("individual-number", "removed", "301"), self.city.issue())
        self.who("October issue", "saburo", OUT, IN, IN, card="saburo-2")
        self.assertEqual(self.templates("301"), 0)

    def tidy(self):
        """Once: the contractor's card is stopped, the fingers of who was transferred are deleted, with a certificate."""
        rows = self.station.rows("person", "tidy", "--yes")
        self.assertEqual([(row["number"], row["cards"], row["fingers"]) for row in rows if row["kind"] == "tidied"],
                         [("301", "0", "2"), ("K-1", "1", "0")])
        paper, = [row for row in rows if row["kind"] == "templates-deleted"]
        self.assertEqual((paper["person"], paper["finger"], paper["operator"]), ("301", "right-index left-index", "100"))
        self.assertEqual(self.station.rows("person", "tidy", "--yes"), [])

    def templates(self, number):
        """Of a person in the individual-number zone, as its terminal says."""
        call = self.number.call("person.show", person=number)
        return sum(row.get("kind") == "finger" for row in call.rows)

    def retirement(self):
        """Of a regular member of staff: the last day, the day after, and the record is gone."""
        self.city.at("2027-12-24 09:00")
        self.station.cli("person", "retire", "303", "--on", "2027-12-28", "--form", "R9-77", "--yes")
        self.city.issue("--renew")
        self.city.at("2027-12-28 16:00", officer=False)
        self.who("last day", "goro", IN, IN, IN)
        self.city.at("2028-01-04 09:00")
        self.who("over", "goro", "M09", "M09", "M09")
        self.station.cli("person", "remove", "303", "--yes")
        self.city.issue("--renew")
        self.who("gone", "goro", OUT, OUT, OUT)

    def next_april(self):
        """The list of the year after: renewed with card and finger, not renewed, new."""
        self.city.at("2028-03-21 09:00")
        before = self.station.rows("person", "show", "302")
        self.assertEqual(self.hr(HEAD + IT + NEXT, "--from", "2028-04-01"), [1, 1, 0, 0])  # no. 304 ends as it was to
        self.city.enroll_card("305", "shichiro")
        self.city.issue("--renew")
        self.who("March", "shiro", IN, IN, OUT)
        self.who("March", "rokuro", OUT, IN, OUT)
        self.who("March", "shichiro", OUT, "M10", OUT)
        self.city.at("2028-04-03 08:30")
        self.who("renewed", "shiro", IN, IN, OUT)
        self.who("not renewed", "rokuro", OUT, "M09", OUT)
        self.who("new", "shichiro", OUT, IN, OUT)
        self.who("stays", "saburo", OUT, IN, IN, card="saburo-2")
        after = self.station.rows("person", "show", "302")
        self.assertEqual(after[0]["until"][:10], "2029-03-31")
        self.assertEqual([row["id"] for row in after[1:]], [row["id"] for row in before[1:]])


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
