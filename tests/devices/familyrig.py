# SPDX-License-Identifier: Apache-2.0
"""What the tests of all card families share between card and verdict: one reader, one sensor, one USB bus, how a card of
each family is made, copied and enrolled, and attempts through the real PAM module.

    familyrig.main(__doc__)     # the last line of a test: usage: X_test.py BUILD_DIR [TEST...] (root)"""
import contextlib
import os
import re
import shutil
import sys
import unittest

import brokerrig
import catalogue
import pamrig
import pcscns
import scard
import yubikeyrig
from brokerrig import Result

PIN, WRONG_PIN = "1234", "9999"              # of My Number cards
SECRET, WRONG_SECRET = "suzume-84", "suzume-85"  # that people remember
ASIDE = ("M17", "X71")  # said beside the rest: earlier misses, few tries left
CARD_WAIT = 2
MINE, THEIRS = "100", "200"
FINGERS = {MINE: ("f01", "f02"), THEIRS: ("f03", "f04")}
CODES = {Result.GRANTED: "PAM_SUCCESS", Result.DENIED: "PAM_AUTH_ERR", Result.LOCKED: "PAM_MAXTRIES",
         Result.UNAVAILABLE: "PAM_AUTHINFO_UNAVAIL", Result.MISCONFIGURED: "PAM_SERVICE_ERR"}


class World:
    """One of each for all tests of a file; the sensor and the bus begin with the first that needs them."""
    build = ""
    entries = 1
    pcsc = _sensor = _bus = None

    @classmethod
    def sensor(cls):
        """The fingerprint sensor."""
        cls._sensor = cls._sensor or brokerrig.Sensor(cls.build)
        return cls._sensor

    @classmethod
    def bus(cls):
        """The USB bus with nothing plugged in, which everybody may open."""
        if cls._bus is None:
            cls._bus = yubikeyrig.Bus(cls.build, open_to_all=True)
            os.chmod(cls._bus.lock, 0o666)
        return cls._bus

    @classmethod
    def begin(cls):
        """pcscd."""
        cls.pcsc = pcscns.Pcsc(cls.entries)
        cls.pcsc.start()

    @classmethod
    def end(cls):
        """All of it."""
        cls.pcsc.stop()
        if cls._sensor is not None:
            cls._sensor.end()
        if cls._bus is not None:
            cls._bus.end()


def state_of(card, name):
    """What the card's state file says behind this word."""
    with open(card.state, encoding="ascii") as file:
        return next(line.split()[1] for line in file if line.startswith(f"{name} "))


class Family:
    """How a card of one family is made; `pin` where it is the card's own."""
    name = pin = None
    log = True

    def make(self, name, slot=0, **options):
        """A card that is not in its reader yet, and that writes down what it is told."""
        card = pcscns.VirtualCard(World.build, slot, name=name, **{**self.options(), **options})
        card.ask("log on")
        return card

    def options(self):
        """Of the virtual card."""
        return {"family": self.name}

    def copy(self, card, name):
        """A card with the other's public data, and a key of its own."""
        return self.make(name, card.slot, clone_public=card.state)

    def enrol(self, broker, number, card, **values):
        """The row of the credential."""
        place(card)
        call = broker.must("card.enroll", person=number, pins=[self.pin] if self.pin else (), **values)
        take(card)
        return call.rows[0]


class Piv(Family):
    """For comparison, and beside the others."""
    name, pin = "piv", "123456"

    def options(self):
        return {"pin": self.pin, "alg_9a": "p256", "alg_9e": "p256"}


class Jpki(Family):
    """My Number card."""
    name = "jpki"

    def __init__(self, pin=PIN):
        self.pin = pin

    def options(self):
        return {"family": "jpki", "pin": self.pin}


class Felica(Family):
    """FeliCa Lite-S as the desk issues it, behind a reader of one kind."""
    name = "felica"

    def __init__(self, reader="generic"):
        self.reader = reader

    def options(self):
        return {"family": "felica", "set": [f"reader={self.reader}"]}

    def copy(self, card, name):
        settings = [f"{word}={state_of(card, word)}" for word in ("idm", "id", "ckv", "mc")]
        return self.make(name, card.slot, set=[f"reader={self.reader}", *settings, f"ck={os.urandom(16).hex()}"])

    def enrol(self, broker, number, card, **values):
        place(card)
        call = broker.must("card.issue", person=number, **values)
        take(card)
        return call.rows[0]


