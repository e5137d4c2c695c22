//! One order: the names are proved by DNS-01 (RFC 8555 §8.4), all at once, then the certificate is fetched.

use std::collections::BTreeMap;
use std::time::Duration;

use instant_acme::{
    Account, AuthorizationStatus, CertificateIdentifier, ChallengeType, Identifier, NewOrder, Order,
    OrderStatus, RetryPolicy,
};
use rustls::pki_types::CertificateDer;

use super::answer::Answer;
use super::ca::Ca;
use super::failure::{Failure, Kind};
use crate::shared::dns::Lookup;
use crate::shared::text::clean;

/// How long one order may take in all, in seconds.
const ORDER_S_MAX: u64 = 900;
/// How long the CA may take to look at all names, and to issue, in seconds each.
const POLL_S_MAX: u64 = 300;
/// The first wait between two questions how far it is, in milliseconds; each further one is half as long again.
const POLL_FIRST_MS: u64 = 250;
/// How often our own records are looked for before it is clear that nobody else would find them either.
const LOOKS_MAX: u32 = 4;
/// The wait between two such looks, in milliseconds.
const LOOK_MS: u64 = 1500;

/// What is ordered.
pub(super) struct Wanted<'a> {
    /// The names; a wildcard begins with `*.`.
    pub(super) names: &'a [String],
    /// The certification request, by the key that stays (DER).
    pub(super) request: &'a [u8],
    pub(super) profile: Option<&'a str>,
    /// The certificate whose place it takes, where the CA wants to know (RFC 9773 §5).
    pub(super) replaces: Option<&'a CertificateDer<'static>>,
}

/// Who answers the CA's questions.
pub(super) struct Prover<'a> {
    pub(super) answer: &'a Answer,
    /// A resolver that sees our zones from outside.
    pub(super) lookup: &'a dyn Lookup,
}

/// Orders a certificate, as PEM with what leads to its root.
pub(super) async fn obtain(ca: &Ca, prover: &Prover<'_>, wanted: &Wanted<'_>) -> Result<String, Failure> {
    let ordering = async {
        are_seen(ca, prover, wanted.names).await?;
        let account = ca.account().await?;
        let mut order = match place(ca, &account, wanted, wanted.replaces).await {
            // What it replaces is a courtesy.
            Err(failure) if failure.kind == Kind::AlreadyReplaced || failure.kind == Kind::Unsupported => {
                place(ca, &account, wanted, None).await?
            }
            placed => placed?,
        };
        prove(ca, prover, &mut order).await?;
        order.finalize_csr(wanted.request).await.map_err(|error| ca.failed(&error))?;
        order.poll_certificate(&patience()).await.map_err(|error| ca.failed(&error))
    };
    let limit = Duration::from_secs(ORDER_S_MAX);
    let obtained = tokio::time::timeout(limit, ordering).await;
    // Whatever came of it, the CA has no more questions.
    if let Err(reason) = (prover.answer)(BTreeMap::new()).await {
        tracing::warn!(%reason, "the answers to the CA's questions stay in the zone until the next order");
    }
    obtained.unwrap_or_else(|_| {
        Err(Failure::new(format!("the order did not come to an end within {ORDER_S_MAX} s")))
    })
}

fn patience() -> RetryPolicy {
    RetryPolicy::new()
        .initial_delay(Duration::from_millis(POLL_FIRST_MS))
        .backoff(1.5)
        .timeout(Duration::from_secs(POLL_S_MAX))
}

async fn place(
    ca: &Ca,
    account: &Account,
    wanted: &Wanted<'_>,
    replaces: Option<&CertificateDer<'static>>,
) -> Result<Order, Failure> {
    let names: Vec<Identifier> = wanted.names.iter().cloned().map(Identifier::Dns).collect();
    let mut new = NewOrder::new(&names);
    if let Some(profile) = wanted.profile {
        let mut known: Vec<&str> = account.profiles().map(|profile| profile.name).collect();
        known.sort_unstable();
        if !known.contains(&profile) {
            let known = match known.is_empty() {
                true => "the CA has none".to_owned(),
                false => clean(&format!("the CA has {}", known.join(", "))),
            };
            let advice = "set tls.acme.profile to one that it has, or take it out";
            return Err(Failure::new(format!("there is no profile `{profile}`: {known}; {advice}")));
        }
        new = new.profile(profile);
    }
    if let Some(id) = replaces.and_then(|replaced| CertificateIdentifier::try_from(replaced).ok()) {
        new = new.replaces(id);
    }
    account.new_order(&new).await.map_err(|error| ca.failed(&error))
}

