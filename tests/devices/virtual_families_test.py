#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Virtual My Number cards and YubiKeys as programs see them that are not ours: OpenSC's jpki driver and Yubico's library.
Else card and worker could share one misunderstanding.

Usage: virtual_families_test.py BUILD_DIR [TEST...]"""
import hashlib
import hmac
import os
import ssl
import subprocess
import sys
import unittest

from smartcard import System
from ykman.pcsc import ScardYubiKeyDevice
from yubikit.core.smartcard import ApduError, SmartCardConnection
from yubikit.yubiotp import SLOT, HmacSha1SlotConfiguration, YubiOtpSession

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import pcscns

BUILD = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
DATA = f"{pcscns.ROOT}/data"
SIGNATURE = f"{pcscns.ROOT}/signature"
CONTACT_ATR = "3BE000FF8131FE4514"  # of a My Number card
KEY = bytes(range(0x30, 0x44))
PADDINGS = (b"\x00", b"\x01", b"\xff")


class Base(unittest.TestCase):
    """pcscd with one card."""
    pcsc = None

    @classmethod
    def setUpClass(cls):
        cls.pcsc = pcscns.Pcsc()
        cls.pcsc.start()

    @classmethod
    def tearDownClass(cls):
        cls.pcsc.stop()

    def setUp(self):
        self.card = None

    def tearDown(self):
        if self.card is not None:
            self.card.end()
            self.pcsc.wait_card(0, False)

    def insert(self, *before, **options):
        """A new card in slot 0, behind these lines of control."""
        self.tearDown()
        self.card = pcscns.VirtualCard(BUILD, 0, **options)
        for line in ("log on", *before):
            self.card.ask(line)
        self.card.insert()
        self.pcsc.wait_card(0)


class Jpki(Base):
    """OpenSC."""

    def run_host(self, *command):
        """(exit status, both outputs)."""
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=60)
        return done.returncode, done.stdout

    def test_recognised_by_atr_or_application(self):
        for atr in ("default", CONTACT_ATR):
            with self.subTest(atr=atr):
                self.insert(f"atr {atr}", family="jpki")
                status, text = self.run_host("opensc-tool", "-n", "-r", "0")
                self.assertEqual((status, text.strip()), (0, "jpki"))

    def test_certificate(self):
        self.insert(family="jpki", subject="Yamada Hanako")
        status, text = self.run_host("pkcs11-tool", "-O")
        self.assertEqual(status, 0, text)
        self.assertIn("CN=Yamada Hanako", text)
        status, text = self.run_host("pkcs15-tool", "--read-certificate", "01")
        self.assertEqual(status, 0, text)
        pem = text[text.index("-----BEGIN"):]
        self.assertEqual(ssl.PEM_cert_to_DER_cert(pem[:pem.index("-----END CERTIFICATE-----") + 25]),
                         self.card.certificate(0x17))

    def test_signature(self):
        """Its last commands are those of our worker."""
        self.insert(family="jpki")
        with open(DATA, "wb") as file:
            file.write(b"x" * 100)
        status, text = self.run_host("pkcs11-tool", "-s", "-m", "SHA256-RSA-PKCS", "--id", "01", "-l", "--pin", "1234",
                                     "-i", DATA, "-o", SIGNATURE)
        self.assertEqual(status, 0, text)
        status, text = self.run_host("openssl", "dgst", "-sha256", "-verify", self.card.public_key(0x17), "-signature",
                                     SIGNATURE, DATA)
        self.assertEqual(status, 0, text)
        info = "3031300D060960864801650304020105000420" + hashlib.sha256(b"x" * 100).hexdigest().upper()
        self.assertEqual([command for command, _ in self.card.log()][-4:],
                         ["00A4020C020018", "002000800431323334", "00A4020C020017", f"802A008033{info}00"])

    def test_tries(self):
        self.insert(family="jpki")
        self.assertIn("Tries left     : 3", self.run_host("pkcs15-tool", "--list-pins")[1])
        status, text = self.run_host("pkcs11-tool", "-O", "-l", "--pin", "9999")
        self.assertNotEqual(status, 0)
        self.assertIn("CKR_PIN_INCORRECT", text)
        self.assertEqual(self.card.tries(), 2)
        self.assertIn("Tries left     : 2", self.run_host("pkcs15-tool", "--list-pins")[1])
        self.run_host("pkcs11-tool", "-O", "-l", "--pin", "1234")
        self.assertEqual(self.card.tries(), 3)


class Yubikey(Base):
    """Yubico's library over PC/SC."""

    def session(self):
        """A session with the OTP application; closed at the end of the test."""
        reader = next(r for r in System.readers() if r.name == self.pcsc.reader(0))
        connection = ScardYubiKeyDevice(reader).open_connection(SmartCardConnection)
        self.addCleanup(connection.close)
        return YubiOtpSession(connection)

    def insert_key(self, *settings):
        """A new key in slot 0."""
        self.insert(family="yubikey-ccid", set=["serial=12345678", *settings])

    def test_version_serial_and_slots(self):
        self.insert_key(f"slot2={KEY.hex()}.touch", "touch=0")
        session = self.session()
        self.assertEqual((tuple(session.version), session.get_serial()), ((5, 4, 3), 12345678))
        state = session.get_config_state()
        self.assertEqual([state.is_configured(slot) for slot in SLOT], [False, True])
        self.assertTrue(state.is_touch_triggered(SLOT.TWO))

    def test_responses(self):
        self.insert_key(f"slot1={KEY.hex()}", f"slot2={KEY[::-1].hex()}")
        session = self.session()
        for slot, key in ((SLOT.ONE, KEY), (SLOT.TWO, KEY[::-1])):
            for size in (1, 20, 32, 63):
                for last in PADDINGS:
                    challenge = os.urandom(size - 1) + last
                    self.assertEqual(session.calculate_hmac_sha1(slot, challenge),
                                     hmac.new(key, challenge, hashlib.sha1).digest())

    def test_programmed_by_the_library(self):
        self.insert_key(f"slot2={KEY.hex()}")
        session = self.session()
        session.put_configuration(SLOT.ONE, HmacSha1SlotConfiguration(KEY[::-1]))
        self.assertEqual(session.calculate_hmac_sha1(SLOT.ONE, b"abc"),
                         hmac.new(KEY[::-1], b"abc", hashlib.sha1).digest())
        session.put_configuration(SLOT.ONE, HmacSha1SlotConfiguration(KEY).lt64(False))
        self.assertEqual(session.calculate_hmac_sha1(SLOT.ONE, b"abc"),
                         hmac.new(KEY, b"abc".ljust(64, b"\0"), hashlib.sha1).digest())
        session.delete_slot(SLOT.ONE)
        with self.assertRaises(Exception):
            session.calculate_hmac_sha1(SLOT.ONE, b"abc")
        self.assertEqual(session.calculate_hmac_sha1(SLOT.TWO, b"abc"), hmac.new(KEY, b"abc", hashlib.sha1).digest())

    def test_nobody_touches(self):
        self.insert_key(f"slot1={KEY.hex()}.touch", "touch=-1")
        with self.assertRaises(ApduError):
            self.session().calculate_hmac_sha1(SLOT.ONE, b"abc")


if __name__ == "__main__":
    if not BUILD:
        sys.exit(__doc__)
    pcscns.enter()
    del sys.argv[1]
    unittest.main(verbosity=2)
