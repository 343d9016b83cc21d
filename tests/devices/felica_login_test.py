#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Logins with FeliCa Lite-S cards in each flow that policy allows: the card alone, with a memorised secret, with a finger.

Usage: felica_login_test.py BUILD_DIR [TEST...]"""
import unittest

import familyrig
from familycells import Cells, Memorised
from familyrig import MINE, Felica, Flow, take


class FelicaFlow(Cells, Flow):
    """Behind a reader of no known make."""
    family = Felica()
    apdus, closing = 5, 1

    def test_what_the_desk_shows(self):
        row = next(row for row in self.broker.must("card.list", person=MINE).rows if row["kind"] == "card")
        self.assertEqual((row["family"], row["strength"], row["state"], row["pin"]), ("felica", "shared-key", "active", "no"))

    def test_lies(self):
        """Blocks that the MAC does not cover, and answers of another shape."""
        for lie in ("zero-mac", "other-blocks", "no-list", "old-rc", "other-id", "other-ckv", "short", "foreign-idm"):
            with self.subTest(lie=lie):
                self.hanako.ask(f"set lie {lie}")
                self.refused(self.hanako, *self.stranger, expect={"proven": False})
        self.hanako.ask("set lie none")
        self.granted()


class Card(FelicaFlow, unittest.TestCase):
    """The card alone."""
    zone, require = "internet", "card"


class CardPin(Memorised, FelicaFlow, unittest.TestCase):
    """The secret is asked for first, as from people whose card has a PIN."""
    zone, require = "lgwan", "card pin"
    said = ("M01", "X01")


class CardFinger(FelicaFlow, unittest.TestCase):
    """Where the zone's config takes shared keys."""
    zone, require = "individual-number", "card finger"
    settings = {"shared_keys": "yes"}
    said = ("M01", "M02")

    def test_without_shared_keys(self):
        """As that zone is by default."""
        with self.restarted(shared_keys=None):
            for user in ("hanako", None):
                self.refused(self.hanako, "X35", "card-kind", expect={"proven": True, "said": ["M01", "X35"]}, user=user)

    def test_presence(self):
        """A tap is not enough in that zone, whatever the config says."""
        with self.restarted(presence="tap"):
            outcome = self.attempt()
        self.assertEqual((outcome.code, outcome.said), ("PAM_SERVICE_ERR", ["X09"]))


class Tap(Flow, unittest.TestCase):
    """Card and finger where a tap is enough."""
    family = Felica()
    zone, require = "lgwan", "card finger"
    settings = {"presence": "tap"}
    said = ("M01", "M02")

    def test_presence(self):
        def pull_and_press():
            take(self.hanako)
            self.press()()
        self.granted(M02=pull_and_press)
        with self.restarted(presence="required"):
            self.refused(self.hanako, "X07", "card-removed", expect={"proven": True}, M02=lambda: take(self.hanako))


if __name__ == "__main__":
    familyrig.main(__doc__)
