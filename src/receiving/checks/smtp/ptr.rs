//! Whether PTR names the address and that name has it (FCrDNS): `Absent` no PTR, `Unconfirmed` it does not.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::lines::{self, Shown, unknown};
use crate::receiving::checks::subjects::{Said, each_address};
use crate::receiving::checks::{Finding, Unknown, Word};
use crate::shared::evidence::scan::{Evidence, Server};

pub(super) static CHECK: Definition = Definition {
    id: "smtp-ptr",
    category: Category::Smtp,
    scope: Scope::Address,
    scale: Scale::Words(&[Word::Confirmed, Word::Unconfirmed, Word::Absent]),
    judge: ptr,
    en: r"Reverse name (PTR)
    .confirmed = The address has a reverse name, and that name has the address.
    .unconfirmed = The address has a reverse name, but that name does not have the address.
    .absent = The address has no reverse name.
    .why = For receiving mail this matters little. If the same address sends mail as well, many receivers refuse it without a matching pair.
    .todo = Ask the owner of the address, mostly your hoster, to set its reverse name to the host's name.",
    de: r"Name zur Adresse (PTR)
    .confirmed = Die Adresse hat einen Namen (PTR), und dieser Name hat die Adresse.
    .unconfirmed = Die Adresse hat einen Namen (PTR), aber dieser Name hat die Adresse nicht.
    .absent = Die Adresse hat keinen Namen (PTR).
    .why = Für den Empfang ist das wenig wichtig. Verschickt dieselbe Adresse auch Mail, lehnen viele Empfänger sie ohne ein passendes Paar ab.
    .todo = Bitten Sie den Inhaber der Adresse, meist Ihren Anbieter, den PTR-Eintrag auf den Namen des Mailservers zu setzen.",
    ..Definition::BARE
};

/// One name that leads back is enough (RFC 8601 §3, `iprev`). DNS tells, whether or not the server answers.
fn ptr(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_address(Check::Ptr, evidence, |_, server| {
        said(evidence, server)
            .details(server.ptr.records().iter().map(Shown::shown))
            .seen(lines::of(&server.ptr))
            .seen(server.ptr_addresses.iter().flat_map(lines::of))
    })
}

fn said(evidence: &Evidence, server: &Server) -> Said {
    let forward = &server.ptr_addresses;
    if let Some(why) = unknown(&server.ptr) {
        return Said::inconclusive(why);
    }
    if server.ptr.records().is_empty() {
        return Said::is(Word::Absent);
    }
    let leads_back = forward.iter().filter(|looked| unknown(looked).is_none());
    if leads_back.flat_map(|looked| looked.records()).any(|ip| *ip == server.ip) {
        return Said::is(Word::Confirmed);
    }
    // The name that leads back, or the address, may be among those that were left out.
    let cut = forward.iter().find_map(|looked| lines::cut(evidence, looked));
    let cut = cut.or(lines::cut(evidence, &server.ptr));
    let names = (forward.len() < server.ptr.records().len()).then_some(Unknown::Cut);
    match forward.iter().find_map(unknown).or(cut).or(names) {
        Some(why) => Said::inconclusive(why),
        None => Said::is(Word::Unconfirmed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::Inapplicable;
    use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use crate::shared::evidence::scan::{NameAnswer, Reach};

    #[test]
    fn words() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Confirmed)),
            (|e| e.servers[0].reach = Reach::TimedOut, is(Word::Confirmed)),
            (|e| e.servers[0].ptr.answer = NameAnswer::NoName, is(Word::Absent)),
            (|e| e.servers[0].ptr_addresses[0].answer = NameAnswer::NoName, is(Word::Unconfirmed)),
            (
                |e| {
                    let records = vec![sample::ip("192.0.2.99")];
                    e.servers[0].ptr_addresses[0].answer = NameAnswer::Records { records };
                },
                is(Word::Unconfirmed),
            ),
            (
                |e| {
                    let mut other = e.servers[0].ptr_addresses[0].clone();
                    sample::times_out(&mut other);
                    e.servers[0].ptr_addresses.insert(0, other);
                },
                is(Word::Confirmed),
            ),
            (|e| sample::times_out(&mut e.servers[0].ptr_addresses[0]), inconclusive(Unknown::DnsFailed)),
            (
                |e| {
                    e.servers[0].ptr_addresses[0].answer = NameAnswer::NoName;
                    sample::leaves_out(e, |e| e.servers[0].ptr.clone());
                },
                inconclusive(Unknown::Cut),
            ),
            (|e| e.servers[0].ptr_addresses.clear(), inconclusive(Unknown::Cut)),
            (|e| sample::times_out(&mut e.servers[0].ptr), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.servers[0].ptr), inconclusive(Unknown::DnsBogus)),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
            (
                |e| {
                    e.servers.clear();
                    e.mx[0].a.answer = NameAnswer::NoName;
                    e.mx[0].aaaa.answer = NameAnswer::NoName;
                },
                not_applicable(Inapplicable::NoAddress),
            ),
        ];
        sample::check_all(ptr, cases);
    }
}
