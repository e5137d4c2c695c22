//! SPF, DKIM, DMARC and ARC of a received mail, within a limit of time.

use std::net::IpAddr;
use std::time::Duration;

use hickory_proto::rr::{Name, RData};
use hickory_resolver::TokioResolver;
use hickory_resolver::config::{
    ConnectionConfig, NameServerConfig, ResolveHosts, ResolverConfig, ResolverOpts,
};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::system_conf::read_system_conf;
use mail_auth::common::headers::Header;
use mail_auth::dkim::{Canonicalization, DkimError, Signature};
use mail_auth::dmarc::verify::DmarcParameters;
use mail_auth::spf::verify::SpfParameters;
use mail_auth::{
    AuthenticatedMessage, DkimOutput, DkimResult, Error, MessageAuthenticator, SpfOutput, SpfResult,
};
use tokio::time::{Instant, timeout_at};

use crate::shared::domain_name::registrable_domain;
use crate::shared::evidence::{
    ArcOutcome, Authentication, DkimOutcome, DmarcOutcome, Result8601, SpfOutcome,
};
use crate::shared::policy::SpfRecord;
use crate::shared::policy::spf::SpfError;

use super::outcome::{dkim, dkim_result, dmarc, kept, malformed, spf};
use super::trimmed::without_white_lines_at_end;
use super::{Fields, Settings};

/// How long one DNS question may take before it is asked again, in seconds.
const QUESTION_TIMEOUT_S: u64 = 3;
/// Above this many signature fields, those with `l=` are not verified: each of them would cost a hash of the
/// whole body.
const SIGNATURE_FIELDS_MAX: usize = 8;

/// How many header fields a signature may name, each absent one counted: mail-auth's work grows with the square of
/// their number, and `h=` may fill a whole header.
const SIGNED_FIELDS_MAX: usize = 256;

/// Why the authenticator cannot be made.
#[derive(Debug, thiserror::Error)]
#[error("mail authentication finds no resolver: {0}; set `servers` or mend /etc/resolv.conf")]
pub struct ResolverError(#[from] NetError);

/// Whence a mail came and from whom it says it is.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// The sender's address.
    pub source: IpAddr,
    /// The name it gave in EHLO.
    pub ehlo: &'a str,
    /// The name of the host that took the mail.
    pub host: &'a str,
    /// The reverse-path as `local@domain`; none is the null one.
    pub reverse_path: Option<&'a str>,
}

/// Verifies received mail.
pub struct Authenticator {
    inner: MessageAuthenticator,
    settings: Settings,
}

