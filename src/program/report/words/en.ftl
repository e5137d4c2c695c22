# What is said in English. Each text is one or a few whole sentences; `et` and `ut` are the two test domains.
# No text may claim more than the finding that it stands for. A word of the trade is explained where it first stands.

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
for-administrators = For whoever runs your mail server

# After the domain and a colon: both together have at most 100 characters.
subject-none = mail is not encrypted on its way (none)
subject-may = mail is encrypted only while nobody interferes (may)
subject-may-and-sni = mail is encrypted only while nobody interferes (may+sni)
subject-may-and-verify = mail is encrypted only while nobody interferes (may+verify)
subject-encrypt = mail is always encrypted, but unchecked for whom (encrypt)
subject-encrypt-and-sni = mail is always encrypted, but unchecked for whom (encrypt+sni)
subject-verify = mail is always encrypted, certificates are checked (verify)
subject-verify-and-sni = mail is always encrypted, certificates are checked (verify+sni)
subject-dane = { $clear-ut ->
    [practised] DANE protects mail; without DANE it went in clear (dane)
    [not-practised] DANE protects mail, and nothing went in clear (dane)
   *[other] DANE protects mail (dane)
}
subject-dane-only = mail goes out only where DANE protects it (dane-only)
subject-mta-sts = { $dane ->
    [broken] MTA-STS protects mail, but switches DANE off (mta-sts)
   *[other] { $clear-ut ->
        [practised] MTA-STS protects mail; without it, it went in clear (mta-sts)
        [not-practised] MTA-STS protects mail, and nothing went in clear (mta-sts)
       *[other] MTA-STS protects mail (mta-sts)
    }
}
subject-dane-and-mta-sts = { $clear-ut ->
    [practised] DANE and MTA-STS protect mail; else it went in clear (dane+mta-sts)
    [not-practised] DANE and MTA-STS protect mail, nothing went in clear (dane+mta-sts)
   *[other] DANE and MTA-STS protect mail (dane+mta-sts)
}
subject-per-destination = { $terms ->
    [per-destination] how mail is protected depends on its destination
   *[other] how mail is protected depends on its destination ({ $terms })
}
subject-undone-falls-back-to-clear-text = { $mandatory ->
    [broken] demands encryption, but sends in clear after a failed check
   *[other] checks servers, but sends in clear after a failed check
}
subject-undone-laxer-on-retry = checks servers, but gives up checking on a retry
subject-sound-refused = refuses even sound servers, and mail to them waits
subject-undecided = policy not certain ({ $terms })
subject-unknown = too little was seen of how mail is protected
subject-unjudged = the test could not be judged, which is our fault
subject-contradiction = what was seen of how mail is protected contradicts itself
subject-apart = at its weakest server, { $subject }
subject-receives-badly = { $subject }; receiving is bad
subject-open = so far: { $subject }

