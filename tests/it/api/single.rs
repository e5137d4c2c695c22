//! Checks one by one, and trials.

use mailassay::program::api::{self, ApiKey};
use mailassay::program::domains::Settings;
use mailassay::program::report::json_text;
use mailassay::program::site::{self, Parts};
use mailassay::receiving::grades::Receiving;
use mailassay::receiving::report;
use serde_json::json;

use super::{ENDED, HERE, RUNNING, Served, api_of, serve};
use crate::domain_checks::{now, world};
use crate::domains::evidence_of;
use crate::web::{self, Known, parts};

const CHECKS: &str = "/api/v1/checks";

fn wanted(domain: &str) -> String {
    json!({ "domain": domain }).to_string()
}

#[tokio::test]
async fn a_check_is_started_watched_read_and_deleted() {
    let world = world(Settings::default(), 0).await;
    world.played.seen.lock().unwrap().insert("example.net".to_owned(), evidence_of("sound"));
    let served = serve(&world, api::Settings::default(), 10).await;

    let started = served.ask("POST", CHECKS, Some(&wanted("EXAMPLE.net"))).await;
    assert_eq!(started.status, 202, "{started:?}");
    assert_eq!(started.header("ratelimit-policy"), "\"client-hour\";q=20;w=3600");
    assert_eq!(started.header("ratelimit"), "\"client-hour\";r=19;t=3600");
    assert_eq!((started.header("retry-after"), started.header("cache-control")), ("2", "no-store"));
    let place = started.header("location").to_owned();
    let id = started.json()["id"].as_str().unwrap().parse().unwrap();
    let mut following = world.domains.follow(&id).unwrap();
    following.wait_for(|stage| format!("{stage:?}").contains("slow")).await.unwrap();

    let running = served.ask("GET", &place, None).await;
    assert_eq!(running.json()["state"], "running");
    assert_eq!(running.json()["progress"]["addresses"][0]["connections"], 3);
    assert!(running.text.contains("\\u202e") && running.has("retry-after"), "{running:?}");
    let result = format!("{place}/result");
    let early = served.ask("GET", &result, None).await;
    assert_eq!((early.status, &early.json()["code"]), (409, &json!("not-ended")));
    assert!(early.has("retry-after"));

    world.played.ends.add_permits(1);
    world.ended(&id).await;
    let done = served.ask("GET", &place, None).await;
    assert_eq!((&done.json()["state"], done.has("retry-after")), (&json!("done"), false));
    let document = served.ask("GET", &result, None).await;
    let kept = world.domains.evidence(&id).await.unwrap().unwrap().evidence;
    let printed = json_text(&report::json(&Receiving::of(&kept, kept.to), kept.to));
    assert_eq!(document.text, printed);
    assert_eq!(document.header("cache-control"), "no-store");

    // Whoever comes next has the same result at an address of his own, which outlives the first.
    let second = served.ask("POST", CHECKS, Some(&wanted("example.net"))).await;
    assert_eq!((second.status, &second.json()["state"]), (202, &json!("done")));
    assert_eq!(served.ask("DELETE", &place, None).await.status, 204);
    for (method, path) in [("DELETE", &place), ("GET", &place), ("GET", &result)] {
        assert_eq!(served.ask(method, path, None).await.status, 404, "{method} {path}");
    }
    let other = format!("{}/result", second.header("location"));
    assert_eq!(served.ask("GET", &other, None).await.text, printed);
}

