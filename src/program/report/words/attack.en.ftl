# The attack view: what becomes of a mail if somebody on its way interferes. A cell has a few words, so that all fit into
# a line of text.

# What stands above the table of mechanisms where there is no room for more.
sending-intro-brief = { $term } { "✔" } protects, { "✘" } does not, { "–" } is neither, { "?" } is open.

attack-title = What somebody on the way could read
attack-intro = Somebody on the way of your mail interferes: would it be read? That depends on what the receiving domain publishes.
attack-to-dane = with DANE
attack-to-mta-sts = with MTA-STS
attack-to-nothing = with neither
attack-removes-encryption = removes the encryption
attack-forges-certificate = forges the certificate
attack-forges-dns = forges DNS answers
attack-blocks-policy = blocks the policy
attack-read = read
attack-read-until-known = read at first
attack-not-read = not read
attack-not-seen = not seen
attack-nothing-to-block = no policy
attack-until-known = Only as long as your server does not know the policy from an earlier mail.
attack-forged-host = What your server makes of a host that only a forged answer names: no server of this test shows that.
attack-failed-lookup = Whether mail waits while TLSA records cannot be had: no server of this test shows that.
attack-destination = Your server treats destinations differently: what others get was not seen.
