#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Rules 5 and 6 with FeliCa and My Number cards: before the enrolled card is proven every refusal looks alike, no try of a
PIN is spent on cards that are known to be others, and nobody locks out a colleague.

Usage: families_rules_test.py BUILD_DIR [TEST...]"""
import random
import statistics
import unittest

import familyrig
import samples
import storerig
from brokerrig import AuthField, Result
from familyrig import PIN, SECRET, WRONG_SECRET, Felica, Jpki, Piv, place, take, verifies

RUNS = 150
ALPHA = 0.001
TARGETS = ("active", "unknown", "stopped", "locked", "without-card")
FIELDS = {AuthField.NONCE, AuthField.LANG, AuthField.MSG, AuthField.ARGS, AuthField.RESULT}


class Host(unittest.TestCase):
    """A host with a person of each kind, who have cards of one family."""

    def setUp(self):
        self.cards = {}
        self.broker = None

    def tearDown(self):
        familyrig.empty_readers(*self.cards.values())
        for card in self.cards.values():
            card.end()
        self.broker.check_clean()

    def host(self, family, require="card", secret=None, people=("active", "stopped", "locked", "other")):
        """The people's cards by their names, and a stranger's."""
        name = "-".join(self.id().split(".")[-2:])
        self.broker = familyrig.host("internet", require, name)
        for n, who in enumerate(people):
            familyrig.add_person(self.broker, str(n), who, secret=secret)
            self.cards[who] = family.make(f"{name}-{who}")
            family.enrol(self.broker, str(n), self.cards[who])
        self.broker.add_person("8", "without-card")
        self.broker.must("card.stop", person="stopped")
        self.broker.stop()
        storerig.lock(self.broker, "2")
        self.broker.start()

    def attempt(self, user, types=()):
        login = self.broker.login(user=user)
        login.finish(pins=list(types))
        return login


class Alike(Host):
    """Rule 5."""

    def sees(self, card, target, types):
        """What a card that takes notes learns: its commands without what is fresh in them."""
        before = len(card.log())
        self.attempt(target, types)
        return [command[:10] + f"+{len(command)}" for command, _ in card.log()[before:]]

    def run_all(self, targets, types, said):
        """{target: [seconds]}, the targets taken in turn in any order."""
        times = {target: [] for target in targets}
        for _ in range(RUNS):
            for target in random.sample(targets, len(targets)):
                login = self.attempt(target, types)
                self.assertEqual((login.result, login.said), (Result.DENIED, said), target)
                self.assertEqual((login.arguments[said[-1]], set(login.fields)), ({"ext": "123"}, FIELDS), target)
                times[target].append(login.took)
        return times

    @staticmethod
    def apart(label, times):
        """Targets whose times can be told from those of an active person."""
        found = []
        for target, other in times.items():
            p = min(samples.mann_whitney(times["active"], other), samples.kolmogorov_smirnov(times["active"], other))
            print(f"{label}: {target} {1000 * statistics.median(other):.2f} ms (median of {len(other)}), p = {p:.3f}", flush=True)
            if target != "active" and p < ALPHA:
                found.append(target)
        return found

    def alike(self, label, card, said, types=()):
        """The card sees the same, the person hears the same, after the same time; what stands out is run again."""
        place(card)
        seen = {target: self.sees(card, target, types) for target in TARGETS}
        self.assertEqual({target: seen["active"] for target in TARGETS}, seen)
        self.assertGreater(len(seen["active"]), 1)
        found = self.apart(label, self.run_all(TARGETS, types, said))
        if found:
            again = self.apart(f"{label}, again", self.run_all(("active", *found), types, said))
            self.assertEqual(again, [], "told apart by time twice")
        take(card)

    def test_somebody_elses_felica(self):
        self.host(Felica())
        self.alike("FeliCa", self.cards["other"], ["M01", "M07"])

    def test_somebody_elses_my_number_card(self):
        """With its PIN, which its holder knows."""
        self.host(Jpki())
        self.alike("My Number card", self.cards["other"], ["M01", "X01", "X38"], (PIN,))
        self.assertEqual(self.cards["other"].tries(), 3)

    def test_its_wrong_pin(self):
        """Its holder is told what the card says, whoever was asked for."""
        self.host(Jpki())
        for require in ("card", "card pin"):
            self.broker.stop()
            self.broker.configure("internet", require, **self.broker.settings)
            self.broker.start()
            place(self.cards["other"])
            for target in TARGETS:
                login = self.attempt(target, ("9999", PIN))
                self.assertEqual(login.said, ["M01", "X01", "X02", "X71", "X01", "X38"], target)
            take(self.cards["other"])

    def exact_sentences(self, family, types=()):
        """There is nothing to hide from the card's person."""
        self.host(family)
        for who, result, message in (("stopped", Result.DENIED, "M08"), ("locked", Result.LOCKED, "M13")):
            place(self.cards[who])
            login = self.attempt(who, types)
            self.assertEqual((login.result, login.said[-1]), (result, message))
            self.assertEqual(self.broker.events(1)[0]["cause"], who)
            take(self.cards[who])

    def test_a_proven_felica_gets_the_exact_sentence(self):
        self.exact_sentences(Felica())

    def test_a_proven_my_number_card_gets_the_exact_sentence(self):
        self.exact_sentences(Jpki(), (PIN,))
        self.assertEqual(self.cards["stopped"].tries(), 3)


