# SPDX-License-Identifier: Apache-2.0
"""Somebody changes the files of a stopped broker: what was signed is what counts, or nothing does.

    registry_test.py BUILD_DIR"""
import os
import shutil
import sys
import unittest

import brokerrig
import pcscns
import storerig
from brokerrig import Admin, Result

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
PIN = "123456"
NOBODY = 65534


class World:
    """A host in the individual-number zone as it was left; each test begins with a copy."""
    pcsc = sensor = broker = hanako = taro = lost = saved = None
    old_record = None  # Hanako's, from before her first card was stopped


def setUpModule():  # pylint: disable=invalid-name
    World.pcsc = pcscns.Pcsc()
    World.pcsc.start()
    World.sensor = brokerrig.Sensor(BUILD)
    World.hanako, World.taro, World.lost = (pcscns.VirtualCard(BUILD, slot=0, name=name, pin=PIN)
                                      for name in ("hanako", "taro", "lost"))
    broker = World.broker = brokerrig.Broker(BUILD, "individual-number", "card finger", card_wait="3")
    broker.init()
    broker.start()
    for number, name, card, fingers in (("100", "hanako", World.lost, ("f01", "f02")),
                                        ("200", "taro", World.taro, ("f03", "f04"))):
        broker.add_person(number, name)
        broker.enroll_card(number, card, World.pcsc, PIN)
        for side, finger in zip(("right-index", "left-index"), fingers):
            broker.enroll_finger(number, World.sensor, side, finger)
    broker.stop()
    with storerig.opened(broker) as db:
        World.old_record = record_of(db, "100")
    broker.start()
    broker.must("card.stop", person="100", reason="lost")
    broker.enroll_card("100", World.hanako, World.pcsc, PIN)
    broker.must("audit.verify")
    broker.check_clean()
    World.saved = f"{broker.directory}/saved"
    shutil.copytree(broker.state, World.saved)


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    for card in (World.hanako, World.taro, World.lost):
        card.end()
    World.sensor.end()
    World.pcsc.stop()


def record_of(db, number):
    """The octets of a person's record."""
    return db.execute("SELECT record FROM person WHERE id=?", (storerig.person_id(db, number),)).fetchone()[0]


def flipped(octets, at):
    """With one bit changed."""
    out = bytearray(octets)
    out[at] ^= 0x10
    return bytes(out)


class Store(unittest.TestCase):
    """Starts from the saved state; ends with the broker stopped and clean."""

    def setUp(self):
        self.broker = World.broker
        self.restore()

    def tearDown(self):
        self.broker.check_clean()
        for card in (World.hanako, World.taro, World.lost):
            card.remove()
        pcscns.wait_until(lambda: not World.pcsc.has_card(0), what="an empty reader")

    def restore(self):
        """The files as they were."""
        self.broker.stop()
        shutil.rmtree(self.broker.state)
        shutil.copytree(World.saved, self.broker.state)
        with open(self.broker.log_path, "wb"):
            pass

    def edit(self, sql, *values):
        """One statement, which must hit rows."""
        with storerig.opened(self.broker) as db:
            self.assertNotEqual(db.execute(sql, values).rowcount, 0, sql)

    def id_of(self, number):
        with storerig.opened(self.broker) as db:
            return storerig.person_id(db, number)

    def put(self, card):
        card.insert()
        World.pcsc.wait_card(0)

    def attempt(self, user="hanako", finger="f01"):
        login = self.broker.login(user=user)
        login.finish(on={"M02": lambda: World.sensor.press(finger, 10)})
        return login

    def assert_all_denied(self, why):
        """The broker runs, denies everybody before a device is touched, and says why."""
        self.broker.start()
        for user in ("hanako", "taro", "unknown", None):
            login = self.attempt(user)
            self.assertEqual((login.result, login.said), (Result.UNAVAILABLE, ["X13"]), user)
        self.assertRegex(self.broker.must("status").rows[0]["registry"], why)
        self.assertRegex(self.broker.log(), "all logins are denied: .*" + why)
        self.assertEqual(self.broker.call("person.list").result, Admin.MISCONFIGURED)
        call = self.broker.call("person.add", number="300", login="new", name="New", category="regular")
        self.assertEqual(call.result, Admin.MISCONFIGURED)
        self.restore()

    def assert_denied(self, why, user="hanako", finger="f01", said=("M01", "X13")):
        """This login is denied as altered, and the log says what was."""
        self.broker.start()
        login = self.attempt(user, finger)
        self.assertEqual((login.result, login.said), (Result.UNAVAILABLE, list(said)), user)
        self.assertEqual(self.broker.events(1)[0]["cause"], "registry")
        self.assertRegex(self.broker.log(), why)

    def assert_granted(self, user="hanako", finger="f01"):
        login = self.attempt(user, finger)
        self.assertEqual(login.result, Result.GRANTED, login.said)


