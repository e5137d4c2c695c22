#!/usr/bin/python3
"""Makes fuzz/seeds/ anew: from the tests' data where there is any, else from real libraries (OpenSSL, dnspython).

Debian: python3-dnspython, python3-cryptography. Keys and signatures differ from run to run, so that all of it changes.
"""

import base64
import datetime
import json
import pathlib
import re
import shutil
import ssl
import struct
import tempfile

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rdatatype
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID

HERE = pathlib.Path(__file__).parent
SEEDS, TESTS = HERE / "seeds", HERE.parent / "tests"
NOW = datetime.datetime(2026, 11, 29)
HOST, DOMAIN = "mx.fuzz.example", "fuzz.example"


def seed(target, name, octets):
    place = SEEDS / target
    place.mkdir(parents=True, exist_ok=True)
    (place / name).write_bytes(octets if isinstance(octets, bytes) else octets.encode())


# What senders say.


def dialogues():
    lines, number = set(), 0
    for path in sorted(TESTS.glob("dialogues/*/dialogue.txt")):
        for line in path.read_text().splitlines():
            if line.startswith("C: "):
                lines.add(line[3:])
            if line.startswith("raw: ") and len(line) < 2000:
                raw = line[5:].encode().decode("unicode_escape", "replace").encode("latin-1", "replace")
                number += 1
                seed("smtp_data", f"raw-{number:02}", b"\x05" + raw)
    lines |= {'MAIL FROM:<"a \\" b"@[IPv6:2001:db8::1]> SIZE=1 BODY=8BITMIME SMTPUTF8', "RCPT TO:<@a,@b:c@d.example>"}
    shapes = {re.sub("[a-z0-9]+", "x", line): line for line in sorted(lines, reverse=True)}
    for n, line in enumerate(sorted(shapes.values())):
        seed("smtp_command", f"line-{n:03}", line)
    sound = "Received: by a\r\nSubject: b\r\n\r\n..dot\r\nc\r\n.\r\n"
    seed("smtp_data", "sound", "\x07" + sound)
    for n, end in enumerate(["\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r\n.\r\r\n"]):
        seed("smtp_data", f"false-end-{n}", f"\x01a{end}b\r\n.\r\n")


def messages():
    for name in ["rsa-relaxed-simple", "arc-two-sets", "folded-header", "eight-bit", "malformed", "two-subjects"]:
        head, _, _ = (TESTS / f"mailauth/{name}.eml").read_bytes().partition(b"\r\n\r\n")
        seed("message", name, head + b"\r\n\r\n")
    fields = {
        "list": "List-Id: <a.example>\r\nPrecedence: bulk\r\nAuto-Submitted: auto-replied; x\r\n",
        "groups": 'To: A: "b \\" c" <en@et.fuzz.example>, de@ut.fuzz.example;, (d) e@[192.0.2.1]\r\nCc:\r\n\tf\r\n',
        "report": "Content-Type: multipart/report; report-type=delivery-status\r\nFrom: =?utf-8?q?=C3=BC?= <a@b>\r\n",
        "ours": "X-Mailassay-Loop: 1\r\nMessage-ID: <a.b@[192.0.2.1]>\r\nDate: Sun, 29 Nov 2026 00:00:00 +0000\r\n",
    }
    for name, text in fields.items():
        seed("message", name, text + "\r\n")


# What servers say.


def sessions():
    greeting, ehlo = "220-mx ready\r\n220 mx ESMTP\r\n", "250-mx\r\n250-SIZE 1000\r\n250-STARTTLS\r\n250 8BITMIME\r\n"
    rest = "250 2.1.0 ok\r\n250 2.1.5 ok\r\n354 go on\r\n250 2.0.0 queued\r\n221 2.0.0 bye\r\n"
    seed("smtp_client", "whole", "\x01" + greeting + ehlo + "220 2.0.0 go\r\n" + rest)
    seed("smtp_client", "refused", "\x01" + greeting + ehlo + "454 4.7.0 no TLS\r\n" + rest)
    seed("smtp_client", "codes-differ", "\x09250-a\r\n251 b\r\n")
    seed("smtp_client", "bare", "\x03220\r\n250 caf\u00e9\n")


def context(side, version, folder):
    made = ssl.SSLContext(side)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.minimum_version = made.maximum_version = version
    if side == ssl.PROTOCOL_TLS_SERVER:
        made.load_cert_chain(folder / "chain.pem", folder / "key.pem")
    return made


