#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Logins with a YubiKey that is held to a reader, enrolled on USB before: with a memorised secret, with a finger.

Usage: ykccid_login_test.py BUILD_DIR [TEST...]"""
import unittest

import familyrig
from familycells import Cells, Memorised
from familyrig import MINE, Flow, Token, World, state_of, take


class TokenFlow(Cells, Flow):
    """Where `require` names a token, no card stands for it."""
    family = Token()
    foreign = ("X06", "no-card")  # it is left alone, the key may still come
    apdus = 2

    def test_touched(self):
        """A slot that asks for a finger answers when it has felt one."""
        self.hanako.ask(f"set slot2 {self.hanako.secret}.touch")
        self.hanako.ask("set touch 700")
        self.granted()
        self.hanako.ask(f"set slot2 {self.hanako.secret}")

    def test_a_slot_that_is_empty(self):
        self.hanako.ask("set slot2 none")
        self.refused(self.hanako, *self.stranger, expect={"proven": False})
        self.hanako.ask(f"set slot2 {self.hanako.secret}")

    def test_cut_and_long_answers(self):
        for octets in (1, 19, 21, 64):
            with self.subTest(octets=octets):
                self.hanako.ask(f"fault 2 raw:{'AB' * octets}9000")
                self.refused(self.hanako, *self.stranger, expect={"proven": False})
        self.granted()

    def test_a_card_instead(self):
        """Her IC card is no token: it is said once more what is asked for."""
        card = self.another(familyrig.Piv().make(f"{type(self).__name__}-card"))
        row = familyrig.Piv().enrol(self.broker, MINE, card)
        self.refused(card, "X06", "no-card", expect={"proven": False, "said": ("X63", "X63", "X06")})
        self.broker.must("card.stop", person=MINE, card=row["id"])

    def test_usb_and_reader_at_once(self):
        """The same key shows itself in both ways."""
        usb = World.bus().key(3, serial=state_of(self.hanako, "serial"))
        usb.program(2, bytes.fromhex(self.hanako.secret))
        usb.plug()
        self.granted()
        usb.unplug()


class TokenPin(Memorised, TokenFlow, unittest.TestCase):
    """Asked for once the key is proven."""
    zone, require = "internet", "token pin"
    said = ("X63", "X61")


class TokenFinger(TokenFlow, unittest.TestCase):
    """Possession and inherence."""
    zone, require = "lgwan", "token finger"
    said = ("X63", "M02")

    def test_presence(self):
        def pull_and_press():
            take(self.hanako)
            self.press()()
        self.refused(self.hanako, "X07", "card-removed", expect={"proven": True}, M02=lambda: take(self.hanako))
        with self.restarted(presence="tap"):
            self.granted(M02=pull_and_press)


if __name__ == "__main__":
    familyrig.main(__doc__)
