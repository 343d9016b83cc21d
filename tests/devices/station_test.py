# SPDX-License-Identifier: Apache-2.0
"""The enrolment station: ceremony, people, approval, roster files that openssl opens; two people behind every issue,
whatever one of them tries; a broker that is killed; a backup on an empty host.

    station_test.py BUILD_DIR"""
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
import unittest

import brokerrig
import pcscns
import rosterrig
import stationrig
from brokerrig import Admin
from stationrig import ALL, PIN, ZONES

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"


class World:
    """One reader for all, and a station as the ceremony left it: Hanako registers, Jiro and Goro approve."""
    reader = sensor = begun = None


def setUpModule():  # pylint: disable=invalid-name
    World.reader = stationrig.Reader(BUILD)
    World.sensor = brokerrig.Sensor(BUILD)
    station = stationrig.Station(BUILD, World.reader, name="begun")
    station.begin(approvers=(("200", "jiro"), ("500", "goro")))
    station.check_clean()
    World.begun = station.state


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    World.reader.end()
    World.sensor.end()


class Station(unittest.TestCase):
    """Begins with a copy of the state behind the ceremony; the operator is Hanako."""

    def setUp(self):
        self.station = stationrig.Station(BUILD, World.reader)
        shutil.copytree(World.begun, self.station.state)
        self.station.start()
        self.station.open()
        self.folder = f"{self.station.directory}/out"
        os.makedirs(self.folder)

    def tearDown(self):
        World.reader.take_out()
        self.station.check_clean()
        shutil.rmtree(self.station.directory)

    def refused(self, call, message, result=Admin.REFUSED):
        self.assertEqual((call.result, call.message), (result, message), (call.detail, call.events))

    def opened(self, zone, **values):
        """What the zone's hosts would get, opened by hand."""
        path = f"{self.folder}/{zone}-{time.monotonic_ns()}"
        row = self.station.export(zone, path, **values)
        key, cert, _ = stationrig.zone_keys(self.station.state, zone)
        return stationrig.Opened(path, key, cert, f"{path}.opened"), row, path

    def as_root(self, verb, **values):
        """A call of root, behind which Hanako is the operator again."""
        self.station.call("operator.close")
        call = self.station.must(verb, **values)
        self.station.open()
        return call

    def restart(self):
        """The broker starts anew; the operator has to come again."""
        self.assertEqual(self.station.stop(), 0)
        self.station.start()

    def edit(self, *statements):
        """Somebody edits the database while the broker is stopped."""
        self.assertEqual(self.station.stop(), 0)
        with sqlite3.connect(f"{self.station.state}/registry.db") as db:
            for statement in statements:
                db.execute(statement)
        db.close()
        self.station.start()


class Ceremony(unittest.TestCase):
    """How a station begins, and that it begins once."""

    def setUp(self):
        self.station = stationrig.Station(BUILD, World.reader, name="ceremony")

    def tearDown(self):
        World.reader.take_out()
        self.station.check_clean()
        shutil.rmtree(self.station.directory)

    def test_two_officers_are_needed(self):
        self.station.init()
        self.station.start()
        call = self.station.call("ceremony")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "X46"))
        self.station.register("200", "jiro", "jiro")
        self.station.make_approver("200", "jiro")
        self.assertEqual(self.station.call("ceremony").message, "X46")
        # One person with both offices is not two.
        self.station.must("role.grant", person="200", role="registrar")
        self.assertEqual(self.station.call("ceremony").message, "X46")

    def test_it_begins_once_and_root_is_out(self):
        station = self.station
        station.init()
        station.start()
        station.register("100", "hanako", "hanako")
        station.must("role.grant", person="100", role="registrar")
        station.register("200", "jiro", "jiro", zones="internet")
        station.make_approver("200", "jiro")
        # The wrong card, and no card at all: nothing has begun, and it can be tried again.
        self.assertEqual(station.sign("ceremony", "hanako").message, "X88")
        self.assertEqual([row["roster"] for row in station.must("zone.list").rows], ["0", "0", "0"])
        station.good(station.sign("ceremony", "jiro"))
        self.assertEqual([(row["zone"], row["roster"], row["people"]) for row in station.must("zone.list").rows],
                         [("individual-number", "1", "1"), ("lgwan", "1", "1"), ("internet", "1", "2")])
        self.assertEqual(station.call("ceremony").result, Admin.EXISTS)
        for verb, values in (("person.add", {"number": "9", "login": "x", "name": "X", "category": "regular", "zones": ALL}),
                             ("role.grant", {"person": "100", "role": "auditor"}), ("role.revoke", {"person": "100",
                              "role": "registrar"}), ("issue.approve", {"token": "0" * 64})):
            call = station.call(verb, **values)
            self.assertEqual((call.result, call.message), (Admin.REFUSED, "X90"), verb)
        roles = {row["number"]: row["roles"] for row in station.must("role.list").rows}
        self.assertEqual(roles, {"100": "registrar", "200": "approver"})
        self.assertEqual(station.program("--init").returncode, 73)
        self.assertNotEqual(station.call("zone.add", zone="lgwan").result, Admin.OK)