class Tries(Host):
    """Rule 6."""

    def test_nobody_locks_a_colleague(self):
        """A memorised secret is not even looked at before the card is proven."""
        self.host(Felica(), "card pin", SECRET, ("active", "stopped", "locked", "other"))
        self.broker.must("lockout.clear", person="locked")
        self.cards["stranger"] = Felica().make("stranger")
        for presenter in ("other", "stranger"):
            place(self.cards[presenter])
            for user in ("active", "nobody-at-all", "without-card"):
                for typed in (WRONG_SECRET, SECRET):
                    for _ in range(4):
                        login = self.attempt(user, (typed,))
                        self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "X01", "M07"]), user)
            take(self.cards[presenter])
        self.assertEqual(self.broker.must("lockout.show").rows, [])
        place(self.cards["active"])
        login = self.attempt("active", (SECRET,))
        self.assertEqual(login.result, Result.GRANTED)
        self.assertNotIn("M17", login.said)

    def test_other_peoples_secrets_are_theirs(self):
        """Her card and his secret, of which each wrong one is hers to answer for."""
        self.host(Felica(), "card pin", None, ("active", "stopped", "locked", "other"))
        for number, secret in (("0", SECRET), ("3", WRONG_SECRET)):
            self.broker.must("pin.set", person=number, pins=[secret, secret])
        place(self.cards["active"])
        self.assertEqual(self.attempt("active", (WRONG_SECRET,)).said, ["M01", "X01", "X62", "X61", "X06"])
        rows = {row["number"]: row["failures"] for row in self.broker.must("lockout.show").rows}
        self.assertEqual(rows.get("0"), "1")
        self.assertNotIn("3", rows)

    def test_a_secret_is_no_pin(self):
        """What is typed for a card without a PIN goes to no card that has one."""
        self.host(Felica(), "card pin", "24681357")
        others = {"my number": Jpki().make("tries-jpki"), "piv": Piv().make("tries-piv"),
                  "piv without 9E": Piv().make("tries-piv2", alg_9e="none")}
        self.cards.update(others)
        self.broker.add_person("9", "jpki")
        Jpki().enrol(self.broker, "9", others["my number"])
        for name, card in others.items():
            place(card)
            for user in ("active", "nobody-at-all"):
                login = self.attempt(user, ("24681357",))
                self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "X01", "M07"]), name)
            self.assertEqual((card.tries(), verifies(card)), (3, 0), name)
            take(card)


if __name__ == "__main__":
    familyrig.main(__doc__)
