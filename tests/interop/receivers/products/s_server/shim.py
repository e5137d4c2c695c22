"""Speaks SMTP until STARTTLS, then hands the connection over to a TLS server."""

import socket
import sys
import threading

ADDRESSES, HOST, BACKEND = sys.argv[1].split(","), sys.argv[2], (sys.argv[3], int(sys.argv[4]))


def pump(source, sink):
    try:
        while octets := source.recv(16384):
            sink.sendall(octets)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(link):
    with link:
        link.settimeout(60)
        link.sendall(f"220 {HOST} ESMTP\r\n".encode())
        pending = b""
        try:
            while True:
                while b"\r\n" not in pending:
                    octets = link.recv(4096)
                    if not octets:
                        return
                    pending += octets
                line, pending = pending.split(b"\r\n", 1)
                verb = line.split(b" ")[0].upper()
                if verb == b"EHLO":
                    link.sendall(f"250-{HOST}\r\n250-8BITMIME\r\n250 STARTTLS\r\n".encode())
                elif verb == b"STARTTLS":
                    link.sendall(b"220 go\r\n")
                    break
                elif verb == b"QUIT":
                    link.sendall(b"221 bye\r\n")
                    return
                else:
                    link.sendall(b"250 ok\r\n")
            link.settimeout(None)
            with socket.create_connection(BACKEND) as backend:
                # What came behind STARTTLS in clear is dropped, as a sound server does.
                up = threading.Thread(target=pump, args=(link, backend), daemon=True)
                up.start()
                pump(backend, link)
                up.join(5)
        except OSError:
            return


def listen(address):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listener = socket.create_server((address, 25), family=family, backlog=64)
    while True:
        link, _ = listener.accept()
        threading.Thread(target=serve, args=(link,), daemon=True).start()


for address in ADDRESSES[1:]:
    threading.Thread(target=listen, args=(address,), daemon=True).start()
listen(ADDRESSES[0])