answer-none = Your mail server ({ $sender }) sends mail without encryption ("in clear"), even to servers that offer encryption.
meaning-none = Whoever controls a part of the way can read and change your mail without being noticed.
answer-may = Your mail server ({ $sender }) encrypts mail when the receiving server offers that, and sends it without encryption ("in clear") when the offer is missing.
meaning-may = Whoever controls a part of the way can remove the offer, or pose as the receiver, and read your mail.
answer-may-and-sni = { answer-may }
meaning-may-and-sni = { meaning-may }
answer-may-and-verify = Your mail server ({ $sender }) insists on a valid certificate (proof of who the server is) when the receiving server offers encryption, and sends without encryption ("in clear") when the offer is missing.
meaning-may-and-verify = Whoever controls a part of the way can remove the offer and read your mail.
answer-encrypt = Your mail server ({ $sender }) sends no mail without encryption, but does not check to whom it is talking.
meaning-encrypt = Who only listens on the way learns nothing; who can pose as the receiver reads your mail all the same.
answer-encrypt-and-sni = { answer-encrypt }
meaning-encrypt-and-sni = { meaning-encrypt }
answer-verify = Your mail server ({ $sender }) sends no mail without encryption, and only to servers with a certificate (proof of who the server is) that a known authority has signed.
meaning-verify = It does not heed DANE and MTA-STS, by which a receiver says which servers are its own.
answer-verify-and-sni = { answer-verify }
meaning-verify-and-sni = { meaning-verify }
answer-dane = Your mail server ({ $sender }) uses DANE: where a receiver publishes in signed DNS which certificates its servers have, your mail goes out only encrypted, and only to a server that has such a certificate.
meaning-dane = { $clear-ut ->
    [practised] Where a receiver publishes nothing, your server sent the mail without encryption ("in clear") as soon as none was offered.
    [not-practised] Where a receiver publishes nothing, your server sent nothing without encryption ("in clear") either.
   *[other] Whether your server sends without encryption ("in clear") where a receiver publishes nothing could not be told.
}
answer-dane-only = Your mail server ({ $sender }) delivers only to receivers that use DANE, that is, publish in signed DNS which certificates their servers have: only encrypted, and only to a server that has such a certificate.
meaning-dane-only = All other receivers, which are most, get no mail from it.
answer-mta-sts = Your mail server ({ $sender }) uses MTA-STS: where a receiver publishes a policy that names its servers, your mail goes out only encrypted, and only to servers that the policy names and whose certificate is valid.
meaning-mta-sts = { $dane ->
    [broken] It knows DANE (certificates published in signed DNS), too, but switches it off where there is a policy, which the standard forbids.
   *[other] { meaning-dane }
}
answer-dane-and-mta-sts = Your mail server ({ $sender }) uses DANE and MTA-STS: where a receiver publishes its certificates in signed DNS, or a policy that names its servers, your mail goes out only encrypted, and only to the right server.
meaning-dane-and-mta-sts = { meaning-dane }
answer-per-destination = { $terms ->
    [per-destination] Your mail server ({ $sender }) does not treat all destinations alike. What it does for each could not be told in full.
   *[other] Your mail server ({ $sender }) does not treat all destinations alike: { $each }.
}
meaning-per-destination = So what holds for one receiver says nothing about the next.
per-destination-each = { $term } for { $domain }
answer-undone-falls-back-to-clear-text = { $mandatory ->
    [broken] Your mail server ({ $sender }) demands encryption, but when a check of the receiving server had failed, it sent the mail without encryption ("in clear") after all.
   *[other] Your mail server ({ $sender }) checks receiving servers ({ $terms }), but when a check had failed, it sent the mail without encryption ("in clear") after all.
}
meaning-undone-falls-back-to-clear-text = So the check protects nothing: who wants to read your mail has only to make it fail.
answer-undone-laxer-on-retry = Your mail server ({ $sender }) checks receiving servers ({ $terms }), but delivered on a later attempt to a server that it had refused.
meaning-undone-laxer-on-retry = So the check protects nothing: who wants to read your mail has only to be patient.
answer-sound-refused = Your mail server ({ $sender }) refuses even a server whose certificate (proof of who the server is) is valid and is the one that its domain publishes: most likely it does not know the authority that signed it.
meaning-sound-refused = Mail to many sound servers waits and comes back in the end, and no other refusal says what it was for.
answer-undecided = How your mail server ({ $sender }) protects mail could not be told in full: what we saw fits more than one way of sending ({ $terms }).
meaning-undecided = { $clear-et ->
    [practised] It is certain that it sends without encryption ("in clear") when encryption is not offered.
    [not-practised] It is certain that it sent nothing without encryption ("in clear") to a receiver that demands encryption.
   *[other] Below you find what is certain and what is not.
}
answer-unknown = How your mail server ({ $sender }) protects mail could not be told: too little was seen.
meaning-unknown = That speaks neither for it nor against it.
answer-contradiction = What we saw of your mail server ({ $sender }) does not fit together: no single way of sending explains all of it.
meaning-contradiction = { $several ->
    [yes] Often several machines with different settings handle the same mail. What is certain all the same stands below.
   *[no] What is certain all the same stands below.
}
answer-unjudged = This test of your mail server ({ $sender }) could not be judged: our program failed at it. That is our fault and says nothing of your server.
meaning-unjudged = Our operator's log tells of it. A new mail is a new test.
answer-apart = Your mail comes from several servers that do not act alike. { $answer }
meaning-apart = That is the weakest of them; a mail may leave by any, and what each does stands below.
answer-our-fault = A part of this test failed because something was wrong with us, not with you: that part stays open.
answer-open = The test is still going on; this is what is known so far.
answer-expired = The test waited as long as it may, and ended with what was known by then.
answer-link = All that we saw:
answer-link-page = The address of this page:

term-postfix = The policy in Postfix's words: { $terms }.
term-other = The policy, in words like Postfix's: { $terms }.
term-candidates = Policies that fit what was seen: { $terms }.
term-contradiction = No policy fits all that was seen.
term-unknown = Nearly every policy fits what was seen.

### The table of mechanisms

