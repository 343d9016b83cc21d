#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is said between two rosters, over the zone's database: a card stopped at the helpdesk is stopped at a terminal, a
lent one works there; a server that lies can deny, never admit. usage: sync_amend_test.py BUILD_DIR (root)"""
import os
import subprocess
import sys
import time
import unittest

import deskrig
import pcscns
import pgrig
import rosterrig
import storerig
from brokerrig import Admin, Result
from deskrig import CLEAR, EXTEND, PIN, RESUME, STOP, SUSPEND, TEMPORARY, amended, amendment, person, stop_code, stop_hash
from rosterrig import CREDENTIAL, encode, sha256

BUILD = None
OK, CONTENT, LATER = 0, 65, 75
OPEN = 7
SLOT, SECRET = 777, 123456789


def setUpModule():  # pylint: disable=invalid-name
    """One desk and one database for all."""
    deskrig.Case.rig = deskrig.Desk(BUILD)
    Zone.server = pgrig.Server()
    Zone.server.add_role("desk", "toyama_publisher")
    Zone.server.add_role("terminal")


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    Zone.server.stop()
    deskrig.Case.rig.end()


class Zone(deskrig.Case):
    """The helpdesk's host, a terminal, and the database between them."""
    server = None

    def setUp(self):
        self.server.psql("TRUNCATE toyama.issue, toyama.record, toyama.template, toyama.secret, toyama.amendment,"
                         " toyama.event, toyama.counter, toyama.terminal, toyama.last_use RESTART IDENTITY")
        super().setUp()
        self.terminal = self.host("terminal")
        self.who = person(self.zone, "100")["id"]
        self.card = person(self.zone, "100")["credentials"][0]["id"]

    def change(self):
        card = person(self.zone, "100")["credentials"][0]
        card.update(slot=SLOT, stop_hash=stop_hash(card["id"], SECRET))

    def program(self, name):
        """toyama-sync of a host."""
        return BUILD, getattr(self, name), name, *(["--publish"] if name == "desk" else [])

    def sync(self, *names, expect=OK):
        """One run of each, in this order; what the last one said."""
        for name in names:
            done = self.server.sync(*self.program(name))
            self.assertEqual(done.returncode, expect, f"{name}: {done.stderr}")
        return done.stderr

    def both(self):
        """An interval passes."""
        self.sync("desk", "terminal")

    def there(self, **values):
        return self.granted(broker=self.terminal, **values)

    def not_there(self, message="M08", **values):
        self.denied(message, broker=self.terminal, **values)

    def state(self, number="100", broker=None):
        """Of the card, as the terminal sees it: quicker than a login."""
        return (broker or self.terminal).must("card.list", person=number).rows[0]["state"]

    def count(self, kind, broker=None):
        """Events of this kind in the terminal's log."""
        return [row["kind"] for row in (broker or self.terminal).events(2000)].count(kind)

    def put(self, *ders):
        """Into the database, as its owner."""
        self.server.psql("".join(f"INSERT INTO toyama.amendment(hash, der) VALUES('\\x{sha256(der).hex()}',"
                                 f" '\\x{der.hex()}');" for der in ders))

    def rows(self):
        return int(self.server.psql("SELECT count(*) FROM toyama.amendment")[0])

    def say(self, kind, key=None, approver=None, of=None, **values):
        """Octets of an amendment that the zone's own helpdesk could have signed."""
        if kind != EXTEND:
            values = {"person": self.who, **values}
        if kind in (STOP, SUSPEND, RESUME, OPEN):
            values = {"credential": self.card, **values}
        return amended(amendment(of or self.zone, kind, **values), key or self.zone.helpdesk, approver)


