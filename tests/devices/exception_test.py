#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Exceptions: other factors than the host asks for, for one person, on the hosts that are named, to an end.
usage: exception_test.py BUILD_DIR (root)"""
import datetime
import os
import subprocess
import sys
import unittest

import brokerrig
import pcscns
from brokerrig import Admin, Result

BUILD = None
PIN, WRONG = "123456", "654321"
DAY = 86400


def setUpModule():  # pylint: disable=invalid-name
    """One pcscd, one sensor, and cards for one reader."""
    World.pcsc = pcscns.Pcsc()
    World.pcsc.start()
    World.sensor = brokerrig.Sensor(BUILD)
    World.cards = {name: pcscns.VirtualCard(BUILD, name=name, alg_9e="p256", pin=PIN, subject=name)
                   for name in ("hanako", "taro")}
    World.cards["jiro"] = pcscns.VirtualCard(BUILD, name="jiro", alg_9a="none", alg_9e="p256", pin=PIN, subject="jiro")


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    for card in World.cards.values():
        card.end()
    World.sensor.end()
    World.pcsc.stop()


class World:
    """What all tests have in common."""
    pcsc = sensor = None
    cards = {}


def moment(offset):
    """A time as the verbs take it, seconds from now."""
    return (datetime.datetime.now() + datetime.timedelta(seconds=offset)).isoformat(timespec="minutes")


class Host:
    """A host with Hanako, whom the exceptions are for, and Taro; Jiro's card has no PIN."""
    zone = require = None
    fingers = True

    @classmethod
    def setUpClass(cls):
        cls.broker = brokerrig.Broker(BUILD, cls.zone, cls.require, name=cls.__name__, throttle_after="100",
                                      place="市民課", finger_wait="5", pin_wait="5")
        cls.broker.init()
        cls.broker.start()
        for number, name, prints in (("100", "hanako", ("f01", "f02")), ("200", "taro", ()),
                                     ("300", "jiro", ())):
            cls.broker.add_person(number, name)
            cls.broker.enroll_card(number, World.cards[name], World.pcsc, PIN)
            for side, finger in zip(("right-index", "left-index"), prints if cls.fingers else ()):
                cls.broker.enroll_finger(number, World.sensor, side, finger)

    @classmethod
    def tearDownClass(cls):
        cls.broker.check_clean()

    def setUp(self):
        self.place("hanako")

    def tearDown(self):
        for card in World.cards.values():
            card.remove()
        World.pcsc.wait_card(0, False)
        for number in ("100", "300"):
            self.broker.call("exception.end", person=number)
        self.broker.must("lockout.clear", person="100")

    def place(self, name):
        """The only card in the reader."""
        for card in World.cards.values():
            card.remove()
        World.pcsc.wait_card(0, False, settle=False)
        World.cards[name].ask("log on")
        World.cards[name].insert()
        World.pcsc.wait_card(0)

    def add(self, number="100", **values):
        """The exception that most tests are about, `values` put in its place."""
        good = {"factors": "card pin", "hosts": "test-01", "until": moment(3600), "reason": "injured"}
        return self.broker.must("exception.add", person=number, **{**good, **values})

    def edit(self, number="100", **values):
        """Moments that have passed."""
        self.assertEqual(self.broker.stop(), 0)
        subprocess.run([f"{BUILD}/tests/virtual/roster/record-edit", self.broker.state, self.zone, "test-01", number,
                        *(f"{key.replace('_', '.')}={value}" for key, value in values.items())], check=True)
        self.broker.start()

    def attempt(self, user="hanako", pins=(PIN,), finger="f01"):
        """One attempt; every PIN that is asked for is typed, every finger pressed."""
        login = self.broker.login(user=user)
        login.finish(pins=pins, on={"M02": lambda: World.sensor.press(finger, 10)})
        return login

    def event(self):
        """The newest login."""
        return [e for e in self.broker.events(4) if e["kind"] == "login"][-1]