class Untouched(Store):
    """What the other tests start from."""

    def test_good(self):
        self.put(World.hanako)
        self.broker.start()
        self.assert_granted()
        self.assertEqual(self.broker.must("status").rows[0]["registry"], "good")

    def test_files_are_private(self):
        self.broker.start()
        self.assertEqual(os.stat(self.broker.state).st_mode & 0o7777, 0o700)
        for name in os.listdir(self.broker.state):
            status = os.lstat(f"{self.broker.state}/{name}")
            self.assertEqual((status.st_mode & 0o7777, status.st_uid), (0o600, 0), name)

    def test_no_template_in_the_clear(self):
        with storerig.opened(self.broker) as db:
            rows = [row[0] for row in db.execute("SELECT sealed FROM template")]
        self.assertEqual(len(rows), 4)
        with open(f"{self.broker.state}/registry.db", "rb") as file:
            octets = file.read()
        for row in rows:
            self.assertNotIn(b"FP3", row)
        self.assertNotIn(b"FP3", octets)


class Records(Store):
    """The signed roster."""

    ALTERED = "the records are not the ones that issue [0-9]+ was signed for"

    def test_rolled_back(self):
        """The stopped card comes to life again with the record of before."""
        self.edit("UPDATE person SET record=? WHERE id=?", World.old_record, self.id_of("100"))
        self.assert_all_denied(self.ALTERED)

    def test_stopped_card_stays_stopped(self):
        self.put(World.lost)
        self.broker.start()
        login = self.attempt()
        self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "M08"]))

    def test_swapped(self):
        with storerig.opened(self.broker) as db:
            one, other = storerig.person_id(db, "100"), storerig.person_id(db, "200")
            records = record_of(db, "100"), record_of(db, "200")
            db.executemany("UPDATE person SET record=? WHERE id=?", ((records[1], one), (records[0], other)))
        self.assert_all_denied(self.ALTERED)

    def test_another_key(self):
        """Taro's record under Hanako's name."""
        with storerig.opened(self.broker) as db:
            record = record_of(db, "200")
        self.edit("UPDATE person SET record=? WHERE id=?", record, self.id_of("100"))
        self.assert_all_denied(self.ALTERED)

    def test_each_part_edited(self):
        with storerig.opened(self.broker) as db:
            record = record_of(db, "100")
        for at in [*range(0, len(record), 61), len(record) - 1]:
            with self.subTest(octet=at):
                self.edit("UPDATE person SET record=? WHERE id=?", flipped(record, at), self.id_of("100"))
                self.assert_all_denied(self.ALTERED)

    def test_cut_and_longer(self):
        with storerig.opened(self.broker) as db:
            record = record_of(db, "100")
        for changed in (b"", record[:-1], record + b"\0", record * 50):
            with self.subTest(length=len(changed)):
                self.edit("UPDATE person SET record=? WHERE id=?", changed, self.id_of("100"))
                self.assert_all_denied("the records (are not|cannot)")

    def test_removed(self):
        self.edit("DELETE FROM person WHERE id=?", self.id_of("200"))
        self.assert_all_denied(self.ALTERED)

    def test_added(self):
        with storerig.opened(self.broker) as db:
            record = record_of(db, "100")
        self.edit("INSERT INTO person(id, record) VALUES(?,?)", b"\x7f" * 16, record)
        self.assert_all_denied(self.ALTERED)


