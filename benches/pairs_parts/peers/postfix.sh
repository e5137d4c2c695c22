#!/bin/sh
# Turns the calling process, which is alone in its mount namespace, into a Postfix.
#
#   postfix.sh REPOSITORY PEERS PLACE PORT DOMAIN
#
# It listens on 127.0.0.1:PORT, takes mail for DOMAIN, writes it into the queue in PLACE/queue, where it is on disk before
# the dot is answered (as always), and throws it away behind that: what is compared is the way to the acknowledgement.
# Whatever makes it slower and has no counterpart at ours is left out: names of clients, rates, pauses. With a certificate in PLACE
# (chain.pem, key.pem) it offers STARTTLS, hardened as its documentation has it.
set -eu
repository=$1 peers=$2 place=$3 port=$4 domain=$5
root=$place/root packages=postfix
mkdir "$place/layer" "$root" "$place/queue"
. "$repository/tests/interop/root.sh"
echo 'postfix:x:950:950::/rig/queue:/bin/false' >>"$root/etc/passwd"
printf 'postfix:x:950:\npostdrop:x:951:\n' >>"$root/etc/group"
cat >"$root/etc/postfix/main.cf" <<END
compatibility_level = 3.7
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
data_directory = /var/lib/postfix
queue_directory = /rig/queue
maillog_file = /dev/null
maillog_file_prefixes = /dev
myhostname = mx.$domain
mydestination = $domain
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
local_recipient_maps =
local_transport = discard:
default_transport = discard:
mail_owner = postfix
setgid_group = postdrop
in_flow_delay = 0
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
default_process_limit = 100
END
if [ -e "$place/chain.pem" ]; then
    cat >>"$root/etc/postfix/main.cf" <<END
smtpd_tls_security_level = may
smtpd_tls_chain_files = /rig/key.pem, /rig/chain.pem
smtpd_tls_protocols = >=TLSv1.2
smtpd_tls_mandatory_protocols = >=TLSv1.2
smtpd_tls_ciphers = high
smtpd_tls_exclude_ciphers = aNULL, eNULL, EXP, RC4, 3DES, MD5, PSK, SRP, DSS, SEED, CAMELLIA, ARIA, AESCCM
tls_preempt_cipherlist = yes
tls_ssl_options = NO_RENEGOTIATION
END
fi
cat >"$root/etc/postfix/master.cf" <<END
127.0.0.1:$port inet n  -       n       -       -       smtpd
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
proxymap  unix  -       -       n       -       -       proxymap
anvil     unix  -       -       n       -       1       anvil
discard   unix  -       -       n       -       -       discard
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
postlog   unix-dgram n  -       n       -       1       postlogd
END
touch "$root/etc/postfix/dynamicmaps.cf" "$root/etc/postfix/main.cf.proto" "$root/etc/postfix/master.cf.proto"
chroot "$root" sh -c 'chown postfix /var/lib/postfix; chgrp postdrop /usr/sbin/postdrop /usr/sbin/postqueue'
exec chroot "$root" postfix start-fg
