//! The name `mta-sts` below the domain. `Orphaned`: it has addresses, and no record announces a policy; `Dangling`: it
//! is an alias of a name that does not exist.

use jiff::Timestamp;

use crate::receiving::checks::binding::shared::mta_sts::{record_of, seen_record};
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Inapplicable, Word, lines};
use crate::shared::evidence::scan::{Evidence, NameAnswer};
use crate::shared::policy::RecordError;

pub(super) static CHECK: Definition = Definition {
    id: "mta-sts-host",
    category: Category::Binding,
    scope: Scope::Domain,
    scale: Scale::Words(&[Word::Present, Word::NoAddress, Word::Orphaned, Word::Dangling]),
    judge: host,
    en: r"Policy host of MTA-STS
    .present = The policy host, the name mta-sts below the domain, has an address.
    .no-address = The record announces a policy, but the policy host, the name mta-sts below the domain, has no address to fetch it from.
    .orphaned = The name mta-sts below the domain has an address, though no record announces a policy: one of the two was forgotten, or a wildcard gives the address.
    .dangling = The name mta-sts below the domain is an alias (CNAME) of a name that does not exist.
    .why = Whoever gets hold of the name that an alias leads to, by registering it or at a hoster, can get a certificate for the policy host, and publish a policy that keeps your mail away.
    .todo = Let mta-sts.{ $domain } lead to a host of yours that serves the policy; without MTA-STS, remove the name.",
    de: r"Webserver der MTA-STS-Richtlinie
    .present = Der Webserver der Richtlinie, der Name mta-sts unter der Domain, hat eine Adresse.
    .no-address = Der Eintrag kündigt eine Richtlinie an, aber ihr Webserver, der Name mta-sts unter der Domain, hat keine Adresse, von der sie abzurufen wäre.
    .orphaned = Der Name mta-sts unter der Domain hat eine Adresse, obwohl kein Eintrag eine Richtlinie ankündigt: Eines von beiden wurde vergessen, oder die Adresse kommt von einem Platzhalter (*).
    .dangling = Der Name mta-sts unter der Domain ist ein Alias (CNAME) für einen Namen, den es nicht gibt.
    .why = Wer den Namen bekommt, zu dem ein Alias führt, ob durch Registrierung oder bei einem Hoster, kann ein Zertifikat für den Webserver der Richtlinie erhalten und eine Richtlinie veröffentlichen, die Ihre Mail fernhält.
    .todo = Lassen Sie mta-sts.{ $domain } auf einen eigenen Webserver zeigen, der die Richtlinie ausliefert; ohne MTA-STS entfernen Sie den Namen.",
    ..Definition::BARE
};

fn host(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    let names = &evidence.names.mta_sts;
    let announced = match record_of(evidence) {
        Err(measured) => {
            let said = Said::from(measured).seen(seen_record(evidence));
            return domain(Check::MtaStsHost, evidence, said);
        }
        Ok(record) => record != Err(RecordError::Absent),
    };
    let has_address = !names.a.records().is_empty() || !names.aaaa.records().is_empty();
    // Whoever gets hold of the name that the alias leads to can answer for the domain.
    let leads_nowhere = [&names.a, &names.aaaa]
        .into_iter()
        .any(|looked| !looked.hops.is_empty() && looked.answer == NameAnswer::NoName);
    // Older evidence asked for the host only where there was a record.
    let was_asked = names.a.answer != NameAnswer::NotAsked;
    let said = match lines::unknown(&names.a).or(lines::unknown(&names.aaaa)) {
        None if leads_nowhere => Said::is(Word::Dangling),
        None if has_address => Said::is(if announced { Word::Present } else { Word::Orphaned }),
        None if announced => Said::is(Word::NoAddress),
        Some(why) if announced || was_asked => Said::inconclusive(why),
        _ => Said::not_applicable(Inapplicable::NoRecord),
    };
    let seen = [seen_record(evidence), lines::of(&names.a), lines::of(&names.aaaa)].concat();
    domain(Check::MtaStsHost, evidence, said.seen(seen))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::Unknown;
    use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use crate::shared::evidence::scan::LookupResult;

    fn no_record(evidence: &mut Evidence) {
        evidence.names.mta_sts.record.answer = NameAnswer::NoName;
    }

    fn no_host(evidence: &mut Evidence) {
        evidence.names.mta_sts.a.answer = NameAnswer::NoName;
        evidence.names.mta_sts.aaaa.answer = NameAnswer::NoName;
    }

    fn alias(evidence: &mut Evidence) {
        let hop = sample::hop("mta-sts.example.net", "gone.example.org");
        evidence.names.mta_sts.a.hops = vec![hop.clone()];
        evidence.names.mta_sts.aaaa.hops = vec![hop];
    }

    #[test]
    fn words() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Present)),
            (alias, is(Word::Present)),
            (|e| (no_host(e), alias(e)).1, is(Word::Dangling)),
            (|e| (no_record(e), no_host(e), alias(e)).2, is(Word::Dangling)),
            (no_host, is(Word::NoAddress)),
            (no_record, is(Word::Orphaned)),
            (|e| (no_record(e), no_host(e)).1, not_applicable(Inapplicable::NoRecord)),
            (
                |e| {
                    no_record(e);
                    e.names.mta_sts.a = LookupResult::not_asked("mta-sts.example.net", "A");
                    e.names.mta_sts.aaaa = LookupResult::not_asked("mta-sts.example.net", "AAAA");
                },
                not_applicable(Inapplicable::NoRecord),
            ),
            (|e| sample::times_out(&mut e.names.mta_sts.a), inconclusive(Unknown::DnsFailed)),
            (|e| (no_record(e), sample::breaks(&mut e.names.mta_sts.a)).1, inconclusive(Unknown::DnsBogus)),
            (|e| sample::times_out(&mut e.names.mta_sts.record), inconclusive(Unknown::DnsFailed)),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
        ];
        sample::check_all(host, cases);
    }
}
