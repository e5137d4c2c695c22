# A trial step by step: what we did, what the sender did, what follows.

step-did-accepted = We took the connection.
step-did-withheld = We offered no encryption.
step-did-offered = We offered encryption.
step-did-shown = We offered encryption and showed, as server { $number } ({ $host }), { $certificate }.
step-shown-sound = a certificate that DANE and MTA-STS both allow
step-shown-dane = a certificate that DANE allows and MTA-STS forbids
step-shown-mta-sts = a certificate that MTA-STS allows and DANE forbids
step-shown-neither = a certificate that DANE and MTA-STS both forbid
step-shown-bare = a valid certificate; this domain publishes nothing about it
step-did-unnamed-a = We offered encryption; as no server was named in TLS, we showed a self-signed certificate.
step-did-unnamed-b = We offered encryption; as no server was named in TLS, we showed a valid certificate for all servers.
step-did-question = Our DNS answered ({ $rcode }).
step-did-fetch = Our policy host was there to be asked.
step-did-silence = We also looked at what did not happen.

step-seen-mail-in-clear = { $count ->
    [0] Your server sent a mail without encryption: { $answer }.
   *[other] Your server sent the mail to { $domains } without encryption: { $answer }.
}
step-seen-mail-in-tls = { $count ->
    [0] Your server sent a mail in { $version }: { $answer }.
   *[other] Your server sent the mail to { $domains } in { $version }: { $answer }.
}
step-seen-left-without-mail = Your server left without sending a mail.
step-seen-refused-certificate = Your server refused it and sent no mail ({ $how }).
step-seen-our-limit = TLS failed, because our server lacks what yours offered.
step-seen-tls-failed = TLS failed ({ $reason }).
step-seen-no-mail-in-tls = Your server greeted us in TLS and sent no mail.
step-seen-aborted = The connection ended without a mail.
step-seen-open = The connection has not ended, as far as we know.
step-seen-question = A resolver asked: { $question }.
step-seen-fetch = The policy was asked for: { $fetch }.
step-seen-passed-by = Mail for a domain that publishes nothing was kept back, where it would have come.

step-no-control = That no mail came counts only once mail comes where nothing is wrong.
step-foreign = This decides nothing, since it may belong to another sender or test.
step-fallback = Encryption was on offer here, and had failed before: your server falls back to sending without it, whatever its policy is.
step-lax-delivery = It had refused this server before and delivers now: it gives up its check on a retry.
step-visit = Nothing follows: your server sends mail here otherwise, so this was no more than a look.
step-sound-refused = Nothing was wrong with this server: so other refusals do not say what they are for. Most likely your server does not know the certificate authority.
step-our-limit = Nothing follows: this is our limit, not your policy.
step-failed = Nothing follows: TLS can fail for many reasons.
step-shows-nothing = Nothing follows from this.
step-alike = The same was seen in connection { $number } and counts already.
step-after-verdict = This came after the verdict was told and is not judged any more.
step-beyond = So much was seen that not every connection is told by itself; the answer counts this one, too.
step-counts-now = { $count ->
    [one] From here on connection { $list } counts, too.
   *[other] From here on connections { $list } count, too.
}
step-laxer = Your server refused the same before: it is laxer on a retry, or that refusal was of something else.
step-would-send-in-clear = sent the mail without encryption
step-would-leave = left without sending it
step-would-avoid = delivered nothing there
step-would-encrypt = used the encryption on offer
step-would-refuse = refused the certificate
step-would-take = taken the certificate
step-would-name = named the server in TLS
step-would-not-name = not named the server in TLS
step-excluded = { $count ->
    [one] { $terms } is excluded, because such a server would have { $would }.
   *[other] { $terms } are excluded, because such servers would have { $would }.
}
step-excluded-plain = { $count ->
    [one] { $terms } is excluded, because it does not fit all that was seen.
   *[other] { $terms } are excluded, because they do not fit all that was seen.
}
step-excluded-silence = { $count ->
    [one] { $terms } is excluded, because what it cannot do without was not seen.
   *[other] { $terms } are excluded, because what they cannot do without was not seen.
}
step-returned = { $count ->
    [one] { $terms } is possible again, since earlier connections are now seen in another light.
   *[other] { $terms } are possible again, since earlier connections are now seen in another light.
}
step-proved-dane = This proves DANE: nothing else that is left explains the refusal.
step-proved-mta-sts = This proves MTA-STS: nothing else that is left explains the refusal.
step-nothing-new = It fits what was known already: nothing more is excluded.
step-left-none = No single way of sending fits all of this any more.
step-left-one = Only { $term } is left.
step-left-few = Still possible: { $terms }.
step-left-many = { $count } policies are still possible, in { $ways } variants.
step-follows-route = This leads to our servers; nothing else follows.
step-follows-tlsa = Whoever uses DANE asks this, and others may, too: only connections show whether the answer is heeded.
step-follows-policy-record = Whoever uses MTA-STS asks this, and others may, too: only connections show whether the policy is heeded.
step-follows-fetch = Whoever fetched the policy knows it from here on: only connections show whether it is heeded.
step-follows-other = Nothing follows from this.

awaited-window = Until { $time } we offer your server no encryption, to see what it does then.
awaited-window-again = When your server comes next, we offer it no encryption once more, to see what it does then.
awaited-other-address = Until { $time } mail to the other test address may still follow.
awaited-message = We wait for a mail that arrives in full.
awaited-attempts = We wait for more attempts, since what was seen so far does not fit together.
awaited-proof = { $count ->
    [one] We wait until your server meets { $servers }: only a refusal there would prove what everything points to.
   *[other] We wait until your server meets one of { $count } servers ({ $list }): only a refusal there would prove what everything points to.
}
awaited-proof-any = We wait for what would prove what everything points to.
awaited-retry = We wait until your server comes back to what it refused, to see whether it stays as strict.
awaited-explanation = We wait for what explains some connections: another machine of yours may be stricter than the one whose mail came.
awaited-servers = We wait to see what your server does at { $servers }.
awaited-servers-any = We wait for more of what your server does.
awaited-cases = { $count ->
    [one] We wait to see what becomes of the mail to this case: { $list }.
   *[other] We wait to see what becomes of the mail to these cases: { $list }.
}
awaited-deadline = The test ends at { $time } at the latest.
