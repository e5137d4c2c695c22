# What is said in English. Each text is one or a few whole sentences; `et` and `ut` are the two test domains.
# No text may claim more than the finding that it stands for.

list-and = and
list-or = or
servers = { $count ->
    [one] server { $list }
   *[other] servers { $list }
}
sender = { $more ->
    [0] { $named }
    [one] { $named } and one more address
   *[other] { $named } and { $more } more addresses
}

### The answer

about = Mailassay on mail from { $domain }, { $day }

subject-none = Your mail is not encrypted on its way (none)
subject-may = Your mail is encrypted only while nobody interferes (may)
subject-may-and-sni = Your mail is encrypted only while nobody interferes (may+sni)
subject-may-and-verify = Your mail is encrypted only while nobody interferes (may+verify)
subject-encrypt = Your mail is always encrypted, but not checked to whom it goes (encrypt)
subject-encrypt-and-sni = Your mail is always encrypted, but not checked to whom it goes (encrypt+sni)
subject-verify = Your mail is always encrypted, and certificates are checked (verify)
subject-verify-and-sni = Your mail is always encrypted, and certificates are checked (verify+sni)
subject-dane = { $clear-ut ->
    [practised] DANE protects your mail; without it, mail went out in clear (dane)
    [not-practised] DANE protects your mail, and nothing went out in clear (dane)
   *[other] DANE protects your mail (dane)
}
subject-dane-only = Your mail goes out only where DANE protects it (dane-only)
subject-mta-sts = { $dane ->
    [broken] MTA-STS protects your mail, but switches DANE off (mta-sts)
   *[other] { $clear-ut ->
        [practised] MTA-STS protects your mail; without it, mail went out in clear (mta-sts)
        [not-practised] MTA-STS protects your mail, and nothing went out in clear (mta-sts)
       *[other] MTA-STS protects your mail (mta-sts)
    }
}
subject-dane-and-mta-sts = { $clear-ut ->
    [practised] DANE and MTA-STS protect your mail; without them, it went out in clear
    [not-practised] DANE and MTA-STS protect your mail, and nothing went out in clear
   *[other] DANE and MTA-STS protect your mail (dane+mta-sts)
}
subject-undecided = Inconclusive: your mail server's policy is { $terms }
subject-unknown = Inconclusive: too little was seen of how your mail is protected
subject-contradiction = Contradictory: your mail is protected in different ways
subject-open = Not finished yet: { $subject }

