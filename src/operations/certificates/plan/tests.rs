use rcgen::{CertificateParams, KeyPair};

use super::*;
use crate::sending::identities::{FormerKey, Lineage, NextKey, Setback, Window};

const RULES: Rules<'_> = Rules { directory: "https://ca.example/dir", profile: None, ttl_s: 60 };
const DAY_S: u32 = 86_400;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A certificate of the CA's for these names, which begins then.
fn issued(names: &[&str], begins: Timestamp, life_s: u32) -> Issued {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let certificate = CertificateParams::new(names).unwrap().self_signed(&KeyPair::generate().unwrap());
    Issued {
        chain: vec![certificate.unwrap().der().clone()],
        directory: RULES.directory.to_owned(),
        profile: None,
        begins,
        ends: after(begins, life_s),
    }
}

fn view(issued: Option<Issued>) -> View {
    View { lineage: Lineage::new(1, vec!["mx.example".to_owned()]), issued, next_issued: None }
}

/// What the CA says of when to renew a certificate, which is not to be asked for a while.
fn window(issued: &Issued, suggested: Option<(Timestamp, Timestamp)>) -> Option<Window> {
    Some(Window { suggested, of_end: issued.ends, ask_again: Timestamp::MAX })
}

#[test]
fn the_first_certificate_is_ordered_at_once_and_the_ca_is_asked_about_it() {
    let now = at("2026-11-29T12:00:00Z");
    let mut view = view(None);
    assert_eq!(next(&[view.clone()], RULES, now), Step::Order(1, 1));
    view.issued = Some(issued(&["mx.example"], now, 90 * DAY_S));
    assert_eq!(next(&[view.clone()], RULES, now), Step::Ask(1));
    view.lineage.window = window(view.issued.as_ref().unwrap(), None);
    assert_eq!(next(&[view.clone()], RULES, now), Step::Wait(after(now, LOOK_S)));
    // What the CA said of another certificate says nothing of this one.
    view.lineage.window.as_mut().unwrap().of_end = now;
    assert_eq!(next(&[view], RULES, now), Step::Ask(1));
}

#[test]
fn a_certificate_is_renewed_with_a_third_of_its_life_left_or_earlier_if_the_ca_wants() {
    let begins = at("2026-11-29T12:00:00Z");
    let issued = issued(&["mx.example"], begins, 90 * DAY_S);
    let mut view = view(Some(issued.clone()));
    view.lineage.window = window(&issued, None);
    let third = after(begins, 60 * DAY_S);
    assert_eq!(due_at(&view, RULES), third);
    let step_at = |view: &View, now| next(std::slice::from_ref(view), RULES, now);
    assert!(matches!(step_at(&view, crate::shared::time::before(third, 1)), Step::Wait(_)));
    assert_eq!(step_at(&view, third), Step::Order(1, 1));

    let (start, end) = (after(begins, 20 * DAY_S), after(begins, 22 * DAY_S));
    view.lineage.window = window(&issued, Some((start, end)));
    let due = due_at(&view, RULES);
    assert!(start <= due && due <= end, "{due}");
    assert_eq!(due_at(&view, RULES), due, "the same whenever it is asked for");
    view.lineage.window = window(&issued, Some((after(begins, 80 * DAY_S), after(begins, 85 * DAY_S))));
    assert_eq!(due_at(&view, RULES), third, "a CA that wants it late does not put it at risk");
    view.lineage.renewal_wanted = true;
    assert_eq!(step_at(&view, begins), Step::Order(1, 1));
}

#[test]
fn the_instants_in_a_window_are_spread() {
    let (start, end) = (at("2026-12-01T00:00:00Z"), at("2026-12-03T00:00:00Z"));
    let drawn: Vec<_> = (0..20)
        .map(|_| within(&issued(&["mx.example"], start, DAY_S), start, end))
        .inspect(|drawn| assert!((start..=end).contains(drawn)))
        .collect();
    // That all of twenty lie in one half has a chance of one in half a million.
    let middle = at("2026-12-02T00:00:00Z");
    assert!(drawn.iter().any(|at| *at < middle) && drawn.iter().any(|at| *at > middle), "{drawn:?}");
}

#[test]
fn what_is_not_as_it_is_set_is_ordered_anew() {
    let now = at("2026-11-29T12:00:00Z");
    let good = issued(&["mx.example"], now, 90 * DAY_S);
    for other in [
        Issued { directory: "https://staging.example/dir".to_owned(), ..good.clone() },
        Issued { profile: Some("short".to_owned()), ..good.clone() },
        issued(&["other.example"], now, 90 * DAY_S),
    ] {
        assert_eq!(next(&[view(Some(other))], RULES, now), Step::Order(1, 1));
    }
    assert_eq!(next(&[view(Some(good))], RULES, now), Step::Ask(1));
}

