#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""`toyama-enroll check`: each broken set-up is named, with what, why and how to mend it. usage:
enroll_check_test.py BUILD_DIR (root)"""
import datetime
import itertools
import os
import pathlib
import socket
import sys
import unittest

import adminrig
from brokerrig import Admin

BUILD = None
DATA = pathlib.Path(__file__).parent.parent.parent / "data"

READER = {"kind": "reader", "name": "SCM SCR 3310 00 00", "card": "no"}
READER2 = {"kind": "reader", "name": "Broadcom 01 00", "card": "no"}
SENSOR = {"kind": "sensor", "driver": "uru4000", "device": "0", "name": "Digital Persona", "admitted": "yes"}

AUTH = "auth [success=ok default=bad] pam_toyama.so\n"
ACCOUNT = "account [success=ok default=bad] pam_toyama.so\n"
PASSWORD = ("auth [success=1 default=ignore] pam_unix.so nullok\nauth requisite pam_deny.so\n"
            "auth required pam_permit.so\n")
PASSWORD_ACCOUNT = ("account [success=1 new_authtok_reqd=done default=ignore] pam_unix.so\n"
                    "account requisite pam_deny.so\naccount required pam_permit.so\n")
# Members of the group are asked for the password, everybody else for card and finger.
GLASS = ("auth [success=1 default=ignore] pam_succeed_if.so quiet user ingroup toyama-none\n"
         "auth [success=1 default=die] pam_toyama.so\nauth requisite pam_unix.so\nauth required pam_permit.so\n")


def profile(part, lines_behind):
    """The lines of pam-configs/toyama as pam-auth-update(8) writes them, `success=end` resolved."""
    text = (DATA / "pam-configs" / "toyama").read_text(encoding="utf-8")
    block = text.split(f"\n{part}:\n")[1]
    lines = [line.strip() for line in itertools.takewhile(lambda line: line.startswith("\t"), block.split("\n"))]
    return "".join(f"{part.lower()} {line}\n".replace("success=end", f"success={lines_behind}") for line in lines)


class Check(unittest.TestCase):
    """A host on which everything is right, in the strict zone; each test breaks one thing."""

    def setUp(self):
        self.rig = adminrig.Rig(BUILD)
        self.addCleanup(self.rig.remove)
        self.rig.write_config(zone="individual-number", require="card finger")
        self.make_state()
        self.devices = [READER, SENSOR]
        self.cards = [adminrig.CARD]
        self.status = {**adminrig.STATUS, "zone": "individual-number", "require": "card finger"}
        self.serve()
        self.pam(**{"common-auth": AUTH + PASSWORD, "common-account": ACCOUNT + PASSWORD_ACCOUNT,
                    "login": "auth optional pam_faildelay.so\nauth requisite pam_nologin.so\n@include common-auth\n"
                             "@include common-account\n",
                    "su": "auth sufficient pam_rootok.so\n@include common-auth\n@include common-account\n",
                    "sudo": "@include common-auth\n@include common-account\n",
                    "cron": "@include common-auth\n@include common-account\n",
                    "other": "auth required pam_deny.so\n", "passwd": "password required pam_unix.so\n"})
        self.rig.sudoers.write_text("Defaults !pam_silent\nDefaults timestamp_timeout=0\n")

    def make_state(self):
        self.rig.state.mkdir(mode=0o700)
        for name in ("registry.db", "seal.key", "authority.key", "log.key"):
            path = self.rig.state / name
            path.write_bytes(b"x")
            path.chmod(0o600)

    def serve(self):
        def status(peer, _values):
            peer.row(**self.status)
            peer.done()

        def devices(peer, _values):
            for row in self.devices:
                peer.row(**row)
            peer.done()

        def card_list(peer, _values):
            for row in self.cards:
                peer.row(**row)
            peer.done()
        self.rig.serve(status=status, devices=devices, card_list=card_list)

    def pam(self, **files):
        for name, text in files.items():
            path = self.rig.pam / name
            if text is None:
                path.unlink()
            else:
                path.write_text(text, encoding="utf-8")

    def check(self):
        """{id: [finding]}; the texts of both languages and the exit code are looked at as well."""
        got = self.rig.run("check", "--json")
        self.assertEqual(got.err, "")
        findings = got.json["findings"]
        red = any(f["level"] == "red" for f in findings)
        self.assertEqual(got.code, 78 if red else 0)
        self.assertEqual(got.json["result"], "misconfigured" if red else "ok")
        ja = self.rig.run("check", "--json", lang="ja").json["findings"]
        text = self.rig.run("check", lang="ja")
        self.assertEqual((text.code, text.err), (got.code, ""))
        self.assertEqual([f["id"] for f in ja], [f["id"] for f in findings])
        for mine, theirs in zip(findings, ja):
            self.assertIn(mine["level"], ("red", "yellow", "green"))
            self.assertNotIn("{}", "".join(mine.values()) + "".join(theirs.values()))
            self.assertFalse(theirs["what"].isascii(), theirs)
            self.assertIn(theirs["what"], text.out)
            if mine["level"] != "green":
                for part in ("what", "why", "how"):
                    self.assertGreater(len(mine[part]), 5, mine)
                    self.assertGreater(len(theirs[part]), 5, theirs)
        out = {}
        for finding in findings:
            out.setdefault(finding["id"], []).append(finding)
        return out

    def only(self, level, ident, subject=None):
        """This finding is there, and no other red or yellow one."""
        found = self.check()
        bad = [f for fs in found.values() for f in fs if f["level"] != "green"]
        self.assertEqual([(f["level"], f["id"]) for f in bad], [(level, ident)], bad)
        if subject is not None:
            self.assertIn(subject, bad[0]["subject"])
        return bad[0]


class Good(Check):
    """Nothing is wrong."""

    def test_all_green(self):
        found = self.check()
        self.assertEqual([i for i, fs in found.items() if fs[0]["level"] != "green"], [])
        self.assertEqual({"config", "state", "broker", "cards-signature", "reader", "sensor", "pam", "break-glass", "sudo"}, set(found))
        self.assertEqual(found["pam"][0]["subject"], "cron, login, su, sudo")
        text = self.rig.run("check")
        self.assertEqual(text.code, 0)
        self.assertIn("red: 0, yellow: 0, green: 9\n", text.out)

    def test_without_fingers(self):
        self.rig.write_config()
        self.status.update(zone="internet", require="card")
        self.devices = [READER]
        found = self.check()
        self.assertNotIn("sensor-missing", found)
        self.assertEqual([i for i, fs in found.items() if fs[0]["level"] == "red"], [])


class Config(Check):
    """The configuration, by the broker's own reader."""

    def test_missing(self):
        self.rig.config.unlink()
        self.only("red", "config-missing")

    def test_link(self):
        os.rename(self.rig.config, self.rig.dir / "real.conf")
        os.symlink(self.rig.dir / "real.conf", self.rig.config)
        self.only("red", "config-file")

    def test_owner_and_mode(self):
        for mode in (0o664, 0o646):
            self.rig.config.chmod(mode)
            self.only("red", "config-writable")
        self.rig.config.chmod(0o644)
        os.chown(self.rig.config, 1, 0)
        self.only("red", "config-owner")

    def test_lines(self):
        strict = {"zone": "individual-number", "require": "card finger"}
        for changes, ident in (({"zone": "moon"}, "config-zone"), ({"zone": None}, "config-zone-missing"),
                               ({"require": None}, "config-require-missing"),
                               ({"require": "card"}, "config-require"), ({"require": "card pin"}, "config-require"),
                               ({"require": "token finger"}, "config-require"),
                               ({"zone": "lgwan", "require": "token"}, "config-require"),
                               ({"require": "card token finger"}, "config-require-two"),
                               ({"presence": "tap"}, "config-tap"),
                               ({"zone": "lgwan", "require": "token pin", "shared_keys": "no"},
                                "config-shared-keys"),
                               ({"presence": "yes"}, "config-value"),
                               ({"colour": "red"}, "config-unknown-key"),
                               ({"extension": "1" * 300}, "config-long-line"),
                               ({"sensor_socket": "/x/y"}, "virtual-sensor"),
                               ({"sensors": "virtual_image"}, "virtual-sensor"),
                               ({"sensors": "aes4000"}, "sensor-weak"), ({"language": "fr"}, "config-value"),
                               ({"demo": "perhaps"}, "config-value")):
            with self.subTest(changes):
                self.rig.write_config(**{**strict, **changes})
                self.only("red", ident)

    def test_line_number(self):
        self.rig.write_config(text="[host]\nzone = internet\nrequire = card\nzone = internet\n")
        finding = self.only("red", "config-duplicate", f"{self.rig.config}:4:")
        self.assertIn("twice", finding["what"])
        self.rig.write_config(text="[paths]\nzone = internet\nrequire card\n")
        self.assertIn("config-section", self.check())

    def test_several_at_once(self):
        self.rig.write_config(zone="moon", colour="red", require="card finger")
        found = self.check()
        self.assertIn("config-zone", found)
        self.assertIn("config-unknown-key", found)

    def test_demo(self):
        self.rig.write_config(zone="individual-number", require="card finger", demo="yes", sensors="virtual_image",
                              sensor_socket="/x/y")
        self.status["demo"] = "yes"
        self.devices[1] = {**SENSOR, "driver": "virtual_image"}
        self.only("red", "demo")

    def test_holidays(self):
        path = self.rig.dir / "holidays.csv"
        self.rig.write_config(zone="individual-number", require="card finger", holidays=path)
        self.only("yellow", "holidays-unusable", "No such file")
        now = datetime.date.today()
        year = now.year + (now.month > 2)
        for text, mode, ident, subject in ((f"a,b\n{year - 1}/1/1,x\n", 0o644, "holidays-old", str(year)),
                                           ("a,b\n1/1,x\n", 0o644, "holidays-unusable", "2"),
                                           (f"{year}/1/1,x\n" + "x" * 262144, 0o644, "holidays-unusable", "too large"),
                                           (f"{year}/1/1,x\n", 0o646, "holidays-unusable", str(path))):
            path.write_text(text, encoding="utf-8")
            path.chmod(mode)
            self.only("yellow", ident, subject)
        path.chmod(0o644)
        self.assertIn("holidays", self.check())

    def test_extension(self):
        self.rig.write_config(zone="individual-number", require="card finger", extension=None)
        self.only("yellow", "extension")

    def test_changed_after_start(self):
        self.status["require"] = "card pin finger"
        self.only("yellow", "config-stale", "require")

    def test_no_program(self):
        command = self.rig.command("check", "--json")
        command[command.index("--toyamad") + 1] = "/nonexistent"
        done = adminrig.subprocess.run(command, check=False, capture_output=True, text=True)
        self.assertEqual(done.returncode, 78)
        self.assertIn('"broker-program"', done.stdout)


