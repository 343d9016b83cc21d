# SPDX-License-Identifier: Apache-2.0
"""Recorded sensors (tests/data/sensors) replayed to toyama-finger by umockdev."""
import os
import struct
import subprocess

from fingerrig import PLAIN, SANITIZER, Worker

SENSORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "sensors")
PACKET = 6      # pcapng: enhanced packet block
PIXELS = 64     # usbmon: octets before the data
SYNAPTICS_OPENED, SYNAPTICS_CLEARED = 18, 34    # packets: the recorded wiping of the chip
SYNAPTICS_VERIFY, SYNAPTICS_VERIFIED = 272, 302


class Recorded:
    """A replayed sensor. umockdev lives as long as its standard input is open."""

    def __init__(self, name, capture=None):
        folder = os.path.join(SENSORS, name)
        device = os.path.join(folder, "device")
        command = ["umockdev-run", "-d", device]
        ioctl = os.path.join(folder, "capture.ioctl")
        if os.path.exists(ioctl):
            with open(ioctl, encoding="utf-8") as lines:
                node = lines.readline().split()[1]
            command += ["-i", f"{node}={ioctl}"]
        else:
            with open(device, encoding="utf-8") as lines:
                path = lines.readline().strip().removeprefix("P: ")
            command += ["-p", f"/sys{path}={capture or os.path.join(folder, 'capture.pcapng')}"]
        script = 'echo "$LD_PRELOAD"; echo "$UMOCKDEV_DIR"; exec cat'
        self.process = subprocess.Popen([*command, "--", "sh", "-c", script], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        options = SANITIZER["ASAN_OPTIONS"] + ":verify_asan_link_order=0"
        self.env = {**PLAIN, "ASAN_OPTIONS": options, "FP_DEVICE_EMULATION": "1",
                    "LD_PRELOAD": self.process.stdout.readline().strip(),
                    "UMOCKDEV_DIR": self.process.stdout.readline().strip()}

    def worker(self, program, arguments=("--recorded-device",)):
        return Worker(program, env=self.env, arguments=arguments, stderr=subprocess.DEVNULL)

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)


def _blocks(data):
    """[(is a packet, octets)]."""
    at, out = 0, []
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        out.append((kind == PACKET, bytearray(data[at:at + length])))
        at += length
    return out


def _renumber(block, step, finger):
    """Changes the number of the chip's command, and the finger in the name of its print."""
    data = 28 + PIXELS
    for mark in (b"\xa7\xfe", b"\0\0\xfe"):
        number = data + len(mark)
        if block[data:number] == mark and block[number] != 0:
            block[number] += step
    name = block.find(b"FP1-00000000-0-", data)
    if name >= 0:
        block[name + 13] = ord(f"{finger:X}")
    return bytes(block)


def _refused(block):
    """Turns the chip's "match" into "no match": answer 0x67 with the reason 404, shorter."""
    at = 28 + PIXELS
    packet = bytearray(block[28:at]) + block[at:at + 4] + b"\x67\x02\x01\x94"
    struct.pack_into("<II", packet, 32, len(packet) - PIXELS, len(packet) - PIXELS)
    size = 28 + len(packet) + -len(packet) % 4 + 4
    return (struct.pack("<II", PACKET, size) + block[8:20] +
            struct.pack("<II", len(packet), len(packet)) + packet + bytes(-len(packet) % 4) +
            struct.pack("<I", size))


def synaptics_enrolment(path, finger, confirmations, match=True):
    """Writes a recording in which the chip enrols `finger` (of FpFinger) and is asked to confirm it.

    The chip is not wiped before, its one verification is repeated, and at the end the print is
    removed from it."""
    with open(os.path.join(SENSORS, "synaptics", "custom.pcapng"), "rb") as recording:
        blocks = _blocks(recording.read())
    head = [bytes(block) for packet, block in blocks if not packet]
    packets = [block for packet, block in blocks if packet]
    verify = packets[SYNAPTICS_VERIFY:SYNAPTICS_VERIFIED]
    out = head + [bytes(p) for p in packets[:SYNAPTICS_OPENED]]
    out += [_renumber(bytearray(p), -1, finger)
            for p in packets[SYNAPTICS_CLEARED:SYNAPTICS_VERIFY]]
    for n in range(confirmations):
        part = [_renumber(bytearray(p), n - 1, finger) for p in verify]
        out += part if match else part[:-1] + [_refused(part[-1])]
    out += [_renumber(bytearray(p), confirmations - 2, finger)
            for p in packets[SYNAPTICS_VERIFIED:]]
    with open(path, "wb") as edited:
        edited.write(b"".join(out))
