# Lines of configuration that mend what a check found, the same in every language. A line each; they are meant to be
# read by the administrator and not to be pasted blindly. `dns`: what to publish.

fix-dmarc =
    .dns = _dmarc.{ $domain }. TXT "v=DMARC1; p=none; rua=mailto:dmarc-reports@{ $domain }"
    .dns-no-mail = _dmarc.{ $domain }. TXT "v=DMARC1; p=reject"
fix-dmarc-policy =
    .dns = _dmarc.{ $domain }. TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc-reports@{ $domain }"
fix-spf =
    .dns = { $domain }. TXT "v=spf1 mx ~all"
    .dns-no-mail = { $domain }. TXT "v=spf1 -all"
fix-starttls =
    .postfix =
        smtpd_tls_security_level = may
        smtpd_tls_chain_files = /etc/postfix/mx.key, /etc/postfix/mx-fullchain.pem
    .exim =
        tls_advertise_hosts = *
        tls_certificate = /etc/exim4/mx-fullchain.pem
        tls_privatekey = /etc/exim4/mx.key
fix-starttls-mandatory =
    .postfix = smtpd_tls_security_level = encrypt
fix-tls-versions =
    .postfix = smtpd_tls_protocols = >=TLSv1.2
    .exim =
        openssl_options = +no_sslv2 +no_sslv3 +no_tlsv1 +no_tlsv1_1   (OpenSSL)
        tls_require_ciphers = NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2   (GnuTLS)
fix-tls-suites =
    .postfix =
        smtpd_tls_ciphers = high
        tls_high_cipherlist = ECDHE+AESGCM:ECDHE+CHACHA20
    .exim =
        tls_require_ciphers = ECDHE+AESGCM:ECDHE+CHACHA20   (OpenSSL)
        tls_require_ciphers = NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-KX-ALL:+ECDHE-RSA:+ECDHE-ECDSA:-CIPHER-ALL:+AES-256-GCM:+CHACHA20-POLY1305:+AES-128-GCM   (GnuTLS)
fix-tls-key-exchange =
    .postfix = smtpd_tls_exclude_ciphers = aNULL, kRSA, kDHE
    .exim =
        tls_require_ciphers = DEFAULT:!kRSA:!kDHE   (OpenSSL)
        tls_require_ciphers = NORMAL:-KX-ALL:+ECDHE-RSA:+ECDHE-ECDSA   (GnuTLS)
fix-tls-suite-order =
    .postfix = tls_preempt_cipherlist = yes
    .exim =
        openssl_options = +cipher_server_preference   (OpenSSL)
        tls_require_ciphers = NORMAL:%SERVER_PRECEDENCE   (GnuTLS)
fix-tls-groups =
    .postfix =
        smtpd_tls_exclude_ciphers = aNULL, kDHE
        tls_eecdh_auto_curves = X25519, X448, prime256v1, secp384r1
    .exim =
        tls_dhparam = none   (OpenSSL)
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
        SignatureAlgorithms = ECDSA+SHA256:ECDSA+SHA384:ECDSA+SHA512:RSA-PSS+SHA256:RSA-PSS+SHA384:RSA-PSS+SHA512:RSA+SHA256:RSA+SHA384:RSA+SHA512
fix-tls-compression =
    .postfix = tls_ssl_options = NO_COMPRESSION
    .exim = openssl_options = +no_compression
fix-tls-client-renegotiation =
    .postfix = tls_ssl_options = NO_RENEGOTIATION
fix-cert-trust =
    .postfix = smtpd_tls_chain_files = /etc/postfix/mx.key, /etc/postfix/mx-fullchain.pem
    .exim =
        tls_certificate = /etc/exim4/mx-fullchain.pem
        tls_privatekey = /etc/exim4/mx.key
fix-cert-chain-order =
    .postfix = smtpd_tls_chain_files = /etc/postfix/mx.key, /etc/postfix/mx-fullchain.pem
    .exim = tls_certificate = /etc/exim4/mx-fullchain.pem
fix-caa =
    .dns = { $host }. CAA 0 issue "ca.example"
fix-tlsa =
    .dns = _25._tcp.{ $host }. TLSA 3 1 1 (SHA-256)
    .postfix = postfix tls output-server-tlsa -h { $host }
fix-tlsa-match =
    .dns = _25._tcp.{ $host }. TLSA 3 1 1 (SHA-256)
    .postfix = postfix tls output-server-tlsa -h { $host }
fix-mta-sts-record =
    .dns = _mta-sts.{ $domain }. TXT "v=STSv1; id=1"
fix-tlsrpt =
    .dns = _smtp._tls.{ $domain }. TXT "v=TLSRPTv1; rua=mailto:tls-reports@{ $domain }"
fix-smtp-name =
    .postfix =
        myhostname = { $host }
        smtpd_banner = $myhostname ESMTP
    .exim = primary_hostname = { $host }
fix-smtp-unknown-recipient =
    .postfix = smtpd_reject_unlisted_recipient = yes
    .exim = require verify = recipient
fix-smtp-relay =
    .postfix = smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination
    .exim = deny !domains = +local_domains : +relay_to_domains
