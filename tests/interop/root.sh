# Sourced: makes `$root`, a root file system of its own from the host's and the packages of `$packages`.
#
# Wants $peers, $packages, $place and $root. The host's root file system is the lower layer of an overlay whose upper
# layer is memory: the packages are unpacked there, and nothing of the host is written to. $place is seen inside as /rig.
mount -t tmpfs tmpfs "$place/layer"
mkdir "$place/layer/upper" "$place/layer/work"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/layer/upper,workdir=$place/layer/work" "$root"
for package in "$peers/debs/$packages"/*.deb; do
    [ -e "$package" ] || continue
    # Not `dpkg -x`, which replaces the link /lib by a folder.
    dpkg --fsys-tarfile "$package" | tar -x --keep-directory-symlink -C "$root"
done

mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/run"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/dev"
mknod -m 666 "$root/dev/null" c 1 3
mknod -m 666 "$root/dev/zero" c 1 5
mknod -m 666 "$root/dev/random" c 1 8
mknod -m 666 "$root/dev/urandom" c 1 9
ln -s /proc/self/fd "$root/dev/fd"
chmod 1777 "$root/tmp"
# The clone may lie on another file system than the root: what the overlay does not show is bound.
mkdir -p "$root/rig" "$root$peers"
mount --bind "$place" "$root/rig"
mount --bind "$peers" "$root$peers"
