"""A TLS policy service for Postfix over the socketmap protocol: asks for DANE and for MTA-STS at once, and answers with
the stronger.

It behaves as postfix-tlspol documents: mandatory DANE (`dane-only`) where every host has usable records, Postfix's own
(`dane`) where some have, or where they are odd; a failed look-up of MX or TLSA records is a temporary error, and never
leads to MTA-STS; that (`secure`) decides only where no host has records. The policy is fetched in any case.
"""
import concurrent.futures
import http.client
import socketserver
import ssl
import sys
import time

import dns.flags
import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

RESOLVER = "127.0.0.1"
POLICY_OCTETS_MAX = 65536
POLICIES = {}  # by domain, until when, and what it says
NONE, ODD, USABLE = range(3)


class Temporary(Exception):
    """What cannot be known at the moment."""


def ask(name, kind):
    """The records, and whether they are secure."""
    query = dns.message.make_query(name, kind, want_dnssec=True)
    query.flags |= dns.flags.AD
    try:
        answer, _ = dns.query.udp_with_fallback(query, RESOLVER, timeout=5)
    except Exception as error:
        raise Temporary(f"{name} {kind}: {error!r}") from error
    if answer.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        raise Temporary(f"{name} {kind}: {dns.rcode.to_text(answer.rcode())}")
    wanted = dns.rdatatype.from_text(kind)
    records = [record for group in answer.answer if group.rdtype == wanted for record in group]
    return records, bool(answer.flags & dns.flags.AD)


def is_usable(tlsa):
    sizes = {1: 32, 2: 64}
    size = sizes.get(tlsa.mtype, len(tlsa.cert) if tlsa.mtype == 0 else -1)
    return tlsa.usage in (2, 3) and tlsa.selector in (0, 1) and len(tlsa.cert) == size


def dane_of_host(host):
    """None where the host has no address."""
    try:
        addresses, secure = ask(host, "A")
    except Temporary:
        return None
    if not addresses:
        return None
    if not secure:
        return NONE
    records, secure = ask(f"_25._tcp.{host}", "TLSA")
    if not records or not secure:
        return NONE
    return USABLE if any(is_usable(record) for record in records) else ODD


def dane(domain):
    mx, secure = ask(domain, "MX")
    hosts = [record.exchange.to_text() for record in mx] or [domain + "."]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        found = list(pool.map(dane_of_host, hosts))
    known = [one for one in found if one is not None]
    if not known:
        raise Temporary(f"no host of {domain} has an address")
    if max(known) == NONE:
        return ""
    whole = secure and len(known) == len(found) and min(known) == USABLE
    return "dane-only" if whole else "dane"


def fetch(domain):
    """The lines of the policy, by key."""
    context = ssl.create_default_context(cafile="/etc/ssl/certs/ca-certificates.crt")
    connection = http.client.HTTPSConnection(f"mta-sts.{domain}", timeout=20, context=context)
    connection.request("GET", "/.well-known/mta-sts.txt", headers={"User-Agent": "policy-service/1"})
    response = connection.getresponse()
    kind = response.getheader("Content-Type", "").split(";")[0].strip().lower()
    text = response.read(POLICY_OCTETS_MAX + 1)
    if response.status != 200 or kind != "text/plain" or len(text) > POLICY_OCTETS_MAX:
        raise ValueError(f"{response.status} {kind} {len(text)}")
    lines = [line.split(":", 1) for line in text.decode().splitlines() if ":" in line]
    values = {}
    for key, value in lines:
        values.setdefault(key.strip(), []).append(value.strip())
    if values.get("version") != ["STSv1"] or "mode" not in values or "max_age" not in values:
        raise ValueError(f"no policy: {values}")
    return values


def mta_sts(domain):
    if domain in POLICIES and POLICIES[domain][0] > time.monotonic():
        return POLICIES[domain][1]
    try:
        records, _ = ask(f"_mta-sts.{domain}", "TXT")
        texts = [b"".join(record.strings).decode() for record in records]
        texts = [text for text in texts if text.startswith("v=STSv1;")]
        if len(texts) != 1 or "id=" not in texts[0]:
            return ""
        policy = fetch(domain)
    except Exception as error:
        print(f"{domain}: no policy: {error!r}")
        return ""
    answer = ""
    if policy["mode"][0] == "enforce":
        hosts = [host.removeprefix("*") for host in policy.get("mx", [])]
        answer = f"secure match={':'.join(hosts)} servername=hostname"
    POLICIES[domain] = (time.monotonic() + min(int(policy["max_age"][0]), 31557600), answer)
    return answer


def policy(domain):
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        by_dane, by_policy = pool.submit(dane, domain), pool.submit(mta_sts, domain)
        concurrent.futures.wait([by_dane, by_policy])
    return by_dane.result() or by_policy.result()


def reply(request):
    domain = request.partition(" ")[2].strip().lower()
    # Postfix asks for `.parent` as well.
    if not domain or domain.startswith("."):
        return "NOTFOUND "
    try:
        answer = policy(domain)
    except Temporary as error:
        return f"TEMP {error}"
    return f"OK {answer}" if answer else "NOTFOUND "


class Session(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            size = b""
            while (octet := self.rfile.read(1)) != b":":
                if not octet.isdigit() or len(size) > 5:
                    return
                size += octet
            request = self.rfile.read(int(size)).decode()
            self.rfile.read(1)
            answer = reply(request)
            print(f"{request!r}: {answer!r}")
            octets = answer.encode()
            self.wfile.write(b"%d:%s," % (len(octets), octets))


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


Server(("127.0.0.1", int(sys.argv[1])), Session).serve_forever()
