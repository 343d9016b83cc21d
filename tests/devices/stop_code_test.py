#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Stop codes: sixteen digits stop one card on any host, tell nothing to who makes digits up, and reach the other hosts
as a file. usage: stop_code_test.py BUILD_DIR (root)"""
import os
import shutil
import sys
import time
import unittest

import brokerrig
import deskrig
import pcscns
import storerig
from brokerrig import Admin, Result
from deskrig import PIN, person, stop_code, stop_hash

BUILD = None
SLOT, SECRET = 777, 123456789


def setUpModule():  # pylint: disable=invalid-name
    """One desk for all."""
    World.desk = deskrig.Desk(BUILD)


def tearDownModule():  # pylint: disable=invalid-name
    """It ends."""
    World.desk.end()


class World:
    """What the tests share."""
    desk = None


class Codes(unittest.TestCase):
    """A terminal, not the helpdesk's, in whose roster Hanako's card has a code."""

    def setUp(self):
        self.rig = World.desk
        self.zone = self.rig.fresh()
        card = person(self.zone, "100")["credentials"][0]
        card.update(slot=SLOT, stop_hash=stop_hash(card["id"], SECRET))
        self.zone.issue()
        self.outbox = f"{pcscns.ROOT}/outbox"
        os.mkdir(self.outbox)
        self.addCleanup(shutil.rmtree, self.outbox)
        self.broker = self.rig.host("terminal", self.zone, roster_outbox=self.outbox)
        self.addCleanup(shutil.rmtree, self.broker.directory)
        self.addCleanup(self.broker.check_clean)
        self.addCleanup(self.rig.take_out)

    def login(self, card="hanako", user="hanako"):
        self.rig.put(card)
        login = self.broker.login(user=user)
        login.finish(pins=[PIN])
        self.rig.take_out()
        return login

    def say(self, code):
        """A code that is accepted, whatever it is worth."""
        begun = time.monotonic()
        call = self.broker.must("stop", code=code)
        self.assertEqual((call.message, call.detail, call.rows), ("H33", "", []))
        return time.monotonic() - begun

    def test_stops(self):
        self.assertEqual(self.login().result, Result.GRANTED)
        self.say(stop_code(SLOT, SECRET))
        event = self.broker.events(1)[0]
        self.assertEqual([event[k] for k in ("kind", "person", "reason", "by", "operator")],
                         ["card-stopped", "100", "lost", "stop-code", "root"])
        for _ in range(2):
            login = self.login()
            self.assertEqual((login.result, login.said[-1]), (Result.DENIED, "M08"))
            self.assertEqual(self.login("jiro", "jiro").result, Result.GRANTED)
            self.broker.stop()
            self.broker.start()
        names = os.listdir(self.outbox)
        self.assertEqual([name.rsplit(".", 1)[1] for name in names], ["stop"])
        with open(f"{self.outbox}/{names[0]}", "rb") as file:
            self.assertEqual(file.read(), deskrig.notice(SLOT, SECRET))
        self.say(stop_code(SLOT, SECRET))
        self.assertEqual(self.broker.events(1)[0]["kind"], "card-stopped-again")
        self.broker.must("audit.verify")

    def test_as_people_type_it(self):
        code = stop_code(SLOT, SECRET)
        wide = code.translate({ord(str(n)): 0xFF10 + n for n in range(10)})
        for text in (f"{code[:4]}-{code[4:8]}-{code[8:12]}-{code[12:]}", f" {code[:8]} {code[8:]} ", wide):
            self.say(text)
        self.assertEqual(self.login().result, Result.DENIED)

    def test_mistyped(self):
        """Any wrong digit and any two neighbours exchanged are found before anything is looked up."""
        code = stop_code(SLOT, SECRET)
        wrong = [code[:n] + str((int(code[n]) + 1) % 10) + code[n + 1:] for n in range(16)]
        wrong += [code[:n] + code[n + 1] + code[n] + code[n + 2:] for n in range(15) if code[n] != code[n + 1]]
        for text in [*wrong, code[:-1], code + "0", "", "x" * 16]:
            call = self.broker.call("stop", code=text)
            self.assertEqual(call.result, Admin.USAGE, text)
            self.assertIn(call.message, ("H34", None))
        self.assertEqual(self.login().result, Result.GRANTED)

    def test_unknown_codes_look_alike_and_end(self):
        """Right slot with another secret, another slot: the same answer, about as slow; five, then none."""
        known = stop_code(SLOT, SECRET)
        took = [self.say(stop_code(SLOT + n % 2, SECRET + 1 + n)) for n in range(5)]
        self.assertTrue(all(seconds > 0.01 for seconds in took), took)
        self.assertEqual([event["kind"] for event in self.broker.events(5)], ["stop-code-unknown"] * 5)
        self.assertEqual(os.listdir(self.outbox), [])
        for code in (stop_code(1, 1), known):
            call = self.broker.call("stop", code=code)
            self.assertEqual((call.result, call.message), (Admin.REFUSED, "H35"))
        self.broker.stop()
        self.broker.start()
        self.assertEqual(self.broker.call("stop", code=known).message, "H35")
        self.assertEqual(self.login().result, Result.GRANTED)
        with self.subTest("an hour later"):
            self.broker.stop()
            with storerig.opened(self.broker) as db:
                db.execute("UPDATE meta SET value=value-3601 WHERE name='stop_since'")
            self.broker.start()
            self.say(known)
            self.assertEqual(self.login().result, Result.DENIED)

    def test_file_for_the_others(self):
        """Another terminal takes the notice; one with a wrong secret stops nothing."""
        other = self.rig.host("terminal", self.zone, roster_inbox=self.outbox, name_of="second")
        self.addCleanup(shutil.rmtree, other.directory)
        self.addCleanup(other.check_clean)
        with open(f"{self.outbox}/wrong.stop", "wb") as file:
            file.write(deskrig.notice(SLOT, SECRET + 1))
        time.sleep(1)
        self.assertEqual([row["state"] for row in other.must("card.list", person="100").rows], ["active"])
        self.say(stop_code(SLOT, SECRET))
        pcscns.wait_until(lambda: other.must("card.list", person="100").rows[0]["state"] == "stopped", timeout=15,
                          what="the stop at the other terminal")
        event = next(e for e in other.events(9) if e["kind"] == "card-stopped")
        self.assertEqual((event["person"], event["by"]), ("100", "stop-file"))

    def test_until_the_roster_says_it(self):
        self.say(stop_code(SLOT, SECRET))
        self.zone.now = int(time.time()) + 2
        self.zone.issue()
        self.broker.must("roster.import", file=self.zone.file())
        self.assertEqual(self.login().said[-1], "M08")
        person(self.zone, "100")["credentials"][0]["state"] = deskrig.rosterrig.STOPPED
        self.zone.issue()
        self.broker.must("roster.import", file=self.zone.file())
        self.assertEqual(self.login().said[-1], "M08")
        self.broker.stop()
        with storerig.opened(self.broker) as db:
            self.assertEqual(db.execute("SELECT count(*) FROM amendment").fetchone()[0], 0)
        self.broker.start()

    def test_row_taken_out(self):
        self.say(stop_code(SLOT, SECRET))
        self.broker.stop()
        with storerig.opened(self.broker) as db:
            db.execute("DELETE FROM amendment")
        self.broker.start()
        self.assertEqual(self.login().result, Result.UNAVAILABLE)
        self.assertIn("amendments are not the ones", self.broker.must("status").rows[0]["registry"])

    def test_stand_alone_host(self):
        """Nobody has codes there: the same answer."""
        host = brokerrig.Broker(BUILD, "lgwan", "card", name="alone")
        self.addCleanup(shutil.rmtree, host.directory)
        self.addCleanup(host.check_clean)
        host.init()
        host.start()
        call = host.must("stop", code=stop_code(SLOT, SECRET))
        self.assertEqual(call.message, "H33")


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