class State(Check):
    """Registry and keys."""

    def test_missing(self):
        for name, ident in (("registry.db", "registry-missing"), ("authority.key", "key-missing")):
            path = self.rig.state / name
            os.rename(path, self.rig.dir / name)
            self.only("red", ident, str(path))
            os.rename(self.rig.dir / name, path)
        os.rename(self.rig.state, self.rig.dir / "gone")
        self.only("red", "state-missing")

    def test_modes(self):
        for name, ident in (("registry.db", "registry-mode"), ("seal.key", "key-mode"),
                            ("authority.key", "key-mode"), ("log.key", "key-mode")):
            path = self.rig.state / name
            for mode in (0o640, 0o604, 0o622):
                path.chmod(mode)
                self.only("red", ident, str(path))
            path.chmod(0o600)
            os.chown(path, 1, 1)
            self.only("red", ident, str(path))
            os.chown(path, 0, 0)
        self.rig.state.chmod(0o755)
        self.only("red", "state-mode")

    def test_what_the_broker_says(self):
        for said, ident in (("/x/registry.db was written by a newer toyama (schema above 1)", "registry-newer"),
                            ("/x/registry.db does not exist: run \"toyama-enroll init\"", "registry-missing"),
                            ("/x can be read by others than root (mode 0640)", "registry-mode"),
                            ("config not good", "config-stale-bad"), ("signature does not verify", "registry")):
            self.status.update(registry=said, clock="unknown", require="")
            self.only("red", ident, said)

    def test_clock(self):
        self.status["clock"] = "behind"
        finding = self.only("red", "clock", self.status["last_event"])
        self.assertIn("clock accept", finding["how"])

    def test_nobody(self):
        self.status["people"] = "0"
        self.only("yellow", "people")


