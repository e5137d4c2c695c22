//! The checks of bindings, a case for each word.

use crate::receiving::checks::binding::bindings_agree::agree;
use crate::receiving::checks::binding::mta_sts_max_age::max_age;
use crate::receiving::checks::binding::mta_sts_mx::mx;
use crate::receiving::checks::binding::mta_sts_policy::policy;
use crate::receiving::checks::binding::mta_sts_record::record;
use crate::receiving::checks::binding::tlsa::tlsa;
use crate::receiving::checks::binding::tlsa_match::matches;
use crate::receiving::checks::binding::tlsa_renewal::renewal;
use crate::receiving::checks::binding::tlsa_rollover::rollover;
use crate::receiving::checks::binding::tlsa_stale::stale;
use crate::receiving::checks::binding::tlsa_unusable::unusable;
use crate::receiving::checks::binding::tlsrpt::tlsrpt;
use crate::receiving::checks::tests::sample::{
    self, ISSUER, LEAF, check_all, count, inconclusive, is, not_applicable, reply,
};
use crate::receiving::checks::{Inapplicable, Note, Unknown, Word};
use crate::shared::evidence::scan::{
    Broken, Evidence, LookupResult, NameAnswer, Path, PathFault, Reach, Stopped,
};
use crate::shared::evidence::{FetchOutcome, Security};
use crate::shared::policy::Tlsa;

fn record_of(usage: u8, matching: u8, octet: u8) -> Tlsa {
    let length = if matching == 2 { 64 } else { 32 };
    Tlsa { usage, selector: 1, matching, data: vec![octet; length] }
}

fn publish(evidence: &mut Evidence, records: Vec<Tlsa>) {
    for mx in &mut evidence.mx {
        mx.tlsa.original.answer = NameAnswer::Records { records: records.clone() };
    }
}

fn looked(evidence: &mut Evidence) -> &mut LookupResult<Tlsa> {
    &mut evidence.mx[0].tlsa.original
}

/// The first host sends nothing that its records match.
fn mismatch(evidence: &mut Evidence) {
    evidence.examined[0].tlsa.clear();
}

/// Another record matches a certificate of the first host's chain.
fn also_matches(evidence: &mut Evidence, record: &Tlsa, sha256: &str) {
    evidence.examined[0].tlsa.insert(record.clone(), vec![sha256.to_owned()]);
}

fn no_starttls(evidence: &mut Evidence) {
    for server in &mut evidence.servers {
        server.handshake = None;
        server.session.starttls = None;
        server.session.ehlo = Some(reply(250, &["mx"]));
    }
}

fn untrusted(evidence: &mut Evidence) {
    evidence.examined[0].path =
        Path::Untrusted { fault: PathFault::UnknownIssuer, reason: "unknown issuer".to_owned() };
}

#[test]
fn tlsa_exist_only_where_a_sender_may_believe_them() {
    check_all(
        tlsa,
        vec![
            (|_| {}, is(Word::Present)),
            (|e| looked(e).answer = NameAnswer::NoData, is(Word::Absent)),
            (|e| sample::unsigned(looked(e)), is(Word::Insecure)),
            (|e| sample::unsigned(&mut e.mx[0].aaaa), is(Word::Insecure)),
            (|e| sample::breaks(looked(e)), is(Word::Bogus)),
            (
                |e| {
                    sample::breaks(looked(e));
                    looked(e).broken = Some(Broken::NoProof);
                },
                is(Word::Unproven),
            ),
            (
                |e| {
                    looked(e).answer = NameAnswer::NoName;
                    looked(e).security = Security::Bogus;
                },
                is(Word::Unproven),
            ),
            (|e| sample::times_out(looked(e)), inconclusive(Unknown::DnsFailed)),
            (|e| sample::indeterminate(looked(e)), inconclusive(Unknown::DnsIndeterminate)),
            (|e| sample::too_much(looked(e)), inconclusive(Unknown::DnsLimit)),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
            // The expanded name decides, unless it is known to have none (RFC 7672 §2.2.3).
            (
                |e| {
                    let mut expanded = looked(e).clone();
                    sample::times_out(&mut expanded);
                    e.mx[0].tlsa.expanded = Some(expanded);
                },
                inconclusive(Unknown::DnsFailed),
            ),
            (
                |e| {
                    let expanded = LookupResult { answer: NameAnswer::NoName, ..looked(e).clone() };
                    e.mx[0].tlsa.expanded = Some(expanded);
                },
                is(Word::Present),
            ),
        ],
    );
}