def handshake(version, folder, suites=None):
    """The ClientHello, and what a server answers."""
    client, server = context(ssl.PROTOCOL_TLS_CLIENT, version, folder), context(ssl.PROTOCOL_TLS_SERVER, version, folder)
    if suites:
        client.set_ciphers(suites)
        server.set_ciphers(suites)
    if not suites:
        client.set_alpn_protocols(["smtp"])
    ends = [(ssl.MemoryBIO(), ssl.MemoryBIO()) for _ in range(2)]
    client = client.wrap_bio(*ends[0], server_hostname=HOST)
    server = server.wrap_bio(*ends[1], server_side=True)
    flights = []
    for side, (_, out), (incoming, _) in [(client, ends[0], ends[1]), (server, ends[1], ends[0])]:
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            pass
        flights.append(out.read())
        incoming.write(flights[-1])
    return flights


def record(kind, payload, version=0x0303):
    return struct.pack(">BHH", kind, version, len(payload)) + payload


def handshakes(folder):
    tls12, tls13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
    for name, version, suites in [("tls12", tls12, None), ("tls13", tls13, None), ("dhe", tls12, "ECDHE-ECDSA-AES128-SHA")]:
        hello, flight = handshake(version, folder, suites)
        seed("client_hello", name, b"\xff" + hello)
        for question in range(5) if name == "tls12" else [1, 4]:
            seed("tls_answer", f"{name}-{question}", bytes([question, 0xFF]) + flight)
    hello = handshake(tls12, folder)[0]
    pieces = b"".join(record(22, hello[5 + at : 5 + at + 40]) for at in range(0, len(hello) - 5, 40))
    seed("client_hello", "in-pieces", b"\x03" + pieces)
    seed("client_hello", "alert", b"\x07" + record(21, b"\x02\x28"))
    seed("tls_answer", "alert", b"\x00\xff" + record(21, b"\x02\x28"))
    seed("tls_answer", "warning", b"\x00\xff" + record(21, b"\x01\x70"))
    random = bytes.fromhex("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c")
    extensions = bytes.fromhex("002b00020304" "003300020017")
    body = b"\x03\x03" + random + b"\x00" + b"\x13\x01\x00" + struct.pack(">H", len(extensions)) + extensions
    retry = b"\x02" + struct.pack(">I", len(body))[1:] + body
    seed("tls_answer", "retry", b"\x01\xff" + record(22, retry))
    certificate = (folder / "leaf.der").read_bytes()
    body = b"\x04\x00\x01\x00\x02" + struct.pack(">HHH", len(certificate), 3, 16) + certificate + b"\x01\x00\x80" + b"c" * 16
    seed("tls_answer", "ssl2", b"\x02\xff" + struct.pack(">H", 0x8000 | len(body)) + body)
    seed("tls_answer", "ssl2-error", b"\x02\xff\x80\x03\x00\x00\x01")


def certificates(folder):
    key = [ec.generate_private_key(ec.SECP256R1()) for _ in range(3)]
    names = ["fuzz root", "fuzz intermediate", HOST]
    made = []
    for level in range(3):
        name = lambda at: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[at])])
        builder = x509.CertificateBuilder(name(max(level - 1, 0)), name(level), key[level].public_key(), level + 1)
        builder = builder.not_valid_before(NOW - datetime.timedelta(365)).not_valid_after(NOW + datetime.timedelta(3650))
        builder = builder.add_extension(x509.BasicConstraints(level < 2, None), True)
        if level == 2:
            alternative = [x509.DNSName(HOST), x509.DNSName("*.other.example"), x509.RFC822Name("a@b.example")]
            builder = builder.add_extension(x509.SubjectAlternativeName(alternative), False)
            usage = [x509.oid.ExtendedKeyUsageOID.SERVER_AUTH, x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH]
            builder = builder.add_extension(x509.ExtendedKeyUsage(usage), False)
        made.append(builder.sign(key[max(level - 1, 0)], hashes.SHA256()))
    der = [each.public_bytes(serialization.Encoding.DER) for each in made]
    pem = [each.public_bytes(serialization.Encoding.PEM) for each in made]
    (SEEDS / "root.pem").write_bytes(pem[0])
    (folder / "leaf.der").write_bytes(der[2])
    (folder / "chain.pem").write_bytes(pem[2] + pem[1])
    private = key[2].private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "key.pem").write_bytes(private)
    seed("certificate", "leaf", der[2])
    seed("certificate", "chain", der[2] + der[1])
    seed("certificate", "whole-chain", der[2] + der[1] + der[0])
    seed("certificate", "disordered", der[2] + der[0] + der[1])
    seed("certificate", "not-a-certificate", "-----BEGIN CERTIFICATE-----")


