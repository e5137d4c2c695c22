# What is said of ruled cases: of what each expects, of what was seen, and of what that is worth. `hosts` is `one` where a
# domain has a single server.

### What a case is

case-own = A case of this service
    .what = It differs from a signed domain with two sound servers in: { $differences }.
cases-same = It does not differ from a signed domain with two sound servers.
cases-family-plain = Domains that publish nothing
cases-family-mta-sts = Domains with MTA-STS alone
cases-family-dane = Domains with DANE alone
cases-family-both = Domains with DANE and MTA-STS
cases-family-dnssec = Whether DNS answers are checked (DNSSEC)
cases-family-reports = Reports and REQUIRETLS
cases-family-reach = Whether a domain is reached
cases-outcome-clear = { $hosts ->
    [one] mail in clear
   *[other] mail in clear at the first server
}
cases-outcome-delivered = { $hosts ->
    [one] encrypted mail
   *[other] encrypted mail at the first server
}
cases-outcome-turned = mail at the second server alone
cases-outcome-held = no mail
cases-conforms = The standards ask for: { $list }.
cases-allowed = Allowed, too: { $list }.
cases-open = The standards leave it open what a sender does here.
cases-allowed-alone = The standards leave it open: { $list }.
cases-fault = A fault: { $list }.
cases-not-practised = What the domain is about is not used: { $list }.

### What was seen

cases-title = Second part: faulty domains
cases-intro = Each domain has a first server, which is faulty in most of them, and a sound second one. { "✔" } is as the standards ask, { "–" } is allowed, { "!" } is not used, { "✘" } is a fault, { "?" } is open.
cases-seen-clear = { $hosts ->
    [one] mail came in clear
   *[other] mail came in clear to the first server
}
cases-seen-delivered = { $hosts ->
    [one] mail came encrypted
   *[other] mail came encrypted to the first server
}
cases-seen-refused = the first server was refused, and mail came to the second
cases-seen-passed-over = the first server was not tried, and mail came to the second
cases-seen-turned = mail came to the second server alone
cases-seen-held = no mail came
cases-seen-unseen = nothing that could be judged
cases-worth-conforms = as it should be
cases-worth-allowed = allowed
cases-worth-fault = fault
cases-worth-not-practised = not used
cases-worth-unseen = could not be told
cases-many-conforms = As it should be
cases-many-allowed = Allowed
cases-many-fault = Fault
cases-many-not-practised = Not used
cases-many-unseen = Could not be told
cases-why-practised-elsewhere = { $count ->
    [one] Another domain shows that it is used otherwise: { $list }.
   *[other] Other domains show that it is used otherwise: { $list }.
}
cases-why-never-reached = Nobody asked us for the domain, and nobody came to its servers.
cases-why-not-looked-up = Nobody asked for the first server in our sight. So whether it was passed over is not known.
cases-why-before-policy = The mail came before the policy was known, and no later attempt was seen. A policy may be fetched in the background (RFC 8461 §5.1).
cases-why-no-control = No mail came to the control { $case } either. So what was refused is not known.
cases-why-control-not-tried = The control { $case } was not part of this test. So what was refused is not known.
cases-why-no-second-mail = This domain wants a second mail after the first was taken, and none was seen.
cases-why-ambiguous = No server was named in TLS. So whether the first one was refused or not tried is not known.
cases-why-our-fault = Our own check of this domain failed at that time. That is our fault.
cases-why-not-looked-at = We had just started, and had not checked this domain ourselves yet.
cases-why-our-limit = TLS failed because of what our program lacks.
cases-why-incomplete = Part of what happened at that time was not kept.
cases-why-running = It still goes on.
cases-why-not-resumed = No session was resumed at the first server. So whether a resumed one is checked anew does not show.
cases-why-goes-ahead-anyway = Your server does not wait for the answer to EHLO elsewhere either. So whether it believed what was put in does not show.
cases-sign-injection-believed = Within TLS your server went on before we had answered. It took for our answer what had come in clear before TLS began, and must throw that away (RFC 3207 §4.2). Who can change the traffic can put words into our mouth.
cases-sign-injection-discarded = Within TLS your server waited for our answer.
cases-sign-tls-not-required = The mail said "TLS-Required: No". So policies need not count for it (RFC 8689 §5).
cases-sign-requiretls = The mail was sent with REQUIRETLS.
cases-sign-resumed = A session was resumed at the first server.
cases-sign-not-resumed = No session was resumed at the first server.
cases-laxer = An earlier attempt was stricter.
cases-asked-policy = The policy was asked for. Whether it is obeyed does not show here.
cases-asked-names = We were asked for: { $list }.
cases-asked-tlsa = TLSA records were asked for. Whether they are obeyed does not show here.
cases-apart-title = What each server did in the second part
cases-apart-alike = as above

### The answer

