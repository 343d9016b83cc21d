# SPDX-License-Identifier: Apache-2.0
"""Who puts cards on the reader and fingers on the sensor: the demonstration itself, or the person before it."""
import time

import host

from demo_devices import real_readers

import scard  # pylint: disable=wrong-import-order

REMIND = 30.0


class VirtualCard:
    """A card of the desk."""

    own = False

    def __init__(self, desk, world, name):
        self._desk, self._world, self._name = desk, world, name
        self.placed = 0.0  # when, on the monotonic clock

    def prepare(self):
        """Before the terminal asks for it."""
        self._world.virtual()

    def place(self):
        """Puts it on the reader."""
        self._desk.place(self._name)
        self.placed = time.monotonic()

    def take(self):
        """Leaves the reader empty."""
        self._desk.take(self._name)


class OwnCard:
    """A card that somebody has in her hand. `order`: what the narrator calls for."""

    own = True

    def __init__(self, person, world, order="do-card"):
        self._person, self._world, self.order = person, world, order

    def prepare(self):
        """Before the terminal asks for it."""
        self._world.real()

    def place(self):
        """She knows: the terminal says so."""

    def take(self):
        """Waits until she has taken it."""
        while _lies_there():
            self._person.told("take")
            end = time.monotonic() + REMIND
            while _lies_there() and time.monotonic() < end:
                time.sleep(0.1)


def _lies_there():
    """A card in any real reader."""
    try:
        with scard.Context() as context:
            return any(context.state(name) & scard.STATE_PRESENT for name in real_readers(context.readers()))
    except scard.SCardError:
        return False


class VirtualFinger:
    """A finger of the synthetic set."""

    own = False

    def __init__(self, desk, picture):
        self._desk, self._picture = desk, picture

    def press(self, impression):
        """One press."""
        self._desk.sensor.press(self._picture, impression)


class OwnFinger:
    """A real one: the terminal says when. `key`: how the narrator calls it."""

    own = True

    def __init__(self, key):
        self.key = key

    def press(self, impression):
        """She does."""


def fingers_of_hanako(desk, own):
    """The two that are enrolled, and one that is not."""
    if own:
        return [OwnFinger(key) for key in ("right", "left", "wrong")]
    pictures = (*host.FINGERS["hanako"], host.FINGERS["taro"][0])
    return [VirtualFinger(desk, picture) for picture in pictures]

