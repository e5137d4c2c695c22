# What is said of each check, in English. The value is the title. Attributes: one per word the check may give,
# or per level for lists (`items` are those of that level); `count` for numbers; `why` it matters; `todo` what to
# do; `cost` whom that may lock out. No text may claim more than was measured. `receiving/fixes.ftl` has the lines
# of configuration.

### MX

check-mx-records = MX records
    .present = The domain names its mail servers by MX records.
    .null = The domain says by a null MX that it receives no mail.
    .several = A null MX stands beside other MX records, so senders cannot know whether the domain receives mail.
    .fallback = There are no MX records; senders fall back to the addresses of the domain itself.
    .absent = There are neither MX records nor addresses: the domain cannot receive mail.
    .why = MX records say which hosts take mail for a domain. Without them senders try the domain's own addresses, which is seldom meant. A domain that takes no mail should say so, so that mail to it fails at once and not after days.
    .todo = Publish an MX record for each mail server, or a null MX alone if the domain receives no mail.
check-mx-duplicates = MX records named twice
    .absent = No host is named twice.
    .present = A host is named by more than one MX record.
    .why = Senders that try every record in turn try the same host again, and a wrong preference may win.
    .todo = Keep one MX record for each host.
check-mx-consistency = MX records on all name servers
    .same = All name servers that answered give the same MX records.
    .differs = Not all name servers give the same MX records.
    .why = Which of them a sender asks is chance. While a change spreads, a difference is normal; if it stays, a name server has an old copy of the zone. A name server that is silent or does not know the zone costs more than time: certificate authorities must look up CAA at each issue and refuse a certificate of a signed domain where that fails.
    .todo = Compare the serial numbers of the zone on all name servers, and repair the transfer to the one that is behind.
check-mx-target = What the MX record points to
    .sound = The MX record points to a host name with addresses.
    .alias = The MX record points to an alias (CNAME), which RFC 2181 §10.3 forbids.
    .literal = The MX record holds an IP address where a host name must stand.
    .no-address = The host of the MX record has no address.
    .private = The host of the MX record has an address that cannot be reached from the Internet.
    .why = Many senders follow an alias nevertheless, others refuse it, and certificates and TLSA records are then looked for under different names. An address in place of a name is followed by few.
    .todo = Let the MX record name a host that has A and AAAA records of its own, reachable from everywhere.

### IPv6

check-ns-aaaa = IPv6 addresses of the name servers
    .all = At least two name servers of the domain have an IPv6 address.
    .one = Only one name server of the domain has an IPv6 address.
    .absent = No name server of the domain has an IPv6 address.
    .why = A sender that has IPv6 only finds the domain by such a name server alone; one of them may fail. BCP 91 (RFC 10001) asks for name servers that answer over both families.
    .todo = Ask the operator of the name servers for IPv6 addresses of at least two of them.
check-ns-reach = Name servers answer over IPv6
    .all = Every IPv6 address of the name servers answers.
    .one = The IPv6 addresses of the name servers answer, but they belong to one server.
    .partly = Some IPv6 addresses of the name servers do not answer.
    .unreachable = No IPv6 address of the name servers answers.
    .why = An address that is published and does not answer costs every resolver with IPv6 seconds, and may cost it the answer.
    .todo = Let the name servers answer on UDP and TCP port 53 on every published IPv6 address, or withdraw the address.
check-mx-aaaa = IPv6 address of the mail server
    .present = The mail server has an IPv6 address.
    .absent = The mail server has no IPv6 address.
    .why = Senders with IPv6 only cannot reach it.
    .todo = Give the mail server an IPv6 address, let it listen there, and publish an AAAA record.
check-mx-reach = Mail server reachable over IPv6
    .all = Port 25 answers on every IPv6 address of the mail server.
    .partly = Port 25 does not answer on some IPv6 addresses of the mail server.
    .unreachable = Port 25 answers on none of the mail server's IPv6 addresses.
    .why = Senders try IPv6 first, wait in vain, and only then take IPv4. Senders with IPv6 only cannot deliver.
    .todo = Let the mail server listen on its IPv6 addresses and open port 25 in the firewall, or withdraw the AAAA record.
check-mx-reach-ipv4 = Mail server reachable over IPv4
    .all = Port 25 answers on every IPv4 address of the mail server.
    .partly = Port 25 does not answer on some IPv4 addresses of the mail server.
    .unreachable = Port 25 answers on none of the mail server's IPv4 addresses.
    .absent = The mail server has no IPv4 address.
    .why = Most senders still come over IPv4. A host that does not answer delays mail until a sender tries another.
    .todo = Let the mail server listen on its IPv4 addresses and open port 25 in the firewall.
check-mx-ns-reach = Name servers of the mail server's zone over IPv6
    .all = Every IPv6 address of the name servers of the host's zone answers.
    .partly = Some IPv6 addresses of the name servers of the host's zone do not answer.
    .unreachable = No IPv6 address of the name servers of the host's zone answers.
    .absent = No name server of the host's zone has an IPv6 address.
    .why = A sender with IPv6 only must be able to look up the mail server, too, not only the domain.
    .todo = Ask the operator of the mail server's zone for name servers that answer over IPv6.

### DNSSEC

check-dnssec-domain-signed = Domain signed
    .present = The domain is signed with DNSSEC.
    .absent = The domain is not signed with DNSSEC.
    .why = Without a signature an attacker can forge the MX records and lead mail to another server. DANE needs DNSSEC.
    .todo = Have the zone signed and its DS record published by the registrar. Many hosters do both on request.
