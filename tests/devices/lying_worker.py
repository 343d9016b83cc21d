# SPDX-License-Identifier: Apache-2.0
"""A worker that was taken over: speaks for toyama-card or toyama-finger to a real broker.

    lying_worker.py card|finger BEHAVIOUR_FILE
    lying_worker.py matcher BEHAVIOUR_FILE PROGRAM    with a sensor: PROGRAM, or an enrolment of no finger

The file holds the name of one of the functions below. Frames that matter are told on standard error,
which is the broker's log."""
import os
import signal
import socket
import sys
import time

import frames
from frames import Card, CardField, CardReason
from fingerrig import Field, Reason, Type

COUNTS = {CardField.APDUS: 1, CardField.SENT: 1, CardField.RECEIVED: 1, CardField.MICROS: 1}
GALLERY = []  # (template id, finger, driver, device)


def say(text):
    """Into the broker's log."""
    os.write(2, f"lying worker: {text}\n".encode())


class Channel:
    """Descriptor 3."""

    def __init__(self):
        self.socket = socket.socket(fileno=3)
        self.attempt = bytes(16)
        self.nonce = None
        self.reader = "Reader 00"

    def receive(self):
        """(kind, fields) of the broker's next frame; ends with the channel."""
        packet = self.socket.recv(1 << 17)
        if not packet:
            sys.exit(0)
        kind, fields = frames.decode(packet)
        self.attempt = fields[0]
        return kind, fields

    def raw(self, packet):
        self.socket.send(packet)

    def card(self, kind, **fields):
        """One frame of toyama-card."""
        counts = COUNTS if kind in (Card.OBJECT, Card.SIGNED, Card.FAILED) else {}
        named = {CardField[name.upper()]: value for name, value in fields.items()}
        self.raw(frames.encode(kind, {CardField.ATTEMPT: self.attempt, **counts, **named}))

    def present(self, **fields):
        self.card(Card.PRESENT, **{"reader": self.reader, "counter": 1, **fields})

    def finger(self, kind, **fields):
        """One frame of toyama-finger; `nonce` False: none."""
        nonce = fields.pop("nonce", self.nonce)
        named = {Field[name.upper()]: value for name, value in fields.items()}
        self.raw(frames.encode(kind, {Field.ATTEMPT: self.attempt, Field.NONCE: nonce or None, **named}))

    def ready(self, **fields):
        self.finger(Type.READY, **{"nonce": False, "driver": "virtual_image", "device": "0", "name": "Sensor",
                                   "stages": 5, "pictures": 1, **fields})

    def until_card(self, wanted):
        """Waits for one of the broker's commands; tells of a PIN. Objects are not there."""
        while True:
            kind, fields = self.receive()
            if CardField.PIN in fields:
                say("got a PIN")
            if kind == wanted:
                return fields
            if kind == Card.READ:
                self.card(Card.FAILED, reason=CardReason.UNKNOWN)

    def until_finger(self, wanted):
        """The same; tells of templates and remembers their ids."""
        while True:
            kind, fields = self.receive()
            if Field.GALLERY in fields:
                for _, row in frames.elements(fields[Field.GALLERY]):
                    (_, ident), (_, finger), (_, driver), (_, device), _ = frames.elements(row)
                    GALLERY.append((ident, finger[0], driver, device))
                    say("got a template")
            if kind == wanted:
                self.nonce = fields.get(Field.NONCE)
                return fields

    def drain(self):
        """Answers nothing any more."""
        while True:
            self.receive()


# --- toyama-card ---

def card_open(c):
    c.until_card(Card.OPEN)


def card_present(c):
    card_open(c)
    c.present()


def card_silent(c):
    card_open(c)


def card_present_then_silent(c):
    card_present(c)


def card_dies_at_once(_):
    sys.exit(1)


def card_dies_at_open(c):
    card_open(c)
    sys.exit(0)


def card_crashes(c):
    card_present(c)
    os.kill(os.getpid(), signal.SIGSEGV)


def card_another_attempt(c):
    card_open(c)
    c.attempt = bytes(16)
    c.present()


def card_speaks_first(c):
    c.present()


