# SPDX-License-Identifier: Apache-2.0
"""A zone's side of the enrolment station, written a second time from docs/roster.asn1: records, issues, payloads, roster
files and join files, none of them by toyama's own code."""
import copy
import datetime
import hashlib
import os
import sqlite3
import time

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import aes_key_wrap
from cryptography.x509.oid import NameOID

from frames import elements, tlv, uint

ZONES = {"individual-number": 1, "lgwan": 2, "internet": 4}
REGISTRAR, APPROVER, ADMINISTRATOR, AUDITOR = 1, 2, 4, 8
ACTIVE, STOPPED, SUSPENDED, RETURNED, DESTROYED = range(1, 6)
PIV, JPKI, FELICA, YUBIKEY, MEMORISED = range(1, 6)
ROOT = bytes(16)


def sha256(*parts):
    """Of the parts, one behind the other."""
    return hashlib.sha256(b"".join(parts)).digest()


# DER

def seq(*parts):
    """SEQUENCE"""
    return tlv(0x30, b"".join(parts))


def integer(value):
    """INTEGER, not negative"""
    return tlv(0x02, uint(value))


def octets(value):
    """OCTET STRING"""
    return tlv(0x04, value)


def utf8(value):
    """UTF8String"""
    return tlv(0x0C, value.encode())


def boolean(value):
    """BOOLEAN"""
    return tlv(0x01, b"\xff" if value else b"\0")


def texts(values):
    """SEQUENCE OF UTF8String"""
    return seq(*map(utf8, values))


# Records

KEY = (("ref", integer), ("pin", boolean), ("spki", octets))
FINGER = (("id", octets), ("finger", integer), ("enrolled", integer), ("driver", utf8), ("device", utf8),
          ("width", integer), ("height", integer), ("samples", integer), ("sealed_hash", octets))
PLAN = (("from", integer), ("section", utf8), ("category", integer), ("valid_until", integer), ("zones", integer),
        ("hosts", texts))
EXCEPTION = (("factors", integer), ("reason", integer), ("from", integer), ("until", integer), ("hosts", texts),
             ("approver", octets), ("form", utf8))
CREDENTIAL = (("id", octets), ("family", integer), ("state", integer), ("reason", integer), ("zones", integer),
              ("temporary", boolean), ("from", integer), ("until", integer), ("slot", integer), ("stop_hash", octets),
              ("pin_ref", integer), ("enrolled", integer), ("hint", octets), ("label", utf8), ("keys", KEY))
RECORD = (("version", integer), ("id", octets), ("number", utf8), ("name", utf8), ("kana", utf8), ("section", utf8),
          ("category", integer), ("state", integer), ("reason", integer), ("zones", integer), ("roles", integer),
          ("escort", boolean), ("days", integer), ("begin", integer), ("end", integer), ("form", utf8),
          ("hosts", texts), ("valid_from", integer), ("valid_until", integer), ("logins", texts),
          ("credentials", CREDENTIAL), ("fingers", FINGER), ("plans", PLAN), ("exceptions", EXCEPTION))
STANDARD = {integer: 0, boolean: False, utf8: "", octets: b"", texts: ()}
READ = {integer: lambda v: int.from_bytes(v, "big"), boolean: lambda v: v != b"\0", utf8: bytes.decode, octets: bytes,
        texts: lambda v: [text.decode() for _, text in elements(v)]}


def encode(schema, values):
    """DER of a structure; what is not given is zero or empty."""
    parts = []
    for name, kind in schema:
        if isinstance(kind, tuple):
            parts.append(seq(*(encode(kind, item) for item in values.get(name, ()))))
        else:
            parts.append(kind(values.get(name, STANDARD[kind])))
    return seq(*parts)


def _decode(schema, body):
    out = {}
    for (name, kind), (_, value) in zip(schema, elements(body), strict=True):
        out[name] = ([_decode(kind, item) for _, item in elements(value)] if isinstance(kind, tuple)
                     else READ[kind](value))
    return out


def decode(schema, der):
    """The inverse of encode."""
    (_, body), = elements(der)
    return _decode(schema, body)