/// Shows the CA that all names of an order are ours.
async fn prove(ca: &Ca, prover: &Prover<'_>, order: &mut Order) -> Result<(), Failure> {
    let answers = answers(ca, order).await?;
    if !answers.is_empty() {
        (prover.answer)(answers.clone()).await.map_err(Failure::new)?;
        for (domain, texts) in &answers {
            found(prover.lookup, domain, texts).await?;
        }
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization.map_err(|error| ca.failed(&error))?;
            if authorization.status == AuthorizationStatus::Pending
                && let Some(mut challenge) = authorization.challenge(ChallengeType::Dns01)
            {
                challenge.set_ready().await.map_err(|error| ca.failed(&error))?;
            }
        }
    }
    match order.poll_ready(&patience()).await {
        Ok(OrderStatus::Ready | OrderStatus::Valid | OrderStatus::Processing) => Ok(()),
        Ok(_) => Err(why_not(ca, order).await),
        Err(error) => match why_not(ca, order).await {
            told if told.kind == Kind::Refused => Err(told),
            _ => Err(ca.failed(&error)),
        },
    }
}

/// What the CA is to find, for each domain: a name and its wildcard have two texts at the same owner.
async fn answers(ca: &Ca, order: &mut Order) -> Result<BTreeMap<String, Vec<String>>, Failure> {
    let mut answers: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization.map_err(|error| ca.failed(&error))?;
        let domain = match authorization.identifier().identifier {
            Identifier::Dns(domain) => domain.trim_start_matches("*.").to_owned(),
            _ => return Err(Failure::new("the CA wants another name proved than was ordered")),
        };
        match authorization.status {
            AuthorizationStatus::Valid => {}
            AuthorizationStatus::Pending => {
                let challenge = authorization.challenge(ChallengeType::Dns01);
                let challenge = challenge.ok_or_else(|| {
                    Failure::new(format!(
                        "the CA does not take DNS-01 for {}; choose another",
                        clean(&domain)
                    ))
                })?;
                answers.entry(domain).or_default().push(challenge.key_authorization().dns_value());
            }
            _ => return Err(Failure::new(format!("the CA gave up on {}", clean(&domain)))),
        }
    }
    Ok(answers)
}

/// Whether our zones are seen from outside, before the CA is troubled: what it does not find costs one of the few attempts
/// that it allows in an hour.
async fn are_seen(ca: &Ca, prover: &Prover<'_>, names: &[String]) -> Result<(), Failure> {
    let now = (ca.clock)();
    let text = vec![format!("mailassay looks for itself at {now}")];
    let domains = names.iter().map(|name| name.trim_start_matches("*.").to_owned());
    let probes: BTreeMap<String, Vec<String>> = domains.map(|domain| (domain, text.clone())).collect();
    (prover.answer)(probes.clone()).await.map_err(Failure::new)?;
    for (domain, texts) in &probes {
        found(prover.lookup, domain, texts).await?;
    }
    Ok(())
}

/// Looks for our own records as the CA will. A resolver that does not answer is no reason not to ask.
async fn found(lookup: &dyn Lookup, domain: &str, texts: &[String]) -> Result<(), Failure> {
    let name = format!("_acme-challenge.{domain}");
    for look in 1..=LOOKS_MAX {
        let Ok(seen) = lookup.txt(&name).await.known() else { return Ok(()) };
        if texts.iter().all(|text| seen.records().contains(text)) {
            return Ok(());
        }
        if look < LOOKS_MAX {
            tokio::time::sleep(Duration::from_millis(LOOK_MS)).await;
        }
    }
    let reason = format!(
        "a resolver does not find the record {name} that is served here, and neither would the CA, which was not asked to \
         look; `mailassay doctor` looks at the delegation (NS, glue, DS)"
    );
    Err(Failure { kind: Kind::NotSeen, ..Failure::new(reason) })
}

/// Why the CA does not find a name to be ours.
async fn why_not(ca: &Ca, order: &mut Order) -> Failure {
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        if authorization.refresh().await.is_err() {
            continue;
        }
        let name = authorization.identifier().to_string();
        let problem = authorization.challenges.iter().find_map(|challenge| challenge.error.as_ref());
        if let Some(problem) = problem {
            let failure = Failure::of_problem(problem, ca.circumstances());
            return Failure {
                reason: format!("{}: {}", clean(&name), failure.reason),
                kind: Kind::Refused,
                ..failure
            };
        }
    }
    Failure::new("the CA gave up on the order, and does not say why")
}