class Broker(Check):
    """The broker and its socket."""

    def test_missing(self):
        self.rig.stop()
        self.only("red", "socket-missing")

    def test_not_a_socket(self):
        self.rig.stop()
        self.rig.socket.write_text("")
        self.only("red", "socket-owner")

    def test_owner(self):
        os.chown(self.rig.socket, 1, 1)
        self.only("red", "socket-owner")

    def test_dead(self):
        self.rig.stop()
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        sock.bind(str(self.rig.socket))
        sock.close()
        self.only("red", "broker-dead")

    def test_closes(self):
        self.rig.serve(status=lambda peer, values: None)
        self.only("red", "broker-closed")

    def test_nonsense(self):
        self.rig.serve(status=lambda peer, values: peer.raw(b"x"))
        self.only("red", "broker-protocol")

    def test_refuses(self):
        self.rig.serve(status=lambda peer, values: peer.done(result=Admin.FAILED, detail="why"))
        self.only("red", "broker-answer", "why")


class Cards(Check):
    """What is registered, and what it is worth here."""
    PIV = adminrig.CARD
    JPKI = {**PIV, "number": "2", "family": "jpki"}
    FELICA = {**PIV, "number": "3", "family": "felica", "strength": "shared-key", "pin": "no"}
    YUBIKEY = {**FELICA, "number": "4", "kind": "token", "family": "yubikey"}
    BARE = {**PIV, "number": "5", "pin": "no"}

    @staticmethod
    def memorised(card):
        return {**card, "kind": "pin", "family": "memorised", "strength": "memorised", "pin": "yes"}

    def host(self, **settings):
        """An internet host."""
        self.rig.write_config(**settings)
        self.status.update(zone="internet", require=settings.get("require", "card"))
        self.serve()

    def only(self, level, ident, subject=None):
        """Of the findings about cards and people."""
        found = [f for fs in self.check().values() for f in fs
                 if f["level"] != "green" and (f["id"].startswith("cards") or f["id"] == "people")]
        self.assertEqual([(f["level"], f["id"]) for f in found], [(level, ident)])
        if subject is not None:
            self.assertEqual(found[0]["subject"], subject)

    def test_strengths(self):
        self.host()
        self.cards = [self.PIV, self.memorised(self.PIV), {**self.PIV, "state": "stopped"}, self.JPKI, self.JPKI,
                      self.FELICA, self.YUBIKEY]
        found = self.check()
        self.assertEqual({i: fs[0]["subject"] for i, fs in found.items() if i.startswith("cards-")},
                         {"cards-signature": "PIV card 1, My Number card 2",
                          "cards-shared": "FeliCa Lite-S 1, YubiKey 1", "cards-memorised": "memorised PIN 1"})

    def test_shared_keys_that_do_not_count(self):
        self.cards = [self.PIV, self.FELICA, {**self.FELICA, "number": "6", "state": "stopped"}]
        self.only("yellow", "cards-refused", "3")
        self.host(shared_keys="no")
        self.only("yellow", "cards-refused", "3")
        self.host(shared_keys="yes")
        self.assertNotIn("cards-refused", self.check())

    def test_nobody_has_what_is_required(self):
        self.host(require="token pin")
        self.cards = [self.PIV, self.memorised(self.PIV), {**self.YUBIKEY, "state": "stopped"}]
        self.only("red", "cards-nobody", "security key")
        self.cards.append(self.YUBIKEY)
        self.only("yellow", "cards-without-pin", "4")
        self.host(shared_keys="no")
        self.cards = [self.FELICA]
        self.assertIn("cards-nobody", self.check())
        self.cards = []
        self.only("red", "cards-nobody", "IC card")
        self.status["people"] = "0"
        self.only("yellow", "people")

    def test_people_without_a_pin(self):
        self.cards = [self.PIV, self.JPKI, self.FELICA, self.memorised(self.FELICA), self.BARE,
                      {**self.BARE, "number": "6"}, {**self.memorised(self.BARE), "number": "6", "state": "stopped"},
                      {**self.BARE, "number": "7"}, {**self.PIV, "number": "7"},
                      {**self.BARE, "number": "8", "state": "stopped"}]
        self.host()
        self.assertNotIn("cards-without-pin", self.check())
        self.host(require="card pin")
        self.only("yellow", "cards-without-pin", "5, 6")

    def test_a_list_that_fails(self):
        self.rig.serve(status=lambda peer, _: (peer.row(**self.status), peer.done()),
                       devices=lambda peer, _: (peer.row(**READER), peer.row(**SENSOR), peer.done()),
                       card_list=lambda peer, _: peer.done(result=Admin.FAILED))
        self.assertFalse([i for i in self.check() if i.startswith("cards")])


