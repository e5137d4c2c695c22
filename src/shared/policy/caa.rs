//! CAA (RFC 8659, RFC 8657, RFC 9495): what the properties say.

use std::fmt;

use super::fields::{self, WSP};

/// What a CAA record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaaProperty {
    /// `issue`: who may issue for the name.
    Issue(Issuer),
    /// `issuewild`: who may issue wildcards.
    IssueWild(Issuer),
    /// `issuemail`: who may issue for S/MIME (RFC 9495).
    IssueMail(Issuer),
    /// `issuevmc`: who may issue for logos (BIMI).
    IssueVmc(Issuer),
    /// `iodef`: where a request against the rules is to be told.
    Iodef(String),
    /// `contactemail` or `contactphone`: how the owner of the domain is reached (Baseline Requirements, appendix A).
    Contact(String),
    Other,
}

/// Who may issue certificates for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The authority's domain in lower case; none: nobody may.
    pub domain: Option<String>,
    /// Parameters, such as `accounturi` (RFC 8657); what they mean is the authority's own matter.
    pub parameters: Vec<(String, String)>,
}

/// A tag or value that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is no value of `{tag}`")]
pub struct CaaError {
    tag: String,
    value: String,
}

impl CaaProperty {
    /// Reads a record's tag, in lower case, and its value.
    ///
    /// # Errors
    ///
    /// If the value is not of the form that its property has.
    pub fn read(tag: &str, value: &str) -> Result<Self, CaaError> {
        let error = || CaaError { tag: tag.to_owned(), value: value.to_owned() };
        let issuer = || issuer(value).ok_or_else(error);
        let if_sound = |sound: bool, property: fn(String) -> Self| {
            sound.then(|| property(value.to_owned())).ok_or_else(error)
        };
        match tag {
            "issue" => issuer().map(Self::Issue),
            "issuewild" => issuer().map(Self::IssueWild),
            "issuemail" => issuer().map(Self::IssueMail),
            "issuevmc" => issuer().map(Self::IssueVmc),
            // RFC 8659 §4.4: an address of mail, or of RID over HTTP, which its own example has without TLS.
            "iodef" => if_sound(fields::is_report_uri(value, &["https", "http"]), Self::Iodef),
            "contactemail" => if_sound(fields::is_mailbox(value), Self::Contact),
            "contactphone" => if_sound(is_global_number(value), Self::Contact),
            // RFC 8659 §4.1: letters and digits.
            tag if tag.is_empty() || !tag.bytes().all(|octet| octet.is_ascii_alphanumeric()) => Err(error()),
            _ => Ok(Self::Other),
        }
    }

    /// Whether parameters that have a standard say what it has them say. An authority that does not know a method, for
    /// instance, may still issue by another that it knows (RFC 8657 §4).
    pub fn has_sound_parameters(&self) -> bool {
        let issuer = match self {
            Self::Issue(issuer)
            | Self::IssueWild(issuer)
            | Self::IssueMail(issuer)
            | Self::IssueVmc(issuer) => issuer,
            Self::Iodef(_) | Self::Contact(_) | Self::Other => return true,
        };
        issuer.parameters.iter().all(|(tag, value)| match tag.to_ascii_lowercase().as_str() {
            "validationmethods" => value.is_empty() || value.split(',').all(is_method),
            "accounturi" => fields::is_absolute(value),
            _ => true,
        })
    }

    /// Whether an authority that keeps to the standards understands it: one that it does not understand, and that is
    /// critical, keeps it from issuing (RFC 8659 §4.1).
    pub fn is_known(&self) -> bool {
        !matches!(self, Self::Other)
    }
}

/// RFC 8659 §4.2: `[domain] [; parameters]`.
fn issuer(value: &str) -> Option<Issuer> {
    let (domain, parameters) = match value.split_once(';') {
        Some((domain, parameters)) => (domain, parameters.trim_matches(WSP)),
        None => (value, ""),
    };
    let domain = domain.trim_matches(WSP);
    if !domain.is_empty() && !domain.split('.').all(fields::is_label) {
        return None;
    }
    let mut read = Vec::new();
    if !parameters.is_empty() {
        for parameter in parameters.split(';') {
            let (tag, value) = parameter.split_once('=')?;
            let (tag, value) = (tag.trim_matches(WSP), value.trim_matches(WSP));
            if !fields::is_label(tag) || !value.chars().all(|c| c.is_ascii_graphic()) {
                return None;
            }
            read.push((tag.to_owned(), value.to_owned()));
        }
    }
    let domain = (!domain.is_empty()).then(|| domain.to_ascii_lowercase());
    Some(Issuer { domain, parameters: read })
}

/// RFC 8657 §4: a method of validation that is registered, or an authority's own, which begins with `ca-`. Every one
/// in the registry ends in its version, such as `dns-01`; the registry grows, so its list is not kept here.
fn is_method(text: &str) -> bool {
    let version = text.rsplit_once('-').map(|(_, version)| version);
    let versioned = version.is_some_and(|v| v.len() == 2 && v.bytes().all(|octet| octet.is_ascii_digit()));
    fields::is_label(text) && (versioned || text.starts_with("ca-"))
}