subject-cases-fault = { $count ->
    [one] a fault at one of the faulty domains
   *[other] faults at { $count } of the faulty domains
}
subject-cases-not-practised = no fault, but a protection is not used at { $count ->
    [one] one faulty domain
   *[other] { $count } faulty domains
}
subject-cases-fine = nothing against the standards at { $count ->
    [one] one faulty domain
   *[other] { $count } faulty domains
}
subject-cases-unseen = too little was seen at the faulty domains
answer-cases-fault = Your mail server ({ $sender }) was tested with { $all ->
    [one] one domain that is faulty on purpose
   *[other] { $all } domains that are faulty on purpose
}. At { $count ->
    [one] one of them
   *[other] { $count } of them
} it acted against the standards.
answer-cases-not-practised = Your mail server ({ $sender }) was tested with { $all ->
    [one] one domain that is faulty on purpose
   *[other] { $all } domains that are faulty on purpose
}. It did nothing that the standards forbid, but at { $count ->
    [one] one of them
   *[other] { $count } of them
} it did not use a protection that the domain offers.
answer-cases-fine = Your mail server ({ $sender }) was tested with { $all ->
    [one] one domain that is faulty on purpose
   *[other] { $all } domains that are faulty on purpose
}. At { $count ->
    [one] the one where something was seen
   *[other] all { $count } where something was seen
} it acted as the standards ask or allow.
answer-cases-unseen = How your mail server ({ $sender }) acts at domains that are faulty on purpose could not be told: too little was seen.
also-cases-fault = In the second part, with { $all ->
    [one] one domain that is faulty on purpose
   *[other] { $all } domains that are faulty on purpose
}, your mail server acted against the standards at { $count }.
also-cases-not-practised = In the second part, with { $all ->
    [one] one domain that is faulty on purpose
   *[other] { $all } domains that are faulty on purpose
}, your mail server did not use a protection at { $count }.
also-cases-fine = In the second part, with { $all ->
    [one] one domain that is faulty on purpose
   *[other] { $all } domains that are faulty on purpose
}, your mail server did nothing against the standards.
also-cases-unseen = The second part, with domains that are faulty on purpose, showed too little to be judged.
answer-cases-left = { $count ->
    [one] One domain stays open
   *[other] { $count } domains stay open
}: why stands below.

### What the cases tell of a sender

traits-title = What that tells of your mail server
traits-terms = { $count ->
    [0] No policy explains all of it.
    [one] The policy in words like Postfix's: { $list }.
   *[other] Policies that explain all of it: { $list }.
}
trait-open = open ({ $values })
trait-unknown = could not be told
trait-by = { $count ->
    [one] Told by { $list }.
   *[other] Told by { $list }.
}
trait-starttls = Encryption that is not offered
trait-failed-starttls = Encryption that fails
trait-tls-version = Outdated encryption
trait-injection = Clear text behind STARTTLS
trait-certificates = Certificates where nothing is published
trait-mta-sts = MTA-STS
trait-mta-sts-matching = What MTA-STS is checked by
trait-policy-defects = Defective MTA-STS policies
trait-testing = MTA-STS policies that demand nothing
trait-policy-cache = Keeping of MTA-STS policies
trait-retry = Strictness on a later attempt
trait-dane = DANE
trait-failed-lookup = Failed look-ups of TLSA records
trait-dnssec = Checks DNS answers (DNSSEC)
trait-insecure-tlsa = TLSA records without signatures
trait-half-dane = Signed servers of unsigned domains
trait-unusable-tlsa = TLSA records that cannot be used
trait-dane-ee = DANE with usage 3
trait-dane-ta = DANE with usage 2
trait-tlsa-sets = Several TLSA records
trait-tlsa-base = Where TLSA records are looked up
trait-precedence = DANE before MTA-STS
trait-reports = TLS reports
trait-require-tls = REQUIRETLS
trait-reach = Reach
trait-resumption = Resumed sessions

### Their servers in the lists of connections

ruled-bad = { $case }, first server
ruled-good = { $case }, second server
ruled-any = { $case }
ruled-entrance = second part
step-did-ruled = We met it as the { $host ->
    [bad] first
   *[good] second
} server of { $case }.
step-did-entrance = We met it at an address of the second part.
step-follows-ruled = What that means stands at { $case }.
step-follows-entrance = It names none of the domains, so nothing follows.

### The values of traits

