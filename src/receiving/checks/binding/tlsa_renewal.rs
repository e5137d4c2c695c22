//! What the next renewal of a short-lived certificate of a public authority does to the records that fit it.
//! `Survives`: one of the issuer, or of another key, is there; `Depends`: they are of its key; `Lapses`: of the
//! certificate itself.

use jiff::{SignedDuration, Timestamp};

use crate::receiving::checks::binding::shared::dane::{self, published};
use crate::receiving::checks::binding::shared::dane_match::{Shown, compared, matched, shown};
use crate::receiving::checks::certificate::shared::chains::Chain;
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::starttls::unasked;
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::{Finding, Inapplicable, Measured, Word};
use crate::shared::evidence::scan::{Certificate, Evidence, MxHost, Path};
use crate::shared::policy::Tlsa;

pub(super) static CHECK: Definition = Definition {
    id: "tlsa-renewal",
    category: Category::Binding,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::Survives, Word::Depends, Word::Lapses]),
    judge: renewal,
    en: r"TLSA records at the next renewal
    .survives = At the renewal of the certificate around { $date } a record is there that may still fit: of another key, or of the issuer.
    .depends = The TLSA records stop matching at the renewal of the certificate around { $date } unless the key is kept.
    .lapses = The TLSA records are of the certificate itself: they stop matching at its renewal around { $date }, even if the key is kept.
    .why = The certificate lives so short that a program renews it. A record that does not fit turns mail away. The day is estimated from the lifetime.
    .todo = Publish 3 1 1, the key's digest, and let the program keep the key (certbot: --reuse-key); or publish the record of each new key two TTLs before it is used.",
    de: r"TLSA-Einträge bei der nächsten Erneuerung
    .survives = Wenn das Zertifikat um den { $date } erneuert wird, gibt es einen Eintrag, der weiter passen kann: den eines anderen Schlüssels oder des Ausstellers.
    .depends = Die TLSA-Einträge passen nicht mehr, wenn das Zertifikat um den { $date } erneuert wird, außer der Schlüssel bleibt derselbe.
    .lapses = Die TLSA-Einträge gelten dem Zertifikat selbst: Sie passen nicht mehr, wenn es um den { $date } erneuert wird, auch wenn der Schlüssel derselbe bleibt.
    .why = Das Zertifikat lebt so kurz, dass ein Programm es erneuert. Ein Eintrag, der nicht passt, weist Mail ab. Der Tag ist aus der Laufzeit geschätzt.
    .todo = Veröffentlichen Sie 3 1 1, die Prüfsumme des Schlüssels, und lassen Sie das Programm den Schlüssel behalten (certbot: --reuse-key); oder veröffentlichen Sie den Eintrag jedes neuen Schlüssels zwei TTL, bevor er benutzt wird.",
    ..Definition::BARE
};

/// A certificate that holds no longer is renewed by a program; in days.
const SHORT_LIVED_DAYS_MAX: i64 = 100;

/// The lifetime up to which half of it is left at a renewal, and not a third; in days.
const HALVED_DAYS_MAX: i64 = 10;

/// [`Check::TlsaRenewal`]: what the next renewal of a short-lived certificate of a public authority does to the records
/// that fit it now.
pub(in crate::receiving::checks) fn renewal(evidence: &Evidence, now: Timestamp) -> Vec<Finding> {
    each_host(Check::TlsaRenewal, evidence, |mx| match published(mx) {
        Err(measured) => Said::from(measured).seen(dane::seen(mx)),
        Ok(records) => {
            let usable: Vec<&Tlsa> = records.iter().filter(|record| record.usable()).copied().collect();
            forecast(evidence, mx, &usable, now).seen(dane::seen(mx))
        }
    })
}

fn forecast(evidence: &Evidence, mx: &MxHost, usable: &[&Tlsa], now: Timestamp) -> Said {
    let Shown { sent, missing } = shown(evidence, mx);
    let renewed: Vec<_> = sent.iter().filter(|chain| is_renewed(chain)).collect();
    let spare = |record: &&&Tlsa| record.usage == 3 && !sent.iter().any(|chain| matched(record, chain));
    let further = usable.iter().any(|record| spare(&record));
    let fates = renewed.iter().filter_map(|chain| {
        let fitting = || usable.iter().filter(|record| matched(record, chain));
        fitting().next()?;
        let word = if further || fitting().any(|record| record.usage == 2) {
            Word::Survives
        } else if fitting().any(|record| record.selector == 1) {
            Word::Depends
        } else {
            Word::Lapses
        };
        Some((word, expected(chain.leaf().1, now), *chain))
    });
    let mut fates: Vec<_> = fates.collect();
    let rank = |word: &Word| match word {
        Word::Lapses => 0,
        Word::Depends => 1,
        _ => 2,
    };
    fates.sort_by_key(|(word, at, _)| (rank(word), *at));
    let inconclusive = missing.filter(|measured| matches!(measured, Measured::Inconclusive { .. }));
    let said = match (fates.first(), inconclusive) {
        (Some((word @ (Word::Lapses | Word::Depends), ..)), _) => {
            dane::cut(evidence, mx).map_or(Said::is(*word), Said::inconclusive)
        }
        (_, Some(measured)) => Said::from(measured).seen(evidence.servers_of(&mx.host).flat_map(unasked)),
        (Some((word, ..)), None) => Said::is(*word),
        (None, None) if renewed.is_empty() => Said::not_applicable(Inapplicable::NoRenewal),
        (None, None) => {
            dane::cut(evidence, mx).map_or(Said::not_applicable(Inapplicable::NoneFits), Said::inconclusive)
        }
    };
    let rows = fates.iter().map(|(_, at, chain)| format!("{}: {}", at.strftime("%Y-%m-%d"), chain.title()));
    let lines = sent.iter().map(|chain| {
        let (_, leaf) = chain.leaf();
        chain.own(&format!("from {} until {}", leaf.not_before, leaf.not_after))
    });
    said.details(rows).seen(lines).seen(compared(usable, &sent))
}

/// Whether a program may be expected to renew it: an authority issued it, for a short time.
fn is_renewed(chain: &Chain<'_>) -> bool {
    let short = lifetime(chain.leaf().1) <= SignedDuration::from_hours(24 * SHORT_LIVED_DAYS_MAX);
    short && matches!(chain.examined.path, Path::Trusted { .. })
}

fn lifetime(certificate: &Certificate) -> SignedDuration {
    certificate.not_after.duration_since(certificate.not_before)
}

/// When a certificate is renewed, as clients of ACME do by default: with a third of its time left, of those of a few
/// days with half; at its end, where that is over.
fn expected(certificate: &Certificate, now: Timestamp) -> Timestamp {
    let whole = lifetime(certificate);
    let left = if whole <= SignedDuration::from_hours(24 * HALVED_DAYS_MAX) { whole / 2 } else { whole / 3 };
    let at = certificate.not_after.saturating_sub(left).unwrap_or(certificate.not_after);
    if at > now { at } else { certificate.not_after }
}