class Cycle(Station):
    """From a person to a roster file."""

    def test_people_reach_their_zones(self):
        station = self.station
        station.register("300", "saburo", "saburo", zones="individual-number lgwan", section="Zeimu")
        found = station.preview()
        self.assertEqual([(row["zone"], row["change"], row["number"]) for row in found["person"]],
                         [("individual-number", "added", "300"), ("lgwan", "added", "300")])
        self.assertEqual([row["number"] for row in found["author"]], ["100"])
        self.assertEqual([row["due"] for row in found["zone"]], ["yes", "yes", "no"])
        station.good(station.approve())
        event = next(row for row in station.events(4) if row["kind"] == "issue-approved")
        self.assertEqual((event["operator"], event["approver"], event["lgwan"]), ("100", "200", "2"))
        number, row, path = self.opened("individual-number", media="USB-07")
        lgwan, *_ = self.opened("lgwan")
        internet, *_ = self.opened("internet")
        self.assertEqual(set(number.records), {"100", "300"})
        self.assertEqual(set(lgwan.records), {"100", "300"})
        self.assertEqual(set(internet.records), {"100", "200", "500"})
        self.assertEqual([number.records["300"]["zones"], lgwan.records["300"]["zones"]], [1, 2])
        # What stands at the head is what is inside.
        self.assertEqual([number.head[name] for name in ("toyama-roster", "zone", "number", "people", "base", "media")],
                         ["1", "individual-number", "2", "2", "0", "USB-07"])
        with open(path, "rb") as file:
            content = file.read()
        self.assertEqual(number.head["sha256"], hashlib.sha256(content.split(b"\n\n", 1)[1]).hexdigest())
        self.assertEqual(row["sha256"], hashlib.sha256(content).hexdigest())
        self.assertRegex(row["file"], r"\AN-R\d+-0002\.roster\Z")
        event = next(e for e in station.events(6) if e["kind"] == "roster-exported" and e["zone"] == "individual-number")
        self.assertEqual((event["media"], event["sha256"], event["operator"]), ("USB-07", row["sha256"], "100"))

    def test_openssl_checks_it_by_hand(self):
        self.station.register("300", "saburo", zones=ALL)
        self.station.good(self.station.approve())
        opened, *_ = self.opened("lgwan")
        previous = bytes(32)
        for der, authority, signature, approver, approval in opened.issues():
            self.assertTrue(opened.verify(authority, signature, der))
            self.assertTrue(opened.verify(approver, approval, der))
            self.assertFalse(opened.verify(approver, approval, der[:-1] + bytes([der[-1] ^ 1])))
            self.assertFalse(opened.verify(authority, approval, der))
            self.assertIn(previous, der)
            previous = hashlib.sha256(der).digest()
        (_, der), *_ = opened.part["records"]
        shown = stationrig.openssl("asn1parse", "-inform", "DER", data=der).decode()
        self.assertIn("UTF8STRING", shown)
        self.assertRegex(shown, r"UTF8STRING +:[123]00\n")
        signer = stationrig.openssl("x509", "-in", opened.path("signer.pem"), "-noout", "-pubkey")
        last = opened.issues()[-1][1]
        self.assertEqual(stationrig.openssl("pkey", "-pubin", "-outform", "DER", data=signer), last)

    def test_a_delta_holds_what_changed(self):
        station = self.station
        station.register("300", "saburo", zones=ALL)
        station.register("400", "shiro", zones=ALL)
        station.good(station.approve())
        station.must("person.change", person="300", section="Zeimu")
        station.must("person.remove", person="400")
        found = station.preview()
        self.assertEqual({(row["change"], row["number"], row["what"]) for row in found["person"]},
                         {("changed", "300", "section"), ("removed", "400", "")})
        station.good(station.approve())
        delta, row, _ = self.opened("internet", base="2")
        self.assertEqual((delta.base, set(delta.records), len(delta.part["removed"])), (2, {"300"}, 1))
        self.assertEqual(delta.records["300"]["section"], "Zeimu")
        self.assertEqual(len(delta.issues()), 1)
        self.assertEqual((row["records"], row["removed"], row["people"]), ("1", "1", "4"))
        whole, *_ = self.opened("internet")
        self.assertEqual((whole.base, len(whole.records), len(whole.issues())), (0, 4, 3))
        for base in ("3", "4", "0", "x", "-1", "99999999999999999999"):
            call = station.call("roster.export", zone="internet", base=base, file=os.memfd_create("out"))
            self.assertIn(call.result, (Admin.NOT_FOUND, Admin.USAGE), base)

    def test_templates_go_where_fingers_are_asked_for(self):
        station = self.station
        station.register("300", "saburo", zones=ALL)
        station.enroll_finger("300", World.sensor, "right-index", "f01")
        station.enroll_finger("300", World.sensor, "left-index", "f02")
        station.good(station.approve())
        number, *_ = self.opened("individual-number")
        _, _, seal = stationrig.zone_keys(station.state, "individual-number")
        who = number.records["300"]
        self.assertEqual((len(who["fingers"]), len(number.part["templates"])), (2, 2))
        for finger in who["fingers"]:
            sealed = next(parts[1][1] for parts in (rosterrig.elements(one) for _, one in number.part["templates"])
                          if parts[0][1] == finger["id"])
            self.assertEqual(hashlib.sha256(sealed).digest(), finger["sealed_hash"])
            aad = rosterrig.template_aad("individual-number", who["id"], finger)
            self.assertGreater(len(rosterrig.unseal(seal, aad, sealed)), 100)
            with self.assertRaises(Exception):
                rosterrig.unseal(seal, rosterrig.template_aad("lgwan", who["id"], finger), sealed)
        for zone in ("lgwan", "internet"):
            other, *_ = self.opened(zone)
            self.assertEqual((other.records["300"]["fingers"], other.part["templates"]), ([], []))

    def test_zones_that_do_not_differ_can_be_renewed(self):
        self.refused(self.station.sign("issue.approve", "jiro", token=self.station.token()), None, Admin.NOT_FOUND)
        self.station.good(self.station.approve(renew="yes"))
        self.assertEqual([row["roster"] for row in self.station.must("zone.list").rows], ["2", "2", "2"])

    def test_a_join_file(self):
        path = f"{self.folder}/mado-01.join"
        self.station.call("operator.close")
        code = self.station.join_file("lgwan", "mado-01", path, helpdesk="yes")
        self.assertRegex(code, r"\A[0-9A-Z]{4}(-[0-9A-Z]{4}){4}\Z")
        self.station.open()
        found = self.station.preview()
        self.assertEqual([(row["zone"], row["due"]) for row in found["zone"]],
                         [("individual-number", "no"), ("lgwan", "yes"), ("internet", "no")])
        self.assertEqual([row["number"] for row in found["author"]], ["root"])
        self.station.good(self.station.approve())
        self.assertEqual([row["helpdesks"] for row in self.station.must("zone.list").rows], ["", "mado-01", ""])


