# Lines that mend what a check found, the same in every language, made to be pasted: a record, a setting, a command.
# Paths and addresses are examples. An attribute says what they belong to; records whose values were measured (TLSA,
# MTA-STS, SPF) are made by the program. Exim joins a line that ends in a backslash with the next one, and so does
# OpenSSL; Postfix joins one that begins with a blank with the one before.

fix-dmarc =
    .dns = _dmarc.{ $domain }. IN TXT "v=DMARC1; p=none; rua=mailto:dmarc@{ $domain }"
    .dns-no-mail = _dmarc.{ $domain }. IN TXT "v=DMARC1; p=reject"
fix-dmarc-policy =
    .dns = _dmarc.{ $domain }. IN TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@{ $domain }"
    .dns-no-mail = _dmarc.{ $domain }. IN TXT "v=DMARC1; p=reject"
fix-spf =
    .dns-no-mail = { $domain }. IN TXT "v=spf1 -all"
fix-dkim =
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
fix-dkim-signature =
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
fix-dnssec-domain-signed =
    .exchange = Enable-DnssecForVerifiedDomain -DomainName { $domain }
fix-starttls =
    .postfix =
        smtpd_tls_security_level = may
        smtpd_tls_chain_files = /etc/postfix/mx.key, /etc/postfix/mx-fullchain.pem
    .exim =
        tls_advertise_hosts = *
        tls_certificate = /etc/exim4/mx-fullchain.pem
        tls_privatekey = /etc/exim4/mx.key
    .opensmtpd =
        pki mx cert "/etc/ssl/mx-fullchain.pem"
        pki mx key "/etc/ssl/private/mx.key"
        listen on 0.0.0.0 port 25 tls pki mx hostname { $host }
        listen on :: port 25 tls pki mx hostname { $host }
fix-starttls-mandatory =
    .postfix = smtpd_tls_security_level = encrypt
    .opensmtpd = listen on 0.0.0.0 port 25 tls-require pki mx hostname { $host }
fix-tls-versions =
    .postfix = smtpd_tls_protocols = >=TLSv1.2
    .exim-openssl = openssl_options = +no_sslv2 +no_sslv3 +no_tlsv1 +no_tlsv1_1
    .exim-gnutls = tls_require_ciphers = NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2
fix-tls-suites =
    .postfix =
        smtpd_tls_ciphers = high
        tls_high_cipherlist = ECDHE+AESGCM:ECDHE+CHACHA20
    .exim-openssl = tls_require_ciphers = ECDHE+AESGCM:ECDHE+CHACHA20
    .exim-gnutls =
        tls_require_ciphers = NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:\
          -KX-ALL:+ECDHE-RSA:+ECDHE-ECDSA:-CIPHER-ALL:\
          +AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM
    .opensmtpd = smtp ciphers "ECDHE+AESGCM:ECDHE+CHACHA20"
fix-tls-key-exchange =
    .postfix = smtpd_tls_exclude_ciphers = aNULL, kRSA, kDHE
    .exim-openssl = tls_require_ciphers = DEFAULT:!kRSA:!kDHE
    .exim-gnutls = tls_require_ciphers = NORMAL:-KX-ALL:+ECDHE-RSA:+ECDHE-ECDSA
fix-tls-suite-order =
    .postfix = tls_preempt_cipherlist = yes
    .exim-openssl = openssl_options = +cipher_server_preference
    .exim-gnutls = tls_require_ciphers = NORMAL:%SERVER_PRECEDENCE
fix-tls-groups =
    .postfix =
        smtpd_tls_exclude_ciphers = aNULL, kDHE
        tls_eecdh_auto_curves = X25519, X448, prime256v1, secp384r1
    .exim-openssl = tls_dhparam = none
fix-tls-handshake-hash =
    .postfix =
        tls_config_file = $config_directory/openssl.cnf
        tls_config_name = postfix
    .openssl =
        postfix = postfix_settings
        {"["}postfix_settings]
        ssl_conf = postfix_ssl_settings
        {"["}postfix_ssl_settings]
        system_default = baseline_postfix_settings
        {"["}baseline_postfix_settings]
        SignatureAlgorithms = ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:\
        RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:\
        RSA+SHA256:RSA+SHA384:RSA+SHA512
fix-tls-compression =
    .postfix = tls_ssl_options = NO_COMPRESSION
    .exim-openssl = openssl_options = +no_compression
fix-tls-client-renegotiation =
    .postfix = tls_ssl_options = NO_RENEGOTIATION
fix-cert-trust =
    .postfix = smtpd_tls_chain_files = /etc/postfix/mx.key, /etc/postfix/mx-fullchain.pem
    .exim =
        tls_certificate = /etc/exim4/mx-fullchain.pem
        tls_privatekey = /etc/exim4/mx.key
    .opensmtpd =
        pki mx cert "/etc/ssl/mx-fullchain.pem"
        pki mx key "/etc/ssl/private/mx.key"
fix-cert-chain-order =
    .postfix = smtpd_tls_chain_files = /etc/postfix/mx.key, /etc/postfix/mx-fullchain.pem
    .exim = tls_certificate = /etc/exim4/mx-fullchain.pem
    .opensmtpd = pki mx cert "/etc/ssl/mx-fullchain.pem"
fix-tlsa =
    .command = postfix tls output-server-tlsa -h { $host }
    .exchange =
        Enable-DnssecForVerifiedDomain -DomainName { $domain }
        Enable-SmtpDaneInbound -DomainName { $domain }
fix-tlsa-match =
    .command = postfix tls output-server-tlsa -h { $host }
fix-tlsa-unusable =
    .command = postfix tls output-server-tlsa -h { $host }
fix-tlsrpt =
    .dns = _smtp._tls.{ $domain }. IN TXT "v=TLSRPTv1; rua=mailto:tlsrpt@{ $domain }"
fix-smtp-name =
    .postfix =
        myhostname = { $host }
        smtpd_banner = $myhostname ESMTP
    .exim = primary_hostname = { $host }
    .opensmtpd = listen on 0.0.0.0 port 25 tls pki mx hostname { $host }
fix-smtp-unknown-recipient =
    .postfix = smtpd_reject_unlisted_recipient = yes
    .exim = require verify = recipient
fix-smtp-relay =
    .postfix =
        smtpd_relay_restrictions = permit_mynetworks,
          permit_sasl_authenticated, reject_unauth_destination
    .exim = deny !domains = +local_domains : +relay_to_domains
