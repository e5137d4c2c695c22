//! Whether the key can be changed without a gap (RFC 7671 §8): the records are of two keys, or of the issuer.

use jiff::Timestamp;

use crate::receiving::checks::binding::shared::dane::{self, published};
use crate::receiving::checks::binding::shared::dane_match::{Shown, compared, matched, shown};
use crate::receiving::checks::certificate::shared::chains::Chain;
use crate::receiving::checks::check::{Category, Check, Definition, Scale, Scope};
use crate::receiving::checks::shared::starttls::unasked;
use crate::receiving::checks::subjects::{Said, each_host};
use crate::receiving::checks::{Finding, Word};
use crate::shared::evidence::scan::Evidence;
use crate::shared::policy::Tlsa;

pub(super) static CHECK: Definition = Definition {
    id: "tlsa-rollover",
    category: Category::Binding,
    scope: Scope::Mx,
    scale: Scale::Words(&[Word::Present, Word::Absent]),
    internetnl: Some("dane_rollover"),
    judge: rollover,
    en: r"Rollover of TLSA records
    .present = The records name two keys, or the issuer: the key can change without a gap.
    .absent = The records name one key only; when it changes, mail is turned away until the new record is known.
    .why = Records 3 1 1 for the present and the next key, or one 2 1 1 for the issuer of the certificate, let the key change without a gap (RFC 7671 §8). Several digests of one key do not, nor does an authority that issued nothing here.
    .todo = Publish the next key's record beside the present one at least two TTLs before changing the key.",
    de: r"Wechsel der TLSA-Einträge
    .present = Die Einträge nennen zwei Schlüssel oder den Aussteller: Der Schlüssel kann ohne Lücke wechseln.
    .absent = Die Einträge nennen nur einen Schlüssel; wechselt er, wird Mail abgewiesen, bis der neue Eintrag bekannt ist.
    .why = Einträge 3 1 1 für den jetzigen und den nächsten Schlüssel, oder ein 2 1 1 für den Aussteller des Zertifikats, erlauben es, den Schlüssel ohne Lücke zu wechseln (RFC 7671 §8). Mehrere Prüfsummen desselben Schlüssels tun das nicht, und auch keine Zertifizierungsstelle, die hier nichts ausgestellt hat.
    .todo = Veröffentlichen Sie den Eintrag des nächsten Schlüssels neben dem jetzigen mindestens zwei TTL vor dem Wechsel.",
    ..Definition::BARE
};

/// [`Check::TlsaRollover`] (RFC 7671 §8): two keys, of which one may be the next, or an issuer. Several records of one
/// key are no second key, and a record of an authority that issued nothing here is none of the issuer.
pub(in crate::receiving::checks) fn rollover(evidence: &Evidence, _: Timestamp) -> Vec<Finding> {
    each_host(Check::TlsaRollover, evidence, |mx| match published(mx) {
        Err(measured) => Said::from(measured).seen(dane::seen(mx)),
        Ok(records) => {
            let Shown { sent, missing } = shown(evidence, mx);
            let usable: Vec<&Tlsa> = records.iter().filter(|record| record.usable()).copied().collect();
            let said = if scheme(&usable, &sent) {
                Said::is(Word::Present)
            } else if let Some(why) = dane::cut(evidence, mx) {
                Said::inconclusive(why)
            } else {
                match missing {
                    // One record is one key, whatever the host shows.
                    Some(measured) if usable.len() > 1 => {
                        Said::from(measured).seen(evidence.servers_of(&mx.host).flat_map(unasked))
                    }
                    _ => Said::is(Word::Absent),
                }
            };
            said.details(records.iter().map(|record| record.to_string()))
                .seen(dane::seen(mx))
                .seen(compared(&usable, &sent))
        }
    })
}

fn scheme(usable: &[&Tlsa], sent: &[Chain<'_>]) -> bool {
    let of_key = |record: &&&Tlsa| record.usage == 3;
    // Digests of one kind that differ are of different keys, whether or not they are in use.
    let alike = |record: &Tlsa| {
        let same = |other: &&&Tlsa| other.selector == 1 && other.matching == record.matching;
        usable.iter().filter(of_key).filter(same).count()
    };
    let two_keys = usable.iter().filter(of_key).any(|record| record.selector == 1 && alike(record) > 1);
    let mut leaves: Vec<&str> = Vec::new();
    let mut further = false;
    for record in usable.iter().filter(of_key) {
        let fitting = sent.iter().filter(|chain| matched(record, chain)).map(|chain| chain.leaf().0);
        let fitting: Vec<&str> = fitting.collect();
        further |= fitting.is_empty();
        leaves.extend(fitting);
    }
    leaves.sort_unstable();
    leaves.dedup();
    let issuer = |chain: &Chain<'_>| usable.iter().any(|record| record.usage == 2 && matched(record, chain));
    two_keys
        || !leaves.is_empty() && leaves.len() + usize::from(further) > 1
        || !sent.is_empty() && sent.iter().all(issuer)
}
