//! What real senders did at all cases, as `tests/interop` printed it: each must be found out by it.

use crate::sending::persona::Catalogue;
use crate::sending::verdict::Term;

use super::super::fits::{Fits, Observed, explained};
use super::super::{CaseOutcome, TraitFinding};
use super::catalogue;

/// A sender at all cases: how they came out, in the words of a run.
struct Real {
    name: &'static str,
    outcomes: &'static str,
    terms: &'static [Term],
    /// Values of traits that must be told.
    told: &'static [(&'static str, &'static str)],
}

const REAL: [Real; 3] = [
    Real {
        name: "Postfix dane, validating",
        outcomes: "refused: alias-mx both-conflict dane-mismatch dane-nostarttls digest-agility half-dane \
            requiretls resume ta-missing ta-name tlsrpt unusable-nostarttls; delivered: alias-mx-insecure \
            big-dns both-good both-private both-unlisted dane-good ee-expired ee-name insecure-tlsa mixed-roll none \
            none-expired none-inject none-name none-tls10 none-weak partial sts-all-bad sts-badcert \
            sts-badcert-expired sts-badcert-name sts-good sts-host-301 sts-host-404 sts-host-500 sts-host-badcert \
            sts-host-big sts-host-html sts-host-nmx sts-host-no-id sts-host-no-max-age sts-host-slow \
            sts-host-two-txt sts-host-version sts-none-mode sts-odd-ok sts-parent sts-stolen-name sts-testing \
            sts-unlisted sts-wild ta-ok unknown-algorithm unusable usage-1 v4only; held: bogus-ds bogus-expired \
            implicit-mx; passed-over: both-dns-broken tlsa-bogus tlsa-denial-bogus tlsa-formerr tlsa-refused \
            tlsa-servfail tlsa-timeout; clear: none-454 none-garbage none-nostarttls none-reset none-strip \
            sts-nostarttls; unseen: sts-cached sts-refetch",
        terms: &[Term::Dane],
        told: &[("tlsa-base", "no-insecure-aliases"), ("half-dane", "applied"), ("dnssec", "validates")],
    },
    Real {
        name: "Postfix dane, not validating",
        outcomes: "delivered: alias-mx alias-mx-insecure big-dns bogus-ds bogus-expired both-conflict \
            both-dns-broken both-good both-private both-unlisted dane-good dane-mismatch digest-agility ee-expired \
            ee-name half-dane implicit-mx insecure-tlsa mixed-roll none none-expired none-inject none-name none-tls10 \
            none-weak partial requiretls resume sts-all-bad sts-badcert sts-badcert-expired sts-badcert-name sts-good \
            sts-host-301 sts-host-404 sts-host-500 sts-host-badcert sts-host-big sts-host-html sts-host-nmx \
            sts-host-no-id sts-host-no-max-age sts-host-slow sts-host-two-txt sts-host-version sts-none-mode \
            sts-odd-ok sts-parent sts-stolen-name sts-testing sts-unlisted sts-wild ta-missing ta-name ta-ok \
            tlsa-bogus tlsa-denial-bogus tlsa-formerr tlsa-refused tlsa-servfail tlsa-timeout tlsrpt \
            unknown-algorithm unusable usage-1 v4only; clear: dane-nostarttls none-454 none-garbage none-nostarttls \
            none-strip sts-nostarttls unusable-nostarttls; refused: none-reset; unseen: sts-cached sts-refetch",
        terms: &[Term::May, Term::MaySni],
        told: &[("dnssec", "no")],
    },
    Real {
        name: "Postfix with postfix-mta-sts-resolver",
        outcomes: "delivered: alias-mx alias-mx-insecure big-dns both-conflict both-dns-broken both-good \
            dane-good dane-mismatch digest-agility ee-expired ee-name half-dane implicit-mx insecure-tlsa mixed-roll \
            none none-expired none-inject none-name none-tls10 none-weak partial requiretls resume sts-good \
            sts-host-301 sts-host-404 sts-host-500 sts-host-badcert sts-host-big sts-host-html sts-host-nmx \
            sts-host-no-id sts-host-no-max-age sts-host-slow sts-host-two-txt sts-host-version sts-none-mode \
            sts-parent sts-stolen-name sts-testing sts-wild ta-missing ta-name ta-ok tlsa-bogus tlsa-denial-bogus \
            tlsa-formerr tlsa-refused tlsa-servfail tlsa-timeout tlsrpt unknown-algorithm unusable usage-1 v4only; \
            held: bogus-ds bogus-expired sts-all-bad; refused: both-private both-unlisted sts-badcert \
            sts-badcert-expired sts-badcert-name sts-nostarttls sts-odd-ok sts-unlisted; clear: dane-nostarttls \
            none-454 none-garbage none-nostarttls none-reset none-strip unusable-nostarttls; unseen: sts-cached \
            sts-refetch",
        terms: &[Term::MtaSts],
        told: &[("mta-sts-matching", "certificate-names-of-any-depth"), ("policy-defects", "as-none")],
    },
];

impl Real {
    /// What models must explain.
    fn observed<'c>(&self, catalogue: &'c Catalogue) -> Vec<Observed<'c>> {
        let parts = self.outcomes.split("; ").filter_map(|part| part.split_once(": "));
        let each = parts.flat_map(|(outcome, cases)| cases.split(' ').map(move |case| (outcome, case)));
        let of = |(outcome, id): (&str, &str)| {
            let case = catalogue.ruled_case(&id.into()).unwrap_or_else(|| panic!("{id} is a case"));
            let outcome = CaseOutcome::ALL.into_iter().find(|one| one.name() == outcome);
            let end = outcome.unwrap_or_else(|| panic!("{id} has an outcome")).end()?;
            Some(Observed { case, end, laxer: false, perhaps_laxer: false, sni: None, signs: Vec::new() })
        };
        each.filter_map(of).collect()
    }
}

fn found(observed: &[Observed<'_>]) -> (Vec<Term>, Vec<TraitFinding>) {
    let fits = Fits::of(observed, &explained(observed));
    (fits.terms(), fits.traits())
}

/// The cases without which a model would explain all others.
fn in_the_way(observed: &[Observed<'_>]) -> Vec<String> {
    let without = |n: usize| [&observed[..n], &observed[n + 1..]].concat();
    let each = (0..observed.len()).map(|n| (&observed[n].case.id, found(&without(n)).0));
    each.filter(|(_, terms)| !terms.is_empty()).map(|(id, terms)| format!("{id}: {terms:?}")).collect()
}

#[test]
fn real_senders_are_found_out_at_all_cases() {
    let catalogue = catalogue();
    let mut wrong = Vec::new();
    for real in REAL {
        let observed = real.observed(&catalogue);
        let (terms, traits) = found(&observed);
        if terms != real.terms {
            wrong.push(format!("{}: {terms:?}, in the way: {:?}", real.name, in_the_way(&observed)));
        }
        for (tells, word) in real.told {
            let told = traits.iter().filter(|one| one.tells.word() == *tells);
            let told: Vec<_> = told.flat_map(|one| one.values.iter().copied()).collect();
            if told != [*word] {
                wrong.push(format!("{}: {tells} is {told:?}, not {word}", real.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
