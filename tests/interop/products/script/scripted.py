"""A sender that does what no product does: a row's `sender.py` says how it differs from `Sender`, which sends in TLS
where that is offered, names no host and looks at no certificate.

Deliveries to `et` and `ut` run side by side. Whoever has got its 250 is not sent again.
"""
import os
import pathlib
import socket
import ssl
import subprocess
import threading

HOST, ORIGIN, ATTEMPT = os.environ["HOST"], os.environ["ORIGIN"], int(os.environ["ATTEMPT"])
STATE = pathlib.Path("/rig/state")


class Refused(Exception):
    """This sender's own decision not to send to a host."""


class Session:
    def __init__(self, address):
        self.socket = socket.create_connection((address, 25), timeout=30)
        self.reader = self.socket.makefile("rb")
        self.reply()

    def reply(self):
        lines = []
        while True:
            line = self.reader.readline().decode("utf-8", "replace").rstrip()
            if not line:
                raise ConnectionError("closed")
            lines.append(line)
            if line[3:4] != "-":
                return lines

    def command(self, line):
        self.socket.sendall(line.encode() + b"\r\n")
        return self.reply()

    def starttls(self, context, name):
        self.reader.close()
        self.socket = context.wrap_socket(self.socket, server_hostname=name)
        self.reader = self.socket.makefile("rb")

    def close(self):
        self.reader.close()
        self.socket.close()


def dig(name, rtype):
    answer = subprocess.run(["dig", "+short", "@127.0.0.1", name, rtype], capture_output=True, text=True, check=True)
    return answer.stdout.split("\n")[:-1]


class Sender:
    def demands_tls(self, domain):
        return False

    def names(self, domain, host):
        """Whether SNI names the host."""
        return False

    def checks(self, domain, host):
        """Whether the certificate must verify; by an alert in the handshake if not."""
        return False

    def refuses_at_mail(self, domain, host):
        """Whether it leaves behind its MAIL."""
        return False

    def again_at_once(self, domain, host):
        """Whether a host whose certificate was refused is tried again at once."""
        return False

    def deliver(self, domain, host):
        """One connection; true if the mail was taken."""
        session = Session(dig(host, "A")[0])
        try:
            offers = session.command(f"EHLO {HOST}")
            if any(offer[4:].upper() == "STARTTLS" for offer in offers):
                session.command("STARTTLS")
                context = ssl.create_default_context()
                if not self.checks(domain, host):
                    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
                session.starttls(context, host if self.names(domain, host) else None)
                session.command(f"EHLO {HOST}")
            elif self.demands_tls(domain):
                session.command("QUIT")
                raise Refused("no STARTTLS")
            session.command(f"MAIL FROM:<user1@{HOST}>")
            if self.refuses_at_mail(domain, host):
                session.command("RSET")
                session.command("QUIT")
                raise Refused("behind MAIL")
            session.command(f"RCPT TO:<en@{domain}>")
            session.command("DATA")
            text = pathlib.Path("/rig/mail.eml").read_text().rstrip("\n").replace("\n", "\r\n")
            answer = session.command(f"{text}\r\n.")
            print(ATTEMPT, host, answer[-1], flush=True)
            session.command("QUIT")
            return answer[-1].startswith("250")
        finally:
            session.close()

    def attempt(self, domain):
        """All hosts in their order, until one takes the mail or says when to come again."""
        done = STATE / domain
        if done.exists():
            return
        for answer in sorted(dig(domain, "MX"), key=lambda answer: int(answer.split()[0])):
            host = answer.split()[1].rstrip(".")
            for _ in range(2):
                try:
                    if self.deliver(domain, host):
                        done.touch()
                    return
                except (Refused, OSError) as error:
                    print(ATTEMPT, host, repr(error), flush=True)
                    if not self.again_at_once(domain, host):
                        break


def run(sender):
    STATE.mkdir(exist_ok=True)
    deliveries = [threading.Thread(target=sender.attempt, args=[f"{case}.{ORIGIN}"]) for case in ["et", "ut"]]
    for delivery in deliveries:
        delivery.start()
    for delivery in deliveries:
        delivery.join()