class Travels(Zone):
    """Within one interval."""

    def test_a_stop_arrives_once(self):
        self.assertEqual(self.state(), "active")
        self.desk.must("card.stop", person="100", reason="lost")
        self.both()
        self.not_there()
        event = [row for row in self.terminal.events(20) if row["kind"] == "amendment-taken"][0]
        self.assertEqual((event["what"], event["person"], event["reason"]), ("stop", "100", "lost"))
        self.both()
        self.both()
        self.assertEqual((self.count("amendment-taken"), self.rows()), (1, 1))
        self.again(self.terminal)
        self.both()
        self.assertEqual((self.state(), self.count("amendment-taken")), ("stopped", 1))
        self.terminal.must("audit.verify")

    def test_suspended_resumed_and_lent(self):
        self.desk.must("card.suspend", person="100", reason="lost")
        self.both()
        self.assertEqual(self.state(), "suspended")
        self.become()
        self.approve("card.resume", person="100", reason="found")
        self.both()
        self.assertEqual(self.state(), "active")
        if time.strftime("%H:%M") >= "23:58":
            time.sleep(120)
        on = {"K12": lambda _: self.rig.put("stock", False), "K15": lambda _: self.rig.put("jiro", False)}
        call = self.desk.call("temporary.issue", pins=[PIN], on=on, person="100", label="K-03")
        self.rig.take_out()
        self.assertEqual(call.message, "K19", call.detail)
        self.both()
        self.there(card="stock")
        self.not_there()
        self.desk.must("temporary.return", person="100")
        self.both()
        self.assertEqual(self.terminal.must("temporary.list").rows, [])
        self.there()

    def test_a_lock_is_cleared(self):
        self.terminal.stop()
        storerig.lock(self.terminal, "100", int(time.time()) + 500)
        self.terminal.start()
        self.assertEqual(self.login(broker=self.terminal).result, Result.LOCKED)
        self.desk.must("lockout.clear", person="100")
        self.both()
        self.there()

    def test_a_stop_code_typed_at_a_terminal_reaches_the_helpdesk(self):
        self.terminal.must("stop", code=stop_code(SLOT, SECRET))
        self.sync("terminal", "desk")
        self.assertEqual(self.state(broker=self.desk), "stopped")
        event = [row for row in self.desk.events(20) if row["kind"] == "card-stopped"][0]
        self.assertEqual(event["by"], "stop-file")

    def test_after_days_off_line(self):
        """Amendments, the roster that takes the place of some of them, and further ones: one run."""
        self.desk.must("card.suspend", person="100", reason="lost")
        self.desk.must("card.suspend", person="200", reason="lost")
        self.sync("desk")
        self.zone.now = int(time.time()) + 2
        self.zone.issue()
        self.desk.must("roster.import", file=self.zone.file())
        self.desk.must("card.stop", person="100", reason="lost")
        self.sync("desk")
        self.sync("terminal")
        self.assertEqual(self.terminal.must("roster.status").rows[0]["roster"], str(self.zone.number))
        self.assertEqual((self.state(), self.state("200")), ("stopped", "active"))
        self.assertEqual((self.count("amendment-taken"), self.count("amendment-refused")), (1, 0))

    def test_for_an_issue_that_is_still_on_its_way(self):
        """It waits, and counts when the roster has come by file."""
        self.zone.now = int(time.time()) + 2
        self.zone.issue()
        self.put(self.say(CLEAR), self.say(SUSPEND))
        self.sync("terminal")
        self.assertEqual(self.state(), "suspended")
        self.assertEqual((self.count("amendment-taken"), self.count("amendment-refused")), (1, 0))
        self.terminal.must("roster.import", file=self.zone.file())
        self.sync("terminal")
        self.assertEqual((self.count("amendment-taken"), self.count("amendment-refused")), (2, 0))

    def test_the_helpdesk_clears_away_what_is_outlived(self):
        self.desk.must("card.stop", person="100", reason="lost")
        self.put(self.say(CLEAR, created=self.zone.now - 100, number=self.zone.number - 1))
        self.sync("desk")
        self.server.psql("UPDATE toyama.amendment SET arrived = now() - interval '4 days'")
        self.sync("terminal")
        self.assertEqual(self.rows(), 2)
        self.sync("desk")
        self.assertEqual(self.rows(), 1)
        self.assertEqual(self.count("amendment-taken"), 1)

    def test_a_database_of_the_first_schema(self):
        """Programs go before the database: nothing else stops meanwhile."""
        self.desk.must("card.stop", person="100", reason="lost")
        self.server.psql("DELETE FROM toyama.version WHERE number = 2")
        try:
            self.assertIn("002-amendments.sql", self.sync("desk"))
            self.assertEqual(self.rows(), 0)
        finally:
            self.server.psql("INSERT INTO toyama.version(number) VALUES(2)")
        self.both()
        self.assertEqual(self.state(), "stopped")


