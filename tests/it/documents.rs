//! Documents: what `docs/schema` says of them is what is printed, redaction leaves nobody in them, and a signature holds.

use std::fs;
use std::path::{Path, PathBuf};

use mailassay::program::report::redact::{RedactedHistory, document, redacted, replay};
use mailassay::program::report::{Account, Settings, json, json_for_sender};
use mailassay::program::seal::{SealKey, SealedDocument, Trust};
use mailassay::receiving::grades::Receiving;
use mailassay::receiving::report as receiving;
use mailassay::receiving::report::Half;
use mailassay::sending::trial::Pace;
use mailassay::shared::keyfile::Keeping;
use mailassay::shared::text::Language;
use serde_json::Value;

use crate::reports::cases::CASES;
use crate::reports::receiving::domains;
use crate::reports::world::{World, at};

fn schema_path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema").join(format!("{name}.json"))
}

fn schema(name: &str) -> Value {
    let path = schema_path(name);
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// What a schema says against these values, and which of their fields it does not know.
fn faults(name: &str, values: &[(String, Value)]) -> Vec<String> {
    let schema = schema(name);
    let validator = jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
    let mut faults = Vec::new();
    for (case, value) in values {
        let wrong = validator.iter_errors(value);
        faults.extend(wrong.map(|error| format!("{case}{}: {error}", error.instance_path())));
        unknown(&schema, &schema, value, case, &mut faults);
    }
    faults
}

/// Fields without a word in the schema: schemas let others add fields, and we document ours.
fn unknown(root: &Value, schema: &Value, value: &Value, place: &str, faults: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("{reference}"));
        return unknown(root, target, value, place, faults);
    }
    // Open: whatever stands there is described elsewhere, or as it was gathered.
    if ["properties", "additionalProperties", "items", "anyOf", "oneOf"]
        .iter()
        .all(|word| schema.get(word).is_none())
    {
        return;
    }
    let choices = ["anyOf", "oneOf"].iter().find_map(|word| schema[word].as_array());
    if let Some(choices) = choices {
        let each = choices.iter().map(|choice| {
            let mut found = Vec::new();
            let fits = jsonschema::is_valid(&with_definitions(root, choice), value);
            unknown(root, choice, value, place, &mut found);
            (fits, found)
        });
        let best = each.filter(|(fits, _)| *fits).map(|(_, found)| found).min_by_key(Vec::len);
        return faults.extend(best.unwrap_or_default());
    }
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let place = format!("{place}/{name}");
                match (schema["properties"].get(name), schema.get("additionalProperties")) {
                    (Some(of_field), _) => unknown(root, of_field, field, &place, faults),
                    (None, Some(of_all @ Value::Object(_))) => unknown(root, of_all, field, &place, faults),
                    // A part whose form is described elsewhere.
                    (None, Some(Value::Bool(true))) => {}
                    (None, _) => faults.push(format!("{place} is not documented")),
                }
            }
        }
        Value::Array(items) => {
            for (n, item) in items.iter().enumerate() {
                unknown(root, &schema["items"], item, &format!("{place}/{n}"), faults);
            }
        }
        _ => {}
    }
}

fn with_definitions(root: &Value, schema: &Value) -> Value {
    let mut schema = schema.clone();
    if let Some(definitions) = root.get("$defs") {
        schema["$defs"] = definitions.clone();
    }
    schema
}

fn settings() -> Settings {
    Settings { site_url: "https://test.example.org".to_owned(), ..Settings::default() }
}

fn account<'a>(world: &'a World, receiving: Half<'a>) -> Account<'a> {
    let World { catalogue, history, verdict, cases, pace, .. } = world;
    Account { catalogue, history, verdict, cases, pace, receiving, now: at("23:59:59") }
}