def person(number, login, zone, **values):
    """A regular member of staff with a right in the zone and nothing to prove."""
    return {"version": 2, "id": os.urandom(16), "number": number, "name": f"Name of {number}", "category": 1,
            "state": ACTIVE, "zones": ZONES[zone], "valid_from": 1, "logins": [login], "credentials": [], "fingers": [],
            "plans": [], "exceptions": [], **values}


def card(spki=None, **values):
    """A PIV card with a free key."""
    spki = spki or spki_of(ec.generate_private_key(ec.SECP256R1()))
    return {"id": os.urandom(16), "family": PIV, "state": ACTIVE, "pin_ref": 0x80, "enrolled": 1,
            "keys": [{"ref": 0x9E, "pin": False, "spki": spki}], **values}


# Sealed octets

def seal(key, aad, plain):
    """AES-256-GCM as toyama stores it."""
    nonce = os.urandom(12)
    return b"\1" + nonce + AESGCM(key).encrypt(nonce, plain, aad)


def unseal(key, aad, sealed):
    """The inverse."""
    return AESGCM(key).decrypt(sealed[1:13], sealed[13:], aad)


def template_aad(zone, who, finger):
    """TemplateBinding"""
    return seq(integer(1), utf8(zone), octets(who), octets(finger["id"]), integer(finger["finger"]),
               utf8(finger["driver"]), utf8(finger["device"]), integer(finger["width"]), integer(finger["height"]),
               integer(finger["enrolled"]))


def secret_aad(zone, who, credential, ref):
    """SecretBinding"""
    return seq(integer(1), utf8("secret"), utf8(zone), octets(who), octets(credential["id"]),
               integer(credential["family"]), integer(ref))


# Keys

def spki_of(key):
    """DER SubjectPublicKeyInfo of a private key."""
    return key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def pkcs8_of(key):
    """DER PKCS #8"""
    return key.private_bytes(serialization.Encoding.DER, serialization.PrivateFormat.PKCS8,
                             serialization.NoEncryption())


def sign(key, data):
    """As an authority or a card signs: RSA and P-256 SHA-256, P-384 SHA-384."""
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), hashes.SHA256())
    digest = hashes.SHA384() if key.curve.name == "secp384r1" else hashes.SHA256()
    return key.sign(data, ec.ECDSA(digest))


def certificate(key, name, agree):
    """Self-signed, as docs/roster.asn1 wants it; DER."""
    named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    usage = dict.fromkeys(("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
                           "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"), False)
    usage["key_agreement" if agree else "digital_signature"] = True
    serial = int.from_bytes(bytes([0x40 | os.urandom(1)[0] & 0x3F]) + os.urandom(15), "big")
    made = (x509.CertificateBuilder().subject_name(named).issuer_name(named).public_key(key.public_key())
            .serial_number(serial).not_valid_before(datetime.datetime(2026, 4, 1))
            .not_valid_after(datetime.datetime(9999, 12, 31, 23, 59, 59))
            .add_extension(x509.SubjectKeyIdentifier(sha256(spki_of(key))), critical=False)
            .add_extension(x509.KeyUsage(**usage), critical=True).sign(key, hashes.SHA256()))
    return made.public_bytes(serialization.Encoding.DER)


# CMS

DATA, SIGNED, ENVELOPED = (bytes.fromhex(h) for h in ("06092a864886f70d010701", "06092a864886f70d010702",
                                                      "060b2a864886f70d0109100117"))
GCM, ECDH = bytes.fromhex("060960864801650304012e"), bytes.fromhex("06062b8104010b01")
CONTENT_TYPE, DIGEST, SIGNING_TIME = (bytes.fromhex("06092a864886f70d0109" + n) for n in ("03", "04", "05"))
ALG_SHA256, ALG_WRAP = (bytes.fromhex("300b0609608648016503040" + n) for n in ("201", "12d"))
ALG_EC, ALG_ECDSA = bytes.fromhex("300906072a8648ce3d0201"), bytes.fromhex("300a06082a8648ce3d040302")


