//! A policy record (RFC 9989 §4.7).

use std::fmt;

use super::fault::DmarcFault;

/// A DMARC policy record (RFC 9989 §4.7).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DmarcRecord {
    /// `p`: for the domain itself.
    pub p: Option<Request>,
    /// `sp`: for subdomains that exist, if another than `p`.
    pub sp: Option<Request>,
    /// `np`: for subdomains that do not exist, if another than `sp`.
    pub np: Option<Request>,
    /// `psd`: what kind of domain it is.
    pub psd: Psd,
    /// `t=y`: what is asked is only tested.
    pub testing: bool,
    /// `rua`: where aggregate reports are wanted (RFC 9990); limits of size are cut off.
    pub rua: Vec<String>,
    /// `ruf`: where failure reports are wanted (RFC 9991), likewise.
    pub ruf: Vec<String>,
    /// `adkim=s`: the domain of DKIM must be the same.
    pub strict_dkim: bool,
    /// `aspf=s`: the domain of SPF must be the same.
    pub strict_spf: bool,
    /// `fo`: when failure reports are wanted; `0` where nothing is said.
    pub fo: Option<String>,
    /// What was passed over.
    pub faults: Vec<DmarcFault>,
    /// Whether `p`, `sp` or `np` stands twice and says two things. Of the two the first is kept, but RFC 6376 §3.2 has
    /// the whole list invalid, which RFC 9989 §4.7 takes over: receivers do not agree.
    pub contradicts: bool,
}

/// What is asked of receivers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Request {
    /// Nothing.
    None,
    /// Suspicion.
    Quarantine,
    /// Rejection.
    Reject,
}

/// Whether a domain is one below which others register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Psd {
    /// `y`: it is.
    Yes,
    /// `n`: it is not, and is the organisational domain.
    No,
    /// `u`: the walk decides.
    #[default]
    Unknown,
}

/// Why TXT records are no DMARC record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DmarcError {
    /// None of the records begins with `v=DMARC1`.
    #[error("there is no record that begins with v=DMARC1")]
    Absent,
    /// More than one does: all are discarded (RFC 9989 §4.10).
    #[error("there is more than one record that begins with v=DMARC1")]
    Several,
}

impl DmarcRecord {
    /// Whether a TXT record is a DMARC record: its first field is the version, exactly (RFC 9989 §4.7, `v`).
    pub fn is_of_version(text: &str) -> bool {
        let version = text.split(';').next().and_then(|field| field.split_once('='));
        version.is_some_and(|(tag, value)| {
            tag.trim_end_matches(WSP) == "v" && value.trim_matches(WSP) == "DMARC1"
        })
    }

    /// Whether a TXT record would be one if its tags were in lower case: tags have a case (RFC 6376 §3.2), and few
    /// receivers read others, though the grammar of the version by itself allows for them (RFC 9989 §4.8).
    pub fn is_in_capitals(text: &str) -> bool {
        let rest = text.strip_prefix('V').map(|rest| format!("v{rest}"));
        rest.is_some_and(|rest| Self::is_of_version(&rest))
    }