#[tokio::test]
async fn what_cannot_be_done_has_its_reason() {
    let world = world(Settings::default(), 0).await;
    let served = serve(&world, api::Settings::default(), 10).await;
    let long = wanted(&"a".repeat(5_000));
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for (body, status, code) in [
        ("", 400, "no-json"),
        ("{\"domain\": ", 400, "no-json"),
        (&deep, 400, "no-json"),
        (&long, 413, "too-large"),
        ("[]", 422, "other-json"),
        ("{}", 422, "other-json"),
        ("{\"domain\": 7}", 422, "other-json"),
        ("{\"domain\": \"example.net\", \"depth\": \"full\"}", 422, "other-json"),
        (&wanted("localhost"), 422, "not-a-domain"),
        (&wanted("192.0.2.1"), 422, "not-a-domain"),
        (&wanted("https://example.net/"), 422, "not-a-domain"),
        (&wanted("m\u{fc}nchen.example"), 422, "not-a-domain"),
    ] {
        let answer = served.ask("POST", CHECKS, Some(body)).await;
        assert_eq!((answer.status, &answer.json()["code"]), (status, &json!(code)), "{body:.40}");
    }
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let answer = served.ask_with("POST", CHECKS, form, Some("domain=example.net")).await;
    assert_eq!((answer.status, &answer.json()["code"]), (415, &json!("media-type")));
    for authorization in ["Bearer ma_unknown", "Basic !", "Digest x", "Basic aXNwOg=="] {
        let headers = format!("Authorization: {authorization}\r\n");
        let answer = served.ask_with("POST", CHECKS, &headers, Some(&wanted("example.net"))).await;
        assert_eq!(answer.status, 401, "{authorization}");
        assert!(answer.has("www-authenticate"));
    }
    for id in ["x", &"a".repeat(26), "..%2f..", "%00"] {
        assert_eq!(served.ask("GET", &format!("{CHECKS}/{id}"), None).await.status, 404, "{id}");
    }
    assert_eq!(*world.played.scanned.lock().unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn whoever_has_had_enough_is_told_when_there_is_more() {
    let settings = Settings { per_client_hour_max: 1, ..Settings::default() };
    let world = world(settings, 0).await;
    let served = serve(&world, api::Settings::default(), 1).await;
    assert_eq!(served.ask("POST", CHECKS, Some(&wanted("one.example"))).await.status, 202);
    let refused = served.ask("POST", CHECKS, Some(&wanted("two.example"))).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "3600"));
    assert_eq!(refused.header("ratelimit"), "\"client-hour\";r=0;t=3600");
    let problem = refused.json();
    assert_eq!(problem["code"], "client-quota");
    assert_eq!(problem["violated-policies"], json!(["client-hour"]));
    assert!(problem["type"].as_str().unwrap().ends_with("#quota-exceeded"));

    // A key has a budget of its own, until it ends at midnight.
    let with_key = served.ask_as_user("POST", CHECKS, Some(&wanted("two.example"))).await;
    assert_eq!((with_key.status, with_key.header("ratelimit")), (202, "\"key-day\";r=0;t=43200"));
    let refused = served.ask_as_user("POST", CHECKS, Some(&wanted("three.example"))).await;
    assert_eq!((refused.status, refused.header("retry-after")), (429, "43200"));
    assert_eq!(refused.json()["code"], "key-quota");
    assert!(world.archive.revoke_api_key("isp").await.unwrap());
    assert_eq!(served.ask_as_user("POST", CHECKS, Some(&wanted("three.example"))).await.status, 401);
}

#[tokio::test]
async fn a_trial_is_read_by_its_token() {
    let world = world(Settings::default(), 0).await;
    let served = serve(&world, api::Settings::default(), 1).await;
    let ended = served.ask("GET", &format!("/api/v1/trials/{ENDED}"), None).await;
    assert_eq!((ended.json(), ended.header("cache-control")), (json!({ "state": "settled" }), "no-store"));
    let running = served.ask("GET", &format!("/api/v1/trials/{RUNNING}"), None).await;
    assert_eq!((running.status, running.header("retry-after")), (409, "10"));
    let unknown = ENDED.replace('a', "b");
    let [no_trial, no_token] = ["x", &unknown].map(|token| format!("/api/v1/trials/{token}"));
    let no_trial = served.ask("GET", &no_trial, None).await;
    assert_eq!((no_trial.status, &no_trial.text), (404, &served.ask("GET", &no_token, None).await.text));
}

#[tokio::test]
async fn the_site_serves_it_and_says_who_asks() {
    let world = world(Settings::default(), 0).await;
    let nobodys = parts(&Known::nothing(), site::Settings::default()).await;
    let api = api_of(&world, api::Settings::default());
    let (address, stop) = web::serve(Parts { api, ..nobodys }).await;
    let served = Served { address, key: ApiKey::new([7; 20]), _stop: stop };
    let started = served.ask("POST", CHECKS, Some(&wanted("example.net"))).await;
    assert_eq!((started.status, started.header("x-content-type-options")), (202, "nosniff"));
    assert_eq!(world.domains.quota(HERE, now()).0, 19);
    let description = served.ask("GET", "/api/v1/openapi.json", None).await;
    assert_eq!(description.header("cache-control"), "public, max-age=3600");
    let nothing = served.ask("GET", "/api/nothing", None).await;
    assert_eq!((nothing.status, nothing.header("content-type")), (404, "application/problem+json"));
}

#[tokio::test]
async fn what_is_published_may_be_kept() {
    let world = world(Settings::default(), 0).await;
    let served = serve(&world, api::Settings::default(), 1).await;
    let all = served.ask("GET", "/api/v1/providers", None).await;
    assert_eq!((all.status, all.header("cache-control")), (200, "public, max-age=300"));
    assert_eq!(
        (&all.json()["schema"], &all.json()["providers"]),
        (&json!("mailassay-providers/1"), &json!([]))
    );
    assert_eq!(served.ask("GET", "/api/v1/providers/nobody", None).await.status, 404);
}
