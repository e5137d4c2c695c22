//! Keys that are rolled over and serials, in the files of a zone and in what it serves.

use std::fs;
use std::path::Path;
use std::time::Duration;

use mailassay::sending::authority::{Authority, Content, KeyFolder, Role, Settings, Stage};
use mailassay::shared::keyfile::{self, Keeping};
use mailassay::shared::time::Timestamp;

use super::world::{content, origin, settings};
use crate::commands::{local, run};

const START_S: i64 = 1_800_000_000;
const DAY_S: i64 = 86_400;
const ZONE: &str = "service.test.";

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(START_S + day * DAY_S).unwrap()
}

/// The origin alone: its parent is elsewhere.
fn alone() -> Content {
    Content { origin: Some(origin()), others: Vec::new() }
}

fn open(folder: &Path, day: i64) -> Authority {
    Authority::new(alone(), settings(folder), at(day)).unwrap()
}

fn stages(authority: &Authority) -> Vec<(Role, u16, Stage)> {
    let keys = authority.keys().into_iter().find(|(zone, _)| zone == ZONE).unwrap().1;
    keys.iter().map(|key| (key.role, key.tag, key.stage)).collect()
}

fn tag(authority: &Authority, role: Role, stage: Stage) -> Option<u16> {
    stages(authority).into_iter().find(|key| (key.0, key.2) == (role, stage)).map(|key| key.1)
}

fn lines(authority: &Authority, what: &str) -> Vec<String> {
    let zone = authority.print_zone(ZONE).unwrap();
    zone.lines().filter(|line| line.contains(what)).map(str::to_owned).collect()
}

fn serial(authority: &Authority) -> u32 {
    lines(authority, "\tSOA\t")[0].split_whitespace().nth(6).unwrap().parse().unwrap()
}

/// The tags of the keys whose signatures there are over sets of a type at the apex.
fn signers(authority: &Authority, rtype: &str) -> Vec<u16> {
    let signatures = lines(authority, &format!("{ZONE}\t3600\tIN\tRRSIG\t{rtype} "));
    signatures.iter().map(|line| line.split_whitespace().nth(10).unwrap().parse().unwrap()).collect()
}

#[test]
fn a_zone_signing_key_is_replaced_by_itself_over_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let mut seen = Vec::new();
    let old = tag(&open(folder.path(), 0), Role::Zsk, Stage::Active).unwrap();
    for day in 0..110 {
        // Each day a start: what is known stands in the files.
        let authority = open(folder.path(), day);
        let zsk = stages(&authority).into_iter().filter(|key| key.0 == Role::Zsk).collect::<Vec<_>>();
        assert_eq!(lines(&authority, "\tDNSKEY\t").len(), zsk.len() + 1);
        assert_eq!(signers(&authority, "SOA"), [tag(&authority, Role::Zsk, Stage::Active).unwrap()]);
        let stage: Vec<Stage> = zsk.iter().map(|key| key.2).collect();
        if seen.last() != Some(&stage) {
            seen.push(stage);
        }
    }
    use Stage::{Active, Published, Retired};
    assert_eq!(seen, [vec![Active], vec![Active, Published], vec![Retired, Active], vec![Active]]);
    assert_ne!(tag(&open(folder.path(), 110), Role::Zsk, Active), Some(old));
    assert!(!folder.path().join("service.test.zsk.p8").exists(), "its file is gone");
}

#[test]
fn a_key_signing_key_waits_for_its_parent() {
    let folder = tempfile::tempdir().unwrap();
    let authority = open(folder.path(), 0);
    let keys = KeyFolder::new(folder.path());
    let (old, first_ds) = (tag(&authority, Role::Ksk, Stage::Active).unwrap(), authority.ds().unwrap());
    assert_eq!(lines(&authority, "\tCDS\t").len(), 1, "what the parent has is said, too");
    let too_early = keys.parent_has_ds(ZONE, at(0)).unwrap_err().to_string();
    assert!(too_early.contains("no key-signing key waits for the parent"), "{too_early}");

    let new = keys.roll_ksk("Service.TEST", at(1)).unwrap();
    let twice = keys.roll_ksk(ZONE, at(1)).unwrap_err().to_string();
    assert!(twice.contains("is being rolled over"), "{twice}");
    authority.refresh(at(1)).unwrap();
    assert_eq!(signers(&authority, "DNSKEY"), [old, new], "an old DS fits, and a new one would");
    assert_eq!(authority.ds().unwrap(), first_ds);
    assert_eq!(authority.announced(), []);

    authority.refresh(at(9)).unwrap();
    let announced = authority.announced();
    assert_eq!((announced.len(), announced[0].tag), (1, new));
    let ds = authority.ds().unwrap();
    assert_ne!(ds, first_ds);
    let cds = lines(&authority, "\tCDS\t");
    assert_eq!(cds.len(), 1);
    assert_eq!(cds[0].split('\t').next_back().unwrap(), ds[0].split_once(" DS ").unwrap().1);
    assert_eq!(lines(&authority, "\tCDNSKEY\t").len(), 1);
    assert_eq!(signers(&authority, "CDS"), [old, new], "RFC 7344 §4.1: by a key that the parent knows");
    // However long the parent takes.
    authority.refresh(at(80)).unwrap();
    assert_eq!(signers(&authority, "DNSKEY"), [old, new]);

    assert_eq!(keys.parent_has_ds(ZONE, at(80)).unwrap(), new);
    authority.refresh(at(80)).unwrap();
    assert_eq!(signers(&authority, "DNSKEY"), [old, new], "caches have the old DS");
    let authority = open(folder.path(), 89);
    assert_eq!(signers(&authority, "DNSKEY"), [new]);
    assert_eq!(authority.ds().unwrap(), ds);
}

