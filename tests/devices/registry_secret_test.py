#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The table of sealed shared keys under the hands of somebody who may write it: a row counts for one person, one credential,
one zone, and only as the signed record names it; and nothing that is shown has a secret in it.

Usage: registry_secret_test.py BUILD_DIR [TEST...]"""
import os
import shutil
import subprocess
import unittest

import familyrig
import storerig
from brokerrig import Admin, Result
from familyrig import MINE, SECRET, THEIRS, Felica, World, add_person, place, state_of, take

ALTERED = "registry: {} of 100: the registry was altered"
KEY_ALTERED, PIN_ALTERED = ALTERED.format("shared key"), ALTERED.format("memorised secret")


class Kept:
    """A host as it was left, with its cards; each test begins with a copy."""
    broker = saved = old = None
    cards = {}


def left_behind():
    """hanako and taro with FeliCa card and secret; hanako's older card was stopped, her secret changed."""
    cards = {name: Felica().make(f"registry-{name}") for name in ("hanako", "taro", "lost")}
    broker = familyrig.host("internet", "card pin", "registry-secret")
    for number, login, name in ((MINE, "hanako", "lost"), (THEIRS, "taro", "taro")):
        add_person(broker, number, login, secret=SECRET)
        Felica().enrol(broker, number, cards[name])
    broker.stop()
    Kept.old = rows_of(broker, MINE)
    broker.start()
    broker.must("card.stop", person=MINE, reason="lost")
    Felica().enrol(broker, MINE, cards["hanako"])
    broker.must("pin.set", person=MINE, pins=["hibari-77", "hibari-77"])
    broker.check_clean()
    Kept.broker, Kept.cards = broker, cards
    Kept.saved = f"{broker.directory}/saved"
    shutil.copytree(broker.state, Kept.saved)


def setUpModule():  # pylint: disable=invalid-name
    """Once for all tests."""
    left_behind()


def tearDownModule():  # pylint: disable=invalid-name
    """The cards end."""
    for card in Kept.cards.values():
        card.end()


def rows_of(broker, number):
    """{ref: [(credential, sealed)]} of a person, oldest enrolment first is not said."""
    with storerig.opened(broker) as db:
        rows = db.execute("SELECT ref, credential, sealed FROM secret WHERE person=?", (storerig.person_id(db, number),))
        found = {}
        for ref, credential, sealed in rows:
            found.setdefault(ref, []).append((credential, sealed))
        return found


FELICA, OWN = 0x87, 1  # references of the keys


class Store(unittest.TestCase):
    """Starts from the saved state; ends with the broker stopped and clean."""

    def setUp(self):
        self.broker = Kept.broker
        self.restore()

    def tearDown(self):
        self.broker.check_clean()
        familyrig.empty_readers(*Kept.cards.values())
        World.pcsc.wait_card(0, False)

    def restore(self):
        """The files as they were."""
        self.broker.stop()
        shutil.rmtree(self.broker.state)
        shutil.copytree(Kept.saved, self.broker.state)
        with open(self.broker.log_path, "wb"):
            pass

    def edit(self, sql, *values):
        """One statement, which must hit rows."""
        with storerig.opened(self.broker) as db:
            self.assertNotEqual(db.execute(sql, values).rowcount, 0, sql)

    def mine(self, ref):
        """(credential, sealed) of hanako's key that is in use."""
        old = {credential for credential, _ in Kept.old.get(ref, [])}
        return next(row for row in rows_of(self.broker, MINE)[ref] if row[0] not in old)

    def theirs(self, ref):
        return rows_of(self.broker, THEIRS)[ref][0]

    def set(self, credential, ref, sealed):
        self.edit("UPDATE secret SET sealed=? WHERE credential=? AND ref=?", sealed, credential, ref)

    def attempt(self, name="hanako", typed="hibari-77", user=None):
        """A login with this person's card."""
        familyrig.empty_readers(*Kept.cards.values())
        place(Kept.cards[name])
        login = self.broker.login(user=user or name)
        login.finish(pins=[typed])
        return login

    def assert_key_refused(self, why=KEY_ALTERED, name="hanako", typed="hibari-77", user=None):
        """The key proves nothing, the log names it, others are not concerned."""
        self.broker.start()
        login = self.attempt(name, typed, user)
        self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "X01", "M07"]))
        self.assertRegex(self.broker.log(), why)

    def assert_others_open(self):
        """taro."""
        self.assertEqual(self.attempt("taro", SECRET).result, Result.GRANTED)

    def assert_pin_refused(self):
        """The card is proven, the secret cannot be."""
        self.broker.start()
        for typed in ("hibari-77", SECRET, "anything-1"):
            login = self.attempt(typed=typed)
            self.assertEqual((login.result, login.said), (Result.UNAVAILABLE, ["M01", "X01", "X13"]), typed)
            self.assertEqual(self.broker.events(1)[0]["cause"], "registry")
        self.assertRegex(self.broker.log(), PIN_ALTERED)


