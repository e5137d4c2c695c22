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