answer-none = Your mail server ({ $sender }) sends mail without encryption, even to servers that offer it.
meaning-none = Whoever sits on the way can read and change your mail without being noticed.
answer-may = Your mail server ({ $sender }) encrypts mail when the receiving server offers that, and sends it in clear when the offer is missing.
meaning-may = Whoever sits on the way can remove the offer, or pose as the receiver, and read your mail.
answer-may-and-sni = { answer-may }
meaning-may-and-sni = { meaning-may }
answer-may-and-verify = Your mail server ({ $sender }) insists on a valid certificate when the receiving server offers encryption, and sends in clear when the offer is missing.
meaning-may-and-verify = Whoever sits on the way can remove the offer and read your mail.
answer-encrypt = Your mail server ({ $sender }) sends no mail without encryption, but does not check to whom it is talking.
meaning-encrypt = Listening alone is of no use to a stranger; whoever can pose as the receiver can still read your mail.
answer-encrypt-and-sni = { answer-encrypt }
meaning-encrypt-and-sni = { meaning-encrypt }
answer-verify = Your mail server ({ $sender }) sends no mail without encryption, and only to servers with a certificate that a known authority has signed.
meaning-verify = It does not heed DANE and MTA-STS, by which a receiver says which servers are its own.
answer-verify-and-sni = { answer-verify }
meaning-verify-and-sni = { meaning-verify }
answer-dane = Your mail server ({ $sender }) practises DANE: where the receiver publishes it, mail goes out encrypted only, and only to the right server.
meaning-dane = { $clear-ut ->
    [practised] Where the receiver publishes nothing, it sent the mail in clear as soon as no encryption was offered.
    [not-practised] Where the receiver publishes nothing, it sent nothing in clear either.
   *[other] Whether it sends in clear where the receiver publishes nothing could not be told.
}
answer-dane-only = Your mail server ({ $sender }) delivers only to receivers that publish DANE, encrypted and only to the right server.
meaning-dane-only = Receivers without DANE get no mail from it.
answer-mta-sts = Your mail server ({ $sender }) practises MTA-STS: where the receiver publishes a policy, mail goes out encrypted only, and only to servers that the policy names and whose certificate is valid.
meaning-mta-sts = { $dane ->
    [broken] It knows DANE, too, but switches it off where there is a policy, which the standard forbids.
   *[other] { meaning-dane }
}
answer-dane-and-mta-sts = Your mail server ({ $sender }) practises DANE and MTA-STS: where the receiver publishes either, mail goes out encrypted only, and only to the right server.
meaning-dane-and-mta-sts = { meaning-dane }
answer-undecided = How your mail server ({ $sender }) protects mail could not be told in full: what we saw fits more than one way of sending ({ $terms }).
meaning-undecided = { $clear-et ->
    [practised] It is certain that it sends in clear when encryption is not offered.
    [not-practised] It is certain that it sent nothing in clear to a receiver that demands encryption.
   *[other] Below you find what is certain, what is not, and why.
}
answer-unknown = How your mail server ({ $sender }) protects mail could not be told: too little was seen.
meaning-unknown = That speaks neither for it nor against it.
answer-contradiction = What we saw of your mail server ({ $sender }) does not fit together: no single way of sending explains all of it.
meaning-contradiction = Often several machines with different settings handle the same mail; see below what each of them did.
answer-our-fault = A part of this test failed because something was wrong with us, not with you: that part stays open.
answer-open = The test is still going on; this is what is known so far.
answer-expired = The test waited as long as it may, and ended with what was known by then.

term-postfix = In Postfix's words: { $terms }.
term-other = The policy in one word: { $terms }.
term-candidates = Policies that fit what was seen: { $terms }.
term-contradiction = No policy fits all that was seen.

### The table of mechanisms

sending-title = Sending
sending-intro = What your mail server does, and how we know. { "✔" } protects, { "✘" } does not, { "–" } is neither, { "?" } could not be told.
result-practised = practised
result-not-practised = not practised
result-broken = broken
result-inconclusive = inconclusive
label-clear-text-et = Clear text where TLS is demanded (et)
label-clear-text-ut = Clear text where nothing is published (ut)
label-mandatory-tls = TLS demanded of every server
label-certificate-checking = Certificates checked by CA
label-dane = DANE (RFC 7672)
label-mta-sts = MTA-STS (RFC 8461)
label-sni = Server named in TLS (SNI)
label-laxer-on-retry = Laxer on retry
label-falls-back-to-clear-text = Clear text after failed TLS
label-message = Mail signed and authorised

shown-clear = { $servers } got the mail in clear
shown-delivered = { $servers } got the mail in TLS
shown-refused = { $count ->
    [one] { $servers } was refused
   *[other] { $servers } were refused
}
shown-left = { $count ->
    [one] one connection without STARTTLS was left without a mail
   *[other] { $count } connections without STARTTLS were left without a mail
}
shown-nothing = It follows from all that was seen.
silence = No sign of it was seen where it would have been.
silence-dane = No sign of it: TLSA records were not asked for where a sender that practises DANE asks for them.
silence-mta-sts = No sign of it: the policy was never asked for.
reason-no-occasion = Nothing failed that was then tried again: there was no occasion to see it.
reason-before-policy = Mail came in clear only before the policy was fetched, which RFC 8461 allows; what happens once the policy is known was not met.
reason-overridden = The certificate that DANE forbids was taken, because MTA-STS allows it.
reason-not-met = { $servers } would tell, and not enough was seen there.
reason-not-met-any = Not enough was seen where it would show.
reason-no-control = { $servers } got no mail, but neither did the sound server: so this proves nothing.
reason-not-addressed = The mail was not addressed to { $domain }.
reason-shared-source = Only connections without a mail speak of it, and another test came from the same source at the same time.
reason-our-fault = Our fault, not yours: { $what }
reason-our-limit = TLS failed because our server does not speak what yours offered: our limit, not your policy.
reason-ambiguous = What the connections show does not decide it, and neither do the DNS queries and fetches that we saw.
reason-contradiction = The observations contradict each other.

