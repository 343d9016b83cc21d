#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The signed head of the log: whatever is taken from the store, put back or exchanged, denies at start
and is named. usage: head_test.py BUILD_DIR (root)"""
import base64
import os
import shutil
import subprocess
import sys
import unittest

import brokerrig
import pcscns
import storerig
from brokerrig import Admin, Result

BUILD = None


class Head(unittest.TestCase):
    """A host with some people and events; `older` is its state from three events before."""

    def setUp(self):
        self.broker = brokerrig.Broker(BUILD, "internet", "card", name=self.id().rsplit(".", 1)[1])
        self.broker.init()
        self.broker.start()
        self.broker.add_person("100", "hanako")
        self.broker.must("person.list")
        self.broker.stop()
        self.older = f"{self.broker.directory}/older"
        shutil.copytree(self.broker.state, self.older)
        self.broker.start()
        self.broker.add_person("200", "taro")
        self.broker.must("person.list")
        self.broker.must("person.list")
        self.broker.stop()
        self.saved = f"{self.broker.directory}/saved"
        shutil.copytree(self.broker.state, self.saved)

    def tearDown(self):
        self.broker.check_clean()

    def restore(self, state=None):
        """The files as they were."""
        self.broker.check_clean()
        shutil.rmtree(self.broker.state)
        shutil.copytree(state or self.saved, self.broker.state)

    def edit(self, *statements):
        """Each must hit rows."""
        with storerig.opened(self.broker) as db:
            for sql in statements:
                self.assertNotEqual(db.execute(*((sql,) if isinstance(sql, str) else sql)).rowcount, 0, sql)

    def rows(self, state, table):
        """All rows of a table of that copy."""
        holder = type("Copy", (), {"state": state})
        with storerig.opened(holder) as db:
            return db.execute(f"SELECT * FROM {table}").fetchall()

    def put_back(self, *tables):
        """These tables as they were in the older copy."""
        with storerig.opened(self.broker) as db:
            for table in tables:
                db.execute(f"DELETE FROM {table}")
                rows = self.rows(self.older, table)
                db.executemany(f"INSERT INTO {table} VALUES({','.join('?' * len(rows[0]))})", rows)

    def refused(self, why):
        """Denies everybody, says why; starts anew from the saved state."""
        self.broker.start()
        login = self.broker.login(user="hanako")
        login.finish()
        self.assertEqual((login.result, login.said), (Result.UNAVAILABLE, ["X13"]))
        self.assertRegex(self.broker.must("status").rows[0]["registry"], why)
        call = self.broker.call("audit.verify")
        self.assertEqual(call.result, Admin.MISCONFIGURED)
        self.assertRegex(call.detail, why)
        self.restore()

    def good(self):
        """The host goes on."""
        self.broker.start()
        self.assertEqual(self.broker.must("status").rows[0]["registry"], "good")
        self.broker.must("audit.verify")

    def newest(self):
        with storerig.opened(self.broker) as db:
            return db.execute("SELECT max(sequence) FROM event").fetchone()[0]

    def test_events(self):
        """Cut off, exchanged, put back."""
        last = self.newest()
        for count in (1, 2, last - 1, last):
            with self.subTest(cut=count):
                self.edit(f"DELETE FROM event WHERE sequence>{last - count}")
                self.refused(f"names event {last}, the store ends with event {last - count}$")
        with self.subTest("swapped"):
            one, other = last - 3, last - 1
            self.edit("UPDATE event SET sequence=1000 WHERE sequence=%d" % one,
                      "UPDATE event SET sequence=%d WHERE sequence=%d" % (one, other),
                      "UPDATE event SET sequence=%d WHERE sequence=1000" % other)
            self.refused(f"the log is broken at event {one}$")
        with self.subTest("older copy"):
            older = len(self.rows(self.older, "event"))
            self.put_back("event")
            self.refused(f"names event {last}, the store ends with event {older}$")
        self.good()

    def test_row(self):
        """The head itself: gone, edited, older, signed by somebody else."""
        last = self.newest()
        self.edit("DELETE FROM head")
        self.refused("the signed head of the log is missing")
        _, der, signature = self.rows(self.saved, "head")[0]
        for at in (0, 5, 30, len(der) - 1):
            with self.subTest(der=at):
                self.edit(("UPDATE head SET der=?", (der[:at] + bytes([der[at] ^ 4]) + der[at + 1:],)))
                self.refused("head of the log is not (readable|signed)")
        for at in (3, len(signature) - 1):
            with self.subTest(signature=at):
                self.edit(("UPDATE head SET signature=?",
                           (signature[:at] + bytes([signature[at] ^ 4]) + signature[at + 1:],)))
                self.refused("not signed with this host's log.key")
        self.put_back("head")
        self.refused(f"signed head is older than the log: .*the store ends with event {last}$")
        with self.subTest("all at once"):
            self.edit("DELETE FROM head", "DELETE FROM event")
            self.refused("the signed head of the log is missing")
        self.good()

    def test_older_roster(self):
        """Everything but the log as it was three events ago: signed, complete, and too old."""
        self.put_back("login", "number", "person", "issue")
        issue = max(row[0] for row in self.rows(self.older, "issue"))
        self.refused(f"another copy of the roster: issue {issue} is installed, .* names {issue + 1}$")
        with self.subTest("with its log, but the newer head"):
            self.put_back("login", "number", "person", "issue", "event")
            self.refused("the newest events are missing")
        self.good()

    def put_back_file(self):
        """The whole store as it was in the older copy, its signed head with it."""
        for name in ("registry.db", "registry.db-wal", "registry.db-shm"):
            if os.path.exists(f"{self.broker.state}/{name}"):
                os.unlink(f"{self.broker.state}/{name}")
        shutil.copy(f"{self.older}/registry.db", f"{self.broker.state}/registry.db")

    def test_older_file(self):
        """Yesterday's registry.db, all of it; whoever means it deletes log.anchor."""
        last, older = self.newest(), len(self.rows(self.older, "event"))
        self.put_back_file()
        self.refused(f"the registry is an older copy: it ends with event {older}, and this host had another event {last} ")
        with self.subTest("two histories of one length"):
            self.put_back_file()
            os.unlink(f"{self.broker.state}/log.anchor")
            self.broker.start()
            while int(self.broker.must("status").rows[0]["events"]) <= last:
                self.broker.must("audit.show")
            self.assertEqual(self.broker.stop(), 0)
            shutil.copy(f"{self.saved}/log.anchor", f"{self.broker.state}/log.anchor")
            self.refused("the registry is an older copy")
        self.good()

    def test_the_anchor_locks_nobody_out(self):
        """Gone, damaged, half written, of another log, behind the store after a crash: it is written anew."""
        path = f"{self.broker.state}/log.anchor"
        with open(path, "rb") as file:
            whole = file.read()
        for octets in (None, b"", whole[:40], whole[:-1], whole[:-1] + bytes([whole[-1] ^ 1]), whole + b"x", bytes(4096)):
            with self.subTest(octets=octets):
                if octets is None:
                    os.unlink(path)
                else:
                    with open(path, "wb") as file:
                        file.write(octets)
                self.good()
                with open(path, "rb") as file:
                    self.assertNotEqual(file.read(), octets)
                self.assertEqual(self.broker.stop(), 0)
        shutil.copy(f"{self.older}/log.anchor", path)
        self.good()

    def test_after_a_crash(self):
        """The anchor is written on the way, too; never in front of the store."""
        self.broker.start()
        for _ in range(40):
            self.broker.must("audit.show")
        self.broker.kill()
        saved = f"{self.broker.directory}/crashed"
        shutil.copytree(self.broker.state, saved)
        self.good()
        self.restore(saved)
        self.put_back_file()
        self.refused("the registry is an older copy")

    def test_amendments(self):
        """A row that nobody took here."""
        self.edit(("INSERT INTO amendment(id, der) VALUES(?,?)", (bytes(16), bytes.fromhex("3000"))))
        self.refused("an amendment of the registry is refused")
        self.good()

    def test_key(self):
        """Gone, of another host, garbage."""
        os.unlink(f"{self.broker.state}/log.key")
        self.refused("log.key is missing, but the log has a signed head")
        with open(f"{self.broker.state}/log.key", "wb") as file:
            file.write(bytes(20))
        self.refused("log.key: not a P-256 private key")
        other = brokerrig.Broker(BUILD, "internet", "card", name="stranger")
        other.init()
        shutil.copy2(f"{other.state}/log.key", f"{self.broker.state}/log.key")
        self.refused("not signed with this host's log.key")
        shutil.rmtree(other.directory)
        self.good()

    def test_host_without_one(self):
        """A host from before begins its head, once, with an event that names the key."""
        os.unlink(f"{self.broker.state}/log.key")
        self.edit("DELETE FROM head")
        self.good()
        event = self.broker.events(1)[0]
        self.assertEqual(event["kind"], "log-key")
        self.assertEqual(len(event["key"]), 64)
        self.assertEqual(os.stat(f"{self.broker.state}/log.key").st_mode & 0o7777, 0o600)
        self.broker.stop()
        self.good()
        self.assertNotIn("log.key.next", os.listdir(self.broker.state))
        with self.subTest("interrupted behind the event"):
            self.broker.stop()
            os.rename(f"{self.broker.state}/log.key", f"{self.broker.state}/log.key.next")
            self.good()
            self.assertEqual([e["kind"] for e in self.broker.events(20)].count("log-key"), 1)
        with self.subTest("interrupted before it"):
            self.restore()
            self.edit("DELETE FROM head")
            os.rename(f"{self.broker.state}/log.key", f"{self.broker.state}/log.key.next")
            self.good()
            self.assertIn("log.key", os.listdir(self.broker.state))

    def test_dies_at_any_moment(self):
        """Whatever was written last, head and events agree."""
        for _ in range(8):
            self.broker.start()
            for _ in range(3):
                self.broker.must("person.list")
            self.broker.kill()
        self.good()

    def test_openssl(self):
        """Somebody else checks what `audit head` says, with openssl alone."""
        self.broker.start()
        key = self.broker.must("audit.head", key="yes").rows[0]["key"]
        row = self.broker.must("audit.head").rows[0]
        self.assertEqual(row["host"], "test-01")
        self.assertEqual(row["sequence"], self.broker.must("audit.verify").rows[0]["events"])
        paths = {}
        for name, text in (("key", key), ("head", row["head"]), ("signature", row["signature"])):
            paths[name] = f"{self.broker.directory}/{name}.bin"
            with open(paths[name], "wb") as file:
                file.write(base64.b64decode(text))

        def verify():
            return subprocess.run(["openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", paths["key"],
                                   "-signature", paths["signature"], paths["head"]], check=False,
                                  capture_output=True, text=True).stdout.strip()
        self.assertEqual(verify(), "Verified OK")
        shown = subprocess.run(["openssl", "asn1parse", "-inform", "DER", "-in", paths["head"]], check=True,
                               capture_output=True, text=True).stdout
        self.assertIn("toyama log head", shown)
        self.assertIn(row["link"].upper(), shown)
        with open(paths["head"], "r+b") as file:
            file.seek(40)
            file.write(b"\0")
        self.assertEqual(verify(), "Verification failure")


if __name__ == "__main__":
    pcscns.enter()
    BUILD = os.path.abspath(sys.argv.pop(1))
    unittest.main()