def signed_data(content, key, cert, when):
    """ContentInfo SignedData"""
    name = time.strftime("%y%m%d%H%M%SZ", time.gmtime(when)).encode()
    attributes = b"".join(seq(oid, tlv(0x31, value)) for oid, value in
                          ((CONTENT_TYPE, DATA), (SIGNING_TIME, tlv(0x17, name)), (DIGEST, octets(sha256(content)))))
    signature = sign(key, tlv(0x31, attributes))
    signer = seq(integer(3), tlv(0x80, sha256(spki_of(key))), ALG_SHA256, tlv(0xA0, attributes), ALG_ECDSA,
                 octets(signature))
    return seq(SIGNED, tlv(0xA0, seq(integer(3), tlv(0x31, ALG_SHA256), seq(DATA, tlv(0xA0, octets(content))),
                                     tlv(0xA0, cert), tlv(0x31, signer))))


def enveloped(content, recipient):
    """ContentInfo AuthEnvelopedData for a public key."""
    own = ec.generate_private_key(ec.SECP256R1())
    shared = own.exchange(ec.ECDH(), recipient)
    info = seq(ALG_WRAP, tlv(0xA2, octets((256).to_bytes(4, "big"))))
    kek, cek, nonce = sha256(shared, b"\0\0\0\1", info), os.urandom(32), os.urandom(12)
    point = own.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    spki = recipient.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    agreed = tlv(0xA1, integer(3) + tlv(0xA0, tlv(0xA1, ALG_EC + tlv(0x03, b"\0" + point))) + seq(ECDH, ALG_WRAP) +
                 seq(seq(tlv(0xA0, octets(sha256(spki))), octets(aes_key_wrap(kek, cek)))))
    both = AESGCM(cek).encrypt(nonce, content, None)
    cipher = seq(GCM, seq(octets(nonce), integer(16)))
    return seq(ENVELOPED, tlv(0xA0, seq(integer(0), tlv(0x31, agreed), seq(DATA, cipher, tlv(0x80, both[:-16])),
                                        octets(both[-16:]))))


# One-time codes

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def code():
    """Five groups of four; the last character makes the polynomial's value at the generator zero."""
    value, symbols = 0, [octet & 31 for octet in os.urandom(19)]
    for symbol in symbols + [0]:
        value = (value << 1) ^ (0x25 if value & 16 else 0) ^ symbol
    text = "".join(ALPHABET[symbol] for symbol in symbols + [value])
    return "-".join(text[at:at + 4] for at in range(0, 20, 4))


def code_sealed(label, typed, content):
    """CodeSealed"""
    salt = os.urandom(16)
    head = integer(1) + utf8(label) + octets(salt)
    key = hashlib.scrypt(typed.encode(), salt=salt, n=131072, r=8, p=1, maxmem=1 << 28, dklen=32)
    body = head + octets(seal(key, head, content))
    return seq(body, octets(sha256(body)))


class Officer:
    """Who holds an office; an approver with a key 9C."""

    def __init__(self, roles, key=None):
        self.id, self.roles = os.urandom(16), roles
        self.key = (key or ec.generate_private_key(ec.SECP256R1())) if roles & APPROVER else None

    def der(self):
        """Officer"""
        return seq(octets(self.id), integer(self.roles), octets(sha256(spki_of(self.key)) if self.key else b""))


def officers_der(officers):
    """Persons ascend."""
    return seq(*(officer.der() for officer in sorted(officers, key=lambda officer: officer.id)))


class Issue:
    """A signed issue and the people in it, {id: record}."""

    def __init__(self, number, der, signed, people, previous):
        self.number, self.der, self.signed, self.people, self.previous = number, der, signed, people, previous


