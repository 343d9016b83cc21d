#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What happens to cards in the course of a year, on a stand-alone host: found again, taken back, destroyed, registered
anew, counted. usage: situations_test.py BUILD_DIR (root)"""
import os
import sys
import unittest

import pcscns
from brokerrig import Admin, Result
from situationsrig import PIN, Host, World, day

BUILD = None


def setUpModule():  # pylint: disable=invalid-name
    """Cards and a finger."""
    World.begin(BUILD)


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    World.end()


class LifeOfACard(Host):
    """Lost, found, returned, destroyed."""

    def setUp(self):
        super().setUp()
        self.broker.add_person("100", "hanako")
        self.broker.add_person("200", "taro")
        self.id_a = self.enroll("100", "a", label="N-0001")

    def test_a_card_that_is_found_stays_stopped_and_shows_who_tried_it(self):
        self.refused(Admin.REFUSED, "H52", "card.found", person="100")
        self.assertEqual(self.login("a", "hanako")[0], Result.GRANTED)
        self.must("card.stop", person="100", reason="lost")
        self.assertEqual(self.login("a", "hanako"), (Result.DENIED, "M08"))
        call = self.broker.must("card.found", person="100", form="R8-7")
        self.assertEqual(call.message, "H50")
        self.assertEqual([row["kind"] for row in call.rows],
                         ["card-enrolled", "login", "card-stopped", "login", "card-found"])
        self.assertEqual([row["result"] for row in call.rows if row["kind"] == "login"], ["granted", "denied"])
        self.assertEqual((self.event()["reason"], self.event()["form"], self.event()["label"]),
                         ("found", "R8-7", "N-0001"))
        self.assertEqual(self.login("a", "hanako"), (Result.DENIED, "M08"))
        self.refused(Admin.REFUSED, "H52", "card.found", person="100")

    def test_a_returned_card_lets_nobody_in(self):
        self.refused(Admin.USAGE, None, "card.return", person="100", reason="lost")
        self.refused(Admin.USAGE, None, "card.return", person="100", reason="bored")
        self.assertEqual(self.login("a", "hanako")[0], Result.GRANTED)
        self.must("card.return", person="100", card="N-0001", reason="retired", form="R8-8")
        self.assertEqual(self.event()["kind"], "card-returned")
        self.assertEqual((self.event()["reason"], self.event()["form"]), ("retired", "R8-8"))
        self.assertEqual(self.cards("100"), {"N-0001": "returned"})
        self.assertEqual(self.login("a", "hanako"), (Result.DENIED, "M08"))
        self.refused(Admin.REFUSED, "H53", "card.return", person="100")
        self.refused(Admin.NOT_FOUND, None, "card.return", person="200")

    def test_two_people_see_a_card_destroyed(self):
        values = {"person": "100", "card": "N-0001", "form": "R8-9"}
        self.refused(Admin.REFUSED, "H55", "card.destroy", witness="200", **values)
        self.must("card.stop", person="100", reason="lost")
        self.refused(Admin.REFUSED, "H55", "card.destroy", witness="200", **values)
        self.must("card.found", person="100")
        self.refused(Admin.NOT_FOUND, None, "card.destroy", witness="300", **values)
        self.refused(Admin.REFUSED, "H54", "card.destroy", witness="100", **values)
        self.broker.add_person("300", "jiro", category="contractor", form="K-1", until=day(1))
        self.refused(Admin.REFUSED, "H54", "card.destroy", witness="300", **values)
        self.refused(Admin.USAGE, None, "card.destroy", person="100", witness="200")
        self.assertEqual(self.cards("100"), {"N-0001": "stopped"})
        rows = self.must("card.destroy", witness="taro", **values)
        self.assertEqual(self.cards("100"), {"N-0001": "destroyed"})
        event = self.broker.events(2)[0]
        self.assertEqual((event["kind"], event["witness"], event["form"], event["card"]),
                         ("card-destroyed", "200", "R8-9", self.id_a))
        self.assertEqual((rows[0]["sequence"], len(rows[0]["link"])), (event["sequence"], 64))
        self.refused(Admin.REFUSED, "H55", "card.destroy", witness="200", **values)

    def test_the_record_of_destruction_is_a_paper_in_both_languages(self):
        self.must("card.return", person="100")
        self.assertIn("N-0001", self.cli("card", "destroy", "100", "--card", "N-0001", "--witness", "200", "--form", "R8-9",
                                         stdin="no\n", code=77))
        self.assertEqual(self.cards("100"), {"N-0001": "returned"})
        paper = self.cli("card", "destroy", "100", "--card", "N-0001", "--witness", "200", "--form", "R8-9", lang="ja",
                         stdin="はい\n")
        event = next(row for row in self.broker.events(5) if row["kind"] == "card-destroyed")
        for word in ("カード廃棄立会記録", "N-0001", "Name of 100", "R8-9", "立会者", "200（Name of 200）", "令和",
                     event["sequence"]):
            self.assertIn(word, paper)
        again = self.cli("audit", "paper", event["sequence"])
        self.assertIn("Record of a card's destruction", again)
        link = self.rows("audit", "paper", event["sequence"])[0]["link"]
        self.assertIn(link[:8], again)
        self.assertIn(link[:8], paper)
        self.cli("audit", "paper", "1", code=67)
        self.cli("audit", "paper", "999999", code=67)


class NewCards(Host):
    """One live card a person, what replaces it, and cards that are lent anew."""
    settings = {"cards_per_person": "1"}

    def setUp(self):
        super().setUp()
        self.broker.add_person("100", "hanako")
        self.broker.add_person("200", "taro")
        self.id_a = self.enroll("100", "a", label="N-0001")

    def test_a_second_card_needs_a_word(self):
        self.refused(Admin.REFUSED, "H56", "card.enroll", person="100")
        self.refused(Admin.USAGE, None, "card.enroll", person="100", second="yes")
        self.enroll("100", "b", second="yes", form="R8-20", label="N-0002")
        event = self.event()
        self.assertEqual((event["second"], event["form"], event["label"]), ("yes", "R8-20", "N-0002"))
        for card in ("a", "b"):
            self.assertEqual(self.login(card, "hanako")[0], Result.GRANTED)

    def test_the_old_card_stops_with_the_new_one(self):
        values = {"person": "100", "replaces": "N-0001"}
        self.refused(Admin.USAGE, None, "card.enroll", **values)
        self.refused(Admin.USAGE, None, "card.enroll", form="R8-21", reason="retired", **values)
        self.refused(Admin.NOT_FOUND, None, "card.enroll", form="R8-21", person="100", replaces="N-0009")
        self.place("b")
        call = self.broker.call("card.enroll", form="R8-21", pins=["999999"], **values)
        self.assertEqual(call.result, Admin.REFUSED)
        self.take("b")
        self.assertEqual(self.cards("100"), {"N-0001": "active"})
        self.enroll("100", "b", replaces="N-0001", form="R8-21", reason="damaged", label="N-0002")
        event = self.event()
        self.assertEqual(self.cards("100"), {"N-0001": "stopped", "N-0002": "active"})
        self.assertEqual((event["kind"], event["replaces"], event["reason"], event["form"]),
                         ("card-enrolled", self.id_a, "damaged", "R8-21"))
        self.assertEqual(self.login("a", "hanako"), (Result.DENIED, "M08"))
        self.assertEqual(self.login("b", "hanako")[0], Result.GRANTED)

    def test_after_a_stop_a_new_card_needs_no_word(self):
        self.must("card.stop", person="100", reason="lost")
        self.enroll("100", "b", label="N-0002")
        self.assertEqual(self.login("b", "hanako")[0], Result.GRANTED)
        self.enroll("100", "c", label="N-0003", replaces="N-0002", form="R8-23")
        self.assertEqual(self.cards("100"), {"N-0001": "stopped", "N-0002": "stopped", "N-0003": "active"})

    def test_a_found_card_becomes_another_credential(self):
        self.must("card.stop", person="100", reason="lost")
        self.place("a")
        self.assertEqual(self.broker.call("card.enroll", person="100", pins=[PIN]).message, "K13")
        self.take("a")
        self.must("card.found", person="100")
        self.place("a")
        self.assertEqual(self.broker.call("card.enroll", person="200", pins=[PIN]).message, "K13")
        self.take("a")
        new = self.enroll("100", "a", label="N-0001")
        self.assertNotEqual(new, self.id_a)
        self.assertEqual(self.event()["before"], self.id_a)
        self.assertEqual(self.cards("100"), {"N-0001": "active"})
        self.assertEqual(self.login("a", "hanako")[0], Result.GRANTED)

    def test_a_returned_card_is_lent_to_somebody_else(self):
        self.must("card.return", person="100", reason="ended")
        self.enroll("200", "a", label="N-0001")
        event = self.event()
        self.assertEqual((event["person"], event["before"], event["lent-before"]), ("200", self.id_a, "100"))
        self.assertEqual(self.cards("100"), {})
        self.assertEqual(self.login("a", "taro")[0], Result.GRANTED)
        self.assertEqual(self.login("a", "hanako"), (Result.DENIED, "M07"))
        self.assertEqual(self.broker.must("audit.verify").result, Admin.OK)
        self.broker.stop()
        self.broker.start()
        self.assertEqual(self.login("a", "taro")[0], Result.GRANTED)

    def test_nothing_of_a_card_that_is_taken_away_is_kept(self):
        self.must("card.return", person="100")
        self.place("a")
        call = self.broker.call("card.enroll", person="200", pins=["999999"])
        self.assertEqual(call.result, Admin.REFUSED)
        self.take("a")
        self.assertEqual((self.cards("100"), self.cards("200")), ({"N-0001": "returned"}, {}))

    def test_destroyed_cards_make_room(self):
        for n in range(9):
            card = pcscns.VirtualCard(BUILD, slot=1, name=f"room-{n}", alg_9a="none", alg_9e="p256", subject=f"room-{n}")
            try:
                card.insert()
                World.pcsc.wait_card(1)
                self.must("card.enroll", person="200", label=f"R-{n}")
            finally:
                card.end()
                World.pcsc.wait_card(1, False)
            if n == 7:
                self.must("card.return", person="200", card=f"R-{n}")
                self.refused(Admin.USAGE, None, "card.enroll", person="200")
                self.must("card.destroy", person="200", card="R-3", witness="100", form="R8-1")
            else:
                self.must("card.return", person="200", card=f"R-{n}")
        self.assertNotIn("R-3", self.cards("200"))
        self.assertEqual(len(self.cards("200")), 8)

    def test_replacing_asks_first(self):
        self.place("b")
        said = self.cli("card", "enroll", "100", "--replaces", "N-0001", "--form", "R8-22", stdin="no\n", code=77)
        self.assertIn("N-0001 of Name of 100", said)
        self.assertEqual(self.cards("100"), {"N-0001": "active"})
        self.cli("card", "enroll", "100", "--replaces", "N-0001", "--form", "R8-22", "--pin-stdin", "--yes", stdin=PIN + "\n")
        self.take("b")
        self.assertEqual(sorted(self.cards("100").values()), ["active", "stopped"])


class Stock(Host):
    """The count of the cupboard."""
    settings = {"temporary_until": "23:59"}

    def places(self, prefix="K"):
        """{label: (place, holder)}."""
        return {row["label"]: (row["place"], row["number"]) for row in self.must("stock.list")
                if row["label"].startswith(prefix)}

    def counts(self):
        """{place: how many}."""
        return {row["place"]: row["count"] for row in self.must("stock.count")}

    def test_labels_are_counted_from_the_cupboard_to_the_shredder(self):
        self.broker.add_person("100", "hanako")
        self.broker.add_person("200", "taro")
        call = self.broker.must("stock.add", **{"from": "K-08", "to": "K-11", "dry-run": "yes"})
        self.assertEqual((call.message, call.rows, self.places()), ("H59", [{"count": "4"}], {}))
        before = self.counts()
        self.assertEqual(self.must("stock.add", **{"from": "K-08", "to": "K-11"}), [{"count": "4"}])
        self.assertEqual(self.event()["to"], "K-11")
        self.assertEqual(list(self.places()), ["K-08", "K-09", "K-10", "K-11"])
        self.refused(Admin.EXISTS, None, "stock.add", **{"from": "K-11", "to": "K-12"})
        self.assertNotIn("K-12", self.places())
        self.enroll("100", "a", label="K-08")
        self.assertEqual(self.places()["K-08"], ("lent", "100"))
        self.refused(Admin.REFUSED, "H57", "card.enroll", person="200", label="K-08")
        self.must("card.stop", person="100", reason="lost")
        self.assertEqual(self.places()["K-08"], ("lost", "100"))
        self.must("card.found", person="100")
        self.assertEqual(self.places()["K-08"], ("lent", "100"))
        self.must("card.return", person="100")
        self.assertEqual(self.places()["K-08"], ("returned", ""))
        self.enroll("200", "a", label="K-08")
        self.assertEqual(self.places()["K-08"], ("lent", "200"))
        self.must("card.return", person="200")
        self.must("card.destroy", person="200", witness="100", form="R8-1")
        self.assertEqual(self.places()["K-08"], ("destroyed", ""))
        self.refused(Admin.REFUSED, "H57", "card.enroll", person="200", label="K-08")
        self.enroll("100", "b", label="K-09")
        self.must("person.remove", person="100")
        self.assertEqual(self.places()["K-09"], ("missing", ""))
        self.assertEqual(self.counts(), {**before, "in-stock": str(int(before["in-stock"]) + 2), "missing": "1", "destroyed": "1"})
        self.assertEqual([row["label"] for row in self.must("stock.list", place="missing")], ["K-09"])
        said = self.cli("stock", "list", "--place", "in-stock", lang="ja")
        self.assertIn("在庫", said)
        self.assertNotIn("K-09", said)

    def test_a_range_is_one_of_numbers(self):
        for first, last in (("K-01", "K-1"), ("K-01", "L-05"), ("K", "K"), ("K-05", "K-04"), ("K-0000", "K-1000"),
                            ("", "K-1"), ("0" * 200, "0" * 200), ("K-1", "K-x"), ("1234567890", "1234567891")):
            self.refused(Admin.USAGE, None, "stock.add", **{"from": first, "to": last})

    def test_a_card_that_is_lent_for_a_day_is_counted(self):
        self.broker.add_person("100", "hanako")
        self.broker.add_person("200", "taro")
        self.enroll("100", "a")
        self.must("stock.add", **{"from": "T-1", "to": "T-3"})
        for number in ("100", "200"):
            self.place("b")
            self.must("temporary.issue", person=number, label="T-2")
            self.take("b")
            self.assertEqual(self.places("T")["T-2"], ("lent", number))
            self.must("temporary.return", person=number)
            self.assertEqual(self.places("T")["T-2"], ("returned", ""))


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
