//! Personas and cases, tied to an operator's origin.

use std::collections::BTreeMap;

use crate::sending::trial::{CaseName, CasePhase, HostRole, Label, Part};
use crate::shared::policy::{Mode, Policy};

use super::ruled::{Listed, PolicyDefect, Suite, Then};
use super::{Case, CaseId, Persona, PersonaId, RuledCase, StandsFor};

/// All personas and cases under one origin. Names are in lower case and without the final dot.
#[derive(Clone, Debug)]
pub struct Catalogue {
    origin: String,
    fixed: BTreeMap<CaseId, Case>,
    personas: Vec<Persona>,
    ruled: BTreeMap<CaseId, RuledCase>,
}

impl Catalogue {
    pub(super) fn new(
        origin: &str,
        fixed: BTreeMap<CaseId, Case>,
        personas: Vec<Persona>,
        ruled: BTreeMap<CaseId, RuledCase>,
    ) -> Self {
        Self { origin: origin.trim_end_matches('.').to_ascii_lowercase(), fixed, personas, ruled }
    }

    /// The operator's domain under which all names lie.
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// The cases whose names are in the origin's zone once and for all, by name: the classic suite's, and the service's own
    /// domain.
    pub fn fixed_cases(&self) -> impl Iterator<Item = &Case> {
        self.fixed.values()
    }

    /// The cases of the classic suite, which one mail is to reach.
    pub fn classic_cases(&self) -> impl Iterator<Item = &Case> {
        self.fixed_cases().filter(|case| case.suite.is_some())
    }

