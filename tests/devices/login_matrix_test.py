# SPDX-License-Identifier: Apache-2.0
"""Every zone against everything that can happen at a terminal: outcome, PAM code, sentence in both
languages, audit event and PIN tries, through the real module, broker, workers, pcscd and libfprint.

    login_matrix_test.py BUILD_DIR"""
import os
import re
import shutil
import sys
import threading
import time
import unittest

import brokerrig
import catalogue
import pamrig
import pcscns
from brokerrig import Result

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
PIN, WRONG = "123456", "654321"
TRIES = 3
CARD_WAIT = 2
CODES = {Result.GRANTED: "PAM_SUCCESS", Result.DENIED: "PAM_AUTH_ERR", Result.LOCKED: "PAM_MAXTRIES",
         Result.UNAVAILABLE: "PAM_AUTHINFO_UNAVAIL", Result.MISCONFIGURED: "PAM_SERVICE_ERR"}
WORKERS = ("toyama-card", "toyama-finger")


def setUpModule():  # pylint: disable=invalid-name
    """One pcscd, one sensor, and cards that share a reader: only one is in it at a time."""
    World.pcsc = pcscns.Pcsc()
    World.pcsc.start()
    World.sensor = brokerrig.Sensor(BUILD)
    World.hanako = World.card("hanako")
    World.taro = World.card("taro")
    World.clone = World.card("clone", clone_public=World.hanako.state)


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    for card in (World.hanako, World.taro, World.clone):
        card.end()
    World.sensor.end()
    World.pcsc.stop()


class World:
    """What the zones have in common."""
    pcsc = sensor = hanako = taro = clone = None

    @staticmethod
    def card(name, **options):
        """A card for the reader in slot 0 that writes down what it is told."""
        card = pcscns.VirtualCard(BUILD, slot=0, name=name, pin=PIN, **options)
        card.ask("log on")
        return card


def running_workers():
    """The names of workers that are alive."""
    names = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/status", encoding="utf-8") as file:
                status = file.read()
        except OSError:
            continue
        name = re.search(r"^Name:\s*(\S+)", status)[1]
        if name in WORKERS and not re.search(r"^State:\s*Z", status, re.M):
            names.append(name)
    return names


