//! The life of a zone's keys, without files and clocks: what stage each is in, and when it goes on to the next.
//!
//! A zone-signing key is rolled by pre-publication (RFC 6781 §4.1.1.1, RFC 7583 §3.2.1): the next one stands in the DNSKEY
//! set until every cache has it, then it signs, and the old one stays until no cache has a signature of it. A key-signing
//! key is rolled with both in the DNSKEY set, each signing it (RFC 7583 §3.3.1, Double-KSK): when every cache has the new one
//! it is announced to the parent (CDS, CDNSKEY), and when the parent has its DS the old one stays until no cache has the
//! old DS.

use serde::{Deserialize, Serialize};

use crate::shared::time::Timestamp;

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The DNSKEY set, and what is announced to the parent, whose DS record names it.
    Ksk,
    /// All else.
    Zsk,
}

/// What a key is used for at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// It stands in the DNSKEY set, so that caches have it when it is needed.
    Published,
    /// A key-signing key that the parent is to take for the present one: CDS and CDNSKEY name it.
    Announced,
    /// It is the one that is in use.
    Active,
    /// Another one is used. It still stands in the DNSKEY set, for those who have older records in their caches.
    Retired,
}

/// One key of a zone, as the file of its state says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Key {
    pub(super) role: Role,
    /// Its key tag (RFC 4034, Appendix B).
    pub(super) tag: u16,
    pub(super) stage: Stage,
    /// Since when it is in this stage.
    pub(super) since: Timestamp,
    /// Its file, in the folder of keys.
    pub(super) file: String,
}

/// What is waited for, and how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sending::authority) struct Waits {
    /// Until no cache and no secondary has a record of the zone as it was before, in seconds.
    pub(in crate::sending::authority) caches_s: i64,
    /// How long a zone-signing key is used, in seconds; none: for ever.
    pub(in crate::sending::authority) zsk_life_s: Option<i64>,
    /// Whether the DS records lie in a zone that is served here, and follow by themselves.
    pub(in crate::sending::authority) parent_is_here: bool,
}

/// By how much a wait may seem longer than it is, in seconds: every wait is longer by so much, so that a clock which is a
/// day slow when it begins and a day fast when it ends does no harm to anybody.
const CLOCK_SWING_S: i64 = 2 * 86_400;
/// For how long a resolver keeps a record at most, in seconds: BIND's limit, a week, is the longest of those in wide use.
const CACHE_S_MAX: i64 = 7 * 86_400;
/// For how long a secondary that cannot reach us goes on at most, in seconds, whatever the SOA record says: four weeks,
/// the longest that RIPE-203 and RFC 1912 §2.2 recommend.
const EXPIRE_S_MAX: i64 = 28 * 86_400;
/// Until no cache has the parent's old DS, in seconds: parents' DS records live for a day, and some take another until
/// all their servers have a change; the rest is for clocks and for parents that are slower.
const DS_S: i64 = 7 * 86_400;

impl Waits {
    /// The waits of a zone whose secondaries give up after `expire_s`, and whose longest TTL is `ttl_s_max`.
    pub(in crate::sending::authority) fn new(
        expire_s: i64,
        ttl_s_max: u32,
        zsk_days: u32,
        parent_is_here: bool,
    ) -> Self {
        let caches_s =
            expire_s.clamp(0, EXPIRE_S_MAX) + i64::from(ttl_s_max).min(CACHE_S_MAX) + CLOCK_SWING_S;
        let zsk_life_s = (zsk_days > 0).then_some(i64::from(zsk_days) * 86_400);
        Self { caches_s, zsk_life_s, parent_is_here }
    }

    /// How long a retired key stays.
    fn retired_s(&self, role: Role) -> i64 {
        match role {
            Role::Zsk => self.caches_s,
            Role::Ksk => self.caches_s.max(DS_S),
        }
    }

    /// When the next zone-signing key is to be published, where the present one signs since `since`.
    fn next_zsk_s(&self, since: Timestamp) -> Option<i64> {
        // The one that is in use has been so for a while, however long the waits are: no roll begins with another.
        let life_s = self.zsk_life_s?;
        Some(since.as_second() + (life_s - self.caches_s).max(0))
    }
}

/// What a key goes on to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Its successor is published then.
    Successor(Timestamp),
    /// It signs from then on.
    Signs(Timestamp),
    /// The parent is told to take it from then on.
    Announced(Timestamp),
    /// It is taken into use when the parent has its DS record.
    Parent,
    /// It is removed then.
    Removed(Timestamp),
    /// It stays until somebody orders otherwise.
    Stays,
}

