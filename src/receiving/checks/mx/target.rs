//! What an MX record points to (RFC 2181 §10.3, RFC 5321 §2.3.5). `Private`: a special-purpose address, or
//! one of our own.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::lines::{self, unknown};
use crate::receiving::checks::subjects::{Said, each_mx, literal, localhost, mx_lines};
use crate::receiving::checks::{Finding, Word, reach};
use crate::shared::evidence::scan::{Evidence, NotTried, Reach};

pub(super) static CHECK: Definition = Definition {
    id: "mx-target",
    category: Category::Mx,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::Sound, Word::Alias, Word::Literal, Word::NoAddress, Word::Private]),
    judge: mx_target,
    turns_away: &[Word::Literal, Word::NoAddress, Word::Private],
    en: r"What the MX record points to
    .sound = The MX record points to a host name with addresses.
    .alias = The MX record points to an alias (CNAME), which RFC 2181 §10.3 forbids.
    .literal = The MX record holds an IP address where a host name must stand.
    .no-address = The host of the MX record has no address.
    .private = The host of the MX record has an address that cannot be reached from the Internet.
    .why = Many senders follow an alias nevertheless, others refuse it, and certificates and TLSA records are then looked for under different names. An address in place of a name is followed by few.
    .todo = Let the MX record name a host that has A and AAAA records of its own, reachable from everywhere.",
    de: r"Worauf der MX-Eintrag zeigt
    .sound = Der MX-Eintrag zeigt auf einen Hostnamen mit Adressen.
    .alias = Der MX-Eintrag zeigt auf einen Alias (CNAME); RFC 2181 §10.3 verbietet das.
    .literal = Im MX-Eintrag steht eine IP-Adresse, wo ein Hostname stehen muss.
    .no-address = Der Host, den der MX-Eintrag nennt, hat keine Adresse.
    .private = Der Host, den der MX-Eintrag nennt, hat eine Adresse, die vom Internet aus nicht erreichbar ist.
    .why = Viele Absender folgen einem Alias trotzdem, andere lehnen ihn ab, und Zertifikate und TLSA-Einträge werden dann unter verschiedenen Namen gesucht. Einer Adresse anstelle eines Namens folgen nur wenige.
    .todo = Nennen Sie im MX-Eintrag einen Mailserver, der eigene A- und AAAA-Einträge hat und von überall erreichbar ist.",
    ..Definition::BARE
};

/// A host with addresses, and no alias (RFC 2181 §10.3). Of several faults the one that costs most mail is said.
/// That all is well needs both families known; that something is wrong does not.
fn mx_target(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_mx(Check::MxTarget, evidence, |host| {
        let addresses = || host.a.records().iter().chain(host.aaaa.records());
        let private = evidence
            .servers_of(&host.host)
            .any(|server| server.reach == Reach::NotTried { why: NotTried::SpecialAddress });
        let why_unknown = unknown(&host.a).or(unknown(&host.aaaa));
        let said = if literal(&host.host).is_some() {
            Said::is(Word::Literal)
        } else if localhost(&host.host) || private {
            Said::is(Word::Private)
        } else if why_unknown.is_none() && addresses().next().is_none() {
            Said::is(Word::NoAddress)
        } else if !host.a.hops.is_empty() || !host.aaaa.hops.is_empty() {
            Said::is(Word::Alias)
        } else if let Some(why) = why_unknown {
            Said::inconclusive(why)
        } else {
            Said::is(Word::Sound)
        };
        let preferences: Vec<_> = host.preferences.iter().map(u16::to_string).collect();
        let seen = lines::of(&host.a).into_iter().chain(lines::of(&host.aaaa));
        // A literal and localhost have no addresses to look up: the record says all.
        let bare = literal(&host.host).is_some() || localhost(&host.host);
        let seen: Vec<String> = if bare { mx_lines(evidence, &host.host) } else { seen.collect() };
        let tried = evidence.servers_of(&host.host).filter(|_| private).map(reach::line);
        said.detail(format!("{} {}", preferences.join(", "), host.host).trim_start().to_owned())
            .details(addresses().map(ToString::to_string))
            .seen(seen)
            .seen(tried)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::tests::sample::{self, Bent, inconclusive, is, not_applicable};
    use crate::receiving::checks::{Inapplicable, Unknown};
    use crate::shared::evidence::scan::NameAnswer;

    #[test]
    fn words() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, is(Word::Sound)),
            (|e| e.mx[0].a.hops = vec![sample::hop("mx1.example.net", "a.example.org")], is(Word::Alias)),
            (|e| sample::rename(e, 0, "192.0.2.25"), is(Word::Literal)),
            (|e| sample::rename(e, 0, "[192.0.2.25]"), is(Word::Literal)),
            (|e| sample::rename(e, 0, "localhost"), is(Word::Private)),
            (|e| e.servers[0].reach = Reach::NotTried { why: NotTried::SpecialAddress }, is(Word::Private)),
            (
                |e| {
                    e.mx[0].a.answer = NameAnswer::NoName;
                    e.mx[0].aaaa.answer = NameAnswer::NoName;
                    e.mx[0].a.hops = vec![sample::hop("mx1.example.net", "a.example.org")];
                },
                is(Word::NoAddress),
            ),
            (|e| sample::times_out(&mut e.mx[0].aaaa), inconclusive(Unknown::DnsFailed)),
            (|e| sample::breaks(&mut e.mx[0].a), inconclusive(Unknown::DnsBogus)),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
            (
                |e| {
                    e.mx.clear();
                    sample::times_out(&mut e.names.mx);
                },
                inconclusive(Unknown::DnsFailed),
            ),
        ];
        sample::check_all(mx_target, cases);
    }
}
