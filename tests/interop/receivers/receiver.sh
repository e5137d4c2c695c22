#!/bin/sh
# Turns the calling process, which is alone in its mount namespace, into a receiving mail host and runs it until it
# is killed.
#
#   receiver.sh PEERS PRODUCT ROW PLACE
#
# PEERS    where .ci/run left the packages (PEERS/debs/PRODUCT/*.deb) and the Python environment (PEERS/venv)
# PRODUCT  a folder of tests/interop/receivers/products
# ROW      a folder of tests/interop/receivers/rows
# PLACE    an empty folder of this host, with `environment` and the certificates in it; seen inside as /rig
set -eu
peers=$1 product=$2 row=$3 place=$4
here=$(dirname "$0")
root=$place/root

mkdir "$place/layer" "$root" "$place/product" "$place/row" "$place/log"
cp -R "$here/products/$product/." "$place/product"
cp -R "$here/rows/$row/." "$place/row"
packages=$product
. "$here/../root.sh"
printf 'nameserver 198.18.0.90\n' >"$root/etc/resolv.conf"
printf '127.0.0.1 localhost\n' >"$root/etc/hosts"

set -a
. "$place/environment"
set +a
printf '%s\n' "$HOST" >"$root/etc/mailname"
printf '%s %s\n%s %s\n' "$IP4" "$HOST" "$IP6" "$HOST" >>"$root/etc/hosts"
export PEERS="$peers"
exec chroot "$root" sh /rig/product/start