/// What `key`, one of `keys`, goes on to.
pub(super) fn next(keys: &[Key], key: &Key, waits: &Waits) -> Next {
    let at = |second| Timestamp::from_second(second).unwrap_or(Timestamp::MAX);
    let after = |wait_s: i64| at(key.since.as_second().saturating_add(wait_s));
    match (key.role, key.stage) {
        (role, Stage::Retired) => Next::Removed(after(waits.retired_s(role))),
        (Role::Zsk, Stage::Published | Stage::Announced) => Next::Signs(after(waits.caches_s)),
        (Role::Ksk, Stage::Published) => Next::Announced(after(waits.caches_s)),
        (Role::Ksk, Stage::Announced) => Next::Parent,
        (Role::Zsk, Stage::Active) if is_alone(keys, Role::Zsk) => {
            waits.next_zsk_s(key.since).map_or(Next::Stays, |second| Next::Successor(at(second)))
        }
        (_, Stage::Active) => Next::Stays,
    }
}

/// Whether there is one key of a role and no roll under way.
fn is_alone(keys: &[Key], role: Role) -> bool {
    keys.iter().filter(|key| key.role == role).count() == 1
}

/// Brings keys to `now`: each goes on whose time has come. Whether another zone-signing key is to be published.
pub(super) fn advance(keys: &mut Vec<Key>, now: Timestamp, waits: &Waits) -> bool {
    for key in keys.iter_mut().filter(|key| key.since > now) {
        // The clock went back. To wait longer never harms.
        key.since = now;
    }
    let waited = |key: &Key, wait_s: i64| now.as_second() - key.since.as_second() >= wait_s;
    keys.retain(|key| key.stage != Stage::Retired || !waited(key, waits.retired_s(key.role)));
    let is_ready = |key: &Key| key.stage == Stage::Published && waited(key, waits.caches_s);
    if keys.iter().any(|key| key.role == Role::Zsk && is_ready(key)) {
        take_over(keys, Role::Zsk, Stage::Published, now);
    }
    for key in keys.iter_mut().filter(|key| key.role == Role::Ksk && is_ready(key)) {
        (key.stage, key.since) = (Stage::Announced, now);
    }
    if waits.parent_is_here {
        confirm(keys, now);
    }
    let wears_out = |key: &Key| {
        let due_s = waits.next_zsk_s(key.since);
        key.role == Role::Zsk && due_s.is_some_and(|due_s| due_s <= now.as_second())
    };
    is_alone(keys, Role::Zsk) && keys.iter().any(wears_out)
}

/// The parent has the DS record of the key that was announced. Whether there was one.
pub(super) fn confirm(keys: &mut [Key], now: Timestamp) -> bool {
    let announced = keys.iter().any(|key| key.stage == Stage::Announced);
    if announced {
        take_over(keys, Role::Ksk, Stage::Announced, now);
    }
    announced
}

/// The key of a role that is in `stage` takes over from the one that is in use.
fn take_over(keys: &mut [Key], role: Role, stage: Stage, now: Timestamp) {
    for key in keys.iter_mut().filter(|key| key.role == role) {
        if key.stage == Stage::Active {
            (key.stage, key.since) = (Stage::Retired, now);
        } else if key.stage == stage {
            (key.stage, key.since) = (Stage::Active, now);
        }
    }
}

/// Whether the parent is to have a DS record of this one: of the one that is announced, else of the one in use.
pub(super) fn is_for_parent(keys: &[Key], key: &Key) -> bool {
    let announced = keys.iter().any(|key| key.role == Role::Ksk && key.stage == Stage::Announced);
    key.role == Role::Ksk && key.stage == if announced { Stage::Announced } else { Stage::Active }
}