### Analysis

analysis-title = Analysis
analysis-intro = What is certain means this, and rests on these connections and standards.
evidence = { $count ->
    [one] See connection { $list }.
   *[other] See connections { $list }.
}
why-clear-text-et-practised = When no encryption was offered, the mail to { $et } went out in clear, although that domain publishes by DANE and MTA-STS that it always offers encryption. Who removes the offer on the way reads the mail.
why-clear-text-et-not-practised = When no encryption was offered, no mail to { $et } went out in clear.
why-clear-text-ut-practised = When no encryption was offered, the mail to { $ut } went out in clear. That domain publishes nothing by which your server could have known better. The standards allow this; who removes the offer on the way still reads the mail.
why-clear-text-ut-not-practised = No mail to { $ut } went out in clear, although that domain publishes nothing that would demand encryption.
why-mandatory-tls-practised = Your server demands encryption of every server, whatever it publishes.
why-mandatory-tls-not-practised = Your server does not demand encryption of servers that publish nothing.
why-certificate-checking-practised = Where no DANE and no MTA-STS applies, your server takes only a certificate that a certificate authority vouches for.
why-certificate-checking-not-practised = { $term ->
    [none] Your server does not encrypt, and gets no certificate to see.
    [dane-only] Your server delivers only where DANE applies, and needs no certificate authority for that.
   *[other] Where no DANE and no MTA-STS applies, your server takes any certificate: it does not know for whom it encrypts.
}
why-dane-practised = Where TLSA records are published, your server takes only a certificate that they match.
why-dane-not-practised = Your server does not check certificates by TLSA records. It may not ask for them, or its resolver may not validate DNSSEC, so that it must not use them.
why-mta-sts-practised = Where an MTA-STS policy is enforced, your server delivers only to servers that the policy lists, with a valid certificate.
why-mta-sts-not-practised = Your server does not act on MTA-STS policies.
why-broken = Both DANE and MTA-STS applied, and MTA-STS alone decided: a certificate that fails DANE was taken. Senders must not let MTA-STS override a failing DANE validation.
why-sni-practised = Your server says in TLS which server it wants to reach. DANE and MTA-STS need that; otherwise it is harmless.
why-sni-not-practised = { $term ->
    [none] Your server does not encrypt, and so names no server in TLS either.
   *[other] Your server does not say in TLS which server it wants to reach. A receiver with several names can then show the wrong certificate.
}
why-laxer-on-retry-practised = A server that was refused at first got the mail on a later attempt. An attacker has only to be patient.
why-laxer-on-retry-not-practised = No server that was refused got the mail on a later attempt.
why-falls-back-to-clear-text-practised = After TLS had failed, your server sent in clear to a server that offered encryption. An attacker has only to disturb TLS.
why-falls-back-to-clear-text-not-practised = No mail went out in clear to a server that offered encryption, after TLS had failed.
rfc-clear-text-et = RFC 7672 §2.2, RFC 8461 §5
rfc-clear-text-ut = RFC 3207 §6, RFC 7435
rfc-mandatory-tls = RFC 3207 §6
rfc-certificate-checking = RFC 3207 §4.1, RFC 9525
rfc-dane = RFC 7672 §2.2 and §3, RFC 6698
rfc-mta-sts = RFC 8461 §4 and §5; DANE goes first: §2
rfc-sni = RFC 6066 §3, RFC 7672 §8.1, RFC 8461 §7.1
rfc-laxer-on-retry = RFC 7672 §2.2, RFC 8461 §5.1
rfc-falls-back-to-clear-text = RFC 7435, RFC 3207 §6

apart-title = Judged apart
apart-intro = The mail came from several sources that do not act alike. What the connections of each show by themselves:
apart-source = { $source }: { $terms }
apart-contradiction = { $source }: contradicts itself

