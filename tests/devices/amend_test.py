#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Between two rosters: what the helpdesk's host may say and who must sign it, what it does to logins here and on other
hosts, how long it lasts, and what is refused. usage: amend_test.py BUILD_DIR (root)"""
import os
import shutil
import sys
import time
import unittest

import deskrig
import pcscns
import storerig
from brokerrig import Admin, Result
from deskrig import PIN, amended, amendment, person

BUILD = None
DAY = 86400


def setUpModule():  # pylint: disable=invalid-name
    """One desk for all."""
    deskrig.Case.rig = deskrig.Desk(BUILD)


def tearDownModule():  # pylint: disable=invalid-name
    """It ends."""
    deskrig.Case.rig.end()


class Stopping(deskrig.Case):
    """By the helpdesk alone."""

    def test_stop(self):
        self.granted()
        call = self.desk.must("card.stop", person="100", reason="lost", form="7-12")
        self.assertEqual(call.message, "H30")
        event = self.desk.events(1)[0]
        self.assertEqual([event[k] for k in ("kind", "person", "reason", "form", "operator")],
                         ["card-stopped", "100", "lost", "7-12", "root"])
        self.denied("M08")
        self.assertEqual(self.desk.must("card.list", person="100").rows[0]["state"], "stopped")
        self.again()
        self.denied("M08")
        self.assertEqual(self.desk.call("card.stop", person="100").result, Admin.NOT_FOUND)
        self.granted(card="jiro", user="jiro")
        self.assertEqual([name.rsplit(".", 1)[1] for name in self.files()], ["amend"])
        self.assertEqual(os.stat(f"{self.outbox}/{self.files()[0]}").st_mode & 0o7777, 0o644)
        self.desk.must("audit.verify")

    def test_reason(self):
        call = self.desk.call("card.stop", person="100", reason="theft")
        self.assertEqual(call.result, Admin.USAGE)
        self.assertIn("theft", call.detail)
        self.granted()

    def test_suspend_and_resume(self):
        self.desk.must("card.suspend", person="100", reason="lost")
        self.denied("M08")
        self.assertEqual(self.desk.must("card.list", person="100").rows[0]["state"], "suspended")
        self.become()
        call = self.approve("card.resume", person="100", reason="found")
        self.assertEqual(call.message, "H30")
        event = self.desk.events(1)[0]
        self.assertEqual([event[k] for k in ("kind", "person", "reason", "operator", "approver")],
                         ["card-resumed", "100", "found", "300", "200"])
        self.granted()
        self.again()
        self.granted()
        self.assertEqual(len(self.files()), 2)

    def test_suspended_for_some_days(self):
        for until in (time.strftime("%Y-%m-%d", time.localtime(time.time() + n * DAY)) for n in (-1, 40)):
            self.assertEqual(self.desk.call("card.suspend", person="100", until=until).result, Admin.USAGE)
        until = time.strftime("%Y-%m-%d", time.localtime(time.time() + 3 * DAY))
        self.desk.must("card.suspend", person="100", until=until)
        self.denied("M08")
        self.zone.now = int(time.time())
        self.zone.issue()
        self.desk.must("roster.import", file=self.zone.file())
        self.denied("M08")

    def test_clear(self):
        self.desk.stop()
        storerig.lock(self.desk, "100")
        self.desk.start()
        self.assertEqual(self.login().result, Result.LOCKED)
        self.assertEqual(self.desk.must("lockout.clear", person="100").message, "H30")
        self.granted()
        self.assertEqual(len(self.files()), 1)

    def test_other_hosts_may_not(self):
        terminal = self.host("terminal")
        for verb, values in (("card.stop", {}), ("card.suspend", {}), ("temporary.issue", {})):
            call = terminal.call(verb, person="100", **values)
            self.assertIn((call.result, call.message), ((Admin.REFUSED, "H31"), (Admin.REFUSED, "X90")), verb)
        self.granted(broker=terminal)

    def test_no_outbox(self):
        shutil.rmtree(self.outbox)
        call = self.desk.must("card.stop", person="100", reason="lost")
        self.assertEqual(call.message, "H32")
        self.denied("M08")
        os.mkdir(self.outbox)
        self.again()
        self.assertEqual(len(self.files()), 1)


class Approving(deskrig.Case):
    """What gives somebody a way in."""

    def test_only_another_approver(self):
        self.desk.must("card.suspend", person="100")
        self.assertEqual(self.desk.call("card.resume", person="100").message, "X90")
        self.become()
        self.approve("card.resume", name="saburo", result=Admin.REFUSED, person="100")
        self.approve("card.resume", name="hanako", result=Admin.REFUSED, person="100")
        self.approve("card.resume", name="stock", result=Admin.REFUSED, person="100")
        self.denied("M08")

    def test_a_registrar_takes_a_roster(self):
        self.zone.issue()
        self.become()
        self.desk.must("roster.import", file=self.zone.file())
        self.assertEqual(self.desk.events(1)[0]["operator"], "300")

    def test_what_the_roster_says_stays(self):
        person(self.zone, "100")["credentials"][0]["state"] = deskrig.rosterrig.SUSPENDED
        self.zone.issue()
        self.desk.must("roster.import", file=self.zone.file())
        self.become()
        call = self.desk.call("card.resume", person="100")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "H37"))

    def lend(self, **values):
        """The stock card becomes Hanako's for today."""
        if time.strftime("%H:%M") >= "23:58":
            time.sleep(120)  # in the last minutes of a day none is lent
        on = {"K12": lambda _: self.rig.put("stock", False), "K15": lambda _: self.rig.put("jiro", False)}
        call = self.desk.call("temporary.issue", pins=[PIN], on=on, person="100", **values)
        self.rig.take_out()
        return call

    def test_lent_card(self):
        self.become()
        call = self.lend(label="K-03")
        self.assertEqual((call.result, call.message), (Admin.OK, "K19"), call.detail)
        event = self.desk.events(1)[0]
        self.assertEqual([event[k] for k in ("kind", "person", "reason", "operator", "approver")],
                         ["card-lent", "100", "forgotten", "300", "200"])
        for _ in range(2):
            self.assertIn("M11", self.granted(card="stock").said)
            self.granted(card="stock", user=None)
            self.denied("M08")
            self.again()
        self.become()
        self.assertEqual(self.lend().message, "H38")
        row = self.desk.must("temporary.list").rows[0]
        self.assertEqual((row["number"], row["label"], row["overdue"]), ("100", "K-03", "no"))
        self.desk.must("temporary.return", person="100")
        self.assertEqual(self.desk.events(1)[0]["kind"], "card-returned")
        self.assertEqual(self.desk.must("temporary.list").rows, [])
        self.granted()
        self.denied("M08", card="stock")
        call = self.lend()
        self.assertEqual(call.message, "K19", call.detail)
        self.granted(card="stock")

    def test_card_of_somebody(self):
        self.become()
        self.rig.put("jiro")
        call = self.desk.call("temporary.issue", person="100")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "K13"))



