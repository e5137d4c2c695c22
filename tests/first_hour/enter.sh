#!/bin/sh
# Boots a Debian host that was just installed: systemd runs in it as process 1, and its journal, users and packages are its
# own. The network namespace is that of whoever calls this, as root.
#
#   enter.sh CLEAN PLACE
#
# CLEAN  the root file system that .ci/peers made, as a tar file
# PLACE  a folder for the host; seen inside as /rig
set -eu
clean=$1 place=$2
here=$(realpath "$(dirname "$0")")
mkdir -p "$place/root" "$place/cgroup"

# A control group of its own in each hierarchy that systemd may use: two hosts must not meet in one.
own=mailassay-host-$$
join() {
    mkdir "$place/cgroup/$own" && echo $$ >"$place/cgroup/$own/cgroup.procs"
    umount "$place/cgroup"
}
mount -t cgroup2 cgroup2 "$place/cgroup" && join
# Where there are both, process 1 is told of in the elder.
hybrid=no
if grep -q '^[0-9]*:name=systemd:' /proc/self/cgroup; then
    hybrid=yes
    mount -t cgroup -o none,name=systemd cgroup "$place/cgroup" && join
fi
exec unshare --mount --propagation private --pid --fork --kill-child --ipc --uts --cgroup \
    sh "$here/boot.sh" "$clean" "$place" "$hybrid"