class Token(Family):
    """A YubiKey: enrolled on USB, then held to a reader. It is one key with two ways in."""
    name = "yubikey-ccid"
    serial = 20000000

    def options(self):
        Token.serial += 1
        return {"family": self.name, "set": [f"serial={Token.serial}", f"slot2={os.urandom(20).hex()}"]}

    def copy(self, card, name):
        return self.make(name, card.slot, set=[f"serial={state_of(card, 'serial')}", f"slot2={os.urandom(20).hex()}"])

    def enrol(self, broker, number, card, **values):
        usb = World.bus().key(0, serial=state_of(card, "serial"))
        usb.plug()
        call = broker.must("yubikey.enroll", person=number, **{"no-touch": "yes", **values})
        usb.unplug()
        card.secret = usb.state()["slots"][1]["secret"]
        card.ask(f"set slot2 {card.secret}")
        return call.rows[0]


def place(card):
    """Puts the card down."""
    card.insert()
    World.pcsc.wait_card(card.slot)


def take(card):
    """And away."""
    card.remove()
    World.pcsc.wait_card(card.slot, False)


def empty_readers(*cards):
    """No fault, and no card anywhere."""
    for card in cards:
        card.ask("fault off")
        card.ask("slow 0 0 0")
        card.ask("rogue none")
        card.remove()
    for slot in {card.slot for card in cards}:
        pcscns.wait_until(lambda s=slot: not World.pcsc.has_card(s), what="an empty reader")


def verifies(card):
    """How often a PIN went to the card since it was inserted."""
    return sum(re.match("0020008[0-9A-F]0[48]", command) is not None for command, _ in card.log())


@contextlib.contextmanager
def neighbour(card, share=scard.SHARE_SHARED):
    """Another program's connection to the card."""
    with scard.Context() as context:
        handle = context.connect(World.pcsc.reader(card.slot), share)
        yield handle
        handle.disconnect(scard.RESET_CARD)


def spend_tries(card, count):
    """Somebody types so many wrong PINs into another program."""
    place(card)
    with neighbour(card) as other:
        for command in ("00A4040C0AD392F000260100000001", "00A4020C020018", *["00200080" + "0439393939"] * count):
            other.transmit(command)
    take(card)


def host(zone, require, name, **settings):
    """A broker of such a host, running."""
    values = {"card_wait": str(CARD_WAIT), "throttle_after": "100", "throttle_delay": "0", **settings}
    if "token" in require:
        values.update(yubikey_worker=yubikey_worker(), yubikey_lock=World.bus().lock, yubikey_user="nobody")
    broker = brokerrig.Broker(World.build, zone, require, name=name, **values)
    broker.settings = values
    broker.init()
    broker.start()
    return broker


def yubikey_worker():
    """What the config names: a worker's environment is empty, the bus is found through a wrapper."""
    bus = World.bus()
    path = f"{bus.dir}/toyama-yubikey"
    with open(path, "w", encoding="ascii") as file:
        file.write("#!/bin/sh\nexport " + " ".join(f"{name}={value}" for name, value in bus.environment.items()) +
                   f"\nexec {World.build}/cardreader/toyama-yubikey\n")
    os.chmod(path, 0o755)
    return path


def add_person(broker, number, login, *, secret=None, finger=False):
    """Somebody with a memorised secret or fingers, where they are needed."""
    broker.add_person(number, login)
    if secret:
        broker.must("pin.set", person=number, pins=[secret, secret])
    for side, print_name in zip(("right-index", "left-index"), FINGERS[number] if finger else ()):
        broker.enroll_finger(number, World.sensor(), side, print_name)