class TwoPeople(Station):
    """No command and no edited row gets an issue approved by somebody who had a hand in it."""

    def change_by(self, number, card):
        """Somebody changes Hanako's section; he gets the registrar's office first, with an approval."""
        self.station.must("role.grant", person=number, role="registrar")
        self.station.good(self.station.approve("goro" if card == "jiro" else "jiro"))
        self.station.open(number, card)
        self.station.must("person.change", person="100", section="Somu")

    def test_nobody_approves_his_own_change(self):
        self.change_by("200", "jiro")
        self.refused(self.station.approve("jiro"), "H04")
        # Neither behind somebody else's session, nor when others change more.
        self.station.open()
        self.refused(self.station.approve("jiro"), "H04")
        self.station.must("person.change", person="100", section="Zeimu")
        self.refused(self.station.approve("jiro"), "H04")
        self.restart()
        self.station.open()
        self.refused(self.station.approve("jiro"), "H04")
        self.station.good(self.station.approve("goro"))
        # From now on he is no author any more.
        self.station.must("person.change", person="100", section="Kikaku")
        self.station.good(self.station.approve("jiro"))

    def test_no_edited_row_hides_the_author(self):
        self.change_by("200", "jiro")
        self.station.must("person.change", person="100", section="Zeimu")
        rows = ("DELETE FROM issue WHERE number=(SELECT max(number)-1 FROM issue)",
                "DELETE FROM issue WHERE number=(SELECT max(number) FROM issue)",
                "DELETE FROM issue WHERE number<(SELECT max(number)-1 FROM issue)",
                "UPDATE issue SET signed=(SELECT signed FROM issue WHERE number=2)"
                " WHERE number=(SELECT max(number)-1 FROM issue)")
        saved = f"{self.station.directory}/saved"
        self.assertEqual(self.station.stop(), 0)
        shutil.copytree(self.station.state, saved)
        for statement in rows:
            shutil.rmtree(self.station.state)
            shutil.copytree(saved, self.station.state)
            self.station.start()
            self.edit(statement)
            row = self.station.must("status").rows[0]
            if row["registry"] == "good":
                call = self.station.call("issue.preview")
                self.refused(call, "X45")
            self.assertEqual(self.station.stop(), 0)
        shutil.rmtree(self.station.state)
        shutil.copytree(saved, self.station.state)
        self.station.start()

    def test_an_issue_that_was_put_in_by_hand_is_seen(self):
        station = self.station
        station.register("300", "saburo", zones=ALL)
        statements = (
            "UPDATE zone_record SET record=(SELECT record FROM person p WHERE p.id=zone_record.id)",
            "DELETE FROM zone_record WHERE zone='internet'",
            "UPDATE zone_issue SET zone='lgwan', number=2 WHERE zone='internet'",
            "INSERT INTO zone_record SELECT 'internet', id, record, 1 FROM person"
            " WHERE id NOT IN (SELECT id FROM zone_record WHERE zone='internet')",
        )
        for statement in statements:
            self.assertEqual(station.stop(), 0)
            shutil.copy(f"{station.state}/registry.db", f"{station.directory}/registry.db")
            station.start()
            self.edit(statement)
            station.open()
            self.refused(station.call("issue.preview"), "X45")
            self.refused(station.sign("issue.approve", "jiro", token="0" * 64), "X45")
            call = station.call("roster.export", zone="internet", file=os.memfd_create("out"))
            if "lgwan" not in statement:
                self.refused(call, "X45")
            self.assertEqual(station.stop(), 0)
            shutil.copy(f"{station.directory}/registry.db", f"{station.state}/registry.db")
            station.start()

    def test_what_was_shown_is_what_is_signed(self):
        station = self.station
        station.register("300", "saburo", zones="lgwan")
        token = station.token()
        station.must("person.change", person="300", zones=ALL)
        self.refused(station.sign("issue.approve", "jiro", token=token), "X44")
        self.refused(station.sign("issue.approve", "jiro", token="0" * 64), "X44")
        self.refused(station.sign("issue.approve", "jiro", token="short"), None, Admin.USAGE)
        station.good(station.sign("issue.approve", "jiro", token=station.token()))

    def test_a_change_while_the_card_is_awaited(self):
        station = self.station
        station.register("300", "saburo", zones="lgwan")
        World.reader.take_out()

        def change(_):
            station.must("person.change", person="300", section="Zeimu")
            World.reader.put("jiro", False)
        self.refused(station.call("issue.approve", pins=[PIN], token=station.token(), on={"K15": change}), "X44")
        World.reader.take_out()
        station.good(station.approve())

    def test_a_stopped_approver_does_not_approve(self):
        self.station.must("card.stop", person="200", reason="lost")
        self.refused(self.station.approve("jiro"), "X88")
        self.station.good(self.station.approve("goro"))

    def test_an_approver_whose_card_never_was_approved(self):
        station = self.station
        station.register("600", "rokuro", "rokuro", zones=ALL)
        station.make_approver("600", "rokuro")
        self.refused(station.approve("rokuro"), "X88")
        station.good(station.approve("jiro"))
        station.must("person.change", person="600", section="Somu")
        station.good(station.approve("rokuro"))


