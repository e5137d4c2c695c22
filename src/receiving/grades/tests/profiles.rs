//! Profiles: every file reads, every word has a level, orders and faults are told.

use crate::receiving::checks::{
    Check, Choice, Column, Finding, Item, Level, Measured, Order, Scale, Subject, Tables,
};
use crate::receiving::profiles::{PreferenceRule, Profile, Profiles, Rule};
use crate::shared::evidence::TlsVersion;
use crate::shared::evidence::scan::Evidence;
use crate::shared::time::Timestamp;

#[test]
fn the_embedded_profiles_are_these() {
    let names: Vec<&str> = Profiles::embedded().names().collect();
    let expected =
        ["bsi", "internetnl-2025", "internetnl-v2", "lindenberg", "luxsci", "mailassay", "no-mail", "qte"];
    assert_eq!(names, expected);
    for profile in Profiles::embedded().all() {
        assert!(!profile.title.is_empty() && !profile.source.is_empty(), "{}", profile.name);
    }
}

fn finding(check: Check, measured: Measured) -> Finding {
    let subject = Subject::Mx { host: "mx.example.net".into() };
    Finding { check, subject, measured, details: Vec::new(), evidence: Vec::new(), notes: Vec::new() }
}

#[test]
fn every_word_of_every_check_has_a_level_in_each_profile_that_scores_it() {
    for profile in Profiles::embedded().all() {
        for check in Check::ALL {
            let Scale::Words(words) = check.scale() else { continue };
            let scored = profile.entry(*check).is_some();
            for word in words {
                let rated = profile.rate(&finding(*check, Measured::Is { word: *word }), Default::default());
                assert_ne!(rated.level, Level::Inconclusive, "{} {} {word:?}", profile.name, check.id());
                assert_eq!(rated.level != Level::NotScored, scored, "{} {}", profile.name, check.id());
            }
        }
    }
    let own = Profiles::embedded().get("mailassay").unwrap();
    assert!(
        own.checks().eq(Check::ALL.iter().copied()),
        "our own profile scores every check, in their order"
    );
}

#[test]
fn internetnls_38_subtests_are_found_by_their_names() {
    let today = Profiles::embedded().get("internetnl-2025").unwrap();
    let named: Vec<&str> = today.checks().filter_map(Check::internetnl).collect();
    assert_eq!(named.len(), 38);
    let all = Check::ALL.iter().filter(|check| check.internetnl().is_some()).count();
    assert_eq!(all, 38);
}

/// Every table rates whatever a server may show.
#[test]
fn tables_rate_every_item() {
    let tables = Tables::embedded();
    for column in [Column::Ncsc2025, Column::NcscV2] {
        let suites = tables.suites().map(|suite| Item::Suite(suite.code));
        let groups = tables.groups().map(|(code, _)| Item::Group(code));
        for item in suites.chain(groups).chain([Item::Group(0x2a2a), Item::Ssl2("010080".into())]) {
            assert!(tables.level(&item, column).is_some(), "{item:?} {column:?}");
        }
    }
}

const HEAD: &str =
    "title = \"t\"\ndate = \"2026\"\nsource = \"s\"\nsystem = \"qte\"\n[sections]\ntls = \"sum\"\n";

#[test]
fn faults_are_told_by_file_and_key() {
    for (check, fault) in [
        (
            "id = \"starttls\"\nwords = { present = \"good\" }",
            "x.toml: check `starttls`: `words` lacks `refused`, which this check may find",
        ),
        ("id = \"start\"\nalways = \"good\"", "x.toml: check `start`: `id` is the identifier of no check"),
        (
            "id = \"starttls\"\ntable = \"bsi\"",
            "x.toml: check `starttls`: `id` is of a check that does not measure what this rule rates",
        ),
        (
            "id = \"starttls\"",
            "x.toml: check `starttls`: `words` is missing, or another rule: `always`, `table`, `each`, `at-most`, `at-least`, `any-of`, `none-of` or `order`",
        ),
        (
            "id = \"spf-void-lookups\"\nat-most = { good = 2 }",
            "x.toml: check `spf-void-lookups`: `at-most` needs `otherwise`, the level of all the rest",
        ),
        (
            "id = \"starttls\"\nalways = \"good\"\npoints = 1\nsection = \"auth\"",
            "x.toml: check `starttls`: `section` names `auth`, which is not among `[sections]`",
        ),
        (
            "id = \"starttls\"\nalways = \"good\"\nneeds = \"spf\"",
            "x.toml: check `starttls`: `needs` names `spf`, which the file does not score",
        ),
    ] {
        let error = Profile::read("x", &format!("{HEAD}[[check]]\n{check}\n"), Check::ALL).unwrap_err();
        assert_eq!(error.to_string(), fault);
    }
    let error = Profile::read("x", &format!("{HEAD}[[check]]\nid = \"starttls\"\nlevels = 1\n"), Check::ALL)
        .unwrap_err();
    assert!(error.to_string().starts_with("x.toml:9: unknown field `levels`"), "{error}");
    let error = Profile::read(
        "x",
        &format!("{}check = []\n", HEAD.replace("2026", "26-1")).replace("[sections]\ntls = \"sum\"\n", ""),
        Check::ALL,
    )
    .unwrap_err();
    assert!(error.to_string().starts_with("x.toml:2: `date`"), "{error}");
}