class IndividualNumber(Host, unittest.TestCase):
    """Card and PIN instead of card and fingerprint."""

    zone, require = "individual-number", "card finger"

    def test_card_and_pin(self):
        call = self.add(form="R8-31")
        self.assertEqual(call.message, "H11")
        for user in ("hanako", None):
            login = self.attempt(user)
            self.assertEqual((login.result, login.said[:2]), (Result.GRANTED, ["M01", "X01"]), login.said)
            self.assertNotIn("M02", login.said)
            self.assertEqual(login.user, "hanako")
            event = self.event()
            self.assertEqual((event["factors"], event["exception"], event["person"]), ("card pin", "injured", "100"))
        self.assertEqual(World.cards["hanako"].tries(), 3)

    def test_a_finger_alone_is_not_asked_any_more(self):
        """No PIN, no login."""
        self.add()
        login = self.attempt(pins=(None,))
        self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "X01", "X06"]))
        self.assertEqual(self.event()["cause"], "no-pin")

    def test_wrong_pins(self):
        self.add()
        login = self.attempt(pins=(WRONG, PIN))
        self.assertEqual((login.result, login.said[:5]), (Result.GRANTED, ["M01", "X01", "X02", "X71", "X01"]))
        World.cards["hanako"].remove()
        World.pcsc.wait_card(0, False)
        pcscns.copy_state(World.cards["hanako"], "copy")
        World.cards["copy"] = pcscns.VirtualCard(BUILD, name="copy", pin=PIN)
        self.place("copy")
        login = self.attempt(pins=(WRONG, WRONG))
        self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "X01", "X02", "X71", "X01", "X03"]))
        self.assertEqual(World.cards["copy"].tries(), 1)
        World.cards.pop("copy").end()

    def test_pulled_while_typing(self):
        self.add()
        login = self.broker.login(user="hanako")
        login.until("X01")
        World.cards["hanako"].remove()
        self.assertEqual((login.step(), login.result), (("VERDICT", "X07"), Result.DENIED))

    def test_the_pin_goes_to_a_card_that_proves_itself_again(self):
        """9E, then 9E, VERIFY and 9A in one transaction."""
        self.add()
        self.attempt()
        sent = [command for command, _ in World.cards["hanako"].log()]
        kinds = [c[:8].lower() if c[2:4].lower() == "87" else c[2:4].lower() for c in sent]
        order = [k for k in kinds if k.startswith("0087") or k == "20"]
        self.assertEqual([k[-2:] for k in order if k != "20"], ["9e", "9e", "9a"])
        self.assertEqual(order.index("20"), 2, order)

    def test_other_hosts_and_other_times(self):
        for values, exception in (({"hosts": "test-02,@税務課"}, False), ({"hosts": "@市民課"}, True),
                                  ({"from": moment(600)}, False)):
            self.add(**values)
            login = self.attempt()
            self.assertEqual((login.result, login.said[1]), (Result.GRANTED, "X01" if exception else "M02"), values)
            self.assertEqual("exception" in self.event(), exception)
            self.broker.must("exception.end", person="100")

    def test_it_ends(self):
        self.add()
        self.edit(exception_from=-2 * DAY, exception_until=-1)
        self.assertEqual(self.attempt().said[:2], ["M01", "M02"])
        self.assertNotIn("exception", self.event())
        self.edit(exception_until=DAY)
        self.assertEqual(self.attempt().said[:2], ["M01", "X01"])
        self.broker.must("exception.end", person="100")
        self.assertEqual(self.attempt().said[:2], ["M01", "M02"])
        self.assertEqual(self.broker.call("exception.end", person="100").result, Admin.NOT_FOUND)

    def test_nothing_shows_before_the_card_is_proven(self):
        """Somebody else's card: no PIN is asked for, whoever is meant."""
        self.add()
        self.place("taro")
        seen = []
        for user in ("hanako", "nobody"):
            before = len(World.cards["taro"].log())
            login = self.attempt(user)
            self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "M07"]))
            seen.append([command[:8] for command, _ in World.cards["taro"].log()[before:]])
        self.assertEqual(seen[0], seen[1])
        self.assertEqual(self.attempt("taro").said, ["M01", "X33"])

    def test_a_card_without_a_pin_of_its_own(self):
        """The memorised secret stands in for it."""
        self.broker.must("pin.set", person="300", pins=["geheim-1", "geheim-1"])
        self.add("300")
        self.place("jiro")
        login = self.attempt("jiro", pins=("geheim-1",))
        self.assertEqual((login.result, login.said[:2]), (Result.GRANTED, ["M01", "X61"]))
        self.assertEqual(self.event()["factors"], "card pin")

    def test_no_sensor(self):
        """It is missed by who needs it, and by nobody else."""
        self.broker.stop()
        self.broker.configure(self.zone, self.require, throttle_after="100", place="市民課", pin_wait="5",
                              sensor_socket=None)
        self.broker.start()
        try:
            login = self.attempt()
            self.assertEqual((login.result, login.said), (Result.UNAVAILABLE, ["M01", "M15"]))
            self.add()
            World.cards["hanako"].remove()
            World.pcsc.wait_card(0, False)
            login = self.broker.login(user="hanako")
            login.until("M01")
            pcscns.wait_until(lambda: "sensor is not ready" in self.broker.log(), what="the sensor's failure")
            self.place("hanako")
            login.finish(pins=(PIN,))
            self.assertEqual((login.result, login.said[-2]), (Result.GRANTED, "X01"), login.said)
        finally:
            self.broker.stop()
            self.broker.configure(self.zone, self.require, throttle_after="100", place="市民課", finger_wait="5",
                                  pin_wait="5")
            self.broker.start()

    def test_a_locked_person_stays_locked(self):
        wrong = iter(("f05", n) for n in range(1, 6))

        def press():
            World.sensor.press(*next(wrong))
        for _ in range(2):
            self.broker.login(user="hanako").finish(on={"M02": press, "M05": press})
        self.add()
        login = self.attempt()
        self.assertEqual((login.result, login.said), (Result.LOCKED, ["M01", "M13"]))


