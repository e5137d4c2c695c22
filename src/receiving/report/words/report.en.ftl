# What is said of how well a domain receives, apart from the single checks, in English.

### The answer

recv-about = Mailassay on mail to { $domain }, { $day }
recv-subject-a-plus = { $domain } receives mail safely (A+)
recv-subject-a = { $domain } receives mail safely (A)
recv-subject-b = { $domain } receives encrypted mail, but senders cannot demand that (B)
recv-subject-c = { $domain } receives encrypted mail, but nobody can tell for whom (C)
recv-subject-d = { $domain } receives mail with outdated encryption (D)
recv-subject-f = { $domain } does not receive mail safely (F)
recv-subject-unknown = Inconclusive: how safely { $domain } receives mail
recv-subject-no-mail = { $domain } receives no mail
recv-subject-no-such-name = { $domain } does not exist
recv-subject-profile-passed = { $domain } passes "{ $profile }": { $result }
recv-subject-profile-failed = { $domain } does not pass "{ $profile }": { $result }
recv-subject-profile-not-applicable = "{ $profile }" does not apply to { $domain }
recv-subject-profile-inconclusive = Inconclusive: { $domain } by "{ $profile }": { $result }
recv-own-grade = By our own rules: { $subject }.
recv-grade-a-plus = The domain tells senders by DANE (its certificates in signed DNS) and by MTA-STS (a policy that names its servers) to whom they must deliver encrypted: senders that heed either reach the right server only. Failures are reported to the domain, and nothing insufficient was found.
recv-grade-a = The domain publishes which servers are its own and that they encrypt: senders that heed this deliver encrypted and to the right server only, and nobody on the way can change that.
recv-grade-b = Mail to this domain is encrypted, and its servers show valid certificates. But neither DANE (certificates in signed DNS) nor MTA-STS (a policy that names the servers) tells senders to insist on that at { $place }: an attacker on the way can still have the mail sent unencrypted.
recv-grade-c = Mail to this domain can be encrypted, but the certificate of { $place } is neither valid for its name nor confirmed by DANE (certificates in signed DNS): senders cannot tell this server from an attacker's.
recv-grade-d = Mail to { $place } can be encrypted, but only in an outdated way.
recv-grade-d-old-version = Mail to { $place } can be encrypted, but only with versions of TLS older than 1.2, which are outdated.
recv-grade-d-no-forward-secrecy = Mail to { $place } can be encrypted, but without forward secrecy: who steals the server's key one day can read all mail that was recorded before.
recv-grade-f = Mail to this domain is not safe.
recv-grade-f-no-starttls = { $place } offers no encryption (STARTTLS): everybody on the way can read and change mail to it.
recv-grade-f-bogus = The signatures (DNSSEC) of names that lead to { $place } are broken: senders that check them cannot deliver there.
recv-grade-f-tlsa-mismatch = { $place } shows a certificate that matches none of the TLSA records that are published for it (DANE: certificates in signed DNS): senders that use DANE do not deliver there.
recv-grade-f-mta-sts-unfulfilled = { $place } does not fulfil the domain's own MTA-STS policy (which names its servers and demands valid certificates): senders that use MTA-STS do not deliver there.
recv-grade-unknown = No grade can be given, because what could not be measured might change it; that speaks neither for the domain nor against it.
recv-grade-no-mail = The domain has neither MX records nor addresses, so it receives no mail. What counts is whether it says so clearly, and whether nobody can send mail in its name.
recv-grade-no-mail-null = The domain says by a null MX that it receives no mail. What counts is whether nobody can send mail in its name.
recv-open = { $count ->
    [one] One check could not be made; see "Not measured".
   *[other] { $count } checks could not be made; see "Not measured".
}
recv-ground-no-starttls = { $place } does not offer STARTTLS.
recv-ground-bogus = Signed names on the way to { $place } do not validate.
recv-ground-tlsa-mismatch = A certificate of { $place } matches no TLSA record.
recv-ground-mta-sts-unfulfilled = { $place } does not fulfil the MTA-STS policy that is in force.
recv-ground-old-version = { $place } knows no version of TLS from 1.2 on.
recv-ground-no-forward-secrecy = { $place } knows no cipher suite with forward secrecy (by which a key that is stolen later opens no recorded mail).
recv-ground-certificate-unproven = The certificate of { $place } is neither valid nor matched by DANE.
recv-ground-no-binding = Neither DANE nor an enforced MTA-STS policy binds senders to { $place }.
recv-ground-one-binding-dane = Mail to { $place } is protected by DANE (certificates in signed DNS), and not by MTA-STS (a policy that names the servers), which many large senders use instead.
recv-ground-one-binding-mta-sts = Mail to { $place } is protected by MTA-STS (a policy that names the servers), and not by DANE (certificates in signed DNS), which needs no certificate authority.
recv-ground-one-binding-disagree = At { $place }, what DANE, MTA-STS and the certificates say does not agree.
recv-ground-no-tls-rpt = For A+, reports of failures (TLSRPT) are missing.
recv-ground-insufficient = For A+, nothing insufficient may be left; see below.
recv-range = Depending on what is open, the grade is between { $worst } and { $best }. Open: { $list }.
recv-port-25-closed = Every connection to port 25 timed out: it seems closed from here. What would need such a connection is open.
recv-failed = { $count ->
    [one] The grade is about encryption alone. Beside it, one check failed: { $list }.
   *[other] The grade is about encryption alone. Beside it, { $count } checks failed: { $list }.
}
recv-failed-no-mail = { $count ->
    [one] One check failed: { $list }.
   *[other] { $count } checks failed: { $list }.
}
recv-no-such-name = The name does not exist in DNS (NXDOMAIN): is it spelled right?
recv-no-ipv6-here = The host that scanned has no IPv6, so nothing over IPv6 could be tried.
recv-not-vouched = Neither SPF nor DKIM vouches for this domain, so no connection to its servers was opened: this is what DNS alone says.
recv-term = internet.nl { $now } · LuxSci { $luxsci } · Lindenberg: { $colour } · QTE: { $qte }
# Why others think better of the domain, or worse.
recv-name-luxsci = LuxSci
recv-name-lindenberg = Lindenberg
recv-name-qte = QTE (qualified transport encryption)
recv-others-overlook = { $count ->
    [one] { $list } does not look at { $what }.
   *[other] { $list } do not look at { $what }.
}
recv-overlooked-tlsa-mismatch = whether TLSA records match
recv-overlooked-mta-sts-unfulfilled = whether the MTA-STS policy is fulfilled
recv-overlooked-bogus = whether the signatures of TLSA records are valid
recv-others-more = Our grade says how safely mail comes in; internet.nl marks down more: { $list }.

