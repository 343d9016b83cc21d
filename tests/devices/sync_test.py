#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""toyama-sync between two hosts of a zone and a real PostgreSQL: what is published is pulled, verified and used; a server
that lies, lags or is gone changes nothing.

    sync_test.py BUILD_DIR"""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

import brokerrig
import pcscns
import pgrig
import rosterrig
from brokerrig import Admin, Result
from rosterrig import RECORD, STOPPED, encode

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
PIN = "123456"
ZONE = "internet"
OK, CONTENT, LATER, CONFIG = 0, 65, 75, 78


class World:
    """One database, and the state of a host that has joined."""
    pcsc = server = card = zone = joined = None


def setUpModule():  # pylint: disable=invalid-name
    World.pcsc = pcscns.Pcsc()
    World.pcsc.start()
    World.card = pcscns.VirtualCard(BUILD, slot=0, name="hanako", pin=PIN)
    World.server = pgrig.Server()
    World.server.add_role("desk", "toyama_publisher")
    World.server.add_role("mado")
    source = brokerrig.Broker(BUILD, ZONE, "card", name="source")
    source.init()
    source.start()
    source.add_person("100", "hanako")
    source.enroll_card("100", World.card, World.pcsc, PIN)
    source.add_person("200", "taro")
    source.must("pin.set", person="200", generate="yes")
    source.check_clean()
    World.zone = rosterrig.Zone(ZONE)
    for number in ("100", "200"):
        World.zone.adopt(source.state, number)
    first = brokerrig.Broker(BUILD, ZONE, "card", name="joined", register="taken")
    first.join(World.zone, helpdesk=True)
    World.joined = first.state


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    World.card.end()
    World.server.stop()
    World.pcsc.stop()


class Hosts(unittest.TestCase):
    """The helpdesk's host, which publishes, and a terminal at a counter."""

    def setUp(self):
        World.server.psql("TRUNCATE toyama.issue, toyama.record, toyama.template, toyama.secret, toyama.amendment,"
                          " toyama.event, toyama.counter, toyama.terminal")
        self.zone = World.zone.fresh()
        self.zone.issue()
        self.hanako, self.taro = sorted(self.zone.people.values(), key=lambda record: record["number"])
        self.desk, self.mado = (self.host(name) for name in ("desk", "mado"))
        self.desk.must("roster.import", file=self.zone.file(0))

    def host(self, name, **settings):
        """A broker that has joined."""
        broker = brokerrig.Broker(BUILD, ZONE, "card", name=name, register="taken", throttle_delay="0", **settings)
        self.addCleanup(shutil.rmtree, broker.directory)
        shutil.copytree(World.joined, broker.state)
        broker.start()
        self.addCleanup(broker.check_clean)
        return broker

    def sync(self, broker, name, *options, service=None, expect=OK):
        """One run; what it said."""
        done = World.server.sync(BUILD, broker, name, *options, service=service)
        self.assertEqual(done.returncode, expect, done.stderr)
        return done.stderr

    def publish(self):
        """The helpdesk's host gives what it has."""
        self.sync(self.desk, "desk", "--publish")

    def pull(self, expect=OK, **values):
        """The terminal's run."""
        return self.sync(self.mado, "mado", expect=expect, **values)

    def next_issue(self, base):
        """The station made one more, and the helpdesk imported and published it."""
        self.desk.must("roster.import", file=self.zone.file(base))
        self.publish()

    def issue(self, broker=None):
        """What the host has installed."""
        return broker_issue(broker or self.mado)

    def attempt(self):
        """Hanako at the counter."""
        World.card.insert()
        World.pcsc.wait_card(0)
        login = self.mado.login(user="hanako")
        login.finish()
        World.card.remove()
        World.pcsc.wait_card(0, False)
        return login


def broker_issue(broker):
    """The installed issue's number."""
    return broker.must("roster.status").rows[0]["roster"]