class Unused(Zone):
    """Cards that nobody uses are suspended by rule, but not those that are used at another terminal."""

    def change(self):
        super().change()
        for number in ("100", "200"):
            record = person(self.zone, number)
            record["valid_from"] = int(time.time()) - 61 * deskrig.DAY
            record["credentials"][0]["enrolled"] = int(time.time()) - 60 * deskrig.DAY

    def unused(self, **values):
        """{staff number: last day elsewhere} and what it rests on."""
        call = self.desk.must("card.unused", days="50", **values)
        return {row["number"]: row["elsewhere"] for row in call.rows}, [message for message, _ in call.events]

    def hour(self):
        """Passes: it is asked for last uses no more often."""
        self.sync("desk")
        self.desk.stop()
        with storerig.opened(self.desk) as db:
            db.execute("UPDATE meta SET value=value-3600 WHERE name='uses_told'")
        self.desk.start()

    def told(self, day, who=None):
        """The server's word for it."""
        self.server.psql("INSERT INTO toyama.last_use(host, person, day) VALUES('terminal',"
                         f" '\\x{(who or self.who).hex()}', {day}) ON CONFLICT (host, person)"
                         " DO UPDATE SET day = excluded.day")

    def test_a_card_that_is_used_at_another_terminal_stays(self):
        self.assertEqual(self.unused(), ({"100": "", "200": ""}, ["H77"]))
        self.there()
        self.both()
        self.sync("desk")
        self.assertEqual(self.unused(), ({"100": "", "200": ""}, ["H78"]))
        self.hour()
        self.sync("desk")
        self.assertEqual(self.unused(), ({"200": ""}, ["H78"]))
        today = int(time.time()) // deskrig.DAY
        self.assertEqual(self.server.psql("SELECT * FROM toyama.last_use"), [f"terminal|\\x{self.who.hex()}|{today}"])
        self.assertEqual(self.unused(suspend="yes", **{"dry-run": "yes"})[0], {"200": ""})
        self.assertEqual(self.desk.must("card.unused", days="50", suspend="yes").message, "H76")
        self.both()
        self.assertEqual((self.state(), self.state("200")), ("active", "suspended"))

    def test_a_lie_keeps_a_card_or_gets_it_listed(self):
        today = int(time.time()) // deskrig.DAY
        self.hour()
        self.told(today + 1)
        self.told(today, os.urandom(16))
        self.sync("desk")
        self.assertEqual(self.unused()[0], {"100": "", "200": ""})
        self.hour()
        self.told(today - 55)
        self.sync("desk")
        self.assertEqual(self.unused()[0]["100"], time.strftime("%Y-%m-%d", time.gmtime((today - 55) * deskrig.DAY)))
        self.hour()
        self.told(today - 20)
        self.hour()
        self.told(today - 40)
        self.hour()
        self.server.psql("TRUNCATE toyama.last_use")
        self.sync("desk")
        self.again()
        self.assertEqual(self.unused()[0], {"200": ""})
        self.assertEqual(self.desk.must("person.show", person="100").rows[0]["state"], "active")

    def test_the_helpdesk_clears_away_who_is_gone(self):
        self.told(20000, os.urandom(16))
        self.told(20000)
        self.sync("desk")
        self.assertEqual(self.server.psql("SELECT person FROM toyama.last_use"), [f"\\x{self.who.hex()}"])

    def test_values_of_other_kinds(self):
        for name, columns, values in (
                ("null", "person bytea, day integer", "(NULL, 20000)"),
                ("short", "person bytea, day integer", "('x', 20000)"),
                ("text", "person text, day integer", f"('{'x' * 17}', 20000)"),
                ("nothing", "person bytea, day integer", f"('\\x{self.who.hex()}', NULL)"),
                ("negative", "person bytea, day integer", f"('\\x{self.who.hex()}', -1)"),
                ("late", "person bytea, day bigint", f"('\\x{self.who.hex()}', 1099511627776)")):
            with self.subTest(name=name):
                self.server.psql("ALTER TABLE toyama.last_use RENAME TO good")
                try:
                    self.server.psql(f"CREATE TABLE toyama.last_use({columns}, host name); INSERT INTO toyama.last_use"
                                     f" VALUES{values[:-1]}, 'terminal');"
                                     "GRANT ALL ON toyama.last_use TO toyama_publisher")
                    self.assertIn("a last use of the database cannot be right", self.sync("desk", expect=CONTENT))
                finally:
                    self.server.psql("DROP TABLE toyama.last_use; ALTER TABLE toyama.good RENAME TO last_use")
        self.assertEqual(self.unused()[0], {"100": "", "200": ""})

    def test_what_the_broker_takes(self):
        today = int(time.time()) // deskrig.DAY
        use = lambda who, day: rosterrig.seq(rosterrig.octets(who), rosterrig.integer(day))  # noqa: E731
        good = use(self.who, today)
        self.assertEqual(self.terminal.call("sync.uses.take", file=good).result, Admin.REFUSED)
        for content in (good[:-1], use(self.who[:15], today), use(self.who, 0), use(self.who, 100001), b"\0",
                        b"".join(use(os.urandom(16), 9) for _ in range(1200))):
            self.assertEqual(self.desk.call("sync.uses.take", file=content).result, Admin.REFUSED)
        self.assertEqual(self.unused(), ({"100": "", "200": ""}, ["H77"]))
        self.desk.must("sync.uses.take", file=use(self.who, today + 1) + use(os.urandom(16), 1) + good)
        self.assertEqual(self.unused()[0], {"200": ""})


