//! The ruled cases of a service, for operators and scripts: addresses, expectations, and what is not offered here.

use std::net::IpAddr;

use serde_json::{Value, json};

use crate::sending::persona::{
    AddressFamily, Addresses, Catalogue, Entrance, Family, Lack, RuledCase, Suite,
};
use crate::sending::trial::HostRole;
use crate::shared::text::{Language, wrapped};

use super::described::{CaseText, describe, family_title};

/// How wide a line of the list is, in columns.
const COLUMNS: usize = 80;

/// What stands above the list.
const HEAD: &str = "\
Recipient domains that are faulty on purpose. Write one mail to as many of them as you like, from the system that is \
to be tested; the local part (en, de) chooses the language of the answer. These names are permanent, for everybody and \
for scripts, and their faults are never withdrawn: mail that a sender refuses to deliver stays in its queue until it \
gives up. Names of a single trial carry a label, as in en@LABEL.CASE; their faults end with the trial, but for those of \
bogus-ds and v6only-zone, which lie above all labels.";

/// A ruled case as this service has it.
#[derive(Clone, Debug)]
pub struct Listed<'a> {
    pub case: &'a RuledCase,
    pub text: CaseText,
    /// Its permanent domain.
    pub domain: String,
    /// Its hosts, by preference.
    pub hosts: Vec<ListedHost>,
    /// Why it is not offered here; empty if it is.
    pub not_offered: Vec<Lack>,
}

/// A host of a ruled case, and where it is met.
#[derive(Clone, Debug)]
pub struct ListedHost {
    pub role: HostRole,
    /// Its permanent name.
    pub name: String,
    /// The preference of its MX record.
    pub preference: u8,
    pub entrance: Entrance,
    pub addresses: Vec<IpAddr>,
}

/// Why a case is not offered, as the end of a sentence.
pub fn lack_reason(lack: Lack) -> String {
    match lack {
        Lack::Address(entrance) => format!("the entrance {} has no address", entrance.word()),
        Lack::AddressOfFamily(entrance, family) => {
            let family = match family {
                AddressFamily::V4 => "IPv4",
                AddressFamily::V6 => "IPv6",
            };
            format!("the entrance {} has no {family} address", entrance.word())
        }
        Lack::PolicyHost => "the policy host has no address".to_owned(),
        Lack::ServerInV6 => "no name server of the origin that is here has an IPv6 address".to_owned(),
    }
}

impl Listed<'_> {
    /// The address that mail in `language` is sent to.
    pub fn address(&self, language: Language) -> String {
        format!("{}@{}", language.tag(), self.domain)
    }

    /// Whether mail to it is a test here.
    pub fn is_offered(&self) -> bool {
        self.not_offered.is_empty()
    }
}

/// The ruled cases of `catalogue` by family and name, as they are met at `addresses`.
pub fn list<'a>(catalogue: &'a Catalogue, addresses: &'a Addresses, language: Language) -> Vec<Listed<'a>> {
    let mut cases: Vec<&RuledCase> = catalogue.ruled_cases().collect();
    cases.sort_by_key(|case| (case.family, case.suite, &case.id));
    let listed = |case: &'a RuledCase| {
        let host = |role: &HostRole| {
            let entrance = case.entrance(*role);
            ListedHost {
                role: *role,
                name: catalogue.ruled_host_name(case, *role, None),
                preference: if *role == HostRole::Bad { 10 } else { 20 },
                entrance,
                addresses: addresses.of_ruled_host(case, *role),
            }
        };
        Listed {
            case,
            text: describe(case, language),
            domain: catalogue.ruled_domain(case, None),
            hosts: case.roles().iter().map(host).collect(),
            not_offered: addresses.lacks(case),
        }
    };
    cases.into_iter().map(listed).collect()
}

/// The list as lines of at most 80 columns.
pub fn cases_text(catalogue: &Catalogue, addresses: &Addresses) -> String {
    let mut text = String::new();
    wrap(&mut text, "", HEAD);
    let listed = list(catalogue, addresses, Language::En);
    let offered = listed.iter().filter(|listed| listed.is_offered()).count();
    let count = format!(
        "{offered} of {} are offered here; those of the suite `first` are marked with *.",
        listed.len()
    );
    wrap(&mut text, "", &count);
    let mut family: Option<Family> = None;
    for one in &listed {
        if family != Some(one.case.family) {
            family = Some(one.case.family);
            text += &format!("\n{}\n", family_title(one.case.family, Language::En).to_uppercase());
        }
        text.push('\n');
        case_lines(&mut text, one);
    }
    text += "\nENTRANCES\n\n";
    let about = "Hosts that act alike before they know whom they are called for share an address. `addresses.cases` gives \
                 addresses to these in this order, IPv4 and IPv6 each by itself:";
    wrap(&mut text, "", about);
    for (number, entrance) in Entrance::ALL.iter().enumerate() {
        let own = addresses.of_entrance(*entrance).iter().map(ToString::to_string).collect::<Vec<_>>();
        let own = if own.is_empty() { "none".to_owned() } else { own.join(" ") };
        text += &format!("{:>4}. {:<18}{own}\n", number + 1, entrance.word());
    }
    text
}