check-dnssec-domain-valid = Domain validates
    .secure = The signatures of the domain are valid.
    .insecure = The zone has keys, but no chain of trust leads to them: its DS record is missing, or the zone above is not signed. It counts as unsigned.
    .bogus = The signatures of the domain are broken: resolvers that validate give no answer at all.
    .unsupported = The domain is signed by an algorithm or digest that validators do not support, and counts as unsigned (RFC 4035 §5.2). RFC 9904 recommends algorithm 13.
    .why = Broken signatures are worse than none: whoever validates cannot send mail to the domain, and since March 2026 certificate authorities must validate, too (CA/Browser Forum ballot SC-085): the next certificate is refused.
    .todo = Renew the signatures, and compare the DS record at the parent with the zone's keys.
check-dnssec-mx-signed = Mail server's name signed
    .present = The name of the mail server is signed with DNSSEC.
    .absent = The name of the mail server is not signed with DNSSEC.
    .why = A signed domain helps little if the addresses of its mail servers can be forged. DANE needs both.
    .todo = Have the zone of the mail server signed, or ask its operator to. If the operator does not, DANE is not to be had there.
check-dnssec-mx-valid = Mail server's name validates
    .secure = The signatures of the mail server's name are valid.
    .insecure = The mail server's name is an alias in a signed zone, and what it stands for is not signed.
    .bogus = The signatures of the mail server's name are broken: senders that validate cannot find it.
    .why = Broken signatures are worse than none: whoever validates cannot send mail to this host, and certificate authorities, which must validate since March 2026 (CA/Browser Forum ballot SC-085), issue no certificate for it.
    .todo = Renew the signatures of the mail server's zone, and compare the DS record at its parent with its keys.
check-dnssec-mx-rrset = State of the MX records
    .secure = The MX records are signed and valid.
    .insecure = The MX records are not signed, so senders cannot know that they are genuine.
    .bogus = The MX records do not validate: senders that validate cannot use them.
    .why = DANE and qualified transport encryption begin with MX records that can be trusted.
    .todo = Have the domain signed with DNSSEC, or repair its signatures.
check-dnssec-addresses = State of the mail server's addresses
    .secure = The addresses of the host are signed and valid.
    .insecure = The addresses of the host are not signed.
    .bogus = The addresses of the host do not validate: senders that validate cannot use them.
    .why = RFC 7672 §2.2 asks for TLSA records only where the addresses are secure.
    .todo = Have the zone of the mail server signed with DNSSEC, or repair its signatures.
check-dnssec-tlsa = State of the TLSA records
    .secure = The TLSA records, or the proof that there are none, are signed and valid.
    .secure-some = The TLSA records are signed and valid.
    .secure-none = That there are no TLSA records is signed and valid.
    .insecure = The TLSA records, or their absence, are not signed.
    .insecure-some = The TLSA records are not signed.
    .insecure-none = That there are no TLSA records is not signed.
    .bogus = The TLSA records, or their absence, do not validate: senders that use DANE do not deliver to this host.
    .bogus-some = The signatures of the TLSA records are broken: senders that use DANE do not deliver to this host.
    .bogus-none = The signed proof that there are no TLSA records is broken: senders that use DANE do not deliver to this host.
    .why = Senders with DANE act on signed TLSA records alone: unsigned ones bind nobody. But where the host's addresses are signed, and the question for TLSA fails or its answer does not validate, they must not deliver (RFC 7672 §2.1).
    .todo = Repair the signatures at _25._tcp under the host's name. Old name servers and some load balancers fail for types they do not know.
check-dnssec-algorithm = DNSSEC algorithms
    .good = The zone is signed with { $items }, which is recommended.
    .sufficient = The zone is signed with { $items }, which is good enough.
    .phase-out = The zone is signed with { $items }, which should be replaced.
    .insufficient = The zone is signed with { $items }, which must not be used any more.
    .unrated = The zone is signed with { $items }.
    .why = RFC 9904 says which algorithms are to be used; RFC 9905 takes those with SHA-1 (5 and 7) out of use. Validators stop supporting old ones, and the domain then counts as unsigned.
    .todo = Roll over to algorithm 13 (ECDSA P-256 with SHA-256), in the order that RFC 6781 §4.1.4 gives.
check-dnssec-ds-digest = DS digests
    .good = The DS records use { $items }, which is recommended.
    .sufficient = The DS records use { $items }, which is good enough.
    .phase-out = The DS records use { $items }, which should be replaced.
    .insufficient = The DS records use { $items }, which must not be used any more.
    .unrated = The DS records use { $items }.
    .why = The digest ties the domain's key to its parent. SHA-1 is not collision-proof; RFC 9905 takes it out of use.
    .todo = Publish a DS record with digest type 2 (SHA-256) and withdraw those with type 1.
check-dnssec-cds = Keys that the zone wants vouched for
    .same = The zone's CDS or CDNSKEY records name the same keys as the DS records at its parent.
    .differs = The zone's CDS or CDNSKEY records name other keys than the DS records at its parent.
    .removes = The zone asks its parent to remove all DS records: then it is no longer signed, and DANE ends.
    .absent = The zone has neither CDS nor CDNSKEY records: its DS records are changed by hand.
    .why = By CDS and CDNSKEY a zone tells its parent which keys to vouch for (RFC 7344, RFC 8078). During a change of keys they differ from the DS records for hours or days. If that lasts, the change is stuck: the parent does not look, or does not trust what it sees; and if the old key is withdrawn nevertheless, the domain breaks.
    .todo = If no change of keys is under way, find out whether the parent or the registrar reads CDS records at all (for a first DS record: RFC 9615), and set the DS records by hand if not.
