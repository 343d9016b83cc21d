# SPDX-License-Identifier: Apache-2.0
"""Cards that misbehave, whatever their family: a mix-in for tests of one family at toyama-card.

A family gives APDUS, the commands of one login; OPTIONS, those of its virtual card; CLOSES, commands that may follow a
failure; start(worker), which sends the one frame of a login; and assert_login(answer, card)."""
import itertools
import time

from cardworker import reason
from frames import Card, CardReason

ERRORS = ("6700", "6982", "6985", "6A80", "6A82", "6A86", "6D00", "6E00", "6F00", "0000")


class HostileCards:
    """Every fault at every command of a login: FAILED within the time of the card, no PIN try spent that was not meant,
    and a card that works again once the fault is over."""
    APDUS = 0
    OPTIONS = {}
    CLOSES = ()
    SELECT_SAYS = CardReason.UNKNOWN  # to a refused SELECT

    def start(self, worker):
        """Sends what one login sends."""
        raise NotImplementedError

    def login(self, worker):
        """One login; its answer."""
        self.start(worker)
        return worker.receive()

    def assert_login(self, answer, card):
        """The login succeeded."""
        raise NotImplementedError

    def faulty_login(self, card, *faults):
        """The answer to a login at the card with these faults."""
        answer = self.faulty(card, self.login, *faults)
        self.assertLess(card.counts()[0], 300)
        return answer

    def assert_usable(self, card):
        """The card without faults serves the next worker."""
        self.assert_login(self.faulty(card, self.login), card)

    def at_each(self, whats, allowed):
        """Each of these faults at each command; the reason must be in `allowed`."""
        card = self.card(**self.OPTIONS)
        for nth, what in itertools.product(range(1, self.APDUS + 1), whats):
            with self.subTest(nth=nth, what=what):
                tries = card.tries()
                kind, fields = self.faulty_login(card, f"{nth} {what}")
                self.assertEqual(kind, Card.FAILED, fields)
                self.assertIn(reason(fields), allowed)
                self.assertGreaterEqual(card.tries(), tries)
                self.assertFalse([command for command, _ in card.log()[nth:] if command not in self.CLOSES],
                                 "nothing follows a failure")
        self.assert_usable(card)

    def test_pulled_at_each_command(self):
        card = self.card(insert=False, **self.OPTIONS)
        for nth in range(1, self.APDUS + 1):
            with self.subTest(nth=nth):
                card.ask("fault off")
                card.ask(f"fault {nth} drop")
                card.insert()
                self.pcsc.wait_card(0)
                worker = self.opened()
                self.assert_failed(self.login(worker), CardReason.GONE)
                worker.expect(Card.REMOVED, 3)
                self.pcsc.wait_card(0, False)
                self.assertEqual(worker.close()[0], 0)

    def test_one_octet(self):
        self.at_each(["short"], {CardReason.MALFORMED})

    def test_sixty_five_thousand_octets(self):
        """T-15: no buffer takes a length from the card."""
        self.at_each(["long"], {CardReason.MALFORMED})

    def test_every_status_word(self):
        self.at_each(["sw:" + sw for sw in ERRORS],
                     {CardReason.UNKNOWN, CardReason.REFUSED, CardReason.ABSENT, CardReason.PIN_NEEDED})

    def test_foreign_card(self):
        card = self.card(**self.OPTIONS)
        for sw in ("6A82", "6D00", "6A81", "6E00", "6985", "6283"):
            with self.subTest(sw=sw):
                self.assert_failed(self.faulty_login(card, f"1+ sw:{sw}"), self.SELECT_SAYS, sw=int(sw, 16))
                self.assertEqual(card.counts()[0], 1)
        self.assert_usable(card)

    def test_more_data_for_ever(self):
        card = self.card(**self.OPTIONS)
        for nth in range(1, self.APDUS + 1):
            for raw in ("6110", "AA6101", "6100"):
                with self.subTest(nth=nth, raw=raw):
                    kind, fields = self.faulty_login(card, f"{nth}+ raw:{raw}")
                    self.assertEqual(kind, Card.FAILED, fields)
                    # a block of a chain that is not the last has no answer to wait for
                    self.assertIn(reason(fields), (CardReason.MALFORMED, CardReason.REFUSED))
        self.assert_usable(card)

    def test_other_length_for_ever(self):
        card = self.card(**self.OPTIONS)
        for nth in range(1, self.APDUS + 1):
            with self.subTest(nth=nth):
                kind, fields = self.faulty_login(card, f"{nth}+ sw:6C10")
                self.assertEqual(kind, Card.FAILED, fields)
                self.assertLessEqual(card.counts()[0], nth + 1)
        self.assert_usable(card)

    def test_9000_to_everything(self):
        card = self.card(**self.OPTIONS)
        kind, fields = self.faulty_login(card, "1+ sw:9000")
        self.assertEqual(kind, Card.FAILED, fields)
        self.assert_usable(card)

    def test_hangs_at_each_command(self):
        card = self.card(insert=False, **self.OPTIONS)
        for nth in range(1, self.APDUS + 1):
            with self.subTest(nth=nth):
                card.ask("fault off")
                card.ask(f"fault {nth} hang")
                card.insert()
                self.pcsc.wait_card(0)
                worker = self.opened()
                self.start(worker)
                time.sleep(0.3)
                begin = time.monotonic()
                self.assertEqual(worker.close()[0], 0)
                self.assertLess(time.monotonic() - begin, 2)
                card.remove()
                self.pcsc.wait_card(0, False)
        card.ask("fault off")
        card.insert()
        self.pcsc.wait_card(0)
        self.assert_usable(card)

    def test_zero_octets(self):
        """Such a frame stops pcscd for good: this one is thrown away."""
        card = self.card(insert=False, **self.OPTIONS)
        card.ask(f"fault {self.APDUS} zero")
        card.insert()
        self.pcsc.wait_card(0)
        worker = self.opened()
        self.start(worker)
        time.sleep(0.5)
        self.pcsc.kill()
        self.assertEqual({worker.receive(3)[0], worker.receive(3)[0]}, {Card.FAILED, Card.REMOVED})

    def test_slow_card(self):
        card = self.card(**self.OPTIONS)
        card.ask("slow 10 100 300")
        self.assert_login(self.login(self.opened()), card)

    def test_one_octet_a_second(self):
        """SELECT's answer comes so slowly; the login is right all the same."""
        card = self.card(**self.OPTIONS)
        card.ask("fault 1 trickle")
        worker = self.opened()
        self.start(worker)
        self.assert_login(worker.receive(60), card)
