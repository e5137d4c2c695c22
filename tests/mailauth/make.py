"""Makes the signed messages of this folder with dkimpy, offline. See README.md."""

import base64, os, subprocess, sys
import dkim
from nacl.signing import SigningKey

os.chdir(os.path.dirname(os.path.abspath(__file__)))
DNS = {}
EXPECTED = []


def rsa(bits):
    pem = subprocess.run(["openssl", "genrsa", "-traditional", str(bits)], check=True, capture_output=True).stdout
    der = subprocess.run(["openssl", "rsa", "-pubout", "-outform", "DER"], input=pem, check=True, capture_output=True).stdout
    return pem, "v=DKIM1; k=rsa; p=" + base64.b64encode(der).decode()


def ed25519():
    key = SigningKey.generate()
    return base64.b64encode(bytes(key)), "v=DKIM1; k=ed25519; p=" + base64.b64encode(bytes(key.verify_key)).decode()


RSA, DNS["rsa._domainkey.example.net"] = rsa(2048)
OLD, DNS["old._domainkey.example.net"] = rsa(1024)
WEAK, DNS["weak._domainkey.example.net"] = rsa(768)
ED, DNS["ed._domainkey.example.net"] = ed25519()
OTHER, DNS["rsa._domainkey.mailer.example"] = rsa(2048)
STRICT, text = rsa(2048)
DNS["strict._domainkey.example.net"] = text + "; t=s"
SUB, DNS["rsa._domainkey.news.example.net"] = rsa(2048)
ARC1, DNS["arc._domainkey.relay.example"] = rsa(2048)
ARC2, DNS["arc._domainkey.list.example"] = rsa(2048)
DNS["revoked._domainkey.example.net"] = "v=DKIM1; k=rsa; p="
DNS["broken._domainkey.example.net"] = "v=DKIM1; k=rsa; p=this is no key!"

HEAD = b"""From: Jane Doe <jane@example.net>\r
To: en@et.example.org\r
Subject: A test\r
Date: Sat, 21 Nov 2026 12:00:00 +0000\r
Message-ID: <1@example.net>\r
\r
"""
BODY = b"Hello,\r\n\r\nthis is a test.\r\n"
SIGNED = [b"from", b"to", b"subject", b"date", b"message-id"]


def sign(message, key=RSA, selector=b"rsa", domain=b"example.net", algorithm=b"rsa-sha256", ch=b"relaxed", cb=b"relaxed", **more):
    more.setdefault("include_headers", SIGNED)
    return dkim.sign(message, selector, domain, key, signature_algorithm=algorithm, canonicalize=(ch, cb), **more) + message


def note(name, message, *expected, arc=None):
    """Writes a message; what is expected is checked against dkimpy's own opinion where it has one."""
    txt = lambda name, timeout=5: DNS.get(name.decode().rstrip("."), "").encode() or None
    signatures = message.split(b"\r\n\r\n")[0].lower().count(b"\ndkim-signature:") + message.lower().startswith(b"dkim-signature:")
    verifier = dkim.DKIM(message, minkey=1024, timeout=5)
    for n, result in enumerate(expected):
        try:
            passed = n < signatures and verifier.verify(idx=n, dnsfunc=txt)
        except Exception as error:
            passed = False
        if passed != (result == "pass") and "!" not in name:
            sys.exit(f"{name}: dkimpy says {passed} of signature {n}, expected {result}")
    if arc:
        cv, _, reason = dkim.arc_verify(message, dnsfunc=txt)
        cv = (cv or b"none").decode()
        if cv != arc:
            sys.exit(f"{name}: dkimpy says arc={cv} ({reason}), expected {arc}")
    name = name.replace("!", "")
    with open(name + ".eml", "wb") as file:
        file.write(message)
    EXPECTED.append(f"{name}\t{','.join(expected) or 'none'}\t{arc or 'none'}")