sending-title = Sending
sending-intro = { $term } Of the test domains, { $et } ("et") demands encryption by DANE (its certificates in signed DNS) and MTA-STS (a policy that names its servers); { $ut } ("ut") publishes neither. { "✔" } protects, { "✘" } does not, { "–" } is neither, { "?" } is open.
result-yes = yes
result-no = no
result-broken = broken
result-unseen = not seen
result-open = could not be told
label-clear-text-et = Refuses clear text where encryption is demanded (et)
label-clear-text-ut = Refuses clear text where nothing is published (ut)
label-mandatory-tls = Demands encryption of every server
label-certificate-checking = Checks certificates where nothing is published
label-dane = DANE
label-mta-sts = MTA-STS
label-sni = Names the wanted server in TLS (SNI)
label-laxer-on-retry = Stays as strict on a retry
label-falls-back-to-clear-text = Stays encrypted after encryption (TLS) failed
label-refuses-sound-server = Takes a sound server's certificate
label-message = Mail signed and authorised
label-retries = Stays as strict, and encrypted, on retries

shown-clear = { $servers } got the mail in clear
shown-delivered = { $servers } got the mail encrypted
shown-refused = { $count ->
    [one] { $servers } was refused
   *[other] { $servers } were refused
}
shown-left = { $count ->
    [one] one connection without encryption on offer was left without a mail
   *[other] { $count } connections without encryption on offer were left without a mail
}
silence = No sign of it was seen where it would have been.
silence-dane = TLSA records, by which DANE works, were not asked for.
silence-mta-sts = The policy was never asked for.
silence-clear-text-ut = Mail for ut never came, although it was addressed and mail for et did.
reason-no-occasion = There was no occasion to see it.
reason-no-occasion-retries = Nothing was refused and then tried again.
reason-no-occasion-laxer-on-retry = No server that was refused was tried again.
reason-no-occasion-falls-back-to-clear-text = No TLS failed and was then tried again.
reason-before-policy = Mail came in clear only before the policy was fetched, which RFC 8461 allows; what happens once it is known was not met.
reason-overridden = A certificate that DANE forbids was taken, because MTA-STS allows it.
reason-undone-falls-back-to-clear-text = After a failed check the mail went out in clear all the same.
reason-undone-laxer-on-retry = What was refused at first got the mail on a retry all the same.
reason-asked-for = It was asked for; whether it is obeyed did not show.
reason-asked-for-dane = TLSA records, by which DANE works, were asked for; whether they are obeyed did not show.
reason-asked-for-mta-sts = The policy was asked for; whether it is obeyed shows only where DANE is not.
reason-not-proved = All that was seen fits it, but { $servers } { $count ->
    [one] was not refused yet, which would prove it.
   *[other] were not refused yet, which would prove it.
}
reason-not-proved-any = All that was seen fits it, but nothing proves it.
reason-sound-refused = The sound server was refused, too: so no refusal says what it was for.
reason-not-met = { $servers } would tell, and not enough was seen there.
reason-not-met-any = Not enough was seen where it would show.
reason-no-control = { $servers } got no mail, but neither did the sound server: so this proves nothing.
reason-not-addressed = The mail was not addressed to { $domain }.
reason-shared-source = Only connections speak of it that may belong to another test, or to another server behind the same address.
reason-our-fault = Our fault, not yours: { $what }
reason-not-judged = Our program failed at this test: our fault, not yours.
reason-our-limit = TLS failed because our server does not speak what yours offered: our limit, not your policy.
reason-ambiguous = Neither the connections nor the DNS questions and fetches that we saw decide it.
reason-contradiction = What was seen of it contradicts itself.
evidence-connections = { $count ->
    [one] connection { $list }
   *[other] connections { $list }
}
evidence-names = { $count ->
    [one] name asked { $list }
   *[other] names asked { $list }
}
evidence-fetches = { $count ->
    [one] fetch { $list }
   *[other] fetches { $list }
}

### What the lines mean, for who has the room

