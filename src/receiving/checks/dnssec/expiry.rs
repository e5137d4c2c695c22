//! Days until the first signature of the domain expires.

use jiff::Timestamp;

use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::dnssec::shared::state::state;
use crate::receiving::checks::subjects::{Said, domain};
use crate::receiving::checks::{Finding, Inapplicable, Unknown, lines};
use crate::shared::evidence::Security;
use crate::shared::evidence::scan::{Broken, Evidence, LookupResult, SignatureSeen};

pub(super) static CHECK: Definition = Definition {
    id: "dnssec-expiry",
    category: Category::Dnssec,
    scope: Scope::Domain,
    scale: Scale::Count,
    judge: signature_expiry,
    en: r"Expiry of the signatures
    .count = { $count ->
        [0] A signature of the domain expires within a day, or has expired.
        [one] The first signature of the domain expires in one day.
       *[other] The first signature of the domain expires in { $count } days.
    }
    .why = If signing stops unnoticed, this is how long the domain can still be reached by those who validate. Signers renew in good time, so that a few days may be normal.
    .todo = Look whether the signer still runs. A zone whose signatures expire cannot be reached by senders that validate.",
    de: r"Ablauf der Signaturen
    .count = { $count ->
        [0] Eine Signatur der Domain läuft innerhalb eines Tages ab oder ist abgelaufen.
        [one] Die erste Signatur der Domain läuft in einem Tag ab.
       *[other] Die erste Signatur der Domain läuft in { $count } Tagen ab.
    }
    .why = Bleibt das Signieren unbemerkt stehen, ist die Domain für alle, die validieren, nur noch so lange erreichbar. Erneuert wird rechtzeitig vorher; wenige Tage können also normal sein.
    .todo = Sehen Sie nach, ob das Signieren noch läuft. Eine Zone mit abgelaufenen Signaturen ist für Absender, die validieren, nicht erreichbar.",
    ..Definition::BARE
};

/// What one look-up says of its signatures' end.
struct End<'a> {
    /// What the signature is over: of a denial, what proves it (RFC 4035 §3.1.3).
    about: String,
    /// The denial that it is for; none: it is over the records that were asked for.
    denies: Option<String>,
    expiration: Timestamp,
    signature: Option<&'a SignatureSeen>,
}

fn end<T>(looked: &LookupResult<T>) -> Option<End<'_>> {
    let signature = looked.signature.as_ref();
    let expired = match looked.broken {
        Some(Broken::Expired { at }) => Some(at),
        _ => None,
    };
    let expiration = expired.or(signature.map(|signature| signature.expiration))?;
    let question = format!("{} {}", looked.rtype, looked.name);
    let over = signature.and_then(|signature| signature.over.as_ref());
    let about = match over {
        Some(over) => format!("{} {}", over.rtype, over.owner),
        // Evidence from before that was kept; the proof may be of NSEC3 just as well.
        None if looked.denied() => "NSEC".to_owned(),
        None => question.clone(),
    };
    let denies = looked.denied().then_some(question);
    Some(End { about, denies, expiration, signature })
}

/// Whole days; 0 when less than one is left, or none. Only the zone's own signatures count: those of its DS are the
/// parent's to renew.
fn signature_expiry(evidence: &Evidence, now: Timestamp) -> Vec<Finding> {
    let names = &evidence.names;
    let texts = names.spf.policies.first().map(|policy| &policy.txt).into_iter();
    let texts = texts.chain(names.dmarc.walk.first()).chain([&names.mta_sts.record, &names.tlsrpt]);
    let ends = [end(&names.soa), end(&names.keys), end(&names.mx), end(&names.ns)];
    let mut ends: Vec<_> =
        ends.into_iter().chain(texts.map(end)).flatten().filter(|end| own(evidence, end)).collect();
    ends.sort_by_key(|end| end.expiration);
    let said = match ends.first() {
        Some(first) => {
            let days = first.expiration.duration_since(now).as_hours().max(0) / 24;
            Said::count(u32::try_from(days).unwrap_or(u32::MAX)).detail(format!(
                "{}: {}",
                first.title(),
                first.expiration
            ))
        }
        None => match state(&names.soa) {
            Ok(Security::Insecure) => Said::not_applicable(Inapplicable::Unsigned),
            Ok(Security::Bogus) => Said::inconclusive(Unknown::DnsBogus),
            Ok(_) => Said::inconclusive(Unknown::Cut),
            Err(why) => Said::inconclusive(why),
        }
        .seen(lines::of(&names.soa)),
    };
    domain(Check::SignatureExpiry, evidence, said.seen(ends.iter().map(line)))
}

