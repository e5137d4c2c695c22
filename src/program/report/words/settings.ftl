# Lines of configuration that take a step of "What to do" about sending, an attribute a product. They are the same in
# every language.

settings-sound-refused =
    .postfix = smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
    .exim = tls_verify_certificates = system
    .sendmail = define(`confCACERT', `/etc/ssl/certs/ca-certificates.crt')dnl
settings-fallback =
    .exim = tls_tempfail_tryclear = false
settings-dane-only =
    .postfix = smtp_tls_security_level = dane
    .exim =
        hosts_require_dane =
        hosts_try_dane = *
settings-starttls =
    .postfix = smtp_tls_security_level = may
    .exim = hosts_avoid_tls =
settings-dane =
    .postfix =
        smtp_dns_support_level = dnssec
        smtp_tls_security_level = dane
    .exim =
        hosts_try_dane = *
        dnssec_request_domains = *
        # /etc/resolv.conf: options trust-ad
    .sendmail = define(`confDANE', `true')dnl
settings-mta-sts =
    .postfix =
        # with postfix-tlspol, which leaves domains with TLSA records to DANE
        smtp_tls_policy_maps = socketmap:inet:127.0.0.1:8642:QUERY
        smtp_tls_CAfile = /etc/ssl/certs/ca-certificates.crt
    .sendmail = FEATURE(`sts')dnl
settings-sni =
    .postfix = smtp_tls_servername = hostname
    .exim = tls_sni = $host
settings-partners =
    .postfix =
        # put it before what smtp_tls_policy_maps names already, with a comma between
        smtp_tls_policy_maps = texthash:/etc/postfix/tls_policy
        # /etc/postfix/tls_policy: partner.example secure
    .exim =
        hosts_require_tls = *.partner.example
        tls_verify_hosts = *.partner.example
    .sendmail = # access: TLS_Rcpt:partner.example VERIFY
settings-dkim =
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
    .exchange = New-DkimSigningConfig -DomainName { $domain } -Enabled $true
settings-spf =
    .dns = { $domain }. IN TXT "v=spf1 mx{ $senders } ~all"
settings-dmarc =
    .dns = _dmarc.{ $domain }. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc@{ $domain }"
