#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Whose program may ask for the card that lies on the reader: nobody's but that of the person in front, as far as
logind knows. usage: origin_test.py BUILD_DIR (root)"""
import os
import sys
import unittest

import brokerrig
import logindrig
import pcscns
from brokerrig import Result

BUILD = None
REFUSED = (Result.DENIED, "X36")
REMOTE = (Result.DENIED, "X08")


class Origin(unittest.TestCase):
    """One internet host, one card that proves itself without a PIN."""

    @classmethod
    def setUpClass(cls):
        cls.pcsc = pcscns.Pcsc()
        cls.pcsc.start()
        cls.card = pcscns.VirtualCard(BUILD, alg_9a="p256", alg_9e="p256", pin="123456")
        cls.broker = brokerrig.Broker(BUILD, "internet", "card")
        cls.broker.init()
        cls.broker.start()
        cls.broker.add_person("100", "hanako")
        cls.broker.enroll_card("100", cls.card, cls.pcsc)

    @classmethod
    def tearDownClass(cls):
        code = cls.broker.stop()
        cls.card.end()
        cls.pcsc.stop()
        if code != 0 or "Sanitizer" in cls.broker.log() or "runtime error" in cls.broker.log():
            raise AssertionError(cls.broker.log())

    def tearDown(self):
        self.take()

    def place(self):
        self.card.insert()
        self.pcsc.wait_card(0)

    def take(self):
        self.card.remove()
        self.pcsc.wait_card(0, False)

    def su(self, **values):
        """(result, message) of su with the card on the reader."""
        self.place()
        login = self.broker.login(user="hanako", **{"ruser": "taro", **values})
        message = login.finish()
        self.take()
        return login.result, message

    def granted(self, **values):
        result, message = self.su(**values)
        self.assertEqual(result, Result.GRANTED, message)

    def cause(self):
        """Why the last attempt was refused, as the log has it."""
        return self.broker.events(1)[0]["cause"]

    def test_a_session_in_front(self):
        with logindrig.logind(), logindrig.Place() as place:
            place.describe()
            self.granted()

    def test_a_session_that_is_not_in_front(self):
        for ruser in ("taro", "root", None):
            with self.subTest(ruser), logindrig.Place() as place:
                place.describe(active=False)
                self.assertEqual(self.su(ruser=ruser), REFUSED)
                self.assertEqual(self.cause(), "session-inactive")
        self.assertEqual(self.broker.events(1)[0]["apdus"], "0")

    def test_a_session_that_is_over(self):
        with logindrig.Place() as place:
            place.describe()
            place.close()
            self.assertEqual(self.su(), REFUSED)

    def test_a_session_from_another_host(self):
        with logindrig.Place() as place:
            place.describe(remote=True)
            self.assertEqual(self.su(), REMOTE)
            self.assertEqual(self.cause(), "remote")

    def restart(self, **settings):
        """The broker with other settings."""
        self.assertEqual(self.broker.stop(), 0)
        self.broker.configure("internet", "card", **settings)
        self.broker.start()

    def test_a_listed_service_may_ask_from_anywhere(self):
        self.addCleanup(self.restart)
        self.restart(remote="su")
        for state in ({"active": False}, {"remote": True}):
            with self.subTest(state), logindrig.Place() as place:
                place.describe(**state)
                self.granted()
                self.assertEqual(self.su(service="sudo"), REMOTE if "remote" in state else REFUSED)

    def test_what_the_users_manager_started_counts_as_his_display_session(self):
        for state, expected in (({"active": False}, REFUSED), ({"remote": True}, REMOTE), ({}, None)):
            with self.subTest(state), logindrig.Place(logindrig.MANAGER) as place:
                place.describe(**state)
                place.display()
                if expected is None:
                    self.granted()
                else:
                    self.assertEqual(self.su(), expected)

    def test_the_manager_of_a_user_who_is_not_logged_in(self):
        with logindrig.Place(logindrig.MANAGER) as place:
            self.assertEqual(self.su(), REFUSED)
            place.describe()
            place.display(False)
            self.assertEqual(self.su(), REFUSED)

    def test_a_users_job_without_a_session(self):
        with logindrig.logind():
            self.assertEqual(self.su(), REFUSED)
            self.granted(ruser="root")
            self.granted(ruser=None, service="login")
        self.granted()

    def ends_in_mid_attempt(self, change):
        """The session changes after the card was asked for and before it is placed."""
        with logindrig.Place() as place:
            place.describe()
            login = self.broker.login(user="hanako", ruser="taro")
            login.until("M01")
            change(place)
            self.place()
            message = login.finish()
            self.take()
        self.assertEqual((login.result, message, login.ticket), (*REFUSED, None))
        event = self.broker.events(1)[0]
        self.assertEqual((event["result"], event["cause"], event["factors"]), ("denied", "session-inactive", "card"))

    def test_another_session_comes_in_front_in_mid_attempt(self):
        self.ends_in_mid_attempt(lambda place: place.describe(active=False))

    def test_the_session_ends_in_mid_attempt(self):
        self.ends_in_mid_attempt(lambda place: place.close())

    def test_who_waits_in_the_queue_is_looked_at_again(self):
        first = self.broker.login(user="hanako", service="login")
        first.until("M01")
        with logindrig.Place() as place:
            place.describe()
            second = self.broker.login(user="hanako", ruser="taro")
            second.until("X21")
            with place.left():
                third = self.broker.login(user="hanako", service="login", tty="tty2")
            third.until("X21")
            place.describe(active=False)
            first.hang_up()
            self.assertEqual((second.finish(), second.result, second.said), ("X36", Result.DENIED, ["X21", "X36"]))
            self.assertEqual(third.step(), ("INFO", "M01"))
            self.place()
            third.finish()
            self.assertEqual(third.result, Result.GRANTED)

    def test_a_process_that_is_gone(self):
        with logindrig.Place() as place:
            place.describe()
            login = self.broker.login(user="hanako", ruser="taro")
            login.until("M01")
        self.place()
        self.assertEqual((login.finish(), login.result), ("X36", Result.DENIED))

    def written(self):
        """How many refusals of this kind are in the log."""
        return sum(event.get("cause") == "session-inactive" for event in self.broker.events(200))

    def test_a_user_who_asks_on_and_on_does_not_fill_the_log(self):
        before = self.written()
        with logindrig.Place() as place:
            place.describe(active=False)
            for _ in range(25):
                login = self.broker.login(user="hanako", ruser="taro")
                self.assertEqual(login.finish(), "X36")
        added = self.written() - before
        self.assertLessEqual(added, 10)
        self.granted()
        self.assertEqual(int(self.broker.events(1)[0]["left_out"]), 25 - added)


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
