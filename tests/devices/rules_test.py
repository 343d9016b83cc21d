# SPDX-License-Identifier: Apache-2.0
"""Before the enrolled card is proven every refusal looks alike, and nobody can lock out a colleague.

    rules_test.py BUILD_DIR"""
import random
import statistics
import sys
import time
import unittest

import brokerrig
import pcscns
import samples
import storerig
from brokerrig import Result

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
PIN, WRONG = "123456", "654321"
RUNS = 200
ALPHA = 0.001
TARGETS = ("active", "unknown", "stopped", "locked", "without-card")


class World:
    """What all tests have in common."""
    pcsc = sensor = None


def setUpModule():  # pylint: disable=invalid-name
    World.pcsc = pcscns.Pcsc()
    World.pcsc.start()
    World.sensor = brokerrig.Sensor(BUILD)


def tearDownModule():  # pylint: disable=invalid-name
    """All of it ends."""
    World.sensor.end()
    World.pcsc.stop()


def new_card(name, **options):
    """A card for the reader in slot 0."""
    return pcscns.VirtualCard(BUILD, slot=0, name=name, pin=PIN, **options)


class Samples(unittest.TestCase):
    """The tests that judge the times can tell what differs from what does not."""

    def test_power_and_level(self):
        draw = random.Random(5)
        for test in (samples.mann_whitney, samples.kolmogorov_smirnov):
            alike = [test([draw.expovariate(1) for _ in range(RUNS)], [draw.expovariate(1) for _ in range(RUNS)])
                     for _ in range(200)]
            self.assertLess(sum(p < 0.05 for p in alike), 25)
            other = test([draw.gauss(0, 1) for _ in range(RUNS)], [draw.gauss(0.6, 1) for _ in range(RUNS)])
            self.assertLess(other, ALPHA)