class Rows(Store):
    """Edited, cut, swapped, rolled back, deleted, added."""

    def test_untouched(self):
        self.broker.start()
        self.assertEqual(self.attempt().result, Result.GRANTED)
        self.assertEqual(self.attempt("lost", user="hanako").said, ["M01", "X01", "M08"])
        self.assert_others_open()

    def test_edited(self):
        for ref, refused in ((FELICA, self.assert_key_refused), (OWN, self.assert_pin_refused)):
            credential, sealed = self.mine(ref)
            for at in (0, 11, 12, len(sealed) // 2, len(sealed) - 1):
                with self.subTest(ref=ref, octet=at):
                    changed = bytearray(sealed)
                    changed[at] ^= 0x10
                    self.set(credential, ref, bytes(changed))
                    refused()
                    self.restore()

    def test_cut_and_longer(self):
        """T-31: an empty one is no key that everybody has."""
        for ref, refused in ((FELICA, self.assert_key_refused), (OWN, self.assert_pin_refused)):
            credential, sealed = self.mine(ref)
            for changed in (b"", sealed[:1], sealed[:28], sealed[:-1], sealed + b"\0", sealed * 20):
                with self.subTest(ref=ref, length=len(changed)):
                    self.set(credential, ref, changed)
                    refused()
                    self.restore()

    def test_of_another_person(self):
        """Her card's row has his key; and his row under her credential."""
        for ref, refused in ((FELICA, self.assert_key_refused), (OWN, self.assert_pin_refused)):
            (mine, sealed), (theirs, other) = self.mine(ref), self.theirs(ref)
            with self.subTest(ref=ref, how="swapped"):
                self.set(mine, ref, other)
                self.set(theirs, ref, sealed)
                refused()
                self.restore()
            with self.subTest(ref=ref, how="moved"):
                self.edit("DELETE FROM secret WHERE credential=?", mine)
                self.edit("UPDATE secret SET credential=? WHERE credential=?", mine, theirs)
                refused()
                self.restore()

    def test_his_key_does_not_open_her_login(self):
        """His card, her name, his key in her row."""
        self.set(self.mine(FELICA)[0], FELICA, self.theirs(FELICA)[1])
        self.assert_key_refused(name="taro", typed=SECRET, user="hanako")
        self.assertEqual(self.attempt("taro", "hibari-77", "hanako").result, Result.DENIED)
        self.assert_others_open()

    def test_rolled_back(self):
        """The key of the card that was stopped, and the secret that was changed."""
        self.set(self.mine(FELICA)[0], FELICA, Kept.old[FELICA][0][1])
        self.assert_key_refused()
        login = self.attempt("lost", user="hanako")
        self.assertEqual((login.result, login.said[-1]), (Result.DENIED, "M08"))
        self.restore()
        credential = self.mine(OWN)[0]
        self.set(credential, OWN, Kept.old[OWN][0][1])
        self.assert_pin_refused()

    def test_deleted(self):
        self.edit("DELETE FROM secret WHERE credential=?", self.mine(FELICA)[0])
        self.assert_key_refused()
        self.assert_others_open()
        self.restore()
        self.edit("DELETE FROM secret WHERE credential=?", self.mine(OWN)[0])
        self.assert_pin_refused()
        self.assert_others_open()
        self.restore()
        self.edit("DELETE FROM secret")
        self.assert_key_refused()

    def test_owner_changed(self):
        """The column is no more than a note; the seal says whose it is."""
        self.edit("UPDATE secret SET person=? WHERE credential=?", b"\x7f" * 16, self.mine(FELICA)[0])
        self.broker.start()
        self.assertEqual(self.attempt().result, Result.GRANTED)

    def test_another_reference(self):
        self.edit("UPDATE secret SET ref=2 WHERE credential=?", self.mine(FELICA)[0])
        self.assert_key_refused()

    def test_another_seal_key(self):
        with open(f"{self.broker.state}/seal.key", "r+b") as file:
            file.write(os.urandom(32))
        self.assert_key_refused()

    def test_no_table(self):
        with storerig.opened(self.broker) as db:
            db.execute("DROP TABLE secret")
        self.broker.start()
        self.assertNotEqual(self.attempt().result, Result.GRANTED)

    def test_a_key_of_its_own_beside_it(self):
        """Who can write rows, but has no seal key, adds none that counts."""
        card = Felica().make("registry-forged")
        with storerig.opened(self.broker) as db:
            db.execute("INSERT INTO secret VALUES(?,?,?,?)", (os.urandom(16), FELICA, storerig.person_id(db, MINE), os.urandom(90)))
        self.broker.start()
        place(card)
        login = self.broker.login(user="hanako")
        login.finish(pins=["hibari-77"])
        self.assertEqual((login.result, login.said[-1]), (Result.DENIED, "M07"))
        take(card)
        card.end()


class Zones(Store):
    """Rule 12: what is copied to another zone opens nothing there."""

    def elsewhere(self, zone="lgwan", **settings):
        """A host of another zone under the same seal key, with the same people and cards of another kind."""
        other = familyrig.host(zone, "card pin", f"{self.id().rsplit('.', 1)[1]}-{zone}", **settings)
        self.addCleanup(other.stop)
        return other

    def copy_seal_key(self, other):
        other.stop()
        shutil.copy2(f"{self.broker.state}/seal.key", f"{other.state}/seal.key")

    def test_the_whole_registry(self):
        """With all keys: the issue is of the other zone, and nobody gets in."""
        self.broker.stop()
        other = self.elsewhere()
        other.stop()
        shutil.rmtree(other.state)
        shutil.copytree(Kept.saved, other.state)
        other.start()
        place(Kept.cards["hanako"])
        login = other.login(user="hanako")
        login.finish(pins=["hibari-77"])
        self.assertEqual((login.result, login.said), (Result.UNAVAILABLE, ["X13"]))
        self.assertRegex(other.log(), "all logins are denied: .*zone")

    def test_one_row(self):
        """A host of another zone that has the card itself: its row is replaced by this zone's, its record even names it."""
        other = self.elsewhere()
        add_person(other, MINE, "hanako", secret=SECRET)
        card = Felica().make("registry-zone")
        Felica().enrol(other, MINE, card)
        self.copy_seal_key(other)
        sealed = self.mine(FELICA)[1]
        with storerig.opened(other) as db:
            self.assertEqual(db.execute("UPDATE secret SET sealed=? WHERE ref=?", (sealed, FELICA)).rowcount, 1)
        other.start()
        for one in (card, Kept.cards["hanako"]):
            familyrig.empty_readers(card, *Kept.cards.values())
            place(one)
            login = other.login(user="hanako")
            login.finish(pins=[SECRET])
            self.assertEqual((login.result, login.said[-1]), (Result.DENIED, "M07"))
        self.assertRegex(other.log(), KEY_ALTERED)
        familyrig.empty_readers(card, *Kept.cards.values())
        card.end()

    def test_the_zone_in_the_config(self):
        """The same host, called another zone: everything is denied."""
        self.broker.stop()
        self.broker.configure("lgwan", "card pin", **self.broker.settings)
        self.broker.start()
        login = self.attempt()
        self.assertEqual((login.result, login.said), (Result.UNAVAILABLE, ["X13"]))
        self.broker.stop()
        self.broker.configure("internet", "card pin", **self.broker.settings)


class Shown(Store):
    """Nothing that an operator or an auditor sees has a key in it."""

    def secrets(self):
        """In all spellings."""
        for card in Kept.cards.values():
            octets = bytes.fromhex(state_of(card, "ck"))
            yield from (octets, octets.hex().encode(), octets.hex().upper().encode())
        for text in (SECRET, "hibari-77"):
            yield text.encode()

    def assert_none(self, octets, where):
        for secret in self.secrets():
            self.assertNotIn(secret, octets, where)

    def test_admin_socket(self):
        self.broker.start()
        self.assertEqual(self.attempt().result, Result.GRANTED)
        for verb, values in (("person.show", {"person": MINE}), ("person.list", {}), ("card.list", {}), ("status", {}),
                             ("card.list", {"person": MINE}), ("audit.show", {"last": "200"}), ("devices", {})):
            rows = self.broker.must(verb, **values).rows
            self.assertTrue(rows, verb)
            self.assert_none(repr(rows).encode(), verb)
            self.assertFalse({"secret", "ck", "key", "sealed", "hint"} & {name for row in rows for name in row}, verb)
        self.assert_none(self.broker.log().encode(), "log")

    def test_command_line(self):
        self.broker.start()
        for words in (("person", "show", MINE), ("card", "list"), ("card", "list", MINE), ("person", "list"), ("status",),
                      ("audit", "show")):
            for options in ((), ("--json",)):
                done = subprocess.run([f"{World.build}/enroll/toyama-enroll", "--config", self.broker.config, "--toyamad",
                                       f"{World.build}/toyamad/toyamad", *options, *words], capture_output=True, check=False, timeout=60)
                self.assertEqual(done.returncode, 0, (words, options, done.stderr))
                self.assert_none(done.stdout + done.stderr, words)

    def test_files(self):
        """Neither in the store nor in what SQLite leaves beside it."""
        self.broker.start()
        self.assertEqual(self.attempt().result, Result.GRANTED)
        for name in os.listdir(self.broker.state):
            with open(f"{self.broker.state}/{name}", "rb") as file:
                self.assert_none(file.read(), name)

    def test_there_is_no_verb_for_it(self):
        self.broker.start()
        for verb in ("card.export", "secret.show", "person.export", "key.show"):
            self.assertEqual(self.broker.call(verb, person=MINE).result, Admin.USAGE, verb)


if __name__ == "__main__":
    familyrig.main(__doc__)
