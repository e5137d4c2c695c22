# The start page.

start-title = How does your mail travel?
start-red = Please do not test now:
start-red-why = something is wrong with this service, and a part of the answer would stay open.
start-red-more = What is wrong
start-subject = Mail test
start-send = Send one mail to both of these addresses:
start-mailto = Write the mail
start-copy = Copy the addresses
start-copied = Copied
start-happens = A verdict comes back to the address that you sent from: how your mail server protects mail on its way, and how well your domain receives mail.
start-lasts = It takes minutes, sometimes hours, because your server has to try several times; you need not do anything until then.
start-know-title = Good to know
start-know-text = Subject and text do not matter; the text is not kept.
start-know-delay = Until the verdict is there, your server may tell you that the mail is delayed. That is part of the test.
start-know-bounce = Should your server send the mail back at once, send it again a few minutes later.
start-know-vouched = The verdict goes only to a sender that SPF or DKIM vouches for. Otherwise it is shown on a page, whose address is in the answers that your server gets from us: look into its log, or into the notice of delay.
start-providers = How mail providers do
start-hall = Hall of fame: domains that receive without a fault
start-second-part = The second part: faulty domains that show more
start-cases = All domains that are faulty on purpose
start-method = How the test works, and the servers that it plays
start-kept = Your mail address is used to send the verdict and is deleted then; with the result stay a shortened form of it and the names and addresses of your mail servers. Results are kept under an address that cannot be guessed, for as long as they say, and are not published.