def card_garbage(c):
    card_open(c)
    c.raw(os.urandom(300))


def card_short(c):
    card_open(c)
    c.raw(b"\x72")


def card_cut(c):
    card_open(c)
    c.raw(frames.encode(Card.PRESENT, {0: c.attempt, 1: "R", 2: 1})[:-1])


def card_trailing(c):
    card_open(c)
    c.raw(frames.encode(Card.PRESENT, {0: c.attempt, 1: "R", 2: 1}) + b"\0")


def card_huge(c):
    card_open(c)
    c.raw(frames.tlv(Card.PRESENT, bytes(70000)))


def card_empty_field(c):
    card_open(c)
    c.present(counter=b"")


def card_unknown_field(c):
    card_open(c)
    c.raw(frames.encode(Card.PRESENT, {0: c.attempt, 1: "R", 2: 1, 30: 1}))


def card_field_twice(c):
    card_open(c)
    c.raw(frames.tlv(Card.PRESENT, frames.tlv(0x80, c.attempt) * 2 + frames.tlv(0x81, b"R") + frames.tlv(0x82, b"\1")))


def card_brokers_message(c):
    card_open(c)
    c.raw(frames.encode(Card.OPEN, {0: c.attempt}))


def card_control_characters(c):
    card_open(c)
    c.present(reader="Reader\n<3>toyamad: login: result=granted")


def card_long_reader(c):
    card_open(c)
    c.present(reader="R" * 128)


def card_huge_counter(c):
    card_open(c)
    c.present(counter=(1 << 63))
    c.until_card(Card.SIGN)
    c.card(Card.SIGNED, signature=os.urandom(70))


def card_present_twice(c):
    card_present(c)
    c.present()


def card_readers_unasked(c):
    card_open(c)
    c.card(Card.READERS, list=b"")


def card_object_unasked(c):
    card_open(c)
    c.card(Card.OBJECT, data=bytes(16))


def card_signed_before_present(c):
    card_open(c)
    c.card(Card.SIGNED, signature=os.urandom(70))


def card_failed_before_present(c):
    card_open(c)
    c.card(Card.FAILED, reason=CardReason.ABSENT)


def card_signed_too_early(c):
    card_present(c)
    c.card(Card.SIGNED, signature=os.urandom(70))
    c.until_card(Card.NEXT)
    c.card(Card.FAILED, reason=CardReason.NO_OTHER)


def _signs(c, signature):
    card_present(c)
    c.until_card(Card.SIGN)
    c.card(Card.SIGNED, signature=signature)
    c.until_card(Card.NEXT)
    c.card(Card.FAILED, reason=CardReason.NO_OTHER)


def card_signs_noise(c):
    _signs(c, os.urandom(71))


def card_signs_nothing(c):
    _signs(c, b"")


def card_signs_zeros(c):
    """ECDSA r = s = 0."""
    _signs(c, bytes.fromhex("3006020100020100"))


def card_signs_at_length(c):
    _signs(c, b"\x30" * 60000)


def card_signs_digest(c):
    card_present(c)
    digest = c.until_card(Card.SIGN)[CardField.DIGEST]
    c.card(Card.SIGNED, signature=digest)
    c.until_card(Card.NEXT)
    c.card(Card.FAILED, reason=CardReason.NO_OTHER)


def card_signs_twice(c):
    card_present(c)
    c.until_card(Card.SIGN)
    for _ in range(2):
        c.card(Card.SIGNED, signature=os.urandom(71))


def card_wrong_answer(c):
    """An object where a signature was wanted."""
    card_present(c)
    c.until_card(Card.SIGN)
    c.card(Card.OBJECT, data=bytes(71))


def card_waits_after_present(c):
    card_present(c)
    c.card(Card.WAITING, reason=CardReason.NO_CARD)


def card_next_for_ever(c):
    """Always one more card."""
    card_present(c)
    while True:
        c.until_card(Card.SIGN)
        c.card(Card.SIGNED, signature=os.urandom(71))
        c.until_card(Card.NEXT)
        c.present()


def card_algorithms_for_ever(c):
    card_present(c)
    while True:
        c.until_card(Card.SIGN)
        c.card(Card.FAILED, reason=CardReason.ABSENT)


