//! Paths to a public root, and names.

use crate::receiving::checks::certificate::shared::chains::Chain;
use crate::shared::evidence::scan::{Evidence, Path, RootsUsed};

pub(in crate::receiving::checks) fn listed(chain: &Chain<'_>) -> String {
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