class Killed(Station):
    """kill -9 at any moment of an approval or an export: the old issue or the new one, whole."""

    def numbers(self):
        return [row["roster"] for row in self.station.must("zone.list").rows]

    def kill_during(self, call, after):
        """SIGKILL that many seconds behind the begin of the call."""
        def run():
            try:
                call()
            except (EOFError, OSError, AssertionError):
                pass
        thread = threading.Thread(target=run)
        thread.start()
        time.sleep(after)
        self.station.kill()
        thread.join()
        World.reader.take_out()
        self.station.start()
        self.station.open()
        self.assertEqual(self.station.must("status").rows[0]["registry"], "good")

    def test_approval(self):
        station = self.station
        for step in range(6):
            before = self.numbers()
            station.register(f"70{step}", f"user{step}", zones=ALL)
            token = station.token()
            self.kill_during(lambda token=token: station.call(
                "issue.approve", pins=[PIN], token=token, on={"K15": lambda _: World.reader.put("jiro", False)}),
                0.1 + 0.35 * step)
            after = self.numbers()
            self.assertIn(after, (before, [str(int(n) + 1) for n in before]))
            found = station.preview()["person"]
            self.assertEqual([row["number"] for row in found], [f"70{step}"] * 3 if after == before else [])
            if after == before:
                station.good(station.approve())
        self.assertEqual(len(self.opened("lgwan")[0].records), 7)

    def test_export_and_backup(self):
        station = self.station
        station.register("300", "saburo", zones=ALL)
        station.good(station.approve())
        for step in range(3):
            for verb, values in (("roster.export", {"zone": "lgwan"}), ("backup", {"media": "USB-08"})):
                if verb == "backup":
                    station.call("operator.close")
                self.kill_during(lambda verb=verb, values=values: station.call(verb, file=os.memfd_create("out"), **values),
                                 0.002 * step)
        self.assertEqual(self.opened("lgwan")[0].head["number"], "2")
        left = {name for name in os.listdir(station.state) if name not in ("registry.db", "registry.db-wal", "zones",
                "seal.key", "authority.key", "log.key")}
        self.assertLessEqual(left, {"backup.part", "log.reserve"})


