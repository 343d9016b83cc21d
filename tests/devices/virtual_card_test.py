#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The virtual card itself: the differences between its two kinds, and what programs that are not
ours make of it (OpenSC, yubico-piv-tool). Else card and worker could share one misunderstanding.

Usage: virtual_card_test.py BUILD_DIR [TEST...]"""
import os
import ssl
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
# pylint: disable=wrong-import-position
import pcscns
import scard

BUILD = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else ""
SELECT = "00A4040009A0000003080000100000"
PIN_OK = "0020008008313233343536FFFF"
PIN_BAD = "0020008008393939393939FFFF"
DATA = f"{pcscns.ROOT}/data"
SIGNATURE = f"{pcscns.ROOT}/signature"


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
            self.pcsc.wait_card(0, False, settle=False)

    def insert(self, **options):
        """A new card in slot 0."""
        self.tearDown()
        self.card = pcscns.VirtualCard(BUILD, 0, **options)
        self.card.insert()
        self.pcsc.wait_card(0)


class Kinds(Base):
    """Both columns of the table of measured differences."""

    def ask(self, *commands):
        """Answers in hex to commands in hex, over a fresh connection and reset."""
        with scard.Context() as context:
            card = context.connect(self.pcsc.reader(0))
            answers = [card.transmit(command).hex().upper() for command in commands]
            card.disconnect(scard.RESET_CARD)
        return answers

    def last(self, *commands):
        """The answer to the last command, behind SELECT."""
        return self.ask(SELECT, *commands)[-1]

    def compare(self, want_a, want_b, probe, **options):
        """probe() on a card of each kind."""
        for like, want in (("A", want_a), ("B", want_b)):
            with self.subTest(like=like):
                self.insert(like=like, **options)
                self.assertEqual(probe(), want)

    def test_select(self):
        self.compare(19, 124, lambda: len(self.last()) // 2 - 2)
        self.compare("6A82", "6D00", lambda: self.ask("00A4040005A000000397")[0])
        for aid in ("05A000000308", "09A00000030800001000", "0BA000000308000010000100"):
            self.assertEqual(self.ask("00A40400" + aid)[0][-4:], "9000")

    def test_pin(self):
        self.compare("63C3", "9000", lambda: self.last(PIN_OK, SELECT, "00200080"))
        self.compare(["63C3", "63C2", "63C2"], ["63C5", "63C4", "63C4"],
                     lambda: self.ask(SELECT, "00200080", PIN_BAD, "0020008000")[1:])
        self.compare("6700", "6A80", lambda: self.last("0020008006313233343536"))
        self.assertEqual(self.last(PIN_OK, "00200080"), "9000")
        self.assertEqual(self.last(PIN_OK, "0020FF80", "00200080"), "63C5")
        self.assertEqual(self.last("0020000008313233343536FFFF"), "6A88")

    def test_rsa(self):
        block = "0001" + "FF" * 202 + "003031300D060960864801650304020105000420" + "11" * 32
        template = "7C820106820081820100" + block
        first, rest = "1087079AFF" + template[:510], "0087079A0B" + template[510:] + "00"
        extended = "0087079A00010A" + template + "0000"
        self.compare(["9000", "6982"], ["6982", "6982"], lambda: self.ask(SELECT, first, rest)[1:],
                     alg_9a="rsa2048")

        def shape(command):
            answers = self.ask(SELECT, PIN_OK, *command)
            return [(len(answer) // 2 - 2, answer[-4:]) for answer in answers[2:]]
        self.compare([(0, "9000"), (256, "6108"), (8, "9000")], [(0, "9000"), (255, "6109"), (9, "9000")],
                     lambda: shape([first, rest, "00C0000009"]), alg_9a="rsa2048")
        self.compare([(264, "9000")], [(255, "6109")], lambda: shape([extended]), alg_9a="rsa2048")

    def test_ecdsa_lengths(self):
        def sign(octets):
            body = f"820081{octets:02X}" + "22" * octets
            template = f"7C{len(body) // 2:02X}" + body
            return self.last(f"0087119E{len(template) // 2:02X}{template}00")[-4:]
        self.compare(["9000", "9000", "6700"], ["6A80", "9000", "9000"], lambda: [sign(31), sign(32), sign(48)])

    def test_slots(self):
        body = "7C2482008120" + "22" * 32
        self.compare("6985", "6A86", lambda: self.last(f"0087119D26{body}00"))
        for command in (f"0087079E26{body}00", f"0087118126{body}00"):
            self.assertEqual(self.last(command), "6A86")

    def test_objects(self):
        self.compare("6A82", 10, lambda: (lambda a: a if len(a) == 4 else len(a) // 2 - 2)(
            self.last("00CB3FFF055C035FC10C00")))
        self.compare([61, 20], [61, 20], lambda: [len(self.last(c)) // 2 - 2 for c in
                                                  ("00CB3FFF055C035FC10200", "00CB3FFF035C017E00")])
        self.compare(["6A82", "6982"], ["6A82", "6982"], lambda: [self.last(c) for c in (
            "00CB3FFF055C035FC10B00", "00CB3FFF055C035FC10900")])
        self.compare("6D00", "61FF", lambda: self.last("00F99A0000")[-4:], alg_9a="rsa2048")

    def test_unknown_commands(self):
        self.compare(["6982", "6E00"], ["6D00", "6E00"], lambda: [self.last("00550000"), self.last("80200080")])

    def test_answer_in_pieces(self):
        self.insert()
        head, rest = self.ask(SELECT, "00CB3FFF055C035FC10208", "00C0000000")[1:]
        self.assertEqual((len(head), head[-4:]), (20, "6135"))
        self.assertEqual(len(rest) // 2, 61 - 8 + 2)

    def test_puk(self):
        wrong = "002C0080103939393939393939" + "313233343536FFFF"
        self.compare(["63C2", "63C1", "6983", "6983"], ["63C2", "63C1", "6983", "6983"],
                     lambda: self.ask(SELECT, *[wrong] * 4)[1:])
        self.compare(["6A86", "63C3"], ["6A86", "63C3"], lambda: [
            self.last("00200081"), (self.card.ask("set puk-query yes"), self.last("00200081"))[1]])
        self.compare("6D00", "0101FF05010006020303" + "9000", lambda: self.last("00F7008100"))

    def test_pin_change(self):
        change = "0024008010313233343536FFFF" + "363534333231FFFF"
        self.compare(["9000", "63C2", "9000"], ["9000", "63C4", "9000"], lambda: self.ask(
            SELECT, change, PIN_OK, "0020008008363534333231FFFF")[1:])
        self.compare("6A80", "6A80", lambda: self.last("0024008010" + "363534333231FFFF" + "AA" * 8))

    def test_global_pin(self):
        self.compare(["7E124F0BA0000003080000100001005F2F026020" + "9000", "9000"],
                     ["7E124F0BA0000003080000100001005F2F026020" + "9000", "9000"],
                     lambda: self.ask(SELECT, "00CB3FFF035C017E00", "0020000008313233343536FFFF")[1:], set="policy=6020")

    def test_blocked_and_unblocked(self):
        self.insert()
        self.assertEqual(self.ask(SELECT, *[PIN_BAD] * 4)[1:], ["63C2", "63C1", "6983", "6983"])
        self.assertEqual(self.last(PIN_OK), "6983")
        self.assertEqual(self.last("002C0080103132333435363738363534333231FFFF"), "9000")
        self.assertEqual(self.last("0020008008363534333231FFFF"), "9000")

    def test_state_outlives_the_process(self):
        self.insert()
        self.last(PIN_BAD)
        guid = self.last("00CB3FFF055C035FC10200")
        self.card.end(forget=False)
        self.pcsc.wait_card(0, False)
        self.card = pcscns.VirtualCard(BUILD, 0)
        self.card.insert()
        self.pcsc.wait_card(0)
        self.assertEqual(self.card.tries(), 2)
        self.assertEqual(self.last("00CB3FFF055C035FC10200"), guid)

    def test_clone_has_other_keys(self):
        self.insert()
        pcscns.copy_state(self.card, "original")
        objects = [self.last("00CB3FFF055C035FC1" + xx) for xx in ("0200", "0500", "0100")]
        self.insert(name="clone", clone_public=f"{pcscns.ROOT}/original.state")
        self.assertEqual([self.last("00CB3FFF055C035FC1" + xx) for xx in ("0200", "0500", "0100")], objects)
        answer = self.last("0087119E267C2482008120" + "22" * 32 + "00")
        self.assertFalse(verify_digest(self.card, 0x9E, bytes([0x22] * 32), bytes.fromhex(answer[8:-4])))


def verify_digest(card, ref, digest, signature):
    """True where openssl accepts the signature under the card's certificate."""
    with open(DATA, "wb") as file:
        file.write(digest)
    with open(SIGNATURE, "wb") as file:
        file.write(signature)
    return subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", card.public_key(ref), "-in", DATA,
                           "-sigfile", SIGNATURE], capture_output=True, check=False).returncode == 0


