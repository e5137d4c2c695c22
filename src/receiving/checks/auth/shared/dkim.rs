//! DKIM, as a domain sets it up.

/// How mail is signed: lines for both checks of DKIM.
pub(in crate::receiving::checks) const SIGNING: &str = r"
    .command =
        opendkim-genkey -b 2048 -d { $domain } -s mail -D /etc/dkimkeys
        cat /etc/dkimkeys/mail.txt
    .opendkim =
        Domain { $domain }
        Selector mail
        KeyFile /etc/dkimkeys/mail.private
        Socket inet:8891@127.0.0.1
    .postfix =
        smtpd_milters = inet:127.0.0.1:8891
        non_smtpd_milters = $smtpd_milters
        milter_default_action = accept
    .exim =
        dkim_domain = { $domain }
        dkim_selector = mail
        dkim_private_key = /etc/dkimkeys/mail.private
    .exchange = New-DkimSigningConfig -DomainName { $domain } -Enabled $true";
