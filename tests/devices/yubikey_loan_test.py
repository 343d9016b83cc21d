#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""A YubiKey is lent to one person after the other: its access code stays with the host.
usage: yubikey_loan_test.py BUILD_DIR (root)"""
import datetime
import os
import sys
import unittest

import pcscns
import yubikey_login_test
from brokerrig import Admin, Result


def day(offset):
    """A date as the verbs take it."""
    return (datetime.date.today() + datetime.timedelta(days=offset)).isoformat()


class Loan(yubikey_login_test.Rig):
    """A host that asks for a token alone would not be allowed: the own PIN goes with it."""

    def setUp(self):
        super().setUp()
        self.key.plug()

    def attempt(self, user):
        """(result, messages)."""
        login = self.broker.login(user=user)
        login.finish(on={"X64": self.touch_key()}, pins=[yubikey_login_test.PIN])
        return login.result, login.said

    def lent(self):
        """{number: (label, overdue)} of what is not back."""
        return {row["number"]: (row["label"], row["overdue"]) for row in self.broker.must("temporary.list").rows}

    def test_lent_returned_and_lent_to_somebody_else(self):
        self.person("100", "hanako")
        self.person("200", "taro")
        for until in ("soon", day(-1)):
            self.enroll("100", result=Admin.USAGE, until=until)
        self.enroll("100", until=day(30), label="Y-0003", form="R8-50")
        event = self.broker.events(1)[0]
        self.assertEqual((event["form"], event["label"], event["until"][:4]), ("R8-50", "Y-0003", day(30)[:4]))
        self.assertEqual(self.lent(), {"100": ("Y-0003", "no")})
        result, said = self.attempt("hanako")
        self.assertEqual(result, Result.GRANTED)
        self.assertIn("M11k", said)
        first = self.key.state()["slots"][1]
        self.broker.must("yubikey.return", person="100", card="Y-0003")
        self.assertEqual(self.broker.events(1)[0]["kind"], "card-returned")
        self.assertEqual(self.lent(), {})
        self.assertEqual(self.attempt("hanako")[0], Result.DENIED)
        self.assertEqual(self.broker.call("yubikey.return", person="100").message, "H53")
        self.enroll("200", until=day(3), label="Y-0003")
        second = self.key.state()["slots"][1]
        self.assertNotEqual((first["secret"], first["code"]), (second["secret"], second["code"]))
        event = self.broker.events(1)[0]
        self.assertEqual((event["kind"], event["person"]), ("card-enrolled", "200"))
        self.assertEqual(self.attempt("taro")[0], Result.GRANTED)
        self.assertEqual(self.attempt("hanako")[0], Result.DENIED)
        self.assertEqual([row["number"] for row in self.broker.must("card.list").rows if row["kind"] == "token"], ["200"])

    def test_the_same_person_again(self):
        self.person("100", "hanako")
        self.enroll("100", until=day(30))
        self.broker.must("yubikey.return", person="100")
        self.enroll("100")
        self.assertEqual(self.lent(), {})
        self.assertEqual(self.attempt("hanako")[0], Result.GRANTED)

    def test_a_key_that_is_out_is_nobody_elses(self):
        self.person("100", "hanako")
        self.person("200", "taro")
        self.enroll("100", until=day(30))
        call = self.broker.call("yubikey.enroll", person="200", replace="yes")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "K13"))
        self.assertEqual(self.attempt("hanako")[0], Result.GRANTED)


if __name__ == "__main__":
    pcscns.enter()
    yubikey_login_test.BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
