//! CAA (RFC 8659, RFC 9495): what the properties say.

use std::fmt;

/// What a CAA record says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CaaProperty {
    /// `issue`: who may issue for the name.
    Issue(Issuer),
    /// `issuewild`: who may issue wildcards.
    IssueWild(Issuer),
    /// `issuemail`: who may issue for S/MIME (RFC 9495).
    IssueMail(Issuer),
    /// `iodef`: where a request against the rules is to be told.
    Iodef(String),
    /// Another tag.
    Other,
}

/// Who may issue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issuer {
    /// The authority's domain in lower case; none: nobody may.
    pub domain: Option<String>,
    /// Parameters of the authority's own, such as `accounturi` (RFC 8657).
    pub parameters: Vec<(String, String)>,
}

/// A value that its tag does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{value}` is no value of `{tag}`")]
pub struct CaaError {
    tag: String,
    value: String,
}

impl CaaProperty {
    /// Reads a record's tag, in lower case, and its value.
    pub fn read(tag: &str, value: &str) -> Result<Self, CaaError> {
        let error = || CaaError { tag: tag.to_owned(), value: value.to_owned() };
        let issuer = || issuer(value).ok_or_else(error);
        match tag {
            "issue" => issuer().map(Self::Issue),
            "issuewild" => issuer().map(Self::IssueWild),
            "issuemail" => issuer().map(Self::IssueMail),
            // RFC 8659 §4.4: `mailto:`, or a URL for RID over HTTP.
            "iodef" => {
                let known = ["mailto:", "https://", "http://"].into_iter().any(|scheme| {
                    let begins =
                        value.get(..scheme.len()).is_some_and(|head| head.eq_ignore_ascii_case(scheme));
                    begins && value.len() > scheme.len() && value.chars().all(|c| c.is_ascii_graphic())
                });
                known.then(|| Self::Iodef(value.to_owned())).ok_or_else(error)
            }
            _ => Ok(Self::Other),
        }
    }
}

/// RFC 8659 §4.2: `[domain] [; parameters]`.
fn issuer(value: &str) -> Option<Issuer> {
    let (domain, parameters) = match value.split_once(';') {
        Some((domain, parameters)) => (domain, parameters.trim_matches(WSP)),
        None => (value, ""),
    };
    let domain = domain.trim_matches(WSP);
    if !domain.is_empty() && !domain.split('.').all(is_label) {
        return None;
    }
    let mut read = Vec::new();
    if !parameters.is_empty() {
        for parameter in parameters.split(';') {
            let (tag, value) = parameter.split_once('=')?;
            let (tag, value) = (tag.trim_matches(WSP), value.trim_matches(WSP));
            if !is_label(tag) || !value.chars().all(|c| c.is_ascii_graphic()) {
                return None;
            }
            read.push((tag.to_owned(), value.to_owned()));
        }
    }
    let domain = (!domain.is_empty()).then(|| domain.to_ascii_lowercase());
    Some(Issuer { domain, parameters: read })
}

const WSP: [char; 2] = [' ', '\t'];

/// Letters and digits, with hyphens between them.
fn is_label(text: &str) -> bool {
    let alphanumeric = |octet: &u8| octet.is_ascii_alphanumeric();
    text.as_bytes().first().is_some_and(alphanumeric)
        && text.as_bytes().last().is_some_and(alphanumeric)
        && text.bytes().all(|octet| alphanumeric(&octet) || octet == b'-')
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

    #[test]
    fn what_the_grammar_does_not_know_is_an_error() {
        for (tag, value) in [
            ("issue", "ca1.example.net policy=ev"),
            ("issue", "%%%%%"),
            ("issue", "ca.example; account"),
            ("issue", "ca.example; account=1;;x=2"),
            ("issue", "ca..example"),
            ("issuewild", "-ca.example"),
            ("issuemail", "ca.example; a_b=1"),
            ("iodef", "security@example.net"),
            ("iodef", "mailto:"),
        ] {
            assert!(CaaProperty::read(tag, value).is_err(), "{tag} {value}");
        }
        assert_eq!(CaaProperty::read("tbs", "anything"), Ok(CaaProperty::Other));
        let iodef = "mailto:security@example.net";
        assert_eq!(CaaProperty::read("iodef", iodef), Ok(CaaProperty::Iodef(iodef.to_owned())));
    }
}