class Issues(Store):
    """The issue that was signed."""

    def newest(self):
        with storerig.opened(self.broker) as db:
            return db.execute("SELECT number, signed FROM issue ORDER BY number DESC LIMIT 1").fetchone()

    def test_edited(self):
        number, signed = self.newest()
        for at in range(0, len(signed), 17):
            with self.subTest(octet=at):
                self.edit("UPDATE issue SET signed=? WHERE number=?", flipped(signed, at), number)
                self.assert_all_denied("the issue of the registry is refused|holds no readable issue|"
                                       "does not follow the one before")

    def test_newest_removed(self):
        """Then the one before is the newest, and it was signed for other records."""
        self.edit("DELETE FROM issue WHERE number=?", self.newest()[0])
        self.assert_all_denied(Records.ALTERED)

    def test_all_removed(self):
        self.edit("DELETE FROM issue")
        self.assert_all_denied("no readable issue")

    def test_predecessor(self):
        number = self.newest()[0]
        with storerig.opened(self.broker) as db:
            signed = db.execute("SELECT signed FROM issue WHERE number=?", (number - 1,)).fetchone()[0]
        for sql, values in (("UPDATE issue SET signed=? WHERE number=?", (flipped(signed, 20), number - 1)),
                            ("DELETE FROM issue WHERE number=?", (number - 1,))):
            with self.subTest(sql=sql):
                self.edit(sql, *values)
                self.assert_all_denied(f"issue {number} does not follow the one before")

    def test_of_another_host(self):
        """Its registry alone, and with its keys where it is of another zone."""
        other = brokerrig.Broker(BUILD, "lgwan", "card", name="other")
        other.init()
        for names in (("registry.db",), ("registry.db", "seal.key", "authority.key")):
            with self.subTest(files=names):
                for name in os.listdir(self.broker.state):
                    if name.startswith("registry.db") or name in names:
                        os.unlink(f"{self.broker.state}/{name}")
                for name in names:
                    shutil.copy2(f"{other.state}/{name}", f"{self.broker.state}/{name}")
                self.assert_all_denied("the issue of the registry is refused")
        shutil.rmtree(other.directory)


class Indexes(Store):
    """Tables that only say where to look."""

    def test_login_of_somebody_else(self):
        """Hanako's login leads to Taro: neither card opens it, and nobody else is concerned."""
        self.edit("UPDATE login SET person=? WHERE name='hanako'", self.id_of("200"))
        self.put(World.taro)
        self.assert_denied("registry: the registry was altered", finger="f03")
        self.assert_granted("taro", "f03")
        World.taro.remove()
        World.pcsc.wait_card(0, False)
        self.put(World.hanako)
        login = self.attempt()
        self.assertEqual((login.result, login.said), (Result.UNAVAILABLE, ["M01", "X13"]))

    def test_hint_of_somebody_else(self):
        self.edit("UPDATE hint SET person=? WHERE person=?", self.id_of("200"), self.id_of("100"))
        self.put(World.hanako)
        self.assert_denied("registry: the registry was altered", user=None)
        self.assert_granted("hanako")

    def test_removed_login(self):
        """Unknown, then; the person's other rows do not help."""
        self.edit("DELETE FROM login WHERE name='hanako'")
        self.put(World.hanako)
        self.broker.start()
        login = self.attempt()
        self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "M07"]))

    def test_added_login(self):
        """A login that the record does not name is not Hanako's."""
        self.edit("INSERT INTO login(name, person) VALUES('root', ?)", self.id_of("100"))
        self.put(World.hanako)
        self.assert_denied("registry: the registry was altered", user="root")

    def test_operator_sees_it(self):
        self.edit("UPDATE number SET person=? WHERE number='100'", self.id_of("200"))
        self.broker.start()
        call = self.broker.call("person.show", person="100")
        self.assertEqual((call.result, call.detail), (Admin.FAILED, "the registry was altered"))