impl Authenticator {
    /// An authenticator that asks the resolvers of the settings.
    ///
    /// # Errors
    ///
    /// If the settings name no server, or trust anchors that do not read.
    pub fn new(settings: Settings) -> Result<Self, ResolverError> {
        let (config, mut options) = if settings.servers.is_empty() {
            read_system_conf()?
        } else {
            let servers = settings.servers.iter().map(|server| {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                    connection.port = server.port();
                    connection
                });
                NameServerConfig::new(server.ip(), true, connections.to_vec())
            });
            (ResolverConfig::from_parts(None, Vec::new(), servers.collect()), ResolverOpts::default())
        };
        options.timeout = Duration::from_secs(QUESTION_TIMEOUT_S);
        options.use_hosts_file = ResolveHosts::Never;
        // Search lists are for people's short names: a sender's record is at its own name or nowhere.
        options.ndots = 0;
        let resolver = TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            .with_options(options)
            .build()?;
        Ok(Self { inner: MessageAuthenticator(resolver), settings })
    }

    /// What the authentication of `message` gives. Ends after `timeout_s` at the latest.
    pub async fn verify(&self, message: &[u8], envelope: Envelope<'_>) -> Authentication {
        let deadline = Instant::now() + Duration::from_secs(self.settings.timeout_s);
        let Some(mut parsed) = parse(message) else {
            let spf = self.spf(envelope, deadline).await.0;
            let vouched = vouched(envelope, &spf, &[]);
            return Authentication { spf, vouched, ..Authentication::default() };
        };
        let beyond = bounded(&mut parsed, self.settings.signatures);
        let trimmed = without_white_lines_at_end(message);
        let mut trimmed = trimmed.as_deref().and_then(parse);
        trimmed.iter_mut().for_each(|trimmed| drop(bounded(trimmed, self.settings.signatures)));
        let (spf, dkim, arc) = tokio::join!(
            self.spf(envelope, deadline),
            self.dkim(&parsed, trimmed.as_ref(), deadline),
            self.arc(&parsed, trimmed.as_ref(), deadline)
        );
        let ((spf, spf_output), (mut dkim, dkim_output)) = (spf, dkim);
        dkim.extend(beyond);
        let domain =
            envelope.reverse_path.and_then(|path| path.rsplit_once('@')).map_or(envelope.ehlo, |(_, d)| d);
        let dmarc = match (spf_output, dkim_output) {
            (Some(spf_output), Some(dkim_output)) => {
                let parameters = DmarcParameters::new(&parsed, &dkim_output, domain, &spf_output);
                match timeout_at(deadline, self.inner.verify_dmarc(parameters)).await {
                    Ok(output) => dmarc(&output),
                    Err(_) => dmarc_unknown(&parsed),
                }
            }
            _ => dmarc_unknown(&parsed),
        };
        let vouched = vouched(envelope, &spf, &dkim);
        Authentication { spf, dkim, dmarc, arc, vouched }
    }

    async fn spf(&self, envelope: Envelope<'_>, deadline: Instant) -> (SpfOutcome, Option<SpfOutput>) {
        let Envelope { source, ehlo, host, reverse_path } = envelope;
        let source = source.to_canonical();
        // RFC 7208 §2.4: of a null reverse-path the EHLO name is asked.
        let parameters = match reverse_path {
            Some(path) => SpfParameters::verify_mail_from(source, ehlo, host, path),
            None => SpfParameters::verify_ehlo(source, ehlo, host),
        };
        let domain = reverse_path.and_then(|path| path.rsplit_once('@')).map_or(ehlo, |(_, domain)| domain);
        let domain = kept(&domain.to_ascii_lowercase());
        let evaluated = async {
            match self.has_faulty_policy(&domain).await {
                true => SpfOutput::new(domain.clone()).with_result(SpfResult::PermError),
                false => self.inner.verify_spf(parameters).await,
            }
        };
        match timeout_at(deadline, evaluated).await {
            Ok(output) => (SpfOutcome { result: spf(output.result()), domain }, Some(output)),
            Err(_) => (SpfOutcome { result: Result8601::TempError, domain }, None),
        }
    }

    /// Whether what stands at a name is an error for every receiver, by the reader that the check of a domain has, too
    /// (RFC 7208 §4.5, §4.6). mail-auth takes the first of several policies, and terms that the grammar does not know.
    async fn has_faulty_policy(&self, domain: &str) -> bool {
        let Ok(mut name) = Name::from_ascii(domain) else { return false };
        name.set_fqdn(true);
        // An answer that cannot be had is told by whoever asks next.
        let Ok(lookup) = self.inner.0.txt_lookup(name).await else { return false };
        let text = |data: &RData| match data {
            RData::TXT(txt) => Some(String::from_utf8_lossy(&txt.txt_data.concat()).into_owned()),
            _ => None,
        };
        let texts: Vec<String> = lookup.answers().iter().filter_map(|record| text(&record.data)).collect();
        let read = SpfRecord::from_txt(texts.iter().map(String::as_str));
        matches!(read, Err(SpfError::Several | SpfError::Term(_) | SpfError::Twice(_)))
    }

    async fn dkim<'x>(
        &self,
        message: &'x AuthenticatedMessage<'x>,
        trimmed: Option<&'x AuthenticatedMessage<'x>>,
        deadline: Instant,
    ) -> (Vec<DkimOutcome>, Option<Vec<DkimOutput<'x>>>) {
        let verify = async {
            let outputs = self.inner.verify_dkim(message).await;
            match trimmed {
                Some(trimmed) if outputs.iter().any(has_wrong_relaxed_body) => {
                    // Both parses find the same signatures in the same order.
                    let again = self.inner.verify_dkim(trimmed).await;
                    let outputs = outputs.into_iter().zip(again);
                    outputs
                        .map(|(one, other)| if has_wrong_relaxed_body(&one) { other } else { one })
                        .collect()
                }
                _ => outputs,
            }
        };
        let Ok(outputs) = timeout_at(deadline, verify).await else {
            return (dkim_unknown(message), None);
        };
        let outcomes = outputs.iter().filter_map(dkim).chain(malformed(message));
        (outcomes.take(self.settings.signatures).collect(), Some(outputs))
    }

    async fn arc<'x>(
        &self,
        message: &'x AuthenticatedMessage<'x>,
        trimmed: Option<&'x AuthenticatedMessage<'x>>,
        deadline: Instant,
    ) -> ArcOutcome {
        let sets = u8::try_from(message.ams_headers.len()).unwrap_or(u8::MAX);
        if message.ams_headers.iter().any(|field| field.header.h.len() > SIGNED_FIELDS_MAX) {
            return ArcOutcome { result: Result8601::TempError, sets };
        }
        let verify = async {
            let output = self.inner.verify_arc(message).await;
            match trimmed {
                Some(trimmed) if *output.result() != DkimResult::Pass => {
                    let again = self.inner.verify_arc(trimmed).await;
                    if *again.result() == DkimResult::Pass { again } else { output }
                }
                _ => output,
            }
        };
        let result = match timeout_at(deadline, verify).await {
            // RFC 8617 §4.4: a chain is none, pass or fail.
            Ok(output) => match dkim_result(output.result()).0 {
                known @ (Result8601::None | Result8601::Pass | Result8601::TempError) => known,
                _ => Result8601::Fail,
            },
            Err(_) => Result8601::TempError,
        };
        ArcOutcome { result, sets }
    }
}

