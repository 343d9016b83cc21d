#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Between two rosters: what a terminal takes from its folder, and what it refuses. usage: amend_inbox_test.py BUILD_DIR
(root)"""
import os
import sys
import time
import unittest

import deskrig
import pcscns
import storerig
from brokerrig import Result
from cryptography.hazmat.primitives.asymmetric import ec
from deskrig import PIN, amended, amendment, person

BUILD = None
DAY = 86400


def setUpModule():  # pylint: disable=invalid-name
    """One desk for all."""
    deskrig.Case.rig = deskrig.Desk(BUILD)


def tearDownModule():  # pylint: disable=invalid-name
    """It ends."""
    deskrig.Case.rig.end()


class Inbox(deskrig.Case):
    """What a terminal takes from its folder."""

    def setUp(self):
        super().setUp()
        self.terminal = self.host("terminal", roster_inbox=self.outbox)
        self.hanako = person(self.zone, "100")
        self.card = self.hanako["credentials"][0]

    def leave(self, name, octets):
        """A file for the terminal."""
        with open(f"{self.outbox}/.{name}", "wb") as file:
            file.write(octets)
        os.rename(f"{self.outbox}/.{name}", f"{self.outbox}/{name}")

    def amendment(self, kind=deskrig.STOP, **values):
        """About Hanako's card."""
        return amendment(self.zone, kind, **{"person": self.hanako["id"], "credential": self.card["id"], **values})

    def state(self):
        """Of Hanako's card at the terminal, or of the first one that was lent to her."""
        return [row["state"] for row in self.terminal.must("card.list", person="100").rows]

    def follows(self, *states):
        """Sooner or later."""
        try:
            pcscns.wait_until(lambda: self.state() == list(states), timeout=15, what=f"{states} at the terminal")
        except TimeoutError as error:
            raise AssertionError(f"{error}: {self.state()} {self.terminal.log()[-1500:]}") from error

    def event(self, kind):
        """The newest event of this kind, once there is one."""
        def find():
            return next((e for e in reversed(self.terminal.events(60)) if e["kind"] == kind), None)
        return pcscns.wait_until(find, timeout=15, what=kind)

    def test_from_the_desk(self):
        self.desk.must("card.suspend", person="100", reason="lost", form="3-1")
        self.follows("suspended")
        self.denied("M08", broker=self.terminal)
        event = self.event("amendment-taken")
        self.assertEqual([event[k] for k in ("what", "person", "card", "reason", "form")],
                         ["suspend", "100", self.card["id"].hex(), "lost", "3-1"])
        self.become()
        self.approve("card.resume", person="100", reason="found")
        self.follows("active")
        self.granted(broker=self.terminal)
        self.desk.must("card.stop", person="100", reason="lost")
        self.follows("stopped")
        self.again(self.terminal)
        self.denied("M08", broker=self.terminal)
        self.terminal.must("audit.verify")

    def test_lent_card(self):
        self.become()
        on = {"K12": lambda _: self.rig.put("stock", False), "K15": lambda _: self.rig.put("jiro", False)}
        self.assertEqual(self.desk.call("temporary.issue", pins=[PIN], on=on, person="100").message, "K19")
        self.rig.take_out()
        self.follows("active", "active")
        self.granted(card="stock", broker=self.terminal)
        self.granted(card="stock", user=None, broker=self.terminal)
        self.denied("M08", broker=self.terminal)
        self.desk.must("temporary.return", person="100")
        self.follows("active", "returned")
        self.granted(broker=self.terminal)

    def test_clear(self):
        self.terminal.stop()
        storerig.lock(self.terminal, "100")
        self.terminal.start()
        self.assertEqual(self.login(broker=self.terminal).result, Result.LOCKED)
        self.desk.must("lockout.clear", person="100")
        self.assertEqual(self.event("amendment-taken")["what"], "clear")
        self.granted(broker=self.terminal)

    def test_refused(self):
        """By whom they must not be, of another zone, without the second signature, not DER."""
        stranger = ec.generate_private_key(ec.SECP256R1())
        good = amended(self.amendment(), self.zone.helpdesk)
        resume = self.amendment(deskrig.RESUME)
        own = self.amendment(deskrig.RESUME, operator=self.zone.approver.id)
        files = {"stranger": (amended(self.amendment(), stranger), "signed by a key"),
                 "zone": (amended(self.amendment(zone="lgwan"), self.zone.helpdesk), "another zone"),
                 "bit": (good[:-20] + bytes([good[-20] ^ 1]) + good[-19:], ""),
                 "one-signature": (amended(resume, self.zone.helpdesk), "signature is missing"),
                 "no-approver": (amended(resume, self.zone.helpdesk, stranger), "signed by a key"),
                 "own": (amended(own, self.zone.helpdesk, self.zone.approver.key), "one of the changes"),
                 "nobody": (amended(self.amendment(person=b"n" * 16), self.zone.helpdesk), "nobody"),
                 "cut": (good[:-1], ""), "longer": (good + b"\0", ""), "garbage": (os.urandom(300), ""),
                 "empty": (b"", "")}
        for name, (octets, _) in files.items():
            self.leave(f"{name}.amend", octets)

        def refused():
            return {e["file"]: e for e in self.terminal.events(200) if e["kind"] == "amendment-refused"}
        pcscns.wait_until(lambda: len(refused()) == len(files), timeout=15, what="all to be refused")
        for name, (_, why) in files.items():
            self.assertIn(why, refused()[f"{name}.amend"]["cause"], name)
        self.assertEqual(self.state(), ["active"])
        self.leave("again.amend", files["stranger"][0])
        self.leave("good.amend", good)
        self.follows("stopped")
        self.assertNotIn("again.amend", refused())

    def test_ahead_and_behind(self):
        """A stop that was signed under the next roster counts at once; what a newer roster has overtaken, never; an
        unlocking of tomorrow, not yet."""
        jiro = person(self.zone, "200")
        old = self.amendment(deskrig.SUSPEND, created=int(time.time()) - 60, person=jiro["id"],
                             credential=jiro["credentials"][0]["id"])
        self.zone.now = int(time.time())
        self.zone.issue()
        self.terminal.must("roster.import", file=self.zone.file())
        self.leave("old.amend", amended(old, self.zone.helpdesk))
        self.leave("early.amend", amended(self.amendment(deskrig.CLEAR, credential=bytes(16),
                                                         created=int(time.time()) + DAY), self.zone.helpdesk))
        self.leave("ahead.amend", amended(self.amendment(number=self.zone.number + 1), self.zone.helpdesk))
        self.follows("stopped")
        self.granted(card="jiro", user="jiro", broker=self.terminal)
        kinds = [e["kind"] for e in self.terminal.events(60)]
        self.assertEqual((kinds.count("amendment-taken"), kinds.count("amendment-refused")), (1, 0))


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
