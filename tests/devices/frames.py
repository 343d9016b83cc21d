# SPDX-License-Identifier: Apache-2.0
"""Frames of toyama's worker channels (core/wire/frame.h) in Python: one DER-TLV a packet.

Used by tests that play the broker for a worker, or a worker for the broker."""
import enum


class FrameError(ValueError):
    """Octets that are no frame."""


def _length(n):
    if n < 0x80:
        return bytes([n])
    octets = n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(octets)]) + octets


def tlv(tag, value):
    """One element with a one-octet tag."""
    return bytes([tag]) + _length(len(value)) + value


def uint(value):
    """Content of a non-negative DER INTEGER."""
    octets = value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")
    return b"\0" + octets if octets[0] & 0x80 else octets


def elements(data):
    """[(tag, value)] of a sequence of elements with one-octet tags."""
    out, at = [], 0
    while at < len(data):
        if len(data) - at < 2 or data[at] & 0x1F == 0x1F:
            raise FrameError("bad element")
        tag, size = data[at], data[at + 1]
        at += 2
        if size >= 0x80:
            octets = size & 0x7F
            if octets == 0 or octets > 4 or len(data) - at < octets:
                raise FrameError("bad length")
            size = int.from_bytes(data[at:at + octets], "big")
            at += octets
        if size > len(data) - at:
            raise FrameError("element ends behind the data")
        out.append((tag, data[at:at + size]))
        at += size
    return out


def encode(kind, fields):
    """`fields`: {number: int, str or bytes}; None is left out."""
    body = b""
    for number, value in fields.items():
        if value is None:
            continue
        if isinstance(value, int):
            value = uint(value)
        elif isinstance(value, str):
            value = value.encode()
        body += tlv(0x80 + number, value)
    return tlv(kind, body)


def decode(packet):
    """(kind, {number: bytes})."""
    outer = elements(packet)
    if len(outer) != 1:
        raise FrameError("not one frame")
    kind, body = outer[0]
    fields = {}
    for tag, value in elements(body):
        number = tag - 0x80
        if not 0 <= number < 31 or number in fields:
            raise FrameError(f"field {tag:#x}")
        fields[number] = value
    return kind, fields


class Card(enum.IntEnum):
    """enum card_type."""
    OPEN = 0x61
    READ = 0x62
    SIGN = 0x63
    NEXT = 0x64
    END = 0x65
    LIST = 0x66
    PIN = 0x67
    ISSUE = 0x68
    WAITING = 0x71
    PRESENT = 0x72
    OBJECT = 0x73
    SIGNED = 0x74
    FAILED = 0x75
    REMOVED = 0x76
    READERS = 0x77
    CHANGED = 0x78


class CardFamily(enum.IntEnum):
    """enum card_family."""
    PIV = 1
    JPKI = 2
    FELICA = 3
    YUBIKEY = 4
    MEMORISED = 5


class CardField(enum.IntEnum):
    """enum card_field."""
    ATTEMPT = 0
    READER = 1
    COUNTER = 2
    ATR = 3
    FAMILY = 4
    KEY = 5
    ALG = 6
    DIGEST = 7
    PIN = 8
    PINREF = 9
    MORE = 10
    OBJECT = 11
    DATA = 12
    REASON = 13
    SW = 14
    TRIES = 15
    APDUS = 16
    SENT = 17
    RECEIVED = 18
    SIGNATURE = 19
    MICROS = 20
    LIST = 21
    NEWPIN = 22
    UNBLOCK = 23
    SECRET = 24
    KEYVER = 25
    LOCK = 26


CARD_NUMBERS = {CardField.COUNTER, CardField.FAMILY, CardField.KEY, CardField.ALG, CardField.PINREF,
                CardField.MORE, CardField.OBJECT, CardField.REASON, CardField.SW, CardField.TRIES,
                CardField.APDUS, CardField.SENT, CardField.RECEIVED, CardField.MICROS, CardField.UNBLOCK,
                CardField.KEYVER, CardField.LOCK}


class CardReason(enum.IntEnum):
    """enum card_reason."""
    NO_SERVICE = 1
    NO_READER = 2
    NO_CARD = 3
    IN_USE = 4
    MUTE = 5
    UNKNOWN = 6
    REFUSED = 7
    PIN_WRONG = 8
    PIN_BLOCKED = 9
    PIN_LAST = 10
    PIN_FORMAT = 11
    PIN_NEEDED = 12
    GONE = 13
    MALFORMED = 14
    ABSENT = 15
    NO_OTHER = 16
    INTERNAL = 17


class CardObject(enum.IntEnum):
    """enum card_object."""
    IDENTIFIER = 1
    CERT_9A = 2
    CERT_9E = 3
    DISCOVERY = 4
    TRIES = 5
    CERT_JPKI = 6
    CERT_9C = 7


class CardAlg(enum.IntEnum):
    """enum card_alg."""
    RSA3072 = 0x05
    RSA2048 = 0x07
    P256 = 0x11
    P384 = 0x14
    MAC_A = 0xE0
    HMAC_SHA1 = 0xE1


def card_fields(fields):
    """{CardField: int, str or bytes}."""
    out = {}
    for number, value in fields.items():
        field = CardField(number)
        if field in CARD_NUMBERS:
            out[field] = int.from_bytes(value, "big")
        elif field == CardField.READER:
            out[field] = value.decode()
        else:
            out[field] = value
    return out