#[test]
fn every_certificate_wants_a_record_that_senders_use() {
    check_all(
        matches,
        vec![
            (|_| {}, is(Word::Matched)),
            (mismatch, is(Word::Unmatched)),
            (|e| publish(e, vec![record_of(1, 1, 0xab)]), is(Word::Unusable)),
            // DANE-EE is of the server's own certificate, and not of the issuer's.
            (
                |e| {
                    mismatch(e);
                    also_matches(e, &sample::tlsa(), ISSUER);
                },
                is(Word::Unmatched),
            ),
            (
                |e| {
                    publish(e, vec![record_of(2, 1, 1)]);
                    also_matches(e, &record_of(2, 1, 1), ISSUER);
                },
                is(Word::Matched),
            ),
            // Digest agility: the record that matches is weaker than one that does not (RFC 7671 §9).
            (|e| publish(e, vec![sample::tlsa(), record_of(3, 2, 1)]), is(Word::Unmatched)),
            (
                |e| {
                    publish(e, vec![sample::tlsa(), record_of(3, 2, 1)]);
                    also_matches(e, &record_of(3, 2, 1), LEAF);
                },
                is(Word::Matched),
            ),
            (|e| sample::unsigned(looked(e)), not_applicable(Inapplicable::Unsigned)),
            (|e| looked(e).answer = NameAnswer::NoName, not_applicable(Inapplicable::NoRecord)),
            (no_starttls, not_applicable(Inapplicable::NoStarttls)),
            (|e| sample::breaks(looked(e)), inconclusive(Unknown::DnsBogus)),
            (|e| e.examined.clear(), inconclusive(Unknown::Cut)),
            // The one that fits may be among those that were left out.
            (
                |e| {
                    mismatch(e);
                    sample::leaves_out(e, |e| e.mx[0].tlsa.original.clone());
                },
                inconclusive(Unknown::Cut),
            ),
            (
                |e| {
                    publish(e, vec![record_of(1, 1, 0xab)]);
                    sample::leaves_out(e, |e| e.mx[0].tlsa.original.clone());
                },
                inconclusive(Unknown::Cut),
            ),
            (|e| sample::leaves_out(e, |e| e.mx[0].tlsa.original.clone()), is(Word::Matched)),
            (|e| e.servers[0].stopped = Some(Stopped::OutOfTime), inconclusive(Unknown::OutOfTime)),
        ],
    );
}

#[test]
fn a_rollover_wants_two_keys_or_the_issuer() {
    check_all(
        rollover,
        vec![
            (|_| {}, is(Word::Absent)),
            (|e| publish(e, vec![sample::tlsa(), record_of(3, 1, 1)]), is(Word::Present)),
            (
                |e| {
                    publish(e, vec![sample::tlsa(), record_of(2, 1, 1)]);
                    also_matches(e, &record_of(2, 1, 1), ISSUER);
                },
                is(Word::Present),
            ),
            // An authority that issued nothing here, and the certificate as its own issuer.
            (|e| publish(e, vec![sample::tlsa(), record_of(2, 1, 1)]), is(Word::Absent)),
            // Two digests of one key, and one of the certificate that has it.
            (
                |e| {
                    let certificate = Tlsa { selector: 0, ..record_of(3, 1, 1) };
                    publish(e, vec![sample::tlsa(), record_of(3, 2, 1), certificate.clone()]);
                    also_matches(e, &record_of(3, 2, 1), LEAF);
                    also_matches(e, &certificate, LEAF);
                },
                is(Word::Absent),
            ),
            // The digest of another length is of another key, as it fits nothing.
            (|e| publish(e, vec![sample::tlsa(), record_of(3, 2, 1)]), is(Word::Present)),
            // Only the issuer: its certificates may have any key.
            (
                |e| {
                    publish(e, vec![record_of(2, 1, 1)]);
                    also_matches(e, &record_of(2, 1, 1), ISSUER);
                },
                is(Word::Present),
            ),
            (|e| publish(e, vec![sample::tlsa(), sample::tlsa()]), is(Word::Absent)),
            (|e| publish(e, vec![sample::tlsa(), record_of(1, 1, 1)]), is(Word::Absent)),
            // One record is one key, whatever the host shows; of two it must be seen what they fit.
            (no_starttls, is(Word::Absent)),
            (
                |e| {
                    publish(e, vec![sample::tlsa(), record_of(2, 1, 1)]);
                    e.servers[0].stopped = Some(Stopped::Silent);
                },
                inconclusive(Unknown::NoAnswer),
            ),
            (|e| sample::leaves_out(e, |e| e.mx[0].tlsa.original.clone()), inconclusive(Unknown::Cut)),
            (|e| looked(e).answer = NameAnswer::NoData, not_applicable(Inapplicable::NoRecord)),
            (|e| sample::times_out(looked(e)), inconclusive(Unknown::DnsFailed)),
        ],
    );
}