/// The verdicts of `tests/reports`, and one with a second half.
fn verdicts(tell: impl Fn(Account<'_>) -> Value) -> Vec<(String, Value)> {
    let told =
        |(case, make): &(&str, fn() -> World)| ((*case).to_owned(), tell(account(&make(), Half::NotScanned)));
    let mut all: Vec<_> = CASES.iter().map(told).collect();
    let (domain, evidence) = &domains()[0];
    let receiving = Receiving::of(evidence, evidence.to);
    all.push((domain.clone(), tell(account(&CASES[0].1(), Half::Scanned(&receiving)))));
    all
}

fn assert_fits(name: &str, values: &[(String, Value)]) {
    let faults = faults(name, values);
    assert!(faults.is_empty(), "{} faults by docs/schema/{name}.json:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn a_verdict_is_as_its_schema_says() {
    assert_fits("mailassay-verdict-1", &verdicts(|account| json(account, &settings())));
    assert_fits("mailassay-verdict-1", &verdicts(|account| json_for_sender(account, &settings())));
    assert_fits("mailassay-verdict-1", &verdicts(|account| document(account, &settings())));
}

#[test]
fn a_check_is_as_its_schema_says() {
    let check = |(case, evidence): &(String, _)| {
        (case.clone(), receiving::json(&Receiving::of(evidence, evidence.to), evidence.to))
    };
    assert_fits("mailassay-check-1", &domains().iter().map(check).collect::<Vec<_>>());
}

#[test]
fn a_redacted_history_is_as_its_schema_says_and_is_read_again() {
    let written = |(case, make): &(&str, fn() -> World)| {
        let world = make();
        let redacted = redacted(&world.catalogue, &Pace::default(), &world.history);
        let value = serde_json::to_value(&redacted).expect("JSON");
        let read: RedactedHistory =
            serde_json::from_value(value.clone()).expect("what was written can be read");
        assert_eq!(read, redacted, "{case}");
        ((*case).to_owned(), value)
    };
    assert_fits("mailassay-history-1", &CASES.iter().map(written).collect::<Vec<_>>());
}

/// The cases name people on purpose: `jim`, a Message-ID, host names.
#[test]
fn nobody_is_left_in_a_document_that_is_handed_on() {
    let mut named = 0;
    for (case, make) in CASES {
        let world = make();
        let id = world.history.id.to_string();
        let whole = json(account(&world, Half::NotScanned), &settings()).to_string();
        let shown = document(account(&world, Half::NotScanned), &settings()).to_string();
        let message_id = world.history.message().and_then(|message| message.message_id.clone());
        let hosts = world.history.links.iter().flat_map(|attributed| &attributed.link.ehlo);
        let hosts = hosts.filter(|name| name.matches('.').count() > 1 && !name.starts_with('['));
        let addresses = world.history.links.iter().map(|attributed| attributed.link.address().to_string());
        let queried = world.history.queries.iter().map(|noted| noted.what.source.ip().to_string());
        let paths = world.history.reverse_paths().into_iter().map(|path| path.redacted.clone());
        let secrets =
            [id].into_iter().chain(message_id).chain(hosts.cloned()).chain(addresses).chain(queried);
        for secret in secrets.chain(paths) {
            named += usize::from(whole.contains(&secret));
            assert!(!shown.contains(&format!("{secret}\"")), "{case} still says {secret}");
        }
        for label in world.history.labels.values() {
            assert!(whole.contains(label.as_str()), "{case}: {label}");
            assert!(!shown.contains(label.as_str()), "{case} still says {label}");
        }
        assert!(!shown.contains("test.example.org/r/"), "{case}: the address of its page");
        assert!(shown.contains("/24#1"), "{case}: networks are left");
    }
    assert!(named > 50, "{named}: the whole says what the document does not");
}

#[test]
fn a_signed_document_is_as_its_schema_says_and_holds() {
    let key =
        SealKey::keeping(&Keeping::nothing(), Path::new("/nowhere/key.pem"), "example.org").expect("a key");
    let sign = |(case, value): (String, Value)| (case, SealedDocument::sign(&key, value, at("23:59:59")));
    let told = verdicts(|account| document(account, &settings()));
    let sealed: Vec<_> = told.into_iter().map(sign).collect();
    for (case, sealed) in &sealed {
        let file = serde_json::to_vec_pretty(&sealed.json()).expect("JSON");
        let read = SealedDocument::read(&file).expect("a signed document");
        let seal = read.seal().expect("a seal");
        assert_eq!(read.check(&seal, Some(key.public())), Ok(Trust::Given), "{case}");
        assert_eq!(seal.origin, read.document()["history"]["origin"], "{case}");
    }
    let values: Vec<_> = sealed.iter().map(|(case, sealed)| (case.clone(), sealed.json())).collect();
    assert_fits("mailassay-signed-1", &values);
}

/// What replay tells is what the judge found, in both languages, and names no address.
#[test]
fn a_replay_tells_what_a_document_says() {
    for (case, make) in CASES.iter().filter(|(case, _)| {
        ["dane", "two-sources", "hostile", "cases-first", "cases-and-classic"].contains(case)
    }) {
        let world = make();
        let value = document(account(&world, Half::NotScanned), &settings());
        let history: RedactedHistory = serde_json::from_value(value["history"].clone()).expect("a history");
        for language in Language::ALL {
            let replayed = replay(&world.catalogue, &history, language, at("23:59:59"));
            let names: Vec<&str> = replayed.judgement.candidates.iter().map(|term| term.name()).collect();
            assert_eq!(serde_json::json!(names), value["sending"]["candidates"], "{case}");
            let text = format!("{}\n{}", replayed.page.headline(), replayed.page.text());
            let html = replayed.page.html();
            assert!(text.contains("/24#"), "{case}: {text}");
            for attributed in &world.history.links {
                let address = attributed.link.address().to_string();
                assert!(!text.contains(&address) && !html.contains(&address), "{case} {address}: {text}");
            }
            let steps = match language {
                Language::En => "connection 1",
                Language::De => "Verbindung 1",
            };
            assert!(text.contains(steps), "{case}: {text}");
        }
    }
}