class Hosts(Base):
    """Programs that were not written by us."""

    def run_host(self, *command):
        """(exit status, both outputs)."""
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False,
                              stdin=subprocess.DEVNULL, timeout=60)
        return done.returncode, done.stdout

    def each(self, **options):
        """Inserts cards of both kinds and all key types."""
        for like in "AB":
            for alg, mechanism, digest in (("p256", "ECDSA-SHA256", "-sha256"), ("p384", "ECDSA-SHA384", "-sha384"),
                                           ("rsa2048", "SHA256-RSA-PKCS", "-sha256"),
                                           ("rsa3072", "SHA256-RSA-PKCS", "-sha256")):
                with self.subTest(like=like, alg=alg):
                    self.insert(like=like, alg_9a=alg, subject="Yamada Hanako", **options)
                    yield mechanism, digest

    def test_opensc_recognises_it(self):
        for _ in self.each():
            status, text = self.run_host("opensc-tool", "-n", "-r", "0")
            self.assertEqual((status, text.strip()), (0, "Personal Identity Verification Card"))

    def test_pkcs11_lists_and_signs(self):
        with open(DATA, "wb") as file:
            file.write(b"x" * 100)
        for mechanism, digest in self.each():
            status, text = self.run_host("pkcs11-tool", "-O")
            self.assertEqual(status, 0)
            self.assertIn("CN=Yamada Hanako", text)
            status, text = self.run_host("pkcs11-tool", "-s", "-m", mechanism, "--signature-format", "openssl", "--id",
                                         "01", "-l", "--pin", "123456", "-i", DATA, "-o", SIGNATURE)
            self.assertEqual(status, 0, text)
            status, text = self.run_host("openssl", "dgst", digest, "-verify", self.card.public_key(0x9A),
                                         "-signature", SIGNATURE, DATA)
            self.assertEqual(status, 0, text)

    def test_pkcs11_wrong_pin_costs_one_try(self):
        self.insert()
        status, text = self.run_host("pkcs11-tool", "-O", "-l", "--pin", "999999")
        self.assertNotEqual(status, 0)
        self.assertIn("CKR_PIN_INCORRECT", text)
        self.assertEqual(self.card.tries(), 2)

    def test_compressed_certificates(self):
        for _ in self.each(set="gzip=yes"):
            status, text = self.run_host("pkcs15-tool", "--read-certificate", "01")
            self.assertEqual(status, 0, text)
            pem = text[text.index("-----BEGIN"):]
            self.assertEqual(ssl.PEM_cert_to_DER_cert(pem[:pem.index("-----END CERTIFICATE-----") + 25]),
                             self.card.certificate(0x9A))

    def test_opensc_changes_and_unblocks_the_pin(self):
        for like in "AB":
            with self.subTest(like=like):
                self.insert(like=like)
                self.card.ask("log on")
                steps = ((("pkcs11-tool", "--change-pin", "--pin", "123456", "--new-pin", "654321"),
                          "0024008010313233343536FFFF363534333231FFFF"),
                         (("pkcs15-tool", "--unblock-pin", "--auth-id", "01", "--puk", "12345678", "--new-pin", "111111"),
                          "002C0080103132333435363738313131313131FFFF"))
                for command, apdu in steps:
                    status, text = self.run_host(*command)
                    self.assertEqual(status, 0, text)
                    self.assertEqual(self.card.log()[-1], (apdu, "9000"))
                self.assertEqual(self.run_host("pkcs11-tool", "-O", "-l", "--pin", "111111")[0], 0)

    def test_yubico_piv_tool(self):
        for like in "AB":
            with self.subTest(like=like):
                self.insert(like=like, guid="00112233445566778899aabbccddeeff", subject="Yamada Hanako")
                tool = ("yubico-piv-tool", "-r", "Virtual")
                status, text = self.run_host(*tool, "-a", "status")
                self.assertEqual(status, 0, text)
                self.assertIn("341000112233445566778899aabbccddeeff", text)
                self.assertIn("ECCP256", text)
                self.assertIn("CN=Yamada Hanako", text)
                self.assertEqual(self.run_host(*tool, "-a", "verify-pin", "-P", "123456")[0], 0)
                self.assertEqual(self.run_host(*tool, "-a", "change-pin", "-P", "123456", "-N", "654321")[0], 0)
                self.assertNotEqual(self.run_host(*tool, "-a", "verify-pin", "-P", "123456")[0], 0)
                self.assertEqual(self.run_host(*tool, "-a", "unblock-pin", "-P", "12345678", "-N", "123456")[0], 0)


if __name__ == "__main__":
    if not BUILD:
        sys.exit(__doc__)
    pcscns.enter()
    del sys.argv[1]
    unittest.main(verbosity=2)
