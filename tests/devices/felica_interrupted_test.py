#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""card issue --lock of a FeliCa card that is pulled at each command, or behind it, and under a broker that is killed: the key
that is on the card is on disk, opens nothing yet, and the command can be run again.

Usage: felica_interrupted_test.py BUILD_DIR [TEST...]"""
import threading

import familyrig
from brokerrig import Admin, Result
from familyrig import World, place, state_of, take
from felica_issue_test import LOCKED, ZERO, Desk, set_reader


class Interrupted(Desk):
    """Always with a new card and a new person."""

    def begun(self):
        """(card, number)."""
        self.clear()
        return self.card(), self.person()

    def check_again(self, card, number):
        """What is on the card does not change any more, and does not open before the command is through."""
        place(card)
        before = state_of(card, "ck")
        if before != ZERO:
            self.assert_opens(number, Result.DENIED)
        self.issued(card, number, lock="yes")
        if before != ZERO:
            self.assertEqual(state_of(card, "ck"), before)
        self.assertEqual(self.credentials(number), [("felica", "active")])
        take(card)
        self.assertEqual(state_of(card, "mc"), LOCKED)

    def pulled(self, fault):
        """At each command in turn, as long as it matters."""
        nth, done = 0, False
        while not done:
            nth += 1
            with self.subTest(nth=nth):
                card, number = self.begun()
                card.ask(f"fault {nth} {fault}")
                call = self.call(card, number=number, lock="yes")
                card.ask("fault off")
                done = call.result == Admin.OK
                if not done:
                    self.assertEqual((call.result, call.message), (Admin.UNAVAILABLE, "X07"), call.detail)
                    World.pcsc.wait_card(0, False)
                    self.check_again(card, number)
        self.assertGreater(nth, 9)

    def test_pulled_at_each_command(self):
        self.pulled("drop")

    def test_pulled_behind_each_command(self):
        """It had its effect, and nobody heard of it."""
        self.pulled("lost")

    def test_somebody_else_cannot_take_it_over(self):
        """Begun for one person it stays hers."""
        card, number = self.begun()
        card.ask("fault 5 lost")
        self.call(card, number=number, lock="yes")
        card.ask("fault off")
        World.pcsc.wait_card(0, False)
        self.assertEqual(self.call(card, number=self.person()).message, "K13")
        self.issued(card, number, lock="yes")

    def test_the_broker_is_killed_at_any_time(self):
        done, step = 0, 0
        while done < 2:
            step += 1
            self.assertLess(step, 60, "the sweep has to reach the end")
            card, number = self.begun()
            card.ask("slow 15")
            done += self.killed_after(0.016 * step, card, number)
            self.broker.start()
            card.ask("slow 0")
            self.broker.must("audit.verify")
            before = state_of(card, "ck")
            if ("felica", "active") not in self.credentials(number):
                self.issued(card, number, lock="yes")
            self.assert_opens(number)
            if before != ZERO:
                self.assertEqual(state_of(card, "ck"), before, step)

    def killed_after(self, seconds, card, number):
        """True where the call was through by then."""
        place(card)
        results = []

        def run():
            try:
                results.append(self.broker.call("card.issue", person=number, lock="yes").result == Admin.OK)
            except (EOFError, OSError):
                pass
        thread = threading.Thread(target=run)
        thread.start()
        thread.join(seconds)
        self.broker.kill()
        thread.join(20)
        return any(results)


if __name__ == "__main__":
    familyrig.main(__doc__, setup=set_reader)