### Results

recv-results-title = Results
recv-results-intro = The same measurements, rated by different rules. Our grade goes from A+ (best) to F (worst).
recv-profile-mailassay = Our grade
recv-profile-internetnl-2025 = internet.nl, rules of 2025
recv-profile-internetnl-v2 = internet.nl, rules until 2025
recv-profile-luxsci = LuxSci TLS Checker
recv-profile-lindenberg = Lindenberg's inbound test
recv-profile-qte = Qualified transport encryption (DSK)
recv-profile-bsi = BSI TR-03108 (measured, not certified)
recv-profile-no-mail = Domain without mail
recv-score = { $score } %
recv-score-range = { $low }–{ $high } %
recv-score-none = not measured
recv-score-open = The result lies between { $low } % and { $high } %, depending on checks that could not be made.
recv-score-dropped = Not measured, and left out of the mean: { $list }.
recv-hall = This is worth internet.nl's Hall of Fame.
recv-changed = What the rules of 2025 changed for this domain: { $list }.
recv-changed-check = { $check } (was { $before }, now { $now })
recv-unchanged = The rules of 2025 and the older ones judge every check that was measured alike; where the results differ, the checks weigh differently.
recv-luxsci-worst = The worst mail server counts: { $host }.
recv-luxsci-forced = "Forced TLS" would be possible: every mail server does TLS with approved suites.
recv-luxsci-not-forced = "Forced TLS" would not be possible: not every mail server does TLS with approved suites.
recv-luxsci-forced-unknown = Whether "Forced TLS" would be possible could not be told.
recv-colour-green = green
recv-colour-white = white
recv-colour-yellow = yellow
recv-colour-red = red
recv-colour-grey = grey
recv-colour-green-means = DANE (RFC 7672) or qualified transport encryption is possible at every mail server.
recv-colour-white-means = Every mail server encrypts and shows a valid certificate.
recv-colour-yellow-means = Every mail server encrypts, but not every certificate is valid.
recv-colour-red-means = At least one mail server does not encrypt.
recv-colour-grey-means = It could not be told.
recv-qte-yes = possible
recv-qte-no = not possible
recv-qte-unknown = inconclusive
recv-qte-yes-means = The domain makes it possible: STARTTLS with TLS 1.2 or later and forward secrecy, signed MX records and addresses, and certificates that are valid or match by DANE. Whether it is enforced depends on the sender.
recv-qte-no-means = The domain does not make it possible. Needed at every mail server: STARTTLS with TLS 1.2 or later and forward secrecy, signed MX records and addresses, and a certificate that is valid or matches by DANE.
recv-qte-unknown-means = Not everything that it needs could be measured.
recv-qte-missing = Missing: { $list }.
recv-qte-starttls = STARTTLS
recv-qte-version = TLS 1.2 or later
recv-qte-suite = a forward-secret suite of BSI TR-02102-2
recv-qte-signed-mx = signed MX records
recv-qte-signed-addresses = signed addresses
recv-qte-authentication = a certificate that is valid or matches by DANE
recv-bsi-gold = gold
recv-bsi-silver = silver
recv-bsi-neither = neither gold nor silver
recv-bsi-gold-means = Every mail server has current TLS, signed names and DANE: what the BSI asks for gold.
recv-bsi-silver-means = Every mail server has current TLS, and MTA-STS or DANE binds senders to it: what the BSI asks for silver.
recv-bsi-neither-means = Not every mail server has what the BSI asks for: current TLS, and signed names with DANE (gold) or MTA-STS (silver).
recv-bsi-unknown-means = Not everything that it takes could be measured.
recv-bsi-measured = This is measured from outside, and no certificate of the BSI.
recv-bsi-missing = Missing: { $list }.
recv-bsi-tls = STARTTLS with TLS 1.2 or later and a forward-secret suite of BSI TR-02102-2
recv-bsi-dnssec = signed MX records and addresses
recv-bsi-dane = signed TLSA records that match
recv-bsi-mta-sts = an enforced MTA-STS policy that every mail server fulfils
recv-no-mail-good = The domain says clearly that it takes and sends no mail: null MX, SPF "-all", DMARC reject.
recv-no-mail-bad = The domain does not say clearly that it takes and sends no mail. Missing: { $list }.
recv-no-mail-null-mx = a null MX
recv-no-mail-spf = SPF "-all"
recv-no-mail-dmarc = DMARC reject
recv-no-mail-open = Not everything by which the domain could say so could be looked up.