#[test]
fn a_parent_that_is_served_here_needs_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let authority = Authority::new(content(), settings(folder.path()), at(0)).unwrap();
    let new = KeyFolder::new(folder.path()).roll_ksk(ZONE, at(0)).unwrap();
    let parents_ds = |authority: &Authority| -> u16 {
        let parent = authority.print_zone("test.").unwrap();
        let line = parent.lines().find(|line| line.starts_with("service.test.\t3600\tIN\tDS\t")).unwrap();
        line.split_whitespace().nth(4).unwrap().parse().unwrap()
    };
    assert_ne!(parents_ds(&authority), new);
    authority.refresh(at(9)).unwrap();
    assert_eq!(parents_ds(&authority), new);
    authority.refresh(at(20)).unwrap();
    assert_eq!(signers(&authority, "DNSKEY"), [new]);
}

#[test]
fn whoever_looks_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), 0);
    let held = || {
        let files = fs::read_dir(folder.path()).unwrap().map(|file| file.unwrap().path());
        let mut held: Vec<_> = files.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
        held.sort();
        held
    };
    let before = held();
    let looker = Authority::keeping(Keeping::nothing(), alone(), settings(folder.path()), at(300)).unwrap();
    assert_eq!(held(), before);
    let last: u32 =
        fs::read_to_string(folder.path().join("serial")).unwrap().lines().next().unwrap().parse().unwrap();
    assert_eq!(serial(&looker), last, "it shows the serial that is served");
}

#[test]
fn a_clock_that_is_set_takes_no_serial_back_and_leaves_no_signature_of_tomorrow() {
    let folder = tempfile::tempdir().unwrap();
    let authority = open(folder.path(), 0);
    let mut last = serial(&authority);
    // Ahead by a day, and back: what is served then is valid for those with the right time.
    for (day, right) in [(1, 0), (0, 0), (30, 30), (2, 2), (-1, 0), (0, 0)] {
        let before = authority.print_zone(ZONE).unwrap();
        authority.refresh(at(day)).unwrap();
        let now = serial(&authority);
        let moved = before != authority.print_zone(ZONE).unwrap();
        assert_eq!(now.wrapping_sub(last) < 1 << 31 && now != last, moved, "{last}, then {now} on day {day}");
        last = now;
        let right = at(right).strftime("%Y%m%d%H%M%S").to_string();
        for line in lines(&authority, "\tRRSIG\t") {
            let fields: Vec<&str> = line.split_whitespace().collect();
            assert!(fields[9] < right.as_str() && right.as_str() < fields[8], "{right}: {line}");
        }
    }
    // Nor does a start with a clock that is slow.
    assert!(serial(&open(folder.path(), -1)) > last);
}

#[test]
fn keys_without_what_is_known_of_them_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), 0);
    KeyFolder::new(folder.path()).roll_ksk(ZONE, at(0)).unwrap();
    let state = folder.path().join("service.test.keys.toml");
    let kept = fs::read_to_string(&state).unwrap();
    let error = || Authority::new(alone(), settings(folder.path()), at(1)).err().unwrap().to_string();
    for (text, said) in [
        (kept.replace("stage = \"active\"", "stage = \"retired\""), "one key must be active"),
        (kept.replace("role = \"zsk\"", "role = \"key\""), "unknown variant `key`"),
        (kept.replace("file = \"service.test.zsk.p8\"", "file = \"../zsk.p8\""), "write its name alone"),
        (kept.replace("file = \"service.test.zsk.p8\"", "file = \"gone.p8\""), "gone.p8"),
        (kept.replacen("tag = ", "tag = 1", 1), "service.test.keys.toml"),
    ] {
        fs::write(&state, text).unwrap();
        let error = error();
        assert!(error.contains(said), "{said}: {error}");
    }
    fs::remove_file(&state).unwrap();
    let error = error();
    assert!(error.contains("which keys are in use is not known") && error.contains("backup"), "{error}");
}

/// A key from before there were stages is taken over.
#[test]
fn keys_of_an_older_version_stay_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let ds = open(folder.path(), 0).ds().unwrap();
    for file in ["service.test.keys.toml", "serial"] {
        fs::remove_file(folder.path().join(file)).unwrap();
    }
    let authority = open(folder.path(), 50);
    assert_eq!(authority.ds().unwrap(), ds);
    assert!(folder.path().join("service.test.keys.toml").exists());
}

