//! Serials of SOA records: seconds of Unix time where that is later, else one more than the last. The last is kept in a
//! file, so that neither a restart nor a clock that is set back takes a zone back for its secondaries.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::records::ZoneError;
use crate::shared::keyfile::{self, Keeping};
use crate::shared::time::Timestamp;

/// The last serial that was given out.
pub(super) struct Serials {
    path: PathBuf,
    keeping: Keeping,
    last: Option<u32>,
}

impl Serials {
    /// Reads the last one from `serial` in the folder of keys.
    pub(super) fn open(folder: &Path, keeping: Keeping) -> Result<Self, ZoneError> {
        let path = folder.join("serial");
        let last = match fs::read_to_string(&path) {
            Ok(text) => Some(text.trim().parse().map_err(|_| ZoneError::Key {
                path: path.display().to_string(),
                reason: "it does not hold the last serial, a number below 4294967296; write the one that your secondaries \
                         have, or remove it if there are none"
                    .to_owned(),
            })?),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => {
                let reason = keyfile::told(&path, keyfile::Want::Read, error).to_string();
                return Err(ZoneError::Key { path: path.display().to_string(), reason });
            }
        };
        Ok(Self { path, keeping, last })
    }

    /// One that is later than every one before. Who only looks shows the one that is served.
    pub(super) fn next(&self, now: Timestamp) -> u32 {
        // Seconds of Unix time modulo 2^32.
        let clock = u32::try_from(now.as_second() & 0xffff_ffff).unwrap_or_default();
        match self.last {
            None => clock,
            Some(last) if !self.keeping.writes() => last,
            Some(last) if is_later(clock, last) => clock,
            Some(last) => last.wrapping_add(1),
        }
    }

    /// Keeps one that is about to be given out.
    pub(super) fn given(&mut self, serial: u32) {
        self.last = Some(serial);
        if self.keeping.writes()
            && let Err(error) = keyfile::write(&self.path, format!("{serial}\n").as_bytes())
        {
            // The clock alone is nearly always enough; to serve old records would be worse.
            let path = self.path.display();
            tracing::warn!(%error, "{path}: the serial cannot be kept; after a clock that goes back it may do so, too");
        }
    }
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

    #[test]
    fn a_serial_never_goes_back() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Serials::open(folder.path(), Keeping::in_files()).unwrap();
        let mut serials = open();
        let mut last = 0;
        // A step back by a day, a restart, a leap of ten years and back.
        for second in
            [1_800_000_000, 1_800_000_000, 1_799_913_600, 1_800_000_009, 2_100_000_000, 1_800_000_100]
        {
            let serial = serials.next(at(second));
            assert!(is_later(serial, last), "{serial} after {last}");
            serials.given(serial);
            serials = open();
            last = serial;
        }
        assert_eq!(last, 2_100_000_001);
        assert_eq!(Serials::open(folder.path(), Keeping::nothing()).unwrap().next(at(2_200_000_000)), last);
    }

    #[test]
    fn serials_go_on_behind_the_last_number() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("serial"), "4294967295\n").unwrap();
        let serials = Serials::open(folder.path(), Keeping::in_files()).unwrap();
        assert_eq!(serials.next(at(0xffff_ffff)), 0);
        assert_eq!(serials.next(at(0x1_0000_0005)), 5);
    }

    #[test]
    fn what_is_no_serial_is_told() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("serial"), "today").unwrap();
        let error = Serials::open(folder.path(), Keeping::in_files()).err().unwrap().to_string();
        assert!(error.contains("/serial: it does not hold the last serial"), "{error}");
    }
}