fn case_lines(text: &mut String, one: &Listed<'_>) {
    let mark = if one.case.suite == Suite::First { "* " } else { "" };
    *text += &format!("{mark}{}\n", one.address(Language::En));
    wrap(text, "    ", &format!("{}. {}", one.text.title, one.text.what));
    wrap(text, "    ", &one.text.expected());
    wrap(text, "    ", &format!("{}.", one.case.rfc.join(", ")));
    if !one.is_offered() {
        let reasons: Vec<String> = one.not_offered.iter().copied().map(lack_reason).collect();
        wrap(text, "    ", &format!("Not offered here: {}.", reasons.join(", and ")));
    }
}

/// The list as JSON.
pub fn cases_json(catalogue: &Catalogue, addresses: &Addresses) -> Value {
    let entrance = |entrance: &Entrance| json!({ "entrance": entrance.word(), "addresses": addresses.of_entrance(*entrance) });
    let host = |host: &ListedHost| {
        json!({
            "role": host.role.name(),
            "name": host.name,
            "preference": host.preference,
            "entrance": host.entrance.word(),
            "addresses": host.addresses,
        })
    };
    let case = |one: &Listed<'_>| {
        let expect = one.case.expect;
        json!({
            "id": one.case.id,
            "family": one.case.family,
            "suite": one.case.suite,
            "tells": one.case.tells,
            "domain": one.domain,
            "addresses": Language::ALL.map(|language| one.address(language)),
            "title": one.text.title,
            "what": one.text.what,
            "expectation": one.text.expected(),
            "expect": {
                "clear": expect.clear, "delivered": expect.delivered, "turned": expect.turned, "held": expect.held,
            },
            "rfc": one.case.rfc,
            "hosts": one.hosts.iter().map(host).collect::<Vec<_>>(),
            "offered": one.is_offered(),
            "not_offered": one.not_offered.iter().copied().map(lack_reason).collect::<Vec<_>>(),
        })
    };
    json!({
        "origin": catalogue.origin(),
        "faults_are_withdrawn": false,
        "entrances": Entrance::ALL.iter().map(entrance).collect::<Vec<_>>(),
        "cases": list(catalogue, addresses, Language::En).iter().map(case).collect::<Vec<_>>(),
    })
}

/// Adds `words` in lines that begin with `indent`.
fn wrap(text: &mut String, indent: &str, words: &str) {
    for line in wrapped(indent, indent, words, COLUMNS) {
        *text += &format!("{line}\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sending::persona::CatalogueFiles;

    #[test]
    fn what_is_not_offered_is_told_with_its_reason() {
        let catalogue = CatalogueFiles::embedded().catalogue("example.org").expect("fits");
        let few: Vec<IpAddr> =
            ["192.0.2.10", "192.0.2.11"].map(|text| text.parse().expect("an address")).to_vec();
        let addresses = Addresses::default().with_entrances(&few);
        let listed = list(&catalogue, &addresses, Language::En);
        let reasons = |id: &str| {
            let one = listed.iter().find(|one| one.case.id.0 == id).expect("a case");
            one.not_offered.clone()
        };
        assert_eq!(reasons("dane-mismatch"), []);
        assert_eq!(reasons("none"), [Lack::Address(Entrance::Untrusted)]);
        assert_eq!(reasons("v6only-mx"), [Lack::AddressOfFamily(Entrance::Trusted, AddressFamily::V6)]);
        assert_eq!(reasons("null-mx"), []);
        // The domain without MX is its own host.
        let implicit = listed.iter().find(|one| one.case.id.0 == "implicit-mx").expect("a case");
        assert_eq!(implicit.hosts[0].name, implicit.domain);
        let wanting = Addresses { no_policy_host: true, no_server_in_v6: true, ..addresses };
        let text = cases_text(&catalogue, &wanting);
        for reason in ["the policy host has no address", "no name server of the origin"] {
            assert!(text.contains(reason), "{text}");
        }
    }
}