#[test]
fn settings_say_when_the_next_one_comes() {
    let folder = tempfile::tempdir().unwrap();
    let short = Settings { zsk_days: 0, ..settings(folder.path()) };
    let authority = Authority::new(alone(), short, at(0)).unwrap();
    authority.refresh(at(1_000)).unwrap();
    assert_eq!(stages(&authority).len(), 2);
    assert!(authority.next_refresh(at(1_000)) <= Duration::from_secs(300));
}

/// Of nodes that have the same keys only one draws new ones; the others sign with what it drew, when its time has come.
#[test]
fn who_does_not_roll_keys_goes_by_what_another_keeps() {
    use Stage::{Active, Published, Retired};
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (open(folder.path(), 0), open(folder.path(), 0));
    other.set_rolls_keys(false);
    let zsk = |authority: &Authority| -> Vec<_> {
        stages(authority).into_iter().filter(|key| key.0 == Role::Zsk).map(|key| key.2).collect()
    };
    let state = || fs::read(folder.path().join("service.test.keys.toml")).unwrap();
    let before = state();
    other.refresh(at(85)).unwrap();
    assert_eq!((zsk(&other), state() == before), (vec![Active], true), "it is not its task");
    one.refresh(at(85)).unwrap();
    let drawn = state();
    other.refresh(at(85)).unwrap();
    assert_eq!(zsk(&other), [Active, Published]);
    other.refresh(at(95)).unwrap();
    assert_eq!((zsk(&other), state() == drawn), (vec![Retired, Active], true), "nothing is written");
    one.refresh(at(95)).unwrap();
    assert_eq!(signers(&one, "SOA"), signers(&other, "SOA"));
    // The one dies, and the other takes its place.
    other.set_rolls_keys(true);
    other.refresh(at(105)).unwrap();
    assert_eq!((zsk(&other), state() == drawn), (vec![Active], false));
}

/// What a crash leaves in the middle of a change is a file that nobody uses.
#[test]
fn a_crash_in_a_roll_leaves_what_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str| folder.path().join(name);
    let first = tag(&open(folder.path(), 0), Role::Zsk, Stage::Active).unwrap();
    let first_key = fs::read(file("service.test.zsk.p8")).unwrap();
    let before = fs::read(file("service.test.keys.toml")).unwrap();
    // The next key was kept, and nothing was written of it; or half of it.
    assert_eq!(stages(&open(folder.path(), 85)).len(), 3);
    fs::write(file("service.test.keys.toml"), before).unwrap();
    fs::write(file("service.test.keys.toml.part"), "[[key]]\nrole = ").unwrap();
    let authority = open(folder.path(), 85);
    assert_eq!(stages(&authority).len(), 3);
    assert_eq!(signers(&authority, "SOA"), [first]);
    // The old key's end was written, and its file was not removed.
    for day in [95, 105] {
        open(folder.path(), day);
    }
    assert!(!file("service.test.zsk.p8").exists());
    keyfile::write(&file("service.test.zsk.p8"), &first_key).unwrap();
    let authority = open(folder.path(), 105);
    assert_eq!(stages(&authority).len(), 2);
    assert_ne!(signers(&authority, "SOA"), [first]);
}

#[test]
fn an_operator_rolls_a_key_by_commands() {
    let folder = tempfile::tempdir().unwrap();
    let config = local(folder.path());
    let (code, _, error) = run(&["zone", "roll-ksk"], Some(&config));
    assert!(code == 2 && error.contains("`mailassay serve` has never run"), "{error}");
    assert_eq!(run(&["keys"], Some(&config)).0, 0);
    let (code, output, error) = run(&["zone", "keys"], Some(&config));
    assert_eq!((code, error.as_str()), (0, ""));
    assert_eq!(output.matches(" active ").count(), 2, "{output}");
    assert!(output.contains("  the next one comes on "), "{output}");
    let (_, ds, _) = run(&["zone", "ds"], Some(&config));
    let (code, output, error) = run(&["zone", "roll-ksk"], Some(&config));
    assert_eq!((code, error.as_str()), (0, ""));
    assert!(output.lines().all(|line| line.chars().count() <= 80), "{output}");
    let (_, output, _) = run(&["zone", "keys"], Some(&config));
    assert!(output.contains(" published ") && output.contains("  its DS is wanted from "), "{output}");
    assert!(output.lines().all(|line| line.chars().count() <= 80), "{output}");
    assert_eq!(run(&["zone", "ds"], Some(&config)).1, ds, "the parent keeps what it has");
    for (arguments, said) in [
        (&["zone", "roll-ksk"][..], "is being rolled over; `mailassay zone keys` says how far it is"),
        (&["zone", "ds-seen"], "no key-signing key waits for the parent"),
        (&["zone", "roll-ksk", "elsewhere.example"], "the zone is not signed here"),
    ] {
        let (code, output, error) = run(arguments, Some(&config));
        assert_eq!((code, output.as_str()), (2, ""), "{arguments:?}");
        assert!(error.contains(said) && error.lines().count() == 1, "{error}");
    }
}
