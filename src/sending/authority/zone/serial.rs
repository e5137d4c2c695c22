//! Serials of SOA records: seconds of Unix time where that is later, else one more than the last. The last is kept in a
//! file, so that neither a restart nor a clock that is set back takes a zone back for its secondaries. Beside it stands what
//! each zone was when it got its serial: whoever else serves the same zones from the same folder gives the same zone the same
//! serial.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use data_encoding::HEXLOWER;
use hickory_proto::rr::LowerName;
use sha2::{Digest, Sha256};

use super::keys::Keys;
use super::records::{Records, ZoneError};
use crate::shared::keyfile::{self, Keeping};
use crate::shared::time::Timestamp;

/// How old a serial is at most that somebody else gave out and that is taken with new signatures, in seconds: secondaries
/// may have those of that time.
const FRESH_S: i64 = 3_600;

/// A zone when it got its serial.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Given {
    digest: String,
    serial: u32,
    at_s: i64,
}

/// What the file holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Kept {
    last: Option<u32>,
    zones: BTreeMap<String, Given>,
}

/// The serials that were given out.
pub(super) struct Serials {
    path: PathBuf,
    keeping: Keeping,
    /// Whether others give out serials from the same folder.
    shared: bool,
    kept: Kept,
}

/// Serials of one making of all zones. Nobody else gives any out meanwhile.
pub(super) struct Giving<'a> {
    serials: &'a mut Serials,
    now_s: i64,
    next: u32,
    before: Kept,
    _lock: Option<File>,
}

impl Serials {
    /// Reads the last ones from `serial` in the folder of keys.
    pub(super) fn open(folder: &Path, keeping: Keeping, shared: bool) -> Result<Self, ZoneError> {
        let path = folder.join("serial");
        let kept = read(&path)?;
        Ok(Self { path, keeping, shared, kept })
    }

    /// Begins to give serials out, which are later than every one before, of whomever.
    pub(super) fn begin(&mut self, now: Timestamp) -> Giving<'_> {
        let lock = self.keeping.writes().then(|| self.lock()).flatten();
        if lock.is_some() {
            match read(&self.path) {
                // The file of one who has no other may be gone; what was given out was given out.
                Ok(kept)
                    if kept
                        .last
                        .is_some_and(|last| !self.kept.last.is_some_and(|own| is_later(own, last))) =>
                {
                    self.kept = kept;
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "the last serial cannot be read; the one that was known serves")
                }
            }
        }
        let next = self.next(now);
        Giving { now_s: now.as_second(), next, before: self.kept.clone(), serials: self, _lock: lock }
    }

    /// One that is later than every one before. Who only looks shows the one that is served.
    fn next(&self, now: Timestamp) -> u32 {
        // Seconds of Unix time modulo 2^32.
        let clock = u32::try_from(now.as_second() & 0xffff_ffff).unwrap_or_default();
        match self.kept.last {
            None => clock,
            Some(last) if !self.keeping.writes() => last,
            Some(last) if is_later(clock, last) => clock,
            Some(last) => last.wrapping_add(1),
        }
    }

    /// As whoever changes keys does.
    fn lock(&self) -> Option<File> {
        let folder = keyfile::folder_of(&self.path);
        keyfile::make_folder(folder).ok()?;
        let folder = File::open(folder).ok()?;
        folder.lock().ok()?;
        Some(folder)
    }
}

impl Giving<'_> {
    /// The serial for a zone that was not served yet.
    pub(super) fn first(&self) -> u32 {
        self.next
    }

    /// The serial that a zone is to have in place of `old`, if another; `is_new`: it is not what was served with that.
    pub(super) fn of(
        &mut self,
        apex: &LowerName,
        digest: &str,
        old: Option<u32>,
        is_new: bool,
    ) -> Option<u32> {
        // Who is alone signs anew at its start, and a secondary is to have these signatures.
        let shared = self.serials.shared;
        let zones = &mut self.serials.kept.zones;
        let given = zones.get(&apex.to_string()).filter(|given| shared && given.digest == digest);
        let later = given.filter(|given| old.is_none_or(|old| is_later(given.serial, old)));
        let is_fresh = |given: &&Given| (0..FRESH_S).contains(&(self.now_s - given.at_s));
        match later {
            Some(given) if !is_new => return Some(given.serial),
            Some(given) if is_fresh(&given) => return Some(given.serial),
            _ if !is_new => return None,
            _ => {}
        }
        let given = Given { digest: digest.to_owned(), serial: self.next, at_s: self.now_s };
        zones.insert(apex.to_string(), given);
        self.serials.kept.last = Some(self.next);
        Some(self.next)
    }

    /// Keeps what is about to be served.
    pub(super) fn end(self) {
        let Serials { path, keeping, kept, shared: _ } = &*self.serials;
        if !keeping.writes() || *kept == self.before {
            return;
        }
        let mut text = kept.last.map_or_else(String::new, |last| format!("{last}\n"));
        for (apex, Given { digest, serial, at_s }) in &kept.zones {
            text += &format!("{apex} {digest} {serial} {at_s}\n");
        }
        if let Err(error) = keyfile::write(path, text.as_bytes()) {
            // The clock alone is nearly always enough; to serve old records would be worse.
            let path = path.display();
            tracing::warn!(%error, "{path}: the serial cannot be kept; after a clock that goes back it may do so, too");
        }
    }
}

