//! Look-ups in one line each, and why one cannot be used.

use std::net::IpAddr;

use super::registries;
use crate::receiving::checks::Unknown;
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{
    Broken, CaaRecord, DnsLimit, DsRecord, Evidence, ExtendedError, KeyRecord, LookupResult, MxRecord,
    NameAnswer, NameFailure, Nsec3Parameters,
};
use crate::shared::policy::Tlsa;

/// Each line once, where it stood first.
pub(super) fn dedup(lines: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut kept = Vec::new();
    for line in lines {
        if !kept.contains(&line) {
            kept.push(line);
        }
    }
    kept
}

/// Why the content of a look-up says nothing; none: it may be used, denial or not.
pub(super) fn unknown<T>(looked: &LookupResult<T>) -> Option<Unknown> {
    match &looked.answer {
        NameAnswer::Failed { failure } => Some(match failure {
            NameFailure::Bogus => Unknown::DnsBogus,
            NameFailure::Indeterminate { .. } => Unknown::DnsIndeterminate,
            NameFailure::NoRoot { .. } | NameFailure::ServerFailure { .. } | NameFailure::Timeout => {
                Unknown::DnsFailed
            }
            NameFailure::OurLimit { limit: DnsLimit::Ed448 } => Unknown::DnsAlgorithm,
            NameFailure::OurLimit { .. } => Unknown::DnsLimit,
        }),
        NameAnswer::NotAsked => Some(Unknown::Cut),
        NameAnswer::Records { .. } | NameAnswer::NoData | NameAnswer::NoName => match looked.weakest() {
            Security::Secure | Security::Insecure => None,
            Security::Bogus => Some(Unknown::DnsBogus),
            Security::Indeterminate => Some(Unknown::DnsIndeterminate),
        },
    }
}

/// Likewise, of a look-up that is made only after another: where it was not made, the other says why.
pub(super) fn unknown_after<T, U>(looked: &LookupResult<T>, before: &LookupResult<U>) -> Option<Unknown> {
    let own = unknown(looked);
    if matches!(looked.answer, NameAnswer::NotAsked) { unknown(before).or(own) } else { own }
}

/// Why a list of records does not say all: some were left out by a limit of ours. None: it is whole.
pub(super) fn cut<T>(evidence: &Evidence, looked: &LookupResult<T>) -> Option<Unknown> {
    (!evidence.is_whole(looked)).then_some(Unknown::Cut)
}

/// A record as it is shown.
pub(super) trait Shown {
    /// In master-file format, or close to it.
    fn shown(&self) -> String;
}

impl Shown for String {
    fn shown(&self) -> String {
        self.clone()
    }
}

impl Shown for IpAddr {
    fn shown(&self) -> String {
        self.to_string()
    }
}

impl Shown for MxRecord {
    fn shown(&self) -> String {
        let host = if self.host.is_empty() { "." } else { &self.host };
        format!("{} {host}", self.preference)
    }
}

impl Shown for DsRecord {
    fn shown(&self) -> String {
        format!("{} {} {}", self.key_tag, self.algorithm, self.digest_type)
    }
}

impl Shown for KeyRecord {
    fn shown(&self) -> String {
        let bits = self.bits.map(|bits| format!(" ({bits} bits)")).unwrap_or_default();
        format!("{} 3 {} key {}{bits}", self.flags, self.algorithm, self.key_tag)
    }
}

impl Shown for Nsec3Parameters {
    fn shown(&self) -> String {
        format!("{} {} ({} octets of salt)", self.algorithm, self.iterations, self.salt_octets)
    }
}

impl Shown for CaaRecord {
    fn shown(&self) -> String {
        format!("{} {} \"{}\"", self.flags, self.tag, self.value)
    }
}

impl Shown for Tlsa {
    fn shown(&self) -> String {
        self.to_string()
    }
}

/// A look-up: each alias with its state, then the answer with its own, then what is wrong with it; such as
/// `MX example.net: 10 mx1.example.net (secure)`.
pub(super) fn of<T: Shown>(looked: &LookupResult<T>) -> Vec<String> {
    let mut lines: Vec<_> = looked
        .hops
        .iter()
        .map(|hop| {
            let made = hop.dname.as_ref().map(|dname| format!(", by DNAME {dname}")).unwrap_or_default();
            format!("CNAME {}: {} ({}{made})", hop.from, hop.to, state(hop.security))
        })
        .collect();
    let owner = looked.hops.last().map_or(looked.name.as_str(), |hop| hop.to.as_str());
    let about = format!("{} {}", looked.rtype, or_root(owner));
    let security = state(looked.security);
    match &looked.answer {
        NameAnswer::Records { records } => {
            lines.extend(records.iter().map(|record| format!("{about}: {} ({security})", record.shown())));
        }
        NameAnswer::NoData => lines.push(format!("{about}: NODATA ({security}){}", proof(looked))),
        NameAnswer::NoName => lines.push(format!("{about}: NXDOMAIN ({security}){}", proof(looked))),
        NameAnswer::Failed { failure } => lines.push(format!("{about}: {}", failed(failure))),
        NameAnswer::NotAsked => lines.push(format!("{about}: -")),
    }
    if let Some(broken) = &looked.broken {
        lines.push(format!("{about}: {}", reason(broken)));
    }
    lines.extend(extended(looked));
    lines
}