/// A number for the whole world (RFC 3966 §3): `+`, digits, and what makes them legible.
fn is_global_number(text: &str) -> bool {
    text.strip_prefix('+').is_some_and(|number| {
        number.bytes().any(|octet| octet.is_ascii_digit())
            && number.bytes().all(|octet| octet.is_ascii_digit() || b"-.()".contains(&octet))
    })
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.domain {
            Some(domain) => f.write_str(domain)?,
            None => f.write_str(";")?,
        }
        for (n, (tag, value)) in self.parameters.iter().enumerate() {
            let separator = if n > 0 || self.domain.is_some() { "; " } else { " " };
            write!(f, "{separator}{tag}={value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuers_read_back_as_they_were_written() {
        for (text, domain, parameters) in [
            ("letsencrypt.org", Some("letsencrypt.org"), 0),
            (";", None, 0),
            ("; policy=ev", None, 1),
            ("ca1.example.net; account=230123; policy=ev", Some("ca1.example.net"), 2),
            (
                "le.example; accounturi=https://le.example/acct/1;validationmethods=dns-01",
                Some("le.example"),
                2,
            ),
        ] {
            let CaaProperty::Issue(issuer) = CaaProperty::read("issue", text).expect(text) else {
                panic!("{text}")
            };
            assert_eq!((issuer.domain.as_deref(), issuer.parameters.len()), (domain, parameters), "{text}");
            let again = CaaProperty::read("issue", &issuer.to_string());
            assert_eq!(again, Ok(CaaProperty::Issue(issuer)));
        }
        assert!(matches!(
            CaaProperty::read("issue", ""),
            Ok(CaaProperty::Issue(Issuer { domain: None, .. }))
        ));
        assert!(
            matches!(CaaProperty::read("issuewild", "A.Example"), Ok(CaaProperty::IssueWild(issuer)) if issuer.domain.as_deref() == Some("a.example"))
        );
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_read_reads_back(value in "[a-z0-9=;. -]{0,40}|.{0,40}") {
            if let Ok(CaaProperty::Issue(issuer)) = CaaProperty::read("issue", &value) {
                assert_eq!(CaaProperty::read("issue", &issuer.to_string()), Ok(CaaProperty::Issue(issuer)));
            }
        }
    }

    /// The examples of RFC 8659 §4, RFC 8657 and RFC 9495, and what people publish.
    #[test]
    fn what_the_grammar_knows() {
        for (tag, value) in [
            ("issue", "ca1.example.net; validationmethods=dns-01,ca-custom"),
            (
                "issuewild",
                "ca.example; accounturi=https://ca.example/account/2345; validationmethods=http-01",
            ),
            ("issue", " CA1.example.net ; account=230123"),
            ("issuemail", "authority.example; account=123456"),
            ("issuevmc", ";"),
            ("issue", "ca.example; validationmethods="),
            ("iodef", "mailto:security@example.net"),
            ("iodef", "MAILTO:security@example.net"),
            ("iodef", "http://iodef.example.com/"),
            ("iodef", "https://report.example.com"),
            ("contactemail", "contact@example.com"),
            ("contactphone", "+3185123456"),
            ("contactphone", "+1(555)010-99.88"),
        ] {
            let property = CaaProperty::read(tag, value).unwrap_or_else(|error| panic!("{error}"));
            assert!(property.is_known() && property.has_sound_parameters(), "{tag} {value}");
        }
        assert_eq!(CaaProperty::read("tbs", "anything"), Ok(CaaProperty::Other));
    }

    #[test]
    fn parameters_that_have_a_standard_are_read_by_it() {
        for parameters in
            ["validationmethods=dns-01,custom", "validationmethods=dns-01,", "accounturi=230123"]
        {
            let property =
                CaaProperty::read("issue", &format!("ca.example; {parameters}")).expect(parameters);
            assert!(!property.has_sound_parameters(), "{parameters}");
        }
    }

    #[test]
    fn what_the_grammar_does_not_know_is_an_error() {
        for (tag, value) in [
            ("issue", "ca1.example.net policy=ev"),
            ("issue", "%%%%%"),
            ("issue", "\u{1f4a9}"),
            ("issue", "ca.example; account"),
            ("issue", "ca.example; account=1;;x=2"),
            ("issue", "ca.example; account=\u{1f4a9}"),
            ("issue", "ca..example"),
            ("issue", "ca.example; validationmethods=dns-01, http-01"),
            ("issuewild", "-ca.example"),
            ("issuemail", "ca.example; a_b=1"),
            ("iodef", "security@example.net"),
            ("iodef", "mailto:"),
            ("iodef", "mailto:a"),
            ("iodef", "https://"),
            ("iodef", "ftp://report.example.com"),
            ("contactemail", "not-an-email"),
            ("contactemail", ""),
            ("contactphone", "not-a-phone-number"),
            ("contactphone", "0555 0100"),
            ("contactphone", "+"),
            ("with-dash", "x"),
            ("", "x"),
        ] {
            assert!(CaaProperty::read(tag, value).is_err(), "{tag} {value}");
        }
    }
}