why-clear-text-et-practised = When no encryption was offered, the mail to { $et } went out in clear, although that domain publishes by DANE and MTA-STS that it always offers encryption. An attacker on the way only has to remove the offer.
why-clear-text-et-not-practised = When no encryption was offered, no mail to { $et } went out in clear.
why-clear-text-ut-practised = When no encryption was offered, the mail to { $ut } went out in clear. That domain publishes nothing by which your server could have known better, so the standards allow this; an attacker on the way who removes the offer still reads the mail.
why-clear-text-ut-not-practised = No mail to { $ut } went out in clear, although that domain publishes nothing that would demand encryption.
why-mandatory-tls-practised = Your server demands encryption of every server, whatever that publishes.
why-mandatory-tls-not-practised = Your server does not demand encryption of servers that publish nothing.
why-certificate-checking-practised = Where neither DANE nor MTA-STS applies, your server takes only a certificate that a certificate authority (CA) vouches for.
why-certificate-checking-not-practised = { $term ->
    [none] Your server does not encrypt, and gets no certificate to see.
    [dane-only] Your server delivers only where DANE applies, and needs no certificate authority for that.
   *[other] Where neither DANE nor MTA-STS applies, your server takes any certificate: it does not know for whom it encrypts.
}
why-dane-practised = Where TLSA records are published, your server takes only a certificate that they match.
why-dane-not-practised = Your server does not check certificates by TLSA records. It may not ask for them, or its resolver may not validate DNSSEC, so that it must not use them.
why-mta-sts-practised = Where an MTA-STS policy is enforced, your server delivers only to servers that the policy lists, with a valid certificate.
why-mta-sts-not-practised = Your server does not act on MTA-STS policies.
why-overridden = Both DANE and MTA-STS applied, and MTA-STS alone decided. Senders must not let MTA-STS override a failing DANE validation.
why-undone-falls-back-to-clear-text = Who wants to read the mail has only to make a check fail.
why-undone-laxer-on-retry = Who wants to read the mail has only to be patient.
why-sni-practised = Your server says in TLS which server it wants to reach. DANE and MTA-STS need that; otherwise it is harmless.
why-sni-not-practised = { $term ->
    [none] Your server does not encrypt, and so names no server in TLS either.
   *[other] Your server does not say in TLS which server it wants to reach. A receiver with several names can then show the wrong certificate.
}
why-laxer-on-retry-practised = A server that was refused at first got the mail on a later attempt. An attacker has only to be patient.
why-laxer-on-retry-not-practised = No server that was refused got the mail on a later attempt.
why-falls-back-to-clear-text-practised = After TLS had failed, your server sent in clear to a server that offered encryption. An attacker has only to disturb TLS.
why-falls-back-to-clear-text-not-practised = No mail went out in clear to a server that offered encryption, after TLS had failed.
why-refuses-sound-server-practised = The certificate verifies, names the server, and fits what the domain publishes. As a rule your server does not know the authorities: its list of them is empty or cannot be read.
why-refuses-sound-server-not-practised = The server whose certificate is sound got the mail.
rfc-clear-text-et = RFC 7672 §2.2, RFC 8461 §5
rfc-clear-text-ut = RFC 3207 §6, RFC 7435
rfc-mandatory-tls = RFC 3207 §6
rfc-certificate-checking = RFC 3207 §4.1, RFC 9525
rfc-dane = RFC 7672 §2.2 and §3, RFC 6698
rfc-mta-sts = RFC 8461 §4 and §5; DANE goes first: §2
rfc-sni = RFC 6066 §3, RFC 7672 §8.1, RFC 8461 §7.1
rfc-laxer-on-retry = RFC 7672 §2.2, RFC 8461 §5.1
rfc-falls-back-to-clear-text = RFC 7435, RFC 3207 §6
rfc-refuses-sound-server = RFC 5280 §6, RFC 9525

apart-title = Each server by itself
apart-intro = What the connections of each show:
apart-contradiction = contradicts itself


### What to do

advice-title = What to do
advice-nothing = Nothing that follows from this test.
advice-elsewhere = More steps and settings stand in the HTML part and behind the link.
advice-sound-refused = Give your server the list of certificate authorities
    .text = It refuses a certificate that verifies and fits: most likely it does not know the CA. Mail to sound servers waits.
advice-fallback = Do not send in clear after TLS has failed
    .text = Let mail wait instead. Look for an option such as a retry without TLS, and turn it off.
advice-laxer = Do not deliver on a retry what was refused before
    .text = Look for an option that gives up checking after some attempts, and turn it off.
advice-dane-only = Use DANE where it is published, and deliver elsewhere, too
    .text = Now most receivers get no mail from you: what is written to them waits and comes back.
advice-starttls = Encrypt where it is offered
    .text = Your server never began TLS.
advice-dane = Use DANE
    .text = Then nobody can remove the encryption or pose as the receiver where it publishes TLSA records. It needs a resolver on the same host that validates DNSSEC.
