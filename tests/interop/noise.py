"""Strangers, until killed: python3 noise.py FOLDER ORIGIN HOST

They scan ports 443 and 25, ask the DNS, and one forges the sender HOST: its reverse-path, its Message-ID, its EHLO
name, from a network that has nothing to do with it. Nothing of it may change a verdict. Each thing that was done is a
line on standard output; what a server answered to the forger's mail is in it. The forger begins when FOLDER/forge is
there.
"""
import pathlib
import random
import socket
import ssl
import struct
import sys
import threading
import time

FOLDER, ORIGIN, HOST = sys.argv[1:4]
SMTP, DNS, WEB = ("192.0.2.25", 25), ("192.0.2.53", 53), ("192.0.2.80", 443)
SCANNERS, FORGER = ["203.0.113.7", "5.9.99.9"], "203.0.113.66"
# An unrelated stranger's steady pace, in seconds from one thing to the next.
WEB_PACE_S, DNS_PACE_S, SMTP_PACE_S, FORGER_PACE_S = 0.5, 0.4, 0.7, 2.5


def say(line):
    print(line, flush=True)


def connect(server, source):
    return socket.create_connection(server, timeout=3, source_address=(source, 0))


def web_handshake(source, sni):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(connect(WEB, source), server_hostname=sni)


def web_without_sni(source):
    web_handshake(source, None).close()


def web_wrong_sni(source):
    web_handshake(source, "www.scanned.example").close()


def web_get_root(source):
    name = f"mta-sts.et.{ORIGIN}"
    with web_handshake(source, name) as visit:
        visit.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
        visit.recv(4096)


def web_garbage(source):
    with web_handshake(source, f"mta-sts.et.{ORIGIN}") as visit:
        visit.sendall(b"\x00\x01 not HTTP\r\n\r\n")
        visit.recv(4096)


def web_in_clear(source):
    with connect(WEB, source) as visit:
        visit.sendall(b"GET / HTTP/1.0\r\n\r\n")
        visit.recv(4096)


def web_port_scan(source):
    connect(WEB, source).close()


def ask(source, name, rtype):
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    question = struct.pack(">HHHHHH", random.randrange(65536), 0, 1, 0, 0, 0) + labels + b"\0"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.bind((source, 0))
        asker.settimeout(1)
        asker.sendto(question + struct.pack(">HH", rtype, 1), DNS)
        asker.recv(4096)


def dns_policy(source):
    ask(source, f"_mta-sts.et.{ORIGIN}", 16)


def dns_tlsa(source):
    ask(source, f"_25._tcp.mx0{random.randrange(3, 7)}.et.{ORIGIN}", 52)


def dns_random(source):
    ask(source, f"{random.randrange(10**9)}.{random.choice(['et', 'ut'])}.{ORIGIN}", random.choice([1, 16, 28]))


class Smtp:
    def __init__(self, source):
        self.peer = connect(SMTP, source)
        self.file = self.peer.makefile("rb")
        self.reply()

    def reply(self):
        lines = []
        while True:
            line = self.file.readline().decode("utf-8", "replace").rstrip()
            lines.append(line)
            if line[3:4] != "-":
                return " | ".join(lines)

    def command(self, line):
        self.peer.sendall(line.encode() + b"\r\n")
        return self.reply()

    def close(self):
        self.file.close()
        self.peer.close()


def smtp_port_scan(source):
    connect(SMTP, source).close()


def smtp_ehlo_quit(source):
    session = Smtp(source)
    session.command("EHLO scanner.scanned.example")
    session.command("QUIT")
    session.close()


def smtp_starttls_close(source):
    session = Smtp(source)
    session.command("EHLO scanner.scanned.example")
    session.command("STARTTLS")
    session.close()


def smtp_tls_quit(source):
    """A scanner that looks at the certificate of a host."""
    session = Smtp(source)
    session.command("EHLO scanner.scanned.example")
    if session.command("STARTTLS").startswith("220"):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        name = f"mx0{random.randrange(3, 7)}.et.{ORIGIN}"
        with context.wrap_socket(session.peer, server_hostname=name) as secure:
            secure.sendall(b"QUIT\r\n")
            secure.recv(4096)
    session.close()


def forger_mail(source):
    session = Smtp(source)
    session.command(f"EHLO {HOST}")
    answers = [session.command(f"MAIL FROM:<user1@{HOST}>")]
    for case in ["et", "ut"]:
        answers.append(session.command(f"RCPT TO:<en@{case}.{ORIGIN}>"))
    answers.append(session.command("DATA"))
    text = [f"From: user1@{HOST}", f"To: en@et.{ORIGIN}, en@ut.{ORIGIN}", "Subject: a test",
            f"Message-ID: <one.mail.of.user1@{HOST}>", "", "Forged", "."]
    answers.append(session.command("\r\n".join(text)))
    session.command("QUIT")
    session.close()
    return answers


def forger_ehlo_quit(source):
    session = Smtp(source)
    answer = session.command(f"EHLO {HOST}")
    session.command("QUIT")
    session.close()
    return [answer]


def forger_mail_only(source):
    """Leaves behind MAIL, as Sendmail does where it refuses."""
    session = Smtp(source)
    session.command(f"EHLO {HOST}")
    answer = session.command(f"MAIL FROM:<user1@{HOST}>")
    session.command("QUIT")
    session.close()
    return [answer]


def steadily(kind, pace_s, sources, deeds):
    turn = 0
    while kind == "forger" and not pathlib.Path(FOLDER, "forge").exists():
        time.sleep(0.1)
    while True:
        deed, source = deeds[turn % len(deeds)], sources[turn % len(sources)]
        turn += 1
        try:
            answers = deed(source) or []
            say(f"{kind} {source} {deed.__name__} {answers}")
        except OSError as error:
            # What a scanner is refused is no fault of it.
            say(f"{kind} {source} {deed.__name__} ended: {error!r}")
        time.sleep(pace_s)


threads = [
    ("web", WEB_PACE_S, SCANNERS,
     [web_without_sni, web_wrong_sni, web_get_root, web_garbage, web_in_clear, web_port_scan, web_without_sni]),
    ("dns", DNS_PACE_S, SCANNERS, [dns_policy, dns_tlsa, dns_random, dns_policy]),
    ("smtp", SMTP_PACE_S, SCANNERS, [smtp_ehlo_quit, smtp_starttls_close, smtp_port_scan, smtp_tls_quit, smtp_ehlo_quit]),
    ("forger", FORGER_PACE_S, [FORGER], [forger_mail, forger_ehlo_quit, forger_mail, forger_mail_only]),
]
for arguments in threads:
    threading.Thread(target=steadily, args=arguments, daemon=True).start()
while True:
    time.sleep(60)