### internet.nl's categories

recv-categories-title = internet.nl's categories
recv-categories-intro = By the rules of 2025.
recv-categories-former = Rules until 2025: { $score }.
recv-inl-failed = Failed: { $list }.
recv-verdict-passed = passed
recv-verdict-failed = failed
recv-verdict-recommendation = recommendation
recv-verdict-info = information
recv-verdict-inconclusive = inconclusive
recv-verdict-not-measured = not measured
recv-inl-ipv6 = Modern addresses (IPv6)
    .short = IPv6
    .passed = Senders that have IPv6 only can find and reach the mail servers.
    .recommendation = Senders that have IPv6 only reach the mail servers; something can be better.
    .info = There is nothing to measure.
    .inconclusive = Not everything about IPv6 could be found out.
    .not-measured = IPv6 was not measured.
recv-inl-dnssec = Signed names (DNSSEC)
    .short = DNSSEC
    .passed = The domain and its mail servers' names are signed, and the signatures are valid.
    .recommendation = The names are signed; something can be better.
    .info = There is nothing to measure.
    .inconclusive = Not everything about the signatures could be found out.
    .not-measured = DNSSEC was not measured.
recv-inl-auth = Authenticity (SPF, DKIM, DMARC)
    .short = authenticity
    .passed = The domain publishes what receivers need to recognise forged mail in its name. For DKIM this is a guess.
    .recommendation = Receivers can recognise forged mail; something can be better.
    .info = There is nothing to measure.
    .inconclusive = Not everything about SPF, DKIM and DMARC could be found out.
    .not-measured = SPF, DKIM and DMARC were not measured.
