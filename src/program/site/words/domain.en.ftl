# A domain checked on request.

domain-title = How well does a domain receive mail?
domain-label = The domain, such as example.org
domain-button = Check
domain-hint = A mail address or a link will do, too.
domain-does = We look up what the domain publishes, and connect to its mail servers as a sender of mail would. No mail is sent.
domain-lasts = That takes a minute or two; with many servers, or with slow ones, a little longer.
domain-kept = The result is shown under an address that cannot be guessed. It is not published, and search engines are told to leave it alone. Nothing about you is kept; your address is counted for an hour at most, so that nobody checks too much.
domain-deleted = The result is deleted.
domain-failed = The check of { $domain } was cut off on our side, and there is no result. Please begin it again.

domain-no-empty = Please write a domain, such as example.org.
domain-no-address = That is an IP address. Please write a domain, such as example.org; its mail servers are found by themselves.
domain-no-single-label = That name has only one part. Please write the whole domain, such as example.org.
domain-no-too-long = That is longer than a domain can be.
domain-no-unreadable = That is no domain: something in it is in no name of a host. Please write a domain, such as example.org, or a mail address.
domain-no-off = The operator of this service has turned checks of domains off.
domain-no-client = You have begun as many checks as one visitor may in an hour. Please come back in { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
}.
domain-no-domain = This domain was checked as often today as we want to trouble its servers. Please come back in { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
}.
domain-no-busy = More is asked for just now than this service can do. Please come back in { $minutes ->
    [one] a minute
   *[other] { $minutes } minutes
}.
domain-no-unavailable = Our archive does not answer. Please try again in a minute.

domain-running-title = { $domain } is being checked
domain-running-stays = You may close this page and come back: its address stays, and the result will be here.
domain-waiting = The check waits for its turn.
domain-waiting-behind = The check waits for its turn; { $ahead ->
    [0] it is the next.
    [one] one is before it.
   *[other] { $ahead } are before it.
}
domain-names = DNS: { $count ->
    [one] one question so far.
   *[other] { $count } questions so far.
}
domain-servers = The mail servers are asked: { $count ->
    [one] one address.
   *[other] { $count } addresses.
}
domain-steps-address = Address
domain-steps-asked = Connections
domain-steps-step = Asked now
domain-address-waits = waits { $seconds } s, because the server said: { $why }

domain-since-title = What changed since { $day }
domain-since-nothing = Nothing that we measure has changed since the last check of this domain.
domain-since-intro = Both checks are judged by the same rules, those of today. What stands here, the domain or its servers changed.
domain-since-not-theirs = The domain and its servers show what they showed then.
domain-rules-title = What changed because our rules did
domain-rules-intro = The earlier check is judged once by the rules of its time and once by those of today. For what stands here the domain need not have changed anything.
domain-rules-nothing = Our rules have changed since then, and the earlier check comes to the same by both.
domain-changed = It was: { $before }. It is: { $after }.
domain-changed-none = not asked
domain-changed-better = better
domain-changed-worse = worse
domain-changed-open = not to be compared
domain-changed-other = different
domain-fact-changed = changed
domain-fact-mx = MX records
domain-fact-addresses = Addresses of the mail servers
domain-fact-tlsa = TLSA records
domain-fact-certificates = Certificates
domain-fact-mta-sts = MTA-STS record
domain-fact-tlsrpt = TLS reporting
domain-fact-spf = SPF
domain-fact-dmarc = DMARC
domain-fact-name-servers = Name servers
domain-fact-ds = DS records

domain-outlook-title = Who would not deliver here
domain-outlook-modelled = Modelled, not measured: we play what the domain publishes and its servers showed to us against our models of senders.
domain-outlook-some = Mail of those marked ✘ would not arrive.
domain-outlook-dane-only = Only senders that deliver nowhere without DANE would be turned away.
domain-outlook-nobody = Mail of all senders whose policy we can judge here would arrive.
domain-outlook-part = Not every address of the mail servers answered us, so some of it stays open.
domain-delivery-refused = would not deliver
domain-delivery-some-refuse = some of them would not deliver
domain-delivery-clear = would deliver in clear
domain-delivery-open = open
domain-delivery-encrypted = would deliver encrypted
domain-reason-no-starttls = No STARTTLS at { $hosts }.
domain-reason-certificate = The certificate of { $hosts } does not stand up to a check of authority and name.
domain-reason-tlsa-mismatch = No TLSA record fits the certificate of { $hosts }.
domain-reason-tlsa-failed = Whether { $hosts } has TLSA records cannot be found out, and then such a sender waits (RFC 7672 §2.1.2).
domain-reason-no-tlsa = No TLSA records for { $hosts }; such a sender delivers to no domain without them.
domain-reason-unlisted = The MTA-STS policy does not list { $hosts }.
domain-more-hosts = { $count } more
domain-term-none = never encrypts
domain-term-may = encrypts where that is offered
domain-term-may-sni = encrypts where that is offered, and names the server
domain-term-may-verify = checks certificates where encryption is offered
domain-term-encrypt = always encrypts, checks no certificate
domain-term-encrypt-sni = always encrypts, checks no certificate, names the server
domain-term-verify = always encrypts and checks certificates
domain-term-verify-sni = always encrypts, checks certificates, names the server
domain-term-dane = DANE where there are TLSA records
domain-term-dane-only = nothing without DANE
domain-term-mta-sts = MTA-STS where there is a policy
domain-term-dane-mta-sts = DANE and MTA-STS

domain-history-title = Earlier checks
domain-history-intro = These checks of the domain were made here, whoever asked for them. Shown here are their days and grades; the results themselves are shown only to those who have their addresses.
domain-history-first = This is the only check of the domain that is kept here.
domain-history-day = Date
domain-history-letter = Our grade
domain-history-rules = Rules
domain-history-this = this check
domain-percent = { $score } %
domain-link-title = This result
domain-link = Whoever has the address of this page can read it and delete it, and nobody else.
domain-until = It is kept until { $until }.
domain-link-this = The lasting address of this result
domain-link-json = The result as JSON
domain-again = Check again
domain-delete = Delete this result
domain-delete-means = The page is gone at once, and for everybody who has its address. That cannot be undone.
domain-delete-button = Delete for good

domain-start-title = Or check how well a domain receives
domain-start-more = You need not send anything for that.
