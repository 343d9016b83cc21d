# SPDX-License-Identifier: Apache-2.0
"""Descriptors that come with a packet: only a call of admin.sock may bring one, and only where its verb wants a
file; whatever comes, the broker has none left afterwards.

    admin_file_test.py BUILD_DIR"""
import os
import socket
import sys
import tempfile
import unittest

import brokerrig
import frames
import pcscns
from brokerrig import Admin, Auth, AuthField

BUILD = sys.argv[1] if len(sys.argv) > 1 else "build"
STATUS = frames.encode(0x61, {0: 1, 1: "status"})
START = frames.encode(Auth.START, {AuthField.NONCE: bytes(16), AuthField.VERSION: 1, AuthField.SERVICE: "su",
                                   AuthField.USER: "nobody", AuthField.TTY: "tty1"})


class Passed(unittest.TestCase):
    """The broker without any device."""

    @classmethod
    def setUpClass(cls):
        cls.broker = brokerrig.Broker(BUILD, card_wait="3")
        cls.broker.init()
        cls.broker.start()

    @classmethod
    def tearDownClass(cls):
        cls.broker.check_clean()

    def setUp(self):
        self.file = tempfile.TemporaryFile()  # pylint: disable=consider-using-with
        self.addCleanup(self.file.close)
        self.open_before = self.descriptors()

    def descriptors(self):
        """How many the broker holds once it has seen everybody go."""
        seen = []

        def quiet():
            seen.append(len(os.listdir(f"/proc/{self.broker.process.pid}/fd")))
            return len(seen) > 2 and len(set(seen[-3:])) == 1
        self.broker.must("status")
        pcscns.wait_until(quiet, what="a quiet broker", step=0.05)
        return seen[-1]

    def send(self, packet, count, path=None):
        """The frames of the answer, to the end."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as sock:
            sock.settimeout(10)
            sock.connect(path or self.broker.admin_path)
            socket.send_fds(sock, [packet], [self.file.fileno()] * count)
            out = []
            while True:
                try:
                    got = sock.recv(65536)
                except ConnectionResetError:
                    got = b""
                if not got:
                    return out
                out.append(frames.decode(got))

    def test_verb_without_file(self):
        [(kind, fields)] = self.send(STATUS, 1)
        self.assertEqual((kind, fields[6], fields[7]),
                         (0x74, frames.uint(Admin.USAGE), b"status does not take a file"))
        self.assertEqual(self.descriptors(), self.open_before)

    def test_more_than_one(self):
        for count in (2, 3, 100):
            self.assertEqual(self.send(STATUS, count), [])
        self.assertEqual(self.descriptors(), self.open_before)

    def test_with_what_is_no_call(self):
        for packet in (b"\x61", frames.encode(0x62, {3: "123456"}), bytes(70000)):
            self.assertEqual(self.send(packet, 1), [])
        self.assertEqual(self.descriptors(), self.open_before)

    def test_with_a_login(self):
        """Nothing is there for it: the kernel closes it before the broker sees it."""
        self.send(START, 1, self.broker.auth_path)
        self.assertEqual(self.descriptors(), self.open_before)


if __name__ == "__main__":
    pcscns.enter()
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
