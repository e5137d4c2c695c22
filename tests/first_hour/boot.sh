#!/bin/sh
# The part of enter.sh that is process 1 of the host, until systemd takes its place.
set -eu
clean=$1 place=$2 hybrid=$3
root=$place/root
hostname mx

# In memory, so that nothing of it is left, and no disk is waited for.
mount -t tmpfs -o mode=755,size=3g tmpfs "$root"
tar --extract --file "$clean" --directory "$root"
cd "$root"

mount -t proc proc proc
# What is set there would be set for the whole machine.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t tmpfs tmpfs run
mount -t tmpfs tmpfs tmp
chmod 1777 tmp
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
    touch "dev/$device"
    mount --bind "/dev/$device" "dev/$device"
done
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
touch "$place/console" dev/console
mount --bind "$place/console" dev/console
mount -t tmpfs tmpfs sys
mkdir -p sys/fs/cgroup
if [ "$hybrid" = yes ]; then
    mount -t tmpfs tmpfs sys/fs/cgroup
    mkdir sys/fs/cgroup/systemd sys/fs/cgroup/unified
    mount -t cgroup -o none,name=systemd cgroup sys/fs/cgroup/systemd
    mount -t cgroup2 cgroup2 sys/fs/cgroup/unified
else
    mount -t cgroup2 cgroup2 sys/fs/cgroup
fi

# What is the machine's, not this host's.
for unit in systemd-sysctl.service systemd-modules-load.service systemd-remount-fs.service console-getty.service \
    getty.target sys-kernel-debug.mount sys-kernel-tracing.mount sys-fs-fuse-connections.mount; do
    ln -sf /dev/null "etc/systemd/system/$unit"
done
printf 'nameserver 192.0.2.54\n' >etc/resolv.conf
printf '127.0.0.1 localhost\n' >etc/hosts
echo mx >etc/hostname
mkdir rig
mount --bind "$place" rig
# Once more inside, or the host would see its own root there.
umount rig/root 2>/dev/null || true
exec env -i container=mailassay PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . /lib/systemd/systemd
