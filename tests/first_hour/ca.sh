#!/bin/sh
# Becomes the CA of the world: Debian's pebble, which asks the world's resolver.
#
#   ca.sh FOLDER
set -eu
cd "$1"
# Its web server is vouched for by a root of its own, as tls.acme.roots wants it: a leaf is no root.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=directory-root \
    -addext basicConstraints=critical,CA:TRUE -keyout directory-root.key -out directory.pem
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=directory -keyout directory.key \
    -out directory.csr
printf 'subjectAltName=IP:192.0.2.1\nextendedKeyUsage=serverAuth\n' >directory.extensions
openssl x509 -req -in directory.csr -CA directory.pem -CAkey directory-root.key -CAcreateserial -days 30 \
    -extfile directory.extensions -out directory-leaf.pem
cat >pebble.json <<'END'
{
  "pebble": {
    "listenAddress": "192.0.2.1:14000",
    "managementListenAddress": "192.0.2.1:15000",
    "certificate": "directory-leaf.pem",
    "privateKey": "directory.key",
    "httpPort": 80,
    "tlsPort": 443,
    "ocspResponderURL": "",
    "externalAccountBindingRequired": false
  }
}
END
# Not up to 15 seconds before each question, as it does else to show that a CA takes time.
PEBBLE_VA_NOSLEEP=1 exec pebble -config pebble.json -dnsserver 192.0.2.54:53
