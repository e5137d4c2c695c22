# Privacy, imprint, contact, objection.

privacy-title = Privacy
privacy-short = This service sees how your mail travels, and keeps of it what the result needs. A result is shown to those who have its address. Nothing is sold, nothing is used for advertising, and no page loads anything from elsewhere.
privacy-who-title = Who is responsible
privacy-who = This service is run by
privacy-who-more = Contact
privacy-kept-title = What is kept, and for how long
privacy-what = What
privacy-why = What for
privacy-how-long = How long
privacy-seen-by = Who can see it
privacy-happens-title = What happens with your mail
privacy-happens-answer = When you send a test mail, the verdict goes to the address that it was sent from, if SPF or DKIM vouches for that address, and to no other.
privacy-happens-scan = With a test, and when somebody asks for a check of your domain, this service asks the DNS about the domain and connects to its mail servers, as any sender would. It sends no mail there.
privacy-happens-link = A result lies under an address that nobody can guess. Whoever you give it to can read it, too; search engines are told to leave it alone.
privacy-happens-site = For a visit to this site your browser's address is used while the page is sent, so that nobody takes all places, and is not written down; if you start a check, it is counted in memory for up to an hour. There is one cookie, and only if you choose a language.
privacy-rights-title = What you can do
privacy-rights-delete = Delete a result: whoever has its address finds the button for that on its page.
privacy-rights-object = Get no more mails: every verdict mail has a link whose page stops them with one click.
privacy-rights-domain = Get no more mails for a whole domain: its postmaster can say so, in a mail from postmaster@ that domain, for which SPF or DKIM vouches, to
privacy-rights-ask = Ask what is kept about you, have it corrected or deleted, or object to its use: write to
privacy-rights-complain = Should you think that your data are not handled as the law wants, you may also complain to a data protection authority.
privacy-derived = The times in this table are the settings that this service runs with.

kept-never = is not kept
kept-until-mailed = until the verdict is mailed, or it is clear that it will not be; at most { $days ->
    [one] one day
   *[other] { $days } days
}
kept-days = { $days ->
    [one] one day
   *[other] { $days } days
}
kept-until-done = until it is done; that it was done, { $days ->
    [one] one day
   *[other] { $days } days
} more
kept-until-withdrawn = until you withdraw it
kept-until-retracted = until the operator retracts it
kept-by-operator = as mail is kept; the operator decides
kept-in-browser = { $days } days, in your browser

kept-text-what = Text and attachments of a test mail
kept-text-why = Only facts about the mail are noted: its size, its Message-ID and date, the domain in From, what SPF, DKIM and DMARC say.
kept-text-who = nobody
kept-address-what = The address that a test mail was sent from
kept-address-why = To send the verdict to it.
kept-address-who = the operator
kept-result-what = A test: names and addresses of your mail servers, what they did, a shortened form of your address (such as j***n@example.net), the facts about the mail, and what the servers of your domain showed
kept-result-why = For the result, which is computed from it whenever somebody reads it.
kept-result-who = whoever has the address of the result; the operator
kept-questions-what = Questions to our name servers
kept-questions-why = To see whether a sender looked up what protects its mail.
kept-questions-who = those of a test stand in its result; the operator
kept-reports-what = TLS reports (RFC 8460) that mail systems send us about names of a test: their numbers of sessions, addresses of mail servers, who sent the report
kept-reports-why = To hold them beside our own log, in the result.
kept-reports-who = whoever has the address of the result; the operator
kept-reporters-what = How right the TLS reports of a domain were, without anything of the tests
kept-reporters-why = For a table of those who send reports.
kept-reporters-who = the operator, who may publish it
kept-postscripts-what = The address of somebody who asked for a mail about the TLS reports on a test
kept-postscripts-why = To send that one mail; it is deleted as soon as that is done.
kept-postscripts-who = the operator
kept-mailed-what = A keyed digest of the address that a verdict went to, and its domain
kept-mailed-why = So that nobody gets more than a few verdicts a day.
kept-mailed-who = the operator
kept-verdicts-what = Verdicts in a folder of this server, as mails with the address that they are for
kept-verdicts-why = For the operator, who hands them on or reads them.
kept-verdicts-who = the operator
kept-checks-what = A check of a domain: what its DNS and its servers showed
kept-checks-why = For the result, and to show what changed.
kept-checks-who = whoever has the address of the result; whoever checks the same domain sees the dates and grades of earlier checks, and what has changed since the last; the operator
kept-published-what = Results of mail providers that the operator published, without addresses of persons
kept-published-why = To compare providers.
kept-published-who = everybody
kept-objections-what = A keyed digest of each address or domain that wants no mails
kept-objections-why = To send none. The address cannot be read from it.
kept-objections-who = nobody; the operator sees how many there are
kept-orders-what = An order to forget an address or a domain
kept-orders-why = To carry it out.
kept-orders-who = the operator
kept-operator-mail-what = Mails that you write to the operator
kept-operator-mail-why = To read and answer them.
kept-operator-mail-who = the operator
kept-visits-what = Who visited this site
kept-visits-why = There is no log of visits.
kept-visits-who = nobody
kept-language-what = The language that you chose for this site, as a cookie
kept-language-why = To show the next page in it.
kept-language-who = you

imprint-title = Imprint

contact-title = Contact
contact-who = This service is run by
contact-mail = Mail:
contact-phone = Phone:
contact-imprint = Imprint
contact-privacy = Privacy
contact-what-title = Before you write
contact-what-result = If you ask about a result, send its address along: without it nobody can find it.
contact-what-stop = You want no more mails, or a result deleted? You can do that yourself:
contact-what-security = You found a weakness of this service? Please tell us first:

objection-title = No more mails
objection-asks = If you press the button, this service sends no more mails to the address that got the link to this page. Nothing has happened yet.
objection-button = Send me no more mails
objection-stands = This service sends no mails to the address that got the link to this page. Should you have changed your mind, you can withdraw that.
objection-kept = Done: this service sends no more mails to the address that got the link to this page. You need not do anything else.
objection-withdraw-button = Send me mails again
objection-withdrawn = Withdrawn: whoever sends a test mail from this address gets a verdict again.
objection-failed = This could not be done just now, and nothing has changed. Please try again in a few minutes.
objection-what-title = What that means
objection-what-why = Such a mail is the answer to a test mail that was sent with your address, and for which SPF or DKIM of your domain vouched.
objection-what-kept = Of the address a keyed digest is kept, from which nobody can read it. It stays until you withdraw.
objection-what-tests = Tests from this address are still possible. Their results are then on a page alone, whose address stands in the answers that the sending server gets.
objection-what-domain = For a whole domain its postmaster can object, with a mail from postmaster@ that domain, for which SPF or DKIM vouches, to
objection-privacy = What else is kept, and for how long