#[test]
fn steps_are_asked_from_the_best() {
    let rule = |text: &str| {
        let text =
            format!("{HEAD}[[check]]\nid = \"spf-void-lookups\"\n{text}\notherwise = \"insufficient\"\n");
        Profile::read("x", &text, Check::ALL).unwrap()
    };
    let level = |profile: &Profile, count| {
        profile.rate(&finding(Check::SpfVoid, Measured::Count { count }), Default::default()).level
    };
    let most = rule("at-most = { sufficient = 10, good = 0 }");
    assert_eq!(
        [0, 1, 10, 11].map(|count| level(&most, count)),
        [Level::Good, Level::Sufficient, Level::Sufficient, Level::Insufficient]
    );
    let least = rule("at-least = { good = 14, phase-out = 1 }");
    assert_eq!(
        [14, 13, 0].map(|count| level(&least, count)),
        [Level::Good, Level::PhaseOut, Level::Insufficient]
    );
}

fn order(
    profile: &str,
    decides: Option<bool>,
    choices: &[(&[u16], u16)],
) -> (Level, Option<(PreferenceRule, u16, Option<u16>)>) {
    let choices =
        choices.iter().map(|(accepted, chosen)| Choice { accepted: accepted.to_vec(), chosen: *chosen });
    let measured = Measured::Order(Order { server_decides: decides, choices: choices.collect() });
    let rated = Profiles::embedded()
        .get(profile)
        .unwrap()
        .rate(&finding(Check::SuiteOrder, measured), Default::default());
    (rated.level, rated.breach.map(|breach| (breach.rule, breach.chosen, breach.better)))
}

/// ECDHE-RSA: AES256-GCM 0xc030, AES128-GCM 0xc02f, ChaCha20 0xcca8, AES256-SHA384 0xc028, AES128-SHA256 0xc027;
/// RSA: AES128-GCM 0x009c; DHE-RSA: AES256-GCM 0x009f.
#[test]
fn orders_by_each_era() {
    const V2: &str = "internetnl-v2";
    const TODAY: &str = "internetnl-2025";
    use PreferenceRule as R;
    // Only good ones: nothing to order.
    assert_eq!(order(V2, Some(false), &[(&[0xc030, 0xc02f], 0xc02f)]), (Level::NotApplicable, None));
    // The sender decides: named with the pair, the worse first. Today that costs nothing as such.
    let forth_and_back: &[(&[u16], u16)] = &[(&[0xc030, 0xc027], 0xc030), (&[0xc027, 0xc030], 0xc027)];
    let tied = Some((R::ServerDecides, 0xc027, Some(0xc030)));
    assert_eq!(order(V2, Some(false), forth_and_back), (Level::Insufficient, tied));
    // But it shows that what should be phased out comes before what is sufficient.
    let levels = Some((R::Levels, 0xc027, Some(0xc030)));
    assert_eq!(order(TODAY, Some(false), forth_and_back), (Level::Insufficient, levels));
    let wrong: &[(&[u16], u16)] = &[(&[0xc030, 0x009c], 0x009c)];
    let static_rsa = Some((R::Levels, 0x009c, Some(0xc030)));
    assert_eq!(order(V2, Some(true), wrong), (Level::Insufficient, static_rsa));
    // Insufficient today, which the suites' own subtest says; the order is only about phase-out.
    assert_eq!(order(TODAY, Some(true), &[(&[0xc030, 0xc027, 0x009c], 0x009c)]), (Level::Good, None));
    assert_eq!(order(TODAY, Some(true), &[(&[0xc030, 0xcca8], 0xcca8)]), (Level::NotApplicable, None));
    // Within a level: named, and it costs nothing.
    let level = (&[0xc028, 0xc027][..], 0xc027);
    assert_eq!(
        order(V2, Some(true), &[(&[0xc030, 0xc027], 0xc030), level]),
        (Level::Notice, Some((R::Size, 0xc027, Some(0xc028))))
    );
    let dhe = (&[0xc028, 0x009f][..], 0x009f);
    assert_eq!(
        order(V2, Some(true), &[(&[0xc030, 0xc027], 0xc030), dhe]).1,
        Some((R::KeyExchange, 0x009f, Some(0xc028)))
    );
    let chacha = (&[0xc030, 0xcca8][..], 0xcca8);
    assert_eq!(
        order(V2, Some(true), &[(&[0xc030, 0xc027], 0xc030), chacha]).1,
        Some((R::AesBeforeChacha, 0xcca8, Some(0xc030)))
    );
    assert_eq!(order(V2, Some(true), &[(&[0xc030, 0xc027], 0xc030)]), (Level::Good, None));
    assert_eq!(order(V2, None, &[(&[0xc030, 0xc027], 0xc030)]).0, Level::Inconclusive);
}