receiving-title = Receiving

### What to do

advice-title = What to do
advice-intro = For whoever runs the mail server that sent this mail, and its domain.
advice-nothing = Sending: nothing that follows from this test.
advice-starttls = Use encryption where it is offered. Postfix: smtp_tls_security_level = may (or better). Exim: look for hosts_avoid_tls.
advice-dane = Practise DANE, so that nobody can remove the encryption or pose as the receiver where it publishes TLSA records. Needed is a resolver that validates DNSSEC on the same host. Postfix: smtp_tls_security_level = dane with smtp_dns_support_level = dnssec. Exim: dnssec_request_domains = * and hosts_try_dane, with "options trust-ad" in resolv.conf.
advice-dane-too = Practise DANE as well: it needs no certificate authority, and it protects the first mail, too. Needed is a resolver that validates DNSSEC. Postfix: smtp_tls_security_level = dane, with an MTA-STS resolver that leaves domains with TLSA records to DANE.
advice-mta-sts-too = To protect mail to domains that publish MTA-STS and no DANE, add MTA-STS. Postfix: an MTA-STS resolver in smtp_tls_policy_maps that leaves domains with TLSA records to DANE.
advice-encrypt = Encryption alone does not stop somebody who poses as the receiver. Check certificates where receivers publish how: by DANE and by MTA-STS. For partners who publish neither, demand a verified certificate (Postfix: "secure" in smtp_tls_policy_maps).
advice-verify = Heed DANE and MTA-STS. Many sound servers have certificates that no authority signed and publish them by DANE instead; mail to those waits until it comes back.
advice-sni = Name the server in TLS. Without that, receivers with several names show a certificate that may not verify, and the mail waits. Postfix: smtp_tls_servername = hostname.
advice-override = Let DANE go first. Postfix: an entry of smtp_tls_policy_maps replaces the level "dane" for its domain; use an MTA-STS resolver that leaves domains with TLSA records to DANE.
advice-partners = Mail to receivers that publish neither DANE nor MTA-STS can still be made to go out in clear. For partners you know, demand encryption (Postfix: "encrypt" or "secure" in smtp_tls_policy_maps).
advice-laxer = Do not deliver on a retry what was refused before. Look for an option that gives up checking after some attempts.
advice-fallback = Do not send in clear after TLS has failed. Look for an option such as a retry without TLS (Exim: tls_tempfail_tryclear = false).
advice-both-addresses = Send one mail to both test addresses, en@{ $et } and en@{ $ut }. Only the two together tell everything.
advice-alike = Give all machines that send your mail the same settings.
advice-again = Send the mail again, to both addresses, en@{ $et } and en@{ $ut }, and let it be retried as long as your server likes to.
advice-dkim = Sign your mail with DKIM (RFC 6376).
advice-spf = Publish an SPF record (RFC 7208) for the domain of the envelope sender.
advice-dmarc = Publish a DMARC record (RFC 9989) for the domain in From.

### The mail itself

message-title = The mail itself
message-intro = What the mail brought along to show that it is yours.
message-passed = { $count } of 3 pass
message-how = DKIM: { $dkim }, SPF: { $spf }, DMARC: { $dmarc }.
label-dkim = DKIM (RFC 6376)
label-spf = SPF (RFC 7208)
label-dmarc = DMARC (RFC 9989)
label-arc = ARC (RFC 8617)
dkim-none = no signature
arc-sets = { $count ->
    [0] no set
    [one] one set
   *[other] { $count } sets
}
rfc8601-none = none

### Connections