class Pulled(Hosts):
    """What comes over the database is as good as a file."""

    def test_a_roster_comes_over_the_database(self):
        self.assertEqual(self.attempt().result, Result.DENIED)
        self.publish()
        self.pull()
        self.assertEqual(self.issue(), self.issue(self.desk))
        self.assertEqual(self.attempt().result, Result.GRANTED)
        event = [row for row in self.mado.events(20) if row["kind"] == "roster-imported"][-1]
        self.assertEqual((event["source"], event["people"]), ("database", "2"))
        self.pull()  # nothing new: nothing happens

    def test_only_what_changed_is_pulled(self):
        self.publish()
        self.pull()
        first = World.server.psql("SELECT max(number) FROM toyama.issue")[0]
        self.taro["section"] = "Zeimu-ka"
        self.zone.issue()
        self.next_issue(int(first))
        self.assertEqual(World.server.psql(f"SELECT count(*) FROM toyama.record WHERE issue > {first}"), ["1"])
        self.pull()
        event = [row for row in self.mado.events(20) if row["kind"] == "roster-imported"][-1]
        self.assertEqual((event["changed"], event["added"], event["removed"]), ("1", "0", "0"))
        self.assertEqual(self.mado.must("person.show", person="200").rows[0]["section"], "Zeimu-ka")

    def test_who_is_gone_is_gone(self):
        self.publish()
        self.pull()
        first = World.server.psql("SELECT max(number) FROM toyama.issue")[0]
        del self.zone.people[self.taro["id"]]
        self.zone.issue()
        self.next_issue(int(first))
        self.pull()
        self.assertEqual(self.mado.call("person.show", person="200").result, Admin.NOT_FOUND)
        self.assertEqual(World.server.psql("SELECT count(*) FROM toyama.secret"), ["0"])

    def test_a_stop_arrives(self):
        self.publish()
        self.pull()
        first = World.server.psql("SELECT max(number) FROM toyama.issue")[0]
        self.hanako["credentials"][0]["state"] = STOPPED
        self.zone.issue()
        self.next_issue(int(first))
        self.assertEqual(self.attempt().result, Result.GRANTED)
        self.pull()
        self.assertEqual(self.attempt().said[-1], "M08")

    def test_keys_of_the_zone(self):
        """They come with the issue, and open what is sealed anew."""
        self.publish()
        self.pull()
        keys, before = self.zone.rekey()
        self.zone.issue(keys=keys)
        self.desk.must("roster.import", file=self.zone.file(1, recipient=before))
        self.publish()
        self.pull()
        self.zone.issue()
        self.desk.must("roster.import", file=self.zone.file(2))
        self.publish()
        self.pull()
        self.assertEqual((self.issue(), self.issue(self.desk)), ("3", "3"))
        self.assertEqual(self.attempt().result, Result.GRANTED)

    def test_several_issues_at_once(self):
        self.publish()
        self.pull()
        for number in range(3):
            self.taro["section"] = f"section {number}"
            self.zone.issue()
        self.desk.must("roster.import", file=self.zone.file(0))
        self.publish()
        self.pull()
        self.assertEqual(self.issue(), self.issue(self.desk))


