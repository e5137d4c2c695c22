//! Under which domains CAA names well-known authorities, as they state in their practice statements.

/// Words of an issuer's organisation or name, in lower case, and the domains of its CAA. The first row that fits
/// counts.
const AUTHORITIES: &[(&[&str], &[&str])] = &[
    (&["let's encrypt", "internet security research group"], &["letsencrypt.org"]),
    (&["google trust services"], &["pki.goog"]),
    (&["amazon"], &["amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"]),
    (
        &["digicert", "geotrust", "rapidssl", "thawte", "symantec", "cybertrust", "quovadis"],
        &[
            "digicert.com",
            "www.digicert.com",
            "digicert.ne.jp",
            "cybertrust.ne.jp",
            "symantec.com",
            "thawte.com",
            "geotrust.com",
            "rapidssl.com",
            "quovadisglobal.com",
            "digitalcertvalidation.com",
        ],
    ),
    (
        &["sectigo", "comodo", "usertrust", "zerossl", "gandi", "geant vereniging", "trustasia"],
        &["sectigo.com", "comodo.com", "comodoca.com", "usertrust.com", "trust-provider.com", "zerossl.com"],
    ),
    (&["entrust", "affirmtrust"], &["entrust.net", "affirmtrust.com"]),
    (&["globalsign", "alphassl"], &["globalsign.com"]),
    (&["godaddy", "starfield"], &["godaddy.com", "starfieldtech.com"]),
    (&["hellenic academic", "harica"], &["harica.gr"]),
    (&["actalis"], &["actalis.it"]),
    (&["buypass"], &["buypass.com", "buypass.no"]),
    (&["swisssign"], &["swisssign.com", "swisssign.net"]),
    (&["d-trust"], &["d-trust.net", "dtrust.de", "d-trust.de", "dtrust.net", "bundesdruckerei.de"]),
    (&["t-systems", "telekom security", "t-telesec", "telesec"], &["telesec.de", "telekom.de"]),
    (&["certum", "asseco", "unizeto"], &["certum.pl", "certum.eu"]),
    (&["ssl corp", "ssl.com"], &["ssl.com"]),
    (&["identrust"], &["identrust.com"]),
    (&["certigna", "dhimyotis"], &["certigna.fr"]),
    (&["telia"], &["telia.com", "telia.fi", "telia.se"]),
    (&["microsoft"], &["microsoft.com"]),
    (&["trustwave", "securetrust", "vikingcloud"], &["trustwave.com", "securetrust.com"]),
    (&["secom"], &["secomtrust.net"]),
    (&["wisekey"], &["wisekey.com"]),
    (&["certainly"], &["certainly.com"]),
    (&["microsec", "e-szigno"], &["e-szigno.hu"]),
    (&["izenpe"], &["izenpe.eus", "izenpe.com"]),
    (&["disig"], &["disig.sk"]),
];

/// The domains of an issuer, by its name as RFC 4514 writes it; none: no authority that is known here.
pub(in crate::receiving::checks) fn domains(issuer: &str) -> Option<&'static [&'static str]> {
    let issuer = issuer.to_lowercase();
    AUTHORITIES
        .iter()
        .find(|(words, _)| words.iter().any(|word| issuer.contains(word)))
        .map(|(_, domains)| *domains)
}
