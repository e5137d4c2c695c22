#!/bin/sh
# Writes and signs the zones above the service, and that of the sender: a root, `example` with `sender.example` in it,
# and the names of addresses. Called again with what `mailassay zone parent` prints, as a registrar would be told.
#
#   zones.sh FOLDER [DELEGATION]
set -eu
folder=$1 delegation=${2:-/dev/null}
mkdir -p "$folder"
cd "$folder"

head() { printf '$TTL 1\n%s SOA ns.lab. hostmaster.lab. %s 3600 600 86400 1\n%s NS ns.lab.\n' "$1" "$(date +%s)" "$1"; }

sign() {
    zone=$1 file=$2
    [ -e "$file.keyed" ] || {
        dnssec-keygen -q -a ECDSAP256SHA256 -f KSK "$zone" >"$file.keyed"
    }
    dnssec-signzone -q -S -z -o "$zone" -s now-3600 -e now+1209600 -f "$file.signed" "$file.zone" >/dev/null
}

{
    head example.
    cat <<'END'
sender.example. MX 10 mail.sender.example.
sender.example. TXT "v=spf1 ip4:198.51.100.2 -all"
mail.sender.example. A 198.51.100.2
END
    cat "$delegation"
} >example.zone
sign example. example
{
    head .
    cat <<'END'
ns.lab. A 192.0.2.1
example. NS ns.lab.
25.2.0.192.in-addr.arpa. PTR mx.test.example.
2.100.51.198.in-addr.arpa. PTR mail.sender.example.
END
    cat dsset-example.
} >root.zone
sign . root
cp dsset-. anchors
cat >named.conf <<END
options {
    directory "$folder";
    pid-file none;
    listen-on { 192.0.2.1; };
    listen-on-v6 { none; };
    recursion no;
    dnssec-validation no;
    session-keyfile none;
};
controls { };
zone "." { type primary; file "root.signed"; };
zone "example" { type primary; file "example.signed"; };
END