advice-dane-too = Use DANE as well
    .text = It needs no certificate authority, and protects the first mail, too. It needs a resolver on the same host that validates DNSSEC; MTA-STS must leave domains with TLSA records to it.
advice-encrypt = Check to whom you encrypt: by DANE, and by MTA-STS
    .text = Encryption alone stops nobody who poses as the receiver. DANE needs a resolver on the same host that validates DNSSEC.
advice-verify = Heed DANE and MTA-STS
    .text = Many sound servers have certificates that no authority signed, and publish them by DANE; mail to those waits and comes back.
advice-sni = Name the server in TLS (SNI)
    .text = Without that, receivers with several names show a certificate that may not verify, and the mail waits.
advice-mta-sts = Use MTA-STS as well
    .text = It protects mail to domains that publish MTA-STS and no DANE. It must leave domains with TLSA records to DANE.
advice-override = Let DANE go first
    .text = A policy of MTA-STS must not replace DANE. Take a resolver for MTA-STS that leaves domains with TLSA records to DANE.
advice-per-destination = Make the better policy the one for all
    .text = One destination is protected better than the other; give every one at least that, or use DANE.
advice-partners = Demand encryption of partners that you know
    .text = Mail to receivers that publish neither DANE nor MTA-STS can still be made to go out in clear.
advice-alike = Give all machines that send your mail the same settings
    .text = A mail is protected only as well as by the weakest of them.
advice-both-addresses = Send one mail to both test addresses
    .text = en@{ $et } and en@{ $ut }: only the two together tell everything.
advice-again = Send the mail again
    .text = To en@{ $et } and en@{ $ut }, in one mail, and let it be retried as long as your server likes to.
advice-dkim = Sign your mail with DKIM (RFC 6376)
    .text = Receivers know a signed mail for yours even when it was forwarded.
advice-spf = Publish an SPF record (RFC 7208) for the domain of the envelope sender
    .text = It says which servers send your mail.
advice-dmarc = Publish a DMARC record (RFC 9989) for the domain in From
    .text = It says what becomes of mail that only pretends to be yours.
advice-provider = Does a provider run your mail server? Ask: "{ $request }"
system-dns = DNS zone
system-command = Command
system-opendkim = OpenDKIM (opendkim.conf)
system-postfix = Postfix
system-exim = Exim
system-sendmail = Sendmail (sendmail.mc)
system-exchange = Exchange Online
advice-provider-sending = Please use DANE (RFC 7672) and MTA-STS (RFC 8461) for outgoing mail.
advice-provider-receiving = For incoming mail: { $list }
# What there is to say of products that need no line, or have none.
note-dane = Exchange Online uses DANE by itself. Exchange Server and Google Workspace cannot: send through a server that can. OpenSMTPD has no DANE; it can demand verified certificates of all: action "out" relay tls.
note-mta-sts = Exchange Online and Google Workspace use MTA-STS by themselves. Exchange Server, Exim and OpenSMTPD cannot: send through a server that can.

### The mail itself

message-title = The mail itself
message-intro = What the mail brought along to show that it is yours.
message-passed = { $count } of 3 pass
message-how = DKIM: { $dkim }, SPF: { $spf }, DMARC: { $dmarc }.
message-all = DKIM, SPF, DMARC.
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
rfc8601-pass = pass
rfc8601-fail = fail
rfc8601-softfail = softfail
rfc8601-neutral = neutral
rfc8601-temperror = temperror
rfc8601-permerror = permerror

### Connections

