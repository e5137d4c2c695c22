"""The MTA-STS policy hosts of all domains, told apart by SNI: `policy_host.py ADDRESS FOLDER`.

FOLDER/<host>/ has chain.pem, key.pem and mta-sts.txt.
"""

import http.server
import pathlib
import ssl
import sys

ADDRESS, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
CONTEXTS = {}
for place in FOLDER.iterdir():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(place / "chain.pem", place / "key.pem")
    CONTEXTS[place.name] = context


class Policy(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        file = FOLDER / self.headers.get("Host", "").split(":")[0] / "mta-sts.txt"
        if self.path != "/.well-known/mta-sts.txt" or not file.is_file():
            self.send_error(404)
            return
        body = file.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def choose(connection, name, _):
    if name in CONTEXTS:
        connection.context = CONTEXTS[name]


if CONTEXTS:
    server = http.server.ThreadingHTTPServer((ADDRESS, 443), Policy)
    first = next(iter(CONTEXTS.values()))
    first.sni_callback = choose
    server.socket = first.wrap_socket(server.socket, server_side=True)
    server.serve_forever()