class Lies(Hosts):
    """Whoever owns the server may deny, never admit."""

    def refused(self, change):
        """The rows are changed behind the publisher's back: nothing is taken, and it is said."""
        self.publish()
        World.server.psql(change)
        before = self.issue()
        self.pull(expect=CONTENT)
        self.assertEqual(self.issue(), before)
        self.assertEqual([row["kind"] for row in self.mado.events(6)].count("roster-refused"), 1)

    def test_a_record_with_other_octets(self):
        self.refused("UPDATE toyama.record SET record = set_byte(record, octet_length(record) / 2,"
                     " get_byte(record, octet_length(record) / 2) # 1)")

    def test_a_record_too_many(self):
        extra = encode(RECORD, rosterrig.person("300", "jiro", ZONE)).hex()
        self.refused("INSERT INTO toyama.record SELECT decode('ff' || repeat('00', 15), 'hex'), max(number),"
                     f" '\\x{extra}' FROM toyama.issue")

    def test_a_record_too_few(self):
        self.refused("DELETE FROM toyama.secret; DELETE FROM toyama.record WHERE id ="
                     " (SELECT id FROM toyama.record ORDER BY id DESC LIMIT 1)")

    def test_an_issue_with_other_octets(self):
        self.refused("UPDATE toyama.issue SET signed = set_byte(signed, 60, get_byte(signed, 60) # 1)"
                     " WHERE number = (SELECT max(number) FROM toyama.issue)")

    def test_a_secret_of_another_persons(self):
        self.refused("UPDATE toyama.secret SET sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)")

    def test_an_issue_signed_by_nobody_of_ours(self):
        other = rosterrig.Zone(ZONE)
        other.issue()
        signed = other.issues[-1].signed.hex()
        self.refused(f"UPDATE toyama.issue SET signed = '\\x{signed}'")

    def test_a_stopped_card_is_not_revived(self):
        self.publish()
        self.pull()
        old = World.server.psql("SELECT record FROM toyama.record ORDER BY id")
        first = int(World.server.psql("SELECT max(number) FROM toyama.issue")[0])
        self.hanako["credentials"][0]["state"] = STOPPED
        self.zone.issue()
        self.next_issue(first)
        rows = World.server.psql("SELECT id FROM toyama.record ORDER BY id")
        for who, record in zip(rows, old):
            World.server.psql(f"UPDATE toyama.record SET record = '{record}' WHERE id = '{who}'")
        self.pull(expect=CONTENT)
        self.assertEqual(self.issue(), str(first))

    def test_an_older_roster_is_not_taken(self):
        self.publish()
        self.pull()
        World.server.psql("TRUNCATE toyama.issue, toyama.record, toyama.template, toyama.secret")
        before = self.issue()
        self.pull()
        self.assertEqual(self.issue(), before)


class Floods(Hosts):
    """A server that gives more than was asked for fills no memory, and keeps no other part back."""
    MEMORY = 64 * 1024  # KiB
    # The peak of a program that a large one starts is that of the large one: a small one is in between.
    MEASURE = ("import resource as r, subprocess as s, sys; code = s.run(sys.argv[1:]).returncode;"
               " print(r.getrusage(r.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)")

    def setUp(self):
        super().setUp()
        self.publish()
        self.pull()

    def flooded(self, text):
        """One run: refused with this sentence, and the host's memory is untouched."""
        values = World.server.program(BUILD, self.mado, "mado")
        values["args"] = [sys.executable, "-c", self.MEASURE, *values["args"]]
        values["env"]["ASAN_OPTIONS"] = "quarantine_size_mb=1"
        done = subprocess.run(**values, capture_output=True, text=True, timeout=120, check=False)
        self.assertEqual(done.returncode, CONTENT, done.stderr)
        self.assertIn(text, done.stderr)
        self.assertLess(int(done.stdout), self.MEMORY)

    def sent(self):
        """How far the server has the terminal's log."""
        return World.server.psql("SELECT max(sequence) FROM toyama.event WHERE host = 'mado'")

    def undo(self, change, back):
        """A change at the server, and what takes it away behind the test."""
        World.server.psql(change)
        self.addCleanup(World.server.psql, back)

    def test_answers_without_an_end(self):
        self.undo("CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO PUBLIC;"
                  " CREATE FUNCTION evil.max(integer) RETURNS SETOF integer LANGUAGE sql"
                  " AS 'SELECT generate_series(1, 2000000)';"
                  " ALTER ROLE mado SET search_path = evil, pg_catalog",
                  "ALTER ROLE mado RESET search_path; DROP SCHEMA evil CASCADE")
        self.flooded("the database gives more than was asked for")

    def test_more_people_than_there_can_be(self):
        self.undo("CREATE TABLE toyama.more () INHERITS (toyama.counter); INSERT INTO toyama.more SELECT 'desk',"
                  " decode(lpad(to_hex(n), 32, '0'), 'hex'), 1, 0 FROM generate_series(1, 262145) n",
                  "DROP TABLE toyama.more")
        self.attempt()
        before = self.sent()
        self.flooded("the database gives more than was asked for")
        self.assertNotEqual(self.sent(), before)

    def test_rows_without_measure(self):
        """They are smaller when they are measured than when they are read."""
        first = World.server.psql("SELECT max(number) FROM toyama.issue")[0]
        self.taro["section"] = "Zeimu-ka"
        self.zone.issue()
        self.next_issue(int(first))
        self.undo("CREATE SCHEMA evil; GRANT USAGE ON SCHEMA evil TO PUBLIC;"
                  " ALTER TABLE toyama.record DROP CONSTRAINT record_record_check;"
                  " INSERT INTO toyama.record SELECT decode(lpad(to_hex(n), 32, '0'), 'hex'), (SELECT max(number) FROM toyama.issue),"
                  " decode(repeat('00', 4194304), 'hex') FROM generate_series(1, 40) n;"
                  " CREATE FUNCTION evil.octet_length(bytea) RETURNS integer LANGUAGE sql AS"
                  " 'SELECT CASE WHEN pg_catalog.octet_length($1) > 100000 THEN 100 ELSE pg_catalog.octet_length($1) END';"
                  " ALTER ROLE mado SET search_path = evil, pg_catalog",
                  "ALTER ROLE mado RESET search_path; DROP SCHEMA evil CASCADE;"
                  " DELETE FROM toyama.record WHERE octet_length(record) > 32768;"
                  " ALTER TABLE toyama.record ADD CONSTRAINT record_record_check CHECK (octet_length(record) <= 32768)")
        self.flooded("the database gives more than was asked for")
        self.assertEqual(self.issue(), first)