#[test]
fn records_are_counted_by_what_they_are_good_for() {
    check_all(
        unusable,
        vec![
            (|_| {}, count(0)),
            (|e| publish(e, vec![sample::tlsa(), record_of(0, 1, 1), record_of(1, 1, 1)]), count(2)),
            (|e| looked(e).answer = NameAnswer::NoData, not_applicable(Inapplicable::NoRecord)),
            (|e| sample::breaks(looked(e)), inconclusive(Unknown::DnsBogus)),
            (|e| sample::leaves_out(e, |e| e.mx[0].tlsa.original.clone()), inconclusive(Unknown::Cut)),
        ],
    );
    check_all(
        stale,
        vec![
            (|_| {}, count(0)),
            (|e| publish(e, vec![sample::tlsa(), record_of(3, 1, 1), record_of(1, 1, 1)]), count(1)),
            // None is left over beside one that fits: that is what `matches` finds.
            (|e| publish(e, vec![record_of(3, 1, 1)]), not_applicable(Inapplicable::NoneFits)),
            (|e| publish(e, vec![record_of(1, 1, 1)]), count(0)),
            (
                |e| {
                    publish(e, vec![record_of(3, 1, 1)]);
                    sample::leaves_out(e, |e| e.mx[0].tlsa.original.clone());
                },
                inconclusive(Unknown::Cut),
            ),
            (|e| sample::unsigned(looked(e)), not_applicable(Inapplicable::Unsigned)),
            (no_starttls, not_applicable(Inapplicable::NoStarttls)),
            // An address that was not seen may send what the record is for.
            (
                |e| {
                    publish(e, vec![sample::tlsa(), record_of(3, 1, 1)]);
                    e.servers[0].stopped = Some(Stopped::Silent);
                },
                inconclusive(Unknown::NoAnswer),
            ),
        ],
    );
}

/// The first host's certificate holds from then to then, in days from now.
fn lives(evidence: &mut Evidence, from: i64, until: i64) {
    let leaf = evidence.certificates.get_mut(LEAF).unwrap();
    (leaf.not_before, leaf.not_after) = (sample::in_days(from), sample::in_days(until));
}

#[test]
fn a_renewal_is_foretold_from_the_lifetime() {
    check_all(
        renewal,
        vec![
            (|_| {}, is(Word::Depends)),
            (
                |e| {
                    let certificate = Tlsa { selector: 0, ..record_of(3, 1, 1) };
                    publish(e, vec![certificate.clone()]);
                    also_matches(e, &certificate, LEAF);
                },
                is(Word::Lapses),
            ),
            (|e| publish(e, vec![sample::tlsa(), record_of(3, 1, 1)]), is(Word::Survives)),
            (
                |e| {
                    publish(e, vec![sample::tlsa(), record_of(2, 1, 1)]);
                    also_matches(e, &record_of(2, 1, 1), ISSUER);
                },
                is(Word::Survives),
            ),
            (|e| lives(e, -100, 300), not_applicable(Inapplicable::NoRenewal)),
            (untrusted, not_applicable(Inapplicable::NoRenewal)),
            (mismatch, not_applicable(Inapplicable::NoneFits)),
            (|e| looked(e).answer = NameAnswer::NoData, not_applicable(Inapplicable::NoRecord)),
            (|e| sample::leaves_out(e, |e| e.mx[0].tlsa.original.clone()), inconclusive(Unknown::Cut)),
            (
                |e| {
                    lives(e, -100, 300);
                    e.servers[0].stopped = Some(Stopped::OutOfTime);
                },
                inconclusive(Unknown::OutOfTime),
            ),
        ],
    );
    // With a third left; of six days with half; at the end, where that is over.
    for (from, until, day) in
        [(-30, 60, "2026-12-01"), (-1, 5, "2026-11-03"), (-80, 10, "2026-11-11"), (-5, 1, "2026-11-02")]
    {
        let mut evidence = sample::perfect();
        lives(&mut evidence, from, until);
        let finding = &renewal(&evidence, sample::now())[0];
        assert!(finding.details[0].starts_with(&format!("{day}: ")), "{finding:?}");
    }
}