/// What a zone is, without its serial and its signatures.
pub(super) fn digest(records: &Records, keys: Option<&Keys>) -> String {
    let mut records = records.clone();
    records.set_serial(0);
    let sets = records.into_sets().into_values().flat_map(BTreeMap::into_values);
    let mut lines: Vec<String> = sets
        .flat_map(|set| set.records_without_rrsigs().map(ToString::to_string).collect::<Vec<_>>())
        .collect();
    lines.sort_unstable();
    let keys = keys.map(Keys::rows).unwrap_or_default();
    lines.extend(keys.iter().map(|key| format!("{:?} {} {:?}", key.role, key.tag, key.stage)));
    // Which zone it is stands beside it: half of the digest is plenty.
    HEXLOWER.encode(&Sha256::digest(lines.join("\n"))[..16])
}

fn read(path: &Path) -> Result<Kept, ZoneError> {
    let failed = |reason: String| ZoneError::Key { path: path.display().to_string(), reason };
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Kept::default()),
        Err(error) => return Err(failed(keyfile::told(path, keyfile::Want::Read, error).to_string())),
    };
    let mut lines = text.lines();
    let last = lines.next().unwrap_or_default().trim().parse().map_err(|_| {
        failed(
            "it does not hold the last serial, a number below 4294967296; write the one that your secondaries have, or \
             remove it if there are none"
                .to_owned(),
        )
    })?;
    // What else does not read is found anew.
    let zone = |line: &str| {
        let [apex, digest, serial, at_s] = line.split(' ').collect::<Vec<_>>().try_into().ok()?;
        let given =
            Given { digest: digest.to_owned(), serial: serial.parse().ok()?, at_s: at_s.parse().ok()? };
        Some((apex.to_owned(), given))
    };
    Ok(Kept { last: Some(last), zones: lines.filter_map(zone).collect() })
}

/// RFC 1982 §3.2.
fn is_later(one: u32, other: u32) -> bool {
    one != other && one.wrapping_sub(other) < 1 << 31
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn open(folder: &Path) -> Serials {
        Serials::open(folder, Keeping::in_files(), true).unwrap()
    }

    fn apex() -> LowerName {
        LowerName::from(super::super::records::name("test.example").unwrap())
    }

    /// The serial of a zone with this content, that had the serial `old`.
    fn give(
        serials: &mut Serials,
        second: i64,
        content: &str,
        old: Option<u32>,
        is_new: bool,
    ) -> Option<u32> {
        let mut giving = serials.begin(at(second));
        let given = giving.of(&apex(), content, old, is_new);
        giving.end();
        given
    }

    #[test]
    fn a_serial_never_goes_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut last = 0;
        // A step back by a day, a restart, a leap of ten years and back.
        for second in
            [1_800_000_000, 1_800_000_000, 1_799_913_600, 1_800_000_009, 2_100_000_000, 1_800_000_100]
        {
            let serial = give(&mut open(folder.path()), second, &last.to_string(), None, true).unwrap();
            assert!(is_later(serial, last), "{serial} after {last}");
            last = serial;
        }
        assert_eq!(last, 2_100_000_001);
        assert_eq!(
            Serials::open(folder.path(), Keeping::nothing(), true).unwrap().next(at(2_200_000_000)),
            last
        );
    }

    #[test]
    fn two_who_share_a_folder_give_one_zone_one_serial_and_never_one_that_was_given() {
        let folder = tempfile::tempdir().unwrap();
        let (mut one, mut other) = (open(folder.path()), open(folder.path()));
        let start = 1_800_000_000;
        let first = give(&mut one, start, "a", None, true).unwrap();
        assert_eq!(give(&mut other, start + 3, "a", None, true), Some(first), "the same zone");
        // The one goes on, then the other to the same; its clock is slow.
        let second = give(&mut one, start + 300, "b", Some(first), true).unwrap();
        assert!(is_later(second, first));
        assert_eq!(give(&mut other, start + 290, "a", Some(first), false), None, "it is not there yet");
        let slow = give(&mut other, start + 298, "c", Some(first), true).unwrap();
        assert!(is_later(slow, second), "another zone has another serial: {slow} after {second}");
        // Both come to the same, with signatures of their own.
        let third = give(&mut one, start + 600, "d", Some(second), true).unwrap();
        assert_eq!(give(&mut other, start + 601, "d", Some(slow), true), Some(third));
        // A zone that is signed anew is another for secondaries, and the other follows.
        let fourth = give(&mut one, start + 86_400, "d", Some(third), true).unwrap();
        assert!(is_later(fourth, third));
        assert_eq!(give(&mut other, start + 86_401, "d", Some(third), false), Some(fourth));
        assert_eq!(give(&mut one, start + 86_402, "d", Some(fourth), false), None);
        // One that is signed again much later is never the same.
        assert!(is_later(give(&mut open(folder.path()), start + 200_000, "d", None, true).unwrap(), fourth));
    }

    #[test]
    fn who_is_alone_gives_another_serial_with_each_start() {
        let folder = tempfile::tempdir().unwrap();
        let alone = || Serials::open(folder.path(), Keeping::in_files(), false).unwrap();
        let first = give(&mut alone(), 1_800_000_000, "a", None, true).unwrap();
        let again = give(&mut alone(), 1_800_000_001, "a", None, true).unwrap();
        assert!(is_later(again, first), "its signatures are others");
    }

    #[test]
    fn serials_go_on_behind_the_last_number() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("serial"), "4294967295\n").unwrap();
        let serials = open(folder.path());
        assert_eq!(serials.next(at(0xffff_ffff)), 0);
        assert_eq!(serials.next(at(0x1_0000_0005)), 5);
    }

    #[test]
    fn what_is_no_serial_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("serial"), "today").unwrap();
        let error = Serials::open(folder.path(), Keeping::in_files(), true).err().unwrap().to_string();
        assert!(error.contains("/serial: it does not hold the last serial"), "{error}");
    }
}
