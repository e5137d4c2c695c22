//! Batches: the dialogue of internet.nl's clients, held against the form that `tests/batch/internetnl.json` records.

use std::fs;
use std::path::Path;

use data_encoding::BASE64;
use mailassay::program::api;
use mailassay::program::domains::Settings;
use serde_json::{Value, json};

use super::{Answer, Served, serve};
use crate::domain_checks::{World, world, world_in};
use crate::domains::evidence_of;

const REQUESTS: &str = "/api/batch/v2/requests";
/// How often a list is looked at until it is as it should be.
const LOOKS_MAX: usize = 20_000;

/// An answer has the form that is recorded.
fn has_form(answer: &Answer, form: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/batch/internetnl.json");
    let recorded: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let schema = json!({ "$ref": format!("#/$defs/{form}"), "$defs": recorded["$defs"] });
    let validator = jsonschema::validator_for(&schema).unwrap();
    let answer = answer.json();
    let faults: Vec<String> =
        validator.iter_errors(&answer).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(faults.is_empty(), "{form}: {faults:#?}\n{answer:#}");
}

fn list_of(domains: &[&str]) -> String {
    json!({ "type": "mail", "name": "Customers", "domains": domains, "ignored": true }).to_string()
}

async fn register(served: &Served, domains: &[&str]) -> String {
    let answer = served.ask_as_user("POST", REQUESTS, Some(&list_of(domains))).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    has_form(&answer, "RequestReply");
    let id = answer.json()["request"]["request_id"].as_str().unwrap().to_owned();
    format!("{REQUESTS}/{id}")
}

/// Looks at a list until it has a status.
async fn until(served: &Served, request: &str, status: &str) -> Answer {
    for _ in 0..LOOKS_MAX {
        let answer = served.ask_as_user("GET", &format!("{request}?progress=true"), None).await;
        if answer.json()["request"]["status"] == status {
            has_form(&answer, "RequestReply");
            return answer;
        }
        tokio::task::yield_now().await;
    }
    panic!("{request} never was {status}");
}

async fn sound_world(ends: usize) -> World {
    let world = world(Settings::default(), ends).await;
    for domain in ["example.net", "xn--mnchen-3ya.example"] {
        world.played.seen.lock().unwrap().insert(domain.to_owned(), evidence_of("sound"));
    }
    world
}

#[tokio::test]
async fn a_client_of_internet_nl_gets_what_it_expects() {
    let world = sound_world(100).await;
    let served = serve(&world, api::Settings::default(), 100).await;
    let domains = ["example.net", "EXAMPLE.NET", "no domain", "panics.example", "m\u{fc}nchen.example"];
    let request = register(&served, &domains).await;
    let done = until(&served, &request, "done").await.json();
    assert_eq!(done["request"]["progress"], "3/3");
    assert!(done["request"]["finished_date"].is_string());

    // HTTP Basic, as its clients do it.
    let pair = BASE64.encode(format!("isp:{}", served.key.secret()).as_bytes());
    let basic = format!("Authorization: Basic {pair}\r\n");
    let results = served.ask_with("GET", &format!("{request}/results"), &basic, None).await;
    has_form(&results, "ResultsReply");
    let results = results.json();
    let of = results["domains"].as_object().unwrap();
    let names: Vec<&str> = of.keys().map(String::as_str).collect();
    assert_eq!(names, ["example.net", "m\u{fc}nchen.example", "panics.example"]);
    assert_eq!(of["panics.example"], json!({ "status": "error" }));
    let sound = &of["example.net"];
    assert_eq!((&sound["status"], &sound["scoring"]["percentage"]), (&json!("ok"), &json!(100)));
    let url = sound["report"]["url"].as_str().unwrap();
    assert!(url.starts_with("https://test.example.org/d/"), "{url}");
    let tests = &sound["results"]["tests"];
    assert_eq!(tests["mail_starttls_dane_exist"], json!({ "status": "passed", "verdict": "present" }));
    assert_eq!(sound["results"]["categories"]["mail_starttls"]["status"], "passed");

    let technical = served.ask_as_user("GET", &format!("{request}/results_technical"), None).await;
    has_form(&technical, "TechnicalReply");
    let technical = technical.json();
    let sound = &technical["domains"]["example.net"];
    assert_eq!(sound["domain"]["dnssec"]["status"], "secure");
    let hosts = sound["receiving_mailservers"].as_object().unwrap();
    let host = hosts.values().next().unwrap();
    assert_eq!((&host["server_reachable"], &host["starttls_enabled"]), (&json!(true), &json!(true)));
    assert_eq!(host["details"]["dane_status"], "validated");
    assert_eq!(host["details"]["protocols_bad"], json!([]));
    assert!(host["addresses"]["ipv4"][0]["routing"]["rov_state"].is_string(), "{host:#}");

    let metadata = served.ask_as_user("GET", "/api/batch/v2/metadata/report", None).await;
    has_form(&metadata, "MetadataReply");
    let data = &metadata.json()["report"]["data"];
    for (name, test) in tests.as_object().unwrap() {
        let verdicts = &data[name]["status_verdict_map"][test["status"].as_str().unwrap()];
        assert!(verdicts.as_array().is_some_and(|known| known.contains(&test["verdict"])), "{name}: {test}");
    }
}