def card_unknown_reason(c):
    card_present(c)
    c.until_card(Card.SIGN)
    c.card(Card.FAILED, reason=250)
    c.until_card(Card.NEXT)
    c.card(Card.FAILED, reason=251)


def card_says_pin_wrong(c):
    """Before any PIN was sent, with a number of tries that no card has."""
    card_present(c)
    c.until_card(Card.SIGN)
    c.card(Card.FAILED, reason=CardReason.PIN_WRONG, tries=4000000000)
    c.until_card(Card.NEXT)
    c.card(Card.FAILED, reason=CardReason.NO_OTHER)


def card_floods_waiting(c):
    card_open(c)
    while True:
        c.card(Card.WAITING, reason=CardReason.NO_READER)
        c.card(Card.WAITING, reason=CardReason.IN_USE)


def card_floods_present(c):
    card_open(c)
    while True:
        c.present()


def card_floods_removed(c):
    card_open(c)
    while True:
        c.card(Card.REMOVED, counter=0)


def card_stays(c):
    """Does not go when it is asked to."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    card_open(c)
    c.card(Card.REMOVED, counter=0)
    c.card(Card.READERS)
    while True:
        time.sleep(60)


def card_leaves_a_child(c):
    card_open(c)
    try:
        if os.fork() == 0:
            os.setsid()
            time.sleep(600)
    except OSError:
        say("no child")


# --- toyama-finger ---

def finger_open(c):
    c.until_finger(Type.OPEN)


def finger_ready(c):
    finger_open(c)
    c.ready()


def finger_asked(c):
    finger_ready(c)
    c.until_finger(Type.VERIFY)


def _match(c, **fields):
    ident, finger, driver, device = GALLERY[0]
    c.finger(Type.MATCH, **{"id": ident, "finger": finger, "driver": driver, "device": device, **fields})


def finger_silent(c):
    finger_open(c)


def finger_ready_then_silent(c):
    finger_ready(c)


def finger_dies_at_once(_):
    sys.exit(1)


def finger_dies_when_asked(c):
    finger_asked(c)
    sys.exit(0)


def finger_garbage(c):
    finger_open(c)
    c.raw(os.urandom(200))


def finger_another_attempt(c):
    finger_open(c)
    c.attempt = bytes(16)
    c.ready()


def finger_not_admitted(c):
    finger_open(c)
    c.ready(driver="aes4000")


def finger_other_device(c):
    finger_open(c)
    c.ready(device="1")


def finger_bad_text(c):
    finger_open(c)
    c.ready(name="\x1b[2J")


def finger_match_before_ready(c):
    finger_open(c)
    c.finger(Type.MATCH, nonce=bytes(16), id=bytes(16), finger=2, driver="virtual_image", device="0")


def finger_match_before_request(c):
    finger_ready(c)
    c.finger(Type.MATCH, nonce=bytes(16), id=bytes(16), finger=2, driver="virtual_image", device="0")


def finger_press_before_request(c):
    finger_ready(c)
    c.finger(Type.PRESS, nonce=bytes(16), result=1)


def finger_ready_twice(c):
    finger_asked(c)
    c.ready()


def finger_match_other_template(c):
    finger_asked(c)
    _match(c, id=os.urandom(16))


def finger_match_short_template(c):
    finger_asked(c)
    _match(c, id=GALLERY[0][0][:15])


def finger_match_other_finger(c):
    finger_asked(c)
    _match(c, finger=GALLERY[0][1] + 1)


def finger_match_other_driver(c):
    finger_asked(c)
    _match(c, driver="uru4000")


def finger_match_other_device(c):
    finger_asked(c)
    _match(c, device="7")


def finger_match_wrong_nonce(c):
    finger_asked(c)
    _match(c, nonce=os.urandom(16))


def finger_match_without_nonce(c):
    finger_asked(c)
    _match(c, nonce=False)


def finger_match_old_nonce(c):
    finger_asked(c)
    old = c.nonce
    c.finger(Type.NO_MATCH)
    c.until_finger(Type.VERIFY)
    _match(c, nonce=old)


def finger_no_match_twice(c):
    finger_asked(c)
    for _ in range(2):
        c.finger(Type.NO_MATCH)


def finger_match_and_more(c):
    """Right, but it goes on talking: what follows must not matter to anybody else."""
    finger_asked(c)
    _match(c)
    for _ in range(50):
        _match(c)


def finger_enrolled_unasked(c):
    finger_asked(c)
    c.finger(Type.ENROLLED, finger=2, driver="virtual_image", device="0", template=bytes(100), samples=5)


def finger_floods_presses(c):
    finger_asked(c)
    while True:
        c.finger(Type.PRESS, result=2)


def finger_unknown_press(c):
    finger_asked(c)
    for result in (0, 99, 4000000000):
        c.finger(Type.PRESS, result=result)


def finger_unknown_reason(c):
    finger_asked(c)
    c.finger(Type.FAILED, reason=0xFFFFFFFF)


def finger_hot(c):
    finger_asked(c)
    c.finger(Type.FAILED, reason=Reason.HOT)


def finger_sensors_unasked(c):
    finger_asked(c)
    c.finger(Type.SENSORS, nonce=False, list=b"")


def finger_enrols_other_finger(c):
    """For the operator: another finger than was asked."""
    finger_ready(c)
    finger = c.until_finger(Type.ENROLL)[Field.FINGER][0]
    c.finger(Type.ENROLLED, finger=finger % 10 + 1, driver="virtual_image", device="0", template=bytes(100),
             samples=5, width=320, height=400)


def finger_enrols_nothing(c):
    finger_ready(c)
    finger = c.until_finger(Type.ENROLL)[Field.FINGER][0]
    c.finger(Type.ENROLLED, finger=finger, driver="virtual_image", device="0", template=b"", samples=5)


def finger_enrols_too_much(c):
    finger_ready(c)
    finger = c.until_finger(Type.ENROLL)[Field.FINGER][0]
    c.finger(Type.ENROLLED, finger=finger, driver="virtual_image", device="0", template=bytes(49153), samples=5)


def finger_enrols_at_once(c):
    """Without a finger: so that the search begins."""
    finger_ready(c)
    finger = c.until_finger(Type.ENROLL)[Field.FINGER][0]
    c.finger(Type.PICTURE, number=0, width=10, height=10, offset=0, pixels=bytes(100))
    c.finger(Type.ENROLLED, finger=finger, driver="virtual_image", device="0", template=bytes(100),
             samples=1, width=10, height=10)


def finger_enrols_without_pictures(c):
    """The search among all fingers would have nothing to look for."""
    finger_ready(c)
    finger = c.until_finger(Type.ENROLL)[Field.FINGER][0]
    c.finger(Type.ENROLLED, finger=finger, driver="virtual_image", device="0", template=bytes(100),
             samples=5, width=320, height=400)


def finger_enrols_with_one_picture(c):
    finger_ready(c)
    finger = c.until_finger(Type.ENROLL)[Field.FINGER][0]
    c.finger(Type.PICTURE, number=0, width=10, height=10, offset=0, pixels=bytes(100))
    c.finger(Type.ENROLLED, finger=finger, driver="virtual_image", device="0", template=bytes(100),
             samples=5, width=320, height=400)


def finger_enrols_pictures_without_end(c):
    finger_ready(c)
    c.until_finger(Type.ENROLL)
    while True:
        c.finger(Type.PICTURE, number=0, width=1024, height=1024, offset=0, pixels=bytes(49152))


def finger_enrols_chip_fingers(c):
    """Says that it is a chip: what it finds there is nobody's template."""
    c.receive()
    c.ready(pictures=0)
    c.until_finger(Type.SEARCH)
    c.finger(Type.MATCH, id=bytes(16), finger=2, driver="virtual_image", device="0")


