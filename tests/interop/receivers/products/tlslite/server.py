"""An SMTP server with the worst TLS that tlslite-ng has."""

import socket
import sys
import threading

from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain, parsePEMKey

ADDRESSES, HOST = sys.argv[1].split(","), sys.argv[2]
CHAIN, KEY = X509CertChain(), parsePEMKey(open("/rig/key.pem").read(), private=True)
CHAIN.parsePemList(open("/rig/chain.pem").read())
SETTINGS = HandshakeSettings()
SETTINGS.minVersion, SETTINGS.maxVersion = (3, 0), (3, 3)
SETTINGS.cipherNames = ["aes128", "3des", "rc4", "null"]
SETTINGS.macNames = ["sha", "md5", "sha256"]
SETTINGS.keyExchangeNames = ["rsa", "dhe_rsa", "ecdhe_rsa"]
SETTINGS.minKeySize = 1023


def talk(read, write, tls):
    """Answers commands; true: STARTTLS was asked for."""
    pending = b""
    while True:
        while b"\r\n" not in pending:
            octets = read(4096)
            if not octets:
                return False
            pending += bytes(octets)
        line, pending = pending.split(b"\r\n", 1)
        verb = line.split(b" ")[0].upper()
        if verb == b"EHLO":
            write(f"250-{HOST}\r\n250 {'8BITMIME' if tls else 'STARTTLS'}\r\n".encode())
        elif verb == b"STARTTLS" and not tls:
            write(b"220 go\r\n")
            return True
        elif verb == b"QUIT":
            write(b"221 bye\r\n")
            return False
        else:
            write(b"250 ok\r\n")


def serve(link):
    with link:
        link.settimeout(60)
        try:
            link.sendall(f"220 {HOST} ESMTP\r\n".encode())
            if not talk(link.recv, link.sendall, False):
                return
            tls = TLSConnection(link)
            tls.handshakeServer(certChain=CHAIN, privateKey=KEY, settings=SETTINGS)
            talk(lambda limit: tls.read(max=limit, min=1), tls.write, True)
            tls.close()
        # tlslite-ng raises what it likes for what a peer sends.
        except Exception as error:
            print(repr(error), flush=True)


def listen(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, 25), family=family, backlog=64)
    while True:
        link, _ = listener.accept()
        threading.Thread(target=serve, args=(link,), daemon=True).start()


for address in ADDRESSES[1:]:
    threading.Thread(target=listen, args=(address,), daemon=True).start()
listen(ADDRESSES[0])
