#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Rights at a login: zones, hosts, hours, terms, plans and temporary cards, in each zone, and what a person is told
about them. usage: rights_test.py BUILD_DIR (root)"""
import datetime
import os
import subprocess
import sys
import unittest

import brokerrig
import pcscns
from brokerrig import Admin, Result

BUILD = None
DAY = 86400
ZONES = {"individual-number": 1, "lgwan": 2, "internet": 4}


def setUpModule():  # pylint: disable=invalid-name
    """One pcscd, one sensor, two cards for one reader."""
    World.pcsc = pcscns.Pcsc()
    World.pcsc.start()
    World.sensor = brokerrig.Sensor(BUILD)
    World.cards = {name: pcscns.VirtualCard(BUILD, name=name, alg_9a="p256", alg_9e="p256", pin="123456", subject=name)
                   for name in ("own", "lent")}


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    for card in World.cards.values():
        card.end()
    World.sensor.end()
    World.pcsc.stop()


class World:
    """What the zones have in common."""
    pcsc = sensor = None
    cards = {}


def day(offset):
    """A date as the verbs take it."""
    return (datetime.date.today() + datetime.timedelta(days=offset)).isoformat()


class Zone:
    """The subclasses say which, and what it asks."""
    name = require = None
    fingers = False

    @classmethod
    def setUpClass(cls):
        cls.broker = brokerrig.Broker(BUILD, cls.name, cls.require, name=cls.name, throttle_after="100",
                                      place="市民課", finger_wait="5")
        cls.broker.init()
        cls.broker.start()
        cls.broker.add_person("100", "hanako")
        cls.broker.enroll_card("100", World.cards["own"], World.pcsc)
        if cls.fingers:
            for side, finger in (("right-index", "f01"), ("left-index", "f02")):
                cls.broker.enroll_finger("100", World.sensor, side, finger)

    @classmethod
    def tearDownClass(cls):
        cls.broker.check_clean()

    def setUp(self):
        World.cards["own"].insert()
        World.pcsc.wait_card(0)

    def tearDown(self):
        for card in World.cards.values():
            card.remove()
        World.pcsc.wait_card(0, False, settle=False)
        self.change(zones=self.name, hosts="all", hours="any", category="regular")

    def change(self, **values):
        """What an operator says."""
        self.broker.must("person.change", person="100", **values)

    def edit(self, **values):
        """What no operator can say: moments that have passed."""
        self.assertEqual(self.broker.stop(), 0)
        subprocess.run([f"{BUILD}/tests/virtual/roster/record-edit", self.broker.state, self.name, "test-01",
                        "100", *(f"{key.replace('_', '.')}={value}" for key, value in values.items())], check=True)
        self.broker.start()

    def attempt(self):
        """One attempt with the right finger where one is asked for."""
        login = self.broker.login(user="hanako")
        login.finish(on={"M02": lambda: World.sensor.press("f01", 10)})
        return login

    def refused(self, message, cause):
        """With a card that is proven; nothing further was asked."""
        login = self.attempt()
        self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", message]))
        event = self.broker.events(1)[0]
        self.assertEqual((event["cause"], event["person"]), (cause, "100"))
        return login.arguments[message]

    def granted(self):
        """What was said before the greeting."""
        login = self.attempt()
        self.assertEqual(login.result, Result.GRANTED, login.said)
        return [message for message in login.said[1:-1] if message != "M02"], login.arguments

    def test_zones(self):
        self.assertEqual(self.broker.must("person.show", person="100").rows[0]["zones"], self.name)
        others = [zone for zone in ZONES if zone != self.name]
        self.change(zones=",".join(others))
        self.refused("M12", "no-right-here")
        self.change(zones=" ".join(ZONES))
        self.assertEqual(self.granted()[0], [])

    def test_hosts(self):
        for hosts, good in (("test-02", False), ("test-02,@市民課", True), ("@税務課,@市民", False),
                            ("@税務課,test-01", True)):
            self.change(hosts=hosts)
            self.assertEqual(self.broker.must("person.show", person="100").rows[0]["hosts"], hosts)
            if good:
                self.granted()
            else:
                self.refused("M12", "no-right-here")

    def test_hours(self):
        names = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
        ahead = names[(datetime.date.today().weekday() + 3) % 7]
        begin = f"{day(3)}T08:30"
        self.change(hours=f"{ahead} 08:30-17:15")
        self.assertEqual(self.refused("M12h", "outside-hours")["time"], begin)
        self.change(hours="mon-sun 00:00-24:00")
        self.granted()

    def test_terms_of_the_person(self):
        self.change(category="fixed-term", until=day(14))
        said, arguments = self.granted()
        self.assertEqual(said, ["M26"])
        self.assertEqual((arguments["M26"]["days"], arguments["M26"]["date"]), ("14", day(14)))
        self.change(until=day(15))
        self.assertEqual(self.granted()[0], [])
        self.change(until=day(0))
        self.assertEqual(self.granted()[0], ["M26t"])
        self.edit(**{"from": -9 * DAY, "until": -DAY})
        self.assertEqual(self.refused("M09", "expired")["date"], day(-1))
        self.edit(**{"from": 2 * DAY, "until": 9 * DAY})
        self.assertEqual(self.refused("M10", "not-yet-valid")["date"], day(2))
        self.edit(**{"from": -DAY, "until": 99 * DAY, "state": 3})
        self.refused("M08", "stopped")
        self.edit(state=1)

    def test_a_plan_comes_into_effect_by_itself(self):
        self.change(**{"from": day(1)}, zones="none", section="税務課")
        rows = self.broker.must("person.show", person="100").rows
        self.assertEqual([(row["section"], row["zones"]) for row in rows if row["kind"] == "plan"], [("税務課", "")])
        self.assertEqual(rows[0]["zones"], self.name)
        self.granted()
        self.edit(plan_from=-1)
        self.refused("M12", "no-right-here")
        for row in (self.broker.must("person.show", person="100").rows[0], self.broker.must("person.list").rows[0]):
            self.assertEqual((row["section"], row["zones"]), ("税務課", ""))

    def test_terms_of_the_card(self):
        self.edit(card0_from=-9, card0_until=14 * DAY)
        self.assertEqual(self.granted()[0], ["M26"])
        self.edit(card0_until=-1)
        self.assertEqual(self.refused("M09", "card-expired")["date"], day(0))
        self.edit(card0_from=DAY, card0_until=9 * DAY)
        self.assertEqual(self.refused("M10t", "card-not-yet-valid")["time"][:10], day(1))
        self.edit(card0_from="none", card0_until="none", card0_zones=7 - ZONES[self.name])
        self.refused("M12", "no-right-here")
        self.edit(card0_zones=0)
        self.granted()

    def lend(self):
        """A second card, enrolled; the first lies in the reader."""
        World.cards["own"].remove()
        World.pcsc.wait_card(0, False, settle=False)
        call = self.broker.enroll_card("100", World.cards["lent"], World.pcsc)
        self.place("own")
        return call.rows[0]["id"][:8]

    def place(self, name):
        """The only card in the reader."""
        for other in World.cards.values():
            other.remove()
        World.pcsc.wait_card(0, False, settle=False)
        World.cards[name].insert()
        World.pcsc.wait_card(0)

    def test_a_temporary_card_stands_in_for_the_others(self):
        card = self.lend()
        self.granted()
        self.edit(card1_temporary=1, card1_from=-60, card1_until=600)
        self.refused("M08", "temporary-card-in-use")
        self.place("lent")
        said, arguments = self.granted()
        self.assertIn(said, (["M11"], ["M11d"]))  # M11d: ten minutes before midnight
        self.assertEqual(arguments[said[0]]["time"][:10], day(0 if said == ["M11"] else 1))
        self.edit(card1_until=2 * DAY)
        self.assertEqual(self.granted()[0], ["M11d"])
        self.edit(card1_until=-1)
        said = self.refused("M09t", "temporary-card-over")
        self.assertEqual(said["time"][:10], day(0))
        self.place("own")
        self.granted()
        self.edit(card1_from=60, card1_until=600)
        self.granted()
        self.broker.must("card.stop", person="100", card=card)


class IndividualNumber(Zone, unittest.TestCase):
    """Card and fingerprint."""
    name, require, fingers = "individual-number", "card finger", True


class Lgwan(Zone, unittest.TestCase):
    """Card alone."""
    name, require = "lgwan", "card"


class Internet(Zone, unittest.TestCase):
    """Card alone, which need not stay."""
    name, require = "internet", "card"


class Verbs(unittest.TestCase):
    """person.change and the rights of person.add: nothing is stored that was not understood."""

    def setUp(self):
        self.broker = brokerrig.Broker(BUILD, "lgwan", "card", name="verbs")
        self.broker.init()
        self.broker.start()
        self.broker.add_person("100", "hanako", category="fixed-term", until=day(99), hosts="a-1,@市民課", escort="yes",
                               hours="mon-fri 08:30-17:15", form="R8-31")

    def tearDown(self):
        self.broker.check_clean()
        subprocess.run(["rm", "-rf", self.broker.directory], check=True)

    def shown(self, kind="person"):
        return [row for row in self.broker.must("person.show", person="100").rows if row["kind"] == kind]

    def test_what_was_said_is_shown(self):
        row = self.shown()[0]
        self.assertEqual([row[key] for key in ("zones", "hosts", "escort", "hours", "form")],
                         ["lgwan", "a-1,@市民課", "yes", "mon-fri 08:30-17:15", "R8-31"])
        event = [e for e in self.broker.events(4) if e["kind"] == "person-added"][0]
        self.assertEqual((event["zones"], event["hosts"], event["escort"]), ("lgwan", "a-1,@市民課", "yes"))
        self.broker.must("person.change", person="100", hosts="all", escort="no", hours="any", form="", name="花子",
                         kana="ハナコ", login="hana,hana2", section="情報課", category="regular")
        row = self.shown()[0]
        self.assertEqual([row[key] for key in ("hosts", "escort", "hours", "form", "name", "kana", "login", "section",
                                               "category", "until")],
                         ["", "no", "", "", "花子", "ハナコ", "hana,hana2", "情報課", "regular", ""])
        self.broker.must("person.change", person="100", kana="", section="")
        self.assertEqual([self.shown()[0][key] for key in ("kana", "section")], ["", ""])
        call = self.broker.call("person.change", person="100", until=day(9))
        self.assertEqual((call.result, call.message), (Admin.USAGE, "H71"))
        event = [e for e in self.broker.events(6) if e["kind"] == "person-changed"][0]
        self.assertEqual((event["person"], event["login"], event["category"]), ("100", "hana,hana2", "regular"))

    def test_plans(self):
        before = self.shown()[0]
        self.broker.must("person.change", person="100", zones="internet", **{"from": day(2)})
        self.broker.must("person.change", person="100", section="税務課", **{"from": day(1)})
        plans = self.shown("plan")
        self.assertEqual([(p["zones"], p["section"], p["hosts"]) for p in plans],
                         [("lgwan", "税務課", "a-1,@市民課"), ("internet", "", "a-1,@市民課")])
        self.assertEqual(self.shown()[0], before)
        self.broker.must("person.change", person="100", hosts="all", category="regular", **{"from": day(2)})
        self.assertEqual(self.shown("plan")[1]["section"], "")
        self.assertEqual([self.shown("plan")[1][key] for key in ("hosts", "until", "zones")], ["", "", "internet"])
        call = self.broker.call("person.change", person="100", section="x", **{"from": day(3)})
        self.assertEqual(call.result, Admin.USAGE)
        for offset in (1, 2):
            self.broker.must("person.change", person="100", cancel="yes", **{"from": day(offset)})
        self.assertEqual(self.shown("plan"), [])
        call = self.broker.call("person.change", person="100", cancel="yes", **{"from": day(1)})
        self.assertEqual(call.result, Admin.NOT_FOUND)

    def test_what_is_not_understood_changes_nothing(self):
        self.broker.add_person("200", "taro,root")
        before = self.shown()
        faults = [{}, {"zones": "lan"}, {"zones": "lgwan,lgwan"}, {"zones": "none,lgwan"}, {"hosts": ""}, {"hosts": "a,,b"}, {"hosts": "a,a"},
                  {"hosts": "@"}, {"hosts": ",".join(f"h{n}" for n in range(9))}, {"hours": "mon 8-17"}, {"escort": "1"},
                  {"category": "king"}, {"until": "none"}, {"until": day(-1), "from": day(1)}, {"from": day(0)},
                  {"from": day(1), "name": "x"}, {"from": day(1), "escort": "no"}, {"from": "soon", "zones": "lgwan"},
                  {"cancel": "yes"}, {"name": ""}, {"form": "x" * 128}, {"login": ""}, {"number": "2"}]
        for fault in faults:
            call = self.broker.call("person.change", person="100", **fault)
            self.assertEqual(call.result, Admin.USAGE, fault)
            self.assertTrue(call.detail, fault)
        call = self.broker.call("person.change", person="100", login="hanako,root")
        self.assertEqual(call.result, Admin.EXISTS)
        self.broker.must("person.change", person="100", login="hanako,root", share="yes")
        self.broker.must("person.change", person="100", login="hanako")
        self.assertEqual(self.shown(), before)


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