class Flow:
    """A host with hanako and taro, who have a card of the family each; the subclasses say the rest."""
    family = zone = require = None
    settings = {}
    kept_secret = False  # what is typed is the person's own, not the card's
    said = ("M01",)      # up to the proof of everything
    prompt = "X01"
    types = ()           # the right answers
    foreign = ("M07", "not-proven")  # a card of a kind that nobody here has
    stranger = ("M07", "not-proven")
    apdus = closing = 0  # `closing` of them follow the answer
    calls = 0            # alternates the language

    @classmethod
    def setUpClass(cls):
        name = cls.__name__
        cls.asks_finger = "finger" in cls.require
        cls.broker = host(cls.zone, cls.require, name, **cls.settings)
        cls.hanako, cls.taro = (cls.family.make(f"{name}-{who}") for who in ("hanako", "taro"))
        cls.tries = cls.hanako.tries()
        for number, login, card in ((MINE, "hanako", cls.hanako), (THEIRS, "taro", cls.taro)):
            add_person(cls.broker, number, login, secret=SECRET if cls.kept_secret else None, finger=cls.asks_finger)
            cls.family.enrol(cls.broker, number, card)
        cls.module = pamrig.Module(cls.broker)

    @classmethod
    def tearDownClass(cls):
        for card in (cls.hanako, cls.taro):
            card.end()
        cls.broker.check_clean()
        shutil.rmtree(cls.broker.directory)

    def setUp(self):
        self.cards = [self.hanako, self.taro]

    def tearDown(self):
        self.calm()
        for card in self.cards[2:]:
            card.end()

    def calm(self):
        """Nothing in the reader, no memory of wrong secrets."""
        empty_readers(*self.cards)
        for number in (MINE, THEIRS):
            self.broker.must("lockout.clear", person=number)

    def settle(self):
        """After a card that was pulled in the middle of a command, see pcscns."""
        self.calm()
        World.pcsc.wait_card(0, False)

    def another(self, card):
        """One more card of this test."""
        self.cards.append(card)
        return card

    @contextlib.contextmanager
    def restarted(self, **settings):
        """The host with other settings for a while."""
        def again(values):
            self.broker.stop()
            self.broker.configure(self.zone, self.require, **{**self.broker.settings, **values})
            self.broker.start()
        again(settings)
        try:
            yield
        finally:
            again({})

    # --- what a person does ---

    def doing(self, card, **more):
        """The right things, `more` in their place."""
        return {self.said[0]: card.insert, "M02": self.press(), **more}

    def press(self, finger="f01", impression=10):
        """A finger on the sensor."""
        return lambda: World.sensor().press(finger, impression)

    def attempt(self, card=None, *, user="hanako", types=None, language=None, on=None, **more):
        """An attempt through the PAM module."""
        Flow.calls += 1
        language = language or ("ja", "en")[Flow.calls % 2]
        outcome = self.module.login(user, language, pins=self.types if types is None else types,
                                    on=on or self.doing(card or self.hanako, **more))
        outcome.language = language
        outcome.said = [message for message in outcome.said if message not in ASIDE]
        return outcome

    # --- what must come of it ---

    def event(self):
        """The newest login event."""
        return [event for event in self.broker.events(8) if event["kind"] == "login"][-1]

    def check_refusal(self, outcome, message, cause, *, result=Result.DENIED, said=None, proven=None, **values):
        """Outcome, PAM result, sentence and audit event."""
        self.assertEqual((outcome.result, outcome.message, outcome.code), (result, message, CODES[result]), outcome)
        self.assertEqual(outcome.shown[-1], ("error", catalogue.text(message, outcome.language, ext="123", **values)))
        event = self.event()
        self.assertEqual((event["result"], event["cause"]), ("denied", cause), event)
        if proven is not None:
            self.assertEqual(event.get("person"), MINE if proven else None, event)
        if said is not None:
            self.assertEqual(outcome.said, list(said))

    def refused(self, card, message, cause, *, expect=None, after=None, **more):
        """An attempt that ends like this."""
        outcome = self.attempt(card, **more)
        self.check_refusal(outcome, message, cause, **(expect or {}))
        (after or self.calm)()
        return outcome

    def check_grant(self, outcome, said=None):
        """Sentence and event of a login; the event."""
        self.assertEqual((outcome.result, outcome.code, outcome.user), (Result.GRANTED, "PAM_SUCCESS", "hanako"), outcome)
        self.assertEqual(outcome.said[:-1], list(self.said if said is None else said))
        greeting = catalogue.text(outcome.message, outcome.language, name=f"Name of {MINE}", place="test-01", time="@")
        self.assertRegex(outcome.last, re.escape(greeting).replace("@", ".+"))
        event = self.event()
        self.assertEqual((event["result"], event["person"]), ("granted", MINE))
        return event

    def granted(self, card=None, *, said=None, **more):
        """An attempt that succeeds; its event."""
        event = self.check_grant(self.attempt(card, **more), said)
        self.calm()
        return event


def main(usage, entries=1, setup=None):
    """Runs the tests of the program that calls this, inside of namespaces of their own."""
    if len(sys.argv) < 2:
        sys.exit(usage)
    pcscns.enter()
    World.build, World.entries = os.path.abspath(sys.argv.pop(1)), entries
    if setup is not None:
        setup()
    World.begin()
    program = unittest.main(exit=False)
    World.end()
    sys.exit(not program.result.wasSuccessful())