brief-title = Connections
brief-intro = Times in UTC. { $legend }
legend-starttls-withheld = { $number } any while it offers no encryption
legend-no-sni = { $number } any not named in TLS
legend-sound = { $number } sound
legend-dane = { $number } right for DANE only
legend-mta-sts = { $number } right for MTA-STS only
legend-neither = { $number } wrong for both DANE and MTA-STS
legend-bare = { $number } { $case }
brief-legend = Servers: { $list }.
brief-tied = With * a line has no mail of this test, but comes from the same address or network; with ** it may belong to another sender or test, so it decides nothing.
brief-more = { $count ->
    [one] One more connection stands behind the link.
   *[other] { $count } more connections stand behind the link.
}
brief-server = server { $number }
brief-host = server { $number } ({ $host })
brief-as = { $server } as { $number }
brief-phase-a = self-signed
brief-phase-b = valid
brief-any = any server
brief-from = from { $source }
brief-mail-in-clear = mail in clear
brief-left-without-mail = left without a mail
brief-mail-in-tls = mail in { $version }
connections-title = Connections in full
connections-intro = Times in UTC. Addresses are shortened.
connections-summary = { $count ->
    [one] One connection
   *[other] All { $count } connections
}
connections-more = { $count ->
    [one] One more connection is not shown here.
   *[other] { $count } more connections are not shown here.
}
# $list: "37 connections, 2 DNS questions".
beyond = More came than one test can show. Only counted, and no part of this verdict: at least { $list }.
beyond-links = { $count ->
    [one] one connection
   *[other] { $count } connections
}
beyond-transactions = { $count ->
    [one] one mail on the connections shown
   *[other] { $count } mails on the connections shown
}
beyond-questions = { $count ->
    [one] one DNS question
   *[other] { $count } DNS questions
}
beyond-fetches = { $count ->
    [one] one fetch of the MTA-STS policy
   *[other] { $count } fetches of the MTA-STS policy
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
outcome-left-without-mail = left without a mail, as no encryption was offered
outcome-refused-certificate = refused our certificate
outcome-our-limit = TLS failed: we lack what was offered
outcome-tls-failed = TLS failed
outcome-no-mail-in-tls = greeted in TLS and sent no mail
outcome-aborted = ended without a mail
outcome-open = no end was noted
closed-quit = QUIT
closed-sender = closed without QUIT
closed-us = we closed
closed-timeout = timed out
alert = alert { $code } ({ $name })
starttls-unoffered = STARTTLS sent although not offered
irregular = irregular: { $kinds }
foreign-protocol = spoke HTTP or another protocol, which we do not listen to
sni-none = no SNI
certificate-phase-a = shown: a self-signed certificate
certificate-phase-b = shown: a valid certificate for all servers
recipients-none = no recipient
dot-acknowledged = accepted
dot-held = put off ({ $code })
dot-refused = refused ({ $code })
dot-unanswered = no answer was noted
dot-none = not sent to its end
tie-address = No mail of this test, but the same address.
tie-network = No mail of this test, but the same network.
tie-domain = No mail of this test, but the same domain in EHLO.
tie-shared = It may belong to another sender or test, so it decides nothing.

queries-title = Names that were asked for
queries-intro = DNS questions to us in the time of the test, by resolvers that asked for its servers. Resolvers outside your networks are shown by their network only; others may use them, too. "DO": DNSSEC was asked for.
queries-missing = Not all questions of this time were kept, as too many came or it is long ago: one that does not stand here may have been asked, and nothing follows from its absence.
fetches-missing = Not all visits to the policy host in this time were noted, as too many came: one that does not stand here may have been made, and nothing follows from its absence.
queries-elsewhere = This service is not the only name server of its test domains: { $servers } answer for them, too, and do not tell what they are asked. So a question that does not stand here may have been asked there, and nothing follows from its absence.
queries-cited-intro = DNS questions that the result rests on. The page has all of them.
fetches-title = Fetches of the policy
fetches-intro = Fetches of the MTA-STS policy that belong to the test.
fetches-cited-intro = Fetches of the MTA-STS policy that the result rests on.
fetch-none = no request, TLS only
log-more = { $count ->
    [one] and one line more
   *[other] and { $count } lines more
}
log-summary = { $count ->
    [one] One line
   *[other] All { $count } lines
}

others-title = Others, not counted
others-intro = This names your mail or fits its time, and nothing ties it to your server.
others-link = { $outcome }, from { $network }
others-queries = { $count ->
    [one] one DNS question of another resolver
   *[other] { $count } DNS questions of other resolvers
}

### The unknown

unknown-title = What we could not tell besides
unknown-intro = { "" }
unknown-dnssec = Whether your resolver refuses forged DNS answers (DNSSEC): these two domains cannot show that.
unknown-unended = How some connections ended: their end was not noted. That happens while they last, and when our service was restarted.
contradiction = { $first } and { $second } contradict each other.
contradiction-link = Connection { $number }
contradiction-seq = Observation { $seq }

footer-vouched = This answer goes to the envelope sender, because SPF or DKIM vouches for it.
footer-kept = It is kept for { $days ->
    [one] one day
   *[other] { $days } days
}; whoever has the address above can read it.
footer-withheld = This verdict was not mailed: { $reason }.
footer-objection = You want no more mails of this kind? One click on this page is enough: { $page }

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
withheld-objection = whoever owns that address or its domain wants no mails of ours
withheld-address-forgotten = the sender's address is not known any more
withheld-unwritable = the sender's address is one to which we cannot write