class Lies(Zone):
    """Of the server, or of whoever writes there."""

    def test_none_of_these_is_followed(self):
        now, other = int(time.time()), rosterrig.Zone("lgwan")
        stranger = rosterrig.Officer(rosterrig.APPROVER)
        day = {"until": now + 3600}
        lent = rosterrig.card(temporary=True, until=now + 3600, **{"from": now - 5})
        good = self.say(STOP)
        forged = [
            self.say(STOP, key=other.helpdesk),
            self.say(STOP, of=other),
            self.say(STOP, of=other, key=other.helpdesk),
            good[:-1] + bytes([good[-1] ^ 1]),
            good[:40] + bytes([good[40] ^ 1]) + good[41:],
            good + b"\0",
            good[:-1],
            self.say(STOP, person=os.urandom(16)),
            self.say(TEMPORARY, card=(lent,), **day),
            self.say(TEMPORARY, card=(lent,), approver=stranger.key, **day),
            self.say(RESUME),
            self.say(OPEN, **day),
            self.say(EXTEND, **day),
            self.say(EXTEND, approver=self.zone.helpdesk, **day),
            encode(CREDENTIAL, lent),
            b"\x30\x80",
            os.urandom(4608),
        ]
        self.put(*forged)
        self.sync("terminal")
        self.assertEqual((self.count("amendment-refused"), self.count("amendment-taken")), (len(forged), 0))
        self.assertEqual(self.state(), "active")
        self.sync("terminal")
        self.again(self.terminal)
        self.terminal.must("audit.verify")
        self.assertEqual(self.state(), "active")
        self.put(good)
        self.sync("terminal")
        self.assertEqual(self.state(), "stopped")

    def test_the_same_with_good_signatures_is(self):
        """The forgeries above fail for what they say, not for how this file writes them."""
        now = int(time.time())
        lent = rosterrig.card(temporary=True, until=now + 3600, enrolled=now, **{"from": now - 5})
        approver = self.zone.approver.key
        self.put(self.say(SUSPEND), self.say(RESUME, approver=approver, created=now + 1), self.say(CLEAR),
                 self.say(TEMPORARY, card=(lent,), until=now + 3600, approver=approver),
                 self.say(EXTEND, until=now + 3600, approver=approver),
                 self.say(OPEN, until=now + 3600, approver=approver))
        self.sync("terminal")
        self.assertEqual((self.count("amendment-refused"), self.count("amendment-taken")), (0, 6))

    def test_withheld_rolled_back_repeated_and_in_another_order(self):
        now, approver = int(time.time()), self.zone.approver.key
        self.put(self.say(RESUME, created=now + 1, approver=approver), self.say(SUSPEND, created=now))
        self.sync("terminal")
        self.assertEqual(self.state(), "active")
        self.put(self.say(STOP))
        self.sync("terminal")
        self.assertEqual(self.state(), "stopped")
        saved = self.server.psql("SELECT encode(der, 'hex') FROM toyama.amendment ORDER BY sequence")
        self.server.psql("TRUNCATE toyama.amendment RESTART IDENTITY")
        self.put(*(bytes.fromhex(der) for der in saved[:2]))
        self.sync("terminal")
        self.assertEqual(self.state(), "stopped")
        self.assertEqual(self.rows(), 3)  # the terminal gave back what the server had lost
        self.assertEqual(self.count("amendment-taken"), 3)

    def test_far_too_many(self):
        """A flood costs little, fills no log, and does not hide the one that counts."""
        self.server.psql("ALTER TABLE toyama.amendment DISABLE TRIGGER USER")
        self.server.psql("INSERT INTO toyama.amendment(hash, der) SELECT sha256(d), d FROM (SELECT"
                         " decode(repeat(md5(n::text), 100), 'hex') d FROM generate_series(1, 3000) n) x")
        self.put(self.say(STOP))
        self.server.psql("ALTER TABLE toyama.amendment ENABLE TRIGGER USER")
        self.sync("terminal")
        self.assertEqual(self.state(), "stopped")
        self.assertLessEqual(self.count("amendment-refused"), 32)
        self.assertIn("no more are recorded within this hour", self.terminal.log())

    def test_values_of_other_kinds(self):
        """NULL, wrong types, too large, without order: said, and nothing else is kept back."""
        good = self.say(STOP).hex()
        for name, columns, values in (
                ("null", "sequence bigint, der bytea", f"(1, NULL), (2, '\\x{good}')"),
                ("large", "sequence bigint, der bytea",
                 f"(1, decode(repeat('30', 9000000), 'hex')), (2, ''), (3, '\\x{good}')"),
                ("text", "sequence bigint, der text", f"(1, '{good}')"),
                ("narrow", "sequence integer, der bytea", f"(1, '\\x{good}')"),
                ("unordered", "sequence bigint, der bytea", f"(NULL, '\\x{good}')"),
                ("negative", "sequence bigint, der bytea", f"(-1, '\\x{good}')")):
            with self.subTest(name=name):
                self.server.psql("ALTER TABLE toyama.amendment RENAME TO good")
                try:
                    self.server.psql(f"CREATE TABLE toyama.amendment({columns}, hash bytea, arrived timestamptz"
                                     f" DEFAULT now()); INSERT INTO toyama.amendment VALUES{values};"
                                     "GRANT SELECT, INSERT ON toyama.amendment TO toyama_terminal")
                    done = self.server.sync(*self.program("terminal"))
                    self.assertIn(done.returncode, (OK, CONTENT), done.stderr)
                    if name in ("null", "large"):
                        self.assertEqual(done.returncode, CONTENT, done.stderr)
                        self.assertEqual(self.count("amendment-taken"), 1)
                finally:
                    self.server.psql("DROP TABLE toyama.amendment; ALTER TABLE toyama.good RENAME TO amendment")
        self.assertEqual(self.state(), "stopped")

    def test_what_the_broker_takes_in_one_file(self):
        """Whoever has toyama-sync's uid has no more than this."""
        item = rosterrig.octets(self.say(STOP))
        for content in (item * 65, rosterrig.octets(b"x" * 8193), item[:-1], rosterrig.octets(b""), b"\x30\x00"):
            self.assertEqual(self.terminal.call("sync.amendments.take", file=content).result, Admin.REFUSED)
        self.assertEqual(self.state(), "active")
        self.assertEqual(self.terminal.call("sync.amendments.take", file=b"", seen="x").result, Admin.USAGE)
        row = self.terminal.must("sync.amendments.take", file=item * 64, seen="9").rows[0]
        self.assertEqual((row["taken"], row["known"]), ("1", "63"))
        self.assertEqual(self.terminal.must("sync.look").rows[0]["amended"], "9")


