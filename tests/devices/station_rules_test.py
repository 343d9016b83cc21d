# SPDX-License-Identifier: Apache-2.0
"""Two people behind every issue, whatever one of them tries at the station or in its database.

    station_rules_test.py BUILD_DIR"""
import os
import shutil
import sys
import unittest

import pcscns
import stationrig
from brokerrig import Admin
from stationrig import ALL, PIN, World

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"


def setUpModule():  # pylint: disable=invalid-name
    World.begin(BUILD)


def tearDownModule():  # pylint: disable=invalid-name
    World.end()


class TwoPeople(stationrig.Case):
    """No command and no edited row gets an issue approved by somebody who had a hand in it."""

    def change_by(self, number, card):
        """An approver stops a card; he gets the administrator's office first, with an approval."""
        self.station.register("900", "kuro", "kuro")
        self.station.must("role.grant", person=number, role="administrator")
        self.station.good(self.station.approve("goro" if card == "jiro" else "jiro"))
        self.station.open(number, card)
        self.station.must("card.stop", person="900", reason="lost")

    def test_nobody_approves_his_own_change(self):
        self.change_by("200", "jiro")
        self.refused(self.station.approve("jiro"), "H04")
        # Neither behind somebody else's session, nor when others change more.
        self.station.open()
        self.refused(self.station.approve("jiro"), "H04")
        self.station.must("person.change", person="100", section="Zeimu")
        self.refused(self.station.approve("jiro"), "H04")
        self.restart()
        self.station.open()
        self.refused(self.station.approve("jiro"), "H04")
        self.station.good(self.station.approve("goro"))
        # From now on he is no author any more.
        self.station.must("person.change", person="100", section="Kikaku")
        self.station.good(self.station.approve("jiro"))

    def test_no_edited_row_hides_the_author(self):
        self.change_by("200", "jiro")
        self.station.must("card.found", person="900")
        rows = ("DELETE FROM issue WHERE number=(SELECT max(number)-1 FROM issue)",
                "DELETE FROM issue WHERE number=(SELECT max(number) FROM issue)",
                "DELETE FROM issue WHERE number<(SELECT max(number)-1 FROM issue)",
                "UPDATE issue SET signed=(SELECT signed FROM issue WHERE number=2)"
                " WHERE number=(SELECT max(number)-1 FROM issue)")
        saved = f"{self.station.directory}/saved"
        self.assertEqual(self.station.stop(), 0)
        shutil.copytree(self.station.state, saved)
        for statement in rows:
            shutil.rmtree(self.station.state)
            shutil.copytree(saved, self.station.state)
            self.station.start()
            self.edit(statement)
            row = self.station.must("status").rows[0]
            if row["registry"] == "good":
                call = self.station.call("issue.preview")
                self.refused(call, "X45")
            self.assertEqual(self.station.stop(), 0)
        shutil.rmtree(self.station.state)
        shutil.copytree(saved, self.station.state)
        self.station.start()

    def test_an_issue_that_was_put_in_by_hand_is_seen(self):
        station = self.station
        station.register("300", "saburo", zones=ALL)
        statements = (
            "UPDATE zone_record SET record=(SELECT record FROM person p WHERE p.id=zone_record.id)",
            "DELETE FROM zone_record WHERE zone='internet'",
            "UPDATE zone_issue SET zone='lgwan', number=2 WHERE zone='internet'",
            "INSERT INTO zone_record SELECT 'internet', id, record, 1 FROM person"
            " WHERE id NOT IN (SELECT id FROM zone_record WHERE zone='internet')",
        )
        for statement in statements:
            self.assertEqual(station.stop(), 0)
            shutil.copy(f"{station.state}/registry.db", f"{station.directory}/registry.db")
            station.start()
            self.edit(statement)
            station.open()
            self.refused(station.call("issue.preview"), "X45")
            self.refused(station.sign("issue.approve", "jiro", token="0" * 64), "X45")
            call = station.call("roster.export", zone="internet", file=os.memfd_create("out"))
            if "lgwan" not in statement:
                self.refused(call, "X45")
            self.assertEqual(station.stop(), 0)
            shutil.copy(f"{station.directory}/registry.db", f"{station.state}/registry.db")
            os.unlink(f"{station.state}/log.anchor")  # the copy is meant
            station.start()

    def test_what_was_shown_is_what_is_signed(self):
        station = self.station
        station.register("300", "saburo", zones="lgwan")
        token = station.token()
        station.must("person.change", person="300", zones=ALL)
        self.refused(station.sign("issue.approve", "jiro", token=token), "X44")
        self.refused(station.sign("issue.approve", "jiro", token="0" * 64), "X44")
        self.refused(station.sign("issue.approve", "jiro", token="short"), None, Admin.USAGE)
        station.good(station.sign("issue.approve", "jiro", token=station.token()))

    def test_a_change_while_the_card_is_awaited(self):
        station = self.station
        station.register("300", "saburo", zones="lgwan")
        World.reader.take_out()

        def change(_):
            station.must("person.change", person="300", section="Zeimu")
            World.reader.put("jiro", False)
        self.refused(station.call("issue.approve", pins=[PIN], token=station.token(), on={"K15": change}), "X44")
        World.reader.take_out()
        station.good(station.approve())

    def test_a_stopped_approver_does_not_approve(self):
        self.station.must("card.stop", person="200", reason="lost")
        self.refused(self.station.approve("jiro"), "X88")
        self.station.good(self.station.approve("goro"))

    def test_an_approver_whose_card_never_was_approved(self):
        station = self.station
        station.register("600", "rokuro", "rokuro", zones=ALL)
        station.make_approver("600", "rokuro")
        self.refused(station.approve("rokuro"), "X88")
        station.good(station.approve("jiro"))
        station.must("person.change", person="600", section="Somu")
        station.good(station.approve("rokuro"))


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