trait-starttls-never = never used
trait-starttls-if-offered = used where it is offered
trait-starttls-required = demanded
trait-certificates-ignored = not checked
trait-certificates-verified = checked
trait-mta-sts-enforced = yes
trait-mta-sts-not-practised = no
trait-dane-not-practised = no
trait-dane-where-usable = yes
trait-dane-required = yes, and nothing goes out without
trait-precedence-dane = yes
trait-precedence-both = both must agree
trait-precedence-mta-sts = no, MTA-STS overrides DANE
trait-dnssec-validates = yes
trait-dnssec-expiry-ignored = yes, but takes expired signatures
trait-dnssec-denials-unproved = yes, but believes without proof that there is nothing
trait-dnssec-unknown-algorithm-refused = yes, but refuses domains signed in an unknown way
trait-dnssec-no = no
trait-insecure-tlsa-ignored = not heeded, as it should be
trait-insecure-tlsa-obeyed = taken for true
trait-failed-lookup-next-host = the next server is tried
trait-failed-lookup-holds-mail = the mail waits
trait-failed-lookup-as-none = taken for "there are none"
trait-half-dane-not-applied = DANE is not used there
trait-half-dane-applied = DANE is used there
trait-unusable-tlsa-any-tls = encrypted, with any certificate
trait-unusable-tlsa-not-used = the server is passed over
trait-unusable-tlsa-as-none = taken for "there are none"
trait-dane-ee-key-alone = the key alone counts
trait-dane-ee-expiry-too = expiry counts, too
trait-dane-ee-name-too = the name counts, too
trait-dane-ee-webpki-too = name, expiry and authority count, too
trait-dane-ta-name-and-chain = name and chain are checked
trait-dane-ta-name-ignored = the name is not checked
trait-dane-ta-chain-ignored = the chain is not checked
trait-dane-ta-unusable = not used
trait-tlsa-sets-strongest-digest = one match of the strongest digest is enough
trait-tlsa-sets-any-record = any match is enough
trait-tlsa-sets-all-records = all must match
trait-tlsa-base-as-standard = where the standard says
trait-tlsa-base-no-aliases = not where the server is an alias
trait-tlsa-base-no-insecure-aliases = not where the server is an alias of addresses that are not signed
trait-tlsa-base-no-implicit-mx = not where the domain is its own server
trait-mta-sts-matching-name-and-certificate = name and certificate
trait-mta-sts-matching-certificate-names = the names in the certificate alone
trait-mta-sts-matching-certificate-names-of-any-depth = the names in the certificate alone, and a wildcard stands for several labels
trait-mta-sts-matching-certificate-alone = the certificate alone
trait-mta-sts-matching-name-alone = the name alone
trait-mta-sts-matching-wildcard-of-any-depth = a wildcard stands for several labels
trait-policy-defects-as-none = count as none
trait-policy-defects-obeyed = are obeyed all the same
trait-policy-defects-odd-ignored = odd but valid ones are not heeded
trait-testing-not-enforced = demand nothing, as it should be
trait-testing-testing-enforced = mode "testing" is enforced
trait-testing-all-enforced = modes "testing" and "none" are enforced
trait-policy-cache-kept = kept as long as it holds
trait-policy-cache-forgotten = forgotten when it is gone
trait-policy-cache-not-refetched = a new one is not noticed
trait-retry-same = as strict as before
trait-retry-laxer = laxer than before
trait-failed-starttls-clear-text = sent in clear at once
trait-failed-starttls-clear-text-later = sent in clear later
trait-failed-starttls-next-host = sent to the next server
trait-tls-version-modern = not used
trait-tls-version-rsa-key-transport = TLS 1.2 with RSA key transport
trait-tls-version-tls-1-0 = TLS 1.0
trait-injection-discarded = thrown away
trait-injection-tls-given-up = TLS is given up
trait-injection-believed = believed
trait-require-tls-nothing = not asked for
trait-require-tls-tls-required-no = the mail said that policies need not count ("TLS-Required: No")
trait-require-tls-requiretls = the mail was sent with REQUIRETLS
trait-reach-all = everything
trait-reach-no-ipv6-hosts = no server by IPv6
trait-reach-no-ipv4-hosts = no server by IPv4
trait-reach-no-ipv6-name-servers = no name server by IPv6
trait-reach-no-large-answers = no domain with large answers
trait-resumption-authenticated = checked anew
trait-resumption-trusted = not checked anew

### What a sender offers in TLS

traits-offered = Offers in TLS
traits-offered-what = { $versions }{ $post-quantum ->
    [yes] {", with a key exchange that withstands quantum computers (X25519MLKEM768)"}
   *[no] {""}
}{ $dhe ->
    [yes] {", with suites by finite-field Diffie-Hellman (DHE)"}
   *[no] {""}
}{ $rsa ->
    [yes] {", with suites without forward secrecy (RSA)"}
   *[no] {""}
}
traits-offered-how = As its hellos say. That is told, and not judged.

### The way to the second part

second-title = The second part
second-intro = Answer this mail, and the second part begins. The answer goes to { $count ->
    [one] one domain that is
   *[other] { $count } domains that are
} faulty on purpose; what it says does not matter. They show what the first part cannot: whether your mail server checks DNS answers, heeds MTA-STS, and which of DANE and MTA-STS comes first. Some copies will wait with your server until the second part ends. Then the faults go away, and the copies are taken: all but that for bogus-ds, a domain whose fault cannot go away. A server that checks DNS answers keeps that copy until it gives up, and sends you a failure notice.
second-shared = For MTA-STS, names are used that everybody shares, since none were left that are yours alone. Their faults stay: your server may give up on them and send you a failure notice.

### What to do

advice-cases-fault = Mend what is marked as a fault at the faulty domains
    .text = Your server acted against the standards at { $faults }. What they ask for stands with each, with the section of the RFC. If your server is up to date and set up for it, tell whoever makes it.