check-dnssec-nsec3-iterations = Additional rounds of NSEC3
    .count = { $count ->
        [0] The zone hashes names once for its denials (NSEC3), as it should.
        [one] The zone hashes names one more time than necessary for its denials (NSEC3).
       *[other] The zone hashes names { $count } more times than necessary for its denials (NSEC3).
    }
    .why = RFC 9276 §3.1 wants no additional rounds: they cost name servers and resolvers work and protect nothing. Validators treat zones with many, some from 51 on, most from 151 on, as not signed where something does not exist: DANE is lost there. Some then give no answer at all.
    .todo = Set the iterations of NSEC3 to 0 and leave out the salt, or use NSEC.
check-dnssec-expiry = Expiry of the signatures
    .count = { $count ->
        [0] A signature of the domain expires within a day, or has expired.
        [one] The first signature of the domain expires in one day.
       *[other] The first signature of the domain expires in { $count } days.
    }
    .why = If signing stops unnoticed, this is how long the domain can still be reached by those who validate. Signers renew in good time, so that a few days may be normal.
    .todo = Look whether the signer still runs. A zone whose signatures expire cannot be reached by senders that validate.

### Sender authentication

check-dmarc = DMARC record
    .present = There is one DMARC record.
    .inherited = A domain above has a DMARC record that holds here, too.
    .inherited-by-walk = Another domain above has a DMARC record that holds here by the rules of RFC 9989; receivers that go by the older RFC 7489 do not find it.
    .several = There is more than one DMARC record, so none counts.
    .absent = There is no DMARC record.
    .why = DMARC ties SPF and DKIM to the address in From, and says what becomes of mail that fails both.
    .todo = Publish one DMARC record. Begin with reports alone, and ask for quarantine or reject once they show that your own mail passes.
    .todo-no-mail = Publish one DMARC record that asks for reject: nobody sends mail in this name.
check-dmarc-policy = DMARC policy
    .reject = Receivers are asked to reject mail that fails.
    .quarantine = Receivers are asked to quarantine mail that fails.
    .testing = The policy is in test mode (t=y), so receivers are asked for less than it says.
    .incomplete = Subdomains are asked for less than the domain itself.
    .incomplete-np = For subdomains that do not exist less is asked (np) than for the domain itself.
    .nothing = The policy asks for nothing (p=none): forged mail is delivered.
    .invalid = The DMARC record names no policy that all receivers agree on: p is missing or wrong, or sp or np is wrong, or one of them stands twice. Many apply none (RFC 9989 §4.10.1).
    .why = Only quarantine and reject protect against forged senders.
    .todo = Raise the policy to p=quarantine or p=reject, for subdomains (sp) and names that do not exist (np), too, and end test mode.
    .cost = Mail that mailing lists and forwarders change may then be rejected, unless its DKIM signature survives.
check-dmarc-tags = Tags of the DMARC record
    .sound = Every tag of the DMARC record is one that receivers read.
    .obsolete = The DMARC record has tags that RFC 9989 does not know, or has dropped (pct, rf, ri): receivers pass over them, and the rest counts.
    .invalid = The DMARC record has errors. Receivers pass over what is wrong, take the default in its place, and let the rest count (RFC 9989 §4.7, §4.8).
    .why = What is passed over does not do what it was written for: with an error in rua, for instance, no reports come. Receivers that go by the older RFC 7489 may read such a record otherwise.
    .todo = Write each tag once, as tag=value, separated by semicolons, and each address with mailto: before it; remove tags that are not known any more.
check-dmarc-reports = Recipients of DMARC reports
    .authorised = The recipients of reports outside the domain have agreed to receive them.
    .unauthorised = A recipient of reports outside the domain has not agreed to receive them, so it gets none.
    .internal = DMARC reports go to the domain itself.
    .absent = The DMARC record asks for no reports.
    .why = Without reports nobody notices which mail fails. Another domain has to agree to receive them (RFC 9990), so that nobody is flooded.
    .todo = Name an address for DMARC reports (rua). If it lies in another domain, that domain has to agree by the record below.
check-dkim = DKIM, by a guess
    .present = The name _domainkey exists, from which we guess that there are DKIM keys. This is no proof: keys lie under names that cannot be listed.
    .absent = The name _domainkey does not exist, as a signature proves, so there are no DKIM keys below it (RFC 8020).
    .not-found = The name server says that _domainkey does not exist. Then there should be no DKIM keys below it (RFC 8020), but nothing proves it, and some name servers deny names that have others below them.
    .no-mail = SPF and DMARC say that the domain sends no mail, so it needs no DKIM keys.
    .why = From outside, only a signed mail can show that DKIM is in use. internet.nl guesses by the name above all keys, and so does this test, with a second question that shows whether the answer means anything.
    .todo = Sign your mail with DKIM (RFC 6376), and publish the key. Where keys are published already, have the name server repaired, which denies _domainkey although there are names below it (against RFC 8020).
check-dkim-signature = DKIM signature of your mail
    .valid = The mail that you sent carries a valid signature of your domain.
    .foreign = The mail that you sent carries a valid signature, but of another domain than the one in From.
    .invalid = The mail that you sent carries a signature that does not verify.
    .absent = The mail that you sent carries no DKIM signature.
    .why = Only a valid signature of the domain in From counts for DMARC, and it survives forwarding, which SPF does not.
    .todo = Let the server that sends your mail sign with a key of your own domain. The command below makes a key, and prints the record to be published.
