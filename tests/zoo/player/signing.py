"""Keys and signatures, sound ones and spoilt ones. Every algorithm in use, since OpenSSL makes them (RFC 4034, 6605, 8080)."""

import hashlib
import struct
import time

import dns.dnssec
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, padding, rsa, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

DAY = 86400
NOW = int(time.time())
DIGESTS = {"sha-1": 1, "sha-256": 2, "sha-384": 4}
SPOILS = {
    "missing", "expired", "not-yet", "corrupt", "signer", "tag", "labels", "long-ttl", "short-ttl",
    "beside-expired", "beside-corrupt", "first-algorithm", "by-ksk", "capitals",
}
_RSA_HASHES = {5: hashes.SHA1, 7: hashes.SHA1, 8: hashes.SHA256, 10: hashes.SHA512}
_rsa = {}


def _rsa_key(bits, exponent, second):
    """Two of a kind for the whole zoo: they are slow to make."""
    kind = (bits, exponent, second)
    if kind not in _rsa:
        _rsa[kind] = rsa.generate_private_key(3 if exponent == 3 else 65537, bits)
        if exponent not in (3, 65537):
            numbers = _rsa[kind].private_numbers()
            p, q = numbers.p, numbers.q
            d = pow(exponent, -1, (p - 1) * (q - 1))
            public = rsa.RSAPublicNumbers(exponent, p * q)
            private = rsa.RSAPrivateNumbers(p, q, d, d % (p - 1), d % (q - 1), pow(q, -1, p), public)
            _rsa[kind] = private.private_key()
    return _rsa[kind]


def _private(algorithm, second, rsa_like):
    if algorithm in _RSA_HASHES:
        bits, exponent = rsa_like
        return _rsa_key(bits, exponent, second)
    return {
        13: lambda: ec.generate_private_key(ec.SECP256R1()),
        14: lambda: ec.generate_private_key(ec.SECP384R1()),
        15: ed25519.Ed25519PrivateKey.generate,
        16: ed448.Ed448PrivateKey.generate,
    }[algorithm]()


class Key:
    """A key of a zone; flags 257 for one that the parent names, 256 for one that signs records."""

    def __init__(self, algorithm, flags, rsa_like=(2048, 65537)):
        self.algorithm, self.flags = algorithm, flags
        self._key = _private(algorithm, flags == 256, rsa_like)
        self.rdata = dns.rdata.from_wire(
            dns.rdataclass.IN, dns.rdatatype.DNSKEY, wire := self._wire(), 0, len(wire)
        )
        self.tag = dns.dnssec.key_id(self.rdata)

    def _wire(self):
        public = self._key.public_key()
        if self.algorithm in _RSA_HASHES:
            numbers = public.public_numbers()
            exponent, modulus = (n.to_bytes((n.bit_length() + 7) // 8, "big") for n in (numbers.e, numbers.n))
            octets = bytes([len(exponent)]) + exponent + modulus
        elif self.algorithm in (13, 14):
            octets = public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]
        else:
            octets = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        return struct.pack("!HBB", self.flags, 3, self.algorithm) + octets

    def sign(self, data):
        if self.algorithm in _RSA_HASHES:
            return self._key.sign(data, padding.PKCS1v15(), _RSA_HASHES[self.algorithm]())
        if self.algorithm in (13, 14):
            octets = 32 if self.algorithm == 13 else 48
            hashed = hashes.SHA256() if self.algorithm == 13 else hashes.SHA384()
            r, s = utils.decode_dss_signature(self._key.sign(data, ec.ECDSA(hashed)))
            return r.to_bytes(octets, "big") + s.to_bytes(octets, "big")
        return self._key.sign(data)

    def ds(self, owner, word):
        """The DS record that a parent has for it; `word` is a digest, or how the record is wrong."""
        wire = owner.to_digestable() + self.rdata.to_wire()
        tag, algorithm = self.tag, self.algorithm
        digest_type, digest = 2, hashlib.sha256(wire).digest()
        if word in DIGESTS:
            digest_type = DIGESTS[word]
            digest = hashlib.new(word.replace("-", ""), wire).digest()
        elif word == "unknown-digest":
            digest_type = 200
        elif word == "unknown-algorithm":
            algorithm = 200
        elif word == "other-key":
            digest = hashlib.sha256(b"another").digest()
        elif word == "other-tag":
            tag ^= 1
        elif word == "sha-1-wrong":
            digest_type, digest = 1, hashlib.sha1(b"another").digest()
        else:
            raise ValueError(f"no DS is {word!r}")
        return dns.rdata.from_text("IN", "DS", f"{tag} {algorithm} {digest_type} {digest.hex()}")


def same_tag(algorithm):
    """Two signing keys with one tag (RFC 4034 Appendix B: tags are no identities)."""
    seen = {}
    while True:
        key = Key(algorithm, 256)
        if other := seen.get(key.tag):
            return [key, other]
        seen[key.tag] = key


def rrsig(key, owner, rdataset, signer, spoils=()):
    """The signature of `key` over a set, as `spoils` have it."""
    inception, expiration = NOW - 3600, NOW + 14 * DAY
    labels = len(owner) - 1 - owner.is_wild()
    ttl, tag = rdataset.ttl, key.tag
    if "expired" in spoils:
        inception, expiration = NOW - 30 * DAY, NOW - DAY
    if "not-yet" in spoils:
        inception, expiration = NOW + 5 * DAY, NOW + 30 * DAY
    if "long-ttl" in spoils:
        ttl *= 4
    if "short-ttl" in spoils:
        ttl //= 4
    if "tag" in spoils:
        tag ^= 1
    if "labels" in spoils:
        labels += 1
    if "signer" in spoils:
        signer = signer.parent()
    head = struct.pack(
        "!HBBIIIH", rdataset.rdtype, key.algorithm, labels, ttl, expiration, inception, tag
    ) + signer.to_digestable()
    records = sorted(rdata.to_digestable() for rdata in rdataset)
    fixed = owner.to_digestable() + struct.pack("!HHI", rdataset.rdtype, rdataset.rdclass, ttl)
    data = head + b"".join(fixed + struct.pack("!H", len(record)) + record for record in records)
    signature = bytearray(key.sign(data))
    if "corrupt" in spoils:
        signature[9] ^= 0x55
    if "capitals" in spoils:
        # What is signed has small letters (RFC 4034 §3.1.8.1).
        head = head[:18] + head[18:].upper()
    wire = head + bytes(signature)
    return dns.rdata.from_wire(dns.rdataclass.IN, dns.rdatatype.RRSIG, wire, 0, len(wire))
