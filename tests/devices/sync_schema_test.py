#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The zone's database by itself: what each role may do there, and what none may."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import pcscns  # noqa: E402
import pgrig  # noqa: E402

ID, LINK = "'\\x" + "11" * 16 + "'", "'\\x" + "22" * 32 + "'"


class Roles(unittest.TestCase):
    """Each refusal is the server's own."""

    @classmethod
    def setUpClass(cls):
        cls.server = pgrig.Server(schema=1)
        # What stood in a database of the first schema; the migration leaves what can be right.
        cls.server.psql("INSERT INTO toyama.amendment(hash, der) VALUES(sha256('a'), 'a'), (sha256('b'), 'c'),"
                        " (sha256(decode(repeat('00', 4609), 'hex')), decode(repeat('00', 4609), 'hex'))")
        for file in pgrig.SQL[1:]:
            cls.server.psql(file.read_text(encoding="utf-8"))
        cls.server.add_role("term-01")
        cls.server.add_role("term-02")
        cls.server.add_role("desk-01", "toyama_publisher")
        cls.server.add_role("auditor-01", "toyama_auditor")
        cls.server.psql(f"INSERT INTO toyama.issue VALUES(1, '\\x30'); INSERT INTO toyama.record VALUES({ID}, 1, 'x')")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()

    def refused(self, user, statement):
        """The server says no."""
        with self.assertRaisesRegex(RuntimeError, "permission denied|row-level security|violates"):
            self.server.psql(statement, user=user)

    def test_a_terminal_reads_the_roster(self):
        for table in ("issue", "record", "template", "secret", "amendment", "counter", "version"):
            self.server.psql(f"SELECT count(*) FROM toyama.{table}", user="term-01")

    def test_a_terminal_changes_no_roster(self):
        for table in ("issue", "record", "template", "secret", "amendment", "version"):
            self.refused("term-01", f"DELETE FROM toyama.{table}")
            self.refused("term-01", f"TRUNCATE toyama.{table}")
        self.refused("term-01", "INSERT INTO toyama.issue VALUES(2, 'x')")
        self.refused("term-01", f"UPDATE toyama.record SET record = 'y' WHERE id = {ID}")

    def test_a_terminal_writes_its_own_rows_only(self):
        put = f"INSERT INTO toyama.event(sequence, der, link) VALUES(1, 'x', {LINK})"
        self.server.psql(put, user="term-01")
        self.server.psql(put, user="term-02")
        self.refused("term-01", put)
        self.refused("term-01", f"INSERT INTO toyama.event(host, sequence, der, link) VALUES('term-02', 2, 'x', {LINK})")
        self.refused("term-01", "DELETE FROM toyama.event")
        self.refused("term-01", "UPDATE toyama.event SET der = 'y'")
        self.assertEqual(self.server.psql("SELECT host FROM toyama.event", user="term-01"), ["term-01"])
        self.refused("term-01", "SELECT der FROM toyama.event")

    def test_a_terminal_changes_no_other_terminals_counter(self):
        put = "INSERT INTO toyama.counter(person, failures, until) VALUES({}, {}, 0)".format
        self.server.psql(put(ID, 3), user="term-01")
        self.server.psql("UPDATE toyama.counter SET failures = 0", user="term-02")
        self.assertEqual(self.server.psql("SELECT host, failures FROM toyama.counter", user="term-02"), ["term-01|3"])
        self.refused("term-01", put(ID, -1))
        self.refused("term-01", "UPDATE toyama.counter SET host = 'term-02'")
        self.refused("term-01", "DELETE FROM toyama.counter")

    def test_the_publisher_writes_no_log_of_others(self):
        self.server.psql("INSERT INTO toyama.issue VALUES(9, 'x'); DELETE FROM toyama.issue WHERE number = 9", user="desk-01")
        self.refused("desk-01", f"INSERT INTO toyama.event(host, sequence, der, link) VALUES('term-01', 9, 'x', {LINK})")
        self.refused("desk-01", "DELETE FROM toyama.event")

    def test_the_auditor_only_looks(self):
        self.server.psql("SELECT count(der) FROM toyama.event", user="auditor-01")
        for table in ("issue", "event", "terminal"):
            self.refused("auditor-01", f"DELETE FROM toyama.{table}")
        self.refused("auditor-01", "SELECT sealed FROM toyama.template")
        self.refused("auditor-01", "SELECT record FROM toyama.record")

    def test_files_are_applied_once_and_in_order(self):
        self.assertEqual(self.server.psql("SELECT number FROM toyama.version ORDER BY number"), ["1", "2"])
        self.assertEqual(self.server.psql("SELECT der FROM toyama.amendment WHERE host = 'owner'"), ["\\x61"])
        for file in pgrig.SQL:
            with self.assertRaisesRegex(RuntimeError, "already exists"):
                self.server.psql(file.read_text(encoding="utf-8"))

    def test_a_terminal_adds_amendments_and_no_more(self):
        put = "INSERT INTO toyama.amendment({}) VALUES({})".format
        self.server.psql(put("hash, der", "sha256('x'), 'x'"), user="term-01")
        self.assertEqual(self.server.psql("SELECT host FROM toyama.amendment WHERE der = 'x'", user="term-02"), ["term-01"])
        self.refused("term-02", put("hash, der", "sha256('x'), 'x'"))
        self.refused("term-02", put("hash, der", "sha256('y'), 'z'"))
        self.refused("term-02", put("hash, der", "sha256(''), ''"))
        self.refused("term-02", put("hash, der", "sha256('y'), NULL"))
        self.refused("term-02", put("hash, der, host", "sha256('y'), 'y', 'desk-01'"))
        self.refused("term-02", put("hash, der, arrived", "sha256('y'), 'y', now()"))
        for user in ("term-01", "desk-01"):
            self.refused(user, "UPDATE toyama.amendment SET der = 'y'")
        self.refused("term-01", "DELETE FROM toyama.amendment")
        self.refused("auditor-01", "SELECT der FROM toyama.amendment")
        self.server.psql("DELETE FROM toyama.amendment WHERE der = 'x'", user="desk-01")

    def test_a_terminal_buries_nothing(self):
        """It has its limit; what others add still comes through."""
        put = "INSERT INTO toyama.amendment(hash, der) SELECT sha256(n::text::bytea), n::text::bytea FROM generate_series({}) n"
        self.refused("term-01", put.format("1, 2001"))
        self.server.psql(put.format("1, 2000"), user="term-01")
        self.refused("term-01", put.format("2001, 2001"))
        self.server.psql(put.format("2001, 2001"), user="term-02")
        self.server.psql("DELETE FROM toyama.amendment WHERE host LIKE 'term%'", user="desk-01")

    def test_last_uses_are_told_to_the_helpdesk_only(self):
        put = f"INSERT INTO toyama.last_use(person, day) VALUES({ID}, {{}})".format
        self.server.psql(put(20000), user="term-01")
        self.refused("term-01", put(0).replace(ID, LINK))
        self.refused("term-01", put("NULL"))
        self.refused("term-01", f"INSERT INTO toyama.last_use(host, person, day) VALUES('term-02', {ID}, 1)")
        self.server.psql("UPDATE toyama.last_use SET day = 1", user="term-02")
        self.assertEqual(self.server.psql("SELECT day FROM toyama.last_use", user="term-01"), ["20000"])
        self.assertEqual(self.server.psql("SELECT day FROM toyama.last_use", user="term-02"), [])
        self.refused("term-01", "DELETE FROM toyama.last_use")
        self.refused("auditor-01", "SELECT day FROM toyama.last_use")
        self.server.psql("UPDATE toyama.last_use SET day = 1", user="desk-01")
        self.assertEqual(self.server.psql("SELECT host, day FROM toyama.last_use", user="desk-01"), ["term-01|20000"])
        self.server.psql("DELETE FROM toyama.last_use", user="desk-01")
        self.assertEqual(self.server.psql("SELECT host FROM toyama.last_use"), [])

    def test_nobody_makes_tables(self):
        for user in ("term-01", "desk-01", "auditor-01"):
            self.refused(user, "CREATE TABLE toyama.x(a int)")
            self.refused(user, "CREATE TABLE public.x(a int)")


if __name__ == "__main__":
    pcscns.enter()
    sys.argv = sys.argv[:1]
    unittest.main()
