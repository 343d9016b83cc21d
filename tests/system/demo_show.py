#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The demonstration, inside of an overlay of this machine that is thrown away: an operator enrols one person
with toyama-enroll, she logs in with the real su in all three zones, three refusals follow. What people see is
shown as they see it, then what the log says. Where this machine has a reader or a sensor, the person at the
keyboard is the one who logs in.

Usage: demo_show.py BUILD_DIR [--lang ja|en] [--keep] [--virtual]   (scripts/demo builds and calls it)"""
import argparse
import os
import pathlib
import subprocess
import sys

import demo_devices
import demo_hands
import host
import overlay

from demo_stage import Failed, Stage, say


class Demo(Stage):
    """The scenes."""

    def enrol_visibly(self):
        """What the operator does for a new colleague."""
        number, name = host.PEOPLE["hanako"]
        self.must("init")
        self.host.start()
        self.must("person", "add", "--number", number, "--name", name, "--login", "hanako", "--category", "regular")
        self.enrol_card(number)
        if "finger" in self.host.sections["host"]["require"]:
            self.enrol_finger(number, "right-index", self.right)
            self.enrol_finger(number, "left-index", self.left)
        self.must("person", "show", number)
        self.enrol_colleague()

    def enrol_colleague(self):
        """Whose card opens nothing of Hanako's."""
        self.world.virtual()
        self.desk.enroll(self.host, "taro")

    def enrol_quietly(self):
        """The same for the other zones' hosts, which share nothing with the first one."""
        self.host.init()
        self.host.start()
        self.enrol_colleague()
        if self.hers.own:
            self.host.register("hanako")
            self.person.told("once-more")
            self.enrol_card(host.PEOPLE["hanako"][0])
        else:
            self.desk.enroll(self.host, "hanako")

    def number_host(self):
        """Card and finger, and the refusals."""
        self.heading("number")
        self.settle("individual-number")
        self.enrol_visibly()
        self.su("login", self.hers, self.right, [host.FRESH])
        self.heading("refusals")
        self.su("wrong-finger", self.hers, self.wrong, [1, 2, 3], cause="finger-wrong")
        self.su("other-card", self.colleague(), cause="not-proven")
        self.su("pulled", self.hers, pull=True, cause="card-removed")
        self.su("again", self.hers, self.left, [host.FRESH])

    def colleague(self):
        """Somebody else's card: real where the person has one at hand."""
        if self.hers.own:
            say()
            if self.person.asked("colleague") == "c":
                return demo_hands.OwnCard(self.person, self.world, "do-other")
        return self.card_of("taro")

    def lgwan_host(self):
        """Card and PIN."""
        self.heading("lgwan")
        self.settle("lgwan")
        self.enrol_quietly()
        self.su("login-pin", self.card_with_pin(), pin=True)

    def card_with_pin(self):
        """Hers, or a second one where hers has none."""
        number = host.PEOPLE["hanako"][0]
        rows = self.host.must("person.show", person=number).rows
        if any(row["kind"] == "card" and row["pin"] == "yes" for row in rows[1:]):
            return self.hers
        self.person.told("no-pin")
        self.world.virtual()
        self.host.enroll_card(number, self.desk.cards["hanako"], self.desk.pcsc, host.PIN)
        return self.card_of("hanako")

    def internet_host(self):
        """Card alone."""
        self.heading("internet")
        self.settle("internet")
        self.enrol_quietly()
        self.su("login-card", self.hers)

    def keep(self):
        """A shell to play in."""
        tool = pathlib.Path("/usr/local/bin/desk")
        tool.write_text(f"#!/bin/sh\nexec {sys.executable} {overlay.SOURCE}/tests/system/demo_desk.py "
                        f"{overlay.SCRATCH} \"$@\"\n", encoding="utf-8")
        tool.chmod(0o755)
        self.settle("individual-number")
        own = self.hers.own or self.right.own
        if own:
            self.enrol_visibly()
        else:
            self.enrol_quietly()
        if self.desk.sensor:
            self.desk.sensor.socket.close()  # it listens to one hand at a time
        self.heading("keep")
        self.hers.prepare()
        say(self.tell("hints-own" if own else "hints", log=self.host.log_path, pin=host.PIN))
        subprocess.run(["/bin/bash", "--norc", "-i"], check=False,
                       env={"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8",
                            "TERM": os.environ.get("TERM", "dumb"), "PS1": "demo# "})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lang", choices=("ja", "en"), default="en")
    parser.add_argument("--keep", action="store_true", help="leave a shell to play in")
    parser.add_argument("--virtual", action="store_true", help="leave real devices alone")
    parser.add_argument("--own-finger", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    demo = Demo(options.lang, options.own_finger)
    try:
        demo.number_host()
        demo.lgwan_host()
        demo.internet_host()
        demo.heading("done-but" if demo.skipped else "done")
        if options.keep:
            demo.keep()
    except (Failed, AssertionError) as error:
        log = pathlib.Path(demo.host.log_path)
        say(f"\n{demo.tell('failed', error)}")
        say(log.read_text(encoding="utf-8", errors="replace")[-4000:] if log.exists() else "(none)")
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        demo.end()


if __name__ == "__main__":
    demo_devices.begin()
    main()
