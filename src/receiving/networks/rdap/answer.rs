//! Answers of RDAP (RFC 9083), as far as they are wanted.

use std::net::IpAddr;

use serde_json::Value;

use super::super::kept;

/// How deep entities are looked into, and how many of a list.
const DEPTH_MAX: usize = 3;
const ENTITIES_MAX: usize = 50;

/// A network as it is registered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registered {
    /// Its first and last address.
    pub range: Option<(IpAddr, IpAddr)>,
    /// What the registry calls it.
    pub name: Option<String>,
    pub organisation: Option<String>,
    /// The holder's country, as the registry writes it: mostly a code of ISO 3166.
    pub country: Option<String>,
}

/// An IP network (RFC 9083 §5.4); none for any other object.
pub fn network(text: &str) -> Option<Registered> {
    let object: Value = serde_json::from_str(text).ok()?;
    if object["objectClassName"] != "ip network" {
        return None;
    }
    let address = |key: &str| object[key].as_str()?.parse::<IpAddr>().ok();
    let range = address("startAddress").zip(address("endAddress"));
    let registrants = with_role(&object, "registrant");
    let holder = |entity: &&Value| card(entity, "kind").is_some_and(|kind| kind == "org");
    // RIPE lists maintainers as registrants, too: their name is their handle.
    let named = |entity: &&Value| {
        card(entity, "fn").is_some_and(|name| Some(name.as_str()) != entity["handle"].as_str())
    };
    let organisation =
        registrants.iter().copied().find(holder).or_else(|| registrants.iter().copied().find(named));
    let country = text_of(&object["country"]).or_else(|| country_of(organisation?));
    Some(Registered {
        range: range.filter(|(first, last)| first <= last && first.is_ipv4() == last.is_ipv4()),
        name: text_of(&object["name"]),
        organisation: organisation.and_then(|entity| card(entity, "fn")),
        country,
    })
}

/// The registrar of a domain (RFC 9083 §5.3).
///
/// # Errors
/// That it is another object, or no JSON.
pub fn registrar(text: &str) -> Result<Option<String>, &'static str> {
    let object: Value = serde_json::from_str(text).map_err(|_| "it answered no JSON")?;
    if object["objectClassName"] != "domain" {
        return Err("it answered with no domain");
    }
    let registrars = with_role(&object, "registrar");
    Ok(registrars.iter().find_map(|entity| card(entity, "fn").or_else(|| text_of(&entity["handle"]))))
}

/// The entities of a role, those of the object itself first.
fn with_role<'a>(object: &'a Value, role: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    let mut level = vec![object];
    for _ in 0..DEPTH_MAX {
        let entities =
            |object: &&'a Value| object["entities"].as_array().into_iter().flatten().take(ENTITIES_MAX);
        level = level.iter().flat_map(entities).take(ENTITIES_MAX).collect();
        let has_role = |entity: &&&Value| {
            entity["roles"].as_array().is_some_and(|roles| roles.iter().any(|other| other == role))
        };
        found.extend(level.iter().filter(has_role).copied());
    }
    found
}

/// A property of a jCard (RFC 7095 §3.3): `[name, parameters, type, value]`.
fn property<'a>(entity: &'a Value, name: &str) -> Option<&'a Value> {
    entity["vcardArray"][1].as_array()?.iter().find(|property| property[0] == name)
}

fn card(entity: &Value, name: &str) -> Option<String> {
    text_of(&property(entity, name)?[3])
}

/// The country of an address: its code (RFC 8605 §3.1), else its last part.
fn country_of(entity: &Value) -> Option<String> {
    let address = property(entity, "adr")?;
    text_of(&address[1]["cc"]).or_else(|| text_of(address[3].as_array()?.get(6)?))
}

