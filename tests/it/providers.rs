//! Providers: rows over histories, with goldens in `tests/providers` (`UPDATE_GOLDENS=1` writes them anew, for eyes to
//! read), and a provider that is published, contested, corrected and taken back.

mod commands;
mod life;
mod pages;
mod rows;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use mailassay::program::archive::Archive;
use mailassay::program::providers::{Document, Provider, ProviderName, Register, Settings};
use mailassay::program::report::redact::redacted;
use mailassay::sending::persona::{Catalogue, CatalogueFiles};
use mailassay::sending::trial::Pace;
use mailassay::sending::verdict::Term;
use mailassay::sending::verdict::model::{Certificates, Dane, SenderModel, Sni};
use mailassay::shared::evidence::scan::Evidence;
use mailassay::shared::time::Timestamp;
use tempfile::TempDir;

use crate::domains::evidence_of;
use crate::histories::player::{Manner, Outcome, Player};

const SITE: &str = "https://test.example";

fn catalogue() -> Catalogue {
    CatalogueFiles::embedded().catalogue("example.org").unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn name() -> ProviderName {
    "sound-mail".parse().unwrap()
}

fn provider() -> Provider {
    Provider {
        name: name(),
        title: "Sound <Mail>".to_owned(),
        domains: vec!["example.net".to_owned()],
        mx: Vec::new(),
        contact: Some("postmaster@example.net".to_owned()),
        remark: None,
        hall_of_fame: vec!["example.net".to_owned()],
    }
}

/// The trial of a sender with a policy that `term` is, which begins at `from`.
fn trial(term: Term, from: &str) -> Document {
    let plain = |model: &&SenderModel| {
        let policies = model.dane != Dane::Off || model.mta_sts;
        let verifies = model.certificates == Certificates::Verified;
        let names_as_it_must = (model.sni == Sni::ForPolicy) == policies && model.sni != Sni::Always;
        Term::of(model) == term && names_as_it_must && (!verifies || term == Term::Verify)
    };
    let model = *SenderModel::all().iter().find(plain).unwrap();
    let player = Player::new(catalogue(), Pace::default(), model, Manner::all()[0]);
    let Outcome::Trial { history, .. } = player.beginning(at(from)).play(&["et", "ut"]) else {
        panic!("no mail came")
    };
    let mut history = redacted(&catalogue(), &Pace::default(), &history);
    // Each play has the same links; a journal would not.
    history.trial = format!("{term} {from}");
    Document::trial(history)
}

/// The check of the sound world, or of one with faults, at another time.
fn check(world: &str, when: &str) -> Document {
    static SEEN: Mutex<BTreeMap<String, Evidence>> = Mutex::new(BTreeMap::new());
    let seen = SEEN.lock().unwrap().entry(world.to_owned()).or_insert_with(|| evidence_of(world)).clone();
    let mut evidence = seen;
    (evidence.from, evidence.to) = (at(when), at(when));
    Document::check(evidence).unwrap()
}

/// A register in a folder of its own.
struct Kept {
    register: Arc<Register>,
    _folder: TempDir,
}

async fn register() -> Kept {
    let folder = tempfile::tempdir().unwrap();
    let archive = Arc::new(Archive::open(&folder.path().join("site.sqlite")).await.unwrap());
    let register = Arc::new(Register::new(archive, Arc::new(catalogue()), Settings::default()));
    Kept { register, _folder: folder }
}

/// Takes in two trials of `term` on two days from two addresses, and a check of the sound world.
async fn fill(register: &Register, term: Term) {
    let trials = [("2026-11-18T09:00:00Z", "one"), ("2026-11-21T12:00:00Z", "other")];
    for (from, source) in trials {
        register.add(&name(), &trial(term, from), &[source.to_owned()], false).await.unwrap();
    }
    register.add(&name(), &check("sound", "2026-11-22T12:00:00Z"), &[], false).await.unwrap();
}