class Devices(Check):
    """Card reader and sensor."""

    def test_no_pcscd(self):
        self.devices = [{"kind": "fault", "what": "no-pcscd"}, SENSOR]
        self.only("red", "pcscd")

    def test_no_reader(self):
        self.devices = [SENSOR]
        self.only("red", "reader-missing")

    def test_two_readers(self):
        self.devices = [READER, READER2, SENSOR]
        finding = self.only("yellow", "reader-several")
        self.assertIn(READER["name"], finding["what"])
        self.assertIn(READER2["name"], finding["what"])

    def test_no_sensor(self):
        self.devices = [READER]
        self.only("red", "sensor-missing")

    def test_sensor_not_admitted(self):
        self.devices = [READER, {**SENSOR, "driver": "aes2501", "admitted": "no"}]
        self.only("red", "sensor-not-admitted", "aes2501")

    def test_virtual_sensor(self):
        self.devices = [READER, SENSOR, {**SENSOR, "driver": "virtual_image"}]
        self.only("red", "virtual-sensor", "virtual_image")

    def test_busy(self):
        self.rig.serve(devices=lambda peer, values: peer.done(result=Admin.UNAVAILABLE, message="X21"),
                       status=lambda peer, values: (peer.row(**self.status), peer.done()))
        self.only("yellow", "devices-busy")

    def test_fault(self):
        self.devices = [READER, {"kind": "fault", "what": "toyama-finger ended without an answer"}]
        self.only("red", "device-fault", "toyama-finger")