class Restored(Station):
    """A backup on an empty host."""

    def restore(self, path, code, name="restored"):
        """Another station from the file; what toyamad said."""
        other = stationrig.Station(BUILD, World.reader, name=name)
        self.addCleanup(lambda: shutil.rmtree(other.directory))
        done = other.program("--init", "--restore", path, input=f"{code}\n")
        return other, done

    def backup(self):
        """(path, code)"""
        path = f"{self.folder}/backup-{time.monotonic_ns()}"
        with open(path, "w+b") as file:
            row = self.as_root("backup", file=file.fileno()).rows[0]
        return path, row["recovery_code"]

    def test_the_chain_goes_on(self):
        self.station.register("300", "saburo", zones=ALL)
        self.station.good(self.station.approve())
        path, code = self.backup()
        other, done = self.restore(path, code.lower().replace("-", " "))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.station.stop()
        other.start()
        other.open()
        for call in (other.sign("issue.approve", "jiro", token="0" * 64),
                     other.call("roster.export", zone="lgwan", file=os.memfd_create("out"))):
            self.refused(call, "X47")
        other.call("operator.close")
        for zone in ZONES:
            self.refused(other.call("zone.resume", zone=zone, number="3"), "X48")
            other.must("zone.resume", zone=zone, number="2")
        other.open()
        other.register("400", "shiro", zones=ALL)
        other.good(other.approve())
        self.assertEqual([row["roster"] for row in other.must("zone.list").rows], ["3", "3", "3"])
        other.check_clean()
        self.station.start()

    def test_issues_that_were_forgotten_come_back(self):
        station = self.station
        path, code = self.backup()
        station.register("300", "saburo", zones=ALL)
        station.good(station.approve())
        files = {zone: self.opened(zone)[2] for zone in ZONES}
        other, done = self.restore(path, code)
        self.assertEqual(done.returncode, 0, done.stderr)
        station.stop()
        other.start()
        self.refused(other.call("zone.adopt", zone="lgwan", file=files["internet"]), "X49")
        for zone in ZONES:
            other.must("zone.adopt", zone=zone, file=files[zone])
            other.must("zone.resume", zone=zone, number="2")
        other.open()
        found = other.preview()
        self.assertEqual({(row["change"], row["number"]) for row in found["person"]}, {("removed", "300")})
        other.register("300", "saburo", zones=ALL)
        other.good(other.approve())
        self.assertEqual([row["roster"] for row in other.must("zone.list").rows], ["3", "3", "3"])
        other.check_clean()
        station.start()

    def test_what_is_not_a_backup(self):
        path, code = self.backup()
        other, done = self.restore(path, "0" * 20)
        self.assertIn(done.returncode, (77,), done.stderr)
        with open(path, "r+b") as file:
            file.seek(-100, os.SEEK_END)
            octet = file.read(1)
            file.seek(-100, os.SEEK_END)
            file.write(bytes([octet[0] ^ 1]))
        done = other.program("--init", "--restore", path, input=f"{code}\n")
        self.assertEqual(done.returncode, 65, done.stderr)
        self.assertEqual(os.listdir(other.state), [])