fn fetched(evidence: &mut Evidence, status: u16, media: &str, body: &str, cut: bool) {
    let (content_type, body) = (Some(media.to_owned()), body.to_owned());
    let fetch = evidence.names.mta_sts.fetch.as_mut().unwrap();
    fetch.outcome = FetchOutcome::Answered { status, content_type, body, cut, location: None };
}

fn policy_says(evidence: &mut Evidence, mode: &str, mx: &str) {
    let body = format!("version: STSv1\nmode: {mode}\nmx: {mx}\nmax_age: 604800\n");
    fetched(evidence, 200, "text/plain; charset=utf-8", &body, false);
}

fn outcome(evidence: &mut Evidence, outcome: FetchOutcome) {
    evidence.names.mta_sts.fetch.as_mut().unwrap().outcome = outcome;
}

const GOOD: &str = "version: STSv1\nmode: enforce\nmx: *.example.net\nmax_age: 86400\n";

#[test]
fn mta_sts_goes_by_the_book() {
    check_all(
        record,
        vec![
            (|_| {}, is(Word::Present)),
            (|e| e.names.mta_sts.record.answer = NameAnswer::NoName, is(Word::Absent)),
            (|e| e.names.mta_sts.record = sample::txt("_mta-sts", "v=STSv1; id=a-b;"), is(Word::Invalid)),
            (
                |e| {
                    let records = vec!["v=STSv1; id=1;".to_owned(), "v=STSv1; id=2;".to_owned()];
                    e.names.mta_sts.record.answer = NameAnswer::Records { records };
                },
                is(Word::Several),
            ),
            (|e| sample::times_out(&mut e.names.mta_sts.record), inconclusive(Unknown::DnsFailed)),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
            (
                |e| {
                    sample::times_out(&mut e.names.mx);
                    e.mx.clear();
                },
                is(Word::Present),
            ),
        ],
    );
    check_all(
        policy,
        vec![
            (|_| {}, is(Word::Enforce)),
            (|e| policy_says(e, "testing", "*.example.net"), is(Word::Testing)),
            (|e| policy_says(e, "none", "*.example.net"), is(Word::Nothing)),
            (|e| policy_says(e, "strict", "*.example.net"), is(Word::Invalid)),
            (|e| fetched(e, 200, "text/html", GOOD, false), is(Word::Unfetched)),
            (|e| fetched(e, 200, "text/plain", GOOD, true), is(Word::Unfetched)),
            (|e| fetched(e, 301, "text/plain", GOOD, false), is(Word::Unfetched)),
            (|e| fetched(e, 404, "text/plain", GOOD, false), is(Word::Unfetched)),
            (|e| outcome(e, FetchOutcome::TlsFailed { reason: "expired".to_owned() }), is(Word::Unfetched)),
            (|e| fetched(e, 503, "text/plain", GOOD, false), inconclusive(Unknown::FetchFailed)),
            (|e| outcome(e, FetchOutcome::TimedOut), inconclusive(Unknown::FetchFailed)),
            (
                |e| {
                    e.names.mta_sts.fetch = None;
                    (e.names.mta_sts.a.answer, e.names.mta_sts.aaaa.answer) =
                        (NameAnswer::NoName, NameAnswer::NoName);
                },
                is(Word::Unfetched),
            ),
            (
                |e| {
                    e.names.mta_sts.fetch = None;
                    e.connections = crate::shared::evidence::scan::Connections::NotVouchedFor;
                },
                inconclusive(Unknown::NotTried {
                    why: crate::shared::evidence::scan::NotTried::NotVouchedFor,
                }),
            ),
            (|e| e.names.mta_sts.record.answer = NameAnswer::NoData, not_applicable(Inapplicable::NoRecord)),
        ],
    );
    check_all(
        max_age,
        vec![
            (|_| {}, count(28)),
            (|e| fetched(e, 404, "text/plain", "", false), not_applicable(Inapplicable::NoRecord)),
            (|e| outcome(e, FetchOutcome::TimedOut), inconclusive(Unknown::FetchFailed)),
        ],
    );
}