class Pam(Check):
    """PAM stacks."""

    def test_nowhere(self):
        self.pam(**{"common-auth": PASSWORD, "common-account": PASSWORD_ACCOUNT})
        self.only("red", "pam-missing")

    def test_weak_controls(self):
        for control in ("sufficient", "optional", "[success=done default=ignore]",
                        "[success=ok authinfo_unavail=ignore default=bad]",
                        "[success=end default=ignore]".replace("end", "2")):
            with self.subTest(control):
                self.pam(**{"common-auth": f"# one\nauth {control} pam_toyama.so\n{PASSWORD}"})
                finding = self.only("red", "pam-weak", "common-auth:2 pam_toyama.so")
                for service in ("login", "su", "sudo", "cron"):
                    self.assertIn(service, finding["subject"])

    def test_good_controls(self):
        for control in ("required", "requisite", "[success=ok default=die]",
                        "[success=done ignore=ignore default=die]"):
            self.pam(**{"common-auth": f"auth {control} pam_toyama.so\n{PASSWORD}"})
            self.assertEqual([i for i in self.check() if i.startswith("pam-")], [])

    def test_fragile(self):
        self.pam(**{"common-auth": "auth sufficient pam_toyama.so\nauth requisite pam_deny.so\n"})
        self.only("yellow", "pam-fragile", "common-auth:1")

    def test_around(self):
        self.pam(**{"login": "auth sufficient pam_unix.so\n@include common-auth\n@include common-account\n"})
        self.only("red", "pam-around", "login:1 pam_unix.so (login)")
        self.pam(**{"login": "auth [success=1 default=ignore] pam_fprintd.so\n" + AUTH + "auth required pam_permit.so\n"
                    "@include common-account\n"})
        self.only("red", "pam-around", "login:1 pam_fprintd.so (login)")

    def test_around_is_yellow_elsewhere(self):
        self.rig.write_config()
        self.status.update(zone="internet", require="card")
        self.pam(**{"common-auth": GLASS})
        self.pam(**{"login": "auth sufficient pam_unix.so\n@include common-auth\n@include common-account\n"})
        found = self.check()
        self.assertEqual(found["pam-around"][0]["level"], "yellow")
        self.assertEqual([i for i, fs in found.items() if fs[0]["level"] == "red"], [])

    def test_service_without_us(self):
        self.pam(**{"vsftpd": "auth required pam_unix.so\naccount required pam_unix.so\n"})
        self.only("red", "pam-service", "vsftpd")
        self.pam(**{"vsftpd": "auth required pam_unix.so\n@include common-account\n"})
        self.only("yellow", "pam-service", "vsftpd")
        # A locker asks auth only: the account part does not stop it.
        self.pam(**{"vsftpd": None, "kde": "auth required pam_unix.so\n@include common-account\n"})
        self.only("red", "pam-service", "kde")

    def test_exempt_services(self):
        self.pam(**{"cron": "auth required pam_unix.so\naccount required pam_unix.so\n",
                    "lightdm-greeter": "auth required pam_permit.so\n"})
        self.assertNotIn("pam-service", self.check())
        self.rig.write_config(zone="individual-number", require="card finger", account_exempt="atd")
        self.only("red", "pam-service", "cron")

    def test_account(self):
        self.pam(**{"sudo": "@include common-auth\naccount required pam_unix.so\n"})
        self.only("red", "pam-account", "sudo")
        self.pam(**{"sudo": "@include common-auth\naccount sufficient pam_localuser.so\n@include common-account\n"})
        self.only("red", "pam-account-weak", "common-account:1")
        self.pam(**{"sudo": "@include common-auth\naccount optional pam_toyama.so\naccount required pam_unix.so\n"})
        self.only("red", "pam-account-weak", "sudo:2")

    def test_include_and_substack(self):
        self.pam(**{"system-auth": AUTH + "auth required pam_unix.so\n" + ACCOUNT,
                    "sshd": "auth substack system-auth\nauth include system-auth\naccount include system-auth\n"})
        found = self.check()
        self.assertIn("sshd", found["pam"][0]["subject"])
        self.assertNotIn("system-auth", found["pam"][0]["subject"])

    def test_syntax(self):
        self.pam(**{"vsftpd": "auth required pam_deny.so\nauth mandatory pam_unix.so\n"})
        self.only("red", "pam-syntax", "vsftpd:2")

    def test_break_glass(self):
        self.pam(**{"common-auth": GLASS})
        found = self.check()
        self.assertNotIn("break-glass-missing", found)
        self.assertEqual(found["break-glass-strict"][0]["level"], "yellow")
        self.assertEqual(found["break-glass-group"][0]["subject"], "toyama-none")
        self.assertEqual([i for i, fs in found.items() if fs[0]["level"] == "red"], [])

    def test_no_break_glass(self):
        self.rig.write_config()
        self.status.update(zone="internet", require="card")
        self.only("yellow", "break-glass-missing")

    def test_shipped_files(self):
        """What data/ holds for each zone, and what pam-auth-update makes of the profile."""
        for zone, require in (("individual-number", "card finger"), ("lgwan", "card"), ("internet", "card")):
            with self.subTest(zone):
                self.rig.write_config(zone=zone, require=require)
                self.status.update(zone=zone, require=require)
                text = (DATA / "pam.d" / f"toyama-{zone}").read_text(encoding="utf-8")
                both = f"auth include toyama-{zone}\naccount include toyama-{zone}\n"
                self.pam(**{f"toyama-{zone}": text, "login": both, "su": both, "sudo": both, "cron": both})
                found = self.check()
                self.assertEqual([f for fs in found.values() for f in fs if f["level"] == "red"], [])
                self.assertEqual({"break-glass-missing", "sudo-silent"} & set(found), set())
        self.pam(**{"common-auth": profile("Auth", 2) + PASSWORD,
                    "common-account": profile("Account", 0) + PASSWORD_ACCOUNT})
        for name in ("login", "su", "sudo", "cron"):
            self.pam(**{name: "@include common-auth\n@include common-account\n"})
        found = self.check()
        self.assertEqual([f for fs in found.values() for f in fs if f["level"] == "red"], [])
        self.assertEqual(found["break-glass"][0]["subject"], "toyama-breakglass")

    def test_no_directory(self):
        for name in os.listdir(self.rig.pam):
            self.pam(**{name: None})
        os.rmdir(self.rig.pam)
        self.only("red", "pam-directory")

    def test_loop(self):
        self.pam(**{"loop": "@include loop\n", "loop2": "auth include loop2\n"})
        found = self.check()
        self.assertIn("pam", found)