class CardAndPin(Host, unittest.TestCase):
    """Card and finger where card and PIN are asked."""

    zone, require = "lgwan", "card pin"

    def test_card_and_finger(self):
        """No PIN is asked for that would go nowhere."""
        self.assertEqual(self.add(factors="card,finger", reason="other").message, "H11f")
        for user in ("hanako", None):
            login = self.attempt(user, pins=(WRONG,))
            self.assertEqual((login.result, login.said[:2]), (Result.GRANTED, ["M01", "M02"]), login.said)
            self.assertNotIn("X01", login.said)
        self.assertEqual(self.event()["factors"], "card finger")
        self.assertEqual(World.cards["hanako"].tries(), 3)
        login = self.attempt(finger="f03")
        self.assertEqual(login.result, Result.DENIED)

    def test_everybody_else_meanwhile(self):
        """The PIN is asked for as before, of whoever has proven a card; of nobody else, whoever is meant."""
        self.add(factors="card finger", reason="other")
        self.broker.must("pin.set", person="300", pins=["geheim-1", "geheim-1"])
        for name, pins, said, factors in (("taro", (PIN,), ["M01", "X01"], "card pin"),
                                          ("taro", (WRONG, PIN), ["M01", "X01", "X02", "X71", "X01"], "card pin"),
                                          ("jiro", ("geheim-1",), ["M01", "X61"], "card pin")):
            self.place(name)
            for user in (name, None):
                login = self.attempt(user, pins=pins)
                self.assertEqual((login.result, login.said[:len(said)]), (Result.GRANTED, said), login.said)
                self.assertEqual(self.event()["factors"], factors)
        self.assertEqual(World.cards["taro"].tries(), 3)
        self.place("taro")
        seen = []
        for user in ("hanako", "jiro", "nobody"):
            before = len(World.cards["taro"].log())
            login = self.attempt(user)
            self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "M07"]), user)
            seen.append([command[:8] for command, _ in World.cards["taro"].log()[before:]])
        self.assertEqual(seen[1:], seen[:1] * 2)

    def test_the_pin_goes_to_a_card_that_proves_itself_again(self):
        """9E, then 9E, VERIFY and 9A in one transaction."""
        self.add("300", factors="card finger", reason="other")
        self.assertEqual(self.attempt().result, Result.GRANTED)
        sent = [command for command, _ in World.cards["hanako"].log()]
        kinds = [c[:8].lower() if c[2:4].lower() == "87" else c[2:4].lower() for c in sent]
        order = [k[-2:] for k in kinds if k.startswith("0087") or k == "20"]
        self.assertEqual([k for k in order if k != "20"], ["9e", "9e", "9a"])
        self.assertEqual(order.index("20"), 2, order)

    def test_the_usual_order_comes_back(self):
        """Once it is over: the PIN is asked for before anybody is known."""
        self.add(factors="card finger", reason="other")
        self.edit(exception_from=-60, exception_until=-1)
        self.place("taro")
        self.assertEqual(self.attempt("hanako").said[:2], ["M01", "X01"])

    def test_what_leaves_nothing_out_changes_nothing(self):
        self.add()
        login = self.attempt()
        self.assertEqual((login.result, login.said[:2]), (Result.GRANTED, ["M01", "X01"]))
        self.assertNotIn("exception", self.event())