recv-inl-tls = Secure connection (STARTTLS and DANE)
    .short = connection
    .passed = Mail comes in over sufficiently secure connections, and DANE ties them to the right server.
    .recommendation = Connections are sufficiently secure; something can be better.
    .info = There is nothing to measure.
    .inconclusive = Not everything about the connections could be found out.
    .not-measured = Connections were not measured.
recv-inl-rpki = Route authorisation (RPKI)
    .short = routes
    .passed = The routes to the servers are authorised, and their announcements are valid.
    .recommendation = Some routes to the servers have no authorisation, so wrong announcements go unnoticed.
    .info = There is nothing to measure.
    .inconclusive = Not everything about the routes could be found out.
    .not-measured = Routes were not measured: that needs a validator, which is not configured here or did not answer.

### The checks, in our groups

recv-group-mx = MX records
recv-group-ipv6 = Reachability and IPv6
recv-group-dnssec = DNSSEC
recv-group-auth = SPF, DKIM, DMARC
recv-group-tls = STARTTLS and TLS
recv-group-certificate = Certificates
recv-group-binding = DANE, MTA-STS, TLS reports
recv-group-rpki = Route authorisation (RPKI)
recv-group-smtp = SMTP
recv-legend = { "✔" } good or sufficient, { "!" } should be replaced, { "✘" } insufficient, { "–" } for information or does not apply, { "?" } could not be measured.
recv-level-good = good
recv-level-sufficient = sufficient
recv-level-phase-out = phase out
recv-level-insufficient = insufficient
recv-level-info = information
recv-level-not-scored = information
recv-level-not-applicable = does not apply
recv-level-inconclusive = not measured
recv-levels = Rated differently by others: { $list }.
recv-levels-one = { $profile }: { $level }
recv-more-possible = There may be more of these, but none that is worse.
recv-worse-possible = Worse ones cannot be ruled out: { $why }
recv-more-items = { $list } and { $count } more
recv-evidence = Evidence
recv-fine = { $count ->
    [one] One check in order or for information
   *[other] { $count } checks in order or for information
}

### Why a question does not arise

recv-inapplicable-no-mail = The domain receives no mail.
recv-inapplicable-no-address = There is no mail server with such an address.
recv-inapplicable-no-ipv6-name-server = No name server has IPv6.
recv-inapplicable-unsigned = It is not signed.
recv-inapplicable-no-record = There is no such record.
recv-inapplicable-no-starttls = The address does not offer STARTTLS.
recv-inapplicable-other-address-counts = Another address of the host answered, and counts.
recv-inapplicable-only-tls13 = TLS 1.2 and older are off, and this concerns only them.
recv-inapplicable-no-tls13 = TLS 1.3 is off, and this concerns only that.
recv-inapplicable-nothing-to-order = There is nothing to choose between.
recv-inapplicable-no-such-parameter = The suites in use have no such parameter.
recv-inapplicable-only-for-trials = Only a mail from you can show this.
recv-inapplicable-only-intrusive = Asked only with --intrusive, by the operator of the server.
recv-inapplicable-only-full = Asked only with --full.
recv-inapplicable-no-certificate = No certificate was seen that it could be compared with.
recv-inapplicable-no-renewal = No certificate is there that a program renews within a few months.
recv-inapplicable-none-fits = No record fits what the host shows: none is left over, all are wrong. See "TLSA records fit the certificate".

### Why something could not be found out

