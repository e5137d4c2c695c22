#!/bin/sh
# Turns the calling process, which is alone in its network and mount namespace, into somebody's Postfix that does DANE,
# sends one mail to the test addresses, and keeps what comes back in a maildir of its user.
#
#   sender.sh PEERS PLACE
#
# PEERS  where .ci/run left the packages
# PLACE  the folder of this sender, with `anchors`, `hints` and `unbound.conf` in it; seen inside as /rig
set -eu
peers=$1 place=$2
here=$(dirname "$0")
root=$place/root

mkdir -p "$place/layer" "$root" "$place/log" "$place/mailbox"
packages=postfix
. "$here/../interop/root.sh"

# Without `trust-ad` the AD bit is hidden, and nothing is secure.
printf 'nameserver 127.0.0.1\noptions trust-ad\n' >"$root/etc/resolv.conf"
printf '127.0.0.1 localhost\n198.51.100.2 mail.sender.example\n' >"$root/etc/hosts"
chroot "$root" unbound -d -c /rig/unbound.conf >"$place/log/unbound" 2>&1 &

echo 'postfix:x:950:950::/var/spool/postfix:/bin/false' >>"$root/etc/passwd"
printf 'postfix:x:950:\npostdrop:x:951:\n' >>"$root/etc/group"
chown 950:950 "$place/mailbox"
{
    cat "$here/../interop/products/postfix/main.cf"
    cat <<'END'
myhostname = mail.sender.example
smtp_tls_security_level = dane
inet_interfaces = 127.0.0.1, 198.51.100.2
virtual_mailbox_domains = sender.example
virtual_mailbox_base = /rig/mailbox
virtual_mailbox_maps = static:joachim/
virtual_uid_maps = static:950
virtual_gid_maps = static:950
END
} >"$root/etc/postfix/main.cf"
{
    cat "$here/../interop/products/postfix/master.cf"
    printf '198.51.100.2:25 inet n - n - - smtpd\nvirtual unix - n n - - virtual\nanvil unix - - n - 1 anvil\n'
} >"$root/etc/postfix/master.cf"
for file in dynamicmaps.cf main.cf.proto master.cf.proto; do
    : >>"$root/etc/postfix/$file"
done
cat >"$place/send" <<'END'
set -eu
# What the package's postinst does.
chown postfix /var/lib/postfix
chgrp postdrop /usr/sbin/postdrop /usr/sbin/postqueue
chmod 2755 /usr/sbin/postdrop /usr/sbin/postqueue
postfix start >/rig/log/postfix 2>&1
sendmail -f joachim@sender.example -t <<MAIL
From: joachim@sender.example
To: en@et.test.example, en@ut.test.example
Subject: a test
Message-ID: <one.mail@sender.example>

Hello
MAIL
while sleep 3; do
    postqueue -f
done
END
exec chroot "$root" sh /rig/send