fn text_of(value: &Value) -> Option<String> {
    value.as_str().map(kept).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_network_has_a_range_a_name_and_an_organisation() {
        let text = r#"{"objectClassName": "ip network", "startAddress": "192.0.2.0", "endAddress": "192.0.2.255",
            "name": "EXAMPLE-\u0007NET", "entities": [
              {"handle": "EX-MNT", "roles": ["registrant"], "vcardArray": ["vcard", [["fn", {}, "text", "EX-MNT"],
                ["kind", {}, "text", "individual"]]]},
              {"handle": "ORG-1", "roles": ["registrant"], "vcardArray": ["vcard", [["version", {}, "text", "4.0"],
                ["fn", {}, "text", "Example B.V."], ["kind", {}, "text", "org"],
                ["adr", {"label": "a\nb"}, "text", ["", "", "", "", "", "", "Netherlands"]]]]}]}"#;
        let registered = network(text).unwrap();
        assert_eq!(
            registered,
            Registered {
                range: Some(("192.0.2.0".parse().unwrap(), "192.0.2.255".parse().unwrap())),
                name: Some("EXAMPLE-NET".to_owned()),
                organisation: Some("Example B.V.".to_owned()),
                country: Some("Netherlands".to_owned()),
            }
        );
    }

    #[test]
    fn what_is_missing_or_no_network_is_none() {
        let least = network(
            r#"{"objectClassName": "ip network", "country": "DE", "startAddress": "9", "entities": 5}"#,
        );
        assert_eq!(least, Some(Registered { country: Some("DE".to_owned()), ..Registered::default() }));
        let reversed =
            r#"{"objectClassName": "ip network", "startAddress": "192.0.2.9", "endAddress": "192.0.2.1"}"#;
        assert_eq!(network(reversed), Some(Registered::default()));
        for other in ["", "[]", "{}", r#"{"objectClassName": "domain"}"#, &"[".repeat(10_000)] {
            assert_eq!(network(other), None);
        }
    }

    #[test]
    fn a_domain_has_a_registrar() {
        let entity = r#"{"handle": "292", "roles": ["registrar"], "vcardArray": ["vcard", [["fn", {}, "text", "Reg, Inc."]]]}"#;
        let text = format!(
            r#"{{"objectClassName": "domain", "entities": [{{"roles": ["abuse"], "entities": [{entity}]}}]}}"#
        );
        assert_eq!(registrar(&text), Ok(Some("Reg, Inc.".to_owned())));
        let bare =
            r#"{"objectClassName": "domain", "entities": [{"handle": "292", "roles": ["registrar"]}]}"#;
        assert_eq!(registrar(bare), Ok(Some("292".to_owned())));
        assert_eq!(registrar(r#"{"objectClassName": "domain"}"#), Ok(None));
        assert!(registrar("{}").is_err() && registrar("x").is_err());
    }

    /// JSON with the names that RDAP has, anywhere.
    fn json() -> impl Strategy<Value = Value> {
        let word = prop::sample::select(vec![
            "objectClassName",
            "ip network",
            "domain",
            "entities",
            "roles",
            "registrant",
            "registrar",
            "vcardArray",
            "vcard",
            "fn",
            "kind",
            "org",
            "adr",
            "cc",
            "handle",
            "startAddress",
            "endAddress",
            "192.0.2.0",
            "name",
            "country",
            "\u{7}",
        ]);
        let leaf = prop_oneof![
            word.clone().prop_map(Value::from),
            any::<u8>().prop_map(Value::from),
            Just(Value::Null)
        ];
        leaf.prop_recursive(6, 60, 6, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::hash_map(word.clone().prop_map(str::to_owned), inner, 0..6)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_answer_does_harm(object in json(), class in prop::sample::select(vec!["ip network", "domain"]),
            octets: Vec<u8>, end in 0_usize..2000)
        {
            let mut object = object;
            if let Some(fields) = object.as_object_mut() {
                fields.insert("objectClassName".to_owned(), class.into());
            }
            let text = object.to_string();
            let cut: String = text.chars().take(end).collect();
            for text in [&text, &cut, &String::from_utf8_lossy(&octets).into_owned()] {
                network(text);
                let _ = registrar(text);
            }
        }
    }

    #[test]
    fn entities_in_entities_end() {
        // Deeper than is looked, and than is read at all (serde_json: 128).
        for depth in [2, 100, 100_000] {
            let text = format!(
                "{}{}",
                r#"{"objectClassName": "domain", "entities": ["#.repeat(depth),
                "]}".repeat(depth)
            );
            assert!(matches!(registrar(&text), Ok(None) | Err(_)));
        }
        let wide = format!(r#"{{"objectClassName": "domain", "entities": [{}]}}"#, ["{}"; 20_000].join(","));
        assert_eq!(registrar(&wide), Ok(None));
    }
}