    /// The fixed case of this name.
    pub fn case(&self, id: &CaseId) -> Option<&Case> {
        self.fixed.get(id)
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
        self.fixed_cases().find(|case| self.domain(case).eq_ignore_ascii_case(domain))
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

    /// The ruled cases, by name.
    pub fn ruled_cases(&self) -> impl Iterator<Item = &RuledCase> {
        self.ruled.values()
    }

    /// The ruled cases of a suite, by name. That of all has those of the first one, too.
    pub fn suite(&self, suite: Suite) -> impl Iterator<Item = &RuledCase> {
        self.ruled_cases().filter(move |case| suite.has(case.suite))
    }

    /// The ruled case of this name.
    pub fn ruled_case(&self, id: &CaseId) -> Option<&RuledCase> {
        self.ruled.get(id)
    }

    /// What a name says that belongs to a ruled case: which part of it, and of which trial. The label that all names of a
    /// case carry is no trial's.
    pub fn read_name(&self, name: &str) -> Option<(&RuledCase, CaseName)> {
        let mut read = CaseName::read(&self.origin, name)?;
        let case = self.ruled.get(read.case.as_str())?;
        if read.label == case.fixed_label {
            read.label = None;
        }
        Some((case, read))
    }

    /// The name of a part of a ruled case: of the trial with this label, or the permanent one.
    pub fn ruled_name(&self, case: &RuledCase, label: Option<&Label>, part: Part) -> String {
        let label = label.or(case.fixed_label.as_ref()).cloned();
        CaseName { case: case.id.0.clone(), label, part }.under(&self.origin)
    }

    /// The name of a host of a ruled case, as MX records say it: of the trial with this label, or the permanent one.
    pub fn ruled_host_name(&self, case: &RuledCase, role: HostRole, label: Option<&Label>) -> String {
        self.ruled_name(case, label, case.part_of(role))
    }

    /// The identity of a host of a ruled case, as links and handshakes name it.
    pub fn ruled_host_id(case: &CaseId, role: HostRole) -> PersonaId {
        PersonaId(format!("{}.{case}", role.name()))
    }

    /// The host of a ruled case that has this identity.
    pub fn ruled_host(&self, id: &PersonaId) -> Option<(&RuledCase, HostRole)> {
        let (role, case) = id.0.split_once('.')?;
        let role = HostRole::ALL.into_iter().find(|one| one.name() == role)?;
        let case = self.ruled.get(case)?;
        case.roles().contains(&role).then_some((case, role))
    }

    /// The host of a ruled case that has this name, such as a server name in TLS, and the label of the trial in it.
    pub fn ruled_host_named(&self, name: &str) -> Option<(&RuledCase, HostRole, Option<Label>)> {
        let (case, read) = self.read_name(name)?;
        Some((case, case.host_at(read.part)?, read.label))
    }

    /// The MTA-STS policy of a ruled case as it is in a phase, for its permanent name or that of a trial; as it is before any
    /// defect. None where there is none, or none any more.
    pub fn ruled_policy(&self, case: &RuledCase, label: Option<&Label>, phase: CasePhase) -> Option<Policy> {
        let spec = case.mta_sts.as_ref()?;
        let (mode, max_age_s) = (spec.mode, spec.max_age_s);
        let host = |role| self.ruled_host_name(case, role, label);
        // Hosts of all names below it are listed: who takes a parent's policy for its child's is to be told by what it does
        // about the host that is not.
        let below = |role: HostRole| format!("*.{}.{}.{}", role.name(), case.id, self.origin);
        let at_parent = spec.defect == Some(PolicyDefect::AtParent);
        let of_host = |role| if at_parent { below(role) } else { host(role) };
        let listed = |listed: &Listed| match listed {
            Listed::Bad => of_host(HostRole::Bad),
            Listed::Good => of_host(HostRole::Good),
            Listed::Wildcard => format!("*.{}.{}", case.id, self.origin),
            Listed::Elsewhere => format!("elsewhere.{}", self.origin),
        };
        match (phase, case.then) {
            // Nothing is asked for any more (RFC 8461 §8.3), also of hosts whose certificate is at fault.
            (CasePhase::Over, _) if !at_parent => {
                Some(Policy { mode: Mode::None, mx: HostRole::ALL.map(host).to_vec(), max_age_s })
            }
            (CasePhase::Second, Some(Then::PolicyGone)) => None,
            (CasePhase::Second, Some(Then::NewPolicy)) => {
                Some(Policy { mode, mx: vec![host(HostRole::Good)], max_age_s })
            }
            _ => Some(Policy { mode, mx: spec.lists.iter().map(listed).collect(), max_age_s }),
        }
    }

    /// The recipient domain of a ruled case: of the trial with this label, or the permanent one.
    pub fn ruled_domain(&self, case: &RuledCase, label: Option<&Label>) -> String {
        self.ruled_name(case, label, Part::Domain)
    }

    /// The address there that mail is sent to, whose local part chooses the language of the answer.
    pub fn ruled_address(&self, case: &RuledCase, label: Option<&Label>, local_part: &str) -> String {
        format!("{local_part}@{}", self.ruled_domain(case, label))
    }

    /// The case that mail to `domain` tests, and the label of the trial in it; none where mail to it is no test.
    pub fn recipient_of(&self, domain: &str) -> Option<(&CaseId, Option<Label>)> {
        if let Some(case) = self.case_of_domain(domain) {
            return case.suite.is_some().then_some((&case.id, None));
        }
        let (case, name) = self.read_name(domain).filter(|(_, name)| name.part == Part::Domain)?;
        Some((&case.id, name.label))
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
    fn names_of_ruled_cases_read_back_and_a_label_of_the_case_is_no_trials() {
        let catalogue = classic();
        assert!(catalogue.ruled_cases().count() >= 45);
        let label: Label = "k3f9a2m7".parse().expect("a label");
        for case in catalogue.ruled_cases() {
            for part in Part::ALL {
                for label in [None, Some(&label)] {
                    let name = catalogue.ruled_name(case, label, part);
                    let (read, of) = catalogue.read_name(&name).expect("a name of a case");
                    assert_eq!((&read.id, of.part, of.label.as_ref()), (&case.id, part, label), "{name}");
                }
            }
            for role in case.roles() {
                let id = Catalogue::ruled_host_id(&case.id, *role);
                assert_eq!(
                    catalogue.ruled_host(&id).map(|(one, role)| (&one.id, role)),
                    Some((&case.id, *role))
                );
                for label in [None, Some(&label)] {
                    let name = catalogue.ruled_host_name(case, *role, label);
                    let read = catalogue.ruled_host_named(&name).expect("a host");
                    assert_eq!((&read.0.id, read.1, read.2.as_ref()), (&case.id, *role, label), "{name}");
                }
            }
        }
        let implicit = catalogue.ruled_case(&"implicit-mx".into()).expect("a case");
        let its_own_host = catalogue.ruled_host_name(implicit, HostRole::Bad, None);
        assert_eq!(its_own_host, "implicit-mx.example.org");
        let (first, all) = (catalogue.suite(Suite::First).count(), catalogue.suite(Suite::All).count());
        let apart = catalogue.suite(Suite::Apart).count();
        assert_eq!((first, all + apart), (9, catalogue.ruled_cases().count()));
    }

    /// RFC 8461 §4.1: `*` stands for the leftmost label alone. What the files say is held against the policy itself.
    #[test]
    fn a_policy_lists_a_host_where_its_patterns_match_the_name() {
        let catalogue = classic();
        let label: Label = "k3f9a2m7".parse().expect("a label");
        let mut wildcards = 0;
        for case in catalogue.ruled_cases() {
            let Some(spec) = &case.mta_sts else { continue };
            for (role, label) in HostRole::ALL.iter().flat_map(|role| [(*role, None), (*role, Some(&label))])
            {
                let policy = catalogue.ruled_policy(case, label, CasePhase::First).expect("a policy");
                let name = catalogue.ruled_host_name(case, role, label);
                assert_eq!(spec.lists_host(role), policy.lists(&name), "{name}");
                let mut below = policy.mx.iter().filter_map(|pattern| pattern.strip_prefix("*"));
                let deep = below.any(|end| name.ends_with(end));
                assert_eq!(spec.lists_host_at_any_depth(role), spec.lists_host(role) || deep, "{name}");
                wildcards += usize::from(deep && !policy.lists(&name));
            }
        }
        assert!(wildcards > 0, "a case tells who reads a wildcard otherwise");
    }

    #[test]
    fn a_policy_follows_the_phase_of_its_trial() {
        let catalogue = classic();
        let label: Label = "k3f9a2m7".parse().expect("a label");
        let policy = |id: &str, phase| {
            let case = catalogue.ruled_case(&id.into()).expect("a case");
            catalogue.ruled_policy(case, Some(&label), phase)
        };
        let over = policy("sts-unlisted", CasePhase::Over).expect("a policy");
        assert_eq!((over.mode, over.mx.len()), (Mode::None, 2));
        assert_eq!(policy("sts-cached", CasePhase::Second), None);
        let refetched = policy("sts-refetch", CasePhase::Second).expect("a policy");
        assert_eq!(refetched.mx, ["k3f9a2m7.good.sts-refetch.example.org"]);
        let parent = policy("sts-parent", CasePhase::First).expect("a policy");
        assert_eq!(parent.mx, ["*.good.sts-parent.example.org"]);
        assert_eq!(policy("dane-good", CasePhase::First), None);
    }

    #[test]
    fn mail_tests_the_domains_of_suites_and_no_other_names() {
        let catalogue = classic();
        let of = |domain: &str| {
            let (case, label) = catalogue.recipient_of(domain)?;
            Some((case.0.clone(), label.map(|label| label.to_string())))
        };
        assert_eq!(of("ET.example.org."), Some(("et".to_owned(), None)));
        assert_eq!(of("k3f9a2m7.none.example.org"), Some(("none".to_owned(), Some("k3f9a2m7".to_owned()))));
        for other in ["example.org", "bad.none.example.org", "mx03.et.example.org", "example.net"] {
            assert_eq!(of(other), None, "{other}");
        }
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
