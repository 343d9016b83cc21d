# SPDX-License-Identifier: Apache-2.0
"""What every family and flow of familyrig must do at the broker: mix-ins for a Flow."""
import catalogue
from brokerrig import Result
from familyrig import Felica, MINE, Piv, SECRET, WRONG_SECRET, take, verifies


class Cells:
    """What is alike in all families."""

    def test_right(self):
        for language in ("ja", "en"):
            event = self.granted(language=language)
            self.assertEqual(set(event["factors"].split()), set(self.require.split()) | self.more_factors())
            self.assertEqual(int(event["apdus"]), self.apdus)
            self.assertEqual(self.hanako.tries(), self.tries)

    def more_factors(self):
        """That the family proves without being asked to."""
        return set()

    def test_the_card_names_the_person(self):
        self.granted(user=None)
        self.refused(self.taro, *self.stranger, expect={"proven": False})

    def test_somebody_elses_card(self):
        outcome = self.refused(self.taro, *self.stranger, expect={"proven": False})
        for user in ("nobody-at-all", "hanako"):
            again = self.refused(self.taro, *self.stranger, expect={"proven": False, "said": outcome.said}, user=user)
            self.assertEqual(again.asked, outcome.asked)
        self.assertEqual(self.taro.tries(), self.tries)
        self.assertEqual(self.broker.must("lockout.show").rows, [])

    def test_copied_public_data(self):
        """T-04: whose name and number a card has does not matter."""
        copy = self.another(self.family.copy(self.hanako, f"{type(self).__name__}-copy"))
        for user in ("hanako", None):
            self.refused(copy, *self.stranger, expect={"proven": False}, user=user)
        self.assertEqual(self.broker.must("lockout.show").rows, [])

    def test_replayed_answer(self):
        """T-18: what was right a moment ago is not right any more."""
        self.hanako.ask("rogue replay")
        self.check_grant(self.attempt())
        take(self.hanako)
        self.check_refusal(self.attempt(), *self.stranger, proven=False)

    def test_foreign_card(self):
        """Of a kind that nobody here has."""
        other = Piv() if self.family.name != "piv" else Felica()
        card = self.another(other.make(f"{type(self).__name__}-foreign"))
        self.refused(card, *self.foreign, expect={"proven": False})
        self.assertEqual(verifies(card), 0, "a PIN went to a card of another kind")

    def test_pulled_at_each_command(self):
        """Whenever it goes: denied, said, written down, and no try of the PIN is gone."""
        for nth in range(1, self.apdus - self.closing + 1):
            with self.subTest(nth=nth):
                self.hanako.ask(f"fault {nth} drop")
                self.refused(self.hanako, "X07", "card-removed", expect={"proven": False}, after=self.settle)
                self.assertEqual(self.hanako.tries(), self.tries)
        self.granted()

    def test_nothing_is_typed(self):
        """T-07: an application without an answer gets nowhere, and no PIN goes anywhere."""
        for answer in ("NULL", "EMPTY", "CONV_ERR", "x" * 511) if self.types else ():
            with self.subTest(answer=answer[:8]):
                outcome = self.attempt(types=(answer,) * 3)
                self.assertNotEqual(outcome.code, "PAM_SUCCESS")
                self.assertEqual((self.event()["result"], verifies(self.hanako)), ("denied", 0))
                self.calm()
                self.assertEqual(self.hanako.tries(), self.tries)

    def test_fingers(self):
        """A wrong one, none, and a card that goes while it is awaited."""
        if not self.asks_finger:
            return
        wrong = [self.press("f03", n) for n in (8, 9)]
        said = [*self.said, "M05", "M05", "X32"]
        self.refused(self.hanako, "X32", "finger-wrong", expect={"proven": True, "said": said},
                     M02=self.press("f03", 10), M05=wrong)
        self.refused(self.hanako, "X07", "card-removed", expect={"proven": True, "said": [*self.said, "X07"]},
                     M02=self.hanako.remove)
        with self.restarted(finger_wait="1"):
            self.refused(self.hanako, "X06", "no-finger", expect={"proven": True}, M02=lambda: None)


class Memorised:
    """Cells of flows with a secret that the person remembers."""
    kept_secret = True
    types = (SECRET,)

    def retried(self, *more):
        """What is said when the first secret is wrong."""
        return [*self.said, "X62", "X61", *more]

    def test_wrong_secrets(self):
        outcome = self.refused(self.hanako, "X39", "secret-wrong", expect={"proven": True}, types=(WRONG_SECRET,) * 3)
        self.assertEqual(outcome.said, [*self.retried(), "X62", "X61", "X39"])
        told = [text for _, text in outcome.shown if text in
                [catalogue.text("X62", outcome.language, tries=n) for n in (2, 1)]]
        self.assertEqual(len(told), 2, outcome.shown)
        self.granted(types=(WRONG_SECRET, SECRET), said=self.retried())

    def test_wrong_secrets_lock(self):
        """Five of them; then the right one helps no more."""
        self.check_refusal(self.attempt(types=(WRONG_SECRET,) * 3), "X39", "secret-wrong", proven=True)
        take(self.hanako)
        locked = {"result": Result.LOCKED, "proven": True, "minutes": 10}
        self.check_refusal(self.attempt(types=(WRONG_SECRET,) * 3), "M13", "locked", **locked)
        take(self.hanako)
        self.refused(self.hanako, "M13", "locked", expect=locked)
        self.granted()

    def test_without_a_secret(self):
        self.broker.must("pin.remove", person=MINE)
        self.refused(self.hanako, "X09", "factor-missing", expect={"proven": True})
        self.broker.must("pin.set", person=MINE, pins=[SECRET, SECRET])
        self.granted()

    def test_presence(self):
        """The card goes while the secret is typed a second time."""
        pull = {"types": (WRONG_SECRET, SECRET),
                "X61": [lambda: None] * self.said.count("X61") + [lambda: take(self.hanako)]}
        self.refused(self.hanako, "X07", "card-removed", expect={"proven": True}, **pull)
        with self.restarted(presence="tap"):
            self.granted(said=self.retried(), **pull)
