#!/bin/sh
# Turns the calling process, which is alone in its mount namespace, into a bare Debian host that README.md's commands are
# run on, and stays until it is killed.
#
#   host.sh PEERS PLACE
#
# PEERS  where .ci/run left the packages
# PLACE  the folder of this host, with the program as `mailassay` and the CA in `ca/`; seen inside as /rig
set -eu
peers=$1 place=$2
here=$(dirname "$0")
root=$place/root

mkdir -p "$place/layer" "$root" "$place/log" "$place/clone"
# Of no package: what a Debian host has.
packages=script
. "$here/../root.sh"

printf 'nameserver 192.0.2.54\n' >"$root/etc/resolv.conf"
printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
rm -rf "$root/var/lib/mailassay" "$root/etc/letsencrypt"
# What the host has no real one of: the build (it is this test's), the ACME client and the service manager.
for tool in cargo certbot systemctl; do
    install -m 755 "$here/$tool" "$root/usr/local/sbin/$tool"
done
touch "$place/ready"
exec sleep 100000
