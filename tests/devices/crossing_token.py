# SPDX-License-Identifier: Apache-2.0
"""Plays toyama-yubikey for the broker: the other key leaves while the broker asks for another one, and the person's
comes. Like the real one it waits for ever where it is asked for yet another.

    crossing_token.py SERIAL    the channel is descriptor 3"""
import enum
import socket
import sys

import frames


class Type(enum.IntEnum):
    """enum token_type."""
    OPEN, CHALLENGE, NEXT = 0x61, 0x62, 0x64
    PRESENT, FAILED, REMOVED = 0x72, 0x76, 0x77


ATTEMPT, REASON, KEYS, MICROS = 0, 10, 11, 13
UNTOUCHED = 8


def key(serial):
    """One of KEYS: firmware 5.4.3, slot 2 is programmed."""
    return frames.tlv(0x30, frames.tlv(2, frames.uint(serial)) + frames.tlv(4, bytes([5, 4, 3])) +
                      frames.tlv(2, frames.uint(2)) + frames.tlv(2, frames.uint(0)))


def main():
    channel = socket.socket(fileno=3)

    def receive(kind):
        found, fields = frames.decode(channel.recv(600))
        while found != kind:
            found, fields = frames.decode(channel.recv(600))
        return fields[ATTEMPT]
    attempt = receive(Type.OPEN)

    def send(kind, fields=None):
        channel.send(frames.encode(kind, {ATTEMPT: attempt, **(fields or {})}))
    send(Type.PRESENT, {KEYS: key(1)})
    receive(Type.NEXT)
    send(Type.REMOVED)
    send(Type.PRESENT, {KEYS: key(int(sys.argv[1]))})
    kind, _ = frames.decode(channel.recv(600))
    if kind == Type.CHALLENGE:
        send(Type.FAILED, {REASON: UNTOUCHED, MICROS: 1})
    channel.recv(600)


main()