/// What the resolver said beside its answer, in a line each (RFC 8914).
pub(super) fn extended<T>(looked: &LookupResult<T>) -> Vec<String> {
    let owner = looked.hops.last().map_or(looked.name.as_str(), |hop| hop.to.as_str());
    let line = |error: &ExtendedError| {
        let name = registries::extended_error(error.code).map(|name| format!(" ({name})"));
        let text = if error.text.is_empty() { String::new() } else { format!(" \"{}\"", error.text) };
        format!("{} {}: EDE {}{}{text}", looked.rtype, or_root(owner), error.code, name.unwrap_or_default())
    };
    looked.extended_errors.iter().map(line).collect()
}

/// What proves a denial, such as ` by NSEC example.net`.
fn proof<T>(looked: &LookupResult<T>) -> String {
    let over = looked.signature.as_ref().and_then(|signature| signature.over.as_ref());
    let over = over.filter(|over| looked.denied() && over.denies());
    over.map_or(String::new(), |over| format!(" by {} {}", over.rtype, over.owner))
}

/// Why the answer does not validate, in one line with its name; none where it does, or where that is not known.
pub(super) fn broken<T>(looked: &LookupResult<T>) -> Option<String> {
    let owner = looked.hops.last().map_or(looked.name.as_str(), |hop| hop.to.as_str());
    looked.broken.as_ref().map(|broken| format!("{} {owner}: {}", looked.rtype, reason(broken)))
}

/// A name as it is shown; the root is a dot.
fn or_root(name: &str) -> &str {
    if name.is_empty() { "." } else { name }
}

fn failed(failure: &NameFailure) -> String {
    match failure {
        NameFailure::Bogus => "bogus".to_owned(),
        NameFailure::Indeterminate { reason } => format!("indeterminate: {reason}"),
        NameFailure::NoRoot { reason } => format!("no root server answers: {reason}"),
        NameFailure::ServerFailure { reason } => reason.clone(),
        NameFailure::Timeout => "timeout".to_owned(),
        NameFailure::OurLimit { limit } => format!("our limit: {limit}"),
    }
}

/// A state as RFC 4033 §5 names it.
pub(super) fn state(security: Security) -> &'static str {
    match security {
        Security::Secure => "secure",
        Security::Insecure => "insecure",
        Security::Bogus => "bogus",
        Security::Indeterminate => "indeterminate",
    }
}

fn reason(broken: &Broken) -> String {
    match broken {
        Broken::Expired { at } => format!("RRSIG expired {at}"),
        Broken::NotYetValid { at } => format!("RRSIG not valid before {at}"),
        Broken::DoesNotVerify { key_tag } => format!("RRSIG does not verify, key {key_tag}"),
        Broken::NoSignature => "no RRSIG".to_owned(),
        Broken::WrongSigner { signer } => format!("RRSIG by {}, not by the zone", or_root(signer)),
        Broken::NoKey { key_tag } => format!("no DNSKEY {key_tag}"),
        Broken::NoMatchingDs { zone } => format!("no DNSKEY of {zone} matches its DS"),
        Broken::NoProof => "no proof of non-existence".to_owned(),
        Broken::Other { reason } => reason.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::sample;
    use super::*;
    use crate::shared::evidence::scan::Hop;

    #[test]
    fn shows_every_alias_with_its_state_and_what_is_wrong() {
        let mut looked = sample::secure("mx1.example.net", "A", vec!["192.0.2.1".parse::<IpAddr>().unwrap()]);
        assert_eq!(of(&looked), ["A mx1.example.net: 192.0.2.1 (secure)"]);
        looked.hops = vec![Hop {
            from: "mx1.example.net".to_owned(),
            to: "a.example.org".to_owned(),
            security: Security::Insecure,
            dname: Some("example.net".to_owned()),
        }];
        looked.answer = NameAnswer::Failed { failure: NameFailure::Bogus };
        looked.security = Security::Bogus;
        looked.broken = Some(Broken::Expired { at: sample::now() });
        looked.extended_errors = vec![ExtendedError { code: 7, text: "signature expired".to_owned() }];
        assert_eq!(
            of(&looked),
            [
                "CNAME mx1.example.net: a.example.org (insecure, by DNAME example.net)",
                "A a.example.org: bogus",
                "A a.example.org: RRSIG expired 2026-11-01T00:00:00Z",
                "A a.example.org: EDE 7 (Signature Expired) \"signature expired\"",
            ]
        );
    }

    #[test]
    fn only_denials_and_records_that_may_be_trusted_can_be_used() {
        let looked = sample::secure("example.net", "TXT", vec!["text".to_owned()]);
        for (answer, security, expected) in [
            (looked.answer.clone(), Security::Secure, None),
            (NameAnswer::NoData, Security::Insecure, None),
            (NameAnswer::NoName, Security::Bogus, Some(Unknown::DnsBogus)),
            (looked.answer.clone(), Security::Indeterminate, Some(Unknown::DnsIndeterminate)),
            (NameAnswer::NotAsked, Security::Indeterminate, Some(Unknown::Cut)),
            (
                NameAnswer::Failed { failure: NameFailure::Timeout },
                Security::Indeterminate,
                Some(Unknown::DnsFailed),
            ),
            (
                NameAnswer::Failed { failure: NameFailure::OurLimit { limit: DnsLimit::KeysOfATag } },
                Security::Indeterminate,
                Some(Unknown::DnsLimit),
            ),
            (
                NameAnswer::Failed { failure: NameFailure::OurLimit { limit: DnsLimit::Ed448 } },
                Security::Indeterminate,
                Some(Unknown::DnsAlgorithm),
            ),
        ] {
            let looked = LookupResult { answer, security, ..looked.clone() };
            assert_eq!(unknown(&looked), expected, "{looked:?}");
        }
    }
}
