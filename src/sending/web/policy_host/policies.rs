//! Which policy is served at which host, and what is at fault with it.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use hyper::StatusCode;

use crate::sending::identities::Identities;
use crate::sending::persona::{Catalogue, Oddity, PolicyDefect, RuledCase};
use crate::sending::trial::{CaseName, CasePhase, CasePhases, Label, Part};
use crate::shared::policy::{POLICY_PATH, Policy};

/// Where a redirect leads to.
const ELSEWHERE_PATH: &str = "/policy.txt";
/// How large a policy is that is too large, in octets: twice what senders are told to take (RFC 8461 §3.3).
const TOO_LARGE_OCTETS: usize = 131_072;
/// How long a policy takes that takes too long, in seconds: more than the minute that senders are told to wait (RFC 8461 §3.3).
const SLOW_S: u32 = 75;
const TEXT: &str = "text/plain; charset=utf-8";

/// What is served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Served {
    pub(super) status: StatusCode,
    pub(super) body: String,
    pub(super) media_type: &'static str,
    /// Where the file is said to be.
    pub(super) location: Option<String>,
    /// How long it takes, in seconds.
    pub(super) delay_s: u32,
}

impl Served {
    pub(super) fn sound(body: String) -> Self {
        Self { status: StatusCode::OK, body, media_type: TEXT, location: None, delay_s: 0 }
    }

    /// A status and nothing else.
    pub(super) fn refusal(status: StatusCode) -> Self {
        Self { status, ..Self::sound(format!("{status}\r\n")) }
    }
}

/// All policies.
pub(super) struct Policies {
    catalogue: Catalogue,
    identities: Arc<Identities>,
    phases: Arc<dyn CasePhases>,
    /// Those of fixed cases by the host that serves them, in lower case.
    fixed: BTreeMap<String, String>,
}

impl Policies {
    pub(super) fn new(
        catalogue: &Catalogue,
        identities: Arc<Identities>,
        phases: Arc<dyn CasePhases>,
    ) -> Self {
        let policy = |case| {
            let policy = catalogue.policy(case)?;
            Some((format!("mta-sts.{}", catalogue.domain(case)), policy.to_string()))
        };
        let fixed = catalogue.fixed_cases().filter_map(policy).collect();
        Self { catalogue: catalogue.clone(), identities, phases, fixed }
    }

    /// Whether a host of this name, in lower case, serves a policy, or something like one.
    pub(super) fn has(&self, host: &str) -> bool {
        self.fixed.contains_key(host) || self.ruled(host).is_some()
    }

    /// What is at `path` of `host`, both as they were asked for. A look-up alone: no path is ever made of it.
    pub(super) fn at(&self, host: &str, path: &str) -> Option<Served> {
        if let Some(body) = self.fixed.get(host) {
            return (path == POLICY_PATH).then(|| Served::sound(body.clone()));
        }
        let (case, label) = self.ruled(host)?;
        let phase = label.as_ref().map_or(CasePhase::First, |label| self.phases.phase(&case.id.0, label));
        let policy = self.catalogue.ruled_policy(case, label.as_ref(), phase)?;
        let spec = case.mta_sts.as_ref()?;
        let defect = spec.defect.filter(|_| phase != CasePhase::Over);
        match (path, defect) {
            (POLICY_PATH, _) => Some(served(host, &policy, defect, spec.oddity)),
            (ELSEWHERE_PATH, Some(PolicyDefect::Redirect)) => Some(Served::sound(policy.to_string())),
            _ => None,
        }
    }

    /// The ruled case whose policy host this is, and the label of the trial in its name.
    fn ruled(&self, host: &str) -> Option<(&RuledCase, Option<Label>)> {
        let name =
            CaseName::read(self.catalogue.origin(), host).filter(|name| name.part == Part::PolicyHost)?;
        let case = self.catalogue.ruled_case(&name.case.as_str().into())?;
        let is_own = self.identities.offers(case) && case.has_policy_at(name.label.as_ref());
        is_own.then(|| (case, name.label.filter(|label| case.fixed_label.as_ref() != Some(label))))
    }
}

/// A policy as it is served, with what is at fault with it and what is odd.
fn served(host: &str, policy: &Policy, defect: Option<PolicyDefect>, oddity: Option<Oddity>) -> Served {
    let text = match oddity {
        Some(Oddity::Lenient) => lenient(policy),
        None => policy.to_string(),
    };
    let without = |key: &str| {
        text.lines().filter(|line| !line.starts_with(key)).fold(String::new(), |mut kept, line| {
            let _ = write!(kept, "{line}\r\n");
            kept
        })
    };
    let sound = Served::sound(text.clone());
    match defect {
        // Those are the certificate's, and those of DNS.
        None | Some(PolicyDefect::BadCertificate | PolicyDefect::TwoRecords | PolicyDefect::NoId) => sound,
        Some(PolicyDefect::AtParent) => sound,
        Some(PolicyDefect::Redirect) => Served {
            location: Some(format!("https://{host}{ELSEWHERE_PATH}")),
            ..Served::refusal(StatusCode::MOVED_PERMANENTLY)
        },
        Some(PolicyDefect::NotFound) => Served { status: StatusCode::NOT_FOUND, ..sound },
        Some(PolicyDefect::ServerError) => Served { status: StatusCode::INTERNAL_SERVER_ERROR, ..sound },
        Some(PolicyDefect::TooLarge) => {
            let mut body = text;
            while body.len() < TOO_LARGE_OCTETS {
                let _ = write!(body, "padding: {}\r\n", "x".repeat(100));
            }
            Served::sound(body)
        }
        Some(PolicyDefect::Slow) => Served { delay_s: SLOW_S, ..sound },
        Some(PolicyDefect::Version) => Served::sound(text.replace("version: STSv1", "version: STSv2")),
        Some(PolicyDefect::MisspeltKey) => Served::sound(text.replace("mx: ", "nmx: ")),
        Some(PolicyDefect::NoMaxAge) => Served::sound(without("max_age")),
        Some(PolicyDefect::MediaType) => Served { media_type: "text/html; charset=utf-8", ..sound },
    }
}

/// A policy with all that the grammar allows (RFC 8461 §3.2): LF alone, keys that nobody knows, blanks at the ends of lines, and
/// nothing behind the last.
fn lenient(policy: &Policy) -> String {
    let lines = policy.to_string();
    let mut lines: Vec<String> = lines.lines().map(|line| format!("{line} \t")).collect();
    lines.insert(1, "mailassay-unknown-key:  some value".to_owned());
    lines.join("\n")
}