    /// Reads the TXT records of a name, each already joined from its strings; others are passed over.
    pub fn from_txt<'a>(records: impl IntoIterator<Item = &'a str>) -> Result<Self, DmarcError> {
        let mut found = records.into_iter().filter(|text| Self::is_of_version(text));
        let text = found.next().ok_or(DmarcError::Absent)?;
        if found.next().is_some() {
            return Err(DmarcError::Several);
        }
        let mut record = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        let fields = text.split(';').skip(1).map(|field| field.trim_matches(WSP));
        for field in fields.filter(|field| !field.is_empty()) {
            let Some((tag, value)) = field.split_once('=') else {
                record.faults.push(DmarcFault::Field(field.to_owned()));
                continue;
            };
            let (tag, value) = (tag.trim_end_matches(WSP), value.trim_start_matches(WSP));
            if seen.contains(&tag) {
                record.contradicts |= record.differs(tag, value);
                record.faults.push(DmarcFault::Twice(tag.to_owned()));
            } else {
                seen.push(tag);
                record.read(tag, value);
            }
        }
        Ok(record)
    }

    /// Whether a tag that says what is asked says something else than before.
    fn differs(&self, tag: &str, value: &str) -> bool {
        let again = request(&value.to_ascii_lowercase());
        match tag {
            "p" => self.p != again,
            "sp" => self.sp != again,
            "np" => self.np != again,
            _ => false,
        }
    }

    fn read(&mut self, tag: &str, value: &str) {
        let lower = value.to_ascii_lowercase();
        let understood = match tag {
            "p" => set(&mut self.p, request(&lower)),
            "sp" => set(&mut self.sp, request(&lower)),
            "np" => set(&mut self.np, request(&lower)),
            "psd" => match lower.as_str() {
                "y" => put(&mut self.psd, Psd::Yes),
                "n" => put(&mut self.psd, Psd::No),
                other => other == "u",
            },
            "t" => switch(&mut self.testing, &lower, "y", "n"),
            "adkim" => switch(&mut self.strict_dkim, &lower, "s", "r"),
            "aspf" => switch(&mut self.strict_spf, &lower, "s", "r"),
            "fo" => {
                // RFC 9989 names `0`, `1`, or `d` and `s`; RFC 7489 let all of them stand together.
                let known =
                    lower.split(':').all(|option| matches!(option.trim_matches(WSP), "0" | "1" | "d" | "s"));
                set(&mut self.fo, known.then_some(lower))
            }
            "rua" => addresses(&mut self.rua, value),
            "ruf" => addresses(&mut self.ruf, value),
            "pct" | "rf" | "ri" => return self.faults.push(DmarcFault::Dropped(tag.to_owned())),
            _ => return self.faults.push(DmarcFault::Unknown(tag.to_owned())),
        };
        if !understood {
            self.faults.push(DmarcFault::Value { tag: tag.to_owned(), value: value.to_owned() });
        }
    }

    /// What it asks for the domain itself (RFC 9989 §4.10.1): where `p` is missing or wrong, or `sp` or `np` is
    /// wrong, it asks for nothing if it names an address for reports, else no record applies at all.
    pub fn asks(&self) -> Option<Request> {
        let wrong = |fault: &DmarcFault| matches!(fault, DmarcFault::Value { tag, .. } if matches!(tag.as_str(), "p" | "sp" | "np"));
        match self.p {
            Some(request) if !self.faults.iter().any(wrong) => Some(request),
            _ => (!self.rua.is_empty()).then_some(Request::None),
        }
    }

    /// What it asks for subdomains that exist, and for those that do not (RFC 9989 §4.7: `np`, else `sp`, else `p`).
    pub fn asks_below(&self) -> Option<(Request, Request)> {
        let p = self.asks()?;
        let below = |request: Option<Request>| if self.p == Some(p) { request } else { None };
        let sp = below(self.sp).unwrap_or(p);
        Some((sp, below(self.np).unwrap_or(sp)))
    }

    /// The domains that reports are wanted at, in lower case, each once.
    pub fn report_domains(&self) -> Vec<String> {
        let mut domains: Vec<String> = Vec::new();
        for address in self.rua.iter().chain(&self.ruf) {
            if let Some(domain) = report_domain(address)
                && !domains.contains(&domain)
            {
                domains.push(domain);
            }
        }
        domains
    }
}

/// White space within a record.
const WSP: [char; 2] = [' ', '\t'];

fn request(text: &str) -> Option<Request> {
    match text {
        "none" => Some(Request::None),
        "quarantine" => Some(Request::Quarantine),
        "reject" => Some(Request::Reject),
        _ => None,
    }
}

fn set<T>(place: &mut Option<T>, value: Option<T>) -> bool {
    *place = value;
    place.is_some()
}