for ch in (b"simple", b"relaxed"):
    for cb in (b"simple", b"relaxed"):
        kind = f"{ch.decode()}-{cb.decode()}"
        note(f"rsa-{kind}", sign(HEAD + BODY, ch=ch, cb=cb), "pass")
        note(f"ed25519-{kind}", sign(HEAD + BODY, ED, b"ed", algorithm=b"ed25519-sha256", ch=ch, cb=cb), "pass")
        note(f"blank-lines-at-end-{kind}", sign(HEAD + BODY + b"\r\n" * 5, ch=ch, cb=cb), "pass")
        note(f"empty-body-{kind}", sign(HEAD, ch=ch, cb=cb), "pass")
note("white-lines-at-end", sign(HEAD + BODY + b"  \r\n\t\r\n \r\n"), "pass")
note("white-lines-only", sign(HEAD + b"  \r\n\t\r\n"), "pass")
note("white-lines-at-end-simple", sign(HEAD + BODY + b"  \r\n\t\r\n \r\n", cb=b"simple"), "pass")
note("white-within-lines", sign(HEAD + b"Hello  \t there \r\n a\tb\r\n"), "pass")
note("folded-header", sign(HEAD.replace(b"A test", b"A very long\r\n\t   subject,  folded   twice\r\n  indeed") + BODY), "pass")
note("eight-bit", sign(HEAD + "Grüße aus Köln\r\n".encode()), "pass")
note("two-subjects", sign(HEAD.replace(b"Subject: A test\r\n", b"Subject: one\r\nSubject: two\r\n") + BODY, include_headers=SIGNED + [b"subject"]), "pass")
note("two-signatures", sign(sign(HEAD + BODY, ED, b"ed", algorithm=b"ed25519-sha256")), "pass", "pass")
note("rsa-1024", sign(HEAD + BODY, OLD, b"old"), "pass")
note("third-party", sign(HEAD + BODY, OTHER, b"rsa", b"mailer.example"), "pass")
note("subdomain", sign(HEAD + BODY, SUB, b"rsa", b"news.example.net"), "pass")
note("body-length", sign(HEAD + BODY, length=True) + b"An appendix.\r\n", "pass")
note("body-changed", sign(HEAD + BODY).replace(b"a test.", b"a fake."), "fail")
note("header-changed", sign(HEAD + BODY).replace(b"A test", b"A fake"), "fail")
note("one-good-one-bad", sign(sign(HEAD + BODY).replace(b"A test", b"A fake"), ED, b"ed", algorithm=b"ed25519-sha256"), "pass", "fail")
note("weak-key", sign(HEAD + BODY, WEAK, b"weak"), "fail")
note("no-key", sign(HEAD + BODY, selector=b"missing"), "permerror")
note("revoked-key", sign(HEAD + BODY, selector=b"revoked"), "permerror")
note("broken-key", sign(HEAD + BODY, selector=b"broken"), "permerror")
note("strict-same", sign(HEAD + BODY, STRICT, b"strict", identity=b"jane@example.net"), "pass")
# dkimpy does not look at t=s (RFC 6376 §3.6.1); the expectation is the RFC's.
note("strict-below!", sign(HEAD + BODY, STRICT, b"strict", identity=b"jane@sub.example.net"), "fail")
note("twelve-signatures", __import__("functools").reduce(lambda m, _: sign(m), range(12), HEAD + BODY), *["pass"] * 10)
note("malformed", b"DKIM-Signature: v=1; a=rsa-sha256; d=example.net; s=rsa; bh=; b\r\n" + HEAD + BODY, "neutral")
note("unsigned", HEAD + BODY)


def seal(message, key, domain):
    message = b"Authentication-Results: " + domain + b"; dkim=pass header.d=example.net\r\n" + message
    return b"".join(dkim.ARC(message).sign(b"arc", domain, key, domain, include_headers=SIGNED)) + message


signed = sign(HEAD + BODY)
once = seal(signed, ARC1, b"relay.example")
note("arc-one-set", once, "pass", arc="pass")
note("arc-two-sets", seal(once, ARC2, b"list.example"), "pass", arc="pass")
note("arc-broken", once.replace(b"a test.", b"a fake."), "fail", arc="fail")

with open("dns.tsv", "w") as file:
    for name, text in sorted(DNS.items()):
        file.write(f"{name}\t{text}\n")
with open("expected.tsv", "w") as file:
    file.write("\n".join(EXPECTED) + "\n")