check-spf = SPF record
    .present = There is one SPF record.
    .several = There is more than one SPF record, which is an error for every receiver.
    .absent = There is no SPF record.
    .why = SPF says which servers may send mail of the domain.
    .todo = Publish exactly one SPF record. It must name every server that sends mail of the domain: add what the line below lacks (ip4:, ip6:, include:) before you publish it.
check-spf-policy = SPF policy
    .hard-fail = The policy ends in -all: other servers are not allowed.
    .soft-fail = The policy ends in ~all: other servers are suspicious.
    .neutral = The policy ends in ?all: it says nothing of other servers.
    .pass-all = The policy ends in +all: everybody may send mail of the domain.
    .no-end = The policy has no end, and so says nothing of other servers.
    .too-many = The policy costs more than ten look-ups. A receiver that comes so far without a match ends with an error (RFC 7208 §4.6.4).
    .invalid = The policy, or one that it names, has an error, so that receivers cannot evaluate it: a term that is none, a policy that does not exist, or an mx with more than ten hosts.
    .why = A policy that allows or ignores everybody else protects nobody, and one with an error does not count.
    .todo = End the policy in ~all or -all, correct what has an error, and replace include terms by fewer, or by networks, until at most ten look-ups remain.
check-spf-void-lookups = SPF terms that lead nowhere
    .count = { $count ->
        [0] No term of the policy asks for a name that has no records.
        [one] One term of the policy asks for a name that has no records.
       *[other] { $count } terms of the policy ask for names that have no records.
    }
    .why = More than two such look-ups are an error for every receiver (RFC 7208 §4.6.4). Each of them is a name that somebody forgot to remove.
    .todo = Remove the terms whose names have no records.
check-bimi = BIMI
    .present = There is a BIMI record.
    .absent = There is no BIMI record.
    .why = BIMI lets some mailboxes show a logo beside mail that DMARC vouches for. It protects nothing by itself.
    .todo = Nothing has to be done.

### STARTTLS and TLS

check-starttls = STARTTLS
    .present = The server offers STARTTLS.
    .refused = The server announces STARTTLS and refuses it when asked for it.
    .absent = The server does not offer STARTTLS: all mail comes in clear.
    .why = Without STARTTLS an attacker on the way can read and change mail.
    .todo = Turn TLS on, with a key and a certificate.
check-starttls-mandatory = Mail without TLS
    .mandatory = The server takes no mail without TLS.
    .optional = As far as MAIL shows, the server takes mail without TLS, too.
    .why = A server for everybody may not demand TLS (RFC 3207 §4); DANE and MTA-STS let senders demand it instead. If all partners are known, demanding it protects more.
    .todo = Nothing has to be done. Only if all senders are known, demand TLS.
    .cost = Whoever cannot do TLS then cannot send mail to you.
check-tls-versions = TLS versions
    .good = The server accepts { $items } and nothing older.
    .sufficient = The oldest version that the server accepts is { $items }, which is good enough.
    .phase-out = The server accepts { $items }, which should be turned off.
    .insufficient = The server accepts { $items }, which must be turned off.
    .unrated = The server accepts { $items }.
    .why = TLS 1.0 and 1.1 were withdrawn by RFC 8996, SSL 3.0 by RFC 7568 and SSL 2.0 by RFC 6176. An attacker between two servers can only choose what both still accept.
    .todo = Turn off everything older than TLS 1.2, and turn TLS 1.3 on.
    .cost = Senders that speak nothing newer then deliver in clear or not at all; this is why some operators keep old versions. What is sent in clear is better protected by an old version than by none.
check-tls-suites = Cipher suites
    .good = All suites that were accepted are good ones.
    .sufficient = All suites that were accepted are good enough.
    .phase-out = The server accepts { $items }, which should be turned off.
    .insufficient = The server accepts { $items }, which must be turned off.
    .unrated = The server accepts { $items }.
    .why = Suites without forward secrecy let a stolen key open all old mail; those with old ciphers and hashes can be broken.
    .todo = Allow only ECDHE suites with AES-GCM or ChaCha20-Poly1305.
    .cost = Senders of about 2012 and older know no such suites, and then deliver in clear or not at all.
check-tls-key-exchange = Key exchange of TLS 1.2
    .absent = For key exchange the server accepts neither RSA nor finite fields (DHE), as RFC 10015 demands for TLS 1.2.
    .present = The server accepts RSA or finite fields (DHE) for key exchange, which RFC 10015 forbids in TLS 1.2.
    .why = With RSA a stolen key opens all recorded mail. Finite fields are slow, their groups cannot be agreed on in TLS 1.2, and servers have used weak ones. Elliptic curves have neither fault. But offering less than a sender speaks means clear text, which is worse than either (RFC 7435 §3).
    .todo = Turn off the suites with RSA and DHE key exchange as soon as your senders know better ones.
    .cost = Senders that know nothing else then deliver in clear or not at all. See in the logs first who still needs it.