fn put<T>(place: &mut T, value: T) -> bool {
    *place = value;
    true
}

fn switch(place: &mut bool, value: &str, on: &str, off: &str) -> bool {
    *place = value == on;
    value == on || value == off
}

/// Takes what has the form of an address; false if something has not.
fn addresses(place: &mut Vec<String>, value: &str) -> bool {
    let mut all = true;
    for uri in value.split(',').map(|uri| uri.trim_matches(WSP)) {
        // RFC 7489 let a limit of size follow; RFC 9989 §4.6 has it ignored. `!` itself must be written `%21`.
        let uri = uri.split('!').next().unwrap_or_default();
        let scheme = uri.split_once(':').map(|(scheme, rest)| (scheme.to_ascii_lowercase(), rest));
        let formed = scheme.is_some_and(|(scheme, rest)| {
            let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
            let is_rest = !rest.is_empty() && rest.chars().all(|c| c.is_ascii_graphic());
            is_scheme && is_rest && (scheme != "mailto" || report_domain(uri).is_some())
        });
        if formed {
            place.push(uri.to_owned());
        }
        all &= formed;
    }
    all
}

/// The domain that a report would go to.
fn report_domain(uri: &str) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    let domain = if scheme.eq_ignore_ascii_case("mailto") {
        let (local, domain) = rest.split('?').next()?.rsplit_once('@')?;
        if local.is_empty() { "" } else { domain }
    } else {
        let authority = rest.strip_prefix("//")?.split(['/', '?', '#']).next()?;
        authority.rsplit('@').next()?.split(':').next()?
    };
    let domain = domain.trim_end_matches('.').to_ascii_lowercase();
    (!domain.is_empty()).then_some(domain)
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Quarantine => "quarantine",
            Self::Reject => "reject",
        })
    }
}