# --- toyama-finger as a matcher ---

def _compare(c):
    """Up to the first COMPARE: the ids of the templates."""
    c.receive()
    c.ready()
    GALLERY.clear()
    c.until_finger(Type.COMPARE)
    return [ident for ident, *_ in GALLERY]


def _hits(*hits):
    """LIST of COMPARED."""
    return b"".join(frames.tlv(0x30, frames.tlv(4, ident) + frames.tlv(2, frames.uint(presses)) +
                               frames.tlv(2, frames.uint(pairs))) for ident, presses, pairs in hits)


def matcher_dies_at_once(_):
    sys.exit(1)


def matcher_dies_at_open(c):
    c.receive()
    sys.exit(0)


def matcher_dies_comparing(c):
    _compare(c)
    os.kill(os.getpid(), signal.SIGKILL)


def matcher_garbage(c):
    c.receive()
    c.raw(os.urandom(300))


def matcher_leaves_one_out(c):
    """Nothing found, but not everything compared."""
    ids = _compare(c)
    c.finger(Type.COMPARED, count=len(ids) - 1)


def matcher_counts_too_many(c):
    ids = _compare(c)
    c.finger(Type.COMPARED, count=len(ids) + 1)


def matcher_says_nothing_was_asked(c):
    """An answer to another request."""
    ids = _compare(c)
    c.finger(Type.COMPARED, nonce=bytes(16), count=len(ids))