class Alike(unittest.TestCase):
    """Rule 5."""

    def setUp(self):
        self.cards = []

    def tearDown(self):
        for card in self.cards:
            card.end()
        pcscns.wait_until(lambda: not World.pcsc.has_card(0), what="an empty reader")

    def host(self, zone, require, cards="", **options):
        """A host with a person of each kind; their cards have names of this beginning, and these options."""
        broker = brokerrig.Broker(BUILD, zone, require, name=self.id().rsplit(".", 1)[1] + cards, card_wait="2",
                                  throttle_after="100", throttle_delay="0")
        broker.init()
        broker.start()
        for n, name in enumerate(("active", "stopped", "locked", "other")):
            card = new_card(cards + name, **options)
            broker.add_person(str(n), name)
            broker.enroll_card(str(n), card, World.pcsc, PIN)
            card.end(forget=False)
        broker.add_person("8", "without-card")
        broker.must("card.stop", person="stopped")
        broker.stop()
        storerig.lock(broker, "2")
        broker.start()
        return broker

    def present(self, name):
        """Puts a card down, to stay."""
        card = new_card(name)
        self.cards.append(card)
        card.ask("log on")
        card.insert()
        World.pcsc.wait_card(0)
        return card

    def card_sees(self, broker, card, target, pins):
        """What a card that takes notes learns: its commands without the challenge."""
        before = len(card.log())
        broker.login(user=target).finish(pins=pins)
        return [command[:8] + f"+{len(command)}" for command, _ in card.log()[before:]]

    def run_all(self, broker, targets, runs, pins):
        """{target: [seconds]}, the targets taken in turn in any order."""
        times = {target: [] for target in targets}
        for _ in range(runs):
            for target in random.sample(targets, len(targets)):
                login = broker.login(user=target)
                login.finish(pins=pins)
                self.assertEqual((login.result, login.said), (Result.DENIED, ["M01"] + ["X01"] * len(pins) + ["M07"]),
                                 target)
                self.assertEqual(login.arguments["M07"], {"ext": "123"})
                self.assertEqual(set(login.fields), set(self.fields), target)
                times[target].append(login.took)
        return times

    fields = (brokerrig.AuthField.NONCE, brokerrig.AuthField.LANG, brokerrig.AuthField.MSG,
              brokerrig.AuthField.ARGS, brokerrig.AuthField.RESULT)

    def apart(self, label, times):
        """Targets whose times can be told from those of an active person."""
        found = []
        base = times["active"]
        for target, other in times.items():
            if target == "active":
                continue
            rank, shape = samples.mann_whitney(base, other), samples.kolmogorov_smirnov(base, other)
            print(f"{label}: active {1000 * statistics.median(base):.2f} ms, {target} "
                  f"{1000 * statistics.median(other):.2f} ms (medians of {len(other)}): "
                  f"p = {rank:.3f} (ranks), {shape:.3f} (shape)", flush=True)
            if min(rank, shape) < ALPHA:
                found.append(target)
        return found

    def alike(self, label, broker, card, pins):
        """The card sees the same; 200 runs a target; what stands out is run once more, with as many."""
        seen = {target: self.card_sees(broker, card, target, pins) for target in TARGETS}
        self.assertEqual({target: seen["active"] for target in TARGETS}, seen)
        found = self.apart(label, self.run_all(broker, TARGETS, RUNS, pins))
        if found:
            again = self.apart(f"{label}, again", self.run_all(broker, ("active", *found), RUNS, pins))
            self.assertEqual(again, [], "told apart by time twice")

    def test_somebody_elses_card(self):
        broker = self.host("internet", "card")
        self.alike("somebody else's card", broker, self.present("other"), ())
        broker.check_clean()

    def test_strangers_card_and_pin(self):
        broker = self.host("lgwan", "card pin")
        card = self.present("stranger")
        self.alike("a stranger's card", broker, card, (PIN,))
        self.assertEqual(card.tries(), 3)
        broker.check_clean()

    def test_with_a_sensor(self):
        """Where a finger is needed, too, the sensor tells nothing either."""
        broker = self.host("individual-number", "card finger")
        card = self.present("other")
        seen = {target: self.card_sees(broker, card, target, ()) for target in TARGETS}
        self.assertEqual({target: seen["active"] for target in TARGETS}, seen)
        self.run_all(broker, TARGETS, 3, ())
        broker.check_clean()

    def test_whatever_kind_of_card_the_city_has(self):
        """The names that nobody has are asked as most people are, from the first enrolment on and after a restart."""
        for alg in ("rsa2048", "p384", "none"):
            with self.subTest(alg):
                broker = self.host("internet", "card", cards=alg, alg_9e=alg)
                card = self.present(f"{alg}other")
                for _ in range(2):
                    seen = {target: self.card_sees(broker, card, target, ()) for target in TARGETS}
                    self.assertGreaterEqual(len(seen["active"]), 2)
                    self.assertEqual({target: seen["active"] for target in TARGETS}, seen)
                    self.assertEqual(broker.stop(), 0)
                    broker.start()
                broker.check_clean()
                card.remove()
                World.pcsc.wait_card(0, False)

    def test_no_card_at_all(self):
        """A typed name alone never gives more than that nothing was placed."""
        broker = self.host("internet", "card")
        for target in TARGETS:
            login = broker.login(user=target)
            login.finish()
            self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "X06"]), target)
        broker.check_clean()

    def test_proven_card_gets_the_exact_sentence(self):
        """After the proof there is nothing to hide from the card's person."""
        broker = self.host("internet", "card")
        for name, result, message, arguments in (("stopped", Result.DENIED, "M08", {"ext": "123"}),
                                                 ("locked", Result.LOCKED, "M13", {"ext": "123", "minutes": "10"})):
            card = self.present(name)
            login = broker.login(user=name)
            login.finish()
            self.assertEqual((login.result, login.said, login.arguments[message]), (result, ["M01", message], arguments))
            self.assertEqual(broker.events(1)[0]["cause"], name)
            card.remove()
            World.pcsc.wait_card(0, False)
        broker.check_clean()


class Terminal:
    """A host with Hanako and Taro, and a stranger."""

    def setUp(self):
        self.cards = {name: new_card(f"{name}-6") for name in ("hanako", "taro", "stranger")}
        self.broker = brokerrig.Broker(BUILD, name=self.id().rsplit(".", 1)[1])

    def tearDown(self):
        self.broker.check_clean()
        for card in self.cards.values():
            card.end()
        pcscns.wait_until(lambda: not World.pcsc.has_card(0), what="an empty reader")

    def begin(self, zone, require, **settings):
        """A host with Hanako and Taro."""
        self.settings = {"card_wait": "3", "throttle_after": "100", **settings}
        self.broker.configure(zone, require, **self.settings)
        self.broker.init()
        self.broker.start()
        for number, name, fingers in (("1", "hanako", ("f01", "f02")), ("2", "taro", ("f03", "f04"))):
            self.broker.add_person(number, name)
            self.broker.enroll_card(number, self.cards[name], World.pcsc, PIN)
            for side, finger in zip(("right-index", "left-index"), fingers if "finger" in require else ()):
                self.broker.enroll_finger(number, World.sensor, side, finger)

    def lockouts(self):
        """{number: (failures, until)}."""
        return {row["number"]: (int(row["failures"]), row["until"]) for row in self.broker.must("lockout.show").rows}

    def put(self, name):
        """The only card in the reader from now on."""
        for other, card in self.cards.items():
            if other != name:
                card.remove()
        pcscns.wait_until(lambda: not World.pcsc.has_card(0), what="an empty reader")
        self.cards[name].insert()
        World.pcsc.wait_card(0)

    def attempt(self, user="hanako", fingers=(), pins=()):
        """One attempt with the given presses."""
        login = self.broker.login(user=user)
        presses = iter(fingers)

        def press():
            World.sensor.press(*next(presses))
        login.finish(pins=pins, on={"M02": press, "M05": press})
        return login

    @staticmethod
    def wrong(count, first=1):
        """Presses of a finger that is nobody's."""
        return [("f05", n) for n in range(first, first + count)]


