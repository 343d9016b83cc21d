# SPDX-License-Identifier: Apache-2.0
"""The enrolment station: ceremony, people, approval, and roster files that openssl opens.

    station_test.py BUILD_DIR"""
import hashlib
import os
import shutil
import socket
import sys
import unittest

import pcscns
import rosterrig
import stationrig
from brokerrig import Admin
from stationrig import ALL, World

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"


def setUpModule():  # pylint: disable=invalid-name
    World.begin(BUILD)


def tearDownModule():  # pylint: disable=invalid-name
    World.end()


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
        # One person with both offices is not two: nobody has both.
        call = self.station.call("role.grant", person="200", role="registrar")
        self.assertEqual((call.result, call.message), (Admin.REFUSED, "X94"))
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


class Cycle(stationrig.Case):
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
        self.assertIn("UTF8STRING        :Name of ", shown)
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

    def test_a_shared_key_goes_to_one_zone(self):
        """The only possible one, or the one that is named."""
        station = self.station
        for number, zones in (("600", "lgwan internet"), ("601", "lgwan"), ("602", "individual-number lgwan")):
            station.register(number, f"u{number}", zones=zones)
        for verb, values in (("pin.set", {"generate": "yes"}), ("card.issue", {}), ("yubikey.enroll", {})):
            self.refused(station.call(verb, person="600", **values), "X95")
        self.refused(station.call("pin.set", person="600", generate="yes", zones="lgwan internet"), "X95")
        self.assertEqual(station.call("pin.set", person="601", generate="yes", zones="internet").result, Admin.USAGE)
        station.must("pin.set", person="600", generate="yes", zones="internet")
        for number in ("601", "602"):
            station.must("pin.set", person=number, generate="yes")
        station.good(station.approve())
        for zone, numbers in (("internet", {"600"}), ("lgwan", {"601", "602"}), ("individual-number", set())):
            opened, *_ = self.opened(zone)
            self.assertEqual({number for number, record in opened.records.items()
                              if any(card["family"] == rosterrig.MEMORISED for card in record["credentials"])}, numbers)
            self.assertEqual(len(opened.part["secrets"]), len(numbers))

    def test_a_long_approval_is_no_death(self):
        """While it lasts, systemd waits, and the operator is told."""
        self.assertEqual(self.station.stop(), 0)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            path = f"{self.folder}/notify"
            notified.bind(path)
            notified.settimeout(1)
            self.station.start({**os.environ, "NOTIFY_SOCKET": path, "WATCHDOG_USEC": "30000000"})
            self.station.open()
            self.station.register("300", "saburo")
            call = self.station.good(self.station.approve())
            self.assertIn("X96", [message for message, _ in call.events])
            said = []
            while not said or "WATCHDOG_USEC=30000000" not in said[-1]:
                said.append(notified.recv(4096).decode())
            self.assertTrue(any("WATCHDOG_USEC=900000000" in text for text in said), said)

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


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
