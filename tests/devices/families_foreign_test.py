#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Somebody else's cards beside the own one, in every order of the readers: it opens, and no PIN goes to a card of which
the broker can know that it is another one.

Usage: families_foreign_test.py BUILD_DIR [TEST...]"""
import familyrig
from families_readers_test import Desk
from familyrig import MINE, PIN, SECRET, THEIRS, Felica, Jpki, Piv, Token, World, verifies


class BesideOthers(Desk):
    """Somebody else's card beside her own."""

    def both_orders(self, family, strangers, said, types=(), require="card", **settings):
        """Her card in either reader; the other one has, in turn, each of the strangers' cards."""
        self.host(require, **settings)
        mine = [self.card(family, slot, MINE) for slot in (0, 1)]
        for kind, number in strangers:
            others = [self.card(kind, slot, number) for slot in (0, 1)]
            for slot in (0, 1):
                with self.subTest(stranger=kind.name, known=number is not None, mine=slot):
                    tries = others[1 - slot].tries()
                    self.put(mine[slot], others[1 - slot])
                    event = self.assert_opens(*said, types=types)
                    self.assertEqual(event["reader"], World.pcsc.reader(slot))
                    self.assertEqual(others[1 - slot].tries(), tries)
                    self.assertEqual(verifies(others[1 - slot]), 0, "a PIN went to a stranger's card")


class TwoReaders(BesideOthers):
    """Cards that prove themselves."""

    def test_felica(self):
        strangers = [(Felica(), THEIRS), (Felica(), None), (Piv(), THEIRS), (Jpki(), None)]
        self.both_orders(Felica(), strangers, ["M01"])

    def test_felica_and_a_secret(self):
        self.both_orders(Felica(), [(Felica(), THEIRS), (Piv(), None)], ["M01", "X01"], (SECRET,), "card pin")

    def test_token(self):
        strangers = [(Token(), None), (Felica(), None), (Piv(), None)]
        self.both_orders(Token(), strangers, ["X63", "X61"], (SECRET,), "token pin")

    def test_piv(self):
        strangers = [(Felica(), THEIRS), (Felica(), None), (Piv(), THEIRS), (Jpki(), None)]
        self.both_orders(Piv(), strangers, ["M01"])

    def test_piv_and_its_pin(self):
        strangers = [(Felica(), THEIRS), (Piv(), THEIRS), (Jpki(), THEIRS)]
        self.both_orders(Piv(), strangers, ["M01", "X01"], ("123456",), "card pin")


class ThreeReaders(Desk):
    """Her card with its PIN among two strangers' cards."""

    def among_strangers(self, family, strangers, types, require="card pin"):
        """Her card in reader 1, 2, 3: one prompt, no stranger's try spent."""
        self.host(require)
        mine = [self.card(family, slot, MINE) for slot in range(3)]
        others = {slot: [self.card(kind, slot, number) for kind, number in strangers] for slot in range(3)}
        for slot in range(3):
            with self.subTest(family=family.name, reader=slot + 1):
                beside = [others[other][n] for n, other in enumerate(n for n in range(3) if n != slot)]
                tries = [card.tries() for card in beside]
                self.put(mine[slot], *beside)
                event = self.assert_opens("M01", "X01", types=types)
                self.assertEqual(event["reader"], World.pcsc.reader(slot))
                self.assertEqual(([card.tries() for card in beside], [verifies(card) for card in beside]), (tries, [0, 0]))
                self.assertEqual(mine[slot].tries(), mine[slot].tries())

    def test_piv(self):
        self.among_strangers(Piv(), [(Piv(), THEIRS), (Piv(), None)], ("123456",))

    def test_felica(self):
        self.among_strangers(Felica(), [(Felica(), THEIRS), (Piv(), None)], (SECRET,))

    def test_my_number(self):
        self.among_strangers(Jpki(), [(Piv(), THEIRS), (Felica(), None)], (PIN,))

    def test_my_number_among_others(self):
        self.among_strangers(Jpki("4321"), [(Jpki(), THEIRS), (Jpki(), None)], ("4321",))


if __name__ == "__main__":
    familyrig.main(__doc__, entries=2)
