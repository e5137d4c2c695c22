//! How often the zone hashes names once more for its denials (RFC 9276).

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::dnssec::shared::domain::upkeep;
use crate::receiving::checks::lines::{self, unknown};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Inapplicable};
use crate::shared::evidence::scan::Evidence;

pub(super) static CHECK: Definition = Definition {
    id: "dnssec-nsec3-iterations",
    category: Category::Dnssec,
    scope: Scope::Domain,
    scale: Scale::Count,
    judge: nsec3_iterations,
    en: r"Additional rounds of NSEC3
    .count = { $count ->
        [0] The zone hashes names once for its denials (NSEC3), as it should.
        [one] The zone hashes names one more time than necessary for its denials (NSEC3).
       *[other] The zone hashes names { $count } more times than necessary for its denials (NSEC3).
    }
    .why = RFC 9276 §3.1 wants no additional rounds: they cost name servers and resolvers work and protect nothing. Validators treat zones with many, some from 51 on, most from 151 on, as not signed where something does not exist: DANE is lost there. Some then give no answer at all.
    .todo = Set the iterations of NSEC3 to 0 and leave out the salt, or use NSEC.",
    de: r"NSEC3-Iterationen
    .count = { $count ->
        [0] Die Zone verwendet keine zusätzlichen NSEC3-Iterationen.
        [one] Die Zone verwendet eine zusätzliche NSEC3-Iteration.
       *[other] Die Zone verwendet { $count } zusätzliche NSEC3-Iterationen.
    }
    .why = RFC 9276 §3.1 will keine zusätzlichen Iterationen: Sie kosten Nameserver und Resolver Arbeit und schützen nichts. Sind es viele, behandeln Validatoren die Zone als nicht signiert, wo es etwas nicht gibt (manche ab 51, die meisten ab 151): DANE geht dort verloren. Einige antworten dann gar nicht.
    .todo = Setzen Sie die Iterationen von NSEC3 auf 0 und lassen Sie das Salt weg, oder nehmen Sie NSEC.",
    ..Definition::BARE
};

/// RFC 9276 §3.1: none. A zone without NSEC3PARAM denies by NSEC, and hashes nothing.
pub(in crate::receiving::checks) fn nsec3_iterations(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let names = &evidence.names;
    let said = match upkeep(names) {
        Ok(upkeep) => {
            let most = upkeep.nsec3.records().iter().map(|hashing| hashing.iterations).max();
            let said = match (unknown(&upkeep.nsec3), most) {
                (Some(why), _) => Said::inconclusive(why),
                (None, None) => Said::not_applicable(Inapplicable::NoRecord),
                (None, Some(iterations)) => Said::count(iterations.into()),
            };
            said.seen(lines::of(&upkeep.nsec3))
        }
        Err(said) => said.seen(lines::of(&names.keys)),
    };
    domain(Check::Nsec3Iterations, evidence, said)
}
