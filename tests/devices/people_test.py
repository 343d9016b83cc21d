#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Who may log in as whom: several logins and cards of one person, shared logins, states and dates,
foreign cards in other readers, the account phase. usage: people_test.py BUILD_DIR (root)"""
import datetime
import os
import sys
import unittest

import brokerrig
import frames
import pcscns
from brokerrig import Auth, AuthField, Result

BUILD = None


def day(offset):
    """A date as the verbs take it."""
    return (datetime.date.today() + datetime.timedelta(days=offset)).isoformat()


class People(unittest.TestCase):
    """One internet host, cards by 9E alone."""

    @classmethod
    def setUpClass(cls):
        cls.pcsc = pcscns.Pcsc()
        cls.pcsc.start()
        cls.cards = {name: pcscns.VirtualCard(BUILD, name=name, alg_9a="p256", alg_9e="p256", pin="123456",
                                              subject=name) for name in ("a", "b", "c")}

    @classmethod
    def tearDownClass(cls):
        for card in cls.cards.values():
            card.end()
        cls.pcsc.stop()

    def setUp(self):
        self.broker = brokerrig.Broker(BUILD, "internet", "card", name=self.id().rsplit(".", 1)[1],
                                       throttle_after="100")
        self.broker.init()
        self.broker.start()

    def tearDown(self):
        self.assertEqual(self.broker.stop(), 0)
        self.assertNotIn("Sanitizer", self.broker.log())
        self.assertNotIn("runtime error", self.broker.log())

    def enroll(self, number, card):
        self.broker.enroll_card(number, self.cards[card], self.pcsc)

    def place(self, card):
        self.cards[card].insert()
        self.pcsc.wait_card(0)

    def take(self, card):
        self.cards[card].remove()
        self.pcsc.wait_card(0, False)

    def login(self, card, user, **values):
        """(result, message, proven login) of one attempt with a card."""
        self.place(card)
        login = self.broker.login(user=user, **values)
        message = login.finish()
        self.take(card)
        return login.result, message, login.user

    def refused(self, card, user):
        result, message, user = self.login(card, user)
        self.assertEqual((result, message, user), (Result.DENIED, "M07", None))

    def granted(self, card, user, proven=None):
        result, message, user_proven = self.login(card, user)
        self.assertEqual(result, Result.GRANTED, message)
        self.assertEqual(user_proven, proven or user)

    def test_several_logins_and_cards(self):
        self.broker.add_person("100", "hanako,hanako-adm")
        self.enroll("100", "a")
        self.enroll("100", "b")
        for card in ("a", "b"):
            self.granted(card, "hanako")
            self.granted(card, "hanako-adm")
            self.granted(card, None, proven="hanako")
        self.refused("a", "hanako-ad")
        self.refused("a", "")

    def test_a_shared_login_is_open_to_its_people_only(self):
        self.broker.add_person("100", "hanako,root")
        self.enroll("100", "a")
        self.assertEqual(self.broker.call("person.add", number="200", name="T", login="taro,root",
                                          category="regular").result, brokerrig.Admin.EXISTS)
        self.broker.add_person("200", "taro,root", share="yes")
        self.enroll("200", "b")
        self.broker.add_person("300", "jiro")
        self.enroll("300", "c")
        self.granted("a", "root")
        self.granted("b", "root")
        self.refused("c", "root")
        self.refused("a", "taro")
        self.assertEqual(self.broker.events(3)[0]["person"], "200")

    def test_states_and_dates_are_told_after_the_proof_only(self):
        self.broker.add_person("100", "early", **{"from": day(3)})
        self.enroll("100", "a")
        self.broker.add_person("200", "late", category="temporary", until=day(-1), **{"from": day(-9)})
        self.enroll("200", "b")
        self.broker.add_person("300", "jiro")
        self.enroll("300", "c")
        self.assertEqual(self.login("a", "early")[:2], (Result.DENIED, "M10"))
        self.assertEqual(self.login("b", "late")[:2], (Result.DENIED, "M09"))
        self.granted("c", "jiro")
        self.broker.must("card.stop", person="300", reason="lost")
        self.assertEqual(self.login("c", "jiro")[:2], (Result.DENIED, "M08"))
        self.assertEqual(self.broker.events(1)[0]["cause"], "stopped")
        for login in ("early", "late", "jiro"):
            wrong = "b" if login == "early" else "a"
            self.refused(wrong, login)

    def test_a_card_of_somebody_is_not_enrolled_twice(self):
        self.broker.add_person("100", "hanako")
        self.broker.add_person("200", "taro")
        self.enroll("100", "a")
        self.cards["a"].insert()
        for number in ("100", "200"):
            call = self.broker.call("card.enroll", person=number, pins=["123456"])
            self.assertEqual((call.result, call.message), (brokerrig.Admin.REFUSED, "K13"))
        self.take("a")
        self.refused("a", "taro")

    def test_a_wrong_pin_does_not_enrol(self):
        self.broker.add_person("100", "hanako")
        self.cards["b"].insert()
        call = self.broker.call("card.enroll", person="100", pins=["999999"])
        self.assertEqual(call.result, brokerrig.Admin.REFUSED)
        self.assertEqual(self.broker.must("person.show", person="100").rows[0]["cards"], "0")
        self.assertEqual(self.cards["b"].tries(), 2)
        call = self.broker.must("card.enroll", person="100", pins=["123456"])
        self.assertEqual(call.rows[0]["pin"], "yes")
        self.take("b")

    def test_a_removed_person_is_gone(self):
        self.broker.add_person("100", "hanako")
        self.enroll("100", "a")
        self.granted("a", "hanako")
        self.broker.must("person.remove", person="100")
        self.refused("a", "hanako")
        self.broker.add_person("101", "hanako")
        self.refused("a", "hanako")
        self.enroll("101", "a")
        self.granted("a", "hanako")

    def test_a_foreign_card_in_the_other_reader_does_not_matter(self):
        other = pcscns.VirtualCard(BUILD, slot=1, name="foreign", alg_9a="p256", alg_9e="p256", pin="123456",
                                   subject="foreign")
        try:
            self.broker.add_person("100", "hanako")
            self.enroll("100", "a")
            other.insert()
            self.pcsc.wait_card(1)
            self.granted("a", "hanako")
            self.assertEqual(other.tries(), 3)
        finally:
            other.end()
            self.pcsc.wait_card(1, False)

    def test_the_account_phase_wants_the_ticket_in_the_strict_zone(self):
        self.broker.add_person("100", "hanako")
        self.enroll("100", "a")
        self.place("a")
        login = self.broker.login(user="hanako")
        login.finish()
        self.take("a")
        self.assertEqual(self.account("su", "hanako", login.ticket), Result.GRANTED)
        self.assertEqual(self.account("su", "taro", login.ticket), Result.GRANTED)
        self.broker.stop()
        strict = brokerrig.Broker(BUILD, "individual-number", "card finger", name="strict")
        strict.init()
        strict.start()
        try:
            self.assertEqual(self.account("sshd", "hanako", None, strict), Result.DENIED)
            self.assertEqual(self.account("sshd", "hanako", login.ticket, strict), Result.DENIED)
            self.assertEqual(strict.events(1)[0]["kind"], "account-refused")
            for service in ("cron", "atd", "runuser", "systemd-user"):
                self.assertEqual(self.account(service, "hanako", None, strict), Result.GRANTED)
            self.assertEqual(self.account("cronx", "hanako", None, strict), Result.DENIED)
        finally:
            self.assertEqual(strict.stop(), 0)
            self.broker.start()

    def account(self, service, user, ticket, broker=None):
        """Result of the account phase."""
        sock = brokerrig._connect((broker or self.broker).auth_path, 10)  # pylint: disable=protected-access
        sock.send(frames.encode(Auth.ACCOUNT, {
            AuthField.NONCE: os.urandom(16), AuthField.VERSION: 1, AuthField.SERVICE: service,
            AuthField.USER: user, AuthField.TICKET: ticket}))
        _, fields = frames.decode(sock.recv(4096))
        sock.close()
        return Result(int.from_bytes(fields[AuthField.RESULT], "big"))

    def test_a_remote_login_is_refused_unless_its_service_is_listed(self):
        self.broker.add_person("100", "hanako")
        self.enroll("100", "a")
        self.assertEqual(self.login("a", "hanako", service="sshd", rhost="192.0.2.1")[:2],
                         (Result.DENIED, "X08"))
        self.broker.stop()
        self.broker.configure("internet", "card", remote="sshd")
        self.broker.start()
        self.assertEqual(self.login("a", "hanako", service="sshd", rhost="192.0.2.1")[0], Result.GRANTED)

    def test_one_user_does_not_fill_the_queue(self):
        self.broker.add_person("100", "hanako")
        self.enroll("100", "a")
        waiting = [self.broker.login(user="hanako", ruser="jiro") for _ in range(2)]
        for login in waiting:
            login.step()
        third = self.broker.login(user="hanako", ruser="jiro")
        self.assertEqual((third.finish(), third.result), ("X21", Result.UNAVAILABLE))
        other = self.broker.login(user="hanako", service="login")
        self.assertEqual(other.step(), ("INFO", "X21"))
        for login in waiting:
            login.hang_up()
        self.place("a")
        self.assertEqual((other.finish()[:3], other.result), ("M16", Result.GRANTED))
        self.take("a")

    def test_attempts_that_come_to_nothing_do_not_fill_the_log(self):
        self.broker.add_person("100", "hanako")
        self.enroll("100", "a")
        for _ in range(40):
            login = self.broker.login(user="hanako", ruser="jiro")
            login.step()
            login.hang_up()
        pcscns.wait_until(lambda: self.broker.log().count("result=denied") >= 10, what="ten events")
        self.granted("a", "hanako")
        events = [event for event in self.broker.events(60) if event["kind"] == "login"]
        self.assertEqual(len([event for event in events if event["cause"] in ("abandoned", "too-many")]), 10)
        self.assertEqual(int(events[-1]["left_out"]), 30)
        for _ in range(15):
            login = self.broker.login(user="hanako", ruser="jiro")
            login.step()
            login.hang_up()
        self.broker.stop()
        self.broker.start()
        told = sum(int(event.get("left_out", 0)) for event in self.broker.events(60))
        self.assertEqual(told, 45)

    def test_bad_arguments_change_nothing(self):
        good = {"number": "100", "name": "H", "login": "hanako", "category": "regular"}
        faults = [{"category": "king"}, {"login": "-x"}, {"login": "a,a"}, {"login": ""}, {"number": ""},
                  {"until": "2026-02-30"}, {"until": day(9)}, {"category": "temporary"},
                  {"category": "temporary", "from": day(3), "until": day(1)}, {"colour": "red"},
                  {"name": "x" * 200}, {"login": "a b"}]
        for fault in faults:
            call = self.broker.call("person.add", **{**good, **fault})
            self.assertEqual(call.result, brokerrig.Admin.USAGE, fault)
            self.assertTrue(call.detail, fault)
        self.assertEqual(self.broker.must("person.list").rows, [])
        self.assertEqual(self.broker.call("no.such").result, brokerrig.Admin.USAGE)
        self.assertEqual(self.broker.call("person.show", person="9").result, brokerrig.Admin.NOT_FOUND)


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