def matcher_names_a_stranger(c):
    """A hit that is nobody's template."""
    ids = _compare(c)
    c.finger(Type.COMPARED, count=len(ids), list=_hits((bytes(16), 3, 9)))
    _compare_again(c)


def matcher_malformed_hits(c):
    ids = _compare(c)
    c.finger(Type.COMPARED, count=len(ids), list=_hits((ids[0], 3, 2)))


def matcher_names_others_in_the_look(c):
    """Hits in the second look, which is at all prints, that it was not asked about."""
    c.receive()
    c.ready()
    while True:
        GALLERY.clear()
        looks = c.until_finger(Type.COMPARE)[Field.SAMPLES] == bytes([16])
        hits = [(b"x" * 16, 7, 49)] if looks else [(ident, 1, 1) for ident, *_ in GALLERY]
        c.finger(Type.COMPARED, count=len(GALLERY), list=_hits(*hits))


def matcher_fails(c):
    _compare(c)
    c.finger(Type.FAILED, reason=Reason.FAULT)


def matcher_compares_before_it_was_asked(c):
    c.receive()
    c.ready()
    c.finger(Type.COMPARED, nonce=bytes(16), count=0)


def _compare_again(c):
    """Honest about numbers from here on."""
    while True:
        GALLERY.clear()
        c.until_finger(Type.COMPARE)
        c.finger(Type.COMPARED, count=len(GALLERY))


def matcher_everybody_is_alike(c):
    """The one lie that the presses must find out."""
    c.receive()
    c.ready()
    while True:
        GALLERY.clear()
        c.until_finger(Type.COMPARE)
        c.finger(Type.COMPARED, count=len(GALLERY), list=_hits(*[(ident, 7, 49) for ident, *_ in GALLERY]))


def matcher_everybody_is_somewhat_alike(c):
    """Enough to ask the people, not enough to refuse a finger without."""
    c.receive()
    c.ready()
    while True:
        GALLERY.clear()
        pairs = 5 if Field.LEFT_OUT in c.until_finger(Type.COMPARE) else 20
        c.finger(Type.COMPARED, count=len(GALLERY), list=_hits(*[(ident, 5, pairs) for ident, *_ in GALLERY]))


def matcher_honest_word(c):
    """Counts right, finds nothing: what a matcher is trusted for."""
    c.receive()
    c.ready()
    _compare_again(c)


def main():
    """Misbehaves, then listens until the broker has had enough."""
    kind, path, *program = sys.argv[1:]
    with open(path, encoding="ascii") as file:
        behaviour = globals()[f"{kind}_{file.read().strip()}"]
    channel = Channel()
    if kind == "matcher" and channel.socket.recv(1, socket.MSG_PEEK) != bytes([Type.MATCHER]):
        if behaviour in (matcher_everybody_is_alike, matcher_everybody_is_somewhat_alike, matcher_honest_word):
            os.execv(program[0], program)
        behaviour = finger_enrols_at_once
    elif kind == "matcher":
        say("a matcher")
    try:
        behaviour(channel)
        channel.drain()
    except (BrokenPipeError, ConnectionResetError):
        pass


if __name__ == "__main__":
    main()