class Killed(Zone):
    """At whatever moment: the next run ends it, each one is taken once."""
    waits = (0.01, 0.02, 0.03, 0.045, 0.06, 0.08, 0.11)

    def begin(self, name):
        return subprocess.Popen(**self.server.program(*self.program(name)), stderr=subprocess.DEVNULL)

    def put_many(self):
        """More than a page."""
        now = int(time.time())
        self.put(*(self.say(CLEAR, created=now - 100 + n) for n in range(80)))

    def end(self, kind="amendment-taken"):
        """All is there, once."""
        self.sync("terminal")
        self.assertEqual(self.count(kind), 80)
        self.terminal.must("audit.verify")
        self.assertEqual(self.state(), "active")

    def test_the_program(self):
        self.put_many()
        for wait in self.waits:
            process = self.begin("terminal")
            time.sleep(wait)
            process.kill()
            process.wait()
        self.end()

    def test_the_broker(self):
        self.put_many()
        for wait in self.waits:
            process = self.begin("terminal")
            time.sleep(wait)
            self.terminal.kill()
            self.assertIn(process.wait(30), (OK, LATER))
            self.terminal.start()
        self.end()

    def test_the_program_that_pushes(self):
        self.desk.must("card.suspend", person="100", reason="lost")
        self.desk.must("card.stop", person="200", reason="lost")
        for wait in self.waits:
            process = self.begin("desk")
            time.sleep(wait)
            process.kill()
            process.wait()
        self.both()
        self.assertEqual((self.rows(), self.count("amendment-taken")), (2, 2))
        self.assertEqual((self.state(), self.state("200")), ("suspended", "stopped"))


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