/// Whoever keeps to the grammar throws such a policy away; others obey it, so its hosts are looked at all the same.
#[test]
fn a_policy_is_shown_as_it_was_served_whatever_its_faults() {
    let mut evidence = sample::perfect();
    let body = "version: STSv1\nmode: enforce\nmx: MX1.example.net.\n\nmx: 192.0.2.1\n  max_age: 63072000 \n";
    fetched(&mut evidence, 200, "text/plain", body, false);
    let finding = policy(&evidence, sample::now()).remove(0);
    let served =
        ["version: STSv1", "mode: enforce", "mx: MX1.example.net.", "mx: 192.0.2.1", "␣␣max_age: 63072000␣"];
    assert_eq!(finding.measured, is(Word::Invalid));
    assert_eq!(finding.details.len(), 4 + served.len(), "{:?}", finding.details);
    assert!(finding.details.ends_with(&served.map(str::to_owned)), "{:?}", finding.details);
    assert!(finding.evidence.ends_with(&served.map(str::to_owned)), "{:?}", finding.evidence);
    let hosts = mx(&evidence, sample::now());
    assert_eq!((&hosts[0].measured, &hosts[1].measured), (&is(Word::Matched), &is(Word::Unlisted)));
    assert_eq!(hosts[1].details, ["mx: MX1.example.net.", "mx: 192.0.2.1"]);
    let kept = max_age(&evidence, sample::now()).remove(0);
    assert_eq!((kept.measured, kept.details), (count(365), vec!["␣␣max_age: 63072000␣".to_owned()]));
}

#[test]
fn what_readers_do_not_agree_on_is_noted_beside_the_policy() {
    let mut evidence = sample::perfect();
    for (media, body, word, notes) in [
        ("text/plain", GOOD.to_owned(), Word::Enforce, vec![]),
        ("text/plain", format!("{GOOD}\n"), Word::Enforce, vec![Note::PolicyBlankLines]),
        ("text/html", GOOD.to_owned(), Word::Unfetched, vec![Note::PolicyMediaType]),
        ("text/html", "<html>".to_owned(), Word::Unfetched, vec![]),
    ] {
        fetched(&mut evidence, 200, media, &body, false);
        let finding = policy(&evidence, sample::now()).remove(0);
        assert_eq!((finding.measured, finding.notes), (is(word), notes), "{media} {body:?}");
    }
}

#[test]
fn mta_sts_wants_each_host_listed_and_trusted() {
    check_all(
        mx,
        vec![
            (|_| {}, is(Word::Matched)),
            (|e| policy_says(e, "enforce", "mx9.example.net"), is(Word::Unlisted)),
            (untrusted, is(Word::Untrusted)),
            (|e| e.examined[0].name_matches = false, is(Word::Untrusted)),
            (no_starttls, is(Word::Untrusted)),
            (|e| policy_says(e, "none", "mx9.example.net"), not_applicable(Inapplicable::NoRecord)),
            (|e| outcome(e, FetchOutcome::TimedOut), inconclusive(Unknown::FetchFailed)),
            (|e| e.servers[1].stopped = Some(Stopped::Silent), inconclusive(Unknown::NoAnswer)),
            (|e| e.servers[0].reach = Reach::TimedOut, is(Word::Matched)),
        ],
    );
}

#[test]
fn bindings_agree_if_senders_of_both_kinds_arrive() {
    check_all(
        agree,
        vec![
            (|_| {}, is(Word::Agrees)),
            (mismatch, is(Word::Disagrees)),
            (untrusted, is(Word::Disagrees)),
            (|e| policy_says(e, "enforce", "mx1.example.net"), is(Word::Disagrees)),
            (|e| policy_says(e, "testing", "mx1.example.net"), is(Word::Agrees)),
            (|e| sample::breaks(looked(e)), is(Word::Disagrees)),
            (no_starttls, is(Word::Disagrees)),
            (|e| publish(e, vec![record_of(1, 1, 1)]), is(Word::Agrees)),
            (|e| e.examined.clear(), inconclusive(Unknown::Cut)),
            (|e| sample::leaves_out(e, |e| e.names.mx.clone()), inconclusive(Unknown::Cut)),
            (
                |e| {
                    e.mx.iter_mut().for_each(|mx| mx.tlsa.original.answer = NameAnswer::NoData);
                    e.names.mta_sts.record.answer = NameAnswer::NoData;
                },
                not_applicable(Inapplicable::NoRecord),
            ),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
        ],
    );
}

#[test]
fn reports_are_asked_for() {
    check_all(
        tlsrpt,
        vec![
            (|_| {}, is(Word::Present)),
            (|e| e.names.tlsrpt.answer = NameAnswer::NoName, is(Word::Absent)),
            (|e| sample::breaks(&mut e.names.tlsrpt), inconclusive(Unknown::DnsBogus)),
            (sample::null_mx, not_applicable(Inapplicable::NoMail)),
        ],
    );
}