/// Parses a message; signatures with `l=` count as long as they are few.
fn parse(message: &[u8]) -> Option<AuthenticatedMessage<'_>> {
    let fields = Fields::read(message);
    let signatures =
        fields.names().filter(|name| matches!(*name, "dkim-signature" | "arc-message-signature")).count();
    AuthenticatedMessage::parse_with_opts(message, None, signatures > SIGNATURE_FIELDS_MAX)
}

/// Leaves the signatures that are verified: so many, and none that would cost too much; what is said of those.
fn bounded(message: &mut AuthenticatedMessage<'_>, signatures: usize) -> Vec<DkimOutcome> {
    message.dkim_headers.truncate(signatures);
    let beyond = message.dkim_headers.extract_if(.., |field| field.header.h.len() > SIGNED_FIELDS_MAX);
    let told = |field: Header<'_, Signature>| unverified(&field.header, Result8601::Neutral, TOO_MANY_FIELDS);
    beyond.map(told).collect()
}

fn has_wrong_relaxed_body(output: &DkimOutput<'_>) -> bool {
    *output.result() == DkimResult::Neutral(Error::Dkim(DkimError::FailedBodyHashMatch))
        && output.signature().is_some_and(|signature| signature.cb == Canonicalization::Relaxed)
}

const OUT_OF_TIME: &str = "its key could not be fetched in time";
const TOO_MANY_FIELDS: &str = "it signs more header fields than we look at";

fn dkim_unknown(message: &AuthenticatedMessage<'_>) -> Vec<DkimOutcome> {
    let unknown = message.dkim_headers.iter();
    unknown.map(|field| unverified(&field.header, Result8601::TempError, OUT_OF_TIME)).collect()
}

fn unverified(signature: &Signature, result: Result8601, reason: &str) -> DkimOutcome {
    DkimOutcome {
        result,
        domain: kept(&signature.d.to_ascii_lowercase()),
        selector: kept(&signature.s),
        algorithm: signature.a.name().to_owned(),
        reason: Some(reason.to_owned()),
    }
}

fn dmarc_unknown(message: &AuthenticatedMessage<'_>) -> DmarcOutcome {
    let from = message.from.first().and_then(|from| from.rsplit_once('@'));
    match from {
        Some((_, domain)) => {
            DmarcOutcome { result: Result8601::TempError, domain: kept(domain), policy: None }
        }
        None => DmarcOutcome::default(),
    }
}

/// Whether a verdict may go to the reverse-path: SPF passes for it, or a signature over the whole body whose
/// domain has the same organisational domain.
fn vouched(envelope: Envelope<'_>, spf: &SpfOutcome, dkim: &[DkimOutcome]) -> bool {
    let Some((_, domain)) = envelope.reverse_path.and_then(|path| path.rsplit_once('@')) else {
        return false;
    };
    let organisation =
        |domain: &str| registrable_domain(domain).unwrap_or_else(|| domain.to_ascii_lowercase());
    // A reason beside a pass is `l=`: anybody may have written what follows.
    let signed = |outcome: &DkimOutcome| {
        outcome.result == Result8601::Pass
            && outcome.reason.is_none()
            && organisation(&outcome.domain) == organisation(domain)
    };
    spf.result == Result8601::Pass || dkim.iter().any(signed)
}
