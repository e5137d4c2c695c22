//! A policy record (RFC 9989 §4.7).

use std::fmt;

use super::fault::DmarcFault;
use super::report_uri::{addresses, report_domain};
use crate::shared::policy::fields::{WSP, only};

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
    /// `none`: that nothing be done.
    None,
    /// `quarantine`: that the mail be held suspicious.
    Quarantine,
    /// `reject`: that the mail be rejected.
    Reject,
}

/// Whether a domain is one below which others register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Psd {
    /// `y`: others register below it.
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
    ///
    /// # Errors
    ///
    /// If there is no record, or more than one.
    pub fn from_txt<'a>(records: impl IntoIterator<Item = &'a str>) -> Result<Self, DmarcError> {
        let text = only(records, Self::is_of_version, DmarcError::Absent, DmarcError::Several)?;
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
mod tests;