class Verbs(Host, unittest.TestCase):
    """What may be registered, and what is shown of it."""

    zone, require, fingers = "individual-number", "card finger", False

    def call(self, **values):
        """The result of exception.add."""
        good = {"factors": "card pin", "hosts": "test-01", "until": moment(3600), "reason": "injured"}
        return self.broker.call("exception.add", person="100", **{**good, **values})

    @staticmethod
    def working_day(count, holidays=()):
        """The day on which the `count`th working day from today on is."""
        day = datetime.date.today()
        while True:
            closed = day.weekday() >= 5 or day in holidays or not "0103" < f"{day:%m%d}" < "1229"
            count -= not closed
            if count == 0:
                return day
            day += datetime.timedelta(days=1)

    def test_terms(self):
        fifth, sixth = self.working_day(5), self.working_day(6)
        self.assertEqual(self.call(until=sixth.isoformat()).result, Admin.REFUSED)
        self.assertEqual(self.call(until=fifth.isoformat()).result, Admin.OK)
        self.broker.must("exception.end", person="100")
        day = datetime.date.today() + datetime.timedelta(days=360)
        self.assertEqual(self.call(until=day.isoformat(), reason="no-finger").result, Admin.OK)
        self.assertEqual(self.call().result, Admin.EXISTS)
        self.broker.must("exception.end", person="100")
        day += datetime.timedelta(days=10)
        self.assertEqual(self.call(until=day.isoformat(), reason="no-finger").result, Admin.REFUSED)
        self.broker.must("person.change", person="100", zones="lgwan")
        self.assertEqual(self.call(until=sixth.isoformat()).result, Admin.OK)
        self.broker.must("exception.end", person="100")
        tomorrow = {"from": (datetime.date.today() + datetime.timedelta(days=1)).isoformat()}
        self.broker.must("person.change", person="100", zones="individual-number", **tomorrow)
        self.assertEqual(self.call(until=sixth.isoformat()).result, Admin.REFUSED)
        self.broker.must("person.change", person="100", cancel="yes", **tomorrow)
        self.broker.must("person.change", person="100", zones="individual-number")

    def test_holidays(self):
        """Days of the file are none of the five; a file that is not understood stops the exception, and no login."""
        holiday, fifth = self.working_day(3), self.working_day(5)
        after = self.working_day(5, [holiday])
        self.assertGreater(after, fifth)
        self.addCleanup(self.settings_of, b"1999/1/1,x\n", restart=False)
        self.settings_of(f"日付,名称\r\n{holiday.year}/{holiday.month}/{holiday.day},祝日\r\n".encode("cp932"))
        self.assertEqual(self.call(until=self.working_day(6, [holiday]).isoformat()).result, Admin.REFUSED)
        self.assertEqual(self.call(until=after.isoformat()).result, Admin.OK)
        self.broker.must("exception.end", person="100")
        for text, mode, why in ((b"day,name\n2026/2/30,x\n", 0o644, ":2: there is no such day"), (b"", 0o644, ":0: no day"),
                                (b"2026/1/1,x\n", 0o666, "can be written"), (None, 0, "No such file"),
                                (b"2026/1/1,x\n" + b"x" * (256 << 10), 0o644, "too long")):
            self.settings_of(text, mode, restart=False)
            call = self.call(until=fifth.isoformat())
            self.assertEqual((call.result, call.message), (Admin.MISCONFIGURED, "H72"), why)
            self.assertIn(why, call.detail)
            self.assertEqual(self.call(until=fifth.isoformat(), reason="no-finger").result, Admin.OK)
            self.broker.must("exception.end", person="100")

    def settings_of(self, text, mode=0o644, restart=True):
        """The file of holidays; the broker begins again to know of it."""
        path = f"{self.broker.directory}/holidays.csv"
        if text is None:
            os.unlink(path)
        else:
            with open(path, "wb") as file:
                file.write(text)
            os.chmod(path, mode)
        if restart:
            self.assertEqual(self.broker.stop(), 0)
            with open(self.broker.config, "a", encoding="utf-8") as file:
                file.write(f"[roster]\nholidays = {path}\n")
            self.broker.start()

    def test_what_is_not_understood(self):
        for fault in ({"factors": "card"}, {"factors": "pin finger"}, {"factors": "token pin"}, {"factors": ""},
                      {"factors": "card pin finger"}, {"factors": "card token pin"}, {"hosts": "all"}, {"hosts": ""},
                      {"until": moment(-3600)}, {"until": "soon"}, {"until": "2026-13-01T00:00"}, {"reason": "whim"},
                      {"reason": ""}, {"from": moment(7200)}, {"form": "x" * 128}, {"approver": "300"}):
            call = self.call(**fault)
            self.assertEqual(call.result, Admin.USAGE, fault)
        self.assertNotIn("running", [row["standing"] for row in self.broker.must("exception.list").rows])

    def test_what_is_shown(self):
        self.add(hosts="test-01,@市民課", form="R8-31")
        row = self.broker.must("exception.list").rows[0]
        self.assertEqual([row[key] for key in ("number", "factors", "reason", "hosts", "form", "standing", "approver")],
                         ["100", "card pin", "injured", "test-01,@市民課", "R8-31", "running", ""])
        event = [e for e in self.broker.events(4) if e["kind"] == "exception-added"][-1]
        self.assertEqual((event["person"], event["reason"], event["form"]), ("100", "injured", "R8-31"))
        self.assertEqual(self.broker.must("exception.list", person="200").rows, [])
        self.edit(exception_from=-60, exception_until=-1)
        for verb, values in (("exception.list", {}), ("person.show", {"person": "100"})):
            call = self.broker.must(verb, **values)
            row = [r for r in call.rows if r["kind"] == "exception"][0]
            self.assertEqual(row["standing"], "over")
            self.assertEqual(call.events, [("H12", {"staff": "100"})])
        self.broker.enroll_finger("100", World.sensor, "right-index", "f01")
        self.assertEqual(self.broker.must("exception.list").events, [])
        self.add(reason="no-finger")
        self.edit(exception_from=-60, exception_until=-1)
        self.assertEqual(self.broker.must("exception.list").events, [])


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