recv-unknown-dns-failed = DNS gave no answer, or an error.
recv-unknown-dns-bogus = The DNS answers do not validate, so whatever they lead to may be an attacker's.
recv-unknown-dns-indeterminate = The name servers above the name, up to the root, could not be asked, or our trust anchor is wrong: that may be the network from where we scanned.
recv-unknown-dns-limit = To check the DNSSEC signatures of this answer would be more work than we spend on one (too many keys, signatures, records or aliases): our limit, not a fault of the domain.
recv-unknown-dns-algorithm = The zone is signed by algorithm 16 (Ed448) alone, which we cannot verify: our limit, not a fault of the domain. Validators that can may well find it sound.
recv-unknown-no-ipv6-here = The host that scanned has no IPv6.
recv-unknown-port25-closed-here = Port 25 seems closed from where we scanned: every connection timed out.
recv-unknown-no-connection = No connection came up.
recv-unknown-limited = The server put us off for now (4yz), or limits connections. What it had shown by then counts.
recv-unknown-rejected = The server refuses to talk to the host that scanned, and said so for good (5yz). What it shows others was not to be seen.
recv-unknown-unsteady = Of two connections one was offered STARTTLS and the other was not, or was refused it: the machines behind the address differ, or they treat clients differently.
recv-unknown-not-asked = It was not asked: the measurement is from before there was such a question.
recv-unknown-no-answer = The server stopped answering, or said what cannot be read.
recv-unknown-out-of-time = The time for the scan was over.
recv-unknown-out-of-connections = As many connections as one address may get were used.
recv-unknown-our-limit = Our client cannot speak what the server wants: our limit, not a fault of the server.
recv-unknown-fetch-failed = The policy host did not answer in a way that decides it; that may pass.
recv-unknown-no-source = We have no source for this: the operator of this scanner has not configured one.
recv-unknown-source-failed = The source that we would ask for this did not answer, or refused.
recv-unknown-cut = It was left out, because a limit of the scan was reached: our limit, not a fault of the domain.
recv-unknown-unlisted-issuer = We do not know under which names CAA would allow the issuer of the present certificate.
recv-unknown-depends-on-mail = It depends on the mail: a macro stands for the sender's address, or for the host that the mail comes from.
recv-unknown-any-name = The name servers give the same answer for a name that nobody has published (a wildcard, or a signer that denies no names), so nothing can be told from it.
recv-not-tried-not-vouched-for = The address was not tried: neither SPF nor DKIM vouches for the sender.
recv-not-tried-special-address = The address was not tried: it is not a public one, or it is ours.
recv-not-tried-excluded = The address was not tried: our operator excludes it.
recv-not-tried-tried-often = The address was not tried: it was tried as often today as is allowed.
recv-not-tried-too-many = The address was not tried: there are more hosts or addresses than a scan takes.
recv-not-tried-out-of-time = The address was not tried: the time for the scan was over.
recv-not-tried-no-ipv6-here = The address was not tried: the host that scanned has no IPv6.
recv-not-tried-not-asked = The address was not tried: only another one was asked for.

### Tables

recv-servers-title = Mail servers
recv-servers-intro = In the form of Lindenberg's table.
recv-servers-host = Mail server (preference)
recv-servers-addresses = Addresses
recv-servers-root = Root certificate
recv-servers-dnssec = DNSSEC
recv-servers-starttls = STARTTLS
recv-servers-versions = TLS versions
recv-servers-certificate = Certificate
recv-servers-tlsa = TLSA
recv-servers-mta-sts = MTA-STS
recv-servers-dane = SMTP-DANE (RFC 7672)
recv-servers-sts = MTA-STS (RFC 8461)
recv-luxsci-title = LuxSci's table
recv-luxsci-intro = Each mail server at its worst address.
recv-luxsci-host = MX (preference)
recv-luxsci-tls = SMTP TLS
recv-luxsci-certificate = Certificate for
recv-luxsci-verifiable = Certificate verifiable
recv-luxsci-ssl3 = SSL 3.0 off
recv-luxsci-tls10 = TLS 1.0
recv-luxsci-tls12 = TLS 1.2
recv-luxsci-weak = Weak suites off
recv-luxsci-r1 = NIST 800-52r1 suites
recv-luxsci-r2 = NIST 800-52r2 suites
recv-luxsci-mta-sts = MTA-STS
recv-luxsci-grade = Grade
recv-luxsci-advice = Recommendations
recv-luxsci-offer-starttls = Offer STARTTLS.
recv-luxsci-support-tls12 = Turn on TLS 1.2.
recv-luxsci-turn-ssl3-off = Turn off SSL 3.0 and 2.0.
recv-luxsci-use-trusted-certificate = Use a certificate that is valid and publicly trusted.
recv-luxsci-support-nist-r1 = Turn on suites of NIST SP 800-52 Rev. 1.
recv-luxsci-match-name = Use a certificate for the name of the MX record.
recv-luxsci-turn-weak-suites-off = Turn off weak suites.
recv-luxsci-support-nist-r2 = Turn on suites of NIST SP 800-52 Rev. 2.
recv-luxsci-publish-mta-sts = Publish MTA-STS.
recv-addresses-title = Addresses
recv-addresses-intro = Each address of each mail server, over all connections to it.
recv-addresses-address = Address
recv-addresses-host = Mail server
recv-addresses-greeting = Greeting
recv-addresses-versions = TLS versions
recv-addresses-suites = Suites seen
recv-addresses-groups = Groups seen
recv-addresses-certificates = Certificates
recv-addresses-connections = Connections
recv-addresses-age = Measured
recv-age-now = during this scan
recv-age-minutes = { $count ->
    [one] a minute before
   *[other] { $count } minutes before
}
recv-certificates-title = Certificates
recv-certificates-intro = What the servers sent, each certificate once.
recv-certificates-subject = Subject
recv-certificates-issuer = Issuer
recv-certificates-names = Names
recv-certificates-until = Valid until
recv-certificates-key = Key
recv-certificates-signature = Signature
recv-certificates-sha256 = SHA-256
recv-networks-title = Networks
recv-networks-intro = Who carries the mail servers and name servers.
recv-networks-name = Network
recv-networks-organisation = Organisation
recv-networks-country = Country
recv-networks-prefix = Prefix
recv-networks-as = AS
recv-networks-rpki = RPKI
recv-networks-addresses = Addresses
recv-networks-registrar = Registrar of the domain: { $registrar }
recv-purpose-mx = MX
recv-purpose-name-server = NS
recv-purpose-mx-name-server = NS of the MX
recv-rpki-valid = valid
recv-rpki-invalid = invalid
recv-rpki-not-found = no ROA
recv-rpki-not-asked = not measured
recv-unknown = not measured
recv-yes = yes
recv-no = no
recv-cell-none = –
recv-cell-starttls = STARTTLS
    .present = offered
    .refused = refused
    .absent = not offered
