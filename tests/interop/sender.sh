#!/bin/sh
# Turns the calling process, which is alone in its network and mount namespace, into a mail host and runs it
# until it is killed.
#
#   sender.sh PEERS PRODUCT ROW PLACE
#
# PEERS    where .ci/run left the packages (PEERS/debs/PRODUCT/*.deb) and the Python environment (PEERS/venv)
# PRODUCT  a folder of tests/interop/products
# ROW      the folder of its settings, such as senders/postfix-dane
# PLACE    a folder of this sender with `origin`, `host`, `anchors` and `ca.pem` in it, seen inside as /rig; a
#          `letter.eml` there is sent in place of the common mail
#
# From the environment, all optional: PACKAGES, if not those of the product; PACE (quick, slow), RETRY_S; ADDRESS to bind to; USERS who send at once;
# OWN_ADDRESS, if it is not 198.51.100.2; VALIDATES=no for a resolver that does not;
# RESOLVER=shared if another sender of this namespace runs the resolver, RESOLVER_ADDRESS which that asks from.
set -eu
peers=$1 product=$2 row=$3 place=$4
here=$(dirname "$0")
root=$place/root
host=$(cat "$place/host")
origin=$(cat "$place/origin")

mkdir "$place/layer" "$root" "$place/product" "$place/row" "$place/log"
cp -R "$here/products/$product/." "$place/product"
cp -R "$here/$row/." "$place/row"
packages=${PACKAGES:-$product}
. "$here/root.sh"

# `trust-ad` or glibc hides the AD bit, and Exim silently does without DANE.
printf 'nameserver 127.0.0.1\noptions trust-ad\n' >"$root/etc/resolv.conf"
printf '127.0.0.1 localhost\n%s %s\n' "${OWN_ADDRESS:-198.51.100.2}" "$host" >"$root/etc/hosts"
printf '%s\n' "$host" >"$root/etc/mailname"
cp "$place/ca.pem" "$root/etc/ssl/certs/ca-certificates.crt"
sed "s/@ORIGIN@/$origin/g" "$here/unbound.conf" >"$place/unbound.conf"
[ ! -e "$place/row/unbound.conf" ] || cat "$place/row/unbound.conf" >>"$place/unbound.conf"
[ "${VALIDATES:-yes}" = yes ] || printf 'server:\n    module-config: "iterator"\n' >>"$place/unbound.conf"
[ -z "${RESOLVER_ADDRESS:-}" ] ||
    printf 'server:\n    outgoing-interface: %s\n' "$RESOLVER_ADDRESS" >>"$place/unbound.conf"
# A row may bring a mail of its own.
mail=$here/mail.eml
[ ! -e "$place/row/mail.eml" ] || mail=$place/row/mail.eml
[ ! -e "$place/letter.eml" ] || mail=$place/letter.eml
user=1
while [ "$user" -le "${USERS:-1}" ]; do
    sed "s/@ORIGIN@/$origin/g; s/@HOST@/$host/g; s/@USER@/user$user/g" "$mail" >"$place/mail-$user.eml"
    user=$((user + 1))
done
mv "$place/mail-1.eml" "$place/mail.eml"

[ "${RESOLVER:-own}" = shared ] || chroot "$root" unbound -d -c /rig/unbound.conf >"$place/log/unbound" 2>&1 &
tries=0
until dig +time=1 +tries=1 @127.0.0.1 "$origin" SOA >"$place/log/dig" 2>&1; do
    tries=$((tries + 1))
    [ "$tries" -lt 50 ] || exit 1
    sleep 0.1
done

export HOST="$host" SENDER="user1@$host" ORIGIN="$origin" PEERS="$peers"
export PACE="${PACE:-quick}" RETRY_S="${RETRY_S:-3}" ADDRESS="${ADDRESS:-}"
exec chroot "$root" sh /rig/product/start
