//! Personas and cases, tied to an operator's origin.

use std::collections::BTreeMap;

use crate::shared::policy::Policy;

use super::{Case, CaseId, Persona, PersonaId, StandsFor};

/// All personas and cases under one origin. Names are in lower case and without the final dot.
#[derive(Clone, Debug)]
pub struct Catalogue {
    origin: String,
    cases: BTreeMap<CaseId, Case>,
    personas: Vec<Persona>,
}

impl Catalogue {
    pub(super) fn new(origin: &str, cases: BTreeMap<CaseId, Case>, personas: Vec<Persona>) -> Self {
        Self { origin: origin.trim_end_matches('.').to_ascii_lowercase(), cases, personas }
    }

    /// The operator's domain under which all names lie.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// All cases, by name.
    pub fn cases(&self) -> impl Iterator<Item = &Case> {
        self.cases.values()
    }

    /// The cases that one mail of a suite is to reach: mail to them is a test.
    pub fn test_cases(&self) -> impl Iterator<Item = &Case> {
        self.cases().filter(|case| case.suite.is_some())
    }

    /// The case of this name.
    pub fn case(&self, id: &CaseId) -> Option<&Case> {
        self.cases.get(id)
    }

    /// All personas, by their number.
    pub fn personas(&self) -> impl Iterator<Item = &Persona> {
        self.personas.iter()
    }

    /// The persona of this name.
    pub fn persona(&self, id: &PersonaId) -> Option<&Persona> {
        self.personas.iter().find(|persona| persona.id == *id)
    }

    /// The personas that are hosts of `case`: its MX list.
    pub fn hosts_of<'a>(&'a self, case: &'a CaseId) -> impl Iterator<Item = &'a Persona> {
        self.personas().filter(move |persona| persona.case.as_ref() == Some(case))
    }

    /// The first persona that stands for `what`.
    pub fn standing_for(&self, what: StandsFor) -> Option<&Persona> {
        self.personas().find(|persona| persona.stands_for == what)
    }

    /// The domain of a case.
    pub fn domain(&self, case: &Case) -> String {
        match case.label.as_str() {
            "@" => self.origin.clone(),
            label => format!("{label}.{}", self.origin),
        }
    }

    /// The case whose domain is `domain`, without case of letters and final dot.
    pub fn case_of_domain(&self, domain: &str) -> Option<&Case> {
        let domain = domain.trim_end_matches('.');
        self.cases().find(|case| self.domain(case).eq_ignore_ascii_case(domain))
    }

    /// The MX host name of a persona that is a host.
    pub fn host_name(&self, persona: &Persona) -> Option<String> {
        let domain = self.domain(self.case(persona.case.as_ref()?)?);
        Some(match persona.host.as_str() {
            "@" => domain,
            host => format!("{host}.{domain}"),
        })
    }

    /// The persona whose host name is `name`: SNI, or the name of a DNS query.
    pub fn persona_of_host(&self, name: &str) -> Option<&Persona> {
        let name = name.trim_end_matches('.');
        self.personas()
            .find(|persona| self.host_name(persona).is_some_and(|host| host.eq_ignore_ascii_case(name)))
    }

    /// The host names that the certificate of phase B must carry: every MX of every suite.
    pub fn suite_host_names(&self) -> Vec<String> {
        let tests = |persona: &&Persona| {
            persona.case.as_ref().and_then(|case| self.case(case)).is_some_and(|case| case.suite.is_some())
        };
        self.personas().filter(tests).filter_map(|persona| self.host_name(persona)).collect()
    }

    /// The MTA-STS policy that a case publishes, if it does: it lists the hosts that want to be listed.
    pub fn policy(&self, case: &Case) -> Option<Policy> {
        let mx = self.hosts_of(&case.id).filter(|persona| persona.in_policy);
        Some(Policy {
            mode: case.mta_sts?,
            mx: mx.filter_map(|persona| self.host_name(persona)).collect(),
            max_age_s: case.max_age_s,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::CatalogueFiles;
    use super::*;

    fn classic() -> Catalogue {
        CatalogueFiles::embedded().catalogue("Example.ORG.").expect("the embedded catalogue fits")
    }

    #[test]
    fn names_derive_from_files() {
        let catalogue = classic();
        let hosts: Vec<_> = catalogue
            .hosts_of(&"et".into())
            .map(|persona| (persona.server, catalogue.host_name(persona).expect("a host")))
            .collect();
        let expected = [3, 4, 5, 6].map(|n| (n, format!("mx0{n}.et.example.org")));
        assert_eq!(hosts, expected);
        assert_eq!(catalogue.persona_of_host("UT.example.org.").map(|persona| persona.server), Some(7));
        assert_eq!(catalogue.case_of_domain("et.EXAMPLE.org").map(|case| case.id.clone()), Some("et".into()));
        assert_eq!(catalogue.standing_for(StandsFor::NoSni).map(|persona| persona.server), Some(2));
    }

    #[test]
    fn the_policy_lists_the_hosts_that_want_it() {
        let catalogue = classic();
        let policy = |case: &str| catalogue.policy(catalogue.case(&case.into()).expect("a case"));
        let mx = policy("et").expect("et has a policy").mx;
        assert_eq!(mx, ["mx04", "mx05", "mx06"].map(|host| format!("{host}.et.example.org")));
        assert_eq!(policy("ut"), None);
    }

    #[test]
    fn one_file_more_is_one_persona_more() {
        let files = CatalogueFiles::embedded()
            .with_persona("mx08.et", "server = 8\ncase = \"et\"\nin_policy = false\n");
        let catalogue = files.catalogue("example.org").expect("fits");
        let persona = catalogue.persona_of_host("mx08.et.example.org").expect("the new host");
        assert_eq!(persona.server, 8);
        assert!(catalogue.suite_host_names().contains(&"mx08.et.example.org".to_owned()));
    }

    #[test]
    fn files_that_do_not_fit_are_named() {
        let error = |text| {
            let files = CatalogueFiles::embedded().with_persona("mx08.et", text);
            files.catalogue("example.org").expect_err("does not fit").to_string()
        };
        assert!(error("server = 8\ncase = \"nowhere\"").contains("mx08.et.toml: case `nowhere`"));
        assert!(error("server = 8\ncase = \"et\"\ncolour = 1").contains("colour"));
        assert!(error("server = 8").contains("needs the `case`"));
    }
}