class Templates(Store):
    """Sealed rows, opened for one person, one finger, one sensor."""

    def rows(self):
        """[(id, sealed)] of Hanako and of Taro."""
        with storerig.opened(self.broker) as db:
            return [db.execute("SELECT id, sealed FROM template WHERE person=? ORDER BY id",
                               (storerig.person_id(db, number),)).fetchall() for number in ("100", "200")]

    def set(self, ident, sealed):
        self.edit("UPDATE template SET sealed=? WHERE id=?", sealed, ident)

    def refused(self):
        self.put(World.hanako)
        self.assert_denied("template of 100: ")
        self.broker.stop()

    def test_of_another_person(self):
        (mine, _), (theirs, _) = self.rows()
        self.set(mine[0], theirs[1])
        self.set(theirs[0], mine[1])
        self.refused()

    def test_of_another_finger(self):
        (right, left), _ = self.rows()
        self.set(right[0], left[1])
        self.set(left[0], right[1])
        self.refused()

    def test_owner_changed(self):
        """The column is no more than a note; the seal says whose it is."""
        (mine, _), _ = self.rows()
        self.edit("UPDATE template SET person=? WHERE id=?", self.id_of("200"), mine[0])
        self.put(World.hanako)
        self.broker.start()
        self.assert_granted()

    def test_edited(self):
        (mine, _), _ = self.rows()
        for at in (0, 11, 12, len(mine[1]) // 2, len(mine[1]) - 1):
            with self.subTest(octet=at):
                self.set(mine[0], flipped(mine[1], at))
                self.refused()
                self.restore()

    def test_cut(self):
        (mine, _), _ = self.rows()
        for length in (0, 1, 27, 28, len(mine[1]) - 1):
            with self.subTest(length=length):
                self.set(mine[0], mine[1][:length])
                self.refused()
                self.restore()

    def test_removed(self):
        (mine, _), _ = self.rows()
        self.edit("DELETE FROM template WHERE id=?", mine[0])
        self.refused()

    def test_another_seal_key(self):
        with open(f"{self.broker.state}/seal.key", "r+b") as file:
            file.write(os.urandom(32))
        self.refused()


class Events(Store):
    """The chain."""

    def event(self, offset):
        """(sequence, der, link), `offset` before the last."""
        with storerig.opened(self.broker) as db:
            return db.execute("SELECT sequence, der, link FROM event ORDER BY sequence DESC LIMIT 1 OFFSET ?",
                              (offset,)).fetchone()

    def assert_broken(self, sequence):
        self.assert_all_denied(f"the log is broken at event {sequence}")

    def test_edited(self):
        sequence, der, link = self.event(3)
        for at in range(0, len(der), 23):
            with self.subTest(octet=at):
                self.edit("UPDATE event SET der=? WHERE sequence=?", flipped(der, at), sequence)
                self.assert_broken(sequence)
        self.edit("UPDATE event SET link=? WHERE sequence=?", flipped(link, 5), sequence)
        self.assert_broken(sequence)

    def test_removed(self):
        sequence = self.event(4)[0]
        self.edit("DELETE FROM event WHERE sequence=?", sequence)
        self.assert_broken(sequence)
        sequence = self.event(1)[0]
        self.edit("DELETE FROM event WHERE sequence=?", sequence)
        self.assert_broken(sequence)

    def test_first_removed(self):
        self.edit("DELETE FROM event WHERE sequence=(SELECT min(sequence) FROM event)")
        self.assert_broken(1)

    def test_reordered(self):
        one, other = self.event(4), self.event(2)
        with storerig.opened(self.broker) as db:
            db.executemany("UPDATE event SET der=?, link=? WHERE sequence=?",
                           ((other[1], other[2], one[0]), (one[1], one[2], other[0])))
        self.assert_broken(one[0])

    def test_removed_and_renumbered(self):
        """The hole is closed, but the sequence stands inside of the event."""
        sequence = self.event(3)[0]
        with storerig.opened(self.broker) as db:
            db.execute("DELETE FROM event WHERE sequence=?", (sequence,))
            for at in range(sequence + 1, self.event(0)[0] + 1):
                db.execute("UPDATE event SET sequence=? WHERE sequence=?", (at - 1, at))
        self.assert_broken(sequence)

    def test_inserted(self):
        sequence, der, link = self.event(0)
        self.edit("INSERT INTO event(sequence, der, link) VALUES(?,?,?)", sequence + 1, der, link)
        self.assert_broken(sequence + 1)

    def test_last_edited(self):
        """Nothing may be chained to it."""
        sequence, der, _ = self.event(0)
        self.edit("UPDATE event SET der=? WHERE sequence=?", flipped(der, len(der) - 2), sequence)
        self.assert_broken(sequence)


class Files(Store):
    """The store as a file, and the keys beside it."""

    def path(self, name):
        return f"{self.broker.state}/{name}"

    def test_newer_schema(self):
        with storerig.opened(self.broker) as db:
            db.execute("PRAGMA user_version=99")
        self.assert_all_denied("written by a newer toyama")

    def test_modes(self):
        for name in ("registry.db", "seal.key", "authority.key", "log.key"):
            for mode, why in ((0o644, "can be read by others"), (0o640, "can be read by others"),
                              (0o620, "can be written by others"), (0o602, "can be written by others")):
                with self.subTest(name=name, mode=oct(mode)):
                    os.chmod(self.path(name), mode)
                    self.assert_all_denied(f"{name} {why} than root")

    def test_foreign_owner(self):
        for name in ("registry.db", "seal.key", "authority.key", "log.key"):
            with self.subTest(name=name):
                os.chown(self.path(name), NOBODY, NOBODY)
                self.assert_all_denied(f"{name} does not belong to root")

    def test_not_a_file(self):
        for name in ("registry.db", "seal.key", "authority.key", "log.key"):
            for kind in ("symlink", "directory", "fifo", "missing"):
                with self.subTest(name=name, kind=kind):
                    os.rename(self.path(name), f"{self.broker.directory}/aside")
                    if kind == "symlink":
                        os.symlink(f"{self.broker.directory}/aside", self.path(name))
                    elif kind == "directory":
                        os.mkdir(self.path(name))
                    elif kind == "fifo":
                        os.mkfifo(self.path(name), 0o600)
                    self.assert_all_denied(name)

    def test_directory(self):
        for mode, owner in ((0o770, 0), (0o707, 0), (0o700, NOBODY)):
            with self.subTest(mode=oct(mode), owner=owner):
                os.chmod(self.broker.state, mode)
                os.chown(self.broker.state, owner, 0)
                self.assert_all_denied("is not a directory that only root can write")

    def test_short_keys(self):
        for name, content, why in (("seal.key", b"", "not a key of 32 octets"),
                                   ("seal.key", bytes(31), "not a key of 32 octets"),
                                   ("seal.key", bytes(33), "not a key of 32 octets"),
                                   ("authority.key", b"", "not a P-256 private key"),
                                   ("authority.key", os.urandom(138), "not a P-256 private key")):
            with self.subTest(name=name, length=len(content)):
                with open(self.path(name), "wb") as file:
                    file.write(content)
                self.assert_all_denied(f"{name}: {why}")

    def test_another_authority(self):
        other = brokerrig.Broker(BUILD, "individual-number", "card finger", name="other")
        other.init()
        shutil.copy2(f"{other.state}/authority.key", self.path("authority.key"))
        self.assert_all_denied("the issue of the registry is refused")
        shutil.rmtree(other.directory)

    def test_damaged_pages(self):
        """Not SQLite any more, or no longer whole."""
        size = os.path.getsize(self.path("registry.db"))
        for at, octets, length in ((0, b"not a database, not at all", size), (100, bytes(4000), size),
                                   (0, b"", 4096), (0, b"", 0)):
            with self.subTest(at=at, length=length):
                with open(self.path("registry.db"), "r+b") as file:
                    file.seek(at)
                    file.write(octets)
                    file.truncate(length)
                self.assert_all_denied("registry|records|audit")

    def test_missing_tables(self):
        for table in ("person", "issue", "event"):
            with self.subTest(table=table):
                with storerig.opened(self.broker) as db:
                    db.execute("PRAGMA foreign_keys=OFF")
                    db.execute(f"DROP TABLE {table}")
                self.assert_all_denied("registry|records|audit")

    def test_second_broker(self):
        """It must not get at the first one's store, nor take its sockets."""
        self.broker.start()
        done = self.broker.program(timeout=10)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("another broker is running", done.stderr)
        self.broker.must("status")
        self.assertTrue(os.path.exists(self.broker.auth_path))


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
