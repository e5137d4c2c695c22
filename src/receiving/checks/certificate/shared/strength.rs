//! Keys and signatures of the certificates that verifiers rely on.

use crate::receiving::checks::certificate::shared::chains::{Chain, chains, title};
use crate::receiving::checks::check::Check;
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::tls::shared::surveyed::unseen_certificate;
use crate::receiving::checks::{Finding, Item};
use crate::shared::evidence::scan::{Certificate, Evidence};

pub(in crate::receiving::checks) fn of_each(
    check: Check,
    evidence: &Evidence,
    item: impl Fn(&Certificate) -> (Item, String),
) -> Vec<Finding> {
    each_address(check, evidence, |_, server| match chains(evidence, server) {
        Err(measured) => measured.into(),
        Ok(chains) => {
            let all: Vec<(String, (Item, String))> =
                chains.iter().flat_map(Chain::relied).map(|sent| (title(sent), item(sent.1))).collect();
            let mut rows: Vec<String> =
                all.iter().map(|(title, (_, name))| format!("{title}: {name}")).collect();
            rows.dedup();
            let lines = chains.iter().flat_map(|chain| {
                let relied = chain.relied().into_iter();
                relied.map(|sent| chain.line(sent, &item(sent.1).1)).collect::<Vec<_>>()
            });
            Said::items(all.into_iter().map(|(_, (item, _))| item), true)
                .open(unseen_certificate(evidence, server))
                .details(rows)
                .seen(lines)
        }
    })
}