class Sudo(Check):
    """What sudo does with messages and time."""

    def test_silent(self):
        self.rig.sudoers.write_text("Defaults timestamp_timeout=0\n# Defaults !pam_silent\n")
        self.only("yellow", "sudo-silent")

    def test_cached(self):
        self.rig.sudoers.write_text("Defaults !pam_silent\nDefaults timestamp_timeout=5\n")
        self.only("yellow", "sudo-cached")

    def test_cached_for_seconds(self):
        self.rig.sudoers.write_text("Defaults !pam_silent\nDefaults timestamp_timeout=0.5\n")
        self.only("yellow", "sudo-cached")

    def test_cached_by_a_later_line(self):
        self.rig.sudoers.write_text("Defaults !pam_silent, timestamp_timeout=0\nDefaults timestamp_timeout=15\n")
        self.only("yellow", "sudo-cached")

    def test_our_line_overrides(self):
        self.rig.sudoers.write_text("Defaults timestamp_timeout=0\n")
        self.pam(**{"common-auth": AUTH.replace(".so", ".so lang=ja silent=ignore") + PASSWORD})
        self.assertIn("sudo", self.check())

    def test_drop_in(self):
        self.rig.sudoers.write_text("")
        drop_in = self.rig.dir / "sudoers.d"
        drop_in.mkdir()
        (drop_in / "toyama").write_text("Defaults !pam_silent, timestamp_timeout=0\n")
        self.assertIn("sudo", self.check())
        os.rename(drop_in / "toyama", drop_in / "toyama.off")
        found = self.check()
        self.assertTrue({"sudo-silent", "sudo-cached"} <= set(found))


if __name__ == "__main__":
    if os.geteuid() != 0:
        sys.exit("enroll_check_test.py: needs root: files and sockets must be root's")
    BUILD = sys.argv.pop(1)
    unittest.main()