class Sent(Hosts):
    """Events and counters go the other way."""

    def setUp(self):
        super().setUp()
        self.publish()
        self.pull()

    def test_the_log_arrives_whole_and_once(self):
        self.attempt()
        self.pull()
        self.pull()
        newest = int(self.mado.must("sync.look").rows[0]["events"])
        rows = World.server.psql("SELECT count(*), max(sequence) FROM toyama.event WHERE host = 'mado'")[0]
        self.assertEqual(rows, f"{newest}|{newest}")
        chain = World.server.psql("SELECT encode(sha256(coalesce(lag(link) OVER (ORDER BY sequence),"
                                  " decode(repeat('00', 32), 'hex')) || der), 'hex') = encode(link, 'hex')"
                                  " FROM toyama.event WHERE host = 'mado'")
        self.assertEqual(set(chain), {"t"})
        self.assertEqual(World.server.psql("SELECT issue::text FROM toyama.terminal WHERE host = 'mado'"),
                         [self.issue()])

    def test_a_counter_is_only_raised(self):
        who = self.taro["id"].hex()
        put = f"INSERT INTO toyama.counter(host, person, failures, until) VALUES('desk', '\\x{who}', {{}}, {{}})" \
              " ON CONFLICT (host, person) DO UPDATE SET failures = excluded.failures, until = excluded.until"
        World.server.psql(put.format(3, 0))
        self.pull()
        self.assertEqual(self.failures(), {"200": "3"})
        World.server.psql(put.format(0, 0))
        self.pull()
        self.assertEqual(self.failures(), {"200": "3"})
        self.assertEqual(World.server.psql("SELECT failures FROM toyama.counter WHERE host = 'mado'"), ["3"])

    def failures(self):
        """{staff number: failures} of the terminal."""
        return {row["number"]: row["failures"] for row in self.mado.must("lockout.show").rows}

    def test_a_lock_ends_when_ours_would(self):
        who = self.taro["id"].hex()
        World.server.psql("INSERT INTO toyama.counter(host, person, failures, until)"
                          f" VALUES('desk', '\\x{who}', 5, 9223372036854775807)")
        self.pull()
        row = self.mado.must("lockout.show").rows[0]
        self.assertRegex(row["until"], r"^20\d\d-")  # not "operator": this host unlocks by itself