class Zone:
    """The cells; the subclasses say what their zone asks."""
    name = require = None
    asks_pin = asks_finger = False
    apdus = 0

    @classmethod
    def setUpClass(cls):
        cls.broker = brokerrig.Broker(BUILD, cls.name, cls.require, name=cls.name, card_wait=str(CARD_WAIT))
        cls.broker.init()
        cls.broker.start()
        for number, login, card, fingers in (("100", "hanako", World.hanako, ("f01", "f02")),
                                             ("200", "taro", World.taro, ("f03", "f04"))):
            cls.broker.add_person(number, login)
            cls.broker.enroll_card(number, card, World.pcsc, PIN)
            for side, finger in zip(("right-index", "left-index"), fingers if cls.asks_finger else ()):
                cls.broker.enroll_finger(number, World.sensor, side, finger)
        cls.module = pamrig.Module(cls.broker)

    @classmethod
    def tearDownClass(cls):
        cls.broker.check_clean()
        shutil.rmtree(cls.broker.directory)

    def setUp(self):
        self.cards = [World.hanako, World.taro, World.clone]
        self.helper = None

    def tearDown(self):
        if World.pcsc.process is None:
            World.pcsc.start()
        self.clear_reader()

    def calm(self):
        """No fault, no memory of wrong fingers."""
        for card in self.cards:
            card.ask("fault off")
            card.ask("slow 0 0 0")
        for number in ("100", "200"):
            self.broker.must("lockout.clear", person=number)

    def clear_reader(self):
        """And no card."""
        self.calm()
        for card in self.cards:
            card.remove()
        pcscns.wait_until(lambda: not World.pcsc.has_card(0), what="an empty reader")

    def settle(self):
        """After a card that was pulled in the middle of a command, see pcscns."""
        self.clear_reader()
        World.pcsc.wait_card(0, False)

    # --- what a person does ---

    def press(self, finger="f01", impression=10):
        """A finger on the sensor."""
        return lambda: World.sensor.press(finger, impression)

    def doing(self, card, **more):
        """The right things, `more` put in their place."""
        on = {"M01": card.insert, "M02": self.press()}
        on.update(more)
        return on

    # --- what must come of it ---

    def prompts(self, *more):
        """The message ids of an attempt that went so far as to ask for everything."""
        return ["M01"] + ["X01"] * self.asks_pin + list(more)

    def check_event(self, result, cause, proven):
        event = [e for e in self.broker.events(8) if e["kind"] == "login"][-1]
        self.assertEqual((event["result"], event["cause"]), (result, cause), event)
        self.assertEqual(event.get("person"), "100" if proven else None, event)
        return event

    def refused(self, on, result, message, cause, *, said=None, proven=False, tries=TRIES, card=None,
                pins=(PIN,), user="hanako", between=None, **values):
        """An attempt in each language that ends with `message`."""
        outcomes = []
        for language in ("ja", "en"):
            with self.subTest(zone=self.name, language=language):
                outcome = self.module.login(user, language, pins=pins if self.asks_pin else (), on=on)
                (between or self.calm)()
                self.assertEqual((outcome.result, outcome.message), (result, message), outcome)
                self.assertEqual(outcome.code, CODES[result], outcome)
                self.assertEqual(outcome.shown[-1], ("error", catalogue.text(message, language, ext="123",
                                                                             **values)))
                self.assertEqual(outcome.asked, outcome.said.count("X01"))
                if said is not None:
                    self.assertEqual(outcome.said, said)
                self.check_event("denied", cause, proven)
                self.assertEqual((card or World.hanako).tries(), tries)
                outcomes.append(outcome)
        return outcomes

    def granted(self, on, pins=(PIN,), user="hanako", languages=("ja", "en")):
        """An attempt in each language that succeeds."""
        for language in languages:
            with self.subTest(zone=self.name, language=language):
                outcome = self.module.login(user, language, pins=pins if self.asks_pin else (), on=on)
                self.assertEqual((outcome.result, outcome.code), (Result.GRANTED, "PAM_SUCCESS"), outcome)
                self.assertEqual(outcome.user, "hanako")
                self.assertRegex(outcome.message, "^M16[de]?n?$")
                self.assertEqual(outcome.shown[-1][0], "info")
                greeting = catalogue.text(outcome.message, language, name="Name of 100", place="test-01", time="@")
                self.assertRegex(outcome.last, re.escape(greeting).replace("@", ".+"))
                self.assertEqual(outcome.said[:-1], self.prompts() + ["M02"] * self.asks_finger)
                event = self.check_event("granted", "", True)
                self.assertEqual(event["factors"], self.require)
                self.assertEqual(int(event["apdus"]), self.apdus)
                self.assertEqual(World.hanako.tries(), TRIES)

    # --- the cells ---

    def test_right(self):
        self.granted(self.doing(World.hanako))

    def test_no_user_given(self):
        """The card names the person; who reads the identifier first has one APDU more."""
        self.apdus += 1
        self.granted(self.doing(World.hanako), user=None)

    def test_other_persons_card(self):
        self.refused(self.doing(World.taro), Result.DENIED, "M07", "not-proven", said=self.prompts("M07"),
                     card=World.taro)
        self.assertFalse(self.verified(World.taro), "a PIN went to somebody else's card")

    def test_copied_public_data(self):
        self.refused(self.doing(World.clone), Result.DENIED, "M07", "not-proven", said=self.prompts("M07"),
                     card=World.clone)
        self.assertFalse(self.verified(World.clone), "a PIN went to a copy")
        self.refused(self.doing(World.clone), Result.DENIED, "M07", "not-proven", said=self.prompts("M07"),
                     card=World.clone, user=None)

    @staticmethod
    def verified(card):
        """Whether the card saw VERIFY with a PIN since it was inserted."""
        return any(re.match("0020....08", command, re.I) for command, _ in card.log())

    def test_wrong_finger(self):
        World.sensor.forget_socket()
        if not self.asks_finger:
            self.granted(self.doing(World.hanako))
            self.assertFalse(os.path.exists(World.sensor.path), "a sensor was opened for nothing")
            return
        wrong = [self.press("f03", n) for n in (8, 9)]
        outcomes = self.refused(self.doing(World.hanako, M02=self.press("f03", 10), M05=wrong), Result.DENIED,
                                "X32", "finger-wrong", said=["M01", "M02", "M05", "M05", "X32"], proven=True)
        for outcome, language in zip(outcomes, ("ja", "en")):
            self.assertEqual([text for _, text in outcome.shown[2:4]],
                             [catalogue.text("M05", language, tries=n) for n in (2, 1)])
        self.assertEqual([e["kind"] for e in self.broker.events(6)].count("finger-miss"), 3)

    def test_second_finger_right(self):
        """One wrong finger, then the right one."""
        if not self.asks_finger:
            return
        outcome = self.module.login("hanako", on=self.doing(World.hanako, M02=self.press("f04"), M05=self.press("f02")))
        self.assertEqual(outcome.said[:-1], ["M01", "M02", "M05", "M17"])
        self.assertEqual(outcome.code, "PAM_SUCCESS")
        self.assertEqual(self.check_event("granted", "", True)["finger"], "7")

    def test_wrong_pin(self):
        if not self.asks_pin:
            outcome = self.module.login("hanako", pins=(WRONG,) * 3, on=self.doing(World.hanako))
            self.assertEqual((outcome.code, outcome.asked), ("PAM_SUCCESS", 0))
            self.assertEqual(World.hanako.tries(), TRIES)
            self.assertFalse(self.verified(World.hanako))
            return
        for turn in range(2):
            name = f"copy{turn}"
            pcscns.copy_state(World.hanako, name)
            card = World.card(name)
            self.cards.append(card)
            self.wrong_pins(card, ("ja", "en")[turn])
            card.end()
            self.cards.remove(card)

    def wrong_pins(self, card, language):
        """Down to the last try, which nobody spends: not a wrong PIN and not the right one."""
        outcome = self.module.login("hanako", language, pins=(WRONG,) * 3, on=self.doing(card))
        self.assertEqual(outcome.said, ["M01", "X01", "X02", "X71", "X01", "X03"])
        self.assertEqual(outcome.shown[2], ("info", catalogue.text("X02", language, tries=1)))
        self.check_last_try(outcome, card, language)
        for pin in (WRONG, PIN, PIN):
            outcome = self.module.login("hanako", language, pins=(pin,) * 3, on=self.doing(card))
            self.assertEqual(outcome.said, ["M01", "X01", "X03"])
            self.check_last_try(outcome, card, language)
        self.clear_reader()

    def check_last_try(self, outcome, card, language):
        self.assertEqual((outcome.result, outcome.code), (Result.DENIED, "PAM_AUTH_ERR"))
        self.assertEqual(outcome.last, catalogue.text("X03", language, ext="123"))
        self.check_event("denied", "pin-last-try", True)
        self.assertEqual(card.tries(), 1)

    def test_no_pin(self):
        """NULL or empty: nothing reaches the card, the application hears that nobody answered."""
        for answer in ("NULL", "EMPTY", "CONV_ERR") if self.asks_pin else ("NULL",):
            with self.subTest(answer=answer):
                outcome = self.module.login("hanako", pins=(answer,), on=self.doing(World.hanako))
                if not self.asks_pin:
                    self.assertEqual((outcome.code, outcome.asked), ("PAM_SUCCESS", 0))
                else:
                    self.assertEqual((outcome.code, outcome.result), ("PAM_CONV_ERR", None))
                    self.check_event("denied", "abandoned", False)
                    self.assertEqual(World.hanako.counts()[0], 0)
                self.assertEqual(World.hanako.tries(), TRIES)
                self.clear_reader()

    def test_no_card(self):
        for outcome in self.refused({}, Result.DENIED, "X06", "no-card", said=["M01", "X06"]):
            self.assertGreaterEqual(outcome.seconds, CARD_WAIT - 0.1)
            self.assertLess(outcome.seconds, CARD_WAIT + 3)

    def test_pulled_at_each_apdu(self):
        for nth in range(1, self.apdus + 1):
            with self.subTest(apdu=nth):
                def insert(nth=nth):
                    World.hanako.ask(f"fault {nth} drop")
                    World.hanako.insert()
                self.refused(self.doing(World.hanako, M01=insert), Result.DENIED, "X07", "card-removed",
                             proven=self.asks_pin and nth > 2, between=self.settle)

    def test_pulled_before_the_first_apdu(self):
        if self.asks_pin:
            self.refused(self.doing(World.hanako, X01=World.hanako.remove), Result.DENIED, "X07", "card-removed",
                         between=self.settle)
            self.assertEqual(World.hanako.counts()[0], 0)

    def test_pulled_behind_the_last_apdu(self):
        """Where a finger is awaited the card must stay; elsewhere it was read already."""
        if not self.asks_finger:
            World.hanako.ask(f"fault {self.apdus + 1} drop")
            self.granted(self.doing(World.hanako), languages=("ja",))
            return

        def pull_then_press():
            World.hanako.remove()
            time.sleep(0.2)
        self.refused(self.doing(World.hanako, M02=pull_then_press), Result.DENIED, "X07", "card-removed",
                     said=["M01", "M02", "X07"], proven=True, between=self.clear_reader)

    def test_swapped(self):
        """While the finger is awaited somebody else's card takes the place of the right one."""
        if not self.asks_finger:
            return

        def swap():
            World.hanako.remove()
            World.taro.insert()
        self.refused(self.doing(World.hanako, M02=swap), Result.DENIED, "X07", "card-removed", proven=True,
                     between=self.clear_reader)

    def test_no_finger(self):
        """finger_wait passes; where no finger is asked nothing waits."""
        if not self.asks_finger:
            return
        self.broker.stop()
        self.broker.configure(self.name, self.require, card_wait=str(CARD_WAIT), finger_wait="1")
        self.broker.start()
        try:
            self.refused(self.doing(World.hanako, M02=lambda: None), Result.DENIED, "X06", "no-finger",
                         said=["M01", "M02", "X06"], proven=True)
        finally:
            self.restart()

    def restart(self):
        """With the usual config."""
        self.broker.stop()
        self.broker.configure(self.name, self.require, card_wait=str(CARD_WAIT))
        self.broker.start()

    def test_sensor_gone_before(self):
        self.broker.stop()
        self.broker.configure(self.name, self.require, card_wait=str(CARD_WAIT), sensor_socket=None)
        self.broker.start()
        try:
            if self.asks_finger:
                self.refused(self.doing(World.hanako), Result.UNAVAILABLE, "M15", "no-sensor",
                             proven=True)
            else:
                self.granted(self.doing(World.hanako))
        finally:
            self.restart()

    def test_sensor_gone_while_capturing(self):
        if self.asks_finger:
            self.refused(self.doing(World.hanako, M02=lambda: World.sensor.ask("remove")), Result.UNAVAILABLE,
                         "M15", "no-sensor", said=["M01", "M02", "M15"], proven=True)
            self.refused(self.doing(World.hanako, M02=lambda: World.sensor.ask("error 0")), Result.UNAVAILABLE,
                         "X16", "sensor-fault", said=["M01", "M02", "X16"], proven=True)

    # --- services that die ---

    def while_the_card_works(self, action):
        """Inserts a slow card; `action` comes in the middle of its last command but one."""
        def act():
            pcscns.wait_until(lambda: World.hanako.counts()[0] == self.apdus - 1, step=0.02)
            time.sleep(0.2)
            action()

        def insert():
            World.hanako.ask("slow 700")
            World.hanako.insert()
            self.helper = threading.Thread(target=act, daemon=True)
            self.helper.start()
        return insert

    def after_pcscd(self):
        """pcscd comes back, and with it the terminal."""
        if self.helper is not None:
            self.helper.join()
        World.pcsc.start()
        self.clear_reader()

    def test_pcscd_killed_while_a_card_is_awaited(self):
        self.refused({"M01": World.pcsc.kill}, Result.UNAVAILABLE, "X10", "no-pcscd", said=["M01", "X10"],
                     between=self.after_pcscd)

    def test_pcscd_restarted_while_a_card_is_awaited(self):
        def restart():
            World.pcsc.kill()
            World.pcsc.start()
            World.hanako.insert()
        self.granted(self.doing(World.hanako, M01=restart))

    def test_pcscd_killed_while_the_card_works(self):
        insert = self.while_the_card_works(World.pcsc.kill)
        self.refused(self.doing(World.hanako, M01=insert), Result.UNAVAILABLE, "X10", "no-pcscd",
                     said=self.prompts("X10"), proven=self.asks_pin, between=self.after_pcscd)

    def test_pcscd_killed_while_the_finger_is_awaited(self):
        if self.asks_finger:
            self.refused(self.doing(World.hanako, M02=World.pcsc.kill), Result.UNAVAILABLE, "X10", "no-pcscd",
                         said=["M01", "M02", "X10"], proven=True, between=self.after_pcscd)

    def broker_killed_at(self, message, on):
        """The module refuses, no worker lives on, nothing is recorded, and the next login works."""
        for language in ("ja", "en"):
            with self.subTest(zone=self.name, at=message, language=language):
                before = self.broker.events(1)
                outcome = self.module.login("hanako", language, pins=(PIN,) if self.asks_pin else (), on=on)
                self.assertEqual((outcome.result, outcome.code), (None, "PAM_AUTHINFO_UNAVAIL"), outcome)
                self.assertEqual(outcome.shown[-1], ("error", catalogue.text("X05", language)))
                self.assertLess(outcome.seconds, 5 + self.apdus)
                if self.helper is not None:
                    self.helper.join()
                pcscns.wait_until(lambda: not running_workers(), 3, "the workers' end")
                self.broker.start()
                self.assertEqual(self.broker.events(1), before)
                self.broker.must("audit.verify")
                self.assertEqual(World.hanako.tries(), TRIES)
                self.settle()
        self.granted(self.doing(World.hanako), languages=("ja",))

    def test_broker_killed_while_a_card_is_awaited(self):
        self.broker_killed_at("M01", {"M01": self.broker.kill})

    def test_broker_killed_while_the_pin_is_typed(self):
        if self.asks_pin:
            self.broker_killed_at("X01", self.doing(World.hanako, X01=self.broker.kill))

    def test_broker_killed_while_the_card_works(self):
        insert = self.while_the_card_works(self.broker.kill)
        self.broker_killed_at("APDU", self.doing(World.hanako, M01=insert))

    def test_broker_killed_while_the_finger_is_awaited(self):
        if self.asks_finger:
            self.broker_killed_at("M02", self.doing(World.hanako, M02=self.broker.kill))


class IndividualNumber(Zone, unittest.TestCase):
    """Card and finger, nothing less."""
    name, require = "individual-number", "card finger"
    asks_finger = True
    apdus = 2


class Lgwan(Zone, unittest.TestCase):
    """Card and its PIN."""
    name, require = "lgwan", "card pin"
    asks_pin = True
    apdus = 5  # SELECT, 9E, tries left, VERIFY, 9A


class Internet(Zone, unittest.TestCase):
    """The card alone."""
    name, require = "internet", "card"
    apdus = 2


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