/// Why keys are none of a zone: in each role one is in use, and at most one roll is under way.
pub(super) fn fault(keys: &[Key]) -> Option<&'static str> {
    for role in [Role::Ksk, Role::Zsk] {
        let of = |stage| keys.iter().filter(|key| key.role == role && key.stage == stage).count();
        if of(Stage::Active) != 1 {
            return Some("in each role (ksk, zsk) one key must be active");
        }
        if of(Stage::Published) + of(Stage::Announced) + of(Stage::Retired) > 1 {
            return Some("more than one roll of a role is under way");
        }
    }
    let announced = |key: &Key| key.role == Role::Zsk && key.stage == Stage::Announced;
    keys.iter().any(announced).then_some("a zsk is never announced")
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, VecDeque};

    use super::*;

    const HOUR_S: i64 = 3_600;
    const DAY_S: i64 = 86_400;
    const START_S: i64 = 1_800_000_000;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn key(role: Role, tag: u16, stage: Stage, since_s: i64) -> Key {
        Key { role, tag, stage, since: at(since_s), file: tag.to_string() }
    }

    fn first() -> Vec<Key> {
        vec![key(Role::Ksk, 1, Stage::Active, START_S), key(Role::Zsk, 2, Stage::Active, START_S)]
    }

    /// What is served at an hour, and what the parent has.
    struct Served {
        dnskey: BTreeSet<u16>,
        ksks: BTreeSet<u16>,
        zsk: u16,
        ds: u16,
    }

    /// Whether one who has the keys of `keys` and the rest of `rest`, or its DS, finds a chain of trust.
    fn holds(keys: &Served, rest: &Served) -> bool {
        keys.dnskey.contains(&rest.zsk) && keys.ksks.contains(&rest.ds)
    }

    /// 400 days, hour by hour, with a clock that is wrong by up to a day now and then: whatever two hours a resolver
    /// has records of that caches and secondaries may still hold, they fit.
    #[test]
    fn no_cache_ever_has_what_does_not_fit() {
        let (expire_s, ttl_s, days) = (5 * DAY_S, 3_600, 400);
        let waits = Waits::new(expire_s, 3_600, 30, false);
        let held_hours = usize::try_from((expire_s + ttl_s) / HOUR_S).unwrap();
        let (mut keys, mut next_tag, mut parent, mut rolls) = (first(), 3, 1, (0, 0));
        let mut past: VecDeque<Served> = VecDeque::new();
        for hour in 0..days * 24 {
            let true_s = START_S + hour * HOUR_S;
            // Right for two days, then slow, then fast by a day for some hours: in each phase of each roll in turn.
            let wrong_s = match hour % 61 {
                48..54 => -DAY_S,
                54..61 => DAY_S,
                _ => 0,
            };
            let now = at(true_s + wrong_s);
            if advance(&mut keys, now, &waits) {
                keys.push(key(Role::Zsk, next_tag, Stage::Published, now.as_second()));
                (next_tag, rolls.0) = (next_tag + 1, rolls.0 + 1);
            }
            if hour % (100 * 24) == 50 * 24 {
                keys.push(key(Role::Ksk, next_tag, Stage::Published, now.as_second()));
                (next_tag, rolls.1) = (next_tag + 1, rolls.1 + 1);
            }
            let announced = keys.iter().find(|key| key.stage == Stage::Announced).map(|key| key.tag);
            if let Some(tag) = announced {
                // The parent takes it, and is seen to have it an hour later.
                if parent == tag {
                    assert!(confirm(&mut keys, now));
                }
                parent = tag;
            }
            assert_eq!(fault(&keys), None);
            let tags =
                |is: &dyn Fn(&Key) -> bool| keys.iter().filter(|key| is(key)).map(|key| key.tag).collect();
            let zsk: BTreeSet<u16> = tags(&|key| key.role == Role::Zsk && key.stage == Stage::Active);
            let served = Served {
                dnskey: tags(&|_| true),
                ksks: tags(&|key| key.role == Role::Ksk),
                zsk: *zsk.first().unwrap(),
                ds: parent,
            };
            for before in past.iter().chain([&served]) {
                assert!(holds(before, &served) && holds(&served, before), "hour {hour}: {keys:?}");
            }
            past.push_back(served);
            if past.len() > held_hours {
                past.pop_front();
            }
        }
        assert!(rolls.0 >= 10, "{rolls:?}");
        assert_eq!(rolls.1, 4);
        assert!(!keys.iter().any(|key| key.tag < 3), "the first keys are gone: {keys:?}");
    }

    #[test]
    fn a_parent_that_is_served_here_follows_by_itself() {
        let waits = Waits::new(5 * DAY_S, 3_600, 0, true);
        let mut keys = first();
        keys.push(key(Role::Ksk, 3, Stage::Published, START_S));
        assert!(!advance(&mut keys, at(START_S + waits.caches_s - 1), &waits));
        assert!(is_for_parent(&keys, &keys[0]) && !is_for_parent(&keys, &keys[2]));
        advance(&mut keys, at(START_S + waits.caches_s), &waits);
        assert!(is_for_parent(&keys, &keys[2]) && !is_for_parent(&keys, &keys[0]));
        assert_eq!((keys[0].stage, keys[2].stage), (Stage::Retired, Stage::Active));
        advance(&mut keys, at(START_S + 1_000 * DAY_S), &waits);
        assert_eq!(keys.iter().map(|key| key.tag).collect::<Vec<_>>(), [2, 3], "0 days: the ZSK stays");
        assert_eq!(next(&keys, &keys[0], &waits), Next::Stays);
    }

    #[test]
    fn a_service_that_slept_takes_one_step_after_the_other() {
        let waits = Waits::new(5 * DAY_S, 3_600, 90, false);
        let late_s = START_S + 500 * DAY_S;
        let mut keys = first();
        assert!(advance(&mut keys, at(late_s), &waits), "it is time for another");
        keys.push(key(Role::Zsk, 3, Stage::Published, late_s));
        assert!(!advance(&mut keys, at(late_s + 1), &waits));
        assert_eq!(keys[1].stage, Stage::Active, "nobody has the new one yet");
        assert_eq!(next(&keys, &keys[2], &waits), Next::Signs(at(late_s + waits.caches_s)));
    }

    #[test]
    fn keys_that_cannot_be_are_told() {
        assert_eq!(fault(&first()), None);
        assert!(fault(&first()[..1]).is_some() && fault(&[]).is_some());
        let mut two = first();
        two.extend([3, 4].map(|tag| key(Role::Zsk, tag, Stage::Retired, START_S)));
        assert!(fault(&two).is_some());
    }
}