check-tls-suite-order = Choice among suites
    .fine = The server itself chooses, and chose none of the weaker suites where it had a better one.
    .idle = For the suites that were accepted these rules ask for no order.
    .no-preference = The server leaves the choice among suites to the sender.
    .pair = The server had the choice between { $better } and { $worse }, and took { $worse } (rule: { $rule }).
    .why = A server that prefers the better suite uses it with every sender that knows it, even one that lists it last.
    .todo = Let the server choose, and list the better suites first. If only good ones are on, the order does not matter.
    .rule-server-decides = I, the server decides
    .rule-levels = II.A, the better level goes first
    .rule-key-exchange = II.B, elliptic curves before finite fields before static keys
    .rule-aead = II.B, ciphers that authenticate first
    .rule-authentication = II.B, ECDSA before RSA
    .rule-size = II.B, longer keys first
    .rule-aes-before-chacha = II.B, AES-256 before ChaCha20
check-tls-groups = Key exchange groups
    .good = All groups that were accepted for key exchange are good ones.
    .sufficient = All groups that were accepted for key exchange are good enough.
    .phase-out = The server accepts { $items } for key exchange, which should be turned off.
    .insufficient = The server accepts { $items } for key exchange, which must be turned off.
    .unrated = The server accepts { $items } for key exchange.
    .why = The group decides how hard it is to compute the key of a recorded connection. Finite fields are slow, and many primes in use are short or of unknown origin; elliptic curves need none.
    .todo = Turn off key exchange over finite fields (DHE), and allow x25519, secp256r1 and secp384r1.
    .cost = Few senders know DHE and no elliptic curves.
check-tls-post-quantum = Post-quantum key exchange
    .present = The server knows a post-quantum hybrid group: what is recorded today stays closed to tomorrow's quantum computers.
    .absent = The server knows no post-quantum hybrid group.
    .why = Mail that is recorded today could be opened by a quantum computer one day. X25519MLKEM768 (RFC 10024) protects against that; senders that know it use it by themselves.
    .todo = Use a TLS library that knows X25519MLKEM768 (OpenSSL 3.5 or later).
check-tls-handshake-hash = Hash of the handshake's signature
    .good = The server signs key exchanges with { $items } only.
    .sufficient = The server signs key exchanges with { $items }, which is good enough.
    .phase-out = The server signs key exchanges with { $items } if asked to, which should be turned off.
    .insufficient = The server signs key exchanges with { $items } if asked to, which must be turned off.
    .unrated = The server signs key exchanges with { $items }.
    .why = The signature shows that the key exchange is the server's own. SHA-1 and MD5 can be made to collide. Counted is only what the server really used.
    .todo = Take SHA-1 and SHA-224 out of the signature algorithms of the TLS library. In OpenSSL these are SignatureAlgorithms in the section of openssl.cnf that the mail server reads; not every mail server has a setting of its own for it.
check-tls-compression = TLS compression
    .absent = TLS compression is off.
    .present = TLS compression is on, which lets an attacker guess content by its length.
    .why = The attack is known as CRIME. TLS 1.3 has no compression any more.
    .todo = Turn off TLS compression.
check-tls-secure-renegotiation = Secure renegotiation
    .present = The server supports secure renegotiation (RFC 5746).
    .absent = The server does not support secure renegotiation (RFC 5746).
    .why = Without it an attacker can put his own words before those of a sender.
    .todo = Update the TLS library: every one since 2010 supports it.
check-tls-client-renegotiation = Renegotiation by the client
    .count = { $count ->
        [0] The server refuses renegotiation by the client.
        [one] The server accepted one renegotiation by the client, and refused the next.
        [11] The server accepted all eleven renegotiations that were tried on one connection.
       *[other] The server accepted { $count } renegotiations by the client, and refused the next.
    }
    .why = Each costs the server much and the client little, so that it serves to overload a server. TLS 1.3 has none.
    .todo = Turn off renegotiation by the client.
check-tls-extended-master-secret = Extended master secret
    .present = The server supports the extended master secret (RFC 7627).
    .absent = The server does not support the extended master secret (RFC 7627).
    .why = It ties a TLS 1.2 key to its handshake, against attackers who stand between two connections.
    .todo = Update the TLS library: OpenSSL has it since 1.1.0, GnuTLS since 3.4.
check-tls-zero-rtt = Early data (0-RTT)
    .absent = The server allows no early data.
    .present = The server allows early data, which an attacker can play back.
    .why = SMTP has no use for early data, as the server speaks first.
    .todo = Turn off early data.
check-tls-client-certificate = Certificates of clients
    .absent = The server asks senders for no certificate.
    .present = The server asks senders for a certificate. Whether it demands one was not measured.
    .why = Public authorities issue no certificates for clients any more, so that ordinary senders have none to show. To ask for one is harmless; to demand one turns them away.
    .todo = Ask for certificates of clients only if you evaluate them, and never demand one on port 25.
check-starttls-injection = Commands smuggled in before TLS
    .discarded = The server discards what is sent in clear behind STARTTLS.
    .executed = The server executes within TLS a command that was sent in clear behind STARTTLS.
    .why = An attacker can put commands into another's protected session (CVE-2011-0411).
    .todo = Update the mail server, or what stands before it: the fault has been known since 2011.

### Certificates

check-cert-trust = Trust in the certificate
    .trusted = The certificate leads to a root that is publicly trusted.
    .self-signed = The certificate is signed by itself.
    .untrusted = The certificate does not lead to a root that is publicly trusted.
    .trusted-own = The certificate leads to a root that the operator of this test has set (mx_roots). Whether it is publicly trusted was not measured.
    .untrusted-own = The certificate does not lead to a root that the operator of this test has set (mx_roots).
    .unfit = The certificate, or one above it, is not meant for TLS servers (extended key usage).
    .expired = The certificate, or one above it, has expired.
    .not-yet-valid = The certificate, or one above it, is not valid yet.
    .why = Senders with MTA-STS, and those that demand a verified certificate, deliver only to a trusted one. For DANE a matching TLSA record is enough.
    .todo = Get a certificate for servers (serverAuth) from a public authority, and serve it together with the certificates between it and the root.