class Gone(Hosts):
    """No server, or the wrong one."""

    def test_a_server_that_is_not_there(self):
        self.publish()
        self.pull()
        World.server.halt()
        try:
            self.assertIn("cannot be used", self.pull(expect=LATER))
            self.assertEqual(self.attempt().result, Result.GRANTED)
        finally:
            World.server.start()
        self.pull()

    def test_a_connection_without_a_verified_name(self):
        for mode in ("require", "verify-ca", "disable"):
            self.assertIn("not protected", self.pull(expect=CONFIG, service=World.server.service("mado", mode)))
        self.pull(expect=LATER, service=World.server.service("mado", host="other.example"))

    def test_another_password(self):
        self.pull(expect=LATER, service=World.server.service("mado", password="wrong"))

    def test_a_schema_of_another_time(self):
        World.server.psql("INSERT INTO toyama.version(number) VALUES(9)")
        try:
            self.pull(expect=CONFIG)
        finally:
            World.server.psql("DELETE FROM toyama.version WHERE number = 9")

    def test_a_broker_that_is_not_there(self):
        self.mado.stop()
        try:
            self.pull(expect=LATER)
        finally:
            self.mado.start()

    def test_killed_while_it_publishes(self):
        """At any moment: readers see all of an issue or nothing of it."""
        program = World.server.program(BUILD, self.desk, "desk", "--publish")
        for wait in (0.0, 0.02, 0.04, 0.06, 0.08, 0.1, 0.15, 0.2):
            process = subprocess.Popen(**program, stderr=subprocess.DEVNULL)
            try:
                process.wait(wait)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            counts = World.server.psql("SELECT (SELECT count(*) FROM toyama.issue) > 0, count(*) FROM toyama.record")[0]
            self.assertIn(counts, ("f|0", "t|2"))
        self.publish()
        self.pull()
        self.assertEqual(self.attempt().result, Result.GRANTED)


class Callers(Hosts):
    """The program's user may call the verbs sync.*, and nothing else."""

    def as_nobody(self, broker):
        """toyama-sync as the user nobody."""
        os.chmod(broker.directory, 0o755)
        service = World.server.service("mado")
        shutil.copy(service, f"{broker.directory}/service")
        os.chmod(f"{broker.directory}/service", 0o644)
        return subprocess.run(["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
                               f"{BUILD}/toyamad/sync/toyama-sync", "--socket", broker.admin_path],
                              env={"PATH": "/usr/bin:/bin", "PGSERVICEFILE": f"{broker.directory}/service"},
                              capture_output=True, text=True, timeout=60, check=False)

    def test_its_user_may(self):
        self.publish()
        other = self.host("other", admin_group="nogroup", sync_user="nobody")
        done = self.as_nobody(other)
        self.assertEqual(done.returncode, OK, done.stderr)
        self.assertEqual(broker_issue(other), self.issue(self.desk))

    def test_another_user_may_not(self):
        other = self.host("other", admin_group="nogroup", sync_user="daemon")
        done = self.as_nobody(other)
        self.assertEqual(done.returncode, CONTENT, done.stderr)
        self.assertIn("sync.look is not for uid 65534", done.stderr)

    def test_its_user_may_nothing_else(self):
        other = self.host("other", admin_group="nogroup", sync_user="nobody")
        os.chmod(other.directory, 0o755)
        child = os.fork()
        if child == 0:
            os.setgroups([])
            os.setregid(65534, 65534)
            os.setreuid(65534, 65534)
            os._exit(0 if all(other.call(verb).result == Admin.REFUSED
                              for verb in ("person.list", "audit.show", "roster.status", "lockout.show")) else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)

    def test_a_host_with_its_own_people_takes_none(self):
        own = brokerrig.Broker(BUILD, ZONE, "card", name="own")
        own.init()
        own.start()
        try:
            for verb, values in (("sync.take", {"file": b"\x30\x00"}), ("sync.roster", {"file": "/dev/null", "base": 0})):
                self.assertIn(own.call(verb, **values).result, (Admin.REFUSED, Admin.USAGE))
        finally:
            own.check_clean()


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