connections-title = Connection by connection
connections-intro = Times in UTC. Server 1 is any server while STARTTLS is withheld, server 2 any server in TLS without a server's name, server 7 is known by its name or by the recipient. Addresses are shortened.
connections-more = { $count ->
    [one] One more connection is not shown here.
   *[other] { $count } more connections are not shown here.
}
day = { $day }
from = sent by { $sender }
time-open = open
server = Server { $number }
server-as = as server { $number }
server-any = Any server
transport-plain = plain text
transport-tls = TLS
outcome-mail-in-clear = mail in clear
outcome-mail-in-tls = mail in TLS
outcome-left-without-mail = left without a mail, as STARTTLS was not offered
outcome-refused-certificate = refused our certificate
outcome-our-limit = TLS failed: we lack what was offered
outcome-tls-failed = TLS failed
outcome-no-mail-in-tls = greeted in TLS and began no mail
outcome-aborted = ended without a mail
outcome-open = no end was noted
closed-quit = QUIT
closed-sender = closed without QUIT
closed-us = we closed
closed-timeout = timed out
alert = alert { $code } ({ $name })
starttls-unoffered = STARTTLS sent although not offered
irregular = irregular: { $kinds }
sni-none = no SNI
certificate-phase-a = shown: a self-signed certificate
certificate-phase-b = shown: a valid certificate for all servers
dot-acknowledged = acknowledged
dot-held = { $code }, try again
dot-refused = { $code }, refused
dot-unanswered = no answer was noted
dot-none = not sent to its end
tie-address = Weakly attributed: no mail of this test, but the same address.
tie-network = Weakly attributed: no mail of this test, but the same network.
tie-domain = Weakly attributed: no mail of this test, but the same domain in EHLO.
tie-shared = Another test may claim it as well, so it decides nothing.

queries-title = Names that were asked for
queries-intro = DNS queries to us that fit the time of the test, with the resolver that asked. They may come from others, too.
fetches-title = Visits to the policy host
fetches-intro = Fetches of the MTA-STS policy that fit the test.
fetch-none = no request, TLS only
log-more = { $count ->
    [one] and one line more
   *[other] and { $count } lines more
}

### The unknown

unknown-title = What we could not tell, and why
unknown-intro = { "" }
unknown-dnssec = Whether your resolver refuses forged DNS answers (DNSSEC): these two domains cannot show that.
unknown-unended = How some connections ended: their end was not noted. That happens while they last, and when our service was restarted.
contradiction = { $first } and { $second } contradict each other: no way of sending does both.
contradiction-link = Connection { $number }
contradiction-seq = Observation { $seq }

footer-vouched = This answer goes to the envelope sender, because SPF or DKIM vouches for it.
footer-kept = This verdict is kept for { $days ->
    [one] one day
   *[other] { $days } days
}. Whoever has this address can read it: { $url }
footer-withheld = This verdict was not mailed: { $reason }.

withheld-null-reverse-path = it came with the null reverse-path, to which nobody answers
withheld-auto-submitted = it says that a program sent it
withheld-list = it came by a mailing list
withheld-bulk = it calls itself bulk mail
withheld-report = it is a report, not a mail of a person
withheld-ourselves = it came from ourselves
withheld-loop = it seems to go round in circles
withheld-no-mail = no mail came to its end
withheld-not-vouched = neither SPF nor DKIM vouches for the sender's address
withheld-address-limit = that address got as many verdicts today as it may
withheld-domain-limit = that domain got as many verdicts today as it may
withheld-day-limit = we sent as many verdicts today as we may
withheld-address-forgotten = the sender's address is not known any more
withheld-unwritable = the sender's address is one to which we cannot write

subject-per-destination = Your mail is protected differently, destination by destination
answer-per-destination = Your mail server ({ $sender }) has a policy of its own for each destination.
meaning-per-destination = What holds for one receiver says nothing about others.
label-refuses-sound-server = label-refuses-sound-server
why-refuses-sound-server-practised = why-refuses-sound-server-practised
why-refuses-sound-server-not-practised = why-refuses-sound-server-not-practised
rfc-refuses-sound-server = rfc-refuses-sound-server
reason-asked-for-mta-sts = reason-asked-for-mta-sts
reason-asked-for-dane = reason-asked-for-dane
reason-not-proved = reason-not-proved
reason-sound-refused = reason-sound-refused
reason-undone-falls-back-to-clear-text = reason-undone-falls-back-to-clear-text
reason-undone-laxer-on-retry = reason-undone-laxer-on-retry