check-cert-name = Name in the certificate
    .matched = The certificate is for the host's name.
    .unmatched = The certificate is not for the host's name.
    .why = A certificate vouches only for the names in it. Senders look for the name that the MX record gives.
    .todo = Get a certificate that lists the host's name, as the MX record has it, in subjectAltName.
check-cert-key = Keys of the certificates
    .good = The certificates have good keys: { $items }.
    .sufficient = The certificates have keys that are good enough: { $items }.
    .phase-out = A certificate has a key that should be replaced: { $items }.
    .insufficient = A certificate has a key that is too weak: { $items }.
    .unrated = The certificates have these keys: { $items }.
    .why = Whoever can compute the key can pose as the server.
    .todo = Have the next certificate issued for an ECDSA key on P-256, or an RSA key of at least 3072 bits. Where TLSA records are published, publish the new key's first.
check-cert-signature = Signatures of the certificates
    .good = The certificates are well signed: { $items }.
    .sufficient = The certificates are signed well enough: { $items }.
    .phase-out = A certificate has a signature that should be replaced: { $items }.
    .insufficient = A certificate has a signature that is too weak: { $items }.
    .unrated = The certificates have these signatures: { $items }.
    .why = A signature with SHA-1 or MD5 can be forged.
    .todo = Get a certificate from an authority that signs with SHA-256 or better.
check-cert-expiry = Expiry of the certificate
    .count = { $count ->
        [0] A certificate has expired.
        [one] The first certificate expires in one day.
       *[other] The first certificate expires in { $count } days.
    }
    .why = A certificate that expires stops mail from all senders that check it.
    .todo = Renew the certificate now, and let it be renewed by itself from then on.
check-cert-renewal = Renewal of the certificate
    .count = { $count ->
        [0] The certificate's lifetime is over.
       *[other] { $count } % of the certificate's lifetime is left.
    }
    .why = Programs renew with a third of the lifetime left, or half of a few days. With half of that gone, something seems to keep them from it, and there is little time to mend it: certificates live for weeks, some for days.
    .todo = Look why the certificate was not renewed yet, and whether the mail server has loaded the new one.
check-cert-chain-order = Order of the chain
    .ordered = Each certificate that is sent is signed by the next.
    .root-sent = The chain is in order; the root is sent along, which nobody needs.
    .expired = The chain is in order; one certificate is sent along that no path needs and that has expired.
    .misordered = The certificates are not sent in order, or one does not belong there.
    .why = TLS 1.2 and older demand the order, and not every sender puts it right. Old ones try one path only, and fail at a certificate that others do not need.
    .todo = Serve the server's certificate first, then each one's issuer, without the root and without what no path needs.
check-caa = CAA
    .present = CAA records say which authorities may issue for the host.
    .incomplete = There are CAA records, but none with "issue", so every authority may issue for the host.
    .invalid = A CAA record is not written as its standard has it: authorities may refuse to issue, or pass over it.
    .absent = There are no CAA records: every authority may issue for the host.
    .why = CAA makes it harder to get a certificate for your server under false pretences.
    .todo = Publish a CAA record with "issue" for the authority that you use, at the host's name or above it.
check-caa-issuer = CAA and the present issuer
    .agrees = The present certificate comes from an authority that CAA allows.
    .disagrees = As far as their names show, the present certificate comes from an authority that CAA does not allow.
    .why = The next renewal would fail. Which name in CAA belongs to which authority is known to us for the larger ones only.
    .todo = Add the present authority to the CAA records, or change over to one that they allow.

### DANE, MTA-STS, TLSRPT

check-tlsa = TLSA records (DANE)
    .present = There are TLSA records, and they are signed.
    .absent = There are no TLSA records.
    .insecure = There are TLSA records, but in a zone that is not signed: senders ignore them.
    .bogus = The answer on TLSA records does not validate, so that nobody knows whether there are any: senders that use DANE do not deliver to this host.
    .unproven = There seem to be no TLSA records, but the proof is missing or broken: senders that use DANE may defer mail to this host.
    .why = TLSA records tell senders which key the server has. They then send encrypted and to this server only, without any authority.
    .todo = Publish a TLSA record 3 1 1 for the server's key, in a signed zone. Let every change of the key publish the new one first.
check-tlsa-match = TLSA records fit the certificate
    .matched = Every certificate that the server shows fits a TLSA record.
    .unmatched = A certificate that the server shows fits no TLSA record: senders that use DANE do not deliver here.
    .unusable = No TLSA record is usable (RFC 7672 §3.1): senders encrypt without checking for whom.
    .why = A record that does not fit is worse than none: it turns mail away.
    .todo = Publish the TLSA record of the key in use at once. With two certificates (RSA and ECDSA) each needs one.
check-tlsa-rollover = Rollover of TLSA records
    .present = The records name two keys, or the issuer: the key can change without a gap.
    .absent = The records name one key only; when it changes, mail is turned away until the new record is known.
    .why = Records 3 1 1 for the present and the next key, or one 2 1 1 for the issuer of the certificate, let the key change without a gap (RFC 7671 §8). Several digests of one key do not, nor does an authority that issued nothing here.
    .todo = Publish the next key's record beside the present one at least two TTLs before changing the key.
