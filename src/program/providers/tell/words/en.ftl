# How providers are told of: cells, notes, evidence, changes, and the mail that tells a provider.

prov-colour-green = green
prov-colour-green-means = DANE (RFC 7672), or qualified transport encryption
prov-colour-white = white
prov-colour-white-means = encrypted, and certificates have to be valid
prov-colour-yellow = yellow
prov-colour-yellow-means = encrypted where it is offered, or with certificates that nobody checks
prov-colour-red = red
prov-colour-red-means = not encrypted, or sent in clear after encryption had failed
prov-colour-grey = grey
prov-colour-grey-means = not known, or not to be said in one colour: see the evidence

prov-term = Policy
prov-clear-where-forbidden = Clear text where it is forbidden
prov-clear-elsewhere = Clear text elsewhere
prov-dane = DANE
prov-mta-sts = MTA-STS
prov-certificates = Checks certificates
prov-colour = Colour
prov-internetnl = internet.nl
prov-letter = Letter
prov-qte = Qualified transport encryption
prov-provider = Provider
prov-sending = Sending
prov-receiving = Receiving
prov-notes = Notes
prov-newest = Newest evidence

prov-practised = yes
prov-not-practised = no
prov-broken = yes, and undone again
prov-not-seen = not seen
prov-contradictory = contradictory: { $list }
prov-per-destination = by destination
prov-too-little = too little evidence
prov-too-old = evidence too old
prov-percent = { $score } %
prov-percents = { $least } to { $most } %
prov-unknown = not known

prov-amount = { $trials ->
    [one] 1 trial
   *[other] { $trials } trials
} on { $days ->
    [one] 1 day
   *[other] { $days } days
}, from { $sources ->
    [one] 1 source address
   *[other] { $sources } source addresses
}
prov-wanted = A row wants { $trials } trials on { $days } days from { $sources } source addresses.

prov-note-gives-up-without-starttls = It did not come back after STARTTLS was not offered: such mail goes back to its author, or is lost.
prov-note-laxer-on-retry = On a retry it delivered where it had refused before.
prov-note-falls-back-to-clear-text = After TLS had failed it sent in clear, although STARTTLS was offered.
prov-note-refuses-sound-server = It refused the sound server, too, whose certificate is valid and fits its TLSA record.
prov-note-dane-overridden = It asked for TLSA records, and took a certificate that they forbid because MTA-STS allows it.
prov-note-per-destination = It has a policy for each destination.
prov-note-clear-before-policy = It sent in clear before it had fetched the policy, which RFC 8461 allows.
prov-note-sources-differ = Its servers do not all do the same.

prov-counts = counts
prov-red-day = does not count: something was wrong with this service on that day
prov-set-aside = does not count: set aside by a correction
prov-evidence-too-old = does not count: too old
prov-not-over = does not count: the trial is not over

prov-outcome-mail-in-clear = sent mail in clear
prov-outcome-mail-in-tls = sent mail in TLS
prov-outcome-left-without-mail = left, because STARTTLS was not offered
prov-outcome-refused-certificate = refused our certificate
prov-outcome-our-limit = TLS failed: our server lacks what was offered
prov-outcome-tls-failed = TLS failed
prov-outcome-no-mail-in-tls = sent no mail in TLS
prov-outcome-aborted = ended early
prov-outcome-open = not ended

prov-trial = Trial { $number } of { $day }
prov-check = Check { $number } of { $domain }, { $day }
prov-by-connections = { $count ->
    [one] connection { $list }
   *[other] connections { $list }
}
prov-open = open
prov-questions = DNS questions
prov-fetches = Fetches of the policy
prov-connections = Connections
prov-number = No.
prov-time = Time (UTC)
prov-from = From
prov-server = Server
prov-offered = STARTTLS
prov-offered-yes = offered
prov-offered-no = not offered
prov-tls = TLS
prov-sni = SNI
prov-outcome = What came of it
prov-name = Name
prov-type = Type
prov-status = Status
prov-more = { $count } more are in the document.

prov-change-published = { $title }: published, { $colour }
prov-change-row = { $title }: says something else now, { $before } before and { $after } now; { $cause }
prov-cause-evidence = there is new evidence
prov-cause-correction = evidence was set aside by a correction
prov-cause-age = evidence has grown old
prov-cause-rules = the evidence is the same, and we changed our rules
prov-change-corrected = { $title }: corrected. { $reason }
prov-change-retracted = { $title }: taken back. { $reason }
prov-change-replied = { $title }: the provider answered
prov-change-hall-entered = { $domain } entered the hall of fame
prov-change-hall-left = { $domain } left the hall of fame

prov-badge-measured = { $score } %, measured { $day }
prov-badge-label = mail receiving
prov-badge-title = { $domain }: { $score } % by the rules of internet.nl, measured on { $day } by { $site }

prov-draft-subject = What { $site } is going to publish about { $title }
prov-draft =
    Dear { $title },

    we measured how your mail systems protect mail on its way, and intend to publish
    the result from { $from } on, at
    { $url }

    What we saw is below, and every statement will stand there with its evidence.
    Is something wrong, or did you change it? Please reply to this mail before
    then. We will print what you wish to say beside the result.

prov-show-draft = not published; { $told }
prov-show-told = told on { $day }
prov-show-not-told = the provider was not told
prov-show-published = published since { $day }
prov-show-retracted = taken back on { $day }
prov-show-replies = Replies
prov-show-corrections = Corrections
prov-show-evidence = Evidence
prov-show-remark = Remark
