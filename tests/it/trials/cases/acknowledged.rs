//! What is acknowledged counts: whatever a sender does with its links, a case whose mail was taken came out.

use mailassay::sending::persona::CaseId;
use mailassay::sending::trial::{HostRole, LinkId};
use mailassay::sending::verdict::{CaseOutcome, CaseWhy, judge_cases};
use proptest::prelude::*;

use super::{SENDER, Stage, mail, recipient};

/// One try of a sender.
#[derive(Clone, Copy, Debug)]
struct Try {
    /// Seconds since the one before.
    after_s: u32,
    role: HostRole,
    /// Whether it takes a link that it has kept to that host.
    on_kept: bool,
    /// How long it keeps its link, in seconds.
    kept_s: u32,
    /// Whether it fetches the policy before.
    fetches: bool,
}

fn tries() -> impl Strategy<Value = Vec<Try>> {
    // Around the gap between attempts, and around the grace of a policy.
    let after_s = prop_oneof![0_u32..150, 250_u32..700];
    let role = prop_oneof![3 => Just(HostRole::Bad), 1 => Just(HostRole::Good)];
    let one = (after_s, role, any::<bool>(), 0_u32..120, prop::bool::weighted(0.1));
    let one = one.prop_map(|(after_s, role, on_kept, kept_s, fetches)| Try {
        after_s,
        role,
        on_kept,
        kept_s,
        fetches,
    });
    prop::collection::vec(one, 1..12)
}

/// A link of the sender, how many mails it sent there, and when it leaves it.
struct Kept {
    link: LinkId,
    role: HostRole,
    mails: u16,
    until: u32,
}

/// Plays the tries, until one is acknowledged; gives whether one was.
fn play(stage: &mut Stage, case: &'static str, tries: &[Try]) -> bool {
    let (to, once) = (recipient(case, None), mail("1@example.net", &[(case, None)]));
    let mut kept: Vec<Kept> = Vec::new();
    let (mut now, mut acknowledged) = (0, false);
    for one in tries {
        now += one.after_s;
        leave(stage, &mut kept, now);
        if one.fetches {
            stage.fetch(now, SENDER, case, None);
        }
        let place = kept.iter().position(|link| one.on_kept && link.role == one.role);
        let place = place.unwrap_or_else(|| {
            let (entrance, sni) = stage.host(case, None, one.role);
            let link = stage.connect(now, SENDER, Some(entrance), Some(&sni));
            kept.push(Kept { link, role: one.role, mails: 0, until: now });
            kept.len() - 1
        });
        let link = &mut kept[place];
        let number = link.mails;
        (link.mails, link.until) = (number + 1, now + one.kept_s);
        if stage.submit(now, (link.link, number), true, &to, &once) == 250 {
            acknowledged = true;
            break;
        }
    }
    leave(stage, &mut kept, u32::MAX);
    acknowledged
}

/// Ends the links whose time is over at `now`, in the order of their ends.
fn leave(stage: &mut Stage, kept: &mut Vec<Kept>, now: u32) {
    kept.sort_by_key(|link| link.until);
    let over = kept.iter().take_while(|link| link.until <= now).count();
    for link in kept.drain(..over) {
        stage.quit(link.until, link.link);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_acknowledged_counts_whatever_becomes_of_the_link(
        tries in tries(),
        case in prop_oneof![Just("sts-badcert"), Just("sts-unlisted"), Just("both-conflict"), Just("dane-mismatch"), Just("none")],
    ) {
        let mut stage = Stage::new();
        if !play(&mut stage, case, &tries) {
            return Ok(());
        }
        let trial = stage.only_trial();
        prop_assert_eq!(stage.ended(&trial), [case], "it has ended when its links have");
        let verdict = judge_cases(&stage.catalogue, &stage.pace, &stage.history(&trial));
        let finding = verdict.findings.iter().find(|finding| finding.case == CaseId::from(case));
        let finding = finding.expect("a finding");
        // Nobody asks for names here: that a host was passed over is not shown without.
        let is_open = finding.outcome == CaseOutcome::Unseen && finding.why != CaseWhy::NotLookedUp;
        prop_assert!(!is_open, "{:?}", finding);
    }
}