# What domains publish.


def policies():
    texts, record = set(), re.compile(r'(TXT|CAA|TLSA)\s+(.*)')
    for path in sorted(TESTS.glob("domains/*/zone.txt")):
        for line in path.read_text().splitlines():
            found = record.search(line)
            if not found or len(line) > 400:
                continue
            kind, data = found.groups()
            if kind == "TXT":
                data = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', data)).replace('\\"', '"')
            if kind == "CAA":
                data = re.sub(r'^\d+\s+(\S+)\s+"?([^"]*)"?$', r"\1 \2", data)
            texts.add(data)
    texts.add("v=spf1 a:a.example/24//64 mx//48 ptr:%{d} ip4:192.0.2.0/24 ip6:2001:db8::/32 exists:%{ir}.%{l1r+-}.b exp=c x-y=z ?all")
    texts.add("v=spf1 include:_spf.example redirect=%{d2}.example")
    texts.add("v=BIMI1; l=https://a.example/b.svg; a=https://a.example/c.pem")
    texts.add("v=DMARC1; p=none; sp=reject; np=quarantine; psd=n; t=y; fo=1:d; rua=mailto:a@b.example!10m,https://c.example/")
    texts.add("issue ca.example; accounturi=https://ca.example/1; validationmethods=dns-01")
    texts.add("v=TLSRPTv1; rua=mailto:a@b.example,https://c.example/d")
    # Of those that differ in words alone one is enough.
    shapes = {re.sub("[A-Za-z0-9]+", "x", text): text for text in sorted(texts, reverse=True)}
    for n, text in enumerate(sorted(shapes.values())):
        seed("policy_txt", f"record-{n:03}", text)
    seed("policy_txt", "several", "v=STSv1; id=1;\nv=DMARC1; p=none\nv=TLSRPTv1; rua=mailto:a@b.example\n3 1 1 00ff")
    for path in sorted((TESTS / "tls_reports").glob("*.json")):
        if not path.name.endswith(".expected.json"):
            seed("tls_report", path.stem, path.read_bytes())
    seed("mta_sts_policy", "crlf", "version: STSv1\r\nmode: enforce\r\nmx: mx.fuzz.example\r\nmx: *.fuzz.example\r\nmax_age: 604800\r\n")
    seed("mta_sts_policy", "lf", "version: STSv1\nmode: testing\nx-y: z\n\nmx: a.example\nmax_age: 31557600\n")
    seed("mta_sts_policy", "none", "version: STSv1\nmode: none\nmax_age: 1\n")
    seed("mta_sts_policy", "odd", "version:STSv1\nmode : enforce\n mx: 192.0.2.1\nmx:\u00fc.example.\nmax_age: 99999999999\nmode: none")


def networks():
    pdu = lambda version, kind, word, body=b"": struct.pack(">BBHI", version, kind, word, 8 + len(body)) + body
    v4 = struct.pack(">BBBB4sI", 1, 24, 24, 0, bytes([192, 0, 2, 0]), 64496)
    v6 = struct.pack(">BBBB16sI", 1, 32, 48, 0, bytes.fromhex("20010db8") + bytes(12), 64496)
    for version, end in [(0, struct.pack(">I", 7)), (1, struct.pack(">IIII", 7, 3600, 600, 7200))]:
        whole = pdu(version, 3, 1) + pdu(version, 4, 0, v4) + pdu(version, 6, 0, v6) + pdu(version, 7, 1, end)
        seed("rtr", f"version-{version}", bytes([version, 0xFF]) + pdu(version, 0, 1, struct.pack(">I", 7)) + whole)
    report = struct.pack(">I8sI4s", 8, bytes(8), 4, b"what")
    for code in [2, 4, 7]:
        seed("rtr", f"error-{code}", b"\x01\xff" + pdu(0 if code == 4 else 1, 10, code, report))
    card = ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "A Network"], ["kind", {}, "text", "org"],
                      ["adr", {"cc": "NL"}, "text", ["", "", "a", "b", "c", "d", "Netherlands"]]]]
    entity = {"objectClassName": "entity", "handle": "A-1", "roles": ["registrant", "registrar"], "vcardArray": card}
    network = {"objectClassName": "ip network", "startAddress": "192.0.2.0", "endAddress": "192.0.2.255",
               "name": "TEST-NET-1", "country": "NL", "entities": [{**entity, "entities": [entity]}]}
    seed("rdap", "network", json.dumps(network))
    seed("rdap", "domain", json.dumps({"objectClassName": "domain", "entities": [entity]}))
    bootstrap = {"version": "1.0", "publication": "2026-11-29T00:00:00Z", "services": [
        [["org", "8.0.0.0/8"], ["http://a.example/", "https://rdap.example:443/v1"]], [["2001:db8::/32"], ["https://b.example"]]]}
    seed("rdap", "bootstrap", json.dumps(bootstrap))


