# A trial as it runs, and its result.

trial-runs = Your test is running. You see here what happens, as it happens; you need not do anything.
trial-reloads = This page loads itself anew every ten seconds.
trial-reload = Load it now
trial-steps = What has happened
trial-nothing-yet = Nothing yet.
trial-awaited = What is still awaited
trial-stays = You may close this page and come back: the answer will stand at this same address.
trial-answered = The answer is there. How well your domain receives mail is still being checked; that part follows here within minutes.
trial-connection = Connection { $number }
trial-question = DNS question { $number }
trial-fetch = Policy fetch { $number }
trial-silence = What did not happen
trial-did = What we did:
trial-seen = What your server did:
trial-follows = What follows:

trial-tools = This result
trial-print = Print
trial-eml = Download as mail (.eml)
trial-json = Download as signed JSON, without addresses
trial-compare = Compare with an earlier result
trial-delete = Delete

trial-delete-title = Delete this result
trial-delete-ask = Do you want to delete this result?
trial-delete-what = The connections, addresses and answers of this test are deleted at once and for good, and this address leads nowhere any more. For ten days the service still knows the mail by its Message-ID, its source and a keyed digest of the sender’s address, so that copies that wait at your server do not begin a new test. A mail that was sent to you stays with you.
trial-delete-do = Delete for good
trial-delete-back = Keep it
trial-delete-gone = The result is deleted.
trial-delete-not-yet = This test still runs, or its verdict is about to be sent. It can be deleted as soon as that is done; nothing was changed.
trial-delete-failed = The result could not be deleted now, because the service cannot write. Please try again in a few minutes.

trial-compare-title = Compare two results
trial-compare-field = Address of an earlier result
trial-compare-hint = Paste the address of a result page of the same domain, as it stood in an earlier verdict mail.
trial-compare-do = Compare
trial-compare-back = Back to the result
trial-compare-no-address = This is no address of another result. It has the form of the address of this page, with /r/ in it.
trial-compare-other = These two cannot be compared: they are about mail of different domains, or neither SPF nor DKIM vouched for the sender of one of them.
trial-compare-not-yet = One of these two tests still runs. Compare them when both have ended.
trial-compare-unknown = There is no result at that address; it may have been deleted.
trial-compare-none = Nothing has changed between these two results.
trial-compare-changed = What has changed
trial-compare-same = What is the same
trial-compare-what = What
trial-compare-answer = The answer

trial-postscript-title = TLS reports about this test
trial-postscript-ask = Do you want a mail about the TLS reports on this test?
trial-postscript-what = If your mail system sends TLS reports, they come a day or two after the test. One mail tells you whether they say what our own log says; without a report there is none. It goes only to the address that the test was sent from, and only if SPF or DKIM vouched for it. We know that address by a keyed digest alone, so please type it. It is kept until the mail is sent, for seven days at most.
trial-postscript-field = The address that the test was sent from
trial-postscript-do = Tell me
trial-postscript-kept = You get one mail when reports about this test have come.
trial-postscript-before = This was asked for before. There is one mail about the reports on a test, and no more.
trial-postscript-not-sender = The test was not sent from this address, or neither SPF nor DKIM vouched for it. Nothing was kept.
trial-postscript-failed = This could not be kept now, because the service cannot write. Please try again in a few minutes.