#[test]
fn after_a_failure_nothing_is_ordered_until_it_is_time() {
    let now = at("2026-11-29T12:00:00Z");
    let mut failed = view(None);
    let not_before = after(now, 300);
    failed.lineage.setback = Some(Setback { failures: 1, at: now, not_before, reason: String::new() });
    assert_eq!(next(&[failed.clone()], RULES, now), Step::Wait(not_before));
    assert_eq!(next(&[failed.clone()], RULES, not_before), Step::Order(1, 1));
    // A clock that was ahead holds up nothing once it is right again.
    let earlier = at("2026-11-29T11:59:59Z");
    assert_eq!(next(&[failed.clone()], RULES, earlier), Step::Order(1, 1));
    // Other lineages do not wait for this one.
    let mut second = view(None);
    second.lineage.number = 2;
    assert_eq!(next(&[failed, second], RULES, now), Step::Order(2, 1));
}

#[test]
fn a_key_is_shown_two_ttls_after_its_record_and_not_without_a_certificate() {
    let now = at("2026-11-29T12:00:00Z");
    let mut view = view(Some(issued(&["mx.example"], now, 90 * DAY_S)));
    view.lineage.window = window(view.issued.as_ref().unwrap(), None);
    view.lineage.next = Some(NextKey { key: 2, published: None });
    let step_at = |view: &View, now| next(std::slice::from_ref(view), RULES, now);
    assert_eq!(step_at(&view, now), Step::Publish(1));
    view.lineage.next = Some(NextKey { key: 2, published: Some(now) });
    assert_eq!(step_at(&view, now), Step::Order(1, 2), "the certificate for the next key");
    assert_eq!(step_at(&view, after(now, DAY_S)), Step::Order(1, 2), "no key without a certificate");
    view.next_issued = Some(issued(&["mx.example"], now, 90 * DAY_S));
    assert_eq!(step_at(&view, after(now, 119)), Step::Wait(after(now, 120)));
    assert_eq!(step_at(&view, after(now, 120)), Step::Switch(1));

    view.issued = view.next_issued.take();
    (view.lineage.key, view.lineage.next) = (2, None);
    view.lineage.former = Some(FormerKey { key: 1, replaced: now });
    assert!(matches!(step_at(&view, after(now, 119)), Step::Wait(_) | Step::Ask(1)));
    assert_eq!(step_at(&view, after(now, 120)), Step::Retire(1));
}

/// Ten years with a CA that issues for 90 days and one key change a year: what is shown is never without a certificate that
/// is valid and a record that has been served for two TTLs.
#[test]
fn ten_years_go_by_without_a_gap() {
    let begin = at("2026-11-29T12:00:00Z");
    let mut now = begin;
    let mut view = view(None);
    let (mut orders, mut switches, mut changes) = (0, 0, 0_u32);
    while now < after(begin, 3650 * DAY_S) {
        if now >= after(begin, (changes + 1) * 365 * DAY_S) {
            changes += 1;
            view.lineage.next = Some(NextKey { key: view.lineage.key + 1, published: None });
        }
        match next(&[view.clone()], RULES, now) {
            Step::Wait(until) => {
                assert!(until > now, "time goes on");
                now = until;
            }
            Step::Ask(_) => {
                let about = view.issued.clone().unwrap();
                view.lineage.window = window(&about, None);
                view.lineage.window.as_mut().unwrap().ask_again = after(now, 30 * DAY_S);
            }
            Step::Order(_, key) => {
                orders += 1;
                let certificate = Some(issued(&["mx.example"], now, 90 * DAY_S));
                if key == view.lineage.key {
                    view.issued = certificate
                } else {
                    view.next_issued = certificate
                }
            }
            Step::Publish(_) => view.lineage.next.as_mut().unwrap().published = Some(now),
            Step::Switch(_) => {
                switches += 1;
                let next = view.lineage.next.take().unwrap();
                assert!(now >= after(next.published.unwrap(), 120));
                view.issued = view.next_issued.take();
                view.lineage.former = Some(FormerKey { key: view.lineage.key, replaced: now });
                view.lineage.key = next.key;
            }
            Step::Retire(_) => view.lineage.former = None,
        }
        let is_valid = view.issued.as_ref().is_none_or(|issued| issued.ends > now);
        assert!(is_valid, "{now}: the certificate has ended");
    }
    assert_eq!((switches, view.lineage.key), (9, 10));
    // One for every 60 days, and one for each change.
    assert!((55..=75).contains(&orders), "{orders}");
}

#[test]
fn what_a_wildcard_stands_for_is_not_ordered_beside_it() {
    let names = ["*.et.example", "mx.et.example", "a.mx.et.example", "example"].map(str::to_owned);
    assert_eq!(ordered(&names), ["*.et.example", "a.mx.et.example", "example"]);
}