#[test]
fn lists_that_are_not_complete_prove_no_absence() {
    use crate::receiving::checks::Unknown;
    let luxsci = Profiles::embedded().get("luxsci").unwrap();
    let today = Profiles::embedded().get("internetnl-2025").unwrap();
    let suites = |complete, open| Measured::Items { items: vec![Item::Suite(0xc027)], complete, open };
    let rate =
        |profile: &Profile, measured| profile.rate(&finding(Check::Suites, measured), Default::default());
    assert_eq!(rate(today, suites(false, None)).level, Level::PhaseOut);
    let open = rate(today, suites(false, Some(Unknown::Limited)));
    assert_eq!((open.level, open.points.map(|p| (p.least, p.most))), (Level::Inconclusive, Some((0, 10))));
    let weak = |measured: Measured| {
        let rated = rate(luxsci, measured);
        rated.aspects.iter().find(|aspect| aspect.name == "weak").unwrap().level
    };
    assert_eq!(weak(suites(false, None)), Level::Good);
    assert_eq!(weak(suites(false, Some(Unknown::Limited))), Level::Inconclusive);
    // Of a set an example was asked for until none was left; of what is only named nothing is known.
    let aead = |measured: Measured| {
        let rated = rate(luxsci, measured);
        rated.aspects.iter().find(|aspect| aspect.name == "nist-r2").unwrap().level
    };
    let rsa = |open| Measured::Items { items: vec![Item::Suite(0x002f)], complete: false, open };
    assert_eq!(aead(rsa(None)), Level::PhaseOut);
    assert_eq!(aead(rsa(Some(Unknown::Limited))), Level::Inconclusive);
    let old = Measured::Items { items: vec![Item::Version(TlsVersion(0x0301))], complete: false, open: None };
    let rated = luxsci.rate(&finding(Check::Versions, old), Default::default());
    assert_eq!(rated.aspects[0].level, Level::Inconclusive);
}

#[test]
fn marks_of_items_are_told_one_by_one() {
    let today = Profiles::embedded().get("internetnl-2025").unwrap();
    assert_eq!(today.item_level(Check::Suites, &Item::Suite(0x1302)), Some(Level::Good));
    let own = Profiles::embedded().get("mailassay").unwrap();
    assert_eq!(own.item_level(Check::DnssecAlgorithm, &Item::Algorithm(5)), Some(Level::Insufficient));
    assert!(matches!(today.entry(Check::ZeroRtt).unwrap().rule, Rule::Always(Level::Good)));
}

/// An operator who reckons as internet.nl does is none of its eras.
#[test]
fn an_operators_rules_stand_beside_ours_and_change_nothing_of_them() {
    let theirs = include_str!("../../../../config/profiles/internetnl-2025.toml");
    let later = theirs.replacen("date = \"2026", "date = \"2099", 1);
    assert_ne!(later, theirs);
    let (ours, own) =
        (Profiles::embedded(), Profiles::embedded().with_own([("own", later.as_str())]).unwrap());
    let evidence = Evidence::not_gathered("example.net", "mx.test.example", Timestamp::UNIX_EPOCH);
    let items = Measured::Items { items: vec![Item::Suite(0xc027)], complete: true, open: None };
    let findings = [finding(Check::Suites, items)];
    let [before, with] = [ours, &own].map(|profiles| profiles.rate(&evidence, &findings));
    assert!(!before.changes.is_empty() && before.changes == with.changes, "{:?}", with.changes);
    assert!(before.of("own").is_none() && with.of("own").is_some_and(|rating| rating.profile.is_own));
    assert_eq!(with.profiles.len(), before.profiles.len() + 1);

    let taken = ours.with_own([("qte", theirs)]).unwrap_err().to_string();
    assert_eq!(taken, "qte.toml: a profile of the program is called so; give yours another name");
}
