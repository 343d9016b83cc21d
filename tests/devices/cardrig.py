# SPDX-License-Identifier: Apache-2.0
"""What the tests of toyama-card share: pcscd with its readers, virtual cards and workers of one test, and what is
asserted about answers. The test's first argument is the build directory."""
import os
import subprocess
import sys
import tempfile
import unittest

import cardworker
import pcscns
from cardworker import reason
from frames import Card, CardField

BUILD = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
DIGEST = bytes(range(32))


def verify(card, ref, digest, signature):
    """True where `signature` over `digest` is the one of the card's key, says openssl."""
    with tempfile.NamedTemporaryFile(dir="/run") as sig, tempfile.NamedTemporaryFile(dir="/run") as data:
        sig.write(signature)
        data.write(digest)
        sig.flush()
        data.flush()
        key = card.public_key(ref)
        command = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", key, "-in", data.name, "-sigfile", sig.name]
        if len(signature) >= 256:
            command += ["-pkeyopt", "digest:sha256" if len(digest) == 32 else "digest:sha384"]
        return subprocess.run(command, capture_output=True, check=False).returncode == 0


class CardTest(unittest.TestCase):
    """A running pcscd with two slots."""
    pcsc = None
    entries = 1

    @classmethod
    def setUpClass(cls):
        cls.pcsc = pcscns.Pcsc(cls.entries)

    @classmethod
    def tearDownClass(cls):
        cls.pcsc.stop()

    def setUp(self):
        self.cards, self.workers = [], []
        if self.pcsc.process is None:
            self.pcsc.start()

    def tearDown(self):
        for worker in self.workers:
            worker.close()
        for card in self.cards:
            card.end()
        for card in self.cards:
            if self.pcsc.process is not None:
                self.pcsc.wait_card(card.slot, False, card.may_drop)

    def card(self, slot=0, insert=True, **options):
        """A new card, by default in its reader already."""
        card = pcscns.VirtualCard(BUILD, slot, name=f"card{slot}-{len(self.cards)}", **options)
        self.cards.append(card)
        card.ask("log on")
        if insert:
            card.insert()
            if self.pcsc.process is not None:
                self.pcsc.wait_card(slot)
        return card

    def worker(self, **options):
        """A new worker."""
        worker = cardworker.Worker(BUILD, **options)
        self.workers.append(worker)
        return worker

    def opened(self, **options):
        """A worker that has reported the card."""
        worker = self.worker(**options)
        worker.open()
        return worker

    def once(self, run):
        """The result of run(worker) with a worker of its own that has reported the card."""
        worker = self.worker()
        worker.open()
        result = run(worker)
        self.assertEqual(worker.close()[0], 0)
        self.workers.remove(worker)
        return result

    def faulty(self, card, run, *faults):
        """The same at a card with these faults, counted from its next command on."""
        card.ask("fault off")
        card.ask("fresh")
        for fault in faults:
            card.ask("fault " + fault)
        return self.once(run)

    def assert_failed(self, answer, why, **fields):
        """The answer is FAILED with this reason and these fields."""
        kind, got = answer
        self.assertEqual(kind, Card.FAILED, got)
        self.assertEqual(reason(got), why)
        for name, value in fields.items():
            self.assertEqual(got.get(CardField[name.upper()]), value, name)

    def assert_signed(self, answer, card, ref, digest, apdus=None):
        """The answer is SIGNED, the signature good, and the counts are those of the card."""
        kind, got = answer
        self.assertEqual(kind, Card.SIGNED, got)
        self.assertTrue(verify(card, ref, digest, got[CardField.SIGNATURE]), "signature")
        self.assertEqual((got[CardField.APDUS], got[CardField.SENT], got[CardField.RECEIVED]), card.counts())
        self.assertGreater(got[CardField.MICROS], 0)
        if apdus is not None:
            self.assertEqual(got[CardField.APDUS], apdus)
        return got