class Zone:
    """The station's view of one zone."""

    def __init__(self, zone="internet", approval=True):
        self.zone, self.approval = zone, approval
        self.authority, self.key, self.helpdesk = (ec.generate_private_key(ec.SECP256R1()) for _ in range(3))
        self.signer = certificate(self.authority, "authority", False)
        self.cert = certificate(self.key, zone, True)
        self.seal_key = os.urandom(32)
        self.registrar, self.approver = Officer(REGISTRAR), Officer(APPROVER)
        self.officers = [self.registrar, self.approver]
        self.people, self.sealed, self.secrets = {}, {}, {}
        self.issues = []
        self.now = int(time.time()) - 1000
        self.number, self.hash = 0, bytes(32)

    def fresh(self):
        """The same keys and people once more, to be changed without changing these."""
        other = copy.copy(self)
        other.officers, other.issues = list(self.officers), list(self.issues)
        other.people = copy.deepcopy(self.people)
        other.sealed, other.secrets = dict(self.sealed), dict(self.secrets)
        return other

    def trust(self):
        """Trust with the newest issue."""
        return seq(utf8("toyama trust"), boolean(self.approval), octets(self.hash), utf8(self.zone),
                   integer(self.number), integer(self.now), octets(sha256(spki_of(self.authority))),
                   officers_der(self.officers), seq(seq(octets(sha256(spki_of(self.helpdesk))))))

    def join_file(self, host, typed, helpdesk=False, **values):
        """A file of `toyama-enroll init --join`."""
        content = {"zone": utf8(self.zone), "host": utf8(host), "expires": integer(int(time.time()) + 86400),
                   "authority": octets(sha256(spki_of(self.authority))), "trust": octets(self.trust()),
                   "key": octets(pkcs8_of(self.key)), "cert": octets(self.cert), "seal_key": octets(self.seal_key),
                   "old": octets(b""), "helpdesk": octets(pkcs8_of(self.helpdesk) if helpdesk else b""), **values}
        return code_sealed("toyama join", typed, seq(integer(2), *content.values()))

    def add(self, record):
        """Somebody new, or somebody as he is now."""
        self.people[record["id"]] = record
        return record

    def adopt(self, state, number, **values):
        """Somebody as a host of the same zone enrolled him, card, finger and all: from its folder."""
        with open(f"{state}/seal.key", "rb") as file:
            own = file.read()
        db = sqlite3.connect(f"{state}/registry.db")
        who = db.execute("SELECT person FROM number WHERE number=?", (number,)).fetchone()[0]
        record = decode(RECORD, db.execute("SELECT record FROM person WHERE id=?", (who,)).fetchone()[0])
        record.update({"zones": ZONES[self.zone], **values})
        for finger in record["fingers"]:
            aad = template_aad(self.zone, who, finger)
            stored = db.execute("SELECT sealed FROM template WHERE id=?", (finger["id"],)).fetchone()[0]
            self.enrol(record, finger, unseal(own, aad, stored))
        for credential in record["credentials"]:
            for key in credential["keys"] if credential["family"] >= FELICA else ():
                stored = db.execute("SELECT sealed FROM secret WHERE credential=? AND ref=?",
                                    (credential["id"], key["ref"])).fetchone()[0]
                self.share(record, credential, key,
                           unseal(own, secret_aad(self.zone, who, credential, key["ref"]), stored))
        db.close()
        return self.add(record)

    def enrol(self, record, finger, template):
        """Seals a template for the zone and names it in the record's finger."""
        sealed = seal(self.seal_key, template_aad(self.zone, record["id"], finger), template)
        self.sealed[finger["id"]] = sealed
        finger["sealed_hash"] = sha256(sealed)

    def share(self, record, credential, key, secret):
        """Seals a shared key for the zone and names it in the credential's key."""
        sealed = seal(self.seal_key, secret_aad(self.zone, record["id"], credential, key["ref"]), secret)
        self.secrets[credential["id"], key["ref"]] = sealed
        key["spki"] = sha256(sealed)

    def rekey(self, seal_key=None, number=None):
        """Other keys, with which all is sealed anew: (Issue.keys of the next issue, the key of before)."""
        before, key = self.seal_key, self.key
        self.key, self.seal_key = ec.generate_private_key(ec.SECP256R1()), os.urandom(32)
        self.cert = certificate(self.key, self.zone, True)
        for record in self.people.values():
            for finger in record["fingers"]:
                aad = template_aad(self.zone, record["id"], finger)
                self.enrol(record, finger, unseal(before, aad, self.sealed[finger["id"]]))
            for credential in record["credentials"]:
                for one in credential["keys"] if credential["family"] >= FELICA else ():
                    aad = secret_aad(self.zone, record["id"], credential, one["ref"])
                    self.share(record, credential, one, unseal(before, aad, self.secrets[credential["id"], one["ref"]]))
        content = seq(octets(pkcs8_of(self.key)), octets(self.cert), octets(self.seal_key))
        aad = f"toyama zone keys {self.zone} {number or self.number + 1}".encode()
        return octets(seal(seal_key or before, aad, content)), key

    def issue_der(self, **values):
        """Issue over the people as they are, as octets; `values` replace members."""
        records = {who: encode(RECORD, record) for who, record in self.people.items()}
        root = sha256(*(sha256(records[who]) for who in sorted(records)))
        members = {"version": integer(3), "label": utf8("toyama issue"), "zone": utf8(self.zone),
                   "number": integer(self.number + 1), "created": integer(self.now), "previous": octets(self.hash),
                   "count": integer(len(records)), "root": octets(root),
                   "authority": octets(sha256(spki_of(self.authority))),
                   "authors": seq(seq(octets(self.registrar.id))), "officers": officers_der(self.officers),
                   "helpdesks": seq(seq(octets(sha256(spki_of(self.helpdesk))))), "keys": octets(b""), **values}
        return seq(*members.values())

    def sign(self, der, authority=None, approver=None):
        """SignedIssue; `approver`: an Officer, or None for none."""
        authority = authority or self.authority
        return seq(octets(der), octets(spki_of(authority)), octets(sign(authority, der)),
                   octets(spki_of(approver.key) if approver else b""),
                   octets(sign(approver.key, der) if approver else b""))

    def issue(self, signed=None, **values):
        """The next issue, approved; returned and remembered."""
        self.now += 10
        der = self.issue_der(**values)
        made = Issue(self.number + 1, der, signed(der) if signed else self.sign(der, approver=self.approver),
                     copy.deepcopy(self.people), self.hash)
        self.issues.append(made)
        self.number, self.hash = made.number, sha256(der)
        return made

    def payload(self, base=0, first=1, last=None, records=None, removed=None, templates=None, secrets=None, zone=None,
                amendments=()):
        """Payload of the newest issue, or of issue `last`; the parts by default what a station would put in. Lists
        of octets replace them."""
        chain = [issue for issue in self.issues if issue.number >= first and (last is None or issue.number <= last)]
        now = chain[-1].people
        before = next((i.people for i in self.issues if i.number == base), {})
        changed = {who: now[who] for who in now if now[who] != before.get(who)}
        if records is None:
            records = [encode(RECORD, changed[who]) for who in sorted(changed)]
        if removed is None:
            removed = [who for who in sorted(before) if who not in now] if base else []
        had = {finger["id"]: finger["sealed_hash"] for record in before.values() for finger in record["fingers"]}
        if templates is None:
            templates = [seq(octets(finger["id"]), octets(self.sealed[finger["id"]])) for record in changed.values()
                         for finger in record["fingers"] if had.get(finger["id"]) != finger["sealed_hash"]]
        if secrets is None:
            secrets = [seq(octets(credential["id"]), integer(key["ref"]),
                           octets(self.secrets[credential["id"], key["ref"]]))
                       for record in changed.values() for credential in record["credentials"]
                       if credential["family"] >= FELICA for key in credential["keys"]]
        return seq(integer(1), utf8("toyama roster"), utf8(zone or self.zone), integer(base),
                   seq(*(issue.signed for issue in chain)), seq(*map(octets, records)), seq(*map(octets, removed)),
                   seq(*templates), seq(*secrets), seq(*amendments))

    def sealed_payload(self, payload, authority=None, recipient=None):
        """The DER of a roster file."""
        signer = authority or self.authority
        cert = self.signer if authority is None else certificate(authority, "authority", False)
        return enveloped(signed_data(payload, signer, cert, self.now), (recipient or self.key).public_key())

    def head(self, rest, base=0, issue=None, **values):
        """The lines in front of it."""
        issue = issue or self.issues[-1]
        created = int.from_bytes(elements(elements(issue.der)[0][1])[4][1], "big")
        lines = {"toyama-roster": 1, "zone": self.zone, "number": issue.number,
                 "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(created)), "people": len(issue.people),
                 "base": base, "previous": issue.previous.hex(), "sha256": sha256(rest).hex(), "media": "USB-07",
                 **values}
        return "".join(f"{key}: {value}\n" for key, value in lines.items()).encode() + b"\n"

    def file(self, base=0, payload=None, recipient=None, **values):
        """A whole roster file of the newest issue; `values` replace lines of the head."""
        rest = self.sealed_payload(payload if payload is not None else self.payload(base), recipient=recipient)
        return self.head(rest, base, **values) + rest