check-tlsa-renewal = TLSA records at the next renewal
    .survives = At the renewal of the certificate around { $date } a record is there that may still fit: of another key, or of the issuer.
    .depends = The TLSA records stop matching at the renewal of the certificate around { $date } unless the key is kept.
    .lapses = The TLSA records are of the certificate itself: they stop matching at its renewal around { $date }, even if the key is kept.
    .why = The certificate lives so short that a program renews it. A record that does not fit turns mail away. The day is estimated from the lifetime.
    .todo = Publish 3 1 1, the key's digest, and let the program keep the key (certbot: --reuse-key); or publish the record of each new key two TTLs before it is used.
check-tlsa-stale = TLSA records that fit nothing
    .count = { $count ->
        [0] Every usable record fits a certificate that the host shows.
        [one] One record fits nothing that the host shows.
       *[other] { $count } records fit nothing that the host shows.
    }
    .why = That is right for the next key's record, and wrong for one that was forgotten.
    .todo = Remove the records of keys that are not used any more.
check-tlsa-unusable = TLSA records that senders cannot use
    .count = { $count ->
        [0] Every record is usable.
        [one] One record is not usable.
       *[other] { $count } records are not usable.
    }
    .why = In SMTP only usages 2 and 3 count (RFC 7672 §3.1.3), and the data must be as long as its type says.
    .todo = Replace the records by such with 3 1 1, or 2 1 1 for the issuer's key.
check-mta-sts-record = MTA-STS record
    .present = There is one MTA-STS record.
    .invalid = The MTA-STS record is not written as RFC 8461 §3.1 has it: senders that keep to the grammar see no record, others may.
    .several = There is more than one MTA-STS record, so senders ignore all.
    .absent = There is no MTA-STS record.
    .why = MTA-STS tells senders that do not use DANE, among them the largest, that they may demand TLS and a valid certificate.
    .todo = Publish an MTA-STS record and a policy. Begin in test mode; the policy is a file at https://mta-sts.{ $domain }/.well-known/mta-sts.txt, served with a valid certificate for mta-sts.{ $domain }.
check-mta-sts-policy = MTA-STS policy
    .enforce = The policy is in force (enforce).
    .testing = The policy is in test mode: failures are reported, and mail is delivered nevertheless.
    .nothing = The policy is withdrawn (none).
    .invalid = The policy is not written as RFC 8461 §3.2 has it: senders that keep to the grammar throw it away, others may obey it.
    .unfetched = The policy could not be fetched as the standard demands.
    .why = Only "enforce" protects. A policy that cannot be fetched protects nobody who has not fetched it before.
    .todo = Serve the policy at the address below. It needs HTTPS with a valid certificate for mta-sts.{ $domain }, and no redirects; once TLS reports are clean, set its mode to enforce, and change the id of the record with every change.
check-mta-sts-max-age = Life of the MTA-STS policy
    .count = { $count ->
        [0] Senders keep the policy for less than a day.
        [one] Senders keep the policy for one day.
       *[other] Senders keep the policy for { $count } days.
    }
    .why = While a sender keeps a policy, an attacker cannot hide it. RFC 8461 §3.2 expects weeks or more.
    .todo = Set max_age to at least 604800 (a week), better some weeks, once the policy has proved itself.
check-mta-sts-host = Policy host of MTA-STS
    .present = The policy host, the name mta-sts below the domain, has an address.
    .no-address = The record announces a policy, but the policy host, the name mta-sts below the domain, has no address to fetch it from.
    .orphaned = The name mta-sts below the domain has an address, though no record announces a policy: one of the two was forgotten, or a wildcard gives the address.
    .dangling = The name mta-sts below the domain is an alias (CNAME) of a name that does not exist.
    .why = Whoever gets hold of the name that an alias leads to, by registering it or at a hoster, can get a certificate for the policy host, and publish a policy that keeps your mail away.
    .todo = Let mta-sts.{ $domain } lead to a host of yours that serves the policy; without MTA-STS, remove the name.
check-mta-sts-mx = MTA-STS and the mail server
    .matched = The policy lists the host, and its certificate is trusted for this name.
    .unlisted = The policy does not list the host: senders with MTA-STS do not deliver there.
    .untrusted = The policy lists the host, but its certificate is not trusted for this name: senders with MTA-STS do not deliver there.
    .why = An MX host that the policy does not cover turns mail away as soon as the policy is in force.
    .todo = List every mail server in the MTA-STS policy, and give each a certificate of a public authority for its name. Change the id of the record with the policy.
check-tlsrpt = TLS reports (TLSRPT)
    .present = There is one TLSRPT record: senders report when TLS fails.
    .invalid = The TLSRPT record is not written as RFC 8460 §3 has it, or names an address that no report can go to: senders that keep to the grammar send no reports.
    .several = There is more than one TLSRPT record, so senders ignore all.
    .absent = There is no TLSRPT record.
    .why = Without reports you learn of a broken TLSA record or policy only when somebody calls.
    .todo = Publish a TLSRPT record with an address that is read.
check-bindings-agree = DANE, MTA-STS and certificates agree
    .agrees = As far as could be seen, senders with DANE and senders with MTA-STS alike reach every mail server.
    .disagrees = DANE, MTA-STS, certificates and MX records do not agree: some senders do not reach every mail server.
    .why = Each of them names the right server in its own way. What one allows and another forbids works for some senders only, and is hard to find.
    .todo = Repair the mail server that fails for DANE or MTA-STS above.