recv-cell-mandatory = mandatory
    .mandatory = mandatory
    .optional = optional
recv-cell-trust = certificate
    .trusted = trusted
    .unfit = not for servers
    .self-signed = self-signed
    .untrusted = not trusted
    .expired = expired
    .not-yet-valid = not yet valid
recv-cell-name = name
    .matched = right name
    .unmatched = wrong name
recv-cell-tlsa = TLSA
    .matched = matches
    .unmatched = does not match
    .unusable = not usable
recv-cell-sts = MTA-STS
    .matched = ok
    .unlisted = not listed
    .untrusted = certificate not trusted
recv-reach-reached = reached
recv-reach-refused = refused
recv-reach-timed-out = no answer
recv-reach-unreachable = unreachable
recv-reach-not-tried = not tried
recv-envelope-title = The domain of the envelope sender
recv-envelope-intro = Your mail's envelope names { $domain }, which belongs to another organisational domain. From DNS alone:
recv-envelope-type = Type
recv-envelope-records = Records
recv-envelope-dnssec = DNSSEC
recv-security-secure = signed and valid
recv-security-insecure = not signed
recv-security-bogus = signature invalid
recv-security-indeterminate = could not be told

### What to do

recv-advice-title = What to do
recv-advice-intro = For whoever runs the domain and its mail servers, the most urgent first. What is off by intent stays your decision. Put your own values in place of paths and addresses.
recv-advice-nothing = Nothing that follows from what was measured.
recv-advice-cost = Whom this locks out: { $cost }
recv-advice-postfix = Postfix
recv-advice-exim = Exim
recv-advice-openssl = openssl.cnf
recv-advice-dns = DNS zone
recv-advice-policy-file = The file https://mta-sts.{ $domain }/.well-known/mta-sts.txt
recv-advice-exim-openssl = Exim with OpenSSL
recv-advice-exim-gnutls = Exim with GnuTLS
recv-advice-opensmtpd = OpenSMTPD
recv-advice-opendkim = OpenDKIM (opendkim.conf)
recv-advice-exchange = Exchange Online (PowerShell)
recv-advice-command = Command
recv-advice-provider = Does somebody else run the mail servers or the DNS? Send them this:
    .text = "Please see to this for { $domain }: { $list }"
recv-advice-more = { $count ->
    [one] One smaller point more: { $list }.
   *[other] { $count } smaller points more: { $list }.
}

### What was not measured, and the cost