# What DNS answers.


class Zone:
    """A signed zone."""

    def __init__(self, name):
        self.name = dns.name.from_text(name)
        self.key = ec.generate_private_key(ec.SECP256R1())
        public = self.key.public_key().public_numbers()
        octets = public.x.to_bytes(32, "big") + public.y.to_bytes(32, "big")
        self.dnskey = dns.rrset.from_text(self.name, 3600, "IN", "DNSKEY", f"257 3 13 {base64.b64encode(octets).decode()}")

    def ds(self):
        return dns.dnssec.make_ds(self.name, self.dnskey[0], "SHA256")

    def signed(self, rrset):
        # Inception and expiration a year around, as RRSIG has them in text.
        times = "20271129000000 20251129000000"
        kind, labels = dns.rdatatype.to_text(rrset.rdtype), len(rrset.name.labels) - 1
        text = f"{kind} 13 {labels} {rrset.ttl} {times} {dns.dnssec.key_id(self.dnskey[0])} {self.name} "
        unsigned = dns.rrset.from_text(rrset.name, rrset.ttl, "IN", "RRSIG", text + "AAAA")[0]
        octets = unsigned.to_wire()[: -3]
        owner = rrset.name.canonicalize().to_wire()
        for data in sorted(data.to_digestable() for data in rrset):
            octets += owner + struct.pack(">HHIH", rrset.rdtype, 1, rrset.ttl, len(data)) + data
        r, s = utils.decode_dss_signature(self.key.sign(octets, ec.ECDSA(hashes.SHA256())))
        signature = base64.b64encode(r.to_bytes(32, "big") + s.to_bytes(32, "big")).decode()
        return [rrset, dns.rrset.from_text(rrset.name, rrset.ttl, "IN", "RRSIG", text + signature)]


def answer(name, kind, answers=(), authority=(), additional=(), authoritative=True, code=0):
    query = dns.message.make_query(name, kind, want_dnssec=True)
    query.flags = 0
    response = dns.message.make_response(query)
    response.set_rcode(code)
    if authoritative:
        response.flags |= dns.flags.AA
    response.answer, response.authority, response.additional = list(answers), list(authority), list(additional)
    return response.to_wire(max_size=65535)


def rr(name, kind, *data):
    return dns.rrset.from_text(name, 3600, "IN", kind, *data)