class Keys(Station):
    """Another key takes over from the authority's."""

    def test_the_zones_follow(self):
        station = self.station
        self.as_root("key.rotate", key="authority")
        station.call("operator.close")
        self.assertEqual(station.call("key.rotate", key="authority").result, Admin.EXISTS)
        station.open()
        self.assertEqual([row["due"] for row in station.preview()["zone"]], ["yes"] * 3)
        station.good(station.approve())
        station.register("300", "saburo", zones=ALL)
        self.restart()
        station.open()
        station.good(station.approve())
        opened, *_ = self.opened("lgwan")
        (_, first, *_), (_, second, *_), (_, third, *_) = opened.issues()
        self.assertEqual(first, second)
        self.assertNotEqual(second, third)
        for der, authority, signature, _, _ in opened.issues():
            self.assertTrue(opened.verify(authority, signature, der))

    def test_a_stand_alone_host_does_it_at_once(self):
        host = brokerrig.Broker(BUILD, "internet", "card", name="alone")
        host.init()
        host.start()
        with open(f"{host.state}/authority.key", "rb") as file:
            before = file.read()
        host.add_person("100", "hanako")
        host.must("key.rotate", key="authority")
        with open(f"{host.state}/authority.key", "rb") as file:
            self.assertNotEqual(file.read(), before)
        host.add_person("200", "taro")
        self.assertEqual(host.stop(), 0)
        host.start()
        self.assertEqual(len(host.must("person.list").rows), 2)
        call = host.call("issue.preview")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "X43"))
        host.check_clean()
        shutil.rmtree(host.directory)


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