recv-unmeasured-title = Not measured
recv-unmeasured-intro = None of this counts for or against the domain.
recv-unmeasured-concerns = Concerns: { $list }.
recv-unmeasured-groups = Concerns { $count } checks on: { $list }.
recv-unmeasured-nothing = Everything that applies was measured.
recv-cuts = Left out by a limit of the scan: { $what } ({ $kept } of { $of } kept).
recv-cuts-kept = Left out by a limit of the scan: { $what } ({ $kept } kept).
recv-stopped-limited = { $ip } limits connections ("{ $reason }"); what it had shown by then counts, and the rest was not asked.
recv-cost = This took { $connections ->
    [one] one connection
   *[other] { $connections } connections
} to mail servers, { $others ->
    [one] one other
   *[other] { $others } others
}, { $queries } DNS questions and { $seconds ->
    [one] one second
   *[other] { $seconds } seconds
}.
recv-cached = Part of it was measured { $minutes ->
    [one] a minute
   *[other] up to { $minutes } minutes
} before, for this domain or another with the same mail servers.
recv-depth-verdict = Only what decides the ratings was asked; --full lists every suite and group.
recv-depth-full = Everything was enumerated.
recv-helo = In EHLO we called ourselves { $helo }.

### In the verdict mail

receiving-title = Receiving
receiving-answer-a-plus = Others can write to { $domain } safely (grade A+, the best).
receiving-answer-a = Others can write to { $domain } safely (grade A on a scale from A+ to F).
receiving-better = { $count ->
    [one] One thing about receiving can be better.
   *[other] { $count } things about receiving can be better.
}
receiving-answer-b = Mail to { $domain } is encrypted, but others cannot insist on that (grade B on a scale from A+ to F).
receiving-answer-c = Mail to { $domain } can be encrypted, but others cannot tell whether { $place } is the right server (grade C on a scale from A+ to F).
receiving-answer-d = Mail to { $domain } can be encrypted, but in an outdated way only (grade D on a scale from A+ to F).
receiving-answer-f = Others cannot write to { $domain } safely (grade F on a scale from A+ to F).
receiving-answer-f-no-starttls = Others cannot write to { $domain } safely: { $place } offers no encryption (grade F on a scale from A+ to F).
receiving-answer-f-bogus = A part of the mail to { $domain } cannot be delivered now: the signatures (DNSSEC) of names that lead to { $place } are broken (grade F on a scale from A+ to F).
receiving-answer-f-tlsa-mismatch = A part of the mail to { $domain } is turned away now: { $place } shows a certificate that does not match what is published for it by DANE (grade F on a scale from A+ to F).
receiving-answer-f-mta-sts-unfulfilled = A part of the mail to { $domain } is turned away now: { $place } does not fulfil the MTA-STS policy that the domain itself publishes (grade F on a scale from A+ to F).
receiving-answer-unknown = How safely others can write to { $domain } could not be told in full.
receiving-answer-no-mail = { $domain } itself receives no mail.
receiving-none-intro = How well your own domain receives mail was not scanned.
receiving-running-intro = How well your own domain receives mail was still being scanned when this verdict was due.
receiving-scanned-intro = How well { $domain } receives mail, measured { $day }.
receiving-well = In order: { $list }.
receiving-nothing = Nothing to measure: { $list }.
receiving-group-more = { $count ->
    [one] And one more.
   *[other] And { $count } more.
}
advice-receiving = Receiving: { $todo }
recv-note-spf-at-least = Which policies some terms name depends on the mail, so the number of look-ups is the least that it costs.
recv-note-dmarc-capitals = There is a record that begins with V=DMARC1. Tags have a case (RFC 6376 §3.2), so most receivers see no record there: write the tags in lower case.
recv-note-policy-blank-lines = The policy has blank lines, which the grammar of RFC 8461 §3.2 does not know; most senders pass over them, some throw the policy away.
recv-note-policy-media-type = There is a policy, but it does not come as text/plain. Senders should refuse that (RFC 8461 §3.2), and not all do.
recv-note-caa-reports-in-clear = CAA reports are wanted over HTTP without TLS; better name an https address.
recv-note-caa-reserved-flags = A CAA record has flags set that mean nothing; authorities pass over them (RFC 8659 §4.1), but not every test does. Write 0, or 128 for critical.
advice-sending = Sending: { $todo }
