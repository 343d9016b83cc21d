#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Her My Number card beside somebody else's cards, My Number cards among them: it opens in every order of the readers, and
no try of another one's PIN is spent.

Usage: jpki_foreign_test.py BUILD_DIR [TEST...]"""
import families_foreign_test
import familyrig
from brokerrig import Result
from familyrig import MINE, PIN, THEIRS, Felica, Jpki, Piv, spend_tries, verifies


class MyNumber(families_foreign_test.BesideOthers):
    """In one of two readers."""

    def test_my_number(self):
        self.both_orders(Jpki(), [(Felica(), THEIRS), (Piv(), THEIRS)], ["M01", "X01"], (PIN,))

    def test_my_number_pin_first(self):
        self.both_orders(Jpki(), [(Felica(), None), (Piv(), THEIRS)], ["M01", "X01"], (PIN,), "card pin")

    def test_my_number_beside_another_one(self):
        """Both say the same of themselves."""
        self.both_orders(Jpki("4321"), [(Jpki(), THEIRS), (Jpki(), None)], ["M01", "X01"], ("4321",))

    def test_my_number_beside_one_that_is_spent(self):
        """A stranger's card at its last try says nothing about hers."""
        self.host()
        mine = [self.card(Jpki(), slot, MINE) for slot in (0, 1)]
        others = [self.card(Jpki("4321"), slot) for slot in (0, 1)]
        for slot in (0, 1):
            spend_tries(others[slot], 2)
        for slot in (0, 1):
            self.put(mine[slot], others[1 - slot])
            self.assert_opens("M01", "X01", types=(PIN,))
            self.assertEqual(others[1 - slot].tries(), 1)

    def test_my_number_without_a_name(self):
        """The certificate says who it may be, then who gets the PIN."""
        self.host()
        mine, other = self.card(Jpki(), 1, MINE), self.card(Jpki("4321"), 0)
        self.put(mine, other)
        self.assert_opens("M01", "X01", types=(PIN,), user=None)
        self.assertEqual(other.tries(), 3)

    def test_my_number_of_two_strangers(self):
        """As for one alone: asked for the PIN, told that it is wrong or that the card is not registered."""
        for require in ("card", "card pin"):
            self.host(require)
            theirs, other = self.card(Jpki(), 0, THEIRS), self.card(Jpki("4321"), 1)
            for slot, pin in ((0, PIN), (1, "4321")):
                for user in ("hanako", "nobody-at-all"):
                    self.put(*((theirs, other) if slot == 0 else (other,)))
                    login = self.attempt(("9999", pin), user)
                    self.assertEqual((login.result, login.said), (Result.DENIED, ["M01", "X01", "X02", "X71", "X01", "X38"]))
                    self.put(*((theirs, other) if slot == 0 else (other,)))
                    self.assertEqual(self.attempt((pin,), user).said, ["M01", "X01", "X38"])
            self.clear()
            self.assertEqual((theirs.tries(), other.tries()), (3, 3))
            self.broker.check_clean()

    def test_my_number_certificates_that_are_none(self):
        """Beside hers a card whose certificate breaks off, is too long, or is not there."""
        self.host()
        mine, other = self.card(Jpki(), 1, MINE), self.card(Jpki("4321"), 0)
        faults = ("sw:6A82", "long", "short", "raw:308490FF9000", "garbage", "sw:6982", "raw:30820FFF9000")
        for n, fault in enumerate(faults):
            with self.subTest(fault=fault):
                self.put(mine, other)
                other.ask(f"fault {6 + n % 2} {fault}")  # behind three to look at it and two SELECT
                self.assert_opens("M01", "X01", types=(PIN,))
                self.assertEqual((other.tries(), verifies(other)), (3, 0))

    def test_my_number_beside_another_one_pin_first(self):
        self.both_orders(Jpki("4321"), [(Jpki(), THEIRS), (Jpki(), None)], ["M01", "X01"], ("4321",), "card pin")


if __name__ == "__main__":
    familyrig.main(__doc__, entries=2)