impl fmt::Display for DmarcRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("v=DMARC1")?;
        for (tag, request) in [("p", self.p), ("sp", self.sp), ("np", self.np)] {
            request.iter().try_for_each(|request| write!(f, "; {tag}={request}"))?;
        }
        match self.psd {
            Psd::Yes => f.write_str("; psd=y")?,
            Psd::No => f.write_str("; psd=n")?,
            Psd::Unknown => {}
        }
        let switches = [(self.testing, "t=y"), (self.strict_dkim, "adkim=s"), (self.strict_spf, "aspf=s")];
        switches.iter().filter(|(on, _)| *on).try_for_each(|(_, text)| write!(f, "; {text}"))?;
        self.fo.iter().try_for_each(|fo| write!(f, "; fo={fo}"))?;
        for (tag, addresses) in [("rua", &self.rua), ("ruf", &self.ruf)] {
            if !addresses.is_empty() {
                write!(f, "; {tag}={}", addresses.join(","))?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> DmarcRecord {
        DmarcRecord::from_txt([text]).expect(text)
    }

    #[test]
    fn reads_back_as_it_was_written() {
        for text in [
            "v=DMARC1",
            "v=DMARC1; p=none",
            "v=DMARC1; p=reject; sp=quarantine; np=reject; psd=n; t=y; adkim=s; aspf=s; fo=1; \
             rua=mailto:a@example.net,mailto:b@example.com; ruf=mailto:c@example.org",
        ] {
            let record = read(text);
            assert_eq!(record.to_string(), text);
            assert_eq!(record.faults, []);
        }
        let spaced = "v = DMARC1 ;\tp = Reject ;t= n;psd=u; adkim=r ; rua = mailto:a@example.net!10m , mailto:b@b.example;";
        assert_eq!(
            read(spaced).to_string(),
            "v=DMARC1; p=reject; rua=mailto:a@example.net,mailto:b@b.example"
        );
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_read_reads_back(tags in "[a-z0-9=;:,!@. ]{0,80}|.{0,40}") {
            if let Ok(record) = DmarcRecord::from_txt([format!("v=DMARC1;{tags}").as_str()]) {
                let again = read(&record.to_string());
                assert_eq!(again, DmarcRecord { faults: Vec::new(), contradicts: false, ..record });
            }
        }
    }

    #[test]
    fn a_record_is_one_and_begins_with_its_version() {
        for text in
            ["v=DMARC1.0; p=none", "v=dmarc1; p=none", " v=DMARC1", "p=none; v=DMARC1", "v=DMARC1 p=none", ""]
        {
            assert_eq!(DmarcRecord::from_txt([text]), Err(DmarcError::Absent), "{text}");
        }
        let two = ["v=DMARC1; p=none", "x", "v=DMARC1; p=reject"];
        assert_eq!(DmarcRecord::from_txt(two), Err(DmarcError::Several));
    }

    #[test]
    fn what_is_wrong_counts_for_nothing() {
        use DmarcFault::*;
        let value = |tag: &str, value: &str| Value { tag: tag.to_owned(), value: value.to_owned() };
        for (text, fault) in [
            ("p=block", value("p", "block")),
            ("p=none; sp=", value("sp", "")),
            ("p=none; t=yes", value("t", "yes")),
            ("p=none; psd=x", value("psd", "x")),
            ("p=none; adkim=strict", value("adkim", "strict")),
            ("p=none; fo=2", value("fo", "2")),
            ("p=none; rua=a@example.net", value("rua", "a@example.net")),
            ("p=none; ruf=mailto:example.net", value("ruf", "mailto:example.net")),
            ("p=none; nonsense", Field("nonsense".to_owned())),
            ("p=none; p=reject", Twice("p".to_owned())),
            ("p=none; x=y", Unknown("x".to_owned())),
            ("p=none; pct=50", Dropped("pct".to_owned())),
        ] {
            assert_eq!(read(&format!("v=DMARC1; {text}")).faults, [fault], "{text}");
        }
    }

    #[test]
    fn one_that_says_two_things_contradicts_itself() {
        for (text, contradicts) in [
            ("p=reject; p=none", true),
            ("p=reject; p=nonsense", true),
            ("p=reject; sp=none; sp=quarantine", true),
            ("p=reject; p=Reject", false),
            ("p=reject; rua=mailto:a@b.example; rua=mailto:c@b.example", false),
        ] {
            let record = read(&format!("v=DMARC1; {text}"));
            assert_eq!((record.contradicts, record.p), (contradicts, Some(Request::Reject)), "{text}");
        }
    }

    #[test]
    fn tags_in_capitals_are_told() {
        assert!(DmarcRecord::is_in_capitals("V=DMARC1; P=reject"));
        for other in ["v=DMARC1; P=reject", "V=dmarc1; P=reject", "V=spf1 -all", ""] {
            assert!(!DmarcRecord::is_in_capitals(other), "{other}");
        }
    }

    /// RFC 9989 §4.10.1.
    #[test]
    fn what_is_asked() {
        use Request::*;
        let rua = "rua=mailto:a@example.net";
        for (text, asks, below) in [
            ("p=reject", Some(Reject), Some((Reject, Reject))),
            ("p=reject; sp=none", Some(Reject), Some((None, None))),
            ("p=reject; sp=none; np=quarantine", Some(Reject), Some((None, Quarantine))),
            ("sp=reject", Option::None, Option::None),
            (rua, Some(None), Some((None, None))),
            (&format!("p=reject; np=x; {rua}"), Some(None), Some((None, None))),
            ("p=reject; np=x", Option::None, Option::None),
        ] {
            let record = read(&format!("v=DMARC1; {text}"));
            assert_eq!((record.asks(), record.asks_below()), (asks, below), "{text}");
        }
    }

    #[test]
    fn domains_of_reports() {
        let record = read(
            "v=DMARC1; p=none; rua=mailto:a@Reports.Example?x=y,https://u@collect.example:8443/x; ruf=mailto:b@reports.example",
        );
        assert_eq!(record.report_domains(), ["reports.example", "collect.example"]);
    }
}
