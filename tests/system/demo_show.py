#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The demonstration, inside of an overlay of this machine that is thrown away: an operator enrols one person
with toyama-enroll, she logs in with the real su in all three zones, three refusals follow. What people see is
shown as they see it, then what the log says.

Usage: demo_show.py BUILD_DIR [--lang ja|en] [--keep]   (scripts/demo builds and calls it)"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import time

import host
import overlay
import terminal

from demo_words import HEARD, SAID

ENROLL = "/usr/sbin/toyama-enroll"
ZONES = {"individual-number": "card finger", "lgwan": "card pin", "internet": "card"}
SHELL = 'echo "$(id -un)@demo: this is a shell of $(id -un)"'
MARGIN = "      | "


class Failed(Exception):
    """A step did not go as it should."""


def say(text=""):
    """A line of the narrator."""
    print(text, flush=True)


def screen(text):
    """What a person saw."""
    for line in text.strip("\n").split("\n"):
        say(MARGIN + line)


class Demo:
    """One counter, one clerk, one operator."""

    def __init__(self, lang):
        self.lang = lang
        host.add_people()
        host.no_delays()
        self.desk = host.Desk(("hanako", "taro"), sensor=True)
        self.host = None

    def heard(self, key):
        """The beginning of a sentence of the catalogue in this language."""
        return HEARD[key][self.lang]

    def tell(self, key, *values, **named):
        """A sentence of the narrator in this language."""
        return SAID[key][self.lang].format(*values, **named)

    def heading(self, key):
        """Begins a part."""
        text = self.tell(key)
        say(f"\n=== {text} ".ljust(80, "="))

    def settle(self, zone):
        """This machine becomes a host of that zone."""
        if self.host is not None:
            self.host.forget()
        host.install_stacks(zone, ["su"])
        self.host = host.Host(zone, ZONES[zone], language=self.lang)
        settings = f"zone = {zone}, require = {ZONES[zone]}; /etc/pam.d/su: include toyama-{zone}"
        say(f"    {self.tell('host', settings)}")

    def operator(self, *arguments, answers=(), on_stage=None):
        """toyama-enroll on a terminal. `answers`: (pattern, line) in turn; `on_stage(n)` when press n is asked."""
        command = [ENROLL, "--lang", self.lang, *arguments]
        say(f"    # toyama-enroll {' '.join(arguments)}")
        with terminal.Terminal(command) as shown:
            for pattern, line in answers:
                shown.expect(pattern)
                shown.send(line)
            if on_stage is not None:
                self.follow(shown, on_stage)
            status = shown.wait(60)
        screen(re.sub(r"\n?\r", "\n", shown.text))
        if status != 0:
            raise Failed(f"toyama-enroll {arguments[0]} ended with {status}")

    @staticmethod
    def follow(shown, on_stage):
        """Each press when it is asked for: "(2/7)"."""
        stage = 0
        while True:
            found = shown.expect(r"[(（](\d+)/(\d+)[)）]")
            if int(found.group(1)) <= stage:
                continue
            stage = int(found.group(1))
            on_stage(stage)
            if stage == int(found.group(2)):
                return

    def su(self, title, card, presses=(), pin=None, pull=False, expect="granted"):
        """A real su to hanako, with that card, these fingers; shows screen, log, time and APDUs."""
        say(f"\n  {self.tell(title)}")
        say("    taro$ su hanako")
        mark = self.host.mark()
        with terminal.Terminal(["su", "hanako", "-c", SHELL], user="taro") as caller:
            caller.expect(self.heard("place"))
            self.desk.place(card)
            placed = time.monotonic()
            if pin is not None:
                caller.expect(self.heard("pin"))
                caller.send(pin)
            for number, (finger, impression) in enumerate(presses):
                caller.expect(self.heard("finger") if number == 0 else self.heard("retry"))
                self.desk.sensor.press(finger, impression)
            if pull:
                caller.expect(self.heard("finger"))
                self.desk.take(card)
            status = caller.wait(30)
            took = time.monotonic() - placed
        if not pull:
            self.desk.take(card)
        screen(caller.text)
        self.explain(self.host.since(mark), took)
        granted = status == 0 and "this is a shell of hanako" in caller.text
        if granted != (expect == "granted") or f"result={expect}" not in self.host.since(mark):
            raise Failed(f"expected: {expect}; exit status {status}")

    def explain(self, log, took):
        """The broker's line, and its numbers in words."""
        line = next((each for each in reversed(log.splitlines()) if "toyamad: login:" in each), "")
        values = dict(re.findall(r'(\w+)=("[^"]*"|\S*)', line))
        say(f"    {self.tell('log', line.partition('toyamad: ')[2])}")
        cost = self.tell("cost", total=took * 1000, own=int(values.get("own_us", 0)) / 1000,
                         apdus=values.get("apdus", "?"), octets=values.get("octets", "?"))
        say(f"    {cost}")

    def enrol_visibly(self):
        """What the operator does for a new colleague."""
        number, name = host.PEOPLE["hanako"]
        self.operator("init")
        self.host.start()
        self.operator("person", "add", "--number", number, "--name", name, "--login", "hanako", "--category", "regular")
        self.desk.place("hanako")
        self.operator("card", "enroll", number, answers=[(self.heard("pin"), host.PIN)])
        self.desk.take("hanako")
        for finger, picture in zip(("right-index", "left-index"), host.FINGERS["hanako"]):
            self.operator("finger", "enroll", number, finger,
                          on_stage=lambda stage, picture=picture: self.desk.sensor.press(picture, stage))
        self.operator("person", "show", number)

    def enrol_quietly(self):
        """The same for the other zones' hosts, which share nothing with the first one."""
        self.host.init()
        self.host.start()
        self.desk.enroll(self.host, "hanako", "taro")

    def number_host(self):
        """Card and finger, and the refusals."""
        self.heading("number")
        self.settle("individual-number")
        self.enrol_visibly()
        self.desk.enroll(self.host, "taro")
        right, left = host.FINGERS["hanako"]
        self.su("login", "hanako", presses=[(right, host.FRESH)])
        self.heading("refusals")
        wrong = host.FINGERS["taro"][0]
        self.su("wrong-finger", "hanako",
                presses=[(wrong, 1), (wrong, 2), (wrong, 3)], expect="denied")
        self.su("other-card", "taro", expect="denied")
        self.su("pulled", "hanako", pull=True, expect="denied")
        self.su("again", "hanako", presses=[(left, host.FRESH)])

    def other_hosts(self):
        """Card and PIN, card alone."""
        self.heading("lgwan")
        self.settle("lgwan")
        self.enrol_quietly()
        self.su("login-pin", "hanako", pin=host.PIN)
        self.heading("internet")
        self.settle("internet")
        self.enrol_quietly()
        self.su("login-card", "hanako")

    def keep(self):
        """A shell to play in."""
        tool = pathlib.Path("/usr/local/bin/desk")
        tool.write_text(f"#!/bin/sh\nexec {sys.executable} {overlay.SOURCE}/tests/system/demo_desk.py "
                        f"{overlay.SCRATCH} \"$@\"\n", encoding="utf-8")
        tool.chmod(0o755)
        self.settle("individual-number")
        self.enrol_quietly()
        self.desk.sensor.socket.close()  # it listens to one hand at a time
        self.heading("keep")
        say(self.tell("hints", log=self.host.log_path, pin=host.PIN))
        subprocess.run(["/bin/bash", "--norc", "-i"], check=False,
                       env={"PATH": "/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8",
                            "TERM": os.environ.get("TERM", "dumb"), "PS1": "demo# "})


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lang", choices=("ja", "en"), default="en")
    parser.add_argument("--keep", action="store_true", help="leave a shell to play in")
    options = parser.parse_args()
    demo = Demo(options.lang)
    try:
        demo.number_host()
        demo.other_hosts()
        demo.heading("done")
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
        demo.host.stop()
        demo.desk.end()


if __name__ == "__main__":
    overlay.begin()
    main()
