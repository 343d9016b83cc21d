# SPDX-License-Identifier: Apache-2.0
"""What every scene of the demonstration needs: this machine as a host of a zone, toyama-enroll and su on
terminals, and whoever acts before them."""
import contextlib
import re
import time

import demo_devices
import demo_hands
import host
import terminal

from demo_person import MARGIN, Person
from demo_words import HEARD, SAID

ENROLL = "/usr/sbin/toyama-enroll"
ZONES = {"individual-number": "card finger", "lgwan": "card pin", "internet": "card"}
SHELL = 'echo "$(id -un)@demo: this is a shell of $(id -un)"'
OPENED = "this is a shell of hanako"
PATIENT = {"card_wait": "60", "pin_wait": "60", "finger_wait": "30"}  # seconds; people read first
EX_NOPERM = 77  # toyama-enroll: refused
STAGES = 12     # more than any sensor asks for


class Failed(Exception):
    """A step did not go as it should."""


def say(text=""):
    """A line of the narrator."""
    print(text, flush=True)


class Stage:
    """One counter. `hers` is Hanako's card; `right`, `left` are her fingers, `wrong` is somebody else's."""

    def __init__(self, lang, own_finger=False):
        self.lang = lang
        self.host = None
        self.skipped = False
        self.person = Person(self.tell)
        host.add_people()
        host.no_delays()
        self.world = demo_devices.World()
        self.found = demo_devices.Found()
        self.desk = host.Desk(("hanako", "taro"))
        self.found.look(self.world, host.Host("internet", sensors="", sensor_socket=None))
        self.settings = {"language": lang, **self.choose(own_finger)}

    def choose(self, own_finger):
        """Says which devices there are; the settings of hosts that use them. `own_finger`: for tests, the virtual
        sensor is touched by somebody else."""
        found, patient = self.found, {}
        if found.note is not None:
            say(self.tell(found.note))
        self.hers = self.card_of("hanako")
        if found.reader is not None:
            self.hers = demo_hands.OwnCard(self.person, self.world)
        if found.note is None:
            say(self.tell("reader-own", found.reader) if self.hers.own else self.tell("reader-none"))
            say(self.tell("sensor-own", found.sensor) if found.driver else self.tell("sensor-none"))
        if found.driver is None:
            self.desk.open_sensor()
        self.right, self.left, self.wrong = demo_hands.fingers_of_hanako(self.desk, own_finger or found.driver is not None)
        if self.hers.own or self.right.own:
            patient = PATIENT
        if found.driver is None:
            return patient
        return {**patient, "sensors": found.driver, "sensor_socket": None, "demo": "no"}

    def card_of(self, name):
        """A virtual card."""
        return demo_hands.VirtualCard(self.desk, self.world, name)

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
        self.host = host.Host(zone, ZONES[zone], **self.settings)
        settings = f"zone = {zone}, require = {ZONES[zone]}; /etc/pam.d/su: include toyama-{zone}"
        say(f"    {self.tell('host', settings)}")

    @contextlib.contextmanager
    def shown(self, command, live, **options):
        """A program on a terminal: live where the person takes part, behind the margin afterwards otherwise."""
        with contextlib.ExitStack() as stack:
            seat = stack.enter_context(self.person.seated()) if live else None
            running = stack.enter_context(terminal.Terminal(command, seat=seat, **options))
            yield running
            running.wait(60)
        if not live:
            for line in re.sub(r"\n?\r", "\n", running.text).strip("\n").split("\n"):
                say(MARGIN + line)

    def begin(self, *keys):
        """Tells the person what she will have to do, and waits until she is ready."""
        for key in keys:
            self.person.told(key)
        self.person.asked("begin")

    def operator(self, *arguments, script=(), pin=None, live=False):
        """toyama-enroll on a terminal; its exit status. `pin`: the demonstration's answer to that question."""
        say(f"    # toyama-enroll {' '.join(arguments)}")
        with self.shown([ENROLL, "--lang", self.lang, *arguments], live) as running:
            answers = [(self.heard("pin"), lambda: running.send(pin))] if pin else []
            running.follow([*script, *answers], 600 if live else 60)
        return running.status

    def must(self, *arguments, **options):
        """The same; it has to succeed."""
        status = self.operator(*arguments, **options)
        if status != 0:
            raise Failed(f"toyama-enroll {arguments[0]} ended with {status}")

    def enrol_card(self, number):
        """Hers, as it is. Where toyama does not take it, the virtual one from here on."""
        while self.hers.own:
            self.hers.prepare()
            self.begin("do-enrol-card")
            status = self.operator("card", "enroll", number, live=True)
            self.hers.take()
            if status == 0:
                return
            if status == EX_NOPERM or self.person.asked("again-card") == "v":
                self.hers = self.card_of("hanako")
                self.person.told("virtual-card")
        self.hers.prepare()
        self.hers.place()
        self.must("card", "enroll", number, pin=host.PIN)
        self.hers.take()

    def enrol_finger(self, number, name, finger):
        """Press after press, as each is asked for: "(2/7)"."""
        if finger.own:
            self.begin(f"do-enrol-{finger.key}")
            while self.operator("finger", "enroll", number, name, live=True) != 0:
                self.person.asked("again-finger")
            return
        presses = [(rf"[(（]{stage}/\d+[)）]", lambda stage=stage: finger.press(stage)) for stage in range(1, STAGES)]
        self.must("finger", "enroll", number, name, script=presses)

    def su(self, title, card, finger=None, presses=(), pin=False, pull=False, cause=""):
        """A real su to hanako, with that card, that finger; shows screen, log, time and APDUs. `cause`: of the
        refusal, "" where a shell is due."""
        say(f"\n  {self.tell(title)}")
        live = card.own or (finger is not None and finger.own)
        while True:
            card.prepare()
            if live:
                self.begin(*self.orders(card, finger, pin, pull))
            wrong = self.attempt(card, finger, presses, pin, pull, live, cause)
            if wrong is None:
                return
            if not live:
                raise Failed(wrong)
            self.host.must("lockout.clear", person=host.PEOPLE["hanako"][0])
            if self.person.asked("differently", wrong) == "s":
                self.skipped = True
                return

    @staticmethod
    def orders(card, finger, pin, pull):
        """What the person will have to do, in the order of the terminal's questions."""
        keys = [card.order] if card.own else []
        if pin and card.own:
            keys.append("do-pin")
        if finger is not None and finger.own:
            keys.append(f"do-{finger.key}")
        if pull:
            keys.append("do-pull")
        return keys

    def script(self, running, card, finger, presses, pin, pull):
        """What the demonstration does by itself when the terminal asks."""
        script = []
        if not card.own:
            script.append((self.heard("place"), card.place))
        if pin and not card.own:
            script.append((self.heard("pin"), lambda: running.send(host.PIN)))
        if finger is not None and not finger.own:
            asked = [self.heard("finger")] + [self.heard("retry")] * (len(presses) - 1)
            script += [(each, lambda press=press: finger.press(press)) for each, press in zip(asked, presses)]
        if pull and not card.own:
            script.append((self.heard("finger"), card.take))
        return script

    def attempt(self, card, finger, presses, pin, pull, live, cause):
        """One su; None, or what was not as it should be."""
        say("    taro$ su hanako")
        mark = self.host.mark()
        with self.shown(["su", "hanako", "-c", SHELL], live, user="taro") as running:
            left = running.follow(self.script(running, card, finger, presses, pin, pull), 120)
            done = time.monotonic()
        if not pull or card.own:
            card.take()
        log = self.host.since(mark)
        self.explain(log, None if live else done - card.placed)
        expected = f"result={'denied' if cause else 'granted'} cause={cause} "
        granted = running.status == 0 and OPENED in running.text
        if not left and granted == (cause == "") and expected in log:
            return None
        return ", ".join(re.findall(r"result=\w+|cause=\S+", log)) or f"exit status {running.status}"

    def explain(self, log, took):
        """The broker's line, and its numbers in words."""
        line = next((each for each in reversed(log.splitlines()) if "toyamad: login:" in each), "")
        values = dict(re.findall(r'(\w+)=("[^"]*"|\S*)', line))
        say(f"    {self.tell('log', line.partition('toyamad: ')[2])}")
        cost = self.tell("cost" if took else "cost-own", total=(took or 0) * 1000, own=int(values.get("own_us", 0)) / 1000,
                         apdus=values.get("apdus", "?"), octets=values.get("octets", "?"))
        say(f"    {cost}")

    def end(self):
        """Nothing is left but the files."""
        self.world.virtual()
        if self.host is not None:
            self.host.stop()
        self.desk.end()
