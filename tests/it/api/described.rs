//! The descriptions that are served: they name every route and no other, and their examples and all answers of these
//! tests fit them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use mailassay::program::api;
use mailassay::program::domains::Settings;
use serde_json::{Value, json};

use super::{Answer, serve};
use crate::domain_checks::world;

const ROOM: &str = "src/program/api";
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn descriptions() -> [Value; 2] {
    ["v1", "batch"].map(|part| serde_json::from_str(&read(&format!("{ROOM}/{part}/openapi.json"))).unwrap())
}

/// What `reference` of a description stands for.
fn resolved<'a>(description: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(place) => description.pointer(place.strip_prefix('#').unwrap()).unwrap(),
        None => value,
    }
}

fn faults(description: &Value, schema: &Value, value: &Value) -> Vec<String> {
    let mut whole = schema.clone();
    whole["components"] = description["components"].clone();
    let validator = jsonschema::validator_for(&whole).unwrap();
    validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

/// The operations at a path that was asked: by method.
fn operations<'a>(description: &'a Value, path: &str) -> Option<&'a Value> {
    let parts: Vec<&str> = path.split('?').next().unwrap().split('/').collect();
    let fits = |known: &str| {
        let known: Vec<&str> = known.split('/').collect();
        known.len() == parts.len()
            && known.iter().zip(&parts).all(|(known, part)| known == part || known.starts_with('{'))
    };
    let paths = description["paths"].as_object().unwrap();
    paths.iter().find(|(known, _)| fits(known)).map(|(_, operations)| operations)
}

/// Every status is declared with its type, its fields and what it holds. Of a method that is not described, the answer is
/// that of the others.
pub(super) fn is_as_described(method: &str, path: &str, answer: &Answer) {
    let descriptions = descriptions();
    let found = descriptions.iter().find_map(|known| Some((known, operations(known, path)?)));
    let Some((description, operations)) = found else {
        assert!([400, 404].contains(&answer.status), "{path}: {answer:?}");
        return;
    };
    let method = method.to_ascii_lowercase();
    let operation = METHODS
        .iter()
        .filter_map(|known| operations.get(known).map(|operation| (known, operation)))
        .max_by_key(|(known, _)| **known == method);
    let (_, operation) = operation.unwrap();
    let response = &operation["responses"][answer.status.to_string()];
    assert!(!response.is_null(), "{method} {path} does not describe {answer:?}");
    let response = resolved(description, response);
    let Some(content) = response["content"].as_object() else {
        assert!(answer.text.is_empty(), "{answer:?}");
        return;
    };
    let (kind, content) = content.iter().next().unwrap();
    assert_eq!(answer.header("content-type"), kind);
    let faults = faults(description, &content["schema"], &answer.json());
    assert!(faults.is_empty(), "{method} {path}: {faults:#?} {answer:?}");
    for status in [429, 503] {
        assert!(answer.status != status || answer.has("retry-after"), "{answer:?}");
    }
}

#[test]
fn every_route_is_described_and_no_other() {
    for (part, description) in ["v1", "batch"].iter().zip(descriptions()) {
        let source = read(&format!("{ROOM}/{part}/mod.rs"));
        let routes = source.split(".route(").skip(1).map(|rest| rest.split('"').nth(1).unwrap().to_owned());
        // Nothing is there; and the descriptions of batches stand with the others.
        let other = |path: &String| path.ends_with("{*rest}") || path == "/api/batch/openapi.json";
        let routes: BTreeSet<String> = routes.filter(|path| !other(path)).collect();
        let described: BTreeSet<String> = description["paths"].as_object().unwrap().keys().cloned().collect();
        assert_eq!(routes, described, "{part}");
    }
}

#[test]
fn examples_are_as_they_should_be() {
    for description in descriptions() {
        let mut seen = 0;
        for operations in description["paths"].as_object().unwrap().values() {
            for operation in METHODS.iter().filter_map(|method| operations.get(method)) {
                let body = [&operation["requestBody"]];
                let responses = operation["responses"].as_object().unwrap().values();
                for holder in body.into_iter().chain(responses).filter(|holder| !holder.is_null()) {
                    let holder = resolved(&description, holder);
                    for content in holder["content"].as_object().into_iter().flat_map(|all| all.values()) {
                        let Some(example) = content.get("example") else { continue };
                        let faults = faults(&description, &content["schema"], example);
                        assert!(faults.is_empty(), "{faults:#?} {example}");
                        seen += 1;
                    }
                }
            }
        }
        assert!(seen >= 2);
    }
}

#[tokio::test]
async fn an_address_takes_the_methods_that_are_described() {
    let world = world(Settings::default(), 0).await;
    let served = serve(&world, api::Settings::default(), 10).await;
    for description in descriptions() {
        for (path, operations) in description["paths"].as_object().unwrap() {
            let path = path.replace("{id}", &"a".repeat(26)).replace("{token}", "x").replace("{name}", "x");
            let path = path.replace("{request_id}", &"a".repeat(32));
            let described: Vec<&str> =
                METHODS.into_iter().filter(|method| operations.get(method).is_some()).collect();
            for method in METHODS {
                let body = (method != "get" && method != "delete").then_some("{}");
                let answer = served.ask_as_user(&method.to_ascii_uppercase(), &path, body).await;
                assert_eq!(answer.status == 405, !described.contains(&method), "{method} {path}: {answer:?}");
                if answer.status == 405 {
                    let mut allowed: Vec<String> =
                        answer.header("allow").split(',').map(str::to_ascii_lowercase).collect();
                    allowed.retain(|method| method != "head");
                    allowed.sort();
                    let mut described: Vec<String> = described.iter().map(ToString::to_string).collect();
                    described.sort();
                    assert_eq!(allowed, described, "{path}");
                }
            }
        }
    }
    let served_as = served.ask("GET", "/api/v1/openapi.json", None).await;
    assert_eq!(served_as.json(), descriptions()[0]);
    assert_eq!(served_as.header("cache-control"), "public, max-age=3600");
    let nothing = served.ask("GET", "/api/v1/nothing", None).await;
    assert_eq!((nothing.status, &nothing.json()["code"]), (404, &json!("not-found")));
}