class Emergency(deskrig.Case):
    """No roster came for a hundred days."""
    age = 100 * DAY
    settings = {"roster_refuse": "366"}

    def test_extend(self):
        self.desk.stop()
        self.desk.configure(deskrig.ZONE, "card", register="taken", roster_outbox=self.outbox)
        self.desk.start()
        login = self.login()
        self.assertEqual(login.result, Result.UNAVAILABLE, login.said)
        self.become()
        for days in (40, -1):
            until = time.strftime("%Y-%m-%d", time.localtime(time.time() + days * DAY))
            self.assertEqual(self.desk.call("roster.extend", until=until).result, Admin.USAGE)
        until = time.strftime("%Y-%m-%d", time.localtime(time.time() + 20 * DAY))
        self.approve("roster.extend", until=until, reason="disaster")
        event = self.desk.events(1)[0]
        self.assertEqual([event[k] for k in ("kind", "reason", "approver")], ["roster-extended", "disaster", "200"])
        self.granted()
        self.again()
        self.granted()
        self.assertEqual(len(self.files()), 1)


class Tampering(deskrig.Case):
    """Rows that are gone, put back, or of another hand."""

    def test_rows(self):
        self.desk.must("card.stop", person="100", reason="lost")
        self.desk.stop()
        shutil.copytree(self.desk.state, f"{self.desk.directory}/saved")
        for sql in ("DELETE FROM amendment", "UPDATE amendment SET der=x'3000'",
                    "UPDATE amendment SET id=zeroblob(16)"):
            with self.subTest(sql=sql):
                with storerig.opened(self.desk) as db:
                    db.execute(sql)
                self.refused_at_start("amendment")
                shutil.rmtree(self.desk.state)
                shutil.copytree(f"{self.desk.directory}/saved", self.desk.state)
        self.desk.start()
        self.denied("M08")

    def test_put_in_by_hand(self):
        """A good one that this host did not take: its head does not cover it."""
        der = amendment(self.zone, deskrig.STOP, id=b"x" * 16, person=person(self.zone, "100")["id"],
                        credential=person(self.zone, "100")["credentials"][0]["id"])
        self.desk.stop()
        with storerig.opened(self.desk) as db:
            db.execute("INSERT INTO amendment VALUES(?,?)", (b"x" * 16, amended(der, self.zone.helpdesk)))
        self.refused_at_start("the amendments are not the ones")


class Lasting(deskrig.Case):
    """A newer roster."""

    def test_newer_issue(self):
        self.desk.must("card.stop", person="100", reason="lost")
        self.desk.must("card.suspend", person="200", reason="lost")
        self.zone.now = int(time.time()) + 2
        self.zone.issue()
        self.desk.must("roster.import", file=self.zone.file())
        self.denied("M08")
        self.granted(card="jiro", user="jiro")
        person(self.zone, "100")["credentials"][0]["state"] = deskrig.rosterrig.STOPPED
        self.zone.issue()
        self.desk.must("roster.import", file=self.zone.file())
        self.denied("M08")
        self.desk.stop()
        with storerig.opened(self.desk) as db:
            self.assertEqual(db.execute("SELECT count(*) FROM amendment").fetchone()[0], 0)
        self.desk.start()
        self.denied("M08")


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