class Lockout(Terminal, unittest.TestCase):
    """Rule 6."""

    def test_a_stranger_locks_nobody(self):
        self.begin("individual-number", "card finger")
        names = ["hanako", "taro", "root", "nobody-at-all", "-x", "hanako ", "HANAKO", "1", "%n%s", "ハナコ"]
        for presenter in ("stranger", "taro"):
            self.put(presenter)
            for name in [n for n in names if (presenter, n) != ("taro", "taro")] * 2:
                login = self.attempt(user=name)
                self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "M07"]), name)
        self.assertEqual(self.lockouts(), {})
        self.put("hanako")
        login = self.attempt(fingers=[("f01", 10)])
        self.assertEqual(login.result, Result.GRANTED)
        self.assertNotIn("M17", login.said)

    def test_a_stranger_spends_no_pin(self):
        """Nor does somebody at Hanako's terminal with her name and a junk card."""
        self.begin("lgwan", "card pin")
        self.put("stranger")
        for _ in range(10):
            self.assertEqual(self.attempt(pins=(WRONG,)).said, ["M01", "X01", "M07"])
        self.assertEqual((self.cards["stranger"].tries(), self.cards["hanako"].tries()), (3, 3))
        self.assertEqual(self.lockouts(), {})
        self.put("hanako")
        self.assertEqual(self.attempt(pins=(PIN,)).result, Result.GRANTED)

    def test_five_wrong_fingers_lock(self):
        self.begin("individual-number", "card finger", lock_time="3", finger_tries="3")
        self.put("hanako")
        self.assertEqual(self.attempt(fingers=self.wrong(3)).said, ["M01", "M02", "M05", "M05", "X32"])
        self.assertEqual(self.lockouts()["1"][0], 3)
        login = self.attempt(fingers=self.wrong(2, 4))
        self.assertEqual((login.result, login.said), (Result.LOCKED, ["M01", "M02", "M05", "M13"]))
        locked_at = time.monotonic()
        events = self.broker.events(6)
        self.assertEqual([e.get("locked") for e in events if e["kind"] == "finger-miss"][-2:], ["no", "yes"])
        login = self.attempt(fingers=[("f01", 10)])
        self.assertEqual((login.result, login.said), (Result.LOCKED, ["M01", "M13"]), "the right finger must wait")
        self.put("taro")
        self.assertEqual(self.attempt("taro", fingers=[("f03", 10)]).result, Result.GRANTED, "others are not concerned")
        self.put("hanako")
        time.sleep(max(0.0, locked_at + 4.1 - time.monotonic()))
        login = self.attempt(fingers=[("f01", 10)])
        self.assertEqual((login.result, login.said[:3]), (Result.GRANTED, ["M01", "M02", "M17"]))
        self.assertEqual(login.arguments["M17"], {"ext": "123", "count": "5"})
        self.assertEqual(self.lockouts(), {})

    def test_ten_minutes_and_the_operator(self):
        """The default; an operator's clearing, which is recorded, helps at once."""
        self.begin("individual-number", "card finger", finger_tries="5")
        self.put("hanako")
        before = time.time()
        login = self.attempt(fingers=self.wrong(5))
        self.assertEqual((login.result, login.arguments["M13"]["minutes"]), (Result.LOCKED, "10"))
        failures, until = self.lockouts()["1"]
        wait = brokerrig.seconds(until) - before
        self.assertEqual(failures, 5)
        self.assertTrue(598 <= wait <= 610, wait)
        self.broker.must("lockout.clear", person="hanako")
        event = self.broker.events(1)[0]
        self.assertEqual((event["kind"], event["person"], event["operator"]), ("lockout-cleared", "1", "root"))
        self.assertEqual(self.attempt(fingers=[("f01", 10)]).result, Result.GRANTED)

    def test_only_the_operator(self):
        self.begin("individual-number", "card finger", lock_admin_only="yes", lock_after="2", lock_time="1")
        self.put("hanako")
        self.assertEqual(self.attempt(fingers=self.wrong(2)).result, Result.LOCKED)
        self.assertEqual(self.lockouts()["1"], (2, "operator"))
        time.sleep(1.5)
        self.assertEqual(self.attempt(fingers=[("f01", 10)]).said, ["M01", "M13"])
        self.broker.must("lockout.clear", person="1")
        self.assertEqual(self.attempt(fingers=[("f01", 10)]).result, Result.GRANTED)

    def test_counters_survive(self):
        """Each is on disk before the person hears of it; only a complete success forgets them."""
        self.begin("individual-number", "card finger", lock_after="4", finger_tries="2")
        self.put("hanako")
        for count in (1, 2, 3):
            login = self.broker.login(user="hanako")
            login.until("M02")
            World.sensor.press("f05", count)
            self.assertEqual(login.step(), ("INFO", "M05"))
            self.broker.kill()
            login.hang_up()
            self.broker.start()
            self.assertEqual(self.lockouts()["1"][0], count)
        login = self.broker.login(user="hanako")
        login.until("M02")
        login.hang_up()
        self.assertEqual(self.lockouts()["1"][0], 3, "a proven card alone forgets nothing")
        World.sensor.forget_socket()
        self.assertEqual(self.attempt(fingers=self.wrong(1, 4)).result, Result.LOCKED)
        self.broker.kill()
        self.broker.start()
        self.assertEqual(self.attempt(fingers=[("f01", 10)]).said, ["M01", "M13"], "locked after a restart, too")

    def test_the_last_pin_try_is_nobodys(self):
        """Also where somebody else spent the others."""
        self.begin("lgwan", "card pin")
        self.put("hanako")
        self.assertEqual(self.attempt(pins=(WRONG, WRONG, WRONG)).said, ["M01", "X01", "X02", "X71", "X01", "X03"])
        for pin in (WRONG, PIN):
            for _ in range(3):
                self.assertEqual(self.attempt(pins=(pin,) * 3).said, ["M01", "X01", "X03"])
        self.assertEqual(self.cards["hanako"].tries(), 1)
        self.assertEqual(self.lockouts(), {})

    def test_a_right_pin_restores_the_tries(self):
        self.begin("lgwan", "card pin")
        self.put("hanako")
        login = self.attempt(pins=(WRONG, PIN))
        self.assertEqual((login.result, login.said[:-1]), (Result.GRANTED, ["M01", "X01", "X02", "X71", "X01"]))
        self.assertEqual(self.cards["hanako"].tries(), 3)


