//! Paths to a public root, and names.

use jiff::Timestamp;

use super::chains::{Chain, chains};
use crate::receiving::checks::check::Check;
use crate::receiving::checks::finding::{Finding, Word};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::unseen_certificate;
use crate::shared::evidence::scan::{Evidence, Path, PathFault, RootsUsed};

/// [`Check::CertTrust`].
pub(in crate::receiving::checks) fn trust(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::CertTrust, evidence, |_, server| match chains(evidence, server) {
        Err(measured) => measured.into(),
        Ok(chains) => {
            let worst = chains.iter().map(|chain| path(&chain.examined.path)).max_by_key(|word| rank(*word));
            let said = match (worst, unseen_certificate(evidence, server)) {
                (Some(Word::Trusted) | None, Some(why)) => Said::inconclusive(why),
                (worst, _) => Said::is(worst.unwrap_or(Word::Untrusted)),
            };
            said.details(chains.iter().map(row)).seen(chains.iter().map(|chain| path_line(evidence, chain)))
        }
    })
}

/// [`Check::CertName`] (RFC 6125, RFC 7672 §3.2.3): names count only in the subjectAltName.
pub(in crate::receiving::checks) fn name(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::CertName, evidence, |_, server| match chains(evidence, server) {
        Err(measured) => measured.into(),
        Ok(chains) => {
            let all = chains.iter().all(|chain| chain.examined.name_matches);
            let said = match (all, unseen_certificate(evidence, server)) {
                (false, _) => Said::is(Word::Unmatched),
                (true, Some(why)) => Said::inconclusive(why),
                (true, None) => Said::is(Word::Matched),
            };
            said.details(chains.iter().map(names))
                .seen(chains.iter().map(|chain| names_line(&server.host, chain)))
        }
    })
}

fn path(path: &Path) -> Word {
    match path {
        Path::Trusted { .. } => Word::Trusted,
        Path::Untrusted { fault: PathFault::SelfSigned, .. } => Word::SelfSigned,
        Path::Untrusted { fault: PathFault::UnknownIssuer | PathFault::Other, .. } => Word::Untrusted,
        Path::Untrusted { fault: PathFault::Expired, .. } => Word::Expired,
        Path::Untrusted { fault: PathFault::NotYetValid, .. } => Word::NotYetValid,
        Path::Untrusted { fault: PathFault::Purpose, .. } => Word::Unfit,
    }
}

/// What is harder to mend is worse: a date passes, an unknown issuer stays.
fn rank(word: Word) -> u8 {
    match word {
        Word::Trusted => 0,
        Word::NotYetValid => 1,
        Word::Expired => 2,
        Word::Unfit => 3,
        Word::SelfSigned => 4,
        _ => 5,
    }
}

fn row(chain: &Chain<'_>) -> String {
    match &chain.examined.path {
        Path::Trusted { root } => format!("{}: {root}", chain.title()),
        Path::Untrusted { reason, .. } => format!("{}: {reason}", chain.title()),
    }
}

fn names(chain: &Chain<'_>) -> String {
    format!("{}: {}", chain.title(), listed(chain))
}

fn listed(chain: &Chain<'_>) -> String {
    let (_, leaf) = chain.leaf();
    let left = usize::try_from(leaf.names_count).unwrap_or(usize::MAX).saturating_sub(leaf.names.len());
    let rest = if left > 0 { format!(" +{left}") } else { String::new() };
    format!("{}{rest}", leaf.names.join(" "))
}

/// Where the path of a chain led, by which roots.
pub(in crate::receiving::checks) fn path_line(evidence: &Evidence, chain: &Chain<'_>) -> String {
    chain.own(&match (&chain.examined.path, evidence.roots) {
        (Path::Trusted { root }, RootsUsed::Public) => format!("path to the root {root}"),
        (Path::Trusted { root }, RootsUsed::Own) => format!("path to the root {root}, of mx_roots"),
        (Path::Untrusted { reason, .. }, _) => reason.clone(),
    })
}

/// The names of a chain's first certificate, and the one that is looked for among them.
pub(in crate::receiving::checks) fn names_line(host: &str, chain: &Chain<'_>) -> String {
    let sign = if chain.examined.name_matches { "=" } else { "≠" };
    chain.own(&format!(
        "{} {sign} {host}",
        match listed(chain) {
            none if none.is_empty() => "-".to_owned(),
            names => names,
        }
    ))
}