def lookups():
    root, tld, fuzz = Zone("."), Zone("example."), Zone(f"{DOMAIN}.")
    (SEEDS / "root.key").write_text(f". IN DS {root.ds()}\n")
    ns, glue = "ns.fuzz.example.", rr("ns.fuzz.example.", "A", "127.0.0.1")
    chain = [answer(".", "NS", root.signed(rr(".", "NS", ns)), additional=[glue])]
    for zone, parent in [(root, None), (tld, root), (fuzz, tld)]:
        chain.append(answer(zone.name, "DNSKEY", zone.signed(zone.dnskey)))
        if parent:
            chain.append(answer(zone.name, "DS", parent.signed(rr(zone.name, "DS", str(zone.ds())))))
    soa = fuzz.signed(rr(f"{DOMAIN}.", "SOA", f"{ns} a.fuzz.example. 1 2 3 4 5"))
    asked = {
        "MX": ["10 mx.fuzz.example.", "20 MX2.fuzz.example."],
        "TLSA": ["3 1 1 " + "ab" * 32],
        "TXT": ['"v=spf1 -all" " x"', '"caf\\233"'],
        "A": ["192.0.2.1", "192.0.2.2"],
    }
    framed = lambda messages: b"".join(struct.pack(">H", len(each)) + each for each in messages)
    for n, (kind, data) in enumerate(asked.items()):
        records = rr(f"{HOST}.", kind, *data)
        seed("dns_lookup", f"secure-{kind}", bytes([n]) + framed([answer(HOST, kind, fuzz.signed(records))] + chain))
        seed("dns_lookup", f"unsigned-{kind}", bytes([n]) + framed([answer(HOST, kind, [records])] + chain))
        changed = rr(f"{HOST}.", "A", "192.0.2.3")
        bogus = [fuzz.signed(rr(f"{HOST}.", "A", "192.0.2.1"))[1], changed]
        if kind == "A":
            seed("dns_lookup", "bogus", bytes([n]) + framed([answer(HOST, kind, bogus)] + chain))
    nsec = fuzz.signed(rr(f"{HOST}.", "NSEC", "a.fuzz.example. A RRSIG NSEC"))
    seed("dns_lookup", "no-data", b"\x00" + framed([answer(HOST, "MX", authority=soa + nsec)] + chain))
    cover = fuzz.signed(rr(f"{DOMAIN}.", "NSEC", "zz.fuzz.example. SOA NS RRSIG NSEC DNSKEY"))
    seed("dns_lookup", "no-name", b"\x00" + framed([answer(HOST, "MX", authority=soa + cover, code=3)] + chain))
    alias = fuzz.signed(rr(f"{HOST}.", "CNAME", "other.fuzz.example."))
    target = fuzz.signed(rr("other.fuzz.example.", "MX", "0 ."))
    seed("dns_lookup", "alias", b"\x00" + framed(
        [answer(HOST, "MX", alias), answer(HOST, "CNAME", alias), answer("other.fuzz.example", "MX", target)] + chain))
    dname = fuzz.signed(rr(f"{DOMAIN}.", "DNAME", "b.example."))
    seed("dns_lookup", "dname", b"\x00" + framed([answer(HOST, "MX", dname + [rr(f"{HOST}.", "CNAME", "mx.b.example.")])] + chain))
    referral = answer(HOST, "MX", authority=[rr("example.", "NS", ns, "ns.b.example.")], additional=[glue], authoritative=False)
    seed("dns_lookup", "referral", b"\x00" + framed([referral] + chain))
    nsec3 = rr("0p9mhaveqvm6t7vbl5lop2u3t2rp3tom.fuzz.example.", "NSEC3", "1 1 1 ab 2t7b4g4vsa5smi47k61mv5bv1a22bojr MX RRSIG")
    seed("dns_lookup", "nsec3", b"\x00" + framed([answer(HOST, "MX", authority=soa + fuzz.signed(nsec3), code=3)] + chain))
    data = {
        "A": "192.0.2.1", "AAAA": "2001:db8::1", "CAA": '0 Issue "ca.example; a=b"', "CDNSKEY": "0 3 0 AA==",
        "CDS": "0 0 0 00", "DNSKEY": "257 3 8 AwEAAbOFAxl+Lkt0UMglZizKEC1AxUu8zlj65KYatR5wBWMrh18TYzK/ig6Y1t5YTWCO",
        "DS": "1 13 2 " + "ab" * 32, "MX": "10 a.b.example.", "NS": "ns.example.", "NSEC3PARAM": "1 0 5 abcd",
        "PTR": "Host.example.", "SOA": "a.example. b.example. 1 2 3 4 5", "TLSA": "2 0 2 " + "cd" * 64, "TXT": '"a" "b"',
    }
    for n, (kind, text) in enumerate(data.items()):
        seed("dns_answer", kind, bytes([n]) + answer(DOMAIN, kind, [rr(f"{DOMAIN}.", kind, text)]))
    questions = ["SOA fuzz", "DNSKEY fuzz", "TXT plain", "MX x.wild.fuzz", "A alias.fuzz", "A loop.fuzz", "A none.fuzz",
                 "MX ns.fuzz", "A x.elsewhere.fuzz", "DS elsewhere.fuzz", "ANY fuzz", "TLSA _25._tcp.mx.fuzz", "A com"]
    for n, question in enumerate(questions):
        kind, name = question.split()
        query = dns.message.make_query(f"{name}.example.", kind, use_edns=0 if n % 3 else None, want_dnssec=n % 3 == 1)
        seed("dns_query", f"{n:02}-{kind}", query.to_wire())
    seed("dns_query", "axfr", dns.message.make_query("fuzz.example.", "AXFR").to_wire())
    seed("dns_query", "badvers", dns.message.make_query("fuzz.example.", "A", use_edns=7, payload=100).to_wire())
    seed("dns_answer", "refused", b"\x00" + answer(DOMAIN, "A", code=5))
    seed("dns_answer", "nsec", b"\x00" + answer(DOMAIN, "A", authority=soa + nsec))


if __name__ == "__main__":
    shutil.rmtree(SEEDS, ignore_errors=True)
    SEEDS.mkdir()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        certificates(folder)
        handshakes(folder)
    dialogues()
    messages()
    sessions()
    policies()
    networks()
    lookups()
