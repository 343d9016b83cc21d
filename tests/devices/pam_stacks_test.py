#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The stacks that are shipped: what they ask of whom, with the password lines made to fit or to fail.

    pam_stacks_test.py BUILD_DIR [unittest arguments]

Needs root and CAP_SYS_ADMIN.
"""

import os
import re
import subprocess

import modulerig
from modulerig import MODULE, SOURCE, ModuleTest

from fake_broker import ACCOUNT, SESSION, START

ZONES = ("individual-number", "lgwan", "internet")
REFUSALS = ("deny", "locked", "unavailable", "misconfigured", "close-after-start", "grant-wrong-nonce", "grant-other-user")
CONSOLES = ("tty1", "/dev/tty6")
ELSEWHERE = ("/dev/pts/0", "ssh", ":0", "/dev/ttyS0", "tty7", "tty11", "/dev/ttyUSB1", "cron", None)
PHASES = ("auth", "acct", "setcred", "open", "close", "setcred-delete")

# pam-auth-update in a directory of its own. It has no other way to be kept from the host's debconf.
UPDATE = """set -e
cp -a /var/cache/debconf/. "$1/debconf"
mount --make-rprivate /
mount --bind "$1/debconf" /var/cache/debconf
DEBIAN_FRONTEND=noninteractive pam-auth-update --root "$1" --force --enable unix toyama
"""


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


class StackTest(ModuleTest):
    def write(self, text, password=True, group="root"):
        """The stack as it is, but with the module of this build, an existing group, and a settled password."""
        text = text.replace("pam_toyama.so", f"{MODULE} socket={self.socket}")
        text = text.replace("ingroup toyama-breakglass", f"ingroup {group}")
        text = re.sub(r"^(auth.*)pam_unix\.so.*", r"\1pam_permit.so" if password else r"\1pam_deny.so", text, flags=re.M)
        text = re.sub(r"pam_unix\.so.*", "pam_permit.so", text)
        with open(os.path.join(self.dir, "stack"), "w") as file:
            file.write(text)

    def attempt(self, scenario, *operations, user="taro", tty=None):
        items = [f"tty={tty}"] if tty else []
        return self.ask(scenario, *operations, user=user, items=items, service="stack")

    def succeeds(self, outcome):
        self.assertEqual({code for _, code in outcome.results}, {"PAM_SUCCESS"}, outcome.results)

    def check_asks_everybody(self, text):
        for password in (True, False):
            self.write(text, password)
            outcome = self.attempt("account", *PHASES)
            self.succeeds(outcome)
            self.assertEqual([kind for kind, _ in outcome.frames][:2], [START, ACCOUNT])
            self.assertEqual({kind for kind, _ in outcome.frames[2:]}, {SESSION})
            for scenario in REFUSALS:
                with self.subTest(scenario=scenario, password=password):
                    outcome = self.attempt(scenario, "auth", "acct")
                    self.refused(outcome)
                    self.refused(outcome, "acct")
        self.refused(self.client("auth", service="stack"))

    def check_break_glass(self, text):
        for tty in CONSOLES:
            self.write(text, password=True)
            outcome = self.attempt("deny", *PHASES, user="root", tty=tty)
            self.succeeds(outcome)
            self.assertEqual({kind for kind, _ in outcome.frames}, {SESSION})
            self.write(text, password=False)
            self.refused(self.attempt("grant", "auth", user="root", tty=tty))
        self.write(text, password=True)
        for tty in ELSEWHERE:
            with self.subTest(tty=tty):
                self.refused(self.attempt("deny", "auth", user="root", tty=tty))
                self.refused(self.attempt("deny", "acct", user="root", tty=tty), "acct")
        self.refused(self.attempt("deny", "auth", user="nobody", tty="tty1"))

    def check_no_group(self, text):
        self.write(text, group="toyama-breakglass")
        self.refused(self.attempt("deny", "auth", user="root", tty="tty1"))
        self.refused(self.attempt("deny", "acct", user="root", tty="tty1"), "acct")


class Examples(StackTest):
    def text(self, zone):
        """With what follows it in a service: common-account."""
        return read(SOURCE, "data", "pam.d", f"toyama-{zone}") + "\naccount required pam_permit.so\n"

    def test_everybody_is_asked(self):
        for zone in ZONES:
            self.check_asks_everybody(self.text(zone))

    def test_break_glass(self):
        for zone in ("lgwan", "internet"):
            self.check_break_glass(self.text(zone))
            self.check_no_group(self.text(zone))

    def test_individual_number_knows_no_password(self):
        """Clause 8(4)(d): card and fingerprint, nothing instead."""
        text = read(SOURCE, "data", "pam.d", "toyama-individual-number")
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        self.assertEqual({line.split(None, 1)[0] for line in lines}, {"auth", "account", "session"})
        self.assertTrue(all("pam_toyama.so" in line for line in lines))
        self.write(self.text("individual-number"))
        for tty in CONSOLES:
            self.refused(self.attempt("deny", "auth", user="root", tty=tty))

    def test_controls(self):
        for zone in ZONES:
            for line in re.findall(r"^(?:auth|account).*pam_toyama\.so.*$", self.text(zone), re.M):
                self.assertIn("[success=ok default=bad]", line)


class Profile(StackTest):
    """The profile of pam-auth-update, as that program writes it."""

    def setUp(self):
        super().setUp()
        root = os.path.join(self.dir, "root")
        for name in ("debconf", "etc/pam.d", "usr/share/pam-configs", "var/lib/pam"):
            os.makedirs(os.path.join(root, name))
        for profile in ("/usr/share/pam-configs/unix", os.path.join(SOURCE, "data", "pam-configs", "toyama")):
            subprocess.run(["cp", profile, os.path.join(root, "usr/share/pam-configs")], check=True)
        subprocess.run(["unshare", "-m", "sh", "-c", UPDATE, "sh", root], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)
        self.text = "\n".join(read(root, "etc/pam.d", f"common-{part}") for part in ("auth", "account", "session"))
        self.cron = read(root, "etc/pam.d", "common-session-noninteractive")

    def test_everybody_is_asked(self):
        self.check_asks_everybody(self.text)

    def test_break_glass(self):
        self.check_break_glass(self.text)
        self.check_no_group(self.text)

    def test_expired_password_is_no_way_round_the_account_line(self):
        account = self.text[self.text.index("account"):]
        self.assertLess(account.index("pam_toyama.so"), account.index("pam_unix.so"))

    def test_cron_sessions_are_not_reported(self):
        self.assertNotIn("pam_toyama", self.cron)


if __name__ == "__main__":
    modulerig.main(__doc__)