impl End<'_> {
    /// What the signature is over, and what that denies.
    fn title(&self) -> String {
        match &self.denies {
            Some(question) => format!("{} (no {question})", self.about),
            None => self.about.clone(),
        }
    }
}

/// Whether the signature is the zone's own; aliases lead to those of others.
fn own(evidence: &Evidence, end: &End<'_>) -> bool {
    let zone = evidence.names.zone.as_deref().unwrap_or(&evidence.domain);
    end.signature.is_none_or(|signature| signature.signer == zone)
}

fn line(end: &End<'_>) -> String {
    match end.signature {
        Some(SignatureSeen { algorithm, key_tag, signer, inception, expiration, .. }) => {
            format!("RRSIG {}: {algorithm} {key_tag} {signer} {inception} {expiration}", end.title())
        }
        None => format!("RRSIG {}: {}", end.title(), end.expiration),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::receiving::checks::tests::sample::{self, Bent, count, inconclusive, not_applicable};
    use crate::shared::evidence::scan::{NameAnswer, Signed};

    fn no_signatures(evidence: &mut Evidence) {
        let names = &mut evidence.names;
        sample::times_out(&mut names.soa);
        sample::times_out(&mut names.keys);
        sample::times_out(&mut names.mx);
        sample::times_out(&mut names.ns);
        sample::times_out(&mut names.mta_sts.record);
        sample::times_out(&mut names.tlsrpt);
        names.spf.policies.clear();
        names.dmarc.walk.clear();
    }

    #[test]
    fn counts_days() {
        let cases: Vec<(Bent, _)> = vec![
            (|_| {}, count(10)),
            (|e| e.names.mx.signature.as_mut().unwrap().expiration = sample::in_days(3), count(3)),
            (|e| e.names.soa.signature.as_mut().unwrap().expiration = sample::in_days(-1), count(0)),
            (
                |e| {
                    sample::breaks(&mut e.names.soa);
                    e.names.soa.broken = Some(Broken::Expired { at: sample::in_days(-9) });
                },
                count(0),
            ),
            (
                |e| {
                    let signature = e.names.mx.signature.as_mut().unwrap();
                    (signature.signer, signature.expiration) = ("example.org".to_owned(), sample::in_days(1));
                },
                count(10),
            ),
            (no_signatures, inconclusive(Unknown::DnsFailed)),
            (
                |e| {
                    no_signatures(e);
                    sample::breaks(&mut e.names.soa);
                    e.names.soa.broken = Some(Broken::NoSignature);
                },
                inconclusive(Unknown::DnsBogus),
            ),
            (
                |e| {
                    no_signatures(e);
                    e.names.soa = sample::secure("example.net", "SOA", Vec::new());
                    sample::unsigned(&mut e.names.soa);
                },
                not_applicable(Inapplicable::Unsigned),
            ),
        ];
        sample::check_all(signature_expiry, cases);
    }

    /// Of a name that does not exist nothing is signed but the proof of that (RFC 4035 §3.1.3).
    #[test]
    fn the_signature_of_a_denial_is_told_by_what_it_is_over() {
        let mut evidence = sample::perfect();
        let record = &mut evidence.names.mta_sts.record;
        record.answer = NameAnswer::NoName;
        let signature = record.signature.as_mut().unwrap();
        signature.expiration = sample::in_days(2);
        signature.over = Some(Signed { owner: "mx2.example.net".to_owned(), rtype: "NSEC".to_owned() });
        let finding = &signature_expiry(&evidence, sample::now())[0];
        let expected = "NSEC mx2.example.net (no TXT _mta-sts.example.net)";
        assert_eq!(finding.details, [format!("{expected}: 2026-11-03T00:00:00Z")]);
        assert!(finding.evidence[0].starts_with(&format!("RRSIG {expected}: 13 ")), "{finding:?}");
        assert!(!finding.evidence.iter().any(|line| line.contains("RRSIG TXT _mta-sts")), "{finding:?}");
        // Evidence from before that was kept.
        evidence.names.mta_sts.record.signature.as_mut().unwrap().over = None;
        let finding = &signature_expiry(&evidence, sample::now())[0];
        assert!(finding.evidence[0].starts_with("RRSIG NSEC (no TXT _mta-sts.example.net): "), "{finding:?}");
    }

    #[test]
    fn less_than_a_day_is_none() {
        let mut evidence = sample::perfect();
        let expiration = sample::in_days(1) - jiff::SignedDuration::from_secs(1);
        evidence.names.soa.signature.as_mut().unwrap().expiration = expiration;
        assert_eq!(signature_expiry(&evidence, sample::now())[0].measured, count(0));
    }
}