#[tokio::test]
async fn lists_of_a_user_take_their_turns_and_can_be_cancelled() {
    let world = sound_world(0).await;
    let served = serve(&world, api::Settings::default(), 100).await;
    let first = register(&served, &["example.net", "example.org"]).await;
    let second = register(&served, &["example.com"]).await;
    until(&served, &first, "running").await;
    until(&served, &second, "registering").await;
    let early = served.ask_as_user("GET", &format!("{first}/results"), None).await;
    assert_eq!(early.status, 400);
    has_form(&early, "BadRequest");

    let cancel = Some("{\"status\": \"cancelled\"}");
    let cancelled = served.ask_as_user("PATCH", &first, cancel).await;
    has_form(&cancelled, "RequestReply");
    assert_eq!(cancelled.json()["request"]["status"], "cancelled");
    world.played.ends.add_permits(100);
    until(&served, &second, "done").await;
    // What is finished stays as it is.
    assert_eq!(served.ask_as_user("PATCH", &second, cancel).await.json()["request"]["status"], "done");
    until(&served, &first, "cancelled").await;

    let listed = served.ask_as_user("GET", &format!("{REQUESTS}?limit=0"), None).await;
    has_form(&listed, "ListReply");
    let statuses: Vec<Value> =
        listed.json()["requests"].as_array().unwrap().iter().map(|one| one["status"].clone()).collect();
    assert_eq!(statuses, ["done", "cancelled"]);
    let one = served.ask_as_user("GET", &format!("{REQUESTS}?limit=1"), None).await;
    assert_eq!(one.json()["requests"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_restart_loses_no_list() {
    let (folder, request) = {
        let world = sound_world(0).await;
        let served = serve(&world, api::Settings::default(), 100).await;
        let request = register(&served, &["example.net"]).await;
        until(&served, &request, "running").await;
        (world.folder, request)
    };
    let world = world_in(folder, Settings::default(), 100).await;
    world.played.seen.lock().unwrap().insert("example.net".to_owned(), evidence_of("sound"));
    let served = serve(&world, api::Settings::default(), 100).await;
    until(&served, &request, "done").await;
    let results = served.ask_as_user("GET", &format!("{request}/results"), None).await;
    assert_eq!(results.json()["domains"]["example.net"]["status"], "ok");
}

#[tokio::test]
async fn a_list_that_cannot_be_has_its_reason() {
    let world = sound_world(0).await;
    let settings =
        api::Settings { batch_domains_max: 2, batches_open_per_user_max: 1, ..api::Settings::default() };
    let served = serve(&world, settings, 3).await;
    let none = served.ask("GET", REQUESTS, None).await;
    assert_eq!((none.status, none.has("www-authenticate")), (401, true));
    for body in [
        "{}".to_owned(),
        "no json".to_owned(),
        json!({ "type": "web", "domains": ["example.net"] }).to_string(),
        list_of(&[]),
        list_of(&["a.example", "b.example", "c.example"]),
    ] {
        let refused = served.ask_as_user("POST", REQUESTS, Some(&body)).await;
        assert_eq!(refused.status, 400, "{body}");
        has_form(&refused, "BadRequest");
    }
    let nothing = served.ask_as_user("POST", REQUESTS, Some(&list_of(&["no domain"]))).await;
    assert_eq!(nothing.json()["request"]["status"], "error");
    let request = register(&served, &["a.example", "b.example"]).await;
    // One at a time; and of three domains a day one is left.
    let second = served.ask_as_user("POST", REQUESTS, Some(&list_of(&["c.example"]))).await;
    assert_eq!(second.status, 429);
    served.ask_as_user("PATCH", &request, Some("{\"status\": \"cancelled\"}")).await;
    let third = served.ask_as_user("POST", REQUESTS, Some(&list_of(&["c.example", "d.example"]))).await;
    assert_eq!((third.status, third.header("ratelimit")), (429, "\"key-day\";r=1;t=43200"));

    // Another user's list is none.
    let other = mailassay::program::api::ApiKey::new([8; 20]);
    world.archive.add_api_key("other", &other.digest(), 1, crate::domain_checks::now()).await.unwrap();
    let authorization = format!("Authorization: Bearer {}\r\n", other.secret());
    let unknown = served.ask_with("GET", &request, &authorization, None).await;
    assert_eq!(unknown.status, 404);
    has_form(&unknown, "UnknownRequest");
    let old = served.ask_as_user("GET", "/api/batch/v1/requests", None).await;
    assert_eq!((old.status, &old.json()["error"]["label"]), (400, &json!("invalid-url")));
}