### Route authorisation

check-rpki-mx-exists = Routes of the mail servers: authorised
    .all = Every route to the mail servers has an authorisation (ROA).
    .partly = Some routes to the mail servers have no authorisation (ROA).
    .absent = No route to the mail servers has an authorisation (ROA).
    .why = A ROA says which network may announce a route. Without it, nobody can tell a wrong announcement, which may lead mail elsewhere.
    .todo = Ask the owner of the addresses, mostly your hoster, to publish ROAs.
check-rpki-mx-valid = Routes of the mail servers: valid
    .valid = Every announcement of these routes is valid.
    .not-found = For want of an authorisation, some announcements can be neither valid nor invalid.
    .invalid = An announcement contradicts its authorisation: many networks drop it.
    .unrouted = No route to these addresses is known, so there is none to check.
    .why = Networks that filter do not reach an address whose announcement is invalid.
    .todo = Have the ROA and the announcement brought together: the number of the network, and the length of the prefix.
check-rpki-ns-exists = Routes of the name servers: authorised
    .all = Every route to the domain's name servers has an authorisation (ROA).
    .partly = Some routes to the domain's name servers have no authorisation (ROA).
    .absent = No route to the domain's name servers has an authorisation (ROA).
    .why = { check-rpki-mx-exists.why }
    .todo = { check-rpki-mx-exists.todo }
check-rpki-ns-valid = Routes of the name servers: valid
    .valid = { check-rpki-mx-valid.valid }
    .not-found = { check-rpki-mx-valid.not-found }
    .invalid = { check-rpki-mx-valid.invalid }
    .unrouted = { check-rpki-mx-valid.unrouted }
    .why = { check-rpki-mx-valid.why }
    .todo = { check-rpki-mx-valid.todo }
check-rpki-mx-ns-exists = Routes of the mail servers' name servers: authorised
    .all = Every route to the name servers of the mail servers' zones has an authorisation (ROA).
    .partly = Some routes to the name servers of the mail servers' zones have no authorisation (ROA).
    .absent = No route to the name servers of the mail servers' zones has an authorisation (ROA).
    .why = { check-rpki-mx-exists.why }
    .todo = { check-rpki-mx-exists.todo }
check-rpki-mx-ns-valid = Routes of the mail servers' name servers: valid
    .valid = { check-rpki-mx-valid.valid }
    .not-found = { check-rpki-mx-valid.not-found }
    .invalid = { check-rpki-mx-valid.invalid }
    .unrouted = { check-rpki-mx-valid.unrouted }
    .why = { check-rpki-mx-valid.why }
    .todo = { check-rpki-mx-valid.todo }

### SMTP

check-smtp-ptr = Reverse name (PTR)
    .confirmed = The address has a reverse name, and that name has the address.
    .unconfirmed = The address has a reverse name, but that name does not have the address.
    .absent = The address has no reverse name.
    .why = For receiving mail this matters little. If the same address sends mail as well, many receivers refuse it without a matching pair.
    .todo = Ask the owner of the address, mostly your hoster, to set its reverse name to the host's name.
check-smtp-name = Names in greeting and EHLO
    .same = Greeting, EHLO and reverse name give the same full host name.
    .absent = Greeting and EHLO give the same full host name; the address has no reverse name.
    .differs = Greeting, EHLO and reverse name, where there is one, do not give the same host name.
    .invalid = Greeting or EHLO gives no full host name, which RFC 5321 §4.3.1 asks for.
    .why = This does no harm to mail that comes in. It makes logs hard to read, and receivers wary of mail from this address.
    .todo = Let the server call itself by the name that its address has in reverse.
check-smtp-extensions = Extensions announced
    .good = The server announces { $items }.
    .sufficient = The server announces { $items }.
    .phase-out = The server announces { $items }, which should be turned off.
    .insufficient = The server announces { $items }, which should not be offered to everybody.
    .unrated = The server announces { $items }.
    .why = Extensions such as PIPELINING, 8BITMIME, SMTPUTF8, SIZE and CHUNKING make mail faster, or possible in every script.
    .todo = Nothing has to be done.
check-smtp-requiretls = REQUIRETLS
    .present = The server announces REQUIRETLS (RFC 8689): a sender can demand TLS for a single mail, on the whole way.
    .absent = The server does not announce REQUIRETLS (RFC 8689).
    .why = Few servers know it so far.
    .todo = Nothing has to be done.
check-smtp-postmaster = Mail to postmaster
    .accepted = The server accepts mail to postmaster.
    .refused = The server refuses mail to postmaster, which RFC 5321 §4.5.1 demands it to accept.
    .why = Postmaster is the only address by which a stranger can tell you that your mail is broken.
    .todo = Create the mailbox or alias postmaster, and read it.
check-smtp-unknown-recipient = Mail to unknown recipients
    .refused = The server refuses a recipient that cannot exist.
    .accepted = The server accepts a recipient that cannot exist.
    .why = A server that learns too late that nobody is there sends a bounce, mostly to a forged sender, or loses the mail.
    .todo = Let the server that takes mail from the Internet know all recipients.
check-smtp-relay = Mail for others (open relay)
    .refused = The server refuses to carry mail from strangers to strangers.
    .accepted = The server accepted a recipient of a foreign domain from a stranger. It may be an open relay; we did not send a mail to find out.
    .why = Open relays are found within hours, send spam, and end up on block lists.
    .todo = Accept mail for foreign domains from your own users and networks only.