class Throttle(Terminal, unittest.TestCase):
    """The terminal slows down, not the person."""

    def took(self, user="hanako", **values):
        login = self.attempt(user, **values)
        return login, login.took

    def test_grows_and_decays(self):
        self.begin("internet", "card", throttle_after="3", throttle_delay="2")
        self.put("stranger")
        for _ in range(3):
            self.assertLess(self.took()[1], 0.7)
        for least in (1, 2, 2):
            login, seconds = self.took()
            self.assertEqual(login.said, ["M01", "M07"])
            self.assertTrue(least - 0.1 <= seconds < least + 0.8, seconds)
        time.sleep(1.2)
        self.assertTrue(0.6 <= self.took()[1] < 1.4, "time that passed counts")
        time.sleep(2.2)
        self.assertLess(self.took()[1], 0.7, "nobody waits after the delay has passed")
        self.put("hanako")
        login, seconds = self.took()
        self.assertEqual(login.result, Result.GRANTED)
        self.put("stranger")
        for _ in range(3):
            self.assertLess(self.took()[1], 0.7, "a proven card ends it")

    def test_one_who_waits_can_leave(self):
        """A throttled attempt holds no device and ends with its client."""
        self.begin("internet", "card", throttle_after="1", throttle_delay="60")
        self.put("stranger")
        for _ in range(3):
            self.attempt()
        login = self.broker.login(user="hanako")
        login.hang_up()
        pcscns.wait_until(lambda: self.broker.events(1)[0]["cause"] == "abandoned", what="the end of the attempt")
        self.assertIn(("reader", "yes"), [(r["kind"], r.get("card")) for r in self.broker.must("devices").rows])


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
