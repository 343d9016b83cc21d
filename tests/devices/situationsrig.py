# SPDX-License-Identifier: Apache-2.0
"""A stand-alone host with cards and a finger at hand, for tests of what happens in the course of a year: set up once a
class, each test begins without people. Inside of pcscns.enter()."""
import datetime
import json
import pathlib
import subprocess
import unittest

import brokerrig
import pcscns
from brokerrig import Admin

PIN = "123456"


class World:
    """What all hosts have in common."""
    build = pcsc = sensor = None
    cards = {}

    @classmethod
    def begin(cls, build):
        """One pcscd, one sensor, a few cards for one reader."""
        cls.build = build
        cls.pcsc = pcscns.Pcsc()
        cls.pcsc.start()
        cls.sensor = brokerrig.Sensor(build)
        cls.cards = {name: pcscns.VirtualCard(build, name=name, alg_9a="p256", alg_9e="p256", pin=PIN, subject=name)
                     for name in ("a", "b", "c")}

    @classmethod
    def end(cls):
        """All of it ends."""
        for card in cls.cards.values():
            card.end()
        cls.sensor.end()
        cls.pcsc.stop()


def day(offset):
    """A date as the verbs take it."""
    return (datetime.date.today() + datetime.timedelta(days=offset)).isoformat()


class Host(unittest.TestCase):
    """A host for the tests of a class; each begins without people."""
    zone, require, settings = "internet", "card", {}
    broker = locale = None

    @classmethod
    def setUpClass(cls):
        cls.broker = brokerrig.Broker(World.build, cls.zone, cls.require, name=cls.__name__, throttle_after="100",
                                      **cls.settings)
        cls.broker.init()
        cls.broker.start()
        locale = pathlib.Path(cls.broker.directory) / "locale" / "ja" / "LC_MESSAGES"
        locale.mkdir(parents=True)
        (locale / "toyama.mo").write_bytes((pathlib.Path(World.build) / "po" / "toyama.mo").read_bytes())
        cls.locale = str(locale.parent.parent)

    @classmethod
    def tearDownClass(cls):
        cls.broker.check_clean()

    def tearDown(self):
        for card in World.cards.values():
            card.remove()
        World.pcsc.wait_card(0, False)
        for row in self.must("person.list"):
            self.must("person.remove", person=row["number"])

    def cli(self, *words, lang="en", stdin="", code=0):
        """Standard output of toyama-enroll."""
        done = subprocess.run([f"{World.build}/enroll/toyama-enroll", "--config", self.broker.config, "--toyamad",
                               f"{World.build}/toyamad/toyamad", "--localedir", self.locale, "--lang", lang, *words],
                              input=stdin, capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout if code == 0 else done.stderr

    def rows(self, *words):
        """What --json gives."""
        return json.loads(self.cli(*words, "--json"))["rows"]

    def must(self, verb, **values):
        """The rows of a call that succeeds."""
        return self.broker.must(verb, **values).rows

    def refused(self, result, message, verb, **values):
        """A call that does not succeed; its detail."""
        call = self.broker.call(verb, **values)
        self.assertEqual((call.result, call.message), (result, message), call.detail)
        return call.detail

    def enroll(self, number, card, **values):
        """The id of the new credential."""
        World.cards[card].insert()
        call = self.broker.must("card.enroll", person=number, pins=[PIN], **values)
        self.take(card)
        return call.rows[0]["id"]

    def place(self, card):
        """On the reader."""
        World.cards[card].insert()
        World.pcsc.wait_card(0)

    def take(self, card):
        """Off the reader."""
        World.cards[card].remove()
        World.pcsc.wait_card(World.cards[card].slot, False)

    def login(self, card, user):
        """(result, message) of one attempt with a card."""
        self.place(card)
        login = self.broker.login(user=user)
        message = login.finish()
        self.take(card)
        return login.result, message

    def cards(self, number):
        """{label: (state, reason)}."""
        return {row["label"]: row["state"] for row in self.must("card.list", person=number)}

    def event(self):
        """The newest event."""
        return self.broker.events(1)[0]
